package bot

import (
	"context"
	"log/slog"
	"strings"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// The shortcuts. Both open the form.
const (
	callbackAbout = "call_about"
	callbackPlace = "place_call"
)

// shortcuts is what the form holds and asks for, by shortcut.
func (a *App) shortcuts() map[string]func(slack.InteractionCallback) (form, draft) {
	return map[string]func(slack.InteractionCallback) (form, draft){
		callbackAbout: a.aboutMessage,
		callbackPlace: func(slack.InteractionCallback) (form, draft) { return newCall("", about{Asks: true}), draft{} },
	}
}

// shortcut opens the form. As with a command, who may ask is told when it is sent, since
// it must be open within 3 s.
func (a *App) shortcut(ctx context.Context, e socketmode.Envelope, in slack.InteractionCallback) socketmode.Ack {
	begin, known := a.shortcuts()[in.CallbackID]
	if !known {
		return socketmode.Ack{}
	}
	to := asker{channel: in.Channel.ID, user: in.User.ID, responseURL: in.ResponseURL, trigger: in.TriggerID}
	if a.foreign(in.User.ID, in.Team.ID, in.User.TeamID) {
		a.log.Warn("a shortcut from another workspace", slog.String("team", in.Team.ID), slog.String("of", in.User.TeamID))
		return a.reply(ctx, e, to, a.sentence(call.ErrForeign))
	}
	if err := a.policy.Here(in.Channel.ID); err != nil {
		return a.reply(ctx, e, to, a.sentence(err))
	}
	f, d := begin(in)
	if err := a.open(ctx, in.TriggerID, f, d); err != nil {
		a.log.Warn("the form is not shown", slog.Any("error", err))
		return a.reply(ctx, e, to, answerText("Slack did not open the form in time, so nothing was done. Please try again."))
	}
	return socketmode.Ack{}
}

// maxOfMessage is how many numbers of one message are offered.
const maxOfMessage = 10

// aboutMessage begins with what a message says. Its card comes into the thread of it.
func (a *App) aboutMessage(in slack.InteractionCallback) (form, draft) {
	m := about{Conversation: in.Channel.ID, Thread: in.Message.ThreadTimestamp, Reply: a.responder.trusted(in.ResponseURL)}
	if m.Thread == "" {
		m.Thread = in.MessageTs
	}
	text := strings.TrimSpace(plainTokens(in.Message.Text))
	if forbidden := call.CheckContent("The message", text); forbidden != nil {
		return newCall(a.plainSentence(forbidden), m), draft{}
	}
	d := draft{objective: text}
	found := phone.FindAll(text, a.region, maxOfMessage)
	switch len(found) {
	case 0:
		return newCall("I found no phone number that I can call in the message. Please add one.", m), d
	case 1:
		d.number = asTyped(found[0].Number, found[0].Extension, a.region)
		return newCall("Please look whether this says what the agent is to do.", m), d
	}
	var values []string
	for _, n := range found {
		values = append(values, suggestionValue(call.Called{Number: n.Number, Extension: n.Extension}))
	}
	m.Numbers = strings.Join(values, "\n")
	return newCall("The message has several phone numbers. Please choose which one to call, and say what the agent is to do.", m), d
}

// numbersFound offers the numbers of a message. Choosing one fills in the field for it.
func numbersFound(values []string) slack.Block {
	var options []*slack.OptionBlockObject
	for _, value := range values {
		if c, ok := parseSuggestion(value); ok {
			options = append(options, suggestion(c))
		}
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Choose a number"), fieldFound, options...)
	block := optional(input(fieldFound, "Numbers in the message", "", menu))
	block.DispatchAction = true
	return block
}

// whereTo asks where the card is to be; Slack begins with where the person is.
func whereTo() slack.Block {
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeConversations, plain("Choose a channel"), fieldWhere)
	menu.DefaultToCurrentConversation = true
	menu.ResponseURLEnabled = true
	menu.Filter = &slack.SelectBlockElementFilter{Include: []string{"public", "private", "im", "mpim"}}
	return input(fieldWhere, "Where does the card go?", "The result comes into its thread. Where I can't write, you get both in a direct message.", menu)
}

// chosen reports why a card may not be asked for in the conversation that was chosen, or nil.
func (a *App) chosen(conversation string) error {
	if !slackID.MatchString(conversation) {
		return call.Errorf(call.Invalid, "Choose where the card is to go.")
	}
	return a.policy.Here(conversation)
}

// replyIn is the address at which a person can be answered in the conversation that they
// chose in a form.
func replyIn(in slack.InteractionCallback, conversation string) string {
	for _, r := range in.ResponseURLs {
		if r.ChannelID == conversation {
			return r.ResponseURL
		}
	}
	return ""
}
