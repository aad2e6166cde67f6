package slackemulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

func section(mrkdwn string) args {
	return args{"type": "section", "text": args{"type": "mrkdwn", "text": mrkdwn}}
}

func TestUpdateKeepsOrRemovesBlocks(t *testing.T) {
	srv := newServer(t)
	ops := srv.AddChannel("#ops")
	ts := mustOK(t, callJSON(t, srv, "chat.postMessage", args{"channel": ops.ID(), "text": "fallback", "blocks": []any{section("one")}}))["ts"].(string)
	card, err := ops.Message(ts)
	if err != nil {
		t.Fatal(err)
	}
	update := func(a args) slackemulator.Message {
		t.Helper()
		a["channel"], a["ts"] = ops.ID(), ts
		mustOK(t, callJSON(t, srv, "chat.update", a))
		return card.Current()
	}
	if m := update(args{"blocks": []any{section("two")}}); m.Plain() != "two" || m.Text != "fallback" {
		t.Errorf("blocks alone: %q, text %q", m.Plain(), m.Text)
	}
	if m := update(args{"text": "three"}); m.Plain() != "three" || m.Blocks != nil {
		t.Errorf("text alone: %q, blocks %s", m.Plain(), m.Blocks)
	}
	// A form carries the blocks as a string of JSON.
	mustOK(t, callForm(t, srv, "chat.update", srv.BotToken(), map[string]string{"channel": ops.ID(), "ts": ts, "text": "x", "blocks": `[{"type":"divider"}]`}))
	var read []string
	for _, r := range card.Revisions() {
		read = append(read, r.Plain())
	}
	if want := []string{"one", "two", "three", "---"}; !slices.Equal(read, want) {
		t.Errorf("revisions = %q, want %q", read, want)
	}
	mustOK(t, callJSON(t, srv, "chat.delete", args{"channel": ops.ID(), "ts": ts}))
	if err := card.WaitDeleted(deadline(t)); err != nil || len(ops.Messages()) != 0 {
		t.Errorf("after the deletion: %v, %v", err, ops.Messages())
	}
}

func TestLongTextIsCutOff(t *testing.T) {
	srv := newServer(t)
	ops := srv.AddChannel("#ops")
	mustOK(t, callJSON(t, srv, "chat.postMessage", args{"channel": ops.ID(), "text": strings.Repeat("é", 40_001)}))
	if n := len([]rune(ops.Messages()[0].Text)); n != 40_000 {
		t.Errorf("%d characters were kept, want 40000", n)
	}
}

func TestWhomMessagesNotify(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	ops := srv.AddChannel("#ops", ana)
	group := srv.AddUserGroup("support", ana)
	plain := args{"type": "section", "text": args{"type": "plain_text", "text": "<!channel>"}}
	rich := args{"type": "rich_text", "elements": []any{args{"type": "rich_text_section", "elements": []any{
		args{"type": "user", "user_id": ana.ID()}, args{"type": "broadcast", "range": "here"}, args{"type": "text", "text": "<!everyone>"},
	}}}}
	for _, c := range []struct {
		text   string
		blocks []any
		want   string
	}{
		{"hello <@" + ana.ID() + "> and <!channel>", nil, "@ana @channel"},
		{"&lt;!channel&gt; @ana", nil, ""},
		{"x", []any{section("<!here|here> <!subteam^" + group + ">")}, "@here @support"},
		{"x", []any{plain}, ""},
		{"x", []any{rich}, "@ana @here"},
		{"fallback <!everyone>", []any{plain}, "@everyone"},
	} {
		a := args{"channel": ops.ID(), "text": c.text}
		if c.blocks != nil {
			a["blocks"] = c.blocks
		}
		ts := mustOK(t, callJSON(t, srv, "chat.postMessage", a))["ts"].(string)
		m, err := ops.Message(ts)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(m.Notified, " "); got != c.want {
			t.Errorf("%q %v notifies %q, want %q", c.text, c.blocks, got, c.want)
		}
		mustOK(t, callJSON(t, srv, "chat.update", args{"channel": ops.ID(), "ts": ts, "text": "<@" + ana.ID() + "> <!channel>"}))
		if got := strings.Join(m.Current().Notified, " "); got != c.want {
			t.Errorf("an edit notified %q", got)
		}
	}
}

