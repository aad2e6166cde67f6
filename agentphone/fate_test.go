package agentphone_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/agentphone"
	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
)

func TestFateOfEveryStatus(t *testing.T) {
	t.Parallel()
	var status atomic.Int32
	var posts atomic.Int32
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		posts.Add(1)
		code := int(status.Load())
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(code)
		if code != http.StatusNoContent && code != http.StatusNotModified {
			_, _ = io.WriteString(w, `{"data":{"call_id":"x"}}`)
		}
	})
	for code := 200; code <= 599; code++ {
		want := agentphone.FateUnknown
		switch {
		case code == 204 || code == 205 || code == 408: // 204 and 205 have no body
		case code < 300:
			want = agentphone.FateAccepted
		case code >= 400 && code < 500:
			want = agentphone.FateRefused
		}
		if code == 205 {
			continue // net/http lets a server write a body that RFC 9110 forbids
		}
		status.Store(int32(code))
		before := posts.Load()
		_, err := c.CreateCall(t.Context(), request(ordinary))
		if got := agentphone.FateOf(err); got != want {
			t.Errorf("%d: %v, want %v (%v)", code, got, want, err)
		}
		if n := posts.Load() - before; n != 1 {
			t.Errorf("%d: %d requests", code, n)
		}
	}
}

