package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// ClaimPublications leases at most n calls that people are not yet shown as they are
// and that nobody else is about to show: ended ones first, then the longest due. The
// lease ends with [Store.Published], or after the given time unless it is renewed. Of one
// that ended otherwise nobody knows what was sent last, so its messages are in doubt until
// now: a lease is longer than any one request.
// Erased calls are not among them.
func (s *Store) ClaimPublications(ctx context.Context, n int, lease time.Duration) ([]call.Publication, error) {
	if err := s.spreadDue(ctx); err != nil {
		return nil, fmt.Errorf("claim what is to be published: %w", err)
	}
	return s.claimPublications(ctx, "urgency < $3", n, lease)
}

// ClaimRedaction is ClaimPublications for one erased call, whose messages may still show
// what was erased. There is none while another one is leased, since Slack's limits are
// those of all replicas together; two that ask at the same moment may each get one.
func (s *Store) ClaimRedaction(ctx context.Context, lease time.Duration) ([]call.Publication, error) {
	return s.claimPublications(ctx, `urgency = $3 AND NOT EXISTS (
		SELECT 1 FROM publications AS other WHERE other.urgency = $3 AND other.publish_at IS NOT NULL AND other.lease_until > $1)`, 1, lease)
}

// claimPublications claims those with an urgency of which that condition on forRedaction holds.
func (s *Store) claimPublications(ctx context.Context, which string, n int, lease time.Duration) ([]call.Publication, error) {
	var claimed []call.Publication
	// Each claim has a name of its own: two workers of one process are no more the same
	// than two processes.
	token := rand.Text()
	err := s.write(ctx, func(t *tx) error {
		ids, err := scanTexts(t.QueryContext(ctx, `
			SELECT call_id FROM publications
			WHERE publish_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) AND `+which+`
			ORDER BY urgency, publish_at, call_id LIMIT $2`+s.engine.skipLocked,
			int64(t.now), min(n, maxList), forRedaction))
		if err != nil || len(ids) == 0 {
			return err
		}
		_, err = t.ExecContext(ctx, `
			UPDATE messages SET doubt_until = CASE WHEN doubt_until > $1 THEN doubt_until ELSE CAST($1 AS BIGINT) END
			WHERE ts <> '' AND call_id IN (SELECT call_id FROM publications WHERE lease_owner IS NOT NULL AND call_id IN (`+in(2, len(ids))+`))`,
			append([]any{int64(t.now)}, anys(ids)...)...)
		if err != nil {
			return err
		}
		_, err = t.ExecContext(ctx, `
			UPDATE publications SET stale = FALSE, lease_owner = $1, lease_until = $2
			WHERE call_id IN (`+in(3, len(ids))+`)`, append([]any{token, t.after(lease)}, anys(ids)...)...)
		if err != nil {
			return err
		}
		// Read after the lease is written: what changes from here on makes it stale.
		calls, err := getAll(ctx, t, ids)
		if err != nil {
			return err
		}
		claimed, err = s.publications(ctx, t, calls)
		for i := range claimed {
			claimed[i].Lease = token
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim what is to be published: %w", err)
	}
	return claimed, nil
}

// publications puts beside the calls what is needed to show them.
func (s *Store) publications(ctx context.Context, t *tx, calls []call.Call) ([]call.Publication, error) {
	credits, err := credits(ctx, t)
	if err != nil {
		return nil, err
	}
	live, err := countLive(ctx, t)
	if err != nil {
		return nil, err
	}
	pause, err := books{t, s.hashKey}.Pause(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]call.Publication, len(calls))
	for i, c := range calls {
		p := call.Publication{Call: c, View: call.View{Now: t.now.time(), Ahead: -1, Live: live, Credits: credits, Pause: pause}}
		err := t.QueryRowContext(ctx, `SELECT conversation, thread, reply, step FROM publications WHERE call_id = $1`, string(c.ID)).
			Scan(&p.Origin.Conversation, &p.Origin.Thread, &p.Origin.Reply, &p.Origin.Step)
		if err != nil {
			return nil, fmt.Errorf("read where call %s was asked for: %w", c.ID, err)
		}
		if c.Status == call.Approved {
			err := t.QueryRowContext(ctx, `
				SELECT COUNT(*) FROM calls WHERE step IN ('approved', 'placing')
				AND (approved_at < $1 OR (approved_at = $1 AND id < $2))`,
				at(c.ApprovedAt), string(c.ID)).Scan(&p.View.Ahead)
			if err != nil {
				return nil, fmt.Errorf("count the calls before call %s: %w", c.ID, err)
			}
		}
		if c.Status == call.Requested {
			if p.View.Recent, err = recent(ctx, t, p.View.Now, c); err != nil {
				return nil, err
			}
		}
		if c.Status.Ended() && !c.Erased.Done() {
			if p.View.Ban, err = (books{t, s.hashKey}).Ban(ctx, c.Number); err != nil {
				return nil, err
			}
		}
		if c.Shareable() {
			if p.Shares, err = t.shares(ctx, c.ID); err != nil {
				return nil, err
			}
		}
		if p.Messages, err = t.messages(ctx, c.ID); err != nil {
			return nil, fmt.Errorf("read the messages of call %s: %w", c.ID, err)
		}
		list[i] = p
	}
	return list, nil
}

// credits is how many calls the provider said last that it will still make; nil if it
// never said.
func credits(ctx context.Context, q querier) (*int, error) {
	var n int
	err := q.QueryRowContext(ctx, `
		SELECT credits FROM attempts WHERE credits IS NOT NULL ORDER BY answered_at DESC, call_id, n DESC LIMIT 1`).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for the credits left: %w", err)
	}
	return &n, nil
}

