package bot

import (
	"context"
	"strings"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// opener is what a button does that opens a form.
type opener func(ctx context.Context, in slack.InteractionCallback, action *slack.BlockAction) (call.Call, error)

// forms are the buttons that open one.
func (a *App) forms() map[string]opener {
	return map[string]opener{
		actionNewCall:   a.openNew,
		actionShare:     a.openShare,
		actionLater:     a.openLater,
		actionEdit:      a.openEdit,
		actionCallAgain: a.openAgain,
		actionCallBack:  a.openAgain,
		actionTryWith:   a.openAgain,
	}
}

// What is to be looked at in a form that was filled in.
const (
	tooLongNote   = "What the call is for is longer than a form can hold, so its end is cut off here."
	openPointNote = "The last line of what the call is for tells what came of the last one. Change it to what the agent is to say or ask now."
)

// openEdit shows the form of a card to who may change what it asks for.
func (a *App) openEdit(ctx context.Context, in slack.InteractionCallback, action *slack.BlockAction) (call.Call, error) {
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	c, err := a.look(ctx, a.svc.LookToRevise, action.Value, in.User.ID, clickedIn(in))
	if err != nil {
		return c, err
	}
	d, note := a.formOf(c), ""
	if units(d.objective) > maxInput {
		note = tooLongNote
	}
	return c, a.openFor(ctx, in, editForm(note, about{Conversation: in.Channel.ID, Edits: action.Value}), d)
}

// editForm is the form that changes what a card asks for.
func editForm(note string, m about) form {
	return form{title: "Edit this call", submit: "Save", leave: "Back", note: note, about: m}
}

// openAgain shows the form filled in from a call that was made, for another one like it.
func (a *App) openAgain(ctx context.Context, in slack.InteractionCallback, action *slack.BlockAction) (call.Call, error) {
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	c, err := a.look(ctx, a.svc.LookBack, action.Value, in.User.ID, clickedIn(in))
	if err != nil {
		return c, err
	}
	m := about{Conversation: in.Channel.ID, Reply: a.responder.trusted(in.ResponseURL)}
	if a.past != nil { // its messages may stand elsewhere than where it was asked for
		o, err := a.past.Origin(ctx, c.ID)
		if err != nil {
			return c, &call.Error{Code: call.Unavailable, Sentence: formNotOpened, Err: err}
		}
		m.Conversation, m.Thread = o.Conversation, o.Thread
	}
	f, d := newCall("", m), a.formOf(c)
	switch action.ActionID {
	case actionCallAgain:
		f.title = "Call again"
	case actionCallBack:
		f.title, d.start = "Call back later", a.svc.Suggest(c.Request)
	case actionTryWith:
		f.title = "Try again"
		var kept bool
		if d.objective, kept = withOpenPoint(c); kept {
			f.note = openPointNote
		}
	}
	return c, a.openFor(ctx, in, f, d)
}

// openFor shows a form to who pressed a button for it.
func (a *App) openFor(ctx context.Context, in slack.InteractionCallback, f form, d draft) error {
	if err := a.open(ctx, in.TriggerID, f, d); err != nil {
		return &call.Error{Code: call.Unavailable, Sentence: formNotOpened, Err: err}
	}
	return nil
}

const formNotOpened = "I could not open the form in time, so nothing was done. Please press the button again."

// maxOpenPoint is the most that is taken over of a summary, in UTF-16 units.
const maxOpenPoint = 700

// lastTime stands before what came of the last call.
const lastTime = "\n\nWhat came of the last call: "

// withOpenPoint is what a call was for with what came of it below: somebody else's words,
// on one line and in quotes, for a person to change. Of what is never stored, or finds no
// room, nothing is taken over.
func withOpenPoint(c call.Call) (objective string, kept bool) {
	summary := strings.NewReplacer("“", "'", "”", "'", "\"", "'", string(hiddenMark), "").Replace(oneLine(c.Summary))
	room := min(maxOpenPoint, maxInput-units(c.Objective)-units(lastTime)-2)
	if summary == "" || room < 40 || call.CheckContent("", summary) != nil {
		return c.Objective, false
	}
	summary, _ = cut(summary, room)
	return c.Objective + lastTime + "“" + summary + "”", true
}
