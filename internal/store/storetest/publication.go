package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
)

// publications claims what is to be published.
func (w *world) publications() []call.Publication {
	w.Helper()
	list, err := w.ClaimPublications(w.Context(), 100, lease)
	if err != nil {
		w.Fatal(err)
	}
	return list
}

// settle publishes all that is due, so that nothing is.
func (w *world) settle() {
	w.Helper()
	for _, p := range w.publications() {
		if err := w.Published(w.Context(), p, time.Time{}); err != nil {
			w.Fatal(err)
		}
	}
}

func published(list []call.Publication) []call.ID {
	var got []call.ID
	for _, p := range list {
		got = append(got, p.Call.ID)
	}
	return got
}

var publicationTests = map[string]func(*testing.T, Database){
	"a publication has all that is needed to show a call": func(t *testing.T, db Database) {
		w := begin(t, db)
		origin := call.Origin{Conversation: here, Thread: "1772470800.000100", Reply: "https://hooks.slack.com/commands/T/1/secret"}
		c, err := w.Create(t.Context(), "", call.Call{ID: "one", Version: 1, Revision: 1, Status: call.Requested}, origin)
		if err != nil {
			t.Fatal(err)
		}
		want := call.Publication{
			Call: c, Origin: origin, View: call.View{Now: w.now(), Ahead: -1},
			Messages: map[call.Slot]call.Message{},
		}
		list := w.publications()
		if len(list) == 1 {
			want.Lease = list[0].Lease // any
		}
		if diff := cmp.Diff([]call.Publication{want}, list, numbers); diff != "" || want.Lease == "" {
			t.Fatalf("publications (-want +got):\n%s", diff)
		}
		card := call.Message{Slot: call.SlotCard, Channel: here, Thread: "1.1", TS: "1.2", File: "F1", Digest: "abc", SentAt: w.now(), Tries: 2}
		for _, m := range []call.Message{
			{Slot: call.SlotCard, TS: "0.1"}, card, {Slot: call.SlotRecording, Tries: 1},
		} {
			if err := w.SaveMessage(t.Context(), list[0], m); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Published(t.Context(), list[0], w.now()); err != nil {
			t.Fatal(err)
		}
		want.Messages = map[call.Slot]call.Message{call.SlotCard: card, call.SlotRecording: {Slot: call.SlotRecording, Tries: 1}}
		want.Origin.Reply = "" // the card stands: nobody need be answered elsewhere
		again := w.publications()
		if len(again) == 1 {
			want.Lease = again[0].Lease
		}
		if diff := cmp.Diff([]call.Publication{want}, again, numbers); diff != "" {
			t.Errorf("publications after two messages (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(c, w.get(c.ID), numbers); diff != "" {
			t.Errorf("publishing changed the call (-want +got):\n%s", diff)
		}
	},

	"ended calls first, then the longest due": func(t *testing.T, db Database) {
		w := begin(t, db)
		for i := range 3 {
			w.request(i)
			w.move(time.Second)
		}
		w.update("call0002", call.Event{Kind: call.Decline, Actor: ana})
		got := published(w.publications())
		if want := []call.ID{"call0002", "call0000", "call0001"}; !slices.Equal(want, got) {
			t.Errorf("claimed %v, want %v", got, want)
		}
	},

	"what changes while it is published is published again": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.request(1)
		p := w.publications()[0]
		w.update(c.ID, call.Event{Kind: call.Approve, Actor: ana, Revision: 1})
		if again := w.publications(); len(again) > 0 {
			t.Errorf("claimed %v while it is leased", published(again))
		}
		for signaled(w.PublishChanged()) {
		}
		if err := w.Published(t.Context(), p, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if !signaled(w.PublishChanged()) {
			t.Error("nobody is told")
		}
		list := w.publications()
		if len(list) != 1 || list[0].Call.Status != call.Approved {
			t.Errorf("claimed %v, want the approved call", list)
		}
	},

	"published calls are due again when told so": func(t *testing.T, db Database) {
		w := begin(t, db)
		next := func(want time.Time) {
			t.Helper()
			if got, err := w.NextPublication(t.Context()); err != nil || !got.Equal(want) {
				t.Errorf("next at %v, %v; want %v", got, err, want)
			}
		}
		next(time.Time{})
		w.request(1)
		next(w.now())
		p := w.publications()[0]
		next(w.now().Add(lease))
		later := w.now().Add(10 * time.Second)
		if err := w.Published(t.Context(), p, later); err != nil {
			t.Fatal(err)
		}
		next(later)
		if list := w.publications(); len(list) > 0 {
			t.Errorf("claimed %v before the time", published(list))
		}
		w.move(10 * time.Second)
		w.settle()
		next(time.Time{})
		w.move(time.Hour)
		if list := w.publications(); len(list) > 0 {
			t.Errorf("claimed %v, which is published", published(list))
		}
	},

	"two workers of one process are two": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.request(1)
		first := w.publications()[0]
		w.move(lease)
		second := w.publications()[0]
		for what, err := range map[string]error{
			"RenewPublication": w.RenewPublication(t.Context(), first, lease),
			"SaveMessage":      w.SaveMessage(t.Context(), first, call.Message{Slot: call.SlotCard, TS: "6.6"}),
			"Published":        w.Published(t.Context(), first, time.Time{}),
		} {
			if !errors.Is(err, call.ErrLost) {
				t.Errorf("%s under a lease that was claimed again: %v, want call.ErrLost", what, err)
			}
		}
		if err := w.SaveMessage(t.Context(), second, call.Message{Slot: call.SlotCard, TS: "1.1"}); err != nil {
			t.Error(err)
		}
		if err := w.Published(t.Context(), second, time.Time{}); err != nil {
			t.Error(err)
		}
	},

	"whoever lost the lease saves nothing": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.request(1)
		p := w.publications()[0]
		w.move(lease - time.Second)
		if err := w.RenewPublication(t.Context(), p, lease); err != nil {
			t.Fatal(err)
		}
		w.move(lease - time.Millisecond)
		if err := w.SaveMessage(t.Context(), p, call.Message{Slot: call.SlotCard, TS: "1.1"}); err != nil {
			t.Errorf("after renewal: %v", err)
		}
		lost := func(name string) {
			t.Helper()
			for what, err := range map[string]error{
				"RenewPublication": w.RenewPublication(t.Context(), p, lease),
				"SaveMessage":      w.SaveMessage(t.Context(), p, call.Message{Slot: call.SlotCard, TS: "6.6"}),
				"Published":        w.Published(t.Context(), p, time.Time{}),
			} {
				if !errors.Is(err, call.ErrLost) {
					t.Errorf("%s: %s: %v, want call.ErrLost", name, what, err)
				}
			}
		}
		w.move(time.Millisecond)
		lost("it ran out")
		if list := w.publications(); len(list) != 1 {
			t.Errorf("claimed %v after it ran out", published(list))
		}
		w.takeOver("publications")
		lost("another replica's")
		w.move(lease)
		list := w.publications()
		if len(list) != 1 || list[0].Messages[call.SlotCard].TS != "1.1" {
			t.Errorf("claimed %v, want the call with the message that was saved in time", list)
		}
	},

	"places in the queue": func(t *testing.T, db Database) {
		w := begin(t, db)
		for i := range 4 {
			w.approve(i)
			w.move(time.Second)
		}
		ahead := func(want map[call.ID]int) {
			t.Helper()
			got := map[call.ID]int{}
			for _, p := range w.publications() {
				got[p.Call.ID] = p.View.Ahead
				if err := w.Published(t.Context(), p, time.Time{}); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("places (-want +got):\n%s", diff)
			}
		}
		ahead(map[call.ID]int{"call0000": 0, "call0001": 1, "call0002": 2, "call0003": 3})
		claimed, err := w.ClaimDue(t.Context(), 1, lease, call.Approved)
		if err != nil || len(claimed) != 1 {
			t.Fatalf("claimed %v, %v", ids(claimed), err)
		}
		c := w.advance(claimed[0], placing(w))
		ahead(map[call.ID]int{"call0000": -1}) // it may come back: nobody has moved up
		w.advance(c, call.Event{Kind: call.Accept, ProviderID: "cl_0"})
		ahead(map[call.ID]int{"call0000": -1, "call0001": 0, "call0002": 1, "call0003": 2})
		w.update("call0002", call.Event{Kind: call.Cancel, Actor: ana})
		ahead(map[call.ID]int{"call0002": -1, "call0003": 1})
	},

	"a place that changes while it is published is published again": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.approve(1)
		w.move(time.Second)
		w.approve(2)
		list := w.publications()
		w.update("call0001", call.Event{Kind: call.Cancel, Actor: ana})
		for _, p := range list {
			if err := w.Published(t.Context(), p, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		var again []call.Publication
		for _, p := range w.publications() {
			if p.Call.ID == "call0002" {
				again = append(again, p)
			}
		}
		if len(again) != 1 || again[0].View.Ahead != 0 {
			t.Errorf("claimed %v, want the call that is first now", again)
		}
	},

	"the credits of the latest answer that told": func(t *testing.T, db Database) {
		w := begin(t, db)
		for i, credits := range []*int{new(3), new(0), nil} {
			c := w.place(w.approve(i))
			// The second answer is older than the first.
			answered := w.now().Add(-time.Duration(i) * time.Minute)
			if err := w.Record(t.Context(), c.ID, 1, call.Answer{At: answered, Fate: call.FateAccepted, ProviderID: "cl", Credits: credits}); err != nil {
				t.Fatal(err)
			}
			w.advance(c, call.Event{Kind: call.Accept, ProviderID: "cl"})
		}
		for _, p := range w.publications() {
			if p.View.Credits == nil || *p.View.Credits != 3 {
				t.Errorf("%s: credits %v, want 3", p.Call.ID, p.View.Credits)
			}
		}
	},

	"a restart waits for what the run before may still be sending": func(t *testing.T, db Database) {
		// A request of a process that was killed may take effect after its end: whoever
		// sends something newer before that has it overwritten.
		w := begin(t, db)
		w.request(1)
		if list := w.publications(); len(list) != 1 {
			t.Fatalf("claimed %d", len(list))
		}
		w.restart()
		if list := w.publications(); len(list) > 0 {
			t.Error("claimed at once after the restart")
		}
		w.move(lease)
		if list := w.publications(); len(list) != 1 {
			t.Errorf("claimed %d after the lease", len(list))
		}
	},

	"what somebody sent who gave nothing back is in doubt": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.request(1)
		p := w.publications()[0]
		card := call.Message{Slot: call.SlotCard, Channel: here, TS: "1.1", Digest: "abc"}
		for _, m := range []call.Message{card, {Slot: call.SlotRecording, File: "F1", Digest: "done"}} {
			if err := w.SaveMessage(t.Context(), p, m); err != nil {
				t.Fatal(err)
			}
		}
		w.move(lease)
		p = w.publications()[0]
		if got := p.Messages[call.SlotCard]; !got.DoubtUntil.Equal(w.now()) || got.Digest != "abc" {
			t.Errorf("the card is %+v, want it in doubt", got)
		}
		if got := p.Messages[call.SlotRecording]; !got.DoubtUntil.IsZero() {
			t.Errorf("a file, which is never edited, is in doubt: %+v", got)
		}
		if err := w.Published(t.Context(), p, w.now()); err != nil {
			t.Fatal(err)
		}
		p = w.publications()[0]
		if p.Messages[call.SlotCard].DoubtUntil.IsZero() {
			t.Error("there is no doubt any more, and nothing was sent")
		}
		if err := errors.Join(w.SaveMessage(t.Context(), p, card), w.Published(t.Context(), p, w.now())); err != nil {
			t.Fatal(err)
		}
		if got := w.publications()[0].Messages[call.SlotCard]; !got.DoubtUntil.IsZero() {
			t.Errorf("the card is %+v after it was sent anew", got)
		}
	},

	"what was sent under a lease that was lost is shown anew": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.request(1)
		p := w.publications()[0]
		card := call.Message{Slot: call.SlotCard + call.AtStand + "U1", Channel: here, TS: "1.1", Digest: "abc"}
		if err := errors.Join(w.SaveMessage(t.Context(), p, card), w.Published(t.Context(), p, time.Time{})); err != nil {
			t.Fatal(err)
		}
		copied := card
		copied.TS, copied.Digest = "1.2", "old"
		for signaled(w.PublishChanged()) {
		}
		for _, m := range []call.Message{card, copied, copied, {Slot: call.SlotStep}} {
			if err := w.Resend(t.Context(), c.ID, m); err != nil {
				t.Fatal(err)
			}
		}
		if !signaled(w.PublishChanged()) {
			t.Error("nobody is told")
		}
		card.DoubtUntil = w.now()
		copied.Slot, copied.Digest = call.SlotStray+"1.2"+call.AtStand+"U1", ""
		want := map[call.Slot]call.Message{card.Slot: card, copied.Slot: copied}
		if diff := cmp.Diff(want, w.publications()[0].Messages); diff != "" {
			t.Errorf("messages (-want +got):\n%s", diff)
		}
	},

	"a doubt that comes while something is sent stays": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.request(1)
		p := w.publications()[0]
		card := call.Message{Slot: call.SlotCard, Channel: here, TS: "1.1", Digest: "abc"}
		status := call.Message{Slot: call.SlotStatus, Channel: here, TS: "1.2", Digest: "def"}
		if err := errors.Join(w.SaveMessage(t.Context(), p, card), w.SaveMessage(t.Context(), p, status), w.Published(t.Context(), p, w.now())); err != nil {
			t.Fatal(err)
		}
		p = w.publications()[0]
		// What somebody sent who had lost the lease takes effect after what is sent now, and
		// they tell so before that is kept.
		err := errors.Join(w.Resend(t.Context(), c.ID, card), w.Resend(t.Context(), c.ID, status))
		card.Digest = "new"
		err = errors.Join(err, w.SaveMessage(t.Context(), p, card), w.SaveMessage(t.Context(), p, call.Message{Slot: call.SlotStatus}), w.Published(t.Context(), p, time.Time{}))
		if err != nil {
			t.Fatal(err)
		}
		p = w.publications()[0]
		card.DoubtUntil = w.now()
		stray := status.Stray()
		stray.DoubtUntil = w.now()
		want := map[call.Slot]call.Message{card.Slot: card, call.SlotStatus: {Slot: call.SlotStatus}, stray.Slot: stray}
		if diff := cmp.Diff(want, p.Messages); diff != "" {
			t.Errorf("messages (-want +got):\n%s", diff)
		}
		card.DoubtUntil = time.Time{}
		if err := errors.Join(w.SaveMessage(t.Context(), p, card), w.Published(t.Context(), p, w.now())); err != nil {
			t.Fatal(err)
		}
		if got := w.publications()[0].Messages[call.SlotCard]; !got.DoubtUntil.IsZero() {
			t.Errorf("the card is %+v after it was sent anew", got)
		}
	},
}