// recently is how long ago a call to the same number is worth a word.
const recently = 24 * time.Hour

// recent is the last other call to the number of c that was approved within a day, and
// has dialled or may.
func recent(ctx context.Context, q querier, now time.Time, c call.Call) (*call.Recent, error) {
	earlier, err := scanCalls(q.QueryContext(ctx, selectCalls+`
		WHERE id IN (SELECT call_id FROM events WHERE `+isApproval+` AND events.at >= $1)
		AND number = $2 AND id <> $3 AND (provider_id <> '' OR status IN ('scheduled', 'approved', 'placing', 'unconfirmed'))
		ORDER BY approved_at DESC, id LIMIT 1`, at(now.Add(-recently)), c.Number.E164(), string(c.ID)))
	if err != nil || len(earlier) == 0 {
		return nil, err
	}
	found, err := located(ctx, q, earlier)
	if err != nil {
		return nil, err
	}
	return &found[0], nil
}

// located tells of calls where people find them.
func located(ctx context.Context, q querier, calls []call.Call) ([]call.Recent, error) {
	if len(calls) == 0 {
		return nil, nil
	}
	list := make([]call.Recent, len(calls))
	places := make(map[string]int, len(calls))
	args := make([]any, len(calls))
	for i, c := range calls {
		list[i].Call, places[string(c.ID)], args[i] = c, i, string(c.ID)
	}
	rows, err := q.QueryContext(ctx, `
		SELECT p.call_id, p.conversation, COALESCE(m.channel, ''), COALESCE(m.thread, ''), COALESCE(m.ts, '')
		FROM publications p LEFT JOIN messages m ON m.call_id = p.call_id AND m.slot = 'card'
		WHERE p.call_id IN (`+in(1, len(args))+`)`, args...)
	if err != nil {
		return nil, fmt.Errorf("read where calls were asked for: %w", err)
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	for rows.Next() {
		var id string
		var r call.Recent
		if err := rows.Scan(&id, &r.Conversation, &r.Channel, &r.Thread, &r.TS); err != nil {
			return nil, fmt.Errorf("read where calls were asked for: %w", err)
		}
		r.Call = list[places[id]].Call
		list[places[id]] = r
	}
	return list, rows.Err()
}

func (t *tx) messages(ctx context.Context, id call.ID) (map[call.Slot]call.Message, error) {
	rows, err := t.QueryContext(ctx, `
		SELECT slot, channel, thread, ts, file, digest, doubt_until, sent_at, tries FROM messages WHERE call_id = $1`, string(id))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	sent := make(map[call.Slot]call.Message)
	for rows.Next() {
		var m call.Message
		if err := rows.Scan((*string)(&m.Slot), &m.Channel, &m.Thread, &m.TS, &m.File, &m.Digest, instant{&m.DoubtUntil}, instant{&m.SentAt}, &m.Tries); err != nil {
			return nil, err
		}
		sent[m.Slot] = m
	}
	return sent, rows.Err()
}

// RenewPublication makes the lease of a claimed publication end only after the given
// time from now. It fails with [call.ErrLost] if it has ended already.
func (s *Store) RenewPublication(ctx context.Context, p call.Publication, lease time.Duration) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.extend(ctx, p, t.after(lease))
		return err
	})
	if err != nil {
		return fmt.Errorf("go on publishing call %s: %w", p.Call.ID, err)
	}
	return nil
}

