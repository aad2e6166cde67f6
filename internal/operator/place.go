package operator

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/agentphone-slack/callbot/agentphone"
	"github.com/agentphone-slack/callbot/internal/call"
)

// place takes an approved call to its POST, if the rules and the budget allow it now.
func (o *Operator) place(ctx context.Context, c call.Call) error {
	now := o.cfg.Now()
	if missed(c.DueAt, now) {
		return o.sendBack(ctx, c, now, call.ReasonMissed, nil)
	}
	placeable := o.cfg.Rules.Placing(now)
	if err := o.repo.Consult(ctx, c, placeable); err != nil { // before it costs a request
		return o.against(ctx, c, err)
	}
	if c.Lost > 0 && c.Looks == 0 {
		return o.lookFor(ctx, c)
	}
	deadline := now.Add(requestTimeout)
	grant, next, err := o.repo.Take(ctx, call.ForPlacing, deadline)
	if err != nil {
		return err
	}
	if grant.ID == "" {
		o.waited.Store(now.UnixMilli())
		return o.repo.Postpone(ctx, c, o.soon(next))
	}
	placing, err := o.repo.Advance(ctx, c, call.Event{Kind: call.Place, At: now, Due: deadline}, placeable)
	if err != nil {
		if err := o.repo.Return(ctx, grant); err != nil {
			o.log.Warn("giving a request back to the budget", slog.Any("error", err))
		}
		if errors.Is(err, call.ErrNumberBusy) {
			return o.hold(ctx, c, call.ReasonNumberBusy)
		}
		return o.against(ctx, c, err)
	}
	return o.post(ctx, placing, grant, deadline)
}

// against is what becomes of an approved call that a rule does not let be placed: it
// waits for the end of a pause, unless its approval has become old, or goes back to its
// card. What is no rule's word is returned.
func (o *Operator) against(ctx context.Context, c call.Call, err error) error {
	switch call.CodeOf(err) {
	case call.RefusedCode, call.NotAllowed, call.Invalid:
	default:
		return err
	}
	now := o.cfg.Now()
	if errors.Is(err, call.ErrPaused) {
		if now.Sub(c.ApprovedAt) < o.cfg.ApprovalTTL {
			return o.hold(ctx, c, call.ReasonPaused)
		}
		err = call.Errorf(call.RefusedCode, "All calls were paused for so long that somebody should decide again whether this one is still wanted.")
	}
	return o.sendBack(ctx, c, now, call.ReasonRule, err)
}

// hold says once why a call waits, and tries again after an interval.
func (o *Operator) hold(ctx context.Context, c call.Call, reason call.Reason) error {
	now := o.cfg.Now()
	if c.Reason == reason {
		return o.repo.Postpone(ctx, c, now.Add(o.cfg.Poll))
	}
	_, err := o.repo.Advance(ctx, c, call.Event{Kind: call.Hold, At: now, Reason: reason, Due: now.Add(o.cfg.Poll)})
	return err
}

// post sends the one POST of an attempt whose intent is committed, and commits what
// became of it.
func (o *Operator) post(ctx context.Context, c call.Call, grant call.Grant, deadline time.Time) error {
	answer := call.Answer{Fate: call.FateNotSent, Reason: call.ReasonInterrupted}
	// Whatever held this process up since the claim may have cost it the lease.
	if left := deadline.Sub(o.cfg.Now()); left > requestTimeout/2 {
		posting, cancel := context.WithTimeout(ctx, left)
		created, err := o.provider.CreateCall(posting, agentphone.CreateCallRequest{
			ToPhoneNumber: c.Number.E164(),
			Objective:     c.Instruction(),
			BusinessName:  c.Business,
			Website:       c.Website,
		})
		cancel()
		answer = o.answerOf(created, err)
		o.log.Info("attempt answered", slog.String("call", string(c.ID)), slog.Int("attempt", c.Attempts),
			slog.String("fate", string(answer.Fate)), slog.String("provider_id", answer.ProviderID), slog.String("reason", string(answer.Reason)), slog.Any("error", err))
	}
	answer.At = o.cfg.Now()
	ctx = context.WithoutCancel(ctx) // what is known is kept, also at the end
	if err := o.repo.EndRequest(ctx, grant); err != nil {
		o.log.Warn("ending a request in the budget", slog.Any("error", err))
	}
	if err := o.record(ctx, c.ID, c.Attempts, answer); err != nil {
		return err
	}
	return o.settle(ctx, c.ID, call.Attempt{Call: c.ID, N: c.Attempts, Answer: answer})
}

