package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/bot"
	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// earlier are calls from before, as they are asked for.
type earlier struct {
	list   []call.Called
	asked  []string
	origin call.Origin
	fail   error
}

func (p *earlier) Called(_ context.Context, by call.UserID, conversation string) ([]call.Called, error) {
	p.asked = append(p.asked, string(by)+" in "+conversation)
	return p.list, p.fail
}

func (p *earlier) Origin(context.Context, call.ID) (call.Origin, error) { return p.origin, p.fail }

// formDesk is an app with all that forms need.
type formDesk struct {
	*testing.T
	app   *bot.App
	kept  *kept
	forms *forms
	told  *whisper
	past  *earlier
	now   time.Time
}

func newFormDesk(t *testing.T, p call.Policy) *formDesk {
	t.Helper()
	us, err := phone.ParseCountries("US")
	if err != nil {
		t.Fatal(err)
	}
	d := &formDesk{T: t, kept: newKept(), forms: &forms{}, told: &whisper{}, past: &earlier{}, now: time.Date(2026, 11, 24, 18, 12, 0, 0, time.UTC)}
	d.app = bot.New(bot.Config{
		Service: call.NewService(d.kept, call.Rules{Countries: us, Who: p}, time.Hour, func() time.Time { return d.now }),
		Slack:   d.told, Views: d.forms, Past: d.past, Policy: p,
		Region: "US", Logger: slog.New(slog.DiscardHandler),
	})
	d.app.SetTeam("T1")
	return d
}

// say types a command and returns what is answered.
func (d *formDesk) say(text string) string {
	d.Helper()
	return answerIn(d.T, d.app.Handle(d.Context(), slash(d.T, text, fmt.Sprint(clicks.Add(1)))))
}

// press presses a button of the last call.
func (d *formDesk) press(action, user string) {
	d.Helper()
	c := d.kept.calls[d.kept.last]
	d.app.Handle(d.Context(), clicked(d.T, action, fmt.Sprintf("%s:%d", c.ID, c.Revision), user, ""))
	d.app.Wait()
}

// opened is the form that was opened last.
func (d *formDesk) opened() slack.ModalViewRequest {
	d.Helper()
	if len(d.forms.opened) == 0 {
		d.Fatal("no form was opened")
	}
	return d.forms.opened[len(d.forms.opened)-1]
}

// content is what a form is filled in with, by its fields.
type content map[string]any

var right = content{"number": "(415) 555-0132", "objective": "Ask about hours"}

func (c content) with(fields content) content {
	c = maps.Clone(c)
	maps.Copy(c, fields)
	return c
}

// payload is the form as Slack sends it, filled in.
func (d *formDesk) payload(kind, view, user, meta string, c content) map[string]any {
	d.Helper()
	values := map[string]any{}
	for name, v := range c {
		block, field := name, map[string]any{"type": "plain_text_input", "value": v}
		if name == "seen" {
			field = map[string]any{"type": "radio_buttons", "selected_option": map[string]any{"value": v}}
		}
		if name == "start" {
			block, field = "when", map[string]any{"type": "datetimepicker", "selected_date_time": v}
		}
		values[block] = map[string]any{name: field}
	}
	text := func(s string) map[string]any { return map[string]any{"type": "plain_text", "text": s} }
	return map[string]any{
		"type": kind, "user": map[string]any{"id": user, "team_id": "T1"}, "team": map[string]any{"id": "T1"}, "trigger_id": fmt.Sprint(clicks.Add(1)),
		"view": map[string]any{
			"id": view, "type": "modal", "callback_id": "call", "private_metadata": meta, "hash": "h1",
			"title": text("Place a call"), "submit": text("Make the card"), "close": text("Cancel"),
			"blocks": []any{map[string]any{"type": "section", "block_id": "note", "text": text("Please look.")}},
			"state":  map[string]any{"values": values},
		},
	}
}

