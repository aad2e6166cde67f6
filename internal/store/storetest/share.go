package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
)

var shareTests = map[string]func(*testing.T, Database){
	"a summary is shared once in a place, and shown there": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.accepted(1)
		share := func(where string, by call.UserID) bool {
			_, changed, err := w.Share(t.Context(), c.ID, call.Share{Conversation: where, By: by}, func(call.Call) error { return nil })
			if err != nil {
				t.Fatal(err)
			}
			return changed
		}
		w.update(c.ID, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: call.Result{Outcome: call.Achieved, Summary: "It is booked."}})
		w.settle()
		if !share("C0TEAM", ana) || share("C0TEAM", ben) {
			t.Error("it is new once")
		}
		w.move(time.Second)
		if !share("C0OTHER", ben) {
			t.Error("it is new elsewhere")
		}
		list := w.publications()
		want := []call.Share{{Conversation: "C0TEAM", By: ana}, {Conversation: "C0OTHER", By: ben}}
		if len(list) != 1 {
			t.Fatalf("published: %v", published(list))
		}
		if diff := cmp.Diff(want, list[0].Shares); diff != "" {
			t.Errorf("shares (-want +got):\n%s", diff)
		}
		// What could not stand there is tried again, what stands there is not.
		for where, ts := range map[string]string{"C0TEAM": "1.1", "C0OTHER": ""} {
			m := call.Message{Slot: call.SlotShared + call.AtStand + call.Slot(where), Channel: where, TS: ts, Digest: "x"}
			if err := w.SaveMessage(t.Context(), list[0], m); err != nil {
				t.Fatal(err)
			}
		}
		if share("C0TEAM", ana) || !share("C0OTHER", ben) {
			t.Error("it is tried again where it does not stand, and nowhere else")
		}
	},
	"a share that may not be changes nothing": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.accepted(1)
		w.settle()
		_, changed, err := w.Share(t.Context(), c.ID, call.Share{Conversation: "C0TEAM", By: ana}, func(got call.Call) error {
			if got.ID != c.ID {
				t.Errorf("asked of %s", got.ID)
			}
			return call.Errorf(call.NotAllowed, "no")
		})
		if changed || call.CodeOf(err) != call.NotAllowed {
			t.Errorf("%v, %v", changed, err)
		}
		if list := w.publications(); len(list) != 0 {
			t.Errorf("published: %v", published(list))
		}
	},
}
