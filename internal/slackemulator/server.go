package slackemulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// ServeHTTP serves the Web API, the upload and download of files, the response
// URLs and the Socket Mode links.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mux.ServeHTTP(w, r)
}

func (e *Emulator) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", e.serveAPI)
	mux.HandleFunc("GET /link/", e.serveLink)
	mux.HandleFunc("POST /upload/v1/{ticket}", e.serveUpload)
	mux.HandleFunc("GET /files-pri/{file}/{name}", e.serveFile)
	mux.HandleFunc("POST /commands/{team}/{id}/{secret}", e.serveResponseURL)
	mux.HandleFunc("POST /actions/{team}/{id}/{secret}", e.serveResponseURL)
	return mux
}

// Server is an [Emulator] that listens on 127.0.0.1.
type Server struct {
	*Emulator
	http *http.Server
	done chan struct{}
}

// Listen makes a workspace and serves it on a free port of 127.0.0.1, until
// Close or until ctx ends.
func Listen(ctx context.Context, opts ...Option) (*Server, error) {
	e, err := New(opts...)
	if err != nil {
		return nil, err
	}
	return e.Listen(ctx, "127.0.0.1:0")
}

// Listen serves the workspace on addr, which must be a loopback address.
func (e *Emulator) Listen(ctx context.Context, addr string) (*Server, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("listening for the emulated Slack: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("listening for the emulated Slack: %q is not a loopback address", host)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening for the emulated Slack: %w", err)
	}
	e.mu.Lock()
	e.baseURL = "http://" + l.Addr().String()
	e.mu.Unlock()
	s := &Server{
		Emulator: e,
		http:     &http.Server{Handler: e, ReadHeaderTimeout: 10 * time.Second},
		done:     make(chan struct{}),
	}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			e.log.ErrorContext(ctx, "the emulated Slack stopped serving", "error", err)
		}
	}()
	context.AfterFunc(ctx, func() { _ = s.Close() })
	return s, nil
}

// TB is the part of testing.TB that [NewServer] needs.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(f func())
}

// NewServer starts a server that is closed when the test ends.
func NewServer(tb TB, opts ...Option) *Server {
	tb.Helper()
	s, err := Listen(context.Background(), opts...)
	if err != nil {
		tb.Fatalf("starting the emulated Slack: %v", err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return s
}

// Close cuts all links and connections and stops listening.
func (s *Server) Close() error {
	s.shut()
	err := s.http.Close()
	<-s.done
	return err
}

// shut cuts the links and keeps timers that still fire from doing anything.
func (e *Emulator) shut() {
	e.mu.Lock()
	links := e.links
	e.links, e.closed = nil, true
	e.wake()
	e.mu.Unlock()
	for _, l := range links {
		l.cut()
	}
}
