package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

const (
	// postgresWriters is how many transactions that write one process has at a time;
	// more would wait for each other's rows.
	postgresWriters = 16
	// connectWithin bounds the wait for a server at the start.
	connectWithin = 15 * time.Second
)

// sessionLimits keep one replica from holding up the others: a process that is stopped
// in the middle of a transaction, or whose machine is gone, keeps its rows locked only
// so long. An envelope has 2 s, a claim 10.
var sessionLimits = map[string]string{
	"application_name":                    "callbot",
	"lock_timeout":                        "4s",
	"statement_timeout":                   "30s",
	"idle_in_transaction_session_timeout": "4s",
	"tcp_user_timeout":                    "8s",
}

// SQLSTATE codes (postgresql.org/docs/current/errcodes-appendix.html).
const (
	uniqueViolation      = "23505"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	lockNotAvailable     = "55P03"
	startingUp           = "57P03"
	adminShutdown        = "57P01"
	idleTimeout          = "25P03"
	undefinedTable       = "42P01"
)

// openPostgres connects to a server that several Stores may share.
func (s *Store) openPostgres(ctx context.Context, databaseURL string, inFront func(driver.Connector) driver.Connector) error {
	config, err := postgresConfig(databaseURL)
	if err != nil {
		return err
	}
	s.engine = engine{
		dialect:    goose.DialectPostgres,
		skipLocked: " FOR UPDATE SKIP LOCKED",
		lock:       " FOR UPDATE",
		elements:   func(object string) string { return "json_each(CAST(" + object + " AS JSON))" },
		duplicate:  func(err error) bool { return sqlState(err) == uniqueViolation },
		again: func(err error) bool {
			state := sqlState(err)
			return state == deadlockDetected || state == serializationFailure
		},
		broken: func(err error) bool {
			state := sqlState(err)
			return state == "" || state == adminShutdown || state == idleTimeout
		},
	}
	s.writer = sql.OpenDB(inFront(stdlib.GetConnector(*config)))
	s.writer.SetMaxOpenConns(postgresWriters)
	s.writer.SetMaxIdleConns(postgresWriters)
	reading := config.Copy()
	reading.RuntimeParams["default_transaction_read_only"] = "on"
	s.readers = sql.OpenDB(stdlib.GetConnector(*reading))
	s.readers.SetMaxOpenConns(readers)
	s.readers.SetMaxIdleConns(readers)
	s.close = closing(s.readers.Close, s.writer.Close)
	if err := s.connect(ctx, config); err != nil {
		return errors.Join(err, s.close())
	}
	stop, err := s.share(ctx, config.Copy())
	if err != nil {
		return errors.Join(err, s.close())
	}
	s.close = closing(stop, s.readers.Close, s.writer.Close)
	return nil
}

// postgresConfig reads a database URL, and adds the limits of a session.
func postgresConfig(databaseURL string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		// The error is not repeated: it may hold the password.
		return nil, errors.New("DATABASE_URL is no valid Postgres URL: it must look like postgres://user:password@host:5432/database")
	}
	for name, value := range sessionLimits {
		if _, set := config.RuntimeParams[name]; !set {
			config.RuntimeParams[name] = value
		}
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectWithin / 3
	}
	config.DialFunc = dialer().DialContext
	return config, nil
}

// unusable says which server would not do, and leaves out the password.
func unusable(config *pgx.ConnConfig, err error) error {
	return fmt.Errorf("cannot use the Postgres database %q at %s:%d of DATABASE_URL as user %q: %w", config.Database, config.Host, config.Port, config.User, plain(err))
}

// connect waits for the server and learns its time.
func (s *Store) connect(ctx context.Context, config *pgx.ConnConfig) error {
	ctx, cancel := context.WithTimeout(ctx, connectWithin)
	defer cancel()
	var err error
	for {
		if _, err = s.clock.read(ctx, s.writer); err == nil {
			return nil
		}
		if state := sqlState(err); state != "" && state != startingUp {
			break // it answers, and says no
		}
		select {
		case <-ctx.Done():
		case <-time.After(250 * time.Millisecond):
			continue
		}
		break
	}
	return unusable(config, err)
}

