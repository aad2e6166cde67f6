package call_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

// full is a call in a status with content wherever there can be any.
func full(tb testing.TB, s call.Status) call.Call {
	tb.Helper()
	c := in(tb, s)
	said := call.Result{Outcome: call.Achieved, Summary: "secret summary", Transcript: "secret transcript", RecordingURL: "https://secret.example/a.wav", Duration: time.Minute}
	c.Extension, c.Objective, c.Business, c.Website, c.Disclosure, c.Detail = "1234", "secret objective", "secret business", "https://secret.example", "secret disclosure", "secret detail"
	c.Unwatched = s.Active()
	if s.Ended() {
		c.Result = said
		c.Other = call.Other{ProviderID: "cl_2", Status: call.Completed, Result: said}
	}
	return c
}

// content is what of a call must not outlive its erasure.
func content(c call.Call) string {
	return strings.Join([]string{
		c.Number.E164(), c.Extension, c.Objective, c.Business, c.Website, c.Disclosure, c.Detail,
		c.Summary, c.Transcript, c.RecordingURL, c.Other.Summary, c.Other.Transcript, c.Other.RecordingURL,
	}, "")
}

// TestErase: no content stays, and all else does.
func TestErase(t *testing.T) {
	for _, s := range call.Statuses() {
		c := full(t, s)
		e := event(call.Erase)
		next, err := call.Apply(c, e)
		if (err == nil) != c.Settled() {
			t.Errorf("%s: settled %t, and %v", s, c.Settled(), err)
		}
		if err != nil {
			continue
		}
		want := c
		want.Version++
		want.Request = call.Request{Requester: c.Requester}
		want.Detail, want.DueAt = "", time.Time{}
		for _, r := range []*call.Result{&want.Result, &want.Other.Result} {
			r.Summary, r.Transcript, r.RecordingURL = "", "", ""
		}
		want.Erased = call.Erased{At: e.At, Number: "+1 •••••••• 32", Region: "US"}
		if diff := cmp.Diff(want, next, cmpopts.EquateComparable(phone.Number{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s, diff)
		}
	}
}

// TestMachineOfAnErasedCall holds what every event does to a call that was erased.
func TestMachineOfAnErasedCall(t *testing.T) {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, k := range call.Kinds() {
		for _, s := range call.Statuses() {
			c := full(t, s)
			if !c.Settled() {
				continue
			}
			c = apply(t, c, event(call.Erase))
			next, err := call.Apply(c, event(k))
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
	golden(t, "erased.golden", bytes.Join(lines, []byte("\n")))
}

// TestAnErasedCallStaysErased plays any events in any order against an erased call.
func TestAnErasedCallStaysErased(t *testing.T) {
	settled := slices.DeleteFunc(call.Statuses(), func(s call.Status) bool { return !full(t, s).Settled() })
	rapid.Check(t, func(r *rapid.T) {
		c := apply(t, full(t, rapid.SampledFrom(settled).Draw(r, "status")), event(call.Erase))
		c.Lost = rapid.IntRange(0, 2).Draw(r, "lost")
		erased, now := c.Erased, epoch
		for range rapid.IntRange(1, 40).Draw(r, "events") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(r, "minutes")) * time.Minute)
			next, err := call.Apply(c, call.Event{
				Kind: rapid.SampledFrom(call.Kinds()).Draw(r, "kind"), At: now, Actor: "U1", Revision: c.Revision, Attempt: c.Attempts,
				Due: now, Expires: now, Start: now.Add(time.Minute), Detail: "secret", Reason: call.ReasonGone,
				ProviderID:     rapid.SampledFrom([]string{"cl_1", "cl_2", "cl_3"}).Draw(r, "id"),
				ReportedStatus: rapid.SampledFrom(call.Statuses()).Draw(r, "news"),
				Result:         call.Result{Outcome: call.Partial, Summary: "secret", Transcript: "secret", RecordingURL: "https://secret.example", Duration: time.Minute},
			})
			if err != nil && call.CodeOf(err) != call.Conflict {
				r.Fatal(err)
			}
			if left := content(next); left != "" || next.Erased.At != erased.At || next.Erased.Number != erased.Number {
				r.Fatalf("%q came back, erased %+v", left, next.Erased)
			}
			if next.Status == call.Placing || next.Status == call.Approved || next.Status == call.Requested {
				r.Fatalf("an erased call is %s", next.Status)
			}
			if next.Open() && !next.Status.Active() {
				r.Fatalf("an erased call is read again for content")
			}
			c = next
		}
	})
}

