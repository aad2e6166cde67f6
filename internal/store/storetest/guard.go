package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/store"
)

// ruled is the service of people on a Store, with rules.
func (w *world) ruled(s *store.Store, rules call.Rules) *call.Service {
	w.Helper()
	rules.Countries = everywhere(w)
	return call.NewService(s, rules, time.Hour, w.now)
}

func everywhere(t testing.TB) phone.Countries {
	t.Helper()
	all, err := phone.ParseCountries("*")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ask asks for a call to the i-th line.
func (w *world) ask(s *call.Service, by call.UserID, i int, objective string) (call.Call, error) {
	w.Helper()
	return s.Request(w.Context(), "", call.Request{Requester: by, Number: line(w, i), Objective: objective}, call.Origin{Conversation: here})
}

// asked is ask where nothing forbids it.
func (w *world) asked(s *call.Service, by call.UserID, i int) call.Call {
	w.Helper()
	c, err := w.ask(s, by, i, objective(i))
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// objective is the i-th of many that have little in common.
func objective(i int) string {
	return fmt.Sprintf("Ask %c about %s", 'a'+rune(i%26), strings.Repeat(string('a'+rune(i%26)), 3+i/26))
}

func (w *world) approves(s *call.Service, c call.Call) error {
	w.Helper()
	return w.approvesAs(s, c, c.Requester)
}

func (w *world) approvesAs(s *call.Service, c call.Call, by call.UserID) error {
	w.Helper()
	_, err := s.Approve(w.Context(), "", call.Click{Call: c.ID, Revision: c.Revision, Actor: by})
	return err
}

// says fails unless an error has a code and holds a text.
func says(t *testing.T, err error, code call.Code, text string) {
	t.Helper()
	if call.CodeOf(err) != code || err == nil && text != "" || err != nil && !strings.Contains(err.Error(), text) {
		t.Errorf("got %v, want %q with %q", err, code, text)
	}
}

var guardTests = map[string]func(*testing.T, Database){
	// Ten people press the button of the last call that a limit leaves, in every replica.
	"of ten approvals at once the last one of a day wins once": func(t *testing.T, db Database) {
		w := begin(t, db)
		const people = 10
		stores := w.replicas(4)
		rules := call.Rules{Limits: call.Limits{All: 3}}
		for i := range 2 {
			if err := w.approves(w.ruled(w.Store, rules), w.asked(w.ruled(w.Store, call.Rules{}), ana, i)); err != nil {
				t.Fatal(err)
			}
		}
		var cards []call.Call
		for i := range people {
			cards = append(cards, w.asked(w.ruled(w.Store, call.Rules{}), call.UserID(fmt.Sprintf("U%d", i)), 10+i))
		}
		var won, refused atomic.Int64
		together(people, func(i int) {
			switch err := w.approves(w.ruled(stores[i%len(stores)], rules), cards[i]); call.CodeOf(err) {
			case "":
				won.Add(1)
			case call.RefusedCode:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
		if won.Load() != 1 || refused.Load() != people-1 {
			t.Errorf("%d approved and %d refused", won.Load(), refused.Load())
		}
	},

	"a person's day rolls": func(t *testing.T, db Database) {
		w := begin(t, db)
		s := w.ruled(w.Store, call.Rules{Limits: call.Limits{User: 2}})
		var first time.Time
		for i := range 2 {
			if i == 0 {
				first = w.now()
			}
			if err := w.approves(s, w.asked(s, ana, i)); err != nil {
				t.Fatal(err)
			}
			w.move(time.Hour)
		}
		_, err := w.ask(s, ana, 2, "Ask for the price")
		says(t, err, call.RefusedCode, "in 22 hours")
		says(t, err, call.RefusedCode, "CALLBOT_USER_DAILY_LIMIT")
		if _, err := w.ask(s, "U0BOB", 3, "Ask for the price"); err != nil {
			t.Errorf("another person: %v", err)
		}
		w.move(first.Add(24 * time.Hour).Sub(w.now()))
		if _, err := w.ask(s, ana, 2, "Ask for the price"); call.CodeOf(err) != call.RefusedCode {
			t.Errorf("to the millisecond a day later: %v", err)
		}
		w.move(time.Millisecond)
		if err := w.approves(s, w.asked(s, ana, 2)); err != nil {
			t.Errorf("a day after the first: %v", err)
		}
	},

	"a limit that fell meanwhile holds at the approval and when it is placed": func(t *testing.T, db Database) {
		w := begin(t, db)
		free := w.ruled(w.Store, call.Rules{})
		if err := w.approves(free, w.asked(free, ana, 1)); err != nil {
			t.Fatal(err)
		}
		w.move(time.Second)
		card := w.asked(free, ana, 2)
		says(t, w.approves(w.ruled(w.Store, call.Rules{Limits: call.Limits{User: 1}}), card), call.RefusedCode, "limit")
		if err := w.approves(free, card); err != nil {
			t.Fatal(err)
		}
		claimed, err := w.ClaimDue(t.Context(), 9, lease, call.Approved)
		if err != nil || len(claimed) != 2 {
			t.Fatal(claimed, err)
		}
		placing := call.Rules{Countries: everywhere(t), Limits: call.Limits{User: 1}}.Placing(w.now())
		place := call.Event{Kind: call.Place, At: w.now(), Due: w.now().Add(deadline)}
		if _, err := w.Advance(t.Context(), claimed[1], place, placing); call.CodeOf(err) != call.RefusedCode {
			t.Errorf("the second: %v", err)
		}
		if _, err := w.Advance(t.Context(), claimed[0], place, placing); err != nil {
			t.Errorf("the first: %v", err)
		}
	},

	"one objective to many numbers is bulk calling": func(t *testing.T, db Database) {
		w := begin(t, db)
		s := w.ruled(w.Store, call.Rules{Limits: call.Limits{Bulk: 3}})
		text := func(i int) string { return fmt.Sprintf("Tell them about our great offer number %d!", i) }
		for i := range 3 {
			c, err := w.ask(s, call.UserID(fmt.Sprintf("U%d", i)), i, text(i))
			if err != nil {
				t.Fatal(err)
			}
			if err := w.approves(s, c); err != nil {
				t.Fatal(err)
			}
		}
		_, err := w.ask(s, ana, 4, text(4))
		says(t, err, call.RefusedCode, "CALLBOT_BULK_LIMIT")
		if _, err := w.ask(s, ana, 1, text(5)); err != nil {
			t.Errorf("to a number that is one of them: %v", err)
		}
		if _, err := w.ask(s, ana, 4, "Ask whether they are open on Sunday"); err != nil {
			t.Errorf("with another objective: %v", err)
		}
		card, err := w.ask(w.ruled(w.Store, call.Rules{}), ana, 6, text(6))
		if err != nil {
			t.Fatal(err)
		}
		says(t, w.approves(s, card), call.RefusedCode, "bulk")
		w.move(time.Hour + time.Millisecond)
		if c, err := w.ask(s, ana, 4, text(4)); err != nil || w.approves(s, c) != nil {
			t.Errorf("an hour later: %v", err)
		}
	},

	"one objective to many numbers is bulk calling, also if it is scheduled over hours for one time": func(t *testing.T, db Database) {
		w := begin(t, db)
		rules := call.Rules{Countries: everywhere(t), Limits: call.Limits{Bulk: 2}}
		s := w.ruled(w.Store, rules)
		start := w.now().Add(12 * time.Hour)
		for i := range 4 {
			c, err := w.ask(s, ana, i, "Tell them about our great offer")
			if err != nil {
				t.Fatal(err)
			}
			k := call.Click{Call: c.ID, Revision: c.Revision, Actor: ana, Start: start}
			if _, err := s.ApproveFor(t.Context(), "", k); err != nil {
				t.Fatal(err)
			}
			w.move(time.Hour + time.Millisecond)
		}
		w.move(start.Sub(w.now()))
		begun, err := w.ClaimDue(t.Context(), 9, lease, call.Scheduled)
		if err != nil || len(begun) != 4 {
			t.Fatal(len(begun), err)
		}
		for _, c := range begun {
			w.advance(c, call.Event{Kind: call.Begin, At: w.now(), Due: w.now()})
		}
		claimed, err := w.ClaimDue(t.Context(), 9, lease, call.Approved)
		if err != nil || len(claimed) != 4 {
			t.Fatal(len(claimed), err)
		}
		for i, c := range claimed { // asked before any of them is placed or sent back
			if err := w.Consult(t.Context(), c, rules.Placing(w.now())); (err != nil) != (i >= 2) {
				t.Errorf("the %d. one: %v", i+1, err)
			} else if i >= 2 {
				says(t, err, call.RefusedCode, "bulk")
			}
		}
	},

	"who comes second is told that, and not of a limit that the first one has reached": func(t *testing.T, db Database) {
		w := begin(t, db)
		s := w.ruled(w.Store, call.Rules{Limits: call.Limits{User: 1}})
		expired, c := w.asked(s, ana, 1), w.asked(s, ana, 2)
		w.move(time.Hour)
		w.update(expired.ID, call.Event{Kind: call.Expire})
		k := call.Click{Call: expired.ID, Revision: expired.Revision, Actor: ana}
		for _, want := range []call.Code{"", call.Conflict} {
			_, err := s.AskAgain(t.Context(), "", k)
			says(t, err, want, "")
		}
		w.update(c.ID, call.Event{Kind: call.Expire})
		c, err := s.AskAgain(t.Context(), "", call.Click{Call: c.ID, Revision: c.Revision, Actor: ana})
		if err != nil {
			t.Fatal(err)
		}
		for name, approve := range map[string]func(context.Context, call.Key, call.Click) (call.Call, error){
			"anyway": s.ApproveAnyway, "again": s.ApproveAnyway, "as usual": s.Approve,
		} {
			_, err := approve(t.Context(), "", call.Click{Call: c.ID, Revision: c.Revision, Actor: ana})
			if now := w.get(c.ID); now.Approver != ana {
				t.Errorf("%s: it is not approved", name)
			}
			if err != nil && call.CodeOf(err) != call.Conflict {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err = s.AskAgain(t.Context(), "", k)
		says(t, err, call.Conflict, "")
	},

	"a pause stops approvals and placing, and is for admins": func(t *testing.T, db Database) {
		w := begin(t, db)
		rules := call.Rules{Countries: everywhere(t), Who: call.Policy{Admins: []call.UserID{"U0ADM"}}}
		s := w.ruled(w.Store, rules)
		waiting := w.asked(s, ana, 1)
		if err := w.approves(s, w.asked(s, ana, 2)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Pause(t.Context(), ana); call.CodeOf(err) != call.NotAllowed {
			t.Errorf("somebody who is no admin: %v", err)
		}
		for i, want := range []bool{true, false} {
			if is, err := s.Pause(t.Context(), "U0ADM"); err != nil || is != want {
				t.Errorf("pause %d: %v %v", i, is, err)
			}
		}
		if err := w.approves(s, waiting); !errors.Is(err, call.ErrPaused) {
			t.Errorf("an approval: %v", err)
		}
		claimed := w.claimOnly(call.Approved)
		if err := w.Consult(t.Context(), claimed, rules.Placing(w.now())); !errors.Is(err, call.ErrPaused) {
			t.Errorf("before a request is taken: %v", err)
		}
		place := call.Event{Kind: call.Place, At: w.now(), Due: w.now().Add(deadline)}
		if _, err := w.Advance(t.Context(), claimed, place, rules.Placing(w.now())); !errors.Is(err, call.ErrPaused) {
			t.Errorf("placing: %v", err)
		}
		pubs, err := w.ClaimPublications(t.Context(), 9, lease)
		if err != nil || len(pubs) != 2 {
			t.Fatal(len(pubs), err)
		}
		for _, p := range pubs {
			if !p.View.Pause.On() || p.View.Pause.By != "U0ADM" {
				t.Errorf("%s is shown %+v", p.Call.ID, p.View.Pause)
			}
		}
		for i, want := range []bool{true, false} {
			if is, err := s.Resume(t.Context(), "U0ADM"); err != nil || is != want {
				t.Errorf("resume %d: %v %v", i, is, err)
			}
		}
		if err := w.approves(s, waiting); err != nil {
			t.Error(err)
		}
	},

	"a banned number is not called, until an admin lifts it": func(t *testing.T, db Database) {
		w := begin(t, db)
		rules := call.Rules{Countries: everywhere(t), Who: call.Policy{Admins: []call.UserID{"U0ADM"}}}
		s := w.ruled(w.Store, rules)
		c, other := w.asked(s, ana, 1), w.asked(s, ana, 1)
		if err := w.approves(s, c); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Ban(t.Context(), c.ID, call.Person{ID: "U0BOB"}, "because"); call.CodeOf(err) != call.NotAllowed {
			t.Errorf("somebody else: %v", err)
		}
		if _, _, err := s.Ban(t.Context(), c.ID, call.Person{ID: ana}, " "); call.CodeOf(err) != call.Invalid {
			t.Errorf("without a reason: %v", err)
		}
		for i, want := range []bool{true, false} {
			if _, is, err := s.Ban(t.Context(), c.ID, call.Person{ID: ana}, "They asked for it"); err != nil || is != want {
				t.Errorf("ban %d: %v %v", i, is, err)
			}
		}
		w.restart()
		s = w.ruled(w.Store, rules)
		_, err := w.ask(s, ana, 1, "Ask once more")
		says(t, err, call.RefusedCode, "never called")
		says(t, w.approves(s, other), call.RefusedCode, "never called")
		says(t, w.Consult(t.Context(), w.claimOnly(call.Approved), rules.Placing(w.now())), call.RefusedCode, "never called")
		var plain int
		number := line(t, 1).E164()
		if err := w.db.Look(t).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM orders WHERE number LIKE '%' || $1 || '%'`, number[2:]).Scan(&plain); err != nil || plain != 0 {
			t.Errorf("the list holds the number itself: %d %v", plain, err)
		}
		if _, err := s.Allow(t.Context(), line(t, 1), ana); call.CodeOf(err) != call.NotAllowed {
			t.Errorf("lifted by somebody who is no admin: %v", err)
		}
		w.move(time.Second)
		for i, want := range []bool{true, false} {
			if is, err := s.Allow(t.Context(), line(t, 1), "U0ADM"); err != nil || is != want {
				t.Errorf("allow %d: %v %v", i, is, err)
			}
		}
		if _, err := w.ask(s, ana, 1, "Ask once more"); err != nil {
			t.Errorf("after that: %v", err)
		}
	},

	"a channel that is allowed no more approves and places nothing": func(t *testing.T, db Database) {
		w := begin(t, db)
		free := w.ruled(w.Store, call.Rules{})
		elsewhere := call.Rules{Countries: everywhere(t), Who: call.Policy{Channels: []string{"C0OTHER"}}}
		waiting, approved := w.asked(free, ana, 1), w.asked(free, ana, 2)
		if err := w.approves(free, approved); err != nil {
			t.Fatal(err)
		}
		// The click comes from a direct message, of which the channel is not known.
		if err := w.approves(w.ruled(w.Store, elsewhere), waiting); !errors.Is(err, call.ErrChannel) {
			t.Errorf("an approval: %v", err)
		}
		if err := w.Consult(t.Context(), w.claimOnly(call.Approved), elsewhere.Placing(w.now())); !errors.Is(err, call.ErrChannel) {
			t.Errorf("placing: %v", err)
		}
	},

	"what is decided stands, whether or not it can be shown": func(t *testing.T, db Database) {
		w := begin(t, db)
		s := w.ruled(w.Store, call.Rules{Who: call.Policy{Admins: []call.UserID{"U0ADM"}}})
		c := w.asked(s, ana, 1)
		look := w.db.Look(t)
		rename := func(from, to string) {
			t.Helper()
			if _, err := look.ExecContext(t.Context(), `ALTER TABLE `+from+` RENAME TO `+to); err != nil {
				t.Fatal(err)
			}
		}
		orders := func(want bool) {
			t.Helper()
			for name, order := range map[string]func() (bool, error){
				"pause": func() (bool, error) { return s.Pause(t.Context(), "U0ADM") },
				"ban": func() (bool, error) {
					_, is, err := s.Ban(t.Context(), c.ID, call.Person{ID: ana}, "They asked for it")
					return is, err
				},
			} {
				if is, err := order(); err != nil || is != want {
					t.Errorf("%s: %t %v, want %t", name, is, err, want)
				}
			}
		}
		w.settle()
		rename("publications", "elsewhere")
		orders(true)
		rename("elsewhere", "publications")
		if pubs := w.publications(); len(pubs) != 0 {
			t.Fatalf("it could be shown: %+v", pubs)
		}
		orders(false) // whoever repeats it has it shown
		if pubs := w.publications(); len(pubs) != 1 {
			t.Errorf("%d are to be shown", len(pubs))
		}
	},

	"a card knows of the last call to its number": func(t *testing.T, db Database) {
		w := begin(t, db)
		s := w.ruled(w.Store, call.Rules{})
		first := w.asked(s, ana, 1)
		if err := w.approves(s, first); err != nil {
			t.Fatal(err)
		}
		w.move(time.Hour)
		second := w.asked(s, "U0BOB", 1)
		recent := func() *call.Recent {
			t.Helper()
			pubs, err := w.ClaimPublications(t.Context(), 9, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range pubs {
				if p.Call.ID == second.ID {
					return p.View.Recent
				}
			}
			t.Fatal("the card is not due")
			return nil
		}
		if r := recent(); r == nil || r.Call.ID != first.ID || r.Conversation != here {
			t.Errorf("%+v", r)
		}
		w.move(23*time.Hour + time.Minute)
		if r := recent(); r != nil {
			t.Errorf("a day later: %+v", r)
		}
	},
}

// claimOnly claims the one call in a status.
func (w *world) claimOnly(status call.Status) call.Call {
	w.Helper()
	claimed, err := w.ClaimDue(w.Context(), 9, lease, status)
	if err != nil || len(claimed) != 1 {
		w.Fatal(claimed, err)
	}
	return claimed[0]
}
