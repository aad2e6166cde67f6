package store

import (
	"context"
	"fmt"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// Watched lists at most limit calls that the provider has, or had, and whose next
// look is due by then, the longest unseen first. They are not leased: the tick of the
// watch is.
func (s *Store) Watched(ctx context.Context, by time.Time, limit int) ([]call.Call, error) {
	list, err := scanCalls(s.readers.QueryContext(ctx, selectCalls+`
		WHERE provider_id <> '' AND due_at <= $1
		AND status IN ('queued', 'dialing', 'in_progress', 'completed', 'failed', 'canceled')
		ORDER BY COALESCE(last_seen, 0), id LIMIT $2`, by.UnixMilli(), limit))
	if err != nil {
		return nil, fmt.Errorf("list the watched calls: %w", err)
	}
	return list, nil
}

// Seen notes a read of a call that brought no news, at a time (zero: the read
// failed), and when the next one is due. There is no event: nobody is shown anything.
// If the call has changed meanwhile, whoever changed it knows better.
func (s *Store) Seen(ctx context.Context, c call.Call, seen, due time.Time) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.ExecContext(ctx, `UPDATE calls SET last_seen = COALESCE($1, last_seen), due_at = $2 WHERE id = $3 AND version = $4`,
			at(seen), at(due), string(c.ID), c.Version)
		return err
	})
	if err != nil {
		return fmt.Errorf("note that call %s was read: %w", c.ID, err)
	}
	return nil
}

// CountActive counts the calls that the provider has and that are watched.
func (s *Store) CountActive(ctx context.Context) (int, error) {
	var n int
	err := s.readers.QueryRowContext(ctx, `
		SELECT COUNT(*) FROM calls WHERE status IN ('queued', 'dialing', 'in_progress') AND NOT unwatched`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the active calls: %w", err)
	}
	return n, nil
}

// countLive counts the calls that people are shown the progress of.
func countLive(ctx context.Context, q querier) (int, error) {
	var n int
	err := q.QueryRowContext(ctx, `
		SELECT (SELECT COUNT(*) FROM calls WHERE status IN ('approved', 'placing'))
		+ (SELECT COUNT(*) FROM calls WHERE status IN ('queued', 'dialing', 'in_progress') AND NOT unwatched)`).Scan(&n)
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
			OR (status IN ('queued', 'dialing', 'in_progress') AND NOT unwatched)
			OR (status IN ('completed', 'failed', 'canceled') AND due_at IS NOT NULL)
			OR publish_at IS NOT NULL)`, call.MaxLooks).Scan(&n)
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
		OR (status IN ('queued', 'dialing', 'in_progress') AND unwatched)`, call.MaxLooks).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the undecided calls: %w", err)
	}
	return n, nil
}

// LeaseTick reports whether the tick of that name is due and now leased. Whoever
// leased it does what the tick is for, and then calls [Store.FreeTick].
func (s *Store) LeaseTick(ctx context.Context, name string, lease time.Duration) (bool, error) {
	var leased bool
	err := s.write(ctx, func(t *tx) (err error) {
		leased, err = one(t.ExecContext(ctx, `
			INSERT INTO ticks (name, lease_owner, lease_until) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET lease_owner = excluded.lease_owner, lease_until = excluded.lease_until
			WHERE (ticks.not_before IS NULL OR ticks.not_before <= $4)
			AND (ticks.lease_until IS NULL OR ticks.lease_until <= $4)`,
			name, s.owner, t.after(lease), int64(t.now)))
		return err
	})
	if err != nil {
		return false, fmt.Errorf("lease the tick %s: %w", name, err)
	}
	return leased, nil
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
