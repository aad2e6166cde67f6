package bot

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/claims"
)

// Slack is the part of the Web API that is used.
type Slack interface {
	PostMessageContext(ctx context.Context, channelID string, options ...slack.MsgOption) (channel, ts string, err error)
	UpdateMessageContext(ctx context.Context, channelID, timestamp string, options ...slack.MsgOption) (channel, ts, text string, err error)
	OpenConversationContext(ctx context.Context, params *slack.OpenConversationParameters) (ch *slack.Channel, noOp, alreadyOpen bool, err error)
	UploadFileContext(ctx context.Context, params slack.UploadFileParameters) (*slack.FileSummary, error)
	DeleteMessageContext(ctx context.Context, channelID, timestamp string) (channel, ts string, err error)
	DeleteFileContext(ctx context.Context, fileID string) error
	PostEphemeralContext(ctx context.Context, channelID, userID string, options ...slack.MsgOption) (ts string, err error)
	GetUsersInConversationContext(ctx context.Context, params *slack.GetUsersInConversationParameters) (users []string, cursor string, err error)
}

// Outbox is where the publisher finds calls that Slack does not show as they are.
type Outbox interface {
	// ClaimPublications leases up to n that are due, the ends of calls first.
	ClaimPublications(ctx context.Context, n int, lease time.Duration) ([]call.Publication, error)
	// ClaimRedaction leases one that is erased, of which Slack may show more, unless
	// another such is leased.
	ClaimRedaction(ctx context.Context, lease time.Duration) ([]call.Publication, error)
	// RenewPublication, SaveMessage and Published fail with [call.ErrLost] once the
	// lease is another's.
	RenewPublication(ctx context.Context, p call.Publication, lease time.Duration) error
	SaveMessage(ctx context.Context, p call.Publication, m call.Message) error
	// Resend has a message shown anew, whoever has the lease: a request that was under way
	// when the lease was lost may have put something older there. If its slot has another
	// one by now, it is kept as a stray.
	Resend(ctx context.Context, id call.ID, m call.Message) error
	// Published gives the lease back; next is when to look again, zero: when the call changes.
	Published(ctx context.Context, p call.Publication, next time.Time) error
	// NextPublication is the earliest due time; zero: none.
	NextPublication(ctx context.Context) (time.Time, error)
	PublishChanged() <-chan struct{}
}

// Recordings opens the audio of a call that ended; the error's code is
// [call.Unavailable] if it may work later.
type Recordings func(ctx context.Context, c call.Call) (call.Recording, error)

// PublisherConfig is what a [Publisher] needs.
type PublisherConfig struct {
	Slack      Slack
	Steps      Steps
	Outbox     Outbox
	Recordings Recordings
	// Who tells workflows what somebody is called.
	Who Workspace
	// Policy is who may approve, as cards tell it, and Directory tells who is in its groups;
	// without one their members are not told in direct messages.
	Policy    call.Policy
	Directory *Directory
	// APIURL is the base of the Web API; response_urls at its host are trusted.
	APIURL string
	// Refresh is the time between two edits of a message that only tell the time.
	Refresh time.Duration
	// Redact is the time between two requests that only erase, so that they delay nothing
	// that people wait for: a few seconds.
	Redact time.Duration
	// Quiet are the hours in which a card does not offer to call at once.
	Quiet  call.Hours
	Now    func() time.Time
	Logger *slog.Logger
}

// SetWorkspace tells the address of the workspace, such as "https://example.slack.com/",
// as auth.test names it, so that a message can link to another.
func (p *Publisher) SetWorkspace(address string) { p.workspace.Store(&address) }

// Publisher keeps Slack's messages equal to the calls.
type Publisher struct {
	cfg       PublisherConfig
	log       *slog.Logger
	responder *responder
	gates     gates
	transfers chan struct{} // one for each recording that is on its way
	// refused is until when nothing is sent, in Unix milliseconds, since Slack does not
	// accept our token; 0: it does.
	refused   atomic.Int64
	workspace atomic.Pointer[string] // nil: not known
}

// TokenRefused reports that Slack answered last that it does not accept the app's token,
// so that nothing can be shown. It is false again once Slack answers anything else.
func (p *Publisher) TokenRefused() bool { return p.refused.Load() != 0 }

// ask makes one request to Slack, unless its method is held back, and notes what the
// answer tells of the token.
func (p *Publisher) ask(ctx context.Context, method, channel string, do func(context.Context) error) error {
	err := p.gates.pass(ctx, method, channel, do)
	switch {
	case tokenRefused(err):
		if p.refused.Swap(p.cfg.Now().Add(tokenWait).UnixMilli()) == 0 {
			p.log.Error("Slack does not accept SLACK_BOT_TOKEN: nothing can be shown until it does. Set SLACK_BOT_TOKEN to the app's current token and start again.", slog.String("code", slackCode(err)))
		}
	case err == nil || slackCode(err) != "":
		if p.refused.Swap(0) != 0 {
			p.log.Info("Slack accepts the token again")
		}
	}
	return err
}

