package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

// said is what a call that has ended leaves behind.
var said = call.Result{Outcome: call.Achieved, Summary: "secret summary", Transcript: "secret transcript", RecordingURL: "https://secret.example/a.wav", Duration: time.Minute}

// ended makes a call that has ended with all that there can be.
func (w *world) ended(i int) call.Call {
	w.Helper()
	c := w.accepted(i)
	if err := w.Record(w.Context(), c.ID, 1, call.Answer{At: w.now(), Fate: call.FateAccepted, ProviderID: c.ProviderID, Detail: "secret detail"}); err != nil {
		w.Fatal(err)
	}
	return w.update(c.ID, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: said})
}

// eraseDue erases what is due, and checks how many were looked at and erased.
func (w *world) eraseDue(before time.Time, looked, erased int) {
	w.Helper()
	l, e, err := w.EraseDue(w.Context(), before, 100)
	if err != nil || l != looked || e != erased {
		w.Errorf("looked at %d and erased %d, want %d and %d (%v)", l, e, looked, erased, err)
	}
}

// contains reports whether any column of the tables that are about calls holds a text.
func (w *world) contains(text string) bool {
	w.Helper()
	for _, column := range []string{
		"calls.number", "calls.extension", "calls.objective", "calls.business", "calls.website", "calls.disclosure", "calls.detail",
		"calls.summary", "calls.transcript", "calls.recording_url", "calls.other_summary", "calls.other_transcript", "calls.other_recording_url",
		"attempts.detail", "publications.reply", "events.reason", "events.actor",
	} {
		table, name, _ := strings.Cut(column, ".")
		var n int
		err := w.db.Look(w).QueryRowContext(w.Context(), "SELECT COUNT(*) FROM "+table+" WHERE "+name+" LIKE '%' || $1 || '%'", text).Scan(&n)
		if err != nil {
			w.Fatal(err)
		}
		if n > 0 {
			return true
		}
	}
	return false
}

// kinds are the events of a call in their order, with their reasons.
func (w *world) kinds(id call.ID) string {
	w.Helper()
	rows, err := w.db.Look(w).QueryContext(w.Context(), `SELECT kind, reason FROM events WHERE call_id = $1 ORDER BY version`, string(id))
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	var all []string
	for rows.Next() {
		var kind, reason string
		if err := rows.Scan(&kind, &reason); err != nil {
			w.Fatal(err)
		}
		all = append(all, strings.TrimSuffix(kind+" "+reason, " "))
	}
	if err := rows.Err(); err != nil {
		w.Fatal(err)
	}
	return strings.Join(all, ", ")
}

