package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agentphone-slack/callbot/internal/call"
)

// Many rows go to the database as one JSON object, whose keys are their first column: a
// call's id. That is the way to send them that SQLite and Postgres have in common, and
// the only one that is fast on both: a statement of its own for each row takes Postgres
// ten times as long. What all rows have in common goes as an argument, because taking
// JSON apart is much of what such a statement costs.

// sent is a column of the rows that are sent.
type sent struct {
	name string
	kind kind
}

// sentRows are rows to send; values are nil, int64 and string. No two have the same in
// the first column, which is text.
type sentRows struct {
	columns []sent
	rows    [][]any
}

// source is a SELECT of the rows, whose arguments have the numbers 1 to len(args). It
// puts them into the order of their keys, in which those of the tables are cheapest to find.
func (r sentRows) source(elements string) (query string, args []any, err error) {
	slices.SortFunc(r.rows, func(a, b []any) int { return strings.Compare(a[0].(string), b[0].(string)) })
	args = []any{nil}
	read := []string{"key AS " + r.columns[0].name}
	var places []int
	for i, col := range r.columns[1:] {
		i++
		if r.constant(i) {
			args = append(args, r.rows[0][i])
			read = append(read, cast("$"+strconv.Itoa(len(args)), col.kind)+" AS "+col.name)
			continue
		}
		read = append(read, cast("value ->> "+strconv.Itoa(len(places)), col.kind)+" AS "+col.name)
		places = append(places, i)
	}
	object := []byte{'{'}
	for n, row := range r.rows {
		if n > 0 {
			object = append(object, ',')
		}
		if object, err = appendJSON(object, row[0]); err != nil {
			return "", nil, err
		}
		object = append(object, ':', '[')
		for i, place := range places {
			if i > 0 {
				object = append(object, ',')
			}
			if object, err = appendJSON(object, row[place]); err != nil {
				return "", nil, err
			}
		}
		object = append(object, ']')
	}
	args[0] = string(append(object, '}'))
	return "SELECT " + strings.Join(read, ", ") + " FROM " + elements, args, nil
}

func appendJSON(b []byte, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write a row as JSON: %w", err)
	}
	return append(b, text...), nil
}

// constant reports whether the rows all have the same in a column.
func (r sentRows) constant(column int) bool {
	for _, row := range r.rows {
		if row[column] != r.rows[0][column] {
			return false
		}
	}
	return true
}

// kind is what a column holds.
type kind int

const (
	text kind = iota
	whole
	truth
)

// kinds tells the kind of each column of calls.
var kinds = func() map[string]kind {
	all := make(map[string]kind)
	for _, col := range columns(new(call.Call)) {
		switch col.field.(type) {
		case *string, number, step:
			all[col.name] = text
		case *bool:
			all[col.name] = truth
		default:
			all[col.name] = whole
		}
	}
	return all
}()

// cast makes what was sent a value of that kind.
func cast(e string, k kind) string {
	switch k {
	case whole:
		return "CAST(" + e + " AS BIGINT)"
	case truth:
		return "CAST(" + e + " AS BIGINT) <> 0"
	case text:
	}
	return "CAST(" + e + " AS TEXT)"
}

// value is a field as it is sent.
func value(field any) (any, error) {
	switch v := field.(type) {
	case driver.Valuer:
		return v.Value()
	case *string:
		return *v, nil
	case *int:
		return int64(*v), nil
	case *bool:
		if *v {
			return int64(1), nil
		}
		return int64(0), nil
	}
	return nil, fmt.Errorf("a field is %T, which cannot be sent", field)
}
