package operator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/agentphone"
	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/operator"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/store"
)

// office is an operator over a real store, and a simulated AgentPhone over real sockets.
type office struct {
	*testing.T
	store *store.Store
	repo  operator.Repository // nil: store
	phone *agentphonetest.Server
	svc   *call.Service
	url   string
	// database is the URL of the store's.
	database string
	rules    call.Rules
	rate     call.Budget
	poll     time.Duration
	// retention is for how long content is kept; zero: for ever.
	retention time.Duration
}

const poll = 40 * time.Millisecond

func newOffice(t *testing.T, budget call.Budget, opts ...agentphonetest.Option) *office {
	t.Helper()
	return newOfficeOn(t, "sqlite:"+filepath.Join(t.TempDir(), "callbot.db"), budget, opts...)
}

func newOfficeOn(t *testing.T, database string, budget call.Budget, opts ...agentphonetest.Option) *office {
	t.Helper()
	everywhere, err := phone.ParseCountries("*")
	if err != nil {
		t.Fatal(err)
	}
	o := &office{T: t, database: database, rules: call.Rules{Countries: everywhere}, rate: budget, poll: poll}
	// 10 s of the bot's waits are one interval; calls go as much faster.
	opts = append([]agentphonetest.Option{agentphonetest.WithSpeed(float64(10*time.Second) / float64(poll)), agentphonetest.WithRate(0, 0)}, opts...)
	o.phone = agentphonetest.NewServer(t, opts...)
	o.url = o.phone.URL
	o.open(t)
	t.Cleanup(func() {
		if err := o.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// open opens the database.
func (o *office) open(t *testing.T) {
	t.Helper()
	var err error
	if o.store, err = store.Open(t.Context(), o.database, store.WithBudget(o.rate)); err != nil {
		t.Fatal(err)
	}
	o.svc = call.NewService(o.store, o.rules, time.Hour, o.store.Now)
}

// reopen is what a restart does to the database.
func (o *office) reopen(t *testing.T) {
	t.Helper()
	if err := o.store.Close(); err != nil {
		t.Fatal(err)
	}
	o.open(t)
}

// work runs an operator until the returned function, or the end of the test.
func (o *office) work() (stop func()) {
	o.Helper()
	client, err := agentphone.NewClient("key-for-tests", agentphone.WithBaseURL(o.url))
	if err != nil {
		o.Fatal(err)
	}
	var repo operator.Repository = o.store
	if o.repo != nil {
		repo = o.repo
	}
	op := operator.New(repo, client, operator.Config{
		Rules: o.rules, Poll: o.poll, Timeout: 30 * o.poll, ApprovalTTL: time.Hour, Window: o.rate.Window, Retention: o.retention,
		Now: o.store.Now, Logger: slog.New(slog.NewTextHandler(o.Output(), nil)),
	})
	ctx, cancel := context.WithCancel(o.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := op.Run(ctx); err != nil {
			o.Error(err)
		}
	}()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	o.Cleanup(stop)
	return stop
}

// approved is a call to that number that a person approved.
func (o *office) approved(number string) call.ID {
	o.Helper()
	n, err := phone.ParseE164(number)
	if err != nil {
		o.Fatal(err)
	}
	key := call.Key("k" + number + fmt.Sprint(time.Now().UnixNano()))
	c, err := o.svc.Request(o.Context(), key, call.Request{Requester: "U1", Number: n, Objective: "Ask about the return policy"}, call.Origin{Conversation: "C1"})
	if err != nil {
		o.Fatal(err)
	}
	if _, err := o.svc.Approve(o.Context(), key+"a", call.Click{Call: c.ID, Revision: c.Revision, Actor: "U1"}); err != nil {
		o.Fatal(err)
	}
	return c.ID
}

// until waits until the call is as ok says.
func (o *office) until(id call.ID, what string, ok func(call.Call) bool) call.Call {
	o.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for {
		c, err := o.store.Get(o.Context(), id)
		if err != nil {
			o.Fatal(err)
		}
		if ok(c) {
			return c
		}
		if time.Now().After(deadline) {
			o.Fatalf("the call is not %s: %s %s looks %d %q, attempts %d", what, c.Status, c.Reason, c.Looks, c.LookResult, c.Attempts)
		}
		time.Sleep(5 * time.Millisecond) // between two looks at the database
	}
}

func is(s call.Status) func(call.Call) bool { return func(c call.Call) bool { return c.Status == s } }

// posts counts what was POSTed.
func (o *office) posts() int {
	n := 0
	for _, r := range o.phone.Requests() {
		if r.Method == http.MethodPost {
			n++
		}
	}
	return n
}

func TestACallIsPlacedOnceAndWatchedToItsEnd(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{})
	o.work()
	id := o.approved("+14155550132")
	c := o.until(id, "completed with everything", func(c call.Call) bool { return c.Status == call.Completed && !c.Lacks() && c.RecordingURL != "" })
	if c.Outcome != call.Achieved || c.Duration <= 0 || !strings.Contains(c.Transcript, "return policy") {
		t.Errorf("%+v", c.Result)
	}
	if n := o.posts(); n != 1 {
		t.Errorf("%d POSTs", n)
	}
	if got := o.phone.Calls()[0].Objective; got != "Ask about the return policy" {
		t.Errorf("objective %q", got)
	}
}

// TestFates: what becomes of a call after each thing that can become of its POST.
func TestFates(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		number string
		until  func(call.Call) bool
		reason call.Reason
		posts  int
		dials  int
	}{
		"400":                     {"+14155550173", is(call.Refused), call.ReasonInvalid, 1, 0},
		"401":                     {"+14155550174", is(call.Refused), call.ReasonBadKey, 1, 0},
		"402":                     {"+14155550170", is(call.Refused), call.ReasonNoCredits, 1, 0},
		"429 once":                {"+14155550172", is(call.Completed), "", 2, 1},
		"429 twice":               {"+14155550171", is(call.Refused), call.ReasonRateLimited, 2, 0},
		"500":                     {"+14155550175", undecided, call.ReasonUnknownFate, 1, 0},
		"reset before it took it": {"+14155550180", undecided, call.ReasonUnknownFate, 1, 0},
		"reset after it took it":  {"+14155550179", is(call.Completed), "", 1, 1},
		"a 202 that is malformed": {"+14155550181", is(call.Completed), "", 1, 1},
		"a 202 without an id":     {"+14155550182", is(call.Completed), "", 1, 1},
		"a redirect":              {"+14155550183", undecided, call.ReasonUnknownFate, 1, 0},
		"no answer":               {"+14155550177", is(call.Completed), "", 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, call.Budget{Window: 100 * time.Millisecond})
			o.work()
			id := o.approved(tc.number)
			c := o.until(id, name, tc.until)
			if c.Reason != tc.reason {
				t.Errorf("reason %q, want %q", c.Reason, tc.reason)
			}
			if n := o.posts(); n != tc.posts {
				t.Errorf("%d POSTs, want %d", n, tc.posts)
			}
			if n := o.phone.Dials()[tc.number]; n != tc.dials {
				t.Errorf("dialled %d times, want %d", n, tc.dials)
			}
		})
	}
}

