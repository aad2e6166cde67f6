package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"

	"github.com/agentphone-slack/callbot/internal/call"
)

// Reader reads a database beside whoever works with it, and cannot change it.
type Reader struct {
	db *sql.DB
	// missing reports whether err says that there is no such table.
	missing func(error) bool
}

// OpenReader opens the database that url names, as [Open] reads it, to read it only: it
// takes no lock, makes no database and changes no table; SQLite may leave its own -wal and
// -shm files beside one that nobody else has open. A database that is not of exactly
// this version is refused.
func OpenReader(ctx context.Context, url string) (*Reader, error) {
	r := &Reader{}
	open := r.openSQLite
	if scheme, _, _ := strings.Cut(url, ":"); scheme == "postgres" || scheme == "postgresql" {
		open = r.openPostgres
	}
	if err := open(ctx, url); err != nil {
		return nil, err
	}
	if err := r.checkVersion(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Close closes the database.
func (r *Reader) Close() error {
	if err := r.db.Close(); err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

func (r *Reader) openSQLite(_ context.Context, databaseURL string) error {
	path, err := sqlitePath(databaseURL)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no database file %s: set DATABASE_URL to what callbot run has, or run this in the same directory", path)
	} else if err != nil {
		return fmt.Errorf("look at the database file: %w", err)
	}
	connector, err := sqlite.NewConnector(dsn(path, "_pragma=query_only(1)&mode=ro"))
	if err != nil {
		return fmt.Errorf("open database file %s: %w", path, err)
	}
	r.db = sql.OpenDB(connector)
	r.missing = func(err error) bool { return strings.Contains(err.Error(), "no such table") }
	return nil
}

func (r *Reader) openPostgres(ctx context.Context, databaseURL string) error {
	config, err := postgresConfig(databaseURL)
	if err != nil {
		return err
	}
	config.RuntimeParams["default_transaction_read_only"] = "on"
	r.db = sql.OpenDB(stdlib.GetConnector(*config))
	r.missing = func(err error) bool { return sqlState(err) == undefinedTable }
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	if err := r.db.PingContext(ctx); err != nil {
		return errors.Join(unusable(config, err), r.Close())
	}
	return nil
}

// checkVersion refuses a database whose columns are not those that are read.
func (r *Reader) checkVersion(ctx context.Context) error {
	known, err := latest()
	if err != nil {
		return err
	}
	var version int64
	err = r.db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`).Scan(&version)
	switch {
	case err != nil && r.missing(err):
		return errors.New("the database of DATABASE_URL holds no tables of callbot: set it to what callbot run has")
	case err != nil:
		return fmt.Errorf("ask for the database's version: %w", err)
	case version > known:
		return fmt.Errorf("the database has version %d and this callbot reads version %d: a newer callbot has used it. Use that version", version, known)
	case version < known:
		return fmt.Errorf("the database has version %d and this callbot reads version %d. Use the callbot that runs on it, or start callbot run of this version once, which brings it up to date", version, known)
	}
	return nil
}

// latest is the version that [Open] brings a database to.
func latest() (int64, error) {
	files, err := fs.Glob(Migrations(), "*.sql")
	if err != nil {
		return 0, fmt.Errorf("list the migrations: %w", err)
	}
	var last int64
	for _, name := range files {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return 0, fmt.Errorf("read the version of %s: %w", name, err)
		}
		last = max(last, version)
	}
	return last, nil
}

// Export yields every call that was asked for, and every order that was given, at since
// or after it, the oldest first, until yield fails; that error is returned.
func (r *Reader) Export(ctx context.Context, since time.Time, yield func(call.Audited) error) error {
	calls, orders := feed{from: r.calls}, feed{from: r.orders}
	calls.last.Call.RequestedAt = since
	orders.last.Order = &call.Order{At: since}
	for {
		c, err := calls.head(ctx)
		if err != nil {
			return fmt.Errorf("read the calls: %w", err)
		}
		o, err := orders.head(ctx)
		if err != nil {
			return fmt.Errorf("read the orders: %w", err)
		}
		next := &calls
		switch {
		case c == nil && o == nil:
			return nil
		case c == nil, o != nil && o.At().Before(c.At()):
			next = &orders
		}
		if err := yield(next.take()); err != nil {
			return err
		}
	}
}

// atOnce is how many rows are read at once. One statement for all would, while whoever
// gets them is slow, hold up SQLite's checkpoints and be ended by Postgres.
const atOnce = 100

// feed is what is read in parts, each of what comes after the last one.
type feed struct {
	from func(ctx context.Context, after call.Audited) ([]call.Audited, error)
	last call.Audited
	read []call.Audited
}

// head is what comes next; nil: nothing does.
func (f *feed) head(ctx context.Context) (*call.Audited, error) {
	if len(f.read) == 0 {
		var err error
		if f.read, err = f.from(ctx, f.last); err != nil || len(f.read) == 0 {
			return nil, err
		}
	}
	return &f.read[0], nil
}

func (f *feed) take() call.Audited {
	f.last, f.read = f.read[0], f.read[1:]
	return f.last
}

func (r *Reader) calls(ctx context.Context, after call.Audited) (list []call.Audited, err error) {
	rows, err := r.db.QueryContext(ctx, `
		SELECT `+allColumns+`, (SELECT COUNT(*) FROM attempts WHERE call_id = calls.id AND fate = 'accepted') FROM calls
		WHERE requested_at >= $1 AND (requested_at > $1 OR id > $2) ORDER BY requested_at, id LIMIT $3`,
		after.Call.RequestedAt.UnixMilli(), string(after.Call.ID), atOnce)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	for rows.Next() {
		var a call.Audited
		if err := rows.Scan(append(fields(&a.Call), &a.Accepted)...); err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, rows.Err()
}

func (r *Reader) orders(ctx context.Context, after call.Audited) (list []call.Audited, err error) {
	rows, err := r.db.QueryContext(ctx, `
		SELECT n, at, kind, actor, number, reason FROM orders
		WHERE at >= $1 AND (at > $1 OR n > $2) ORDER BY at, n LIMIT $3`,
		after.Order.At.UnixMilli(), after.Order.N, atOnce)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	for rows.Next() {
		o := new(call.Order)
		if err := rows.Scan(&o.N, instant{&o.At}, &o.Kind, (*string)(&o.Actor), &o.NumberHash, &o.Reason); err != nil {
			return nil, err
		}
		list = append(list, call.Audited{Order: o})
	}
	return list, rows.Err()
}
