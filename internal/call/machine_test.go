package call_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

var update = flag.Bool("update", false, "rewrite golden files")

var epoch = time.Date(2026, 11, 24, 15, 0, 0, 0, time.UTC)

// placed reports whether a call in this status was given to the provider.
func placed(s call.Status) bool {
	return s.Active() || s == call.Completed || s == call.Failed
}

// in is a call as it usually is in a status.
func in(tb testing.TB, s call.Status) call.Call {
	tb.Helper()
	n, err := phone.ParseE164("+14155550132")
	if err != nil {
		tb.Fatal(err)
	}
	c := call.Call{
		ID: "c1", Version: 7, Revision: 2, Status: s, Since: epoch,
		Request:     call.Request{Requester: "U1", Number: n, Objective: "Ask about the return policy"},
		RequestedAt: epoch, ExpiresAt: epoch.Add(30 * time.Minute),
	}
	if s != call.Requested && s != call.Declined && s != call.Expired {
		c.Approver, c.ApprovedAt, c.ExpiresAt = "U1", epoch, time.Time{}
		c.Attempts = 1
	}
	if s == call.Unconfirmed {
		c.Lost, c.Looks, c.LookResult = 1, call.MaxLooks, call.LookNone
	}
	if placed(s) {
		c.ProviderID, c.AcceptedAt, c.LastSeen = "cl_1", epoch, epoch
	}
	return c
}

// event is a kind of event as it usually comes.
func event(k call.Kind) call.Event {
	e := call.Event{
		Kind: k, At: epoch.Add(time.Minute), Actor: "U1", Revision: 2, Attempt: 1, Due: epoch.Add(2 * time.Minute),
		Expires: epoch.Add(time.Hour), ProviderID: "cl_1", LookResult: call.LookNone, ReportedStatus: call.InProgress,
	}
	switch k {
	case call.Expire:
		e.At = epoch.Add(31 * time.Minute)
	default:
	}
	return e
}

// TestMachine holds what every event does in every status.
func TestMachine(t *testing.T) {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, k := range call.Kinds() {
		for _, s := range call.Statuses() {
			next, err := call.Apply(in(t, s), event(k))
			result := string(next.Status)
			if err != nil {
				result = "— " + string(call.CodeOf(err))
			}
			fmt.Fprintf(w, "%s\t%s\t%s\n", k, s, result)
		}
		fmt.Fprintln(w, "\t\t")
	}
	_ = w.Flush()
	lines := bytes.Split(b.Bytes(), []byte("\n"))
	for i, l := range lines {
		lines[i] = bytes.TrimRight(l, " ")
	}
	golden(t, "machine.golden", bytes.Join(lines, []byte("\n")))
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites it):\n%s", path, diff)
	}
}

func TestApplyChecksWhatTheTableCannotSay(t *testing.T) {
	at := func(c call.Call, change func(*call.Call)) call.Call { change(&c); return c }
	for name, tc := range map[string]struct {
		call  call.Call
		event func(*call.Event)
		kind  call.Kind
		code  call.Code
	}{
		"an earlier revision approves nothing":     {in(t, call.Requested), func(e *call.Event) { e.Revision = 1 }, call.Approve, call.Conflict},
		"approval at the expiry":                   {in(t, call.Requested), func(e *call.Event) { e.At = epoch.Add(30 * time.Minute) }, call.Approve, call.Conflict},
		"approval a moment before the expiry":      {in(t, call.Requested), func(e *call.Event) { e.At = epoch.Add(30*time.Minute - 1) }, call.Approve, ""},
		"approval by nobody":                       {in(t, call.Requested), func(e *call.Event) { e.Actor = "" }, call.Approve, call.Internal},
		"expiry before its time":                   {in(t, call.Requested), func(e *call.Event) { e.At = epoch.Add(29 * time.Minute) }, call.Expire, call.Conflict},
		"place again before the looks are over":    {at(in(t, call.Unconfirmed), func(c *call.Call) { c.Looks = 2 }), func(*call.Event) {}, call.Approve, call.Conflict},
		"time abandons after a day":                {in(t, call.Unconfirmed), func(e *call.Event) { e.Actor, e.At = "", epoch.Add(24*time.Hour) }, call.Abandon, ""},
		"time does not abandon before":             {in(t, call.Unconfirmed), func(e *call.Event) { e.Actor, e.At = "", epoch.Add(23*time.Hour) }, call.Abandon, call.Conflict},
		"a verdict on an earlier attempt":          {at(in(t, call.Placing), func(c *call.Call) { c.Attempts = 2 }), func(*call.Event) {}, call.Refuse, call.Conflict},
		"an acceptance that names no call":         {in(t, call.Placing), func(e *call.Event) { e.ProviderID = "" }, call.Accept, call.Conflict},
		"an acceptance of what nobody POSTed":      {at(in(t, call.Requested), func(c *call.Call) { c.Attempts = 0 }), func(*call.Event) {}, call.Accept, call.Conflict},
		"a POST beside a lost one, without a look": {at(in(t, call.Approved), func(c *call.Call) { c.Lost = 1 }), func(*call.Event) {}, call.Place, call.Conflict},
		"a POST beside a lost one, after a look":   {at(in(t, call.Approved), func(c *call.Call) { c.Lost, c.Looks = 1, 1 }), func(*call.Event) {}, call.Place, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := event(tc.kind)
			tc.event(&e)
			next, err := call.Apply(tc.call, e)
			if got := call.CodeOf(err); got != tc.code {
				t.Errorf("code %q, want %q (%v)", got, tc.code, err)
			}
			if err != nil {
				if diff := cmp.Diff(tc.call, next, cmp.Comparer(func(a, b phone.Number) bool { return a == b })); diff != "" {
					t.Errorf("a refused event changed the call:\n%s", diff)
				}
			}
		})
	}
}