// plain leaves out of a driver's error what it repeats of the URL.
func plain(err error) error {
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok {
		return answer
	}
	if failed, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		if cause := errors.Unwrap(failed); cause != nil {
			return cause
		}
	}
	return err
}

// sqlState is the code of Postgres' error, or empty.
func sqlState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// share tells the other replicas of commits here, and this Store of theirs. It only
// wakes loops early: what nobody heard is found when it is due.
//
// They tell it on a channel that is named for the schema. A payload is the owner of the
// Store that committed.
func (s *Store) share(ctx context.Context, config *pgx.ConnConfig) (stop func() error, err error) {
	var schema string
	if err := s.readers.QueryRowContext(ctx, `SELECT COALESCE(current_schema(), '')`).Scan(&schema); err != nil {
		return nil, fmt.Errorf("ask for the schema: %w", err)
	}
	if schema == "" {
		return nil, errors.New("the search_path of DATABASE_URL names no schema that exists: create it first")
	}
	channel := "callbot." + schema
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.told = make(chan struct{}, 1)
	var work sync.WaitGroup
	work.Go(func() { s.tell(ctx, channel) })
	work.Go(func() { s.listen(ctx, config, channel) })
	return func() error {
		cancel()
		work.Wait()
		return nil
	}, nil
}

// tellEvery bounds how often replicas are woken: a notice takes a lock that all
// commits of the database with a notice share.
const tellEvery = 50 * time.Millisecond

func (s *Store) tell(ctx context.Context, channel string) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.told:
		}
		if _, err := s.writer.ExecContext(ctx, `SELECT pg_notify($1, $2)`, channel, s.owner); err != nil && ctx.Err() == nil {
			s.log.Debug("waking the other replicas", slog.Any("error", plain(err)))
		}
		if !pause(ctx, tellEvery) {
			return
		}
	}
}

// listen wakes this Store's loops whenever another replica has committed something. A
// connection that breaks is made anew.
func (s *Store) listen(ctx context.Context, config *pgx.ConnConfig, channel string) {
	const first, longest = 250 * time.Millisecond, 15 * time.Second
	for wait, missed := first, false; ; wait, missed = min(2*wait, longest), true {
		began := time.Now()
		err := s.hear(ctx, config, channel, missed)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > longest {
			wait = first
		}
		s.log.Info("the connection to Postgres that tells of other replicas broke; making it anew", slog.Any("error", plain(err)), slog.Duration("in", wait))
		if !pause(ctx, wait) {
			return
		}
	}
}

// hear listens on one connection. What was missed before may be anything.
func (s *Store) hear(ctx context.Context, config *pgx.ConnConfig, channel string, missed bool) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // it is given up anyway
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if missed {
		s.wake()
	}
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return fmt.Errorf("wait for a notice: %w", err)
		}
		if n.Payload != s.owner {
			s.wake()
		}
	}
}

// pause reports whether the time passed before ctx was done.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// leaveRoom has Postgres keep half of each page of calls free, so that a changed row finds
// room beside the old one, without which all indexes would have to be told of it. SQLite
// changes rows where they are and knows no such thing, so it is in no migration.
func (s *Store) leaveRoom(ctx context.Context) error {
	var kept bool
	err := s.writer.QueryRowContext(ctx, `
		SELECT COALESCE('fillfactor=50' = ANY (reloptions), FALSE) FROM pg_class WHERE oid = CAST('calls' AS regclass)`).Scan(&kept)
	if err == nil && !kept {
		_, err = s.writer.ExecContext(ctx, `ALTER TABLE calls SET (fillfactor = 50)`)
	}
	if err != nil {
		return fmt.Errorf("leave room between the calls: %w", err)
	}
	return nil
}

// migrating keeps other replicas that start at the same time from the tables until
// done is called.
func (s *Store) migrating(ctx context.Context) (done func(), err error) {
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("wait for the database: %w", err)
	}
	for { // each try gives up after lock_timeout
		_, err = conn.ExecContext(ctx, `SELECT pg_advisory_lock(hashtext('callbot ' || current_schema()))`)
		if sqlState(err) != lockNotAvailable {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("wait for another replica's migration: %w", err), conn.Close())
	}
	return func() {
		if _, err := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock_all()`); err != nil {
			_ = discard(conn) // the lock ends with the connection
		}
		_ = conn.Close() // gives it back
	}, nil
}
