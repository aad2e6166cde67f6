package slackemulator_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// TestSlackGo calls every method that slack-go offers of those emulated: what it
// sends is taken and what comes back is what it can read.
func TestSlackGo(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana", slackemulator.TimeZone("Asia/Tokyo"))
	ops := srv.AddChannel("#ops", ana)
	group := srv.AddUserGroup("support", ana)
	ctx := deadline(t)
	api := slack.New(srv.BotToken(), slack.OptionAPIURL(srv.APIURL()))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	who, err := api.AuthTestContext(ctx)
	must(err)
	if who.UserID != srv.BotUserID() || who.BotID != srv.BotID() || who.TeamID != srv.TeamID() {
		t.Errorf("auth.test = %+v", who)
	}
	user, err := api.GetUserInfoContext(ctx, ana.ID())
	must(err)
	if user.TZ != "Asia/Tokyo" || user.TZOffset != 9*3600 || user.Profile.DisplayName != "ana" {
		t.Errorf("user = %+v", user)
	}
	members, err := api.GetUserGroupMembersContext(ctx, group)
	must(err)
	if !slices.Equal(members, []string{ana.ID()}) {
		t.Errorf("members of the group = %v", members)
	}
	conv, err := api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: ops.ID(), IncludeNumMembers: true})
	must(err)
	if !conv.IsChannel || !conv.IsMember || conv.NumMembers != 2 || conv.Name != "ops" {
		t.Errorf("channel = %+v", conv)
	}
	in, _, err := api.GetUsersInConversationContext(ctx, &slack.GetUsersInConversationParameters{ChannelID: ops.ID()})
	must(err)
	if !slices.Equal(in, []string{srv.BotUserID(), ana.ID()}) {
		t.Errorf("members = %v", in)
	}
	im, _, _, err := api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{ana.ID()}, ReturnIM: true})
	must(err)
	if im.ID != ana.DM().ID() || !im.IsIM {
		t.Errorf("direct messages = %+v", im)
	}

	blocks := slack.MsgOptionBlocks(slack.NewSectionBlock(plainText("hello"), nil, nil))
	channel, ts, err := api.PostMessageContext(ctx, ops.ID(), blocks, slack.MsgOptionText("x", false), slack.MsgOptionDisableLinkUnfurl())
	must(err)
	if channel != ops.ID() {
		t.Errorf("posted in %s", channel)
	}
	_, _, text, err := api.UpdateMessageContext(ctx, ops.ID(), ts, slack.MsgOptionText("new", false))
	must(err)
	if text != "new" {
		t.Errorf("updated to %q", text)
	}
	_, err = api.PostEphemeralContext(ctx, ops.ID(), ana.ID(), slack.MsgOptionText("psst", false))
	must(err)
	_, _, err = api.DeleteMessageContext(ctx, ops.ID(), ts)
	must(err)
	file, err := api.UploadFileContext(ctx, slack.UploadFileParameters{Channel: ops.ID(), Filename: "transcript.txt", Title: "Transcript", FileSize: 5, Content: "hello"})
	must(err)
	info, _, _, err := api.GetFileInfoContext(ctx, file.ID, 0, 0)
	must(err)
	var data bytes.Buffer
	must(api.GetFileContext(ctx, info.URLPrivateDownload, &data))
	if data.String() != "hello" || info.Title != "Transcript" || info.Size != 5 {
		t.Errorf("file = %+v, %q", info, data.String())
	}
	must(api.DeleteFileContext(ctx, file.ID))

	view := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}}}
	home, err := api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: ana.ID(), View: view})
	must(err)
	if home.Type != slack.VTHomeTab || home.Hash == "" {
		t.Errorf("home = %+v", home.View)
	}

	srv.Fail("chat.postMessage", 1, slackemulator.Fault{Status: 429, Code: "ratelimited", RetryAfter: 9e9})
	var limited *slack.RateLimitedError
	if _, _, err = api.PostMessageContext(ctx, ops.ID(), blocks); !errors.As(err, &limited) || limited.RetryAfter != 9e9 {
		t.Errorf("rate limited: %v", err)
	}
	var refused slack.SlackErrorResponse
	if _, err = api.OpenViewContext(ctx, "1.2.3", slack.ModalViewRequest{Type: slack.VTModal, Title: plainText(strings.Repeat("x", 25))}); !errors.As(err, &refused) || refused.Err != "invalid_trigger_id" {
		t.Errorf("made-up trigger: %v", err)
	}
}

