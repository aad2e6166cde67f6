package call_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

// revised is what the card of inTokyo is made to ask for.
func revised(t *testing.T) call.Request {
	t.Helper()
	n, err := phone.ParseE164("+81312345679")
	if err != nil {
		t.Fatal(err)
	}
	return call.Request{Requester: "U7", Number: n, Objective: "Ask whether they are open", Business: "Sushi"}
}

// TestRevise: the card asks for something else from then on, and is another one to
// decide on; who asked stays who asked.
func TestRevise(t *testing.T) {
	repo, s, k, now := inTokyo(t, "2026-11-24 10:00")
	repo.c.Private = true
	*now = now.Add(20 * time.Minute)
	start := now.Add(2 * time.Hour)
	c, err := s.Revise(t.Context(), "r", k, revised(t), start)
	if err != nil {
		t.Fatal(err)
	}
	want := revised(t)
	want.Requester, want.Private = "U1", true
	if diff := cmp.Diff(want, c.Request, cmp.Comparer(func(a, b phone.Number) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	if c.Reason != call.ReasonRevised || c.Revision != k.Revision+1 || !c.StartAt.Equal(start) || !c.ExpiresAt.Equal(now.Add(30*time.Minute)) || !c.DueAt.Equal(c.ExpiresAt) {
		t.Errorf("revision %d, start %v, expires %v, due %v", c.Revision, c.StartAt, c.ExpiresAt, c.DueAt)
	}
	if _, err := s.Approve(t.Context(), "a", k); call.CodeOf(err) != call.Conflict || repo.c.Status != call.Requested {
		t.Errorf("the button of the card before: %v", err)
	}
	k.Revision = c.Revision
	if c, err = s.Approve(t.Context(), "a", k); err != nil || c.Status != call.Approved || !c.StartAt.IsZero() {
		t.Errorf("%s for %v, %v", c.Status, c.StartAt, err)
	}
}

// TestWhatCannotBeRevised: by whom, when, and to what.
func TestWhatCannotBeRevised(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(s *call.Service, k *call.Click, q *call.Request, start, now *time.Time)
		code   call.Code
		part   call.Part
		says   string
	}{
		"by somebody else":    {func(_ *call.Service, k *call.Click, _ *call.Request, _, _ *time.Time) { k.Actor = "U2" }, call.NotAllowed, "", "Only the person who asked for this call can edit it."},
		"by nobody":           {func(_ *call.Service, k *call.Click, _ *call.Request, _, _ *time.Time) { k.Actor = "" }, call.NotAllowed, "", ""},
		"what it was before":  {func(_ *call.Service, k *call.Click, _ *call.Request, _, _ *time.Time) { k.Revision-- }, call.Conflict, "", "This card has changed"},
		"when it has expired": {func(_ *call.Service, _ *call.Click, _ *call.Request, _, now *time.Time) { *now = now.Add(time.Hour) }, call.Conflict, "", "has expired, so it can't be edited"},
		"once it was approved": {func(s *call.Service, k *call.Click, _ *call.Request, _, _ *time.Time) {
			_, _ = s.Approve(t.Context(), "", *k)
		}, call.Conflict, "", "already approved"},
		"to nothing":   {func(_ *call.Service, _ *call.Click, q *call.Request, _, _ *time.Time) { q.Objective = "" }, call.Invalid, call.PartObjective, "Say what the call is for"},
		"to no number": {func(_ *call.Service, _ *call.Click, q *call.Request, _, _ *time.Time) { q.Number = phone.Number{} }, call.RefusedCode, call.PartNumber, ""},
		"to a card number": {func(_ *call.Service, _ *call.Click, q *call.Request, _, _ *time.Time) {
			q.Business = "4111 1111 1111 1111"
		}, call.RefusedCode, call.PartBusiness, "payment card number"},
		"to a time that has passed": {func(_ *call.Service, _ *call.Click, _ *call.Request, start, now *time.Time) { *start = *now }, call.Invalid, call.PartStart, "That time has passed"},
		"to a time at night": {func(_ *call.Service, _ *call.Click, _ *call.Request, start, now *time.Time) {
			*start = now.Add(12 * time.Hour)
		}, call.RefusedCode, call.PartStart, "in Tokyo then"},
	} {
		t.Run(name, func(t *testing.T) {
			repo, s, k, now := inTokyo(t, "2026-11-24 10:00")
			q, start := revised(t), time.Time{}
			tc.change(s, &k, &q, &start, now)
			before := repo.c
			_, err := s.Revise(t.Context(), "r", k, q, start)
			if call.CodeOf(err) != tc.code || call.PartOf(err) != tc.part || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%q, %q: %v", call.CodeOf(err), call.PartOf(err), err)
			}
			if repo.c != before {
				t.Errorf("it changed: %+v", repo.c)
			}
		})
	}
}

