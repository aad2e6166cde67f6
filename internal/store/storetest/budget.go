package storetest

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/store"
)

var tenAMinute = call.Budget{N: 10, Window: time.Minute}

// take asks for one request, which ends within ten seconds.
func (w *world) take(p call.Purpose) (call.Grant, time.Time) {
	w.Helper()
	g, next, err := w.Take(w.Context(), p, w.now().Add(10*time.Second))
	if err != nil {
		w.Fatal(err)
	}
	if (g.ID == "") == next.IsZero() {
		w.Fatalf("granted %q and told to ask again at %v", g.ID, next)
	}
	return g, next
}

var budgetTests = map[string]func(*testing.T, Database){
	"some of it is kept for placing": func(t *testing.T, db Database) {
		w := begin(t, db, store.WithBudget(tenAMinute))
		for i := range 8 {
			if g, _ := w.take(call.ForWatch); g.ID == "" {
				t.Fatalf("no %d. request for the watch", i+1)
			}
		}
		for _, p := range []call.Purpose{call.ForLooking, call.ForWatch, call.ForContent} {
			if g, _ := w.take(p); g.ID != "" {
				t.Errorf("a ninth request, for %s", p)
			}
		}
		for i := range 2 {
			if g, _ := w.take(call.ForPlacing); g.ID == "" {
				t.Errorf("no %d. request for placing", i+1)
			}
		}
		if g, _ := w.take(call.ForPlacing); g.ID != "" {
			t.Error("an eleventh request")
		}
	},

	"a request counts until a window after its end, or after its deadline": func(t *testing.T, db Database) {
		w := begin(t, db, store.WithBudget(call.Budget{N: 2, Window: time.Minute}))
		start := w.now()
		first, _ := w.take(call.ForPlacing)
		w.take(call.ForPlacing) // its process dies
		if _, next := w.take(call.ForPlacing); next.Before(start.Add(70 * time.Second)) {
			t.Errorf("told to ask again at %v while both are under way", next.Sub(start))
		}
		w.move(3 * time.Second)
		for signaled(w.DueChanged()) {
		}
		if err := w.EndRequest(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		if !signaled(w.DueChanged()) {
			t.Error("nobody is told that the budget is free earlier")
		}
		w.move(time.Second)
		if err := w.EndRequest(t.Context(), first); err != nil { // once more: the first time counts
			t.Fatal(err)
		}
		w.restart(store.WithBudget(call.Budget{N: 2, Window: time.Minute}))
		_, next := w.take(call.ForPlacing)
		if want := start.Add(63*time.Second + time.Millisecond); !next.Equal(want) {
			t.Fatalf("told to ask again at %v, want %v", next.Sub(start), want.Sub(start))
		}
		w.move(next.Sub(w.now()) - time.Millisecond)
		if g, _ := w.take(call.ForPlacing); g.ID != "" {
			t.Error("granted before the time")
		}
		w.move(time.Millisecond)
		if g, _ := w.take(call.ForPlacing); g.ID == "" {
			t.Error("not granted at the time")
		}
		if _, next := w.take(call.ForPlacing); !next.Equal(start.Add(70*time.Second + time.Millisecond)) {
			t.Errorf("told to ask again at %v, when the dead one's deadline is a window ago", next.Sub(start))
		}
	},

	"a block keeps everybody out, and the later one counts": func(t *testing.T, db Database) {
		for _, budget := range []call.Budget{tenAMinute, {}} {
			w := begin(t, db, store.WithBudget(budget))
			start := w.now()
			for _, d := range []time.Duration{time.Minute, 2 * time.Minute, time.Second} {
				if err := w.Block(t.Context(), start.Add(d)); err != nil {
					t.Fatal(err)
				}
			}
			if until, err := w.Blocked(t.Context()); err != nil || !until.Equal(start.Add(2*time.Minute)) {
				t.Errorf("blocked until %v, %v", until, err)
			}
			if _, next := w.take(call.ForPlacing); !next.Equal(start.Add(2 * time.Minute)) {
				t.Errorf("told to ask again at %v", next.Sub(start))
			}
			w.move(2 * time.Minute)
			if g, _ := w.take(call.ForPlacing); g.ID == "" {
				t.Error("not granted after the block")
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
	},

	"no limit": func(t *testing.T, db Database) {
		w := begin(t, db)
		for range 50 {
			if g, _ := w.take(call.ForContent); g.ID == "" {
				t.Fatal("not granted")
			} else if err := w.EndRequest(t.Context(), g); err != nil {
				t.Fatal(err)
			}
		}
	},

	"no window at the provider sees more than N": func(t *testing.T, db Database) {
		budget := call.Budget{N: 5, Window: time.Minute}
		w := begin(t, db, store.WithBudget(budget))
		rapid.Check(t, func(r *rapid.T) {
			w.move(24 * time.Hour) // what came before counts no more
			var arrived []time.Time
			draw := func(name string, upTo time.Duration) time.Duration {
				return time.Duration(rapid.Int64Range(0, int64(upTo)).Draw(r, name))
			}
			for range rapid.IntRange(1, 40).Draw(r, "steps") {
				w.move(draw("pause", 20*time.Second))
				p := rapid.SampledFrom([]call.Purpose{call.ForPlacing, call.ForWatch}).Draw(r, "purpose")
				taken := w.now()
				limit := taken.Add(draw("limit", 15*time.Second))
				g, next, err := w.Take(t.Context(), p, limit)
				if err != nil {
					r.Fatal(err)
				}
				if g.ID == "" {
					if !next.After(taken) {
						r.Fatalf("told to ask again at %v, at %v", next, taken)
					}
					w.move(next.Sub(taken))
					g, next, err = w.Take(t.Context(), p, next.Add(limit.Sub(taken)))
					if err != nil || g.ID == "" {
						r.Fatalf("asked again when told to, and told to ask at %v, %v", next, err)
					}
					taken, limit = w.now(), w.now().Add(limit.Sub(taken))
				}
				// It arrives somewhere between now and its end, of which the store may not hear.
				end := taken.Add(draw("took", limit.Sub(taken)))
				arrived = append(arrived, taken.Add(draw("travelled", end.Sub(taken))))
				if rapid.Bool().Draw(r, "survived") {
					w.move(end.Sub(taken))
					if err := w.EndRequest(t.Context(), g); err != nil {
						r.Fatal(err)
					}
				}
			}
			slices.SortFunc(arrived, time.Time.Compare)
			for i := budget.N; i < len(arrived); i++ {
				if d := arrived[i].Sub(arrived[i-budget.N]); d <= budget.Window {
					r.Fatalf("%d requests arrived within %v", budget.N+1, d)
				}
			}
		})
	},
}
