package bot_test

import (
	"encoding/json"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/bot"
	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// policed is an app with a policy and somebody to ask about people.
func policed(t *testing.T, k *kept, r *registry, p call.Policy) *bot.App {
	t.Helper()
	us, err := phone.ParseCountries("US")
	if err != nil {
		t.Fatal(err)
	}
	p.MembersOnly = true
	log := slog.New(slog.DiscardHandler)
	app := bot.New(bot.Config{
		Service: call.NewService(k, call.Rules{Countries: us, Who: p}, time.Hour, time.Now),
		Slack:   &whisper{}, Region: "US", Policy: p, Directory: bot.NewDirectory(r, time.Now, log), Logger: log,
	})
	app.SetTeam("T1")
	return app
}

// changed is an envelope with other fields in its payload.
func changed(t *testing.T, e socketmode.Envelope, fields map[string]any) socketmode.Envelope {
	t.Helper()
	var payload map[string]any
	if err := json.Unmarshal(e.Payload, &payload); err != nil {
		t.Fatal(err)
	}
	maps.Copy(payload, fields)
	var err error
	if e.Payload, err = json.Marshal(payload); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestCommandsFromAnotherWorkspace are refused by what the envelope says and by what
// Slack says of the person, unless they are named.
func TestCommandsFromAnotherWorkspace(t *testing.T) {
	named := call.Policy{Allowed: call.People{Users: []call.UserID{"U1"}}}
	for name, tc := range map[string]struct {
		policy   call.Policy
		team, of string
		taken    bool
	}{
		"ours":                       {call.Policy{}, "T1", "T1", true},
		"the envelope is of another": {call.Policy{}, "T2", "T1", false},
		"the person is of another":   {call.Policy{}, "T1", "T2", false},
		"an envelope without a team": {call.Policy{}, "", "T1", true},
		"both say nothing":           {call.Policy{}, "", "", false},
		"of another, and named":      {named, "T2", "T2", true},
		"an organisation's, unnamed": {call.Policy{}, "E1", "T1", false},
	} {
		t.Run(name, func(t *testing.T) {
			k, r := newKept(), newRegistry()
			r.people["U1"] = slack.User{TeamID: tc.of}
			e := changed(t, slash(t, "(415) 555-0132 Ask about hours", "1"), map[string]any{"team_id": tc.team})
			answer := answerIn(t, policed(t, k, r, tc.policy).Handle(t.Context(), e))
			if got := len(k.calls) == 1; got != tc.taken || (answer == "") != tc.taken {
				t.Errorf("taken: %t, want %t; answered %q", got, tc.taken, answer)
			}
		})
	}
}

// TestForgedClicks: whoever writes a click by hand gets no further than the facts about
// the person that Slack says it is by.
func TestForgedClicks(t *testing.T) {
	p := call.Policy{Approval: call.ByOther, Approvers: call.People{Users: []call.UserID{"U2"}, Groups: []call.GroupID{"S1"}}, Channels: []string{"C1"}}
	user := func(id, team string) map[string]string { return map[string]string{"id": id, "team_id": team} }
	for name, tc := range map[string]struct {
		value  string // behind the id of the call
		fields map[string]any
		taken  bool
	}{
		"an approver":                        {":1", map[string]any{"user": user("U2", "T1")}, true},
		"in a group of approvers":            {":1", map[string]any{"user": user("U3", "T1")}, true},
		"who asked":                          {":1", map[string]any{"user": user("U1", "T1")}, false},
		"a guest in the group":               {":1", map[string]any{"user": user("U4", "T1")}, false},
		"of another workspace, in the group": {":1", map[string]any{"user": user("U5", "T1")}, false},
		"nobody":                             {":1", map[string]any{"user": user("", "T1")}, false},
		"no user at all":                     {":1", map[string]any{"user": nil}, false},
		"an approver in small letters":       {":1", map[string]any{"user": user("u2", "T1")}, false},
		"an approver with a space":           {":1", map[string]any{"user": user("U2 ", "T1")}, false},
		"an approver by name":                {":1", map[string]any{"user": map[string]string{"id": "U9", "name": "U2", "username": "U2", "team_id": "T1"}}, false},
		"an approver elsewhere":              {":1", map[string]any{"user": user("U2", "T1"), "channel": map[string]string{"id": "C2"}}, false},
		"an approver of another workspace":   {":1", map[string]any{"user": user("U2", "T2")}, false},
		"an old card":                        {":0", map[string]any{"user": user("U2", "T1")}, false},
		"a later card":                       {":2", map[string]any{"user": user("U2", "T1")}, false},
		"two revisions":                      {":1:1", map[string]any{"user": user("U2", "T1")}, false},
		"another's card":                     {"x:1", map[string]any{"user": user("U2", "T1")}, false},
		"no card":                            {"", map[string]any{"user": user("U2", "T1")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			k, r := newKept(), newRegistry()
			for _, id := range []string{"U1", "U2", "U3", "U9"} {
				r.people[id] = slack.User{TeamID: "T1"}
			}
			r.people["U4"], r.people["U5"] = slack.User{TeamID: "T1", IsRestricted: true}, slack.User{TeamID: "T2"}
			r.groups["S1"] = []string{"U3", "U4", "U5", ""}
			app := policed(t, k, r, p)
			if answer := answerIn(t, app.Handle(t.Context(), slash(t, "(415) 555-0132 Ask about hours", "1"))); answer != "" {
				t.Fatal(answer)
			}
			e := changed(t, clicked(t, "approve", string(k.last)+tc.value, "U1", ""), map[string]any{"channel": map[string]string{"id": "C1"}})
			app.Handle(t.Context(), changed(t, e, tc.fields))
			app.Wait()
			if got := k.calls[k.last]; (got.Status == call.Approved) != tc.taken {
				t.Errorf("it is %s by %q", got.Status, got.Approver)
			}
		})
	}
}

// TestACardInADirectMessage, asked for in an allowed channel, is decided on there.
func TestACardInADirectMessage(t *testing.T) {
	k, r := newKept(), newRegistry()
	r.people["U1"] = slack.User{TeamID: "T1"}
	app := policed(t, k, r, call.Policy{Channels: []string{"C1"}})
	app.Handle(t.Context(), slash(t, "(415) 555-0132 Ask about hours", "1"))
	e := changed(t, clicked(t, "approve", string(k.last)+":1", "U1", ""), map[string]any{"channel": map[string]string{"id": "D0X"}})
	app.Handle(t.Context(), e)
	app.Wait()
	if got := k.calls[k.last].Status; got != call.Approved {
		t.Errorf("it is %s", got)
	}
	answer := answerIn(t, app.Handle(t.Context(), changed(t, slash(t, "(415) 555-0133 Ask about hours", "2"), map[string]any{"channel_id": "D0X"})))
	if !strings.HasPrefix(answer, "callbot can't be used in this conversation") || !strings.HasSuffix(answer, "It can be used in <#C1>.") {
		t.Errorf("answered %q", answer)
	}
}
