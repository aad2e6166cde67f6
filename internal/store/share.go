package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/agentphone-slack/callbot/internal/call"
)

// Share implements [call.Orders]. Where it could not be shown before, it is tried again.
func (s *Store) Share(ctx context.Context, id call.ID, share call.Share, may func(call.Call) error) (c call.Call, changed bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		if c, err = t.lockCall(ctx, id); err != nil {
			return err
		}
		if err := may(c); err != nil {
			return decision{err}
		}
		fresh, err := one(t.ExecContext(ctx, `
			INSERT INTO shares (call_id, conversation, by_user, at) VALUES ($1, $2, $3, $4) ON CONFLICT (call_id, conversation) DO NOTHING`,
			string(id), share.Conversation, string(share.By), int64(t.now)))
		if err != nil {
			return fmt.Errorf("note where it is shared: %w", err)
		}
		where := call.AtStand + share.Conversation
		lost, err := one(t.ExecContext(ctx, `DELETE FROM messages WHERE call_id = $1 AND slot = $2 AND ts = ''`, string(id), string(call.SlotShared)+where))
		if err != nil {
			return fmt.Errorf("forget that it could not be shared: %w", err)
		}
		if changed = fresh || lost; !changed {
			return nil
		}
		if _, err := t.ExecContext(ctx, `DELETE FROM messages WHERE call_id = $1 AND slot = $2`, string(id), string(call.SlotUnshared)+where); err != nil {
			return fmt.Errorf("forget that it was told: %w", err)
		}
		return t.publish(ctx, c)
	})
	if d, ok := errors.AsType[decision](err); ok {
		return c, false, d.error
	}
	if err != nil {
		return c, false, unavailable("share a summary", err)
	}
	s.changed()
	return c, changed, nil
}

// shares are where the summary of a call is shown too, the first first.
func (t *tx) shares(ctx context.Context, id call.ID) ([]call.Share, error) {
	rows, err := t.QueryContext(ctx, `SELECT conversation, by_user FROM shares WHERE call_id = $1 ORDER BY at, conversation`, string(id))
	if err != nil {
		return nil, fmt.Errorf("read where call %s is shared: %w", id, err)
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	var list []call.Share
	for rows.Next() {
		var share call.Share
		if err := rows.Scan(&share.Conversation, (*string)(&share.By)); err != nil {
			return nil, fmt.Errorf("read where call %s is shared: %w", id, err)
		}
		list = append(list, share)
	}
	return list, rows.Err()
}
