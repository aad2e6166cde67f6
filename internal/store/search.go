package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"

	"github.com/agentphone-slack/callbot/internal/call"
)

// list has a call found under each of these, as the table listings says; one that names
// nobody counts for nothing.
func (t *tx) list(ctx context.Context, c call.Call, under ...string) error {
	for _, u := range under {
		if len(u) == len("by:") {
			continue
		}
		_, err := t.ExecContext(ctx, `
			INSERT INTO listings (found_under, asked_at, call_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			u, max(c.RequestedAt.UnixMilli(), 0), string(c.ID))
		if err != nil {
			return fmt.Errorf("write where the call is found: %w", err)
		}
	}
	return nil
}

const (
	// maxFound bounds the calls on one page.
	maxFound = 50
	// maxSearched is how many calls are looked through for a text at a time: 0.3 s of
	// SQLite.
	maxSearched = 20_000
)

// seen has only the calls that are shown to $4: those whose card stands in the conversation
// $5, and their own. A card that could not be posted there is seen only by who asked,
// or who is named to decide.
const seen = `
	JOIN publications ON publications.call_id = calls.id
	LEFT JOIN messages ON messages.call_id = calls.id AND messages.slot = 'card'
	WHERE ($4 <> '' AND $4 IN (calls.requester, calls.decider, calls.approver)
		OR ($5 <> '' AND publications.conversation = $5 AND messages.channel = $5 AND messages.ts <> ''))`

// shownNumber is the number, where $4 is shown it.
const shownNumber = `CASE WHEN calls.private AND ($4 = '' OR $4 NOT IN (calls.requester, calls.decider, calls.approver)) THEN '' ELSE calls.number END`

var (
	searchAll = `
		SELECT listings.asked_at, calls.id, ` + shownNumber + `, calls.business
		FROM listings JOIN calls ON calls.id = listings.call_id` + seen + ` AND listings.found_under = $6
		AND (listings.asked_at, listings.call_id) < ($1, $2) ORDER BY listings.asked_at DESC, listings.call_id DESC LIMIT $3`
	// Both conditions on the status are those of an index, in its words. What is not
	// settled is little, and so is looked through for whose it is.
	searchOpen = `
		SELECT calls.requested_at, calls.id, ` + shownNumber + `, calls.business
		FROM calls` + seen + ` AND ($5 = '' OR publications.conversation = $5) AND calls.id IN (
			SELECT id FROM calls WHERE step IN ('requested', 'scheduled', 'approved', 'placing', 'unconfirmed') AND step_at IS NOT NULL
			UNION ALL SELECT id FROM calls WHERE ` + underWay + `)
		AND (calls.requested_at, calls.id) < ($1, $2) ORDER BY calls.requested_at DESC, calls.id DESC LIMIT $3`
)

// Search finds calls.
func (s *Store) Search(ctx context.Context, q call.Search) (call.Page, error) {
	page, err := s.search(ctx, q)
	if err != nil {
		return call.Page{}, fmt.Errorf("look for calls: %w", err)
	}
	return page, nil
}

func (s *Store) search(ctx context.Context, q call.Search) (call.Page, error) {
	most := max(1, min(q.Most, maxFound))
	marks, next, err := s.marks(ctx, q, most)
	if err != nil || len(marks) == 0 {
		return call.Page{Next: next}, err
	}
	ids := make([]any, len(marks))
	for i, m := range marks {
		ids[i] = string(m.ID)
	}
	calls, err := scanCalls(s.readers.QueryContext(ctx, selectCalls+`
		WHERE id IN (`+in(1, len(ids))+`) ORDER BY requested_at DESC, id DESC`, ids...))
	if err != nil {
		return call.Page{}, err
	}
	found, err := located(ctx, s.readers, calls)
	return call.Page{Calls: found, Next: next}, err
}

// marks are the first places of calls that fit, at most most, and behind which one it goes on.
func (s *Store) marks(ctx context.Context, q call.Search, most int) (found []call.Mark, next call.Mark, err error) {
	before := int64(math.MaxInt64)
	if !q.After.At.IsZero() {
		before = q.After.At.UnixMilli()
	}
	limit := most + 1 // one more tells that there are more
	if q.Text != "" {
		limit = maxSearched
	}
	query, args := searchOpen, []any{before, string(q.After.ID), limit, string(q.Viewer), q.Conversation}
	if !q.Open {
		under := "in:" + q.Conversation
		if q.Conversation == "" {
			under = "by:" + string(q.Viewer)
		}
		query, args = searchAll, append(args, under)
	}
	rows, err := s.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, next, err
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	fits := q.Matcher()
	var e164, business sql.RawBytes
	for read := 1; rows.Next(); read++ {
		var m call.Mark
		if err := rows.Scan(instant{&m.At}, (*string)(&m.ID), &e164, &business); err != nil {
			return nil, next, err
		}
		switch fit := fits(string(e164), string(business)); {
		case fit && len(found) == most:
			return found, found[most-1], nil
		case fit:
			found = append(found, m)
		}
		if read == limit {
			next = m
		}
	}
	return found, next, rows.Err()
}
