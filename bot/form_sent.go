package bot

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// filled is what stands in a form: the draft, and the block of each field.
type filled struct {
	draft

	blocks map[string]string
	// where is the conversation that was chosen, if the form asks for one.
	where string
}

// readFilled reads what a person filled in.
func readFilled(v slack.View) filled {
	f := filled{blocks: map[string]string{}}
	if v.State == nil {
		return f
	}
	into := map[string]*string{fieldNumber: &f.number, fieldObjective: &f.objective, fieldBusiness: &f.business, fieldWebsite: &f.website}
	for block, fields := range v.State.Values {
		for name, field := range fields {
			f.blocks[name] = block
			if text, known := into[name]; known {
				*text = strings.TrimSpace(field.Value)
			}
			if name == fieldWhere {
				f.where = field.SelectedConversation
			}
			f.private = f.private || name == fieldSeen && field.SelectedOption.Value == seenByFew
			if at := field.SelectedDateTime; name == fieldStart && at != 0 { // 0: none was chosen
				f.start = time.Unix(min(max(at, 1), maxUnix), 0).UTC()
			}
		}
	}
	return f
}

// block is where a part of a request is filled in. What is about no part is told at the
// number, which stands first.
func (f filled) block(p call.Part) string {
	field := map[call.Part]string{
		call.PartObjective: fieldObjective, call.PartBusiness: fieldBusiness, call.PartWebsite: fieldWebsite, call.PartStart: fieldStart,
	}[p]
	for _, name := range []string{field, fieldNumber} {
		if block, there := f.blocks[name]; there {
			return block
		}
	}
	return fieldNumber
}

// formSent makes the card that a form asks for, or changes the one that it edits. What is
// wrong is told at its field, and what was typed stays there.
func (a *App) formSent(ctx context.Context, e socketmode.Envelope, in slack.InteractionCallback) socketmode.Ack {
	f := readFilled(in.View)
	if a.foreign(in.User.ID, in.Team.ID, in.User.TeamID) {
		return fieldError(f.block(""), call.ErrForeign.Sentence)
	}
	m, ok := parseAbout(in.View.PrivateMetadata)
	if !ok {
		return fieldError(f.block(""), "I can't tell where this form was opened, so nothing was done. Please type /call again.")
	}
	q, wrong := a.read(f)
	if m.Asks {
		m.Conversation, m.Reply = f.where, replyIn(in, f.where)
		if err := a.chosen(f.where); err != nil {
			wrong[fieldWhere] = a.plainSentence(err)
		}
	}
	if len(wrong) > 0 {
		return socketmode.Ack{Payload: slack.NewErrorsViewSubmissionResponse(wrong)}
	}
	q.Requester = call.UserID(in.User.ID)
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	c, err := a.take(ctx, formKey(e, in, f), m, q, f.start)
	a.log.Info("form sent", slog.String("call", string(c.ID)), slog.Bool("edit", m.Edits != ""), slog.String("status", string(c.Status)), slog.String("code", string(call.CodeOf(err))))
	switch {
	case errors.Is(err, call.ErrUnclear):
		a.log.Error("a commit whose outcome is not known", slog.Any("error", err))
		return socketmode.NoAck
	case err != nil:
		sentence := a.plainSentence(err)
		if m.Edits != "" && call.CodeOf(err) == call.Conflict {
			sentence += " Your changes were not saved."
		}
		return fieldError(f.block(call.PartOf(err)), sentence)
	}
	return socketmode.Ack{}
}

// take commits what a form asks for.
func (a *App) take(ctx context.Context, key call.Key, m about, q call.Request, start time.Time) (call.Call, error) {
	asker := a.person(ctx, string(q.Requester), a.policy.ToAsk(q.Requester))
	if m.Edits == "" {
		return a.svc.RequestFor(ctx, key, q, start, call.Origin{
			Conversation: m.Conversation, Thread: m.Thread, Reply: a.responder.trusted(m.Reply), Asker: asker,
		})
	}
	id, revision, ok := parseButtonValue(m.Edits)
	if !ok {
		return call.Call{}, errNoSuchButton
	}
	return a.svc.Revise(ctx, key, call.Click{Call: id, Revision: revision, Actor: q.Requester, Who: asker}, q, start)
}

// formKey is what a form is remembered by. If nobody knows what became of it, the same
// once more is the same; what was changed since is not.
func formKey(e socketmode.Envelope, in slack.InteractionCallback, f filled) call.Key {
	return intakeKey("submit", e, in.View.ID, in.User.ID, in.View.PrivateMetadata, f.number, f.objective, f.business, f.website, f.start.String(), f.where, strconv.FormatBool(f.private))
}

// read makes a request of what was filled in, and says what is wrong with it, by block.
// What is never stored is not repeated either.
func (a *App) read(f filled) (call.Request, map[string]string) {
	q := call.Request{Objective: f.objective, Business: oneLine(f.business), Private: f.private}
	wrong := map[string]string{}
	at := func(p call.Part, sentence string) {
		if block := f.block(p); wrong[block] == "" {
			wrong[block] = sentence
		}
	}
	if err := call.CheckContent("The phone number", f.number); err != nil {
		at(call.PartNumber, a.plainSentence(err))
	} else if found, sentence := a.readNumber(f.number); sentence != "" {
		at(call.PartNumber, sentence)
	} else {
		q.Number, q.Extension = found.Number, found.Extension
	}
	q.Website = f.website
	if call.CheckContent("", f.website) == nil {
		var ok bool
		if q.Website, ok = readWebsite(f.website); !ok {
			at(call.PartWebsite, "That is not the address of a website. Type it as your browser shows it, such as https://zunicafe.example/menu, or leave it out.")
		}
	}
	if q.Website == "" {
		q.Website = firstURL(q.Objective)
	}
	for _, err := range a.svc.Faults(q, f.start) {
		sentence := a.plainSentence(err)
		if call.PartOf(err) == call.PartObjective && !strings.ContainsFunc(f.objective, unicode.IsLetter) {
			sentence = "Say what the call is for, such as: Ask whether they are open on Sunday"
		}
		at(call.PartOf(err), sentence)
	}
	return q, wrong
}

// readNumber reads the field for the number, in which nothing else belongs; the sentence
// says what is wrong with it.
func (a *App) readNumber(text string) (phone.Found, string) {
	found, err := phone.Find(text, a.region)
	refusal, refused := errors.AsType[*phone.Error](err)
	switch {
	case err == nil && found.Rest != "", refused && refusal.Kind == phone.KindNoNumber && refusal.Suggestion != "":
		return found, "Only the phone number goes here, with an extension if there is one: (415) 555-0132 x12. What to say has a field of its own."
	case err == nil:
		return found, ""
	case refused && refusal.Kind != phone.KindNoNumber:
		return found, refusal.Sentence()
	}
	return found, "That is not a phone number. Type it in full, area code first, such as (415) 555-0132."
}

// readWebsite reads the field for the website, in which people leave https:// out.
func readWebsite(text string) (address string, ok bool) {
	if text == "" {
		return "", true
	}
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	if m := linked.FindStringSubmatch(text); m == nil || m[0] != text {
		return "", false
	}
	address = website(text)
	return address, address != ""
}