func (d *formDesk) handle(payload map[string]any) socketmode.Ack {
	d.Helper()
	raw, err := json.Marshal(payload)
	if err != nil {
		d.Fatal(err)
	}
	return d.app.Handle(d.Context(), socketmode.Envelope{ID: "v1", Type: socketmode.TypeInteractive, Payload: raw, AcceptsResponsePayload: true})
}

// send sends a form, and returns what is said at its fields.
func (d *formDesk) send(view, user, meta string, c content) map[string]string {
	d.Helper()
	ack := d.handle(d.payload("view_submission", view, user, meta, c))
	if ack.Payload == nil {
		return nil
	}
	r, ok := ack.Payload.(*slack.ViewSubmissionResponse)
	if !ok || r.ResponseAction != slack.RAErrors || len(r.Errors) == 0 {
		d.Fatalf("%+v", ack.Payload)
	}
	return r.Errors
}

const hereMeta = `{"c":"C1"}`

// TestWhoGetsAForm: whoever may not use callbot where they are is told at once, as far as
// that is known without asking.
func TestWhoGetsAForm(t *testing.T) {
	d := newFormDesk(t, call.Policy{Channels: []string{"C9"}})
	if got := d.say(""); !strings.Contains(got, "can't be used in this conversation") || len(d.forms.opened) != 0 {
		t.Errorf("elsewhere: %q, %d forms", got, len(d.forms.opened))
	}
	d = newFormDesk(t, call.Policy{})
	if ack := d.app.Handle(t.Context(), changed(t, slash(t, "", "1"), map[string]any{"team_id": "T2"})); !strings.Contains(answerIn(t, ack), "another workspace") || len(d.forms.opened) != 0 {
		t.Errorf("from another workspace: %+v, %d forms", ack, len(d.forms.opened))
	}
	if got := d.say("  "); got != "" || !strings.Contains(d.opened().PrivateMetadata, `"c":"C1"`) || !strings.Contains(d.opened().PrivateMetadata, "hooks.slack.com") {
		t.Errorf("%q, %+v", got, d.opened())
	}
	if got := d.say("Pay with 4111 1111 1111 1111"); !strings.Contains(got, "payment card") || len(d.forms.opened) != 1 {
		t.Errorf("%q, %d forms", got, len(d.forms.opened))
	}
	d.forms.fail = errors.New("expired_trigger_id")
	for text, want := range map[string]string{"": "I place real phone calls.", "(415) 555-0132": "Say what the call is for", "help me out": "I found no phone number"} {
		if got := d.say(text); !strings.Contains(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
	if len(d.kept.calls) != 0 {
		t.Errorf("%d calls", len(d.kept.calls))
	}
}

// TestFormSent: what is wrong is told at its field, and what is right is one card.
func TestFormSent(t *testing.T) {
	hour := func(n int64) int64 { return time.Date(2026, 11, 24, 18, 12, 0, 0, time.UTC).Unix() + n*3600 }
	allowed := call.Policy{Allowed: call.People{Users: []call.UserID{"U1"}}}
	for name, tc := range map[string]struct {
		user, meta string
		content    content
		says       map[string]string
	}{
		"all of it":                {"U1", hereMeta, right.with(content{"business": "Zuni Café", "website": "zuni.example", "start": hour(3)}), nil},
		"no more than it takes":    {"U1", hereMeta, right.with(content{"business": nil, "website": nil, "start": nil}), nil},
		"for few":                  {"U1", hereMeta, right.with(content{"seen": "few"}), nil},
		"nothing":                  {"U1", hereMeta, content{"number": nil, "objective": nil}, map[string]string{"number": "not a phone number", "objective": "Say what the call is for"}},
		"words for a number":       {"U1", hereMeta, right.with(content{"number": "Zuni"}), map[string]string{"number": "not a phone number"}},
		"number and words":         {"U1", hereMeta, right.with(content{"number": "call (415) 555-0132"}), map[string]string{"number": "Only the phone number"}},
		"two numbers":              {"U1", hereMeta, right.with(content{"number": "(415) 555-0132, (415) 555-0133"}), map[string]string{"number": "Only the phone number"}},
		"a number abroad":          {"U1", hereMeta, right.with(content{"number": "+44 20 7946 0958"}), map[string]string{"number": "CALLBOT_COUNTRIES"}},
		"a number for emergencies": {"U1", hereMeta, right.with(content{"number": "nine one one"}), map[string]string{"number": "emergency number"}},
		"two things at once":       {"U1", hereMeta, content{"number": "415-555-013", "objective": "12"}, map[string]string{"number": "too short", "objective": "Say what"}},
		"card numbers": {"U1", hereMeta, content{"number": "4111 1111 1111 1111", "objective": "Pay with 4111111111111111", "business": "4111111111111111", "website": "https://a.example/4111111111111111"}, map[string]string{
			"number": "payment card", "objective": "payment card", "business": "payment card", "website": "payment card",
		}},
		"too long": {"U1", hereMeta, right.with(content{"objective": strings.Repeat("a ", 1001), "business": strings.Repeat("b", 201), "website": "https://a.example/" + strings.Repeat("c", 500)}), map[string]string{
			"objective": "2001 characters", "business": "201 characters", "website": "518 characters",
		}},
		"no address":            {"U1", hereMeta, right.with(content{"website": "Zuni"}), map[string]string{"website": "not the address"}},
		"a time that is over":   {"U1", hereMeta, right.with(content{"start": hour(-1)}), map[string]string{"when": "has passed"}},
		"a time too far":        {"U1", hereMeta, right.with(content{"start": hour(721)}), map[string]string{"when": "30 days"}},
		"a time beyond all":     {"U1", hereMeta, right.with(content{"start": int64(1) << 62}), map[string]string{"when": "30 days"}},
		"a time before all":     {"U1", hereMeta, right.with(content{"start": -1}), map[string]string{"when": "has passed"}},
		"opened nowhere":        {"U1", "", right, map[string]string{"number": "where this form was opened"}},
		"metadata of another":   {"U1", "k3v9x2m7q4w8z1p5", right, map[string]string{"number": "where this form was opened"}},
		"by who may not":        {"U2", hereMeta, right, map[string]string{"number": "not among those who may use callbot"}},
		"by nobody":             {"", hereMeta, right, map[string]string{"number": "who you are"}},
		"of a card that is not": {"U1", `{"e":"nonesuch:1"}`, right, map[string]string{"number": "I can't find that call"}},
		"of no card":            {"U1", `{"e":"<@U1>"}`, right, map[string]string{"number": "which call that belongs to"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newFormDesk(t, allowed)
			said := d.send("V1", tc.user, tc.meta, tc.content)
			for block, says := range tc.says {
				if !strings.Contains(said[block], says) {
					t.Errorf("%s: %q, want %q", block, said[block], says)
				}
			}
			if len(said) != len(tc.says) {
				t.Errorf("said %v", said)
			}
			if strings.Contains(fmt.Sprint(said), "4111") {
				t.Errorf("repeated: %v", said)
			}
			if made := len(d.kept.calls) == 1; made != (len(tc.says) == 0) {
				t.Errorf("%d calls", len(d.kept.calls))
			}
		})
	}
}

// TestWhatAFormMakes is what a command makes, where the form was opened.
func TestWhatAFormMakes(t *testing.T) {
	d := newFormDesk(t, call.Policy{})
	start := d.now.Add(3 * time.Hour)
	meta := `{"c":"C7","t":"1.1","r":"https://evil.example/x"}`
	if said := d.send("V1", "U1", meta, right.with(content{"number": "415.555.0132 ext. 12", "objective": " Ask & see https://a.example \n", "business": " Zuni\u2028Café ", "start": start.Unix()})); said != nil {
		t.Fatal(said)
	}
	c := d.kept.calls[d.kept.last]
	want := call.Request{Requester: "U1", Number: c.Number, Extension: "12", Objective: "Ask & see https://a.example", Business: "Zuni Café", Website: "https://a.example"}
	if c.Request != want || c.Number.E164() != "+14155550132" || !c.StartAt.Equal(start) || c.Status != call.Requested {
		t.Errorf("%+v", c)
	}
	if o := d.kept.origin; o.Conversation != "C7" || o.Thread != "1.1" || o.Reply != "" {
		t.Errorf("%+v", o)
	}
	for seen, want := range map[string]bool{"all": false, "few": true, "others": false} {
		if said := d.send("V"+seen, "U1", hereMeta, right.with(content{"seen": seen})); said != nil || d.kept.calls[d.kept.last].Private != want {
			t.Errorf("%s: private %t, said %v", seen, d.kept.calls[d.kept.last].Private, said)
		}
	}
}

// TestACallFormThatIsSentTwice is one card; another form, or another content, is another.
func TestACallFormThatIsSentTwice(t *testing.T) {
	d := newFormDesk(t, call.Policy{})
	other := right.with(content{"objective": "Ask about parking"})
	for i, step := range []struct {
		view    string
		content content
		calls   int
	}{{"V1", right, 1}, {"V1", right, 1}, {"V2", right, 2}, {"V1", other, 3}, {"V1", other, 3}} {
		if said := d.send(step.view, "U1", hereMeta, step.content); said != nil || len(d.kept.calls) != step.calls {
			t.Errorf("step %d: %d calls, said %v", i, len(d.kept.calls), said)
		}
	}
	d.kept.fail = call.ErrUnclear
	if ack := d.handle(d.payload("view_submission", "V3", "U1", hereMeta, right)); ack != socketmode.NoAck {
		t.Errorf("a commit of unknown outcome is acked: %+v", ack)
	}
	d.kept.fail = &call.Error{Code: call.Unavailable, Sentence: "Nothing was saved, please try again."}
	if said := d.send("V3", "U1", hereMeta, right); said["number"] != "Nothing was saved, please try again." {
		t.Errorf("said %v", said)
	}
}

// TestFormsFromAnotherWorkspace make nothing, and are not opened there.
func TestFormsFromAnotherWorkspace(t *testing.T) {
	d := newFormDesk(t, call.Policy{})
	abroad := map[string]any{"id": "U1", "team_id": "T2"}
	for form, at := range map[string]struct{ field, meta string }{
		"call":       {"number", hereMeta},
		"never_call": {"reason", "call1"},
		"share":      {"share_in", "call1"},
	} {
		p := d.payload("view_submission", "V1", "U1", at.meta, right.with(content{at.field: "They asked us"}))
		p["user"], p["view"].(map[string]any)["callback_id"] = abroad, form
		ack := d.handle(p)
		if r, ok := ack.Payload.(*slack.ViewSubmissionResponse); !ok || !strings.Contains(r.Errors[at.field], "another workspace") || len(d.kept.calls) != 0 {
			t.Errorf("%s: %+v, %d calls", form, ack.Payload, len(d.kept.calls))
		}
	}
	for kind, name := range map[string]string{"message_action": "call_about", "shortcut": "place_call"} {
		p := d.payload(kind, "", "U1", "", nil)
		p["user"], p["callback_id"], p["channel"] = abroad, name, map[string]any{"id": "C1"}
		d.handle(p)
		d.app.Wait()
	}
	if len(d.forms.opened) != 0 || len(d.told.told) != 2 {
		t.Errorf("%d forms are open, told %q", len(d.forms.opened), d.told.told)
	}
}

// TestWhoIsAskedWhoSeesIt: nobody, where there is no choice.
func TestWhoIsAskedWhoSeesIt(t *testing.T) {
	asked := func(d *formDesk) bool { return strings.Contains(formText(d.T, d.opened()), "Who sees it?") }
	d := newFormDesk(t, call.Policy{})
	d.say("")
	if !asked(d) {
		t.Error("in a channel nobody is asked")
	}
	d.app.Handle(t.Context(), changed(t, slash(t, "", "dm"), map[string]any{"channel_id": "D1"}))
	if asked(d) {
		t.Error("in a direct message somebody is asked")
	}
	d.say("(415) 555-0132 Ask about hours")
	c := d.kept.calls[d.kept.last]
	c.Private = true
	d.kept.calls[c.ID] = c
	d.press("edit", "U1")
	if asked(d) {
		t.Error("who edits is asked")
	}
	meta := d.opened().PrivateMetadata
	if said := d.send("V1", "U1", meta, right.with(content{"seen": "all"})); said != nil || !d.kept.calls[c.ID].Private {
		t.Errorf("an edit made it public, said %v", said)
	}
	d.ended(call.Result{Outcome: call.Achieved})
	d.past.origin = call.Origin{Conversation: "C7"}
	d.press("call_again", "U1")
	if text := formText(t, d.opened()); !asked(d) || !strings.Contains(text, `"initial_option":{"text":{"type":"plain_text","text":"Private: only me and who approves it"`) {
		t.Errorf("called again, it is not private: %s", text)
	}
	everything := call.Rules{Countries: wholeWorld(t), Private: true}
	d.app = bot.New(bot.Config{Service: call.NewService(d.kept, everything, time.Hour, time.Now), Slack: d.told, Views: d.forms, Region: "US", Logger: slog.New(slog.DiscardHandler)})
	if d.say(""); asked(d) {
		t.Error("where every call is private somebody is asked")
	}
}

// TestEdit: the form of a card is for who asked for the call; what is sent too late
// changes nothing.
func TestEdit(t *testing.T) {
	d := newFormDesk(t, call.Policy{Approval: call.ByAnyone})
	if got := d.say(`(415) 555-0132 x12 Ask about hours at "Zuni"`); got != "" {
		t.Fatal(got)
	}
	d.press("edit", "U2")
	if len(d.forms.opened) != 0 || len(d.told.told) != 1 {
		t.Fatalf("%d forms, told %v", len(d.forms.opened), d.told.told)
	}
	d.press("edit", "U1")
	meta := d.opened().PrivateMetadata
	if text := formText(t, d.opened()); !strings.Contains(text, `"initial_value":"(415) 555-0132 x12"`) || !strings.Contains(text, `"initial_value":"Zuni"`) {
		t.Error(text)
	}
	changes := right.with(content{"objective": "Ask about parking"})
	if said := d.send("V1", "U2", meta, changes); !strings.Contains(said["number"], "Only the person who asked") {
		t.Errorf("somebody else sent it: %v", said)
	}
	for range 2 { // also if Slack sends it twice
		if said := d.send("V1", "U1", meta, changes); said != nil {
			t.Errorf("said %v", said)
		}
	}
	c := d.kept.calls[d.kept.last]
	if c.Objective != "Ask about parking" || c.Extension != "" || c.Business != "" || c.Revision != 2 || c.Version != 2 || c.Requester != "U1" {
		t.Errorf("%+v", c)
	}
	if said := d.send("V2", "U1", meta, right); !strings.Contains(said["number"], "has changed") || !strings.Contains(said["number"], "Your changes were not saved.") {
		t.Errorf("of the card before: %v", said)
	}
	d.press("approve", "U2")
	d.press("edit", "U1")
	if len(d.forms.opened) != 1 {
		t.Errorf("%d forms: what is approved cannot be edited", len(d.forms.opened))
	}
	meta = strings.Replace(meta, ":1", ":2", 1)
	if said := d.send("V3", "U1", meta, right); !strings.Contains(said["number"], "already approved") || d.kept.calls[d.kept.last].Objective != "Ask about parking" {
		t.Errorf("too late: %v", said)
	}
}

// ended makes the last call one that has ended.
func (d *formDesk) ended(r call.Result) {
	d.Helper()
	c := d.kept.calls[d.kept.last]
	c.Status, c.ProviderID, c.Approver, c.Result = call.Completed, "cl_1", "U1", r
	d.kept.calls[c.ID] = c
}

// TestCallAgain: a form filled in from a call makes a card of its own, where the call was
// asked for.
func TestCallAgain(t *testing.T) {
	d := newFormDesk(t, call.Policy{})
	d.past.origin = call.Origin{Conversation: "C7", Thread: "1.1"}
	d.say(`(415) 555-0132 Ask about hours at "Zuni"`)
	d.press("call_again", "U1")
	if len(d.forms.opened) != 0 || len(d.told.told) != 1 {
		t.Fatalf("before it has ended: %d forms", len(d.forms.opened))
	}
	d.ended(call.Result{Outcome: call.Partial, Summary: "They <!channel> close at 8."})
	for action, want := range map[string][]string{
		"call_again": {`"Call again"`, `"initial_value":"Ask about hours"`},
		"call_back":  {`"Call back later"`, `"initial_value":"Ask about hours"`, fmt.Sprintf(`"initial_date_time":%d`, time.Date(2026, 11, 24, 18, 45, 0, 0, time.UTC).Unix())},
		"try_with":   {`"Try again"`, `Ask about hours\n\nWhat came of the last call: “They \u003c!channel\u003e close at 8.”"`},
	} {
		d.press(action, "U2")
		text := formText(t, d.opened())
		for _, w := range append(want, `\"c\":\"C7\",\"t\":\"1.1\"`, `"initial_value":"(415) 555-0132"`) {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %s in %s", action, w, text)
			}
		}
	}
	first := d.kept.last
	if said := d.send("V1", "U2", d.opened().PrivateMetadata, right); said != nil {
		t.Fatal(said)
	}
	if c := d.kept.calls[d.kept.last]; d.kept.last == first || c.Requester != "U2" || c.Status != call.Requested || d.kept.calls[first].Status != call.Completed {
		t.Errorf("%+v", c)
	}
	opened := len(d.forms.opened)
	d.kept.last, d.past.fail = first, errors.New("the database is away")
	d.press("call_again", "U1")
	if len(d.forms.opened) != opened || len(d.told.told) != 2 {
		t.Errorf("%d forms, told %v", len(d.forms.opened), d.told.told)
	}
}

// offered is what an ack offers in a menu.
func offered(t *testing.T, a socketmode.Ack) []string {
	t.Helper()
	raw, err := json.Marshal(a.Payload)
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Options *[]struct {
			Text struct{ Text string }
		}
	}
	if err := json.Unmarshal(raw, &r); err != nil || r.Options == nil {
		t.Fatalf("%s, %v", raw, err)
	}
	var labels []string
	for _, o := range *r.Options {
		labels = append(labels, o.Text.Text)
	}
	return labels
}

