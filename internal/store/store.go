package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/agentphone-slack/callbot/internal/call"
)

// Store keeps calls in one database. It is safe for concurrent use.
type Store struct {
	writer, readers *sql.DB
	engine          engine
	// owner tells this Store's leases from those of any other, also of an earlier
	// run of the same program.
	owner  string
	clock  clock
	budget call.Budget
	log    *slog.Logger
	// hashKey is the key of the hashes of numbers.
	hashKey string
	// unscrubbed: something was erased, or may have been, since engine.scrub last succeeded.
	unscrubbed atomic.Bool

	due, publish, homes chan struct{}

	told  chan struct{} // something was committed that other replicas may wait for; nil: there are none
	close func() error
}

// engine is what differs between databases.
type engine struct {
	dialect goose.Dialect
	// skipLocked ends a SELECT of rows that are claimed; empty where there is one writer.
	skipLocked string
	// lock ends a SELECT of rows that are locked before they are written, likewise.
	lock string
	// scrub takes what was erased out of wherever else the engine still has it; nil: that
	// is not ours to do.
	scrub func(context.Context) error
	// elements makes rows of a JSON object, which is an argument or a column: its keys and
	// its elements are the columns key and value, which ->> takes apart.
	elements func(object string) string
	// duplicate reports whether err says that a unique index forbids the row.
	duplicate func(error) bool
	// again reports whether err says that the database gave this transaction up for
	// another one's sake: nothing was changed, and it can be tried again.
	again func(error) bool
	// broken reports whether err, of the first statement on a connection that lay idle,
	// says that the connection had broken meanwhile.
	broken func(error) bool
}

// Option changes what [Open] makes.
type Option func(*options)

type options struct {
	now    func() time.Time
	budget call.Budget
	log    *slog.Logger
	wrap   func(Conn) Conn
}

// WithClock sets the clock that leases, due times and the budget go by. Default: that
// of the database's server, and [time.Now] where there is none.
func WithClock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// WithBudget sets how many requests [Store.Take] grants. Default: no limit.
func WithBudget(b call.Budget) Option { return func(o *options) { o.budget = b } }

// WithLogger sets where the store reports what it cannot return. Default: nowhere.
func WithLogger(l *slog.Logger) Option { return func(o *options) { o.log = l } }

// WithConn lets what wrap returns stand in front of each connection that writes, to
// measure it or to make it fail.
func WithConn(wrap func(Conn) Conn) Option { return func(o *options) { o.wrap = wrap } }

// Open opens the database that url names and brings its tables up to date:
//
//   - "sqlite:callbot.db" for a file in the current directory, "sqlite:/path/callbot.db"
//     or "sqlite:///path/callbot.db" for one elsewhere. The directory must exist; the file
//     is made if it does not. A file that another Store has open is refused.
//   - "postgres://user:password@host:5432/database" for a server, which any number of
//     Stores may share; every parameter of libpq may follow. It is waited for if it does
//     not answer, but not for long.
func Open(ctx context.Context, url string, opts ...Option) (*Store, error) {
	return open(ctx, url, false, opts)
}

// OpenBeside opens the database that url names, as [Open] reads it, beside whoever works
// with it: it makes no database, changes no table and ends no lease, and a SQLite file
// may be in use. A database that is not of exactly this version is refused.
func OpenBeside(ctx context.Context, url string, opts ...Option) (*Store, error) {
	r, err := OpenReader(ctx, url) // it tells what is wrong with the database
	if err != nil {
		return nil, err
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	return open(ctx, url, true, opts)
}

func open(ctx context.Context, url string, beside bool, opts []Option) (*Store, error) {
	o := options{log: slog.New(slog.DiscardHandler)}
	for _, opt := range opts {
		opt(&o)
	}
	s := &Store{
		owner: rand.Text(), budget: o.budget, log: o.log,
		due: make(chan struct{}, 1), publish: make(chan struct{}, 1), homes: make(chan struct{}, 1),
	}
	s.clock.local = o.now
	scheme, _, _ := strings.Cut(url, ":")
	shared := scheme == "postgres" || scheme == "postgresql"
	s.unscrubbed.Store(true) // nobody knows how far the last run came
	open := s.openSQLite
	switch {
	case shared:
		open = s.openPostgres
	case beside:
		open = s.openSQLiteBeside
	}
	inFront := func(c driver.Connector) driver.Connector {
		if o.wrap == nil {
			return c
		}
		return wrapping{c, o.wrap}
	}
	if err := open(ctx, url, inFront); err != nil {
		return nil, err
	}
	var err error
	if !beside {
		err = s.migrate(ctx)
	}
	if err == nil && !shared && !beside {
		err = s.freeLeases(ctx)
	}
	if err == nil {
		err = s.loadHashKey(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// Close closes the database and lets others open it. Close may be called again.
func (s *Store) Close() error { return s.close() }

// Now is the time that leases, due times and the budget go by: whoever decides when
// something is due asks here.
func (s *Store) Now() time.Time { return s.clock.now() }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	for broken := 0; ; broken++ {
		var one int
		err := s.readers.QueryRowContext(ctx, `SELECT 1 FROM budget`).Scan(&one)
		switch {
		case err == nil:
			return nil
		case !s.engine.broken(err) || broken == readers || ctx.Err() != nil:
			return fmt.Errorf("ask the database: %w", err)
		}
	}
}

// DueChanged has a value after commits that may have changed when the operator's next
// step is due, or when the budget allows one. Values do not add up. It is for one consumer.
func (s *Store) DueChanged() <-chan struct{} { return s.due }

// PublishChanged has a value after commits that made something due to be published.
// Values do not add up. It is for one consumer.
func (s *Store) PublishChanged() <-chan struct{} { return s.publish }

// HomesChanged has a value after commits that made somebody's home due to be shown. Values
// do not add up. It is for one consumer.
func (s *Store) HomesChanged() <-chan struct{} { return s.homes }

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