func TestPlain(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	ops := srv.AddChannel("#ops", ana)
	blocks := []any{
		args{"type": "header", "text": args{"type": "plain_text", "text": "Call <x>"}},
		args{
			"type": "section", "text": args{"type": "mrkdwn", "text": "*To* <tel:+14155550132|(415) 555-0132> by <@" + ana.ID() + "> in <#" + ops.ID() + ">, _soon_ ~not~ `now` &amp; &lt;then&gt;"},
			"fields":    []any{args{"type": "mrkdwn", "text": "*When*\n<!date^1772445600^{date_short_pretty} at {time}|later>"}, args{"type": "plain_text", "text": "*as is*"}},
			"accessory": args{"type": "overflow", "action_id": "o", "options": []any{option("Edit", "e"), option("Copy", "c")}},
		},
		args{"type": "divider"},
		args{"type": "context", "elements": []any{args{"type": "mrkdwn", "text": "<https://example.com|site>"}, args{"type": "plain_text", "text": "7 left"}}},
		args{"type": "rich_text", "elements": []any{
			args{"type": "rich_text_section", "elements": []any{args{"type": "text", "text": "Hi *you* "}, args{"type": "emoji", "name": "wave"}, args{"type": "link", "url": "https://example.com"}}},
			args{"type": "rich_text_list", "style": "ordered", "elements": []any{args{"type": "rich_text_section", "elements": []any{args{"type": "text", "text": "first"}}}}},
			args{"type": "rich_text_quote", "elements": []any{args{"type": "text", "text": "Ask\nthem"}}},
		}},
		args{"type": "actions", "elements": []any{button("Place call", "p"), button("Cancel", "c")}},
	}
	mustOK(t, callJSON(t, srv, "chat.postMessage", args{"channel": ops.ID(), "text": "x", "blocks": blocks}))
	want := `Call <x>
To (415) 555-0132 (+14155550132) by @ana in #ops, soon not now & <then>
When
Mar 2, 2026 at 10:00 UTC
*as is*
[ ... Edit / Copy ]
---
site (https://example.com) 7 left
Hi *you* :wave:https://example.com
1. first
> Ask
> them
[ Place call ] [ Cancel ]`
	if got := ops.Messages()[0].Plain(); got != want {
		t.Errorf("reads\n%s\nwant\n%s", got, want)
	}
}

func option(label, value string) args {
	return args{"text": args{"type": "plain_text", "text": label}, "value": value}
}

func button(label, id string) args {
	return args{"type": "button", "action_id": id, "text": args{"type": "plain_text", "text": label}}
}

func TestResponseURL(t *testing.T) {
	clock := slackemulator.NewManualClock(someDay)
	srv := newServer(t, slackemulator.WithClock(clock))
	ana := srv.AddUser("ana")
	ops := srv.AddChannel("#ops", ana, slackemulator.WithoutBot())
	startApp(t, srv, func(a *app, ev socketmode.Event) {
		if ev.Request != nil && ev.Request.EnvelopeID != "" {
			_ = a.socket.AckCtx(t.Context(), ev.Request.EnvelopeID, nil)
		}
	})
	ctx := deadline(t)
	reply, err := ana.Slash(ctx, "#ops", "/call x")
	if err != nil {
		t.Fatal(err)
	}
	respond := func(address, body string) (int, any) {
		t.Helper()
		resp, answer := do(t, address, "application/json", []byte(body), "")
		return resp.StatusCode, answer["error"]
	}
	if status, code := respond(reply.ResponseURL(), `{"blocks":[{"type":"nonsense"}]}`); status != 400 || code != "invalid_blocks" {
		t.Errorf("bad blocks: %d %v", status, code)
	}
	if status, code := respond(reply.ResponseURL()+"x", `{"text":"x"}`); status != 404 || code != "invalid_url" {
		t.Errorf("wrong secret: %d %v", status, code)
	}
	respond(reply.ResponseURL(), `{"response_type":"in_channel","text":"to all"}`)
	respond(reply.ResponseURL(), `{"text":"to ana","blocks":[{"type":"actions","elements":[{"type":"button","action_id":"b","text":{"type":"plain_text","text":"Dismiss"}}]}]}`)
	if got := ops.Messages(); len(got) != 1 || got[0].Plain() != "to all" {
		t.Errorf("in the channel: %v", got)
	}
	private, err := ana.WaitEphemeral(ctx, "#ops", slackemulator.HasButton("Dismiss"))
	if err != nil {
		t.Fatal(err)
	}

	click, err := private.Button("Dismiss").Click(ctx, ana)
	if err != nil {
		t.Fatal(err)
	}
	var payload args
	if err := json.Unmarshal(click.Envelope().Payload, &payload); err != nil {
		t.Fatal(err)
	}
	if payload["message"] != nil || payload["container"].(args)["is_ephemeral"] != true {
		t.Errorf("payload of an ephemeral message = %v", payload)
	}
	if status, _ := respond(click.ResponseURL(), `{"replace_original":true,"text":"Replaced"}`); status != 200 {
		t.Errorf("replacing: %d", status)
	}
	if m := private.Current(); m.Plain() != "Replaced" {
		t.Errorf("replaced message reads %q", m.Plain())
	}
	if status, _ := respond(click.ResponseURL(), `{"delete_original":"true"}`); status != 200 {
		t.Errorf("deleting: %d", status)
	}
	if left, err := ana.Ephemerals("#ops"); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	for range 3 {
		if status, _ := respond(reply.ResponseURL(), `{"text":"again"}`); status != 200 {
			t.Errorf("third to fifth use: %d", status)
		}
	}
	if status, code := respond(reply.ResponseURL(), `{"text":"sixth"}`); status != 404 || code != "used_url" {
		t.Errorf("sixth use: %d %v", status, code)
	}
	clock.Advance(31 * time.Minute)
	if status, code := respond(click.ResponseURL(), `{"text":"late"}`); status != 404 || code != "expired_url" {
		t.Errorf("after 31 minutes: %d %v", status, code)
	}
}