// TestSuggest: nobody is offered what they may not see, and Slack always gets a list.
func TestSuggest(t *testing.T) {
	n, err := phone.ParseE164("+14155550132")
	if err != nil {
		t.Fatal(err)
	}
	allowed := call.Policy{Allowed: call.People{Users: []call.UserID{"U1"}}, Channels: []string{"C1", "D1"}}
	for name, tc := range map[string]struct {
		user, team, meta, action, typed string
		fail                            error
		offers                          string
		asked                           string
	}{
		"before anything is typed": {"U1", "T1", hereMeta, "before", "", nil, "Zuni, (415) 555-0132", "U1 in C1"},
		"the name":                 {"U1", "T1", hereMeta, "before", "zun", nil, "Zuni, (415) 555-0132", "U1 in C1"},
		"another name":             {"U1", "T1", hereMeta, "before", "Ritz", nil, "", "U1 in C1"},
		"in a direct message":      {"U1", "T1", `{"c":"D1"}`, "before", "", nil, "Zuni, (415) 555-0132", "U1 in "},
		"where it can't be used":   {"U1", "T1", `{"c":"C2"}`, "before", "", nil, "", ""},
		"by who may not":           {"U2", "T1", hereMeta, "before", "", nil, "", ""},
		"by nobody":                {"", "T1", hereMeta, "before", "", nil, "", ""},
		"from another workspace":   {"U3", "T2", hereMeta, "before", "", nil, "", ""},
		"opened nowhere":           {"U1", "T1", "", "before", "", nil, "", ""},
		"another menu":             {"U1", "T1", hereMeta, "other", "", nil, "", ""},
		"the database is away":     {"U1", "T1", hereMeta, "before", "", errors.New("away"), "", "U1 in C1"},
	} {
		t.Run(name, func(t *testing.T) {
			policy := allowed
			if tc.team != "T1" {
				policy = call.Policy{} // that they are of another workspace is reason enough
			}
			d := newFormDesk(t, policy)
			if d.past.fail = tc.fail; tc.fail == nil {
				d.past.list = []call.Called{{Number: n, Business: "Zuni"}}
			}
			p := d.payload("block_suggestion", "V1", tc.user, tc.meta, nil)
			p["action_id"], p["block_id"], p["value"] = tc.action, "before", tc.typed
			p["user"] = map[string]any{"id": tc.user, "team_id": tc.team}
			if got := strings.Join(offered(t, d.handle(p)), "|"); got != tc.offers {
				t.Errorf("offered %q, want %q", got, tc.offers)
			}
			if got := strings.Join(d.past.asked, "|"); got != tc.asked {
				t.Errorf("asked for %q, want %q", got, tc.asked)
			}
		})
	}
}

