package agentphonetest

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// BasePath is the path under which the API is served.
const BasePath = "/api/v1"

// Unlimited, given to [WithCredits], lets calls cost nothing; answers then do
// not carry credits_remaining.
const Unlimited = -1

const (
	defaultCredits = 100
	defaultRate    = 10
	defaultWindow  = time.Minute
	maxKeys        = 1000 // whose requests are counted
)

// New returns a simulator. Without options it takes every key that is not empty,
// has 100 credits, and allows each key 10 requests in any 60 s.
func New(opts ...Option) *Simulator {
	s := &Simulator{
		now:     time.Now,
		time:    timeline{{speed: 1}},
		credits: defaultCredits,
		rate:    defaultRate,
		window:  defaultWindow,
		calls:   map[string]*call{},
		limited: map[string]bool{},
		windows: map[string][]time.Duration{},
	}
	s.open, s.close = context.WithCancel(context.Background())
	s.newID = s.randomID
	for _, opt := range opts {
		opt(s)
	}
	s.time[0].since = s.now()
	s.handler = s.routes()
	return s
}

// NewServer serves a new simulator on loopback until the test ends.
func NewServer(tb testing.TB, opts ...Option) *Server {
	tb.Helper()
	s := New(opts...)
	ts := httptest.NewServer(s)
	tb.Cleanup(func() {
		s.Close() // first, so that no request hangs
		ts.Close()
	})
	return &Server{Simulator: s, URL: ts.URL + BasePath, HTTP: ts}
}

// Server is a simulator that listens.
type Server struct {
	*Simulator
	URL  string // base URL of the API, such as http://127.0.0.1:1234/api/v1
	HTTP *httptest.Server
}

// Simulator is an [http.Handler] that behaves like the AgentPhone API. It is
// safe for concurrent use.
type Simulator struct {
	handler http.Handler
	now     func() time.Time
	key     string // "": any
	rate    int    // 0: no limit
	window  time.Duration
	newID   func() string

	open  context.Context // until Close
	close context.CancelFunc

	mu       sync.Mutex
	time     timeline
	manual   bool
	list     ListStyle
	credits  int
	calls    map[string]*call
	order    []*call
	limited  map[string]bool            // numbers whose next call is not rate limited
	windows  map[string][]time.Duration // key to the simulated times of its requests
	requests []*Request
	fault    Fault
}

// Option configures a simulator.
type Option func(*Simulator)

// WithKey accepts only this key, in the header x-api-key.
func WithKey(key string) Option { return func(s *Simulator) { s.key = key } }

// WithSpeed makes simulated calls go f times as fast, f above 0. The window of
// the rate limit shrinks alike. [Simulator.SetSpeed] changes it later.
func WithSpeed(f float64) Option {
	return func(s *Simulator) {
		if validSpeed(f) {
			s.time = timeline{{speed: f}}
		}
	}
}

// WithClock replaces [time.Now].
func WithClock(now func() time.Time) Option { return func(s *Simulator) { s.now = now } }

// WithCredits sets how many calls can be placed; [Unlimited] for any number.
func WithCredits(n int) Option { return func(s *Simulator) { s.credits = max(n, Unlimited) } }

// WithRate allows each key n requests, over all endpoints, in any window of
// simulated time. An n of 0 switches the limit off.
func WithRate(n int, window time.Duration) Option {
	return func(s *Simulator) { s.rate, s.window = max(n, 0), window }
}

// WithManual is [Simulator.SetManual] from the start.
func WithManual() Option { return func(s *Simulator) { s.manual = true } }

// WithSeed makes call IDs the same in every run.
func WithSeed(seed uint64) Option {
	return func(s *Simulator) {
		n := 0
		s.newID = func() string { // called with s.mu held
			n++
			return "cl_" + encodeID(hash(fmt.Sprint(seed, "/", n)))
		}
	}
}

// WithList sets what GET /calls answers.
func WithList(style ListStyle) Option { return func(s *Simulator) { s.list = style } }

