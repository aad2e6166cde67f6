package operator

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/agentphone-slack/callbot/agentphone"
	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/claims"
)

// Provider is the part of the AgentPhone client that the operator uses.
type Provider interface {
	CreateCall(ctx context.Context, r agentphone.CreateCallRequest) (*agentphone.CreatedCall, error)
	GetCall(ctx context.Context, id string) (*agentphone.Call, error)
	ListCalls(ctx context.Context, limit int) ([]agentphone.Call, error)
	Recording(ctx context.Context, url string) (*agentphone.Recording, error)
}

// Repository is where the operator finds due calls and commits what became of them.
type Repository interface {
	// ClaimDue leases up to n calls of these statuses whose step is due.
	ClaimDue(ctx context.Context, n int, lease time.Duration, statuses ...call.Status) ([]call.Call, error)
	// Advance commits a step of a claimed call; [call.ErrLost] if the claim is gone,
	// [call.ErrNumberBusy] if another call to this number has an open fate.
	// An error of one of checks changes nothing.
	Advance(ctx context.Context, c call.Call, e call.Event, checks ...call.Check) (call.Call, error)
	// Consult asks a rule that depends on more than the call.
	Consult(ctx context.Context, c call.Call, check call.Check) error
	// Postpone gives a claim back, without an event.
	Postpone(ctx context.Context, c call.Call, due time.Time) error
	// Update commits an event whatever happened to the call meanwhile.
	Update(ctx context.Context, key call.Key, id call.ID, decide func(call.Call) (call.Event, error), checks ...call.Check) (call.Call, error)
	// Record keeps the answer of an attempt, whatever became of the call.
	Record(ctx context.Context, id call.ID, n int, a call.Answer) error
	Attempts(ctx context.Context, id call.ID) ([]call.Attempt, error)
	// Ours tells which of the provider's ids answered an attempt of ours.
	Ours(ctx context.Context, providerIDs []string) (map[string]bool, error)
	// Active are the calls that the provider has and that are watched, longest unseen
	// first, without what was asked for and without content; Ended those that it ended
	// and that are due by then to be read again.
	Active(ctx context.Context) ([]call.Call, error)
	Ended(ctx context.Context, by time.Time, limit int) ([]call.Call, error)
	// Observe commits news of calls that Active listed, the first while the last still
	// come; Seen notes reads without news.
	Observe(ctx context.Context, news iter.Seq[call.Step]) error
	Seen(ctx context.Context, seen []call.Sight) error
	CountActive(ctx context.Context) (int, error)
	// Freshen makes the step of calls of a status due now that was due from a time on,
	// and before another.
	Freshen(ctx context.Context, status call.Status, from, before time.Time) error
	// NextDue is the earliest due time among calls of these statuses; zero: none.
	NextDue(ctx context.Context, statuses ...call.Status) (time.Time, error)
	// NextWatch is when the tick of that name, or a call that Ended lists, is due; zero:
	// there is nothing to watch.
	NextWatch(ctx context.Context, tick string) (time.Time, error)
	// LeaseTick reports whether nobody had the tick, and when it is due; RenewTick and
	// FreeTick fail with [call.ErrLost] once it is another's.
	LeaseTick(ctx context.Context, name string, lease time.Duration) (due time.Time, leased bool, err error)
	RenewTick(ctx context.Context, name string, lease time.Duration) error
	FreeTick(ctx context.Context, name string, next time.Time) error
	// EraseDue erases what is to be forgotten, and that to which nothing happened since
	// before (the zero time: none of it). It looks at no more than n of each.
	EraseDue(ctx context.Context, before time.Time, n int) (looked, erased int, err error)
	// DueChanged receives after a commit that made something due earlier.
	DueChanged() <-chan struct{}

	Take(ctx context.Context, p call.Purpose, deadline time.Time) (call.Grant, time.Time, error)
	// EndRequest starts the wait for a granted request's slot to be free again;
	// Return gives back one that was not made.
	EndRequest(ctx context.Context, g call.Grant) error
	Return(ctx context.Context, g call.Grant) error
	// Block keeps every request of the key back until then.
	Block(ctx context.Context, until time.Time) error
}

// Config is how an [Operator] works. Every wait on the provider is a multiple or a
// fraction of Poll, or the budget's window.
type Config struct {
	Rules call.Rules
	// Poll is the time between two reads of an active call.
	Poll time.Duration
	// Timeout is when a call is said to take long.
	Timeout time.Duration
	// ApprovalTTL is how long a card that is sent back waits.
	ApprovalTTL time.Duration
	// Retention is for how long the content of calls is kept; zero: for ever.
	Retention time.Duration
	// Window is the wait after a 429 that names none.
	Window time.Duration
	Now    func() time.Time
	Logger *slog.Logger
}

// Operator places and watches calls.
type Operator struct {
	repo     Repository
	provider Provider
	cfg      Config
	log      *slog.Logger
	lists    listing
	waited   atomic.Int64 // Unix milliseconds when a call last waited for the budget to be placed
	warned   sync.Map     // cause to when it was last logged
}

// New returns an Operator; it does nothing until [Operator.Run].
func New(repo Repository, provider Provider, cfg Config) *Operator {
	return &Operator{repo: repo, provider: provider, cfg: cfg, log: cfg.Logger}
}

// workers bounds the steps that one process does at the same time.
const workers = 8

const (
	// lease is how long a claim outlives its replica: after it another one goes on.
	lease = 10 * time.Second
	// requestTimeout is the deadline of one request to the provider, which ends before
	// the lease does. It does not follow the interval: an answer that is not waited for
	// is a fate that nobody knows.
	requestTimeout = 8 * time.Second
)