// record keeps an answer, and does not give up at the first failure: another program
// may have the database, and what is not kept is lost.
func (o *Operator) record(ctx context.Context, id call.ID, n int, a call.Answer) error {
	a.ProviderID, a.Detail = call.Storable(a.ProviderID), call.Storable(a.Detail)
	const tries, pause = 10, 500 * time.Millisecond
	for i := 1; ; i++ {
		err := o.repo.Record(ctx, id, n, a)
		if err == nil || i == tries {
			return err
		}
		o.log.Warn("keeping an answer; it will be tried again", slog.String("call", string(id)), slog.Any("error", err))
		time.Sleep(pause)
	}
}

// resume goes on for a process that went away while it placed a call. An answer
// that it still committed counts; without one nobody knows, and nothing is repeated.
func (o *Operator) resume(ctx context.Context, c call.Call) error {
	attempts, err := o.repo.Attempts(ctx, c.ID)
	if err != nil {
		return err
	}
	for _, a := range attempts {
		if a.N == c.Attempts && a.Answered() {
			return o.settle(ctx, c.ID, a)
		}
	}
	now := o.cfg.Now()
	_, err = o.repo.Advance(ctx, c, call.Event{
		Kind: call.LoseTrack, At: now, Attempt: c.Attempts, Reason: call.ReasonInterrupted, Due: now,
	})
	return err
}

// settle moves a call on from the committed answer of its attempt.
func (o *Operator) settle(ctx context.Context, id call.ID, a call.Attempt) error {
	now := o.cfg.Now()
	if a.Answer.Reason == call.ReasonRateLimited {
		if err := o.repo.Block(ctx, now.Add(o.wait(a.Answer))); err != nil {
			return err
		}
	}
	_, err := o.repo.Update(ctx, "", id, func(c call.Call) (call.Event, error) {
		return o.verdict(c, a, now), nil
	})
	return err
}

// verdict is the event that an attempt's answer amounts to.
func (o *Operator) verdict(c call.Call, a call.Attempt, now time.Time) call.Event {
	e := call.Event{At: now, Attempt: a.N, Reason: a.Answer.Reason, Detail: a.Answer.Detail}
	switch a.Answer.Fate {
	case call.FateAccepted:
		e.Kind, e.ProviderID, e.Due = call.Accept, a.Answer.ProviderID, now.Add(o.cfg.Poll)
	case call.FateRefused:
		e.Kind = call.Refuse
		if e.Reason == call.ReasonRateLimited && c.RateLimited == 0 {
			e.Kind, e.Due = call.HandBack, now.Add(o.wait(a.Answer))
		}
	case call.FateNotSent:
		var tried time.Duration
		if !c.UnreachableSince.IsZero() {
			tried = now.Sub(c.UnreachableSince)
		}
		e.Kind, e.Due = call.HandBack, now.Add(o.backoff(tried))
		if tried > giveUpAfter*o.cfg.Poll {
			e.Kind, e.Due = call.Refuse, time.Time{}
		}
	case call.FateUnknown, call.FateUnanswered:
		e.Kind, e.Due = call.LoseTrack, now.Add(o.cfg.Poll)
	}
	return e
}

// giveUpAfter is how many intervals an approved call is tried for while no
// connection opens: 5 minutes at 10 s. After that a person decides whether it is
// still wanted.
const giveUpAfter = 30

// backoff is half of what was waited so far, between one and six intervals, so that
// a short outage is over soon and a long one is not hammered.
func (o *Operator) backoff(waited time.Duration) time.Duration {
	return min(max(waited/2, o.cfg.Poll), 6*o.cfg.Poll)
}

// wait is how long a 429 keeps the whole key back.
func (o *Operator) wait(a call.Answer) time.Duration {
	if a.Wait > 0 {
		return a.Wait
	}
	return o.cfg.Window
}

// sentence is what a person is told of an error of the domain.
func sentence(err error) string {
	if e, ok := errors.AsType[*call.Error](err); ok {
		return e.Sentence
	}
	return err.Error()
}
