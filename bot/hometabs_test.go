package bot

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// oneHome are [Homes] of which one is shown.
type oneHome struct {
	Homes
	now  time.Time
	home call.Home
	next time.Time
}

func (o *oneHome) Overview(context.Context, call.UserID, bool, int) (call.Overview, error) {
	return call.Overview{Now: o.now}, nil
}

func (o *oneHome) HomeShown(_ context.Context, h call.Home, next, _ time.Time) error {
	o.home, o.next = h, next
	return nil
}

// answeringViews answers every view with an error, or none.
type answeringViews struct{ err error }

func (a answeringViews) PublishViewContext(context.Context, slack.PublishViewContextRequest) (*slack.ViewResponse, error) {
	return nil, a.err
}

// TestHomeThatSlackDoesNotTake is shown again as soon as it can be, and not before.
func TestHomeThatSlackDoesNotTake(t *testing.T) {
	for name, tc := range map[string]struct {
		err  error
		next time.Duration // 0: when something changes
	}{
		"it takes it":          {nil, 0},
		"it has not heard":     {errors.New("connection reset"), homeRetry},
		"it has troubles":      {slack.SlackErrorResponse{Err: "internal_error"}, homeRetry},
		"it asks to wait":      {&slack.RateLimitedError{RetryAfter: 42 * time.Second}, 42 * time.Second},
		"it refuses the token": {slack.SlackErrorResponse{Err: "token_revoked"}, tokenWait},
		"it shows them none":   {slack.SlackErrorResponse{Err: "not_enabled"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := &oneHome{now: askedAt}
			tabs := NewHomeTabs(HomeTabsConfig{
				Slack: answeringViews{tc.err}, Homes: o, Now: func() time.Time { return askedAt }, Logger: slog.New(slog.DiscardHandler),
			})
			tabs.show(t.Context(), call.Home{User: ana, Channel: "D0ANA", Digest: "what was shown before"})
			var want time.Time
			if tc.next > 0 {
				want = askedAt.Add(tc.next)
			}
			if !o.next.Equal(want) {
				t.Errorf("shown again at %v, want %v", o.next, want)
			}
			if known := o.home.Digest != ""; known != (tc.err == nil) {
				t.Errorf("it is known what is shown: %v", known)
			}
		})
	}
}
