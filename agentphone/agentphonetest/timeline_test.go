package agentphonetest_test

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
)

// TestSpeedChangesWithoutAJump: a call goes on from where it is.
func TestSpeedChangesWithoutAJump(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now), agentphonetest.WithRate(0, 0))
	start := clk.Now()
	id := place(t, s, numberOf(t, "never ends"), "Ask about the return policy")
	want := time.Duration(0)
	for _, leg := range []struct {
		speed float64
		clock time.Duration
	}{{1, 20 * time.Second}, {10, 3 * time.Second}, {0.5, 8 * time.Second}, {1, 0}, {3, time.Second}} {
		before := s.Calls()[0]
		s.SetSpeed(leg.speed)
		if got := s.Calls()[0]; got.Age != before.Age || got.Duration != before.Duration || len(got.Lines) != len(before.Lines) || s.Speed() != leg.speed {
			t.Errorf("at speed %v: %s became %s", leg.speed, before.Age, got.Age)
		}
		clk.Advance(leg.clock)
		want += time.Duration(float64(leg.clock) * leg.speed)
		if got := s.Calls()[0].Age; got != want {
			t.Errorf("after %s at speed %v: age %s, want %s", leg.clock, leg.speed, got, want)
		}
	}
	if got := s.Simulated(start.Add(21 * time.Second)); got != 30*time.Second {
		t.Errorf("1 s into speed 10: %s", got)
	}
	if got := get(t, s.URL+"/calls/"+id).data(t)["created_at"]; got != "2026-01-01T12:00:00Z" {
		t.Errorf("created at %v", got)
	}
	for _, f := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if s.SetSpeed(f); s.Speed() != 3 {
			t.Errorf("speed %v was taken", f)
		}
	}
}

// TestTheWindowOfTheLimitGoesAtTheSpeedOfNow: requests age as fast as calls.
func TestTheWindowOfTheLimitGoesAtTheSpeedOfNow(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now), agentphonetest.WithSpeed(10), agentphonetest.WithRate(1, time.Minute))
	look := func(want int, retry string) {
		t.Helper()
		if a := get(t, s.URL+"/calls"); a.status != want || a.header.Get("Retry-After") != retry {
			t.Errorf("%d, Retry-After %q, want %d %q", a.status, a.header.Get("Retry-After"), want, retry)
		}
	}
	look(200, "")
	clk.Advance(3 * time.Second)
	look(429, "3")
	s.SetSpeed(1) // 30 s of the minute are left
	look(429, "30")
	clk.Advance(29 * time.Second)
	look(429, "1")
	clk.Advance(time.Second)
	look(200, "")
	s.SetSpeed(30)
	look(429, "2")
	clk.Advance(2 * time.Second)
	look(200, "")
	for _, story := range []string{"rate limited", "rate limited once"} {
		clk.Advance(time.Hour)
		if a, err := post(t, s, numberOf(t, story), "x"); err != nil || a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") != "2" {
			t.Errorf("%s: %d %q %v", story, a.status, a.header.Get("Retry-After"), err)
		}
	}
}

// TestARecordingIsFromTheEndOfItsCall by the clock, at whatever speeds it went.
func TestARecordingIsFromTheEndOfItsCall(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now), agentphonetest.WithRate(0, 0), agentphonetest.WithManual())
	id := place(t, s, ordinary, "x")
	clk.Advance(10 * time.Second)
	s.SetSpeed(20)
	clk.Advance(10 * time.Second)
	for _, err := range []error{s.Answer(id), s.Complete(id, agentphonetest.Result{Outcome: "achieved", Transcript: "Host: Yes"})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	ended := clk.Now()
	clk.Advance(time.Minute)
	s.SetSpeed(2)
	clk.Advance(time.Minute)
	a := get(t, get(t, s.URL+"/calls/"+id).data(t)["recording_url"].(string))
	if got := a.header.Get("Last-Modified"); got != ended.Format(http.TimeFormat) {
		t.Errorf("%d, from %s, ended at %s", a.status, got, ended)
	}
}

// TestSimulatedTimeIsContinuous at any speeds, changed at any moments.
func TestSimulatedTimeIsContinuous(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		clk := newClock()
		s := agentphonetest.New(agentphonetest.WithClock(clk.Now), agentphonetest.WithSpeed(rapid.Float64Range(0.1, 100).Draw(t, "speed")))
		dial(t, s, ordinary, "x", "")
		want, last := time.Duration(0), s.Simulated(clk.Now())
		type moment struct {
			at        time.Time
			simulated time.Duration
		}
		var moments []moment
		for range rapid.IntRange(1, 20).Draw(t, "legs") {
			if rapid.Bool().Draw(t, "change") {
				s.SetSpeed(rapid.Float64Range(0.1, 100).Draw(t, "speed"))
			}
			d := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "clock"))
			clk.Advance(d)
			want += time.Duration(float64(d) * s.Speed())
			got := s.Simulated(clk.Now())
			if got < last || (got-want).Abs() > time.Microsecond || s.Calls()[0].Age != got {
				t.Fatalf("%s after %s, want %s; the call is %s old", got, last, want, s.Calls()[0].Age)
			}
			last = got
			moments = append(moments, moment{clk.Now(), got})
		}
		for _, m := range moments {
			if got := s.Simulated(m.at); (got - m.simulated).Abs() > time.Microsecond {
				t.Fatalf("%s has become %s", m.simulated, got)
			}
		}
	})
}

