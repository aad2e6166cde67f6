package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// tx is one transaction that writes.
type tx struct {
	*sql.Tx
	now stamp // the same for all of it
}

// write runs f in one transaction. If f fails, or ctx is done before the commit
// begins, nothing was changed. A commit that began is not interrupted; if it fails,
// [call.ErrUnclear] is in the chain of the error.
//
// f may run more than once: a transaction that the database gave up for another one's
// sake is begun anew. So f changes nothing outside of it but what it sets anew each time.
func (s *Store) write(ctx context.Context, f func(*tx) error) error {
	const tries = 5
	for i := 1; ; i++ {
		err := s.try(ctx, f)
		if err == nil || i == tries || ctx.Err() != nil || errors.Is(err, call.ErrUnclear) || !s.engine.again(err) {
			return err
		}
		pause(ctx, time.Duration(i)*time.Millisecond)
	}
}

// try runs f in one transaction, once.
//
// Why not BeginTx(ctx): a driver may pass the context on to the commit, and then a
// deadline in the middle of it leaves an error that looks like one before it.
func (s *Store) try(ctx context.Context, f func(*tx) error) (err error) {
	conn, t, end, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	defer func() { _ = conn.Close() }() // gives it back; fails only after discard
	defer func() {
		// After a commit, and after a failed one, there is nothing to roll back.
		if rerr := t.Rollback(); rerr != nil && !errors.Is(rerr, sql.ErrTxDone) {
			err = errors.Join(err, fmt.Errorf("roll back: %w", rerr), discard(conn))
		}
	}()
	now, err := s.clock.read(ctx, t)
	if err != nil {
		return err
	}
	if err := f(&tx{Tx: t, now: now}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("before the commit: %w", err)
	}
	if err := t.Commit(); err != nil {
		return errors.Join(fmt.Errorf("commit: %w", errors.Join(call.ErrUnclear, err)), discard(conn))
	}
	return nil
}

// begin takes a connection and begins a transaction on it, which ctx does not end; end is
// called after it. Connections that broke while nobody used them are replaced.
func (s *Store) begin(ctx context.Context) (conn *sql.Conn, t *sql.Tx, end func(), err error) {
	for broken := 0; ; broken++ {
		conn, err = s.writer.Conn(ctx)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("wait for the database: %w", err)
		}
		t, end, err = beginOn(ctx, conn)
		if err == nil {
			return conn, t, end, nil
		}
		err = fmt.Errorf("begin: %w", err)
		if ctx.Err() == nil && !s.engine.broken(err) {
			return nil, nil, nil, errors.Join(err, conn.Close())
		}
		if derr := discard(conn); derr != nil {
			err = errors.Join(err, derr)
		}
		_ = conn.Close() // it is gone
		if broken == postgresWriters || ctx.Err() != nil {
			return nil, nil, nil, err
		}
	}
}

// beginOn begins a transaction, and waits for that no longer than until ctx is done.
func beginOn(ctx context.Context, conn *sql.Conn) (*sql.Tx, func(), error) {
	of, end := context.WithCancel(context.WithoutCancel(ctx))
	begun := context.AfterFunc(ctx, end)
	t, err := conn.BeginTx(of, nil)
	if err == nil && begun() {
		return t, end, nil
	}
	end()
	if err == nil { // it is ended with its context
		err = ctx.Err()
	}
	return nil, nil, err
}

// discard closes the connection for good: nobody knows what state it is in.
func discard(conn *sql.Conn) error {
	err := conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}

// unavailable gives a person the sentence for an error that changed nothing. What
// has a sentence already keeps it.
func unavailable(doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*call.Error](err); ok {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return &call.Error{
		Code: call.Unavailable, Sentence: "Nothing was saved, please try again.",
		Err: fmt.Errorf("%s: %w", doing, err),
	}
}

// one reports whether a statement changed a row, and err if that is not known.
func one(r sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

// in makes the placeholders of a list of n values, the first of which is $first.
func in(first, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("$" + strconv.Itoa(first+i))
	}
	return b.String()
}

// stamp is a time as it is stored: milliseconds since 1970.
type stamp int64

func (m stamp) time() time.Time { return time.UnixMilli(int64(m)).UTC() }

// stampUp is the first stamp that is not before t.
func stampUp(t time.Time) stamp {
	m := stamp(t.UnixMilli())
	if m.time().Before(t) {
		m++
	}
	return m
}

// instant stores a time, less than a millisecond early; NULL is the zero time.
type instant struct{ t *time.Time }

// at is the instant of a time that is only written.
func at(t time.Time) instant { return instant{&t} }

// Value implements [driver.Valuer].
func (i instant) Value() (driver.Value, error) {
	if i.t.IsZero() {
		return nil, nil
	}
	return i.t.UnixMilli(), nil
}

// Scan implements [sql.Scanner].
func (i instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i.t = time.Time{}
	case int64:
		*i.t = stamp(v).time()
	default:
		return fmt.Errorf("a time is stored as %T, not as a whole number", src)
	}
	return nil
}

// span stores a duration in milliseconds, rounded up: a wait must not become shorter.
type span struct{ d *time.Duration }

// Value implements [driver.Valuer].
func (s span) Value() (driver.Value, error) { return millis(*s.d), nil }

// millis is d in milliseconds, rounded up.
func millis(d time.Duration) int64 {
	ms := d.Milliseconds()
	if time.Duration(ms)*time.Millisecond < d {
		ms++
	}
	return ms
}

// Scan implements [sql.Scanner].
func (s span) Scan(src any) error {
	v, ok := src.(int64)
	if !ok {
		return fmt.Errorf("a duration is stored as %T, not as a whole number", src)
	}
	*s.d = time.Duration(v) * time.Millisecond
	return nil
}