func TestFilesNeedTheExactLengthAndTheBotInTheChannel(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	away := srv.AddChannel("#away", ana, slackemulator.WithoutBot())
	upload := func(length int, data string) (string, int) {
		t.Helper()
		ticket := mustOK(t, callJSON(t, srv, "files.getUploadURLExternal", args{"filename": "a b.txt", "length": length}))
		resp, _ := do(t, ticket["upload_url"].(string), "application/octet-stream", []byte(data), "")
		return ticket["file_id"].(string), resp.StatusCode
	}
	short, status := upload(6, "hello")
	if status != http.StatusBadRequest {
		t.Errorf("5 of 6 bytes: %d", status)
	}
	wantError(t, callJSON(t, srv, "files.completeUploadExternal", args{"files": []any{args{"id": short}}, "channel_id": away.ID()}), "file_not_found")
	id, status := upload(5, "hello")
	if status != http.StatusOK {
		t.Fatalf("upload: %d", status)
	}
	complete := args{"files": []any{args{"id": id, "title": "Transcript"}}, "channel_id": away.ID(), "initial_comment": "here"}
	wantError(t, callJSON(t, srv, "files.completeUploadExternal", complete), "not_in_channel")
	away.AddBot()
	mustOK(t, callJSON(t, srv, "files.completeUploadExternal", complete))
	if got := away.Messages()[0].Plain(); got != "here\nfile: a b.txt (text, 5 bytes)" {
		t.Errorf("the message reads %q", got)
	}
	info := mustOK(t, callJSON(t, srv, "files.info", args{"file": id}))["file"].(args)
	if info["title"] != "Transcript" || info["shares"].(args)["public"].(args)[away.ID()] == nil {
		t.Errorf("file = %v", info)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, info["url_private"].(string), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	closeBody(t, resp)
	if resp.StatusCode != http.StatusFound {
		t.Errorf("without a token: %d, want a redirect to the login page", resp.StatusCode)
	}
	mustOK(t, callJSON(t, srv, "files.delete", args{"file": id}))
	if got := away.Messages()[0].Plain(); got != "here" {
		t.Errorf("after the deletion the message reads %q", got)
	}
}

func TestPermalink(t *testing.T) {
	srv := newServer(t)
	ops := srv.AddChannel("#ops")
	ts := mustOK(t, callJSON(t, srv, "chat.postMessage", args{"channel": ops.ID(), "text": "x"}))["ts"].(string)
	reply := mustOK(t, callJSON(t, srv, "chat.postMessage", args{"channel": ops.ID(), "text": "y", "thread_ts": ts}))["ts"].(string)
	api := slack.New(srv.BotToken(), slack.OptionAPIURL(srv.APIURL()))
	link, err := api.GetPermalinkContext(t.Context(), &slack.PermalinkParameters{Channel: ops.ID(), Ts: reply})
	want := "https://example.slack.com/archives/" + ops.ID() + "/p" + strings.Replace(reply, ".", "", 1) + "?thread_ts=" + ts + "&cid=" + ops.ID()
	if err != nil || link != want {
		t.Errorf("permalink = %q, %v; want %q", link, err, want)
	}
}
