package agentphonetest_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
)

func TestPollLoop(t *testing.T) {
	t.Parallel()
	const s, never = time.Second, agentphonetest.Never
	for name, tt := range map[string]struct {
		lives    []agentphonetest.Life
		timeout  time.Duration
		from, to time.Duration
		want     int
	}{
		"nobody is called":         {nil, 0, 0, time.Hour, 0},
		"the POST":                 {[]agentphonetest.Life{{5 * s, never, never}}, 0, 4 * s, 5 * s, 1},
		"before the POST":          {[]agentphonetest.Life{{5 * s, never, never}}, 0, 0, 4 * s, 0},
		"the window leaves it out": {[]agentphonetest.Life{{5 * s, never, never}}, 0, 5 * s, 14 * s, 0},
		"a minute of a call":       {[]agentphonetest.Life{{0, never, never}}, 0, 30 * s, 90 * s, 6},
		"three calls":              {[]agentphonetest.Life{{0, never, never}, {1 * s, never, never}, {2 * s, never, never}}, 0, 60 * s, 120 * s, 18},
		"from POST to summary":     {[]agentphonetest.Life{{0, 25 * s, 33 * s}}, 0, -1, time.Hour, 1 + 3 + 2},
		"the summary is there":     {[]agentphonetest.Life{{0, 25 * s, 28 * s}}, 0, -1, time.Hour, 1 + 3},
		"just in time":             {[]agentphonetest.Life{{0, 30 * s, 32 * s}}, 0, -1, time.Hour, 1 + 3 + 1},
		"a slow summary":           {[]agentphonetest.Life{{0, 30 * s, 75 * s}}, 0, -1, time.Hour, 1 + 3 + 23},
		"over at once":             {[]agentphonetest.Life{{0, 0, 0}}, 0, -1, time.Hour, 1 + 1},
		"it gives up":              {[]agentphonetest.Life{{0, never, never}}, 5 * time.Minute, -1, time.Hour, 1 + 30},
		"it gave up before":        {[]agentphonetest.Life{{0, 310 * s, 312 * s}}, 5 * time.Minute, -1, time.Hour, 1 + 30},
		"it saw the end at last":   {[]agentphonetest.Life{{0, 300 * s, 302 * s}}, 5 * time.Minute, -1, time.Hour, 1 + 30 + 1},
		"an empty window":          {[]agentphonetest.Life{{0, never, never}}, 0, 60 * s, 60 * s, 0},
	} {
		loop := agentphonetest.PollLoop{Interval: 10 * s, Timeout: tt.timeout}
		if got := loop.Requests(tt.lives, tt.from, tt.to); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
	if got := (agentphonetest.PollLoop{}).Requests([]agentphonetest.Life{{s, 2 * s, 3 * s}}, 0, time.Hour); got != 1 {
		t.Errorf("without an interval: %d", got)
	}
}

// TestPollLoopIsWhatALoopDoes compares the count with a loop that runs.
func TestPollLoopIsWhatALoopDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, most int64) time.Duration {
			return time.Duration(rapid.Int64Range(0, most).Draw(t, name))
		}
		interval := 5 + draw("interval", 50)
		l := agentphonetest.Life{Asked: draw("asked", 100)}
		l.Ended = l.Asked + draw("ended", 500)
		l.Summarized = l.Ended + draw("summarized", 200)
		from := draw("from", 400)
		to := from + draw("to", 800)
		want := 0
		count := func(at time.Duration) {
			if from < at && at <= to {
				want++
			}
		}
		at := l.Asked
		count(at)
		for seen := false; !seen; seen = at >= l.Ended {
			at += interval
			count(at)
		}
		for at < l.Summarized {
			at += interval / 5
			count(at)
		}
		if got := (agentphonetest.PollLoop{Interval: interval}).Requests([]agentphonetest.Life{l}, from, to); got != want {
			t.Fatalf("%d, want %d", got, want)
		}
	})
}

// TestLives are when the API shows what it shows.
func TestLives(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now), agentphonetest.WithRate(0, 0))
	clk.Advance(7 * time.Second)
	slow := s.URL + "/calls/" + place(t, s, numberOf(t, "slow enrichment"), "x")
	place(t, s, numberOf(t, "never ends"), "x")
	lives := s.Lives()
	if len(lives) != 2 || lives[0].Asked != 7*time.Second || lives[1].Ended != agentphonetest.Never || lives[1].Summarized != agentphonetest.Never {
		t.Fatalf("%+v", lives)
	}
	clk.Advance(lives[0].Ended - lives[0].Asked - 1)
	for _, step := range []struct {
		by      time.Duration
		status  string
		summary bool
	}{{0, "in_progress", false}, {1, "completed", false}, {lives[0].Summarized - lives[0].Ended - 1, "completed", false}, {1, "completed", true}} {
		clk.Advance(step.by)
		if data := get(t, slow).data(t); data["status"] != step.status || (data["summary"] != nil) != step.summary {
			t.Errorf("at %s: %v", s.Simulated(clk.Now()), data)
		}
	}
	if err := s.HangUp(s.Calls()[1].ID); err != nil {
		t.Fatal(err)
	}
	if got := s.Lives()[1].Ended; got != s.Simulated(clk.Now()) {
		t.Errorf("hung up: %s", got)
	}
}