// undecided is a call whose fate nobody found out, after all the looks.
func undecided(c call.Call) bool { return c.Status == call.Unconfirmed && c.Looks == call.MaxLooks }

func TestPlaceAgainLooksOnceMoreBeforeItPosts(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{})
	o.phone.SetFault(agentphonetest.OnMethod(http.MethodPost, agentphonetest.Times(1, agentphonetest.Respond(500, nil, "oops"))))
	o.work()
	id := o.approved("+14155550132")
	c := o.until(id, "undecided", undecided)
	before := len(o.phone.Requests())
	if _, err := o.svc.Approve(t.Context(), "again", call.Click{Call: id, Revision: c.Revision, Actor: "U1"}); err != nil {
		t.Fatal(err)
	}
	o.until(id, "completed", is(call.Completed))
	after := o.phone.Requests()[before:]
	if after[0].Method != http.MethodGet || after[0].Path != agentphonetest.BasePath+"/calls" || after[1].Method != http.MethodPost {
		t.Errorf("a look at the list and then a POST were expected; the first requests were %s %s, %s %s", after[0].Method, after[0].Path, after[1].Method, after[1].Path)
	}
	if n := o.posts(); n != 2 {
		t.Errorf("%d POSTs after two approvals", n)
	}
}

// TestNothingListensThenSomethingDoes: a connection that never opened dialled nobody,
// so the call is tried again by itself.
func TestNothingListensThenItIsPlaced(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{})
	good := o.url
	o.url = "http://127.0.0.1:1" // nothing listens there
	stop := o.work()
	id := o.approved("+14155550132")
	o.until(id, "tried", func(c call.Call) bool {
		return c.Attempts > 0 && c.Status == call.Approved && c.Reason == call.ReasonUnreachable
	})
	stop()
	o.url = good
	o.work()
	o.until(id, "completed", is(call.Completed))
	if n := o.phone.Dials()["+14155550132"]; n != 1 {
		t.Errorf("dialled %d times", n)
	}
}

