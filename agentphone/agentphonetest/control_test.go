package agentphonetest_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
)

func TestLists(t *testing.T) {
	t.Parallel()
	for style, want := range map[agentphonetest.ListStyle]string{
		agentphonetest.ListFull:   `^\{"data":\[\{.*"to_phone_number":"\+14155550132".*\}\]\}\n$`,
		agentphonetest.ListRich:   `^\{"data":\[\{.*"transcript":".*\}\]\}\n$`,
		agentphonetest.ListNested: `^\{"data":\{"calls":\[\{.*"objective":"Second".*\}\]\}\}\n$`,
		agentphonetest.ListLean:   `^\{"data":\[\{"call_id":"[^"]+","created_at":"[^"]+","status":"completed"\},\{[^}]*\}\]\}\n$`,
		agentphonetest.ListOff:    `"not_found"`,
	} {
		clk := newClock()
		s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now), agentphonetest.WithList(style))
		first, second := place(t, s, ordinary, "First"), place(t, s, ordinary, "Second")
		clk.Advance(time.Hour)
		body := get(t, s.URL+"/calls?limit=10").body
		if !regexp.MustCompile(want).MatchString(body) {
			t.Errorf("style %v: %s", style, body)
		}
		if style != agentphonetest.ListOff && strings.Index(body, second) > strings.Index(body, first) {
			t.Errorf("style %v is not newest first: %s", style, body)
		}
	}
	s := agentphonetest.NewServer(t, agentphonetest.WithRate(0, 0))
	for i := range 12 {
		place(t, s, ordinary, "Call "+strconv.Itoa(i))
	}
	for query, want := range map[string]int{"": 10, "?limit=3": 3, "?limit=12": 12, "?limit=100000": 12} {
		if got := len(get(t, s.URL+"/calls"+query).list(t)); got != want {
			t.Errorf("%q: %d calls", query, got)
		}
	}
	if a := get(t, s.URL+"/calls?limit=x"); a.status != http.StatusBadRequest {
		t.Errorf("limit=x: %d", a.status)
	}
	if a, err := request(t, http.MethodGet, s.URL+"/calls", "other", "", nil); err != nil || len(a.list(t)) != 0 {
		t.Errorf("another key sees %s %v", a.body, err)
	}
}

func TestManualControl(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now), agentphonetest.WithManual(), agentphonetest.WithRate(0, 0), agentphonetest.WithSeed(7))
	status := func(id string) map[string]any { return get(t, s.URL+"/calls/"+id).data(t) }
	step := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	a, b, c, d, e := place(t, s, ordinary, "Ask about parking"), place(t, s, ordinary, "b"), place(t, s, ordinary, "c"), place(t, s, ordinary, "Ask about the hours"), place(t, s, ordinary, "e")
	clk.Advance(time.Hour)
	if got := status(a)["status"]; got != "dialing" {
		t.Fatalf("status %v", got)
	}
	step(s.Answer(a))
	step(s.Busy(b))
	step(s.Cancel(c))
	step(s.Answer(d))
	step(s.HangUp(e))
	clk.Advance(42 * time.Second)
	if got := status(a)["status"]; got != "in_progress" {
		t.Fatalf("status %v", got)
	}
	step(s.Complete(a, agentphonetest.Result{Outcome: "partial", Summary: "Half of it.", Transcript: "Agent:Hi\nHost: Half"}))
	step(s.HangUp(d))
	clk.Advance(time.Minute)
	for id, want := range map[string][3]any{
		a: {"completed", "partial", 42.0}, b: {"failed", nil, nil}, c: {"canceled", nil, nil}, d: {"completed", "not_achieved", 42.0}, e: {"failed", nil, nil},
	} {
		if got := status(id); got["status"] != want[0] || got["outcome"] != want[1] || got["duration_seconds"] != want[2] {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if got := status(a); got["transcript"] != "Agent:Hi\nHost: Half" || got["summary"] != "Half of it." {
		t.Errorf("completed: %v", got)
	}
	if got := status(d)["transcript"].(string); !strings.HasSuffix(got, "Host: Sorry, I have to hang up now.") {
		t.Errorf("hung up: %s", got)
	}
	for _, err := range []error{s.Answer(a), s.Busy(b), s.HangUp("nothing")} {
		if err == nil {
			t.Error("no error")
		}
	}
	calls := s.Calls()
	if len(calls) != 5 || calls[0].ID != a || calls[0].Status != "completed" || calls[0].Objective != "Ask about parking" || s.Dials()[ordinary] != 5 {
		t.Errorf("calls: %+v", calls)
	}
}

func TestFaultsAndTheLog(t *testing.T) {
	t.Parallel()
	s := agentphonetest.NewServer(t, agentphonetest.WithFault(agentphonetest.OnMethod(http.MethodPost, agentphonetest.Times(1, agentphonetest.Respond(504, http.Header{"X-Fault": {"1"}}, "gateway")))))
	a, err := post(t, s, ordinary, "x")
	if err != nil || a.status != 504 || a.body != "gateway" || a.header.Get("X-Fault") != "1" {
		t.Errorf("%+v %v", a, err)
	}
	place(t, s, ordinary, "x")
	s.SetFault(agentphonetest.AcceptAndReset)
	if _, err := post(t, s, ordinary, "x"); err == nil {
		t.Error("answered")
	}
	s.SetFault(agentphonetest.Reset)
	if _, err := post(t, s, ordinary, "x"); err == nil {
		t.Error("answered")
	}
	s.SetFault(nil)
	get(t, s.URL+"/calls?limit=4")
	if got := s.Dials()[ordinary]; got != 2 {
		t.Errorf("dialled %d times", got)
	}
	var statuses []int
	for _, r := range s.Requests() {
		statuses = append(statuses, r.Status)
	}
	if want := []int{504, 202, 0, 0, 200}; !equal(statuses, want) {
		t.Errorf("statuses %v, want %v", statuses, want)
	}
	first, last := s.Requests()[0], s.Requests()[4]
	if first.Method != "POST" || first.Path != "/api/v1/calls" || !strings.Contains(first.Body, ordinary) || first.Header.Get("X-Api-Key") != "k" || first.Time.IsZero() || last.Query != "limit=4" {
		t.Errorf("log: %+v … %+v", first, last)
	}
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	s := agentphonetest.NewServer(t, agentphonetest.WithRate(0, 0), agentphonetest.WithSpeed(1000))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			id := place(t, s, ordinary, "Ask about the return policy")
			get(t, s.URL+"/calls")
			get(t, s.URL+"/calls/"+id)
			if err := s.HangUp(id); err != nil && !strings.Contains(err.Error(), "is over") {
				t.Error(err)
			}
			s.Calls()
			s.Requests()
		})
	}
	wg.Wait()
	if got := s.Dials()[ordinary]; got != 8 {
		t.Errorf("dialled %d times", got)
	}
}
