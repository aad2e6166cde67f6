package bot_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// TestATokenThatSlackRefuses is told once, is tried seldom however much is to be shown,
// and all is shown once it is accepted again.
func TestATokenThatSlackRefuses(t *testing.T) {
	d := newDesk(t, nil)
	var ids []call.ID
	for i := range 6 {
		ids = append(ids, d.talking(fmt.Sprintf("+1415555%04d", 110+i)))
	}
	d.slack.until(t, "", "About to call (415) 555-0115")
	if d.publisher.TokenRefused() {
		t.Error("refused from the start")
	}
	d.failing("", slack.SlackErrorResponse{Err: "token_revoked"})
	for _, id := range ids {
		d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: ended})
	}
	d.until(d.publisher.TokenRefused)
	for _, id := range ids { // more to show does not mean more requests
		d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: ended})
	}
	d.until(func() bool {
		next, err := d.store.NextPublication(t.Context())
		return err == nil && time.Until(next) > 30*time.Second
	})
	d.slack.mu.Lock()
	tried := d.slack.tried
	d.slack.mu.Unlock()
	if tried > 8 { // as many as were under way when the first answer came
		t.Errorf("%d requests with a token that is refused", tried)
	}
	if told := d.log.with("SLACK_BOT_TOKEN"); len(told) != 1 {
		t.Errorf("told %d times: %q", len(told), told)
	}
	d.failing("", nil)
	d.ahead.Store(int64(2 * time.Minute))
	for i, id := range ids {
		d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: ended})
		if i == 0 { // one is let through to try; the others would wait for another minute
			d.until(func() bool { return !d.publisher.TokenRefused() })
		}
	}
	for i := range 6 {
		d.slack.until(t, "post", fmt.Sprintf("Achieved after 42 s: call to (415) 555-0%d", 110+i))
	}
}

// TestARefusedTokenIsNotTriedSlotBySlot: what the first answer tells holds for all.
func TestARefusedTokenIsNotTriedSlotBySlot(t *testing.T) {
	d := newDesk(t, nil)
	id := d.talking("+14155550132")
	d.slack.until(t, "update", "The call is under way")
	d.until(func() bool { // nothing else is on its way
		next, err := d.store.NextPublication(t.Context())
		return err == nil && time.Until(next) > time.Minute
	})
	d.failing("", slack.SlackErrorResponse{Err: "invalid_auth"})
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: ended})
	d.until(func() bool {
		next, err := d.store.NextPublication(t.Context())
		return d.publisher.TokenRefused() && err == nil && time.Until(next) > 30*time.Second
	})
	d.slack.mu.Lock()
	defer d.slack.mu.Unlock()
	if d.slack.tried != 1 {
		t.Errorf("%d requests", d.slack.tried)
	}
}

// TestWhatSlackRefusesForEver is tried less and less, and shown once Slack takes it.
func TestWhatSlackRefusesForEver(t *testing.T) {
	d := newDesk(t, nil)
	id := d.talking("+14155550132")
	d.slack.until(t, "", "About to call")
	d.failing("", slack.SlackErrorResponse{Err: "missing_scope"})
	wait := func() time.Duration {
		var next time.Time
		d.until(func() bool {
			var err error
			next, err = d.store.NextPublication(t.Context())
			return err == nil && (next.IsZero() || time.Until(next) > 10*time.Minute)
		})
		if next.IsZero() {
			return 0
		}
		return time.Until(next) - time.Duration(d.ahead.Load())
	}
	news := call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: ended}
	for _, tc := range []struct{ age, least, most time.Duration }{
		{25 * time.Hour, 23 * time.Hour, 24 * time.Hour},
		{29 * 24 * time.Hour, 23 * time.Hour, 24 * time.Hour},
		{31 * 24 * time.Hour, 0, 0},
	} {
		d.ahead.Store(int64(tc.age))
		d.on(id, news)
		if got := wait(); got < tc.least || got > tc.most {
			t.Errorf("at the age of %s it is tried again after %s, want %s to %s", tc.age, got, tc.least, tc.most)
		}
	}
	if given := d.log.with("it is tried no more"); len(given) == 0 {
		t.Error("nobody is told that it is given up")
	}
	d.failing("", nil)
	d.on(id, news)
	d.slack.until(t, "post", "They are open.")
}
