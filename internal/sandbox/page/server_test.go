package page_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/sandbox"
	"github.com/agentphone-slack/callbot/internal/sandbox/page"
)

const manifest = `
display_information: {name: callbot}
features:
  slash_commands: [{command: /call, usage_hint: "(415) 555-0132 Ask", description: Place a call}]
  shortcuts: [{name: Place a call, type: global, callback_id: place_call, description: With a form}]
  app_home: {home_tab_enabled: true}
oauth_config: {scopes: {bot: [commands, chat:write]}}
settings: {interactivity: {is_enabled: true}, socket_mode_enabled: true}
`

// start serves the page of a world in which no bot runs.
func start(t *testing.T) (*sandbox.World, *httptest.Server) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	world, err := sandbox.Start(ctx, []byte(manifest), 10)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = world.Close() })
	world.Furnish()
	bot := sandbox.NewBot(func() *exec.Cmd { return exec.CommandContext(ctx, "false") })
	srv := httptest.NewServer(page.New(page.Config{
		World: world, Bot: bot, Logger: slog.New(slog.DiscardHandler), SetSpeed: func(v float64) error { world.Phone.SetSpeed(v); return nil },
	}))
	t.Cleanup(srv.Close)
	return world, srv
}

// post does something, and returns the status and what was answered.
func post(t *testing.T, srv *httptest.Server, name, body string, change ...func(*http.Request)) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/api/"+name, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for _, f := range change {
		f(r)
	}
	return do(t, srv, r)
}

func do(t *testing.T, srv *httptest.Server, r *http.Request) (int, string) {
	t.Helper()
	answer, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func get(t *testing.T, srv *httptest.Server, path string, change ...func(*http.Request)) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(r)
	}
	return do(t, srv, r)
}

func stateOf(t *testing.T, srv *httptest.Server, who string) (st struct {
	Channels []struct{ ID, Name, Kind string }
	Messages map[string][]struct{ TS, Text, User string }
	Seq      int
},
) {
	t.Helper()
	status, text := get(t, srv, "/api/state?as="+who)
	if status != http.StatusOK {
		t.Fatalf("state: %d %s", status, text)
	}
	if err := json.Unmarshal([]byte(text), &st); err != nil {
		t.Fatal(err)
	}
	return st
}

// TestOnlyItsOwnPage: another site that is open in the same browser can neither act nor read.
func TestOnlyItsOwnPage(t *testing.T) {
	t.Parallel()
	world, srv := start(t)
	general := world.Slack.Channel("#general").ID()
	say := `{"as":"ana","channel":"` + general + `","text":"hello"}`
	host := func(name string) func(*http.Request) { return func(r *http.Request) { r.Host = name } }
	header := func(kv ...string) func(*http.Request) {
		return func(r *http.Request) {
			for i := 0; i < len(kv); i += 2 {
				r.Header.Set(kv[i], kv[i+1])
			}
		}
	}
	for name, test := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"its own":                      {header("Origin", srv.URL), http.StatusOK},
		"no browser":                   {header(), http.StatusOK},
		"localhost":                    {host("localhost:8484"), http.StatusOK},
		"another name":                 {host("evil.example"), http.StatusMisdirectedRequest},
		"another name, with our port":  {host("evil.example:8484"), http.StatusMisdirectedRequest},
		"a name that looks like ours":  {host("127.0.0.1.evil.example"), http.StatusMisdirectedRequest},
		"no name":                      {host("localhost.evil.example:80"), http.StatusMisdirectedRequest},
		"another site":                 {header("Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"), http.StatusForbidden},
		"another port":                 {header("Origin", "http://127.0.0.1:1", "Sec-Fetch-Site", "same-site"), http.StatusForbidden},
		"another site, an old browser": {header("Origin", "https://evil.example"), http.StatusForbidden},
		"a sandboxed frame":            {header("Origin", "null"), http.StatusForbidden},
		"a form":                       {header("Content-Type", "text/plain"), http.StatusUnsupportedMediaType},
	} {
		before := len(world.Slack.Channel("#general").Messages())
		status, text := post(t, srv, "say", say, test.change)
		if status != test.status {
			t.Errorf("%s: status %d %s, want %d", name, status, text, test.status)
		}
		posted := len(world.Slack.Channel("#general").Messages()) - before
		if want := 0; test.status == http.StatusOK {
			want = 1
			if posted != want {
				t.Errorf("%s: %d messages were posted, want %d", name, posted, want)
			}
		} else if posted != want {
			t.Errorf("%s: %d messages were posted, want none", name, posted)
		}
	}
	if status, _ := get(t, srv, "/api/state?as=ana", host("evil.example")); status != http.StatusMisdirectedRequest {
		t.Errorf("under another name the state is told with status %d", status)
	}
	for _, path := range []string{"/", "/api/state?as=ana", "/api/scenario"} {
		for _, origin := range []string{"https://evil.example", "http://127.0.0.1:1", "null"} {
			if status, _ := get(t, srv, path, header("Origin", origin)); status != http.StatusForbidden {
				t.Errorf("%s is told to a page of %s with status %d", path, origin, status)
			}
		}
	}
	if status, _ := get(t, srv, "/api/state?as=ana", header("Origin", srv.URL)); status != http.StatusOK {
		t.Errorf("its own page is told the state with status %d", status)
	}
}

