package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

// The kinds of order.
const (
	orderPause  = "pause"
	orderResume = "resume"
	orderBan    = "ban"
	orderAllow  = "allow"
)

// books are read in one transaction, or by a pool of readers.
type books struct {
	q   querier
	key string // of the hashes of numbers
}

var _ call.Books = books{}

// ask asks checks in a transaction; what one of them says comes out as it is.
func (s *Store) ask(ctx context.Context, t *tx, c call.Call, checks []call.Check) error {
	for _, check := range checks {
		if err := check(ctx, books{t, s.hashKey}, c); err != nil {
			if _, ok := errors.AsType[*call.Error](err); ok {
				return decision{err}
			}
			return err
		}
	}
	return nil
}

// Consult asks a rule that depends on more than the call, outside of any transaction.
func (s *Store) Consult(ctx context.Context, c call.Call, check call.Check) error {
	return check(ctx, books{s.readers, s.hashKey}, c)
}

// lockGate makes whoever decides by what was decided before do so one after the other.
func (t *tx) lockGate(ctx context.Context) error {
	if _, err := t.ExecContext(ctx, `UPDATE gate SET id = id WHERE id = 1`); err != nil {
		return fmt.Errorf("wait for other decisions: %w", err)
	}
	return nil
}

// Pause implements [call.Books].
func (b books) Pause(ctx context.Context) (call.Pause, error) {
	var p call.Pause
	err := b.q.QueryRowContext(ctx, `SELECT paused_by, paused_at FROM gate WHERE id = 1`).Scan((*string)(&p.By), instant{&p.At})
	if err != nil {
		return call.Pause{}, fmt.Errorf("ask whether placing is paused: %w", err)
	}
	return p, nil
}

// Ban implements [call.Books].
func (b books) Ban(ctx context.Context, n phone.Number) (call.Ban, error) {
	var ban call.Ban
	var kind string
	err := b.q.QueryRowContext(ctx, `
		SELECT kind, actor, at, reason FROM orders WHERE number = $1 AND number <> '' ORDER BY n DESC LIMIT 1`,
		hashOf(b.key, n)).Scan(&kind, (*string)(&ban.By), instant{&ban.At}, &ban.Reason)
	if errors.Is(err, sql.ErrNoRows) || err == nil && kind != orderBan {
		return call.Ban{}, nil
	}
	if err != nil {
		return call.Ban{}, fmt.Errorf("ask whether the number may never be called: %w", err)
	}
	return ban, nil
}

// Conversation implements [call.Books].
func (b books) Conversation(ctx context.Context, id call.ID) (string, error) {
	var c string
	if err := b.q.QueryRowContext(ctx, `SELECT conversation FROM publications WHERE call_id = $1`, string(id)).Scan(&c); err != nil {
		return "", fmt.Errorf("read where call %s was asked for: %w", id, err)
	}
	return c, nil
}

// What was decided, each behind the condition of the index events_decided in its words.
const (
	isDecided  = `events.kind IN ('request', 'approve', 'schedule', 'begin') AND `
	isApproval = isDecided + `events.kind IN ('approve', 'schedule')`
	isRequest  = isDecided + `events.kind = 'request'`
	// isOneOfALot is an approval, or that what was approved for a time begins.
	isOneOfALot = isDecided + `events.kind <> 'request'`
)

// Approvals implements [call.Books].
func (b books) Approvals(ctx context.Context, user call.UserID, from, to time.Time, limit int) (int, time.Time, error) {
	const since = ` FROM events JOIN calls ON calls.id = events.call_id
		WHERE ` + isApproval + ` AND events.at >= $1 AND (CAST($2 AS BIGINT) = 0 OR events.at < $2) AND ($3 = '' OR calls.requester = $3)`
	var before int64
	if !to.IsZero() {
		before = to.UnixMilli()
	}
	args := []any{from.UnixMilli(), before, string(user)}
	var n int
	if err := b.q.QueryRowContext(ctx, `SELECT COUNT(*)`+since, args...).Scan(&n); err != nil {
		return 0, time.Time{}, fmt.Errorf("count approvals: %w", err)
	}
	limiting, err := earliest(ctx, b.q, `SELECT events.at`+since+` ORDER BY events.at DESC LIMIT 1 OFFSET $4`, append(args, max(limit, 1)-1)...)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("look for the approval that limits: %w", err)
	}
	return n, limiting, nil
}

