package browsertest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/sandbox"
	"github.com/agentphone-slack/callbot/internal/sandbox/page"
	"github.com/agentphone-slack/callbot/internal/sandbox/sandboxtest"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// app is an app that shows blocks which callbot never does, in a workspace of its own.
type app struct {
	t     *testing.T
	world *sandbox.World
	// sandbox is the page of the workspace.
	sandbox *sandboxtest.Sandbox
	// submitted are the values of forms, as they arrive.
	submitted chan json.RawMessage
}

const manifest = `
display_information: {name: examples}
features:
  shortcuts: [{name: Show the form, type: global, callback_id: form, description: All that it can hold}]
  app_home: {home_tab_enabled: true}
oauth_config: {scopes: {bot: [commands, chat:write]}}
settings: {interactivity: {is_enabled: true}, socket_mode_enabled: true}
`

// startApp starts an app that opens a form when somebody uses its shortcut.
func startApp(t *testing.T, form string) *app {
	t.Helper()
	world, err := sandbox.Start(t.Context(), []byte(manifest), 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := world.Close(); err != nil {
			t.Error(err)
		}
	})
	world.Furnish()
	world.Slack.Channel("#general").AddBot()
	quiet := slog.New(slog.DiscardHandler)
	srv := httptest.NewServer(page.New(page.Config{
		World: world, Bot: sandbox.NewBot(func() *exec.Cmd { return exec.CommandContext(t.Context(), "false") }), Logger: quiet,
	}))
	t.Cleanup(srv.Close)
	a := &app{t, world, &sandboxtest.Sandbox{URL: srv.URL + "/"}, make(chan json.RawMessage, 1)}

	client := socketmode.New(socketmode.Config{
		Open:   slack.New(world.Slack.BotToken(), slack.OptionAppLevelToken(world.Slack.AppToken()), slack.OptionAPIURL(world.Slack.APIURL())),
		APIURL: world.Slack.APIURL(), Links: 1, Logger: quiet,
		Handle: func(_ context.Context, e socketmode.Envelope) socketmode.Ack {
			var did struct {
				Type      string
				TriggerID string `json:"trigger_id"`
				View      struct {
					State struct{ Values json.RawMessage }
				}
			}
			if err := json.Unmarshal(e.Payload, &did); err != nil {
				t.Error(err)
			}
			switch did.Type {
			case "shortcut":
				a.call("views.open", `{"trigger_id": "`+did.TriggerID+`", "view": `+form+`}`)
			case "view_submission":
				a.submitted <- did.View.State.Values
			}
			return socketmode.Ack{}
		},
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- client.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	if err := world.Slack.WaitLinks(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	return a
}

// post posts blocks in #general.
func (a *app) post(blocks string) {
	a.t.Helper()
	a.call("chat.postMessage", `{"channel": "`+a.world.Slack.Channel("#general").ID()+`", "text": "Blocks", "blocks": `+blocks+`}`)
}

// call calls a method of the Web API.
func (a *app) call(method, arguments string) {
	a.t.Helper()
	r, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.world.Slack.APIURL()+method, strings.NewReader(arguments))
	if err != nil {
		a.t.Error(err)
		return
	}
	r.Header.Set("Authorization", "Bearer "+a.world.Slack.BotToken())
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		a.t.Error(err)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	if body, err := io.ReadAll(answer.Body); err != nil || !strings.Contains(string(body), `"ok":true`) {
		a.t.Errorf("%s: %v %s", method, err, body)
	}
}