// TestStrictPolicy: the page loads nothing but what this server serves, and nobody frames it.
func TestStrictPolicy(t *testing.T) {
	t.Parallel()
	_, srv := start(t)
	for _, path := range []string{"/", "/api/state?as=ana", "/api/state?as=nobody", "/nothing", "/files/F0?as=ana"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := srv.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		policy := answer.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy %q lacks %q", path, policy, part)
			}
		}
		if strings.Contains(policy, "unsafe") || answer.Header.Get("X-Content-Type-Options") != "nosniff" || answer.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: headers %v", path, answer.Header)
		}
	}
}

// TestRefusals: what cannot be done is told in a sentence, with a status.
func TestRefusals(t *testing.T) {
	t.Parallel()
	world, srv := start(t)
	general, finance := world.Slack.Channel("#general").ID(), world.Slack.Channel("#finance").ID()
	for name, test := range map[string]struct {
		act, body string
		status    int
		says      string
	}{
		"nobody":              {"say", `{"as":"zoe","channel":"` + general + `","text":"x"}`, 404, "nobody called"},
		"the bot":             {"say", `{"as":"callbot","channel":"` + general + `","text":"x"}`, 404, "nobody called"},
		"a channel of others": {"say", `{"as":"ben","channel":"` + finance + `","text":"x"}`, 404, "no such channel"},
		"nothing said":        {"say", `{"as":"ben","channel":"` + general + `","text":"  "}`, 422, "nothing to send"},
		"a command in a thread": {
			"say", `{"as":"ben","channel":"` + general + `","thread_ts":"1.0","text":"/call"}`, 422, "do not work in threads",
		},
		"too long":         {"say", `{"as":"ben","channel":"` + general + `","text":"` + strings.Repeat("x", 300<<10) + `"}`, 413, "too long"},
		"no JSON":          {"say", `as=ben`, 400, "cannot be read"},
		"an unknown field": {"say", `{"as":"ben","channel":"` + general + `","text":"x","admin":true}`, 400, "cannot be read"},
		"two values":       {"home", `{"as":"ben"}{"as":"ana"}`, 400, "more than one"},
		"a modal of others": {
			"submit", `{"as":"ben","view":"V0"}`, 409, "no such view",
		},
		"a message that is not there": {"act", `{"as":"ben","place":{"channel":"` + general + `","ts":"1.0"},"block_id":"b","action_id":"a","value":null}`, 409, "no such message"},
		"no such call":                {"phone", `{"do":"answer","call":"cl_none"}`, 422, "No call"},
		"no such act":                 {"phone", `{"do":"sing"}`, 400, "cannot"},
		"a speed of nothing":          {"speed", `{"speed":0}`, 422, "must be above 0"},
		"a speed of too much":         {"speed", `{"speed":1e9}`, 422, "at most"},
		"no such switch":              {"fault", `{"of":"weather","is":"down"}`, 400, "no such switch"},
		"no such state":               {"fault", `{"of":"slack","is":"sideways"}`, 400, "cannot be"},
		"no bot to kill":              {"process", `{"do":"kill"}`, 422, "does not run"},
		"another's message":           {"delete", `{"as":"ben","channel":"` + general + `","ts":"9.9"}`, 409, "no such message"},
	} {
		status, text := post(t, srv, test.act, test.body)
		var answer struct{ Error string }
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Errorf("%s: answered %q: %v", name, text, err)
		}
		if status != test.status || !strings.Contains(answer.Error, test.says) {
			t.Errorf("%s: %d %q, want %d and %q", name, status, answer.Error, test.status, test.says)
		}
		if !strings.HasSuffix(answer.Error, ".") || strings.ToUpper(answer.Error[:1]) != answer.Error[:1] {
			t.Errorf("%s: %q is no sentence", name, answer.Error)
		}
	}
	if status, text := get(t, srv, "/api/inspect?as=ben&ts=9.9&channel="+general); status != http.StatusNotFound || !strings.Contains(text, "no such message") {
		t.Errorf("inspecting a message that is not there: %d %s", status, text)
	}
}

