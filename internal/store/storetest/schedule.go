package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// schedule creates a call to the i-th line and approves it for a time.
func (w *world) schedule(i int, start time.Time) call.Call {
	w.Helper()
	c := w.request(i)
	return w.update(c.ID, call.Event{Kind: call.Schedule, Actor: ana, Revision: 1, Start: start, Due: start})
}

var scheduleTests = map[string]func(*testing.T, Database){
	"a scheduled call is due at its time, also after a restart, and until then nobody waits for it": func(t *testing.T, db Database) {
		w := begin(t, db)
		start := w.now().Add(6 * time.Hour) // long after its card would have expired
		c := w.schedule(1, start)
		w.move(6*time.Hour - time.Millisecond)
		w.restart()
		if due, err := w.NextDue(t.Context(), call.Scheduled); err != nil || !due.Equal(start) {
			t.Errorf("next due %v, %v; want %v", due, err, start)
		}
		if claimed, err := w.ClaimDue(t.Context(), 10, lease); err != nil || len(claimed) != 0 {
			t.Fatalf("before its time: %v %v", ids(claimed), err)
		}
		for { // shown, so that only the call itself could be unsettled
			shown, err := w.ClaimPublications(t.Context(), 10, lease)
			if err != nil {
				t.Fatal(err)
			}
			if len(shown) == 0 {
				break
			}
			for _, p := range shown {
				if err := w.Published(t.Context(), p, time.Time{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n, err := w.Unsettled(t.Context()); err != nil || n != 0 {
			t.Errorf("%d unsettled, %v", n, err)
		}
		w.move(time.Millisecond)
		claimed := w.claim(c.ID)
		if !claimed.StartAt.Equal(start) || claimed.Approver != ana {
			t.Errorf("%+v", claimed)
		}
	},

	"a call that begins has the place of its time in the queue, and not of its approval": func(t *testing.T, db Database) {
		w := begin(t, db)
		late := w.schedule(1, w.now().Add(20*time.Minute)) // the first to be approved
		early := w.schedule(2, w.now().Add(5*time.Minute))
		w.move(10 * time.Minute)
		now := w.approve(3)
		w.move(10 * time.Minute)
		for _, c := range []call.Call{late, early} {
			next := w.update(c.ID, call.Event{Kind: call.Begin, Due: w.now()})
			if !next.ApprovedAt.Equal(c.StartAt) {
				t.Errorf("approved at %v, want %v", next.ApprovedAt, c.StartAt)
			}
		}
		claimed, err := w.ClaimDue(t.Context(), 10, lease, call.Approved)
		if want := []call.ID{early.ID, now.ID, late.ID}; err != nil || !slices.Equal(ids(claimed), want) {
			t.Errorf("claimed %v %v, want %v", ids(claimed), err, want)
		}
	},

	"who cancels and whose time comes at once: one of them": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.schedule(1, w.now().Add(time.Minute))
		w.move(time.Minute)
		claimed := w.claim(c.ID)
		w.update(c.ID, call.Event{Kind: call.Cancel, Actor: ana})
		if _, err := w.Advance(t.Context(), claimed, call.Event{Kind: call.Begin, At: w.now(), Due: w.now()}); err == nil {
			t.Error("it begins, although it was canceled")
		}
		if got := w.get(c.ID); got.Status != call.Canceled || got.Attempts != 0 {
			t.Errorf("%s", got.Status)
		}
	},
}
