package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/agentphone-slack/callbot/internal/call"
)

// The watch hears of many calls at once, and commits what it hears at once: one
// statement for a batch of rows, which come as one JSON array. That is the way to send
// rows that SQLite and Postgres have in common, and the only one that is fast on both:
// a statement of its own for each row takes Postgres ten times as long.

// activeColumns are those that [Store.Active] fills in.
var activeColumns = []string{
	"id", "version", "status", "since", "reason", "detail", "provider_id",
	"accepted_at", "dialing_at", "answered_at", "last_seen", "overdue", "unwatched", "due_at",
	"other_provider_id", "other_status", "other_enriched",
}

var selectActive = "SELECT " + strings.Join(activeColumns, ", ") + //nolint:gosec // the columns are those above
	` FROM calls WHERE status IN ('queued', 'dialing', 'in_progress') AND NOT unwatched
	ORDER BY COALESCE(last_seen, 0), id`

// movedColumns are those that news may change of a call that stays active, and
// observedColumns those that they may change of any: most news are of the first kind,
// and half the columns take half the time.
var (
	movedColumns = []string{
		"version", "status", "since", "reason", "detail", "dialing_at", "answered_at", "last_seen",
		"overdue", "unwatched", "due_at",
	}
	observedColumns = append(slices.Clone(movedColumns),
		"ended_at", "outcome", "summary", "transcript", "recording_url", "duration", "enriched")
)

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
	rows := map[bool][][]any{} // by whether the call stays active
	for _, step := range news {
		if step.Event.Kind != call.Observe {
			return fmt.Errorf("%s is no news of the provider", step.Event.Kind)
		}
		next, err := call.Apply(step.Call, step.Event)
		if err != nil {
			return fmt.Errorf("news of call %s: %w", step.Call.ID, err)
		}
		after[string(next.ID)], before[string(next.ID)] = next, step
		stays := next.Status.Active()
		row, err := values(append([]any{(*string)(&next.ID), &step.Call.Version}, some(&next, columnsThatChange(stays))...))
		if err != nil {
			return err
		}
		rows[stays] = append(rows[stays], row)
	}
	return s.write(ctx, func(t *tx) error {
		var events [][]any
		for stays, list := range rows {
			written, err := s.update(ctx, t, columnsThatChange(stays), list)
			if err != nil {
				return err
			}
			for _, id := range written {
				was, e, is := before[id].Call, before[id].Event, after[id]
				events = append(events, []any{
					id, is.Version, e.At.UnixMilli(), string(e.Kind), string(e.Actor),
					string(was.Status), string(is.Status), string(e.Reason), urgency(is),
				})
			}
		}
		return s.observed(ctx, t, events)
	})
}

func columnsThatChange(stays bool) []string {
	if stays {
		return movedColumns
	}
	return observedColumns
}

// update writes rows of id, the version that is expected, and columns. It returns the
// ids of those that had that version.
func (s *Store) update(ctx context.Context, t *tx, columns []string, rows [][]any) ([]string, error) {
	list, err := json.Marshal(rows)
	if err != nil {
		return nil, fmt.Errorf("write the news as JSON: %w", err)
	}
	var set, read []string
	for i, name := range columns {
		set = append(set, name+" = n."+name)
		read = append(read, element(i+2, kinds[name])+" AS "+name)
	}
	written, err := scanTexts(t.QueryContext(ctx, `
		UPDATE calls SET `+strings.Join(set, ", ")+freeLease+`
		FROM (SELECT value ->> 0 AS id, CAST(value ->> 1 AS BIGINT) AS was, `+strings.Join(read, ", ")+`
			FROM `+s.engine.elements+`) AS n
		WHERE calls.id = n.id AND calls.version = n.was RETURNING calls.id`, string(list)))
	if err != nil {
		return nil, fmt.Errorf("write the calls: %w", err)
	}
	return written, nil
}