func TestAnOutageEndsWithAPersonsDecision(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{})
	o.url = "http://127.0.0.1:1"
	o.work()
	c := o.until(o.approved("+14155550132"), "refused", is(call.Refused))
	if c.Reason != call.ReasonUnreachable || c.Lost != 0 {
		t.Errorf("reason %q, lost %d", c.Reason, c.Lost)
	}
}

// TestAProcessThatWentAwayWhilePlacing: whoever finds its attempt unanswered does not
// POST, but looks.
func TestAProcessThatWentAwayWhilePlacing(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{})
	id := o.approved("+14155550132")
	claimed, err := o.store.ClaimDue(t.Context(), 1, 2*time.Second, call.Approved)
	if err != nil || len(claimed) != 1 {
		t.Fatal(claimed, err)
	}
	now := time.Now()
	if _, err := o.store.Advance(t.Context(), claimed[0], call.Event{Kind: call.Place, At: now, Due: now}); err != nil {
		t.Fatal(err)
	}
	o.work()
	c := o.until(id, "undecided", undecided)
	if c.Reason != call.ReasonInterrupted || o.posts() != 0 {
		t.Errorf("reason %q, %d POSTs", c.Reason, o.posts())
	}
}

// TestAnAnswerThatWasKeptByAProcessThatWentAway: it counts, whoever finds it.
func TestAnAnswerThatWasKeptByAProcessThatWentAway(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"while placing": false, "after it was taken for lost": true} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, call.Budget{})
			path := filepath.Join(t.TempDir(), "callbot.db")
			open := func() *store.Store {
				s, err := store.Open(t.Context(), "sqlite:"+path)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = s.Close() })
				return s
			}
			o.store = open()
			o.svc = call.NewService(o.store, o.rules, time.Hour, time.Now)
			id := o.approved("+14155550132")
			claimed, err := o.store.ClaimDue(t.Context(), 1, time.Minute, call.Approved)
			if err != nil || len(claimed) != 1 {
				t.Fatal(claimed, err)
			}
			now := time.Now()
			placing, err := o.store.Advance(t.Context(), claimed[0], call.Event{Kind: call.Place, At: now, Due: now})
			if err != nil {
				t.Fatal(err)
			}
			client, err := agentphone.NewClient("key-for-tests", agentphone.WithBaseURL(o.url))
			if err != nil {
				t.Fatal(err)
			}
			created, err := client.CreateCall(t.Context(), agentphone.CreateCallRequest{ToPhoneNumber: "+14155550132", Objective: "Ask about the return policy"})
			if err != nil {
				t.Fatal(err)
			}
			if lost {
				if _, err := o.store.Advance(t.Context(), placing, call.Event{Kind: call.LoseTrack, At: now, Attempt: 1, Due: now}); err != nil {
					t.Fatal(err)
				}
			}
			if err := o.store.Record(t.Context(), id, 1, call.Answer{At: now, Fate: call.FateAccepted, ProviderID: created.ID}); err != nil {
				t.Fatal(err)
			}
			if err := o.store.Close(); err != nil {
				t.Fatal(err)
			}
			o.store = open()
			o.work()
			o.until(id, "completed", is(call.Completed))
			if n := o.posts(); n != 1 {
				t.Errorf("%d POSTs", n)
			}
		})
	}
}

