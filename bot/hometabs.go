package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/claims"
)

// Newcomers is told of those who meet the app, or may.
type Newcomers interface {
	// OpenHome notes that somebody opened their Home tab. channel is their direct messages
	// with the app; blank: it shows nothing so far.
	OpenHome(ctx context.Context, user call.UserID, channel string, blank bool) error
	// Welcome reports whether the app has yet to say in a conversation what it does.
	Welcome(ctx context.Context, conversation string) (first bool, err error)
}

// Homes is where it is kept who looks at their Home tab, and what there is to show.
type Homes interface {
	// ClaimHomes leases up to n that do not show the calls as they are.
	ClaimHomes(ctx context.Context, n int, lease time.Duration) ([]call.Home, error)
	// HomeShown gives one back: it is due again at next, zero: when something changes, but
	// not before earliest. It fails with [call.ErrLost] once the lease is another's.
	HomeShown(ctx context.Context, h call.Home, next, earliest time.Time) error
	// NextHome is the earliest due time; zero: none.
	NextHome(ctx context.Context) (time.Time, error)
	HomesChanged() <-chan struct{}
	// Overview is what somebody sees; all: of all calls that wait for a decision too.
	Overview(ctx context.Context, user call.UserID, all bool, settled int) (call.Overview, error)
	Usage(ctx context.Context, n int) (call.Usage, error)
}

// HomeViews is the part of the Web API that shows Home tabs.
type HomeViews interface {
	PublishViewContext(ctx context.Context, req slack.PublishViewContextRequest) (*slack.ViewResponse, error)
}

// HomeTabsConfig is what [HomeTabs] need.
type HomeTabsConfig struct {
	Slack     HomeViews
	Homes     Homes
	Directory *Directory
	Policy    call.Policy
	Limits    call.Limits
	Quiet     call.Hours
	Now       func() time.Time
	Logger    *slog.Logger
}

// HomeTabs keeps the Home tabs that people look at equal to their calls.
type HomeTabs struct {
	cfg       HomeTabsConfig
	gates     gates
	workspace atomic.Pointer[string] // nil: not known
}

// NewHomeTabs returns HomeTabs; they do nothing until [HomeTabs.Run].
func NewHomeTabs(cfg HomeTabsConfig) *HomeTabs {
	return &HomeTabs{cfg: cfg, gates: gates{now: cfg.Now}}
}

// SetWorkspace tells the address of the workspace, as [Publisher.SetWorkspace] does.
func (t *HomeTabs) SetWorkspace(address string) { t.workspace.Store(&address) }

const (
	// homePublishers bounds the Home tabs that are shown at the same time.
	homePublishers = 2
	// homeLease is longer than all that is asked of Slack for one Home tab.
	homeLease = 15 * time.Second
	// homePause is the least time between two views of one Home tab: Slack takes 100 a
	// minute of the whole workspace, and what happens in between is shown with what is next.
	homePause = 3 * time.Second
	// mostUsers is how many people admins see the use of.
	mostUsers = 5
)

// Run shows Home tabs until ctx is done, then lets the requests under way finish.
func (t *HomeTabs) Run(ctx context.Context) error {
	claims.Loop[call.Home]{
		Workers: homePublishers,
		Claim: func(ctx context.Context, n int) ([]call.Home, error) {
			return t.cfg.Homes.ClaimHomes(ctx, n, homeLease)
		},
		Next: t.cfg.Homes.NextHome,
		Do:   func(h call.Home) { t.show(ctx, h) },
		Wake: t.cfg.Homes.HomesChanged(),
		Most: time.Second, Least: 10 * time.Millisecond, Now: t.cfg.Now,
		Failed: func(err error) { t.cfg.Logger.Error("claiming Home tabs", slog.Any("error", err)) },
	}.Run(ctx)
	return nil
}

// show brings one Home tab up to date and says when to look again.
func (t *HomeTabs) show(ctx context.Context, h call.Home) {
	log := t.cfg.Logger.With(slog.String("user", string(h.User)))
	defer func() { // it is due again when its lease runs out
		if p := recover(); p != nil {
			log.Error("panic while showing a Home tab", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		}
	}()
	ctx = context.WithoutCancel(ctx)
	next, err := t.publish(ctx, &h)
	now := t.cfg.Now()
	held, isHeld := errors.AsType[*heldError](err)
	switch {
	case isHeld:
		next = held.until
	case tokenRefused(err): // with another one it may be taken
		log.Warn("Slack refuses the token, so that a Home tab is not shown", slog.Any("error", err))
		next = now.Add(tokenWait)
	case permanent(err):
		// Nobody can be shown anything before a person changes something: their next visit asks.
		log.Warn("Slack does not take a Home tab", slog.Any("error", err))
	case err != nil:
		log.Warn("showing a Home tab; it will be tried again", slog.Any("error", err))
		next = now.Add(homeRetry)
	}
	if err := t.cfg.Homes.HomeShown(ctx, h, next, now.Add(homePause)); err != nil && !errors.Is(err, call.ErrLost) {
		log.Warn("giving a Home tab back", slog.Any("error", err))
	}
}

// homeRetry is the time between two tries.
const homeRetry = 10 * time.Second

// publish sends the view if it differs from what is shown. It returns when the view
// changes by itself; zero: never.
func (t *HomeTabs) publish(ctx context.Context, h *call.Home) (time.Time, error) {
	tab := homeTab{channel: h.Channel, limits: t.cfg.Limits, quiet: t.cfg.Quiet, policy: t.cfg.Policy}
	if known := t.workspace.Load(); known != nil {
		tab.workspace = *known
	}
	tab.who = call.Person{ID: h.User}
	if t.cfg.Directory != nil {
		tab.who = t.cfg.Directory.Person(ctx, h.User, t.cfg.Policy.ToDecide(h.User))
	}
	if refusal := tab.refused(); refusal != nil && refusal.Code == call.Unavailable {
		return time.Time{}, refusal // who they are could not be read
	}
	var err error
	if tab.overview, err = t.cfg.Homes.Overview(ctx, h.User, t.cfg.Policy.DecidesAll(tab.who), settledShown); err != nil {
		return time.Time{}, err
	}
	if t.cfg.Policy.Admin(h.User) {
		usage, err := t.cfg.Homes.Usage(ctx, mostUsers)
		if err != nil {
			return time.Time{}, err
		}
		tab.usage = &usage
	}
	view := renderHomeTab(tab)
	raw, err := json.Marshal(view)
	if err != nil {
		return time.Time{}, fmt.Errorf("write the Home tab as JSON: %w", err)
	}
	sum := sha256.Sum256(raw)
	digest := hex.EncodeToString(sum[:16])
	var next time.Time
	for _, p := range tab.overview.Undecided {
		if at := turns(p.Call, call.View{Now: tab.overview.Now, Quiet: t.cfg.Quiet}); !at.IsZero() {
			next = earlier(next, at)
		}
	}
	if digest == h.Digest {
		return next, nil
	}
	err = t.gates.pass(ctx, "views.publish", "", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, requestTimeout)
		defer cancel()
		_, err := t.cfg.Slack.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: string(h.User), View: view})
		return err
	})
	if err != nil {
		h.Digest = "" // what is shown is not known
		return time.Time{}, err
	}
	h.Digest = digest
	return next, nil
}
