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
		w.update(calls[0].ID, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Due: w.now().Add(2 * time.Second)})
		watched := func(limit int, want ...call.ID) {
			t.Helper()
			got, err := w.Watched(t.Context(), w.now(), limit)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, ids(got)); len(want)+len(got) > 0 && diff != "" {
				t.Errorf("watched (-want +got):\n%s", diff)
			}
		}
		watched(10)
		w.move(2 * time.Second)
		watched(10, calls[0].ID)
		w.move(2 * time.Second)
		watched(10, calls[1].ID, calls[2].ID, calls[0].ID)
		watched(1, calls[1].ID)
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
		tick := func(want bool) {
			t.Helper()
			if got, err := w.LeaseTick(t.Context(), "watch", lease); err != nil || got != want {
				t.Errorf("leased: %v, %v; want %v", got, err, want)
			}
		}
		tick(true)
		tick(false)
		if got, err := w.LeaseTick(t.Context(), "another", lease); err != nil || !got {
			t.Errorf("another tick: %v, %v", got, err)
		}
		if err := w.FreeTick(t.Context(), "watch", w.now().Add(10*time.Second)); err != nil {
			t.Fatal(err)
		}
		tick(false)
		w.move(10 * time.Second)
		tick(true)
		w.takeOver("ticks")
		tick(false)
		if err := w.FreeTick(t.Context(), "watch", w.now()); !errors.Is(err, call.ErrLost) {
			t.Errorf("freed another replica's tick: %v, want call.ErrLost", err)
		}
		w.move(lease)
		tick(true)
		if err := w.FreeTick(t.Context(), "watch", w.now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		w.restart()
		tick(false) // it is not due, whoever asks
		w.move(time.Minute)
		tick(true)
		if err := w.FreeTick(t.Context(), "never leased", w.now()); !errors.Is(err, call.ErrLost) {
			t.Errorf("got %v, want call.ErrLost", err)
		}
	},
}
