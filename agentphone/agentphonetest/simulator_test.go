package agentphonetest_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
)

// clock is a clock that tests move by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type answer struct {
	status int
	header http.Header
	body   string
}

// data is the object in the answer's envelope.
func (a answer) data(t *testing.T) map[string]any {
	t.Helper()
	var v struct {
		Data map[string]any `json:"data"`
	}
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("answer is not JSON: %v\n%s", err, a.body)
	}
	return v.Data
}

func (a answer) list(t *testing.T) []map[string]any {
	t.Helper()
	var v struct {
		Data []map[string]any `json:"data"`
	}
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("answer is no list: %v\n%s", err, a.body)
	}
	return v.Data
}

func request(t *testing.T, method, target, key, body string, header http.Header) (answer, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(req.Header, header)
	if key != "" {
		req.Header.Set("x-api-key", key)
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(raw)}, err
}

func get(t *testing.T, target string) answer {
	t.Helper()
	a, err := request(t, http.MethodGet, target, "k", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func post(t *testing.T, s *agentphonetest.Server, number, objective string) (answer, error) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"to_phone_number": number, "objective": objective})
	if err != nil {
		t.Fatal(err)
	}
	return request(t, http.MethodPost, s.URL+"/calls", "k", string(body), nil)
}

func place(t *testing.T, s *agentphonetest.Server, number, objective string) string {
	t.Helper()
	a, err := post(t, s, number, objective)
	if err != nil || a.status != http.StatusAccepted {
		t.Fatalf("POST: %d %s %v", a.status, a.body, err)
	}
	id, _ := a.data(t)["call_id"].(string)
	if id == "" {
		t.Fatalf("no call_id: %s", a.body)
	}
	return id
}

const ordinary = "+14155550132"

func TestAnOrdinaryCallFromPostToRecording(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now), agentphonetest.WithRate(0, 0), agentphonetest.WithCredits(5))
	a, err := post(t, s, ordinary, "Book a table for 2 tonight at 7pm under Sarah")
	if err != nil {
		t.Fatal(err)
	}
	if a.status != http.StatusAccepted || !strings.Contains(a.body, `"credits_remaining":4`) {
		t.Fatalf("POST: %d %s", a.status, a.body)
	}
	created := a.data(t)
	if created["status"] != "queued" || created["created_at"] != "2026-01-01T12:00:00Z" {
		t.Errorf("created: %v", created)
	}
	target := s.URL + "/calls/" + created["call_id"].(string)

	var seen []string
	var data map[string]any
	for range 200 {
		data = get(t, target).data(t)
		if status := data["status"].(string); len(seen) == 0 || seen[len(seen)-1] != status {
			seen = append(seen, status)
		}
		if data["status"] == "completed" {
			break
		}
		clk.Advance(time.Second)
	}
	if got := strings.Join(seen, " "); got != "queued dialing in_progress completed" {
		t.Errorf("statuses: %s", got)
	}
	if data["outcome"] != "achieved" || data["transcript"] != nil || data["summary"] != nil || data["recording_url"] != nil {
		t.Errorf("at the end, before enrichment: %v", data)
	}
	clk.Advance(4 * time.Second)
	data = get(t, target).data(t)
	transcript, _ := data["transcript"].(string)
	if !strings.Contains(transcript, "Sarah") || !strings.Contains(transcript, "tonight at 7pm") || !strings.Contains(transcript, "AI assistant") {
		t.Errorf("transcript:\n%s", transcript)
	}
	duration := data["duration_seconds"].(float64)
	if duration < 30 || duration > 180 {
		t.Errorf("duration %v", duration)
	}

	recording, _ := data["recording_url"].(string)
	if !strings.HasPrefix(recording, s.HTTP.URL+"/") {
		t.Fatalf("recording_url %q is not on %s", recording, s.HTTP.URL)
	}
	a, err = request(t, http.MethodGet, recording, "", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	checkWAV(t, a, duration)
	part, err := request(t, http.MethodGet, recording, "", "", http.Header{"Range": {"bytes=0-3"}})
	if err != nil || part.status != http.StatusPartialContent || part.body != "RIFF" {
		t.Errorf("range: %d %q %v", part.status, part.body, err)
	}
	if a, err := request(t, http.MethodGet, strings.Replace(recording, "signature=", "signature=x", 1), "", "", nil); err != nil || a.status != http.StatusNotFound {
		t.Errorf("with a wrong signature: %d %v", a.status, err)
	}
}