// TestLists: whatever shape the list has, or none, several calls at once reach their ends.
func TestLists(t *testing.T) {
	for name, style := range map[string]agentphonetest.ListStyle{
		"full": agentphonetest.ListFull, "rich": agentphonetest.ListRich, "nested": agentphonetest.ListNested,
		"lean": agentphonetest.ListLean, "none": agentphonetest.ListOff,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, call.Budget{}, agentphonetest.WithList(style))
			o.work()
			var ids []call.ID
			for i := range 4 {
				ids = append(ids, o.approved(fmt.Sprintf("+1415555010%d", i)))
			}
			want := []call.Status{call.Completed, call.Completed, call.Completed, call.Failed}
			for i, id := range ids {
				if c := o.until(id, "ended", func(c call.Call) bool { return c.Status.Ended() }); c.Status != want[i] {
					t.Errorf("call %d is %s, want %s", i, c.Status, want[i])
				}
			}
		})
	}
}

// listed makes the provider's list be what show says of each call.
func (o *office) listed(show func(agentphonetest.Call) map[string]any) {
	o.phone.SetFault(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method != http.MethodGet || r.URL.Path != agentphonetest.BasePath+"/calls" {
			next.ServeHTTP(w, r)
			return
		}
		items := []map[string]any{}
		for _, c := range o.phone.Calls() {
			items = append(items, show(c))
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(map[string]any{"data": items}); err != nil {
			o.Error(err)
		}
	})
}

// TestAListThatIsBehind: it names every call as queued for ever; each call still
// reaches its end, inside the budget.
func TestAListThatIsBehind(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{N: 10, Window: 6 * poll})
	o.listed(func(c agentphonetest.Call) map[string]any { return map[string]any{"call_id": c.ID, "status": "queued"} })
	o.work()
	var ids []call.ID
	for i := range 3 {
		ids = append(ids, o.approved(fmt.Sprintf("+1415555%04d", 120+i)))
	}
	for _, id := range ids {
		o.until(id, "completed", is(call.Completed))
	}
}