// extend makes our lease of a publication end at until at the earliest, and reports whether
// something has changed since it was claimed. Nobody changes its messages until the
// transaction ends.
func (t *tx) extend(ctx context.Context, p call.Publication, until int64) (stale bool, err error) {
	err = t.QueryRowContext(ctx, `
		UPDATE publications SET lease_until = CASE WHEN lease_until > $1 THEN lease_until ELSE $1 END
		WHERE call_id = $2 AND lease_owner = $3 AND lease_until > $4 RETURNING stale`,
		until, string(p.Call.ID), p.Lease, int64(t.now)).Scan(&stale)
	if errors.Is(err, sql.ErrNoRows) {
		err = call.ErrLost
	}
	return stale, err
}

// SaveMessage keeps what was sent in one slot of a claimed publication. It fails with
// [call.ErrLost] if the lease has ended. With the card sent, nobody needs the address at
// which the person who asked could be answered, and it is forgotten.
func (s *Store) SaveMessage(ctx context.Context, p call.Publication, m call.Message) error {
	err := s.write(ctx, func(t *tx) error {
		// The lease is looked at by a write, so that nobody takes it over before the commit.
		stale, err := t.extend(ctx, p, 0)
		if err != nil {
			return err
		}
		kept := m
		if stale {
			if kept, err = t.stillDoubtful(ctx, p.Call.ID, m); err != nil {
				return err
			}
		}
		if err := t.saveMessage(ctx, p.Call.ID, kept); err != nil || m.Slot != call.SlotCard || m.TS == "" {
			return err
		}
		_, err = t.ExecContext(ctx, `UPDATE publications SET reply = '' WHERE call_id = $1 AND reply <> ''`, string(p.Call.ID))
		return err
	})
	if err != nil {
		return fmt.Errorf("save the message %s of call %s: %w", m.Slot, p.Call.ID, err)
	}
	return nil
}

// stillDoubtful is m, which is about to be kept of a publication that has changed since it
// was claimed: if a [Store.Resend] was among that, what it had put there may have come after
// m. A message that gives its slot up so is a stray. (Which doubt is from before the claim
// is not known: such a message is sent once more than it need be.)
func (t *tx) stillDoubtful(ctx context.Context, id call.ID, m call.Message) (call.Message, error) {
	had := call.Message{Slot: m.Slot}
	err := t.QueryRowContext(ctx, `
		SELECT channel, thread, ts, file, doubt_until, sent_at FROM messages WHERE call_id = $1 AND slot = $2`,
		string(id), string(m.Slot)).Scan(&had.Channel, &had.Thread, &had.TS, &had.File, instant{&had.DoubtUntil}, instant{&had.SentAt})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return m, nil
	case err != nil:
		return m, err
	case had.DoubtUntil.IsZero() || strings.HasPrefix(string(m.Slot), string(call.SlotStray)):
		return m, nil
	case had.TS == m.TS:
		if m.DoubtUntil.Before(had.DoubtUntil) {
			m.DoubtUntil = had.DoubtUntil
		}
		return m, nil
	}
	return m, t.saveMessage(ctx, id, had.Stray())
}

