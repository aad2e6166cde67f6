package agentphonetest

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// A Fault stands before the simulator and may answer in its place, pass the
// request on to next, or both in any order. It is called for every request, at
// the same time for requests that are made at the same time.
type Fault func(w http.ResponseWriter, r *http.Request, next http.Handler)

// SetFault puts f before the simulator, in place of any other; nil takes it
// away.
func (s *Simulator) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Respond answers with a status and a body, and places nothing.
func Respond(status int, header http.Header, body string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // the client may have gone
	}
}

// Reset breaks the connection before the request is looked at.
func Reset(w http.ResponseWriter, _ *http.Request, _ http.Handler) { reset(w) }

// AcceptAndReset lets the simulator do what it would, then breaks the connection
// instead of answering.
func AcceptAndReset(w http.ResponseWriter, r *http.Request, next http.Handler) {
	next.ServeHTTP(httptest.NewRecorder(), r)
	reset(w)
}

// AcceptAndRespond lets the simulator do what it would, then answers something else.
func AcceptAndRespond(status int, body string) Fault {
	answer := Respond(status, nil, body)
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(httptest.NewRecorder(), r)
		answer(w, r, next)
	}
}

// AcceptAndDelay lets the simulator do what it would, and hands its answer on d later.
func AcceptAndDelay(d time.Duration) Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
		Respond(answer.Code, answer.Header(), answer.Body.String())(w, r, next)
	}
}

// Hang answers nothing, before the request is looked at, until the client has gone
// or the simulator closes.
func Hang(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// AcceptAndHang lets the simulator do what it would, and then hangs.
func AcceptAndHang(w http.ResponseWriter, r *http.Request, next http.Handler) {
	next.ServeHTTP(httptest.NewRecorder(), r)
	Hang(w, r, next)
}

// Times applies f to the first n requests and lets the others through.
func Times(n int, f Fault) Fault {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		mu.Lock()
		apply := n > 0
		n--
		mu.Unlock()
		if apply {
			f(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// OnMethod applies f to requests with that method and lets the others through.
func OnMethod(method string, f Fault) Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == method {
			f(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// Request is a request that the simulator received.
type Request struct {
	Time   time.Time // by the simulator's clock
	Method string
	Path   string
	Query  string
	Header http.Header
	Body   string        // up to 1 MB
	Status int           // 0 while it hangs, and when the connection was broken without an answer
	Took   time.Duration // by the same clock, until it was answered or broken; 0 until then
}

// maxRequests bounds the log; the oldest requests are forgotten first.
const maxRequests = 10_000

// Requests returns the requests received so far, oldest first, those that a
// [Fault] answered and those for recordings included.
func (s *Simulator) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, len(s.requests))
	for i, r := range s.requests {
		out[i] = *r
	}
	return out
}

// RequestsSince is Requests without those from before t by the simulator's clock. It
// takes as long as there are requests since.
func (s *Simulator) RequestsSince(t time.Time) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := len(s.requests)
	for first > 0 && !s.requests[first-1].Time.Before(t) {
		first--
	}
	out := make([]Request, 0, len(s.requests)-first)
	for _, r := range s.requests[first:] {
		out = append(out, *r)
	}
	return out
}

// record logs a request and hands it to the fault or the handler.
func (s *Simulator) record(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequestBody+1))
	rest := io.Reader(bytes.NewReader(body))
	if err != nil {
		rest = io.MultiReader(rest, failingReader{err})
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{rest, r.Body}
	entry := &Request{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery,
		Header: r.Header.Clone(), Body: string(body[:min(len(body), maxRequestBody)]),
	}
	s.mu.Lock()
	entry.Time = s.now()
	if len(s.requests) >= maxRequests {
		s.requests = append([]*Request(nil), s.requests[maxRequests/10:]...)
	}
	s.requests = append(s.requests, entry)
	fault := s.fault
	s.mu.Unlock()
	defer func() { // also when the connection is broken by a panic
		s.mu.Lock()
		defer s.mu.Unlock()
		entry.Took = s.now().Sub(entry.Time)
	}()

	sw := &statusWriter{ResponseWriter: w, record: func(status int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		entry.Status = status
	}}
	if fault != nil {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(s.open, cancel)()
		fault(sw, r.WithContext(ctx), s.handler)
		return
	}
	s.handler.ServeHTTP(sw, r)
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

// statusWriter tells which status was written first.
type statusWriter struct {
	http.ResponseWriter
	record func(status int)
	wrote  bool
}

func (w *statusWriter) WriteHeader(status int) {
	if !w.wrote {
		w.wrote = true
		w.record(status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p) // an io.Writer hands errors on
}

// Unwrap lets [http.ResponseController] reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
