package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// Condition is how AgentPhone or Slack is.
type Condition string

// The conditions that both can be in.
const (
	Up          Condition = "up"
	Slow        Condition = "slow"
	RateLimited Condition = "rate_limited"
	Down        Condition = "down"
)

const (
	// phoneSlowness and slackSlowness are how late an answer is: late enough to be seen, and
	// soon enough for a bot that waits for it. One that looks somebody up in Slack while they
	// wait has less time for that than one that places a call.
	phoneSlowness = 2 * time.Second
	slackSlowness = time.Second
	// retryAfter is what who is limited is told to wait.
	retryAfter = 5 * time.Second
)

// Known reports whether it is one of them.
func (c Condition) Known() bool {
	return c == Up || c == Slow || c == RateLimited || c == Down
}

// Conditions are how AgentPhone and Slack are.
func (w *World) Conditions() (phone, slack Condition) {
	w.conditionsMu.Lock()
	defer w.conditionsMu.Unlock()
	return w.phoneIs, w.slackIs
}

// SetPhone has AgentPhone be up, slow, rate limited or down.
func (w *World) SetPhone(ctx context.Context, is Condition) error {
	w.conditionsMu.Lock()
	defer w.conditionsMu.Unlock()
	var fault agentphonetest.Fault
	switch is {
	case Up:
	case Down:
		if err := w.DisconnectPhone(); err != nil {
			return fmt.Errorf("taking AgentPhone down: %w", err)
		}
		w.phoneIs = is
		return nil
	case Slow:
		fault = agentphonetest.AcceptAndDelay(phoneSlowness)
	case RateLimited:
		header := http.Header{"Retry-After": {fmt.Sprint(int(retryAfter.Seconds()))}, "Content-Type": {"application/json"}}
		fault = agentphonetest.Respond(http.StatusTooManyRequests, header, `{"error":"rate limit exceeded"}`)
	default:
		return fmt.Errorf("there is no condition %q for AgentPhone", is)
	}
	if err := w.ConnectPhone(ctx); err != nil {
		return err
	}
	w.Phone.SetFault(fault)
	w.phoneIs = is
	return nil
}

// SetSlack has Slack be up, slow, rate limited or down.
func (w *World) SetSlack(is Condition) error {
	w.conditionsMu.Lock()
	defer w.conditionsMu.Unlock()
	var delay time.Duration
	var fault *slackemulator.Fault
	switch is {
	case Up:
	case Down:
		fault = &slackemulator.Fault{Status: http.StatusServiceUnavailable}
	case Slow:
		delay = slackSlowness
	case RateLimited:
		fault = &slackemulator.Fault{Status: http.StatusTooManyRequests, RetryAfter: retryAfter}
	default:
		return fmt.Errorf("there is no condition %q for Slack", is)
	}
	w.Slack.ClearFaults()
	w.Slack.Delay("*", delay)
	if fault != nil {
		w.Slack.Fail("*", -1, *fault)
	}
	w.slackIs = is
	return nil
}
