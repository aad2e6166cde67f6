package page

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/nyaruka/phonenumbers"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
	"github.com/agentphone-slack/callbot/internal/sandbox"
)

// phoneState is the other end of the line, and what it costs to follow it.
type phoneState struct {
	Speed    float64           `json:"speed"`
	Manual   bool              `json:"manual"`
	Credits  int               `json:"credits"`
	Calls    []phoneCall       `json:"calls"`
	Provider sandbox.Condition `json:"provider"`
	Slack    sandbox.Condition `json:"slack"`
	Magic    []magic           `json:"magic"`
	Traffic  traffic           `json:"traffic"`
}

type magic struct {
	Number      string `json:"number"`
	Display     string `json:"display"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

type phoneCall struct {
	ID        string  `json:"id"`
	Number    string  `json:"number"`
	Display   string  `json:"display"`
	Business  string  `json:"business"`
	Objective string  `json:"objective"`
	Story     string  `json:"story"`
	Status    string  `json:"status"`
	Manual    bool    `json:"manual"`
	Age       float64 `json:"age_s"`
	Talk      float64 `json:"talk_s"`
	Lines     []line  `json:"lines"`
	Outcome   string  `json:"outcome,omitempty"`
	Summary   string  `json:"summary,omitempty"`
}

type line struct {
	Speaker string  `json:"speaker"`
	Kind    string  `json:"kind"`
	Text    string  `json:"text"`
	At      float64 `json:"at_s"`
}

// traffic is the requests to AgentPhone against its limit.
type traffic struct {
	Limit   int      `json:"limit"`
	Window  int64    `json:"window_ms"`
	Used    int      `json:"used"`
	Plain   int      `json:"plain"`
	Samples []sample `json:"samples"`
}

type sample struct {
	Ours  int `json:"ours"`
	Plain int `json:"plain"`
}

const (
	// maxCalls bounds the calls that are shown, the newest of them.
	maxCalls = 20
	// maxSamples is the length of the chart: as many as a window has sixtieths.
	maxSamples = 60
)

var allMagic = sync.OnceValue(func() []magic {
	var out []magic
	for _, st := range agentphonetest.Stories() {
		out = append(out, magic{st.Number, display(st.Number), st.Name, st.Description})
	}
	return out
})

// display is a number as people write it.
func display(e164 string) string {
	if known, ok := displays.Load(e164); ok {
		return known.(string) //nolint:forcetypeassert // nothing else is put there
	}
	shown := e164
	if n, err := phonenumbers.Parse(e164, ""); err == nil {
		format := phonenumbers.INTERNATIONAL
		if n.GetCountryCode() == 1 {
			format = phonenumbers.NATIONAL
		}
		shown = phonenumbers.Format(n, format)
	}
	displays.Store(e164, shown)
	return shown
}

// displays keeps what [display] has looked up: the same few numbers are shown again and again.
var displays sync.Map

func (s *Server) phone() phoneState {
	sim := s.world.Phone
	provider, slack := s.world.Conditions()
	st := phoneState{
		Speed: sim.Speed(), Manual: sim.Manual(), Credits: sim.Credits(), Calls: []phoneCall{},
		Provider: provider, Slack: slack, Magic: allMagic(), Traffic: s.traffic(),
	}
	for _, c := range slices.Backward(sim.Calls()) {
		if len(st.Calls) == maxCalls {
			break
		}
		shown := phoneCall{
			ID: c.ID, Number: c.ToPhoneNumber, Display: display(c.ToPhoneNumber), Business: c.BusinessName, Objective: c.Objective,
			Story: c.Story, Status: c.Status, Manual: c.Manual, Talk: c.Duration.Seconds(), Lines: []line{},
			Outcome: c.Outcome, Summary: c.Summary,
		}
		if !ended(c.Status) { // what does not change is told once
			shown.Age = tenths(c.Age)
		}
		for _, l := range c.Lines {
			shown.Lines = append(shown.Lines, line{l.Speaker, string(l.Kind), l.Text, tenths(l.At)})
		}
		st.Calls = append(st.Calls, shown)
	}
	return st
}

// ended reports whether a status is a call's last.
func ended(status string) bool {
	return status == "completed" || status == "failed" || status == "canceled"
}

// tenths are seconds, as precise as anybody reads them.
func tenths(d time.Duration) float64 { return d.Round(100 * time.Millisecond).Seconds() }

type phoneRequest struct {
	Do      string `json:"do"`
	Call    string `json:"call"`
	Text    string `json:"text"`
	Outcome string `json:"outcome"`
	Summary string `json:"summary"`
	On      bool   `json:"on"`
	Credits int    `json:"credits"`
}

// actOnPhone does what the called party does.
func (s *Server) actOnPhone(_ context.Context, q phoneRequest) (nothing, error) {
	sim := s.world.Phone
	switch q.Do {
	case "manual":
		sim.SetManual(q.On)
		s.journal.phone("", "phone manual", map[bool]string{true: "on", false: "off"}[q.On])
		return nothing{}, nil
	case "credits":
		s.journal.switched("phone credits", strconv.Itoa(q.Credits))
		sim.SetCredits(q.Credits)
		return nothing{}, nil
	}
	act, known := map[string]struct {
		do     func() error
		script []string
	}{
		"answer":  {func() error { return sim.Answer(q.Call) }, []string{"phone answer"}},
		"busy":    {func() error { return sim.Busy(q.Call) }, []string{"phone busy"}},
		"menu":    {func() error { return sim.Menu(q.Call) }, []string{"phone menu"}},
		"hang_up": {func() error { return sim.HangUp(q.Call) }, []string{"phone hang-up"}},
		"cancel":  {func() error { return sim.Cancel(q.Call) }, []string{"phone cancel"}},
		"say":     {func() error { return sim.Say(q.Call, q.Text) }, []string{"phone says", q.Text}},
		"complete": {func() error {
			return sim.Complete(q.Call, agentphonetest.Result{Outcome: q.Outcome, Summary: q.Summary})
		}, []string{"phone completes", q.Outcome, q.Summary}},
	}[q.Do]
	if !known {
		return nothing{}, refuse(http.StatusBadRequest, "A called party cannot %q.", q.Do)
	}
	err := act.do()
	if err == nil {
		s.journal.phone(q.Call, act.script[0], act.script[1:]...)
	}
	return nothing{}, err
}

// MaxSpeed is how many times as fast as in life calls can go.
const MaxSpeed = 1000

func (s *Server) speed(_ context.Context, q struct {
	Speed float64 `json:"speed"`
},
) (nothing, error) {
	if !(q.Speed > 0 && q.Speed <= MaxSpeed) { // also not NaN
		return nothing{}, refuse(http.StatusUnprocessableEntity, "The speed must be above 0 and at most %d.", MaxSpeed)
	}
	if err := s.cfg.SetSpeed(q.Speed); err != nil {
		return nothing{}, fmt.Errorf("changing the speed: %w", err)
	}
	return nothing{}, nil
}

// actOnProcess kills, starts and restarts the bot.
func (s *Server) actOnProcess(_ context.Context, q struct {
	Do string `json:"do"`
},
) (nothing, error) {
	switch q.Do {
	case "kill":
		if err := s.cfg.Bot.Kill(); err != nil {
			return nothing{}, err
		}
		s.journal.gone("kill")
		return nothing{}, nil
	case "start":
		if err := s.cfg.Bot.Start(); err != nil {
			return nothing{}, err
		}
		s.journal.started()
		return nothing{}, nil
	case "restart":
		state, _, _ := s.cfg.Bot.State()
		if err := s.cfg.Bot.Restart(); err != nil {
			return nothing{}, err
		}
		if state == sandbox.BotRunning {
			s.journal.gone("stop")
		}
		s.journal.started()
		return nothing{}, nil
	}
	return nothing{}, refuse(http.StatusBadRequest, "The bot cannot be told to %q.", q.Do)
}

// traffic counts the requests of the last window, and those that a loop would have made
// that polls each call that is under way.
func (s *Server) traffic() traffic {
	sim, now := s.world.Phone, s.cfg.Now()
	window := time.Duration(float64(sandbox.Window) / sim.Speed())
	t := traffic{Limit: sandbox.Rate, Window: window.Milliseconds(), Samples: make([]sample, maxSamples)}
	requests, lives := sim.RequestsSince(now.Add(-2*window)), sim.Lives()
	plain := agentphonetest.PollLoop{Interval: sandbox.Poll}
	for i := range t.Samples {
		end := now.Add(-window * time.Duration(maxSamples-1-i) / maxSamples)
		begin := end.Add(-window)
		for _, r := range requests {
			if r.Time.After(begin) && !r.Time.After(end) {
				t.Samples[i].Ours++
			}
		}
		t.Samples[i].Plain = plain.Requests(lives, sim.Simulated(begin), sim.Simulated(end))
	}
	last := t.Samples[maxSamples-1]
	t.Used, t.Plain = last.Ours, last.Plain
	return t
}
