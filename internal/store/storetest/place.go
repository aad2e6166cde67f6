package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
)

// placing is the event that commits the intent to post.
func placing(w *world) call.Event {
	return call.Event{Kind: call.Place, At: w.now(), Due: w.now().Add(deadline)}
}

// alike approves two calls to one number and claims both.
func alike(w *world) (a, b call.Call) {
	w.Helper()
	w.approve(1)
	second := w.get("call0001")
	second.ID, second.Version, second.Status, second.DueAt = "twin", 1, call.Requested, second.RequestedAt.Add(time.Hour)
	second.ExpiresAt = second.DueAt
	if _, err := w.Create(w.Context(), "", second, call.Origin{}); err != nil {
		w.Fatal(err)
	}
	w.move(time.Millisecond)
	w.update("twin", call.Event{Kind: call.Approve, Actor: ana, Revision: 1, Due: w.now()})
	claimed, err := w.ClaimDue(w.Context(), 2, lease, call.Approved)
	if err != nil || len(claimed) != 2 {
		w.Fatalf("claimed %v, %v", ids(claimed), err)
	}
	return claimed[0], claimed[1]
}

var placeTests = map[string]func(*testing.T, Database){
	"the intent is an attempt, and nobody else looks while it is under way": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.place(w.approve(1))
		attempts, err := w.Attempts(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := []call.Attempt{{Call: c.ID, N: 1, At: w.now(), Deadline: w.now().Add(deadline)}}
		if diff := cmp.Diff(want, attempts); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		if c.Status != call.Placing || !c.DueAt.Equal(w.now().Add(deadline)) {
			t.Errorf("the call is %s, due at %v", c.Status, c.DueAt)
		}
		w.move(lease - time.Millisecond) // past the deadline, and still leased
		if got, err := w.ClaimDue(t.Context(), 10, lease); err != nil || len(got) > 0 {
			t.Errorf("claimed %v, %v during the lease", ids(got), err)
		}
		// Whoever posted it goes on with it.
		w.advance(c, call.Event{Kind: call.Accept, ProviderID: "cl_1", Due: w.now()})
		w.claim(c.ID)
	},

	"a crash while placing leaves an unanswered attempt to be found": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.place(w.approve(1))
		w.restart() // what leased it is gone
		w.move(deadline - time.Millisecond)
		if got, err := w.ClaimDue(t.Context(), 10, lease); err != nil || len(got) > 0 {
			t.Errorf("claimed %v, %v while its request may be under way", ids(got), err)
		}
		w.move(lease - deadline + time.Millisecond)
		got := w.claim(c.ID)
		if got.Status != call.Placing {
			t.Errorf("the call is %s", got.Status)
		}
		attempts, err := w.Attempts(t.Context(), c.ID)
		if err != nil || len(attempts) != 1 || attempts[0].Answered() {
			t.Errorf("attempts %v, %v; want one that is unanswered", attempts, err)
		}
		w.advance(got, call.Event{Kind: call.LoseTrack, Attempt: 1, Reason: call.ReasonInterrupted, Due: w.now()})
	},

	"a number is busy while a call to it is placing or unconfirmed": func(t *testing.T, db Database) {
		w := begin(t, db)
		a, b := alike(w)
		busy := func(status call.Status) {
			t.Helper()
			if a.Status != status {
				t.Fatalf("the first call is %s, want %s", a.Status, status)
			}
			if _, err := w.Advance(t.Context(), b, placing(w)); !errors.Is(err, call.ErrNumberBusy) {
				t.Errorf("%s: got %v, want call.ErrNumberBusy", status, err)
			}
			if got := w.get(b.ID); got.Status != call.Approved || got.Attempts != 0 {
				t.Errorf("%s: the second call is %s with %d attempts", status, got.Status, got.Attempts)
			}
		}
		a = w.advance(a, placing(w))
		busy(call.Placing)
		a = w.advance(a, call.Event{Kind: call.LoseTrack, Attempt: 1})
		busy(call.Unconfirmed)
		a = w.update(a.ID, call.Event{Kind: call.Accept, ProviderID: "cl_1"})
		// The refusals left the second one claimed.
		if got := w.advance(b, placing(w)); got.Status != call.Placing {
			t.Errorf("the second call is %s", got.Status)
		}
	},

	"an attempt that was handed back is followed by another": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.place(w.approve(1))
		w.advance(c, call.Event{Kind: call.HandBack, Attempt: 1, Reason: call.ReasonUnreachable, Due: w.now()})
		w.place(c)
		attempts, err := w.Attempts(t.Context(), c.ID)
		if err != nil || len(attempts) != 2 || attempts[1].N != 2 {
			t.Errorf("attempts %v, %v; want two", attempts, err)
		}
	},
}

