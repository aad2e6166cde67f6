package operator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"time"

	"github.com/agentphone-slack/callbot/agentphone"
	"github.com/agentphone-slack/callbot/internal/call"
)

// learned takes what is to be committed of one or many reads.
type learned struct {
	news    func(call.Step) bool // false: no more is taken
	seen    []call.Sight
	stopped []call.Call
}

// commit commits what learn learns: the first news while it learns the rest.
func (w *round) commit(ctx context.Context, learn func(*learned) error) error {
	var l learned
	var failed error
	err := w.repo.Observe(ctx, func(yield func(call.Step) bool) {
		l.news = yield
		failed = learn(&l)
	})
	if err = cmp.Or(err, failed); err != nil {
		return err
	}
	if err := w.repo.Seen(ctx, l.seen); err != nil {
		return err
	}
	for _, c := range l.stopped {
		if err := w.stop(ctx, c, w.cfg.Now()); err != nil {
			return err
		}
	}
	return nil
}

// errNotTaken ends what is learned once it cannot be committed, which has an error of its own.
var errNotTaken = errors.New("no more news are taken")

// learn decides what news of a call, which came at now, amount to. Those from a list that
// change nothing are written down only now and then: there may be thousands at each tick.
func (w *round) learn(c *call.Call, news *agentphone.Call, now time.Time, listed bool, l *learned) error {
	status, known := statuses[news.Status]
	if !known {
		w.warnOnce("status "+string(news.Status), "AgentPhone reports a status that is not known; it changes nothing", slog.String("status", string(news.Status)))
	}
	age := now.Sub(c.AcceptedAt)
	e := call.Event{
		Kind: call.Observe, At: now, ReportedStatus: status, Result: resultOf(*news),
		Overdue: age >= w.cfg.Timeout,
	}
	next, err := call.Apply(*c, e)
	if err != nil {
		return fmt.Errorf("news of call %s: %w", c.ID, err)
	}
	e.Due = w.nextRead(next, now)
	unchanged := next.Status == c.Status && next.Status.Active()
	switch {
	case unchanged && age > watchFor*w.cfg.Poll && !c.OtherOpen():
		l.stopped = append(l.stopped, *c)
	case !unchanged || next.Overdue != c.Overdue || next.Reason != c.Reason || c.Unwatched:
		if !l.news(call.Step{Call: c, Event: e}) {
			return errNotTaken
		}
	case !listed || now.Sub(c.LastSeen) >= w.rewrite(c.ID):
		l.seen = append(l.seen, call.Sight{Call: c.ID, Version: c.Version, At: now, Due: e.Due})
	}
	return nil
}

// rewrite is how old what is written down of a call that the list shows unchanged may
// become: some intervals, not as many for each, so that they are not all due at once.
func (w *round) rewrite(id call.ID) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // a hash takes everything
	return time.Duration(3*1000+h.Sum32()%3000) * w.cfg.Poll / 1000
}

// nextRead is when a call, or the second one that the provider made of it, is to be
// read again; zero: not any more.
func (w *round) nextRead(c call.Call, now time.Time) time.Time {
	next := w.readAt(c.Status, c.AcceptedAt, c.Open(), c.Enriched, now)
	if c.OtherOpen() {
		other := w.readAt(c.Other.Status, c.Other.AcceptedAt, true, c.Other.Enriched, now)
		if next.IsZero() || other.Before(next) {
			next = other
		}
	}
	return next
}

// readAt is when one call is to be read again: a slow one less often; one that ended
// without all its content twice at a fifth of the interval, then after 1 and after 5
// minutes, then not again.
func (w *round) readAt(s call.Status, accepted time.Time, open bool, enriched int, now time.Time) time.Time {
	waits := [call.MaxEnriched]time.Duration{w.cfg.Poll / 5, w.cfg.Poll / 5, slowEvery * w.cfg.Poll, 5 * slowEvery * w.cfg.Poll}
	switch {
	case !open:
		return time.Time{}
	case s.Ended():
		return now.Add(waits[enriched])
	case now.Sub(accepted) >= w.cfg.Timeout:
		return now.Add(slowEvery * w.cfg.Poll)
	}
	return now.Add(w.poll)
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
	if c.Status.Active() && age > watchFor*w.cfg.Poll && !c.OtherOpen() {
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
	overdue := c.Status.Active() && age >= w.cfg.Timeout
	if c.Reason == reason && (c.Overdue || !overdue) && !due.IsZero() { // the end of the reads is shown
		return w.repo.Seen(ctx, []call.Sight{{Call: c.ID, Version: c.Version, Due: due}})
	}
	_, err := w.repo.Update(ctx, "", c.ID, func(call.Call) (call.Event, error) {
		return call.Event{Kind: call.Miss, At: now, Reason: reason, Due: due, Overdue: overdue}, nil
	})
	return err
}
