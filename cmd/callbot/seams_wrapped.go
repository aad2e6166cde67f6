//go:build crashpoints && unix

package main

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/agentphone-slack/callbot/internal/store"
)

// storeSeam puts points around each commit.
func storeSeam() []store.Option {
	answerOverPoints()
	return []store.Option{store.WithConn(func(c store.Conn) store.Conn { return pointedConn{c} })}
}

type pointedConn struct{ store.Conn }

// BeginTx implements [driver.ConnBeginTx].
func (c pointedConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	t, err := c.Conn.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return pointedTx{t}, nil
}

type pointedTx struct{ driver.Tx }

// Commit implements [driver.Tx].
func (t pointedTx) Commit() error {
	name := commitName()
	points.at(name + " before")
	err := t.Tx.Commit()
	points.at(name + " after")
	return err
}

// httpSeam puts points around each request. After it is when its answer, or that there
// is none, is known to the transport and to nobody else.
func httpSeam(rt http.RoundTripper) http.RoundTripper { return pointedTransport{rt} }

type pointedTransport struct{ http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (t pointedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	name := requestName(r)
	points.at(name + " before")
	answer, err := t.send(r)
	points.at(name + " after")
	return answer, err
}

func (t pointedTransport) send(r *http.Request) (*http.Response, error) {
	standard, ok := t.RoundTripper.(*http.Transport)
	if !ok || r.Method != http.MethodPost || !providerPath.MatchString(r.URL.Path) {
		return t.RoundTripper.RoundTrip(r)
	}
	// The client gives each POST a connection of its own, for which it must see a
	// *http.Transport: here it cannot, so that is done in its place.
	if os.Getenv(repeatVariable) != "" {
		return repeated(standard, r)
	}
	return alone(standard, r)
}

func alone(t *http.Transport, r *http.Request) (*http.Response, error) {
	t = t.Clone()
	answer, err := t.RoundTrip(r)
	if err != nil {
		t.CloseIdleConnections()
		return nil, err
	}
	answer.Body = closingBody{answer.Body, t.CloseIdleConnections}
	return answer, nil
}

type closingBody struct {
	io.ReadCloser
	then func()
}

// Close implements [io.Closer].
func (b closingBody) Close() error {
	defer b.then()
	return b.ReadCloser.Close()
}

// repeated is the mistake of a client that takes no answer for a no.
func repeated(t *http.Transport, r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err := errors.Join(err, r.Body.Close()); err != nil {
		return nil, err
	}
	for tries := 1; ; tries++ {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		answer, err := alone(t, again)
		if tries == 3 || err == nil && answer.StatusCode < http.StatusInternalServerError {
			return answer, err
		}
		if err == nil {
			_ = answer.Body.Close() // what it says is what is ignored here
		}
	}
}

// answerOverPoints has answers at response_urls, which go out over the default
// transport, pass points too. The other transports are clones of it by now.
var answerOverPoints = sync.OnceFunc(func() { http.DefaultTransport = httpSeam(http.DefaultTransport) })

// linkSeam puts points around each ack.
func linkSeam() *websocket.Dialer {
	var network net.Dialer
	return &websocket.Dialer{
		Proxy: http.ProxyFromEnvironment,
		NetDialContext: func(ctx context.Context, kind, address string) (net.Conn, error) {
			conn, err := network.DialContext(ctx, kind, address)
			if err != nil {
				return nil, err
			}
			return pointedLink{conn}, nil
		},
	}
}

type pointedLink struct{ net.Conn }

// lastTextFrame is how a WebSocket message of one frame begins (RFC 6455, 5.2); all that
// a Socket Mode client sends as text are acks.
const lastTextFrame = 0x81

// Write implements [io.Writer].
func (l pointedLink) Write(b []byte) (int, error) {
	if len(b) == 0 || b[0] != lastTextFrame {
		return l.Conn.Write(b)
	}
	points.at("ack before")
	n, err := l.Conn.Write(b)
	points.at("ack after")
	return n, err
}