// TestARefusedCallCanBeRevised, and waits for a person then like any other.
func TestARefusedCallCanBeRevised(t *testing.T) {
	e := event(call.Revise)
	e.Request = revised(t)
	c := apply(t, in(t, call.Refused), e)
	if c.Status != call.Requested || c.Revision != 3 || c.Approver != "" || !c.ApprovedAt.IsZero() || c.Reason != call.NoReason || c.Number != e.Request.Number {
		t.Errorf("%+v", c)
	}
	if _, err := call.Apply(c, event(call.Place)); call.CodeOf(err) != call.Conflict {
		t.Errorf("placed without an approval: %v", err)
	}
}

// books are what happened before, for rules; what is not set is none.
type books struct {
	call.Books
	banned phone.Number
}

func (b books) Ban(_ context.Context, n phone.Number) (call.Ban, error) {
	if n == b.banned {
		return call.Ban{By: "U9", At: epoch}, nil
	}
	return call.Ban{}, nil
}

// consulting is a repository of one call that asks checks before a change.
type consulting struct {
	memory
	books books
}

func (r *consulting) Update(ctx context.Context, key call.Key, id call.ID, decide func(call.Call) (call.Event, error), checks ...call.Check) (call.Call, error) {
	return r.memory.Update(ctx, key, id, func(c call.Call) (call.Event, error) {
		e, err := decide(c)
		for _, check := range checks {
			err = errors.Join(err, check(ctx, r.books, c))
		}
		return e, err
	})
}

// TestARevisionIsCheckedByWhatItAsksFor, not by what the card asked for before.
func TestARevisionIsCheckedByWhatItAsksFor(t *testing.T) {
	repo := &consulting{memory: memory{c: in(t, call.Requested)}, books: books{banned: revised(t).Number}}
	s := call.NewService(repo, call.Rules{Countries: countries(t, "*")}, time.Hour, func() time.Time { return epoch })
	k := call.Click{Call: repo.c.ID, Revision: repo.c.Revision, Actor: "U1"}
	if _, err := s.Revise(t.Context(), "r", k, revised(t), time.Time{}); call.PartOf(err) != call.PartNumber || !strings.Contains(err.Error(), "never called") {
		t.Errorf("to a number that is never called: %v", err)
	}
	repo.books.banned = repo.c.Number
	if _, err := s.Revise(t.Context(), "r", k, revised(t), time.Time{}); err != nil {
		t.Errorf("from a number that is never called: %v", err)
	}
}

// TestLookingChangesNothing: a form is filled in for who may send it.
func TestLookingChangesNothing(t *testing.T) {
	ended := in(t, call.Completed)
	ended.Requester, ended.Approver = "U1", "U3"
	private := ended
	private.Private = true
	for name, tc := range map[string]struct {
		c     call.Call
		look  func(*call.Service) func(context.Context, call.Click) (call.Call, error)
		actor call.UserID
		where string
		code  call.Code
	}{
		"who asked edits a card":            {in(t, call.Requested), toRevise, "U1", "C1", ""},
		"who asked edits what was refused":  {in(t, call.Refused), toRevise, "U1", "C1", ""},
		"who asked edits what was approved": {in(t, call.Approved), toRevise, "U1", "C1", call.Conflict},
		"somebody else edits a card":        {in(t, call.Requested), toRevise, "U2", "C1", call.NotAllowed},
		"who asked elsewhere":               {in(t, call.Requested), toRevise, "U1", "C9", call.NotAllowed},
		"who asked calls again":             {ended, back, "U1", "C1", ""},
		"a reader calls again":              {ended, back, "U2", "C1", ""},
		"who asked, in a message to them":   {ended, back, "U1", "", ""},
		"who approved, in a message":        {ended, back, "U3", "", ""},
		"a stranger, in a message":          {ended, back, "U2", "", call.NotAllowed},
		"a reader, of a private call":       {private, back, "U2", "C1", call.NotAllowed},
		"who approved a private call":       {private, back, "U3", "", ""},
		"elsewhere":                         {ended, back, "U1", "C9", call.NotAllowed},
		"again what is under way":           {in(t, call.Dialing), back, "U1", "C1", call.Conflict},
		"again what was not placed":         {in(t, call.Canceled), back, "U1", "C1", call.Conflict},
	} {
		t.Run(name, func(t *testing.T) {
			repo := &memory{c: tc.c}
			s := call.NewService(repo, call.Rules{Countries: countries(t, "*"), Who: call.Policy{Channels: []string{"C1"}}}, time.Hour, func() time.Time { return epoch })
			c, err := tc.look(s)(t.Context(), call.Click{Call: tc.c.ID, Revision: tc.c.Revision, Actor: tc.actor, Conversation: tc.where})
			if call.CodeOf(err) != tc.code || c != tc.c || repo.c != tc.c {
				t.Errorf("%v, %+v", err, c)
			}
		})
	}
}