// WithFault is [Simulator.SetFault] from the start.
func WithFault(f Fault) Option { return func(s *Simulator) { s.fault = f } }

// ListStyle is a shape of the answer to GET /calls, which is documented nowhere.
type ListStyle int

const (
	// ListFull: {"data":[…]} with number, objective, status, outcome and duration.
	ListFull ListStyle = iota
	// ListRich: as ListFull, with summary, transcript and recording as well.
	ListRich
	// ListNested: {"data":{"calls":[…]}}, otherwise as ListFull.
	ListNested
	// ListLean: {"data":[…]} with call_id, status and created_at alone.
	ListLean
	// ListOff: 404.
	ListOff
)

// Close lets go of the requests that hang. The simulator can still be used, but
// hangs no more.
func (s *Simulator) Close() { s.close() }

// SetList changes what GET /calls answers.
func (s *Simulator) SetList(style ListStyle) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = style
}

// SetCredits changes how many calls can still be placed.
func (s *Simulator) SetCredits(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.credits = max(n, Unlimited)
}

// Credits is how many calls can still be placed; [Unlimited] for any number.
func (s *Simulator) Credits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.credits
}

// Calls returns every call that was accepted, oldest first, as it is now.
func (s *Simulator) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Call, len(s.order))
	for i, c := range s.order {
		e := s.elapsed(c)
		out[i] = Call{
			ID: c.id, ToPhoneNumber: c.number, Objective: c.objective, BusinessName: c.business, Website: c.website,
			CreatedAt: c.created, Age: e, Story: c.story.name, Manual: c.manual, Status: c.status(e), Duration: c.talkTime(e), Lines: c.lines(e),
		}
		if c.over(e) {
			out[i].Outcome, out[i].Summary, out[i].Transcript = c.outcome, c.summary, c.transcript()
		}
	}
	return out
}

// Call is a call that the simulator accepted, seen from behind the API.
type Call struct {
	ID            string
	ToPhoneNumber string
	Objective     string
	BusinessName  string
	Website       string
	CreatedAt     time.Time     // by the clock
	Age           time.Duration // simulated time since then
	Story         string        // name in Stories
	Manual        bool          // a person answers it and speaks, see WithManual
	Status        string
	Duration      time.Duration // of the conversation, so far
	Lines         []Line        // what has been said so far

	// Outcome, Summary and Transcript are set once the call is over, whether or
	// not the API shows them yet.
	Outcome, Summary, Transcript string
}

// Dials returns how often each number was called.
func (s *Simulator) Dials() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]int{}
	for _, c := range s.order {
		out[c.number]++
	}
	return out
}

// elapsed is the simulated time since c was created.
func (s *Simulator) elapsed(c *call) time.Duration {
	return max(s.time.simulated(s.now())-c.born, 0)
}

// admit takes a request from key's window, or says how long until it could. A
// refused request takes nothing.
func (s *Simulator) admit(key string) (wait time.Duration, ok bool) {
	if s.rate == 0 {
		return 0, true
	}
	now := s.time.simulated(s.now())
	recent := slices.DeleteFunc(s.windows[key], func(t time.Duration) bool { return now-t >= s.window })
	if recent == nil && len(s.windows) >= maxKeys {
		clear(s.windows) // somebody makes keys up
	}
	if len(recent) >= s.rate {
		s.windows[key] = recent
		return scaled(recent[len(recent)-s.rate]+s.window-now, 1/s.time.speed()), false
	}
	s.windows[key] = append(recent, now)
	return 0, true
}

func (s *Simulator) randomID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return "cl_" + encodeID(binary.BigEndian.Uint64(b[:]))
}

func encodeID(n uint64) string {
	const alphabet = "abcdefghijkmnpqrstuvwxyz23456789"
	var b strings.Builder
	for range 12 {
		b.WriteByte(alphabet[n%uint64(len(alphabet))])
		n /= uint64(len(alphabet))
	}
	return b.String()
}