// TestLinesAreAPrefixOfTheTranscript is the promise of the package comment: whatever a
// person does, at whatever speed, what was said stays said, in its order.
func TestLinesAreAPrefixOfTheTranscript(t *testing.T) {
	t.Parallel()
	rank := map[string]int{"queued": 0, "dialing": 1, "in_progress": 2, "on_hold": 2, "completed": 3, "failed": 3, "canceled": 3}
	var numbers []string
	for _, story := range agentphonetest.Stories() {
		if story.Number < "+14155550117" {
			numbers = append(numbers, story.Number)
		}
	}
	objectives := []string{"Book a table for 2 tonight at 7pm under Sarah", "Ask about the return policy", "Order a pizza", "Cancel my appointment", "Complain about the soup", "Move it to Friday", "Tell them ext. 7 we are late", "x"}
	texts := []string{"Hello?", "One moment, please", "Who is this?", "Say that again", "Bye.", "We have one at seven. Under what name should I put it down?", "Yes: 12 dollars"}
	rapid.Check(t, func(t *rapid.T) {
		clk := newClock()
		s := agentphonetest.New(agentphonetest.WithClock(clk.Now), agentphonetest.WithRate(0, 0))
		seen := map[string]agentphonetest.Call{}
		pick := func() string {
			calls := s.Calls()
			if len(calls) == 0 {
				t.Skip("nobody was called")
			}
			return calls[rapid.IntRange(0, len(calls)-1).Draw(t, "call")].ID
		}
		t.Repeat(map[string]func(*rapid.T){
			"dial": func(t *rapid.T) {
				dial(t, s, rapid.SampledFrom(numbers).Draw(t, "number"), rapid.SampledFrom(objectives).Draw(t, "objective"), "")
			},
			"wait": func(*rapid.T) {
				clk.Advance(time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(t, "clock")))
			},
			"speed":  func(t *rapid.T) { s.SetSpeed(rapid.Float64Range(0.1, 20).Draw(t, "speed")) },
			"manual": func(*rapid.T) { s.SetManual(!s.Manual()) },
			// Errors are what the person is told who comes too late or too early.
			"answer":   func(*rapid.T) { _ = s.Answer(pick()) },
			"say":      func(t *rapid.T) { _ = s.Say(pick(), rapid.SampledFrom(texts).Draw(t, "text")) },
			"menu":     func(*rapid.T) { _ = s.Menu(pick()) },
			"hang up":  func(*rapid.T) { _ = s.HangUp(pick()) },
			"busy":     func(*rapid.T) { _ = s.Busy(pick()) },
			"cancel":   func(*rapid.T) { _ = s.Cancel(pick()) },
			"complete": func(*rapid.T) { _ = s.Complete(pick(), agentphonetest.Result{Outcome: "partial"}) },
			"": func(t *rapid.T) {
				for _, c := range s.Calls() {
					before := seen[c.ID]
					if len(c.Lines) < len(before.Lines) || rank[c.Status] < rank[before.Status] || c.Age < before.Age || c.Duration < before.Duration {
						t.Fatalf("%+v\nbecame\n%+v", before, c)
					}
					at := time.Duration(0)
					for i, l := range c.Lines {
						if i < len(before.Lines) && l != before.Lines[i] {
							t.Fatalf("%+v became %+v", before.Lines[i], l)
						}
						if l.At < at || l.At > c.Age || l.Text == "" || l.Kind == "" {
							t.Fatalf("after %s: %+v", at, l)
						}
						at = l.At
					}
					if rank[c.Status] < 2 && len(c.Lines) > 0 {
						t.Fatalf("said before anybody answered: %+v", c)
					}
					if rank[c.Status] == 3 && c.Transcript != transcript(c.Lines) || rank[c.Status] < 3 && c.Transcript != "" {
						t.Fatalf("%+v", c)
					}
					if rank[before.Status] == 3 && (c.Transcript != before.Transcript || c.Status != before.Status || c.Summary != before.Summary) {
						t.Fatalf("%+v\nbecame\n%+v", before, c)
					}
					seen[c.ID] = c
				}
			},
		})
		clk.Advance(100 * time.Hour)
		for _, c := range s.Calls() {
			if said := transcript(seen[c.ID].Lines); c.Transcript != "" && !strings.HasPrefix(c.Transcript, said) {
				t.Fatalf("said:\n%s\ntranscript:\n%s", said, c.Transcript)
			}
		}
	})
}
