package operator

import (
	"context"
	"errors"
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
	var notBefore time.Time
	for ctx.Err() == nil {
		if !o.cfg.Now().Before(notBefore) {
			var err error
			if notBefore, err = o.tick(ctx); err != nil && ctx.Err() == nil {
				o.log.Error("a tick of the watch failed; it will be tried again", slog.Any("error", err))
			}
		}
		o.sleep(ctx, wake, notBefore, watching)
	}
}

// tick reads all calls that are due, if no other replica does. The next one is worth
// trying at next, or when a call is due.
func (o *Operator) tick(ctx context.Context) (next time.Time, err error) {
	defer o.caught("a tick of the watch")
	due, err := o.repo.NextDue(ctx, watching...)
	if err != nil || due.IsZero() || due.After(o.cfg.Now()) {
		return next, err
	}
	mine, err := o.repo.LeaseTick(ctx, tick, 2*o.lease())
	if err != nil || !mine {
		return o.cfg.Now().Add(o.cfg.Poll / 2), err
	}
	defer func() {
		if err := o.repo.FreeTick(context.WithoutCancel(ctx), tick, next); err != nil && !errors.Is(err, call.ErrLost) {
			o.log.Warn("freeing the watch's tick", slog.Any("error", err))
		}
	}()
	w := &round{Operator: o, poll: o.interval()}
	// Calls that would be due soon are read along, so that one list serves them all.
	began := o.cfg.Now()
	calls, err := o.repo.Watched(ctx, began.Add(w.poll/2), batch)
	if err != nil {
		return next, err
	}
	calls, err = w.fromList(ctx, calls)
	if err != nil {
		return next, err
	}
	for _, p := range []call.Purpose{call.ForWatch, call.ForContent} {
		for _, c := range calls {
			if (p == call.ForContent) != c.Status.Ended() || ctx.Err() != nil || o.cfg.Now().Sub(began) > o.lease() {
				continue // what is left is due at the next tick
			}
			if wait, err := w.one(ctx, c, p); err != nil {
				return next, err
			} else if !wait.IsZero() {
				return o.soon(wait), nil // the budget is used up: the watch goes on then
			}
		}
	}
	return next, nil
}

// interval is the time between two reads of an active call: longer while a call that
// somebody approved waits for a request that reads would use up.
func (o *Operator) interval() time.Duration {
	if o.cfg.Now().Sub(time.UnixMilli(o.waited.Load())) < 2*o.cfg.Poll {
		return stretch * o.cfg.Poll
	}
	return o.cfg.Poll
}

// round is one tick.
type round struct {
	*Operator
	poll time.Duration
	// probed is a call that is read to see whether the list is behind.
	probed call.ID
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
	if active < 2 || !w.lists.usable(w.cfg.Now(), w.cfg.Poll) {
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
		w.lists.failed(w.cfg.Now(), w.cfg.Poll, noList(err))
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
	var open, unchanged []call.Call
	for _, c := range calls {
		news, named := byID[c.ProviderID]
		if !named || !news.Status.Known() || !c.Status.Active() || (news.Status.Terminal() && !whole(news)) {
			open = append(open, c)
			continue
		}
		if statuses[news.Status] == c.Status {
			unchanged = append(unchanged, c)
		}
		if err := w.learn(ctx, c, news); err != nil {
			return nil, err
		}
	}
	if len(open) == len(calls) {
		// It told nothing of any of them, so it is not worth a request now.
		w.lists.failed(w.cfg.Now(), w.cfg.Poll, false)
	}
	if c, ok := w.lists.probe(w.cfg.Now(), w.cfg.Poll, unchanged); ok {
		w.probed = c.ID
		open = append(open, c)
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
	now = w.cfg.Now()
	w.lists.noteRead(c.ID, now, news.Status.Terminal())
	if c.ID == w.probed && news.Status.Known() {
		w.lists.compared(now, w.cfg.Poll, statuses[news.Status] != c.Status)
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
		return w.repo.Seen(ctx, c, now, e.Due)
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
		w.warnOnce("gone", "AgentPhone does not know a call any more; it stays watched", slog.String("call", string(c.ID)), slog.Any("error", cause))
	default:
		w.log.Warn("reading a call", slog.String("call", string(c.ID)), slog.Any("error", cause))
		reason = c.Reason
	}
	if c.Reason == reason && !due.IsZero() { // the end of the reads is shown
		return w.repo.Seen(ctx, c, time.Time{}, due)
	}
	_, err := w.repo.Update(ctx, "", c.ID, func(call.Call) (call.Event, error) {
		return call.Event{Kind: call.Miss, At: now, Reason: reason, Due: due}, nil
	})
	return err
}
