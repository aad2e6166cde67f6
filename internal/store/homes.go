package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// watchedFor is how long after somebody opened their home it is kept up to date: they
// may have left it open. Whoever opens it again is shown it anew.
const watchedFor = 24 * time.Hour

// OpenHome notes that somebody looks at their home, which is shown anew; channel is their
// direct messages with the app, and blank says that the home shows nothing.
func (s *Store) OpenHome(ctx context.Context, user call.UserID, channel string, blank bool) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.ExecContext(ctx, `
			INSERT INTO homes (user_id, channel, opened_at, due_at, stale, digest) VALUES ($1, $2, $3, $3, TRUE, '')
			ON CONFLICT (user_id) DO UPDATE SET channel = excluded.channel, opened_at = excluded.opened_at, due_at = excluded.due_at,
				stale = TRUE, digest = CASE WHEN $4 THEN '' ELSE homes.digest END`,
			string(user), channel, int64(t.now), blank)
		return err
	})
	if err != nil {
		return unavailable("note who looks at their calls", err)
	}
	s.changed()
	return nil
}

// touchHomes makes the homes of these people due, or with all everybody's, if they are
// kept up to date.
func (t *tx) touchHomes(ctx context.Context, all bool, people ...call.UserID) error {
	const touch = `UPDATE homes SET stale = TRUE, due_at = CASE WHEN due_at < $1 THEN due_at ELSE $1 END WHERE opened_at > $2`
	args := []any{int64(t.now), int64(t.now) - watchedFor.Milliseconds()}
	query := touch
	if !all {
		query += ` AND user_id IN (` + in(len(args)+1, len(people)) + `)`
		args = append(args, anys(people)...)
	}
	if _, err := t.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("make people's homes due to be shown: %w", err)
	}
	return nil
}

