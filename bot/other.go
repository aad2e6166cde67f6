package bot

import (
	"strings"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// part is one of the calls that were made of one: the first, or the other, as if it
// were the only one, and the slots that show what came of it.
type part struct {
	call.Call
	other                         bool
	result, transcript, recording call.Slot
}

// parts are the first call and, where there is one, the other.
func parts(c call.Call) []part {
	list := []part{{Call: c, result: call.SlotResult, transcript: call.SlotTranscript, recording: call.SlotRecording}}
	if c.Other.ProviderID != "" {
		list = append(list, part{
			Call: twin(c), other: true,
			result: call.SlotOtherResult, transcript: call.SlotOtherTranscript, recording: call.SlotOtherRecording,
		})
	}
	return list
}

// twin is the other call that was made of c, as a call of its own.
func twin(c call.Call) call.Call {
	o := c.Other
	c.ProviderID, c.Status, c.Result, c.Enriched = o.ProviderID, o.Status, o.Result, o.Enriched
	c.AcceptedAt, c.EndedAt = o.AcceptedAt, o.EndedAt
	c.Since, c.DialingAt, c.AnsweredAt = time.Time{}, time.Time{}, time.Time{} // not kept
	c.Other, c.Further, c.Lost = call.Other{}, "", 0
	c.Reason, c.Detail, c.Overdue = call.NoReason, "", false
	return c
}

// which names the call in a sentence.
func (p part) which() string {
	if p.other {
		return "the other call"
	}
	return "the call"
}

// looking reports whether content that c lacks is still looked for.
func looking(c call.Call) bool { return !c.DueAt.IsZero() && c.Open() }

// several tells of the other calls that were made of c, or may have been.
func several(p *page, c call.Call) {
	if c.Other.ProviderID != "" {
		p.line(
			strong("AgentPhone made two calls of this one. "),
			say("An attempt that seemed lost went through as well, so the number may be called twice and two credits are used. AgentPhone's ids: "),
			theirsLine(c.ProviderID, 100), say(" and "), theirsLine(c.Other.ProviderID, 100), say("."),
		)
	}
	if c.Further != "" {
		p.line(say("It took this call even more often, and I don't follow these: "), theirsLine(strings.ReplaceAll(c.Further, "\n", ", "), 300), say("."))
	}
	switch {
	case c.Lost == 0 || c.ProviderID == "":
	case c.Status.Active():
		p.line(say("Another attempt of this call has no clear answer so far, so the number may be called once more."))
	default:
		p.line(say("Another attempt of this call never got a clear answer, so the number may have been called once more."))
	}
}

// otherProgress is where the other call stands.
func otherProgress(c call.Call) line {
	o := twin(c)
	l := line{say("The other call: ")}
	switch {
	case o.Status.Active() && o.Unwatched:
		return append(l, say("no more news, it may have ended"))
	case o.Status.Active():
		return append(l, steps(o, home{})...)
	}
	return append(l, verdict(o)...)
}

// renderOtherResult is the result of the other call. It is a message of its own,
// because it may come long before or after that of the first.
func renderOtherResult(c call.Call, h home) (message, bool) {
	if c.Other.ProviderID == "" {
		return message{}, false
	}
	o := twin(c)
	var p page
	p.line(strong("The other of two calls. "), say("AgentPhone made two calls of this one, because an attempt that seemed lost went through as well."))
	switch {
	case o.Status == call.Completed:
		completed(&p, o)
	case o.Status == call.Failed:
		failed(&p, o)
	case o.Status == call.Canceled:
		canceled(&p, o)
	case o.Status.Active() && c.Unwatched && !c.Status.Active():
		unwatched(&p, o)
	default:
		return message{}, false
	}
	buttons := openButtons(o, call.View{})
	if o.Status.Ended() {
		buttons = append(buttons, button(o, actionNever))
	}
	p.buttons(buttons...)
	if h.dm {
		p.small(say("Asked for in "), where(h), say("."))
	}
	return p.message(), true
}

// otherResult says in the result of the first call where that of the other one is.
func otherResult(c call.Call) line {
	switch o := c.Other; {
	case o.Status.Active() && c.Unwatched && !c.Status.Active():
		return line{say("Whether the other one has ended is not known. A message of its own says more.")}
	case o.Status.Active() && c.Unwatched:
		return line{say("Whether the other one has ended is not known either.")}
	case o.Status.Active():
		return line{say("The other one is still under way. Its result comes here too.")}
	}
	return line{say("The other one has ended too. Its result is a message of its own.")}
}
