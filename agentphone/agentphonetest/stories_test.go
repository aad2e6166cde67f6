package agentphonetest_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
)

func TestStories(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		story, status, outcome string
		check                  func(t *testing.T, s *agentphonetest.Server, data map[string]any)
	}{
		{story: "achieved", status: "completed", outcome: "achieved"},
		{story: "partial", status: "completed", outcome: "partial"},
		{story: "not achieved", status: "completed", outcome: "not_achieved"},
		{story: "failed", status: "failed"},
		{story: "no answer", status: "failed"},
		{story: "canceled", status: "canceled"},
		{story: "never ends", status: "in_progress"},
		{story: "unknown status", status: "completed", outcome: "achieved"},
		{story: "unknown outcome", status: "completed", outcome: "left_voicemail"},
		{story: "silent", status: "completed", outcome: "achieved", check: func(t *testing.T, _ *agentphonetest.Server, data map[string]any) {
			if data["transcript"] != "" || data["summary"] == "" || data["recording_url"] == nil {
				t.Errorf("silent: %v", data)
			}
		}},
		{story: "no recording", status: "completed", outcome: "achieved", check: func(t *testing.T, _ *agentphonetest.Server, data map[string]any) {
			if data["recording_url"] != nil {
				t.Errorf("recording_url %v", data["recording_url"])
			}
		}},
		{story: "recording expired", status: "completed", outcome: "achieved", check: func(t *testing.T, _ *agentphonetest.Server, data map[string]any) {
			if a := get(t, data["recording_url"].(string)); a.status != http.StatusNotFound {
				t.Errorf("recording: %d", a.status)
			}
		}},
		{story: "recording not audio", status: "completed", outcome: "achieved", check: func(t *testing.T, _ *agentphonetest.Server, data map[string]any) {
			if a := get(t, data["recording_url"].(string)); a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
				t.Errorf("recording: %d %v", a.status, a.header)
			}
		}},
		{story: "long transcript", status: "completed", outcome: "achieved", check: func(t *testing.T, _ *agentphonetest.Server, data map[string]any) {
			if n := len(data["transcript"].(string)); n <= 4000 {
				t.Errorf("%d characters", n)
			}
		}},
	} {
		t.Run(tt.story, func(t *testing.T) {
			t.Parallel()
			clk := newClock()
			s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now))
			id := place(t, s, numberOf(t, tt.story), "Ask about the return policy")
			clk.Advance(time.Hour)
			data := get(t, s.URL+"/calls/"+id).data(t)
			outcome, _ := data["outcome"].(string)
			if data["status"] != tt.status || outcome != tt.outcome {
				t.Fatalf("status %v, outcome %v", data["status"], data["outcome"])
			}
			if tt.check != nil {
				tt.check(t, s, data)
			}
		})
	}
}

func numberOf(t *testing.T, name string) string {
	t.Helper()
	for _, s := range agentphonetest.Stories() {
		if s.Name == name {
			return s.Number
		}
	}
	t.Fatalf("no story %q", name)
	return ""
}

func TestUnknownStatusWhileTalking(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now))
	id := place(t, s, numberOf(t, "unknown status"), "Ask about the return policy")
	clk.Advance(15 * time.Second)
	if got := get(t, s.URL+"/calls/"+id).data(t)["status"]; got != "on_hold" {
		t.Errorf("status %v", got)
	}
}

func TestSlowEnrichment(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now), agentphonetest.WithRate(0, 0))
	target := s.URL + "/calls/" + place(t, s, numberOf(t, "slow enrichment"), "Ask about the return policy")
	for get(t, target).data(t)["status"] != "completed" {
		clk.Advance(time.Second)
	}
	clk.Advance(40 * time.Second)
	if got := get(t, target).data(t)["summary"]; got != nil {
		t.Errorf("summary after 40 s: %v", got)
	}
	clk.Advance(6 * time.Second)
	if got := get(t, target).data(t)["summary"]; got == nil {
		t.Error("no summary after 46 s")
	}
}

