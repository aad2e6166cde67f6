package slackemulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

func TestSlowSubscriberHoldsNobodyUpAndMissesNothing(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	ops := srv.AddChannel("#ops", ana)
	events, cancel := srv.Subscribe()
	defer cancel()
	const n = 500
	for i := range n {
		if _, err := ana.Post("#ops", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	last := ""
	for i := range n {
		ev := <-events
		if ev.Seq != i+1 || ev.Kind != slackemulator.MessagePosted || ev.User != "ana" || ev.Channel != "#ops" || ev.Message.Text != fmt.Sprint(i) {
			t.Fatalf("event %d = %+v", i, ev)
		}
		if ev.Message.TS <= last {
			t.Fatalf("ts %s does not follow %s", ev.Message.TS, last)
		}
		last = ev.Message.TS
	}
	cancel()
	if _, open := <-events; open {
		t.Error("the subscription goes on after its end")
	}
	if got := srv.Events(n - 2); len(got) != 2 || got[0].Seq != n-1 {
		t.Errorf("events since %d = %v", n-2, got)
	}
	if _, err := json.Marshal(srv.Events(n - 1)); err != nil {
		t.Errorf("events are not JSON: %v", err)
	}
	short, stop := context.WithCancel(t.Context())
	stop()
	if _, err := srv.WaitEvents(short, n); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled wait: %v", err)
	}
	if _, err := ops.WaitMessage(short, slackemulator.Contains("never")); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled wait: %v", err)
	}
}

func TestDeletedMessages(t *testing.T) {
	srv := newServer(t)
	ops := srv.AddChannel("#ops")
	post := func(a args) args {
		a["channel"], a["text"] = ops.ID(), "x"
		return callJSON(t, srv, "chat.postMessage", a)
	}
	lonely, root := mustOK(t, post(args{}))["ts"].(string), mustOK(t, post(args{}))["ts"].(string)
	mustOK(t, post(args{"thread_ts": root}))
	for _, ts := range []string{lonely, root} {
		m, err := ops.Message(ts)
		if err != nil {
			t.Fatal(err)
		}
		m.Delete()
		wantError(t, callJSON(t, srv, "chat.update", args{"channel": ops.ID(), "ts": ts, "text": "y"}), "message_not_found")
	}
	wantError(t, post(args{"thread_ts": lonely}), "thread_not_found")
	mustOK(t, post(args{"thread_ts": root}))
	if left := ops.Messages(); len(left) != 1 || left[0].TS != root || !left[0].Deleted {
		t.Errorf("%d messages are left, want the one that starts a thread, deleted", len(left))
	}
}

func TestListenOnLoopbackOnlyAndUntilTheContextEnds(t *testing.T) {
	e, err := slackemulator.New()
	if err != nil {
		t.Fatal(err)
	}
	if s, err := e.Listen(t.Context(), "0.0.0.0:0"); err == nil {
		_ = s.Close()
		t.Error("it listens on all addresses")
	}
	ctx, cancel := context.WithCancel(t.Context())
	srv, err := slackemulator.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	mustOK(t, callForm(t, srv, "auth.test", srv.BotToken(), nil))
	w, _ := connect(t, srv)
	cancel()
	if msg := w.next(); msg != nil {
		t.Errorf("the link still brings %v", msg)
	}
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.APIURL()+"auth.test", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); err == nil {
		closeBody(t, resp)
		t.Error("it still answers")
	}
	if _, err := slackemulator.New(slackemulator.WithManifest([]byte("features: {}"))); err == nil {
		t.Error("a manifest without a name was taken")
	}
}

func TestDelay(t *testing.T) {
	srv := newServer(t)
	srv.Delay("auth.test", time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.APIURL()+"auth.test", nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); err == nil {
		closeBody(t, resp)
		t.Error("a call that is held was answered")
	}
	srv.Delay("auth.test", 0)
	mustOK(t, callForm(t, srv, "auth.test", srv.BotToken(), nil))
}
