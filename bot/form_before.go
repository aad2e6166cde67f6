package bot

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// Past is what was asked for before.
type Past interface {
	// Called lists what was called that somebody asked for or approved, or that was asked
	// for in a conversation unless that is ""; the latest first.
	Called(ctx context.Context, by call.UserID, conversation string) ([]call.Called, error)
	// Origin is where a call was asked for.
	Origin(ctx context.Context, id call.ID) (call.Origin, error)
}

// before is the field that finds a number by whose it is. Choosing one fills in the
// fields for the number and the name.
//
// Why not have the number's own field suggest: a menu takes nothing that it does not
// offer, so that whoever has a number at hand could not just paste it.
func before() slack.Block {
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, plain("Type a name or a part of the number"), fieldBefore)
	none := 0 // the last ones are shown before anything is typed
	menu.MinQueryLength = &none
	block := optional(input(fieldBefore, "Or somebody who was called before", "", menu))
	block.DispatchAction = true
	return block
}

const (
	// suggestWithin is how long suggestions may take; Slack waits for 3 s.
	suggestWithin = 2 * time.Second
	// maxSuggested is as many of the longest as an ack can carry.
	maxSuggested = 12

	maxOptionText  = 75
	maxOptionValue = 150
)

// suggestions is the answer to what is typed into a menu.
type suggestions struct {
	Options []*slack.OptionBlockObject `json:"options"`
}

// suggest answers what is typed into the field for those who were called before.
func (a *App) suggest(ctx context.Context, in slack.InteractionCallback) socketmode.Ack {
	offer := suggestions{Options: []*slack.OptionBlockObject{}}
	if in.ActionID == fieldBefore && a.past != nil && !a.foreign(in.User.ID, in.Team.ID, in.User.TeamID) {
		ctx, cancel := context.WithTimeout(ctx, suggestWithin)
		defer cancel()
		list, err := a.calledBefore(ctx, in)
		if err != nil {
			a.log.Warn("suggesting who was called before", slog.Any("error", err))
		}
		for _, c := range call.Matching(list, in.Value, maxSuggested) {
			offer.Options = append(offer.Options, suggestion(c))
		}
	}
	return socketmode.Ack{Payload: offer}
}

// calledBefore lists what somebody may see of what was called: nothing, if they may not
// use callbot where the form stands. A direct message is nobody else's.
func (a *App) calledBefore(ctx context.Context, in slack.InteractionCallback) ([]call.Called, error) {
	m, ok := parseAbout(in.View.PrivateMetadata)
	user := call.UserID(in.User.ID)
	if !ok || a.policy.MayAsk(a.person(ctx, in.User.ID, a.policy.ToAsk(user)), m.Conversation) != nil {
		return nil, nil
	}
	conversation := m.Conversation
	if isDM(conversation) {
		conversation = ""
	}
	return a.past.Called(ctx, user, conversation)
}

// suggestion is a number as it is offered.
func suggestion(c call.Called) *slack.OptionBlockObject {
	number := withExtension(numberWords(c.Number), c.Extension)
	label := number
	if name := oneLine(c.Business); name != "" {
		name, _ = cut(name, maxOptionText-units(number)-2)
		label = name + ", " + number
	} else if where := place(c.Number); where != "" {
		label += ", " + where
	}
	label, _ = cut(label, maxOptionText)
	return slack.NewOptionBlockObject(suggestionValue(c), plain(label), nil)
}

// suggestionValue is what is filled in once it is chosen.
func suggestionValue(c call.Called) string {
	return prefix(strings.Join([]string{c.Number.E164(), c.Extension, oneLine(c.Business)}, ";"), maxOptionValue)
}

// parseSuggestion reads what suggestionValue wrote.
func parseSuggestion(value string) (c call.Called, ok bool) {
	number, rest, _ := strings.Cut(value, ";")
	c.Extension, c.Business, ok = strings.Cut(rest, ";")
	var err error
	c.Number, err = phone.ParseE164(number)
	return c, ok && err == nil && strings.Trim(c.Extension, "0123456789") == ""
}

// fillIn puts who was chosen into the fields of an open form. All else stays as it was
// typed.
func (a *App) fillIn(ctx context.Context, in slack.InteractionCallback, chosen string) {
	c, ok := parseSuggestion(chosen)
	m, of := parseAbout(in.View.PrivateMetadata)
	if !ok || !of || in.View.CallbackID != viewCall || in.View.Title == nil || in.View.Submit == nil || in.View.Close == nil {
		return // emptied, or none of ours
	}
	f := readFilled(in.View)
	d := f.draft
	d.number = asTyped(c.Number, c.Extension, a.region)
	if c.Business != "" {
		d.business = c.Business
	}
	next := form{title: in.View.Title.Text, submit: in.View.Submit.Text, leave: in.View.Close.Text, note: noteOf(in.View), filled: timesFilled(f.blocks[fieldNumber]) + 1, about: m}
	_, next.choice = f.blocks[fieldSeen]
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	if _, err := a.views.UpdateViewContext(ctx, next.view(d), "", in.View.Hash, in.View.ID); err != nil {
		a.log.Warn("filling in a form", slog.Any("error", err)) // the number can be typed
	}
}

// timesFilled is how often a field was filled in, as the name of its block tells.
func timesFilled(block string) int {
	_, n, _ := strings.Cut(block, ".")
	times, err := strconv.Atoi(n)
	if err != nil || times < 0 {
		return 0
	}
	return times
}

// noteOf is the note of an open form.
func noteOf(v slack.View) string {
	for _, b := range v.Blocks.BlockSet {
		if section, ok := b.(*slack.SectionBlock); ok && section.BlockID == blockNote && section.Text != nil {
			return section.Text.Text
		}
	}
	return ""
}
