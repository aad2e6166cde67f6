package bot

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// App answers envelopes.
type App struct {
	svc       *call.Service
	replies   sync.WaitGroup
	tries     tries
	slack     Slack
	views     Views
	steps     Steps
	region    string
	policy    call.Policy
	directory *Directory
	newcomers Newcomers
	past      Past
	calls     Calls
	responder *responder
	log       *slog.Logger
	team      atomic.Pointer[string] // id of the workspace that the app is of; nil: not known
	self      atomic.Pointer[string] // id of the app's user; nil: not known
	workspace atomic.Pointer[string] // the address of the workspace; nil: not known
}

// Config is what an [App] needs.
type Config struct {
	Service *call.Service
	Slack   Slack
	Views   Views
	Steps   Steps
	// Region is how numbers without a country code are read, such as "US".
	Region string
	// Policy is who may do what, and Directory tells who somebody is; without one
	// nothing is known of anybody.
	Policy    call.Policy
	Directory *Directory
	// Newcomers hears who opens their Home tab; nil: nobody does.
	Newcomers Newcomers
	// Past tells of earlier calls; without one the form suggests none.
	Past Past
	// Calls finds calls for those who ask for them; nil: none are found.
	Calls Calls
	// APIURL is the base of Slack's Web API; response_urls at its host are trusted.
	APIURL string
	Logger *slog.Logger
}

// New returns an App.
func New(cfg Config) *App {
	return &App{
		svc: cfg.Service, slack: cfg.Slack, views: cfg.Views, steps: cfg.Steps, region: cfg.Region, policy: cfg.Policy,
		directory: cfg.Directory, newcomers: cfg.Newcomers, past: cfg.Past, calls: cfg.Calls, responder: newResponder(cfg.APIURL), log: cfg.Logger,
	}
}

// SetTeam tells the id of the workspace that the app is installed in, such as "T0123",
// as auth.test names it. From then on whoever acts from any other is refused, unless named.
func (a *App) SetTeam(id string) {
	a.team.Store(&id)
	if a.directory != nil {
		a.directory.SetTeam(id)
	}
}

// SetSelf tells the id of the app's own user, as auth.test names it.
func (a *App) SetSelf(id string) { a.self.Store(&id) }

// commitWithin is how long an envelope waits for its commit before the person is
// told that nothing was saved. Slack gives up after 3 s.
const commitWithin = 2 * time.Second

// replyWithin is how long an answer to one person may take.
const replyWithin = 3 * time.Second

// Handle does what an envelope asks and returns its ack. It is a [socketmode.Handler].
func (a *App) Handle(ctx context.Context, e socketmode.Envelope) socketmode.Ack {
	switch e.Type {
	case socketmode.TypeSlashCommands:
		return a.command(ctx, e)
	case socketmode.TypeInteractive:
		return a.interaction(ctx, e)
	case socketmode.TypeEventsAPI:
		return a.event(ctx, e)
	}
	return socketmode.Ack{}
}

// command handles a slash command.
func (a *App) command(ctx context.Context, e socketmode.Envelope) socketmode.Ack {
	var cmd slack.SlashCommand
	if err := json.Unmarshal(e.Payload, &cmd); err != nil {
		a.log.Warn("a slash command that cannot be read", slog.Any("error", err))
		return socketmode.Ack{}
	}
	from := asker{channel: cmd.ChannelID, user: cmd.UserID, responseURL: cmd.ResponseURL}
	reply := func(text string) socketmode.Ack { return a.reply(ctx, e, from, text) }
	if cmd.Command != commandCall {
		unknown, _ := cut(oneLine(cmd.Command), 40)
		return reply("I don't know " + code(unknown) + ". To place a phone call, type " + code(commandCall+" help") + ".")
	}
	if a.foreign(cmd.UserID, cmd.TeamID) {
		a.log.Warn("a command from another workspace", slog.String("team", cmd.TeamID))
		return reply(a.sentence(call.ErrForeign))
	}
	return a.hear(ctx, e, typed{
		text: unescape(cmd.Text), from: from, key: commandKey(e, cmd), begins: commandCall + " ",
		form: func(note string, d draft, otherwise string) socketmode.Ack {
			return a.commandForm(ctx, reply, cmd, note, d, otherwise)
		},
	})
}

