package bot

import (
	"context"
	"encoding/json"
	"log/slog"
	"regexp"
	"strings"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// saying is a message that somebody wrote: one that mentions us, or a direct one.
type saying struct {
	Type        string          `json:"type"`
	Subtype     string          `json:"subtype"`
	Hidden      bool            `json:"hidden"`
	Edited      json.RawMessage `json:"edited"`
	BotID       string          `json:"bot_id"`
	AppID       string          `json:"app_id"`
	BotProfile  json.RawMessage `json:"bot_profile"`
	User        string          `json:"user"`
	Team        string          `json:"team"`
	UserTeam    string          `json:"user_team"`
	Text        string          `json:"text"`
	Channel     string          `json:"channel"`
	ChannelType string          `json:"channel_type"`
	TS          string          `json:"ts"`
	Thread      string          `json:"thread_ts"`
}

// slackbot is the user that Slack itself writes as.
const slackbot = "USLACKBOT"

// toUs reports whether a person says something to us that is to be heard. No app is
// listened to, whatever it writes: two that answer each other would never end.
func (m saying) toUs(us string) bool {
	direct := isDM(m.Channel)
	switch {
	case m.BotID != "", m.AppID != "", len(m.BotProfile) > 0, m.User == us, m.User == slackbot, !slackID.MatchString(m.User):
		return false
	case m.Hidden, len(m.Edited) > 0, m.Channel == "", blank(m.Text):
		return false
	case direct != (m.Type == eventMessage):
		return false // each message is heard once: a mention in a direct message is one of these
	}
	switch m.Subtype {
	case "", "file_share", "thread_broadcast":
		return true
	}
	return false
}

// said does what a message asks for. The card stands in the thread where it was asked.
func (a *App) said(ctx context.Context, e socketmode.Envelope, h happened) socketmode.Ack {
	var m saying
	if err := json.Unmarshal(h.Event, &m); err != nil {
		a.log.Warn("a message that cannot be read", slog.Any("error", err))
		return socketmode.Ack{}
	}
	us := known(&a.self)
	if !m.toUs(us) {
		return socketmode.Ack{}
	}
	from := asker{channel: m.Channel, user: m.User, thread: m.Thread}
	if a.foreign(m.User, m.Team, m.UserTeam) {
		a.log.Warn("a message from another workspace", slog.String("team", m.Team))
		return a.reply(ctx, e, from, a.sentence(call.ErrForeign))
	}
	begins := "@callbot "
	if isDM(m.Channel) {
		begins = ""
	}
	return a.hear(ctx, e, typed{
		text: plainTokens(withoutMention(m.Text, us)), from: from, begins: begins, spoken: true,
		key: intakeKey("event", e, h.ID, m.User, m.Channel, m.TS, m.Text),
	})
}

// anyMention is a person who is mentioned at the beginning.
var anyMention = regexp.MustCompile(`^\s*<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>[\s,:;]*`)

// withoutMention is a message without the mention of us that it begins with, or else has
// somewhere. While nobody has told who we are, we are whom it begins with.
func withoutMention(text, us string) string {
	if at := anyMention.FindStringSubmatchIndex(text); at != nil && (us == "" || text[at[2]:at[3]] == us) {
		return text[at[1]:]
	}
	before, after, found := strings.Cut(text, "<@"+us+">")
	if us == "" || !found {
		return text
	}
	return strings.TrimSpace(strings.TrimSpace(before) + " " + strings.TrimSpace(after))
}

// markedUp is what Slack makes of links, numbers and names in a message
// (https://docs.slack.dev/messaging/formatting-message-text#advanced).
var markedUp = regexp.MustCompile(`<([^<>|\s][^<>|]*)(?:\|([^<>]*))?>`)

// plainTokens is a message as it was typed: a link is its address, all else what people
// see of it.
func plainTokens(text string) string {
	return unescape(markedUp.ReplaceAllStringFunc(text, func(t string) string {
		m := markedUp.FindStringSubmatch(t)
		target, label := m[1], m[2]
		switch {
		case strings.HasPrefix(target, "http://"), strings.HasPrefix(target, "https://"):
			return target
		case strings.HasPrefix(target, "#"), strings.HasPrefix(target, "@") && label != "":
			return target[:1] + strings.TrimPrefix(label, target[:1])
		case strings.HasPrefix(target, "tel:"), strings.HasPrefix(target, "mailto:"):
			if label != "" {
				return label
			}
			_, address, _ := strings.Cut(target, ":")
			return address
		case strings.HasPrefix(target, "!"):
			if label != "" {
				return label
			}
			return "@" + strings.TrimPrefix(target, "!")
		}
		return t
	}))
}
