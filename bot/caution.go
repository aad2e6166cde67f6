package bot

import (
	"net/url"
	"strings"
	"time"

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
	l := sofar(r.Call, c.Since)
	if h.origin == "" || r.Conversation != h.origin || isDM(h.origin) && r.Call.Requester != c.Requester {
		return append(l, say("."))
	}
	l = append(l, say(" · asked by "), whoAsked(r.Call))
	if address := permalink(h.workspace, r); address != "" && r.Channel == h.origin {
		l = append(l, say(" · "), piece{kind: link, text: address})
	}
	return append(l, say("."))
}

// sofar is what has come of an earlier call by now.
func sofar(c call.Call, now time.Time) line {
	head, at, what := "This number was called already", c.ApprovedAt, "approved "
	switch c.Status {
	case call.Scheduled:
		head, at, what = "Another call to this number is scheduled", c.StartAt, ""
	case call.Approved:
		head = "Another call to this number waits to be placed"
	case call.Placing:
		head = "Another call to this number is being placed"
	case call.Unconfirmed:
		head = "Another call to this number may have been placed, nobody knows"
	case call.Queued, call.Dialing, call.InProgress:
		if !c.Unwatched {
			head = "Another call to this number is under way"
		}
	case call.Requested, call.Completed, call.Failed, call.Canceled, call.Refused, call.Declined, call.Expired, call.Abandoned:
	}
	if !c.AcceptedAt.IsZero() {
		at, what = c.AcceptedAt, ""
	}
	l := line{strong(head)}
	between := ": "
	if !at.IsZero() {
		l = append(append(l, say("%s%s", between, what)), clock(at, now)...)
		between = ", "
	}
	if !c.Status.Open() || c.Unwatched {
		l = append(append(l, say("%s", between)), verdict(c)...)
	}
	return l
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
