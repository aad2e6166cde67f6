package slackemulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/socketmode"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// wire is a bare Socket Mode connection, so that a test decides about each ack.
type wire struct {
	*websocket.Conn
	t *testing.T
}

func connect(t *testing.T, srv *slackemulator.Server) (*wire, args) {
	t.Helper()
	answer := mustOK(t, callForm(t, srv, "apps.connections.open", srv.AppToken(), nil))
	w := dial(t, answer["url"].(string))
	return w, w.next()
}

func dial(t *testing.T, address string) *wire {
	t.Helper()
	conn, resp, err := websocket.DefaultDialer.DialContext(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	closeBody(t, resp)
	t.Cleanup(func() { _ = conn.Close() })
	return &wire{conn, t}
}

// next returns the next message, nil when the connection has ended.
func (w *wire) next() args {
	w.t.Helper()
	if w.SetReadDeadline(time.Now().Add(10*time.Second)) != nil {
		return nil // closed by the test's end
	}
	_, data, err := w.ReadMessage()
	if err != nil {
		return nil
	}
	var msg args
	if err := json.Unmarshal(data, &msg); err != nil {
		w.t.Error(err) // not Fatal: some tests read in a goroutine
	}
	return msg
}

func (w *wire) ack(msg args, payload any) {
	w.t.Helper()
	ack := args{"envelope_id": msg["envelope_id"]}
	if payload != nil {
		ack["payload"] = payload
	}
	if err := w.WriteJSON(ack); err != nil {
		w.t.Error(err)
	}
}

func TestTicketIsUsedOnce(t *testing.T) {
	clock := slackemulator.NewManualClock(someDay)
	srv := newServer(t, slackemulator.WithClock(clock))
	open := func() string {
		return mustOK(t, callForm(t, srv, "apps.connections.open", srv.AppToken(), nil))["url"].(string)
	}
	used := open()
	hello := dial(t, used).next()
	if hello["type"] != "hello" || hello["num_connections"] != 1.0 || hello["connection_info"].(args)["app_id"] != srv.AppID() {
		t.Errorf("hello = %v", hello)
	}
	stale := open()
	clock.Advance(time.Minute)
	made, err := url.Parse(open())
	if err != nil {
		t.Fatal(err)
	}
	made.RawQuery = "ticket=made-up"
	for name, address := range map[string]string{"used": used, "expired": stale, "made up": made.String()} {
		_, resp, err := websocket.DefaultDialer.DialContext(t.Context(), address, nil)
		if err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s ticket: %v, %v", name, resp, err)
		}
		if resp != nil {
			closeBody(t, resp)
		}
	}
}

func TestEleventhLinkIsTooMany(t *testing.T) {
	srv := newServer(t)
	for i := range 10 {
		if _, hello := connect(t, srv); hello["num_connections"] != float64(i+1) {
			t.Fatalf("hello %d = %v", i+1, hello)
		}
	}
	w, msg := connect(t, srv)
	if msg["type"] != "disconnect" || msg["reason"] != "too_many_websockets" {
		t.Errorf("the eleventh got %v", msg)
	}
	if msg := w.next(); msg != nil {
		t.Errorf("and then %v", msg)
	}
	if srv.Links() != 10 {
		t.Errorf("%d links", srv.Links())
	}
}

func TestEnvelopesTakeTurns(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	srv.AddChannel("#ops", ana)
	for range 3 {
		w, _ := connect(t, srv)
		go func() {
			for msg := w.next(); msg != nil; msg = w.next() {
				w.ack(msg, nil)
			}
		}()
	}
	ctx := deadline(t)
	for range 6 {
		if _, err := ana.Slash(ctx, "#ops", "/call x"); err != nil {
			t.Fatal(err)
		}
	}
	used := map[int]int{}
	for _, env := range srv.Envelopes("slash_commands") {
		used[env.Link]++
	}
	if len(used) != 3 || used[1] != 2 || used[2] != 2 {
		t.Errorf("envelopes by link = %v, want two each", used)
	}
	if err := srv.WaitLinks(ctx, 3); err != nil {
		t.Error(err)
	}
	srv.DropLinks()
	if srv.Links() != 0 {
		t.Errorf("%d links after the drop", srv.Links())
	}
}

