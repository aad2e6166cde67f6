package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// carded makes the i-th call, asked for in a conversation, with its card in a channel.
func (w *world) carded(i int, status call.Status, by, approver call.UserID, conversation, channel, business string) {
	w.Helper()
	now := w.now()
	c := call.Call{
		ID: call.ID(fmt.Sprintf("call%03d", i)), Version: 1, Revision: 1, Status: status, Since: now,
		Request:     call.Request{Requester: by, Number: line(w, i), Objective: "Ask", Business: business},
		RequestedAt: now, Approver: approver, DueAt: now.Add(time.Hour),
	}
	if c.Status.Active() {
		c.ProviderID = fmt.Sprintf("cl_%d", i)
	}
	if _, err := w.Create(w.Context(), "", c, call.Origin{Conversation: conversation}); err != nil {
		w.Fatal(err)
	}
	for _, p := range w.publications() {
		if channel != "" {
			if err := w.SaveMessage(w.Context(), p, call.Message{Slot: call.SlotCard, Channel: channel, TS: fmt.Sprintf("17.%06d", i), Digest: "d", SentAt: now}); err != nil {
				w.Fatal(err)
			}
		}
		if err := w.Published(w.Context(), p, time.Time{}); err != nil {
			w.Fatal(err)
		}
	}
}

// finds is what a search finds, page by page, as numbers of calls.
func (w *world) finds(q call.Search) string {
	w.Helper()
	var all []string
	for {
		page, err := w.Search(w.Context(), q)
		if err != nil {
			w.Fatal(err)
		}
		for _, r := range page.Calls {
			all = append(all, strings.TrimLeft(strings.TrimPrefix(string(r.Call.ID), "call"), "0"))
		}
		if page.Next == (call.Mark{}) {
			return strings.Join(all, " ")
		}
		if len(page.Calls) != q.Most {
			w.Errorf("%d calls on a page of %d that is not the last", len(page.Calls), q.Most)
		}
		all = append(all, "|")
		q.After = page.Next
	}
}

