package slackemulator_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// wav is a silent WAV file of one second: 8 kHz, 16 bits, mono.
func wav() []byte {
	const rate, size = 8000, 16000
	var b bytes.Buffer
	b.WriteString("RIFF")
	for _, v := range []any{
		uint32(36 + size), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2 * rate), uint16(2), uint16(16),
		[]byte("data"), uint32(size), make([]byte, size),
	} {
		_ = binary.Write(&b, binary.LittleEndian, v) // a bytes.Buffer does not fail
	}
	return b.Bytes()
}

// callApp is a small app with a card, a button, a thread and a file. It closes
// clicked when it is done with the click.
func callApp(t *testing.T, clicked chan struct{}) func(*app, socketmode.Event) {
	return func(a *app, ev socketmode.Event) {
		ctx := t.Context()
		switch ev.Type { //nolint:exhaustive // the app answers these two
		case socketmode.EventTypeSlashCommand:
			cmd := ev.Data.(slack.SlashCommand)
			if err := a.socket.AckCtx(ctx, ev.Request.EnvelopeID, args{"text": "On it"}); err != nil {
				t.Error(err)
			}
			confirm := slack.NewConfirmationBlockObject(plainText("Sure?"), plainText("It rings."), plainText("Yes"), plainText("No"))
			button := slack.NewButtonBlockElement("place", "call-1", plainText("Place call")).WithStyle(slack.StylePrimary).WithConfirm(confirm)
			_, _, err := a.PostMessageContext(ctx, cmd.ChannelID,
				slack.MsgOptionText("A call", false),
				slack.MsgOptionBlocks(
					slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, "*Call* for <@"+cmd.UserID+">: "+cmd.Text, false, false), nil, nil),
					slack.NewActionBlock("acts", button),
				))
			if err != nil {
				t.Error(err)
			}
		case socketmode.EventTypeInteractive:
			defer close(clicked)
			cb := ev.Data.(slack.InteractionCallback)
			if err := a.socket.AckCtx(ctx, ev.Request.EnvelopeID, nil); err != nil {
				t.Error(err)
			}
			card := cb.Container
			if _, _, _, err := a.UpdateMessageContext(ctx, card.ChannelID, card.MessageTs, slack.MsgOptionText("Approved by <@"+cb.User.ID+">", false)); err != nil {
				t.Error(err)
			}
			data := wav()
			_, err := a.UploadFileContext(ctx, slack.UploadFileParameters{
				Channel: card.ChannelID, ThreadTimestamp: card.MessageTs, Filename: "recording.wav", FileSize: len(data),
				Reader: bytes.NewReader(data), InitialComment: "Summary: they are open",
			})
			if err != nil {
				t.Error(err)
			}
		}
	}
}

