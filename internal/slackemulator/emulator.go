package slackemulator

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Emulator is one Slack workspace with one app installed in it. It is an
// [net/http.Handler]; [Server] is an Emulator that listens. Its methods may be
// called from many goroutines.
type Emulator struct {
	clock    Clock
	log      *slog.Logger
	manifest *manifest
	ping     time.Duration
	mux      *http.ServeMux

	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever anything happens
	closed  bool
	baseURL string

	idSeq  uint64
	lastTS int64 // microseconds

	teamID, teamDomain string
	appID, botID       string
	bot                *account
	botToken, appToken string
	tokenFault         string

	accounts      map[string]*account
	conversations map[string]*conversation
	groups        map[string]*userGroup
	files         map[string]*file
	uploads       map[string]*file
	views         map[string]*view
	homes         map[string]*view
	modals        map[string][]*view // per user, bottom to top
	triggers      map[string]*trigger
	responseURLs  map[string]*responseURL
	executions    []*execution // oldest first

	links     []*link
	linkSeq   int
	nextLink  int
	tickets   map[string]time.Time
	pending   map[string][]*envelope
	envelopes []*envelope

	calls       []Call
	callSeq     int
	faults      []*plannedFault
	delays      map[string]time.Duration
	hook        func(Call) *Fault
	rateLimited bool
	buckets     map[string]*bucket

	events     []Event
	firstEvent int
	notices    map[string][]Notice
}

// Option changes how an emulator is made.
type Option func(*Emulator) error

// WithManifest installs an app with the given manifest (YAML): its scopes, slash
// commands, shortcuts, subscribed events, functions and settings decide what works. Without
// one everything is granted and declared.
func WithManifest(data []byte) Option {
	return func(e *Emulator) error {
		m, err := parseManifest(data)
		e.manifest = m
		return err
	}
}

// WithClock sets the workspace's clock; the default is the system's.
func WithClock(c Clock) Option {
	return func(e *Emulator) error { e.clock = c; return nil }
}

// WithLogger sets where the emulator tells what it refuses, at debug level.
func WithLogger(l *slog.Logger) Option {
	return func(e *Emulator) error { e.log = l; return nil }
}

// WithRateLimits switches Slack's rate limits on; they are off by default.
func WithRateLimits(on bool) Option {
	return func(e *Emulator) error { e.rateLimited = on; return nil }
}

// WithPingInterval sets how often a Socket Mode link is pinged (default 10 s). A
// link that answers none for three intervals is cut.
func WithPingInterval(d time.Duration) Option {
	return func(e *Emulator) error { e.ping = d; return nil }
}

// WithBaseURL sets the address under which an emulator that is mounted in
// somebody else's server is reached, without a slash at the end. [Server] sets
// it by itself.
func WithBaseURL(u string) Option {
	return func(e *Emulator) error { e.baseURL = strings.TrimSuffix(u, "/"); return nil }
}

// New makes a workspace with nobody in it but the app's bot.
func New(opts ...Option) (*Emulator, error) {
	e := &Emulator{
		clock:         systemClock{},
		log:           slog.New(slog.DiscardHandler),
		ping:          10 * time.Second,
		changed:       make(chan struct{}),
		teamDomain:    "example",
		accounts:      map[string]*account{},
		conversations: map[string]*conversation{},
		groups:        map[string]*userGroup{},
		files:         map[string]*file{},
		uploads:       map[string]*file{},
		views:         map[string]*view{},
		homes:         map[string]*view{},
		modals:        map[string][]*view{},
		triggers:      map[string]*trigger{},
		responseURLs:  map[string]*responseURL{},
		tickets:       map[string]time.Time{},
		pending:       map[string][]*envelope{},
		delays:        map[string]time.Duration{},
		buckets:       map[string]*bucket{},
		notices:       map[string][]Notice{},
		firstEvent:    1,
	}
	for _, opt := range opts {
		if err := opt(e); err != nil {
			return nil, err
		}
	}
	e.mux = e.routes()
	e.teamID, e.appID, e.botID = e.newID("T"), e.newID("A"), e.newID("B")
	e.bot = &account{id: e.newID("U"), name: e.manifest.botName(), isBot: true, tz: "America/Los_Angeles"}
	e.bot.realName = e.bot.name
	e.accounts[e.bot.id] = e.bot
	e.botToken = "xoxb-emulator-" + strings.ToLower(e.newID("B"))
	e.appToken = "xapp-1-" + e.appID + "-" + strings.ToLower(e.newID("K"))
	return e, nil
}

// BotToken is the installed app's bot token.
func (e *Emulator) BotToken() string { return e.botToken }

// AppToken is the app-level token with the scope connections:write.
func (e *Emulator) AppToken() string { return e.appToken }

// APIURL is the base of the Web API, with a slash at its end.
func (e *Emulator) APIURL() string { return e.base() + "/api/" }

// TeamID is the workspace's ID (T…).
func (e *Emulator) TeamID() string { return e.teamID }

// AppID is the installed app's ID (A…).
func (e *Emulator) AppID() string { return e.appID }

// BotID is the ID of the app's bot (B…), not of its user.
func (e *Emulator) BotID() string { return e.botID }

// BotUserID is the ID of the user as whom the app writes (U…).
func (e *Emulator) BotUserID() string { return e.bot.id }

func (e *Emulator) base() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.baseURL
}

// newID returns an ID that looks like Slack's: a letter for the kind and ten
// capitals and digits. They are the same in every run, in order of creation.
func (e *Emulator) newID(kind string) string {
	const digits = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	e.idSeq++
	x := e.idSeq * 0x9E3779B97F4A7C15 // spreads the counter; the map is one to one
	id := []byte(kind + "0")
	for range 9 {
		x ^= x >> 29
		id = append(id, digits[x%32])
		x = x>>5 | x<<59
	}
	return fmt.Sprintf("%s%c", id, digits[e.idSeq%32])
}

// newTS returns the timestamp of a new message: unique and greater than all before.
func (e *Emulator) newTS() string {
	us := max(e.clock.Now().UnixMicro(), e.lastTS+100)
	e.lastTS = us
	return fmt.Sprintf("%d.%06d", us/1e6, us%1e6)
}

// wake tells everybody who waits that something has happened. The caller holds e.mu.
func (e *Emulator) wake() {
	close(e.changed)
	e.changed = make(chan struct{})
}

// await calls check with e.mu held until it reports true, each time something
// has happened, or until ctx ends.
func (e *Emulator) await(ctx context.Context, check func() bool) error {
	for {
		e.mu.Lock()
		done, changed := check(), e.changed
		e.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
