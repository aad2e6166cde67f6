package operator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/agentphone-slack/callbot/agentphone"
	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

// clockSkew is how much earlier than our request the provider's clock may say that
// a call was created.
const clockSkew = time.Minute

// wrongClock is how much earlier it may be if one of the two clocks is wrong, so that
// nobody can say whether the call was created before our request or for it.
const wrongClock = 15 * time.Minute

// listMargin is how many more calls are asked for than are looked for, since others
// may use the key too.
const listMargin = 10

// lookFor takes one look in the provider's list for a call whose POST was lost.
// Exactly one call that can be it is adopted; otherwise what was found is noted, and
// after three looks a person decides. After a day without one it is left alone.
func (o *Operator) lookFor(ctx context.Context, c call.Call) error {
	attempts, err := o.repo.Attempts(ctx, c.ID)
	if err != nil {
		return err
	}
	for _, a := range attempts {
		// Its process kept the answer and went away before it told.
		told := a.Answer.Fate == call.FateRefused || a.Answer.Fate == call.FateNotSent
		if a.Answer.Fate == call.FateAccepted && c.ProviderID == "" || told && a.N == c.Attempts && c.Status == call.Unconfirmed {
			return o.settle(ctx, c.ID, a)
		}
	}
	now := o.cfg.Now()
	if c.Status == call.Unconfirmed {
		end := c.Since.Add(call.AbandonAfter)
		if !now.Before(end) {
			_, err := o.repo.Advance(ctx, c, call.Event{Kind: call.Abandon, At: now})
			return err
		}
		if c.Looks >= call.MaxLooks {
			return o.repo.Postpone(ctx, c, end)
		}
	}
	active, err := o.repo.CountActive(ctx)
	if err != nil {
		return err
	}
	// The watch does without a list that was not there, for a while. A look does not: its
	// server may have been starting anew when it lost the POST.
	grant, next, err := o.repo.Take(ctx, call.ForLooking, now.Add(requestTimeout))
	if err != nil {
		return err
	}
	if grant.ID == "" {
		return o.repo.Postpone(ctx, c, o.soon(next))
	}
	found, attempt := "", 0
	var result call.LookResult
	limit := active + listMargin
	list, err := o.list(ctx, grant, limit)
	switch {
	case err == nil:
		if found, attempt, result, err = o.candidate(ctx, attempts, c, list, limit); err != nil {
			return err
		}
	case noList(err):
		o.lists.failed(o.cfg.Now(), o.cfg.Poll, true)
		result = call.LookNoList
	default:
		o.log.Warn("looking for an unconfirmed call", slog.String("call", string(c.ID)), slog.Any("error", err))
		if o.cfg.Now().Sub(c.Since) < giveUpAfter*o.cfg.Poll {
			return o.repo.Postpone(ctx, c, o.cfg.Now().Add(o.cfg.Poll))
		}
		result = call.LookFailed // a person is not kept waiting for ever
	}
	now = o.cfg.Now()
	if found != "" {
		o.log.Info("found an unconfirmed call", slog.String("call", string(c.ID)), slog.Int("attempt", attempt))
		a := call.Answer{At: now, Fate: call.FateAccepted, ProviderID: found}
		if err := o.record(ctx, c.ID, attempt, a); err != nil {
			return err
		}
		return o.settle(ctx, c.ID, call.Attempt{Call: c.ID, N: attempt, Answer: a})
	}
	due := now.Add(o.cfg.Poll)
	switch {
	case c.Status == call.Approved:
		due = now // it was looked for once more; now it is placed
	case c.Looks+1 >= call.MaxLooks:
		due = c.Since.Add(call.AbandonAfter)
	}
	_, err = o.repo.Advance(ctx, c, call.Event{Kind: call.Look, At: now, LookResult: result, Due: due})
	return err
}

