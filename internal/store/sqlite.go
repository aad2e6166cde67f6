package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// readers is how many reads may run beside the one writer.
const readers = 4

// openSQLite opens the file twice: once for the only connection that writes, and
// once for a pool that cannot.
//
// Why one writer: SQLite lets one transaction write at a time anyway. Waiting for a
// connection ends with the context and is fair; waiting for the file's lock is neither.
func (s *Store) openSQLite(ctx context.Context, databaseURL string, inFront func(driver.Connector) driver.Connector) error {
	path, err := sqlitePath(databaseURL)
	if err != nil {
		return err
	}
	unlock, err := lock(path)
	if err != nil {
		return err
	}
	return s.openFile(ctx, path, inFront, unlock)
}

// openSQLiteBeside opens the file though somebody else may have it open: SQLite itself lets
// one transaction write at a time.
func (s *Store) openSQLiteBeside(ctx context.Context, databaseURL string, inFront func(driver.Connector) driver.Connector) error {
	path, err := sqlitePath(databaseURL)
	if err != nil {
		return err
	}
	return s.openFile(ctx, path, inFront, func() error { return nil })
}

func (s *Store) openFile(ctx context.Context, path string, inFront func(driver.Connector) driver.Connector, unlock func() error) error {
	if s.clock.local == nil {
		s.clock.local = time.Now
	}
	s.engine = engine{
		dialect:   goose.DialectSQLite3,
		elements:  func(object string) string { return "json_each(" + object + ")" },
		duplicate: isDuplicate,
		again:     func(error) bool { return false },
		broken:    func(error) bool { return false },
		scrub:     s.truncateLog,
	}
	writer, err := sqlite.NewConnector(dsn(path, "_txlock=immediate"))
	if err != nil {
		return errors.Join(fmt.Errorf("open database file %s: %w", path, err), unlock())
	}
	s.writer = sql.OpenDB(inFront(wrapping{writer, keep}))
	s.writer.SetMaxOpenConns(1)
	reader, err := sqlite.NewConnector(dsn(path, "_pragma=query_only(1)"))
	if err != nil {
		return errors.Join(fmt.Errorf("open database file %s: %w", path, err), s.writer.Close(), unlock())
	}
	s.readers = sql.OpenDB(wrapping{reader, keep})
	s.readers.SetMaxOpenConns(readers)
	s.readers.SetMaxIdleConns(readers)
	s.close = closing(s.readers.Close, s.writer.Close, unlock)
	if err := s.writer.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("open database file %s: %w", path, err), s.close())
	}
	return nil
}

// truncateLog moves what was written into the file, where it is overwritten, and empties
// the log beside it, which would have it until other writes happen to cover it.
func (s *Store) truncateLog(ctx context.Context) error {
	var busy, frames, moved int
	err := s.writer.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved)
	if err == nil && busy != 0 {
		err = errors.New("somebody is reading it")
	}
	return err
}

