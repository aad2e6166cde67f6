package main

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/rogpeppe/go-internal/testscript"
)

// holder has rows of a scenario's Postgres locked, as another program that is slow has.
type holder struct {
	db *sql.DB
	tx *sql.Tx
}

func databaseCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := theWorld(ts)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: database hold|release|holds TEXT…|lacks TEXT…|cut|age TIME|older TIME")
	}
	switch verb, rest := args[0], args[1:]; {
	case verb == "hold" && len(rest) == 0:
		ts.Check(w.holder.hold(ts.Getenv("DATABASE_URL")))
	case verb == "release" && len(rest) == 0:
		ts.Check(w.holder.release())
	case (verb == "holds" || verb == "lacks") && len(rest) > 0:
		all, err := everythingIn(ts.Getenv("DATABASE_URL"))
		ts.Check(err)
		for _, text := range rest {
			if strings.Contains(all, text) != (verb == "holds") {
				ts.Fatalf("the database does not do as it should: %s %q", verb, text)
			}
		}
	case verb == "cut" && len(rest) == 0:
		ts.Check(cutDatabase(ts.Getenv("DATABASE_URL")))
	case (verb == "age" || verb == "older") && len(rest) == 1:
		ts.Check(shift(ts.Getenv("DATABASE_URL"), verb, rest[0]))
	default:
		ts.Fatalf("database: unknown: %q", args)
	}
}

// hold keeps everybody from writing the attempts that there are.
func (h *holder) hold(url string) (err error) {
	if h.db, err = sql.Open("pgx", url); err != nil {
		return err
	}
	ctx := context.Background()
	if h.tx, err = h.db.BeginTx(ctx, nil); err != nil {
		return err
	}
	locked := 0
	err = h.tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM attempts FOR UPDATE) AS held`).Scan(&locked)
	if err == nil && locked == 0 {
		err = errors.New("there is no attempt to hold")
	}
	return err
}

func (h *holder) release() error {
	if h.db == nil {
		return nil
	}
	err := errors.Join(h.tx.Rollback(), h.db.Close())
	*h = holder{}
	return err
}

// everythingIn is all that a database holds: the bytes of its files, or every column of
// every row of every table.
func everythingIn(url string) (string, error) {
	var all strings.Builder
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
		for _, suffix := range []string{"", "-wal"} {
			raw, err := os.ReadFile(file + suffix)
			if err != nil && (suffix == "" || !errors.Is(err, os.ErrNotExist)) {
				return "", err
			}
			all.Write(raw)
		}
		return all.String(), nil
	}
	db, err := sql.Open("pgx", url)
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	tables, err := texts(db, `SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema()`)
	if err == nil && len(tables) == 0 {
		err = errors.New("there are no tables")
	}
	for _, table := range tables {
		rows, errRows := texts(db, `SELECT CAST(t AS TEXT) FROM `+table+` AS t`)
		err = errors.Join(err, errRows)
		all.WriteString(strings.Join(rows, "\n") + "\n")
	}
	return all.String(), err
}

// texts are the rows of a query for one text.
func texts(db *sql.DB, query string) (list []string, err error) {
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Err(), rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, nil
}
