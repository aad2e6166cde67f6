package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// viewCall is the form that asks for a call. It makes a card, or changes what one asks
// for; nothing of it dials.
const viewCall = "call"

// The fields of the form. The number and the name of the business get a block of another
// name each time that they are filled in for somebody, since Slack keeps what was typed in
// blocks that keep theirs.
const (
	fieldNumber    = "number"
	fieldBefore    = "before"
	fieldObjective = "objective"
	fieldBusiness  = "business"
	fieldWebsite   = "website"
	fieldStart     = "start" // in the block blockWhen
	fieldFound     = "found"
	fieldWhere     = "where"
	fieldSeen      = "seen"
	blockNote      = "note"
)

// draft is what the form holds, as it was typed.
type draft struct {
	number, objective, business, website string
	start                                time.Time
	private                              bool
}

// form is one opening of the form.
type form struct {
	title, submit, leave string
	// note stands above the fields; may be empty.
	note string
	// choice: who sees the call is asked.
	choice bool
	// filled is how often number and business were filled in.
	filled int
	about  about
}

// about is what the form carries from where it was opened to where it is sent.
type about struct {
	// Conversation and Thread are where the card is to be.
	Conversation string `json:"c,omitempty"`
	Thread       string `json:"t,omitempty"`
	// Reply is the address at which the person can be answered. It is a secret.
	Reply string `json:"r,omitempty"`
	// Asks: where the card is to be is asked for in the form.
	Asks bool `json:"w,omitempty"`
	// Numbers are offered for a choice, each on a line as suggestionValue writes it.
	Numbers string `json:"n,omitempty"`
	// Edits is the value of the button of the card that is edited; "": it makes a new one.
	Edits string `json:"e,omitempty"`
}

// maxMetadata is Slack's limit for what a view carries.
const maxMetadata = 3000

func (m about) encode() string {
	raw, err := json.Marshal(m)
	if err != nil || len(raw) > maxMetadata {
		m.Reply = "" // a long one; whoever asked is answered otherwise
		raw, _ = json.Marshal(m)
	}
	return string(raw)
}

// parseAbout reads what encode wrote.
func parseAbout(metadata string) (about, bool) {
	var m about
	err := json.Unmarshal([]byte(metadata), &m)
	return m, err == nil && (m.Conversation != "" || m.Asks || m.Edits != "")
}

// newCall is the form for a card in a conversation.
func newCall(note string, m about) form {
	return form{title: "Place a call", submit: "Make the card", leave: "Cancel", note: note, about: m}
}

// view is the form with what it holds.
func (f form) view(d draft) slack.ModalViewRequest {
	var blocks []slack.Block
	if f.note != "" {
		note := slack.NewSectionBlock(plain(f.note), nil, nil)
		note.BlockID = blockNote
		blocks = append(blocks, note)
	}
	if f.about.Numbers != "" {
		blocks = append(blocks, numbersFound(strings.Split(f.about.Numbers, "\n")))
	}
	number := textField(fieldNumber, "(415) 555-0132", d.number)
	objective := textField(fieldObjective, "Book a table for 2 tonight at 7pm under Sarah", d.objective)
	objective.Multiline = true
	// One types on at once where something is missing.
	switch {
	case f.about.Numbers != "":
	case d.number == "":
		number.FocusOnLoad = true
	case d.objective == "":
		objective.FocusOnLoad = true
	}
	picker := slack.NewDateTimePickerBlockElement(fieldStart)
	if !d.start.IsZero() {
		picker.InitialDateTime = d.start.Unix()
	}
	blocks = append(blocks,
		input(f.block(fieldNumber), "Phone number", "With an extension, if there is one: (415) 555-0132 x12", number),
		before(),
		input(fieldObjective, "What is the call for?", "The agent knows only what stands here, so say what to ask or to do, with names and times. For example “Book a table for 2 tonight at 7pm under Sarah”, or “Ask whether they are open on Sunday, and until when”.", objective),
		optional(input(f.block(fieldBusiness), "Business", "", textField(fieldBusiness, "Zuni Café", d.business))),
		optional(input(fieldWebsite, "Website", "The agent reads it before the call.", textField(fieldWebsite, "https://zunicafe.example/menu", d.website))),
		optional(input(blockWhen, "When", "By your own clock. Leave it empty to call as soon as the call is approved.", picker)),
	)
	if f.about.Asks {
		blocks = append(blocks, whereTo())
	}
	if f.choice {
		blocks = append(blocks, seenBy(d.private))
	}
	blocks = append(blocks, slack.NewContextBlock("", plain(f.promise())))
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: viewCall, PrivateMetadata: f.about.encode(),
		Title: plain(f.title), Submit: plain(f.submit), Close: plain(f.leave),
		Blocks: slack.Blocks{BlockSet: blocks},
	}
}

