package store

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// clock is the time that leases, due times and the budget go by. On Postgres that is
// the server's, since replicas on machines whose clocks differ must agree on whose
// lease has ended.
type clock struct {
	// local is the clock of a database that one process has; nil: the server's.
	local func() time.Time
	// sample is the server's time as it was last told.
	sample atomic.Pointer[sample]
}

type sample struct {
	server time.Time
	here   time.Time // the earliest moment, by the monotonic clock, at which it was that time
}

// now is the time; the server's without asking it.
func (c *clock) now() time.Time {
	if c.local != nil {
		return c.local()
	}
	s := c.sample.Load()
	return s.server.Add(time.Since(s.here))
}

// exact is how long an answer may take and still tell the time. One that took longer
// may have lain unread, for instance while this process was stopped.
const exact = 100 * time.Millisecond

// read asks for the time.
func (c *clock) read(ctx context.Context, q querier) (stamp, error) {
	if c.local != nil {
		return stamp(c.local().UnixMilli()), nil
	}
	asked := time.Now()
	var ms int64
	if err := q.QueryRowContext(ctx, `SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS BIGINT)`).Scan(&ms); err != nil {
		return 0, fmt.Errorf("ask the database for the time: %w", err)
	}
	told := stamp(ms)
	if took := time.Since(asked); took < exact || c.sample.Load() == nil {
		// It was that time no earlier than when it was asked for. So now is never behind
		// the server, and whoever goes by it lets go of a lease early rather than late.
		c.sample.Store(&sample{server: told.time(), here: asked})
	}
	return told, nil
}
