package operator

import (
	"maps"
	"sync"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// listing is what this process has learned of the provider's list, of which nothing
// is documented: whether there is one, and whether it is as new as the calls themselves.
type listing struct {
	mu     sync.Mutex
	asked  time.Time // when it was last used
	rest   time.Time // until then it is not used: there was none, it failed, or was behind
	most   int       // the largest limit that it takes; 0: not known to have one
	absent int       // how often there was none, one time after the other
	// agreed counts the reads of a call, one after the other, that found no more than
	// the list had told.
	agreed int
	// behind counts how often it was found behind.
	behind int
	ticks  int
	// read is when a call was last read by itself, and named when the list last told of it.
	read, named map[call.ID]time.Time
}

const (
	// restFor is for how many intervals a list is left alone that failed. One that is not
	// there, or was behind, is at first too, and then longer each time, up to restMost (an
	// hour at 10 s).
	restFor  = 6
	restMost = 360
	// A call that the list shows unchanged for so many intervals may be read by itself,
	// to see whether the list is behind: one a tick until they agreed trusted times,
	// then one in probeEvery ticks.
	unchangedFor = 3
	trusted      = 3
	probeEvery   = 6
)

// usable reports whether the list is worth a request; at most one an interval is. It
// notes the yes.
func (l *listing) usable(now time.Time, poll time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Before(l.rest) || now.Sub(l.asked) < poll/2 {
		return false
	}
	l.asked = now
	return true
}

// failed notes an answer that was no list.
func (l *listing) failed(now time.Time, poll time.Duration, absent bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = now.Add(restFor * poll)
	if absent {
		l.rest = now.Add(longer(l.absent) * poll)
		l.absent++
	}
}

// there notes that there is a list.
func (l *listing) there() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.absent = 0
}

// longer is for how many intervals the list is left alone after so many times before.
func longer(before int) time.Duration {
	return time.Duration(min(restFor<<min(before, 6), restMost))
}

// documentedLimit is the one limit that the API's documentation shows.
const documentedLimit = 10

// atMost is limit, or the largest one that the provider is known to take.
func (l *listing) atMost(limit int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.most > 0 {
		return min(limit, l.most)
	}
	return limit
}

// bound notes the largest limit that the provider takes.
func (l *listing) bound(most int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.most = most
}

// probe chooses one of the calls that the list shows unchanged to be read by itself,
// the one whose last read is longest ago; false: none now.
func (l *listing) probe(now time.Time, poll time.Duration, unchanged []*call.Call) (chosen call.Call, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ticks++
	if l.agreed >= trusted && l.ticks%probeEvery != 0 {
		return call.Call{}, false
	}
	var oldest time.Time
	for _, c := range unchanged {
		last := l.read[c.ID]
		if last.IsZero() {
			last = c.AcceptedAt
		}
		if now.Sub(last) >= unchangedFor*poll && (!ok || last.Before(oldest)) {
			chosen, oldest, ok = *c, last, true
		}
	}
	return chosen, ok
}

// noteRead notes that a call was read by itself, and forgets one that has ended.
func (l *listing) noteRead(id call.ID, now time.Time, ended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.read == nil {
		l.read = map[call.ID]time.Time{}
	}
	l.read[id] = now
	if ended {
		delete(l.read, id)
	}
}

// cover notes that the list told of a call.
func (l *listing) cover(id call.ID, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.named == nil {
		l.named = map[call.ID]time.Time{}
	}
	l.named[id] = now
}

// forget drops what is known of calls that are not active any more.
func (l *listing) forget(active []call.Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.named)+len(l.read) <= 2*len(active)+100 {
		return
	}
	is := make(map[call.ID]bool, len(active))
	for _, c := range active {
		is[c.ID] = true
	}
	gone := func(id call.ID, _ time.Time) bool { return !is[id] }
	maps.DeleteFunc(l.named, gone)
	maps.DeleteFunc(l.read, gone)
}

// covered is when the list last told of a call; the zero time if it did not.
func (l *listing) covered(id call.ID) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.named[id]
}

// lastSeen is when a call was last heard of, by itself or in a list.
func (l *listing) lastSeen(c call.Call) time.Time {
	if named := l.covered(c.ID); named.After(c.LastSeen) {
		return named
	}
	return c.LastSeen
}

// compared notes whether a read that checked the list found it behind. Then the list
// is left alone for a while, longer each time, and each call is read by itself.
func (l *listing) compared(now time.Time, poll time.Duration, behind bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !behind {
		l.agreed++
		return
	}
	l.agreed, l.rest = 0, now.Add(longer(l.behind)*poll)
	l.behind++
}
