package slackemulator_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// post posts blocks as the app and returns the message as people see it.
func post(t *testing.T, srv *slackemulator.Server, ch *slackemulator.Channel, blocks ...any) slackemulator.Message {
	t.Helper()
	ts := mustOK(t, callJSON(t, srv, "chat.postMessage", args{"channel": ch.ID(), "text": "x", "blocks": blocks}))["ts"].(string)
	m, err := ch.Message(ts)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestChoices picks from every kind of menu and picker, and looks at the field
// in which Slack documents the choice.
func TestChoices(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	ops := srv.AddChannel("#ops", ana)
	a := startModalApp(t, srv)
	options := []any{option("One", "1"), option("Two", "2")}
	people := []args{
		{"type": "static_select", "option_groups": []any{args{"label": args{"type": "plain_text", "text": "G"}, "options": options}}},
		{"type": "multi_static_select", "options": options, "placeholder": args{"type": "plain_text", "text": "Pick"}},
		{"type": "radio_buttons", "options": options},
		{"type": "checkboxes", "options": options},
		{"type": "overflow", "options": options},
		{"type": "datepicker"},
		{"type": "timepicker"},
		{"type": "users_select"},
		{"type": "multi_users_select"},
		{"type": "conversations_select"},
		{"type": "channels_select"},
		{"type": "multi_channels_select"},
		{"type": "external_select"},
	}
	var blocks []any
	for i, el := range people {
		kind := el["type"].(string)
		el["action_id"] = kind
		blocks = append(blocks, args{"type": "section", "block_id": string(rune('a' + i)), "text": args{"type": "plain_text", "text": kind}, "accessory": el})
	}
	m := post(t, srv, ops, blocks...)
	for _, c := range []struct{ kind, choice, field, want string }{
		{"static_select", "Two", "selected_option", `{"text":{"text":"Two","type":"plain_text"},"value":"2"}`},
		{"multi_static_select", "1, Two", "selected_options", `[{"text":{"text":"One","type":"plain_text"},"value":"1"},{"text":{"text":"Two","type":"plain_text"},"value":"2"}]`},
		{"radio_buttons", "2", "selected_option", `{"text":{"text":"Two","type":"plain_text"},"value":"2"}`},
		{"checkboxes", "One", "selected_options", `[{"text":{"text":"One","type":"plain_text"},"value":"1"}]`},
		{"overflow", "One", "selected_option", `{"text":{"text":"One","type":"plain_text"},"value":"1"}`},
		{"datepicker", "2026-03-04", "selected_date", `"2026-03-04"`},
		{"timepicker", "19:30", "selected_time", `"19:30"`},
		{"users_select", "@ana", "selected_user", `"` + ana.ID() + `"`},
		{"multi_users_select", "ana", "selected_users", `["` + ana.ID() + `"]`},
		{"conversations_select", "#ops", "selected_conversation", `"` + ops.ID() + `"`},
		{"channels_select", ops.ID(), "selected_channel", `"` + ops.ID() + `"`},
		{"multi_channels_select", "#ops", "selected_channels", `["` + ops.ID() + `"]`},
		{"external_select", "Zuni", "selected_option", `{"text":{"text":"Zuni","type":"plain_text"},"value":"z"}`},
	} {
		if c.kind == "external_select" {
			a.answers <- args{"option_groups": []any{args{"label": args{"type": "plain_text", "text": "G"}, "options": []any{option("Zuni", "z")}}}}
		}
		r, err := m.Control(c.kind).Choose(deadline(t), ana, c.choice)
		if err != nil {
			t.Errorf("%s: %v", c.kind, err)
			continue
		}
		var payload struct {
			Actions []map[string]json.RawMessage
		}
		if err := json.Unmarshal(r.Envelope().Payload, &payload); err != nil {
			t.Fatal(err)
		}
		if got := string(payload.Actions[0][c.field]); got != c.want {
			t.Errorf("%s: %s = %s, want %s", c.kind, c.field, got, c.want)
		}
	}
	for kind, wrong := range map[string]string{
		"static_select": "Three", "datepicker": "tomorrow", "timepicker": "7pm", "users_select": "@nobody", "channels_select": "#nowhere",
	} {
		if _, err := m.Control(kind).Choose(deadline(t), ana, wrong); err == nil {
			t.Errorf("%s took %q", kind, wrong)
		}
	}
	has(t, m.Plain(), "static_select\n[ Two ]", "multi_static_select\n[ One, Two ]", "users_select\n[ @ana ]", "channels_select\n[ #ops ]", "[ ... One / Two ]")
	a.answers <- args{"options": []any{option("A", "a"), option("B", "b")}}
	if got, err := m.Control("external_select").Suggest(deadline(t), ana, "xyz"); err != nil || !slices.Equal(got, []string{"A", "B"}) {
		t.Errorf("suggested %q, %v", got, err)
	}
}

func TestTwoPeoplePressAtOnce(t *testing.T) {
	srv := newServer(t)
	ana, bob := srv.AddUser("ana"), srv.AddUser("bob")
	ops := srv.AddChannel("#ops", ana, bob)
	a := startModalApp(t, srv)
	card := post(t, srv, ops, args{"type": "actions", "block_id": "acts", "elements": []any{button("Place call", "place")}})
	hers, his := card.Button("Place call"), card.Button("Place call")
	if _, err := hers.Click(deadline(t), ana); err != nil {
		t.Fatal(err)
	}
	mustOK(t, callJSON(t, srv, "chat.update", args{"channel": ops.ID(), "ts": card.TS, "text": "Approved"}))
	if _, err := his.Click(deadline(t), bob); err == nil {
		t.Error("a button that is gone was pressed")
	}
	if _, err := his.ClickAsShown(deadline(t), bob); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"ana", "bob"} {
		if got := (<-a.got)["user"].(args)["name"]; got != want {
			t.Errorf("%v pressed, want %s", got, want)
		}
	}
	if err := card.Button("Nonsense").Err(); err == nil || !strings.Contains(err.Error(), "Place call") {
		t.Errorf("no such button: %v", err)
	}
}

