package page

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
	"github.com/agentphone-slack/callbot/internal/sandbox"
	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// How AgentPhone and Slack can be.
const (
	up          = "up"
	down        = "down"
	slow        = "slow"
	rateLimited = "rate_limited"
)

// faults are the switches for what can go wrong.
type faults struct {
	world *sandbox.World

	mu              sync.Mutex
	provider, slack string
}

// state is how AgentPhone and Slack are.
func (f *faults) state() (provider, slack string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.provider == "" {
		f.provider = up
	}
	if f.slack == "" {
		f.slack = up
	}
	return f.provider, f.slack
}

const (
	// slowness is how late an answer is: late enough to be seen, and in time.
	slowness = 2 * time.Second
	// retryAfter is what who is limited is told to wait.
	retryAfter = 5 * time.Second
)

func (f *faults) setProvider(ctx context.Context, is string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var fault agentphonetest.Fault
	switch is {
	case up:
	case down:
		if err := f.world.DisconnectPhone(); err != nil {
			return fmt.Errorf("taking AgentPhone down: %w", err)
		}
		f.provider = is
		return nil
	case slow:
		fault = agentphonetest.AcceptAndDelay(slowness)
	case rateLimited:
		header := http.Header{"Retry-After": {fmt.Sprint(int(retryAfter.Seconds()))}, "Content-Type": {"application/json"}}
		fault = agentphonetest.Respond(http.StatusTooManyRequests, header, `{"error":"rate limit exceeded"}`)
	default:
		return refuse(http.StatusBadRequest, "AgentPhone cannot be %q here.", is)
	}
	if err := f.world.ConnectPhone(ctx); err != nil {
		return err
	}
	f.world.Phone.SetFault(fault)
	f.provider = is
	return nil
}

func (f *faults) setSlack(is string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	slack := f.world.Slack
	var delay time.Duration
	var fault *slackemulator.Fault
	switch is {
	case up:
	case down:
		fault = &slackemulator.Fault{Status: http.StatusServiceUnavailable}
	case slow:
		delay = slowness
	case rateLimited:
		fault = &slackemulator.Fault{Status: http.StatusTooManyRequests, RetryAfter: retryAfter}
	default:
		return refuse(http.StatusBadRequest, "Slack cannot be %q here.", is)
	}
	slack.ClearFaults()
	slack.Delay("*", delay)
	if fault != nil {
		slack.Fail("*", -1, *fault)
	}
	f.slack = is
	return nil
}

// fault switches one on or off.
func (s *Server) fault(ctx context.Context, q struct {
	Of string `json:"of"`
	Is string `json:"is"`
},
) (nothing, error) {
	switch {
	case q.Of == "provider":
		return nothing{}, s.faults.setProvider(context.WithoutCancel(ctx), q.Is)
	case q.Of == "slack":
		return nothing{}, s.faults.setSlack(q.Is)
	case q.Of == "links" && q.Is == "dropped":
		s.world.Slack.DropLinks()
		s.journal.add("slack drop-links")
		return nothing{}, nil
	}
	return nothing{}, refuse(http.StatusBadRequest, "There is no such switch.")
}