func toRevise(s *call.Service) func(context.Context, call.Click) (call.Call, error) {
	return s.LookToRevise
}

func back(s *call.Service) func(context.Context, call.Click) (call.Call, error) { return s.LookBack }

// TestFaults: all that is wrong with a request is told at once, each where it was typed.
func TestFaults(t *testing.T) {
	_, s, _, now := inTokyo(t, "2026-11-24 10:00")
	q := revised(t)
	if faults := s.Faults(q, time.Time{}); len(faults) != 0 {
		t.Errorf("%v", faults)
	}
	q.Number, q.Objective = phone.Number{}, "4111 1111 1111 1111"
	q.Business, q.Website = strings.Repeat("x", call.MaxBusiness+1), strings.Repeat("x", call.MaxWebsite+1)
	said := map[call.Part]string{}
	for _, err := range s.Faults(q, *now) {
		said[call.PartOf(err)] += err.Error()
	}
	for part, says := range map[call.Part]string{
		call.PartNumber: "number", call.PartObjective: "payment card", call.PartBusiness: "business name is 201", call.PartWebsite: "address is 501", call.PartStart: "passed",
	} {
		if !strings.Contains(said[part], says) {
			t.Errorf("%s: %q", part, said[part])
		}
	}
}

// TestACallThatIsAskedForAtATime: its card proposes it, and nobody has approved it for then.
func TestACallThatIsAskedForAtATime(t *testing.T) {
	repo, s, k, now := inTokyo(t, "2026-11-24 10:00")
	q := repo.c.Request
	for start, says := range map[time.Time]string{now.Add(-time.Minute): "has passed", now.Add(31 * 24 * time.Hour): "30 days ahead", now.Add(12 * time.Hour): "Nobody is called there"} {
		if _, err := s.RequestFor(t.Context(), "k", q, start, call.Origin{}); call.PartOf(err) != call.PartStart || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v", start, err)
		}
	}
	start := now.Add(3 * time.Hour)
	c, err := s.RequestFor(t.Context(), "k", q, start, call.Origin{})
	if err != nil || c.Status != call.Requested || !c.StartAt.Equal(start) {
		t.Fatalf("%s for %v, %v", c.Status, c.StartAt, err)
	}
	if row := (call.AuditView{}).Row(call.Audited{Call: c}); cell(t, row, "scheduled_for") != nil {
		t.Error("the audit says that it is scheduled")
	}
	k.Call, k.Revision, k.Start = c.ID, c.Revision, start
	if c, err = s.ApproveFor(t.Context(), "a", k); err != nil || c.Status != call.Scheduled || !c.StartAt.Equal(start) {
		t.Errorf("%s for %v, %v", c.Status, c.StartAt, err)
	}
	if row := (call.AuditView{}).Row(call.Audited{Call: c}); cell(t, row, "scheduled_for") == nil {
		t.Error("the audit does not say what it was approved for")
	}
}

func cell(t *testing.T, row call.AuditRow, name string) any {
	t.Helper()
	for _, c := range row {
		if c.Name == name {
			return c.Value
		}
	}
	t.Fatalf("no %s", name)
	return nil
}

// TestMatching: what somebody types finds numbers by name and by digits.
func TestMatching(t *testing.T) {
	named := func(e164, extension, business string) call.Called {
		n, err := phone.ParseE164(e164)
		if err != nil {
			t.Fatal(err)
		}
		return call.Called{Number: n, Extension: extension, Business: business}
	}
	list := []call.Called{
		named("+14155550132", "", ""), named("+442079460123", "", "The Ritz"), named("+14155550132", "", "Zuni Café"),
		named("+14155550132", "12", "Zuni, office"), named("+442079460123", "", "Ritz"), named("+14155550133", "", "100% Juice_"),
	}
	for typed, want := range map[string]string{
		"":             "Zuni Café|The Ritz|Zuni, office|100% Juice_",
		"zuni":         "Zuni Café|Zuni, office",
		"CAFÉ":         "Zuni Café",
		"ritz":         "The Ritz",
		"555-013":      "Zuni Café|Zuni, office|100% Juice_",
		"(415) 555":    "Zuni Café|Zuni, office|100% Juice_",
		"020 7946":     "The Ritz",
		"４４２０":         "The Ritz",
		"100":          "100% Juice_",
		"%":            "100% Juice_",
		"_":            "100% Juice_",
		"z%i":          "",
		"nobody":       "",
		"000":          "",
		"zuni 4155550": "",
		" Zuni ":       "Zuni Café|Zuni, office",
	} {
		var got []string
		for _, c := range call.Matching(list, typed, 20) {
			got = append(got, c.Business)
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
	if got := call.Matching(list, "", 2); len(got) != 2 {
		t.Errorf("%d of 2", len(got))
	}
	if list[0].Business != "" {
		t.Error("what was given was changed")
	}
}
