package socketmode_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// TestRefreshLeavesNoGap follows one refresh step by step, and has envelopes on
// every link at every step.
func TestRefreshLeavesNoGap(t *testing.T) {
	for _, reason := range []string{"refresh_requested", "warning"} {
		t.Run(reason, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { refreshStepByStep(t, reason) })
		})
	}
}

func refreshStepByStep(t *testing.T, reason string) {
	fake := pipe(t)
	b := fake.run(socketmode.Config{})
	old, other := fake.next(), fake.next()
	n := 0
	exchange := func(links ...*slackLink) {
		t.Helper()
		for _, l := range links {
			n++
			l.send(slash(fmt.Sprint("e", n)))
		}
		for i, l := range links {
			l.wantAck(fmt.Sprint("e", n-len(links)+1+i))
		}
		synctest.Wait()
		for _, l := range links {
			l.wantQuiet()
		}
	}
	exchange(old, other)

	fake.greeting = nil // hold the replacement's hello back
	old.disconnect(reason)
	replacement := fake.next()
	exchange(old, other)
	time.Sleep(9 * time.Second)
	exchange(old, other)
	replacement.send(hello)
	exchange(old, other, replacement)
	time.Sleep(29 * time.Second)
	exchange(old, other, replacement)
	time.Sleep(2 * time.Second)
	if code := old.wantGone(); code != websocket.CloseNormalClosure {
		t.Errorf("the old link was closed with code %d", code)
	}
	exchange(other, replacement)
	if got := fake.opens.Load(); got != 3 {
		t.Errorf("%d links opened, want 3", got)
	}
	if !strings.Contains(b.log.String(), `msg="Slack link refreshed"`) {
		t.Errorf("no word of the refresh:\n%s", b.log)
	}
}

// TestRefreshesUnderLoad refreshes a link ten times on real sockets while every
// link that is up keeps sending. Nothing may be lost or acked twice.
func TestRefreshesUnderLoad(t *testing.T) {
	slack := listen(t)
	slack.run(socketmode.Config{RefreshGrace: time.Minute, OpenBurst: 100, Queue: 10_000})
	current, other := slack.next(), slack.next()
	sent := map[*slackLink]int{}
	burst := func(links ...*slackLink) {
		for range 20 {
			for _, l := range links {
				l.send(event(fmt.Sprint("e", sent[l])))
				sent[l]++
			}
		}
	}
	for range 10 {
		burst(current, other)
		current.disconnect("refresh_requested")
		burst(current, other)
		replacement := slack.next()
		burst(current, other, replacement)
		current = replacement
	}
	for l, n := range sent {
		acked := map[string]bool{}
		for range n {
			text := await(t, l.got, "an ack")
			if acked[text] {
				t.Fatalf("acked twice: %s", text)
			}
			acked[text] = true
		}
		l.wantQuiet()
	}
}

// TestRefreshClosedBySlack has Slack close the old link while a handler is at
// work for it: the client lives on, and the replacement works.
func TestRefreshClosedBySlack(t *testing.T) {
	slack := listen(t)
	slack.run(socketmode.Config{Links: 1})
	old := slack.next()
	old.disconnect("refresh_requested")
	replacement := slack.next()
	if err := old.ws.Close(); err != nil {
		t.Fatal(err)
	}
	replacement.send(slash("e1"))
	replacement.wantAck("e1")
	if got := slack.opens.Load(); got != 2 {
		t.Errorf("%d links opened, want 2", got)
	}
}

func TestAbruptClose(t *testing.T) {
	slack := listen(t)
	b := slack.run(socketmode.Config{})
	one, two := slack.next(), slack.next()
	if err := one.ws.NetConn().Close(); err != nil {
		t.Fatal(err)
	}
	two.send(slash("e1"))
	two.wantAck("e1")
	again := slack.next()
	again.send(slash("e2"))
	again.wantAck("e2")
	if !strings.Contains(b.log.String(), `msg="Slack link lost"`) {
		t.Errorf("no word of the loss:\n%s", b.log)
	}
}

