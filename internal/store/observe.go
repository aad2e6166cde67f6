package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/agentphone-slack/callbot/internal/call"
)

// The watch hears of many calls at once, and commits what it hears at once: one
// statement for all rows of a batch in which the same has changed.

// activeColumns are those that [Store.Active] fills in.
var activeColumns = []string{
	"id", "version", "status", "since", "reason", "detail", "provider_id",
	"accepted_at", "dialing_at", "answered_at", "last_seen", "overdue", "unwatched", "due_at",
	"other_provider_id", "other_status", "other_enriched",
	"erased_at", "erased_silent", // no content is kept of such a call
}

var selectActive = "SELECT " + strings.Join(activeColumns, ", ") + //nolint:gosec // the columns are those above
	` FROM calls WHERE status IN ('queued', 'dialing', 'in_progress') AND NOT unwatched
	ORDER BY COALESCE(last_seen, 0), id`

// observedColumns are those that news may change, besides the version.
var observedColumns = []string{
	"status", "since", "reason", "detail", "dialing_at", "answered_at", "last_seen", "overdue", "unwatched",
	"due_at", "ended_at", "outcome", "summary", "transcript", "recording_url", "duration", "enriched", "erased_silent",
}

// batch bounds the rows of one transaction, so that a click waits for few of them.
const batch = 1000

// batchesAtOnce is how many are prepared, and on Postgres committed, side by side.
const batchesAtOnce = 4

// Observe commits news of calls that [Store.Active] listed: each as [Store.Update] would,
// if the call still is as it was listed. What somebody else changed meanwhile is left
// as it is. The events are [call.Observe], and nothing else.
func (s *Store) Observe(ctx context.Context, news []call.Step) error {
	if len(news) == 0 {
		return nil
	}
	var batches errgroup.Group
	batches.SetLimit(batchesAtOnce)
	for some := range slices.Chunk(news, batch) {
		batches.Go(func() error {
			if err := s.observe(ctx, some); err != nil {
				return fmt.Errorf("commit news of %d calls: %w", len(some), err)
			}
			return nil
		})
	}
	err := batches.Wait()
	s.changed()
	return err
}

func (s *Store) observe(ctx context.Context, news []call.Step) error {
	after := make(map[string]call.Call, len(news))
	before := make(map[string]call.Step, len(news))
	groups := make(map[string]*sentRows) // by what has changed
	for _, step := range news {
		if step.Event.Kind != call.Observe {
			return fmt.Errorf("%s is no news of the provider", step.Event.Kind)
		}
		next, err := call.Apply(step.Call, step.Event)
		if err != nil {
			return fmt.Errorf("news of call %s: %w", step.Call.ID, err)
		}
		after[string(next.ID)], before[string(next.ID)] = next, step
		if err := group(groups, step.Call, next); err != nil {
			return err
		}
	}
	return s.write(ctx, func(t *tx) error {
		events := sentRows{columns: eventColumns}
		for _, key := range slices.Sorted(maps.Keys(groups)) {
			written, err := s.update(ctx, t, *groups[key])
			if err != nil {
				return err
			}
			for _, id := range written {
				was, e, is := before[id].Call, before[id].Event, after[id]
				events.rows = append(events.rows, []any{
					id, int64(is.Version), e.At.UnixMilli(), string(e.Kind), string(e.Actor),
					string(was.Status), string(is.Status), string(e.Reason), urgency(is),
				})
			}
		}
		return s.observed(ctx, t, events)
	})
}

// group adds what is to be written of a call to the rows of those in which the same
// columns have changed: first its id and the version that it had, then these columns.
func group(groups map[string]*sentRows, was, is call.Call) error {
	row := []any{string(is.ID), int64(was.Version)}
	before, after := some(&was, observedColumns), some(&is, observedColumns)
	var changed []string
	for i, name := range observedColumns {
		old, err := value(before[i])
		if err != nil {
			return err
		}
		now, err := value(after[i])
		if err != nil {
			return err
		}
		if old != now {
			row, changed = append(row, now), append(changed, name)
		}
	}
	key := strings.Join(changed, " ")
	rows := groups[key]
	if rows == nil {
		rows = &sentRows{columns: []sent{{"id", text}, {"was", whole}}}
		for _, name := range changed {
			rows.columns = append(rows.columns, sent{name, kinds[name]})
		}
		groups[key] = rows
	}
	rows.rows = append(rows.rows, row)
	return nil
}

