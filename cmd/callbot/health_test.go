package main

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
)

// TestHealthAddress: an address that was asked for must be had, the default one need not.
func TestHealthAddress(t *testing.T) {
	var listen net.ListenConfig
	taken, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	addr := taken.Addr().String()

	var logged bytes.Buffer
	log := slog.New(slog.NewTextHandler(&logged, nil))
	h, err := listenHealth(t.Context(), settings{httpAddr: addr}, log)
	if h != nil || err != nil || !strings.Contains(logged.String(), "level=WARN") || !strings.Contains(logged.String(), "set CALLBOT_HTTP_ADDR") {
		t.Errorf("the default: %v %v %s", h, err, logged.String())
	}
	h.serve() // what is off can be told everything
	h.stop()
	h.broken()
	h.close()

	_, err = listenHealth(t.Context(), settings{httpAddr: addr, httpAddrChosen: true}, log)
	if err == nil || !strings.Contains(err.Error(), `CALLBOT_HTTP_ADDR is "`+addr+`"`) {
		t.Errorf("asked for: %v", err)
	}
	if h, err := listenHealth(t.Context(), settings{}, log); h != nil || err != nil {
		t.Errorf("off: %v %v", h, err)
	}
}

// TestLogsAreReadable: durations as text also in JSON, and nothing about nothing.
func TestLogsAreReadable(t *testing.T) {
	var out bytes.Buffer
	log := newLogger(settings{logFormat: "json"}, &out)
	log.Info("said", slog.Duration("retry_in", 1500e6), slog.Any("error", nil))
	if got := out.String(); !strings.Contains(got, `"retry_in":"1.5s"`) || strings.Contains(got, "error") {
		t.Error(got)
	}
	out.Reset()
	log.Info("said", slog.Any("error", errors.New("broken")))
	if got := out.String(); !strings.Contains(got, `"error":"broken"`) {
		t.Error(got)
	}
}
