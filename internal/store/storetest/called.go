package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// called makes the i-th call one that was called, asked for and approved by somebody in a
// conversation.
func (w *world) called(i int, by, approver call.UserID, conversation, business string) call.Call {
	w.Helper()
	now := w.move(time.Second)
	c, err := w.Create(w.Context(), "", call.Call{
		ID: call.ID(fmt.Sprintf("called%d", i)), Version: 1, Revision: 1, Status: call.Completed, Since: now,
		Request:     call.Request{Requester: by, Number: line(w, i), Objective: "Ask", Business: business},
		RequestedAt: now, Approver: approver, ApprovedAt: now, ProviderID: fmt.Sprintf("cl_%d", i),
	}, call.Origin{Conversation: conversation, Thread: "1.1", Reply: "https://hooks.slack.com/secret"})
	if err != nil {
		w.Fatal(err)
	}
	return c
}

var calledTests = map[string]func(*testing.T, Database){
	"people see what is theirs, and what was asked for where they are": func(t *testing.T, db Database) {
		w := begin(t, db)
		const ben, there = call.UserID("U0BEN"), "C0THERE"
		w.called(1, ana, ana, here, "hers, here")
		w.called(2, ana, ana, there, "hers, there")
		w.called(3, ben, ben, here, "his, here")
		w.called(4, ben, ben, there, "his, there")
		w.called(5, ben, ana, there, "his, approved by her")
		w.called(6, ben, ben, "", "his, nowhere")
		w.called(8, ben, ben, here, "his, private")
		w.called(9, ana, ben, here, "hers, private")
		if _, err := db.Look(t).ExecContext(t.Context(), `UPDATE calls SET private = TRUE WHERE id IN ('called8', 'called9')`); err != nil {
			t.Fatal(err)
		}
		w.asked(w.ruled(w.Store, call.Rules{}), ana, 7) // not called
		for _, tc := range []struct {
			by           call.UserID
			conversation string
			want         string
		}{
			{ana, here, "hers, private|his, approved by her|his, here|hers, there|hers, here"},
			{ana, there, "hers, private|his, approved by her|his, there|hers, there|hers, here"},
			{ana, "", "hers, private|his, approved by her|hers, there|hers, here"},
			{"U0EVE", "", ""},
			{"U0EVE", here, "his, here|hers, here"},
			{"", "", ""},
		} {
			list, err := w.Called(t.Context(), tc.by, tc.conversation)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range list {
				got = append(got, c.Business)
			}
			if strings.Join(got, "|") != tc.want {
				t.Errorf("%s in %q: %q, want %q", tc.by, tc.conversation, got, tc.want)
			}
		}
		list, err := w.Called(t.Context(), ana, "")
		if err != nil || list[1].Number != line(t, 5) || !list[1].At.Equal(w.get("called5").RequestedAt) {
			t.Errorf("%+v, %v", list[1], err)
		}
	},

	"a number that was erased is left out": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.called(1, ana, ana, here, "Kept")
		w.called(2, ana, ana, here, "Erased")
		w.called(3, ana, ana, here, "Masked")
		look := db.Look(t)
		for id, number := range map[string]string{"called2": "", "called3": "+1 •••••••• 32"} {
			if _, err := look.ExecContext(t.Context(), `UPDATE calls SET number = $1 WHERE id = $2`, number, id); err != nil {
				t.Fatal(err)
			}
		}
		list, err := w.Called(t.Context(), ana, here)
		if err != nil || len(list) != 1 || list[0].Business != "Kept" {
			t.Errorf("%+v, %v", list, err)
		}
	},

	"where a call was asked for": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.called(1, ana, ana, here, "")
		if o, err := w.Origin(t.Context(), c.ID); err != nil || o.Conversation != here || o.Thread != "1.1" || o.Reply != "" {
			t.Errorf("%+v, %v", o, err)
		}
		if _, err := w.Origin(t.Context(), "nonesuch"); err == nil {
			t.Error("of a call that is not there")
		}
	},
}
