package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// health tells over HTTP how the program is: /healthz whether it works, /readyz
// whether it can do what people ask of it. Neither tells anything about calls.
//
// Why two: what restarts a program that is broken must not restart one that waits for
// Slack or for its database, since a restart mends neither.
type health struct {
	checks   []check
	listener net.Listener
	server   *http.Server
	log      *slog.Logger
	// working is true while the loops run, stopping from the signal on.
	working, stopping atomic.Bool
}

// check is one condition of being ready; the error says in words what is not as it
// should be.
type check struct {
	name string
	test func(context.Context) error
}

// checkWithin bounds what /readyz waits for.
const checkWithin = 2 * time.Second

// listenHealth has the address, and answers on it until [health.close]. It is nil
// where there is no address, or where the default one is taken: several replicas may
// run on one machine. An address that was asked for must be had.
func listenHealth(ctx context.Context, s settings, log *slog.Logger) (*health, error) {
	if s.httpAddr == "" {
		return nil, nil
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", s.httpAddr)
	switch {
	case err == nil:
	case !s.httpAddrChosen && errors.Is(err, syscall.EADDRINUSE):
		log.Warn("the default address for /healthz and /readyz is in use, so this process does without; set CALLBOT_HTTP_ADDR to give it one of its own", slog.String("addr", s.httpAddr))
		return nil, nil
	default:
		return nil, fmt.Errorf("CALLBOT_HTTP_ADDR is %q, and this process cannot have that address: %w. Name another one, or off", s.httpAddr, cause(err))
	}
	h := &health{listener: l, log: log}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", h.healthz)
	mux.HandleFunc("GET /readyz", h.readyz)
	h.server = &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	return h, nil
}

// cause is what went wrong with a socket, without the address and the names of calls.
func cause(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

// serve answers in the background with these checks.
func (h *health) serve(checks ...check) {
	if h == nil {
		return
	}
	h.checks = checks
	h.working.Store(true)
	h.log.Info("health is told at /healthz and /readyz", slog.String("addr", h.listener.Addr().String()))
	go func() {
		if err := h.server.Serve(h.listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			h.log.Error("health is no longer told", slog.Any("error", err))
		}
	}()
}

// stop makes it not ready, for good.
func (h *health) stop() {
	if h != nil {
		h.stopping.Store(true)
	}
}

// broken makes it not healthy: the loops have ended.
func (h *health) broken() {
	if h != nil {
		h.working.Store(false)
	}
}

// close gives the address back, after a moment for the answers under way.
func (h *health) close() {
	if h == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if h.server.Shutdown(ctx) != nil {
		_ = h.server.Close() // whoever still asks has had a second
	}
	_ = h.listener.Close() // served or not
}

func (h *health) healthz(w http.ResponseWriter, _ *http.Request) {
	if !h.working.Load() {
		answer(w, http.StatusServiceUnavailable, "stopped\n")
		return
	}
	answer(w, http.StatusOK, "ok\n")
}

// readyz answers a line for the whole, and one for each check.
func (h *health) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), checkWithin)
	defer cancel()
	status, whole := http.StatusOK, "ready"
	var lines strings.Builder
	tell := func(name string, err error) {
		said := "ok"
		if err != nil {
			status, whole, said = http.StatusServiceUnavailable, "not ready", err.Error()
		}
		_, _ = fmt.Fprintf(&lines, "%s: %s\n", name, said) // a strings.Builder takes everything
	}
	for _, c := range h.checks {
		tell(c.name, c.test(ctx))
	}
	var stopping error
	if h.stopping.Load() {
		stopping = errors.New("it was told to stop")
	}
	tell("running", stopping)
	answer(w, status, whole+"\n"+lines.String())
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // whoever asked may have gone
}