// promise says what comes of sending the form.
func (f form) promise() string {
	if f.about.Edits != "" {
		return "Nothing is dialled yet. The card changes to this, and the call is placed once that is approved."
	}
	return "Nothing is dialled yet. This makes a card, and the call is placed once it is approved there."
}

// Who may see a call.
const (
	seenByAll  = "all"
	seenByFew  = "few"
	seenByHint = "Of a private call the others here see the business, the masked number and the outcome. All else comes to you as a direct message."
)

// seenBy asks who may see what a call is about, and what came of it.
func seenBy(private bool) slack.Block {
	all := slack.NewOptionBlockObject(seenByAll, plain("Everybody here"), nil)
	few := slack.NewOptionBlockObject(seenByFew, plain("Private: only me and who approves it"), nil)
	choice := slack.NewRadioButtonsBlockElement(fieldSeen, all, few)
	choice.InitialOption = all
	if private {
		choice.InitialOption = few
	}
	return input(fieldSeen, "Who sees it?", seenByHint, choice)
}

// block is the name of a field's block.
func (f form) block(field string) string {
	if f.filled == 0 {
		return field
	}
	return field + "." + strconv.Itoa(f.filled)
}

// maxInput is the most that Slack lets stand in a text field.
const maxInput = 3000

func textField(name, placeholder, value string) *slack.PlainTextInputBlockElement {
	el := slack.NewPlainTextInputBlockElement(plain(placeholder), name)
	el.InitialValue, _ = cut(value, maxInput)
	return el
}

func input(block, label, hint string, el slack.BlockElement) *slack.InputBlock {
	var under *slack.TextBlockObject
	if hint != "" {
		under = plain(hint)
	}
	return slack.NewInputBlock(block, plain(label), under, el)
}

func optional(b *slack.InputBlock) *slack.InputBlock {
	b.Optional = true
	return b
}

// open shows the form to the person whose click or command a trigger is of.
func (a *App) open(ctx context.Context, trigger string, f form, d draft) error {
	if a.views == nil {
		return errors.New("there are no forms")
	}
	f.choice = f.about.Edits == "" && !isDM(f.about.Conversation) && !a.svc.Private()
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	_, err := a.views.OpenViewContext(ctx, trigger, f.view(d))
	if err != nil {
		return fmt.Errorf("opening the form: %w", err)
	}
	return nil
}

// commandForm opens the form for somebody who typed /call and not all that it takes. If
// Slack does not open it they are told otherwise, which says what they can type.
//
// Slack lets a form be opened for 3 s, so who may ask for a call, which may have to be
// asked for, is told when the form is sent; in which conversations is known.
func (a *App) commandForm(ctx context.Context, reply func(string) socketmode.Ack, cmd slack.SlashCommand, note string, d draft, otherwise string) socketmode.Ack {
	if err := a.policy.Here(cmd.ChannelID); err != nil {
		return reply(a.sentence(err))
	}
	f := newCall(note, about{Conversation: cmd.ChannelID, Reply: a.responder.trusted(cmd.ResponseURL)})
	if err := a.open(ctx, cmd.TriggerID, f, d); err != nil {
		a.log.Warn("the form is not shown; telling what can be typed", slog.Any("error", err))
		return reply(otherwise)
	}
	return socketmode.Ack{}
}

// formOf is what the form holds of a call: all that its card shows.
func (a *App) formOf(c call.Call) draft {
	d := draft{number: asTyped(c.Number, c.Extension, a.region), objective: c.Objective, business: c.Business, website: c.Website, private: c.Private}
	if c.Status == call.Requested && a.svc.Schedulable(c.Request, c.StartAt) == nil {
		d.start = c.StartAt
	}
	return d
}

// asTyped is a number as it can be typed in a region: as people write it, if it is read so.
func asTyped(n phone.Number, extension, region string) string {
	text := numberWords(n)
	if found, err := phone.Find(text, region); err != nil || found.Number != n {
		text = n.Describe().International
	}
	return withExtension(text, extension)
}

// blank reports whether nothing was typed.
func blank(text string) bool { return strings.TrimSpace(text) == "" }
