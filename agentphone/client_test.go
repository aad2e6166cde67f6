package agentphone_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/agentphone"
	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
)

const (
	testKey  = "ap_live_s3cr3t/Key+42"
	ordinary = "+14155550132"
)

// client returns a client of the API at base.
func client(t *testing.T, base string, opts ...agentphone.Option) *agentphone.Client {
	t.Helper()
	c, err := agentphone.NewClient(testKey, append([]agentphone.Option{agentphone.WithBaseURL(base)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answering serves h and returns a client of it.
func answering(t *testing.T, h http.HandlerFunc, opts ...agentphone.Option) *agentphone.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return client(t, s.URL, opts...)
}

func request(number string) agentphone.CreateCallRequest {
	return agentphone.CreateCallRequest{ToPhoneNumber: number, Objective: "Ask about the return policy"}
}

func TestACallFromCreationToRecording(t *testing.T) {
	t.Parallel()
	s := agentphonetest.NewServer(t, agentphonetest.WithKey(testKey), agentphonetest.WithManual(), agentphonetest.WithCredits(3))
	c := client(t, s.URL)
	req := agentphone.CreateCallRequest{
		ToPhoneNumber: ordinary, Objective: "Say <hi> & \"bye\"\n to Zoë \u2028 é",
		BusinessName: "Zuni Café", Website: "https://example.com/?a=1&b=2",
	}
	created, err := c.CreateCall(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if created.ID == "" || created.Status != agentphone.StatusQueued || time.Since(created.CreatedAt).Abs() > time.Minute || created.CreditsRemaining == nil || *created.CreditsRemaining != 2 {
		t.Errorf("created %+v", created)
	}
	if got := s.Calls()[0]; got.Objective != req.Objective || got.BusinessName != req.BusinessName || got.Website != req.Website {
		t.Errorf("what arrived: %+v", got)
	}
	if err := s.Complete(created.ID, agentphonetest.Result{Outcome: "partial", Summary: "So so.", Transcript: "Agent: Hi"}); err != nil {
		t.Fatal(err)
	}
	call, err := c.GetCall(t.Context(), created.ID)
	if err != nil {
		t.Fatal(err)
	}
	if call.ID != created.ID || call.Status != agentphone.StatusCompleted || call.Outcome != agentphone.OutcomePartial || call.Summary != "So so." || call.Transcript != "Agent: Hi" {
		t.Errorf("call %+v", call)
	}
	calls, err := c.ListCalls(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	if len(calls) != 1 || calls[0].ID != created.ID || calls[0].ToPhoneNumber != ordinary || calls[0].Objective != req.Objective || calls[0].CreatedAt.IsZero() {
		t.Errorf("list %+v", calls)
	}
	for _, r := range s.Requests() {
		if r.Header.Get("X-Api-Key") != testKey || r.Header.Get("Idempotency-Key") != "" || r.Header.Get("Cookie") != "" {
			t.Errorf("%s %s: %v", r.Method, r.Path, r.Header)
		}
	}
	if got := s.Requests()[2].Query; got != "limit=5" {
		t.Errorf("query %q", got)
	}
}

func TestEveryShapeOfTheListIsRead(t *testing.T) {
	t.Parallel()
	for _, style := range []agentphonetest.ListStyle{agentphonetest.ListFull, agentphonetest.ListRich, agentphonetest.ListNested, agentphonetest.ListLean} {
		s := agentphonetest.NewServer(t, agentphonetest.WithList(style))
		c := client(t, s.URL)
		created, err := c.CreateCall(t.Context(), request(ordinary))
		if err != nil {
			t.Fatal(err)
		}
		calls, err := c.ListCalls(t.Context(), 0)
		if err != nil || len(calls) != 1 || calls[0].ID != created.ID || calls[0].Status != agentphone.StatusQueued {
			t.Errorf("style %v: %+v %v", style, calls, err)
		}
	}
	s := agentphonetest.NewServer(t, agentphonetest.WithList(agentphonetest.ListOff))
	_, err := client(t, s.URL).ListCalls(t.Context(), 1)
	var answer *agentphone.Error
	if !errors.As(err, &answer) || answer.StatusCode != http.StatusNotFound {
		t.Errorf("list off: %v", err)
	}
}

func TestNewClientRefuses(t *testing.T) {
	t.Parallel()
	const good = "good-key"
	for name, tt := range map[string]struct {
		key string
		opt agentphone.Option
	}{
		"no key":                {"", agentphone.WithUserAgent("x")},
		"space in key":          {"a b", agentphone.WithUserAgent("x")},
		"newline after key":     {"abc\n", agentphone.WithUserAgent("x")},
		"control in key":        {"a\x00b", agentphone.WithUserAgent("x")},
		"non-ASCII key":         {"ключ", agentphone.WithUserAgent("x")},
		"http":                  {good, agentphone.WithBaseURL("http://agentphone.app/api/v1")},
		"http, loopback prefix": {good, agentphone.WithBaseURL("http://localhost.example.com")},
		"http, private":         {good, agentphone.WithBaseURL("http://10.0.0.1")},
		"http, unspecified":     {good, agentphone.WithBaseURL("http://0.0.0.0")},
		"user":                  {good, agentphone.WithBaseURL("https://u:p@example.com")},
		"loopback as user":      {good, agentphone.WithBaseURL("http://127.0.0.1@example.com")},
		"query":                 {good, agentphone.WithBaseURL("https://example.com/?a=1")},
		"fragment":              {good, agentphone.WithBaseURL("https://example.com/#a")},
		"scheme":                {good, agentphone.WithBaseURL("ftp://localhost")},
		"no host":               {good, agentphone.WithBaseURL("https:///api")},
		"no URL":                {good, agentphone.WithBaseURL("https://exa mple.com/%zz")},
		"empty":                 {good, agentphone.WithBaseURL("")},
		"key in base URL":       {good, agentphone.WithBaseURL("https://example.com/good-key")},
		"nil client":            {good, agentphone.WithHTTPClient(nil)},
		"user agent":            {good, agentphone.WithUserAgent("a\r\nb: c")},
		"recording limit":       {good, agentphone.WithRecordingLimit(1 << 40)},
		"recording timeout":     {good, agentphone.WithRecordingTimeout(0)},
		"clock":                 {good, agentphone.WithClock(nil)},
	} {
		if c, err := agentphone.NewClient(tt.key, tt.opt); err == nil {
			t.Errorf("%s: %v", name, c)
		} else if tt.key != "" && strings.Contains(err.Error(), tt.key) {
			t.Errorf("%s: the key is in %q", name, err)
		}
	}
	for _, base := range []string{"https://example.com", "http://localhost:1/x/", "http://127.0.0.9", "http://[::1]:8080/api", "http://LOCALHOST"} {
		if _, err := agentphone.NewClient(good, agentphone.WithBaseURL(base)); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
}

func TestNothingIsSentForABadRequest(t *testing.T) {
	t.Parallel()
	s := agentphonetest.NewServer(t)
	c := client(t, s.URL)
	for _, number := range []string{"", "911", "+911", "14155550132", "+04155550132", "(415) 555-0132", "+1415555013x", "+14155550132 ", "+14155550132\n", "+1234567890123456", "+123456", "+１４１５５５５０１３２"} {
		_, err := c.CreateCall(t.Context(), request(number))
		var invalid *agentphone.ValidationError
		if !errors.As(err, &invalid) || invalid.Field != "to_phone_number" || agentphone.FateOf(err) != agentphone.FateNeverSent {
			t.Errorf("%q: %v", number, err)
		}
	}
	for field, req := range map[string]agentphone.CreateCallRequest{
		"objective":     {ToPhoneNumber: ordinary, Objective: " \n\t"},
		"business_name": {ToPhoneNumber: ordinary, Objective: "x", BusinessName: "\xff"},
		"website":       {ToPhoneNumber: ordinary, Objective: "x", Website: "\xff"},
	} {
		_, err := c.CreateCall(t.Context(), req)
		var invalid *agentphone.ValidationError
		if !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, id := range []string{"", ".", "..", strings.Repeat("x", 1000)} {
		if _, err := c.GetCall(t.Context(), id); err == nil {
			t.Errorf("GetCall(%q): no error", id)
		}
	}
	if got := s.Requests(); len(got) != 0 {
		t.Errorf("requests: %+v", got)
	}
}

func TestTheIDIsEscaped(t *testing.T) {
	t.Parallel()
	const id = "a/../b?c=d#e f%2f"
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		if want := "/calls/a%2F..%2Fb%3Fc=d%23e%20f%252f"; r.RequestURI != want {
			t.Errorf("request for %s, want %s", r.RequestURI, want)
		}
		_, _ = io.WriteString(w, `{"data":{"status":"queued"}}`)
	})
	call, err := c.GetCall(t.Context(), id)
	if err != nil || call.ID != id {
		t.Errorf("%+v %v", call, err)
	}
}

func TestErrorsKeepStatusAndBody(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 4000)
	for name, tt := range map[string]struct {
		status        int
		body, message string
		wantBody      string
	}{
		"envelope":       {400, `{"error":{"code":"c","message":"Bad number."}}`, "Bad number.", ""},
		"string":         {402, `{"error":"no credits"}`, "no credits", ""},
		"detail":         {422, `{"detail":[{"loc":["a"],"msg":"field required"}]}`, "field required", ""},
		"JSON string":    {403, `"go away"`, "go away", ""},
		"JSON number":    {403, `42`, "Forbidden", ""},
		"null":           {409, `null`, "Conflict", ""},
		"html":           {502, "<html><head><title>Bad\n gateway</title></head><body>nginx</body></html>", "Bad gateway", ""},
		"text":           {503, "down for\nmaintenance", "down for", ""},
		"empty":          {504, "", "Gateway Timeout", ""},
		"broken JSON":    {500, `{"error":`, "Internal Server Error", ""},
		"long":           {500, long, "", long[:4096]},
		"invalid UTF-8":  {500, "a\xffb", "a\uFFFDb", "a\uFFFDb"},
		"unknown status": {599, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := answering(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			})
			want := tt.wantBody
			if want == "" {
				want = tt.body
			}
			_, create := c.CreateCall(t.Context(), request(ordinary))
			_, get := c.GetCall(t.Context(), "x")
			_, list := c.ListCalls(t.Context(), 1)
			for _, err := range []error{create, get, list} {
				var answer *agentphone.Error
				if !errors.As(err, &answer) || answer.StatusCode != tt.status || answer.Body != want || (tt.message != "" && answer.Message != tt.message) {
					t.Errorf("%v: %+v", err, answer)
				}
				if !strings.Contains(fmt.Sprint(err), fmt.Sprint(tt.status)) {
					t.Errorf("no status in %q", err)
				}
			}
		})
	}
}

func TestAnErrorWhoseBodyBreaksKeepsItsStatus(t *testing.T) {
	t.Parallel()
	c := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusPaymentRequired)
		_, _ = io.WriteString(w, "no credits")
	})
	_, err := c.CreateCall(t.Context(), request(ordinary))
	var answer *agentphone.Error
	if !errors.As(err, &answer) || answer.StatusCode != http.StatusPaymentRequired || answer.Body != "no credits" || agentphone.FateOf(err) != agentphone.FateRefused {
		t.Errorf("%v", err)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                              0,
		"0":                             0,
		" 60 ":                          time.Minute,
		"601":                           10 * time.Minute,
		"99999999999999999999999":       10 * time.Minute,
		"-5":                            0,
		"soon":                          0,
		"Thu, 01 Jan 2026 12:00:42 GMT": 42 * time.Second,
		"Thu, 01 Jan 2026 11:00:00 GMT": 0,
		"Fri, 01 Jan 2027 12:00:00 GMT": 10 * time.Minute,
	} {
		c := answering(t, func(w http.ResponseWriter, _ *http.Request) {
			if header != "" {
				w.Header().Set("Retry-After", header)
			}
			w.WriteHeader(http.StatusTooManyRequests)
		}, agentphone.WithClock(func() time.Time { return now }))
		_, err := c.ListCalls(t.Context(), 1)
		var answer *agentphone.Error
		if !errors.As(err, &answer) || answer.RetryAfter != want {
			t.Errorf("%q: %v, want %v", header, answer, want)
		}
	}
}