// TestWhatCanBeAdopted: only a call that the list shows to be to that number, whatever
// way that is written, and made after we asked.
func TestWhatCanBeAdopted(t *testing.T) {
	for name, tc := range map[string]struct {
		item   map[string]any
		status call.Status
		result call.LookResult
	}{
		"written as people write it": {map[string]any{"to_phone_number": "(415) 555-0179", "created_at": time.Now()}, call.Completed, ""},
		"without a time":             {map[string]any{"to_phone_number": "+14155550179"}, call.Unconfirmed, call.LookNoDetail},
		"without a number":           {map[string]any{"created_at": time.Now()}, call.Unconfirmed, call.LookNoDetail},
		"made long before we asked":  {map[string]any{"to_phone_number": "+14155550179", "created_at": time.Now().Add(-time.Hour)}, call.Unconfirmed, call.LookNone},
		"made before, or by a clock": {map[string]any{"to_phone_number": "+14155550179", "created_at": time.Now().Add(-5 * time.Minute)}, call.Unconfirmed, call.LookUnclear},
		"to another number":          {map[string]any{"to_phone_number": "+14155550178", "created_at": time.Now()}, call.Unconfirmed, call.LookNone},
		"for another objective":      {map[string]any{"to_phone_number": "+14155550179", "created_at": time.Now(), "objective": "Sell"}, call.Unconfirmed, call.LookUnclear},
		"for the same, cut short":    {map[string]any{"to_phone_number": "+14155550179", "created_at": time.Now(), "objective": "Ask about…"}, call.Unconfirmed, call.LookUnclear},
		"for the same, spaced out":   {map[string]any{"to_phone_number": "+14155550179", "created_at": time.Now(), "objective": " Ask  about the return policy\n"}, call.Completed, ""},
		"without an id":              {map[string]any{"to_phone_number": "+14155550179", "created_at": time.Now(), "call_id": nil}, call.Unconfirmed, call.LookUnclear},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, call.Budget{})
			o.listed(func(c agentphonetest.Call) map[string]any {
				item := map[string]any{"call_id": c.ID, "status": c.Status}
				maps.Copy(item, tc.item)
				return item
			})
			o.work()
			c := o.until(o.approved("+14155550179"), name, func(c call.Call) bool { return undecided(c) || c.Status == call.Completed })
			if c.Status != tc.status || tc.result != "" && c.LookResult != tc.result {
				t.Errorf("%s %q, want %s %q", c.Status, c.LookResult, tc.status, tc.result)
			}
		})
	}
}

// TestAListThatCannotBeRead: a person is asked after a while, and does not wait for ever.
func TestAListThatCannotBeRead(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{})
	o.phone.SetFault(agentphonetest.OnMethod(http.MethodGet, agentphonetest.Respond(500, nil, "down")))
	o.work()
	c := o.until(o.approved("+14155550179"), "undecided", undecided)
	if c.LookResult != call.LookFailed {
		t.Errorf("the look found %q", c.LookResult)
	}
}

// TestAListThatTakesNoLargeLimit: how much may be asked for is not documented, and what is
// refused is asked for in the way that is.
func TestAListThatTakesNoLargeLimit(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{})
	o.phone.SetFault(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if limit, err := strconv.Atoi(r.URL.Query().Get("limit")); err == nil && limit > 10 {
			agentphonetest.Respond(http.StatusUnprocessableEntity, nil, `{"error":"limit must be at most 10"}`)(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	})
	o.work()
	o.until(o.approved("+14155550105"), "under way", func(c call.Call) bool { return c.Status.Active() })
	c := o.until(o.approved("+14155550179"), "settled", func(c call.Call) bool { return undecided(c) || c.Status.Ended() })
	if c.Status != call.Completed {
		t.Errorf("%s %q", c.Status, c.LookResult)
	}
}

// TestAListThatIsCutShort: in which order it names how many calls is not documented, and of
// one that begins with the oldest, the newest may be left out.
func TestAListThatIsCutShort(t *testing.T) {
	var items []map[string]any
	for i := range 12 {
		items = append(items, map[string]any{
			"call_id": fmt.Sprint("cl_", i), "status": "completed", "to_phone_number": "+14155550120",
			"created_at": time.Now().Add(time.Duration(i-100) * time.Hour),
		})
	}
	newest := slices.Clone(items)
	slices.Reverse(newest)
	for name, tc := range map[string]struct {
		items []map[string]any
		want  call.LookResult
	}{
		"the oldest first":      {items, call.LookCutShort},
		"the newest first":      {newest, call.LookNone},
		"so few that it is all": {items[:3], call.LookNone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, call.Budget{})
			body, err := json.Marshal(map[string]any{"data": tc.items})
			if err != nil {
				t.Fatal(err)
			}
			o.phone.SetFault(agentphonetest.OnMethod(http.MethodGet, agentphonetest.Respond(http.StatusOK, nil, string(body))))
			o.work()
			if c := o.until(o.approved("+14155550179"), "undecided", undecided); c.LookResult != tc.want {
				t.Errorf("the look found %q, want %q", c.LookResult, tc.want)
			}
		})
	}
}

