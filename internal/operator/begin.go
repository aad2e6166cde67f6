package operator

import (
	"context"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// begin puts a scheduled call into the queue when its time has come. One that nobody began
// in time goes back to its card: whoever approved it did so for another moment.
func (o *Operator) begin(ctx context.Context, c call.Call) error {
	now := o.cfg.Now()
	if now.Before(c.StartAt) {
		return o.repo.Postpone(ctx, c, c.StartAt)
	}
	if missed(c.StartAt, now) {
		return o.sendBack(ctx, c, now, call.ReasonMissed, nil)
	}
	if err := o.cfg.Rules.Dialable(c, now); err != nil {
		return o.sendBack(ctx, c, now, call.ReasonRule, err)
	}
	_, err := o.repo.Advance(ctx, c, call.Event{Kind: call.Begin, At: now, Due: now})
	return err
}

// missed reports that nobody did the step of an approved call that was due, for so long
// that a person is to say whether it is still wanted. One that waits in the queue is not
// late: as long as anybody runs, its step is due again every few seconds, or see freshen.
func missed(due, now time.Time) bool { return now.Sub(due) > call.MaxLate }

// freshen makes steps due anew that nobody came round to, because so many calls before
// them are due again and again: they wait, and somebody runs.
func (o *Operator) freshen(ctx context.Context, now time.Time) error {
	return o.repo.Freshen(ctx, call.Approved, now.Add(-call.MaxLate), now.Add(-call.MaxLate/3))
}

// sendBack returns an approved call to its card, with the sentence of a rule if there is one.
func (o *Operator) sendBack(ctx context.Context, c call.Call, now time.Time, reason call.Reason, rule error) error {
	e := call.Event{Kind: call.SendBack, At: now, Expires: now.Add(o.cfg.ApprovalTTL), Reason: reason}
	if rule != nil {
		e.Detail = sentence(rule)
	}
	_, err := o.repo.Advance(ctx, c, e)
	return err
}