// candidate is the one call of the list that can only be c: to its number, with its
// objective where that is shown, unknown to us, created after we asked. One that is all of
// this but for the objective, which the list may show cut short, or for the time, by a clock
// that may be wrong, or that has no id to follow it by, is no candidate, nor is it nothing.
func (o *Operator) candidate(ctx context.Context, attempts []call.Attempt, c call.Call, list []agentphone.Call, limit int) (id string, attempt int, r call.LookResult, err error) {
	var asked time.Time // the first POST that was lost; the last one gets the find
	for _, a := range attempts {
		if a.Answer.Fate == call.FateUnknown || !a.Answered() {
			if asked.IsZero() {
				asked = a.At
			}
			attempt = a.N
		}
	}
	if asked.IsZero() {
		return "", 0, call.LookNone, nil
	}
	ids := make([]string, 0, len(list))
	for _, n := range list {
		ids = append(ids, n.ID)
	}
	ours, err := o.repo.Ours(ctx, ids)
	if err != nil {
		return "", 0, "", err
	}
	var found []string
	unclear := false
	shown := len(list) == 0 // an empty list hides nothing
	for _, n := range list {
		number, err := phone.Find(n.ToPhoneNumber, c.Number.Region())
		readable := err == nil && !n.CreatedAt.IsZero()
		shown = shown || readable
		switch {
		case ours[n.ID] || !readable || number.Number != c.Number:
		case n.CreatedAt.Before(asked.Add(-wrongClock)):
		case n.ID == "" || n.CreatedAt.Before(asked.Add(-clockSkew)) || n.Objective != "" && !sameWords(n.Objective, c.Instruction()):
			unclear = true
		default:
			found = append(found, n.ID)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], attempt, "", nil
	case len(found) > 1:
		return "", 0, call.LookSeveral, nil
	case unclear:
		return "", 0, call.LookUnclear, nil
	case !shown:
		return "", 0, call.LookNoDetail, nil
	case !allSince(list, limit, asked.Add(-clockSkew)):
		return "", 0, call.LookCutShort, nil
	}
	return "", 0, call.LookNone, nil
}

// allSince reports whether a list of up to limit calls names all since a time: it is not cut,
// or begins with the newest and goes further back. One of a round number may be cut at less
// than we asked for.
func allSince(list []agentphone.Call, limit int, t time.Time) bool {
	const round = 10
	if len(list) == 0 || len(list) < limit && len(list)%round != 0 {
		return true
	}
	first, last := list[0].CreatedAt, list[len(list)-1].CreatedAt
	return first.After(last) && last.Before(t)
}

// sameWords reports whether two texts differ in their spaces at most.
func sameWords(a, b string) bool { return slices.Equal(strings.Fields(a), strings.Fields(b)) }

// list reads the provider's recent calls for a granted request. If so many may not be asked
// for, it fails, and the next one asks for as many as the API's documentation does.
func (o *Operator) list(ctx context.Context, g call.Grant, limit int) ([]agentphone.Call, error) {
	var calls []agentphone.Call
	limit = o.lists.atMost(limit)
	err := o.request(ctx, g, func(ctx context.Context) (err error) {
		calls, err = o.provider.ListCalls(ctx, limit)
		return err
	})
	switch {
	case err == nil:
		o.lists.there()
	case limit > documentedLimit && tooLarge(err):
		o.lists.bound(documentedLimit)
	}
	return calls, err
}

// read asks the provider about one call for a granted request.
func (o *Operator) read(ctx context.Context, g call.Grant, id string) (*agentphone.Call, error) {
	var news *agentphone.Call
	err := o.request(ctx, g, func(ctx context.Context) (err error) {
		news, err = o.provider.GetCall(ctx, id)
		if err == nil && news.ID != "" && news.ID != id {
			return fmt.Errorf("asked for call %s, the provider told of %s", id, news.ID)
		}
		return err
	})
	return news, err
}

// errHeldUp is the error of a request that was not made, because its time had passed before
// it could be.
var errHeldUp = errors.New("the request was held up for so long that it may not be made any more")

// request makes one granted request with its deadline, and has the whole key wait
// where the provider says that it is asked too much.
func (o *Operator) request(ctx context.Context, g call.Grant, do func(context.Context) error) error {
	left := g.Deadline.Sub(o.cfg.Now())
	if left <= 0 { // this process was held up, and others may have the request's place
		if err := o.repo.Return(context.WithoutCancel(ctx), g); err != nil {
			o.log.Warn("giving a request back to the budget", slog.Any("error", err))
		}
		return errHeldUp
	}
	bounded, cancel := context.WithTimeout(ctx, left)
	err := do(bounded)
	cancel()
	ctx = context.WithoutCancel(ctx)
	if err := o.repo.EndRequest(ctx, g); err != nil {
		o.log.Warn("ending a request in the budget", slog.Any("error", err))
	}
	if answer, ok := errors.AsType[*agentphone.Error](err); ok && answer.StatusCode == http.StatusTooManyRequests {
		wait := answer.RetryAfter
		if wait <= 0 {
			wait = o.cfg.Window
		}
		if err := o.repo.Block(ctx, o.cfg.Now().Add(wait)); err != nil {
			o.log.Warn("holding the key back", slog.Any("error", err))
		}
	}
	return err
}
