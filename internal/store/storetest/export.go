package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/store"
)

// read opens the database beside the store that has it open.
func (w *world) read() *store.Reader {
	w.Helper()
	r, err := w.db.Read()
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		if err := r.Close(); err != nil {
			w.Error(err)
		}
	})
	return r
}

// export is all that is exported, in short: ids of calls, and kinds of orders.
func (w *world) export(r *store.Reader, since time.Time) (all []call.Audited, short []string) {
	w.Helper()
	err := r.Export(w.Context(), since, func(a call.Audited) error {
		all = append(all, a)
		if a.Order != nil {
			short = append(short, a.Order.Kind)
		} else {
			short = append(short, string(a.Call.ID))
		}
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return all, short
}

var exportTests = map[string]func(*testing.T, Database){
	"calls and orders in the order of their times": func(t *testing.T, db Database) {
		w := begin(t, db)
		r := w.read()
		if _, short := w.export(r, time.Time{}); len(short) > 0 {
			t.Errorf("of an empty database: %v", short)
		}
		w.request(9)
		w.move(time.Second)
		since := w.now()
		c := w.request(3)
		w.request(2) // at the same time
		w.move(time.Second)
		if _, _, err := w.Ban(t.Context(), c.ID, ana, "They asked us to", func(call.Call) error { return nil }); err != nil {
			t.Fatal(err)
		}
		w.move(time.Second)
		w.request(1)
		w.move(time.Second)
		for _, f := range []func() (bool, error){
			func() (bool, error) { return w.Allow(t.Context(), c.Number, ana) },
			func() (bool, error) { return w.Pause(t.Context(), ana) },
			func() (bool, error) { return w.Resume(t.Context(), ana) },
		} {
			if changed, err := f(); err != nil || !changed {
				t.Fatal(changed, err)
			}
		}
		all, short := w.export(r, since)
		if diff := cmp.Diff([]string{"call0002", "call0003", "ban", "call0001", "allow", "pause", "resume"}, short); diff != "" {
			t.Fatalf("exported (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(w.get(c.ID), all[1].Call, numbers); diff != "" {
			t.Errorf("the call (-want +got):\n%s", diff)
		}
		ban := *all[2].Order
		if len(ban.NumberHash) != 64 || ban.NumberHash != all[4].Order.NumberHash {
			t.Errorf("the hash is %q, and then %q", ban.NumberHash, all[4].Order.NumberHash)
		}
		ban.NumberHash = ""
		if diff := cmp.Diff(call.Order{N: 1, At: since.Add(time.Second), Kind: "ban", Actor: ana, Reason: "They asked us to"}, ban); diff != "" {
			t.Errorf("the ban (-want +got):\n%s", diff)
		}
		if _, short := w.export(r, since.Add(time.Second)); !slices.Equal(short, []string{"ban", "call0001", "allow", "pause", "resume"}) {
			t.Errorf("since the ban: %v", short)
		}
	},

	"more than is read at once": func(t *testing.T, db Database) {
		w := begin(t, db)
		var want []string
		for i := range 250 {
			if i%7 == 0 {
				w.move(time.Millisecond)
			}
			want = append(want, string(w.request(i).ID))
		}
		if _, got := w.export(w.read(), w.now().Add(-time.Hour)); !slices.Equal(got, want) {
			t.Errorf("exported %v", got)
		}
	},

	"attempts that the provider took": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.accepted(1)
		for n, want := range []int{0, 1} {
			if n > 0 {
				if err := w.Record(t.Context(), c.ID, 1, call.Answer{At: w.now(), Fate: call.FateAccepted, ProviderID: "cl_1"}); err != nil {
					t.Fatal(err)
				}
			}
			if all, _ := w.export(w.read(), w.now()); len(all) != 1 || all[0].Accepted != want {
				t.Errorf("%d calls, %+v, want %d attempts accepted", len(all), all, want)
			}
		}
	},

	"whoever does not want more gets no more": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.request(1)
		w.request(2)
		enough, n := errors.New("enough"), 0
		err := w.read().Export(t.Context(), w.now(), func(call.Audited) error { n++; return enough })
		if !errors.Is(err, enough) || n != 1 {
			t.Errorf("%v after %d", err, n)
		}
	},

	"what reads does not keep others from writing, and sees it": func(t *testing.T, db Database) {
		w := begin(t, db)
		for i := range 200 {
			w.request(i)
		}
		n := 0
		err := w.read().Export(t.Context(), w.now(), func(call.Audited) error {
			if n == 0 {
				w.move(time.Second)
				w.request(200)
			}
			n++
			return nil
		})
		if err != nil || n != 201 {
			t.Errorf("%v, exported %d", err, n)
		}
	},

	"a database of another version is refused": func(t *testing.T, db Database) {
		if _, err := db.Read(); err == nil {
			t.Error("opened one that has no tables")
		}
		begin(t, db)
		look := db.Look(t)
		for _, step := range []struct{ statement, want string }{
			{`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`, "has version 9999 and this callbot reads version"},
			{`DELETE FROM goose_db_version WHERE version_id > 1`, "start callbot run of this version once"},
			{`DROP TABLE goose_db_version`, "holds no tables of callbot"},
		} {
			if _, err := look.ExecContext(t.Context(), step.statement); err != nil {
				t.Fatal(err)
			}
			if _, err := db.Read(); err == nil || !strings.Contains(err.Error(), step.want) {
				t.Errorf("after %s: %v, want %q", step.statement, err, step.want)
			}
		}
	},

	"events hold no content": func(t *testing.T, db Database) {
		w := begin(t, db)
		const said = "what was said"
		content := call.Result{Outcome: said, Summary: said, Transcript: said, RecordingURL: said}
		c, err := w.Create(t.Context(), "", call.Call{
			ID: "call", Version: 1, Revision: 1, Status: call.Requested,
			Request: call.Request{
				Requester: ana, Number: line(t, 1), Extension: said, Objective: said, Business: said, Website: said, Disclosure: said,
			},
			RequestedAt: w.now(), ExpiresAt: w.now().Add(time.Hour), DueAt: w.now().Add(time.Hour),
		}, call.Origin{Conversation: here, Reply: said})
		if err != nil {
			t.Fatal(err)
		}
		w.update(c.ID, call.Event{Kind: call.Approve, Actor: ana, Revision: 1, Due: w.now(), Detail: said})
		c = w.advance(w.claim(c.ID), call.Event{Kind: call.Hold, Due: w.now(), Reason: call.ReasonUnreachable, Detail: said})
		w.place(c)
		w.update(c.ID, call.Event{Kind: call.Accept, ProviderID: "cl_1", Due: w.now()})
		w.update(c.ID, call.Event{Kind: call.Accept, ProviderID: "cl_2", Due: w.now()})
		c = w.update(c.ID, call.Event{Kind: call.Miss, Reason: call.ReasonGone, Detail: said})
		if err := w.Observe(t.Context(), slices.Values([]call.Step{{Call: &c, Event: call.Event{
			Kind: call.Observe, At: w.now(), ReportedStatus: call.Completed, Result: content, Detail: said, Due: w.now(),
		}}})); err != nil {
			t.Fatal(err)
		}
		w.update(c.ID, call.Event{Kind: call.ObserveOther, ReportedStatus: call.Completed, Result: content, Detail: said})
		events := w.table("events")
		if n := strings.Count(events, "\n"); n != 9 {
			t.Errorf("%d events:\n%s", n, events)
		}
		for _, secret := range []string{said, c.Number.E164()} {
			if strings.Contains(events, secret) {
				t.Errorf("an event holds %q:\n%s", secret, events)
			}
			if calls := w.table("calls"); !strings.Contains(calls, secret) {
				t.Errorf("the test would not see %q:\n%s", secret, calls)
			}
		}
	},
}

// table is all that a table holds, a row a line.
func (w *world) table(name string) string {
	w.Helper()
	rows, err := w.db.Look(w).QueryContext(w.Context(), "SELECT * FROM "+name)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		w.Fatal(err)
	}
	var text strings.Builder
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			w.Fatal(err)
		}
		fmt.Fprintln(&text, values...)
	}
	if err := rows.Err(); err != nil {
		w.Fatal(err)
	}
	return text.String()
}
