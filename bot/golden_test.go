package bot

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/slackemulator/blockkit"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// asked is when every call of these tests was asked for: 4:12 PM in San Francisco.
var askedAt = time.Date(2026, 11, 25, 0, 12, 0, 0, time.UTC)

const (
	ana = call.UserID("U0ANA")
	bo  = call.UserID("U0BO")
)

func number(t testing.TB, e164 string) phone.Number {
	t.Helper()
	n, err := phone.ParseE164(e164)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// story is a call as the machine lets it become.
type story struct {
	testing.TB
	call call.Call
	at   time.Time
}

func newStory(t testing.TB) *story {
	t.Helper()
	return &story{TB: t, at: askedAt, call: call.Call{
		ID: "k3v9x2m7q4w8z1p5", Version: 1, Revision: 1, Status: call.Requested, Since: askedAt,
		Request: call.Request{
			Requester: ana, Number: number(t, "+14155550132"),
			Objective: "Book a table for 2 tonight at 7pm under Sarah",
		},
		RequestedAt: askedAt, ExpiresAt: askedAt.Add(30 * time.Minute), DueAt: askedAt.Add(30 * time.Minute),
	}}
}

func (s *story) on(e call.Event) *story {
	s.Helper()
	s.at = s.at.Add(20 * time.Second)
	if e.At.IsZero() {
		e.At = s.at
	}
	s.at = e.At
	next, err := call.Apply(s.call, e)
	if err != nil {
		s.Fatalf("%s in %s: %v", e.Kind, s.call.Status, err)
	}
	s.call = next
	return s
}

func (s *story) with(change func(*call.Call)) *story { change(&s.call); return s }

func (s *story) approved() *story {
	return s.on(call.Event{Kind: call.Approve, Actor: bo, Revision: s.call.Revision, Due: s.at})
}

func (s *story) placing() *story {
	return s.approved().on(call.Event{Kind: call.Place})
}

func (s *story) lost(r call.Reason) *story {
	return s.on(call.Event{Kind: call.LoseTrack, Attempt: s.call.Attempts, Reason: r})
}

func (s *story) looks(n int, r call.LookResult) *story {
	for range n {
		s.on(call.Event{Kind: call.Look, LookResult: r})
	}
	return s
}

func (s *story) refused(r call.Reason, detail string) *story {
	return s.placing().on(call.Event{Kind: call.Refuse, Attempt: s.call.Attempts, Reason: r, Detail: detail})
}

func (s *story) accepted() *story {
	return s.placing().on(call.Event{Kind: call.Accept, ProviderID: "cl_abc123"})
}

func (s *story) reported(status call.Status, r call.Result) *story {
	return s.on(call.Event{Kind: call.Observe, ReportedStatus: status, Result: r})
}

func (s *story) other(status call.Status, r call.Result) *story {
	return s.on(call.Event{Kind: call.ObserveOther, ReportedStatus: status, Result: r})
}

func (s *story) talking() *story {
	return s.accepted().reported(call.Dialing, call.Result{}).reported(call.InProgress, call.Result{})
}

func (s *story) erased() *story { return s.on(call.Event{Kind: call.Erase}) }

// forgotten is what happens to a call of whom is to be forgotten.
func (s *story) forgotten() *story {
	for _, e := range call.Erasing(s.call, s.at.Add(time.Minute), true) {
		s.on(e)
	}
	return s
}

var booked = call.Result{
	Outcome: call.Achieved,
	Summary: "The table for 2 tonight at 7pm is booked under Sarah. The host asked to be there by 7:10.",
	Transcript: "Agent: Hi, I'm calling to book a table for two tonight at 7pm.\n" +
		"Host: Sure, what name?\nAgent: Sarah.\nHost: Done. Please be here by 7:10.",
	RecordingURL: "https://agentphone.app/r/abc.wav", Duration: 42 * time.Second,
}

// golden compares a rendering with its file and with Slack's rules.
func golden(t *testing.T, name string, m message) {
	t.Helper()
	check(t, m)
	got := goldenJSON(t, m)
	path := filepath.Join("testdata", "golden", name+".json")
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run: go test ./bot -update)", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

func goldenJSON(t testing.TB, m message) []byte {
	t.Helper()
	v := map[string]any{"shown": shownLines(t, m), "text": m.text, "blocks": m.blocks}
	if m.file != nil {
		v["file"] = map[string]string{"name": m.file.name, "title": m.file.title, "content": string(m.file.content)}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// generic is a message's blocks as JSON values.
func generic(t testing.TB, m message) []map[string]any {
	t.Helper()
	var blocks []map[string]any
	if err := json.Unmarshal(rawBlocks(t, m), &blocks); err != nil {
		t.Fatal(err)
	}
	return blocks
}

func rawBlocks(t testing.TB, m message) []byte {
	t.Helper()
	raw, err := json.Marshal(m.blocks)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// shownLines is what a person reads, for the reviewer of a golden file.
func shownLines(t testing.TB, m message) []string {
	t.Helper()
	var out []string
	for _, b := range generic(t, m) {
		var row []string
		for _, e := range list(b["elements"]) {
			switch e["type"] {
			case "rich_text_section":
				out = append(out, strings.Split(inline(e), "\n")...)
			case "rich_text_quote":
				for l := range strings.SplitSeq(inline(e), "\n") {
					out = append(out, "| "+l)
				}
			case "button":
				text, _ := e["text"].(map[string]any)
				style, _ := e["style"].(string)
				row = append(row, fmt.Sprintf("[ %v ]%s", text["text"], strings.TrimSuffix("("+style+")", "()")))
			case "mrkdwn":
				row = append(row, "  "+fmt.Sprint(e["text"]))
			}
		}
		if len(row) > 0 {
			out = append(out, strings.Join(row, " "))
		}
	}
	return out
}

func inline(e map[string]any) string {
	var b strings.Builder
	for _, x := range list(e["elements"]) {
		switch x["type"] {
		case "text":
			text := fmt.Sprint(x["text"])
			if style, ok := x["style"].(map[string]any); ok && style["bold"] == true {
				text = "*" + text + "*"
			}
			b.WriteString(text)
		case "user":
			fmt.Fprintf(&b, "@%v", x["user_id"])
		case "usergroup":
			fmt.Fprintf(&b, "@%v", x["usergroup_id"])
		case "channel":
			fmt.Fprintf(&b, "#%v", x["channel_id"])
		case "date":
			fmt.Fprintf(&b, "{%v}", x["fallback"])
		default:
			fmt.Fprintf(&b, "{%v?}", x["type"])
		}
	}
	return b.String()
}

func list(v any) []map[string]any {
	var out []map[string]any
	items, _ := v.([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// check is what holds for every message.
func check(t testing.TB, m message) {
	t.Helper()
	if strings.TrimSpace(m.text) == "" {
		t.Error("the fallback text is empty")
	}
	if n := units(m.text); n > maxFallback {
		t.Errorf("the fallback text has %d characters", n)
	}
	if err := blockkit.ValidateMessage(rawBlocks(t, m), m.text); err != nil {
		t.Errorf("Slack refuses this: %v", err)
	}
	if n := textUnits(generic(t, m)); n >= 8000 {
		t.Errorf("the blocks have %d characters of text", n)
	}
	if m.digest() == (message{text: m.text + "x", blocks: m.blocks, file: m.file}).digest() {
		t.Error("another text has the same digest")
	}
}

func textUnits(v any) int {
	n := 0
	switch v := v.(type) {
	case []map[string]any:
		for _, item := range v {
			n += textUnits(item)
		}
	case []any:
		for _, item := range v {
			n += textUnits(item)
		}
	case map[string]any:
		for key, item := range v {
			if s, ok := item.(string); ok && key == "text" {
				n += units(s)
			} else {
				n += textUnits(item)
			}
		}
	}
	return n
}

// every golden file belongs to a test.
func TestNoStaleGolden(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "golden", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var have, want []string
	for _, f := range files {
		have = append(have, strings.TrimSuffix(filepath.Base(f), ".json"))
	}
	for _, c := range scenes(t) {
		for _, slot := range c.slots {
			want = append(want, slot+"_"+c.name)
		}
	}
	for name := range listings(t) {
		want = append(want, listFile+name)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, have); diff != "" && !*update {
		t.Errorf("golden files and scenes differ (-scenes +files):\n%s", diff)
	}
}
