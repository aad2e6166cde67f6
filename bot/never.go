package bot

import (
	"context"
	"errors"
	"log/slog"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

const (
	callbackNever = "never_call"
	blockReason   = "reason"
)

// askWhyNever opens the modal that confirms that a number is never called again.
func (a *App) askWhyNever(ctx context.Context, in slack.InteractionCallback, value string) error {
	id, _, ok := parseButtonValue(value)
	if !ok {
		return call.Errorf(call.Invalid, "I can't tell which call that button belongs to, so nothing was done.")
	}
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	if _, err := a.views.OpenViewContext(ctx, in.TriggerID, neverModal(id)); err != nil {
		a.log.Warn("opening a modal", slog.Any("error", err))
		return call.Errorf(call.Unavailable, "Slack did not open the form in time, so nothing was done. Please press the button again.")
	}
	return nil
}

// neverModal asks why. It is opened without a look at the call, since it must be within
// 3 s; who may, and what number it is, is decided when it is submitted.
func neverModal(id call.ID) slack.ModalViewRequest {
	input := slack.NewPlainTextInputBlockElement(plain("They asked not to be called again"), blockReason)
	input.MaxLength = call.MaxBanReason
	input.Multiline, input.FocusOnLoad = true, true
	return slack.ModalViewRequest{
		Type:            slack.VTModal,
		CallbackID:      callbackNever,
		PrivateMetadata: string(id),
		Title:           plain("Never call again"),
		Submit:          plain("Never call"),
		Close:           plain("Cancel"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewSectionBlock(plain("Nobody here can have this number called any more. Cards and calls that wait for it are not placed either. Only an admin of callbot can lift that, with /call allow and the number."), nil, nil),
			slack.NewInputBlock(blockReason, plain("Why?"), plain("Everybody who sees a result of a call to this number can read it."), input),
		}},
	}
}

// neverSent bans the number of a call, for the reason that was filled in.
func (a *App) neverSent(ctx context.Context, in slack.InteractionCallback) socketmode.Ack {
	if a.foreign(in.User.ID, in.Team.ID, in.User.TeamID) {
		return fieldError(blockReason, call.ErrForeign.Sentence)
	}
	id, _, ok := parseButtonValue(in.View.PrivateMetadata + ":0")
	if !ok || in.View.State == nil {
		return fieldError(blockReason, "I can't tell which call this is about. Please close this and press the button again.")
	}
	reason := oneLine(in.View.State.Values[blockReason][blockReason].Value)
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	actor := call.UserID(in.User.ID)
	c, changed, err := a.svc.Ban(ctx, id, a.person(ctx, in.User.ID, a.policy.ToDecide(actor)), reason)
	if errors.Is(err, call.ErrUnclear) {
		a.log.Error("a commit whose outcome is not known", slog.Any("error", err))
		return socketmode.NoAck
	}
	if err != nil {
		return fieldError(blockReason, a.plainSentence(err))
	}
	a.log.Info("a number is never called again", slog.String("call", string(c.ID)), slog.String("by", in.User.ID), slog.Bool("changed", changed))
	return socketmode.Ack{}
}

// fieldError keeps a modal open, with a sentence at one of its fields.
func fieldError(block, sentence string) socketmode.Ack {
	return socketmode.Ack{Payload: slack.NewErrorsViewSubmissionResponse(map[string]string{block: sentence})}
}