func (t *tx) saveMessage(ctx context.Context, id call.ID, m call.Message) error {
	_, err := t.ExecContext(ctx, `
		INSERT INTO messages (call_id, slot, channel, thread, ts, file, digest, doubt_until, sent_at, tries)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (call_id, slot) DO UPDATE SET channel = excluded.channel, thread = excluded.thread,
			ts = excluded.ts, file = excluded.file, digest = excluded.digest, doubt_until = excluded.doubt_until,
			sent_at = excluded.sent_at, tries = excluded.tries`,
		string(id), string(m.Slot), m.Channel, m.Thread, m.TS, m.File, m.Digest, at(m.DoubtUntil), at(m.SentAt), m.Tries)
	return err
}

// Published ends the lease of a claimed publication. It is due again at next, or,
// if next is the zero time, when something changes; and at once if something has
// changed since it was claimed. The homes of those whom it concerns are due to be shown.
// It fails with [call.ErrLost] if the lease has ended.
func (s *Store) Published(ctx context.Context, p call.Publication, next time.Time) error {
	var due time.Time
	err := s.write(ctx, func(t *tx) error {
		// stale, and not the call's version, because it stands in the row that this
		// locks: a version that another transaction is about to change is not seen.
		err := t.QueryRowContext(ctx, `
			UPDATE publications SET publish_at = CASE WHEN stale THEN CAST($1 AS BIGINT) ELSE CAST($2 AS BIGINT) END, lease_owner = NULL, lease_until = NULL
			WHERE call_id = $3 AND lease_owner = $4 AND lease_until > $1 RETURNING publish_at`,
			int64(t.now), at(next), string(p.Call.ID), p.Lease).Scan(instant{&due})
		if errors.Is(err, sql.ErrNoRows) {
			return call.ErrLost
		}
		if err != nil {
			return err
		}
		return t.touchHomes(ctx, p.ForAll, append([]call.UserID{p.Call.Requester, p.Call.Decider, p.Call.Approver}, p.Also...)...)
	})
	if err != nil {
		return fmt.Errorf("finish publishing call %s: %w", p.Call.ID, err)
	}
	if !due.IsZero() {
		signal(s.publish)
	}
	signal(s.homes)
	return nil
}

// Resend has m shown anew, whoever has the lease: a request that was under way when its
// lease ended may have put something older there than what was sent since, or do so until
// m.DoubtUntil. If its slot has another message by now, m is kept as a stray, which is
// settled.
func (s *Store) Resend(ctx context.Context, id call.ID, m call.Message) error {
	if !m.Stands() {
		return nil
	}
	err := s.write(ctx, func(t *tx) error {
		// First, as everybody locks the publication before its messages.
		_, err := t.ExecContext(ctx, `UPDATE publications SET publish_at = $1, stale = TRUE WHERE call_id = $2`, int64(t.now), string(id))
		if err != nil {
			return err
		}
		known, err := one(t.ExecContext(ctx, `
			UPDATE messages SET doubt_until = CASE WHEN ts = '' THEN NULL WHEN doubt_until > $1 THEN doubt_until ELSE CAST($1 AS BIGINT) END
			WHERE call_id = $2 AND slot = $3 AND ts = $4 AND file = $5`,
			max(m.DoubtUntil.UnixMilli(), int64(t.now)), string(id), string(m.Slot), m.TS, m.File))
		if err == nil && !known {
			err = t.saveMessage(ctx, id, m.Stray())
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("have the message %s of call %s sent again: %w", m.Slot, id, err)
	}
	signal(s.publish)
	return nil
}

// NextPublication is the earliest time at which [Store.ClaimPublications] may find
// something; the zero time if nothing waits.
func (s *Store) NextPublication(ctx context.Context) (time.Time, error) {
	next, err := earliest(ctx, s.readers, `
		SELECT MIN(at) FROM (
			SELECT MIN(CASE WHEN lease_until > $1 AND lease_until > publish_at THEN lease_until ELSE publish_at END) AS at
			FROM publications WHERE publish_at IS NOT NULL AND urgency < $2
			UNION ALL SELECT MIN(at) FROM due) AS soonest`, s.Now().UnixMilli(), forRedaction)
	if err != nil {
		return time.Time{}, fmt.Errorf("look for the next publication: %w", err)
	}
	return next, nil
}