// freeLeases ends the leases of whoever had the file before: with it locked, nobody
// is left who holds one, so a restart need not wait for them to run out. A call that
// was being placed stays due at its attempt's deadline and not before; and publications
// keep their leases, since what a process had sent before it was killed may take effect
// at Slack after what is sent now.
func (s *Store) freeLeases(ctx context.Context) error {
	err := s.write(ctx, func(t *tx) error {
		for _, table := range []string{"calls", "ticks"} {
			if _, err := t.ExecContext(ctx, `UPDATE `+table+` SET lease_owner = NULL, lease_until = NULL WHERE lease_until IS NOT NULL`); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("end the leases of the last run: %w", err)
	}
	return nil
}

// dsn names the file as modernc.org/sqlite wants it, as a URI (sqlite.org/uri.html)
// in which only %, ? and # mean something.
func dsn(path, also string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	if !strings.HasPrefix(u.Path, "/") { // a drive letter
		u.Path = "/" + u.Path
	}
	u.RawQuery = strings.Join([]string{
		// First, for the others may have to wait; and short, for an envelope has 2 s and
		// a driver that waits here cannot be interrupted. Only another program is waited
		// for, such as a backup: in this one there is one writer.
		"_pragma=busy_timeout(1000)",
		"_pragma=journal_mode(WAL)",
		"_pragma=synchronous(FULL)", // an acknowledged click survives a loss of power
		"_pragma=foreign_keys(1)",
		"_pragma=secure_delete(1)", // what is erased is overwritten
		also,
	}, "&")
	return u.String()
}

// sqlitePath reads a database URL, and returns an absolute path.
func sqlitePath(databaseURL string) (string, error) {
	scheme, rest, ok := strings.Cut(databaseURL, ":")
	switch {
	case !ok || scheme != "sqlite":
		// The URL is not repeated: it may hold a password.
		return "", errors.New("DATABASE_URL must look like sqlite:callbot.db, sqlite:///var/lib/callbot/callbot.db, or postgres://user:password@host/database")
	}
	path := rest
	if after, found := strings.CutPrefix(rest, "//"); found {
		if !strings.HasPrefix(after, "/") {
			return "", fmt.Errorf("DATABASE_URL=%s names a server, and SQLite has none: write sqlite:%s for a file in the current directory, or sqlite:///%s for one at an absolute path", databaseURL, after, after)
		}
		path = after
	}
	switch {
	case path == "" || strings.HasSuffix(path, "/"):
		return "", fmt.Errorf("DATABASE_URL=%s names no file: write for example sqlite:callbot.db", databaseURL)
	case strings.Contains(path, ":memory:"):
		return "", fmt.Errorf("DATABASE_URL=%s would forget every call with the process: name a file, for example sqlite:callbot.db", databaseURL)
	case strings.ContainsAny(path, "?\x00"):
		return "", fmt.Errorf("DATABASE_URL=%q takes no options: write for example sqlite:callbot.db", databaseURL)
	}
	abs, err := filepath.Abs(filepath.FromSlash(path))
	if err != nil {
		return "", fmt.Errorf("find database file %s: %w", path, err)
	}
	dir := filepath.Dir(abs)
	if info, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("the directory %s of DATABASE_URL does not exist: create it, or name another file", dir)
	} else if err != nil {
		return "", fmt.Errorf("look at the directory of DATABASE_URL: %w", err)
	} else if !info.IsDir() {
		return "", fmt.Errorf("%s in DATABASE_URL is not a directory: name another file", dir)
	}
	if info, err := os.Stat(abs); err == nil && info.IsDir() {
		return "", fmt.Errorf("%s in DATABASE_URL is a directory: name a file in it", abs)
	}
	return abs, nil
}

// isDuplicate tells which error of SQLite means that a unique index forbids a row.
func isDuplicate(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE
}

// lock keeps every other Store from the file until unlock is called. The lock file
// stays: to remove it would let two processes lock two files of that name.
func lock(path string) (unlock func() error, err error) {
	name := path + ".lock"
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the administrator names the file
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	switch err := flock(f); {
	case errors.Is(err, errLocked):
		holder := "another callbot"
		if pid, err := os.ReadFile(name); err == nil && len(pid) > 0 && len(pid) < 20 { //nolint:gosec // as above
			holder = "another callbot (process " + strings.TrimSpace(string(pid)) + ")"
		}
		return nil, errors.Join(fmt.Errorf("the database file %s is in use by %s, which holds %s: only one can use a file. Stop that one first or, to run several at once, give them all the same Postgres database as DATABASE_URL=postgres://user:password@host/database", path, holder, name), f.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("lock %s: %w", name, err), f.Close())
	}
	if err := errors.Join(writePID(f), create(path)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return fmt.Errorf("write lock file: %w", err)
	}
	if _, err := fmt.Fprintln(f, os.Getpid()); err != nil {
		return fmt.Errorf("write lock file: %w", err)
	}
	return nil
}

// create makes the database file where there is none, so that nobody else can read
// what people asked for; SQLite gives its -wal and -shm files the same mode. It is
// called with the lock held: closing a file that SQLite has open in this process
// would drop SQLite's own locks on it (sqlite.org/howtocorrupt.html, 2.2).
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the administrator names the file
	if err != nil {
		return fmt.Errorf("open database file: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("open database file: %w", err)
	}
	return nil
}
