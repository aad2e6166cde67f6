package bot

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// Views is the part of the Web API that forms need.
type Views interface {
	OpenViewContext(ctx context.Context, triggerID string, view slack.ModalViewRequest) (*slack.ViewResponse, error)
	UpdateViewContext(ctx context.Context, view slack.ModalViewRequest, externalID, hash, viewID string) (*slack.ViewResponse, error)
}

// The form that asks for a time. Slack shows its picker in the time zone of whoever looks
// at it and sends a moment, so nobody has to know which zone that is, and an hour that the
// clocks leave out or repeat there means what they picked.
const (
	viewLater     = "later"
	blockWhen     = "when"
	actionWhen    = "later_when"
	openFormError = "I could not open the form for a later time. Nothing was changed. Please press Later… again."
)

// lookWithin is how long the call may take to be read before its form is opened: the
// right to open one ends 3 s after the click.
const lookWithin = 1200 * time.Millisecond

// openLater shows the form to who may decide on the call.
func (a *App) openLater(ctx context.Context, in slack.InteractionCallback, action *slack.BlockAction) (call.Call, error) {
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	c, err := a.look(ctx, a.svc.Look, action.Value, in.User.ID, clickedIn(in))
	if err != nil {
		return c, err
	}
	if _, err := a.views.OpenViewContext(ctx, in.TriggerID, a.laterForm(c, action.Value, a.svc.Suggest(c.Request))); err != nil {
		return c, &call.Error{Code: call.Unavailable, Sentence: openFormError, Err: err}
	}
	return c, nil
}

// look reads the call that a button's value, or a form's, belongs to, for somebody who
// acts in a conversation; "" for a form, which was opened from one.
func (a *App) look(ctx context.Context, look func(context.Context, call.Click) (call.Call, error), value, user, conversation string) (call.Call, error) {
	id, revision, ok := parseButtonValue(value)
	if !ok {
		return call.Call{}, errNoSuchButton
	}
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	actor := call.UserID(user)
	return look(ctx, call.Click{Call: id, Revision: revision, Actor: actor, Who: a.person(ctx, user, a.policy.ToDecide(actor)), Conversation: conversation})
}

// errNoSuchButton is of a button, or a form, that is none of ours.
var errNoSuchButton = call.Errorf(call.Invalid, "I can't tell which call that belongs to, so nothing was done. Type /call to ask for a new one.")

// showTime tells in an open form what time it will be there.
func (a *App) showTime(ctx context.Context, in slack.InteractionCallback, picked int64) {
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	c, err := a.look(ctx, a.svc.Look, in.View.PrivateMetadata, in.User.ID, "")
	if err == nil {
		form := a.laterForm(c, in.View.PrivateMetadata, time.Unix(picked, 0))
		_, err = a.views.UpdateViewContext(ctx, form, "", in.View.Hash, in.View.ID)
	}
	if err != nil { // whether the time can be had is told when the form is sent
		a.log.Info("a form does not tell the time there", slog.Any("error", err))
	}
}

// laterForm asks when a call is to be placed.
func (a *App) laterForm(c call.Call, value string, at time.Time) slack.ModalViewRequest {
	d := c.Number.Describe()
	about := "Call " + numberWords(c.Number)
	if where := place(c.Number); where != "" {
		about += " (" + where + ")"
	}
	then := "The local time there is not known."
	if there := call.DayThere(d, at); there != "" {
		then = "Then it will be " + there + "."
	}
	if err := a.svc.Schedulable(c.Request, at); err != nil {
		then = a.plainSentence(err)
	}
	picker := slack.NewDateTimePickerBlockElement(actionWhen)
	picker.InitialDateTime = at.Unix()
	input := slack.NewInputBlock(blockWhen, plain("When, by your own clock"), nil, picker)
	input.DispatchAction = true
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: viewLater, PrivateMetadata: value,
		Title: plain("Call later"), Submit: plain("Call then"), Close: plain("Back"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewSectionBlock(plain(about), nil, nil),
			input,
			slack.NewContextBlock("there", plain(then)),
			slack.NewContextBlock("", plain("This approves the call as its card shows it. You can cancel it until then.")),
		}},
	}
}

// submission commits what a person filled in.
func (a *App) submission(ctx context.Context, e socketmode.Envelope, in slack.InteractionCallback) socketmode.Ack {
	switch in.View.CallbackID {
	case viewLater:
		return a.laterSent(ctx, e, in)
	case viewCall:
		return a.formSent(ctx, e, in)
	case callbackNever:
		return a.neverSent(ctx, in)
	case callbackShare:
		return a.shareSent(ctx, in)
	}
	return socketmode.Ack{}
}

// laterSent approves a call for the time that was picked.
func (a *App) laterSent(ctx context.Context, e socketmode.Envelope, in slack.InteractionCallback) socketmode.Ack {
	wrong := func(text string) socketmode.Ack { return fieldError(blockWhen, text) }
	if a.foreign(in.User.ID, in.Team.ID, in.User.TeamID) {
		return wrong(call.ErrForeign.Sentence)
	}
	id, revision, ok := parseButtonValue(in.View.PrivateMetadata)
	picked := pickedTime(in)
	if !ok || picked <= 0 || picked > maxUnix {
		return wrong("Please choose a date and a time.")
	}
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	k := call.Click{Call: id, Revision: revision, Actor: call.UserID(in.User.ID), Start: time.Unix(picked, 0).UTC()}
	c, err := a.decideAs(ctx, a.svc.ApproveFor, submitKey(e, in), k)
	a.log.Info("form sent", slog.String("call", string(id)), slog.String("status", string(c.Status)), slog.String("code", string(call.CodeOf(err))))
	switch {
	case errors.Is(err, call.ErrUnclear):
		a.log.Error("a commit whose outcome is not known", slog.Any("error", err))
		return socketmode.NoAck
	case err != nil:
		return wrong(a.plainSentence(err))
	}
	return socketmode.Ack{}
}

// pickedTime is the moment that was chosen, in Unix seconds; 0: none.
func pickedTime(in slack.InteractionCallback) int64 {
	if in.View.State == nil {
		return 0
	}
	return in.View.State.Values[blockWhen][actionWhen].SelectedDateTime
}

// submitKey is what a submission is remembered by: a form that is sent twice is one, also
// if each time has a trigger of its own.
func submitKey(e socketmode.Envelope, in slack.InteractionCallback) call.Key {
	return intakeKey("submit", e, in.View.ID, in.User.ID, in.View.PrivateMetadata, strconv.FormatInt(pickedTime(in), 10))
}

// plainSentence is sentence where Slack shows plain text.
func (a *App) plainSentence(err error) string {
	if e, ok := errors.AsType[*call.Error](err); ok && e.Code != call.Internal && e.Code != call.Unavailable {
		return e.Sentence
	}
	return unescape(a.sentence(err))
}
