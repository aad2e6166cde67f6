package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

// column is one column of calls and the field of a call that it holds: a pointer
// that a statement takes its value from and that a row is scanned into.
type column struct {
	name  string
	field any
}

// columns lists every field of c, in the order of the type, and what the indexes need
// besides. It is the only such
// list: statements, their arguments and their results are made from it.
func columns(c *call.Call) []column {
	return []column{
		{"id", (*string)(&c.ID)},
		{"version", &c.Version},
		{"revision", &c.Revision},
		{"status", (*string)(&c.Status)},
		{"since", instant{&c.Since}},

		{"requester", (*string)(&c.Requester)},
		{"number", number{&c.Number}},
		{"extension", &c.Extension},
		{"objective", &c.Objective},
		{"business", &c.Business},
		{"website", &c.Website},
		{"disclosure", &c.Disclosure},
		{"private", &c.Private},

		{"requested_at", instant{&c.RequestedAt}},
		{"expires_at", instant{&c.ExpiresAt}},
		{"decider", (*string)(&c.Decider)},
		{"approver", (*string)(&c.Approver)},
		{"approved_at", instant{&c.ApprovedAt}},
		{"start_at", instant{&c.StartAt}},
		{"anyway", &c.Anyway},
		{"decided_by", (*string)(&c.DecidedBy)},
		{"reason", (*string)(&c.Reason)},
		{"detail", &c.Detail},
		{"attempts", &c.Attempts},
		{"rate_limited", &c.RateLimited},
		{"unreachable_since", instant{&c.UnreachableSince}},
		{"lost", &c.Lost},
		{"looks", &c.Looks},
		{"look_result", (*string)(&c.LookResult)},
		{"provider_id", &c.ProviderID},
		{"accepted_at", instant{&c.AcceptedAt}},
		{"dialing_at", instant{&c.DialingAt}},
		{"answered_at", instant{&c.AnsweredAt}},
		{"ended_at", instant{&c.EndedAt}},
		{"last_seen", instant{&c.LastSeen}},
		{"overdue", &c.Overdue},
		{"unwatched", &c.Unwatched},

		{"outcome", &c.Outcome},
		{"summary", &c.Summary},
		{"transcript", &c.Transcript},
		{"recording_url", &c.RecordingURL},
		{"duration", span{&c.Duration}},
		{"enriched", &c.Enriched},
		{"other_provider_id", &c.Other.ProviderID},
		{"other_status", (*string)(&c.Other.Status)},
		{"other_accepted_at", instant{&c.Other.AcceptedAt}},
		{"other_ended_at", instant{&c.Other.EndedAt}},
		{"other_outcome", &c.Other.Outcome},
		{"other_summary", &c.Other.Summary},
		{"other_transcript", &c.Other.Transcript},
		{"other_recording_url", &c.Other.RecordingURL},
		{"other_duration", span{&c.Other.Duration}},
		{"other_enriched", &c.Other.Enriched},
		{"further_provider_ids", &c.Further},
		{"erased_at", instant{&c.Erased.At}},
		{"erased_number", &c.Erased.Number},
		{"erased_region", &c.Erased.Region},
		{"erased_silent", &c.Erased.Silent},
		{"due_at", instant{&c.DueAt}},
		{"step", step{c}},
		{"step_at", stepAt{c}},
	}
}

// step and stepAt are the status and the due time once more, of a call that is not
// active: the indexes go by them, and so by nothing that the watch changes.
type step struct{ c *call.Call }

// Value implements [driver.Valuer].
func (s step) Value() (driver.Value, error) {
	if s.c.Status.Active() {
		return "", nil
	}
	return string(s.c.Status), nil
}

// Scan implements [sql.Scanner]. The call has it already.
func (step) Scan(any) error { return nil }

type stepAt struct{ c *call.Call }

// Value implements [driver.Valuer].
func (s stepAt) Value() (driver.Value, error) {
	if s.c.Status.Active() {
		return nil, nil
	}
	return instant{&s.c.DueAt}.Value()
}

// Scan implements [sql.Scanner]. The call has it already.
func (stepAt) Scan(any) error { return nil }

// setDue sets when a call is due to the value of an expression.
func setDue(to string) string {
	return "due_at = " + to + ", step_at = CASE WHEN step <> '' THEN " + to + " END"
}