// interaction handles clicks, forms and shortcuts; what is of other apps' making is acked.
func (a *App) interaction(ctx context.Context, e socketmode.Envelope) socketmode.Ack {
	var in slack.InteractionCallback
	if err := json.Unmarshal(e.Payload, &in); err != nil {
		a.log.Warn("an interaction that cannot be read", slog.Any("error", err))
		return socketmode.Ack{}
	}
	switch in.Type {
	case slack.InteractionTypeBlockActions:
	case slack.InteractionTypeViewSubmission:
		return a.submission(ctx, e, in)
	case slack.InteractionTypeBlockSuggestion:
		return a.suggest(ctx, in)
	case slack.InteractionTypeMessageAction, slack.InteractionTypeShortcut:
		return a.shortcut(ctx, e, in)
	default:
		return socketmode.Ack{}
	}
	// slack-go takes an action without a block_id for one of an attachment, so that
	// what counts of a click is read here.
	var clicked struct {
		Actions []slack.BlockAction `json:"actions"`
	}
	if err := json.Unmarshal(e.Payload, &clicked); err != nil {
		a.log.Warn("a click that cannot be read", slog.Any("error", err))
		return socketmode.Ack{}
	}
	to := asker{channel: in.Channel.ID, user: in.User.ID, responseURL: in.ResponseURL, trigger: in.TriggerID}
	if a.foreign(in.User.ID, in.Team.ID, in.User.TeamID) {
		a.log.Warn("a click from another workspace", slog.String("team", in.Team.ID), slog.String("of", in.User.TeamID))
		return a.reply(ctx, e, to, a.sentence(call.ErrForeign))
	}
	for _, action := range clicked.Actions {
		if turn, ok := a.turns()[action.ActionID]; ok {
			return turn(ctx, e, in, &action)
		}
		if action.ActionID == actionNever {
			if err := a.askWhyNever(ctx, in, action.Value); err != nil {
				return a.reply(ctx, e, to, a.sentence(err))
			}
			continue
		}
		if action.ActionID == fieldBefore || action.ActionID == fieldFound {
			a.fillIn(ctx, in, action.SelectedOption.Value)
			continue
		}
		if action.ActionID == actionWhen {
			if at := action.SelectedDateTime; at > 0 && at <= maxUnix {
				a.showTime(ctx, in, at)
			}
			continue
		}
		c, err := a.click(ctx, e, in, &action)
		if errors.Is(err, call.ErrUnclear) {
			a.log.Error("a commit whose outcome is not known", slog.Any("error", err))
			return socketmode.NoAck
		}
		if err != nil {
			answer := conflictAnswer(c, call.UserID(in.User.ID), err, time.Now())
			if answer == "" {
				answer = a.sentence(err)
			}
			return a.reply(ctx, e, to, answer)
		}
	}
	return socketmode.Ack{}
}

// click commits one person's decision, and returns the call as it then stands.
func (a *App) click(ctx context.Context, e socketmode.Envelope, in slack.InteractionCallback, action *slack.BlockAction) (call.Call, error) {
	if open, opens := a.forms()[action.ActionID]; opens {
		return open(ctx, in, action)
	}
	decide, known := a.decisions()[action.ActionID]
	if !known {
		return call.Call{}, nil
	}
	value, start, timed := cutStart(action)
	id, revision, ok := parseButtonValue(value)
	if !ok || !timed {
		return call.Call{}, errNoSuchButton
	}
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	k := call.Click{Call: id, Revision: revision, Actor: call.UserID(in.User.ID), Start: start, Conversation: clickedIn(in)}
	c, err := a.decideAs(ctx, decide, clickKey(e, in, action), k)
	a.log.Info("click", slog.String("call", string(id)), slog.String("action", action.ActionID), slog.String("status", string(c.Status)), slog.String("code", string(call.CodeOf(err))))
	return c, err
}

type decision func(context.Context, call.Key, call.Click) (call.Call, error)

// decisions is what each button does.
func (a *App) decisions() map[string]decision {
	return map[string]decision{
		actionApprove:    a.svc.Approve,
		actionDecline:    a.svc.Decline,
		actionCancel:     a.svc.Cancel,
		actionAskAgain:   a.svc.AskAgain,
		actionTryAgain:   a.svc.Approve,
		actionPlaceAgain: a.svc.Approve,
		actionLeave:      a.svc.Leave,
		actionCheckAgain: a.svc.CheckAgain,
		actionCallAt:     a.svc.ApproveFor,
		actionAnyway:     a.svc.ApproveAnyway,
	}
}

// sentence is what a person is told of an error. One that nobody foresaw gets a ref
// that the log has too.
func (a *App) sentence(err error) string {
	if e, ok := errors.AsType[*call.Error](err); ok && e.Code != call.Internal {
		if e.Code == call.Unavailable {
			a.log.Warn("an intake was not saved", slog.Any("error", err))
		}
		return answerText(e.Sentence) + elsewhereAllowed(a.policy, err)
	}
	ref := strings.ToLower(rand.Text()[:6])
	a.log.Error("an intake failed", slog.String("ref", ref), slog.Any("error", err))
	return "Something went wrong on my side (ref " + ref + "). Please try again, and tell whoever runs callbot if it happens twice."
}

// asker is who acted, and where and how they can be answered alone.
type asker struct {
	channel, user, responseURL string
	// trigger is the right to open a form, which is how to answer where there is no channel.
	trigger string
	// thread is the thread that they acted in; "": none.
	thread string
	// replaces says that the answer takes the place of what they pressed a button of.
	replaces bool
}

// reply answers one person alone with mrkdwn.
func (a *App) reply(ctx context.Context, e socketmode.Envelope, to asker, text string) socketmode.Ack {
	return a.answer(ctx, e, to, message{text: text})
}

// Wait waits for the answers that are on their way, a few seconds at most.
func (a *App) Wait() { a.replies.Wait() }
