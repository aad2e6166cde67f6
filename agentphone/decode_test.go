package agentphone_test

import (
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/agentphone"
)

func TestCallsAreDecodedLeniently(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		body string
		want agentphone.Call
	}{
		"documented": {
			`{"data":{"call_id":"cl_abc123","status":"completed","outcome":"achieved","summary":"S","transcript":"Agent: Hi...\nHost: Sure...","recording_url":"https://x/y","duration_seconds":42}}`,
			agentphone.Call{ID: "cl_abc123", Status: "completed", Outcome: "achieved", Summary: "S", Transcript: "Agent: Hi...\nHost: Sure...", RecordingURL: "https://x/y", Duration: 42 * time.Second},
		},
		"nulls":              {`{"data":{"call_id":"a","status":"completed","outcome":null,"summary":null,"transcript":null,"recording_url":null,"duration_seconds":null,"created_at":null},"credits_remaining":null}`, agentphone.Call{ID: "a", Status: "completed"}},
		"unknown values":     {`{"data":{"call_id":"a","status":"on_hold","outcome":"voicemail","new":{"x":[1]}},"more":1}`, agentphone.Call{ID: "a", Status: "on_hold", Outcome: "voicemail"}},
		"odd types":          {`{"data":{"call_id":17,"status":"queued","summary":{"a":1},"transcript":["x"],"outcome":false,"duration_seconds":{},"created_at":[]}}`, agentphone.Call{ID: "17", Status: "queued", Outcome: "false"}},
		"fraction":           {`{"data":{"call_id":"a","duration_seconds":42.5}}`, agentphone.Call{ID: "a", Duration: 42500 * time.Millisecond}},
		"duration as string": {`{"data":{"call_id":"a","duration_seconds":" 42 "}}`, agentphone.Call{ID: "a", Duration: 42 * time.Second}},
		"duration, negative": {`{"data":{"call_id":"a","duration_seconds":-1}}`, agentphone.Call{ID: "a"}},
		"duration, huge":     {`{"data":{"call_id":"a","duration_seconds":1e300}}`, agentphone.Call{ID: "a"}},
		"duration, NaN":      {`{"data":{"call_id":"a","duration_seconds":"NaN"}}`, agentphone.Call{ID: "a"}},
		"credits inside":     {`{"data":{"call_id":"a","credits_remaining":4}}`, agentphone.Call{ID: "a", CreditsRemaining: new(4)}},
		"credits outside":    {`{"data":{"call_id":"a","credits_remaining":4},"credits_remaining":"3"}`, agentphone.Call{ID: "a", CreditsRemaining: new(3)}},
		"credits, odd":       {`{"data":{"call_id":"a"},"credits_remaining":"many"}`, agentphone.Call{ID: "a"}},
		"credits, huge":      {`{"data":{"call_id":"a"},"credits_remaining":1e40}`, agentphone.Call{ID: "a"}},
		"zero credits":       {`{"data":{"call_id":"a"},"credits_remaining":0}`, agentphone.Call{ID: "a", CreditsRemaining: new(0)}},
		"time":               {`{"data":{"call_id":"a","created_at":"2026-01-01T00:00:00Z"}}`, agentphone.Call{ID: "a", CreatedAt: at}},
		"time without zone":  {`{"data":{"call_id":"a","created_at":"2026-01-01T00:00:00.000"}}`, agentphone.Call{ID: "a", CreatedAt: at}},
		"time, SQL":          {`{"data":{"call_id":"a","created_at":"2026-01-01 00:00:00+00:00"}}`, agentphone.Call{ID: "a", CreatedAt: at}},
		"time, short zone":   {`{"data":{"call_id":"a","created_at":"2026-01-01T01:00:00.000+0100"}}`, agentphone.Call{ID: "a", CreatedAt: at}},
		"time, Unix":         {`{"data":{"call_id":"a","created_at":1767225600}}`, agentphone.Call{ID: "a", CreatedAt: at}},
		"time, Unix ms":      {`{"data":{"call_id":"a","created_at":"1767225600000"}}`, agentphone.Call{ID: "a", CreatedAt: at}},
		"time, odd":          {`{"data":{"call_id":"a","created_at":"yesterday"}}`, agentphone.Call{ID: "a"}},
		"BOM":                {"\xef\xbb\xbf" + `{"data":{"call_id":"a"}}`, agentphone.Call{ID: "a"}},
	} {
		got, err := agentphone.DecodeCall([]byte(tt.body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(&tt.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, body := range []string{"", "null", "[]", "{}", `{"data":null}`, `{"data":"x"}`, `{"data":[]}`, `{"data":{}`, `{"data":{}} x`, "<html>"} {
		if got, err := agentphone.DecodeCall([]byte(body)); !errors.Is(err, agentphone.ErrMalformed) {
			t.Errorf("%q: %+v %v", body, got, err)
		}
	}
}

func TestListsAreDecodedLeniently(t *testing.T) {
	t.Parallel()
	a := agentphone.Call{ID: "a", Status: "queued"}
	for body, want := range map[string][]agentphone.Call{
		`{"data":[{"call_id":"a","status":"queued"}]}`:                  {a},
		`{"data":{"calls":[{"call_id":"a","status":"queued"}]}}`:        {a},
		`{"calls":[{"call_id":"a","status":"queued"}]}`:                 {a},
		`[{"call_id":"a","status":"queued"}]`:                           {a},
		`{"data":[null,7,"x",[],{"call_id":"a","status":"queued"},{}]}`: {{ID: "7"}, {ID: "x"}, a, {}},
		`{"data":["x"]}`: {{ID: "x"}},
		`{"data":[{"call_id":"a","status":"queued"}],"next":null}`: {a},
		`{"data":[]}`:             {},
		`{"data":null}`:           {},
		`{"data":{"calls":null}}`: {},
		`{"data":{"total":1,"calls":[{"call_id":"a","status":"queued"}]}}`: {a},
	} {
		got, err := agentphone.DecodeCalls([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
	for _, body := range []string{"", "null", "7", "{}", `{"data":{}}`, `{"data":"x"}`, `{"data":{"calls":{}}}`, `{"error":"x"}`, "<html>", `[[]]`, `{"data":[null,[]]}`} {
		if got, err := agentphone.DecodeCalls([]byte(body)); !errors.Is(err, agentphone.ErrMalformed) {
			t.Errorf("%q: %+v %v", body, got, err)
		}
	}
}

func TestStatusesAndOutcomes(t *testing.T) {
	t.Parallel()
	for status, want := range map[agentphone.Status][2]bool{
		"queued": {true, false}, "dialing": {true, false}, "in_progress": {true, false},
		"completed": {true, true}, "failed": {true, true}, "canceled": {true, true},
		"": {false, false}, "cancelled": {false, false}, "COMPLETED": {false, false},
	} {
		if got := [2]bool{status.Known(), status.Terminal()}; got != want {
			t.Errorf("%q: %v", status, got)
		}
	}
	for outcome, want := range map[agentphone.Outcome]bool{"achieved": true, "partial": true, "not_achieved": true, "": false, "voicemail": false} {
		if outcome.Known() != want {
			t.Errorf("%q: %v", outcome, outcome.Known())
		}
	}
}

var bodies = []string{
	"", "null", "{}", "[]", `{"data":[]}`, `{"data":{"calls":[{}]}}`, "\xef\xbb\xbf{}", `{"data":{"call_id":"a","duration_seconds":1e999,"created_at":1e13}}`,
	`{"data":{"call_id":"cl_abc123","status":"queued","created_at":"2026-01-01T00:00:00Z"},"credits_remaining":4}`, `{"error":{"message":"x"}}`,
	`{"data":[{"call_id":1,"duration_seconds":"x"}]}`, strings.Repeat("[", 20_000), "<title>x</title>", `{"data":{"call_id":"\ud800"}}`,
}

func FuzzDecode(f *testing.F) {
	for _, b := range bodies {
		f.Add([]byte(b))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		created, err := agentphone.DecodeCreated(body)
		if (err == nil) != (created != nil) || err != nil && !errors.Is(err, agentphone.ErrMalformed) || created != nil && strings.TrimSpace(created.ID) == "" {
			t.Fatalf("created %+v, %v", created, err)
		}
		call, err := agentphone.DecodeCall(body)
		if (err == nil) != (call != nil) || (created != nil && call == nil) {
			t.Fatalf("call %+v, %v", call, err)
		}
		calls, err := agentphone.DecodeCalls(body)
		if (err == nil) != (calls != nil) {
			t.Fatalf("calls %+v, %v", calls, err)
		}
		if call != nil {
			calls = append(calls, *call)
		}
		for _, c := range calls {
			if c.Duration < 0 || c.Duration > 8*24*time.Hour || c.CreditsRemaining != nil && math.Abs(float64(*c.CreditsRemaining)) > math.MaxInt32 {
				t.Fatalf("%+v", c)
			}
		}
	})
}

func FuzzError(f *testing.F) {
	for _, b := range bodies {
		f.Add(b, 500, "7")
	}
	f.Add("key "+testKey, 401, testKey)
	f.Fuzz(func(t *testing.T, body string, status int, retryAfter string) {
		status = 300 + int(uint(status)%300)
		c := client(t, "http://localhost:1", agentphone.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			rec := httptest.NewRecorder()
			rec.Header().Set("Retry-After", retryAfter)
			rec.WriteHeader(status)
			_, _ = rec.WriteString(body)
			resp := rec.Result()
			resp.Request = r
			return resp, nil
		})}))
		_, err := c.CreateCall(t.Context(), request(ordinary))
		var answer *agentphone.Error
		if !errors.As(err, &answer) || answer.StatusCode != status {
			t.Fatalf("%v", err)
		}
		if len(answer.Body) > 4096 || !utf8.ValidString(answer.Body) || !utf8.ValidString(answer.Message) || strings.ContainsAny(answer.Message, "\r\n") ||
			answer.RetryAfter < 0 || answer.RetryAfter > 10*time.Minute {
			t.Fatalf("%+v", answer)
		}
		if strings.Contains(err.Error()+answer.Body+answer.Message, testKey) {
			t.Fatalf("the key is in %+v", answer)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"", "60", "-1", "Thu, 01 Jan 2026 12:00:42 GMT", "99999999999999999999", "1e3", "٣"} {
		f.Add(s)
	}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, s string) {
		if d := agentphone.ParseRetryAfter(s, now); d < 0 || d > 10*time.Minute {
			t.Fatalf("%q: %v", s, d)
		}
	})
}
