package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

type runCmd struct{}

// Help is the table of variables.
func (runCmd) Help() string {
	return "Environment variables, their defaults, and what they are:\n\n" + variableTable()
}

// shutdownWithin is how long what is under way may take after a signal.
const shutdownWithin = 10 * time.Second

// Run runs the bot until it is told to stop.
func (runCmd) Run() error {
	s, err := loadSettings()
	if err != nil {
		return err
	}
	log := newLogger(s, os.Stderr)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	bot, err := newInstance(ctx, s, log)
	if ctx.Err() != nil {
		return nil // it was stopped before it had begun
	}
	if err != nil {
		return err
	}
	log.Info("callbot is running; stop it with Ctrl-C")
	done := make(chan error, 1)
	go func() { done <- bot.run(ctx) }()
	select {
	case err = <-done:
	case <-ctx.Done():
		stop() // a second signal ends the process at once
		log.Info("stopping: finishing what is under way")
		select {
		case err = <-done:
		case <-time.After(shutdownWithin):
			log.Warn("stopped before everything under way had finished; it is still due, and goes on at the next start")
			return nil
		}
	}
	bot.close()
	return err
}

// newLogger logs to w, as text for people at a terminal and as JSON for machines.
func newLogger(s settings, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.logLevel}
	if s.logFormat == "json" || s.logFormat == "" && !isTerminal(w) {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// isTerminal reports whether w is a character device that somebody may be looking at.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
