package bot_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/bot"
	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// kept is a Repository in memory that remembers keys as the real one does.
type kept struct {
	call.Orders // none is given

	calls  map[call.ID]call.Call
	keys   map[call.Key]call.ID
	last   call.ID
	origin call.Origin
	fail   error
}

func newKept() *kept { return &kept{calls: map[call.ID]call.Call{}, keys: map[call.Key]call.ID{}} }

func (k *kept) Create(_ context.Context, key call.Key, c call.Call, o call.Origin, _ ...call.Check) (call.Call, error) {
	if k.fail != nil {
		return call.Call{}, k.fail
	}
	if id, known := k.keys[key]; known {
		return k.calls[id], nil
	}
	k.calls[c.ID], k.keys[key], k.last, k.origin = c, c.ID, c.ID, o
	return c, nil
}

func (k *kept) Update(_ context.Context, key call.Key, id call.ID, decide func(call.Call) (call.Event, error), _ ...call.Check) (call.Call, error) {
	if k.fail != nil {
		return call.Call{}, k.fail
	}
	c, known := k.calls[id]
	if !known {
		return call.Call{}, call.Errorf(call.Invalid, "I can't find that call.")
	}
	if _, seen := k.keys[key]; seen && key != "" {
		return c, nil
	}
	e, err := decide(c)
	if err != nil {
		return c, err
	}
	next, err := call.Apply(c, e)
	if err == nil {
		k.calls[id], k.keys[key] = next, id
	}
	return next, err
}

// whisper is a Slack in which only one person can be told something.
type whisper struct {
	bot.Slack
	told []string
}

func (w *whisper) PostEphemeralContext(_ context.Context, channel, user string, _ ...slack.MsgOption) (string, error) {
	w.told = append(w.told, channel+" "+user)
	return "1.1", nil
}

func newApp(t *testing.T, k *kept, api string) *bot.App {
	t.Helper()
	return newAppIn(t, k, api, &whisper{})
}

func newAppIn(t *testing.T, k *kept, api string, in bot.Slack) *bot.App {
	t.Helper()
	us, err := phone.ParseCountries("US")
	if err != nil {
		t.Fatal(err)
	}
	return bot.New(bot.Config{
		Service: call.NewService(k, call.Rules{Countries: us}, time.Hour, time.Now),
		Slack:   in,
		Region:  "US", APIURL: api, Logger: slog.New(slog.DiscardHandler),
	})
}

// slash is the envelope of a slash command, as Slack sends it.
func slash(t *testing.T, text, trigger string) socketmode.Envelope {
	t.Helper()
	payload, err := json.Marshal(slack.SlashCommand{
		Command: "/call", Text: text, UserID: "U1", ChannelID: "C1", TriggerID: trigger,
		ResponseURL: "https://hooks.slack.com/commands/T1/1/x",
	})
	if err != nil {
		t.Fatal(err)
	}
	return socketmode.Envelope{ID: "e" + trigger, Type: socketmode.TypeSlashCommands, Payload: payload, AcceptsResponsePayload: true}
}

// answerIn is what an ack tells the person alone.
func answerIn(t *testing.T, a socketmode.Ack) string {
	t.Helper()
	if a.Payload == nil {
		return ""
	}
	m, ok := a.Payload.(*slack.WebhookMessage)
	if !ok {
		t.Fatalf("the payload is a %T", a.Payload)
	}
	if m.ResponseType != slack.ResponseTypeEphemeral {
		t.Errorf("the answer is for all to see: %q", m.Text)
	}
	return m.Text
}

// TestBadCommands: whoever types one of these is told alone what is wrong and what to
// type, and there is no card. The golden file is to be read by a person.
func TestBadCommands(t *testing.T) {
	list, err := os.Open(filepath.Join("testdata", "bad_commands.txt"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = list.Close() })
	var got strings.Builder
	n := 0
	for lines := bufio.NewScanner(list); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "//") {
			continue
		}
		var text string // each line is a JSON string, so that any character can stand in it
		if err := json.Unmarshal(lines.Bytes(), &text); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		n++
		k := newKept()
		answer := answerIn(t, newApp(t, k, "").Handle(t.Context(), slash(t, text, "1")))
		if answer == "" || len(k.calls) > 0 {
			t.Errorf("%q was taken", text)
		}
		fmt.Fprintf(&got, "/call %s\n    %s\n\n", strings.TrimSuffix(strings.TrimPrefix(lines.Text(), `"`), `"`), strings.ReplaceAll(answer, "\n", "\n    "))
	}
	if n < 40 {
		t.Errorf("only %d commands", n)
	}
	compare(t, "bad_commands.golden", got.String())
}