func TestInputsAreChecked(t *testing.T) {
	srv := newServer(t)
	srv.AddUser("ana")
	a := startModalApp(t, srv)
	ctx := deadline(t)
	v := a.open(t, srv, modal("Checks",
		input("number", "Number", "number_input", args{"is_decimal_allowed": true}),
		input("mail", "Mail", "email_text_input", nil),
		input("site", "Site", "url_text_input", nil),
		input("short", "Short", "plain_text_input", args{"max_length": 3}),
		input("long", "Long", "plain_text_input", args{"min_length": 3}),
		input("at", "At", "datetimepicker", nil),
	))
	fill := func(values map[string]string) {
		t.Helper()
		for name, value := range values {
			if err := v.Fill(ctx, name, value); err != nil {
				t.Fatal(err)
			}
		}
	}
	fill(map[string]string{"Number": "x", "Mail": "x", "Site": "x", "Short": "four", "Long": "é", "At": "2026-03-02T19:00:00Z"})
	var invalid slackemulator.ValidationError
	if err := v.Submit(ctx); !errors.As(err, &invalid) || len(invalid) != 5 {
		t.Fatalf("checked: %v", err)
	}
	if want := "the modal was not accepted: long: Must be at least 3 characters.; mail: Please enter a valid value.; "; !strings.HasPrefix(invalid.Error(), want) {
		t.Errorf("it says %q", invalid.Error())
	}
	fill(map[string]string{"Number": "1.5", "Mail": "ana@example.com", "Site": "https://example.com", "Short": "abc", "Long": "abc"})
	has(t, v.Current().Plain(), "At: [ 2026-03-02 19:00 UTC ]")
	if err := v.Submit(ctx); err != nil {
		t.Fatal(err)
	}
	values := (<-a.got)["view"].(args)["state"].(args)["values"].(args)
	if at := values["at"].(args)["at_value"].(args)["selected_date_time"]; at != 1772478000.0 {
		t.Errorf("selected_date_time = %v", at)
	}
	if err := v.Fill(ctx, "Short", "x"); err == nil {
		t.Error("a modal that is closed was filled in")
	}
}

