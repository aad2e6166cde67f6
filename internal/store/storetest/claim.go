package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
)

var claimTests = map[string]func(*testing.T, Database){
	"what is due is claimed once, the longest due first": func(t *testing.T, db Database) {
		w := begin(t, db)
		for i := range 4 {
			w.request(i) // due when the card expires, a minute after the one before
			w.move(time.Minute)
		}
		w.move(28 * time.Minute) // two cards have expired, and one does just now
		got, err := w.ClaimDue(t.Context(), 2, lease, call.Requested)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]call.ID{"call0000", "call0001"}, ids(got)); diff != "" {
			t.Errorf("claimed first (-want +got):\n%s", diff)
		}
		got, err = w.ClaimDue(t.Context(), 10, lease)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]call.ID{"call0002"}, ids(got)); diff != "" {
			t.Errorf("claimed next (-want +got):\n%s", diff)
		}
		w.move(lease)
		got, err = w.ClaimDue(t.Context(), 10, lease)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]call.ID{"call0000", "call0001", "call0002"}, ids(got)); diff != "" {
			t.Errorf("claimed after the leases ran out (-want +got):\n%s", diff)
		}
	},

	"only the statuses asked for": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.request(1)
		w.approve(2)
		w.move(time.Hour)
		for _, test := range []struct {
			statuses []call.Status
			want     []call.ID
		}{
			{[]call.Status{call.Placing, call.Unconfirmed}, nil},
			{[]call.Status{call.Approved, call.Placing}, []call.ID{"call0002"}},
			{[]call.Status{call.Requested}, []call.ID{"call0001"}},
		} {
			got, err := w.ClaimDue(t.Context(), 10, lease, test.statuses...)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(test.want, ids(got)) {
				t.Errorf("%v: claimed %v, want %v", test.statuses, ids(got), test.want)
			}
		}
	},

	"approved calls in the order of their approval": func(t *testing.T, db Database) {
		w := begin(t, db)
		for i := range 3 {
			w.request(i)
		}
		for _, i := range []int{2, 0, 1} {
			w.move(time.Second)
			// Due in the other order: what was held up keeps its place.
			w.update(call.ID("call000"+string(rune('0'+i))), call.Event{Kind: call.Approve, Actor: ana, Revision: 1, Due: w.now().Add(-time.Duration(i) * time.Minute)})
		}
		got, err := w.ClaimDue(t.Context(), 10, lease, call.Approved)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]call.ID{"call0002", "call0000", "call0001"}, ids(got)); diff != "" {
			t.Errorf("claimed (-want +got):\n%s", diff)
		}
	},

	"what waits is made due anew, and what was missed is not": func(t *testing.T, db Database) {
		w := begin(t, db)
		now := w.now()
		approve := func(i int, ago time.Duration) call.ID {
			return w.update(w.request(i).ID, call.Event{Kind: call.Approve, Actor: ana, Revision: 1, Due: now.Add(-ago)}).ID
		}
		taken := approve(9, 10*time.Minute)
		w.claim(taken)
		want := map[call.ID]time.Duration{taken: 10 * time.Minute}
		for ago, then := range map[time.Duration]time.Duration{
			16 * time.Minute: 16 * time.Minute, 15 * time.Minute: 0, 6 * time.Minute: 0,
			5 * time.Minute: 5 * time.Minute, 0: 0, -time.Minute: -time.Minute,
		} {
			want[approve(len(want), ago)] = then
		}
		other := w.request(8) // it waits for something else
		if err := w.Freshen(t.Context(), call.Approved, now.Add(-15*time.Minute), now.Add(-5*time.Minute)); err != nil {
			t.Fatal(err)
		}
		for id, ago := range want {
			if got := w.get(id).DueAt; !got.Equal(now.Add(-ago)) {
				t.Errorf("%s is due %v before, want %v", id, now.Sub(got), ago)
			}
		}
		if diff := cmp.Diff(other, w.get(other.ID), numbers); diff != "" {
			t.Errorf("another call was changed (-want +got):\n%s", diff)
		}
	},

	"a step ends the lease": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.claim(w.approve(1).ID)
		w.advance(c, call.Event{Kind: call.Hold, Reason: call.ReasonNumberBusy, Due: w.now()})
		w.claim(c.ID)
	},

	"a step needs the call as it was claimed": func(t *testing.T, db Database) {
		hold := func(w *world) call.Event { return call.Event{Kind: call.Hold, At: w.now(), Due: w.now()} }
		w := begin(t, db)
		c := w.approve(1)
		lost := func(name string, c call.Call) {
			t.Helper()
			before := w.get(c.ID)
			if _, err := w.Advance(t.Context(), c, hold(w)); !errors.Is(err, call.ErrLost) {
				t.Errorf("%s: Advance: %v, want call.ErrLost", name, err)
			}
			if err := w.Postpone(t.Context(), c, w.now()); !errors.Is(err, call.ErrLost) {
				t.Errorf("%s: Postpone: %v, want call.ErrLost", name, err)
			}
			if diff := cmp.Diff(before, w.get(c.ID), numbers); diff != "" {
				t.Errorf("%s: it was changed (-want +got):\n%s", name, diff)
			}
		}
		lost("never claimed", c)

		claimed := w.claim(c.ID)
		w.move(lease)
		lost("the lease ran out", claimed)

		claimed = w.claim(c.ID)
		w.update(c.ID, call.Event{Kind: call.Cancel, Actor: ana})
		lost("cancelled meanwhile", claimed)

		c = w.approve(2)
		old := w.claim(c.ID)
		w.update(c.ID, call.Event{Kind: call.SendBack, Expires: w.now()})
		w.update(c.ID, call.Event{Kind: call.Expire})
		w.update(c.ID, call.Event{Kind: call.AskAgain, Actor: ana, Expires: w.now()})
		claimed = w.claim(c.ID)
		lost("claimed again as it is now", old)
		w.advance(claimed, call.Event{Kind: call.Expire})

		c = w.approve(3)
		claimed = w.claim(c.ID)
		w.takeOver("calls")
		lost("the lease is another replica's", claimed)
		w.restart()
		w.move(lease)
		again := w.claim(c.ID)
		w.advance(again, hold(w))
		lost("another process was faster", claimed)
	},

	"a restart waits for no lease that nobody can hold": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.claim(w.approve(1).ID)
		w.restart()
		if _, err := w.Advance(t.Context(), c, call.Event{Kind: call.Hold, At: w.now()}); !errors.Is(err, call.ErrLost) {
			t.Errorf("Advance with a lease of the run before: %v, want call.ErrLost", err)
		}
		got, err := w.ClaimDue(t.Context(), 10, lease)
		if err != nil {
			t.Fatal(err)
		}
		if free := len(got) == 1; free != db.Exclusive {
			t.Errorf("claimed %v at once after the restart", ids(got))
		}
	},

	"a step that the machine forbids leaves the lease": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.claim(w.approve(1).ID)
		got, err := w.Advance(t.Context(), c, call.Event{Kind: call.Expire, At: w.now()})
		if call.CodeOf(err) != call.Conflict {
			t.Errorf("got %v, want a conflict", err)
		}
		if diff := cmp.Diff(c, got, numbers); diff != "" {
			t.Errorf("returned beside the error (-want +got):\n%s", diff)
		}
		w.advance(c, call.Event{Kind: call.Hold, Due: w.now()})
	},

	"a postponed call is no event": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.claim(w.approve(1).ID)
		due := w.now().Add(5 * time.Second)
		if err := w.Postpone(t.Context(), c, due); err != nil {
			t.Fatal(err)
		}
		want := c
		want.DueAt = due
		if diff := cmp.Diff(want, w.get(c.ID), numbers); diff != "" {
			t.Errorf("postponed (-want +got):\n%s", diff)
		}
		if got, err := w.ClaimDue(t.Context(), 10, lease); err != nil || len(got) > 0 {
			t.Errorf("claimed %v, %v before it is due", ids(got), err)
		}
		w.move(5 * time.Second)
		w.claim(c.ID)
	},

	"the next due time counts leases": func(t *testing.T, db Database) {
		w := begin(t, db)
		next := func(want time.Time, statuses ...call.Status) {
			t.Helper()
			got, err := w.NextDue(t.Context(), statuses...)
			if err != nil || !got.Equal(want) {
				t.Errorf("next due at %v, %v; want %v", got, err, want)
			}
		}
		next(time.Time{})
		start := w.now()
		w.request(1)
		c := w.approve(2)
		next(start)
		next(start, call.Approved)
		next(start.Add(30*time.Minute), call.Requested, call.Placing)
		next(time.Time{}, call.Placing)
		claimed := w.claim(c.ID)
		next(start.Add(lease), call.Approved)
		w.advance(claimed, call.Event{Kind: call.Place, Due: start.Add(deadline)})
		next(start.Add(lease), call.Placing, call.Approved)
		w.move(lease)
		next(start.Add(deadline), call.Placing)
	},
}
