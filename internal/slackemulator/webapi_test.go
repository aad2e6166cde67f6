package slackemulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

var someDay = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func TestTokens(t *testing.T) {
	srv := newServer(t)
	wantError(t, callForm(t, srv, "auth.test", "", nil), "not_authed")
	wantError(t, callForm(t, srv, "auth.test", "xoxb-other", nil), "invalid_auth")
	wantError(t, callForm(t, srv, "auth.test", srv.AppToken(), nil), "not_allowed_token_type")
	wantError(t, callForm(t, srv, "apps.connections.open", srv.BotToken(), nil), "not_allowed_token_type")
	wantError(t, callForm(t, srv, "no.such", srv.BotToken(), nil), "unknown_method")
	who := mustOK(t, callForm(t, srv, "auth.test", srv.BotToken(), nil))
	if who["user_id"] != srv.BotUserID() || who["team_id"] != srv.TeamID() || who["bot_id"] != srv.BotID() {
		t.Errorf("auth.test = %v", who)
	}
	_, inBody := do(t, srv.APIURL()+"auth.test", "application/json", []byte(`{"token":"`+srv.BotToken()+`"}`), "")
	wantError(t, inBody, "not_authed")
	for _, code := range []string{"token_revoked", "account_inactive"} {
		srv.FailTokens(code)
		wantError(t, callForm(t, srv, "auth.test", srv.BotToken(), nil), code)
	}
	srv.FailTokens("")
	mustOK(t, callForm(t, srv, "auth.test", srv.BotToken(), nil))
}

func TestBodies(t *testing.T) {
	srv := newServer(t)
	for _, c := range []struct{ contentType, body, want string }{
		{"application/json", `{`, "invalid_json"},
		{"application/json", `[]`, "json_not_object"},
		{"application/xml", `<a/>`, "invalid_post_type"},
		{"", `x`, "missing_post_type"},
		{"multipart/form-data", `x`, "invalid_form_data"},
	} {
		_, answer := do(t, srv.APIURL()+"auth.test", c.contentType, []byte(c.body), srv.BotToken())
		wantError(t, answer, c.want)
	}
}

func TestMissingScope(t *testing.T) {
	srv := slackemulator.NewServer(t, slackemulator.WithManifest([]byte("display_information: {name: x}\noauth_config: {scopes: {bot: [commands]}}")))
	ana := srv.AddUser("ana")
	ops := srv.AddChannel("#ops", ana)
	for method, c := range map[string]struct {
		args   args
		needed string
	}{
		"chat.postMessage":   {args{"channel": ops.ID(), "text": "x"}, "chat:write"},
		"users.info":         {args{"user": ana.ID()}, "users:read"},
		"conversations.info": {args{"channel": ops.ID()}, "channels:read,groups:read,im:read,mpim:read"},
		"conversations.open": {args{"users": ana.ID()}, "im:write,mpim:write,channels:manage,groups:write"},
	} {
		answer := callJSON(t, srv, method, c.args)
		wantError(t, answer, "missing_scope")
		if answer["needed"] != c.needed || answer["provided"] != "commands" {
			t.Errorf("%s: needed %v, provided %v", method, answer["needed"], answer["provided"])
		}
	}
}