// ClaimHomes leases at most n homes that do not show their calls as they are, the longest
// due first. The lease ends with [Store.HomeShown], or after the given time; of a home
// whose lease ended so, and of an overtaken one, nobody knows what it shows.
func (s *Store) ClaimHomes(ctx context.Context, n int, lease time.Duration) ([]call.Home, error) {
	var claimed []call.Home
	token := rand.Text()
	err := s.write(ctx, func(t *tx) error {
		claimed = nil
		users, err := scanTexts(t.QueryContext(ctx, `
			SELECT user_id FROM homes WHERE due_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)
			ORDER BY due_at, user_id LIMIT $2`+s.engine.skipLocked, int64(t.now), min(n, maxList)))
		if err != nil {
			return err
		}
		for _, user := range users {
			h := call.Home{User: call.UserID(user), Lease: token}
			err := t.QueryRowContext(ctx, `
				UPDATE homes SET stale = FALSE, digest = CASE WHEN lease_owner IS NULL AND digest <> $4 THEN digest ELSE '' END,
					lease_owner = $1, lease_until = $2 WHERE user_id = $3 RETURNING channel, digest`,
				token, t.after(lease), user, overtaken).Scan(&h.Channel, &h.Digest)
			if err != nil {
				return err
			}
			claimed = append(claimed, h)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("claim the homes that are to be shown: %w", err)
	}
	return claimed, nil
}

// overtaken is the digest of a home that may show something older than what whoever has
// leased it has sent: they keep another digest in vain.
const overtaken = "overtaken"

// HomeShown keeps what a claimed home shows, by its digest, and ends the lease. It is due
// again at next, or, if that is the zero time, when something changes, but not before
// earliest. It fails with [call.ErrLost] if the lease has ended, and then has the home shown
// anew: what was sent may be older than what somebody else sent since.
func (s *Store) HomeShown(ctx context.Context, h call.Home, next, earliest time.Time) error {
	lost := false
	err := s.write(ctx, func(t *tx) error {
		lost = false
		err := t.QueryRowContext(ctx, `
			UPDATE homes SET digest = CASE WHEN digest = $7 THEN '' ELSE $1 END, lease_owner = NULL, lease_until = NULL,
				due_at = CASE WHEN stale THEN CAST($2 AS BIGINT) ELSE CAST($3 AS BIGINT) END
			WHERE user_id = $4 AND lease_owner = $5 AND lease_until > $6 RETURNING user_id`,
			h.Digest, max(earliest.UnixMilli(), int64(t.now)), at(next), string(h.User), h.Lease, int64(t.now), overtaken).Scan(new(string))
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		lost = true
		_, err = t.ExecContext(ctx, `UPDATE homes SET digest = $3, stale = TRUE, due_at = $1 WHERE user_id = $2`, int64(t.now), string(h.User), overtaken)
		return err
	})
	if lost && err == nil {
		signal(s.homes)
		err = call.ErrLost
	}
	if err != nil {
		return fmt.Errorf("keep what a home shows: %w", err)
	}
	return nil
}

// NextHome is the earliest time at which [Store.ClaimHomes] may find something; the zero
// time if nothing waits.
func (s *Store) NextHome(ctx context.Context) (time.Time, error) {
	next, err := earliest(ctx, s.readers, `
		SELECT MIN(CASE WHEN lease_until > $1 AND lease_until > due_at THEN lease_until ELSE due_at END)
		FROM homes WHERE due_at IS NOT NULL`, s.Now().UnixMilli())
	if err != nil {
		return time.Time{}, fmt.Errorf("look for the next home: %w", err)
	}
	return next, nil
}

// undecided, listed and lately bound what a home can show.
const (
	undecided = 20
	listed    = 60
	lately    = 60 * 24 * time.Hour // how long ago a call was asked for
)

// Overview is what somebody sees of their calls; all says that calls of others wait for
// their decision too, beside those on which they alone are to decide. At most the newest settled calls are in it.
func (s *Store) Overview(ctx context.Context, user call.UserID, all bool, settled int) (call.Overview, error) {
	o, err := s.overview(ctx, user, all, settled)
	if err != nil {
		return call.Overview{}, fmt.Errorf("read what somebody's home shows: %w", err)
	}
	return o, nil
}

// concerning are the calls that somebody asked for lately, or approved.
const concerning = `id IN (SELECT call_id FROM listings WHERE found_under = 'by:' || $1 AND asked_at >= $2) AND $1 IN (requester, approver)`

func (s *Store) overview(ctx context.Context, user call.UserID, all bool, settled int) (o call.Overview, err error) {
	o.Now = s.Now()
	since := at(o.Now.Add(-lately))
	open, err := scanCalls(s.readers.QueryContext(ctx, selectCalls+`
		WHERE `+concerning+` AND status NOT IN ('completed', 'failed', 'canceled', 'refused', 'declined', 'expired', 'abandoned')
		ORDER BY requested_at DESC, id LIMIT $3`, string(user), since, listed))
	if err != nil {
		return o, err
	}
	waiting, err := scanCalls(s.readers.QueryContext(ctx, selectCalls+`
		WHERE step = 'requested' AND step_at IS NOT NULL AND requester <> $1 AND (decider = $1 OR decider = '' AND $2)
		ORDER BY requested_at, id LIMIT $3`, string(user), all, undecided))
	if err != nil {
		return o, err
	}
	open = append(open, waiting...)
	done, err := scanCalls(s.readers.QueryContext(ctx, selectCalls+`
		WHERE `+concerning+` AND status IN ('completed', 'failed', 'canceled', 'refused', 'declined', 'expired', 'abandoned')
		ORDER BY requested_at DESC, id LIMIT $3`, string(user), since, settled))
	if err != nil {
		return o, err
	}
	if o.Settled, err = located(ctx, s.readers, done); err != nil {
		return o, err
	}
	found, err := located(ctx, s.readers, open)
	if err != nil {
		return o, err
	}
	for _, r := range found {
		switch r.Call.Status {
		case call.Requested:
			p := call.Pending{Recent: r}
			if p.Earlier, err = recent(ctx, s.readers, o.Now, r.Call); err != nil {
				return o, err
			}
			o.Undecided = append(o.Undecided, p)
		case call.Scheduled:
			o.Scheduled = append(o.Scheduled, r)
		default:
			o.Live = append(o.Live, r)
		}
	}
	slices.SortStableFunc(o.Undecided, func(a, b call.Pending) int { return a.Call.RequestedAt.Compare(b.Call.RequestedAt) })
	slices.SortStableFunc(o.Scheduled, func(a, b call.Recent) int { return a.Call.StartAt.Compare(b.Call.StartAt) })
	slices.SortStableFunc(o.Live, func(a, b call.Recent) int { return b.Call.ApprovedAt.Compare(a.Call.ApprovedAt) })
	if o.Credits, err = credits(ctx, s.readers); err != nil {
		return o, err
	}
	o.Pause, err = books{s.readers, s.hashKey}.Pause(ctx)
	return o, err
}

// Usage counts the approvals within the day before now, and names at most n people whose
// calls were approved the most.
func (s *Store) Usage(ctx context.Context, n int) (call.Usage, error) {
	const since = ` FROM events JOIN calls ON calls.id = events.call_id WHERE ` + isApproval + ` AND events.at >= $1`
	day := at(s.Now().Add(-24 * time.Hour))
	var u call.Usage
	if err := s.readers.QueryRowContext(ctx, `SELECT COUNT(*)`+since, day).Scan(&u.All); err != nil {
		return call.Usage{}, fmt.Errorf("count approvals: %w", err)
	}
	rows, err := s.readers.QueryContext(ctx, `
		SELECT calls.requester, COUNT(*)`+since+` GROUP BY calls.requester ORDER BY 2 DESC, 1 LIMIT $2`, day, n)
	if err != nil {
		return call.Usage{}, fmt.Errorf("count the approvals of each: %w", err)
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	for rows.Next() {
		var of call.UsageOf
		if err := rows.Scan((*string)(&of.Requester), &of.Approvals); err != nil {
			return call.Usage{}, fmt.Errorf("count the approvals of each: %w", err)
		}
		u.Most = append(u.Most, of)
	}
	return u, rows.Err()
}

// Welcome reports whether it is the first time that it is asked for a conversation.
func (s *Store) Welcome(ctx context.Context, conversation string) (first bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		first, err = one(t.ExecContext(ctx, `INSERT INTO welcomes (conversation, at) VALUES ($1, $2) ON CONFLICT (conversation) DO NOTHING`,
			conversation, int64(t.now)))
		return err
	})
	if err != nil {
		return false, unavailable("note where the app has said what it does", err)
	}
	return first, nil
}
