package call

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Audited is one thing that the audit tells of: a call, or an order if that is set.
type Audited struct {
	Call Call
	// Accepted counts the call's attempts that the provider took.
	Accepted int
	Order    *Order
}

// At is when it was asked for or ordered.
func (a Audited) At() time.Time {
	if a.Order != nil {
		return a.Order.At
	}
	return a.Call.RequestedAt
}

// Order is that somebody paused or resumed all placing, or banned a number or lifted
// that.
type Order struct {
	N     int64 // in the order in which they were given
	At    time.Time
	Kind  string // pause, resume, ban, allow
	Actor UserID
	// NumberHash is the keyed hash of the number; empty for pause and resume.
	NumberHash string
	Reason     string
}

// AuditView is how much an audit shows. The zero AuditView: no number and nothing that
// anybody said.
type AuditView struct {
	Unmask  bool // numbers as they are
	Content bool // what was typed, and what was said on the phone
}

// AuditRow is one row, its cells in their order.
type AuditRow []AuditCell

// AuditCell is one value of a row: a text, an int64, a float64, or nil for none.
type AuditCell struct {
	Name  string
	Value any
}

// Row is what is shown of a. Times are RFC 3339 in UTC.
func (v AuditView) Row(a Audited) AuditRow {
	if a.Order != nil {
		return v.order(*a.Order)
	}
	return v.call(a)
}

// Columns are the names of all cells that rows can have, those of calls first.
func (v AuditView) Columns() []string {
	var names []string
	for _, row := range []AuditRow{v.call(Audited{}), v.order(Order{})} {
		for _, cell := range row {
			if !slices.Contains(names, cell.Name) {
				names = append(names, cell.Name)
			}
		}
	}
	return names
}

func (v AuditView) call(a Audited) AuditRow {
	c := a.Call
	number, region := c.Number.Masked(), c.Number.Region()
	switch {
	case c.Erased.Done():
		number, region = c.Erased.Number, c.Erased.Region
	case v.Unmask:
		number = c.Number.E164()
	}
	row := AuditRow{
		{"kind", "call"},
		{"id", string(c.ID)},
		{"requested_at", moment(c.RequestedAt)},
		{"requested_by", string(c.Requester)},
		{"approved_by", string(c.Approver)},
		{"approved_at", moment(c.ApprovedAt)},
		{"scheduled_for", moment(scheduledFor(c))},
		{"decided_by", string(c.DecidedBy)},
		{"number", number},
		{"region", region},
		{"status", string(c.Status)},
		{"outcome", c.Outcome},
		{"placed_at", moment(c.AcceptedAt)},
		{"ended_at", moment(c.EndedAt)},
		{"duration_seconds", seconds(c.Duration)},
		{"attempts", int64(c.Attempts)},
		{"credits", int64(a.credits())},
		{"reason", string(c.Reason)},
		{"erased_at", moment(c.Erased.At)},
	}
	if v.Content {
		row = append(row, AuditRow{
			{"objective", c.Objective},
			{"business", c.Business},
			{"website", c.Website},
			{"disclosure", c.Disclosure},
			{"summary", c.Summary},
			{"transcript", c.Transcript},
			{"second_summary", c.Other.Summary},
			{"second_transcript", c.Other.Transcript},
		}...)
	}
	return row
}

// scheduledFor is the time that a call was approved for; a time that somebody only asked
// for is none.
func scheduledFor(c Call) time.Time {
	if c.ApprovedAt.IsZero() && c.Reason != ReasonMissed {
		return time.Time{}
	}
	return c.StartAt
}

// shownHash is how much of a hash is shown: enough to tell two numbers apart.
const shownHash = 12

func (v AuditView) order(o Order) AuditRow {
	row := AuditRow{
		{"kind", "order"},
		{"id", strconv.FormatInt(o.N, 10)},
		{"ordered_at", moment(o.At)},
		{"ordered_by", string(o.Actor)},
		{"order", o.Kind},
		{"number_hash", o.NumberHash[:min(shownHash, len(o.NumberHash))]},
	}
	if v.Content {
		row = append(row, AuditCell{"order_reason", o.Reason})
	}
	return row
}

// credits counts the calls that the provider made of one, each of which costs a credit.
// One that was only found in its list has no accepted attempt, and of one that was just
// accepted the call may not tell yet.
func (a Audited) credits() int {
	made := 0
	for _, id := range append(strings.Split(a.Call.Further, "\n"), a.Call.ProviderID, a.Call.Other.ProviderID) {
		if id != "" {
			made++
		}
	}
	return max(made, a.Accepted)
}

func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

func seconds(d time.Duration) any {
	if d == 0 {
		return nil
	}
	return d.Seconds()
}

// MarshalJSON is an object with the cells in their order.
func (r AuditRow) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, cell := range r {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, part := range []any{cell.Name, cell.Value} {
			text, err := json.Marshal(part)
			if err != nil {
				return nil, fmt.Errorf("write %s as JSON: %w", cell.Name, err)
			}
			if j > 0 {
				b.WriteByte(':')
			}
			b.Write(text)
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Record is the texts of the row under those columns, empty where it has no such cell. A
// text that a spreadsheet would run as a formula, or a part of it, has an apostrophe before
// it, which makes it text (owasp.org/www-community/attacks/CSV_Injection).
func (r AuditRow) Record(columns []string) []string {
	record := make([]string, len(columns))
	for _, cell := range r {
		i := slices.Index(columns, cell.Name)
		if i < 0 {
			continue
		}
		switch value := cell.Value.(type) {
		case nil:
		case string:
			record[i] = harmless(value)
		default:
			record[i] = fmt.Sprint(value)
		}
	}
	return record
}

func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		text = "'" + text
	}
	return further.ReplaceAllString(text, "$1'$2")
}

// further is where a formula would begin for a spreadsheet that divides rows elsewhere: at
// semicolons, as in countries whose decimals have a comma, at tabs, or at every new line.
var further = regexp.MustCompile(`([;\t\r\n][\s"]*)([=+\-@])`)
