package storetest

import (
	"context"
	"database/sql/driver"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/store"
)

var commitTests = map[string]func(*testing.T, Database){
	"a commit that fails is unclear": func(t *testing.T, db Database) {
		var broken breaker
		w := begin(t, db, store.WithConn(broken.wrap))
		c := w.request(1)
		broken.before.Store(true)
		_, err := w.Update(t.Context(), "trigger:click", c.ID, approval(w.now()))
		broken.before.Store(false)
		unclear(t, err)
		if got := w.get(c.ID); got.Status != call.Requested {
			t.Errorf("the call is %s", got.Status)
		}
		if got, err := w.Update(t.Context(), "trigger:click", c.ID, approval(w.now())); err != nil || got.Status != call.Approved {
			t.Errorf("the redelivery: %s, %v", got.Status, err)
		}
	},

	"a commit whose answer is lost is unclear": func(t *testing.T, db Database) {
		var broken breaker
		w := begin(t, db, store.WithConn(broken.wrap))
		c := w.request(1)
		broken.after.Store(true)
		_, err := w.Update(t.Context(), "trigger:click", c.ID, approval(w.now()))
		broken.after.Store(false)
		unclear(t, err)
		// It did happen, and the redelivery finds out.
		if got, err := w.Update(t.Context(), "trigger:click", c.ID, never(t)); err != nil || got.Status != call.Approved {
			t.Errorf("the redelivery: %s, %v", got.Status, err)
		}
	},

	"a request whose commit is unclear is not made twice": func(t *testing.T, db Database) {
		var broken breaker
		w := begin(t, db, store.WithConn(broken.wrap))
		broken.after.Store(true)
		_, err := w.Create(t.Context(), "trigger:request", call.Call{ID: "first", Status: call.Requested}, call.Origin{})
		broken.after.Store(false)
		unclear(t, err)
		got, err := w.Create(t.Context(), "trigger:request", call.Call{ID: "second", Status: call.Requested}, call.Origin{})
		if err != nil || got.ID != "first" {
			t.Errorf("the redelivery: %s, %v", got.ID, err)
		}
	},

	"an unclear step of the operator says so": func(t *testing.T, db Database) {
		var broken breaker
		w := begin(t, db, store.WithConn(broken.wrap))
		c := w.claim(w.approve(1).ID)
		broken.after.Store(true)
		_, err := w.Advance(t.Context(), c, call.Event{Kind: call.Place, At: w.now(), Due: w.now().Add(deadline)})
		broken.after.Store(false)
		unclear(t, err)
		// Whoever posts without a clear yes may dial twice: the intent is there.
		if got := w.get(c.ID); got.Status != call.Placing {
			t.Errorf("the call is %s", got.Status)
		}
	},

	"a transaction that does not begin is waited for as long as its caller waits": func(t *testing.T, db Database) {
		var broken breaker
		w := begin(t, db, store.WithConn(broken.wrap))
		c := w.request(1)
		broken.hangs.Store(true)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := w.Update(ctx, "trigger:click", c.ID, approval(w.now()))
			ended <- err
		}()
		for broken.hanging.Load() == 0 {
			time.Sleep(time.Millisecond) // until it has begun to hang
		}
		cancel()
		select {
		case err := <-ended:
			if code := call.CodeOf(err); code != call.Unavailable || errors.Is(err, call.ErrUnclear) {
				t.Errorf("%v, want it to be clear that nothing was saved", err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("it goes on waiting")
		}
		broken.hangs.Store(false)
		if got, err := w.Update(t.Context(), "trigger:click", c.ID, approval(w.now())); err != nil || got.Status != call.Approved {
			t.Errorf("the redelivery: %s, %v", got.Status, err)
		}
	},
}

func unclear(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, call.ErrUnclear) {
		t.Fatalf("got %v, want ErrUnclear", err)
	}
	if code := call.CodeOf(err); code != call.Unavailable {
		t.Errorf("code %s, want unavailable", code)
	}
	if e, ok := errors.AsType[*call.Error](err); !ok || e.Sentence != call.ErrUnclear.Sentence {
		t.Errorf("the person is shown %v", e)
	}
}

// breaker makes commits fail: before they reach the database, or after it did them; or
// transactions not begin.
type breaker struct {
	before, after, hangs atomic.Bool
	hanging              atomic.Int64
}

func (b *breaker) wrap(c store.Conn) store.Conn { return brokenConn{c, b} }

var errBroken = errors.New("the connection broke")

type brokenConn struct {
	store.Conn
	b *breaker
}

func (c brokenConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if c.b.hangs.Load() {
		c.b.hanging.Add(1)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	t, err := c.Conn.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return brokenTx{t, c.b}, nil
}

type brokenTx struct {
	driver.Tx
	b *breaker
}

func (t brokenTx) Commit() error {
	if t.b.before.Load() {
		return errBroken // the transaction stays open, as on a connection that hangs
	}
	err := t.Tx.Commit()
	if err == nil && t.b.after.Load() {
		return errBroken
	}
	return err
}
