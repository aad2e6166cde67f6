package socketmode_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// TestGraceEndsWithAcksDue has the grace time of a refresh end while a handler
// is at work for the old link: its ack goes out before the close frame, and
// what arrives in between is declined.
func TestGraceEndsWithAcksDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := pipe(t)
		fake.run(socketmode.Config{Links: 1, Handle: func(_ context.Context, e socketmode.Envelope) socketmode.Ack {
			if e.ID != "slow" {
				t.Errorf("handled %s", e.ID)
			}
			time.Sleep(2 * time.Second)
			return socketmode.Ack{}
		}})
		old := fake.next()
		old.disconnect("refresh_requested")
		fake.next()
		time.Sleep(29 * time.Second)
		old.send(slash("slow"))
		time.Sleep(1500 * time.Millisecond)
		old.send(slash("late"))
		if payload := old.wantAck("late"); !strings.Contains(payload, "nothing was saved") {
			t.Errorf("declined with %s", payload)
		}
		old.wantAck("slow")
		if code := old.wantGone(); code != websocket.CloseNormalClosure {
			t.Errorf("closed with code %d", code)
		}
	})
}

// TestUnwritableLink replaces a link that still delivers but takes no acks,
// without waiting for it to fall silent.
func TestUnwritableLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := pipe(t)
		fake.deaf = true
		b := fake.run(socketmode.Config{Links: 1})
		link := fake.next()
		link.send(slash("e1"))
		time.Sleep(7 * time.Second)
		if got := fake.opens.Load(); got != 2 {
			t.Errorf("%d links opened after 7s, want 2", got)
		}
		if !strings.Contains(b.log.String(), "ack lost with its link") {
			t.Errorf("no word of the lost ack:\n%s", b.log)
		}
	})
}
