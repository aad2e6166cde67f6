package bot

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// SetWorkspace tells the address of the workspace, as [Publisher.SetWorkspace] does.
func (a *App) SetWorkspace(address string) { a.workspace.Store(&address) }

// known is what was told of the app, or "".
func known(p *atomic.Pointer[string]) string {
	if s := p.Load(); s != nil {
		return *s
	}
	return ""
}

// maxAckAnswer is how large an answer may be that goes with an ack, of which Slack takes
// 20,000 bytes.
const maxAckAnswer = 18_000

// answer answers one person alone: with the ack where it may carry an answer, else at
// the response_url, else with an ephemeral message; on a Home tab, in a dialog; what was
// typed in a direct message, there. Those go out beside the ack, which must not wait for
// them, with time of their own, since what they tell may be that time ran out; [App.Wait]
// waits for them.
func (a *App) answer(ctx context.Context, e socketmode.Envelope, to asker, m message) socketmode.Ack {
	whisper := ephemeral(m)
	if e.Type == socketmode.TypeSlashCommands && e.AcceptsResponsePayload {
		if raw, err := json.Marshal(whisper); err == nil && len(raw) <= maxAckAnswer {
			return socketmode.Ack{Payload: whisper}
		}
	}
	if to.replaces {
		whisper.ReplaceOriginal, whisper.ResponseType = true, "" // it stays seen by whom it was
	}
	whisper.ThreadTimestamp = to.thread
	a.replies.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), replyWithin)
		defer cancel()
		if to.channel == "" && to.responseURL == "" && to.trigger != "" {
			if _, err := a.views.OpenViewContext(ctx, to.trigger, noticeModal(m.text)); err != nil {
				a.log.Warn("answering a person", slog.Any("error", err))
			}
			return
		}
		err := a.responder.respond(ctx, to.responseURL, whisper)
		if err == nil {
			return
		}
		var second error
		if e.Type == socketmode.TypeEventsAPI && isDM(to.channel) {
			_, _, second = a.slack.PostMessageContext(ctx, to.channel, options(m, to.thread)...)
		} else {
			_, second = a.slack.PostEphemeralContext(ctx, to.channel, to.user, options(m, to.thread)...)
		}
		if second != nil {
			a.log.Warn("answering a person", slog.Any("error", errors.Join(err, second)))
		}
	})
	return socketmode.Ack{}
}
