package operator

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/agentphone-slack/callbot/agentphone"
	"github.com/agentphone-slack/callbot/internal/call"
)

const (
	// tick is the name of the row that one replica leases to watch for all.
	tick = "watch"
	// endedAtOnce bounds the ended calls that one tick reads again.
	endedAtOnce = 100
	// slowEvery is how many intervals lie between two reads of a call that takes long
	// (a minute at 10 s), and watchFor how many it is watched (an hour).
	slowEvery = 6
	watchFor  = 360
	// stretch is how much the interval grows while approved calls wait for the budget.
	stretch = 3
)

// watchLoop ticks whenever the watch has something to do.
func (o *Operator) watchLoop(ctx context.Context, wake <-chan struct{}) {
	var notBefore time.Time
	for ctx.Err() == nil {
		next, err := o.nextWatch(ctx, notBefore)
		if err == nil && !next.IsZero() && !next.After(o.cfg.Now()) {
			if notBefore, err = o.tick(ctx); err != nil && ctx.Err() == nil {
				o.log.Error("a tick of the watch failed; it will be tried again", slog.Any("error", err))
			}
			next, err = o.nextWatch(ctx, notBefore)
		}
		o.sleep(ctx, wake, next, err)
	}
}

// nextWatch is when to tick; zero: there is nothing to watch.
func (o *Operator) nextWatch(ctx context.Context, notBefore time.Time) (time.Time, error) {
	next, err := o.repo.NextWatch(ctx, tick)
	if err != nil || next.IsZero() || next.After(notBefore) {
		return next, err
	}
	return notBefore, nil
}

// tick reads what is due, if no other replica does. Before notBefore this replica need
// not try again.
func (o *Operator) tick(ctx context.Context) (notBefore time.Time, err error) {
	defer o.caught("a tick of the watch")
	due, mine, err := o.repo.LeaseTick(ctx, tick, lease)
	if err != nil || !mine {
		return o.cfg.Now().Add(o.cfg.Poll / 2), err
	}
	next := due
	defer func() {
		if err := o.repo.FreeTick(context.WithoutCancel(ctx), tick, next); err != nil && !errors.Is(err, call.ErrLost) {
			o.log.Warn("freeing the watch's tick", slog.Any("error", err))
		}
	}()
	now := o.cfg.Now()
	w := &round{Operator: o, poll: o.interval(), leased: now}
	if !now.Before(due) {
		next = now.Add(w.poll)
		wait, err := w.active(ctx)
		if err != nil || !wait.IsZero() {
			if !wait.IsZero() { // the budget is used up: the watch goes on then
				next = o.soon(wait)
			}
			return time.Time{}, lostIsNone(err)
		}
	}
	wait, err := w.ended(ctx)
	if !wait.IsZero() {
		notBefore = o.soon(wait)
	}
	return notBefore, lostIsNone(err)
}

// lostIsNone makes it no error that another replica has the tick now, and goes on.
func lostIsNone(err error) error {
	if errors.Is(err, call.ErrLost) {
		return nil
	}
	return err
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
	poll   time.Duration
	leased time.Time // when the tick was last leased
	// probed is a call that is read to see whether the list is behind.
	probed call.ID
}

// hold makes sure that the tick is ours for longer than the next request takes.
func (w *round) hold(ctx context.Context) error {
	now := w.cfg.Now()
	if now.Sub(w.leased) < lease-requestTimeout-time.Second {
		return nil
	}
	if err := w.repo.RenewTick(ctx, tick, lease); err != nil {
		return err
	}
	w.leased = now
	return nil
}

// active reads the calls that the provider has not ended. A time that is not zero says
// that the budget is used up until then.
func (w *round) active(ctx context.Context) (time.Time, error) {
	calls, err := w.repo.Active(ctx)
	if err != nil {
		return time.Time{}, err
	}
	w.lists.forget(calls)
	open, err := w.fromList(ctx, calls)
	if err != nil {
		return time.Time{}, err
	}
	return w.each(ctx, open, call.ForWatch)
}

// ended reads calls that have ended for the content that they lack.
func (w *round) ended(ctx context.Context) (time.Time, error) {
	calls, err := w.repo.Ended(ctx, w.cfg.Now(), endedAtOnce)
	if err != nil {
		return time.Time{}, err
	}
	return w.each(ctx, calls, call.ForContent)
}

func (w *round) each(ctx context.Context, calls []call.Call, p call.Purpose) (time.Time, error) {
	for _, c := range calls {
		if ctx.Err() != nil {
			break // what is left is due at the next tick
		}
		if wait, err := w.one(ctx, c, p); err != nil || !wait.IsZero() {
			return wait, err
		}
	}
	return time.Time{}, nil
}

