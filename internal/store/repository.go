package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

var _ call.Repository = (*Store)(nil)

// remembered is for how long an intake's key is kept. Slack redelivers for hours at most.
const remembered = 7 * 24 * time.Hour

// Create implements [call.Repository]. If key is remembered already, the call that it
// made is returned as it stands. An empty key is not remembered.
func (s *Store) Create(ctx context.Context, key call.Key, c call.Call, o call.Origin, checks ...call.Check) (call.Call, error) {
	var made call.Call
	err := s.write(ctx, func(t *tx) error {
		fresh, err := t.remember(ctx, key, c.ID)
		if err != nil {
			return err
		}
		if !fresh {
			made, err = t.byKey(ctx, key)
			return err
		}
		if err := s.ask(ctx, t, c, checks); err != nil {
			return err
		}
		if made, err = scanCall(t.QueryRowContext(ctx, insertCall, fields(&c)...)); err != nil {
			return fmt.Errorf("write the call: %w", err)
		}
		if err := t.audit(ctx, call.Call{}, made, call.Event{Kind: requested, At: made.RequestedAt, Actor: made.Requester}); err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, `
			INSERT INTO publications (call_id, publish_at, urgency, stale, conversation, thread, reply, step)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			string(made.ID), int64(t.now), urgency(made), true, o.Conversation, o.Thread, o.Reply, o.Step)
		if err != nil {
			return fmt.Errorf("write where it was asked for: %w", err)
		}
		if err := t.keep(ctx, made); err != nil {
			return err
		}
		return t.list(ctx, made, "in:"+o.Conversation, "by:"+string(made.Requester), "by:"+string(made.Decider), "by:"+string(made.Approver))
	})
	if d, ok := errors.AsType[decision](err); ok {
		return call.Call{}, d.error
	}
	if err != nil {
		return call.Call{}, unavailable("create a call", err)
	}
	s.changed()
	return made, nil
}

// requested stands in the audit log for the creation of a call, which is no event of
// the machine.
const requested call.Kind = "request"

// Update implements [call.Repository]. An id that is not known is an error with code
// [call.Invalid]; a [call.Place] may be refused with [call.ErrNumberBusy]. Whoever had
// leased the call loses it.
func (s *Store) Update(ctx context.Context, key call.Key, id call.ID, decide func(call.Call) (call.Event, error), checks ...call.Check) (call.Call, error) {
	var current, next call.Call
	var refusal error // whose intake is remembered
	err := s.write(ctx, func(t *tx) error {
		refusal = nil
		fresh, err := t.remember(ctx, key, id)
		if err != nil {
			return err
		}
		// Nobody changes it while decide decides.
		if current, err = t.lockCall(ctx, id); err != nil {
			return err
		}
		if !fresh {
			next = current
			return nil
		}
		var e call.Event
		if next, e, err = s.decided(ctx, t, current, decide, checks); err != nil {
			if d, ok := errors.AsType[decision](err); ok && key.Refused(d.error) {
				refusal, err = d, nil // nothing else was written
			}
			return err
		}
		next, err = s.commit(ctx, t, current, next, e, "")
		return err
	})
	if err == nil {
		err = refusal
	}
	if d, ok := errors.AsType[decision](err); ok {
		return current, d.error
	}
	if err != nil {
		return call.Call{}, unavailable("change call "+string(id), err)
	}
	s.moved(ctx, current, next)
	s.changed()
	return next, nil
}

// decided is what a call becomes by a decision, and the event of it; what decide, a check
// or the machine says against it is a [decision].
func (s *Store) decided(ctx context.Context, t *tx, current call.Call, decide func(call.Call) (call.Event, error), checks []call.Check) (call.Call, call.Event, error) {
	e, err := decide(current)
	if err != nil {
		return current, e, decision{err}
	}
	if len(checks) > 0 {
		if err := t.lockGate(ctx); err != nil {
			return current, e, err
		}
		if err := s.ask(ctx, t, current, checks); err != nil {
			return current, e, err
		}
	}
	next, err := call.Apply(current, e)
	if err != nil {
		return current, e, decision{err}
	}
	return next, e, nil
}

// lockCall loads a call that nobody else changes until the transaction ends.
func (t *tx) lockCall(ctx context.Context, id call.ID) (call.Call, error) {
	// A write locks the row, on any engine.
	if _, err := t.ExecContext(ctx, `UPDATE calls SET version = version WHERE id = $1`, string(id)); err != nil {
		return call.Call{}, fmt.Errorf("lock the call: %w", err)
	}
	return get(ctx, t, id)
}

// decision carries an error of the domain out of a transaction, as it is.
type decision struct{ error }

// Get returns the call as it stands. An id that is not known is an error with code
// [call.Invalid].
func (s *Store) Get(ctx context.Context, id call.ID) (call.Call, error) {
	c, err := get(ctx, s.readers, id)
	if err != nil {
		return call.Call{}, unavailable("read a call", err)
	}
	return c, nil
}

// remember reports whether key was not taken in before, and keeps it.
func (t *tx) remember(ctx context.Context, key call.Key, id call.ID) (fresh bool, err error) {
	if key == "" {
		return true, nil
	}
	if _, err := t.ExecContext(ctx, `DELETE FROM intake WHERE at < $1`, int64(t.now)-remembered.Milliseconds()); err != nil {
		return false, fmt.Errorf("forget old intakes: %w", err)
	}
	fresh, err = one(t.ExecContext(ctx, `
		INSERT INTO intake (key, call_id, at) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING`,
		string(key), string(id), int64(t.now)))
	if err != nil {
		return false, fmt.Errorf("remember the intake: %w", err)
	}
	return fresh, nil
}

// byKey loads the call that an intake was about.
func (t *tx) byKey(ctx context.Context, key call.Key) (call.Call, error) {
	var id string
	if err := t.QueryRowContext(ctx, `SELECT call_id FROM intake WHERE key = $1`, string(key)).Scan(&id); err != nil {
		return call.Call{}, fmt.Errorf("find the call of an intake: %w", err)
	}
	return get(ctx, t, call.ID(id))
}

// commit writes next, which e made of before, with all that goes with an event. Unless
// owner is empty, its lease must still be running. The lease ends here, except with a
// [call.Place]: while its request is under way nobody else may look at the call.
func (s *Store) commit(ctx context.Context, t *tx, before, next call.Call, e call.Event, owner string) (call.Call, error) {
	args := append(fields(&next), string(before.ID), before.Version)
	statement := updateAny
	switch {
	case owner != "" && e.Kind == call.Place:
		statement = updateOwnedKeep
	case owner != "":
		statement = updateOwned
	case e.Kind == call.Place:
		statement = updateAnyKeep
	}
	if owner != "" {
		args = append(args, owner, int64(t.now))
	}
	written, err := scanCall(t.QueryRowContext(ctx, statement, args...))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return call.Call{}, call.ErrLost
	case err != nil && e.Kind == call.Place && s.engine.duplicate(err):
		// calls_number_busy: it also holds between transactions that do not see each other.
		return call.Call{}, call.ErrNumberBusy
	case err != nil:
		return call.Call{}, fmt.Errorf("write the call: %w", err)
	}
	if err := t.audit(ctx, before, written, e); err != nil {
		return call.Call{}, err
	}
	if e.Kind == call.Place {
		_, err := t.ExecContext(ctx, `
			INSERT INTO attempts (call_id, n, at, deadline, fate, provider_id, reason, detail, wait)
			VALUES ($1, $2, $3, $4, '', '', '', '', 0)`,
			string(written.ID), written.Attempts, at(e.At), at(e.Due))
		if err != nil {
			return call.Call{}, fmt.Errorf("write the attempt: %w", err)
		}
	}
	if written.Approver != before.Approver {
		if err := t.list(ctx, written, "by:"+string(written.Approver)); err != nil {
			return call.Call{}, err
		}
	}
	if written.Erased.Done() && !before.Erased.Done() {
		if err := t.eraseBeside(ctx, written.ID); err != nil {
			return call.Call{}, err
		}
	}
	return written, t.publish(ctx, written)
}

// audit appends what happened to the log, without content.
func (t *tx) audit(ctx context.Context, before, after call.Call, e call.Event) error {
	attempt := e.Attempt
	if e.Kind == call.Place {
		attempt = after.Attempts
	}
	_, err := t.ExecContext(ctx, `
		INSERT INTO events (call_id, version, at, kind, actor, from_status, to_status, reason, attempt)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		string(after.ID), after.Version, e.At.UnixMilli(), string(e.Kind), string(e.Actor),
		string(before.Status), string(after.Status), string(e.Reason), attempt)
	if err != nil {
		return fmt.Errorf("append to the audit log: %w", err)
	}
	return nil
}

// publish makes the call due to be shown.
func (t *tx) publish(ctx context.Context, after call.Call) error {
	_, err := t.ExecContext(ctx, `
		UPDATE publications SET stale = TRUE, urgency = $1,
			publish_at = CASE WHEN publish_at < $2 THEN publish_at ELSE $2 END
		WHERE call_id = $3`, urgency(after), int64(t.now), string(after.ID))
	if err != nil {
		return fmt.Errorf("make it due to be shown: %w", err)
	}
	return nil
}

// moved makes the calls behind one that left the queue due to be shown their new place.
//
// It is a transaction of its own, after the one that moved the queue: within it, two
// calls that leave at once would each wait for rows that the other one has. What a crash
// in between leaves undone is a number on a card, until the queue moves again.
func (s *Store) moved(ctx context.Context, before, after call.Call) {
	if !waits(before) || waits(after) {
		return
	}
	err := s.write(context.WithoutCancel(ctx), func(t *tx) error {
		// Locked in one order, whoever does it. The second condition on the step is that
		// of the index calls_queue, in its words.
		_, err := t.ExecContext(ctx, `
			UPDATE publications SET stale = TRUE,
				publish_at = CASE WHEN publish_at < $1 THEN publish_at ELSE $1 END
			WHERE call_id IN (
				SELECT call_id FROM publications WHERE call_id IN (
					SELECT id FROM calls
					WHERE step = 'approved' AND step IN ('approved', 'placing') AND approved_at >= $2 AND id <> $3
					ORDER BY approved_at, id LIMIT $4)
				ORDER BY call_id`+s.engine.lock+`)`,
			int64(t.now), at(before.ApprovedAt), string(after.ID), maxMoved)
		return err
	})
	if err != nil {
		s.log.Warn("showing the queue its new places", slog.Any("error", err))
	}
}

// maxMoved is how many calls are shown their new place in the queue when one leaves it.
const maxMoved = 50

// waits reports whether the call has a place in the queue, and so counts for the
// places of those behind it. One that is being placed still does: it may come back.
func waits(c call.Call) bool { return c.Status == call.Approved || c.Status == call.Placing }

// forRedaction is the urgency of what is only to be erased in Slack. It is claimed apart
// from all that people wait for.
const forRedaction = 2

// urgency orders publications: what a call ended with comes first.
func urgency(c call.Call) int64 {
	if c.Erased.Done() {
		return forRedaction
	}
	switch c.Status {
	case call.Completed, call.Failed, call.Canceled, call.Refused, call.Declined, call.Expired, call.Abandoned:
		return 0
	case call.Requested, call.Scheduled, call.Approved, call.Placing, call.Unconfirmed, call.Queued, call.Dialing, call.InProgress:
	}
	return 1
}

// changed wakes all loops, here and in other replicas.
func (s *Store) changed() {
	s.wake()
	if s.told != nil {
		signal(s.told)
	}
}

// wake wakes all loops of this Store.
func (s *Store) wake() {
	signal(s.due)
	signal(s.publish)
	signal(s.homes)
}
