package operator

import (
	"testing"
	"time"
)

// TestAMissingListIsAskedForMoreAndMoreSeldom: it may be back in a moment, or there may be
// none, and each request is one of ten a minute.
func TestAMissingListIsAskedForMoreAndMoreSeldom(t *testing.T) {
	const poll = 10 * time.Second
	var l listing
	now := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	rests := func(want time.Duration) {
		t.Helper()
		l.failed(now, poll, true)
		if l.usable(now.Add(want-time.Millisecond), poll) {
			t.Errorf("asked for again before %s", want)
		}
		if now = now.Add(want); !l.usable(now, poll) {
			t.Errorf("not asked for after %s", want)
		}
	}
	for _, minutes := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		rests(minutes * time.Minute)
	}
	l.there()
	rests(time.Minute)
}
