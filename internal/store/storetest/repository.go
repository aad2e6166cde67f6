package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
)

// approval approves a call at a time.
func approval(at time.Time) func(call.Call) (call.Event, error) {
	return func(call.Call) (call.Event, error) {
		return call.Event{Kind: call.Approve, At: at, Actor: ana, Revision: 1, Due: at}, nil
	}
}

// never fails the test if it is asked for a decision.
func never(t *testing.T) func(call.Call) (call.Event, error) {
	return func(call.Call) (call.Event, error) {
		t.Error("somebody was asked to decide")
		return call.Event{}, errors.New("nobody decides")
	}
}

var repositoryTests = map[string]func(*testing.T, Database){
	"a redelivered request makes no second call": func(t *testing.T, db Database) {
		w := begin(t, db)
		first := w.request(1)
		second := first
		second.ID = "another"
		got, err := w.Create(t.Context(), "trigger:request1", second, call.Origin{Conversation: here})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, got, numbers); diff != "" {
			t.Errorf("the redelivery returned something else (-first +second):\n%s", diff)
		}
		if _, err := w.Get(t.Context(), "another"); call.CodeOf(err) != call.Invalid {
			t.Errorf("Get of the second call: %v, want code invalid", err)
		}
	},

	"the same request typed twice is two calls": func(t *testing.T, db Database) {
		w := begin(t, db)
		a, b := w.request(1), w.request(2)
		if w.get(a.ID).ID == w.get(b.ID).ID {
			t.Error("one call")
		}
	},

	"a redelivered click decides nothing": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.request(1)
		first, err := w.Update(t.Context(), "trigger:click", c.ID, approval(w.now()))
		if err != nil {
			t.Fatal(err)
		}
		// Also after a restart, and however the call has changed.
		w.restart()
		canceled := w.update(c.ID, call.Event{Kind: call.Cancel, Actor: ana})
		got, err := w.Update(t.Context(), "trigger:click", c.ID, never(t))
		if err != nil {
			t.Fatal(err)
		}
		if first.Status != call.Approved {
			t.Errorf("the first click left the call %s", first.Status)
		}
		if diff := cmp.Diff(canceled, got, numbers); diff != "" {
			t.Errorf("the redelivery did not return the call as it stands (-want +got):\n%s", diff)
		}
	},

	"a refused decision changes nothing and is not remembered": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.request(1)
		refusal := call.Errorf(call.NotAllowed, "Not you.")
		for name, test := range map[string]struct {
			decide func(call.Call) (call.Event, error)
			want   call.Code
		}{
			"by decide": {func(call.Call) (call.Event, error) { return call.Event{}, refusal }, call.NotAllowed},
			"by the machine": {func(call.Call) (call.Event, error) {
				return call.Event{Kind: call.Approve, At: w.now(), Actor: ana, Revision: 7}, nil
			}, call.Conflict},
		} {
			got, err := w.Update(t.Context(), "trigger:click", c.ID, test.decide)
			if call.CodeOf(err) != test.want {
				t.Errorf("%s: %v, want code %s", name, err, test.want)
			}
			if diff := cmp.Diff(c, got, numbers); diff != "" {
				t.Errorf("%s: returned beside the error (-want +got):\n%s", name, diff)
			}
		}
		if diff := cmp.Diff(c, w.get(c.ID), numbers); diff != "" {
			t.Errorf("it was changed (-want +got):\n%s", diff)
		}
		got, err := w.Update(t.Context(), "trigger:click", c.ID, approval(w.now()))
		if err != nil || got.Status != call.Approved {
			t.Errorf("the same click later: %s, %v", got.Status, err)
		}
	},

	"a click that was refused does not count later": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.request(1)
		key := call.Key(call.OfClick + ":one")
		no := func(code call.Code) call.Check {
			return func(context.Context, call.Books, call.Call) error { return call.Errorf(code, "not now") }
		}
		// Whoever was told to try again in a moment may be delivered again.
		if _, err := w.Update(t.Context(), key, c.ID, approval(w.now()), no(call.Unavailable)); call.CodeOf(err) != call.Unavailable {
			t.Fatal(err)
		}
		got, err := w.Update(t.Context(), key, c.ID, approval(w.now()), no(call.RefusedCode))
		if call.CodeOf(err) != call.RefusedCode || got.Status != call.Requested {
			t.Fatalf("%s, %v", got.Status, err)
		}
		if got, err := w.Update(t.Context(), key, c.ID, approval(w.now())); err != nil || got.Status != call.Requested {
			t.Errorf("redelivered: %s, %v", got.Status, err)
		}
		if got, err := w.Update(t.Context(), call.OfClick+":two", c.ID, approval(w.now())); err != nil || got.Status != call.Approved {
			t.Errorf("pressed again: %s, %v", got.Status, err)
		}
	},

	"an unknown call has a sentence": func(t *testing.T, db Database) {
		w := begin(t, db)
		_, err := w.Update(t.Context(), "trigger:click", "nowhere", never(t))
		if e, ok := errors.AsType[*call.Error](err); !ok || e.Code != call.Invalid || e.Sentence != "I can't find that call. It may be from another installation." {
			t.Errorf("got %v", err)
		}
		// The key is free for a call that exists.
		c := w.request(1)
		if _, err := w.Update(t.Context(), "trigger:click", c.ID, approval(w.now())); err != nil {
			t.Error(err)
		}
		if got := w.get(c.ID); got.Status != call.Approved {
			t.Errorf("the call is %s", got.Status)
		}
	},

	"every event is in the audit log, without content": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.accepted(1)
		w.move(time.Minute)
		w.update(c.ID, call.Event{
			Kind: call.Observe, ReportedStatus: call.Completed, Detail: "secret detail",
			Result: call.Result{Outcome: call.Achieved, Summary: "secret summary", Transcript: "secret transcript"},
		})
		rows, err := db.Look(t).QueryContext(t.Context(), `SELECT * FROM events ORDER BY version`)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		names, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for rows.Next() {
			values := make([]any, len(names))
			into := make([]any, len(names))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for i, v := range values {
				if s, ok := v.(string); ok && names[i] != "call_id" {
					b.WriteString(s + ";")
					if strings.Contains(s, "secret") || strings.Contains(s, c.Objective) {
						t.Errorf("%s holds content: %q", names[i], s)
					}
				}
			}
			got = append(got, b.String())
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		want := []string{ // kind, actor, from, to, reason
			"request;U0ANA;;requested;;",
			"approve;U0ANA;requested;approved;;",
			"place;;approved;placing;;",
			"accept;;placing;queued;;",
			"observe;;queued;completed;;",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("audit log (-want +got):\n%s", diff)
		}
	},

	"commits wake the loops": func(t *testing.T, db Database) {
		w := begin(t, db)
		if signaled(w.DueChanged()) || signaled(w.PublishChanged()) {
			t.Error("woken by nothing")
		}
		c := w.request(1)
		w.update(c.ID, call.Event{Kind: call.Approve, Actor: ana, Revision: 1, Due: w.now()})
		if !signaled(w.DueChanged()) || !signaled(w.PublishChanged()) {
			t.Error("not woken")
		}
		if signaled(w.DueChanged()) || signaled(w.PublishChanged()) {
			t.Error("signals add up")
		}
		if _, err := w.Update(t.Context(), "", c.ID, approval(w.now())); err == nil {
			t.Fatal("approved twice")
		}
		if signaled(w.DueChanged()) || signaled(w.PublishChanged()) {
			t.Error("woken although nothing was committed")
		}
	},

	"a deadline before the commit leaves nothing behind": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.request(1)
		ctx, cancel := context.WithCancel(t.Context())
		_, err := w.Update(ctx, "trigger:click", c.ID, func(call.Call) (call.Event, error) {
			cancel()
			return call.Event{Kind: call.Approve, At: w.now(), Actor: ana, Revision: 1}, nil
		})
		nothingSaved(t, err)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%v does not tell that the context was done", err)
		}
		if diff := cmp.Diff(c, w.get(c.ID), numbers); diff != "" {
			t.Errorf("it was changed (-want +got):\n%s", diff)
		}
		if got, err := w.Update(t.Context(), "trigger:click", c.ID, approval(w.now())); err != nil || got.Status != call.Approved {
			t.Errorf("the same click later: %s, %v", got.Status, err)
		}
	},

	"nobody waits for the database longer than the context": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.request(1)
		_, err := w.Update(t.Context(), "", c.ID, func(call.Call) (call.Event, error) {
			// In here the row is locked.
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			_, err := w.Update(ctx, "trigger:click", c.ID, never(t))
			nothingSaved(t, err)
			return call.Event{Kind: call.Approve, At: w.now(), Actor: ana, Revision: 1}, nil
		})
		if err != nil {
			t.Error(err)
		}
		_, err = w.Create(canceled(t), "trigger:late", call.Call{ID: "late"}, call.Origin{})
		nothingSaved(t, err)
	},
}

// nothingSaved checks that err tells a person that nothing was saved.
func nothingSaved(t *testing.T, err error) {
	t.Helper()
	e, ok := errors.AsType[*call.Error](err)
	if !ok || e.Code != call.Unavailable || e.Sentence != "Nothing was saved, please try again." {
		t.Errorf("got %v", err)
	}
	if errors.Is(err, call.ErrUnclear) {
		t.Errorf("%v is not unclear at all", err)
	}
}
