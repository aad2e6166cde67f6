package slackemulator_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// oracles is where envelopes recorded from Slack stand, beside the project.
const oracles = "../../../shared/oracles/slack-envelopes"

// TestEnvelopesHaveSlacksKeys compares what the emulator sends with what Slack's
// own SDK recorded, key by key.
func TestEnvelopesHaveSlacksKeys(t *testing.T) {
	if _, err := os.Stat(oracles); err != nil {
		t.Skipf("the recorded envelopes are not here: %v", err)
	}
	srv := newServer(t)
	ana := srv.AddUser("ana")
	srv.AddChannel("#ops", ana)
	w, hello := connect(t, srv)
	ctx := deadline(t)
	acked := func(f func() error) args {
		t.Helper()
		got := make(chan args, 1)
		go func() {
			msg := w.next()
			w.ack(msg, nil)
			got <- msg
		}()
		if err := f(); err != nil {
			t.Fatal(err)
		}
		return <-got
	}
	command := acked(func() error { _, err := ana.Slash(ctx, "#ops", "/call x"); return err })
	shortcut := acked(func() error { _, err := ana.Shortcut(ctx, "New call"); return err })
	mention := acked(func() error { _, err := ana.Mention("#ops", ""); return err })
	message := acked(func() error { _, err := ana.Post("@callbot", "hi"); return err })
	srv.LinkDisabled()
	disconnect := w.next()

	for file, got := range map[string]any{
		"hello.json":                            hello,
		"disconnect.json":                       disconnect,
		"slash_commands-hello-socket-mode.json": command,
		"interactive-shortcut.json":             shortcut,
		"events_api-app_mention.json":           mention,
		"events_api-message.json":               message,
	} {
		data, err := os.ReadFile(filepath.Join(oracles, file))
		if err != nil {
			t.Fatal(err)
		}
		var want any
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		a, b := keys("", want), keys("", got)
		for _, k := range a {
			if !slices.Contains(b, k) {
				t.Errorf("%s: Slack has %s, the emulator does not", file, k)
			}
		}
		for _, k := range b {
			if !slices.Contains(a, k) && !newer(file, k) {
				t.Errorf("%s: the emulator has %s, Slack does not", file, k)
			}
		}
	}
}

// newer names what Slack sends today and did not when the recording was made.
func newer(file, key string) bool {
	blocks := file == "events_api-message.json" && strings.HasPrefix(key, ".payload.event.blocks")
	return blocks || (file == "events_api-app_mention.json" && key == ".payload.event.blocks[].elements[].elements[].text")
}

// keys lists the paths of all fields with the kinds of their values.
func keys(at string, v any) []string {
	var out []string
	switch v := v.(type) {
	case map[string]any:
		for k, child := range v {
			out = append(out, at+"."+k)
			out = append(out, keys(at+"."+k, child)...)
		}
	case []any:
		for _, child := range v {
			out = append(out, keys(at+"[]", child)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// TestInteractionPayloads looks at the fields that Slack documents for each kind:
// https://docs.slack.dev/reference/interaction-payloads
func TestInteractionPayloads(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	ops := srv.AddChannel("#ops", ana)
	w, _ := connect(t, srv)
	go func() {
		for msg := w.next(); msg != nil; msg = w.next() {
			w.ack(msg, nil)
		}
	}()
	ctx := deadline(t)
	parent := mustOK(t, callJSON(t, srv, "chat.postMessage", args{"channel": ops.ID(), "text": "parent"}))["ts"].(string)
	ts := mustOK(t, callJSON(t, srv, "chat.postMessage", args{
		"channel": ops.ID(), "text": "x", "thread_ts": parent,
		"blocks": []any{args{"type": "actions", "block_id": "acts", "elements": []any{
			args{"type": "button", "action_id": "place", "value": "v1", "style": "primary", "text": args{"type": "plain_text", "text": "Place call"}},
			args{"type": "static_select", "action_id": "pick", "options": []any{option("One", "1"), option("Two", "2")}},
		}}},
	}))["ts"].(string)
	card, err := ops.Message(ts)
	if err != nil {
		t.Fatal(err)
	}
	payloadOf := func(r *slackemulator.Reply, err error) args {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		var p args
		if err := json.Unmarshal(r.Envelope().Payload, &p); err != nil {
			t.Fatal(err)
		}
		return p
	}
	common := []string{"type", "user", "team", "token", "api_app_id", "enterprise", "is_enterprise_install", "trigger_id"}
	click := payloadOf(card.Button("Place call").Click(ctx, ana))
	for _, k := range append(common, "container", "channel", "message", "response_url", "actions", "state") {
		if _, ok := click[k]; !ok {
			t.Errorf("block_actions has no %s", k)
		}
	}
	action := click["actions"].([]any)[0].(args)
	if action["action_id"] != "place" || action["block_id"] != "acts" || action["value"] != "v1" || action["type"] != "button" ||
		action["style"] != "primary" || action["action_ts"] == nil || action["text"].(args)["text"] != "Place call" {
		t.Errorf("action = %v", action)
	}
	if c := click["container"].(args); c["type"] != "message" || c["message_ts"] != ts || c["channel_id"] != ops.ID() || c["thread_ts"] != parent || c["is_ephemeral"] != false {
		t.Errorf("container = %v", c)
	}
	if u := click["user"].(args); u["id"] != ana.ID() || u["username"] != "ana" || u["name"] != "ana" || u["team_id"] != srv.TeamID() {
		t.Errorf("user = %v", u)
	}
	if m := click["message"].(args); m["ts"] != ts || m["bot_id"] != srv.BotID() || m["thread_ts"] != parent || len(m["blocks"].([]any)) != 1 {
		t.Errorf("message = %v", m)
	}
	pick := payloadOf(card.Control("pick").Choose(ctx, ana, "Two"))
	if o := pick["actions"].([]any)[0].(args)["selected_option"].(args); o["value"] != "2" {
		t.Errorf("selected %v", o)
	}
	if s := pick["state"].(args)["values"].(args)["acts"].(args)["pick"].(args)["selected_option"]; s == nil {
		t.Errorf("state = %v", pick["state"])
	}
	shortcut := payloadOf(card.Shortcut(ctx, ana, "Call this number"))
	for _, k := range append(common, "callback_id", "action_ts", "message_ts", "message", "channel", "response_url") {
		if _, ok := shortcut[k]; !ok {
			t.Errorf("message_action has no %s", k)
		}
	}
	if shortcut["type"] != "message_action" || shortcut["callback_id"] != "call_number" {
		t.Errorf("shortcut = %v", shortcut)
	}
	if _, err := card.Button("Hang up").Click(ctx, ana); err == nil {
		t.Error("a button that does not exist was pressed")
	}
	bob := srv.AddUser("bob")
	if _, err := card.Button("Place call").Click(ctx, bob); err == nil {
		t.Error("somebody outside of the channel pressed a button")
	}
}