// The statements that are made of the columns. Those that update take the columns'
// values, then id and version, and where the lease must be ours also owner and now.
var (
	width       = len(columns(new(call.Call)))
	allNames    = names()
	allColumns  = strings.Join(allNames, ", ")
	selectCalls = "SELECT " + allColumns + " FROM calls "
	insertCall  = "INSERT INTO calls (" + allColumns + ") VALUES (" + in(1, width) + ") RETURNING " + allColumns

	updateAny       = updating(freeLease, "")
	updateAnyKeep   = updating("", "")
	updateOwned     = updating(freeLease, ownLease)
	updateOwnedKeep = updating("", ownLease)
)

const freeLease = ", lease_owner = NULL, lease_until = NULL"

var ownLease = fmt.Sprintf(" AND lease_owner = $%d AND lease_until > $%d", width+3, width+4)

func updating(also, condition string) string {
	var set []string
	for i, name := range names() {
		set = append(set, name+" = $"+strconv.Itoa(i+1))
	}
	return fmt.Sprintf("UPDATE calls SET %s%s WHERE id = $%d AND version = $%d%s RETURNING %s",
		strings.Join(set, ", "), also, width+1, width+2, condition, allColumns)
}

func names() []string {
	var list []string
	for _, c := range columns(new(call.Call)) {
		list = append(list, c.name)
	}
	return list
}

// fields are the arguments for c's columns, or where its columns are scanned into.
func fields(c *call.Call) []any {
	var list []any
	for _, col := range columns(c) {
		list = append(list, col.field)
	}
	return list
}

// scanCall reads one row of allColumns.
func scanCall(row interface{ Scan(...any) error }) (call.Call, error) {
	var c call.Call
	if err := row.Scan(fields(&c)...); err != nil {
		return call.Call{}, err
	}
	return c, nil
}

// scanCalls reads all rows of allColumns, and closes them.
func scanCalls(rows *sql.Rows, err error) ([]call.Call, error) {
	return scanSome(nil, allNames, rows, err)
}

// scanSome reads all rows of those columns into list, and closes them.
func scanSome(list []call.Call, columns []string, rows *sql.Rows, err error) ([]call.Call, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	var c call.Call
	into := some(&c, columns)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		list = append(list, c) // the next scan sets every field that this one did
	}
	return list, rows.Err()
}

// some are the fields of c that those columns hold.
func some(c *call.Call, wanted []string) []any {
	all := columns(c)
	list := make([]any, len(wanted))
	for i, name := range wanted {
		list[i] = all[places[name]].field
	}
	return list
}

// places tells where each column stands among all.
var places = func() map[string]int {
	at := make(map[string]int)
	for i, col := range columns(new(call.Call)) {
		at[col.name] = i
	}
	return at
}()

// scanTexts reads all rows of one text, and closes them.
func scanTexts(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// querier is a transaction or a pool of readers.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// get loads one call.
func get(ctx context.Context, q querier, id call.ID) (call.Call, error) {
	c, err := scanCall(q.QueryRowContext(ctx, selectCalls+"WHERE id = $1", string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return call.Call{}, call.Errorf(call.Invalid, "I can't find that call. It may be from another installation.")
	}
	if err != nil {
		return call.Call{}, fmt.Errorf("load call %s: %w", id, err)
	}
	return c, nil
}

// getAll loads the calls of ids, in their order.
func getAll(ctx context.Context, q querier, ids []string) ([]call.Call, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	calls, err := scanCalls(q.QueryContext(ctx, selectCalls+"WHERE id IN ("+in(1, len(ids))+")", anys(ids)...))
	if err != nil {
		return nil, fmt.Errorf("load %d calls: %w", len(ids), err)
	}
	slices.SortFunc(calls, func(a, b call.Call) int {
		return slices.Index(ids, string(a.ID)) - slices.Index(ids, string(b.ID))
	})
	return calls, nil
}

// anys makes arguments of texts.
func anys[T ~string](list []T) []any {
	args := make([]any, len(list))
	for i, v := range list {
		args[i] = string(v)
	}
	return args
}

// number stores a telephone number in its E.164 form.
type number struct{ n *phone.Number }

// Value implements [driver.Valuer].
func (n number) Value() (driver.Value, error) { return n.n.E164(), nil }

// Scan implements [sql.Scanner].
func (n number) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("a number is stored as %T, not as text", src)
	}
	if s == "" {
		*n.n = phone.Number{}
		return nil
	}
	parsed, err := phone.ParseE164(s)
	if err != nil {
		return fmt.Errorf("read a stored number: %w", err)
	}
	*n.n = parsed
	return nil
}
