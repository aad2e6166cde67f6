package bot

import (
	"strings"

	"github.com/agentphone-slack/callbot/internal/call"
)

// inBrief is what everybody may see of a private call.
func inBrief(p *page, c call.Call, h home) {
	switch c.Status {
	case call.Requested:
		l := append(line{whoAsks(c), say(" asks for a private call to ")}, maskedCallee(c)...)
		p.line(append(l, say("."))...)
		who := "with them"
		switch {
		case c.Decider != "":
			who = "with the person whom it names"
		case c.ByWorkflow():
			who = "with those who approve calls"
		case h.policy.Approvers.Set():
			who = "with them and with those who approve calls"
		}
		p.line(say("What it is about, and the buttons, are in a direct message %s. Its outcome will be told here.", who))
	case call.Completed, call.Failed, call.Canceled, call.Refused, call.Declined, call.Expired, call.Abandoned:
		l := append(append(verdictSoFar(c, h), say(" · private call to ")), maskedCallee(c)...)
		l = append(l, fate(c), say(" · asked by "), whoAsked(c))
		if c.Approver != "" {
			l = append(l, say(", approved by "), mention(c.Approver))
		}
		p.line(l...)
	case call.Scheduled, call.Approved, call.Placing, call.Unconfirmed, call.Queued, call.Dialing, call.InProgress:
		l := append(line{strong("Private call"), say(" to ")}, maskedCallee(c)...)
		p.line(append(l, say(" · asked by "), whoAsked(c), say(", approved by "), mention(c.Approver))...)
		p.line(say("Its outcome will be told here."))
	}
}

// maskedCallee is who is called, without the number.
func maskedCallee(c call.Call) line {
	if strings.TrimSpace(c.Business) == "" {
		return line{say("%s", c.Number.Masked())}
	}
	return append(named(c.Business, 80), say(", %s", c.Number.Masked()))
}

// askedFor says where a call was asked for that is shown in a direct message.
func askedFor(p *page, c call.Call, h home) {
	switch {
	case h.askedIn == "":
	case isDM(h.askedIn):
		p.small(say("Asked for in a direct message."))
	case c.Private:
		p.small(say("Asked for in "), where(home{origin: h.askedIn}), say(", where only the business, the masked number and the outcome are shown."))
	default:
		p.small(say("Asked for in "), where(home{origin: h.askedIn}), say("."))
	}
}
