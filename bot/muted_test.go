package bot

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

// TestWhatWaitsWhileARefusedTokenIsTried waits for the answer, not as long as after a refusal.
func TestWhatWaitsWhileARefusedTokenIsTried(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	p := NewPublisher(PublisherConfig{Now: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler)})
	refuse := func(context.Context) error { return slack.SlackErrorResponse{Err: "token_revoked"} }
	held := func() time.Duration {
		t.Helper()
		err, ok := errors.AsType[*heldError](p.muted())
		if !ok {
			t.Fatal("nothing is held back")
		}
		return err.until.Sub(now)
	}
	_ = p.ask(t.Context(), "chat.update", "C1", refuse)
	if got := held(); got != tokenWait {
		t.Errorf("after a refusal all waits for %s", got)
	}
	now = now.Add(tokenWait)
	if err := p.muted(); err != nil {
		t.Errorf("nothing is let through to try: %v", err)
	}
	if got := held(); got < requestTimeout || got > tokenWait/4 {
		t.Errorf("while one tries all else waits for %s", got)
	}
	_ = p.ask(t.Context(), "chat.update", "C1", refuse)
	if got := held(); got != tokenWait {
		t.Errorf("after another refusal all waits for %s", got)
	}
}
