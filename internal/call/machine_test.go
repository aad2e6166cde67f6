package call_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
	"unicode/utf8"

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
	if s == call.Scheduled {
		c.StartAt = epoch.Add(time.Minute)
	}
	if s == call.Unconfirmed {
		c.Lost, c.Looks, c.LookResult = 1, call.MaxLooks, call.LookNone
	}
	if placed(s) {
		c.ProviderID, c.AcceptedAt, c.LastSeen = "cl_1", epoch, epoch
	}
	return c
}

// doubled is a call in a status of which the provider made a second one.
func doubled(tb testing.TB, s, other call.Status) call.Call {
	tb.Helper()
	c := in(tb, s)
	c.Attempts = 2
	c.ProviderID, c.AcceptedAt, c.LastSeen = "cl_1", epoch, epoch
	c.Other = call.Other{ProviderID: "cl_2", Status: other, AcceptedAt: epoch}
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
	case call.Schedule:
		e.Start = epoch.Add(time.Hour)
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

// TestMachineOfASecondCall holds what news of the second call make of it, and what
// happens to a call of which there are two.
func TestMachineOfASecondCall(t *testing.T) {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(c call.Call, e call.Event, what string) {
		next, err := call.Apply(c, e)
		result := fmt.Sprintf("%s + %s", next.Status, next.Other.Status)
		if err != nil {
			result = "— " + string(call.CodeOf(err))
		}
		fmt.Fprintf(w, "%s\t%s + %s\t%s\n", what, c.Status, c.Other.Status, result)
	}
	reportable := []call.Status{call.Queued, call.Dialing, call.InProgress, call.Completed, call.Failed, call.Canceled}
	for _, first := range []call.Status{call.InProgress, call.Completed} {
		for _, news := range append(reportable, "on_hold") {
			for _, other := range reportable {
				e := event(call.ObserveOther)
				e.ReportedStatus = news
				row(doubled(t, first, other), e, "news of the second: "+string(news))
			}
		}
		fmt.Fprintln(w, "\t\t")
	}
	for _, k := range call.Kinds() {
		for _, first := range []call.Status{call.InProgress, call.Completed, call.Canceled} {
			for _, other := range []call.Status{call.InProgress, call.Completed} {
				row(doubled(t, first, other), event(k), string(k))
			}
		}
	}
	_ = w.Flush()
	lines := bytes.Split(b.Bytes(), []byte("\n"))
	for i, l := range lines {
		lines[i] = bytes.TrimRight(l, " ")
	}
	golden(t, "other.golden", bytes.Join(lines, []byte("\n")))
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
		"a time for an earlier revision":           {in(t, call.Requested), func(e *call.Event) { e.Revision = 1 }, call.Schedule, call.Conflict},
		"a time at the expiry":                     {in(t, call.Requested), func(e *call.Event) { e.At = epoch.Add(30 * time.Minute) }, call.Schedule, call.Conflict},
		"a time by nobody":                         {in(t, call.Requested), func(e *call.Event) { e.Actor = "" }, call.Schedule, call.Internal},
		"a time that is now":                       {in(t, call.Requested), func(e *call.Event) { e.Start = e.At }, call.Schedule, call.Conflict},
		"a start before its time":                  {in(t, call.Scheduled), func(e *call.Event) { e.At = epoch.Add(time.Minute - 1) }, call.Begin, call.Conflict},
		"a start that is as late as may be":        {in(t, call.Scheduled), func(e *call.Event) { e.At = epoch.Add(time.Minute + call.MaxLate) }, call.Begin, ""},
		"a start that is too late":                 {in(t, call.Scheduled), func(e *call.Event) { e.At = epoch.Add(time.Minute + call.MaxLate + 1) }, call.Begin, call.Conflict},
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
}

// TestASecondCallIsFollowed: wherever the first one is by then, the second is due for a
// read, and no third is lost.
func TestASecondCallIsFollowed(t *testing.T) {
	for _, s := range []call.Status{call.Queued, call.Dialing, call.InProgress, call.Completed, call.Failed, call.Canceled} {
		t.Run(string(s), func(t *testing.T) {
			c := in(t, s)
			c.ProviderID, c.Lost, c.Attempts = "cl_1", 1, 2
			c.DueAt, c.Unwatched, c.Reason = time.Time{}, true, call.ReasonWatchEnded
			e := event(call.Accept)
			e.ProviderID = "cl_2"
			next := apply(t, c, e)
			want := call.Other{ProviderID: "cl_2", Status: call.Queued, AcceptedAt: e.At}
			if diff := cmp.Diff(want, next.Other); diff != "" {
				t.Error(diff)
			}
			if next.Status != s || next.ProviderID != "cl_1" || next.Lost != 0 || next.Unwatched || next.Reason != call.NoReason {
				t.Errorf("%s %s, lost %d, unwatched %t, reason %q", next.Status, next.ProviderID, next.Lost, next.Unwatched, next.Reason)
			}
			if !next.DueAt.Equal(e.Due) || !next.OtherOpen() {
				t.Errorf("due at %v, open %t: want %v and true", next.DueAt, next.OtherOpen(), e.Due)
			}
			e.Due = epoch.Add(time.Hour)
			again := apply(t, next, e)
			if !again.DueAt.Equal(next.DueAt) || again.Other != next.Other || again.Further != "" {
				t.Errorf("the same acceptance again: %+v", again)
			}
			for _, id := range []string{"cl_3", "cl_4", "cl_3"} {
				e.ProviderID = id
				again = apply(t, again, e)
			}
			if again.ProviderID != "cl_1" || again.Other.ProviderID != "cl_2" || again.Further != "cl_3\ncl_4" || !again.DueAt.Equal(next.DueAt) {
				t.Errorf("after further ones: %s, %s, %q, due %v", again.ProviderID, again.Other.ProviderID, again.Further, again.DueAt)
			}
		})
	}
}

func apply(t *testing.T, c call.Call, events ...call.Event) call.Call {
	t.Helper()
	for _, e := range events {
		next, err := call.Apply(c, e)
		if err != nil {
			t.Fatalf("%s in %s: %v", e.Kind, c.Status, err)
		}
		c = next
	}
	return c
}

// TestTheSecondCallEndsToo: its end and its content are kept beside those of the first.
func TestTheSecondCallEndsToo(t *testing.T) {
	c := doubled(t, call.Completed, call.InProgress)
	c.Outcome, c.Summary, c.Transcript, c.RecordingURL = call.Achieved, "Booked.", "Agent: Hi", "https://example.com/a"
	if c.Open() || !c.OtherOpen() {
		t.Fatalf("open %t, the second %t", c.Open(), c.OtherOpen())
	}
	first := c.Result
	e := event(call.ObserveOther)
	e.ReportedStatus, e.Result = call.Completed, call.Result{Outcome: call.Partial, Duration: 9 * time.Second}
	c = apply(t, c, e)
	for range call.MaxEnriched - 1 {
		e.Result = call.Result{Outcome: "later", Summary: "They had already booked."}
		c = apply(t, c, e)
		if !c.OtherOpen() {
			t.Fatalf("done after %d reads, although the transcript is missing", c.Other.Enriched)
		}
	}
	c = apply(t, c, e)
	want := call.Other{
		ProviderID: "cl_2", Status: call.Completed, AcceptedAt: epoch, EndedAt: e.At, Enriched: call.MaxEnriched,
		Result: call.Result{Outcome: call.Partial, Summary: "They had already booked.", Duration: 9 * time.Second},
	}
	if diff := cmp.Diff(want, c.Other); diff != "" {
		t.Error(diff)
	}
	if c.Result != first || c.OtherOpen() || !c.LastSeen.Equal(e.At) {
		t.Errorf("first %+v, the second open %t, last seen %v", c.Result, c.OtherOpen(), c.LastSeen)
	}
	again := event(call.WatchAgain)
	if c = apply(t, c, again); !c.OtherOpen() || !c.DueAt.Equal(again.Due) {
		t.Errorf("check again: open %t, due %v", c.OtherOpen(), c.DueAt)
	}
	if c = apply(t, c, e); c.OtherOpen() {
		t.Error("one look more than was asked for")
	}
}

// TestTheWatchOfASecondCallCanEnd, although the first one has ended.
func TestTheWatchOfASecondCallCanEnd(t *testing.T) {
	stop := event(call.StopWatching)
	c := apply(t, doubled(t, call.Completed, call.Dialing), stop)
	if !c.Unwatched || c.Reason != call.ReasonWatchEnded {
		t.Errorf("unwatched %t, reason %q", c.Unwatched, c.Reason)
	}
	if c = apply(t, c, event(call.ObserveOther)); c.Unwatched || c.Reason != call.NoReason || c.Other.Status != call.InProgress {
		t.Errorf("after news: unwatched %t, reason %q, second %s", c.Unwatched, c.Reason, c.Other.Status)
	}
	if _, err := call.Apply(doubled(t, call.Completed, call.Failed), stop); call.CodeOf(err) != call.Conflict {
		t.Errorf("stopped to watch what has ended: %v", err)
	}
}

// TestAnOpenFateIsCountedWhileAnotherCallIsFollowed: an attempt may be found while the
// next one is on its way, whose fate is open from then on.
func TestAnOpenFateIsCountedWhileAnotherCallIsFollowed(t *testing.T) {
	c := in(t, call.Placing)
	c.Attempts, c.Lost = 2, 1
	found := event(call.Accept)
	found.Attempt = 1
	c = apply(t, c, found)
	if c.Status != call.Queued || c.Lost != 1 {
		t.Fatalf("%s, %d of unknown fate; the second POST is not answered yet", c.Status, c.Lost)
	}
	for _, k := range []call.Kind{call.HandBack, call.Refuse} {
		e := event(k)
		e.Attempt, e.Reason = 2, call.ReasonNoCredits
		next := apply(t, c, e)
		if next.Lost != 0 || next.Status != call.Queued || next.Reason != call.NoReason || !next.DueAt.Equal(c.DueAt) {
			t.Errorf("%s: %s, lost %d, reason %q", k, next.Status, next.Lost, next.Reason)
		}
		if _, err := call.Apply(next, e); call.CodeOf(err) != call.Conflict {
			t.Errorf("%s of what is not lost: %v", k, err)
		}
	}
	second := event(call.Accept)
	second.Attempt, second.ProviderID = 2, "cl_2"
	if c = apply(t, c, second); c.Lost != 0 || c.Other.ProviderID != "cl_2" {
		t.Errorf("lost %d, second %q", c.Lost, c.Other.ProviderID)
	}
}

// TestTextsCanBeStored: Postgres takes neither NUL nor what is not UTF-8.
func TestTextsCanBeStored(t *testing.T) {
	const bad, good = "a\x00b\xffc", "a\uFFFDb\uFFFDc"
	result := call.Result{Outcome: bad, Summary: bad, Transcript: bad, RecordingURL: bad}
	want := call.Result{Outcome: good, Summary: good, Transcript: good, RecordingURL: good}
	for _, k := range []call.Kind{call.Observe, call.ObserveOther} {
		e := event(k)
		e.ReportedStatus, e.Result = call.Completed, result
		c := apply(t, doubled(t, call.InProgress, call.InProgress), e)
		got := c.Result
		if k == call.ObserveOther {
			got = c.Other.Result
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", k, diff)
		}
	}
	e := event(call.Accept)
	e.ProviderID = bad + "\n"
	if c := apply(t, in(t, call.Placing), e); c.ProviderID != good+"\uFFFD" {
		t.Errorf("id %q", c.ProviderID)
	}
	e = event(call.Refuse)
	e.Detail = bad + strings.Repeat("é", call.MaxDetail)
	c := apply(t, in(t, call.Placing), e)
	if !strings.HasPrefix(c.Detail, good) || len(c.Detail) > call.MaxDetail || !utf8.ValidString(c.Detail) {
		t.Errorf("detail of %d bytes: %q", len(c.Detail), c.Detail)
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
				ProviderID:     rapid.SampledFrom([]string{"cl_1", "cl_2", "cl_3"}).Draw(t, "id"),
				ReportedStatus: rapid.SampledFrom(call.Statuses()).Draw(t, "news"),
				LookResult:     call.LookNone,
				Start:          now.Add(time.Duration(rapid.IntRange(-10, 40).Draw(t, "ahead")) * time.Minute),
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
			case call.Approve, call.Schedule:
				approvals++
			case call.HandBack:
				handedBack++ // that POST dialled nobody
			case call.Place:
				posts++
			default:
			}
			if e.Kind == call.Begin && (now.Before(c.StartAt) || now.Sub(c.StartAt) > call.MaxLate) {
				t.Fatalf("began at %v what was approved for %v", now, c.StartAt)
			}
			if posts-handedBack > approvals {
				t.Fatalf("%d POSTs that may have dialled after %d approvals", posts-handedBack, approvals)
			}
			if active := next.ProviderID != "" && next.EndedAt.IsZero(); active != next.Status.Active() { // the store lists them so
				t.Fatalf("%s, known to the provider as %q, ended at %v", next.Status, next.ProviderID, next.EndedAt)
			}
			if c.Status.Ended() && c.ProviderID != "" && next.Status != c.Status {
				t.Fatalf("%s became %s", c.Status, next.Status)
			}
			if c.Other.Status.Ended() && next.Other.Status != c.Other.Status {
				t.Fatalf("the second %s became %s", c.Other.Status, next.Other.Status)
			}
			if c.ProviderID != "" && next.ProviderID != c.ProviderID || c.Other.ProviderID != "" && next.Other.ProviderID != c.Other.ProviderID {
				t.Fatalf("%s and %s became %s and %s", c.ProviderID, c.Other.ProviderID, next.ProviderID, next.Other.ProviderID)
			}
			if next.Other.ProviderID != "" && next.Other.ProviderID == next.ProviderID {
				t.Fatalf("%s is followed twice", next.ProviderID)
			}
			if ids := []string{next.ProviderID, next.Other.ProviderID, next.Further}; e.Kind == call.Accept && !slices.Contains(ids, e.ProviderID) {
				t.Fatalf("%s was accepted and is in none of %q", e.ProviderID, ids)
			}
			if next.Lost < 0 || next.Lost > next.Attempts {
				t.Fatalf("%d of %d attempts are lost", next.Lost, next.Attempts)
			}
			if (c.Status == call.Placing || c.Status == call.Unconfirmed) && next.Status == call.Placing {
				t.Fatalf("a POST while the fate of another is open")
			}
			c = next
		}
	})
}
