package bot

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// actionNewCall opens the form. Its value is where the card goes; "": where it is pressed.
const actionNewCall = "new_call"

func newCallButton(conversation string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(actionNewCall, conversation, plain("New call")).WithStyle(slack.StylePrimary)
}

// welcome explains the app to who has not used it yet.
func welcome(p *page) {
	p.line(strong("I place real phone calls for you and bring the answer back."))
	p.line(say("1. Type "), strong(commandCall), say(" in any channel, with a number and what the call is for."))
	p.line(say("2. A card shows what is about to happen. Nothing is dialled until somebody presses "), strong(buttonLabels[actionApprove]), say("."))
	p.line(say("3. An AI agent makes the call. The thread below the card follows it, and gets the outcome, a summary, what was said, and the recording."))
}

// renderWelcome is what a channel is told when the app joins it.
func renderWelcome() message {
	var p page
	welcome(&p)
	p.buttons(newCallButton(""))
	return p.message()
}

// joined says in a channel what the app does, the first time that it joins it. If it can't
// be said it is not tried again: whoever types the command is told the same.
func (a *App) joined(ctx context.Context, _ socketmode.Envelope, h happened) socketmode.Ack {
	var event struct {
		User    string `json:"user"`
		Channel string `json:"channel"`
	}
	if err := json.Unmarshal(h.Event, &event); err != nil || !slackID.MatchString(event.Channel) {
		a.log.Warn("an event that cannot be read", slog.Any("error", err))
		return socketmode.Ack{}
	}
	self := a.self.Load()
	if self == nil || event.User != *self || a.newcomers == nil || a.policy.Here(event.Channel) != nil {
		return socketmode.Ack{}
	}
	committing, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	first, err := a.newcomers.Welcome(committing, event.Channel)
	if err != nil {
		a.log.Warn("joining a channel", slog.Any("error", err))
		return socketmode.NoAck // it is told again
	}
	if first {
		a.replies.Go(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), replyWithin)
			defer cancel()
			if _, _, err := a.slack.PostMessageContext(ctx, event.Channel, options(renderWelcome(), "")...); err != nil {
				a.log.Warn("saying what the app does", slog.Any("error", err))
			}
		})
	}
	return socketmode.Ack{}
}

// openNew shows the empty form.
func (a *App) openNew(ctx context.Context, in slack.InteractionCallback, action *slack.BlockAction) (call.Call, error) {
	conversation := in.Channel.ID
	if slackID.MatchString(action.Value) {
		conversation = action.Value
	}
	if err := a.policy.Here(conversation); err != nil {
		return call.Call{}, err
	}
	return call.Call{}, a.openFor(ctx, in, newCall("", about{Conversation: conversation, Reply: a.responder.trusted(in.ResponseURL)}), draft{})
}
