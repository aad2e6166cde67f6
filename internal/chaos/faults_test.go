//go:build unix

package chaos

import (
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// faults decides what goes wrong with a request. The seed, what is asked for and for
// the how many times decide, not the order in which requests happen to come.
type faults struct {
	mu    sync.Mutex
	seed  uint64
	often int // 0: never; else a multiple of the chances below
	asked map[string]int
	count map[string]int // by kind, how many went wrong
	late  *lateEdit      // nil: none
}

// lateEdit is one edit of a message that Slack takes in, and does only when it is let go.
type lateEdit struct {
	text string // what it shows
	held bool
	let  chan struct{}
}

// delay has the next edit that shows a text come late.
func (f *faults) delay(text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.late = &lateEdit{text: text, let: make(chan struct{})}
}

// delayed reports whether an edit is held.
func (f *faults) delayed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.late != nil && f.late.held
}

// catch waits if this is the edit that comes late.
func (f *faults) catch(c slackemulator.Call) {
	f.mu.Lock()
	late := f.late
	if late == nil || late.held || c.Method != "chat.update" || !strings.Contains(c.Args["text"], late.text) {
		f.mu.Unlock()
		return
	}
	late.held = true
	f.mu.Unlock()
	<-late.let
}

// release lets the late edit go.
func (f *faults) release() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.late != nil {
		close(f.late.let)
		f.late = nil
	}
}

func newFaults(seed uint64) *faults {
	return &faults{seed: seed, asked: map[string]int{}, count: map[string]int{}}
}

func (f *faults) set(often int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.often = often
}

func (f *faults) counts() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.count)
}

// chance is one thing that can go wrong, in so many of 10,000 requests.
type chance[F any] struct {
	kind string
	in   int
	do   F
}

// choose rolls the dice of a request.
func choose[F any](f *faults, key string, from []chance[F]) (none F) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.often == 0 {
		return none
	}
	f.asked[key]++
	rolled := int(hash(fmt.Sprint(f.seed, key, f.asked[key])) % 10_000)
	for _, c := range from {
		in := c.in * f.often
		if rolled < in {
			f.count[c.kind]++
			return c.do
		}
		rolled -= in
	}
	return none
}

func hash(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // a hash does not fail
	x := h.Sum64()            // its low bits differ little between similar texts
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	return x ^ x>>33
}

// posts and gets are what goes wrong at AgentPhone.
var (
	posts = []chance[agentphonetest.Fault]{
		{"POST: accepted, then reset", 250, agentphonetest.AcceptAndReset},
		{"POST: reset", 150, agentphonetest.Reset},
		{"POST: accepted, then 500", 150, afterwards(http.StatusInternalServerError)},
		{"POST: 500", 150, agentphonetest.Respond(http.StatusInternalServerError, nil, "down")},
		{"POST: accepted, then 202 with half an answer", 100, halfAnswer},
		{"POST: accepted, answered slowly", 150, slowly(700*time.Millisecond, true)},
		{"POST: accepted slowly", 150, slowly(700*time.Millisecond, false)},
		{"POST: accepted, answered after the deadline", 30, slowly(9*time.Second, true)},
		{"POST: 429", 40, agentphonetest.Respond(http.StatusTooManyRequests, nil, "too many")},
	}
	gets = []chance[agentphonetest.Fault]{
		{"GET: 500", 150, agentphonetest.Respond(http.StatusInternalServerError, nil, "down")},
		{"GET: reset", 100, agentphonetest.Reset},
		{"GET: slow", 100, slowly(300*time.Millisecond, true)},
		{"GET: 429", 10, agentphonetest.Respond(http.StatusTooManyRequests, nil, "too many")},
	}
)

func (f *faults) ofPhone(what, key string) agentphonetest.Fault {
	if what == "POST /calls" {
		return choose(f, key, posts)
	}
	return choose(f, key, gets)
}

// afterwards does what is asked, and then answers with an error.
func afterwards(status int) agentphonetest.Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		next.ServeHTTP(httptest.NewRecorder(), r)
		w.WriteHeader(status)
	}
}

// halfAnswer does what is asked, and cuts its answer.
func halfAnswer(w http.ResponseWriter, r *http.Request, next http.Handler) {
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	answer.Body.Truncate(answer.Body.Len() / 2)
	replay(w, answer)
}

// slowly takes its time, before or after it does what is asked.
func slowly(d time.Duration, done bool) agentphonetest.Fault {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !done {
			time.Sleep(d)
		}
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		if done {
			time.Sleep(d)
		}
		replay(w, answer)
	}
}

// slackFault is what goes wrong at Slack, and how long it takes before.
type slackFault struct {
	*slackemulator.Fault

	after time.Duration
}

var slackFaults = []chance[slackFault]{
	{"Slack: 500", 150, slackFault{Fault: &slackemulator.Fault{Status: http.StatusInternalServerError}}},
	{"Slack: done, then 500", 100, slackFault{Fault: &slackemulator.Fault{Status: http.StatusInternalServerError, AfterEffect: true}}},
	{"Slack: reset", 100, slackFault{Fault: &slackemulator.Fault{}}},
	{"Slack: done, then reset", 100, slackFault{Fault: &slackemulator.Fault{AfterEffect: true}}},
	{"Slack: 429", 30, slackFault{Fault: &slackemulator.Fault{Status: http.StatusTooManyRequests, RetryAfter: time.Second}}},
	{"Slack: internal_error", 50, slackFault{Fault: &slackemulator.Fault{Code: "internal_error"}}},
	{"Slack: slow", 100, slackFault{after: 400 * time.Millisecond}},
}

// ofSlack is the hook of the emulator.
func (f *faults) ofSlack(c slackemulator.Call) *slackemulator.Fault {
	f.catch(c)
	switch c.Method {
	case "auth.test", "apps.connections.open", "link":
		return nil // each process opens few links, and is killed soon enough
	}
	found := choose(f, c.Method+c.Args["ts"]+c.Args["thread_ts"]+c.Args["text"], slackFaults)
	time.Sleep(found.after)
	return found.Fault
}