var eraseTests = map[string]func(*testing.T, Database){
	"what is old is erased, and who, when and how it ended stay": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.ended(1)
		w.eraseDue(w.now().Add(-time.Second), 0, 0)
		w.move(time.Hour)
		w.eraseDue(time.Time{}, 0, 0)
		if !w.contains("secret") || !w.contains(c.Number.E164()) || !w.contains("return policy") {
			t.Fatal("the test holds nothing to be erased")
		}
		before := w.now()
		w.move(time.Hour)
		w.eraseDue(before, 1, 1)
		want, err := call.Apply(c, call.Event{Kind: call.Erase, At: w.now()})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, w.get(c.ID), numbers); diff != "" {
			t.Errorf("kept (-want +got):\n%s", diff)
		}
		for _, gone := range []string{"secret", c.Number.E164(), "return policy"} {
			if w.contains(gone) {
				t.Errorf("the database still holds %q", gone)
			}
		}
		if got := w.kinds(c.ID); got != "request, approve, place, accept, observe, erase" {
			t.Errorf("the log: %s", got)
		}
		w.eraseDue(w.now(), 0, 0)
		all, _ := w.export(w.read(), time.Time{})
		if len(all) != 1 || all[0].Accepted != 1 || all[0].Call.Erased.Number == "" {
			t.Errorf("exported %+v", all)
		}
	},

	"a call is kept for as long after the last that happened to it": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.accepted(1)
		w.move(5 * time.Hour)
		w.update(c.ID, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: said})
		old := w.request(2)
		w.update(old.ID, call.Event{Kind: call.Decline, Actor: ana})
		ended := w.now()
		w.move(5 * time.Hour)
		w.eraseDue(ended.Add(-time.Second), 1, 0) // it was asked for before that
		w.eraseDue(ended.Add(-time.Second), 0, 0) // and is not looked at again
		w.eraseDue(ended, 2, 2)
	},

	"what is old and not settled is looked at again": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.accepted(1)
		old := w.now()
		w.move(100 * time.Hour)
		w.eraseDue(old, 1, 0)
		w.eraseDue(old.Add(time.Hour-time.Second), 0, 0)
		w.eraseDue(old.Add(time.Hour), 1, 0)
		w.update(c.ID, call.Event{Kind: call.StopWatching})
		w.eraseDue(old.Add(2*time.Hour), 1, 1)
		if c = w.get(c.ID); c.Status != call.Queued || !c.Erased.Done() {
			t.Errorf("%s, erased %+v", c.Status, c.Erased)
		}
	},

	"no more than was asked for at once, the longest kept first": func(t *testing.T, db Database) {
		w := begin(t, db)
		for i := range 5 {
			w.update(w.request(i).ID, call.Event{Kind: call.Decline, Actor: ana})
			w.move(time.Second)
		}
		looked, erased, err := w.EraseDue(t.Context(), w.now(), 2)
		if err != nil || looked != 2 || erased != 2 {
			t.Fatal(looked, erased, err)
		}
		for i, want := range []bool{true, true, false, false, false} {
			if c := w.get(call.ID("call000" + string(rune('0'+i)))); c.Erased.Done() != want {
				t.Errorf("%s: erased %t", c.ID, c.Erased.Done())
			}
		}
	},

	"a call that cannot be read is in the way of no other": func(t *testing.T, db Database) {
		w := begin(t, db)
		for i := range 2 {
			w.update(w.request(i).ID, call.Event{Kind: call.Decline, Actor: ana})
			w.move(time.Second)
		}
		if _, err := w.db.Look(t).ExecContext(t.Context(), `UPDATE calls SET number = 'nonsense' WHERE id = 'call0000'`); err != nil {
			t.Fatal(err)
		}
		looked, erased, err := w.EraseDue(t.Context(), w.now(), 10)
		if err == nil || looked != 2 || erased != 1 || !w.get("call0001").Erased.Done() {
			t.Errorf("looked at %d and erased %d, with the error %v", looked, erased, err)
		}
	},

	"whom to forget is forgotten at once, and nobody else": func(t *testing.T, db Database) {
		w := begin(t, db)
		done := w.ended(1)
		busy := w.accepted(2)
		waiting, approved := w.request(3), w.approve(4)
		behind := w.approve(5)
		if _, err := w.db.Look(t).ExecContext(t.Context(), `UPDATE calls SET requester = 'U0BEN' WHERE id = $1`, string(behind.ID)); err != nil {
			t.Fatal(err)
		}
		got, err := w.Forget(t.Context(), call.Forget{User: ana})
		if want := (call.Forgotten{Erased: 3, Withdrawn: 2, UnderWay: 1}); err != nil || got != want {
			t.Fatalf("%+v, want %+v (%v)", got, want, err)
		}
		for id, log := range map[call.ID]string{
			done.ID:     "request, approve, place, accept, observe, erase forgotten",
			busy.ID:     "request, approve, place, accept",
			waiting.ID:  "request, decline forgotten, erase forgotten",
			approved.ID: "request, approve, cancel forgotten, erase forgotten",
			behind.ID:   "request, approve",
		} {
			if got := w.kinds(id); got != log {
				t.Errorf("%s: %s, want %s", id, got, log)
			}
		}
		if again, err := w.Forget(t.Context(), call.Forget{User: ana}); err != nil || again != (call.Forgotten{UnderWay: 1}) {
			t.Errorf("once more: %+v %v", again, err)
		}
		w.eraseDue(time.Time{}, 1, 0)
		w.update(busy.ID, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: said})
		w.move(time.Second)
		w.eraseDue(time.Time{}, 1, 1)
		if w.contains("secret") || w.contains(busy.Number.E164()) {
			t.Error("the call that was under way is not erased")
		}
		if c := w.get(behind.ID); c.Erased.Done() || c.Objective == "" {
			t.Error("somebody else's call was erased")
		}
	},

	"what is forgotten is counted, whoever erases it first": func(t *testing.T, db Database) {
		w := begin(t, db)
		for i := range 30 {
			w.request(i)
		}
		var got call.Forgotten
		done := make(chan struct{})
		together(2, func(i int) {
			var err error
			if i == 0 {
				got, err = w.Forget(t.Context(), call.Forget{User: ana})
				close(done)
			}
			for i == 1 && err == nil && !signaled(done) {
				_, _, err = w.EraseDue(t.Context(), time.Time{}, 3)
			}
			if err != nil {
				t.Error(err)
			}
		})
		if want := (call.Forgotten{Erased: 30, Withdrawn: 30}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	},

	"a number is forgotten, and stays banned": func(t *testing.T, db Database) {
		w := begin(t, db)
		c, other := w.ended(1), w.ended(2)
		if _, _, err := w.Ban(t.Context(), c.ID, ana, "They asked us to", func(call.Call) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if got, err := w.Forget(t.Context(), call.Forget{Number: c.Number}); err != nil || got != (call.Forgotten{Erased: 1}) {
			t.Fatalf("%+v %v", got, err)
		}
		if w.contains(c.Number.E164()) || !w.contains(other.Number.E164()) {
			t.Error("the wrong number is gone")
		}
		err := w.Consult(t.Context(), call.Call{}, banned(c.Number))
		if err != nil {
			t.Error(err)
		}
		if got, err := w.Forget(t.Context(), call.Forget{}); err != nil || got != (call.Forgotten{}) {
			t.Errorf("of nobody: %+v %v", got, err)
		}
	},

	"what comes late brings nothing back": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.ended(1)
		given := w.place(w.approve(2))
		given = w.advance(given, call.Event{Kind: call.LoseTrack, Attempt: 1, Reason: call.ReasonUnknownFate, Detail: "secret detail", Due: w.now()})
		w.move(call.AbandonAfter)
		w.update(given.ID, call.Event{Kind: call.Abandon})
		w.move(time.Hour)
		w.eraseDue(w.now(), 2, 2)
		if err := w.Record(t.Context(), given.ID, 1, call.Answer{At: w.now(), Fate: call.FateAccepted, ProviderID: "cl_late", Detail: "secret"}); err != nil {
			t.Fatal(err)
		}
		w.update(given.ID, call.Event{Kind: call.Accept, ProviderID: "cl_late", Due: w.now()})
		active, err := w.Active(t.Context())
		if err != nil || len(active) != 1 || active[0].ID != given.ID {
			t.Fatalf("active: %v %v", ids(active), err)
		}
		told := call.Event{Kind: call.Observe, At: w.now(), ReportedStatus: call.Completed, Result: said, Detail: "secret"}
		if err := w.Observe(t.Context(), slices.Values([]call.Step{{Call: &active[0], Event: told}})); err != nil {
			t.Fatal(err)
		}
		w.update(c.ID, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: said})
		if w.contains("secret") {
			t.Error("it came back")
		}
		late := w.get(given.ID)
		if late.Status != call.Completed || late.Outcome != call.Achieved || late.ProviderID != "cl_late" {
			t.Errorf("what is no content was not kept: %+v", late)
		}
		var kept int
		if err := w.db.Look(t).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM kept`).Scan(&kept); err != nil || kept != 0 {
			t.Errorf("%d calls are still to be erased (%v)", kept, err)
		}
	},

	"an erased call is shown after all that people wait for": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.ended(1)
		w.move(time.Second)
		w.eraseDue(w.now(), 1, 1)
		live := w.request(2)
		pubs, err := w.ClaimPublications(t.Context(), 10, lease)
		if err != nil || len(pubs) != 1 || pubs[0].Call.ID != live.ID {
			t.Fatalf("claimed %d (%v)", len(pubs), err)
		}
		if next, err := w.NextPublication(t.Context()); err != nil || !next.Equal(w.now().Add(lease)) {
			t.Errorf("the next is at %v (%v)", next, err)
		}
		second := w.update(w.request(3).ID, call.Event{Kind: call.Decline, Actor: ana})
		w.update(second.ID, call.Event{Kind: call.Erase})
		pubs, err = w.ClaimRedaction(t.Context(), lease)
		if err != nil || len(pubs) != 1 || pubs[0].Call.ID != c.ID || !pubs[0].Call.Erased.Done() {
			t.Fatalf("claimed %d (%v)", len(pubs), err)
		}
		if more, err := w.ClaimRedaction(t.Context(), lease); err != nil || len(more) > 0 {
			t.Errorf("claimed %d beside it (%v)", len(more), err)
		}
		for range 2 {
			if err := w.Published(t.Context(), pubs[0], time.Time{}); err != nil {
				t.Fatal(err)
			}
			pubs, err = w.ClaimRedaction(t.Context(), lease)
			if err != nil || len(pubs) > 1 || len(pubs) == 1 && pubs[0].Call.ID != second.ID {
				t.Fatalf("claimed %d (%v)", len(pubs), err)
			}
		}
		if len(pubs) > 0 {
			t.Error("it is claimed again")
		}
	},

	"a call may be erased while it is being shown": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.ended(1)
		pubs, err := w.ClaimPublications(t.Context(), 1, lease)
		if err != nil || len(pubs) != 1 {
			t.Fatal(len(pubs), err)
		}
		w.move(time.Second)
		w.eraseDue(w.now(), 1, 1)
		if err := w.SaveMessage(t.Context(), pubs[0], call.Message{Slot: call.SlotRecording, Channel: here, File: "F1", SentAt: w.now()}); err != nil {
			t.Fatal(err)
		}
		if err := w.Published(t.Context(), pubs[0], time.Time{}); err != nil {
			t.Fatal(err)
		}
		pubs, err = w.ClaimRedaction(t.Context(), lease)
		if err != nil || len(pubs) != 1 || pubs[0].Call.ID != c.ID || pubs[0].Messages[call.SlotRecording].File != "F1" {
			t.Errorf("%+v %v", pubs, err)
		}
	},
}

// banned fails unless the number is banned.
func banned(n phone.Number) call.Check {
	return func(ctx context.Context, b call.Books, _ call.Call) error {
		ban, err := b.Ban(ctx, n)
		if err == nil && !ban.On() {
			err = errors.New("it is not banned any more")
		}
		return err
	}
}