// TestAListThatIsMissingForAMoment: what its server says while it starts anew, perhaps just
// when a POST is lost, does not keep the call from being found.
func TestAListThatIsMissingForAMoment(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{})
	o.phone.SetFault(agentphonetest.OnMethod(http.MethodGet, agentphonetest.Times(1, agentphonetest.Respond(http.StatusNotFound, nil, "no such page"))))
	o.work()
	c := o.until(o.approved("+14155550179"), "settled", func(c call.Call) bool { return undecided(c) || c.Status.Ended() })
	if c.Status != call.Completed {
		t.Errorf("%s %q", c.Status, c.LookResult)
	}
}

// ticking counts the leases of the watch's tick.
type ticking struct {
	*store.Store
	n atomic.Int64
}

func (c *ticking) LeaseTick(ctx context.Context, name string, lease time.Duration) (time.Time, bool, error) {
	c.n.Add(1)
	return c.Store.LeaseTick(ctx, name, lease)
}

// TestAUsedUpBudgetIsWaitedFor: with nothing left to ask with, the watch does not spin.
func TestAUsedUpBudgetIsWaitedFor(t *testing.T) {
	o := newOffice(t, call.Budget{N: 1, Window: time.Hour})
	ticks := &ticking{Store: o.store}
	o.repo = ticks
	o.work()
	o.until(o.approved("+14155550132"), "queued", is(call.Queued))
	time.Sleep(20 * poll) // the time that is measured
	if n := ticks.n.Load(); n > 40 {
		t.Errorf("%d ticks in 20 intervals", n)
	}
}

// TestStopping: a POST that hangs is given up soon, and its fate is told as unknown.
func TestStopping(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{})
	stop := o.work()
	id := o.approved("+14155550177") // accepted, and never answered
	o.until(id, "placing", func(call.Call) bool { return o.posts() == 1 })
	began := time.Now()
	stop()
	if took := time.Since(began); took > 9*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if c := o.until(id, "unconfirmed", is(call.Unconfirmed)); c.Lost != 1 {
		t.Errorf("%d attempts lost", c.Lost)
	}
}

// TestTheBudgetKeepsTheKeyOutOf429: more calls than the key has requests are all
// placed and followed, and the provider never has to say no.
func TestTheBudgetKeepsTheKeyOutOf429(t *testing.T) {
	t.Parallel()
	window := 60 * poll / 10
	o := newOffice(t, call.Budget{N: 10, Window: window}, agentphonetest.WithRate(10, time.Minute))
	o.work()
	var ids []call.ID
	for i := range 15 {
		ids = append(ids, o.approved(fmt.Sprintf("+1415555%04d", 120+i)))
	}
	for _, id := range ids {
		o.until(id, "completed", is(call.Completed))
	}
	for _, r := range o.phone.Requests() {
		if r.Status == http.StatusTooManyRequests {
			t.Fatalf("%s %s was answered 429", r.Method, r.Path)
		}
	}
	for number, n := range o.phone.Dials() {
		if n != 1 {
			t.Errorf("%s was dialled %d times", number, n)
		}
	}
}

// TestTwoCallsToOneNumber: the second waits until the fate of the first is known.
func TestTwoCallsToOneNumber(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{})
	o.work()
	first := o.approved("+14155550175") // 500
	o.until(first, "undecided", undecided)
	second := o.approved("+14155550175")
	o.until(second, "held", func(c call.Call) bool { return c.Status == call.Approved && c.Reason == call.ReasonNumberBusy })
	if _, err := o.svc.Leave(t.Context(), "leave", call.Click{Call: first, Actor: "U1"}); err != nil {
		t.Fatal(err)
	}
	o.until(second, "tried", func(c call.Call) bool { return c.Attempts == 1 })
}