// stepping are the statuses whose calls the first loop moves on.
var stepping = []call.Status{call.Requested, call.Scheduled, call.Approved, call.Placing, call.Unconfirmed}

// shutdownGrace is how long a request may go on after Run was told to stop. One that
// is cut short is committed as what it is: of a fate that nobody knows.
const shutdownGrace = 6 * time.Second

// Run works until ctx is done, then lets the steps under way finish, and returns nil
// not much later than shutdownGrace after that.
func (o *Operator) Run(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(shutdownGrace, cancel) })()
	var loops sync.WaitGroup
	wakeSteps, wakeWatch := make(chan struct{}, 1), make(chan struct{}, 1)
	loops.Go(func() { o.fanOut(ctx, wakeSteps, wakeWatch) })
	loops.Go(func() { o.stepLoop(ctx, work, wakeSteps) })
	loops.Go(func() { o.watchLoop(ctx, wakeWatch) })
	loops.Go(func() { o.eraseLoop(ctx) })
	loops.Wait()
	return nil
}

// fanOut passes a wake-up on to both loops.
func (o *Operator) fanOut(ctx context.Context, loops ...chan<- struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.repo.DueChanged():
			for _, l := range loops {
				select {
				case l <- struct{}{}:
				default:
				}
			}
		}
	}
}

// stepLoop claims due calls as long as there are free workers, and waits for the
// next due time in between. Steps have a context of their own, work, which outlives
// ctx for a while.
func (o *Operator) stepLoop(ctx, work context.Context, wake <-chan struct{}) {
	var freshened time.Time
	claims.Loop[call.Call]{
		Workers: workers,
		Claim: func(ctx context.Context, n int) ([]call.Call, error) {
			if now := o.cfg.Now(); now.Sub(freshened) >= o.cfg.Poll {
				freshened = now
				if err := o.freshen(ctx, now); err != nil {
					return nil, err
				}
			}
			return o.repo.ClaimDue(ctx, n, lease, stepping...)
		},
		Next: func(ctx context.Context) (time.Time, error) { return o.repo.NextDue(ctx, stepping...) },
		Do:   func(c call.Call) { o.step(work, c) },
		Wake: wake,
		Most: o.cfg.Poll, Least: o.leastWait(), Now: o.cfg.Now,
		Failed: func(err error) { o.log.Error("claiming due calls", slog.Any("error", err)) },
	}.Run(ctx)
}

// leastWait keeps what is due but cannot be had yet from spinning.
func (o *Operator) leastWait() time.Duration { return max(o.cfg.Poll/100, 10*time.Millisecond) }

// sleep waits for a wake-up, a time (zero: none), or an interval.
func (o *Operator) sleep(ctx context.Context, wake <-chan struct{}, next time.Time, err error) {
	wait := o.cfg.Poll
	if err == nil && !next.IsZero() {
		wait = min(wait, max(next.Sub(o.cfg.Now()), o.leastWait()))
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-wake:
	case <-t.C:
	}
}

// step does the next step of one claimed call. Errors end here: the claim runs out
// and the call is due again.
func (o *Operator) step(ctx context.Context, c call.Call) {
	defer o.caught("a step of call " + string(c.ID))
	var err error
	switch c.Status {
	case call.Requested:
		_, err = o.repo.Advance(ctx, c, call.Event{Kind: call.Expire, At: o.cfg.Now()})
	case call.Scheduled:
		err = o.begin(ctx, c)
	case call.Approved:
		err = o.place(ctx, c)
	case call.Placing:
		err = o.resume(ctx, c)
	case call.Unconfirmed:
		err = o.lookFor(ctx, c)
	case call.Queued, call.Dialing, call.InProgress, call.Completed, call.Failed, call.Canceled,
		call.Refused, call.Declined, call.Expired, call.Abandoned:
	}
	switch {
	case err == nil, ctx.Err() != nil:
	case errors.Is(err, call.ErrLost):
		o.log.Debug("a step came too late", slog.String("call", string(c.ID)), slog.String("status", string(c.Status)))
	case call.CodeOf(err) == call.Conflict:
		o.log.Debug("a step was overtaken", slog.String("call", string(c.ID)), slog.Any("error", err))
	default:
		o.log.Error("a step failed; it will be tried again", slog.String("call", string(c.ID)), slog.String("status", string(c.Status)), slog.Any("error", err))
	}
}

// caught keeps a panic of one step from ending all: what it held is due again when its
// lease runs out.
func (o *Operator) caught(doing string) {
	if p := recover(); p != nil {
		o.log.Error("panic", slog.String("in", doing), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
	}
}

// soon is next, but not much later than an interval from now: requests end before
// their deadline, and then there is room earlier than was said.
func (o *Operator) soon(next time.Time) time.Time {
	if limit := o.cfg.Now().Add(o.cfg.Poll); next.After(limit) {
		return limit
	}
	return next
}

// warnOnce logs what the people who run callbot must know, once an hour for each cause.
func (o *Operator) warnOnce(cause, msg string, attrs ...slog.Attr) {
	now := o.cfg.Now()
	last, _ := o.warned.Load(cause)
	if at, ok := last.(time.Time); !ok || now.Sub(at) > time.Hour {
		o.warned.Store(cause, now)
		o.log.LogAttrs(context.Background(), slog.LevelWarn, msg, attrs...) //nolint:sloglint // the callers' messages are literals
	}
}