func TestStory(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	ops := srv.AddChannel("#ops", ana)
	clicked := make(chan struct{})
	startApp(t, srv, callApp(t, clicked))
	ctx := deadline(t)
	events, cancel := srv.Subscribe()
	defer cancel()

	reply, err := ana.Slash(ctx, "#ops", "/call (415) 555-0132 Ask about the return policy")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := reply.Wait(ctx, nil)
	if err != nil || answer.Plain() != "On it" || answer.EphemeralFor != "ana" {
		t.Fatalf("answer = %+v, %v", answer, err)
	}
	card, err := ops.WaitMessage(ctx, slackemulator.HasButton("Place call"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "Call for @ana: (415) 555-0132 Ask about the return policy\n[ Place call ]"; card.Plain() != want {
		t.Errorf("the card reads %q, want %q", card.Plain(), want)
	}
	button := card.Button("Place call")
	if button.Style != "primary" || button.Confirm == nil || button.Confirm.Yes != "Yes" {
		t.Errorf("button = %+v", button)
	}
	if _, err := button.Click(ctx, ana); err != nil {
		t.Fatal(err)
	}
	if card, err = card.Wait(ctx, slackemulator.Contains("Approved by @ana")); err != nil {
		t.Fatal(err)
	}
	result, err := card.Thread().Wait(ctx, slackemulator.HasFile("audio/"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "Summary: they are open\nfile: recording.wav (audio, 1 s)"; result.Plain() != want {
		t.Errorf("the result reads %q, want %q", result.Plain(), want)
	}
	if !bytes.Equal(result.Files[0].Content(), wav()) {
		t.Error("the file is not what was uploaded")
	}
	if _, err := button.Click(ctx, ana); err == nil {
		t.Error("a button that is gone was pressed")
	}
	if n := len(card.Revisions()); n != 2 {
		t.Errorf("%d revisions of the card, want 2", n)
	}

	var kinds []string
	for ev := range events {
		kinds = append(kinds, string(ev.Kind))
		if ev.Kind == slackemulator.FileShared {
			break
		}
	}
	slices.Sort(kinds[1:3]) // slack-go sends its ack and the message at the same time
	want := "command_typed ephemeral_posted message_posted control_used message_updated message_posted file_shared"
	<-clicked
	if got := strings.Join(kinds, " "); got != want {
		t.Errorf("events = %s, want %s", got, want)
	}

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, result.Files[0].URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+srv.BotToken())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer closeBody(t, resp)
	if data, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(data, wav()) {
		t.Errorf("url_private served %d bytes, %v", len(data), err)
	}
}

func TestSlashErrorsThatPeopleSee(t *testing.T) {
	clock := slackemulator.NewManualClock(someDay)
	srv := newServer(t, slackemulator.WithClock(clock))
	ana := srv.AddUser("ana")
	srv.AddChannel("#ops", ana)
	ctx := deadline(t)

	if _, err := ana.Slash(ctx, "#ops", "/cal x"); err == nil || err.Error() != "/cal is not a valid command" {
		t.Errorf("unknown command: %v", err)
	}
	if _, err := ana.Slash(ctx, "#ops", "/call x"); err == nil || err.Error() != `/call failed with the error "dispatch_failed"` {
		t.Errorf("no app: %v", err)
	}
	took := make(chan struct{}, 1)
	startApp(t, srv, func(_ *app, ev socketmode.Event) {
		if ev.Type == socketmode.EventTypeSlashCommand {
			took <- struct{}{}
		}
	})
	go func() {
		<-took
		clock.Advance(3 * 1e9)
	}()
	if _, err := ana.Slash(ctx, "#ops", "/call x"); err == nil || err.Error() != `/call failed with the error "operation_timeout"` {
		t.Errorf("no ack: %v", err)
	}
	if n := len(ana.Notices()); n != 3 {
		t.Errorf("%d notices, want 3", n)
	}
	if _, err := ana.Slash(ctx, "#nowhere", "/call x"); err == nil {
		t.Error("a command was typed in a channel that does not exist")
	}
}

func TestEscapedCommand(t *testing.T) {
	srv := newServer(t)
	ana, bob := srv.AddUser("ana"), srv.AddUser("bob")
	ops := srv.AddChannel("#ops", ana, bob)
	got := make(chan string, 2)
	startApp(t, srv, func(a *app, ev socketmode.Event) {
		if cmd, ok := ev.Data.(slack.SlashCommand); ok {
			got <- cmd.Text
			_ = a.socket.AckCtx(t.Context(), ev.Request.EnvelopeID, nil)
		}
	})
	for line, want := range map[string]string{
		"/mention @bob in #ops":   "<@" + bob.ID() + "|bob> in <#" + ops.ID() + "|ops>",
		"/call  @bob “as typed” ": "@bob “as typed”",
	} {
		if _, err := ana.Slash(deadline(t), "#ops", line); err != nil {
			t.Fatal(err)
		}
		if text := <-got; text != want {
			t.Errorf("%s arrives as %q, want %q", line, text, want)
		}
	}
}
