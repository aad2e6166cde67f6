package bot

import (
	"context"
	"errors"
	"log/slog"
	"regexp"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// typed is a line that somebody typed to us, in a command or in a message.
type typed struct {
	text string
	from asker
	key  call.Key
	// begins is what such a line begins with, as examples show it: "/call ".
	begins string
	// spoken: it is a part of a conversation, with words around what it asks for.
	spoken bool
	// form asks in a form for what is missing; nil: none can be opened.
	form func(note string, d draft, otherwise string) socketmode.Ack
}

// hear does what a line asks for.
func (a *App) hear(ctx context.Context, e socketmode.Envelope, t typed) socketmode.Ack {
	reply := func(text string) socketmode.Ack { return a.reply(ctx, e, t.from, text) }
	if blank(t.text) {
		if t.form != nil {
			return t.form("", draft{}, help)
		}
		return reply(help)
	}
	// Before anything of it can be repeated in an answer, or taken for a number.
	if forbidden := call.CheckContent("What you typed", t.text); forbidden != nil {
		return reply(a.sentence(forbidden))
	}
	if order, ok := parseOrder(t.text); ok {
		return a.order(ctx, reply, order, call.UserID(t.from.user))
	}
	if q, ok := parseQuestion(t.text); ok {
		return a.question(ctx, e, t, q)
	}
	if m := meant(t.text); m != "" {
		return a.notUnderstood(t, reply, "I don't know that word. Did you mean this?\n"+code(t.begins+m))
	}
	if t.spoken {
		t.text = phone.Asked(t.text, a.region)
	}
	req, wrong := parseCommand(t.text, a.region)
	if wrong != nil {
		answer := wrong.answer(t.begins)
		if wrong.form != nil && t.form != nil {
			return t.form(wrong.form.note, wrong.form.draft, answer)
		}
		if wrong.never {
			return reply(answer)
		}
		return a.notUnderstood(t, reply, answer)
	}
	a.tries.over(t.from.user)
	if t.spoken {
		req.Objective = joined.ReplaceAllString(req.Objective, "")
	}
	return a.request(ctx, e, t, req)
}

// notUnderstood tells what is wrong with a line, and after a few such lines shows the form.
// Nothing of what was typed stands in it: it may be what must not be called.
func (a *App) notUnderstood(t typed, reply func(string) socketmode.Ack, answer string) socketmode.Ack {
	if t.form == nil || !a.tries.enough(t.from.user, time.Now()) {
		return reply(answer)
	}
	return t.form("That was not understood a few times, so here is a form. Or close it and type /call help to see what can be typed.", draft{}, answer)
}

// joined is what joins what a call is for to the number before it.
var joined = regexp.MustCompile(`(?i)^(?:and|to)\s+`)

// request commits a call that a line asks for.
func (a *App) request(ctx context.Context, e socketmode.Envelope, t typed, req call.Request) socketmode.Ack {
	req.Requester = call.UserID(t.from.user)
	committing, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	c, err := a.svc.Request(committing, t.key, req, call.Origin{
		Conversation: t.from.channel, Thread: t.from.thread, Reply: a.responder.trusted(t.from.responseURL),
		Asker: a.person(committing, t.from.user, a.policy.ToAsk(req.Requester)),
	})
	if redelivered(e, err) {
		a.log.Error("a commit whose outcome is not known, or that is tried again", slog.Any("error", err))
		return socketmode.NoAck
	}
	if err != nil {
		return a.reply(ctx, e, t.from, a.sentence(err))
	}
	a.log.Info("call requested", slog.String("call", string(c.ID)))
	return socketmode.Ack{}
}

// lastRetry is the number of Slack's last delivery of an event
// (https://docs.slack.dev/apis/events-api/#retries).
const lastRetry = 3

// redelivered reports that an envelope is not acked: nobody knows whether it was saved, or it
// was not and Slack delivers it once more by itself.
func redelivered(e socketmode.Envelope, err error) bool {
	if errors.Is(err, call.ErrUnclear) {
		return true
	}
	return e.Type == socketmode.TypeEventsAPI && e.RetryAttempt < lastRetry && call.CodeOf(err) == call.Unavailable
}
