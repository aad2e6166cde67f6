package operator

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/agentphone-slack/callbot/agentphone"
	"github.com/agentphone-slack/callbot/internal/call"
)

const (
	// tick is the name of the row that one replica leases to watch for all.
	tick = "watch"
	// batch bounds the calls that one tick reads.
	batch = 100
	// slowEvery is how many intervals lie between two reads of a call that takes long
	// (a minute at 10 s), and watchFor how many it is watched (an hour).
	slowEvery = 6
	watchFor  = 360
	// stretch is how much the interval grows while approved calls wait for the budget.
	stretch = 3
)

// watchLoop ticks whenever a call is due for a read.
func (o *Operator) watchLoop(ctx context.Context, wake <-chan struct{}) {
	for ctx.Err() == nil {
		if err := o.tick(ctx); err != nil && ctx.Err() == nil {
			o.log.Error("a tick of the watch failed; it will be tried again", slog.Any("error", err))
		}
		o.sleep(ctx, wake, watching)
	}
}

// tick reads all calls that are due, if no other replica does.
func (o *Operator) tick(ctx context.Context) error {
	due, err := o.repo.NextDue(ctx, watching...)
	if err != nil || due.IsZero() || due.After(o.cfg.Now()) {
		return err
	}
	mine, err := o.repo.LeaseTick(ctx, tick, 2*o.lease())
	if err != nil || !mine {
		return err
	}
	next := o.cfg.Now()
	defer func() {
		if err := o.repo.FreeTick(context.WithoutCancel(ctx), tick, next); err != nil {
			o.log.Warn("freeing the watch's tick", slog.Any("error", err))
		}
	}()
	calls, err := o.repo.Watched(ctx, batch)
	if err != nil {
		return err
	}
	w := &round{Operator: o, poll: o.interval(ctx)}
	calls, err = w.fromList(ctx, calls)
	if err != nil {
		return err
	}
	for _, p := range []call.Purpose{call.ForWatch, call.ForContent} {
		for _, c := range calls {
			if (p == call.ForContent) != c.Status.Ended() || ctx.Err() != nil {
				continue
			}
			if wait, err := w.one(ctx, c, p); err != nil {
				return err
			} else if !wait.IsZero() {
				next = wait // the budget is used up: this tick goes on then
				return nil
			}
		}
	}
	return nil
}

// interval is the time between two reads of an active call: longer while people
// who approved wait for requests that reads would use up.
func (o *Operator) interval(ctx context.Context) time.Duration {
	waiting, err := o.repo.NextDue(ctx, call.Approved)
	if err == nil && !waiting.IsZero() {
		return stretch * o.cfg.Poll
	}
	return o.cfg.Poll
}

// round is one tick.
type round struct {
	*Operator
	poll time.Duration
}

// fromList learns what one list can tell of several active calls, and returns those
// that it left open: not named, without a status, or ended without everything.
func (w *round) fromList(ctx context.Context, calls []call.Call) ([]call.Call, error) {
	active := 0
	for _, c := range calls {
		if c.Status.Active() {
			active++
		}
	}
	if active < 2 {
		return calls, nil
	}
	all, err := w.repo.CountActive(ctx)
	if err != nil {
		return nil, err
	}
	grant, _, err := w.repo.Take(ctx, call.ForWatch, w.cfg.Now().Add(w.requestTimeout()))
	if err != nil || grant.ID == "" {
		return calls, err
	}
	list, err := w.list(ctx, grant, max(all, active)+listMargin)
	if err != nil {
		if noList(err) {
			w.warnOnce("no list", "AgentPhone has no list of calls; each is read by itself", slog.Any("error", err))
		} else {
			w.log.Warn("reading the list of calls", slog.Any("error", err))
		}
		return calls, nil
	}
	byID := make(map[string]agentphone.Call, len(list))
	for _, n := range list {
		byID[n.ID] = n
	}
	var open []call.Call
	for _, c := range calls {
		news, named := byID[c.ProviderID]
		if !named || !news.Status.Known() || !c.Status.Active() || (news.Status.Terminal() && !whole(news)) {
			open = append(open, c)
			continue
		}
		if err := w.learn(ctx, c, news); err != nil {
			return nil, err
		}
	}
	return open, nil
}

// one reads one call. A time that is not zero says that the budget is used up until then.
func (w *round) one(ctx context.Context, c call.Call, p call.Purpose) (time.Time, error) {
	now := w.cfg.Now()
	grant, next, err := w.repo.Take(ctx, p, now.Add(w.requestTimeout()))
	if err != nil {
		return time.Time{}, err
	}
	if grant.ID == "" {
		return next, nil
	}
	news, err := w.read(ctx, grant, c.ProviderID)
	if err != nil {
		return time.Time{}, w.miss(ctx, c, err)
	}
	return time.Time{}, w.learn(ctx, c, *news)
}

