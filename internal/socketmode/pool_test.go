package socketmode_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/agentphone-slack/callbot/internal/socketmode"
)

func TestPanic(t *testing.T) {
	slack := listen(t)
	b := slack.run(socketmode.Config{Links: 1, Workers: 1, Handle: func(_ context.Context, e socketmode.Envelope) socketmode.Ack {
		switch e.ID {
		case "error":
			panic(errors.New("ouch"))
		case "nil":
			var nobody *bot
			nobody.cancel()
		case "event":
			panic("ouch, xapp-hunter2")
		}
		return socketmode.Ack{}
	}})
	link := slack.next()
	for _, id := range []string{"error", "nil"} {
		link.send(slash(id))
		payload := link.wantAck(id)
		ref := regexp.MustCompile(`\(ref ([a-z0-9]{6})\)`).FindStringSubmatch(payload)
		if ref == nil || !strings.Contains(payload, `"response_type":"ephemeral"`) {
			t.Fatalf("answered %s", payload)
		}
		if log := b.log.String(); !strings.Contains(log, "ref="+ref[1]) || !strings.Contains(log, "pool_test.go") {
			t.Errorf("the log lacks the ref %s or the stack:\n%s", ref[1], log)
		}
	}
	// An event is delivered again instead, and what is recorded of it decides.
	link.send(event("event"))
	link.send(slash("probe"))
	link.wantAck("probe")
	link.wantQuiet()
}

func TestPanicAnswers(t *testing.T) {
	slack := listen(t)
	slack.run(socketmode.Config{
		Links: 1, Workers: 1,
		Handle: func(_ context.Context, e socketmode.Envelope) socketmode.Ack {
			if e.ID == "probe" {
				return socketmode.Ack{}
			}
			panic("ouch")
		},
		Panicked: func(e socketmode.Envelope, ref string) socketmode.Ack {
			if e.Type == socketmode.TypeInteractive {
				panic("again")
			}
			return socketmode.Ack{Payload: "own " + ref}
		},
	})
	link := slack.next()
	link.send(slash("e1"))
	if payload := link.wantAck("e1"); !strings.HasPrefix(payload, `"own `) {
		t.Errorf("answered %s", payload)
	}
	link.send(click("e2"))
	link.send(slash("probe"))
	link.wantAck("probe")
	link.wantQuiet()
}

// TestFullPool fills the one worker and the queue of one, and checks that the
// rest is declined, that pings are answered meanwhile, and that what was taken
// in is acked in the end.
func TestFullPool(t *testing.T) {
	slack := listen(t)
	started, release := make(chan string, 10), make(chan struct{})
	b := slack.run(socketmode.Config{Links: 1, Workers: 1, Queue: 1, Handle: func(_ context.Context, e socketmode.Envelope) socketmode.Ack {
		started <- e.ID
		<-release
		return socketmode.Ack{}
	}})
	link := slack.next()
	link.send(slash("working"))
	await(t, started, "the handler")
	link.send(slash("waiting"))
	for i := range 50 {
		link.send(event(fmt.Sprint("dropped", i)))
		link.send(click(fmt.Sprint("dropped", i)))
	}
	link.send(slash("declined"))
	if payload := link.wantAck("declined"); !strings.Contains(payload, "nothing was saved") {
		t.Errorf("declined with %s", payload)
	}
	for i := range 3 {
		data := fmt.Sprint("ping", i)
		if err := link.ws.WriteControl(websocket.PingMessage, []byte(data), time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if pong := await(t, link.pongs, "a pong"); pong != data {
			t.Errorf("pong %q, want %q", pong, data)
		}
	}
	link.wantQuiet()
	close(release)
	link.wantAck("working")
	link.wantAck("waiting")
	link.send(event("later"))
	link.wantAck("later")
	if got := strings.Count(b.log.String(), "too many Slack envelopes"); got != 1 {
		t.Errorf("%d warnings, want one:\n%s", got, b.log)
	}
	if got := slack.opens.Load(); got != 1 {
		t.Errorf("%d links opened, want the one to live", got)
	}
}

// TestFullPoolInBytes shows that a queue of large payloads is bounded too.
func TestFullPoolInBytes(t *testing.T) {
	slack := listen(t)
	release := make(chan struct{})
	started := make(chan struct{}, 100)
	slack.run(socketmode.Config{Links: 1, Workers: 1, Queue: 100, MaxMessage: 1000, Handle: func(context.Context, socketmode.Envelope) socketmode.Ack {
		started <- struct{}{}
		<-release
		return socketmode.Ack{}
	}})
	link := slack.next()
	large := func(id string) string {
		return fmt.Sprintf(`{"envelope_id":%q,"type":"slash_commands","accepts_response_payload":true,"payload":%q}`, id, strings.Repeat("x", 850))
	}
	for i := range 10 {
		link.send(large(fmt.Sprint("e", i)))
	}
	// 9 × 852 bytes fit into 8 × 1000.
	if payload := link.wantAck("e9"); !strings.Contains(payload, "nothing was saved") {
		t.Errorf("declined with %s", payload)
	}
	close(release)
	for i := range 9 {
		link.wantAck(fmt.Sprint("e", i))
	}
	link.send(large("later"))
	link.wantAck("later")
}

// TestShutdownFlushesAcks stops while one handler is at work and another
// envelope waits: both are acked before the close frame, and what comes after
// the stop is declined.
func TestShutdownFlushesAcks(t *testing.T) {
	shutdown := func(t *testing.T, fake *fakeSlack, stopped func(*bot)) {
		started, release := make(chan string, 10), make(chan struct{})
		b := fake.run(socketmode.Config{Workers: 1, Handle: func(ctx context.Context, e socketmode.Envelope) socketmode.Ack {
			started <- e.ID
			<-release
			if ctx.Err() != nil {
				t.Errorf("%s: the handler's context ended with Run's: %v", e.ID, ctx.Err())
			}
			return socketmode.Ack{Payload: e.ID}
		}})
		one, two := fake.next(), fake.next()
		one.send(slash("working"))
		await(t, started, "the handler")
		two.send(slash("waiting"))
		two.send(`{"envelope_id":"marker","type":"unknown"}`)
		two.wantAck("marker") // so waiting is queued
		b.cancel()
		stopped(b)
		close(release)
		if got := one.wantAck("working"); got != `"working"` {
			t.Errorf("payload %s", got)
		}
		if got := two.wantAck("waiting"); got != `"waiting"` {
			t.Errorf("payload %s", got)
		}
		if err := b.wait(); err != nil {
			t.Errorf("Run returned %v", err)
		}
		for _, l := range []*slackLink{one, two} {
			if code := l.wantGone(); code != websocket.CloseNormalClosure {
				t.Errorf("closed with code %d", code)
			}
			l.wantQuiet()
		}
	}
	t.Run("real sockets", func(t *testing.T) {
		shutdown(t, listen(t), func(*bot) {})
	})
	t.Run("more arrives", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := pipe(t)
			shutdown(t, fake, func(b *bot) {
				synctest.Wait()
				if b.client.Ready() {
					t.Error("still ready")
				}
				for l := range fake.all() {
					l.send(slash("late"))
					if got := l.wantAck("late"); !strings.Contains(got, "nothing was saved") {
						t.Errorf("declined with %s", got)
					}
				}
			})
		})
	})
}
