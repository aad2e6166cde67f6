package store

import (
	"context"
	"database/sql/driver"
	"errors"
)

// keep has a connection of SQLite prepare a statement once. The driver prepares each anew,
// for which it spends as much time as for most of ours to run; pgx keeps them by itself.
func keep(conn Conn) Conn { return &keepingConn{Conn: conn, kept: map[string]*keptStmt{}} }

// maxKept bounds the statements of a connection. There are fewer, but for the lists of
// placeholders, each length of which is one.
const maxKept = 200

type keepingConn struct {
	Conn
	kept map[string]*keptStmt
}

type keptStmt struct {
	stmt stmt
	busy bool // its rows are still being read
}

// stmt is what database/sql uses of a statement.
type stmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// prepared is the statement to use; nil if it is not to be kept.
func (c *keepingConn) prepared(ctx context.Context, query string) (*keptStmt, error) {
	if k := c.kept[query]; k != nil || len(c.kept) >= maxKept {
		if k != nil && k.busy {
			return nil, nil
		}
		return k, nil
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	whole, ok := s.(stmt)
	if !ok {
		return nil, s.Close()
	}
	k := &keptStmt{stmt: whole}
	c.kept[query] = k
	return k, nil
}

// ExecContext implements [driver.ExecerContext].
func (c *keepingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) == 0 { // a migration, or a PRAGMA: not worth keeping
		return c.Conn.ExecContext(ctx, query, args)
	}
	k, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return c.Conn.ExecContext(ctx, query, args)
	}
	return k.stmt.ExecContext(ctx, args)
}

// QueryContext implements [driver.QueryerContext].
func (c *keepingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	k, err := c.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return c.Conn.QueryContext(ctx, query, args)
	}
	rows, err := k.stmt.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	k.busy = true
	return &keptRows{rows, k}, nil
}

// keptRows gives its statement back when it is closed. Of what rows may tell about their
// columns' types the store asks nothing.
type keptRows struct {
	driver.Rows
	of *keptStmt
}

// Close implements [driver.Rows].
func (r *keptRows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}

// Close implements [driver.Conn].
func (c *keepingConn) Close() error {
	var errs []error
	for _, k := range c.kept {
		errs = append(errs, k.stmt.Close())
	}
	return errors.Join(append(errs, c.Conn.Close())...)
}