var searchTests = map[string]func(*testing.T, Database){
	"people find what they may see": func(t *testing.T, db Database) {
		w := begin(t, db)
		const there = "C0THERE"
		w.carded(1, call.Completed, ana, ana, here, here, "")
		w.carded(2, call.Requested, ben, "", here, here, "")
		w.carded(3, call.Completed, ben, ana, there, there, "")
		w.carded(4, call.InProgress, ben, ben, there, there, "")
		w.carded(5, call.Requested, ana, "", here, "D0ANA", "") // its card could not be posted
		w.carded(6, call.Scheduled, ben, ben, "D0BEN", "D0BEN", "")
		w.carded(7, call.Requested, ana, "", here, "", "") // nor was that of this one yet
		for _, tc := range []struct {
			viewer       call.UserID
			conversation string
			open         bool
			want         string
		}{
			{ana, here, false, "7 5 2 1"},
			{ben, here, false, "2 1"},
			{ben, there, false, "4 3"},
			{ana, there, false, "4 3"},
			{ana, "", false, "7 5 3 1"},
			{ben, "", false, "6 4 3 2"},
			{eve, "", false, ""},
			{"", "", false, ""},
			{"", here, false, "2 1"},
			{ana, here, true, "7 5 2"},
			{ben, here, true, "2"},
			{ana, there, true, "4"},
			{ben, "", true, "6 4 2"},
			{eve, "", true, ""},
		} {
			if got := w.finds(call.Search{Viewer: tc.viewer, Conversation: tc.conversation, Open: tc.open, Most: 10}); tc.viewer != "" && got != tc.want {
				t.Errorf("%s in %q, open %v: %q, want %q", tc.viewer, tc.conversation, tc.open, got, tc.want)
			}
		}
		page, err := w.Search(t.Context(), call.Search{Viewer: ben, Conversation: there, Most: 1})
		if err != nil || page.Calls[0].Channel != there || page.Calls[0].TS != "17.000004" || page.Calls[0].Conversation != there {
			t.Errorf("%+v, %v", page, err)
		}
	},

	"every call is on one page, also those of the same moment": func(t *testing.T, db Database) {
		w := begin(t, db)
		for i := 1; i <= 9; i++ {
			w.carded(i, call.Requested, ana, "", here, here, "")
			if i%3 == 0 {
				w.move(time.Second)
			}
		}
		const want = "9 8 | 7 6 | 5 4 | 3 2 | 1"
		for _, q := range []call.Search{
			{Viewer: ana, Conversation: here, Most: 2},
			{Viewer: ana, Most: 2},
			{Viewer: ana, Conversation: here, Open: true, Most: 2},
			{Viewer: ana, Open: true, Most: 2},
		} {
			if got := w.finds(q); got != want {
				t.Errorf("%+v: %s, want %s", q, got, want)
			}
		}
	},

	"by number and by business": func(t *testing.T, db Database) {
		w := begin(t, db)
		for i, business := range []string{"Zuni Café", "50% off_ice", "ZUNI annex", "", `back\slash`, "École"} {
			w.carded(i+1, call.Completed, ana, ana, here, here, business)
			w.move(time.Second)
		}
		for text, want := range map[string]string{
			"zuni": "3 1", "CAFÉ": "1", "école": "6", "ÉCOLE": "6", "%": "2", "_": "2", `\`: "5", "50%": "2", "a_b": "", "'": "",
			"(201) 555-0104": "4", "+1 201 555 0104": "4", "0104": "4", "1 2015550": "6 5 4 3 2 1", "999": "",
		} {
			if got := w.finds(call.Search{Viewer: ana, Conversation: here, Text: text, Most: 10}); got != want {
				t.Errorf("%q: %q, want %q", text, got, want)
			}
		}
		if got := w.finds(call.Search{Viewer: ana, Text: "zuni", Most: 1}); got != "3 | 1" {
			t.Errorf("page by page: %q", got)
		}
	},

	// Else whoever guesses the number of a private call could have the guess confirmed.
	"the number of a private call is found by those alone whom it concerns": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.carded(1, call.Completed, ana, ben, here, here, "Dr. Grey")
		w.carded(2, call.Requested, ana, "", here, here, "Dr. Grey")
		if _, err := db.Look(t).ExecContext(t.Context(), `UPDATE calls SET private = TRUE`); err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct {
			viewer       call.UserID
			text         string
			all, ongoing string
		}{
			{ana, "555-010", "2 1", "2"},
			{ben, "555-010", "1", ""},
			{eve, "555-010", "", ""},
			{eve, "grey", "2 1", "2"},
		} {
			q := call.Search{Viewer: tc.viewer, Conversation: here, Text: tc.text, Most: 10}
			if got := w.finds(q); got != tc.all {
				t.Errorf("%s looks for %q: %q, want %q", tc.viewer, tc.text, got, tc.all)
			}
			q.Open = true
			if got := w.finds(q); got != tc.ongoing {
				t.Errorf("%s looks for %q among what is open: %q, want %q", tc.viewer, tc.text, got, tc.ongoing)
			}
		}
	},

	"what is looked for goes on behind very many calls": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.carded(1, call.Completed, ana, ana, here, here, "Zuni Café")
		copied(w, db, 20_100)
		q := call.Search{Viewer: ana, Conversation: here, Text: "zuni", Most: 5}
		first, err := w.Search(t.Context(), q)
		if err != nil || len(first.Calls) != 0 || first.Next == (call.Mark{}) {
			t.Fatalf("%d calls, then %v, %v", len(first.Calls), first.Next, err)
		}
		q.After = first.Next
		if got := w.finds(q); got != "1" {
			t.Errorf("found %q behind", got)
		}
	},

	"who approved a call finds it, unless that no longer counts": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.asks("call001", ana, 1)
		w.decides(c.ID, call.Event{Kind: call.Approve, Actor: ben, Due: w.now()})
		if got := w.finds(call.Search{Viewer: ben, Most: 10}); got != "1" {
			t.Errorf("after the approval: %q", got)
		}
		w.decides(c.ID, call.Event{Kind: call.SendBack, Reason: call.ReasonRule, Expires: w.now().Add(time.Hour)})
		if got, back := w.finds(call.Search{Viewer: ben, Most: 10}), w.get(c.ID).Approver; (back == ben) != (got == "1") {
			t.Errorf("sent back, approved by %q: %q", back, got)
		}
		if got := w.finds(call.Search{Viewer: ana, Most: 10}); got != "1" {
			t.Errorf("who asked: %q", got)
		}
	},
}

// BenchmarkSearch measures what people ask for with 100,000 calls in one conversation.
func BenchmarkSearch(b *testing.B, fresh func(t testing.TB) Database) {
	const many = 100_000
	db := fresh(b)
	w := begin(b, db)
	w.carded(1, call.Completed, ana, ana, here, here, "Zuni Café")
	w.move(time.Second)
	w.carded(2, call.Requested, ana, "", here, here, "")
	copied(w, db, many)
	for name, q := range map[string]call.Search{
		"here":     {Viewer: ana, Conversation: here, Most: 10},
		"mine":     {Viewer: ana, Most: 10},
		"deep":     {Viewer: ana, Conversation: here, Most: 10, After: call.Mark{At: w.now().Add(many / 2 * time.Second), ID: "x"}},
		"open":     {Viewer: ana, Conversation: here, Open: true, Most: 10},
		"business": {Viewer: ana, Conversation: here, Text: "business 99999", Most: 10},
		"nothing":  {Viewer: ana, Conversation: here, Text: "no such name", Most: 10},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := w.Search(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// copied copies the first call with its card and its places, a second apart.
func copied(w *world, db Database, n int) {
	w.Helper()
	look := db.Look(w)
	exec := func(query string, args ...any) {
		w.Helper()
		if _, err := look.ExecContext(context.WithoutCancel(w.Context()), query, args...); err != nil {
			w.Fatal(err)
		}
	}
	numbers := `WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < ` + fmt.Sprint(n) + `) `
	for _, table := range []string{"calls", "publications", "messages", "listings"} {
		var names, values []string
		for _, column := range columnsOf(w, look, table) {
			names = append(names, column)
			value := "t." + column
			switch column {
			case "id", "call_id":
				value = "'many' || n.i"
			case "requested_at", "asked_at":
				value += " + 2000 + n.i * CAST(1000 AS BIGINT)"
			case "business":
				value = "'Business ' || n.i"
			}
			values = append(values, value)
		}
		key := "call_id"
		if table == "calls" {
			key = "id"
		}
		exec(`INSERT INTO ` + table + ` (` + strings.Join(names, ", ") + `) ` + numbers + `SELECT ` + strings.Join(values, ", ") + ` FROM ` + table + ` t, n WHERE t.` + key + ` = 'call001'`)
	}
	exec(`ANALYZE`)
}

func columnsOf(w *world, look *sql.DB, table string) []string {
	w.Helper()
	rows, err := look.QueryContext(context.WithoutCancel(w.Context()), "SELECT * FROM "+table) //nolint:gosec // the names are those of the tests
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil || rows.Err() != nil {
		w.Fatal(err, rows.Err())
	}
	return columns
}
