package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// keep notes that a call is kept, to be erased some day.
func (t *tx) keep(ctx context.Context, c call.Call) error {
	_, err := t.ExecContext(ctx, `INSERT INTO kept (call_id, at, forgotten) VALUES ($1, $2, FALSE)`, string(c.ID), c.LastChange().UnixMilli())
	if err != nil {
		return fmt.Errorf("note that it is kept: %w", err)
	}
	return nil
}

// eraseBeside erases what is kept of a call beside it: the provider's words in answer to
// its attempts, and the address at which the person who asked could be answered.
func (t *tx) eraseBeside(ctx context.Context, id call.ID) error {
	for _, statement := range []string{
		`UPDATE attempts SET detail = '' WHERE call_id = $1 AND detail <> ''`,
		`UPDATE publications SET reply = '' WHERE call_id = $1 AND reply <> ''`,
		`DELETE FROM kept WHERE call_id = $1`,
	} {
		if _, err := t.ExecContext(ctx, statement, string(id)); err != nil {
			return fmt.Errorf("erase what is beside the call: %w", err)
		}
	}
	return nil
}

// lookAgain is the time between two looks at a call that is old and not settled.
const lookAgain = time.Hour

// EraseDue erases what is due for it: calls that are to be forgotten, and those to which
// nothing happened since before, the longest first; at the zero time none of these. It
// looks at no more than n of each, and returns how many it looked at and how many of them
// it erased. One that cannot be erased is in the way of no other.
func (s *Store) EraseDue(ctx context.Context, before time.Time, n int) (looked, erased int, err error) {
	n = min(n, maxList)
	var errs []error
	for _, forget := range []bool{true, false} {
		if !forget && before.IsZero() {
			continue
		}
		due := s.Now()
		if !forget {
			due = before
		}
		ids, err := scanTexts(s.readers.QueryContext(ctx, `
			SELECT call_id FROM kept WHERE forgotten = $1 AND at <= $2 ORDER BY at, call_id LIMIT $3`, forget, due.UnixMilli(), n))
		if err != nil {
			return looked, erased, fmt.Errorf("look for calls that are to be erased: %w", err)
		}
		for _, id := range ids {
			if ctx.Err() != nil {
				break
			}
			became, err := s.erase(ctx, call.ID(id), forget, before)
			if err != nil {
				errs = append(errs, err)
			}
			looked++
			erased += became.Erased
		}
	}
	if err := s.Scrub(ctx); err != nil { // it is tried again the next time
		s.log.Debug("what was erased is not overwritten yet", slog.Any("error", err))
	}
	return looked, erased, errors.Join(append(errs, ctx.Err())...)
}

// Forget erases the calls that f names as soon as each is settled: most at once, and
// those that are under way by [Store.EraseDue]. Whoever works with the database meanwhile
// gets half of the time to write.
func (s *Store) Forget(ctx context.Context, f call.Forget) (call.Forgotten, error) {
	var all call.Forgotten
	var ids []string
	err := s.write(ctx, func(t *tx) (err error) {
		ids, err = scanTexts(t.QueryContext(ctx, `
			UPDATE kept SET forgotten = TRUE, at = 0 WHERE call_id IN (
				SELECT id FROM calls WHERE erased_at IS NULL AND (requester = $1 AND $1 <> '' OR number = $2 AND $2 <> ''))
			RETURNING call_id`, string(f.User), f.Number.E164()))
		return err
	})
	if err != nil {
		return all, unavailable("note what is to be forgotten", err)
	}
	for _, id := range ids {
		began := time.Now()
		became, err := s.erase(ctx, call.ID(id), true, time.Time{})
		if err != nil {
			return all, fmt.Errorf("%d calls are noted as to be forgotten, and are erased by whoever works with the database: %w", len(ids), err)
		}
		all.Erased += became.Erased
		all.Withdrawn += became.Withdrawn
		all.UnderWay += became.UnderWay
		pause(ctx, time.Since(began))
	}
	return all, nil
}

// erase erases a call if it can be by now, and otherwise notes when to look at it again. A
// call that is only old is not erased if something happened to it after before.
func (s *Store) erase(ctx context.Context, id call.ID, forget bool, before time.Time) (call.Forgotten, error) {
	var was, is call.Call
	var became call.Forgotten
	err := s.write(ctx, func(t *tx) (err error) {
		became = call.Forgotten{}
		if was, err = t.lockCall(ctx, id); err != nil {
			return err
		}
		is = was
		if was.Erased.Done() { // somebody else was faster
			became.Erased = 1
			if was.Reason == call.ReasonForgotten {
				became.Withdrawn = 1
			}
			return nil
		}
		if last := was.LastChange(); !forget && last.After(before) {
			return t.lookAt(ctx, id, last)
		}
		events := call.Erasing(was, t.now.time(), forget)
		if len(events) == 0 {
			became.UnderWay = 1
			next := t.now.time()
			if !forget {
				next = before.Add(lookAgain)
			}
			return t.lookAt(ctx, id, next)
		}
		for _, e := range events {
			next, err := call.Apply(is, e)
			if err != nil {
				return err
			}
			if is, err = s.commit(ctx, t, is, next, e, ""); err != nil {
				return err
			}
		}
		became.Erased = 1
		if len(events) > 1 {
			became.Withdrawn = 1
		}
		return nil
	})
	if err != nil {
		return call.Forgotten{}, unavailable("erase call "+string(id), err)
	}
	if is.Version != was.Version {
		s.unscrubbed.Store(true)
		s.moved(ctx, was, is)
		s.changed()
	}
	return became, nil
}

// lookAt puts off the look at a call that cannot be erased yet.
func (t *tx) lookAt(ctx context.Context, id call.ID, next time.Time) error {
	_, err := t.ExecContext(ctx, `UPDATE kept SET at = $1 WHERE call_id = $2`, next.UnixMilli(), string(id))
	return err
}

// Scrub takes what was erased out of the files of the database, if it has any of its own.
// It fails while somebody reads them.
func (s *Store) Scrub(ctx context.Context) error {
	if s.engine.scrub == nil || !s.unscrubbed.Swap(false) {
		return nil
	}
	if err := s.engine.scrub(ctx); err != nil {
		s.unscrubbed.Store(true)
		return fmt.Errorf("take what was erased out of the log of the database: %w", err)
	}
	return nil
}