// learn commits news of a call. News that change nothing are only noted.
func (w *round) learn(ctx context.Context, c call.Call, news agentphone.Call) error {
	now := w.cfg.Now()
	status, known := statuses[news.Status]
	if !known {
		w.warnOnce("status "+string(news.Status), "AgentPhone reports a status that is not known; it changes nothing", slog.String("status", string(news.Status)))
	}
	e := call.Event{Kind: call.Observe, At: now, ReportedStatus: status, Result: resultOf(news)}
	age := now.Sub(c.AcceptedAt)
	e.Overdue = age >= w.cfg.Timeout
	next, err := call.Apply(c, e)
	if err != nil {
		return fmt.Errorf("news of call %s: %w", c.ID, err)
	}
	switch {
	case next.Status.Ended():
		e.Due = w.enrichAt(next, now)
	case age > watchFor*w.cfg.Poll && next.Status == c.Status:
		return w.stop(ctx, c, now)
	case e.Overdue:
		e.Due = now.Add(slowEvery * w.cfg.Poll)
	default:
		e.Due = now.Add(w.poll)
	}
	if next.Status == c.Status && next.Status.Active() && next.Overdue == c.Overdue && next.Reason == c.Reason && !c.Unwatched {
		return w.repo.Seen(ctx, c.ID, now, e.Due)
	}
	_, err = w.repo.Update(ctx, "", c.ID, func(call.Call) (call.Event, error) { return e, nil })
	return err
}

// enrichAt is when a call that ended is read again for content that it lacks: twice
// at a fifth of the interval, then after 1 and after 5 minutes, then not again.
func (w *round) enrichAt(c call.Call, now time.Time) time.Time {
	if c.Status != call.Completed || (!c.Lacks() && c.RecordingURL != "") {
		return time.Time{}
	}
	waits := []time.Duration{w.cfg.Poll / 5, w.cfg.Poll / 5, slowEvery * w.cfg.Poll, 5 * slowEvery * w.cfg.Poll}
	if c.Enriched >= len(waits) {
		return time.Time{}
	}
	return now.Add(waits[c.Enriched])
}

// stop ends the watch of a call that had no news for too long; a person can ask again.
func (w *round) stop(ctx context.Context, c call.Call, now time.Time) error {
	_, err := w.repo.Update(ctx, "", c.ID, func(call.Call) (call.Event, error) {
		return call.Event{Kind: call.StopWatching, At: now}, nil
	})
	return err
}

// miss notes that the provider would not tell. It never ends a call: it stays
// watched, and whoever runs callbot is warned.
func (w *round) miss(ctx context.Context, c call.Call, cause error) error {
	if ctx.Err() != nil {
		return nil // this process is leaving; another goes on
	}
	now := w.cfg.Now()
	age := now.Sub(c.AcceptedAt)
	if c.Status.Active() && age > watchFor*w.cfg.Poll {
		return w.stop(ctx, c, now)
	}
	due := now.Add(w.poll)
	if c.Status.Ended() || age >= w.cfg.Timeout {
		due = now.Add(slowEvery * w.cfg.Poll)
	}
	if c.Status.Ended() && now.Sub(c.EndedAt) > watchFor*w.cfg.Poll {
		due = time.Time{}
	}
	reason := reasonOf(cause)
	switch reason {
	case call.ReasonBadKey:
		reason = call.ReasonProviderKey
		w.warnOnce("watch bad key", "AgentPhone does not let AGENTPHONE_API_KEY read its calls; they stay watched", slog.Any("error", cause))
	case call.ReasonInvalid:
		reason = call.ReasonGone
		w.warnOnce("gone "+c.ProviderID, "AgentPhone does not know a call any more; it stays watched", slog.String("call", string(c.ID)), slog.Any("error", cause))
	default:
		w.log.Warn("reading a call", slog.String("call", string(c.ID)), slog.Any("error", cause))
		return w.repo.Seen(ctx, c.ID, time.Time{}, due)
	}
	if c.Reason == reason {
		return w.repo.Seen(ctx, c.ID, time.Time{}, due)
	}
	_, err := w.repo.Update(ctx, "", c.ID, func(call.Call) (call.Event, error) {
		return call.Event{Kind: call.Miss, At: now, Reason: reason, Due: due}, nil
	})
	return err
}
