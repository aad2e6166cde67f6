package slackemulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

func input(block, label, kind string, more args) args {
	element := args{"type": kind, "action_id": block + "_value"}
	in := args{"type": "input", "block_id": block, "label": args{"type": "plain_text", "text": label}, "element": element}
	for k, v := range more {
		if k == "optional" || k == "dispatch_action" {
			in[k] = v
		} else {
			element[k] = v
		}
	}
	return in
}

// modalApp acks every envelope; what arrives can be read, and what it answers set.
type modalApp struct {
	got     chan args
	answers chan any
}

func startModalApp(t *testing.T, srv *slackemulator.Server) *modalApp {
	t.Helper()
	a := &modalApp{got: make(chan args, 20), answers: make(chan any, 20)}
	w, _ := connect(t, srv)
	go func() {
		for msg := w.next(); msg != nil; msg = w.next() {
			var payload any
			select {
			case payload = <-a.answers:
			default:
			}
			w.ack(msg, payload)
			a.got <- msg["payload"].(args)
		}
	}()
	return a
}

// open lets ana use the shortcut and the app open a modal.
func (a *modalApp) open(t *testing.T, srv *slackemulator.Server, view args) slackemulator.View {
	t.Helper()
	ana := srv.User("ana")
	if _, err := ana.Shortcut(deadline(t), "New call"); err != nil {
		t.Fatal(err)
	}
	mustOK(t, callJSON(t, srv, "views.open", args{"trigger_id": (<-a.got)["trigger_id"], "view": view}))
	v, err := ana.WaitView(deadline(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTriggers(t *testing.T) {
	clock := slackemulator.NewManualClock(someDay)
	srv := newServer(t, slackemulator.WithClock(clock))
	ana := srv.AddUser("ana")
	a := startModalApp(t, srv)
	for range 2 {
		if _, err := ana.Shortcut(deadline(t), "new_call"); err != nil {
			t.Fatal(err)
		}
	}
	first, second := (<-a.got)["trigger_id"], (<-a.got)["trigger_id"]
	mustOK(t, callJSON(t, srv, "views.open", args{"trigger_id": first, "view": modal("One")}))
	wantError(t, callJSON(t, srv, "views.open", args{"trigger_id": first, "view": modal("Two")}), "exchanged_trigger_id")
	clock.Advance(3*time.Second + time.Millisecond)
	wantError(t, callJSON(t, srv, "views.open", args{"trigger_id": second, "view": modal("Two")}), "expired_trigger_id")
	big := modal("Big")
	big["private_metadata"] = strings.Repeat("x", 260_000)
	if _, err := ana.Shortcut(deadline(t), "new_call"); err != nil {
		t.Fatal(err)
	}
	wantError(t, callJSON(t, srv, "views.open", args{"trigger_id": (<-a.got)["trigger_id"], "view": big}), "view_too_large")
}

func TestModalIsFilledAndSubmitted(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	ops := srv.AddChannel("#ops", ana)
	a := startModalApp(t, srv)
	ctx := deadline(t)
	v := a.open(t, srv, modal("New call",
		input("number", "Number", "plain_text_input", args{"min_length": 3}),
		input("objective", "Objective", "plain_text_input", args{"multiline": true, "initial_value": "Ask"}),
		input("when", "When", "radio_buttons", args{"options": []any{option("Now", "now"), option("Later", "later")}}),
		input("day", "Day", "datepicker", args{"optional": true}),
		input("where", "Where", "conversations_select", args{"response_url_enabled": true}),
		input("tags", "Tags", "checkboxes", args{"optional": true, "options": []any{option("A", "a"), option("B", "b")}}),
	))
	var invalid slackemulator.ValidationError
	if err := v.Submit(ctx); !errors.As(err, &invalid) || invalid["number"] == "" || invalid["when"] == "" || invalid["objective"] != "" || invalid["day"] != "" {
		t.Errorf("an empty form: %v", err)
	}
	for name, value := range map[string]string{"Number": "+1 415 555 0132", "when": "Later", "Day": "2026-03-04", "where": "#ops", "Tags": "A,b"} {
		if err := v.Fill(ctx, name, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Fill(ctx, "when", "Never"); err == nil {
		t.Error("an option that does not exist was chosen")
	}
	has(t, v.Current().Plain(), "New call\n", "Number: [ +1 415 555 0132 ]", "Objective: [ Ask ]", "When: [ Later ]", "Where: [ #ops ]", "Tags: [ A, B ]", "[ Go ]")

	a.answers <- args{"response_action": "errors", "errors": args{"number": "No such number"}}
	if err := v.Submit(ctx); !errors.As(err, &invalid) || invalid["number"] != "No such number" {
		t.Errorf("the app's errors: %v", err)
	}
	<-a.got
	a.answers <- args{"response_action": "errors", "errors": args{"nonsense": "x"}}
	if err := v.Submit(ctx); err == nil || errors.As(err, new(slackemulator.ValidationError)) {
		t.Errorf("errors for a block that does not exist: %v", err)
	}
	<-a.got
	if err := v.Submit(ctx); err != nil {
		t.Fatal(err)
	}
	payload := <-a.got
	values := payload["view"].(args)["state"].(args)["values"].(args)
	if n := values["number"].(args)["number_value"].(args)["value"]; n != "+1 415 555 0132" {
		t.Errorf("number = %v", n)
	}
	if d := values["day"].(args)["day_value"].(args); d["selected_date"] != "2026-03-04" || d["type"] != "datepicker" {
		t.Errorf("day = %v", d)
	}
	if tags := values["tags"].(args)["tags_value"].(args)["selected_options"].([]any); len(tags) != 2 {
		t.Errorf("tags = %v", tags)
	}
	urls := payload["response_urls"].([]any)
	if len(urls) != 1 || urls[0].(args)["channel_id"] != ops.ID() {
		t.Errorf("response_urls = %v", urls)
	}
	for _, k := range []string{"type", "user", "team", "view", "api_app_id", "trigger_id", "is_enterprise_install", "enterprise", "token"} {
		if _, ok := payload[k]; !ok {
			t.Errorf("view_submission has no %s", k)
		}
	}
	if _, open := ana.View(); open {
		t.Error("the modal is still open")
	}
}

func TestModalsAreStacked(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	a := startModalApp(t, srv)
	ctx := deadline(t)
	title := func() string {
		v, _ := ana.View()
		return v.Title
	}
	closing := modal("One", args{"type": "actions", "block_id": "more", "elements": []any{button("More", "more")}})
	closing["notify_on_close"] = true
	v := a.open(t, srv, closing)
	if _, err := v.Button("More").Click(ctx, ana); err != nil {
		t.Fatal(err)
	}
	click := <-a.got
	if c := click["container"].(args); c["type"] != "view" || c["view_id"] != v.ID || click["view"] == nil || click["message"] != nil {
		t.Errorf("payload = %v", click)
	}
	pushed := mustOK(t, callJSON(t, srv, "views.push", args{"trigger_id": click["trigger_id"], "view": modal("Two")}))["view"].(args)
	if pushed["root_view_id"] != v.ID || pushed["previous_view_id"] != v.ID {
		t.Errorf("pushed = %v", pushed)
	}
	two, _ := ana.View()
	a.answers <- args{"response_action": "push", "view": modal("Three")}
	if err := two.Submit(ctx); err != nil || title() != "Three" {
		t.Fatalf("pushed by a submission: %v, %s", err, title())
	}
	<-a.got
	three, _ := ana.View()
	a.answers <- args{"response_action": "push", "view": modal("Four")}
	if err := three.Submit(ctx); err == nil {
		t.Error("a fourth modal was pushed")
	}
	<-a.got
	a.answers <- args{"response_action": "update", "view": modal("Three, again")}
	if err := three.Submit(ctx); err != nil || title() != "Three, again" {
		t.Fatalf("updated by a submission: %v, %s", err, title())
	}
	<-a.got
	if err := three.Submit(ctx); err != nil || title() != "Two" {
		t.Fatalf("after the submission: %v, %s", err, title())
	}
	<-a.got
	if err := two.Close(ctx); err != nil || title() != "One" {
		t.Fatalf("after closing: %v, %s", err, title())
	}
	if err := v.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if closed := <-a.got; closed["type"] != "view_closed" || closed["is_cleared"] != false {
		t.Errorf("payload = %v", closed)
	}
	v = a.open(t, srv, modal("One"))
	a.answers <- args{"response_action": "clear"}
	if err := v.Submit(ctx); err != nil || title() != "" {
		t.Errorf("after clear: %v, %s", err, title())
	}
}

func TestViewUpdate(t *testing.T) {
	srv := newServer(t)
	srv.AddUser("ana")
	a := startModalApp(t, srv)
	ctx := deadline(t)
	v := a.open(t, srv, modal("One", input("number", "Number", "plain_text_input", nil)))
	if err := v.Fill(ctx, "Number", "123"); err != nil {
		t.Fatal(err)
	}
	updated := mustOK(t, callJSON(t, srv, "views.update", args{"view_id": v.ID, "view": modal("Two",
		input("number", "Number", "plain_text_input", nil), input("more", "More", "plain_text_input", nil))}))["view"].(args)
	if got := v.Current().Plain(); !strings.Contains(got, "Two\nNumber: [ 123 ]\nMore: [  ]") {
		t.Errorf("after the update: %q", got)
	}
	hash := updated["hash"]
	mustOK(t, callJSON(t, srv, "views.update", args{"view_id": v.ID, "hash": hash, "view": modal("Three")}))
	wantError(t, callJSON(t, srv, "views.update", args{"view_id": v.ID, "hash": hash, "view": modal("Four")}), "hash_conflict")
}

func TestSuggestions(t *testing.T) {
	srv := newServer(t)
	srv.AddUser("ana")
	a := startModalApp(t, srv)
	ctx := deadline(t)
	v := a.open(t, srv, modal("One", input("who", "Who", "external_select", args{"min_query_length": 1})))
	a.answers <- args{"options": []any{option("Zuni Café", "z")}}
	if err := v.Fill(ctx, "Who", "Zuni Café"); err != nil {
		t.Fatal(err)
	}
	if asked := <-a.got; asked["type"] != "block_suggestion" || asked["value"] != "Zuni Café" || asked["block_id"] != "who" {
		t.Errorf("asked %v", asked)
	}
	if err := v.Submit(ctx); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(<-a.got)
	if err != nil {
		t.Fatal(err)
	}
	has(t, string(data), `"selected_option":{"text":{"text":"Zuni Café","type":"plain_text"},"value":"z"}`)
}

// TestOptionsThatSlackRefuses: what is typed is answered with a list of options, within
// their limits; nothing is asked before as much is typed as the menu says.
func TestOptionsThatSlackRefuses(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	a := startModalApp(t, srv)
	v := a.open(t, srv, modal("One",
		input("who", "Who", "external_select", args{"min_query_length": 0}),
		input("more", "More", "external_select", nil)))
	many := make([]any, 101)
	for i := range many {
		many[i] = option("x", fmt.Sprint(i))
	}
	for name, answer := range map[string]any{
		"nothing":           nil,
		"no list":           args{},
		"both lists":        args{"options": []any{}, "option_groups": []any{}},
		"no value":          args{"options": []any{args{"text": args{"type": "plain_text", "text": "x"}}}},
		"a long value":      args{"options": []any{option("x", strings.Repeat("x", 151))}},
		"a long label":      args{"options": []any{option(strings.Repeat("x", 76), "x")}},
		"a label of mrkdwn": args{"options": []any{args{"value": "x", "text": args{"type": "mrkdwn", "text": "x"}}}},
		"too many":          args{"options": many},
	} {
		a.answers <- answer
		if got, err := v.Control("who").Suggest(deadline(t), ana, ""); err == nil {
			t.Errorf("%s: offered %q", name, got)
		}
		<-a.got
	}
	a.answers <- args{"options": []any{}}
	if got, err := v.Control("who").Suggest(deadline(t), ana, ""); err != nil || len(got) != 0 {
		t.Errorf("none: %q, %v", got, err)
	}
	<-a.got
	if _, err := v.Control("more").Suggest(deadline(t), ana, "xy"); err == nil || !strings.Contains(err.Error(), "from 3 characters") {
		t.Errorf("asked for two characters: %v", err)
	}
	a.answers <- args{"options": []any{option("Zuni Café", "z")}}
	if err := v.FillTyping(deadline(t), "More", "zuni", "Zuni Café"); err != nil {
		t.Fatal(err)
	}
	if asked := <-a.got; asked["value"] != "zuni" {
		t.Errorf("asked for %v", asked["value"])
	}
	has(t, v.Current().Plain(), "More: [ Zuni Café ]")
}

func TestHome(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	startModalApp(t, srv)
	if _, published := ana.Home(); published {
		t.Error("there is a Home tab already")
	}
	mustOK(t, callJSON(t, srv, "views.publish", args{"user_id": ana.ID(), "view": home("*Hello*")}))
	v, err := ana.WaitHome(deadline(t), func(v slackemulator.View) bool { return v.Plain() == "Hello" })
	if err != nil {
		t.Fatal(err)
	}
	second := mustOK(t, callJSON(t, srv, "views.publish", args{"user_id": ana.ID(), "view": home("Again")}))["view"].(args)
	if second["id"] != v.ID || v.Current().Plain() != "Again" {
		t.Errorf("published %v", second)
	}
	wantError(t, callJSON(t, srv, "views.publish", args{"user_id": ana.ID(), "hash": "1.x", "view": home("x")}), "hash_conflict")
}