func TestNewsNeverGoBack(t *testing.T) {
	for from, news := range map[call.Status]call.Status{
		call.Dialing: call.Queued, call.InProgress: call.Dialing, call.Completed: call.Failed,
		call.Failed: call.InProgress, call.Queued: "on_hold",
	} {
		e := event(call.Observe)
		e.ReportedStatus = news
		next, err := call.Apply(in(t, from), e)
		if err != nil {
			t.Fatal(err)
		}
		if next.Status != from {
			t.Errorf("%s became %s after news of %s", from, next.Status, news)
		}
	}
}

func TestLateContentIsAddedAndNothingIsUnlearned(t *testing.T) {
	c := in(t, call.InProgress)
	steps := []call.Result{
		{Outcome: call.Achieved, Duration: 42 * time.Second},
		{Summary: "They are open.", RecordingURL: "https://example.com/a"},
		{Outcome: "other", Summary: "", Transcript: "Agent: Hi", RecordingURL: "https://example.com/b"},
	}
	for _, r := range steps {
		e := event(call.Observe)
		e.ReportedStatus, e.Result = call.Completed, r
		var err error
		if c, err = call.Apply(c, e); err != nil {
			t.Fatal(err)
		}
	}
	want := call.Result{
		Outcome: call.Achieved, Summary: "They are open.", Transcript: "Agent: Hi",
		RecordingURL: "https://example.com/b", Duration: 42 * time.Second,
	}
	if diff := cmp.Diff(want, c.Result); diff != "" {
		t.Error(diff)
	}
	if c.Enriched != 2 {
		t.Errorf("enriched %d times, want 2", c.Enriched)
	}
}

// TestALostPOSTThatProvesAccepted: whatever people decided meanwhile, the call is
// followed, and a second one is told.
func TestALostPOSTThatProvesAccepted(t *testing.T) {
	lost := in(t, call.Unconfirmed)
	again, err := call.Apply(lost, event(call.Approve))
	if err != nil {
		t.Fatal(err)
	}
	cancelled, err := call.Apply(again, event(call.Cancel))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]call.Call{"waiting to be placed again": again, "cancelled": cancelled} {
		next, err := call.Apply(c, event(call.Accept))
		if err != nil || next.Status != call.Queued || next.ProviderID != "cl_1" || next.Lost != 0 {
			t.Errorf("%s: %s %q lost %d, %v", name, next.Status, next.ProviderID, next.Lost, err)
		}
	}
	second := event(call.Accept)
	second.ProviderID = "cl_2"
	next, err := call.Apply(in(t, call.InProgress), second)
	if err != nil || next.Status != call.InProgress || next.OtherProviderID != "cl_2" || next.Reason != call.ReasonDoubled {
		t.Errorf("a second acceptance: %+v, %v", next, err)
	}
}

// TestAtMostOnePOSTForOneApproval plays any events in any order against the machine
// and counts POSTs and approvals.
func TestAtMostOnePOSTForOneApproval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, _ := phone.ParseE164("+14155550132")
		c := call.Call{
			ID: "c1", Version: 1, Revision: 1, Status: call.Requested, Since: epoch,
			Request: call.Request{Requester: "U1", Number: n, Objective: "Ask"}, RequestedAt: epoch, ExpiresAt: epoch.Add(30 * time.Minute),
		}
		now := epoch
		approvals, handedBack, posts := 0, 0, 0
		for range rapid.IntRange(1, 60).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "minutes")) * time.Minute)
			e := call.Event{
				Kind: rapid.SampledFrom(call.Kinds()).Draw(t, "kind"), At: now, Actor: "U1",
				Revision:       c.Revision - int64(rapid.IntRange(0, 1).Draw(t, "stale")),
				Attempt:        c.Attempts - rapid.IntRange(0, 1).Draw(t, "late"),
				Expires:        now.Add(30 * time.Minute),
				ProviderID:     rapid.SampledFrom([]string{"cl_1", "cl_2"}).Draw(t, "id"),
				ReportedStatus: rapid.SampledFrom(call.Statuses()).Draw(t, "news"),
				LookResult:     call.LookNone,
			}
			next, err := call.Apply(c, e)
			if err != nil {
				if next != c {
					t.Fatalf("a refused %s changed the call", e.Kind)
				}
				continue
			}
			if next.Version != c.Version+1 {
				t.Fatalf("%s: version %d after %d", e.Kind, next.Version, c.Version)
			}
			switch e.Kind {
			case call.Approve:
				approvals++
			case call.HandBack:
				handedBack++ // that POST dialled nobody
			case call.Place:
				posts++
			default:
			}
			if posts-handedBack > approvals {
				t.Fatalf("%d POSTs that may have dialled after %d approvals", posts-handedBack, approvals)
			}
			if c.Status.Ended() && c.ProviderID != "" && next.Status != c.Status {
				t.Fatalf("%s became %s", c.Status, next.Status)
			}
			if (c.Status == call.Placing || c.Status == call.Unconfirmed) && next.Status == call.Placing {
				t.Fatalf("a POST while the fate of another is open")
			}
			c = next
		}
	})
}
