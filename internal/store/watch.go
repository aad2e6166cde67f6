package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// underWay are the calls that the provider has and has not ended: the condition of the
// index calls_active, in its words. It does without the status, which the watch changes.
// over are the others that the provider has: the condition of calls_provider.
const (
	underWay = `provider_id <> '' AND ended_at IS NULL`
	watched  = underWay + ` AND NOT unwatched`
	over     = `provider_id <> '' AND ended_at IS NOT NULL`
)

// Active lists the calls that the provider has and that are watched, the longest
// unseen first. There may be thousands, so only what the watch goes by is filled in:
// identity, status, the provider's ids and the times and marks of the watch, and
// neither what was asked for nor any content.
func (s *Store) Active(ctx context.Context) ([]call.Call, error) {
	n, err := s.CountActive(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.readers.QueryContext(ctx, selectActive)
	list, err := scanSome(make([]call.Call, 0, n), activeColumns, rows, err)
	if err != nil {
		return nil, fmt.Errorf("list the active calls: %w", err)
	}
	return list, nil
}

// Ended lists at most limit calls that the provider ended and that are due by then to
// be read again, the longest due first.
func (s *Store) Ended(ctx context.Context, by time.Time, limit int) ([]call.Call, error) {
	list, err := scanCalls(s.readers.QueryContext(ctx, selectCalls+`
		WHERE provider_id <> '' AND step_at <= $1 AND step IN ('completed', 'failed', 'canceled')
		ORDER BY step_at, id LIMIT $2`, by.UnixMilli(), limit))
	if err != nil {
		return nil, fmt.Errorf("list the ended calls that are due: %w", err)
	}
	return list, nil
}

// NextWatch is when the watch has something to do: its tick while calls are active, or
// an ended call that is due to be read; the zero time if there is nothing.
func (s *Store) NextWatch(ctx context.Context, tick string) (time.Time, error) {
	next, err := s.NextDue(ctx, call.Completed, call.Failed, call.Canceled)
	if err != nil {
		return time.Time{}, err
	}
	t, err := earliest(ctx, s.readers, `
		SELECT COALESCE((SELECT not_before FROM ticks WHERE name = $1), 1) FROM calls
		WHERE `+watched+` ORDER BY provider_id LIMIT 1`, tick) // in the order of the index, which Postgres may not choose otherwise
	if err != nil {
		return time.Time{}, fmt.Errorf("look for the next tick: %w", err)
	}
	if next.IsZero() || (!t.IsZero() && t.Before(next)) {
		next = t
	}
	return next, nil
}

// CountActive counts the calls that the provider has and that are watched.
func (s *Store) CountActive(ctx context.Context) (int, error) {
	var n int
	err := s.readers.QueryRowContext(ctx, `
		SELECT COUNT(*) FROM calls WHERE `+watched).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the active calls: %w", err)
	}
	return n, nil
}

// countLive counts the calls that people are shown the progress of.
func countLive(ctx context.Context, q querier) (int, error) {
	var n int
	err := q.QueryRowContext(ctx, `
		SELECT (SELECT COUNT(*) FROM calls WHERE step IN ('approved', 'placing'))
		+ (SELECT COUNT(*) FROM calls WHERE `+watched+`)`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the live calls: %w", err)
	}
	return n, nil
}

// Unsettled counts the approved calls that are not done with: those that will still
// be placed, looked for, watched or read without a person doing anything, and those
// that people are not yet shown as they are.
func (s *Store) Unsettled(ctx context.Context) (int, error) {
	var n int
	err := s.readers.QueryRowContext(ctx, `
		SELECT COUNT(*) FROM calls LEFT JOIN publications ON call_id = id
		WHERE approved_at IS NOT NULL AND (
			status IN ('approved', 'placing')
			OR (status = 'unconfirmed' AND looks < $1)
			OR (`+watched+`)
			OR (status IN ('completed', 'failed', 'canceled') AND due_at IS NOT NULL)
			OR publish_at IS NOT NULL
			OR id IN (SELECT key FROM due, `+s.engine.elements("due.calls")+` AS found))`, call.MaxLooks).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the unsettled calls: %w", err)
	}
	return n, nil
}

// Undecided counts the calls that wait for a person: those whose fate nobody could
// find out, and those that nobody looks for news of any more.
func (s *Store) Undecided(ctx context.Context) (int, error) {
	var n int
	err := s.readers.QueryRowContext(ctx, `
		SELECT COUNT(*) FROM calls WHERE (status = 'unconfirmed' AND looks >= $1)
		OR (unwatched AND (status IN ('queued', 'dialing', 'in_progress') OR other_status IN ('queued', 'dialing', 'in_progress')))`, call.MaxLooks).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the undecided calls: %w", err)
	}
	return n, nil
}

// LeaseTick leases the tick of that name, if nobody has, and tells when it is due,
// which may be later than now. Whoever leased it calls [Store.FreeTick] in the end.
func (s *Store) LeaseTick(ctx context.Context, name string, lease time.Duration) (due time.Time, leased bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		leased = true
		err := t.QueryRowContext(ctx, `
			INSERT INTO ticks (name, lease_owner, lease_until) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET lease_owner = excluded.lease_owner, lease_until = excluded.lease_until
			WHERE ticks.lease_until IS NULL OR ticks.lease_until <= $4
			RETURNING not_before`,
			name, s.owner, t.after(lease), int64(t.now)).Scan(instant{&due})
		if errors.Is(err, sql.ErrNoRows) {
			leased, err = false, nil
		}
		return err
	})
	if err != nil {
		return time.Time{}, false, fmt.Errorf("lease the tick %s: %w", name, err)
	}
	return due, leased, nil
}

// RenewTick makes the lease of the tick end only after the given time from now. It
// fails with [call.ErrLost] if it has ended already.
func (s *Store) RenewTick(ctx context.Context, name string, lease time.Duration) error {
	err := s.write(ctx, func(t *tx) error {
		ours, err := one(t.ExecContext(ctx, `
			UPDATE ticks SET lease_until = $1 WHERE name = $2 AND lease_owner = $3 AND lease_until > $4`,
			t.after(lease), name, s.owner, int64(t.now)))
		if err == nil && !ours {
			err = call.ErrLost
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("renew the tick %s: %w", name, err)
	}
	return nil
}

// FreeTick ends the lease; the tick is due again at next. It fails with [call.ErrLost] if
// somebody else has leased the tick meanwhile.
func (s *Store) FreeTick(ctx context.Context, name string, next time.Time) error {
	err := s.write(ctx, func(t *tx) error {
		ours, err := one(t.ExecContext(ctx, `
			UPDATE ticks SET not_before = $1, lease_owner = NULL, lease_until = NULL
			WHERE name = $2 AND lease_owner = $3`, at(next), name, s.owner))
		if err == nil && !ours {
			err = call.ErrLost
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("free the tick %s: %w", name, err)
	}
	return nil
}
