package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/agentphone-slack/callbot/internal/call"
)

// Record keeps the answer to the n-th attempt of a call, whatever became of the call
// meanwhile. The first answer stays, except that an accepted one takes the place of
// one that is not: a late 202 is never lost. The call itself is not changed.
func (s *Store) Record(ctx context.Context, id call.ID, n int, a call.Answer) error {
	err := s.write(ctx, func(t *tx) error {
		var credits any
		if a.Credits != nil {
			credits = int64(*a.Credits)
		}
		_, err := t.ExecContext(ctx, `
			UPDATE attempts SET answered_at = $1, fate = $2, provider_id = $3, reason = $4, credits = $6, wait = $7,
				detail = CASE WHEN EXISTS (SELECT 1 FROM calls WHERE id = $8 AND erased_at IS NOT NULL) THEN '' ELSE $5 END
			WHERE call_id = $8 AND n = $9 AND (fate = '' OR (fate <> $10 AND $2 = $10))`,
			at(a.At), string(a.Fate), a.ProviderID, string(a.Reason), clip(a.Detail), credits, span{&a.Wait},
			string(id), n, string(call.FateAccepted))
		if err != nil {
			return err
		}
		var known int
		return t.QueryRowContext(ctx, `SELECT 1 FROM attempts WHERE call_id = $1 AND n = $2`, string(id), n).Scan(&known)
	})
	if err != nil {
		return fmt.Errorf("record the answer to attempt %d of call %s: %w", n, id, err)
	}
	return nil
}

// clip bounds what is kept of the provider's words, at a whole character.
func clip(s string) string {
	if len(s) > call.MaxDetail {
		s = s[:call.MaxDetail]
	}
	return strings.ToValidUTF8(s, "")
}

// Attempts lists the attempts of a call, the first one first.
func (s *Store) Attempts(ctx context.Context, id call.ID) ([]call.Attempt, error) {
	list, err := s.attempts(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the attempts of call %s: %w", id, err)
	}
	return list, nil
}

func (s *Store) attempts(ctx context.Context, id call.ID) ([]call.Attempt, error) {
	rows, err := s.readers.QueryContext(ctx, `
		SELECT n, at, deadline, answered_at, fate, provider_id, reason, detail, credits, wait
		FROM attempts WHERE call_id = $1 ORDER BY n`, string(id))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	var list []call.Attempt
	for rows.Next() {
		a := call.Attempt{Call: id}
		if err := rows.Scan(&a.N, instant{&a.At}, instant{&a.Deadline}, instant{&a.Answer.At},
			(*string)(&a.Answer.Fate), &a.Answer.ProviderID, (*string)(&a.Answer.Reason), &a.Answer.Detail,
			&a.Answer.Credits, span{&a.Answer.Wait}); err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, rows.Err()
}

// maxList bounds the placeholders of one statement.
const maxList = 500

// Ours tells which of the provider's ids belong to calls of ours: as the answer to an
// attempt, or as what a call was found under.
func (s *Store) Ours(ctx context.Context, providerIDs []string) (map[string]bool, error) {
	ours := make(map[string]bool)
	for len(providerIDs) > 0 {
		n := min(maxList, len(providerIDs))
		list := in(1, n)
		found, err := scanTexts(s.readers.QueryContext(ctx, `
			SELECT provider_id FROM attempts WHERE provider_id <> '' AND provider_id IN (`+list+`)
			UNION SELECT provider_id FROM calls WHERE `+watched+` AND provider_id IN (`+list+`)
			UNION SELECT provider_id FROM calls WHERE `+unwatched+` AND provider_id IN (`+list+`)
			UNION SELECT other_provider_id FROM calls WHERE other_provider_id <> '' AND other_provider_id IN (`+list+`)`,
			anys(providerIDs[:n])...))
		if err != nil {
			return nil, fmt.Errorf("look for calls of ours: %w", err)
		}
		for _, id := range found {
			ours[id] = true
		}
		providerIDs = providerIDs[n:]
	}
	return ours, nil
}
