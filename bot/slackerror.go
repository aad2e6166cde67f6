package bot

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

// slackCode is the error code of Slack's answer, or "" for any other error.
func slackCode(err error) string {
	if e, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*slack.SlackErrorResponse](err); ok {
		return e.Err
	}
	return ""
}

// noWay are the answers after which a message cannot be sent where it was meant to
// go, however often it is tried.
var noWay = []string{
	"not_in_channel", "channel_not_found", "is_archived", "is_inactive", "channel_is_archived", "restricted_action",
	"restricted_action_read_only_channel", "restricted_action_thread_only_channel", "restricted_action_non_threadable_channel",
	"posting_to_channel_denied", "ekm_access_denied", "team_access_not_granted", "cannot_reply_to_message",
	"messages_tab_disabled", "thread_not_found", "user_not_in_channel",
}

func unreachable(err error) bool { return slices.Contains(noWay, slackCode(err)) }

// vanished reports that the message to be edited is no longer there or ours.
func vanished(err error) bool {
	return slices.Contains([]string{"message_not_found", "cant_update_message", "edit_window_closed"}, slackCode(err))
}

// tokenRefused reports that Slack does not take our token any more.
func tokenRefused(err error) bool {
	return slices.Contains([]string{
		"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive",
		"not_allowed_token_type", "team_disabled", "org_login_required",
	}, slackCode(err))
}

// badBlocks reports that Slack does not take the blocks of a message; its text alone
// still tells what there is to tell.
func badBlocks(err error) bool {
	return slices.Contains([]string{"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "too_many_blocks"}, slackCode(err))
}

// permanent reports that Slack will answer the same however often it is asked.
func permanent(err error) bool {
	code := slackCode(err)
	return code != "" && !slices.Contains([]string{
		"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited", "rate_limited", "team_added_to_org",
	}, code)
}

// gates hold a method back, for one channel, until Slack's Retry-After is over. They
// are of this process: a restart costs one more 429.
type gates struct {
	now   func() time.Time
	mu    sync.Mutex
	until map[string]time.Time
}

// unanswered reports that Slack did not answer at all, so that it may still do what it was
// asked.
func unanswered(err error) bool {
	_, status := errors.AsType[slack.StatusCodeError](err)
	_, held := errors.AsType[*heldError](err)
	return err != nil && slackCode(err) == "" && !status && !held
}

// heldError says that a request was not made, because Slack asked to wait.
type heldError struct{ until time.Time }

func (e *heldError) Error() string { return "Slack asked to wait" }

// pass makes a request unless its gate is closed, and closes it after a 429.
func (g *gates) pass(ctx context.Context, method, channel string, do func(context.Context) error) error {
	if err := g.closed(method, channel); err != nil {
		return err
	}
	key := method + " " + channel
	err := do(ctx)
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		now := g.now()
		until := now.Add(max(limited.RetryAfter, time.Second))
		g.mu.Lock()
		if g.until == nil {
			g.until = map[string]time.Time{}
		}
		for k, t := range g.until { // what is over is forgotten
			if now.After(t) {
				delete(g.until, k)
			}
		}
		g.until[key] = until
		g.mu.Unlock()
		return &heldError{until}
	}
	return err
}

// closed is a [*heldError] while a gate is closed.
func (g *gates) closed(method, channel string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if until := g.until[method+" "+channel]; g.now().Before(until) {
		return &heldError{until}
	}
	return nil
}
