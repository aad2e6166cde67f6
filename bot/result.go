package bot

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// renderResult is the message that tells the requester how it ended, or that it
// can go on only with a decision. It is a message of its own because edits notify
// nobody. False means that nobody is to be notified as things stand; a result that
// was shown before then is out of date.
func renderResult(c call.Call, v call.View, h home) (message, bool) {
	var p page
	switch c.Status {
	case call.Completed:
		completed(&p, c)
	case call.Failed:
		failed(&p, c)
	case call.Canceled:
		if !canceled(&p, c) {
			return message{}, false
		}
	case call.Refused:
		refused(&p, c, v)
	case call.Unconfirmed:
		if c.Looks < call.MaxLooks {
			return message{}, false
		}
		p.line(opening(c, ", I don't know whether ", " was called. Please decide what to do: the buttons are on the message that follows the call.")...)
		p.line(say("%s", found(c.LookResult)))
	case call.Abandoned:
		p.line(opening(c, ", I don't know whether ", " was called.")...)
		p.line(say("%s", abandoned(c)))
	case call.Requested:
		if !sentBack(c) {
			return message{}, false
		}
		p.line(opening(c, ", the call to ", " was not placed. "+untouched(c))...)
		if c.Reason == call.ReasonMissed {
			p.line(missedWords(c)...)
		}
		if c.Detail != "" {
			p.line(strong("Reason: "), theirsLine(c.Detail, maxWords))
		}
		p.line(say("Its card waits for a new decision."))
	case call.Queued, call.Dialing, call.InProgress:
		if !c.Unwatched {
			return message{}, false
		}
		unwatched(&p, c)
	case call.Scheduled, call.Approved, call.Placing, call.Declined, call.Expired:
		return message{}, false
	default:
		return message{}, false
	}
	several(&p, c)
	if c.Other.ProviderID != "" {
		p.line(otherResult(c)...)
	} else if c.ProviderID != "" && (c.Status == call.Failed || c.Status == call.Canceled) {
		if !v.Ban.On() {
			p.line(say("To have it called once more, press Call again."))
		}
	}
	never(&p, c, v)
	p.buttons(resultButtons(c, v)...)
	if h.dm {
		p.small(say("Asked for in "), where(h), say("."))
	}
	return p.message(), true
}

// opening mentions the requester or, of a workflow's call, who approved it, once, and says
// which call it is about.
func opening(c call.Call, before, rest string) line {
	l := append(line{mention(c.Contact()), say("%s", before)}, callee(c)...)
	return append(l, say("%s", rest))
}

// ending is opening for a call that ended as how says.
func ending(c call.Call, how ...piece) line {
	l := append(line{mention(c.Contact()), say(" ")}, how...)
	l = append(append(l, say(": call to ")), callee(c)...)
	return append(l, say("."))
}

// stage is what a result tells of. While it stays the same the message is edited;
// another one is a message of its own, because people are to be told of it.
func stage(c call.Call) string {
	switch c.Status {
	case call.Unconfirmed, call.Abandoned:
		return fmt.Sprintf("unknown %d", c.Attempts)
	case call.Refused:
		return fmt.Sprintf("refused %d", c.Attempts)
	case call.Requested:
		return fmt.Sprintf("sent back %d", c.Revision)
	case call.Canceled:
		if c.ProviderID == "" {
			return "not placed"
		}
	case call.Queued, call.Dialing, call.InProgress:
		return "unwatched"
	case call.Scheduled, call.Approved, call.Placing, call.Completed, call.Failed, call.Declined, call.Expired:
	}
	return string(c.Status)
}

// unwatched is an answer where there is none: nobody knows how the call ended.
func unwatched(p *page, c call.Call) {
	p.line(opening(c, ", I don't know whether the call to ", " has ended, nor how.")...)
	p.line(lastNews(c, c.Since)...)
	asked(p, c)
	p.line(strong("Check again"), say(" asks AgentPhone once more. Nobody looks until somebody presses it."))
}

// lastNews is what AgentPhone told last of a call that nobody looks for any more.
func lastNews(c call.Call, now time.Time) line {
	what := "it had the call"
	switch c.Status {
	case call.Dialing:
		what = "the number was ringing"
	case call.InProgress:
		what = "somebody had answered"
	default:
	}
	l := line{say("AgentPhone told me ")}
	if !c.Since.IsZero() {
		l = append(append(l, clock(c.Since, now)...), say(" "))
	}
	return append(l, say("that %s, and nothing new for so long since then that I stopped looking. The call may have gone on, or ended.", what))
}

// completed is the result of a conversation.
func completed(p *page, c call.Call) {
	p.line(ending(c, outcome(c)...)...)
	asked(p, c)
	if c.Silent() {
		text := "AgentPhone reports success, but there is no transcript, so I can't confirm that anyone spoke."
		if looking(c) {
			text += " I'm still looking for it."
		}
		p.line(strong("Warning: "), say("%s", text))
	}
	summary(p, c)
	missing(p, c)
}

// asked repeats what the call was for, since its card is only a line by now.
func asked(p *page, c call.Call) {
	p.line(strong("Asked: "), theirsLine(c.Objective, 300))
}

func summary(p *page, c call.Call) {
	if strings.TrimSpace(c.Summary) == "" {
		return
	}
	p.line(strong("Summary"))
	if p.quote(squeeze(c.Summary), maxSummary) {
		p.line(say("The summary is cut here. All of it is in the attached text file."))
	}
}