func TestOpenFails(t *testing.T) {
	tests := []struct {
		name   string
		answer func(w http.ResponseWriter, r *http.Request)
		after  time.Duration // at the least
	}{
		{name: "500", answer: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }},
		{name: "HTML", answer: func(w http.ResponseWriter, _ *http.Request) { answer(w, "<html>") }},
		{name: "internal_error", answer: func(w http.ResponseWriter, _ *http.Request) { answer(w, `{"ok":false,"error":"internal_error"}`) }},
		{name: "no address", answer: func(w http.ResponseWriter, _ *http.Request) { answer(w, `{"ok":true}`) }},
		{name: "bad ticket", answer: func(w http.ResponseWriter, r *http.Request) {
			answer(w, `{"ok":true,"url":"ws://`+r.Host+`/link?ticket=hunter2"}`)
		}},
		{name: "nobody there", answer: func(w http.ResponseWriter, _ *http.Request) {
			answer(w, `{"ok":true,"url":"ws://127.0.0.1:1/link?ticket=hunter2"}`)
		}},
		{name: "unparsable address", answer: func(w http.ResponseWriter, _ *http.Request) {
			answer(w, `{"ok":true,"url":"ws://%zz/?ticket=hunter2"}`)
		}},
		{name: "time-out", answer: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, after: 200 * time.Millisecond},
		{name: "429", answer: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		}, after: time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			slack := listen(t)
			slack.open = func(n int64, w http.ResponseWriter, r *http.Request) bool {
				if n == 1 {
					tt.answer(w, r)
				}
				return n == 1
			}
			start := time.Now()
			b := slack.run(socketmode.Config{Links: 1, OpenTimeout: 200 * time.Millisecond})
			slack.next()
			if took := time.Since(start); took < tt.after {
				t.Errorf("tried again after %s, want at least %s", took, tt.after)
			}
			if !strings.Contains(b.log.String(), `msg="Slack link not opened"`) {
				t.Errorf("no word of the failure:\n%s", b.log)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	tests := []struct{ code, says string }{
		{"invalid_auth", "SLACK_APP_TOKEN"},
		{"not_authed", "SLACK_APP_TOKEN"},
		{"token_revoked", "SLACK_APP_TOKEN"},
		{"token_expired", "SLACK_APP_TOKEN"},
		{"account_inactive", "SLACK_APP_TOKEN"},
		{"missing_scope", "connections:write"},
		{"not_allowed_token_type", "xapp-"},
		{"team_disabled", "workspace"},
		{"access_denied", "administrator"},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			slack := listen(t)
			slack.open = func(_ int64, w http.ResponseWriter, _ *http.Request) bool {
				answer(w, fmt.Sprintf(`{"ok":false,"error":%q}`, tt.code))
				return true
			}
			wantRefused(t, slack.run(socketmode.Config{}).wait(), tt.code, tt.says)
			if got := slack.opens.Load(); got > 2 {
				t.Errorf("asked %d times", got)
			}
		})
	}

	t.Run("while connected", func(t *testing.T) {
		slack := listen(t)
		slack.open = func(n int64, w http.ResponseWriter, _ *http.Request) bool {
			if n > 2 {
				answer(w, `{"ok":false,"error":"token_revoked"}`)
			}
			return n > 2
		}
		b := slack.run(socketmode.Config{})
		one, two := slack.next(), slack.next()
		_ = one.ws.NetConn().Close()
		wantRefused(t, b.wait(), "token_revoked", "SLACK_APP_TOKEN")
		if code := two.wantGone(); code != websocket.CloseNormalClosure {
			t.Errorf("the other link was closed with code %d", code)
		}
		if b.client.Ready() || b.client.Connected() != 0 {
			t.Error("still ready")
		}
	})

	t.Run("link_disabled", func(t *testing.T) {
		slack := listen(t)
		b := slack.run(socketmode.Config{})
		slack.next()
		slack.next().disconnect("link_disabled")
		wantRefused(t, b.wait(), "link_disabled", "Socket Mode")
	})

	t.Run("link_disabled before hello", func(t *testing.T) {
		slack := listen(t)
		slack.greeting = []string{`{"type":"disconnect","reason":"link_disabled"}`}
		wantRefused(t, slack.run(socketmode.Config{}).wait(), "link_disabled", "Socket Mode")
	})
}

func wantRefused(t *testing.T, err error, code, says string) {
	t.Helper()
	var refused *socketmode.RefusedError
	if !errors.As(err, &refused) || refused.Code != code || !strings.Contains(err.Error(), says) {
		t.Errorf("Run returned %v, want a refusal with code %s that says %s", err, code, says)
	}
	if strings.Contains(fmt.Sprint(err), "hunter2") {
		t.Errorf("a secret is in the error: %v", err)
	}
}

