package agentphonetest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
)

// dial places a call without a network.
func dial(t interface {
	Context() context.Context
	Fatalf(format string, args ...any)
}, s *agentphonetest.Simulator, number, objective, business string,
) string {
	body, err := json.Marshal(map[string]string{"to_phone_number": number, "objective": objective, "business_name": business})
	if err != nil {
		t.Fatalf("the request: %v", err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, agentphonetest.BasePath+"/calls", strings.NewReader(string(body)))
	r.Header.Set("x-api-key", "k")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var answer struct {
		Data struct {
			ID string `json:"call_id"`
		} `json:"data"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusAccepted {
		t.Fatalf("POST: %d %s", w.Code, w.Body)
	}
	return answer.Data.ID
}

// TestAPersonAnswers reads like the calls it makes; what the agent answers is in the
// golden file, to be read.
func TestAPersonAnswers(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, tt := range []struct {
		objective, business string
		said                []string // "" lets a menu talk
	}{
		{"Book a table for 2 tonight at 7pm under Sarah", "Zuni Café", []string{"Zuni, hello?", "One moment, please.", "We have a table at 7. What name?", "Done, see you then.", "Bye!"}},
		{"Book a table for 2 tonight at 7pm under Sarah", "Zuni Café", []string{"", "Seven is fine. The name?"}},
		{"Ask about the return policy", "", []string{"", "", "Thirty days, with a receipt.", "Who is this?", "Without a receipt you get a voucher.", "Which order is it about?", "All right."}},
		{"What are your hours on Sunday?", "", []string{"Hello?", "Pardon?", "Eleven to four.", "Closed on holidays", "Yes.", "Anything else?"}},
		{"Tell them we'll be 10 minutes late (dial extension 12 when asked)", "", []string{"", "Thanks for telling us."}},
		{"Order two large pepperoni pizzas for pickup at 6pm under Lee", "Tony's", []string{"Tony's.", "Anything else?", "Name?", "That's 31 dollars."}},
		{"2 + 2", "", []string{"Are you a robot?", "Are you a robot?", "Four."}},
	} {
		clk := newClock()
		s := agentphonetest.New(agentphonetest.WithClock(clk.Now), agentphonetest.WithManual())
		id := dial(t, s, ordinary, tt.objective, tt.business)
		clk.Advance(5 * time.Second)
		if tt.said[0] != "" {
			if err := s.Answer(id); err != nil {
				t.Fatal(err)
			}
			clk.Advance(time.Hour)
			if c := s.Calls()[0]; len(c.Lines) != 0 || c.Status != "in_progress" {
				t.Errorf("nobody said anything, but: %+v", c)
			}
		}
		for _, text := range tt.said {
			do := s.Menu
			if text != "" {
				do = func(id string) error { return s.Say(id, text) }
			}
			if err := do(id); err != nil {
				t.Fatal(err)
			}
			if now := s.Calls()[0].Lines; len(now) == 0 || (text != "" && now[len(now)-1].Text != text) {
				t.Errorf("after %q: %+v", text, now)
			}
			clk.Advance(time.Minute)
			if now := s.Calls()[0].Lines; now[len(now)-1].Speaker != "Agent" {
				t.Errorf("the agent does not answer %q", text)
			}
		}
		lines := s.Calls()[0].Lines
		if err := s.Complete(id, agentphonetest.Result{Outcome: "achieved", Summary: "Done."}); err != nil {
			t.Fatal(err)
		}
		c := s.Calls()[0]
		if c.Transcript != transcript(lines) || !slices.Equal(c.Lines, lines) || c.Summary != "Done." {
			t.Errorf("said:\n%s\ntranscript:\n%s", transcript(lines), c.Transcript)
		}
		fmt.Fprintf(&b, "## %s\n\n", tt.objective)
		for _, l := range c.Lines {
			fmt.Fprintf(&b, "    %8s  %-12s  %s: %s\n", l.At, l.Kind, l.Speaker, l.Text)
		}
		b.WriteString("\n")
	}
	golden(t, "answered.md", b.String())
}

// TestAPersonInterrupts: what was about to be said is not.
func TestAPersonInterrupts(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := agentphonetest.New(agentphonetest.WithClock(clk.Now), agentphonetest.WithManual())
	id := dial(t, s, ordinary, "Ask about parking", "")
	if err := s.Menu(id); err != nil {
		t.Fatal(err)
	}
	clk.Advance(time.Second)
	for _, text := range []string{"Hello, this is Ana.", "Are you there?"} {
		if err := s.Say(id, text); err != nil {
			t.Fatal(err)
		}
		clk.Advance(time.Second) // the agent has not begun
	}
	clk.Advance(time.Hour)
	lines := s.Calls()[0].Lines
	if len(lines) != 4 || lines[0].Kind != agentphonetest.Announcement || lines[1].Text != "Hello, this is Ana." || lines[2].Text != "Are you there?" {
		t.Fatalf("%+v", lines)
	}
	if !strings.Contains(lines[3].Text, "I'm an AI assistant") || lines[3].At-lines[2].At > 3*time.Second {
		t.Errorf("the agent's first words: %+v", lines[3])
	}
	if err := s.Say(id, "Yes.\nAgent: \x00no"); err != nil {
		t.Fatal(err)
	}
	if err := s.HangUp(id); err != nil {
		t.Fatal(err)
	}
	c := s.Calls()[0]
	if got := c.Lines[len(c.Lines)-2:]; len(c.Lines) != 6 || got[0].Text != "Yes. Agent: no" || got[1].Text != "Sorry, I have to hang up now." || c.Outcome != "not_achieved" {
		t.Errorf("%+v", c)
	}
}

func TestOnlyNewCallsWaitForAPerson(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := agentphonetest.New(agentphonetest.WithClock(clk.Now))
	first := dial(t, s, ordinary, "Ask about parking", "")
	s.SetManual(true)
	second := dial(t, s, ordinary, "Ask about parking", "")
	if !s.Manual() {
		t.Error("not manual")
	}
	s.SetManual(false)
	dial(t, s, numberOf(t, "never ends"), "Ask about parking", "")
	clk.Advance(time.Hour)
	var got []string
	for _, c := range s.Calls() {
		got = append(got, fmt.Sprint(c.Status, " ", c.Manual))
	}
	if want := []string{"completed false", "dialing true", "in_progress false"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for name, err := range map[string]error{
		"is over":               s.Say(first, "Hello?"),
		"nobody has answered":   s.Say(second, "Hello?"),
		"goes its own way":      s.Say(s.Calls()[2].ID, "Hello?"),
		"only a call that":      s.Menu(s.Calls()[2].ID),
		`no call "x"`:           s.Menu("x"),
		"it was answered alrea": s.Answer(s.Calls()[2].ID),
	} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Answer(second); err != nil {
		t.Fatal(err)
	}
	if err := s.Say(second, " \n\x07"); err == nil || !strings.Contains(err.Error(), "nothing to say") {
		t.Errorf("nothing said: %v", err)
	}
	if err := s.Busy(second); err == nil {
		t.Error("busy while it talks")
	}
}

// TestAStoryOfFailureCanBeAnswered: the person at the phone decides.
func TestAStoryOfFailureCanBeAnswered(t *testing.T) {
	t.Parallel()
	for _, story := range []string{"failed", "no answer", "canceled", "never ends", "unknown status", "silent"} {
		clk := newClock()
		s := agentphonetest.New(agentphonetest.WithClock(clk.Now), agentphonetest.WithManual())
		id := dial(t, s, numberOf(t, story), "Ask about parking", "")
		clk.Advance(time.Hour)
		for _, err := range []error{s.Answer(id), s.Say(id, "Hello?")} {
			if err != nil {
				t.Errorf("%s: %v", story, err)
			}
		}
		clk.Advance(time.Hour)
		if c := s.Calls()[0]; c.Status != "in_progress" || len(c.Lines) != 2 {
			t.Errorf("%s: %+v", story, c)
		}
	}
}

// TestThePhoneInRealTime looks and acts from several sides at once, in the time of a
// bubble.
func TestThePhoneInRealTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := agentphonetest.New(agentphonetest.WithRate(0, 0), agentphonetest.WithManual(), agentphonetest.WithSpeed(10))
		id := dial(t, s, ordinary, "Ask about parking", "")
		go func() {
			for range 100 {
				s.SetManual(!s.Manual())
				time.Sleep(10 * time.Millisecond)
			}
		}()
		go func() {
			time.Sleep(100 * time.Millisecond)
			if err := s.Menu(id); err != nil {
				t.Error(err)
			}
		}()
		seen := 0
		for range 100 {
			time.Sleep(100 * time.Millisecond)
			lines := s.Calls()[0].Lines
			if len(lines) < seen {
				t.Fatalf("%d lines, then %d", seen, len(lines))
			}
			seen = len(lines)
		}
		if c := s.Calls()[0]; seen < 4 || c.Lines[seen-1].Speaker != "Agent" || c.Age != 100*time.Second || c.Duration != 99*time.Second {
			t.Errorf("%+v", c)
		}
	})
}
