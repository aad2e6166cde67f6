package socketmode_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// TestRecordedEnvelopes plays every message recorded from Slack over a link,
// and then checks that the client still handles envelopes.
func TestRecordedEnvelopes(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared(t), "oracles", "slack-envelopes", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no recorded envelopes beside this checkout")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var recorded struct {
				ID      string          `json:"envelope_id"`
				Type    string          `json:"type"`
				Payload json.RawMessage `json:"payload"`
			}
			if err := json.Unmarshal(data, &recorded); err != nil {
				t.Fatal(err)
			}
			slack := listen(t)
			handled := make(chan socketmode.Envelope, 10)
			slack.run(socketmode.Config{Links: 1, Handle: func(_ context.Context, e socketmode.Envelope) socketmode.Ack {
				handled <- e
				return socketmode.Ack{}
			}})
			link := slack.next()
			link.send(string(data))
			if recorded.ID != "" {
				link.wantAck(recorded.ID)
				got := await(t, handled, "the handler")
				if got.ID != recorded.ID || got.Type != recorded.Type || string(got.Payload) != string(recorded.Payload) {
					t.Errorf("handled %+v", got)
				}
			}
			if recorded.Type == "disconnect" {
				link = slack.next()
			}
			link.send(slash("probe"))
			link.wantAck("probe")
		})
	}
}

// shared finds the folder of reference material beside the checkout.
func shared(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(filepath.Dir(dir), "shared")
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

func TestEnvelopeFields(t *testing.T) {
	slack := listen(t)
	got := make(chan socketmode.Envelope, 1)
	slack.run(socketmode.Config{Links: 1, Handle: func(ctx context.Context, e socketmode.Envelope) socketmode.Ack {
		deadline, ok := ctx.Deadline()
		if left := deadline.Sub(e.Received); !ok || left != 2800*time.Millisecond {
			t.Errorf("the handler has %s from receipt, want 2.8s", left)
		}
		got <- e
		return socketmode.Ack{}
	}})
	slack.next().send(`{"envelope_id":"1","type":"events_api","payload":{"a":[1]},"accepts_response_payload":false,"retry_attempt":2,"retry_reason":"timeout","new_field":{}}`)
	e := await(t, got, "the handler")
	if time.Since(e.Received) > time.Minute {
		t.Errorf("received at %s", e.Received)
	}
	e.Received = time.Time{}
	want := socketmode.Envelope{ID: "1", Type: "events_api", Payload: json.RawMessage(`{"a":[1]}`), RetryAttempt: 2, RetryReason: "timeout"}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
}

func TestAcks(t *testing.T) {
	tests := []struct {
		name     string
		envelope func(id string) string
		ack      socketmode.Ack
		want     string // payload
		withheld bool
		log      string
	}{
		{name: "plain", envelope: slash},
		{name: "message", envelope: slash, ack: socketmode.Ack{Payload: map[string]string{"text": "hi"}}, want: `{"text":"hi"}`},
		{name: "raw", envelope: slash, ack: socketmode.Ack{Payload: json.RawMessage(`{"text":"hi"}`)}, want: `{"text":"hi"}`},
		{name: "largest", envelope: slash, ack: socketmode.Ack{Payload: strings.Repeat("x", 19_998)}, want: `"` + strings.Repeat("x", 19_998) + `"`},
		{name: "too large", envelope: slash, ack: socketmode.Ack{Payload: strings.Repeat("x", 19_999)}, log: "larger than 20000 bytes"},
		{name: "not accepted", envelope: event, ack: socketmode.Ack{Payload: "hi"}, log: "accepts no payload"},
		{name: "not JSON", envelope: slash, ack: socketmode.Ack{Payload: json.RawMessage(`{`)}, log: "marshalling the payload"},
		{name: "withheld", envelope: click, ack: socketmode.NoAck, withheld: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			slack := listen(t)
			// One worker, so that what is acked after it was handled after it.
			b := slack.run(socketmode.Config{Links: 1, Workers: 1, Handle: func(_ context.Context, e socketmode.Envelope) socketmode.Ack {
				if e.ID == "probe" {
					return socketmode.Ack{}
				}
				return tt.ack
			}})
			link := slack.next()
			link.send(tt.envelope("e1"))
			if !tt.withheld {
				if got := link.wantAck("e1"); got != tt.want {
					t.Errorf("payload %.100s, want %.100s", got, tt.want)
				}
			}
			link.send(click("probe"))
			link.wantAck("probe")
			link.wantQuiet()
			if !strings.Contains(b.log.String(), tt.log) {
				t.Errorf("the log lacks %q:\n%s", tt.log, b.log)
			}
		})
	}
}