// TestErasing: what is to be forgotten is withdrawn, and what is only old is waited for.
func TestErasing(t *testing.T) {
	kinds := func(list []call.Event) (kinds []call.Kind) {
		for _, e := range list {
			kinds = append(kinds, e.Kind)
		}
		return kinds
	}
	for _, s := range call.Statuses() {
		c := full(t, s)
		var old, forget []call.Kind
		if c.Settled() {
			old, forget = []call.Kind{call.Erase}, []call.Kind{call.Erase}
		}
		switch s {
		case call.Requested:
			forget = []call.Kind{call.Decline, call.Erase}
		case call.Scheduled, call.Approved:
			forget = []call.Kind{call.Cancel, call.Erase}
		default:
		}
		for forgetting, want := range map[bool][]call.Kind{false: old, true: forget} {
			events := call.Erasing(c, epoch.Add(time.Hour), forgetting)
			if got := kinds(events); !slices.Equal(got, want) {
				t.Errorf("%s, to be forgotten %t: %v, want %v", s, forgetting, got, want)
			}
			next := c
			for _, e := range events {
				next = apply(t, next, e)
			}
			if len(events) > 0 && (content(next) != "" || !next.Erased.Done()) {
				t.Errorf("%s is not erased: %q", s, content(next))
			}
			if len(events) > 1 && next.Reason != call.ReasonForgotten {
				t.Errorf("%s does not tell why it was withdrawn: %q", s, next.Reason)
			}
			if again := call.Erasing(next, epoch.Add(2*time.Hour), forgetting); len(events) > 0 && again != nil {
				t.Errorf("%s is erased twice: %v", s, again)
			}
		}
	}
	busy := full(t, call.Completed)
	busy.Other.Status = call.InProgress
	if events := call.Erasing(busy, epoch, true); events != nil {
		t.Errorf("a call of which the other one is under way: %v", events)
	}
}

// TestAnErasedSuccessIsNotMoreSureThanItWas: without a transcript nobody can confirm it.
func TestAnErasedSuccessIsNotMoreSureThanItWas(t *testing.T) {
	silent, heard := full(t, call.Completed), full(t, call.Completed)
	silent.Transcript = ""
	if silent, heard = apply(t, silent, event(call.Erase)), apply(t, heard, event(call.Erase)); !silent.Silent() || heard.Silent() {
		t.Errorf("silent %t, heard %t", silent.Silent(), heard.Silent())
	}
	late := event(call.Observe)
	late.ReportedStatus, late.Result = call.Completed, call.Result{Outcome: call.Achieved}
	if c := apply(t, apply(t, full(t, call.InProgress), event(call.Erase)), late); !c.Silent() {
		t.Error("a success that was told late, without a transcript")
	}
	late.Result.Transcript = "Hello"
	if c := apply(t, apply(t, full(t, call.InProgress), event(call.Erase)), late); c.Silent() {
		t.Error("a success that was told late, with one")
	}
}

func TestLastChange(t *testing.T) {
	c := call.Call{RequestedAt: epoch}
	for i, set := range []func(time.Time){
		func(at time.Time) { c.Since = at },
		func(at time.Time) { c.ApprovedAt = at },
		func(at time.Time) { c.EndedAt = at },
		func(at time.Time) { c.Other.AcceptedAt = at },
		func(at time.Time) { c.Other.EndedAt = at },
	} {
		at := epoch.Add(time.Duration(i+1) * time.Hour)
		set(at)
		if got := c.LastChange(); !got.Equal(at) {
			t.Errorf("%d: %v, want %v", i, got, at)
		}
	}
}

// orders are those of one call.
type orders struct {
	call.Orders
	call call.Call
}

func (o orders) Ban(_ context.Context, _ call.ID, _ call.UserID, _ string, may func(call.Call) error) (call.Call, bool, error) {
	return o.call, true, may(o.call)
}

// TestNobodyDecidesOnAnErasedCall: whatever button a message still had, it says so.
func TestNobodyDecidesOnAnErasedCall(t *testing.T) {
	ctx, person := t.Context(), call.Person{ID: "U1"}
	for _, s := range []call.Status{call.Expired, call.Refused, call.Completed, call.InProgress} {
		c := apply(t, full(t, s), event(call.Erase))
		svc := call.NewService(&memory{Orders: orders{call: c}, c: c}, call.Rules{Countries: countries(t, "*")}, time.Hour, func() time.Time { return epoch })
		k := call.Click{Call: c.ID, Revision: c.Revision, Actor: "U1", Who: person, Start: epoch.Add(time.Hour)}
		for name, decide := range map[string]func(context.Context, call.Key, call.Click) (call.Call, error){
			"approve": svc.Approve, "for a time": svc.ApproveFor, "anyway": svc.ApproveAnyway, "decline": svc.Decline,
			"cancel": svc.Cancel, "ask again": svc.AskAgain, "leave": svc.Leave, "check again": svc.CheckAgain,
			"look": func(ctx context.Context, _ call.Key, k call.Click) (call.Call, error) { return svc.Look(ctx, k) },
			"never": func(ctx context.Context, _ call.Key, k call.Click) (call.Call, error) {
				c, _, err := svc.Ban(ctx, k.Call, person, "They asked us to")
				return c, err
			},
		} {
			_, err := decide(ctx, "", k)
			if e, ok := errors.AsType[*call.Error](err); !ok || e.Code != call.Conflict || !strings.Contains(e.Sentence, "has been erased") {
				t.Errorf("%s of a call that is %s: %v", name, s, err)
			}
		}
	}
}
