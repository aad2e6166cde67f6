package bot

import (
	"sync"
	"time"
)

// tries counts how often people typed something that was not understood, lately.
type tries struct {
	mu     sync.Mutex
	wrong  map[string]int
	counts time.Time // when the first of them was
}

const (
	// enoughTries is after how many the form is shown, which asks for each part by itself.
	enoughTries = 3
	// triesFor is how long wrong tries count, and maxTriers bounds the people they are
	// counted of; nothing is lost with them but a form.
	triesFor  = 15 * time.Minute
	maxTriers = 10_000
)

// enough notes one more of a person, and reports whether that is enough.
func (t *tries) enough(user string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wrong == nil || now.Sub(t.counts) > triesFor || len(t.wrong) >= maxTriers {
		t.wrong, t.counts = map[string]int{}, now
	}
	t.wrong[user]++
	if t.wrong[user] < enoughTries {
		return false
	}
	delete(t.wrong, user)
	return true
}

// over forgets the tries of a person who was understood.
func (t *tries) over(user string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.wrong, user)
}
