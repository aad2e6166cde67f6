package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// Store keeps calls in one database. It is safe for concurrent use.
type Store struct {
	writer, readers *sql.DB
	engine          engine
	// owner tells this Store's leases from those of any other, also of an earlier
	// run of the same program.
	owner  string
	now    func() time.Time
	budget call.Budget
	log    *slog.Logger

	due, publish chan struct{}
	close        func() error
}

// engine is what differs between databases.
type engine struct {
	// skipLocked ends a SELECT of rows that are claimed; empty where there is one writer.
	skipLocked string
	// duplicate reports whether err says that a unique index forbids the row.
	duplicate func(error) bool
}

// Option changes what [Open] makes.
type Option func(*options)

type options struct {
	now    func() time.Time
	budget call.Budget
	log    *slog.Logger
	wrap   func(driver.Connector) driver.Connector
}

// WithClock sets the clock that leases, due times and the budget go by. Default: [time.Now].
func WithClock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// WithBudget sets how many requests [Store.Take] grants. Default: no limit.
func WithBudget(b call.Budget) Option { return func(o *options) { o.budget = b } }

// WithLogger sets where the store reports what it cannot return. Default: nowhere.
func WithLogger(l *slog.Logger) Option { return func(o *options) { o.log = l } }

// WithConnector lets wrap stand between the store and the driver of its writing
// connection, to measure it or to make it fail.
func WithConnector(wrap func(driver.Connector) driver.Connector) Option {
	return func(o *options) { o.wrap = wrap }
}

// Open opens the database that url names and brings its tables up to date:
// "sqlite:callbot.db" for a file in the current directory, "sqlite:/path/callbot.db"
// or "sqlite:///path/callbot.db" for one elsewhere. The directory must exist; the file
// is made if it does not. A file that another Store has open is refused.
func Open(ctx context.Context, url string, opts ...Option) (*Store, error) {
	o := options{
		now:  time.Now,
		log:  slog.New(slog.DiscardHandler),
		wrap: func(c driver.Connector) driver.Connector { return c },
	}
	for _, opt := range opts {
		opt(&o)
	}
	path, err := sqlitePath(url)
	if err != nil {
		return nil, err
	}
	s := &Store{
		owner: rand.Text(), now: o.now, budget: o.budget, log: o.log,
		due: make(chan struct{}, 1), publish: make(chan struct{}, 1),
	}
	if err := s.openSQLite(ctx, path, o.wrap); err != nil {
		return nil, err
	}
	if err := migrate(ctx, s.writer, o.log); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if err := s.freeLeases(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// Close closes the database and lets others open it. Close may be called again.
func (s *Store) Close() error { return s.close() }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	if err := s.readers.QueryRowContext(ctx, `SELECT 1 FROM budget`).Scan(&one); err != nil {
		return fmt.Errorf("ask the database: %w", err)
	}
	return nil
}

// DueChanged has a value after commits that may have changed when the operator's next
// step is due, or when the budget allows one. Values do not add up. It is for one consumer.
func (s *Store) DueChanged() <-chan struct{} { return s.due }

// PublishChanged has a value after commits that made something due to be published.
// Values do not add up. It is for one consumer.
func (s *Store) PublishChanged() <-chan struct{} { return s.publish }

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// closing joins what has to be closed, in order, into one function that does it once.
func closing(closers ...func() error) func() error {
	return sync.OnceValue(func() error {
		var errs []error
		for _, c := range closers {
			errs = append(errs, c())
		}
		if err := errors.Join(errs...); err != nil {
			return fmt.Errorf("close the database: %w", err)
		}
		return nil
	})
}