// missing says what has not come, and whether it still may.
func missing(p *page, c call.Call) {
	var parts []string
	if strings.TrimSpace(c.Summary) == "" {
		parts = append(parts, "summary")
	}
	if strings.TrimSpace(c.Transcript) == "" && !c.Silent() {
		parts = append(parts, "transcript")
	}
	if c.RecordingURL == "" {
		parts = append(parts, "recording")
	}
	if len(parts) == 0 {
		return
	}
	what := strings.Join(parts, " and ")
	if len(parts) == 3 {
		what = "summary, transcript and recording"
	}
	verb := " has "
	if len(parts) > 1 {
		verb = " have "
	}
	if looking(c) {
		p.line(say("The %s%snot come yet. I'm still looking.", what, verb))
		return
	}
	p.line(say("The %s%snot come. ", what, verb), strong("Check again"), say(" asks AgentPhone once more."))
}

// lacking reports whether Check again can bring something.
func lacking(c call.Call) bool {
	return c.Lacks() || c.Silent() || c.RecordingURL == ""
}

// failed is the provider's "failed": it says no more than that.
func failed(p *page, c call.Call) {
	p.line(ending(c, verdict(c)...)...)
	switch {
	case !c.AnsweredAt.IsZero():
		p.line(say("Somebody had answered before that."), unexplained(c))
	case !c.DialingAt.IsZero():
		p.line(say("The number rang, but I saw no conversation."), unexplained(c))
	default:
		p.line(say("I did not see whether the number rang."), unexplained(c))
	}
	asked(p, c)
	summary(p, c)
}

// unexplained says that nobody told why a call ended, where no summary follows.
func unexplained(c call.Call) piece {
	if strings.TrimSpace(c.Summary) != "" {
		return say("")
	}
	return say(" AgentPhone doesn't say why.")
}

// canceled reports whether there is anything to tell: who canceled a call knows it.
func canceled(p *page, c call.Call) bool {
	if c.ProviderID == "" {
		if c.DecidedBy == c.Contact() {
			return false
		}
		l := opening(c, ", the call to ", " was canceled by ")
		p.line(append(l, mention(c.DecidedBy), say(" before it was placed. %s", untouched(c)))...)
		return true
	}
	p.line(ending(c, verdict(c)...)...)
	if c.AnsweredAt.IsZero() {
		p.line(say("I saw no conversation."), unexplained(c))
	} else {
		p.line(say("Somebody had answered before that."), unexplained(c))
	}
	asked(p, c)
	summary(p, c)
	return true
}

// refused is a call that was not placed. Try again is an approval, so all that it
// would place is shown above it.
func refused(p *page, c call.Call, v call.View) {
	r := refusalOf(c.Reason)
	p.line(ending(c, say("✗ "), strong("Not placed"))...)
	p.line(say("%s %s", r.what, untouched(c)))
	if r.words && strings.TrimSpace(c.Detail) != "" {
		p.line(say("AgentPhone said: “"), theirsLine(c.Detail, maxWords), say("”"))
	}
	if c.ByWorkflow() && !r.again {
		r.next = "Correct the number or the objective in the step of the workflow."
	}
	p.line(say("%s", r.next))
	if !r.again {
		asked(p, c)
		return
	}
	quietThere(p, c, v, actionTryAgain)
	label := actionTryAgain
	if quietNow(c, v) {
		label = actionAnyway
	}
	p.line(strong(buttonLabels[label]), say(" places this call:"))
	details(p, c)
}

// resultButtons are what a person can do about a call that has ended, or did not begin.
func resultButtons(c call.Call, v call.View) []*slack.ButtonBlockElement {
	buttons := openButtons(c, v)
	if c.Status.Ended() && c.ProviderID != "" && !v.Ban.On() {
		buttons = append(buttons, again(c), button(c, actionCallBack))
		if c.Shareable() {
			buttons = append(buttons, button(c, actionShare))
		}
		buttons = append(buttons, button(c, actionNever))
	}
	return buttons
}

// openButtons are what a person can do about what is not settled.
func openButtons(c call.Call, v call.View) []*slack.ButtonBlockElement {
	var buttons []*slack.ButtonBlockElement
	switch {
	case c.Status == call.Refused && refusalOf(c.Reason).again && quietNow(c, v):
		buttons = append(buttons, anyway(c, v))
	case c.Status == call.Refused && refusalOf(c.Reason).again:
		buttons = append(buttons, button(c, actionTryAgain).WithStyle(slack.StylePrimary))
	case c.Status == call.Refused && c.Reason == call.ReasonInvalid && !c.ByWorkflow():
		buttons = append(buttons, button(c, actionEdit).WithStyle(slack.StylePrimary))
	case c.Status.Active() && c.Unwatched:
		buttons = append(buttons, button(c, actionCheckAgain).WithStyle(slack.StylePrimary))
	case c.Status == call.Completed && !looking(c) && lacking(c):
		buttons = append(buttons, button(c, actionCheckAgain))
	}
	return buttons
}

// again has the form filled in for another call: with what is still open, where the call
// did not bring all that it was for.
func again(c call.Call) *slack.ButtonBlockElement {
	if c.Status == call.Completed && (c.Outcome == call.Partial || c.Outcome == call.NotAchieved) {
		return button(c, actionTryWith)
	}
	return button(c, actionCallAgain)
}

// never says that the number of a call is not called any more.
func never(p *page, c call.Call, v call.View) {
	if !c.Status.Ended() || !v.Ban.On() {
		return
	}
	by := mention(v.Ban.By)
	switch { // who is mentioned once already
	case v.Ban.By != c.Contact():
	case c.ByWorkflow():
		by = say("the person who approved this call")
	default:
		by = say("the person who asked for this call")
	}
	l := line{strong("Never called again"), say(": "), by, say(" put this number on the list of numbers that are never called. Reason: ")}
	p.line(append(l, theirsLine(v.Ban.Reason, call.MaxBanReason))...)
}
