package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// Take asks for one request to the provider that has ended by deadline at the latest,
// whatever happens. A grant without an ID is a no, and next is when to ask again: not
// earlier, and not much later even if other requests end before their deadline, because
// [Store.DueChanged] tells.
//
// A request counts until one window after [Store.EndRequest], or after its deadline if
// that is not called: however long it takes to reach the provider, no window there
// sees more than N. All but [call.ForPlacing] leave [call.Budget.Reserve] requests free.
// Nothing is granted before the end of a [Store.Block], even without a limit.
func (s *Store) Take(ctx context.Context, p call.Purpose, deadline time.Time) (g call.Grant, next time.Time, err error) {
	err = s.write(ctx, func(t *tx) error {
		g = call.Grant{}
		var blocked time.Time
		// The update locks the row: two that take at the same time count one after the other.
		err := t.QueryRowContext(ctx, `UPDATE budget SET taken_at = $1 WHERE id = 1 RETURNING blocked_until`,
			int64(t.now)).Scan(instant{&blocked})
		if err != nil {
			return fmt.Errorf("lock the budget: %w", err)
		}
		free, err := s.free(ctx, t, p)
		if err != nil {
			return err
		}
		if free.After(blocked) {
			next = free
		} else {
			next = blocked
		}
		if next.After(t.now.time()) {
			return nil
		}
		next, g = time.Time{}, call.Grant{ID: rand.Text(), Deadline: deadline}
		_, err = t.ExecContext(ctx, `INSERT INTO requests (id, purpose, taken_at, deadline) VALUES ($1, $2, $3, $4)`,
			g.ID, string(p), int64(t.now), int64(stampUp(deadline)))
		return err
	})
	if err != nil {
		return call.Grant{}, time.Time{}, fmt.Errorf("take a request for %s from the budget: %w", p, err)
	}
	return g, next, nil
}

// kept is for how long requests are kept after they stopped to count: long enough for
// a longer window to find them after a restart.
const kept = time.Hour

// free is when the budget has room for a request; zero or past: now.
func (s *Store) free(ctx context.Context, t *tx, p call.Purpose) (time.Time, error) {
	counting := int64(t.now) - millis(s.budget.Window) // what ended before does not count
	if _, err := t.ExecContext(ctx, `DELETE FROM requests WHERE COALESCE(ended_at, deadline) < $1`,
		counting-millis(kept)); err != nil {
		return time.Time{}, fmt.Errorf("forget old requests: %w", err)
	}
	if s.budget.N == 0 {
		return time.Time{}, nil
	}
	limit := s.budget.N
	if p != call.ForPlacing {
		limit -= s.budget.Reserve()
	}
	// If so many count or more, the limit-th youngest is the one to wait for.
	end, err := earliest(ctx, t, `
		SELECT COALESCE(ended_at, deadline) AS ends FROM requests WHERE COALESCE(ended_at, deadline) >= $1
		ORDER BY ends DESC LIMIT 1 OFFSET $2`, counting, limit-1)
	if err != nil {
		return time.Time{}, fmt.Errorf("count the requests: %w", err)
	}
	if end.IsZero() {
		return time.Time{}, nil
	}
	// A millisecond more: a request on the edge of a window counts on both sides.
	return end.Add(time.Duration(millis(s.budget.Window)+1) * time.Millisecond), nil
}

// EndRequest tells that a granted request has ended, with whatever answer. The first
// time counts.
func (s *Store) EndRequest(ctx context.Context, g call.Grant) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.ExecContext(ctx, `UPDATE requests SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL`,
			int64(stampUp(s.Now())), g.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("end a request: %w", err)
	}
	signal(s.due)
	return nil
}

// Return gives back a granted request that was not made: it does not count.
func (s *Store) Return(ctx context.Context, g call.Grant) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.ExecContext(ctx, `DELETE FROM requests WHERE id = $1 AND ended_at IS NULL`, g.ID)
		return err
	})
	if err != nil {
		return fmt.Errorf("return a request: %w", err)
	}
	signal(s.due)
	return nil
}

// Block keeps everybody from making requests until a time. Of two the later one counts.
func (s *Store) Block(ctx context.Context, until time.Time) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.ExecContext(ctx, `
			UPDATE budget SET blocked_until = $1 WHERE id = 1 AND (blocked_until IS NULL OR blocked_until < $1)`,
			int64(stampUp(until)))
		return err
	})
	if err != nil {
		return fmt.Errorf("block the budget: %w", err)
	}
	return nil
}

// Blocked is until when nobody makes a request; the zero time, or one that has passed,
// if that is not so.
func (s *Store) Blocked(ctx context.Context) (time.Time, error) {
	until, err := earliest(ctx, s.readers, `SELECT blocked_until FROM budget WHERE id = 1`)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask whether the budget is blocked: %w", err)
	}
	return until, nil
}