func TestSlackGoModal(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	ctx := deadline(t)
	got := make(chan slack.InteractionCallback, 5)
	startApp(t, srv, func(a *app, ev socketmode.Event) {
		cb, ok := ev.Data.(slack.InteractionCallback)
		if !ok {
			return
		}
		if err := a.socket.AckCtx(t.Context(), ev.Request.EnvelopeID, nil); err != nil {
			t.Error(err)
		}
		if cb.Type == slack.InteractionTypeShortcut {
			element := slack.NewPlainTextInputBlockElement(nil, "value")
			_, err := a.OpenViewContext(t.Context(), cb.TriggerID, slack.ModalViewRequest{
				Type: slack.VTModal, Title: plainText("New call"), Submit: plainText("Go"), PrivateMetadata: "meta",
				Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock("number", plainText("Number"), nil, element)}},
			})
			if err != nil {
				t.Error(err)
			}
		}
		got <- cb
	})
	if _, err := ana.Shortcut(ctx, "New call"); err != nil {
		t.Fatal(err)
	}
	<-got
	v, err := ana.WaitView(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Fill(ctx, "Number", "(415) 555-0132"); err != nil {
		t.Fatal(err)
	}
	if err := v.Submit(ctx); err != nil {
		t.Fatal(err)
	}
	cb := <-got
	if cb.Type != slack.InteractionTypeViewSubmission || cb.View.PrivateMetadata != "meta" || cb.View.State.Values["number"]["value"].Value != "(415) 555-0132" {
		t.Errorf("submission = %+v", cb.View)
	}
}

func TestDirectMessagesBetweenPeople(t *testing.T) {
	srv := newServer(t)
	ana, bob := srv.AddUser("ana"), srv.AddUser("bob")
	dm := srv.AddDirectMessage(ana, bob)
	wantError(t, callJSON(t, srv, "chat.postMessage", args{"channel": dm.ID(), "text": "x"}), "channel_not_found")
	w, _ := connect(t, srv)
	go func() { w.ack(w.next(), args{"text": "only by DM"}) }()
	reply, err := ana.Slash(deadline(t), dm.ID(), "/call x")
	if err != nil {
		t.Fatal(err)
	}
	if m := reply.Messages(); len(m) != 1 || m[0].EphemeralFor != "ana" || m[0].Channel != "@ana,@bob" {
		t.Errorf("answers = %+v", m)
	}
}

// FuzzCalls sends anything to the Web API: the answer is always JSON with "ok".
func FuzzCalls(f *testing.F) {
	methods := []string{
		"chat.postMessage", "chat.update", "chat.postEphemeral", "views.open", "views.publish", "views.update",
		"files.completeUploadExternal", "files.getUploadURLExternal", "conversations.open", "conversations.members",
	}
	e, err := slackemulator.New(slackemulator.WithBaseURL("http://127.0.0.1:1"))
	if err != nil {
		f.Fatal(err)
	}
	ana := e.AddUser("ana")
	e.AddChannel("#ops", ana)
	seen := 0
	for i := range methods {
		f.Add(i, true, `{"channel":"#ops","text":"<!date^1^{x}|y> <@U>","ts":"1.000000","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"*x*"}}]}`)
		f.Add(i, false, `channel=%23ops&user=U&blocks=null&view={"type":"home","blocks":[]}&files=[{}]&length=-1&user_id=`+ana.ID())
	}
	f.Fuzz(func(t *testing.T, method int, asJSON bool, body string) {
		name := methods[uint(method)%uint(len(methods))]
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/"+name, strings.NewReader(body))
		req.Header.Set("Authorization", "Bearer "+e.BotToken())
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if asJSON {
			req.Header.Set("Content-Type", "application/json")
		}
		rec := httptest.NewRecorder()
		e.ServeHTTP(rec, req)
		if !strings.Contains(rec.Body.String(), `"ok":`) {
			t.Errorf("%s answered %q", name, rec.Body)
		}
		for _, ev := range e.Events(seen) {
			seen = ev.Seq
			if ev.Message != nil {
				_ = ev.Message.Plain()
			}
			if ev.View != nil {
				_ = ev.View.Plain()
			}
		}
	})
}
