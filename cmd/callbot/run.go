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

type runCmd struct {
	WhileInput bool `hidden:"" help:"Run no longer than standard input is open, such as a pipe of whoever started it."`
}

// Help is the table of variables.
func (runCmd) Help() string {
	return "Environment variables, their defaults, and what they are:\n\n" + variableTable()
}

// shutdownWithin is how long what is under way may take after a signal: whoever sent it
// waits ten seconds before they kill.
const shutdownWithin = 9 * time.Second

// Run runs the bot until it is told to stop.
func (c runCmd) Run() error {
	s, err := loadSettings()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if c.WhileInput {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // that it ends is all there is to know
			cancel()
		}()
	}
	return s.hidden.error(s.run(ctx))
}

// run runs the bot until it is told to stop, or ctx is done.
func (s settings) run(ctx context.Context) error {
	log := newLogger(s, os.Stderr)
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The database first: what is wrong with DATABASE_URL is told before anybody is asked.
	bot, err := newInstance(ctx, s, log)
	if ctx.Err() != nil {
		return nil // it was stopped before it had begun
	}
	if err != nil {
		return err
	}
	health, err := listenHealth(ctx, s, log)
	if err == nil {
		defer health.close()
		err = bot.checkToken(ctx)
	}
	if err != nil || ctx.Err() != nil {
		bot.close()
		return err
	}
	return serve(ctx, stop, bot, health, log)
}

// serve runs the bot until it ends or ctx does, and not much longer, and closes it.
func serve(ctx context.Context, stop context.CancelFunc, bot *instance, health *health, log *slog.Logger) error {
	log.Info("callbot is running; stop it with Ctrl-C")
	health.serve(bot.checks()...)
	done := make(chan error, 1)
	go func() {
		defer health.broken()
		done <- bot.run(ctx)
	}()
	select {
	case err := <-done:
		bot.close()
		return err
	case <-ctx.Done():
	}
	stop() // a second signal ends the process at once
	health.stop()
	log.Info("stopping: finishing what is under way")
	select {
	case err := <-done:
		bot.close()
		return err
	case <-time.After(shutdownWithin):
		log.Warn("stopped before everything under way had finished; it is still due, and goes on at the next start")
		return nil
	}
}

// newLogger logs to w, as text for people at a terminal and as JSON for machines.
func newLogger(s settings, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.logLevel, ReplaceAttr: s.readable}
	if s.logFormat == "json" || s.logFormat == "" && !isTerminal(w) {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// readable writes durations as people do, where JSON would have nanoseconds, and leaves
// out what is nothing and what is secret.
func (s settings) readable(_ []string, a slog.Attr) slog.Attr {
	switch {
	case a.Value.Kind() == slog.KindDuration:
		return slog.String(a.Key, a.Value.Duration().String())
	case a.Value.Kind() == slog.KindAny && a.Value.Any() == nil:
		return slog.Attr{}
	}
	return s.hidden.attr(a)
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
