package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/bot"
	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// shelf finds the calls that are kept, and remembers what was looked for.
type shelf struct {
	*kept
	asked []call.Search
	err   error
}

func (s *shelf) Search(_ context.Context, q call.Search) (call.Page, error) {
	s.asked = append(s.asked, q)
	var page call.Page
	for _, c := range s.calls {
		if !q.Open || c.Status.Open() {
			page.Calls = append(page.Calls, call.Recent{Call: c, Conversation: "C1", Channel: "C1", TS: "17.1"})
		}
	}
	return page, s.err
}

func newListing(t *testing.T, p call.Policy) (*bot.App, *shelf, *talking) {
	t.Helper()
	k, s := &shelf{kept: newKept()}, &talking{}
	us, err := phone.ParseCountries("US")
	if err != nil {
		t.Fatal(err)
	}
	app := bot.New(bot.Config{
		Service: call.NewService(k, call.Rules{Who: p, Countries: us}, time.Hour, time.Now), Slack: s, Calls: k, Policy: p,
		Region: "US", Logger: slog.New(slog.DiscardHandler),
	})
	app.SetTeam("T1")
	return app, k, s
}

// says is what a command is answered.
func says(t *testing.T, app *bot.App, text string) string {
	t.Helper()
	e := slash(t, text, "t-"+text)
	e.AcceptsResponsePayload = true
	answer, _ := app.Handle(t.Context(), e).Payload.(*slack.WebhookMessage)
	if answer == nil {
		return ""
	}
	return answer.Text
}

// pressed is the envelope of a button of a list.
func pressed(t *testing.T, action, value, user, team string) socketmode.Envelope {
	t.Helper()
	payload, err := json.Marshal(fields{
		"type": "block_actions", "trigger_id": "tr-" + action + user, "team": fields{"id": "T1"}, "user": fields{"id": user, "team_id": team},
		"channel": fields{"id": "C1"}, "container": fields{"type": "message", "thread_ts": "16.9"},
		"actions": []fields{{"type": "button", "action_id": action, "block_id": "b", "value": value, "action_ts": "17.2"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return socketmode.Envelope{ID: "e", Type: socketmode.TypeInteractive, Payload: payload}
}

// TestWhoSeesLists: who may not use callbot is told why, and nothing is looked for.
func TestWhoSeesLists(t *testing.T) {
	for name, tc := range map[string]struct {
		policy call.Policy
		want   string
	}{
		"not allowed":        {call.Policy{Allowed: call.People{Users: []call.UserID{"U2"}}}, "not among those who may use callbot"},
		"not here":           {call.Policy{Channels: []string{"C2"}}, "can't be used in this conversation"},
		"not known":          {call.Policy{MembersOnly: true}, "did not tell me in time"},
		"allowed":            {call.Policy{Allowed: call.People{Users: []call.UserID{"U1"}}}, ""},
		"only to approve":    {call.Policy{Allowed: call.People{Users: []call.UserID{"U2"}}, Approvers: call.People{Users: []call.UserID{"U1"}}}, ""},
		"approves elsewhere": {call.Policy{Channels: []string{"C2"}, Approvers: call.People{Users: []call.UserID{"U1"}}}, "can't be used in this conversation"},
	} {
		for _, word := range []string{"list", "history", "cancel"} {
			app, k, s := newListing(t, tc.policy)
			got := says(t, app, word)
			if refused := tc.want != ""; refused != (len(k.asked) == 0) || !strings.Contains(got, tc.want) || got == "" {
				t.Errorf("%s: %s: %d searches, told %q", name, word, len(k.asked), got)
			}
			app.Handle(t.Context(), pressed(t, "older", `{"w":"history"}`, "U1", "T1"))
			app.Wait()
			if refused := tc.want != ""; refused && (len(k.asked) != 0 || len(s.told) != 1 || !strings.Contains(s.told[0], tc.want)) {
				t.Errorf("%s: a page turned: %d searches, told %q", name, len(k.asked), s.told)
			}
		}
		app, k, _ := newListing(t, tc.policy)
		if says(t, app, "help") == "" || len(k.asked) != 0 {
			t.Errorf("%s: no help", name)
		}
	}
	app, k, s := newListing(t, call.Policy{})
	app.Handle(t.Context(), pressed(t, "older", `{"w":"history"}`, "U9", "T2"))
	app.Wait()
	if len(k.asked) != 0 || len(s.told) != 1 || !strings.Contains(s.told[0], "another workspace") {
		t.Errorf("from another workspace: %d searches, told %q", len(k.asked), s.told)
	}
}

// TestStopButton: what a button of a list stops is decided like any, by whoever presses it.
func TestStopButton(t *testing.T) {
	app, k, s := newListing(t, call.Policy{})
	if told := says(t, app, "(415) 555-0132 ask when they open"); told != "" {
		t.Fatal(told)
	}
	id := k.last
	value := `{"w":"list","s":"` + string(id) + `:1"}`
	for _, wrong := range []string{`{"w":"list"}`, `{"w":"list","s":"x"}`, "x", `{"w":"list","s":"nonesuch:1"}`} {
		app.Handle(t.Context(), pressed(t, "stop", wrong, "U1", "T1"))
	}
	app.Handle(t.Context(), pressed(t, "stop", value, "U2", "T1"))
	app.Wait()
	if got := k.calls[id]; got.Status != call.Requested || len(s.told) != 5 {
		t.Fatalf("it is %s; told %q", got.Status, s.told)
	}
	for range 2 { // delivered again
		app.Handle(t.Context(), pressed(t, "stop", value, "U1", "T1"))
	}
	app.Wait()
	if got := k.calls[id]; got.Status != call.Declined || got.DecidedBy != "U1" || !strings.Contains(strings.Join(s.told, "\n"), "Canceled: the call to (415) 555-0132") {
		t.Errorf("it is %s by %s; told %q", got.Status, got.DecidedBy, s.told)
	}
}

// TestNoListing: calls that cannot be read are told of, and an unclear end is not acked.
func TestNoListing(t *testing.T) {
	app, k, _ := newListing(t, call.Policy{})
	k.err = errors.New("the database is away")
	for _, word := range []string{"list", "history", "cancel"} {
		if got := says(t, app, word); !strings.Contains(got, "can't read the calls right now") || strings.Contains(got, "database") {
			t.Errorf("%s: %q", word, got)
		}
	}
	k.err = nil
	says(t, app, "(415) 555-0132 ask when they open")
	k.fail = call.ErrUnclear
	if ack := app.Handle(t.Context(), slash(t, "cancel", "t9")); ack != socketmode.NoAck {
		t.Errorf("unclear: %+v", ack)
	}
}