func TestUnencryptedLinks(t *testing.T) {
	tests := []struct{ api, address string }{
		{"", "ws://127.0.0.1:1/?ticket=hunter2"},
		{"https://slack.com/api/", "ws://localhost:1/?ticket=hunter2"},
		{"http://127.0.0.1:1/", "ws://wss-primary.slack.com/?ticket=hunter2"},
		{"http://127.0.0.1:1/", "ws://127.0.0.1.example.com/?ticket=hunter2"},
		{"http://127.0.0.1:1/", "http://127.0.0.1:1/?ticket=hunter2"},
		{"http://10.0.0.1/", "ws://10.0.0.1/?ticket=hunter2"},
		{"http://127.0.0.1:1/", "//127.0.0.1/?ticket=hunter2"},
	}
	for _, tt := range tests {
		t.Run(tt.api+" "+strings.TrimSuffix(tt.address, "?ticket=hunter2"), func(t *testing.T) {
			client := socketmode.New(socketmode.Config{
				Open: openerFunc(func(context.Context) (string, error) { return tt.address, nil }), Handle: plainAck, APIURL: tt.api, Logger: slog.New(slog.DiscardHandler),
			})
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			wantRefused(t, client.Run(ctx), "insecure_url", "SLACK_API_URL")
		})
	}
}

func TestGhostWarning(t *testing.T) {
	slack := listen(t)
	slack.greeting = []string{`{"type":"hello","num_connections":5}`}
	b := slack.run(socketmode.Config{Links: 1})
	_ = slack.next().ws.NetConn().Close()
	again := slack.next()
	again.send(slash("e1"))
	again.wantAck("e1")
	if got := strings.Count(b.log.String(), "ghost registrations swallow clicks"); got != 1 {
		t.Errorf("warned %d times, want once:\n%s", got, b.log)
	}
}

// TestNoGhostWhileALinkOpens: a link that is being opened may count at Slack already.
func TestNoGhostWhileALinkOpens(t *testing.T) {
	slack := listen(t)
	slack.greeting = nil
	var links atomic.Int64
	second, release := make(chan struct{}), make(chan struct{})
	slack.arriving = func() {
		if links.Add(1) == 2 {
			close(second)
			select {
			case <-release:
			case <-t.Context().Done():
			}
		}
	}
	b := slack.run(socketmode.Config{})
	const both = `{"type":"hello","num_connections":2}`
	one := slack.next()
	await(t, second, "the second link")
	one.send(both)
	one.send(slash("e1"))
	one.wantAck("e1")
	close(release)
	two := slack.next()
	two.send(both)
	two.send(slash("e2"))
	two.wantAck("e2")
	if log := b.log.String(); strings.Contains(log, "ghost") {
		t.Errorf("warned of its own link:\n%s", log)
	}
}

func TestReady(t *testing.T) {
	slack := listen(t)
	slack.greeting = nil
	b := slack.run(socketmode.Config{})
	one, two := slack.next(), slack.next()
	if b.client.Ready() {
		t.Error("ready before hello")
	}
	for i, l := range []*slackLink{one, two} {
		l.send(hello)
		l.send(slash("e"))
		l.wantAck("e")
		if got := b.client.Connected(); got != i+1 || !b.client.Ready() {
			t.Errorf("%d links connected, want %d", got, i+1)
		}
	}
	if err := b.stop(); err != nil {
		t.Error(err)
	}
	if b.client.Ready() || b.client.Connected() != 0 {
		t.Error("ready after the end")
	}
}

func TestConfigErrors(t *testing.T) {
	open := openerFunc(func(context.Context) (string, error) { return "", errors.New("must not be called") })
	var calls atomic.Int64
	for name, cfg := range map[string]socketmode.Config{
		"no opener":      {Handle: plainAck},
		"no handler":     {Open: open},
		"many links":     {Open: open, Handle: plainAck, Links: 11},
		"slow acks":      {Open: open, Handle: plainAck, AckDeadline: 3 * time.Second},
		"negative":       {Open: open, Handle: plainAck, Workers: -1},
		"negative grace": {Open: open, Handle: plainAck, ShutdownGrace: -1},
		"rare pings":     {Open: open, Handle: plainAck, PingInterval: time.Minute},
		"backoff":        {Open: open, Handle: plainAck, BackoffMin: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			if err := socketmode.New(cfg).Run(t.Context()); err == nil || calls.Load() != 0 {
				t.Errorf("Run returned %v after %d calls", err, calls.Load())
			}
		})
	}
}
