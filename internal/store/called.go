package store

import (
	"context"
	"fmt"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

// maxCalled is how many of the last calls of all people are looked through. That bounds
// the time it takes, without an index on calls that every tick of the watch would pay for.
const maxCalled = 2000

// Called lists what was called before, of the last calls, that somebody asked for or
// approved, or that was asked for in a conversation unless that is "", but for private
// ones; the latest first.
// A number may be there more than once.
func (s *Store) Called(ctx context.Context, by call.UserID, conversation string) ([]call.Called, error) {
	rows, err := s.readers.QueryContext(ctx, `
		SELECT calls.number, calls.extension, calls.business, asked.at
		FROM (SELECT events.call_id, events.at FROM events WHERE `+isRequest+` ORDER BY events.at DESC LIMIT $1) AS asked
		JOIN calls ON calls.id = asked.call_id
		JOIN publications ON publications.call_id = asked.call_id
		WHERE calls.provider_id <> ''
		AND (calls.requester = $2 OR calls.approver = $2 OR ($3 <> '' AND publications.conversation = $3 AND NOT calls.private))
		ORDER BY asked.at DESC, calls.id`, maxCalled, string(by), conversation)
	if err != nil {
		return nil, fmt.Errorf("list what was called: %w", err)
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	var list []call.Called
	for rows.Next() {
		var c call.Called
		var e164 string
		if err := rows.Scan(&e164, &c.Extension, &c.Business, instant{&c.At}); err != nil {
			return nil, fmt.Errorf("list what was called: %w", err)
		}
		if c.Number, err = phone.ParseE164(e164); err != nil {
			continue // it was erased, and cannot be called again
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// Origin is where a call was asked for, without the address at which a person was answered.
func (s *Store) Origin(ctx context.Context, id call.ID) (call.Origin, error) {
	var o call.Origin
	err := s.readers.QueryRowContext(ctx, `SELECT conversation, thread FROM publications WHERE call_id = $1`, string(id)).
		Scan(&o.Conversation, &o.Thread)
	if err != nil {
		return call.Origin{}, fmt.Errorf("read where call %s was asked for: %w", id, err)
	}
	return o, nil
}
