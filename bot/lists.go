package bot

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// Calls is where calls are found.
type Calls interface {
	Search(ctx context.Context, q call.Search) (call.Page, error)
}

// The buttons of a list. What they carry is all that is known of it: it can be turned by
// any replica, at any time.
const (
	actionOlder  = "older"  // what comes behind
	actionNewest = "newest" // the beginning
	actionMine   = "mine"   // those of the person, wherever
	actionHere   = "here"   // those of the conversation
	actionStop   = "stop"   // has one call not placed
)

const (
	// pageSize is how many calls are shown at a time.
	pageSize = 8
	// stoppable is how many open calls are looked at for those that somebody can stop.
	stoppable = 50
)

// inquiry is what a list shows, as its buttons carry it.
type inquiry struct {
	Word string `json:"w"`
	Mine bool   `json:"m,omitempty"`
	Text string `json:"t,omitempty"`
	At   int64  `json:"a,omitempty"` // where it begins: behind the call ID, asked for at At
	ID   string `json:"i,omitempty"`
	Stop string `json:"s,omitempty"` // the call to stop, as buttonValue writes it
}

func (q inquiry) encode() string {
	raw, err := json.Marshal(q)
	if err != nil {
		return "" // parseInquiry takes it for no list
	}
	return string(raw)
}

// parseInquiry reads what encode wrote.
func parseInquiry(value string) (inquiry, bool) {
	var q inquiry
	if err := json.Unmarshal([]byte(value), &q); err != nil || len(value) > maxButtonValue || !utf8.ValidString(value) {
		return inquiry{}, false
	}
	known := q.Word == wordList || q.Word == wordHistory || q.Word == wordCancel
	return q, known && units(q.Text) <= maxLooked && q.At >= 0 && len(q.ID) <= 64 && !strings.ContainsFunc(q.ID, notOfID)
}

// maxButtonValue is Slack's limit for what a button carries.
const maxButtonValue = 2000

// after is q as it goes on behind a mark.
func (q inquiry) after(m call.Mark) inquiry {
	q.At, q.ID = m.At.UnixMilli(), string(m.ID)
	return q
}

// first is q from its beginning.
func (q inquiry) first() inquiry {
	q.At, q.ID = 0, ""
	return q
}

// search is what to look for, for somebody in a conversation: in a direct message only
// what is theirs.
func (q inquiry) search(viewer call.UserID, conversation string) call.Search {
	s := call.Search{Viewer: viewer, Conversation: conversation, Open: q.Word != wordHistory, Text: q.Text, Most: pageSize}
	if q.Mine || isDM(conversation) {
		s.Conversation = ""
	}
	if q.At > 0 {
		s.After = call.Mark{At: time.UnixMilli(q.At), ID: call.ID(q.ID)}
	}
	if q.Word == wordCancel {
		s.Most = stoppable
	}
	return s
}

// question answers what somebody asks about calls.
func (a *App) question(ctx context.Context, e socketmode.Envelope, t typed, q question) socketmode.Ack {
	if q.word == wordHelp {
		return a.reply(ctx, e, t.from, help)
	}
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	l, err := a.find(ctx, t.from, inquiry{Word: q.word, Mine: q.mine, Text: q.text})
	if err != nil {
		return a.reply(ctx, e, t.from, a.sentence(err))
	}
	l.begins = t.begins
	if only, ok := l.only(); ok {
		return a.stop(ctx, e, t.from, t.key, only, l.inquiry)
	}
	return a.answer(ctx, e, t.from, renderList(l))
}

// turns is what the buttons of a list do.
func (a *App) turns() map[string]func(context.Context, socketmode.Envelope, slack.InteractionCallback, *slack.BlockAction) socketmode.Ack {
	return map[string]func(context.Context, socketmode.Envelope, slack.InteractionCallback, *slack.BlockAction) socketmode.Ack{
		actionOlder: a.turn, actionNewest: a.turn, actionMine: a.turn, actionHere: a.turn, actionStop: a.turn,
	}
}

// turn shows another page of a list, in its place.
func (a *App) turn(ctx context.Context, e socketmode.Envelope, in slack.InteractionCallback, action *slack.BlockAction) socketmode.Ack {
	to := asker{channel: in.Channel.ID, user: in.User.ID, responseURL: in.ResponseURL, trigger: in.TriggerID, thread: in.Container.ThreadTs}
	q, ok := parseInquiry(action.Value)
	if !ok {
		return a.reply(ctx, e, to, answerText("I can't tell which calls that button shows. Please ask again."))
	}
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	if action.ActionID == actionStop {
		id, revision, ok := parseButtonValue(q.Stop)
		if !ok {
			return a.reply(ctx, e, to, a.sentence(errNoSuchButton))
		}
		to.replaces = true
		return a.stop(ctx, e, to, clickKey(e, in, action), call.Call{ID: id, Revision: revision}, q)
	}
	l, err := a.find(ctx, to, q)
	if err != nil {
		return a.reply(ctx, e, to, a.sentence(err))
	}
	to.replaces = true
	return a.answer(ctx, e, to, renderList(l))
}

// find looks for calls, for somebody who may see them.
func (a *App) find(ctx context.Context, to asker, q inquiry) (listing, error) {
	user := call.UserID(to.user)
	who := a.person(ctx, to.user, a.policy.ToDecide(user))
	if err := a.policy.MayLook(who, to.channel); err != nil {
		return listing{}, err
	}
	l := listing{inquiry: q, who: who, policy: a.policy, workspace: known(&a.workspace), now: time.Now(), direct: isDM(to.channel)}
	if a.calls == nil {
		return l, nil
	}
	var err error
	if l.page, err = a.calls.Search(ctx, q.search(user, to.channel)); err != nil {
		return listing{}, &call.Error{Code: call.Unavailable, Sentence: "I can't read the calls right now. Nothing was changed. Please try again in a moment.", Err: err}
	}
	return l, nil
}

// stop has one call not placed, and says so above what is left.
func (a *App) stop(ctx context.Context, e socketmode.Envelope, to asker, key call.Key, c call.Call, q inquiry) socketmode.Ack {
	k := call.Click{Call: c.ID, Revision: c.Revision, Actor: call.UserID(to.user), Conversation: to.channel}
	if isDM(to.channel) || q.Mine {
		k.Conversation = "" // it may have been asked for elsewhere
	}
	c, err := a.decideAs(ctx, a.svc.Stop, key, k)
	a.log.Info("stop", slog.String("call", string(c.ID)), slog.String("status", string(c.Status)), slog.String("code", string(call.CodeOf(err))))
	if redelivered(e, err) {
		a.log.Error("a commit whose outcome is not known, or that is tried again", slog.Any("error", err))
		return socketmode.NoAck
	}
	if err != nil {
		to.replaces = false
		answer := conflictAnswer(c, call.UserID(to.user), err, time.Now())
		if answer == "" {
			answer = a.sentence(err)
		}
		return a.reply(ctx, e, to, answer)
	}
	q.Stop = ""
	l, err := a.find(ctx, to, q)
	if err != nil {
		a.log.Warn("looking for what is left", slog.Any("error", err))
		l = listing{inquiry: q, now: time.Now()}
	}
	l.stopped = &c
	return a.answer(ctx, e, to, renderList(l))
}