// TestRefusals is what Slack refuses, by its codes.
func TestRefusals(t *testing.T) {
	srv := newServer(t)
	ana, bob := srv.AddUser("ana"), srv.AddUser("bob")
	ops := srv.AddChannel("#ops", ana)
	away := srv.AddChannel("#away", ana, slackemulator.WithoutBot())
	secret := srv.AddChannel("#secret", ana, slackemulator.Private(), slackemulator.WithoutBot())
	old := srv.AddChannel("#old", ana)
	before := mustOK(t, callJSON(t, srv, "chat.postMessage", args{"channel": old.ID(), "text": "before"}))["ts"]
	old.SetArchived(true)
	hers, err := ana.Post("#ops", "hello")
	if err != nil {
		t.Fatal(err)
	}
	mine := mustOK(t, callJSON(t, srv, "chat.postMessage", args{"channel": "#ops", "text": "mine"}))["ts"]
	reply := mustOK(t, callJSON(t, srv, "chat.postMessage", args{"channel": ops.ID(), "text": "reply", "thread_ts": mine}))["ts"]
	private := mustOK(t, callJSON(t, srv, "chat.postEphemeral", args{"channel": ops.ID(), "user": ana.ID(), "text": "psst"}))["message_ts"]
	mustOK(t, callJSON(t, srv, "chat.postMessage", args{"channel": away.ID(), "text": "chat:write.public"}))

	for _, c := range []struct {
		name, method string
		args         args
		want         string
	}{
		{"no channel", "chat.postMessage", args{"text": "x"}, "invalid_arguments"},
		{"unknown channel", "chat.postMessage", args{"channel": "C404", "text": "x"}, "channel_not_found"},
		{"private channel without the bot", "chat.postMessage", args{"channel": secret.ID(), "text": "x"}, "channel_not_found"},
		{"archived", "chat.postMessage", args{"channel": old.ID(), "text": "x"}, "is_archived"},
		{"to itself", "chat.postMessage", args{"channel": srv.BotUserID(), "text": "x"}, "cannot_dm_bot"},
		{"nothing", "chat.postMessage", args{"channel": ops.ID(), "text": " "}, "no_text"},
		{"empty blocks", "chat.postMessage", args{"channel": ops.ID(), "blocks": []any{}}, "no_text"},
		{"malformed thread", "chat.postMessage", args{"channel": ops.ID(), "text": "x", "thread_ts": "1"}, "invalid_thread_ts"},
		{"unknown thread", "chat.postMessage", args{"channel": ops.ID(), "text": "x", "thread_ts": "1700000000.000100"}, "thread_not_found"},
		{"thread on a reply", "chat.postMessage", args{"channel": ops.ID(), "text": "x", "thread_ts": reply}, "cannot_reply_to_message"},
		{"unknown block", "chat.postMessage", args{"channel": ops.ID(), "text": "x", "blocks": []any{args{"type": "nonsense"}}}, "invalid_blocks"},
		{"unknown field", "chat.postMessage", args{"channel": ops.ID(), "text": "x", "blocks": []any{args{"type": "divider", "colour": "red"}}}, "invalid_blocks"},
		{"too many blocks", "chat.postMessage", args{"channel": ops.ID(), "text": "x", "blocks": dividers(51)}, "invalid_blocks"},
		{"too much text in blocks", "chat.postMessage", args{"channel": ops.ID(), "text": "x", "blocks": longSections(6)}, "msg_blocks_too_long"},
		{"blocks that are no JSON", "chat.postMessage", args{"channel": ops.ID(), "text": "x", "blocks": "[{"}, "invalid_blocks_format"},

		{"update of nothing", "chat.update", args{"channel": ops.ID(), "ts": "1700000000.000100", "text": "x"}, "message_not_found"},
		{"update of hers", "chat.update", args{"channel": ops.ID(), "ts": hers.TS, "text": "x"}, "cant_update_message"},
		{"update of ephemeral", "chat.update", args{"channel": ops.ID(), "ts": private, "text": "x"}, "message_not_found"},
		{"update with nothing", "chat.update", args{"channel": ops.ID(), "ts": mine}, "no_text"},
		{"long update", "chat.update", args{"channel": ops.ID(), "ts": mine, "text": strings.Repeat("é", 4001)}, "msg_too_long"},
		{"update in an archived channel", "chat.update", args{"channel": old.ID(), "ts": before, "text": "x"}, "is_inactive"},
		{"update by user ID", "chat.update", args{"channel": ana.ID(), "ts": mine, "text": "x"}, "channel_not_found"},
		{"update without ts", "chat.update", args{"channel": ops.ID(), "text": "x"}, "invalid_arguments"},

		{"delete hers", "chat.delete", args{"channel": ops.ID(), "ts": hers.TS}, "cant_delete_message"},
		{"delete nothing", "chat.delete", args{"channel": ops.ID(), "ts": "1.000000"}, "message_not_found"},
		{"ephemeral to an outsider", "chat.postEphemeral", args{"channel": ops.ID(), "user": bob.ID(), "text": "x"}, "user_not_in_channel"},
		{"ephemeral without the bot", "chat.postEphemeral", args{"channel": away.ID(), "user": ana.ID(), "text": "x"}, "not_in_channel"},
		{"permalink of nothing", "chat.getPermalink", args{"channel": ops.ID(), "message_ts": "1.000000"}, "message_not_found"},

		{"unknown user", "users.info", args{"user": "U404"}, "user_not_found"},
		{"unknown group", "usergroups.users.list", args{"usergroup": "S404"}, "no_such_subteam"},
		{"open with nobody", "conversations.open", args{}, "users_list_not_supplied"},
		{"open with the bot", "conversations.open", args{"users": srv.BotUserID()}, "cannot_dm_bot"},
		{"open with a stranger", "conversations.open", args{"users": "U404"}, "user_not_found"},
		{"open with strangers", "conversations.open", args{"users": ana.ID() + ",U404"}, "users_not_found"},
		{"open a group without the scope", "conversations.open", args{"users": ana.ID() + "," + bob.ID()}, "missing_scope"},
		{"info of a secret", "conversations.info", args{"channel": secret.ID()}, "channel_not_found"},
		{"members, bad cursor", "conversations.members", args{"channel": ops.ID(), "cursor": "x"}, "invalid_cursor"},

		{"view without trigger", "views.open", args{"view": modal("x")}, "invalid_arguments"},
		{"view with made-up trigger", "views.open", args{"trigger_id": "1.2.3", "view": modal("x")}, "invalid_trigger_id"},
		{"home of nobody", "views.publish", args{"user_id": "U404", "view": home("x")}, "user_not_found"},
		{"modal as home", "views.publish", args{"user_id": ana.ID(), "view": modal("x")}, "invalid_arguments"},
		{"home with an unknown field", "views.publish", args{"user_id": ana.ID(), "view": args{"type": "home", "blocks": []any{}, "nonsense": 1}}, "invalid_arguments"},
		{"update of no view", "views.update", args{"view_id": "V404", "view": modal("x")}, "not_found"},

		{"upload of nothing", "files.getUploadURLExternal", args{"filename": "a.txt", "length": 0}, "invalid_arguments"},
		{"complete of nothing", "files.completeUploadExternal", args{"files": []any{args{"id": "F404"}}}, "file_not_found"},
		{"unknown file", "files.info", args{"file": "F404"}, "file_not_found"},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, callJSON(t, srv, c.method, c.args), c.want) })
	}
}