// TestARuleThatNoLongerHolds: what was approved under other rules goes back to its card.
func TestARuleThatNoLongerHolds(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{})
	id := o.approved("+442079460958")
	var err error
	if o.rules.Countries, err = phone.ParseCountries("US"); err != nil {
		t.Fatal(err)
	}
	o.work()
	c := o.until(id, "sent back", is(call.Requested))
	if c.Reason != call.ReasonRule || !strings.Contains(c.Detail, "United Kingdom") || c.Revision != 2 {
		t.Errorf("%q %q revision %d", c.Reason, c.Detail, c.Revision)
	}
	if o.posts() != 0 {
		t.Errorf("%d POSTs", o.posts())
	}
}

// TestAWatchEndsAndAPersonCanAskForMore.
func TestAWatchEndsAndAPersonCanAskForMore(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{})
	o.poll = 5 * time.Millisecond // an hour of watching is 1.8 s
	o.work()
	id := o.approved("+14155550105") // never ends
	c := o.until(id, "unwatched", func(c call.Call) bool { return c.Unwatched })
	if !c.Overdue || c.Status != call.InProgress {
		t.Errorf("overdue %t, %s", c.Overdue, c.Status)
	}
	reads := len(o.phone.Requests())
	if _, err := o.svc.CheckAgain(t.Context(), "check", call.Click{Call: id, Actor: "U1"}); err != nil {
		t.Fatal(err)
	}
	o.until(id, "unwatched again", func(now call.Call) bool { return now.Unwatched && now.Version > c.Version+1 })
	if len(o.phone.Requests()) <= reads {
		t.Error("Check again asked nothing")
	}
}

// TestBothOfTwoCallsAreFollowed: an attempt that everyone took for lost proves to have
// gone through as well, before or after the end of the other one.
func TestBothOfTwoCallsAreFollowed(t *testing.T) {
	for name, list := range map[string]agentphonetest.ListStyle{"with a list": agentphonetest.ListFull, "without": agentphonetest.ListOff} {
		for when, status := range map[string]func(call.Call) bool{
			"while the other is under way": func(c call.Call) bool { return c.Status.Active() },
			"after the other's end":        is(call.Completed),
		} {
			t.Run(name+" "+when, func(t *testing.T) {
				t.Parallel()
				o := newOffice(t, call.Budget{}, agentphonetest.WithList(list))
				o.work()
				o.approved("+14155550133") // so that there are several calls to list
				id := o.approved("+14155550132")
				o.until(id, when, status)
				client, err := agentphone.NewClient("key-for-tests", agentphone.WithBaseURL(o.url))
				if err != nil {
					t.Fatal(err)
				}
				created, err := client.CreateCall(t.Context(), agentphone.CreateCallRequest{ToPhoneNumber: "+14155550101", Objective: "Ask about the return policy"})
				if err != nil {
					t.Fatal(err)
				}
				now := o.store.Now()
				if _, err := o.store.Update(t.Context(), "", id, func(call.Call) (call.Event, error) {
					return call.Event{Kind: call.Accept, At: now, Attempt: 1, ProviderID: created.ID, Due: now}, nil
				}); err != nil {
					t.Fatal(err)
				}
				c := o.until(id, "settled", func(c call.Call) bool {
					return c.Status == call.Completed && c.Other.Status == call.Completed && !c.Open() && !c.OtherOpen() && c.DueAt.IsZero()
				})
				if c.Outcome != call.Achieved || c.Other.Outcome != call.Partial {
					t.Errorf("outcomes %q and %q", c.Outcome, c.Other.Outcome)
				}
				if c.Transcript == "" || c.Other.Transcript == "" || c.Other.Duration == 0 || c.Other.RecordingURL == "" {
					t.Errorf("content is missing: %+v", c)
				}
			})
		}
	}
}