var attemptTests = map[string]func(*testing.T, Database){
	"the first answer stays, but an accepted one is never lost": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.place(w.approve(1))
		answer := func(want call.Answer) {
			t.Helper()
			attempts, err := w.Attempts(t.Context(), c.ID)
			if err != nil || len(attempts) != 1 {
				t.Fatalf("attempts %v, %v", attempts, err)
			}
			if diff := cmp.Diff(want, attempts[0].Answer); diff != "" {
				t.Errorf("answer (-want +got):\n%s", diff)
			}
		}
		record := func(a call.Answer) {
			t.Helper()
			if err := w.Record(t.Context(), c.ID, 1, a); err != nil {
				t.Fatal(err)
			}
		}
		credits := 4
		unknown := call.Answer{At: w.now(), Fate: call.FateUnknown, Reason: call.ReasonUnknownFate, Detail: "it's gone", Wait: 1500 * time.Millisecond}
		accepted := call.Answer{At: w.now().Add(time.Second), Fate: call.FateAccepted, ProviderID: "cl_1", Credits: &credits}
		record(unknown)
		answer(unknown)
		record(call.Answer{At: w.now(), Fate: call.FateRefused, Reason: call.ReasonInvalid})
		answer(unknown)
		w.advance(c, call.Event{Kind: call.LoseTrack, Attempt: 1}) // the call has moved on
		record(accepted)
		answer(accepted)
		record(call.Answer{At: w.now(), Fate: call.FateAccepted, ProviderID: "cl_2"})
		record(unknown)
		answer(accepted)
		if got := w.update(c.ID, call.Event{Kind: call.Accept, ProviderID: "cl_1"}); got.Status != call.Queued {
			t.Errorf("the call is %s", got.Status)
		}
	},

	"an answer to nothing is an error": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.place(w.approve(1))
		if err := w.Record(t.Context(), c.ID, 2, call.Answer{Fate: call.FateAccepted}); err == nil {
			t.Error("no error")
		}
	},

	"calls of ours are known by the provider's ids": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.place(w.approve(1))
		if err := w.Record(t.Context(), c.ID, 1, call.Answer{At: w.now(), Fate: call.FateAccepted, ProviderID: "cl_posted"}); err != nil {
			t.Fatal(err)
		}
		w.advance(c, call.Event{Kind: call.Accept, ProviderID: "cl_posted"})
		w.update(c.ID, call.Event{Kind: call.Accept, ProviderID: "cl_other"})
		w.accepted(2) // found under cl_2, though no answer said so
		asked := []string{"cl_posted", "cl_other", "cl_2", "cl_foreign", ""}
		for range 1200 {
			asked = append(asked, "cl_padding")
		}
		got, err := w.Ours(t.Context(), asked)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]bool{"cl_posted": true, "cl_other": true, "cl_2": true}, got); diff != "" {
			t.Errorf("ours (-want +got):\n%s", diff)
		}
		if got, err := w.Ours(t.Context(), nil); err != nil || len(got) > 0 {
			t.Errorf("of none: %v, %v", got, err)
		}
	},
}
