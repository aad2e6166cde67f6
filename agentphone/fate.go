package agentphone

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
)

// FateOf tells what became of a [Client.CreateCall] that returned err. Errors
// that do not come from this package have an unknown fate.
func FateOf(err error) Fate {
	if err == nil {
		return FateAccepted
	}
	var (
		request    *RequestError
		answer     *Error
		validation *ValidationError
	)
	switch {
	case errors.As(err, &request):
		return request.Fate
	case errors.As(err, &answer):
		// 408 may come from a proxy that gave up waiting for an API that went on.
		if answer.StatusCode >= 400 && answer.StatusCode < 500 && answer.StatusCode != http.StatusRequestTimeout {
			return FateRefused
		}
		return FateUnknown
	case errors.As(err, &validation):
		return FateNeverSent
	}
	return FateUnknown
}

// Fate is what became of a POST. The zero value is FateUnknown.
type Fate int

const (
	// FateUnknown: a call may have been placed. Sending the request again could
	// ring the phone twice. It is the fate of time-outs and resets, of 3xx, 408 and
	// 5xx, and of a 2xx that names no call.
	FateUnknown Fate = iota
	// FateAccepted: the API took the call.
	FateAccepted
	// FateRefused: the API said no (4xx other than 408); no call was placed.
	FateRefused
	// FateNeverSent: the request did not leave: it was invalid, no connection
	// could be opened, or its context was done before anything was written.
	FateNeverSent
)

func (f Fate) String() string {
	switch f {
	case FateAccepted:
		return "accepted"
	case FateRefused:
		return "refused"
	case FateNeverSent:
		return "never sent"
	case FateUnknown:
	}
	return "unknown"
}

// RequestError is a request that brought no answer, or a 2xx that could not be
// used ([ErrMalformed]). It unwraps to its cause, such as
// [context.DeadlineExceeded] or a [*net.OpError].
type RequestError struct {
	// Fate is what became of the request; it matters for POST only.
	Fate Fate
	Err  error
}

func (e *RequestError) Error() string { return e.Err.Error() }
func (e *RequestError) Unwrap() error { return e.Err }

// witness watches one request on its way out, to tell afterwards whether the
// server can have got it.
type witness struct {
	askedConn    atomic.Bool
	gotConn      atomic.Bool
	wroteHeaders atomic.Bool
	body         *onceBody // nil for GET
}

func (w *witness) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:      func(string) { w.askedConn.Store(true) },
		GotConn:      func(httptrace.GotConnInfo) { w.gotConn.Store(true) },
		WroteHeaders: func() { w.wroteHeaders.Store(true) },
	})
}

// fate is called when the round trip has failed with err. The transport may
// still be writing then, so that hooks alone would be a race: closing the body
// first decides it, because whoever has not begun to read the body by now never
// will, and without its body a POST places no call.
func (w *witness) fate(ctx context.Context, err error) Fate {
	if w.body != nil && !w.body.shut() {
		return FateUnknown
	}
	if w.gotConn.Load() {
		if ctx.Err() != nil && !w.wroteHeaders.Load() {
			return FateNeverSent
		}
		return FateUnknown
	}
	// A transport that does not report its connections proves nothing by its
	// silence; only its error can.
	if w.askedConn.Load() || neverConnected(err) {
		return FateNeverSent
	}
	return FateUnknown
}

func neverConnected(err error) bool {
	var (
		op  *net.OpError
		dns *net.DNSError
	)
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") || errors.As(err, &dns)
}

// onceBody is a request body that can be read once and be closed for good before
// its first read. It has no GetBody, so net/http cannot rewind it.
type onceBody struct {
	mu      sync.Mutex
	r       io.Reader
	started bool
	closed  bool
}

var errBodyShut = errors.New("the request was given up")

func (b *onceBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, errBodyShut
	}
	b.started = true
	return b.r.Read(p) // io.EOF must stay itself
}

func (b *onceBody) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return nil
}

// shut ends the body and reports whether it had never been read.
func (b *onceBody) shut() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	return !b.started
}