// observed appends what was written to the audit log and makes it due to be shown.
func (s *Store) observed(ctx context.Context, t *tx, events [][]any) error {
	if len(events) == 0 {
		return nil
	}
	list, err := json.Marshal(events)
	if err != nil {
		return fmt.Errorf("write the events as JSON: %w", err)
	}
	if _, err := t.ExecContext(ctx, `
		INSERT INTO events (call_id, version, at, kind, actor, from_status, to_status, reason, attempt)
		SELECT value ->> 0, CAST(value ->> 1 AS BIGINT), CAST(value ->> 2 AS BIGINT), value ->> 3, value ->> 4,
			value ->> 5, value ->> 6, value ->> 7, 0 FROM `+s.engine.elements, string(list)); err != nil {
		return fmt.Errorf("append to the audit log: %w", err)
	}
	if _, err := t.ExecContext(ctx, `
		UPDATE publications SET stale = TRUE, urgency = n.urgency,
			publish_at = CASE WHEN publish_at < $2 THEN publish_at ELSE $2 END
		FROM (SELECT value ->> 0 AS id, CAST(value ->> 8 AS BIGINT) AS urgency FROM `+s.engine.elements+`) AS n
		WHERE call_id = n.id`, string(list), int64(t.now)); err != nil {
		return fmt.Errorf("make them due to be shown: %w", err)
	}
	return nil
}

// kind is what a column holds.
type kind int

const (
	text kind = iota
	whole
	truth
)

// kinds tells the kind of each column.
var kinds = func() map[string]kind {
	all := make(map[string]kind)
	for _, col := range columns(new(call.Call)) {
		switch col.field.(type) {
		case *string, number:
			all[col.name] = text
		case *bool:
			all[col.name] = truth
		default:
			all[col.name] = whole
		}
	}
	return all
}()

// element is the i-th element of a row, of that kind.
func element(i int, k kind) string {
	e := "value ->> " + strconv.Itoa(i)
	switch k {
	case whole:
		return "CAST(" + e + " AS BIGINT)"
	case truth:
		return "CAST(" + e + " AS BIGINT) <> 0"
	case text:
	}
	return e
}

// values are those of a row's fields, as JSON has them and element reads them.
func values(fields []any) ([]any, error) {
	row := make([]any, len(fields))
	for i, f := range fields {
		switch v := f.(type) {
		case driver.Valuer:
			value, err := v.Value()
			if err != nil {
				return nil, err
			}
			row[i] = value
		case *bool:
			row[i] = 0
			if *v {
				row[i] = 1
			}
		default:
			row[i] = f // JSON follows pointers
		}
	}
	return row, nil
}

// Seen notes reads of calls that brought no news. There is no event: nobody is shown
// anything. If a call has changed meanwhile, whoever changed it knows better.
func (s *Store) Seen(ctx context.Context, seen []call.Sight) error {
	for len(seen) > 0 {
		n := min(batch, len(seen))
		rows := make([][]any, n)
		for i, v := range seen[:n] {
			row, err := values([]any{(*string)(&v.Call), &v.Version, at(v.At), at(v.Due)})
			if err != nil {
				return err
			}
			rows[i] = row
		}
		list, err := json.Marshal(rows)
		if err != nil {
			return fmt.Errorf("write reads as JSON: %w", err)
		}
		err = s.write(ctx, func(t *tx) error {
			_, err := t.ExecContext(ctx, `
				UPDATE calls SET last_seen = COALESCE(n.seen, last_seen), due_at = n.due
				FROM (SELECT value ->> 0 AS id, CAST(value ->> 1 AS BIGINT) AS was,
					CAST(value ->> 2 AS BIGINT) AS seen, CAST(value ->> 3 AS BIGINT) AS due
					FROM `+s.engine.elements+`) AS n
				WHERE calls.id = n.id AND calls.version = n.was`, string(list))
			return err
		})
		if err != nil {
			return fmt.Errorf("note that %d calls were read: %w", n, err)
		}
		seen = seen[n:]
	}
	return nil
}
