package slackemulator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

const testManifest = `
display_information: {name: callbot}
features:
  app_home: {home_tab_enabled: true, messages_tab_enabled: true}
  bot_user: {display_name: callbot}
  slash_commands:
    - {command: /call, description: Place a call, should_escape: false}
    - {command: /mention, description: Takes mentions, should_escape: true}
  shortcuts:
    - {name: Call this number, type: message, callback_id: call_number, description: x}
    - {name: New call, type: global, callback_id: new_call, description: x}
oauth_config:
  scopes:
    bot: [commands, chat:write, chat:write.public, app_mentions:read, im:write, im:history, channels:read, users:read, files:write, files:read, usergroups:read]
settings:
  event_subscriptions: {bot_events: [app_mention, message.im, app_home_opened, file_shared]}
  interactivity: {is_enabled: true}
  socket_mode_enabled: true
`

func newServer(t *testing.T, opts ...slackemulator.Option) *slackemulator.Server {
	t.Helper()
	return slackemulator.NewServer(t, append([]slackemulator.Option{slackemulator.WithManifest([]byte(testManifest))}, opts...)...)
}

func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

type args = map[string]any

func closeBody(t *testing.T, resp *http.Response) {
	t.Helper()
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
}

// callJSON calls a method with a JSON body and the bot token.
func callJSON(t *testing.T, srv *slackemulator.Server, method string, a args) args {
	t.Helper()
	body, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	_, answer := do(t, srv.APIURL()+method, "application/json", body, srv.BotToken())
	return answer
}

// callForm calls a method with a form that carries the given token.
func callForm(t *testing.T, srv *slackemulator.Server, method, token string, a map[string]string) args {
	t.Helper()
	form := url.Values{}
	if token != "" {
		form.Set("token", token)
	}
	for k, v := range a {
		form.Set(k, v)
	}
	_, answer := do(t, srv.APIURL()+method, "application/x-www-form-urlencoded", []byte(form.Encode()), "")
	return answer
}

// response is what is left of an http.Response when its body was read.
type response struct {
	StatusCode int
	Header     http.Header
}

func do(t *testing.T, address, contentType string, body []byte, token string) (response, args) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer closeBody(t, resp)
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer args
	if err := json.Unmarshal(data, &answer); err != nil {
		answer = args{"body": string(data)}
	}
	return response{resp.StatusCode, resp.Header}, answer
}

func mustOK(t *testing.T, answer args) args {
	t.Helper()
	if answer["ok"] != true {
		t.Fatalf("answer = %v, want ok", answer)
	}
	return answer
}

func wantError(t *testing.T, answer args, code string) {
	t.Helper()
	if answer["ok"] != false || answer["error"] != code {
		t.Fatalf("answer = %v, want the error %s", answer, code)
	}
}

// app is an app under test, made of slack-go.
type app struct {
	*slack.Client
	srv    *slackemulator.Server
	socket *socketmode.Client
}

// startApp connects an app; handle is called for every event, one at a time.
func startApp(t *testing.T, srv *slackemulator.Server, handle func(a *app, ev socketmode.Event)) *app {
	t.Helper()
	a := &app{srv: srv, Client: slack.New(srv.BotToken(), slack.OptionAppLevelToken(srv.AppToken()), slack.OptionAPIURL(srv.APIURL()))}
	a.socket = socketmode.New(a.Client, socketmode.OptionLog(slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = a.socket.RunContext(ctx) // ends with the context's error
	}()
	ready := make(chan struct{})
	handled := make(chan struct{})
	go func() {
		defer close(handled)
		for {
			select {
			case ev := <-a.socket.Events:
				if ev.Type == socketmode.EventTypeHello {
					select {
					case <-ready:
					default:
						close(ready)
					}
				}
				if handle != nil {
					handle(a, ev)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		<-handled
	})
	select {
	case <-ready:
	case <-deadline(t).Done():
		t.Fatal("the app got no hello")
	}
	return a
}

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

func has(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q does not contain %q", text, p)
		}
	}
}