// maxAsked bounds what is compared of what was asked for in an hour.
const maxAsked = 2000

// Asked implements [call.Books].
func (b books) Asked(ctx context.Context, from time.Time, approved bool) ([]call.Asked, error) {
	kinds := isRequest
	if approved {
		kinds = isOneOfALot
	}
	rows, err := b.q.QueryContext(ctx, `
		SELECT calls.id, calls.number, calls.objective, calls.approved_at FROM events JOIN calls ON calls.id = events.call_id
		WHERE `+kinds+` AND events.at >= $1 AND calls.erased_at IS NULL
		AND calls.status NOT IN ('declined', 'expired') AND (calls.status <> 'canceled' OR calls.provider_id <> '')
		ORDER BY events.at DESC LIMIT $2`, at(from), maxAsked)
	if err != nil {
		return nil, fmt.Errorf("list what was asked for: %w", err)
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	var list []call.Asked
	for rows.Next() {
		var a call.Asked
		if err := rows.Scan((*string)(&a.Call), &a.Number, &a.Objective, instant{&a.ApprovedAt}); err != nil {
			return nil, fmt.Errorf("list what was asked for: %w", err)
		}
		list = append(list, a)
	}
	return list, rows.Err()
}

// hashOf is what is kept of a number that is banned.
func hashOf(key string, n phone.Number) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(n.E164())) // a hash takes everything
	return hex.EncodeToString(mac.Sum(nil))
}

// loadHashKey reads the key of the hashes, which the first to open the database makes.
func (s *Store) loadHashKey(ctx context.Context) error {
	read := func(q querier) error {
		return q.QueryRowContext(ctx, `SELECT key FROM hash_key WHERE id = 1`).Scan(&s.hashKey)
	}
	err := read(s.readers)
	if errors.Is(err, sql.ErrNoRows) {
		err = s.write(ctx, func(t *tx) error {
			if _, err := t.ExecContext(ctx, `INSERT INTO hash_key (id, key) VALUES (1, $1) ON CONFLICT (id) DO NOTHING`, rand.Text()+rand.Text()); err != nil {
				return err
			}
			return read(t)
		})
	}
	if err != nil {
		return fmt.Errorf("read the key of the hashes of numbers: %w", err)
	}
	return nil
}

// Pause implements [call.Orders].
func (s *Store) Pause(ctx context.Context, by call.UserID) (bool, error) {
	return s.turn(ctx, orderPause, by)
}

// Resume implements [call.Orders].
func (s *Store) Resume(ctx context.Context, by call.UserID) (bool, error) {
	return s.turn(ctx, orderResume, by)
}

func (s *Store) turn(ctx context.Context, kind string, by call.UserID) (changed bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		changed = false
		if err := t.lockGate(ctx); err != nil {
			return err
		}
		p, err := books{t, s.hashKey}.Pause(ctx)
		if err != nil || p.On() == (kind == orderPause) {
			return err
		}
		changed = true
		if kind == orderPause {
			_, err = t.ExecContext(ctx, `UPDATE gate SET paused_by = $1, paused_at = $2 WHERE id = 1`, string(by), int64(t.now))
		} else {
			_, err = t.ExecContext(ctx, `UPDATE gate SET paused_by = '', paused_at = NULL WHERE id = 1`)
		}
		if err != nil {
			return fmt.Errorf("turn the pause: %w", err)
		}
		if err := t.touchHomes(ctx, true); err != nil {
			return err
		}
		return t.order(ctx, kind, by, "", "")
	})
	if err != nil {
		return false, unavailable(kind+" all placing", err)
	}
	s.showGate(ctx)
	return changed, nil
}

