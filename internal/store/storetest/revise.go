package storetest

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

// other is what the cards of these tests are made to ask for.
func (w *world) other() call.Request {
	w.Helper()
	return call.Request{Number: line(w, 77), Extension: "12", Objective: "Ask about parking", Business: "Garage", Website: "https://garage.example"}
}

var reviseTests = map[string]func(*testing.T, Database){
	"a revision is kept": func(t *testing.T, db Database) {
		w := begin(t, db)
		s := w.ruled(w.Store, call.Rules{Disclosure: "This is an automated call."})
		c := w.asked(s, ana, 1)
		w.move(time.Minute)
		start := w.now().Add(time.Hour)
		k := call.Click{Call: c.ID, Revision: c.Revision, Actor: ana}
		if _, err := s.Revise(t.Context(), "submit:1", k, w.other(), start); err != nil {
			t.Fatal(err)
		}
		got := w.get(c.ID)
		want := w.other()
		want.Requester, want.Disclosure = ana, "This is an automated call."
		if diff := cmp.Diff(want, got.Request, cmp.Comparer(func(a, b phone.Number) bool { return a == b })); diff != "" {
			t.Error(diff)
		}
		if got.Revision != 2 || got.Version != 2 || !got.StartAt.Equal(start) || !got.ExpiresAt.Equal(w.now().Add(time.Hour)) || !got.DueAt.Equal(got.ExpiresAt) {
			t.Errorf("%+v", got)
		}
		if again, err := s.Revise(t.Context(), "submit:1", k, w.other(), start); err != nil || again.Version != 2 {
			t.Errorf("its redelivery: version %d, %v", again.Version, err)
		}
		var kind, actor string
		err := db.Look(t).QueryRowContext(t.Context(), `SELECT kind, actor FROM events WHERE call_id = $1 AND version = 2`, string(c.ID)).Scan(&kind, &actor)
		if err != nil || kind != "revise" || actor != string(ana) {
			t.Errorf("the audit says %s by %s, %v", kind, actor, err)
		}
	},

	"a revision is checked by what was ordered": func(t *testing.T, db Database) {
		w := begin(t, db)
		s := w.ruled(w.Store, call.Rules{})
		banned := w.accepted(77)
		if _, _, err := s.Ban(t.Context(), banned.ID, call.Person{ID: ana}, "They asked"); err != nil {
			t.Fatal(err)
		}
		c := w.asked(s, ana, 1)
		_, err := s.Revise(t.Context(), "", call.Click{Call: c.ID, Revision: 1, Actor: ana}, w.other(), time.Time{})
		says(t, err, call.RefusedCode, "never called")
		if got := w.get(c.ID); got.Version != 1 {
			t.Errorf("it changed: %+v", got)
		}
	},

	// Of those who decide on a card and those who change it at the same moment one is
	// first, and what was approved is what that one saw.
	"an edit and an approval at once": func(t *testing.T, db Database) {
		w := begin(t, db)
		stores := w.replicas(rivals)
		for round := range 10 {
			c := w.asked(w.ruled(w.Store, call.Rules{}), ana, round)
			var edited, approved atomic.Int32
			together(rivals, func(i int) {
				s := w.ruled(stores[i], call.Rules{})
				k := call.Click{Call: c.ID, Revision: 1, Actor: ana}
				key := call.Key(fmt.Sprintf("%d:%d", round, i))
				if i%2 == 0 {
					_, err := s.Approve(t.Context(), key, k)
					count(t, &approved, err)
					return
				}
				_, err := s.Revise(t.Context(), key, k, w.other(), time.Time{})
				count(t, &edited, err)
			})
			got := w.get(c.ID)
			switch {
			case edited.Load()+approved.Load() != 1:
				t.Errorf("%d edits and %d approvals", edited.Load(), approved.Load())
			case approved.Load() == 1 && (got.Status != call.Approved || got.Number != c.Number || got.Objective != c.Objective):
				t.Errorf("approved was another call than was asked for: %+v", got)
			case edited.Load() == 1 && (got.Status != call.Requested || got.Number != w.other().Number || got.Revision != 2):
				t.Errorf("edited: %+v", got)
			}
		}
	},
}

// count counts what was done; that somebody else was first is no error.
func count(t *testing.T, done *atomic.Int32, err error) {
	t.Helper()
	switch {
	case err == nil:
		done.Add(1)
	case call.CodeOf(err) != call.Conflict:
		t.Error(err)
	}
}
