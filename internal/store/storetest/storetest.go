package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/store"
)

// Database is one database of an engine, empty at first.
type Database struct {
	// Open opens it, as often as is asked for. Whoever opens it closes it.
	Open func(opts ...store.Option) (*store.Store, error)
	// Read opens it for reading, as often as is asked for. Whoever opens it closes it.
	Read func() (*store.Reader, error)
	// Look is another way in, for what no method of the store shows or does.
	Look func(t testing.TB) *sql.DB
	// Exclusive says that one Store at a time has it open, and that opening it
	// therefore ends the leases of the one before.
	Exclusive bool
}

// Run checks that an engine keeps every promise of package store. fresh makes a
// database that nobody else has.
func Run(t *testing.T, fresh func(t testing.TB) Database) {
	for _, suite := range []struct {
		name  string
		tests map[string]func(*testing.T, Database)
	}{
		{"Repository", repositoryTests},
		{"Fields", fieldTests},
		{"Commit", commitTests},
		{"Claim", claimTests},
		{"Place", placeTests},
		{"Attempt", attemptTests},
		{"Schedule", scheduleTests},
		{"Watch", watchTests},
		{"Observe", observeTests},
		{"Budget", budgetTests},
		{"Publication", publicationTests},
		{"Home", homeTests},
		{"Guard", guardTests},
		{"Workflow", workflowTests},
		{"Race", raceTests},
		{"Export", exportTests},
		{"Revise", reviseTests},
		{"Called", calledTests},
		{"Search", searchTests},
		{"Erase", eraseTests},
		{"Share", shareTests},
	} {
		t.Run(suite.name, func(t *testing.T) {
			for name, test := range suite.tests {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					test(t, fresh(t))
				})
			}
		})
	}
}

// clock is a clock that stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 2, 17, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return c.at
}

// world is a store with a clock and what tests do with them all the time.
type world struct {
	testing.TB
	*store.Store
	*clock
	db Database
}

// begin opens the database.
func begin(t testing.TB, db Database, opts ...store.Option) *world {
	t.Helper()
	w := &world{TB: t, clock: newClock(), db: db}
	w.open(opts...)
	w.Cleanup(w.compareCopies)
	return w
}

// compareCopies looks whether what the indexes go by is what it is a copy of.
func (w *world) compareCopies() {
	var n int
	err := w.db.Look(w).QueryRowContext(context.WithoutCancel(w.Context()), `
		SELECT COUNT(*) FROM calls WHERE CASE WHEN status IN ('queued', 'dialing', 'in_progress')
			THEN step <> '' OR step_at IS NOT NULL
			ELSE step <> status OR COALESCE(step_at, -1) <> COALESCE(due_at, -1) END`).Scan(&n)
	if err != nil || n != 0 {
		w.Errorf("of %d calls step and step_at are not as they should be, %v", n, err)
	}
}

// open opens the database, and closes it with the test.
func (w *world) open(opts ...store.Option) {
	w.Helper()
	s, err := w.db.Open(append([]store.Option{store.WithClock(w.now)}, opts...)...)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		if err := s.Close(); err != nil {
			w.Error(err)
		}
	})
	w.Store = s
}

// replicas are n Stores of the database: as many as it lets there be.
func (w *world) replicas(n int, opts ...store.Option) []*store.Store {
	w.Helper()
	list := []*store.Store{w.Store}
	for len(list) < n {
		if !w.db.Exclusive {
			first := w.Store
			w.open(opts...)
			list = append(list, w.Store)
			w.Store = first
			continue
		}
		list = append(list, w.Store)
	}
	return list
}

// restart opens the database anew, as another process would after the end of this one.
func (w *world) restart(opts ...store.Option) {
	w.Helper()
	if err := w.Close(); err != nil {
		w.Fatal(err)
	}
	w.open(opts...)
}

const (
	ana  = call.UserID("U0ANA")
	here = "C0OPS"
	// lease and deadline are those of the operator's steps in these tests.
	lease    = 30 * time.Second
	deadline = 20 * time.Second
)

// line is the i-th number reserved for fiction.
func line(t testing.TB, i int) phone.Number {
	t.Helper()
	n, err := phone.ParseE164(fmt.Sprintf("+1%d5550%03d", 201+i/100, 100+i%100))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// request creates a call to the i-th line, with the id "call<i>".
func (w *world) request(i int) call.Call {
	w.Helper()
	now := w.now()
	c, err := w.Create(w.Context(), call.Key(fmt.Sprintf("trigger:request%d", i)), call.Call{
		ID: call.ID(fmt.Sprintf("call%04d", i)), Version: 1, Revision: 1, Status: call.Requested, Since: now,
		Request:     call.Request{Requester: ana, Number: line(w, i), Objective: "Ask about the return policy"},
		RequestedAt: now, ExpiresAt: now.Add(30 * time.Minute), DueAt: now.Add(30 * time.Minute),
	}, call.Origin{Conversation: here})
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// update commits one event that needs no lease.
func (w *world) update(id call.ID, e call.Event) call.Call {
	w.Helper()
	e.At = w.now()
	c, err := w.Update(w.Context(), "", id, func(call.Call) (call.Event, error) { return e, nil })
	if err != nil {
		w.Fatalf("%s: %v", e.Kind, err)
	}
	return c
}

// approve creates and approves a call to the i-th line.
func (w *world) approve(i int) call.Call {
	w.Helper()
	c := w.request(i)
	return w.update(c.ID, call.Event{Kind: call.Approve, Actor: ana, Revision: 1, Due: w.now()})
}

// claim claims exactly the call with that id.
func (w *world) claim(id call.ID) call.Call {
	w.Helper()
	claimed, err := w.ClaimDue(w.Context(), 100, lease)
	if err != nil {
		w.Fatal(err)
	}
	if len(claimed) != 1 || claimed[0].ID != id {
		w.Fatalf("claimed %v, want only %s", ids(claimed), id)
	}
	return claimed[0]
}

// advance commits the operator's own step.
func (w *world) advance(c call.Call, e call.Event) call.Call {
	w.Helper()
	e.At = w.now()
	next, err := w.Advance(w.Context(), c, e)
	if err != nil {
		w.Fatal(err)
	}
	return next
}

// place claims the approved call and commits the intent to post.
func (w *world) place(c call.Call) call.Call {
	w.Helper()
	return w.advance(w.claim(c.ID), call.Event{Kind: call.Place, Due: w.now().Add(deadline)})
}

// accepted makes a call that the provider has.
func (w *world) accepted(i int) call.Call {
	w.Helper()
	c := w.place(w.approve(i))
	return w.advance(c, call.Event{Kind: call.Accept, ProviderID: fmt.Sprintf("cl_%d", i), Due: w.now().Add(10 * time.Second)})
}

// takeOver gives all leases in a table to another replica.
func (w *world) takeOver(table string) {
	w.Helper()
	if _, err := w.db.Look(w).ExecContext(w.Context(), "UPDATE "+table+" SET lease_owner = 'another replica' WHERE lease_until IS NOT NULL"); err != nil {
		w.Fatal(err)
	}
}

// get reads a call.
func (w *world) get(id call.ID) call.Call {
	w.Helper()
	c, err := w.Get(w.Context(), id)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func ids(calls []call.Call) []call.ID {
	list := make([]call.ID, len(calls))
	for i, c := range calls {
		list[i] = c.ID
	}
	return list
}

// together runs f n times at once and waits for all.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

// signaled reports whether the channel has a value, and takes it.
func signaled(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// canceled is a context that is done.
func canceled(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
