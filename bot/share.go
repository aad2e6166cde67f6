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
	callbackShare = "share"
	blockShare    = "share_in"
)

// openShare asks where a summary is to be shared. Who may is decided when that is sent.
func (a *App) openShare(ctx context.Context, in slack.InteractionCallback, action *slack.BlockAction) (call.Call, error) {
	id, _, ok := parseButtonValue(action.Value)
	if !ok {
		return call.Call{}, errNoSuchButton
	}
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	if _, err := a.views.OpenViewContext(ctx, in.TriggerID, shareModal(id)); err != nil {
		return call.Call{}, &call.Error{Code: call.Unavailable, Sentence: "Slack did not open the form in time, so nothing was done. Please press the button again.", Err: err}
	}
	return call.Call{}, nil
}

func shareModal(id call.ID) slack.ModalViewRequest {
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeConversations, plain("Choose a channel"), blockShare)
	menu.Filter = &slack.SelectBlockElementFilter{Include: []string{"public", "private", "mpim"}, ExcludeBotUsers: true}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: callbackShare, PrivateMetadata: string(id),
		Title: plain("Share summary"), Submit: plain("Share"), Close: plain("Back"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewSectionBlock(plain("Everybody there sees who was called, how it went, and the summary. What was asked, the transcript and the recording stay where they are."), nil, nil),
			slack.NewInputBlock(blockShare, plain("Where?"), nil, menu),
		}},
	}
}

// shareSent shares a summary where that was chosen.
func (a *App) shareSent(ctx context.Context, in slack.InteractionCallback) socketmode.Ack {
	wrong := func(text string) socketmode.Ack { return fieldError(blockShare, text) }
	if a.foreign(in.User.ID, in.Team.ID, in.User.TeamID) {
		return wrong(call.ErrForeign.Sentence)
	}
	id, _, ok := parseButtonValue(in.View.PrivateMetadata + ":0")
	if !ok || in.View.State == nil {
		return wrong("I can't tell which call this is about. Please close this and press the button again.")
	}
	conversation := in.View.State.Values[blockShare][blockShare].SelectedConversation
	if !slackID.MatchString(conversation) {
		return wrong("Choose where to share it.")
	}
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	actor := call.UserID(in.User.ID)
	c, changed, err := a.svc.Share(ctx, id, a.person(ctx, in.User.ID, a.policy.ToAsk(actor)), conversation)
	switch {
	case errors.Is(err, call.ErrUnclear):
		a.log.Error("a commit whose outcome is not known", slog.Any("error", err))
		return socketmode.NoAck
	case err != nil:
		return wrong(a.plainSentence(err))
	case !changed:
		return wrong("It is shared there already.")
	}
	a.log.Info("a summary is shared", slog.String("call", string(c.ID)), slog.String("by", in.User.ID))
	return socketmode.Ack{}
}

// shared posts or edits the summary where it was shared. Where it can't stand, whoever
// shared it is told.
func (s *session) shared(ctx context.Context) error {
	old, m := s.pub.Messages[call.SlotShared], renderShared(s.pub.Call, s.stand.share.By, s.home())
	if old.TS != "" {
		return s.send(ctx, call.SlotShared, m, old.Channel, "")
	}
	if old.Digest != notToBe {
		err := s.post(ctx, call.SlotShared, m, s.stand.share.Conversation, "")
		if !unreachable(err) {
			return err
		}
		s.log.Info("a summary can't be shared where it was to", slog.String("call", string(s.pub.Call.ID)), slog.String("reason", slackCode(err)))
		// First, so that whoever is told can share it again at once.
		if err := s.save(ctx, call.SlotShared, call.Message{Slot: call.SlotShared, Digest: notToBe}); err != nil {
			return err
		}
	}
	if s.pub.Messages[call.SlotUnshared].TS != "" {
		return nil
	}
	dm, err := s.dm(ctx, s.stand.share.By)
	if err != nil {
		return err
	}
	return s.post(ctx, call.SlotUnshared, renderNotShared(s.pub.Call, s.stand.share), dm, "")
}

// renderShared is the summary of a call for people who need not know of the call.
func renderShared(c call.Call, by call.UserID, h home) message {
	var p page
	p.line(mention(by), say(" shared what came of a phone call."))
	l := append(verdictSoFar(c, h), say(" · call to "))
	if c.Private {
		l = append(l, maskedCallee(c)...)
	} else {
		l = append(l, callee(c)...)
	}
	if !c.EndedAt.IsZero() {
		l = append(append(l, say(" · ")), clock(c.EndedAt, c.EndedAt)...)
	}
	p.line(l...)
	p.line(strong("Summary"))
	if p.quote(squeeze(c.Summary), maxSummary) {
		p.line(say("The summary is cut here. "), mention(by), say(" has all of it."))
	}
	return p.message()
}

// renderNotShared tells who shared a summary that it does not stand there.
func renderNotShared(c call.Call, share call.Share) message {
	var p page
	l := append(line{say("The summary of the call to ")}, callee(c)...)
	l = append(l, say(" is not shared in "), where(home{origin: share.Conversation}))
	p.line(append(l, say(", because I can't write there. Add me with /invite @callbot and share it again."))...)
	return p.message()
}
