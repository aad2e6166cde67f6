package bot

import (
	"net/url"
	"strings"

	"github.com/agentphone-slack/callbot/internal/call"
)

// cautions are what whoever decides on a card should know besides the call itself.
func cautions(p *page, c call.Call, v call.View, h home) {
	if v.Pause.On() {
		l := line{strong("All calls are paused"), say(" by "), mention(v.Pause.By), say(" ")}
		l = append(append(l, clock(v.Pause.At, c.Since)...), say(". This one can be approved once they are resumed."))
		p.line(l...)
	}
	if v.Recent != nil {
		p.line(recently(c, *v.Recent, h)...)
	}
}

// recently tells of an earlier call to the same number. By whom it was asked for and
// where it stands is told only in the conversation that it was asked for in: whoever
// sees this card sees that one too.
func recently(c call.Call, r call.Recent, h home) line {
	head := "This number was called already"
	if r.Call.ProviderID == "" {
		head = "Another call to this number is under way"
	}
	l := line{strong(head), say(": ")}
	at := r.Call.ApprovedAt
	if !r.Call.AcceptedAt.IsZero() {
		at = r.Call.AcceptedAt
	}
	if !at.IsZero() {
		l = append(append(l, clock(at, c.Since)...), say(", "))
	}
	l = append(l, verdict(r.Call)...)
	if h.origin == "" || r.Conversation != h.origin || isDM(h.origin) && r.Call.Requester != c.Requester {
		return append(l, say("."))
	}
	l = append(l, say(" · asked by "), whoAsked(r.Call))
	if address := permalink(h.workspace, r); address != "" && r.Channel == h.origin {
		l = append(l, say(" · "), piece{kind: link, text: address})
	}
	return append(l, say("."))
}

// permalink is the address of a call's card; "" if it is not known.
// (https://docs.slack.dev/reference/methods/chat.getPermalink shows the form.)
func permalink(workspace string, r call.Recent) string {
	u, err := url.Parse(workspace)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || r.TS == "" || !slackID.MatchString(r.Channel) {
		return ""
	}
	u = u.JoinPath("archives", r.Channel, "p"+strings.ReplaceAll(r.TS, ".", ""))
	if r.Thread != "" && r.Thread != r.TS {
		u.RawQuery = url.Values{"thread_ts": {r.Thread}, "cid": {r.Channel}}.Encode()
	}
	return u.String()
}
