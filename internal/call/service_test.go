package call_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

// memory is a Repository of one call.
type memory struct {
	call.Orders // none is given

	c      call.Call
	origin call.Origin
}

func (m *memory) Create(_ context.Context, _ call.Key, c call.Call, o call.Origin, _ ...call.Check) (call.Call, error) {
	m.c, m.origin = c, o
	return c, nil
}

func (m *memory) Update(_ context.Context, _ call.Key, _ call.ID, decide func(call.Call) (call.Event, error), _ ...call.Check) (call.Call, error) {
	e, err := decide(m.c)
	if err != nil {
		return m.c, err
	}
	next, err := call.Apply(m.c, e)
	if err != nil {
		return m.c, err
	}
	m.c = next
	return next, nil
}

func countries(t *testing.T, list string) phone.Countries {
	t.Helper()
	c, err := phone.ParseCountries(list)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOnlyWhoAskedDecides(t *testing.T) {
	for name, act := range map[string]func(*call.Service, call.Click) (call.Call, error){
		"approve": func(s *call.Service, k call.Click) (call.Call, error) { return s.Approve(t.Context(), "", k) },
		"decline": func(s *call.Service, k call.Click) (call.Call, error) { return s.Decline(t.Context(), "", k) },
	} {
		t.Run(name, func(t *testing.T) {
			repo := &memory{}
			s := call.NewService(repo, call.Rules{Countries: countries(t, "US")}, time.Hour, func() time.Time { return epoch })
			c, err := s.Request(t.Context(), "k", in(t, call.Requested).Request, call.Origin{Conversation: "C1"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := act(s, call.Click{Call: c.ID, Revision: c.Revision, Actor: "U2"}); call.CodeOf(err) != call.NotAllowed {
				t.Errorf("somebody else: %v", err)
			}
			if _, err := act(s, call.Click{Call: c.ID, Revision: c.Revision, Actor: "U1"}); err != nil {
				t.Errorf("who asked: %v", err)
			}
		})
	}
}

// TestRulesAreCheckedAgainWhenApproved: what is allowed can change while a card waits.
func TestRulesAreCheckedAgainWhenApproved(t *testing.T) {
	repo := &memory{}
	q := in(t, call.Requested).Request
	before := call.NewService(repo, call.Rules{Countries: countries(t, "US")}, time.Hour, func() time.Time { return epoch })
	c, err := before.Request(t.Context(), "k", q, call.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	after := call.NewService(repo, call.Rules{Countries: countries(t, "GB")}, time.Hour, func() time.Time { return epoch })
	if _, err := after.Approve(t.Context(), "k2", call.Click{Call: c.ID, Revision: 1, Actor: "U1"}); call.CodeOf(err) != call.RefusedCode {
		t.Errorf("approved although its country may not be called any more: %v", err)
	}
	if repo.c.Status != call.Requested {
		t.Errorf("the call is %s", repo.c.Status)
	}
}

func TestRules(t *testing.T) {
	rules := call.Rules{Countries: countries(t, "US")}
	ok := in(t, call.Requested).Request
	for name, tc := range map[string]struct {
		change func(*call.Request)
		code   call.Code
	}{
		"fine":                  {func(*call.Request) {}, ""},
		"empty objective":       {func(q *call.Request) { q.Objective = " \n" }, call.Invalid},
		"longest objective":     {func(q *call.Request) { q.Objective = strings.Repeat("é", call.MaxObjective) }, ""},
		"too long an objective": {func(q *call.Request) { q.Objective = strings.Repeat("é", call.MaxObjective+1) }, call.Invalid},
		"too long a business":   {func(q *call.Request) { q.Business = strings.Repeat("é", call.MaxBusiness+1) }, call.Invalid},
		"too long a website":    {func(q *call.Request) { q.Website = strings.Repeat("e", call.MaxWebsite+1) }, call.Invalid},
		"another country": {func(q *call.Request) {
			n, err := phone.ParseE164("+442079460958")
			if err != nil {
				t.Fatal(err)
			}
			q.Number = n
		}, call.RefusedCode},
	} {
		t.Run(name, func(t *testing.T) {
			q := ok
			tc.change(&q)
			if got := call.CodeOf(rules.Check(q)); got != tc.code {
				t.Errorf("code %q, want %q", got, tc.code)
			}
		})
	}
}

func TestInstructionBeginsWithTheDisclosure(t *testing.T) {
	q := call.Request{Objective: "  Ask —\tplease  ", Extension: "12", Disclosure: "I am an assistant calling for Acme."}
	if want := "Say this first: I am an assistant calling for Acme.\n  Ask —\tplease  \nDial extension 12 when asked."; q.Instruction() != want {
		t.Errorf("%q, want %q", q.Instruction(), want)
	}
}

// TestWhatWasApprovedIsPlaced: a disclosure that changes while a card waits changes
// the next card, not this one.
func TestWhatWasApprovedIsPlaced(t *testing.T) {
	repo := &memory{}
	rules := call.Rules{Countries: countries(t, "US"), Disclosure: "Before."}
	now := func() time.Time { return epoch }
	q := in(t, call.Requested).Request
	q.Disclosure = "Typed."
	c, err := call.NewService(repo, rules, time.Hour, now).Request(t.Context(), "k", q, call.Origin{})
	if err != nil || c.Disclosure != "Before." {
		t.Fatalf("%q %v", c.Disclosure, err)
	}
	rules.Disclosure = "After."
	c, err = call.NewService(repo, rules, time.Hour, now).Approve(t.Context(), "k2", call.Click{Call: c.ID, Revision: 1, Actor: "U1"})
	if err != nil || !strings.HasPrefix(c.Instruction(), "Say this first: Before.\n") {
		t.Errorf("%q %v", c.Instruction(), err)
	}
}

func TestCheckDisclosure(t *testing.T) {
	for text, ok := range map[string]bool{
		"": true, "This is an automated call.": true, "Dies ist ein automatischer Anruf für Müller & Söhne.": true, "自動音声です。": true,
		strings.Repeat("é", call.MaxDisclosure): true, strings.Repeat("é", call.MaxDisclosure+1): false,
		"Two\nlines": false, "Two\u2028lines": false, "hidden\u200b": false, "\u202ereversed": false, "\xff bytes": false, "123": false, "a\x00b": false,
	} {
		if err := call.CheckDisclosure(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestInstructionAddsTheExtensionAndNothingElse(t *testing.T) {
	q := call.Request{Objective: "  Ask —\tplease  "}
	if q.Instruction() != q.Objective {
		t.Errorf("%q", q.Instruction())
	}
	q.Extension = "12"
	if want := q.Objective + "\nDial extension 12 when asked."; q.Instruction() != want {
		t.Errorf("%q, want %q", q.Instruction(), want)
	}
}

// TestARequestCanBeStored: what nobody can type, but a program can send.
func TestARequestCanBeStored(t *testing.T) {
	repo := &memory{}
	s := call.NewService(repo, call.Rules{Countries: countries(t, "US")}, time.Hour, func() time.Time { return epoch })
	q := in(t, call.Requested).Request
	q.Objective, q.Business, q.Website, q.Extension = "Ask\x00 about\xff", "Zuni\x00", "https://example.com/\x00", "1\x00"
	c, err := s.Request(t.Context(), "k", q, call.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	if c.Objective != "Ask\uFFFD about\uFFFD" || c.Business != "Zuni\uFFFD" || c.Website != "https://example.com/\uFFFD" || c.Extension != "1\uFFFD" {
		t.Errorf("%q %q %q %q", c.Objective, c.Business, c.Website, c.Extension)
	}
}
