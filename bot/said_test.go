package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/bot"
	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// talking is a Slack in which a person can be told something, alone or directly.
type talking struct {
	bot.Slack
	mu   sync.Mutex
	told []string
}

func (s *talking) note(kind, channel string, options []slack.MsgOption) {
	_, values, err := slack.UnsafeApplyMsgOptions("", channel, "", options...)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, fmt.Sprint(kind, " ", channel, " ", values.Get("thread_ts"), " ", values.Get("text"), errors.Unwrap(err)))
}

func (s *talking) PostEphemeralContext(_ context.Context, channel, _ string, options ...slack.MsgOption) (string, error) {
	s.note("alone", channel, options)
	return "1.1", nil
}

func (s *talking) PostMessageContext(_ context.Context, channel string, options ...slack.MsgOption) (string, string, error) {
	s.note("post", channel, options)
	return channel, "1.1", nil
}

type fields map[string]any

// saying is the envelope of a message that somebody wrote, as Slack sends it.
func saying(t *testing.T, id string, change fields) socketmode.Envelope {
	t.Helper()
	event := fields{
		"type": "app_mention", "user": "U1", "team": "T1", "channel": "C1", "ts": "17.1", "event_ts": "17.1",
		"text": "<@U0BOT> call (415) 555-0132 and ask when they open",
	}
	for k, v := range change {
		if v == nil {
			delete(event, k)
			continue
		}
		event[k] = v
	}
	payload, err := json.Marshal(fields{"type": "event_callback", "event_id": id, "team_id": "T1", "event": event})
	if err != nil {
		t.Fatal(err)
	}
	return socketmode.Envelope{ID: "e-" + id, Type: socketmode.TypeEventsAPI, Payload: payload}
}

func newTalking(t *testing.T) (*bot.App, *kept, *talking) {
	t.Helper()
	k, s := newKept(), &talking{}
	app := newAppIn(t, k, "", s)
	app.SetTeam("T1")
	app.SetSelf("U0BOT")
	return app, k, s
}

func TestMentions(t *testing.T) {
	for text, want := range map[string]string{
		"<@U0BOT> call (415) 555-0132 and ask when they open":                              "ask when they open",
		"<@U0BOT>: please call <tel:+14155550132|(415) 555-0132> &amp; ask when they open": "& ask when they open",
		"hey <@U0BOT> could you call +1 415 555 0132 to ask when they open":                "ask when they open",
		"call 4155550132, ask when they open <@U0BOT>":                                     "ask when they open",
		"<@U0BOT|callbot> (415) 555-0132 see <https://a.example/x|a.example> first":        "see https://a.example/x first",
		"<@U0BOT> (415) 555-0132 tell <#C1|ops> and <@U2|ben> &lt;b&gt;":                   "tell #ops and @ben <b>",
		"<@U0BOT> call\n(415) 555-0132\nask when they open":                                "ask when they open",
	} {
		app, k, _ := newTalking(t)
		app.Handle(t.Context(), saying(t, "Ev1", fields{"text": text, "thread_ts": "16.9"}))
		app.Wait()
		c := k.calls[k.last]
		if len(k.calls) != 1 || c.Objective != want || c.Number.E164() != "+14155550132" || c.Requester != "U1" {
			t.Errorf("%q: %d calls, %q", text, len(k.calls), c.Objective)
		}
		if k.origin.Conversation != "C1" || k.origin.Thread != "16.9" || k.origin.Reply != "" {
			t.Errorf("%q: asked for in %+v", text, k.origin)
		}
	}
}

