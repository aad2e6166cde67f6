package main

import (
	"context"
	"database/sql"
	"errors"

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
	if neg || len(args) == 0 || len(args) != 1 && args[0] != "age" {
		ts.Fatalf("usage: database hold|release|age TIME")
	}
	switch args[0] {
	case "hold":
		ts.Check(w.holder.hold(ts.Getenv("DATABASE_URL")))
	case "release":
		ts.Check(w.holder.release())
	case "age":
		ts.Check(ageScheduled(ts.Getenv("DATABASE_URL"), args[1:]))
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
