package call_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

func audited(t *testing.T) call.Audited {
	t.Helper()
	n, err := phone.ParseE164("+14155550132")
	if err != nil {
		t.Fatal(err)
	}
	at := func(minute int) time.Time {
		return time.Date(2026, 3, 2, 12, minute, 0, 0, time.FixedZone("here", 3600))
	}
	return call.Audited{Accepted: 1, Call: call.Call{
		ID: "call1", Status: call.Completed, Request: call.Request{
			Requester: "U0ANA", Number: n, Objective: "secret <objective> & more", Business: "secret business", Website: "secret website", Disclosure: "secret disclosure",
		},
		RequestedAt: at(1), Approver: "U0BEN", ApprovedAt: at(2), StartAt: at(3), AcceptedAt: at(4), EndedAt: at(5),
		Attempts: 2, Detail: "secret detail", ProviderID: "cl_1",
		Result: call.Result{Outcome: call.Achieved, Summary: "secret summary", Transcript: "secret transcript", RecordingURL: "secret url", Duration: 70500 * time.Millisecond},
	}}
}

func TestAuditOfACall(t *testing.T) {
	a := audited(t)
	a.Call.Other = call.Other{ProviderID: "cl_2", Result: call.Result{Summary: "secret second", Transcript: "secret second transcript"}}
	got, err := json.Marshal(call.AuditView{}.Row(a))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"kind":"call","id":"call1","requested_at":"2026-03-02T11:01:00Z","requested_by":"U0ANA","approved_by":"U0BEN",` +
		`"approved_at":"2026-03-02T11:02:00Z","scheduled_for":"2026-03-02T11:03:00Z","decided_by":"","number":"+1 •••••••• 32","region":"US",` +
		`"status":"completed","outcome":"achieved","placed_at":"2026-03-02T11:04:00Z","ended_at":"2026-03-02T11:05:00Z",` +
		`"duration_seconds":70.5,"attempts":2,"credits":2,"reason":"","erased_at":null}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	full, err := json.Marshal(call.AuditView{Unmask: true, Content: true}.Row(a))
	if err != nil {
		t.Fatal(err)
	}
	var decoded map[string]any
	if err := json.Unmarshal(full, &decoded); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"number": "+14155550132", "objective": a.Call.Objective, "business": a.Call.Business, "website": a.Call.Website,
		"disclosure": a.Call.Disclosure, "summary": a.Call.Summary, "transcript": a.Call.Transcript,
		"second_summary": "secret second", "second_transcript": "secret second transcript",
	} {
		if decoded[name] != want {
			t.Errorf("%s is %v, want %q", name, decoded[name], want)
		}
	}
	for _, never := range []string{"secret url", "secret detail", "cl_1"} {
		if strings.Contains(string(full), never) {
			t.Errorf("it tells %q: %s", never, full)
		}
	}
}

// TestAuditOfAnErasedCall: whatever is asked for, no more is shown than is kept.
func TestAuditOfAnErasedCall(t *testing.T) {
	a := audited(t)
	a.Call = apply(t, a.Call, call.Event{Kind: call.Erase, At: time.Date(2026, 6, 2, 11, 0, 0, 0, time.UTC)})
	for _, v := range []call.AuditView{{}, {Unmask: true}, {Unmask: true, Content: true}} {
		row, err := json.Marshal(v.Row(a))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"number":"+1 •••••••• 32"`, `"region":"US"`, `"status":"completed"`, `"duration_seconds":70.5`, `"erased_at":"2026-06-02T11:00:00Z"`} {
			if !strings.Contains(string(row), want) {
				t.Errorf("%+v lacks %s: %s", v, want, row)
			}
		}
		if strings.Contains(string(row), "secret") || strings.Contains(string(row), "555") {
			t.Errorf("%+v: %s", v, row)
		}
	}
}

func TestAuditOfAnOrder(t *testing.T) {
	a := call.Audited{Order: &call.Order{
		N: 3, At: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), Kind: "ban", Actor: "U0ANA", NumberHash: "0123456789abcdef0123", Reason: "They asked",
	}}
	for view, want := range map[call.AuditView]string{
		{}:              `{"kind":"order","id":"3","ordered_at":"2026-03-02T12:00:00Z","ordered_by":"U0ANA","order":"ban","number_hash":"0123456789ab"}`,
		{Unmask: true}:  `{"kind":"order","id":"3","ordered_at":"2026-03-02T12:00:00Z","ordered_by":"U0ANA","order":"ban","number_hash":"0123456789ab"}`,
		{Content: true}: `{"kind":"order","id":"3","ordered_at":"2026-03-02T12:00:00Z","ordered_by":"U0ANA","order":"ban","number_hash":"0123456789ab","order_reason":"They asked"}`,
	} {
		got, err := json.Marshal(view.Row(a))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", view, diff)
		}
	}
}

func TestCredits(t *testing.T) {
	for name, test := range map[string]struct {
		call     call.Call
		accepted int
		want     int64
	}{
		"never placed":                        {call.Call{}, 0, 0},
		"accepted":                            {call.Call{ProviderID: "a"}, 1, 1},
		"found in the list":                   {call.Call{ProviderID: "a"}, 0, 1},
		"accepted, and the call tells it not": {call.Call{}, 1, 1},
		"a second one":                        {call.Call{ProviderID: "a", Other: call.Other{ProviderID: "b"}}, 1, 2},
		"still more":                          {call.Call{ProviderID: "a", Other: call.Other{ProviderID: "b"}, Further: "c\nd"}, 2, 4},
	} {
		for _, cell := range (call.AuditView{}).Row(call.Audited{Call: test.call, Accepted: test.accepted}) {
			if cell.Name == "credits" && cell.Value != test.want {
				t.Errorf("%s: %v credits, want %d", name, cell.Value, test.want)
			}
		}
	}
}

func TestAuditRecords(t *testing.T) {
	view := call.AuditView{Content: true}
	for text, want := range map[string]string{
		"": "", "Ask": "Ask", "5+5": "5+5", "今日は": "今日は", "'=1": "'=1",
		"hello;=1+1": "hello;'=1+1", "a;b;c": "a;b;c", "x\n=1": "x\n'=1", "x;\t \"-1": "x;\t \"'-1", "a\t@SUM(1)": "a\t'@SUM(1)",
		"=HYPERLINK(1)": "'=HYPERLINK(1)", "+1": "'+1", "-1": "'-1", "@SUM(1)": "'@SUM(1)", "\t=1": "'\t'=1", "\r=1": "'\r'=1",
	} {
		a := audited(t)
		a.Call.Objective = text
		record := view.Row(a).Record(view.Columns())
		for i, name := range view.Columns() {
			switch {
			case name == "objective" && record[i] != want:
				t.Errorf("%q is written as %q, want %q", text, record[i], want)
			case name == "number" && record[i] != "'+1 •••••••• 32", name == "duration_seconds" && record[i] != "70.5", name == "order" && record[i] != "":
				t.Errorf("%s is %q", name, record[i])
			}
		}
	}
}