func TestStoriesOfThePost(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		story    string
		statuses []int // of one POST after the other; 0 is a broken connection
		dials    int
	}{
		{"no credits", []int{402, 402}, 0},
		{"rate limited", []int{429, 429}, 0},
		{"rate limited once", []int{429, 202}, 1},
		{"number refused", []int{400}, 0},
		{"bad key", []int{401}, 0},
		{"server error", []int{500}, 0},
		{"unavailable", []int{503}, 0},
		{"reset after accept", []int{0}, 1},
		{"reset before accept", []int{0}, 0},
		{"malformed answer", []int{202}, 1},
		{"answer without id", []int{202}, 1},
		{"redirect", []int{307}, 0},
	} {
		t.Run(tt.story, func(t *testing.T) {
			t.Parallel()
			s := agentphonetest.NewServer(t)
			number := numberOf(t, tt.story)
			for i, want := range tt.statuses {
				a, err := post(t, s, number, "Ask about the return policy")
				if (want == 0) != (err != nil) || a.status != want {
					t.Errorf("POST %d: %d %v", i+1, a.status, err)
				}
				if a.status == http.StatusTooManyRequests && a.header.Get("Retry-After") != "60" {
					t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
				}
			}
			if got := s.Dials()[number]; got != tt.dials {
				t.Errorf("dialled %d times", got)
			}
			if got := len(get(t, s.URL+"/calls").list(t)); got != tt.dials {
				t.Errorf("%d calls listed", got)
			}
		})
	}
}

func TestHangEndsWithTheServer(t *testing.T) {
	t.Parallel()
	for story, dials := range map[string]int{"hang": 1, "hang, not accepted": 0} {
		arrived := make(chan struct{})
		s := agentphonetest.NewServer(t, agentphonetest.WithFault(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			close(arrived)
			next.ServeHTTP(w, r)
		}))
		failed := make(chan error, 1)
		go func() {
			_, err := post(t, s, numberOf(t, story), "Ask about the return policy")
			failed <- err
		}()
		<-arrived
		select {
		case err := <-failed:
			t.Errorf("%s: it did not hang: %v", story, err)
		default:
			s.Close()
			if err := <-failed; err == nil {
				t.Errorf("%s: an answer came", story)
			}
		}
		if got := s.Dials()[numberOf(t, story)]; got != dials {
			t.Errorf("%s: dialled %d times", story, got)
		}
	}
}

func TestPollStories(t *testing.T) {
	t.Parallel()
	s := agentphonetest.NewServer(t)
	id := place(t, s, numberOf(t, "polls fail"), "x")
	for i, want := range []int{503, 503, 503, 200} {
		if a := get(t, s.URL+"/calls/"+id); a.status != want {
			t.Errorf("poll %d: %d", i+1, a.status)
		}
	}
	id = place(t, s, numberOf(t, "forgotten"), "x")
	if a := get(t, s.URL+"/calls/"+id); a.status != http.StatusNotFound {
		t.Errorf("forgotten: %d", a.status)
	}
	if a := get(t, s.URL+"/calls/nothing"); a.status != http.StatusNotFound {
		t.Errorf("an unknown id: %d", a.status)
	}
}

func TestThePackageCommentHasTheTable(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^//\t\+1 NPA 555-(01\d\d) +\S`).FindAllSubmatch(doc, -1)
	stories := agentphonetest.Stories()
	if len(rows) != len(stories) {
		t.Fatalf("%d rows, %d stories", len(rows), len(stories))
	}
	names := map[string]bool{}
	for i, s := range stories {
		if !strings.HasSuffix(s.Number, string(rows[i][1])) {
			t.Errorf("row %d is %s, story %s", i, rows[i][1], s.Number)
		}
		if names[s.Name] || s.Description == "" {
			t.Errorf("story %+v", s)
		}
		names[s.Name] = true
		if s.Number == ordinary {
			t.Errorf("%s must stay ordinary", ordinary)
		}
	}
}
