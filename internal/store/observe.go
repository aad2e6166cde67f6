package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
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
	` FROM calls WHERE ` + watched + `
	ORDER BY COALESCE(last_seen, 0), id`

// observedColumns are those that news may change, besides the version.
var observedColumns = []string{
	"status", "since", "reason", "detail", "dialing_at", "answered_at", "last_seen", "overdue", "unwatched",
	"due_at", "ended_at", "outcome", "summary", "transcript", "recording_url", "duration", "enriched", "erased_silent",
	"step", "step_at",
}

// batch bounds the rows of one transaction, so that a click waits for few of them.
const batch = 1000

// batchesAtOnce bounds those that are written side by side on Postgres, and that wait for
// the one writer of SQLite.
const batchesAtOnce = 4

// Observe commits news of calls that [Store.Active] listed: each as [Store.Update] would,
// if the call still is as it was listed. What somebody else changed meanwhile is left
// as it is. The events are [call.Observe], and nothing else.
//
// The first are written while the later ones still come, so an error may leave some of
// them written. After one that is no news of its call no more are taken.
func (s *Store) Observe(ctx context.Context, news iter.Seq[call.Step]) error {
	var batches errgroup.Group
	batches.SetLimit(batchesAtOnce)
	begun := false
	commit := func(rows *newsRows) {
		begun = true
		batches.Go(func() error {
			if err := s.observe(ctx, rows); err != nil {
				return fmt.Errorf("commit news of %d calls: %w", rows.count(), err)
			}
			return nil
		})
	}
	rows, err := newNewsRows(), error(nil)
	for step := range news {
		if err = rows.add(&step); err != nil {
			break
		}
		if rows.count() == batch {
			commit(rows)
			rows = newNewsRows()
		}
	}
	if err == nil && rows.count() > 0 {
		commit(rows)
	}
	err = errors.Join(err, batches.Wait())
	if begun {
		s.changed()
	}
	return err
}

func (s *Store) observe(ctx context.Context, rows *newsRows) error {
	c, err := rows.statements(s.engine.elements("$1"))
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		written := int64(0)
		for _, update := range c.updates {
			n, err := t.run(ctx, update)
			if err != nil {
				return fmt.Errorf("write the calls: %w", err)
			}
			written += n
		}
		if written < int64(rows.count()) {
			return t.logWritten(ctx, c.log, rows.due)
		}
		if _, err := t.run(ctx, c.log); err != nil {
			return fmt.Errorf("append to the audit log: %w", err)
		}
		return t.putDue(ctx, c.due)
	})
}

// logWritten appends the events of those calls that were written, and has these published.
func (t *tx) logWritten(ctx context.Context, log statement, due dueCalls) error {
	ids, err := scanTexts(t.QueryContext(ctx, log.query+onlyWritten+` RETURNING call_id`, log.args...))
	if err != nil {
		return fmt.Errorf("append to the audit log: %w", err)
	}
	if len(ids) == 0 {
		return nil
	}
	written := make(dueCalls, len(ids))
	for _, id := range ids {
		written[id] = due[id]
	}
	calls, err := written.text()
	if err != nil {
		return err
	}
	return t.putDue(ctx, calls)
}

// statement is what a transaction runs.
type statement struct {
	query string
	args  []any
}