func dividers(n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = args{"type": "divider"}
	}
	return out
}

func longSections(n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = section(strings.Repeat("x", 2900))
	}
	return out
}

func modal(title string, blocks ...any) args {
	if blocks == nil {
		blocks = []any{}
	}
	return args{
		"type": "modal", "callback_id": "m", "title": args{"type": "plain_text", "text": title},
		"submit": args{"type": "plain_text", "text": "Go"}, "blocks": blocks,
	}
}

func home(text string) args {
	return args{"type": "home", "blocks": []any{args{"type": "section", "text": args{"type": "mrkdwn", "text": text}}}}
}

func TestNotInChannelWithoutPublicScope(t *testing.T) {
	srv := slackemulator.NewServer(t, slackemulator.WithManifest([]byte("display_information: {name: x}\noauth_config: {scopes: {bot: [chat:write, files:write]}}")))
	ana := srv.AddUser("ana")
	away := srv.AddChannel("#away", ana, slackemulator.WithoutBot())
	wantError(t, callJSON(t, srv, "chat.postMessage", args{"channel": away.ID(), "text": "x"}), "not_in_channel")
	away.AddBot()
	mustOK(t, callJSON(t, srv, "chat.postMessage", args{"channel": away.ID(), "text": "x"}))
	away.RemoveBot()
	wantError(t, callJSON(t, srv, "chat.postMessage", args{"channel": away.ID(), "text": "x"}), "not_in_channel")
}

func TestLookups(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana", slackemulator.TimeZone("Europe/Berlin"), slackemulator.RealName("Ana B"))
	ops := srv.AddChannel("#ops", ana)
	group := srv.AddUserGroup("@support", ana)

	user := mustOK(t, callJSON(t, srv, "users.info", args{"user": ana.ID()}))["user"].(args)
	if user["tz"] != "Europe/Berlin" || user["real_name"] != "Ana B" {
		t.Errorf("user = %v", user)
	}
	members := mustOK(t, callJSON(t, srv, "usergroups.users.list", args{"usergroup": group}))["users"].([]any)
	if len(members) != 1 || members[0] != ana.ID() {
		t.Errorf("members of the group = %v", members)
	}
	info := mustOK(t, callJSON(t, srv, "conversations.info", args{"channel": ops.ID()}))["channel"].(args)
	if info["is_member"] != true || info["name"] != "ops" {
		t.Errorf("channel = %v", info)
	}
	page := mustOK(t, callJSON(t, srv, "conversations.members", args{"channel": ops.ID(), "limit": 1}))
	cursor := page["response_metadata"].(args)["next_cursor"]
	rest := mustOK(t, callJSON(t, srv, "conversations.members", args{"channel": ops.ID(), "limit": 1, "cursor": cursor}))
	if rest["members"].([]any)[0] != ana.ID() || rest["response_metadata"].(args)["next_cursor"] != "" {
		t.Errorf("second page = %v", rest)
	}
	dm := mustOK(t, callJSON(t, srv, "conversations.open", args{"users": ana.ID()}))["channel"].(args)["id"]
	if dm != ana.DM().ID() {
		t.Errorf("opened %v, want %v", dm, ana.DM().ID())
	}
	mustOK(t, callJSON(t, srv, "chat.postMessage", args{"channel": ana.ID(), "text": "by user ID"}))
	if got := ana.DM().Messages(); len(got) != 1 || got[0].Channel != "@ana" {
		t.Errorf("direct messages = %v", got)
	}
}