func TestAckPayloads(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	ops := srv.AddChannel("#ops", ana)
	w, _ := connect(t, srv)
	ctx := deadline(t)
	slash := func(payload any) (*slackemulator.Reply, error) {
		t.Helper()
		done := make(chan struct{})
		go func() {
			defer close(done)
			w.ack(w.next(), payload)
		}()
		r, err := ana.Slash(ctx, "#ops", "/call x")
		<-done
		return r, err
	}
	if _, err := slash(args{"text": strings.Repeat("x", 21<<10)}); err == nil {
		t.Error("21 KB of payload were taken")
	}
	if _, err := slash(args{"text": "x", "blocks": []any{args{"type": "nonsense"}}}); err == nil || !strings.Contains(err.Error(), "invalid_blocks") {
		t.Errorf("bad blocks: %v", err)
	}
	if r, err := slash(args{}); err != nil || len(r.Messages()) != 0 {
		t.Errorf("an empty payload: %v, %v", r, err)
	}
	if _, err := slash(args{"response_type": "in_channel", "text": "hello"}); err != nil || ops.Messages()[0].Plain() != "hello" {
		t.Errorf("in the channel: %v, %v", ops.Messages(), err)
	}

	ts := mustOK(t, callJSON(t, srv, "chat.postMessage", args{"channel": ops.ID(), "text": "x", "blocks": []any{args{"type": "actions", "elements": []any{button("Go", "go")}}}}))["ts"].(string)
	card, err := ops.Message(ts)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.ack(w.next(), args{"text": "nobody takes this"})
	}()
	click, err := card.Button("Go").Click(ctx, ana)
	<-done
	if err != nil || !click.Envelope().Ignored || len(click.Messages()) != 0 {
		t.Errorf("payload for a click: %+v, %v", click.Envelope(), err)
	}
}

func TestUnackedEventsComeAgain(t *testing.T) {
	clock := slackemulator.NewManualClock(someDay)
	srv := newServer(t, slackemulator.WithClock(clock))
	ana := srv.AddUser("ana")
	w, _ := connect(t, srv)
	if _, err := ana.Post("@callbot", "hello"); err != nil {
		t.Fatal(err)
	}
	first := w.next()
	clock.Advance(3 * time.Second) // no ack: at once again
	second := w.next()
	clock.Advance(3 * time.Second)
	clock.Advance(time.Minute)
	third := w.next()
	clock.Advance(3 * time.Second)
	clock.Advance(5 * time.Minute)
	fourth := w.next()
	clock.Advance(3 * time.Second)
	clock.Advance(time.Hour)
	for i, msg := range []args{first, second, third, fourth} {
		reason := "timeout"
		if i == 0 {
			reason = ""
		}
		if msg["retry_attempt"] != float64(i) || msg["retry_reason"] != reason || msg["accepts_response_payload"] != false {
			t.Errorf("attempt %d = %v", i, msg)
		}
		if msg["payload"].(args)["event_id"] != first["payload"].(args)["event_id"] {
			t.Errorf("attempt %d is another event", i)
		}
	}
	if n := len(srv.Envelopes("events_api")); n != 4 {
		t.Errorf("%d attempts, want 4", n)
	}
	w.ack(fourth, nil) // late
	waitUntil(t, srv, func() bool { return srv.Envelopes("events_api")[3].Late == 1 })
}

// waitUntil waits for what shows in no message: each ack and each call wakes it.
func waitUntil(t *testing.T, srv *slackemulator.Server, check func() bool) {
	t.Helper()
	if err := srv.WaitFor(deadline(t), check); err != nil {
		t.Fatal(err)
	}
}