// TestAnswersAreInert: what is typed and repeated to the person alone stays words there.
func TestAnswersAreInert(t *testing.T) {
	for _, forged := range []string{
		"<!channel>", "&lt;!channel&gt;", "&lt;@U0BOSS&gt;", "&amp;lt;!here&amp;gt;", "<https://evil.example|Place call>", "https://evil.example",
		":white_check_mark:", "*Approved* by *@boss*", "`code`", "~gone~", "_so_", "\n✓ Achieved\n*x*", "\u2028✓ Achieved", "\u202ereversed\u200b", "www.evil.example",
		"``` x ```", "`` ` ``", strings.Repeat("*a* `b` <c> :x: ", 300),
	} {
		for _, text := range []string{
			forged, forged + " (415) 555-0132", "911 " + forged, "(415) 555-0132 (415) 555-0133 " + forged, "415555 " + forged, "+14155550132" + forged + " x",
			"(415) 555-0132 and 4155550133 " + forged, "4155550132/" + forged, "+" + forged, "#" + forged, "555-FLOWERS" + forged,
		} {
			k := newKept()
			answer := answerIn(t, newApp(t, k, "").Handle(t.Context(), slash(t, text, "1")))
			if answer == "" {
				continue // it was taken
			}
			plain := inertCode.ReplaceAllString(answer, "¤") // what stands in code is shown as it is
			if found := lively.FindString(plain); found != "" {
				t.Errorf("/call %q: %q in the answer %q", text, found, answer)
			}
			for l := range strings.SplitSeq(answer, "\n") {
				if strings.HasPrefix(l, "✓") {
					t.Errorf("/call %q: a forged line in %q", text, answer)
				}
			}
			if strings.ContainsAny(answer, "<>\u202e\u2028") {
				t.Errorf("/call %q: markup or hidden characters in %q", text, answer)
			}
		}
	}
}

var (
	inertCode = regexp.MustCompile("`[^`\n]+`")
	lively    = regexp.MustCompile("<|>|&lt;!date|`|~\\w|\\*[^*\n]+\\*|:[a-z_]+:|://|www\\.\\pL|(?:^|\\s)_\\w")
)