// tokenWait is the time between two tries with a token that Slack refused.
const tokenWait = time.Minute

// tryTime is longer than the request that tries a refused token takes.
const tryTime = requestTimeout + time.Second

// muted is a [*heldError] while nothing is sent because of the token. Once in tokenWait
// one request is let through, to see whether that still holds; all else waits for its answer.
func (p *Publisher) muted() error {
	until := p.refused.Load()
	if until == 0 {
		return nil
	}
	now := p.cfg.Now()
	if next := now.Add(tryTime); !now.Before(time.UnixMilli(until)) && p.refused.CompareAndSwap(until, next.UnixMilli()) {
		return nil
	}
	return &heldError{time.UnixMilli(p.refused.Load())}
}

// NewPublisher returns a Publisher; it does nothing until [Publisher.Run].
func NewPublisher(cfg PublisherConfig) *Publisher {
	return &Publisher{
		cfg: cfg, log: cfg.Logger, responder: newResponder(cfg.APIURL),
		gates: gates{now: cfg.Now}, transfers: make(chan struct{}, transfers),
	}
}

const (
	// publishers bounds the calls that are published at the same time.
	publishers = 8
	// transfers bounds the recordings on their way, which may take minutes, so that
	// cards and results find a free worker.
	transfers = 3
	// publishLease is longer than any one request to Slack, so that a request has
	// ended before somebody else may send another.
	publishLease   = 15 * time.Second
	requestTimeout = 8 * time.Second
	uploadTimeout  = 5 * time.Minute
)

// Run publishes until ctx is done, then lets the requests under way finish.
func (p *Publisher) Run(ctx context.Context) error {
	var erasing sync.WaitGroup
	defer erasing.Wait()
	erasing.Go(func() { p.redactLoop(ctx) })
	claims.Loop[call.Publication]{
		Workers: publishers,
		Claim: func(ctx context.Context, n int) ([]call.Publication, error) {
			return p.cfg.Outbox.ClaimPublications(ctx, n, publishLease)
		},
		Next: p.cfg.Outbox.NextPublication,
		Do:   func(pub call.Publication) { p.publish(ctx, pub) },
		Wake: p.cfg.Outbox.PublishChanged(),
		Most: time.Second, Least: 10 * time.Millisecond, Now: p.cfg.Now,
		Failed: func(err error) { p.log.Error("claiming publications", slog.Any("error", err)) },
	}.Run(ctx)
	return nil
}

// publish brings the messages of one call up to date and says when to look again.
// A shutdown lets the request under way finish, and sends no further one.
func (p *Publisher) publish(ctx context.Context, pub call.Publication) {
	log := p.log.With(slog.String("call", string(pub.Call.ID)))
	defer func() { // a call that cannot be shown must not end all; it is due again when its lease runs out
		if p := recover(); p != nil {
			log.Error("panic while publishing", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		}
	}()
	next, err := p.show(ctx, pub)
	_, held := errors.AsType[*heldError](err)
	if err != nil && !held && !errors.Is(err, call.ErrLost) && !tokenRefused(err) && ctx.Err() == nil {
		log.Warn("publishing; it will be tried again", slog.Any("error", err), slog.Time("at", next))
	}
	if errors.Is(err, call.ErrLost) {
		return
	}
	if ctx.Err() != nil {
		next = p.cfg.Now()
	}
	pub.Also, pub.ForAll = p.cfg.Policy.Admins, p.cfg.Policy.Approvers.Set()
	if err := p.cfg.Outbox.Published(context.WithoutCancel(ctx), pub, next); err != nil && !errors.Is(err, call.ErrLost) {
		log.Warn("giving a publication back", slog.Any("error", err))
	}
}

// show sends what differs, place by place. It returns when to look again.
func (p *Publisher) show(ctx context.Context, pub call.Publication) (time.Time, error) {
	if held, ok := errors.AsType[*heldError](p.muted()); ok {
		return held.until, held
	}
	pub.View.Quiet = p.cfg.Quiet
	s := newSession(p, pub)
	next, err := s.show(ctx)
	if *s.unkept { // of a lease that runs out, all messages are in doubt
		err = errors.Join(call.ErrLost, err)
	}
	return next, err
}

// updateEvery is the pace of edits that tell only the time: Slack allows 50 a minute in
// one workspace, and there must be room for those that tell more.
const updateEvery = 3 * time.Second

// live reports whether the messages of a call change with time alone.
func live(c call.Call) bool {
	switch c.Status {
	case call.Approved, call.Placing:
		return true
	case call.Queued, call.Dialing, call.InProgress:
		return !c.Unwatched
	case call.Requested, call.Scheduled, call.Unconfirmed, call.Completed, call.Failed, call.Canceled,
		call.Refused, call.Declined, call.Expired, call.Abandoned:
	}
	return false
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