// TestFillIn: who is chosen is filled in, each time anew; all else stays.
func TestFillIn(t *testing.T) {
	d := newFormDesk(t, call.Policy{})
	choose := func(numberBlock, value string) {
		t.Helper()
		p := d.payload("block_actions", "V1", "U1", hereMeta, content{"objective": "Ask about hours", "business": "Old"})
		values := p["view"].(map[string]any)["state"].(map[string]any)["values"].(map[string]any)
		values[numberBlock] = map[string]any{"number": map[string]any{"type": "plain_text_input", "value": "1"}}
		p["container"] = map[string]any{"type": "view", "view_id": "V1"}
		p["actions"] = []any{map[string]any{"type": "external_select", "action_id": "before", "block_id": "before", "selected_option": map[string]any{"value": value}}}
		if ack := d.handle(p); ack.Payload != nil {
			t.Errorf("%+v", ack)
		}
	}
	for _, value := range []string{"", "nonsense", "+14155550132", "911;;Zuni"} {
		choose("number", value)
	}
	if len(d.forms.updated) != 0 {
		t.Fatalf("%d forms were filled in", len(d.forms.updated))
	}
	for block, want := range map[string]string{"number": "number.1", "number.1": "number.2", "number.x": "number.1"} {
		choose(block, "+14155550132;12;Zuni Café")
		v := d.forms.updated[len(d.forms.updated)-1]
		text := formText(t, v)
		for _, w := range []string{`"block_id":"` + want + `"`, `"initial_value":"(415) 555-0132 x12"`, `"initial_value":"Zuni Café"`, `"initial_value":"Ask about hours"`, `"text":"Please look."`, `"text":"Make the card"`} {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %s in %s", block, w, text)
			}
		}
		if v.PrivateMetadata != hereMeta {
			t.Errorf("it carries %s", v.PrivateMetadata)
		}
	}
	choose("number", "+14155550132;;") // no name is known of it
	if text := formText(t, d.forms.updated[len(d.forms.updated)-1]); !strings.Contains(text, `"initial_value":"Old"`) {
		t.Error(text)
	}
	if got := slices.Collect(maps.Keys(d.kept.calls)); len(got) != 0 {
		t.Errorf("%d calls", len(got))
	}
}