func TestFateOfAnswersThatAreNoAnswer(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "null", "[]", `"x"`, "{}", `{"data":null}`, `{"data":[]}`, `{"data":{}}`, `{"data":{"call_id":null}}`, `{"data":{"call_id":""}}`,
		`{"data":{"call_id":".."}}`, `{"data":{"call_id":"a\nb"}}`, `{"data":{"call_id":"` + strings.Repeat("a", 513) + `"}}`,
		`{"data":{"call_id":" "}}`, `{"data":{"call_id":{}}}`, `{"data":{"call_id":"x"}`, `{"data":{"call_id":"x"}}}`, "<html>", "\x00",
	} {
		c := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			_, _ = io.WriteString(w, body)
		})
		created, err := c.CreateCall(t.Context(), request(ordinary))
		if !errors.Is(err, agentphone.ErrMalformed) || agentphone.FateOf(err) != agentphone.FateUnknown {
			t.Errorf("%q: %+v %v", body, created, err)
		}
	}
	c := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"data":{"call_id":"x"}}`)
	})
	if _, err := c.CreateCall(t.Context(), request(ordinary)); agentphone.FateOf(err) != agentphone.FateUnknown {
		t.Errorf("a body that broke off: %v", err)
	}
}

func TestFateOfSimulatedStories(t *testing.T) {
	t.Parallel()
	for _, story := range agentphonetest.Stories() {
		want, known := map[string]agentphone.Fate{
			"no credits": agentphone.FateRefused, "rate limited": agentphone.FateRefused, "number refused": agentphone.FateRefused, "bad key": agentphone.FateRefused,
			"server error": agentphone.FateUnknown, "unavailable": agentphone.FateUnknown, "hang": agentphone.FateUnknown, "hang, not accepted": agentphone.FateUnknown,
			"reset after accept": agentphone.FateUnknown, "reset before accept": agentphone.FateUnknown, "malformed answer": agentphone.FateUnknown,
			"answer without id": agentphone.FateUnknown, "redirect": agentphone.FateUnknown,
		}[story.Name]
		if !known {
			continue
		}
		t.Run(story.Name, func(t *testing.T) {
			t.Parallel()
			s := agentphonetest.NewServer(t)
			c := client(t, s.URL, agentphone.WithHTTPClient(&http.Client{Timeout: 300 * time.Millisecond}))
			_, err := c.CreateCall(t.Context(), request(story.Number))
			if got := agentphone.FateOf(err); err == nil || got != want {
				t.Errorf("%v (%v)", got, err)
			}
			if n := len(s.Requests()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestNeverSentWhenNoConnectionOpens(t *testing.T) {
	t.Parallel()
	closed, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := closed.Addr().String()
	_ = closed.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	otherCA := httptest.NewUnstartedServer(http.NotFoundHandler())
	otherCA.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // the handshake is meant to fail
	otherCA.StartTLS()
	defer otherCA.Close()
	silent := listen(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	noSuchName := &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("wrapped: %w", &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true})
	})}
	for name, c := range map[string]*agentphone.Client{
		"refused":              client(t, "http://"+addr),
		"refused, TLS":         client(t, "https://"+addr),
		"not TLS at all":       client(t, strings.Replace(plain.URL, "http:", "https:", 1)),
		"unknown authority":    client(t, otherCA.URL),
		"handshake never ends": client(t, "https://"+silent, agentphone.WithHTTPClient(&http.Client{Timeout: 200 * time.Millisecond})),
		"no such name":         client(t, "http://localhost:1", agentphone.WithHTTPClient(noSuchName)),
		"dial times out": client(t, "http://localhost:1", agentphone.WithHTTPClient(&http.Client{
			Timeout: 100 * time.Millisecond,
			Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}},
		})),
	} {
		_, err := c.CreateCall(t.Context(), request(ordinary))
		if got := agentphone.FateOf(err); err == nil || got != agentphone.FateNeverSent {
			t.Errorf("%s: %v (%v)", name, got, err)
		}
	}
}

func TestNeverSentWhenTheContextIsDoneFirst(t *testing.T) {
	t.Parallel()
	s := agentphonetest.NewServer(t)
	c := client(t, s.URL)
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.CreateCall(done, request(ordinary)); agentphone.FateOf(err) != agentphone.FateNeverSent || !errors.Is(err, context.Canceled) {
		t.Errorf("done before: %v", err)
	}
	// Cancelled as soon as there is a connection: whatever the fate is called, it
	// must be true.
	for range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		before := s.Dials()[ordinary]
		_, err := c.CreateCall(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { cancel() }}), request(ordinary))
		cancel()
		if agentphone.FateOf(err) == agentphone.FateNeverSent && s.Dials()[ordinary] != before {
			t.Fatalf("dialled, and called never sent: %v", err)
		}
	}
}

func TestUnknownWhenATransportTellsNothing(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{
		errors.New("boom"), io.ErrUnexpectedEOF, context.DeadlineExceeded, syscall.ECONNRESET,
		&net.OpError{Op: "read", Err: syscall.ECONNRESET}, &net.OpError{Op: "write", Err: syscall.EPIPE},
	} {
		for name, rt := range map[string]roundTripper{
			"body unread": func(*http.Request) (*http.Response, error) { return nil, cause },
			"body read": func(r *http.Request) (*http.Response, error) {
				_, _ = io.Copy(io.Discard, r.Body)
				return nil, cause
			},
		} {
			c := client(t, "http://localhost:1", agentphone.WithHTTPClient(&http.Client{Transport: rt}))
			_, err := c.CreateCall(t.Context(), request(ordinary))
			if agentphone.FateOf(err) != agentphone.FateUnknown || !errors.Is(err, cause) {
				t.Errorf("%s, %v: %v (%v)", name, cause, agentphone.FateOf(err), err)
			}
		}
	}
}

func TestFateOfOtherErrors(t *testing.T) {
	t.Parallel()
	if got := agentphone.FateOf(nil); got != agentphone.FateAccepted {
		t.Errorf("nil: %v", got)
	}
	if got := agentphone.FateOf(context.Canceled); got != agentphone.FateUnknown {
		t.Errorf("a stranger: %v", got)
	}
	if got := agentphone.FateOf(fmt.Errorf("x: %w", &agentphone.Error{StatusCode: 400})); got != agentphone.FateRefused {
		t.Errorf("wrapped: %v", got)
	}
	for fate, want := range map[agentphone.Fate]string{agentphone.FateUnknown: "unknown", agentphone.FateAccepted: "accepted", agentphone.FateRefused: "refused", agentphone.FateNeverSent: "never sent", 42: "unknown"} {
		if fate.String() != want {
			t.Errorf("%d: %s", fate, fate)
		}
	}
}

// TestAPostIsNeverReplayed reads whole requests from the wire and breaks the
// connection in the ways after which net/http may try again.
func TestAPostIsNeverReplayed(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(conn net.Conn){
		"close":   func(conn net.Conn) { _ = conn.Close() },
		"reset":   func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0); _ = conn.Close() },
		"partial": func(conn net.Conn) { _, _ = io.WriteString(conn, "HTTP/1.1 20"); _ = conn.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			posts := map[string]int{}
			addr := listen(t, func(conn net.Conn) {
				r := bufio.NewReader(conn)
				for {
					req, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					body, err := io.ReadAll(req.Body)
					if err != nil {
						return
					}
					if req.Method == http.MethodPost {
						mu.Lock()
						posts[string(body)]++
						mu.Unlock()
						end(conn)
						return
					}
					_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"data\":{}}")
				}
			})
			c := client(t, "http://"+addr)
			for i := range 10 {
				// Leaves a connection idle that the POST could reuse.
				if _, err := c.GetCall(t.Context(), "x"); err != nil {
					t.Fatal(err)
				}
				req := request(ordinary)
				req.Objective = fmt.Sprint("call ", i)
				_, err := c.CreateCall(t.Context(), req)
				if got := agentphone.FateOf(err); err == nil || got != agentphone.FateUnknown {
					t.Errorf("%v (%v)", got, err)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			if len(posts) != 10 {
				t.Errorf("%d different POSTs", len(posts))
			}
			for body, n := range posts {
				if n != 1 {
					t.Errorf("%d times %s", n, body)
				}
			}
		})
	}
}

// TestAPostCannotBeRewound looks at what a transport gets to see: nothing that
// net/http, or any other transport, could use to send it again.
func TestAPostCannotBeRewound(t *testing.T) {
	t.Parallel()
	rt := roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.GetBody != nil || r.Header.Get("Idempotency-Key") != "" || r.Header.Get("X-Idempotency-Key") != "" {
			t.Error("net/http may replay it")
		}
		first, err := io.ReadAll(r.Body)
		if err != nil || int64(len(first)) != r.ContentLength || !bytes.Contains(first, []byte(ordinary)) {
			t.Errorf("body %q, length %d, %v", first, r.ContentLength, err)
		}
		if again, _ := io.ReadAll(r.Body); len(again) != 0 {
			t.Errorf("read again: %q", again)
		}
		return nil, io.ErrUnexpectedEOF
	})
	_, err := client(t, "http://localhost:1", agentphone.WithHTTPClient(&http.Client{Transport: rt})).CreateCall(t.Context(), request(ordinary))
	if agentphone.FateOf(err) != agentphone.FateUnknown {
		t.Errorf("%v", err)
	}
}

func TestAPostOverHTTP2IsNotReplayed(t *testing.T) {
	t.Parallel()
	var posts atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("over %s", r.Proto)
		}
		posts.Add(1)
		panic(http.ErrAbortHandler)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	_, err := client(t, s.URL, agentphone.WithHTTPClient(s.Client())).CreateCall(t.Context(), request(ordinary))
	if agentphone.FateOf(err) != agentphone.FateUnknown || posts.Load() != 1 {
		t.Errorf("%d POSTs: %v", posts.Load(), err)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	for _, code := range []int{301, 302, 303, 307, 308} {
		var here atomic.Int32
		c := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			here.Add(1)
			w.Header().Set("Location", other.URL)
			w.WriteHeader(code)
		})
		_, create := c.CreateCall(t.Context(), request(ordinary))
		_, get := c.GetCall(t.Context(), "x")
		for _, err := range []error{create, get} {
			var answer *agentphone.Error
			if !errors.As(err, &answer) || answer.StatusCode != code || agentphone.FateOf(err) != agentphone.FateUnknown {
				t.Errorf("%d: %v", code, err)
			}
		}
		if here.Load() != 2 {
			t.Errorf("%d: %d requests", code, here.Load())
		}
	}
	if elsewhere.Load() != 0 {
		t.Errorf("%d requests elsewhere", elsewhere.Load())
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// listen serves raw connections until the test ends and returns the address.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			wg.Go(func() {
				defer func() { _ = conn.Close() }()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, conn := range conns {
			_ = conn.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
	return l.Addr().String()
}

// brokenConn is a connection that opens and then does not take a byte.
type brokenConn struct{ net.Conn }

func (brokenConn) Write([]byte) (int, error) { return 0, syscall.ECONNRESET }

func TestUnknownOnceAConnectionIsOpen(t *testing.T) {
	t.Parallel()
	addr := listen(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	c := client(t, "http://"+addr, agentphone.WithHTTPClient(&http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return brokenConn{conn}, err
		},
	}}))
	_, err := c.CreateCall(t.Context(), request(ordinary))
	if got := agentphone.FateOf(err); got != agentphone.FateUnknown || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v (%v)", got, err)
	}
}
