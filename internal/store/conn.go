package store

import (
	"context"
	"database/sql/driver"
	"errors"
)

// Conn is what database/sql uses of a driver's connection when it can, and what those of
// both engines have.
type Conn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
}

// wrapping is a connector with something in front of each of its connections.
type wrapping struct {
	driver.Connector
	wrap func(Conn) Conn
}

// Connect implements [driver.Connector].
func (w wrapping) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := w.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	whole, ok := conn.(Conn)
	if !ok {
		return nil, errors.Join(errors.New("the driver's connection lacks a method that the store needs"), conn.Close())
	}
	return wrappedConn{w.wrap(whole), conn}, nil
}

// wrappedConn has what its driver's connection has besides, where it has it.
type wrappedConn struct {
	Conn
	own driver.Conn
}

// CheckNamedValue implements [driver.NamedValueChecker].
func (c wrappedConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.own.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// IsValid implements [driver.Validator].
func (c wrappedConn) IsValid() bool {
	v, ok := c.own.(driver.Validator)
	return !ok || v.IsValid()
}