// TestNotHeard: nothing that an app writes is heard or answered, nor what Slack tells of
// a message besides, so that two apps cannot go on answering each other.
func TestNotHeard(t *testing.T) {
	direct := fields{"type": "message", "channel": "D1", "channel_type": "im", "text": "hello"}
	for name, change := range map[string]fields{
		"an app":                  {"bot_id": "B1"},
		"an app's profile":        {"bot_profile": fields{"id": "B1"}},
		"by an app for somebody":  {"app_id": "A2"},
		"ourselves":               {"user": "U0BOT"},
		"Slackbot":                {"user": "USLACKBOT"},
		"nobody":                  {"user": nil},
		"a bot's message":         {"subtype": "bot_message"},
		"an edit":                 {"edited": fields{"user": "U1", "ts": "17.2"}},
		"hidden":                  {"hidden": true},
		"no text":                 {"text": ""},
		"a mention directly":      {"channel": "D1"},
		"a message in a channel":  {"type": "message", "channel_type": "channel"},
		"an edited one, directly": {"type": "message", "channel": "D1", "channel_type": "im", "subtype": "message_changed", "hidden": true},
		"a deleted one, directly": {"type": "message", "channel": "D1", "channel_type": "im", "subtype": "message_deleted", "hidden": true},
		"our own, directly":       {"type": "message", "channel": "D1", "channel_type": "im", "bot_id": "B0", "user": "U0BOT"},
		"a join":                  {"subtype": "channel_join"},
	} {
		app, k, s := newTalking(t)
		ack := app.Handle(t.Context(), saying(t, "Ev1", change))
		app.Wait()
		if len(k.calls) != 0 || len(s.told) != 0 || ack != (socketmode.Ack{}) {
			t.Errorf("%s: %d calls, told %q, %+v", name, len(k.calls), s.told, ack)
		}
	}
	app, _, s := newTalking(t)
	app.Handle(t.Context(), saying(t, "Ev1", direct))
	app.Wait()
	if len(s.told) != 1 || !strings.HasPrefix(s.told[0], "post D1") || strings.Contains(s.told[0], "@callbot") {
		t.Errorf("a person, directly: %q", s.told)
	}
	app.Handle(t.Context(), saying(t, "Ev2", fields{"text": "<@U0BOT> hello", "thread_ts": "16.9"}))
	app.Wait()
	if len(s.told) != 2 || !strings.HasPrefix(s.told[1], "alone C1 16.9") || !strings.Contains(s.told[1], "@callbot (415)") {
		t.Errorf("a person, in a thread: %q", s.told)
	}
}

// TestMessageRedelivered: what is delivered again is the same call. What was not saved is
// not acked, so that it is delivered again, until Slack gives up; then it is told.
func TestMessageRedelivered(t *testing.T) {
	app, k, s := newTalking(t)
	for attempt := range 3 {
		e := saying(t, "Ev1", nil)
		e.ID, e.RetryAttempt = fmt.Sprint("again", attempt), attempt
		if ack := app.Handle(t.Context(), e); ack != (socketmode.Ack{}) {
			t.Errorf("%+v", ack)
		}
	}
	app.Handle(t.Context(), saying(t, "Ev2", nil))
	if len(k.calls) != 2 {
		t.Errorf("%d calls of two messages", len(k.calls))
	}
	k.fail = call.Errorf(call.Unavailable, "Nothing was saved. Please try again.")
	for attempt := range 4 {
		e := saying(t, "Ev3", nil)
		e.RetryAttempt = attempt
		ack := app.Handle(t.Context(), e)
		app.Wait()
		if last := attempt == 3; (ack == socketmode.NoAck) == last || (len(s.told) == 1) != last {
			t.Errorf("delivery %d: %+v, told %q", attempt, ack, s.told)
		}
	}
	k.fail = call.ErrUnclear
	e := saying(t, "Ev4", nil)
	e.RetryAttempt = 3
	if ack := app.Handle(t.Context(), e); ack != socketmode.NoAck {
		t.Errorf("unclear: %+v", ack)
	}
}

// TestForeignMention: who is of another workspace is told so.
func TestForeignMention(t *testing.T) {
	app, k, s := newTalking(t)
	app.Handle(t.Context(), saying(t, "Ev1", fields{"team": "T2", "user_team": "T2"}))
	app.Wait()
	if len(k.calls) != 0 || len(s.told) != 1 || !strings.Contains(s.told[0], "another workspace") {
		t.Errorf("%d calls, told %q", len(k.calls), s.told)
	}
}