// TestOddMessages sends what no handler should see, and checks which of it is
// acked and that the same link works afterwards.
func TestOddMessages(t *testing.T) {
	long := strings.Repeat("x", 300)
	tests := []struct {
		name, message string
		binary, acked bool
	}{
		{name: "unknown type", message: `{"envelope_id":"odd","type":"telepathy","payload":{}}`, acked: true},
		{name: "no type", message: `{"envelope_id":"odd"}`, acked: true},
		{name: "type of another kind", message: `{"envelope_id":"odd","type":7}`, acked: true},
		{name: "hello with an id", message: `{"envelope_id":"odd","type":"hello"}`, acked: true},
		{name: "cut off", message: `{"envelope_id":"odd","type":"slash_commands","payload":{"te`, acked: true},
		{name: "garbage behind", message: `{"envelope_id" : "odd"} {`, acked: true},
		{name: "cut off, escaped id in text", message: `{"type":"events_api","payload":{"text":"\"envelope_id\":\"odd\"`},
		{name: "no id", message: `{"type":"slash_commands","payload":{}}`},
		{name: "null id", message: `{"envelope_id":null,"type":"interactive"}`},
		{name: "numeric id", message: `{"envelope_id":1,"type":"interactive"}`},
		{name: "endless id", message: `{"envelope_id":"` + long + `","type":"interactive"}`},
		{name: "empty", message: ``},
		{name: "null", message: `null`},
		{name: "array", message: `[1]`},
		{name: "invalid UTF-8", message: "{\"type\":\"\xff\"}"},
		{name: "second hello", message: hello},
		{name: "binary", message: slash("odd"), binary: true},
		{name: "too large", message: `{"envelope_id":"odd","type":"events_api","payload":"` + strings.Repeat("x", 64<<10) + `"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			slack := listen(t)
			b := slack.run(socketmode.Config{Links: 1, MaxMessage: 64 << 10, Handle: func(_ context.Context, e socketmode.Envelope) socketmode.Ack {
				if e.ID != "probe" {
					t.Errorf("handled %q", e.ID)
				}
				return socketmode.Ack{}
			}})
			link := slack.next()
			kind := websocket.TextMessage
			if tt.binary {
				kind = websocket.BinaryMessage
			}
			link.sendAs(kind, tt.message)
			if tt.acked {
				link.wantAck("odd")
			}
			link.send(slash("probe"))
			link.wantAck("probe")
			link.wantQuiet()
			if got := b.client.Connected(); got != 1 {
				t.Errorf("%d links connected, want 1", got)
			}
		})
	}
}

func TestDuplicateIDs(t *testing.T) {
	slack := listen(t)
	slack.run(socketmode.Config{})
	one, two := slack.next(), slack.next()
	one.send(event("same"))
	one.send(event("same"))
	two.send(event("same"))
	one.wantAck("same")
	one.wantAck("same")
	two.wantAck("same")
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(hello))
	f.Add([]byte(slash("e1")))
	f.Add([]byte(`{"envelope_id":"e1","type":`))
	f.Add([]byte(`{"type":"disconnect","reason":"warning"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := socketmode.Decode(data)
		if err == nil && !json.Valid(data) {
			t.Fatalf("no error for %q", data)
		}
		if len(m.ID) > 200 || len(m.Reason) > 110 {
			t.Fatalf("unbounded: %q %q", m.ID, m.Reason)
		}
		// What is acked must be what was sent: an id survives the way back.
		if m.ID != "" && err == nil {
			again, err := socketmode.Decode(fmt.Appendf(nil, `{"envelope_id":%s}`, must(json.Marshal(m.ID))))
			if err != nil || again.ID != m.ID {
				t.Fatalf("id %q comes back as %q, %v", m.ID, again.ID, err)
			}
		}
	})
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}
