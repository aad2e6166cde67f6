package bot_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/bot"
	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/store"
)

// TestACardTurnsByItself: at nine in the evening it offers something else, and at eight
// in the morning again, although nobody touched the call.
func TestACardTurnsByItself(t *testing.T) {
	var clock atomic.Pointer[time.Time]
	set := func(at time.Time) { clock.Store(&at) }
	now := func() time.Time { return *clock.Load() }
	evening := time.Date(2026, 11, 25, 4, 50, 0, 0, time.UTC) // 8:50 PM in San Francisco
	set(evening)
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "callbot.db"), store.WithClock(now))
	if err != nil {
		t.Fatal(err)
	}
	quiet, err := call.ParseHours("21:00-08:00")
	if err != nil {
		t.Fatal(err)
	}
	all, err := phone.ParseCountries("*")
	if err != nil {
		t.Fatal(err)
	}
	slack := &channel{changed: make(chan struct{})}
	publisher := bot.NewPublisher(bot.PublisherConfig{
		Slack: slack, Outbox: db, Refresh: time.Hour, Redact: time.Millisecond, Quiet: quiet, Now: now, Logger: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- publisher.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	n, err := phone.ParseE164("+14155550132")
	if err != nil {
		t.Fatal(err)
	}
	svc := call.NewService(db, call.Rules{Countries: all, Quiet: quiet}, 24*time.Hour, now)
	if _, err := svc.Request(t.Context(), "k", call.Request{Requester: "U1", Number: n, Objective: "Ask"}, call.Origin{Conversation: "C1"}); err != nil {
		t.Fatal(err)
	}
	// Whoever published has let go of the card, so that no lease ends with the jump.
	settled := func() {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) { // between two looks
			next, err := db.NextPublication(t.Context())
			if err == nil && next.After(now().Add(time.Minute)) {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("it is to be published at %v, and now it is %v: %v", next, now(), err)
			}
		}
	}
	slack.until(t, "post", "8:50 PM when this card was made")
	settled()
	set(evening.Add(10 * time.Minute))
	slack.until(t, "update", "It is 9:00 PM in San Francisco, CA. ")
	settled()
	set(evening.Add(11*time.Hour + 10*time.Minute))
	slack.until(t, "update", "8:50 PM when this card was made")
}