// run returns how many rows were written.
func (t *tx) run(ctx context.Context, st statement) (int64, error) {
	r, err := t.ExecContext(ctx, st.query, st.args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// newsRows are what is to be written of many calls.
type newsRows struct {
	calls  map[string]*sentRows // by the columns that have changed
	events sentRows
	due    dueCalls

	was, is       call.Call // of the news that were added last
	before, after []any     // their observedColumns
}

func newNewsRows() *newsRows {
	r := &newsRows{calls: map[string]*sentRows{}, events: sentRows{columns: eventColumns}, due: dueCalls{}}
	r.before, r.after = some(&r.was, observedColumns), some(&r.is, observedColumns)
	return r
}

// count is how many news were added.
func (r *newsRows) count() int { return len(r.events.rows) }

// changedColumns are the first of each group.
var changedColumns = []sent{{"id", text}, {"was", whole}}

var eventColumns = []sent{
	{"call_id", text},
	{"version", whole},
	{"at", whole},
	{"kind", text},
	{"actor", text},
	{"from_status", text},
	{"to_status", text},
	{"reason", text},
}

// add adds the rows that news amount to.
func (r *newsRows) add(step *call.Step) (err error) {
	e := &step.Event
	if e.Kind != call.Observe {
		return fmt.Errorf("%s is no news of the provider", e.Kind)
	}
	r.was = *step.Call
	if r.is, err = call.Apply(r.was, *e); err != nil {
		return fmt.Errorf("news of call %s: %w", r.was.ID, err)
	}
	id := any(string(r.was.ID))
	row := append(make([]any, 0, 2+len(r.before)), id, r.was.Version)
	changed := make([]byte, 0, len(r.before))
	for i := range r.before {
		old, err := value(r.before[i])
		if err != nil {
			return err
		}
		now, err := value(r.after[i])
		if err != nil {
			return err
		}
		if old != now {
			row, changed = append(row, now), append(changed, byte(i))
		}
	}
	group := r.calls[string(changed)]
	if group == nil {
		group = &sentRows{columns: slices.Clone(changedColumns)}
		for _, i := range changed {
			group.columns = append(group.columns, sent{observedColumns[i], kinds[observedColumns[i]]})
		}
		r.calls[string(changed)] = group
	}
	group.rows = append(group.rows, row)
	r.events.rows = append(r.events.rows, []any{
		id, r.is.Version, e.At.UnixMilli(), string(e.Kind), string(e.Actor),
		string(r.was.Status), string(r.is.Status), string(e.Reason),
	})
	r.due.add(r.is)
	return nil
}

// newsStatements write the rows.
type newsStatements struct {
	updates []statement // of the calls that still have the version that was expected
	log     statement
	due     string // as JSON
}

// onlyWritten keeps events of calls that were not written out of the log.
//
// What somebody else has changed meanwhile has an event of its next version already. So
// the log's key tells which were written, and no update needs to return that, which costs
// SQLite a quarter of the update.
const onlyWritten = `
		WHERE EXISTS (SELECT 1 FROM calls WHERE calls.id = n.call_id AND calls.version >= n.version)
		ON CONFLICT (call_id, version) DO NOTHING`

func (r *newsRows) statements(elements string) (*newsStatements, error) {
	var c newsStatements
	for _, key := range slices.Sorted(maps.Keys(r.calls)) {
		source, args, err := r.calls[key].source(elements)
		if err != nil {
			return nil, err
		}
		set := []string{"version = n.was + 1"}
		for _, col := range r.calls[key].columns[len(changedColumns):] {
			set = append(set, col.name+" = n."+col.name)
		}
		c.updates = append(c.updates, statement{`
			UPDATE calls SET ` + strings.Join(set, ", ") + freeLease + `
			FROM (` + source + `) AS n WHERE calls.id = n.id AND calls.version = n.was`, args})
	}
	source, args, err := r.events.source(elements)
	if err != nil {
		return nil, err
	}
	c.log = statement{`
		INSERT INTO events (call_id, version, at, kind, actor, from_status, to_status, reason, attempt)
		SELECT call_id, version, at, kind, actor, from_status, to_status, reason, 0 FROM (` + source + `) AS n`, args}
	c.due, err = r.due.text()
	return &c, err
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
		source, args, err := rows.source(s.engine.elements("$1"))
		if err != nil {
			return err
		}
		err = s.write(ctx, func(t *tx) error {
			_, err := t.ExecContext(ctx, `
				UPDATE calls SET last_seen = COALESCE(n.seen, last_seen), `+setDue("n.due")+`
				FROM (`+source+`) AS n WHERE calls.id = n.id AND calls.version = n.was`, args...)
			return err
		})
		if err != nil {
			return fmt.Errorf("note that %d calls were read: %w", len(some), err)
		}
	}
	return nil
}
