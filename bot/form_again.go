package bot

import (
	"context"
	"log/slog"
	"strings"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// opener is what a button does that opens a form.
type opener func(ctx context.Context, in slack.InteractionCallback, action *slack.BlockAction) (call.Call, error)

// forms are the buttons that open one.
func (a *App) forms() map[string]opener {
	return map[string]opener{
		actionLater:     a.openLater,
		actionEdit:      a.openEdit,
		actionCallAgain: a.openAgain,
		actionCallBack:  a.openAgain,
		actionTryWith:   a.openAgain,
	}
}

// openEdit shows the form of a card to who may change what it asks for.
func (a *App) openEdit(ctx context.Context, in slack.InteractionCallback, action *slack.BlockAction) (call.Call, error) {
	c, err := a.look(ctx, a.svc.LookToRevise, action.Value, in.User.ID, clickedIn(in))
	if err != nil {
		return c, err
	}
	d, note := a.formOf(c), ""
	if units(d.objective) > maxInput {
		note = "What the call is for is longer than a form can hold, so its end is cut off here."
	}
	return c, a.openFor(ctx, in, form{
		title: "Edit this call", submit: "Save", note: note,
		about: about{Conversation: in.Channel.ID, Edits: action.Value},
	}, d)
}

// openAgain shows the form filled in from a call that was made, for another one like it.
func (a *App) openAgain(ctx context.Context, in slack.InteractionCallback, action *slack.BlockAction) (call.Call, error) {
	c, err := a.look(ctx, a.svc.LookBack, action.Value, in.User.ID, clickedIn(in))
	if err != nil {
		return c, err
	}
	m := about{Conversation: in.Channel.ID, Reply: a.responder.trusted(in.ResponseURL)}
	if a.past != nil { // its messages may stand elsewhere than where it was asked for
		ctx, cancel := context.WithTimeout(ctx, lookWithin)
		defer cancel()
		if o, err := a.past.Origin(ctx, c.ID); err != nil {
			a.log.Warn("reading where a call was asked for", slog.Any("error", err))
		} else if o.Conversation != "" {
			m.Conversation, m.Thread = o.Conversation, o.Thread
		}
	}
	f, d := newCall("", m), a.formOf(c)
	f.title = buttonLabels[actionCallAgain]
	switch action.ActionID {
	case actionCallBack:
		f.title, d.start = buttonLabels[actionCallBack], a.svc.Suggest(c.Request)
	case actionTryWith:
		var kept bool
		if d.objective, kept = withOpenPoint(c); kept {
			f.note = "Below what the call was for stands what came of it. Change that to what the agent is to say or ask now."
		}
	}
	return c, a.openFor(ctx, in, f, d)
}

// openFor shows a form to who pressed a button for it.
func (a *App) openFor(ctx context.Context, in slack.InteractionCallback, f form, d draft) error {
	if err := a.open(ctx, in.TriggerID, f, d); err != nil {
		return &call.Error{Code: call.Unavailable, Sentence: "Slack did not open the form in time, so nothing was done. Please press the button again.", Err: err}
	}
	return nil
}

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
