package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/store"
)

// rivals is how many do the same thing at once, each with a Store of its own where the
// database lets there be several.
const rivals = 8

var raceTests = map[string]func(*testing.T, Database){
	"one redelivery of a click decides": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.request(1)
		var decided atomic.Int32
		stores := w.replicas(rivals)
		together(rivals, func(i int) {
			got, err := stores[i].Update(t.Context(), "trigger:click", c.ID, func(call.Call) (call.Event, error) {
				decided.Add(1)
				return approval(w.now())(c)
			})
			if err != nil || got.Status != call.Approved {
				t.Errorf("%s, %v", got.Status, err)
			}
		})
		if n := decided.Load(); n != 1 {
			t.Errorf("decided %d times", n)
		}
	},

	"one redelivery of a request makes a call": func(t *testing.T, db Database) {
		w := begin(t, db)
		var made sync.Map
		stores := w.replicas(rivals)
		together(rivals, func(i int) {
			got, err := stores[i].Create(t.Context(), "trigger:request", call.Call{ID: call.ID(rune('a' + i)), Status: call.Requested}, call.Origin{})
			if err != nil {
				t.Error(err)
			}
			made.Store(got.ID, true)
		})
		n := 0
		made.Range(func(any, any) bool { n++; return true })
		if n != 1 {
			t.Errorf("%d calls", n)
		}
	},

	"one of many clicks decides": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.request(1)
		var won atomic.Int32
		stores := w.replicas(rivals)
		together(rivals, func(i int) {
			_, err := stores[i].Update(t.Context(), call.Key(rune('a'+i)), c.ID, approval(w.now()))
			switch {
			case err == nil:
				won.Add(1)
			case call.CodeOf(err) != call.Conflict:
				t.Error(err)
			}
		})
		if n := won.Load(); n != 1 {
			t.Errorf("%d approvals", n)
		}
	},

	"every due call is claimed by one": func(t *testing.T, db Database) {
		w := begin(t, db)
		const calls = 60
		for i := range calls {
			w.approve(i)
		}
		var mu sync.Mutex
		times := map[call.ID]int{}
		stores := w.replicas(rivals)
		together(rivals, func(i int) {
			for {
				claimed, err := stores[i].ClaimDue(t.Context(), 7, lease)
				if err != nil {
					t.Error(err)
					return
				}
				if len(claimed) == 0 {
					return
				}
				mu.Lock()
				for _, c := range claimed {
					times[c.ID]++
				}
				mu.Unlock()
			}
		})
		if len(times) != calls {
			t.Errorf("%d calls claimed, want %d", len(times), calls)
		}
		for id, n := range times {
			if n != 1 {
				t.Errorf("%s was claimed %d times", id, n)
			}
		}
	},

	"one step of a claimed call is committed": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.claim(w.approve(1).ID)
		var won atomic.Int32
		together(rivals, func(int) {
			_, err := w.Advance(t.Context(), c, placing(w))
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, call.ErrLost):
				t.Error(err)
			}
		})
		if n := won.Load(); n != 1 {
			t.Errorf("%d steps", n)
		}
		if attempts, err := w.Attempts(t.Context(), c.ID); err != nil || len(attempts) != 1 {
			t.Errorf("attempts %v, %v", attempts, err)
		}
	},

	"a person's cancel or the operator's step, not both": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.claim(w.approve(1).ID)
		var won atomic.Int32
		together(2, func(i int) {
			var err error
			if i == 0 {
				_, err = w.Advance(t.Context(), c, placing(w))
			} else {
				_, err = w.replicas(2)[1].Update(t.Context(), "trigger:cancel", c.ID, func(call.Call) (call.Event, error) {
					return call.Event{Kind: call.Cancel, At: w.now(), Actor: ana}, nil
				})
			}
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, call.ErrLost) && call.CodeOf(err) != call.Conflict:
				t.Error(err)
			}
		})
		if n := won.Load(); n != 1 {
			t.Errorf("%d of them", n)
		}
	},

	"one of two calls to a number is placed": func(t *testing.T, db Database) {
		w := begin(t, db)
		a, b := alike(w)
		var won atomic.Int32
		together(2, func(i int) {
			_, err := w.Advance(t.Context(), []call.Call{a, b}[i], placing(w))
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, call.ErrNumberBusy):
				t.Error(err)
			}
		})
		if n := won.Load(); n != 1 {
			t.Errorf("%d placed", n)
		}
	},

	"the budget is never overdrawn": func(t *testing.T, db Database) {
		w := begin(t, db, store.WithBudget(tenAMinute))
		var granted atomic.Int32
		stores := w.replicas(rivals, store.WithBudget(tenAMinute))
		together(3*rivals, func(i int) {
			g, _, err := stores[i%rivals].Take(t.Context(), call.ForPlacing, w.now().Add(deadline))
			if err != nil {
				t.Error(err)
			}
			if g.ID != "" {
				granted.Add(1)
			}
		})
		if n := granted.Load(); int(n) != tenAMinute.N {
			t.Errorf("%d requests, want %d", n, tenAMinute.N)
		}
	},

	"one leases the tick": func(t *testing.T, db Database) {
		w := begin(t, db)
		var won atomic.Int32
		stores := w.replicas(rivals)
		together(rivals, func(i int) {
			_, ok, err := stores[i].LeaseTick(t.Context(), "watch", lease)
			if err != nil {
				t.Error(err)
			}
			if ok {
				won.Add(1)
			}
		})
		if n := won.Load(); n != 1 {
			t.Errorf("%d leased it", n)
		}
	},

	"every publication is claimed by one": func(t *testing.T, db Database) {
		w := begin(t, db)
		const calls = 30
		for i := range calls {
			w.request(i)
		}
		var claimed atomic.Int32
		stores := w.replicas(rivals)
		together(rivals, func(i int) {
			list, err := stores[i].ClaimPublications(t.Context(), calls, lease)
			if err != nil {
				t.Error(err)
			}
			claimed.Add(int32(len(list)))
		})
		if n := claimed.Load(); n != calls {
			t.Errorf("%d claims of %d publications", n, calls)
		}
	},

	"a queue that moves on many sides at once": func(t *testing.T, db Database) {
		// Each step shows the calls behind it their new place: transactions that write
		// each other's rows, in whatever order they come.
		w := begin(t, db)
		const calls = 64
		for i := range calls {
			w.approve(i)
		}
		stores := w.replicas(rivals)
		together(rivals, func(i int) {
			for {
				claimed, err := stores[i].ClaimDue(t.Context(), 3, lease)
				if err != nil {
					t.Error(err)
				}
				if len(claimed) == 0 {
					return
				}
				for _, c := range claimed {
					placing, err := stores[i].Advance(t.Context(), c, placing(w))
					if err == nil {
						_, err = stores[i].Advance(t.Context(), placing, call.Event{Kind: call.Accept, At: w.now(), ProviderID: "cl_" + string(c.ID)})
					}
					if err != nil {
						t.Error(err)
					}
				}
			}
		})
		if n, err := w.CountActive(t.Context()); err != nil || n != calls {
			t.Errorf("%d calls were placed, %v; want %d", n, err, calls)
		}
	},
}