func TestEventIsSentAgainWhenItsLinkDrops(t *testing.T) {
	srv := newServer(t, slackemulator.WithClock(slackemulator.NewManualClock(someDay)))
	ana := srv.AddUser("ana")
	a, _ := connect(t, srv)
	b, _ := connect(t, srv)
	if _, err := ana.Post("@callbot", "hello"); err != nil {
		t.Fatal(err)
	}
	first, second := a, b
	if srv.Envelopes()[0].Link == 2 {
		first, second = b, a
	}
	lost := first.next()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again := second.next()
	if again["retry_attempt"] != 1.0 || again["retry_reason"] != "connection_failed" || again["envelope_id"] == lost["envelope_id"] {
		t.Errorf("again = %v", again)
	}
	second.ack(again, nil)
	waitUntil(t, srv, func() bool {
		log := srv.Envelopes()
		return len(log) == 2 && log[0].State == slackemulator.EnvelopeLost && log[1].State == slackemulator.EnvelopeAcked
	})
}

func TestRefresh(t *testing.T) {
	clock := slackemulator.NewManualClock(someDay)
	srv := newServer(t, slackemulator.WithClock(clock))
	ana := srv.AddUser("ana")
	srv.AddChannel("#ops", ana)
	old, _ := connect(t, srv)
	srv.Refresh(10 * time.Second)
	if msg := old.next(); msg["type"] != "disconnect" || msg["reason"] != "refresh_requested" {
		t.Fatalf("got %v", msg)
	}
	fresh, hello := connect(t, srv)
	if hello["num_connections"] != 2.0 {
		t.Errorf("hello = %v", hello)
	}
	go func() { fresh.ack(fresh.next(), nil) }()
	if _, err := ana.Slash(deadline(t), "#ops", "/call x"); err != nil {
		t.Fatal(err) // the link that is to go takes nothing while there is another
	}
	clock.Advance(5 * time.Second)
	if msg := old.next(); msg["reason"] != "warning" {
		t.Errorf("got %v", msg)
	}
	clock.Advance(5 * time.Second)
	if msg := old.next(); msg != nil {
		t.Errorf("got %v, want the end", msg)
	}
	if srv.Links() != 1 {
		t.Errorf("%d links", srv.Links())
	}
	srv.LinkDisabled()
	if msg := fresh.next(); msg["reason"] != "link_disabled" {
		t.Errorf("got %v", msg)
	}
}

func TestLinkThatAnswersNoPingIsCut(t *testing.T) {
	srv := newServer(t, slackemulator.WithPingInterval(20*time.Millisecond))
	deaf, _ := connect(t, srv)
	pinged := make(chan struct{}, 100)
	deaf.SetPingHandler(func(string) error { // no pong
		pinged <- struct{}{}
		return nil
	})
	if msg := deaf.next(); msg != nil {
		t.Errorf("got %v, want the end", msg)
	}
	if len(pinged) == 0 {
		t.Error("no ping came")
	}
	waitUntil(t, srv, func() bool { return srv.Links() == 0 })
}

func TestRedeliverAndRaw(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	srv.AddChannel("#ops", ana)
	got := make(chan string, 10)
	startApp(t, srv, func(a *app, ev socketmode.Event) {
		if ev.Request != nil && ev.Request.EnvelopeID != "" {
			got <- ev.Request.EnvelopeID
			_ = a.socket.AckCtx(t.Context(), ev.Request.EnvelopeID, nil)
		}
	})
	ctx := deadline(t)
	reply, err := ana.Slash(ctx, "#ops", "/call x")
	if err != nil {
		t.Fatal(err)
	}
	again, err := srv.Redeliver(ctx, reply.Envelope())
	if err != nil || again.State != slackemulator.EnvelopeAcked {
		t.Errorf("redelivered: %+v, %v", again, err)
	}
	if a, b := <-got, <-got; a != b {
		t.Errorf("the app got %s and %s, want the same twice", a, b)
	}
	raw, err := srv.SendRaw(ctx, json.RawMessage(`{"type":"interactive","envelope_id":"e-1","payload":{"type":"shortcut"},"accepts_response_payload":false}`))
	if err != nil || raw.State != slackemulator.EnvelopeAcked || <-got != "e-1" {
		t.Errorf("raw: %+v, %v", raw, err)
	}
	short, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := ana.Slash(short, "#ops", "/call x"); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled wait: %v", err)
	}
}