// update writes rows of id, the version that is expected, and columns. It returns the
// ids of those that had that version.
func (s *Store) update(ctx context.Context, t *tx, rows sentRows) ([]string, error) {
	source, args, err := rows.source(s.engine.elements)
	if err != nil {
		return nil, err
	}
	set := []string{"version = n.was + 1"}
	for _, col := range rows.columns[2:] {
		set = append(set, col.name+" = n."+col.name)
	}
	written, err := scanTexts(t.QueryContext(ctx,
		"UPDATE calls SET "+strings.Join(set, ", ")+freeLease+" FROM ("+source+") AS n WHERE calls.id = n.id AND calls.version = n.was RETURNING calls.id", args...))
	if err != nil {
		return nil, fmt.Errorf("write the calls: %w", err)
	}
	return written, nil
}

var eventColumns = []sent{
	{"call_id", text},
	{"version", whole},
	{"at", whole},
	{"kind", text},
	{"actor", text},
	{"from_status", text},
	{"to_status", text},
	{"reason", text},
	{"urgency", whole},
}

// observed appends what was written to the audit log and makes it due to be shown.
func (s *Store) observed(ctx context.Context, t *tx, events sentRows) error {
	if len(events.rows) == 0 {
		return nil
	}
	source, args, err := events.source(s.engine.elements)
	if err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, `
		INSERT INTO events (call_id, version, at, kind, actor, from_status, to_status, reason, attempt)
		SELECT call_id, version, at, kind, actor, from_status, to_status, reason, 0 FROM (`+source+`) AS n`, args...); err != nil {
		return fmt.Errorf("append to the audit log: %w", err)
	}
	due := sentRows{columns: []sent{{"id", text}, {"urgency", whole}, {"now", whole}}}
	for _, row := range events.rows {
		due.rows = append(due.rows, []any{row[0], row[len(row)-1], int64(t.now)})
	}
	if source, args, err = due.source(s.engine.elements); err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, `
		UPDATE publications SET stale = TRUE, urgency = n.urgency,
			publish_at = CASE WHEN publish_at < n.now THEN publish_at ELSE n.now END
		FROM (`+source+`) AS n WHERE call_id = n.id`, args...); err != nil {
		return fmt.Errorf("make them due to be shown: %w", err)
	}
	return nil
}

// seenColumns are what a read without news changes.
var seenColumns = []sent{{"id", text}, {"was", whole}, {"seen", whole}, {"due", whole}}

// Seen notes reads of calls that brought no news. There is no event: nobody is shown
// anything. If a call has changed meanwhile, whoever changed it knows better.
func (s *Store) Seen(ctx context.Context, seen []call.Sight) error {
	for some := range slices.Chunk(seen, batch) {
		rows := sentRows{columns: seenColumns}
		for _, v := range some {
			read, err := at(v.At).Value()
			if err != nil {
				return err
			}
			due, err := at(v.Due).Value()
			if err != nil {
				return err
			}
			rows.rows = append(rows.rows, []any{string(v.Call), int64(v.Version), read, due})
		}
		source, args, err := rows.source(s.engine.elements)
		if err != nil {
			return err
		}
		err = s.write(ctx, func(t *tx) error {
			_, err := t.ExecContext(ctx, `
				UPDATE calls SET last_seen = COALESCE(n.seen, last_seen), due_at = n.due
				FROM (`+source+`) AS n WHERE calls.id = n.id AND calls.version = n.was`, args...)
			return err
		})
		if err != nil {
			return fmt.Errorf("note that %d calls were read: %w", len(some), err)
		}
	}
	return nil
}
