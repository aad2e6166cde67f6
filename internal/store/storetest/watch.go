package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
)

var watchTests = map[string]func(*testing.T, Database){
	"the longest unseen are watched first": func(t *testing.T, db Database) {
		w := begin(t, db)
		var calls []call.Call
		for i := range 3 {
			calls = append(calls, w.accepted(i)) // due 10 s later
			w.move(time.Second)
		}
		canceled := w.approve(3)
		w.update(canceled.ID, call.Event{Kind: call.Cancel, Actor: ana})
		w.move(5 * time.Second)
		listed := func(got []call.Call, err error) func(...call.ID) {
			return func(want ...call.ID) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, ids(got)); len(want)+len(got) > 0 && diff != "" {
					t.Errorf("listed (-want +got):\n%s", diff)
				}
			}
		}
		listed(w.Active(t.Context()))(calls[0].ID, calls[1].ID, calls[2].ID)
		if err := w.Seen(t.Context(), []call.Sight{{Call: calls[0].ID, Version: calls[0].Version, At: w.now()}}); err != nil {
			t.Fatal(err)
		}
		listed(w.Active(t.Context()))(calls[1].ID, calls[2].ID, calls[0].ID)
		w.update(calls[2].ID, call.Event{Kind: call.StopWatching})
		listed(w.Active(t.Context()))(calls[1].ID, calls[0].ID)
		w.update(calls[0].ID, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Due: w.now().Add(2 * time.Second)})
		listed(w.Active(t.Context()))(calls[1].ID)
		listed(w.Ended(t.Context(), w.now(), 10))()
		w.update(calls[1].ID, call.Event{Kind: call.Observe, ReportedStatus: call.Failed, Due: w.now().Add(time.Second)})
		w.move(2 * time.Second)
		listed(w.Ended(t.Context(), w.now(), 10))(calls[1].ID, calls[0].ID)
		listed(w.Ended(t.Context(), w.now(), 1))(calls[1].ID)
	},

	"when there is something to watch": func(t *testing.T, db Database) {
		w := begin(t, db)
		next := func(step string, want time.Time) {
			t.Helper()
			got, err := w.NextWatch(t.Context(), "watch")
			switch {
			case err != nil:
				t.Fatal(err)
			case want.IsZero() != got.IsZero(), got.After(w.now()) != want.After(w.now()), want.After(w.now()) && !got.Equal(want):
				t.Errorf("%s: the next is at %v, want %v", step, got, want)
			}
		}
		next("nothing", time.Time{})
		c := w.accepted(1)
		next("a call, and no tick before", w.now())
		if _, ok, err := w.LeaseTick(t.Context(), "watch", lease); err != nil || !ok {
			t.Fatal(ok, err)
		}
		later := w.now().Add(10 * time.Second)
		if err := w.FreeTick(t.Context(), "watch", later); err != nil {
			t.Fatal(err)
		}
		next("a tick is due", later)
		soon := w.now().Add(2 * time.Second)
		w.update(c.ID, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Due: soon})
		next("only content is due", soon)
		w.accepted(2)
		next("content is due before the tick", soon)
		w.update(c.ID, call.Event{Kind: call.Observe, ReportedStatus: call.Completed})
		next("only the tick is due", later)
		w.update("call0002", call.Event{Kind: call.StopWatching})
		next("nothing again", time.Time{})
	},

	"what is active, and what is not settled": func(t *testing.T, db Database) {
		w := begin(t, db)
		want := func(step string, active, unsettled int) {
			t.Helper()
			if n, err := w.CountActive(t.Context()); err != nil || n != active {
				t.Errorf("%s: %d active, %v; want %d", step, n, err, active)
			}
			if n, err := w.Unsettled(t.Context()); err != nil || n != unsettled {
				t.Errorf("%s: %d unsettled, %v; want %d", step, n, err, unsettled)
			}
		}
		published := func() {
			t.Helper()
			list, err := w.ClaimPublications(t.Context(), 10, lease)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range list {
				if err := w.Published(t.Context(), p, time.Time{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		c := w.request(1)
		want("requested", 0, 0)
		w.update(c.ID, call.Event{Kind: call.Approve, Actor: ana, Revision: 1, Due: w.now()})
		published()
		want("approved", 0, 1)
		c = w.place(c)
		published()
		want("placing", 0, 1)
		w.advance(c, call.Event{Kind: call.LoseTrack, Attempt: 1})
		published()
		want("unconfirmed", 0, 1)
		for range call.MaxLooks {
			w.update(c.ID, call.Event{Kind: call.Look, LookResult: call.LookNone})
		}
		want("looked for, not yet told", 0, 1)
		published()
		want("a person decides", 0, 0)
		w.update(c.ID, call.Event{Kind: call.Accept, ProviderID: "cl_1"})
		published()
		want("queued", 1, 1)
		w.update(c.ID, call.Event{Kind: call.StopWatching})
		published()
		want("unwatched", 0, 0)
		w.update(c.ID, call.Event{Kind: call.WatchAgain, Due: w.now()})
		w.update(c.ID, call.Event{Kind: call.Observe, ReportedStatus: call.InProgress})
		published()
		want("in progress", 1, 1)
		w.update(c.ID, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Due: w.now().Add(time.Second)})
		published()
		want("ended, content may come", 0, 1)
		w.update(c.ID, call.Event{Kind: call.Observe, ReportedStatus: call.Completed})
		want("ended, not yet told", 0, 1)
		published()
		want("told", 0, 0)
	},

	"a tick is leased by whoever comes first, until it is done": func(t *testing.T, db Database) {
		w := begin(t, db)
		tick := func(want bool, wantDue time.Time) {
			t.Helper()
			due, got, err := w.LeaseTick(t.Context(), "watch", lease)
			if err != nil || got != want || !due.Equal(wantDue) {
				t.Errorf("leased: %v, due %v, %v; want %v, due %v", got, due, err, want, wantDue)
			}
		}
		none := time.Time{}
		tick(true, none)
		tick(false, none)
		if _, got, err := w.LeaseTick(t.Context(), "another", lease); err != nil || !got {
			t.Errorf("another tick: %v, %v", got, err)
		}
		w.move(lease - time.Second)
		if err := w.RenewTick(t.Context(), "watch", lease); err != nil {
			t.Fatal(err)
		}
		w.move(lease - time.Second)
		tick(false, none) // it was renewed
		next := w.now().Add(10 * time.Second)
		if err := w.FreeTick(t.Context(), "watch", next); err != nil {
			t.Fatal(err)
		}
		tick(true, next)
		w.takeOver("ticks")
		tick(false, none)
		if err := w.FreeTick(t.Context(), "watch", w.now()); !errors.Is(err, call.ErrLost) {
			t.Errorf("freed another replica's tick: %v, want call.ErrLost", err)
		}
		if err := w.RenewTick(t.Context(), "watch", lease); !errors.Is(err, call.ErrLost) {
			t.Errorf("renewed another replica's tick: %v, want call.ErrLost", err)
		}
		w.move(lease)
		tick(true, next)
		w.move(lease)
		if err := w.RenewTick(t.Context(), "watch", lease); !errors.Is(err, call.ErrLost) {
			t.Errorf("renewed a lease that has ended: %v, want call.ErrLost", err)
		}
		next = w.now().Add(time.Minute)
		if err := w.FreeTick(t.Context(), "watch", next); err != nil { // nobody else has it
			t.Fatal(err)
		}
		w.restart()
		tick(true, next)
		if err := w.FreeTick(t.Context(), "never leased", w.now()); !errors.Is(err, call.ErrLost) {
			t.Errorf("got %v, want call.ErrLost", err)
		}
	},
}
