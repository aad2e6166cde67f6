package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/agentphone-slack/callbot/internal/call"
)

// dueCalls are calls that the watch has news of: the urgency of each, and the version that
// it is of, by its id. They are written as one row, and whoever looks for what is to be
// published makes their publications due: to change so many of those costs as much as to
// change the calls, and is nothing that the watch need wait for.
type dueCalls map[string][2]int64

func (d dueCalls) add(c call.Call) { d[string(c.ID)] = [2]int64{urgency(c), int64(c.Version)} }

// text is JSON, with the ids in order.
func (d dueCalls) text() (string, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("write what is to be published as JSON: %w", err)
	}
	return string(text), nil
}

// putDue has calls published, in a form in which nobody finds them before [Store.spreadDue].
func (t *tx) putDue(ctx context.Context, calls string) error {
	if _, err := t.ExecContext(ctx, `INSERT INTO due (id, at, calls) VALUES ($1, $2, $3)`, rand.Text(), int64(t.now), calls); err != nil {
		return fmt.Errorf("make them due to be shown: %w", err)
	}
	return nil
}

// spreadDue makes the publications of all such calls due.
func (s *Store) spreadDue(ctx context.Context) error {
	for {
		var some bool
		err := s.readers.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM due)`).Scan(&some)
		if err == nil && some {
			err = s.write(ctx, func(t *tx) error {
				some, err = t.spreadDue(ctx, s.engine)
				return err
			})
		}
		if err != nil {
			return fmt.Errorf("make publications due: %w", err)
		}
		if !some {
			return nil
		}
	}
}

// spreadDue does so for one row, and reports whether it found one that nobody else has. An
// event that came after the news has told the urgency already.
func (t *tx) spreadDue(ctx context.Context, e engine) (bool, error) {
	var id, calls string
	err := t.QueryRowContext(ctx, `SELECT id, calls FROM due ORDER BY at, id LIMIT 1`+e.skipLocked).Scan(&id, &calls)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	now := cast("$2", whole)
	_, err = t.ExecContext(ctx, `
		UPDATE publications SET stale = TRUE,
			urgency = CASE WHEN calls.version = n.version THEN n.urgency ELSE publications.urgency END,
			publish_at = CASE WHEN publish_at < `+now+` THEN publish_at ELSE `+now+` END
		FROM calls, (SELECT key AS id, `+cast("value ->> 0", whole)+` AS urgency, `+cast("value ->> 1", whole)+` AS version FROM `+e.elements("$1")+`) AS n
		WHERE calls.id = n.id AND call_id = n.id`, calls, int64(t.now))
	if err != nil {
		return false, err
	}
	_, err = t.ExecContext(ctx, `DELETE FROM due WHERE id = $1`, id)
	return true, err
}