func TestRateLimits(t *testing.T) {
	clock := slackemulator.NewManualClock(someDay)
	srv := newServer(t, slackemulator.WithClock(clock), slackemulator.WithRateLimits(true))
	ops, dev := srv.AddChannel("#ops"), srv.AddChannel("#dev")
	post := func(ch *slackemulator.Channel) (response, args) {
		return do(t, srv.APIURL()+"chat.postMessage", "application/json", []byte(`{"channel":"`+ch.ID()+`","text":"x"}`), srv.BotToken())
	}
	for range 3 {
		_, answer := post(ops)
		mustOK(t, answer)
	}
	resp, answer := post(ops)
	wantError(t, answer, "ratelimited")
	if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "1" {
		t.Errorf("status %d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	_, answer = post(dev)
	mustOK(t, answer)
	clock.Advance(time.Second)
	_, answer = post(ops)
	ts := mustOK(t, answer)["ts"]
	for i := range 51 {
		answer := callJSON(t, srv, "chat.update", args{"channel": ops.ID(), "ts": ts, "text": "x"})
		if i < 50 {
			mustOK(t, answer)
		} else {
			wantError(t, answer, "ratelimited")
		}
	}
}

func TestFaults(t *testing.T) {
	srv := newServer(t)
	ops := srv.AddChannel("#ops")
	message := args{"channel": ops.ID(), "text": "x"}
	srv.Fail("chat.postMessage", 1, slackemulator.Fault{Code: "internal_error"})
	srv.Fail("chat.postMessage", 1, slackemulator.Fault{Status: 503})
	srv.Fail("chat.postMessage", 1, slackemulator.Fault{Status: 429, Code: "ratelimited", RetryAfter: 7 * time.Second})
	srv.Fail("chat.postMessage", 1, slackemulator.Fault{AfterEffect: true, Code: "fatal_error"})
	wantError(t, callJSON(t, srv, "chat.postMessage", message), "internal_error")
	if answer := callJSON(t, srv, "chat.postMessage", message); answer["body"] == nil {
		t.Errorf("503 = %v, want a body that is no JSON", answer)
	}
	resp, _ := do(t, srv.APIURL()+"chat.postMessage", "application/json", []byte(`{}`), srv.BotToken())
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "7" {
		t.Errorf("status %d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	wantError(t, callJSON(t, srv, "chat.postMessage", message), "fatal_error")
	if n := len(ops.Messages()); n != 1 {
		t.Errorf("%d messages, want the one whose answer was lost", n)
	}
	srv.Fail("chat.postMessage", 1, slackemulator.Fault{})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.APIURL()+"chat.postMessage", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.DefaultClient.Do(req); err == nil {
		closeBody(t, resp)
		t.Error("the connection was not cut")
	}
	srv.Hook(func(c slackemulator.Call) *slackemulator.Fault {
		if c.Args["text"] == "bad" {
			return &slackemulator.Fault{Code: "restricted_action"}
		}
		return nil
	})
	wantError(t, callJSON(t, srv, "chat.postMessage", args{"channel": ops.ID(), "text": "bad"}), "restricted_action")
	mustOK(t, callJSON(t, srv, "chat.postMessage", message))

	calls := srv.Calls("chat.postMessage")
	if len(calls) != 7 || calls[1].Status != 503 || calls[4].Status != 0 || calls[6].Args["text"] != "x" || !calls[6].OK {
		t.Errorf("calls = %+v", calls)
	}
}
