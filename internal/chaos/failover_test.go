//go:build unix

package chaos

import (
	"slices"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/store/postgrestest"
)

const (
	// lease is how long a dead replica holds what it had claimed, tick is how long after
	// that somebody looks; both are the product's, at the interval of these tests.
	lease = 10 * time.Second
	tick  = 100 * time.Millisecond
	// margin is for a machine that has other things to do.
	margin = 5 * time.Second
)

// TestChaosFailover: of two replicas one is killed while it watches and places. What it
// held, the other one takes over within one lease and a tick; all else goes on at once.
func TestChaosFailover(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for leases")
	}
	f := newFleet(t, postgrestest.URL(t), seedOf(t), 10)
	survivor := f.start("B", "")
	defer survivor.kill()
	t.Run("in the middle of a tick and of a POST", func(t *testing.T) { f.failover(t) })
	t.Run("between the claim of a call and its POST", func(t *testing.T) { f.failoverOfClaim(t) })
	if fig := tally(tell[Ledger](f, "ledger", struct{}{})); len(fig.Twice)+len(fig.Unapproved) > 0 {
		t.Errorf("dialled twice %q, without an approval %q", fig.Twice, fig.Unapproved)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.failed) > 0 {
		t.Error(f.failed)
	}
}

func (f *fleet) failover(t *testing.T) {
	victim := f.start("A", "")
	f.links(t, 4)
	tell[string](f, "order", "+14155550105") // never ends, so that there is always something to watch
	f.must(t, "the call is not watched", func() bool { return f.arrived("", "GET /calls/{id}", time.Time{}) != nil })
	tell[struct{}](f, "hold", HoldConfig{Replica: "A", What: "GET /calls/{id}", Times: 1})
	f.must(t, "A does not come to watch", func() bool { return len(f.held()) == 1 })
	tell[struct{}](f, "hold", HoldConfig{Replica: "A", What: "POST /calls", Times: 1, Done: true})
	next := f.calls()
	f.must(t, "A does not come to place", func() bool {
		if len(f.held()) < 2 {
			tell[string](f, "order", next())
			time.Sleep(300 * time.Millisecond) // until either replica has placed it
		}
		return len(f.held()) == 2
	})
	placing := f.held()[1].Number
	victim.kill()
	killed := time.Now()
	tell[struct{}](f, "release", struct{}{}) // to nobody

	fresh := next()
	tell[string](f, "order", fresh)
	var placed, watched *Arrival
	f.must(t, "nobody goes on", func() bool {
		placed, watched = f.arrived(fresh, "POST /calls", killed), f.arrived("", "GET /calls/{id}", killed)
		return placed != nil && watched != nil
	})
	f.must(t, "nobody looks for what A was placing", func() bool {
		return slices.ContainsFunc(tell[Ledger](f, "ledger", struct{}{}).Commands, func(c Command) bool {
			return c.Number == placing && (c.Unsure || c.ending() == ended)
		})
	})
	f.within(t, "the next call is placed", placed.At.Sub(killed), 0)
	f.within(t, "the watch goes on", watched.At.Sub(killed), lease+tick)
	f.within(t, "the thread of the call that was being placed tells how it stands", time.Since(killed), lease+tick)
}

func (f *fleet) failoverOfClaim(t *testing.T) {
	victim := f.start("A", "operator.place Advance commit before#1")
	f.links(t, 4)
	var ordered []string
	next := f.calls()
	f.must(t, "A claims no call", func() bool {
		if !victim.dead() {
			ordered = append(ordered, next())
			tell[string](f, "order", ordered[len(ordered)-1])
			time.Sleep(200 * time.Millisecond) // until either replica has placed it
		}
		return victim.dead()
	})
	killed := time.Now()
	var last time.Time
	f.must(t, "an approved call is not placed", func() bool {
		return !slices.ContainsFunc(ordered, func(number string) bool {
			a := f.arrived(number, "POST /calls", time.Time{})
			if a != nil && a.At.After(last) {
				last = a.At
			}
			return a == nil
		})
	})
	f.within(t, "the call that it had claimed is placed", last.Sub(killed), lease+tick)
}

// calls draws numbers that end well, one after the other.
func (f *fleet) calls() func() string {
	return func() string {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.ordered++
		return ordinary(f.ordered)
	}
}

// arrived is the first request of a kind after a time, of the survivor where there was a
// death; nil if there was none.
func (f *fleet) arrived(number, what string, after time.Time) *Arrival {
	for _, a := range tell[[]Arrival](f, "arrivals", 0) {
		if a.What == what && a.At.After(after) && (number == "" || a.Number == number) {
			return &a
		}
	}
	return nil
}

func (f *fleet) held() []Held { return tell[[]Held](f, "held", struct{}{}) }

// links waits until so many links to Slack are up.
func (f *fleet) links(t *testing.T, n int) {
	t.Helper()
	if got := tell[int](f, "links", n); got < n {
		t.Fatalf("%d links, want %d", got, n)
	}
}

// must waits until something is so, and ends the test if it does not become so.
func (f *fleet) must(t *testing.T, otherwise string, so func() bool) {
	t.Helper()
	if !f.until(40*time.Second, so) {
		t.Fatal(otherwise)
	}
}

// within prints how long something took, and allows for it what was promised and a margin.
func (f *fleet) within(t *testing.T, what string, took, promised time.Duration) {
	t.Helper()
	t.Logf("%s after %s (promised: %s)", what, took.Round(10*time.Millisecond), promised)
	if took > promised+margin {
		t.Errorf("%s only after %s", what, took)
	}
}