// showGate makes all cards that wait due to say whether placing is paused, and calls
// that wait for its end due: each a transaction of its own, for the same reason as moved.
func (s *Store) showGate(ctx context.Context) {
	const what = "that placing is paused, or goes on"
	s.show(ctx, what, `
			UPDATE publications SET stale = TRUE, publish_at = CASE WHEN publish_at < $1 THEN publish_at ELSE $1 END
			WHERE call_id IN (
				SELECT call_id FROM publications WHERE call_id IN (SELECT id FROM calls WHERE status IN ('requested', 'scheduled', 'approved'))
				ORDER BY call_id`+s.engine.lock+`)`)
	s.show(ctx, what, `
			UPDATE calls SET due_at = $1 WHERE id IN (
				SELECT id FROM calls WHERE status = 'approved' AND reason = 'paused' ORDER BY id`+s.engine.lock+`)`)
}

// Ban implements [call.Orders]. The calls to that number that people see are made due to
// be shown, because a result tells whether its number is banned.
func (s *Store) Ban(ctx context.Context, id call.ID, by call.UserID, reason string, may func(call.Call) error) (c call.Call, changed bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		if c, err = get(ctx, t, id); err != nil {
			return err
		}
		if err := may(c); err != nil {
			return decision{err}
		}
		changed, err = s.decree(ctx, t, orderBan, c.Number, by, reason)
		return err
	})
	if d, ok := errors.AsType[decision](err); ok {
		return c, false, d.error
	}
	if err != nil {
		return c, false, unavailable("ban a number", err)
	}
	s.showNumber(ctx, c.Number)
	return c, changed, nil
}

// Allow implements [call.Orders].
func (s *Store) Allow(ctx context.Context, n phone.Number, by call.UserID) (changed bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		changed, err = s.decree(ctx, t, orderAllow, n, by, "")
		return err
	})
	if err != nil {
		return false, unavailable("allow a number", err)
	}
	s.showNumber(ctx, n)
	return changed, nil
}

// decree notes a ban, or its end, unless the number is so already.
func (s *Store) decree(ctx context.Context, t *tx, kind string, n phone.Number, by call.UserID, reason string) (changed bool, err error) {
	if err := t.lockGate(ctx); err != nil {
		return false, err
	}
	ban, err := books{t, s.hashKey}.Ban(ctx, n)
	if err != nil || ban.On() == (kind == orderBan) {
		return false, err
	}
	return true, t.order(ctx, kind, by, hashOf(s.hashKey, n), reason)
}

// shownFor is how far back results say what is decided of their number.
const shownFor = 30 * 24 * time.Hour

// showNumber makes the calls to a number that were asked for lately due to be shown.
func (s *Store) showNumber(ctx context.Context, n phone.Number) {
	s.show(ctx, "whether a number may be called", `
		UPDATE publications SET stale = TRUE, publish_at = CASE WHEN publish_at < $1 THEN publish_at ELSE $1 END
		WHERE call_id IN (
			SELECT call_id FROM publications WHERE call_id IN (
				SELECT calls.id FROM events JOIN calls ON calls.id = events.call_id
				WHERE `+isRequest+` AND events.at >= $2 AND calls.number = $3)
			ORDER BY call_id`+s.engine.lock+`)`, at(s.Now().Add(-shownFor)), n.E164())
}

// show runs a statement that makes something due now, $1, in a transaction of its own.
// What was decided stands without it, so that it is not an error if it fails, and not
// waited for longer than whoever decided can wait; to decide it again shows it again.
func (s *Store) show(ctx context.Context, what, statement string, args ...any) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), showWithin)
	defer cancel()
	err := s.write(ctx, func(t *tx) error {
		_, err := t.ExecContext(ctx, statement, append([]any{int64(t.now)}, args...)...)
		return err
	})
	if err != nil {
		s.log.Warn("showing what was decided", slog.String("what", what), slog.Any("error", err))
	}
	s.changed()
}

// showWithin bounds it: Slack gives an order 3 s, of which its commit may take 2.
const showWithin = 400 * time.Millisecond

// order appends to the log of orders. The gate is locked, so that they have an order.
func (t *tx) order(ctx context.Context, kind string, by call.UserID, number, reason string) error {
	_, err := t.ExecContext(ctx, `
		INSERT INTO orders (n, at, kind, actor, number, reason)
		SELECT COALESCE(MAX(n), 0) + 1, $1, $2, $3, $4, $5 FROM orders`,
		int64(t.now), kind, string(by), number, call.Storable(reason))
	if err != nil {
		return fmt.Errorf("note who did it: %w", err)
	}
	return nil
}
