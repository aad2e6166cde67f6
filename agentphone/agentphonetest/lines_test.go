package agentphonetest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
)

// transcript writes lines the way the API does.
func transcript(lines []agentphonetest.Line) string {
	rows := make([]string, len(lines))
	for i, l := range lines {
		rows[i] = l.Speaker + ": " + l.Text
	}
	return strings.Join(rows, "\n")
}

func kinds(lines []agentphonetest.Line) map[agentphonetest.LineKind]int {
	out := map[agentphonetest.LineKind]int{}
	for _, l := range lines {
		out[l.Kind]++
	}
	return out
}

// TestLinesAreSaidOneAfterTheOther looks at a call every second.
func TestLinesAreSaidOneAfterTheOther(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		story string
		speed float64
	}{{"achieved", 1}, {"achieved", 20}, {"long transcript", 3}, {"unknown outcome", 1}, {"never ends", 10}} {
		clk := newClock()
		s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now), agentphonetest.WithSpeed(tt.speed))
		place(t, s, numberOf(t, tt.story), "Ask about parking (dial extension 12 when asked)")
		var last agentphonetest.Call
		grown := 0
		for range 300 {
			clk.Advance(time.Duration(float64(time.Second) / tt.speed))
			c := s.Calls()[0]
			if c.Status == "queued" || c.Status == "dialing" {
				if len(c.Lines) != 0 {
					t.Fatalf("%s: said before anybody answered: %+v", tt.story, c.Lines)
				}
				continue
			}
			if !slices.Equal(c.Lines[:len(last.Lines)], last.Lines) {
				t.Fatalf("%s: %+v became %+v", tt.story, last.Lines, c.Lines)
			}
			if n := len(c.Lines); n > len(last.Lines) {
				grown++
				if at := c.Lines[n-1].At; c.Status == "in_progress" && (at > c.Duration+time.Second/2 || at < c.Duration-2*time.Second) {
					t.Errorf("%s: after %s the last line is from %s", tt.story, c.Duration, at)
				}
			}
			last = c
		}
		if got := transcript(last.Lines); last.Status == "completed" && got != last.Transcript {
			t.Errorf("%s: said:\n%s\ntranscript:\n%s", tt.story, got, last.Transcript)
		}
		if grown < 2 || grown < len(last.Lines)/3 {
			t.Errorf("%s: %d lines came in %d steps", tt.story, len(last.Lines), grown)
		}
		if age := last.Age.Round(time.Millisecond); age != 300*time.Second {
			t.Errorf("%s: age %s at speed %v", tt.story, age, tt.speed)
		}
	}
}

func TestLongLinesTakeLonger(t *testing.T) {
	t.Parallel()
	lines := conversation(t, ordinary, "Ask about the return policy", "Zuni Café").Lines
	words := func(l agentphonetest.Line) int { return len(strings.Fields(l.Text)) }
	for i := range len(lines) - 2 {
		took, next := lines[i+1].At-lines[i].At, lines[i+2].At-lines[i+1].At
		if words(lines[i]) > words(lines[i+1]) != (took > next) && words(lines[i]) != words(lines[i+1]) {
			t.Errorf("%q took %s, %q %s", lines[i].Text, took, lines[i+1].Text, next)
		}
	}
}

func TestTonesAndMachinesAreToldApart(t *testing.T) {
	t.Parallel()
	c := conversation(t, ordinary, "Tell them we are late (dial extension 12 when asked)", "")
	if c.Lines[0].Kind != agentphonetest.Announcement || c.Lines[0].Speaker != "IVR" {
		t.Errorf("first: %+v", c.Lines[0])
	}
	if c.Lines[1].Kind != agentphonetest.Tones || c.Lines[1].Text != "(dials 12)" || c.Lines[1].Speaker != "Agent" {
		t.Errorf("second: %+v", c.Lines[1])
	}
	if got := kinds(c.Lines); got[agentphonetest.Speech] != len(c.Lines)-2 {
		t.Errorf("kinds: %v", got)
	}
}

// TestWhatWasSaidStaysSaid ends a conversation in its middle.
func TestWhatWasSaidStaysSaid(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		end      func(*agentphonetest.Server, string) error
		status   string
		farewell int
	}{
		"hung up":  {func(s *agentphonetest.Server, id string) error { return s.HangUp(id) }, "completed", 1},
		"canceled": {func(s *agentphonetest.Server, id string) error { return s.Cancel(id) }, "canceled", 0},
		"completed": {func(s *agentphonetest.Server, id string) error {
			return s.Complete(id, agentphonetest.Result{Outcome: "partial", Summary: "Half of it."})
		}, "completed", 0},
	} {
		clk := newClock()
		s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now))
		id := place(t, s, ordinary, "Ask about the return policy")
		clk.Advance(25 * time.Second)
		before := s.Calls()[0]
		if len(before.Lines) < 2 {
			t.Fatalf("%s: %+v", name, before)
		}
		if err := tt.end(s, id); err != nil {
			t.Fatal(err)
		}
		clk.Advance(time.Hour)
		after := s.Calls()[0]
		if after.Status != tt.status || len(after.Lines) != len(before.Lines)+tt.farewell || !slices.Equal(after.Lines[:len(before.Lines)], before.Lines) {
			t.Errorf("%s: %s, %+v became %+v", name, after.Status, before.Lines, after.Lines)
		}
		if after.Transcript != transcript(after.Lines) || after.Summary == "" || strings.Contains(after.Summary, "before anybody answered") {
			t.Errorf("%s: %q %q", name, after.Summary, after.Transcript)
		}
		if data := get(t, s.URL+"/calls/"+id).data(t); data["transcript"] != after.Transcript {
			t.Errorf("%s: the API says %v", name, data["transcript"])
		}
	}
}

func TestAGivenTranscriptIsSpreadOverTheCall(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now), agentphonetest.WithManual())
	id := place(t, s, ordinary, "x")
	clk.Advance(5 * time.Second)
	if err := s.Answer(id); err != nil {
		t.Fatal(err)
	}
	clk.Advance(40 * time.Second)
	if err := s.Complete(id, agentphonetest.Result{Outcome: "achieved", Transcript: "Ann: Hello?\nAgent: (presses 7)\nAnn: Yes."}); err != nil {
		t.Fatal(err)
	}
	c := s.Calls()[0]
	if len(c.Lines) != 3 || c.Lines[0].Speaker != "Ann" || c.Lines[1].Kind != agentphonetest.Tones || !c.Manual {
		t.Fatalf("%+v", c)
	}
	for i, l := range c.Lines {
		if l.At <= 0 || l.At >= 40*time.Second || (i > 0 && l.At <= c.Lines[i-1].At) {
			t.Errorf("line %d at %s", i, l.At)
		}
	}
}