func compare(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if bot.Updating() {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestWhatIsTakenOutOfTheObjective: the number, at "…", and a URL at the end. All else
// reaches the call byte for byte.
func TestWhatIsTakenOutOfTheObjective(t *testing.T) {
	const n = "(415) 555-0132 "
	for text, want := range map[string]call.Request{
		n + "Book a table for 2 tonight at 7pm under Sarah": {Objective: "Book a table for 2 tonight at 7pm under Sarah"},
		n + "2 people at 7":                                         {Objective: "2 people at 7"},
		n + `at "Zuni Café" Book a table`:                           {Objective: "Book a table", Business: "Zuni Café"},
		n + `Book a table at "Zuni Café"`:                           {Objective: "Book a table", Business: "Zuni Café"},
		n + `Book a table at “Zuni Café” https://zuni.example/menu`: {Objective: "Book a table", Business: "Zuni Café", Website: "https://zuni.example/menu"},
		n + `Book a table https://zuni.example at "Zuni Café"`:      {Objective: "Book a table", Business: "Zuni Café", Website: "https://zuni.example"},
		n + `Visit us; at "Zuni"please`:                             {Objective: "Visit us; please", Business: "Zuni"},
		n + `Ask at "Zuni" whether they open`:                       {Objective: "Ask whether they open", Business: "Zuni"},
		n + "Ask about https://x.example/a?b=1 and more":            {Objective: "Ask about https://x.example/a?b=1 and more", Website: "https://x.example/a?b=1"},
		n + "Is this right: https://x.example.":                     {Objective: "Is this right: https://x.example.", Website: "https://x.example"},
		n + "Ask <https://x.example|the site>":                      {Objective: "Ask", Website: "https://x.example"},
		n + `"Ask about hours"`:                                     {Objective: "Ask about hours"},
		n + `"Ask about hours" at "Zuni"`:                           {Objective: "Ask about hours", Business: "Zuni"},
		n + `Say "hello"  and   wait`:                               {Objective: `Say "hello"  and   wait`},
		n + "Tom &amp; Jerry &lt;3 &quot;x&quot;":                   {Objective: "Tom & Jerry <3 &quot;x&quot;"},
		n + "*bold* _it_ `code` \\n 日本語 🍣 \u200f":                   {Objective: "*bold* _it_ `code` \\n 日本語 🍣 \u200f"},
		n + "first line\n\n  second line":                           {Objective: "first line\n\n  second line"},
		"(415) 555-0132 x12 Ask for Ana":                            {Objective: "Ask for Ana", Extension: "12"},
		"<tel:+14155550132|(415) 555-0132> Ask":                     {Objective: "Ask"},
	} {
		t.Run(text, func(t *testing.T) {
			k := newKept()
			a := newApp(t, k, "").Handle(t.Context(), slash(t, text, "1"))
			if answer := answerIn(t, a); answer != "" {
				t.Fatalf("answered: %s", answer)
			}
			got := k.calls[k.last].Request
			want.Requester, want.Number = "U1", got.Number
			if got != want {
				t.Errorf("got  %#v\nwant %#v", got, want)
			}
			if got.Number.E164() != "+14155550132" {
				t.Errorf("number %s", got.Number.E164())
			}
		})
	}
}

func TestARedeliveredCommandIsOneCallAndOneTypedTwiceIsTwo(t *testing.T) {
	k := newKept()
	app := newApp(t, k, "")
	const text = "(415) 555-0132 Ask about hours"
	for _, trigger := range []string{"1", "1", "2"} {
		app.Handle(t.Context(), slash(t, text, trigger))
	}
	if len(k.calls) != 2 {
		t.Errorf("%d calls", len(k.calls))
	}
}

func TestWhatCannotBeSavedIsTold(t *testing.T) {
	k := newKept()
	app := newApp(t, k, "")
	k.fail = call.Errorf(call.Unavailable, "Nothing was saved, please try again.")
	if got := answerIn(t, app.Handle(t.Context(), slash(t, "(415) 555-0132 Ask", "1"))); got != "Nothing was saved, please try again." {
		t.Errorf("answer %q", got)
	}
	k.fail = fmt.Errorf("commit: %w", call.ErrUnclear)
	if got := app.Handle(t.Context(), slash(t, "(415) 555-0132 Ask", "2")); got != socketmode.NoAck {
		t.Errorf("a commit of unknown outcome was acked: %+v", got)
	}
}

// clicks counts them, since each has a trigger of its own.
var clicks atomic.Int64

// clicked is the envelope of a button, as Slack sends it.
func clicked(t *testing.T, action, value, user, responseURL string) socketmode.Envelope {
	t.Helper()
	payload, err := json.Marshal(map[string]any{
		"type": "block_actions", "user": map[string]any{"id": user}, "trigger_id": fmt.Sprint(clicks.Add(1)),
		"channel": map[string]any{"id": "C1"}, "response_url": responseURL,
		"actions": []map[string]any{{"type": "button", "action_id": action, "value": value, "action_ts": "1.1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return socketmode.Envelope{ID: "c1", Type: socketmode.TypeInteractive, Payload: payload}
}

// TestClicks: what may not be done is answered at the response_url, to that person
// alone, and only at an address that can be Slack's.
func TestClicks(t *testing.T) {
	var answers []string
	hooks := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m slack.WebhookMessage
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil || m.ResponseType != "ephemeral" || m.ReplaceOriginal {
			t.Errorf("%+v %v", m, err)
		}
		answers = append(answers, m.Text)
	}))
	t.Cleanup(hooks.Close)
	k, ephemerals := newKept(), &whisper{}
	app := newAppIn(t, k, hooks.URL+"/api/", ephemerals)
	app.Handle(t.Context(), slash(t, "(415) 555-0132 Ask about hours", "1"))
	id := string(k.last)

	for _, step := range []struct {
		action, value, user, url string
		answers                  string
		status                   call.Status
	}{
		{"approve", id + ":1", "U2", hooks.URL + "/r", "Only the person who asked", call.Requested},
		{"approve", id + ":9", "U1", hooks.URL + "/r", "This card has changed", call.Requested},
		{"approve", "nonsense", "U1", hooks.URL + "/r", "I can't tell which call", call.Requested},
		{"approve", "unknown:1", "U1", hooks.URL + "/r", "I can't find that call", call.Requested},
		{"somebody_elses", id + ":1", "U1", hooks.URL + "/r", "", call.Requested},
		{"approve", id + ":9", "U1", "https://evil.example/r", "", call.Requested},
		{"approve", id + ":1", "U1", hooks.URL + "/r", "", call.Approved}, // without a block_id, see clicked
		{"approve", id + ":1", "U1", hooks.URL + "/r", "You approved this call a moment ago, so it will be placed, once. To stop it, press Cancel in its thread.", call.Approved},
		{"decline", id + ":1", "U1", hooks.URL + "/r", "You approved this call a moment ago", call.Approved},
		{"approve", id + ":1", "U2", hooks.URL + "/r", "with /call. <@U1> approved this call a moment ago, so it will be placed, once. Its thread follows it.", call.Approved},
		{"cancel", id + ":1", "U1", hooks.URL + "/r", "", call.Canceled},
		{"approve", id + ":1", "U1", hooks.URL + "/r", "You canceled this call a moment ago, before it was placed. Nobody was called.", call.Canceled},
	} {
		answers = nil
		if ack := app.Handle(t.Context(), clicked(t, step.action, step.value, step.user, step.url)); ack.Payload != nil || ack == socketmode.NoAck {
			t.Errorf("%+v: ack %+v", step, ack)
		}
		app.Wait()
		if step.url == "https://evil.example/r" && len(ephemerals.told) != 1 {
			t.Errorf("%s by %s at an address that is not Slack's: told %q by chat.postEphemeral", step.action, step.user, ephemerals.told)
		}
		if got := strings.Join(answers, "|"); (step.answers == "") != (got == "") || !strings.Contains(got, step.answers) {
			t.Errorf("%s by %s: answered %q, want %q", step.action, step.user, got, step.answers)
		}
		if got := k.calls[k.last].Status; got != step.status {
			t.Errorf("%s by %s: the call is %s, want %s", step.action, step.user, got, step.status)
		}
	}
}

// TestClicksFromAnotherWorkspace decide nothing, whoever they say they are by.
func TestClicksFromAnotherWorkspace(t *testing.T) {
	for name, tc := range map[string]struct {
		team, ofUser string
		taken        bool
	}{
		"ours":                      {"T1", "T1", true},
		"ours, by its team alone":   {"T1", "", true},
		"without a team":            {"", "", true},
		"another's":                 {"T2", "T2", false},
		"of a guest from elsewhere": {"T1", "T2", false},
	} {
		t.Run(name, func(t *testing.T) {
			k, told := newKept(), &whisper{}
			app := newAppIn(t, k, "", told)
			app.SetTeam("T1")
			app.Handle(t.Context(), slash(t, "(415) 555-0132 Ask about hours", "1"))
			e := clicked(t, "approve", string(k.last)+":1", "U1", "")
			var payload map[string]any
			if err := json.Unmarshal(e.Payload, &payload); err != nil {
				t.Fatal(err)
			}
			payload["team"], payload["user"] = map[string]string{"id": tc.team}, map[string]string{"id": "U1", "team_id": tc.ofUser}
			var err error
			if e.Payload, err = json.Marshal(payload); err != nil {
				t.Fatal(err)
			}
			app.Handle(t.Context(), e)
			app.Wait()
			if got := k.calls[k.last].Status == call.Approved; got != tc.taken {
				t.Errorf("taken: %t, want %t", got, tc.taken)
			}
			if (len(told.told) == 0) != tc.taken {
				t.Errorf("told %q", told.told)
			}
		})
	}
}

// TestRecordedEnvelopes: whatever Slack was seen to send is survived and acked.
func TestRecordedEnvelopes(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "shared", "oracles", "slack-envelopes", "*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("Slack's recorded envelopes are not at hand")
	}
	app := newApp(t, newKept(), "")
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var e struct {
			EnvelopeID             string          `json:"envelope_id"`
			Type                   string          `json:"type"`
			Payload                json.RawMessage `json:"payload"`
			AcceptsResponsePayload bool            `json:"accepts_response_payload"`
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			t.Fatal(err)
		}
		ack := app.Handle(t.Context(), socketmode.Envelope{ID: e.EnvelopeID, Type: e.Type, Payload: e.Payload, AcceptsResponsePayload: e.AcceptsResponsePayload})
		if ack == socketmode.NoAck {
			t.Errorf("%s was not acked", filepath.Base(f))
		}
	}
}

// FuzzCommand: no text that anybody can type breaks the parser, and what is placed is
// a part of what was typed.
func FuzzCommand(f *testing.F) {
	for _, s := range []string{
		"", "help", "(415) 555-0132 Ask", `+14155550132 at "X" https://x.example`, "911", "<tel:+14155550132|x> y",
		`(415) 555-0132 at "" at "b" "`, "(415) 555-0132 https://x.example https://y.example", "&lt;&amp;&gt;",
		`201 2000000A At "0"0`, "(415) 555-0132 Ask \xff\xff", `(415) 555-0132 Ask; at "Zuni"please`, "2012000000A\x00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		k := newKept()
		answer := answerIn(t, newApp(t, k, "").Handle(t.Context(), slash(t, text, "1")))
		if (answer == "") != (len(k.calls) == 1) {
			t.Fatalf("%d calls and the answer %q", len(k.calls), answer)
		}
		for _, c := range k.calls {
			var sent slack.SlashCommand // JSON replaces what is not UTF-8
			if err := json.Unmarshal(slash(t, text, "1").Payload, &sent); err != nil {
				t.Fatal(err)
			}
			typed := strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "\x00", "\uFFFD").Replace(sent.Text) // no database keeps a NUL
			for word := range strings.FieldsSeq(c.Objective) {
				if !strings.Contains(typed, word) {
					t.Errorf("%q was not typed", word)
				}
			}
		}
	})
}