func TestNumbersAreWithinTheirBounds(t *testing.T) {
	srv := newServer(t)
	srv.AddUser("ana")
	a := startModalApp(t, srv)
	v := a.open(t, srv, modal("Checks",
		input("party", "Party", "number_input", args{"is_decimal_allowed": false, "min_value": "1", "max_value": "8"}),
		input("price", "Price", "number_input", args{"is_decimal_allowed": true, "min_value": "-0.5"}),
	))
	for _, test := range []struct{ party, price, wrong string }{
		{"0", "0", "party: Must be at least 1."},
		{"9", "0", "party: Must be at most 8."},
		{"2.5", "0", "party: Please enter a valid value."},
		{"8", "-0.75", "price: Must be at least -0.5."},
		{"8", "-0.25", ""},
	} {
		for field, value := range map[string]string{"Party": test.party, "Price": test.price} {
			if err := v.Fill(deadline(t), field, value); err != nil {
				t.Fatal(err)
			}
		}
		err := v.Submit(deadline(t))
		if test.wrong == "" && err != nil || test.wrong != "" && (err == nil || !strings.HasSuffix(err.Error(), ": "+test.wrong)) {
			t.Errorf("%s and %s: %v, want %q", test.party, test.price, err, test.wrong)
		}
	}
}

func TestDispatchActionTellsTheApp(t *testing.T) {
	srv := newServer(t)
	srv.AddUser("ana")
	a := startModalApp(t, srv)
	v := a.open(t, srv, modal("One", input("when", "When", "plain_text_input", args{"dispatch_action": true})))
	if err := v.Fill(deadline(t), "When", "soon"); err != nil {
		t.Fatal(err)
	}
	told := <-a.got
	if action := told["actions"].([]any)[0].(args); told["type"] != "block_actions" || action["value"] != "soon" {
		t.Errorf("told %v", told)
	}
}

func TestViewsWithExternalID(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana")
	a := startModalApp(t, srv)
	named := modal("One")
	named["external_id"] = "mine"
	a.open(t, srv, named)
	if _, err := ana.Shortcut(deadline(t), "New call"); err != nil {
		t.Fatal(err)
	}
	wantError(t, callJSON(t, srv, "views.open", args{"trigger_id": (<-a.got)["trigger_id"], "view": named}), "duplicate_external_id")
	mustOK(t, callJSON(t, srv, "views.update", args{"external_id": "mine", "view": modal("Two")}))
	if v, _ := ana.View(); v.Title != "Two" {
		t.Errorf("the modal is %q", v.Title)
	}
}

func TestPeopleAndPlaces(t *testing.T) {
	srv := newServer(t)
	ana := srv.AddUser("ana", slackemulator.WorkspaceAdmin())
	bob := srv.AddUser("bob")
	ops := srv.AddChannel("#ops", ana)
	if _, err := bob.Post("#ops", "x"); err == nil {
		t.Error("bob wrote where he is not")
	}
	ops.Join(bob)
	m, err := bob.Post("#ops", "hello @ana")
	if err != nil || m.Plain() != "hello @ana" || !slices.Equal(m.Notified, []string{"@ana"}) {
		t.Errorf("bob's message = %+v, %v", m, err)
	}
	if _, err := m.Thread().Post(ana, "hi"); err != nil {
		t.Error(err)
	}
	if got := m.Thread().Messages(); len(got) != 1 || got[0].Thread().TS() != m.TS {
		t.Errorf("thread = %v", got)
	}
	if got := ops.Members(); !slices.Equal(got, []string{"ana", "bob", "callbot"}) {
		t.Errorf("members = %v", got)
	}
	ops.Leave(bob)
	if srv.User("@ana").ID() != ana.ID() || srv.Channel(ops.ID()).Name() != "#ops" {
		t.Error("names and IDs do not lead to the same")
	}
	if _, err := srv.LookupUser("callbot"); err == nil {
		t.Error("the bot is a person")
	}
	if _, err := srv.LookupChannel("#nowhere"); err == nil {
		t.Error("a channel was found that does not exist")
	}
	bob.Deactivate()
	wantError(t, callJSON(t, srv, "conversations.open", args{"users": bob.ID()}), "user_disabled")
	if info := mustOK(t, callJSON(t, srv, "users.info", args{"user": ana.ID(), "include_locale": true}))["user"].(args); info["is_admin"] != true || info["locale"] != "en-US" {
		t.Errorf("ana = %v", info)
	}
}