// checkWAV reads the header by its specification and looks for sound.
func checkWAV(t *testing.T, a answer, seconds float64) {
	t.Helper()
	b := []byte(a.body)
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "audio/wav" || len(b) < 44 {
		t.Fatalf("recording: %d %s, %d bytes", a.status, a.header.Get("Content-Type"), len(b))
	}
	le := binary.LittleEndian
	rate, channels, bits := le.Uint32(b[24:]), le.Uint16(b[22:]), le.Uint16(b[34:])
	if string(b[:4]) != "RIFF" || string(b[8:16]) != "WAVEfmt " || string(b[36:40]) != "data" || rate != 8000 || channels != 1 || bits != 16 {
		t.Fatalf("not 8 kHz mono 16-bit WAV: % x", b[:44])
	}
	if int(le.Uint32(b[4:])) != len(b)-8 || int(le.Uint32(b[40:])) != len(b)-44 {
		t.Errorf("sizes in the header do not match %d bytes", len(b))
	}
	if got := float64(len(b)-44) / 16000; got != seconds {
		t.Errorf("recording lasts %v s, the call %v s", got, seconds)
	}
	loud := 0
	for i := 44; i+1 < len(b); i += 2 {
		if v := int(b[i+1]^0x80)<<8 + int(b[i]) - 1<<15; v > 2000 || v < -2000 {
			loud++
		}
	}
	if loud < (len(b)-44)/2/20 {
		t.Errorf("almost silent: %d loud samples of %d", loud, (len(b)-44)/2)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := agentphonetest.NewServer(t, agentphonetest.WithKey("k"), agentphonetest.WithRate(0, 0))
	for _, tt := range []struct {
		name, key, body string
		status          int
		code            string
	}{
		{"no key", "", `{"to_phone_number":"+14155550132","objective":"x"}`, 401, "unauthorized"},
		{"wrong key", "q", `{"to_phone_number":"+14155550132","objective":"x"}`, 401, "unauthorized"},
		{"not E.164", "k", `{"to_phone_number":"(415) 555-0132","objective":"x"}`, 400, "invalid_phone_number"},
		{"too short", "k", `{"to_phone_number":"+123456","objective":"x"}`, 400, "invalid_phone_number"},
		{"trailing newline", "k", `{"to_phone_number":"+14155550132\n","objective":"x"}`, 400, "invalid_phone_number"},
		{"emergency", "k", `{"to_phone_number":"911","objective":"x"}`, 400, "emergency_number"},
		{"emergency in disguise", "k", `{"to_phone_number":"+1911","objective":"x"}`, 400, "emergency_number"},
		{"no objective", "k", `{"to_phone_number":"+14155550132"}`, 400, "invalid_objective"},
		{"blank objective", "k", `{"to_phone_number":"+14155550132","objective":" \n"}`, 400, "invalid_objective"},
		{"website", "k", `{"to_phone_number":"+14155550132","objective":"x","website":"ftp://example.com"}`, 400, "invalid_website"},
		{"not JSON", "k", `to_phone_number=1`, 400, "invalid_json"},
		{"wrong type", "k", `{"to_phone_number":14155550132,"objective":"x"}`, 400, "invalid_json"},
		{"too large", "k", `{"objective":"` + strings.Repeat("x", 2<<20) + `"}`, 413, "too_large"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := request(t, http.MethodPost, s.URL+"/calls", tt.key, tt.body, nil)
			if err != nil {
				t.Fatal(err)
			}
			var e struct {
				Error struct{ Code, Message string } `json:"error"`
			}
			if json.Unmarshal([]byte(a.body), &e) != nil || a.status != tt.status || e.Error.Code != tt.code || e.Error.Message == "" {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
	if n := len(s.Calls()); n != 0 {
		t.Errorf("%d calls", n)
	}
}

func TestCreditsRunOut(t *testing.T) {
	t.Parallel()
	s := agentphonetest.NewServer(t, agentphonetest.WithCredits(1))
	place(t, s, ordinary, "Ask about the return policy")
	if a, err := post(t, s, ordinary, "Ask again"); err != nil || a.status != http.StatusPaymentRequired {
		t.Errorf("%d %v", a.status, err)
	}
	s.SetCredits(agentphonetest.Unlimited)
	if a, err := post(t, s, ordinary, "Ask again"); err != nil || a.status != http.StatusAccepted || strings.Contains(a.body, "credits_remaining") {
		t.Errorf("unlimited: %d %s %v", a.status, a.body, err)
	}
}

func TestTheRateIsASlidingWindowOverAllEndpoints(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now))
	id := place(t, s, ordinary, "Ask about the return policy")
	for i := range 9 {
		clk.Advance(time.Second)
		target := s.URL + "/calls"
		if i%2 == 0 {
			target += "/" + id
		}
		if a := get(t, target); a.status != http.StatusOK {
			t.Fatalf("request %d: %d", i+2, a.status)
		}
	}
	a := get(t, s.URL+"/calls")
	if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") != "51" {
		t.Fatalf("11th request after 9 s: %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
	}
	if a, err := request(t, http.MethodGet, s.URL+"/calls", "other", "", nil); err != nil || a.status != http.StatusOK {
		t.Errorf("another key: %d %v", a.status, err)
	}
	clk.Advance(51 * time.Second)
	if a := get(t, s.URL+"/calls"); a.status != http.StatusOK {
		t.Errorf("after Retry-After: %d", a.status)
	}
	if a := get(t, s.URL+"/calls"); a.status != http.StatusTooManyRequests {
		t.Errorf("only one slot was free: %d", a.status)
	}
}

func TestSpeed(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now), agentphonetest.WithSpeed(10), agentphonetest.WithRate(1, time.Minute))
	id := place(t, s, ordinary, "Ask about the return policy")
	if a := get(t, s.URL+"/calls/"+id); a.status != 429 || a.header.Get("Retry-After") != "6" {
		t.Errorf("%d, Retry-After %q", a.status, a.header.Get("Retry-After"))
	}
	clk.Advance(20 * time.Second)
	data := get(t, s.URL+"/calls/"+id).data(t)
	if data["status"] != "completed" || data["duration_seconds"].(float64) < 30 {
		t.Errorf("after 20 s at speed 10: %v", data)
	}
}

func TestItSharesNoCodeWithTheProduct(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".go") && !strings.HasSuffix(f.Name(), "_test.go") {
			src, err := os.ReadFile(f.Name())
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(src, []byte(`"github.com/`)) {
				t.Errorf("%s imports more than the standard library", f.Name())
			}
		}
	}
}

var _ http.Handler = agentphonetest.New()
