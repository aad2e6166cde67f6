package bot

import (
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// renderStatus is the message that follows a call and is edited as it goes on.
// There is none (false) before a call was approved.
func renderStatus(c call.Call, v call.View, h home) (message, bool) {
	if !followed(c) {
		return message{}, false
	}
	var p page
	head := headline(c, h)
	if gone := soFar(c, v); gone != "" {
		head = append(head, say(" · %s so far", gone))
	}
	p.line(head...)
	p.show(steps(c, h))
	notes(&p, c, v)
	p.buttons(statusButtons(c, v)...)
	return p.message(), true
}

// followed reports whether somebody was promised news of c: it was approved, even
// if that was taken back since.
func followed(c call.Call) bool {
	switch c.Status {
	case call.Requested:
		return sentBack(c) || c.Attempts > 0
	case call.Declined, call.Expired:
		return c.Attempts > 0 || sentBack(c)
	case call.Scheduled, call.Approved, call.Placing, call.Unconfirmed, call.Queued, call.Dialing, call.InProgress,
		call.Completed, call.Failed, call.Canceled, call.Refused, call.Abandoned:
	}
	return true
}

// headline is where the call stands, in words.
func headline(c call.Call, h home) line {
	number := numberWords(c.Number)
	if c.Status.Active() && c.Unwatched {
		return line{strong("No more news of the call to " + number)}
	}
	switch c.Status {
	case call.Requested:
		return line{strong("Not placed"), say(": its card waits for a new decision")}
	case call.Declined, call.Expired, call.Completed, call.Failed, call.Canceled, call.Refused, call.Abandoned:
		return append(verdictSoFar(c, h), fate(c))
	case call.Scheduled:
		return line{strong("Scheduled: the call to " + number)}
	case call.Approved:
		return line{strong("Waiting to call " + number)}
	case call.Placing:
		return line{strong("Placing the call to " + number)}
	case call.Unconfirmed:
		return line{strong("I don't know whether " + number + " is being called")}
	case call.Queued:
		return line{strong("About to call " + number)}
	case call.Dialing:
		return line{strong("Ringing " + number)}
	case call.InProgress:
		return line{strong("Talking to " + number)}
	}
	return line{strong("Call to " + number)}
}

// soFar is how long the call, or the wait for it, has gone on.
func soFar(c call.Call, v call.View) string {
	switch c.Status {
	case call.Approved, call.Placing:
		return elapsed(c.ApprovedAt, v.Now)
	case call.Queued, call.Dialing, call.InProgress:
		since := c.AcceptedAt
		for _, at := range []time.Time{c.DialingAt, c.AnsweredAt} { // what the headline says goes on since then
			if !at.IsZero() {
				since = at
			}
		}
		if !c.Unwatched {
			return elapsed(since, v.Now)
		}
	case call.Requested, call.Scheduled, call.Unconfirmed, call.Completed, call.Failed, call.Canceled, call.Refused,
		call.Declined, call.Expired, call.Abandoned:
	}
	return ""
}

// step is one station on a call's way.
type step struct {
	mark, words string
	now         bool
}

func past(words string) step   { return step{mark: "✓", words: words} }
func now(words string) step    { return step{mark: "●", words: words, now: true} }
func toCome(words string) step { return step{mark: "○", words: words} }
func bad(words string) step    { return step{mark: "✗", words: words, now: true} }
func unknown(words string) step {
	return step{mark: "?", words: words, now: true}
}

// steps is the way of the call on one line. Each mark has a word beside it.
func steps(c call.Call, h home) line {
	var l line
	for i, s := range way(c, h) {
		if i > 0 {
			l = append(l, say("  →  "))
		}
		if s.now && c.Status.Active() && c.Unwatched {
			s = unknown(s.words)
		}
		l = append(l, piece{kind: ours, text: s.mark + " " + s.words, bold: s.now})
	}
	return l
}

func way(c call.Call, h home) []step {
	w := []step{past("Approved")}
	ringing, talking, done := toCome("Ringing"), toCome("Talking"), toCome("Done")
	switch c.Status {
	case call.Scheduled:
		return append(w, now("Scheduled"), ringing, talking, done)
	case call.Approved:
		return append(w, now("Waiting"), ringing, talking, done)
	case call.Placing:
		return append(w, now("Placing"), ringing, talking, done)
	case call.Unconfirmed:
		return append(w, unknown("Placed, maybe"), ringing, talking, done)
	case call.Queued:
		return append(w, now("Placed"), ringing, talking, done)
	case call.Dialing:
		return append(w, past("Placed"), now("Ringing"), talking, done)
	case call.InProgress:
		return append(w, past("Placed"), past("Rang"), now("Talking"), done)
	case call.Completed:
		w = append(w, reached(c)...)
		switch {
		case c.Silent() && !h.settling:
			w = append(w, unknown("Talked, not confirmed"))
		case !c.Silent() && c.Duration > 0 && c.AnsweredAt.IsZero() && strings.TrimSpace(c.Transcript) == "":
			w = append(w, past("Talked"))
		}
		return append(w, past("Done"))
	case call.Failed:
		return append(append(w, reached(c)...), bad("Failed"))
	case call.Canceled:
		return append(append(w, reached(c)...), bad("Canceled"))
	case call.Refused:
		return append(w, bad("Not placed"))
	case call.Abandoned:
		return append(w, unknown("Unknown"))
	case call.Requested:
		return append(w, bad("Back to its card"))
	case call.Declined:
		return append(w, bad("Canceled"))
	case call.Expired:
		return append(w, bad("Expired"))
	}
	return w
}

// reached is how far a call came that has ended, as far as anybody saw: what was not
// seen is left out.
func reached(c call.Call) []step {
	var w []step
	if c.ProviderID != "" {
		w = append(w, past("Placed"))
	}
	if !c.DialingAt.IsZero() {
		w = append(w, past("Rang"))
	}
	if (!c.AnsweredAt.IsZero() || strings.TrimSpace(c.Transcript) != "") && !c.Silent() {
		w = append(w, past("Talked"))
	}
	return w
}

// notes is what people should know about the call as it stands.
func notes(p *page, c call.Call, v call.View) {
	switch c.Status {
	case call.Scheduled:
		startsAt(p, c)
		p.line(pausedUntil(v)...)
	case call.Requested:
		if c.Reason == call.ReasonMissed {
			p.line(append(missedWords(c), say("%s Its card asks again.", untouched(c)))...)
			break
		}
		if c.Reason == call.ReasonRevised {
			p.line(say("It was edited since then. %s Its card shows what it asks for now.", untouched(c)))
			break
		}
		p.line(say("A rule no longer allows this call. %s Its card says why.", untouched(c)))
	case call.Approved:
		if why := waiting(c, v); why != "" {
			p.line(say("%s", why))
		}
	case call.Unconfirmed:
		unconfirmed(p, c, v)
	case call.Queued, call.Dialing, call.InProgress:
		watch(p, c, v)
	case call.Abandoned:
		p.line(say("%s", abandoned(c)))
	case call.Placing, call.Completed, call.Failed, call.Refused, call.Canceled, call.Declined, call.Expired:
	}
	several(p, c)
	if c.Other.ProviderID != "" {
		p.line(otherProgress(c)...)
	}
}

// unconfirmed says what is being done about an unknown fate, or what a person can do.
func unconfirmed(p *page, c call.Call, v call.View) {
	p.line(say("%s", unsure(c)))
	if c.Looks < call.MaxLooks {
		p.line(say("I'm looking for it in AgentPhone's list of calls (%d of %d looks done). I place nothing again meanwhile.",
			c.Looks, call.MaxLooks))
		return
	}
	p.line(say("%s", found(c.LookResult)))
	quietThere(p, c, v, actionPlaceAgain)
	choices(p)
}

// choices explains the two buttons of a call whose fate stays unknown.
func choices(p *page) {
	p.line(strong("Place again"), say(" calls the number, perhaps for the second time. "),
		strong("Leave it"), say(" ends the wait, and the call stays unknown. That happens by itself after %d hours.", int(call.AbandonAfter/time.Hour)))
}

func abandoned(c call.Call) string {
	text := "It was left as it is"
	if c.DecidedBy == "" {
		text = fmt.Sprintf("Nobody decided for %d hours, so it was left as it is", int(call.AbandonAfter/time.Hour))
	}
	return text + ": nobody knows whether the number was called, and I no longer look for it. Whoever runs callbot may find it in AgentPhone's own list of calls."
}

// watch says what is unusual about news of a call that is under way.
func watch(p *page, c call.Call, v call.View) {
	switch {
	case c.Unwatched:
		p.line(lastNews(c, v.Now)...)
		p.line(strong("Check again"), say(" looks once more."))
		return
	case c.Reason == call.ReasonProviderKey:
		p.line(say("AgentPhone doesn't let me read this call, because callbot's key isn't accepted. The call itself goes on. Ask whoever runs callbot to check AGENTPHONE_API_KEY. I keep looking."))
	case c.Reason == call.ReasonGone:
		p.line(say("AgentPhone says that it doesn't know this call, though it took it. The call itself may be going on. I keep looking."))
	case silent(c, v):
		l := append(line{say("The last news of this call came ")}, clock(c.LastSeen, v.Now)...)
		p.line(append(l, say(", so this may be out of date. I keep looking."))...)
	}
	if c.Overdue {
		p.line(say("This call is taking longer than usual. I keep looking, and the result comes here when there is one."))
	}
}

// silentAfter is several times the longest pause between two reads of a call.
const silentAfter = 5 * time.Minute

// silent reports that the provider last told something so long ago that what is
// shown may be wrong.
func silent(c call.Call, v call.View) bool {
	return !c.LastSeen.IsZero() && v.Now.Sub(c.LastSeen) >= silentAfter
}

// statusButtons are what a person can do about the call as it stands.
func statusButtons(c call.Call, v call.View) []*slack.ButtonBlockElement {
	switch c.Status {
	case call.Scheduled, call.Approved:
		return []*slack.ButtonBlockElement{button(c, actionCancel)}
	case call.Unconfirmed:
		if c.Looks >= call.MaxLooks {
			return []*slack.ButtonBlockElement{placeAgain(c, v), button(c, actionLeave)}
		}
	case call.Queued, call.Dialing, call.InProgress:
		if c.Unwatched {
			return []*slack.ButtonBlockElement{button(c, actionCheckAgain).WithStyle(slack.StylePrimary)}
		}
	case call.Requested, call.Placing, call.Completed, call.Failed, call.Canceled, call.Refused,
		call.Declined, call.Expired, call.Abandoned:
	}
	return nil
}

// placeAgain asks once more, because it is the one button that can call somebody twice.
func placeAgain(c call.Call, v call.View) *slack.ButtonBlockElement {
	text := strings.Join([]string{
		"The first attempt may have gone through.",
		"If it did, " + numberWords(c.Number) + " is called a second time and a second credit is used.",
	}, " ")
	again := button(c, actionPlaceAgain)
	if quietNow(c, v) {
		text = "It is " + call.TimeThere(c.Number.Describe(), shownAt(c, v)) + ". " + text
		again = button(c, actionAnyway)
		again.Text = plain(buttonLabels[actionPlaceAgain])
	}
	confirm := slack.NewConfirmationBlockObject(plain("Place this call again?"), plain(text), plain("Place again"), plain("Don't"))
	return again.WithStyle(slack.StyleDanger).WithConfirm(confirm.WithStyle(slack.StyleDanger))
}
