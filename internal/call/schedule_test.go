package call_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

// inTokyo is a card for a number in Tokyo, where it is that time, and how to decide on it.
func inTokyo(t *testing.T, at string) (repo *memory, s *call.Service, k call.Click, now *time.Time) {
	t.Helper()
	n, err := phone.ParseE164("+81312345678")
	if err != nil {
		t.Fatal(err)
	}
	clock := moment(t, at+" Asia/Tokyo")
	repo, now = &memory{}, &clock
	s = call.NewService(repo, call.Rules{Countries: countries(t, "*"), Quiet: hours(t, "21:00-08:00")}, 30*time.Minute, func() time.Time { return *now })
	c, err := s.Request(t.Context(), "k", call.Request{Requester: "U1", Number: n, Objective: "Ask"}, call.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	return repo, s, call.Click{Call: c.ID, Revision: c.Revision, Actor: "U1"}, now
}

// TestQuietHoursKeepACallBack: also one whose card was made before they began.
func TestQuietHoursKeepACallBack(t *testing.T) {
	repo, s, k, now := inTokyo(t, "2026-11-24 20:50")
	card := repo.c
	*now = now.Add(15 * time.Minute)
	c, err := s.Approve(t.Context(), "a", k)
	if call.CodeOf(err) != call.RefusedCode || !strings.Contains(err.Error(), "It is 9:05 PM in Tokyo. Nobody is called there before 8:00 AM their time") {
		t.Errorf("approved at night: %v", err)
	}
	if c.Version != card.Version+1 || c.Revision != card.Revision || c.Status != call.Requested || !c.DueAt.Equal(card.DueAt) {
		t.Errorf("the card is not shown anew, as it was: %+v", c)
	}
	if c, err = s.ApproveAnyway(t.Context(), "b", k); err != nil || c.Status != call.Approved || !c.Anyway {
		t.Fatalf("%s %t %v", c.Status, c.Anyway, err)
	}
	rules := call.Rules{Countries: countries(t, "*"), Quiet: hours(t, "21:00-08:00")}
	if err := rules.KeptBack(c, *now); err != nil {
		t.Errorf("kept back all the same: %v", err)
	}
	sent := apply(t, c, call.Event{Kind: call.SendBack, At: *now, Expires: now.Add(time.Hour), Reason: call.ReasonRule})
	if sent.Anyway {
		t.Error("what was said of another revision is still taken as said")
	}
	again := apply(t, sent, call.Event{Kind: call.Approve, At: *now, Actor: "U1", Revision: sent.Revision, Due: *now})
	if err := rules.KeptBack(again, *now); call.CodeOf(err) != call.RefusedCode {
		t.Errorf("not kept back: %v", err)
	}
}

// TestApproveFor: what a person can choose, and what a button could have been made to say.
func TestApproveFor(t *testing.T) {
	for name, tc := range map[string]struct {
		start string
		click func(*call.Click)
		later time.Duration // how long the person looks at the card
		code  call.Code
		says  string
	}{
		"tomorrow at eight":        {start: "2026-11-25 08:00"},
		"a month ahead":            {start: "2026-12-24 12:00", code: ""},
		"now":                      {start: "2026-11-24 12:00", code: call.Invalid, says: "has passed"},
		"long ago":                 {start: "1999-01-01 12:00", code: call.Invalid, says: "has passed"},
		"more than a month ahead":  {start: "2026-12-24 12:01", code: call.Invalid, says: "30 days"},
		"in five years":            {start: "2031-11-24 12:00", code: call.Invalid, says: "30 days"},
		"in the night":             {start: "2026-11-25 03:12", code: call.RefusedCode, says: "It will be 3:12 AM in Tokyo then. Nobody is called there before 8:00 AM their time."},
		"of an earlier revision":   {start: "2026-11-25 08:00", click: func(k *call.Click) { k.Revision-- }, code: call.Conflict, says: "changed"},
		"by somebody else":         {start: "2026-11-25 08:00", click: func(k *call.Click) { k.Actor = "U2" }, code: call.NotAllowed},
		"on a card that expired":   {start: "2026-11-25 08:00", later: 30 * time.Minute, code: call.Conflict, says: "expired"},
		"that passed in the thick": {start: "2026-11-24 12:10", later: 11 * time.Minute, code: call.Invalid, says: "has passed"},
	} {
		t.Run(name, func(t *testing.T) {
			repo, s, k, now := inTokyo(t, "2026-11-24 12:00")
			*now = now.Add(tc.later)
			k.Start = moment(t, tc.start+" Asia/Tokyo")
			if tc.click != nil {
				tc.click(&k)
			}
			_, err := s.ApproveFor(t.Context(), "a", k)
			if call.CodeOf(err) != tc.code || err != nil && !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%v, want %q", err, tc.code)
			}
			want := call.Scheduled
			if tc.code != "" {
				want = call.Requested
			}
			if c := repo.c; c.Status != want || want == call.Scheduled && (!c.StartAt.Equal(k.Start) || !c.DueAt.Equal(k.Start) || c.Approver != "U1" || !c.ExpiresAt.IsZero()) {
				t.Errorf("%+v", c)
			}
		})
	}
}

// TestSuggest is a time that can be chosen.
func TestSuggest(t *testing.T) {
	for at, want := range map[string]string{
		"2026-11-24 12:00": "2026-11-24 12:30", "2026-11-24 12:01": "2026-11-24 12:45",
		"2026-11-24 20:20": "2026-11-25 08:00", "2026-11-24 22:00": "2026-11-25 08:00", "2026-11-25 07:45": "2026-11-25 08:15",
	} {
		repo, s, _, _ := inTokyo(t, at)
		got := s.Suggest(repo.c.Request)
		if !got.Equal(moment(t, want+" Asia/Tokyo")) {
			t.Errorf("at %s: %v, want %s", at, got, want)
		}
		if err := s.Schedulable(repo.c.Request, got); err != nil {
			t.Errorf("at %s: %v", at, err)
		}
	}
}

// TestLookChangesNothing, and tells who may not, and what is over.
func TestLookChangesNothing(t *testing.T) {
	repo, s, k, now := inTokyo(t, "2026-11-24 03:12")
	before := repo.c
	c, err := s.Look(t.Context(), k)
	same := cmp.Comparer(func(a, b phone.Number) bool { return a == b })
	if diff := cmp.Diff(before, c, same) + cmp.Diff(before, repo.c, same); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	other, old := k, k
	other.Actor, old.Revision = "U2", 0
	for want, k := range map[call.Code]call.Click{call.NotAllowed: other, call.Conflict: old} {
		if _, err := s.Look(context.Background(), k); call.CodeOf(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	*now = now.Add(time.Hour)
	if _, err := s.Look(t.Context(), k); call.CodeOf(err) != call.Conflict {
		t.Errorf("of an expired card: %v", err)
	}
}