// fromList learns what one list can tell of several active calls, and returns those
// that are to be read by themselves: which it did not name, or has ended without
// telling everything. Without a list these are all that are due.
func (w *round) fromList(ctx context.Context, calls []call.Call) ([]call.Call, error) {
	now := w.cfg.Now()
	// A call that would be due soon is read along.
	due := func(c call.Call) bool {
		next := c.DueAt
		if covered := w.lists.covered(c.ID); !covered.IsZero() && covered.Add(w.poll).After(next) {
			next = covered.Add(w.poll)
		}
		return !next.After(now.Add(w.poll / 2))
	}
	inTurn := func(open []call.Call) []call.Call {
		slices.SortStableFunc(open, func(a, b call.Call) int {
			return cmp.Compare(w.lists.lastSeen(a).UnixMilli(), w.lists.lastSeen(b).UnixMilli())
		})
		return open
	}
	byItself := func() []call.Call {
		return inTurn(slices.DeleteFunc(slices.Clone(calls), func(c call.Call) bool { return !due(c) }))
	}
	if len(calls) < 2 || !w.lists.usable(now, w.cfg.Poll) {
		return byItself(), nil
	}
	if err := w.hold(ctx); err != nil {
		return nil, err
	}
	grant, _, err := w.repo.Take(ctx, call.ForWatch, now.Add(requestTimeout))
	if err != nil {
		return nil, err
	}
	if grant.ID == "" {
		return byItself(), nil
	}
	list, err := w.list(ctx, grant, len(calls)+listMargin)
	if err != nil {
		w.lists.failed(w.cfg.Now(), w.cfg.Poll, noList(err))
		if noList(err) {
			w.warnOnce("no list", "AgentPhone has no list of calls; each is read by itself", slog.Any("error", err))
		} else {
			w.log.Warn("reading the list of calls", slog.Any("error", err))
		}
		return byItself(), nil
	}
	open, unchanged, named, err := w.compare(ctx, calls, list, due)
	if err != nil {
		return nil, err
	}
	if named == 0 {
		// It told nothing of any of them, so it is not worth a request now.
		w.lists.failed(w.cfg.Now(), w.cfg.Poll, false)
	}
	if c, ok := w.lists.probe(w.cfg.Now(), w.cfg.Poll, unchanged); ok {
		w.probed = c.ID
		open = append(open, c)
	}
	return inTurn(open), nil
}

// compare commits what the list tells. It returns the calls that it leaves open, those
// that it shows as they are known, and how many it named.
func (w *round) compare(ctx context.Context, calls []call.Call, list []agentphone.Call, due func(call.Call) bool) (open []call.Call, unchanged []*call.Call, named int, err error) {
	byID := make(map[string]*agentphone.Call, len(list))
	for i := range list {
		byID[list[i].ID] = &list[i]
	}
	now := w.cfg.Now()
	err = w.commit(ctx, func(l *learned) error {
		for i := range calls {
			c := &calls[i]
			news := byID[c.ProviderID]
			switch {
			case news == nil || !news.Status.Known():
				if due(*c) {
					open = append(open, *c)
				}
				continue
			case news.Status.Terminal() && !whole(*news):
				named++
				open = append(open, *c)
				continue
			case statuses[news.Status] == c.Status && now.Sub(c.AcceptedAt) > watchFor*w.cfg.Poll:
				named++
				open = append(open, *c) // the watch does not end on the word of a list
				continue
			case c.Other.ProviderID != "" && due(*c):
				open = append(open, *c) // the second call is read by itself
			}
			named++
			w.lists.cover(c.ID, now)
			if statuses[news.Status] == c.Status {
				unchanged = append(unchanged, c)
			}
			if err := w.learn(c, news, now, true, l); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, 0, err
	}
	return open, unchanged, named, nil
}

// one reads one call, and the second one that the provider made of it. A time that is
// not zero says that the budget is used up until then.
func (w *round) one(ctx context.Context, c call.Call, p call.Purpose) (time.Time, error) {
	if c.Open() || !c.OtherOpen() {
		grant, wait, err := w.grant(ctx, p)
		if err != nil || !wait.IsZero() {
			return wait, err
		}
		news, err := w.read(ctx, grant, c.ProviderID)
		if err != nil {
			return time.Time{}, w.miss(ctx, c, err)
		}
		now := w.cfg.Now()
		w.lists.noteRead(c.ID, now, news.Status.Terminal())
		if c.ID == w.probed && news.Status.Known() {
			w.lists.compared(now, w.cfg.Poll, statuses[news.Status] != c.Status)
		}
		err = w.commit(ctx, func(l *learned) error { return w.learn(&c, news, now, false, l) })
		if err != nil {
			return time.Time{}, err
		}
	}
	if c.OtherOpen() {
		return w.other(ctx, c, p)
	}
	return time.Time{}, nil
}

// other reads the second call that the provider made of one.
func (w *round) other(ctx context.Context, c call.Call, p call.Purpose) (time.Time, error) {
	grant, wait, err := w.grant(ctx, p)
	if err != nil || !wait.IsZero() {
		return wait, err
	}
	news, readErr := w.read(ctx, grant, c.Other.ProviderID)
	if readErr != nil {
		if ctx.Err() != nil {
			return time.Time{}, nil // this process is leaving; another goes on
		}
		w.log.Warn("reading the second call", slog.String("call", string(c.ID)), slog.Any("error", readErr))
		news = new(agentphone.Call)
	}
	now := w.cfg.Now()
	_, err = w.repo.Update(ctx, "", c.ID, func(c call.Call) (call.Event, error) {
		e := call.Event{Kind: call.ObserveOther, At: now, ReportedStatus: statuses[news.Status], Result: resultOf(*news)}
		if readErr != nil {
			e = call.Event{Kind: call.Miss, At: now, Reason: c.Reason, Detail: c.Detail}
		}
		next, err := call.Apply(c, e)
		if err != nil {
			return e, err
		}
		old := now.Sub(c.Other.AcceptedAt) > watchFor*w.cfg.Poll
		switch e.Due = w.nextRead(next, now); {
		case old && next.Other.Status.Active() && !next.Open():
			e = call.Event{Kind: call.StopWatching, At: now}
		case old && readErr != nil && !next.Open():
			e.Due = time.Time{}
		}
		return e, nil
	})
	return time.Time{}, err
}

// grant asks for one request; a time that is not zero says when there will be one.
func (w *round) grant(ctx context.Context, p call.Purpose) (call.Grant, time.Time, error) {
	if err := w.hold(ctx); err != nil {
		return call.Grant{}, time.Time{}, err
	}
	return w.repo.Take(ctx, p, w.cfg.Now().Add(requestTimeout))
}
