package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// ClaimDue leases at most n calls in one of statuses (none given: in any) whose next
// step is due and that nobody else has leased, the longest due first; approved ones
// in the order of their approval. The lease ends with [Store.Advance], with
// [Store.Postpone], or after the given time.
func (s *Store) ClaimDue(ctx context.Context, n int, lease time.Duration, statuses ...call.Status) ([]call.Call, error) {
	if len(statuses) == 0 {
		statuses = call.Statuses()
	}
	n = min(n, maxList)
	var claimed []call.Call
	err := s.write(ctx, func(t *tx) error {
		claimed = nil
		for _, status := range statuses {
			is, when := dueColumnsOf(status)
			due, err := scanCalls(t.QueryContext(ctx, selectCalls+`
				WHERE `+is+` = $1 AND `+when+` <= $2 AND (lease_until IS NULL OR lease_until <= $2)
				`+inTurn(status)+` LIMIT $3`+s.engine.skipLocked,
				string(status), int64(t.now), n))
			if err != nil {
				return err
			}
			claimed = append(claimed, due...)
		}
		slices.SortStableFunc(claimed, func(a, b call.Call) int {
			return cmp.Or(turn(a).Compare(turn(b)), cmp.Compare(a.ID, b.ID))
		})
		claimed = claimed[:min(n, len(claimed))]
		if len(claimed) == 0 {
			return nil
		}
		ids := make([]call.ID, len(claimed))
		for i, c := range claimed {
			ids[i] = c.ID
		}
		_, err := t.ExecContext(ctx, `UPDATE calls SET lease_owner = $1, lease_until = $2 WHERE id IN (`+in(3, len(ids))+`)`,
			append([]any{s.owner, t.after(lease)}, anys(ids)...)...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim due calls: %w", err)
	}
	return claimed, nil
}

// turn is what decides which of two due calls comes first.
func turn(c call.Call) time.Time {
	if c.Status == call.Approved {
		return c.ApprovedAt
	}
	return c.DueAt
}

// inTurn is turn in SQL. Each order is that of an index; the condition that is true
// for approved calls anyway lets SQLite use calls_queue, which has it too.
func inTurn(status call.Status) string {
	if status == call.Approved {
		return "AND step IN ('approved', 'placing') ORDER BY approved_at, id"
	}
	_, due := dueColumnsOf(status)
	return "ORDER BY " + due + ", id"
}

// dueColumnsOf are the columns that tell the status of a call and when it is due. Those
// of an active one stand in no index: it is the watch's, which reads all of them.
func dueColumnsOf(status call.Status) (is, due string) {
	if status.Active() {
		return "status", "due_at"
	}
	return "step", "step_at"
}

// after is the end of a lease that begins now.
func (t *tx) after(lease time.Duration) int64 { return int64(t.now) + millis(lease) }

// Advance applies e to a claimed call and commits it. It fails with [call.ErrLost] unless
// the call is as it was claimed and its lease still runs, and with [call.ErrNumberBusy] for
// a [call.Place] that another call to the same number is in the way of. The commit ends
// the lease, unless e is a [call.Place]. An error of the machine, or of one of checks, is
// returned beside the call, which stays claimed.
func (s *Store) Advance(ctx context.Context, c call.Call, e call.Event, checks ...call.Check) (call.Call, error) {
	next, err := call.Apply(c, e)
	if err != nil {
		return c, err
	}
	err = s.write(ctx, func(t *tx) error {
		if err := s.ask(ctx, t, c, checks); err != nil {
			return err
		}
		next, err = s.commit(ctx, t, c, next, e, s.owner)
		return err
	})
	if d, ok := errors.AsType[decision](err); ok {
		return c, d.error
	}
	if err != nil {
		return c, fmt.Errorf("%s call %s: %w", e.Kind, c.ID, err)
	}
	s.moved(ctx, c, next)
	s.changed()
	return next, nil
}

// Postpone puts a claimed call's next step off until due, and ends the lease. It is
// no event: nobody is shown anything. It fails with [call.ErrLost] as [Store.Advance] does.
func (s *Store) Postpone(ctx context.Context, c call.Call, due time.Time) error {
	err := s.write(ctx, func(t *tx) error {
		ours, err := one(t.ExecContext(ctx, `
			UPDATE calls SET `+setDue("CAST($1 AS BIGINT)")+`, lease_owner = NULL, lease_until = NULL
			WHERE id = $2 AND version = $3 AND lease_owner = $4 AND lease_until > $5`,
			at(due), string(c.ID), c.Version, s.owner, int64(t.now)))
		if err == nil && !ours {
			err = call.ErrLost
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("postpone call %s: %w", c.ID, err)
	}
	signal(s.due)
	return nil
}

// Freshen makes the step of the calls of a status due now that was due from a time on, and
// before another. It leaves alone what somebody is at.
func (s *Store) Freshen(ctx context.Context, status call.Status, from, before time.Time) error {
	is, when := dueColumnsOf(status)
	err := s.write(ctx, func(t *tx) error {
		_, err := t.ExecContext(ctx, `
			UPDATE calls SET `+setDue("CAST($1 AS BIGINT)")+` WHERE id IN (
				SELECT id FROM calls
				WHERE `+is+` = $2 AND `+when+` >= $3 AND `+when+` < $4 AND (lease_until IS NULL OR lease_until <= $1)`+s.engine.skipLocked+`)`,
			int64(t.now), string(status), at(from), at(before))
		return err
	})
	if err != nil {
		return fmt.Errorf("freshen calls that are %s: %w", status, err)
	}
	return nil
}

// NextDue is the earliest time at which [Store.ClaimDue] may find a call in one of
// statuses (none given: in any); the zero time if there is none. For a leased call
// that is not before its lease ends.
func (s *Store) NextDue(ctx context.Context, statuses ...call.Status) (time.Time, error) {
	if len(statuses) == 0 {
		statuses = call.Statuses()
	}
	now := s.Now().UnixMilli()
	// All that are leased, and the first that is not: one look at all due calls would
	// grow with the queue. || keeps SQLite from choosing the index of those.
	next, err := earliest(ctx, s.readers, `
		SELECT CASE WHEN lease_until > due_at THEN lease_until ELSE due_at END FROM calls
		WHERE lease_until > $1 AND due_at IS NOT NULL AND status || '' IN (`+in(2, len(statuses))+`)
		ORDER BY 1 LIMIT 1`, append([]any{now}, anys(statuses)...)...)
	if err != nil {
		return time.Time{}, fmt.Errorf("look for the next due call: %w", err)
	}
	for _, status := range statuses {
		is, when := dueColumnsOf(status)
		t, err := earliest(ctx, s.readers, `
			SELECT `+when+` FROM calls
			WHERE `+is+` = $1 AND `+when+` IS NOT NULL AND (lease_until IS NULL OR lease_until <= $2)
			ORDER BY `+when+`, id LIMIT 1`, string(status), now)
		if err != nil {
			return time.Time{}, fmt.Errorf("look for the next due call: %w", err)
		}
		if next.IsZero() || (!t.IsZero() && t.Before(next)) {
			next = t
		}
	}
	return next, nil
}

// earliest scans one time; zero if there is no row.
func earliest(ctx context.Context, q querier, query string, args ...any) (time.Time, error) {
	var t time.Time
	err := q.QueryRowContext(ctx, query, args...).Scan(instant{&t})
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return t, err
}
