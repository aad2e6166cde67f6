package operator_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/store"
	"github.com/agentphone-slack/callbot/internal/store/postgrestest"
)

// away makes the provider so far away that a request and its answer take that long
// together. arrivals are the times at which requests reached it.
func (o *office) away(far time.Duration) (arrivals func() []time.Time) {
	var mu sync.Mutex
	var at []time.Time
	o.phone.SetFault(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		there := rand.N(far)
		time.Sleep(there) // it is on its way
		mu.Lock()
		at = append(at, time.Now())
		mu.Unlock()
		next.ServeHTTP(w, r)
		time.Sleep(far - there)
	})
	return func() []time.Time {
		mu.Lock()
		defer mu.Unlock()
		return slices.SortedFunc(slices.Values(at), time.Time.Compare)
	}
}

// TestTheBudgetIsExactFarAway: no window at a provider 3 s away ever sees more requests
// than the key may make, though they arrive out of order, two replicas share the key,
// and one of them is replaced on the way.
func TestTheBudgetIsExactFarAway(t *testing.T) {
	for engine, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "callbot.db") },
		"postgres": func(t *testing.T) string { return postgrestest.URL(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			budget := call.Budget{N: 6, Window: 4 * time.Second}
			o := newOfficeOn(t, url(t), budget, agentphonetest.WithSpeed(60))
			o.poll = time.Second
			arrivals := o.away(3 * time.Second)
			stop := o.work()
			if engine == "postgres" { // a second replica
				other := *o
				var err error
				if other.store, err = store.Open(t.Context(), o.database, store.WithBudget(budget)); err != nil {
					t.Fatal(err)
				}
				defer func() { _ = other.store.Close() }()
				defer other.work()()
			}
			var ids []call.ID
			for i := range 8 {
				ids = append(ids, o.approved(fmt.Sprintf("+1415555%04d", 120+i)))
			}
			o.until(ids[2], "placed", func(c call.Call) bool { return c.ProviderID != "" })
			stop()
			o.reopen(t)
			o.work()
			for _, id := range ids {
				o.until(id, "ended", func(c call.Call) bool { return c.Status.Ended() })
			}
			at := arrivals()
			most := 0
			for i := range at {
				n := 1
				for n < len(at)-i && at[i+n].Sub(at[i]) <= budget.Window {
					n++
				}
				most = max(most, n)
			}
			t.Logf("%d requests in %.1f s, at most %d in any %s", len(at), at[len(at)-1].Sub(at[0]).Seconds(), most, budget.Window)
			if most > budget.N {
				t.Errorf("%d requests arrived within one window of %s", most, budget.Window)
			}
			if most < budget.N/2 {
				t.Errorf("at most %d requests arrived in a window: the budget was not what held them back", most)
			}
			for number, n := range o.phone.Dials() {
				if n != 1 {
					t.Errorf("%s was dialled %d times", number, n)
				}
			}
		})
	}
}

// heldUp is a store whose first grants to watch come after their deadline, as those of a
// process that was stopped meanwhile.
type heldUp struct {
	*store.Store
	late, returned atomic.Int64
}

func (h *heldUp) Take(ctx context.Context, p call.Purpose, deadline time.Time) (call.Grant, time.Time, error) {
	g, next, err := h.Store.Take(ctx, p, deadline)
	if p == call.ForWatch && g.ID != "" && h.late.Add(1) <= 2 {
		g.Deadline = h.Now()
	}
	return g, next, err
}

func (h *heldUp) Return(ctx context.Context, g call.Grant) error {
	h.returned.Add(1)
	return h.Store.Return(ctx, g)
}

// TestAGrantThatCameTooLate is given back, and no request is made for it: by then others
// may have made one in its place.
func TestAGrantThatCameTooLate(t *testing.T) {
	o := newOffice(t, call.Budget{N: 1000, Window: time.Second})
	h := &heldUp{Store: o.store}
	o.repo = h
	var reads, early atomic.Int64
	o.phone.SetFault(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodGet {
			reads.Add(1)
			if h.returned.Load() < 2 {
				early.Add(1)
			}
		}
		next.ServeHTTP(w, r)
	})
	id := o.approved("+14155550132")
	o.work()
	o.until(id, "ended", func(c call.Call) bool { return c.Status.Ended() })
	if reads.Load() == 0 || early.Load() > 0 || h.returned.Load() != 2 {
		t.Errorf("%d requests, %d of them for grants that came too late; %d were given back, want 2", reads.Load(), early.Load(), h.returned.Load())
	}
}