func TestAStatusOutlivesABadLocation(t *testing.T) {
	t.Parallel()
	c := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://%zz/")
		w.WriteHeader(http.StatusFound)
	})
	_, err := c.CreateCall(t.Context(), request(ordinary))
	var answer *agentphone.Error
	if !errors.As(err, &answer) || answer.StatusCode != http.StatusFound || agentphone.FateOf(err) != agentphone.FateUnknown {
		t.Errorf("%v", err)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	c := answering(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":{"call_id":"x","summary":"`)
		chunk := strings.Repeat("x", 1<<16)
		for range 100 {
			if _, err := io.WriteString(w, chunk); err != nil {
				return
			}
		}
		_, _ = io.WriteString(w, `"}}`)
	})
	_, err := c.CreateCall(t.Context(), request(ordinary))
	if !errors.Is(err, agentphone.ErrMalformed) || agentphone.FateOf(err) != agentphone.FateUnknown {
		t.Errorf("%v", err)
	}
}

func TestTheUsersHTTPClient(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/calls/slow" {
			<-release
		}
		if got := r.UserAgent(); got != "unit/1" {
			t.Errorf("user agent %q", got)
		}
		_, _ = io.WriteString(w, `{"data":{"call_id":"x"}}`)
	}))
	defer s.Close()
	defer close(release)
	hc := s.Client()
	hc.Timeout = 200 * time.Millisecond
	c := client(t, s.URL, agentphone.WithHTTPClient(hc), agentphone.WithUserAgent("unit/1"))
	if _, err := c.CreateCall(t.Context(), request(ordinary)); err != nil {
		t.Errorf("its transport is not used: %v", err)
	}
	_, err := c.GetCall(t.Context(), "slow")
	var timeout interface{ Timeout() bool }
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("its timeout is not used: %v", err)
	}
}

func TestContexts(t *testing.T) {
	t.Parallel()
	s := agentphonetest.NewServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client(t, s.URL).GetCall(ctx, "x")
	if !errors.Is(err, context.Canceled) || len(s.Requests()) != 0 {
		t.Errorf("%v", err)
	}
}
