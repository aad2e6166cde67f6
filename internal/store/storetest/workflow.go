package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
)

// step asks for a call as a workflow does; decider may be "".
func (w *world) step(s *call.Service, key call.Key, i int, decider call.UserID) call.Call {
	w.Helper()
	q := call.Request{Number: line(w, i), Objective: objective(i)}
	c, err := s.RequestStep(w.Context(), key, q, call.Person{ID: decider}, call.Origin{Conversation: here, Step: "Fx1"})
	if err != nil {
		w.Fatal(err)
	}
	return c
}

var workflowTests = map[string]func(*testing.T, Database){
	"a step is asked for once, and its publication names it until it was told the end": func(t *testing.T, db Database) {
		w := begin(t, db)
		s := w.ruled(w.Store, call.Rules{})
		c := w.step(s, "step:Fx1", 1, ben)
		if again := w.step(s, "step:Fx1", 2, eve); again.ID != c.ID || again.Decider != ben || again.Requester != "" {
			t.Fatalf("told again it is %+v", again)
		}
		list := w.publications()
		if len(list) != 1 || list[0].Origin.Step != "Fx1" || list[0].Call.Decider != ben {
			t.Fatalf("%+v", list)
		}
		for _, m := range []call.Message{
			{Slot: call.SlotCard, Channel: here, TS: "1.1", Digest: "d", SentAt: w.now()},
			{Slot: call.SlotStep, Digest: "told", SentAt: w.now()},
		} {
			if err := w.SaveMessage(t.Context(), list[0], m); err != nil {
				t.Fatal(err)
			}
		}
		// All that stands in Slack is in doubt; that a step was told is not.
		if err := w.Resend(t.Context(), c.ID, call.Message{Slot: call.SlotStep, Digest: "told"}); err != nil {
			t.Fatal(err)
		}
		if err := w.Published(t.Context(), list[0], w.now()); err != nil {
			t.Fatal(err)
		}
		again := w.publications()
		if len(again) != 1 || again[0].Origin.Step != "Fx1" || again[0].Messages[call.SlotStep] != (call.Message{Slot: call.SlotStep, Digest: "told", SentAt: w.now()}) {
			t.Errorf("%+v", again)
		}
	},

	"nobody is not everybody when a day is counted": func(t *testing.T, db Database) {
		w := begin(t, db)
		anyone := call.Policy{Approval: call.ByAnyone}
		s := w.ruled(w.Store, call.Rules{Limits: call.Limits{User: 1, All: 4}, Who: anyone})
		for i := range 2 {
			if err := w.approvesAs(s, w.asked(s, call.UserID("U0ASKS"+string(rune('A'+i))), i), eve); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 2 {
			if err := w.approvesAs(s, w.step(s, "", 10+i, ""), eve); err != nil {
				t.Fatalf("the step %d: %v", i, err)
			}
		}
		_, err := w.ask(s, ana, 20, objective(20))
		says(t, err, call.RefusedCode, "All people together")
	},

	"an overview has what somebody is named to decide on, and not what another is": func(t *testing.T, db Database) {
		w := begin(t, db)
		s := w.ruled(w.Store, call.Rules{Who: call.Policy{Approval: call.ByAnyone}})
		bens, anyones := w.step(s, "", 1, ben).ID, w.step(s, "", 2, "").ID
		for _, tc := range []struct {
			user call.UserID
			all  bool
			want []call.ID
		}{
			{ben, false, []call.ID{bens}},
			{ana, false, nil},
			{ana, true, []call.ID{anyones}},
		} {
			o, err := w.Overview(t.Context(), tc.user, tc.all, 9)
			if err != nil {
				t.Fatal(err)
			}
			var got []call.ID
			for _, p := range o.Undecided {
				got = append(got, p.Call.ID)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s, %v: %s", tc.user, tc.all, diff)
			}
		}
		w.openHome(ben, true)
		w.shown(w.homes()[0], "v1", time.Time{})
		w.settle()
		if due := w.homes(); len(due) != 1 {
			t.Errorf("the home of who is named is not due: %v", due)
		}
	},
}