func TestEventsThatAreDelivered(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	ops := srv.AddChannel("#ops", ana)
	srv.AddChannel("#away", ana, slackemulator.WithoutBot())
	startApp(t, srv, func(a *app, ev socketmode.Event) {
		if ev.Request != nil && ev.Request.EnvelopeID != "" {
			_ = a.socket.AckCtx(t.Context(), ev.Request.EnvelopeID, nil)
		}
	})
	for _, place := range []string{"#ops", "#away", "@callbot"} {
		if _, err := ana.Post(place, "nobody is meant & <me>"); err != nil {
			t.Fatal(err)
		}
		if _, err := ana.Mention(place, "call them"); err != nil {
			t.Fatal(err)
		}
	}
	ana.OpenHome()
	var got []string
	for _, env := range srv.Envelopes("events_api") {
		var payload struct {
			Event struct {
				Type, Text, Channel string
			}
		}
		if err := json.Unmarshal(env.Payload, &payload); err != nil {
			t.Fatal(err)
		}
		got = append(got, payload.Event.Type+" "+payload.Event.Text)
	}
	mention := "<@" + srv.BotUserID() + "> call them"
	want := []string{"app_mention " + mention, "message nobody is meant &amp; &lt;me&gt;", "message " + mention, "app_home_opened "}
	if !slices.Equal(got, want) { // message.channels is not subscribed, and the bot is not in #away
		t.Errorf("delivered %q, want %q", got, want)
	}
	if n := len(ops.Messages()); n != 2 {
		t.Errorf("%d messages in #ops", n)
	}
}

// TestNotSubscribed: an event that the manifest does not subscribe to, or has no scope
// for, is not delivered, and whom the app does not let write to it cannot.
func TestNotSubscribed(t *testing.T) {
	for manifest, want := range map[string]int{
		"settings: {event_subscriptions: {bot_events: [app_mention, message.im]}}\noauth_config: {scopes: {bot: [app_mentions:read, im:history]}}": 2,
		"settings: {event_subscriptions: {bot_events: [app_mention, message.im]}}\noauth_config: {scopes: {bot: [app_mentions:read]}}":             1,
		"settings: {event_subscriptions: {bot_events: [app_mention, message.im]}}\noauth_config: {scopes: {bot: [im:history]}}":                    1,
		"settings: {event_subscriptions: {bot_events: [message.im]}}\noauth_config: {scopes: {bot: [app_mentions:read, im:history]}}":              1,
		"oauth_config: {scopes: {bot: [app_mentions:read, im:history]}}":                                                                           0,
	} {
		srv := slackemulator.NewServer(t, slackemulator.WithManifest([]byte("display_information: {name: callbot}\n"+manifest)))
		ana := srv.AddUser("ana")
		srv.AddChannel("#ops", ana)
		for _, place := range []string{"#ops", "@callbot"} {
			if _, err := ana.Mention(place, "call them"); err != nil {
				t.Fatal(err)
			}
		}
		got := 0
		for _, e := range srv.Envelopes("events_api") {
			if e.RetryAttempt == 0 { // nobody listens, so that each is sent again
				got++
			}
		}
		if got != want {
			t.Errorf("%d events are delivered, want %d, by\n%s", got, want, manifest)
		}
	}
	for _, home := range []string{"messages_tab_read_only_enabled: true", "messages_tab_enabled: false"} {
		srv := slackemulator.NewServer(t, slackemulator.WithManifest([]byte("display_information: {name: callbot}\nfeatures: {app_home: {"+home+"}}")))
		if _, err := srv.AddUser("ana").Post("@callbot", "hello"); err == nil {
			t.Errorf("with %s people write to the app", home)
		}
	}
}