// TestEachSeesTheirOwn: a person is told what stands in their channels, and what they
// alone see, and nothing else.
func TestEachSeesTheirOwn(t *testing.T) {
	t.Parallel()
	world, srv := start(t)
	finance := world.Slack.Channel("#finance").ID()
	if status, text := post(t, srv, "say", `{"as":"carol","channel":"`+finance+`","text":"the books <b>&</b>"}`); status != http.StatusOK {
		t.Fatal(status, text)
	}
	for who, sees := range map[string]bool{"ana": true, "carol": true, "ben": false, "dev": false} {
		st := stateOf(t, srv, who)
		messages, here := st.Messages[finance]
		if here != sees || sees && (len(messages) != 1 || messages[0].Text != "the books &lt;b&gt;&amp;&lt;/b&gt;") {
			t.Errorf("%s sees %v in #finance", who, messages)
		}
		for _, other := range []string{"ana", "ben"} {
			dm := world.Slack.User(other).DM().ID()
			if _, here := st.Messages[dm]; here && other != who {
				t.Errorf("%s sees the direct messages of %s", who, other)
			}
		}
	}
}

// TestLive: two pages are told what happens, in order, and one that was away is told what
// it missed.
func TestLive(t *testing.T) {
	t.Parallel()
	world, srv := start(t)
	general, finance := world.Slack.Channel("#general").ID(), world.Slack.Channel("#finance").ID()
	st := stateOf(t, srv, "ben")
	first, second := follow(t, srv, "ben", st.Seq), follow(t, srv, "ben", st.Seq)
	for _, line := range []string{
		`{"as":"ana","channel":"` + general + `","text":"one"}`,
		`{"as":"ana","channel":"` + finance + `","text":"a secret"}`,
		`{"as":"ana","channel":"` + general + `","text":"two"}`,
	} {
		if status, text := post(t, srv, "say", line); status != http.StatusOK {
			t.Fatal(status, text)
		}
	}
	for _, page := range []<-chan string{first, second, follow(t, srv, "ben", st.Seq)} {
		for _, want := range []string{"one", "two"} {
			if got := next(t, page); got != want {
				t.Errorf("a page is told %q, want %q", got, want)
			}
		}
	}
	if status, text := post(t, srv, "say", `{"as":"ben","channel":"`+general+`","text":"/cal now"}`); status != http.StatusOK {
		t.Fatal(status, text)
	}
	if got := next(t, first); got != "/cal is not a valid command." {
		t.Errorf("who typed it is told %q", got)
	}
	if got := next(t, follow(t, srv, "ben", 1_000_000)); got != "reload" {
		t.Errorf("a page of another run is told %q", got)
	}
}

// follow returns the texts of what a page is told of.
func follow(t *testing.T, srv *httptest.Server, who string, since int) <-chan string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/api/events?as="+who+"&since="+jsonOf(t, since), nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := srv.Client().Do(r) //nolint:bodyclose // whoever reads it closes it
	if err != nil {
		t.Fatal(err)
	}
	if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Fatalf("the stream is %s", kind)
	}
	out := make(chan string, 100)
	go func() {
		defer close(out)
		defer func() { _ = answer.Body.Close() }()
		for sc := bufio.NewScanner(answer.Body); sc.Scan(); {
			data, ok := strings.CutPrefix(sc.Text(), "data: ")
			var h struct {
				Kind, Text string
				Message    struct{ Text string }
			}
			if !ok || json.Unmarshal([]byte(data), &h) != nil {
				continue
			}
			switch h.Kind {
			case "message":
				out <- h.Message.Text
			case "notice":
				out <- h.Text
			case "reload":
				out <- h.Kind
			}
		}
	}()
	return out
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func next(t *testing.T, page <-chan string) string {
	t.Helper()
	select {
	case text := <-page:
		return text
	case <-time.After(20 * time.Second):
		t.Fatal("a page was told nothing")
		return ""
	}
}
