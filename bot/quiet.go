package bot

import (
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// shownAt is the time that a card is rendered for.
func shownAt(c call.Call, v call.View) time.Time {
	if v.Now.IsZero() {
		return c.Since
	}
	return v.Now
}

// waitsAgain reports whether a call that was approved before waits for somebody to say
// whether it is to be tried, or placed, again.
func waitsAgain(c call.Call) bool {
	return c.Status == call.Refused && refusalOf(c.Reason).again || c.Status == call.Unconfirmed && c.Looks >= call.MaxLooks
}

// quietNow reports that nobody is called where the number is, unless somebody says so.
func quietNow(c call.Call, v call.View) bool {
	return v.Quiet.At(c.Number.Describe(), shownAt(c, v)) == call.QuietEverywhere
}

// turnsFor is how long a button to try again follows the time of day by itself.
const turnsFor = 7 * 24 * time.Hour

// turns is when what a call offers changes by itself, because quiet hours begin or end;
// zero: not while it waits for a decision.
func turns(c call.Call, v call.View) time.Time {
	if waitsAgain(c) {
		at := v.Quiet.Changes(c.Number.Describe(), shownAt(c, v))
		if at.Sub(c.Since) > turnsFor {
			return time.Time{}
		}
		return at
	}
	if c.Status != call.Requested {
		return time.Time{}
	}
	at := v.Quiet.Changes(c.Number.Describe(), shownAt(c, v))
	if start := wanted(c, v); !start.IsZero() && (at.IsZero() || start.Before(at)) {
		at = start
	}
	if at.After(c.ExpiresAt) {
		return time.Time{}
	}
	return at
}

// wanted is the time that a call which waits for a decision is asked for, as long as it can
// be approved for then; zero: at once.
func wanted(c call.Call, v call.View) time.Time {
	if c.Status != call.Requested || !c.StartAt.After(shownAt(c, v)) || v.Quiet.At(c.Number.Describe(), c.StartAt) == call.QuietEverywhere {
		return time.Time{}
	}
	return c.StartAt
}

// when tells on a card when the call is to be placed, if that is asked for, or was.
func when(p *page, c call.Call, v call.View) {
	switch {
	case c.StartAt.IsZero() || c.Reason == call.ReasonMissed:
	case wanted(c, v).IsZero():
		p.line(append(append(line{strong("It was to be placed ")}, clock(c.StartAt, c.Since)...), say(". That is no longer possible."))...)
	default:
		l := append(append(line{strong("To be placed ")}, clock(c.StartAt, c.Since)...), say("."))
		if there := call.DayThere(c.Number.Describe(), c.StartAt); there != "" {
			l = append(l, say(" Then it will be %s.", there))
		}
		p.line(l...)
	}
}

// timeThere says what time it is where the number is, as far as anybody knows.
func timeThere(p *page, c call.Call, v call.View) {
	d, now := c.Number.Describe(), shownAt(c, v)
	quiet := v.Quiet.At(d, now)
	if !wanted(c, v).IsZero() {
		return // what time it is there now is not what matters
	}
	if quiet == call.QuietEverywhere {
		next := v.Quiet.Next(d, now)
		p.line(strong("It is "+call.TimeThere(d, now)+". "), say("Nobody is called there before %s, unless you decide to.", call.ClockThere(d, next)))
		p.line(append(append(line{say("That is ")}, clock(next, now)...), say(" by your own clock."))...)
		return
	}
	if local, _, certain := d.LocalTime(c.Since); certain && !c.Since.IsZero() {
		p.line(strong("Local time there: "), say("%s when this card was made", local.Format("3:04 PM")))
	}
	switch quiet {
	case call.MaybeQuiet:
		p.line(say("This number may be answered in several time zones, and in some of them it is in the quiet hours now."))
	case call.QuietUnknown:
		p.line(say("It is not known in which time zone this number is answered, so it may be in the quiet hours there."))
	case call.NotQuiet, call.QuietEverywhere:
	}
}

// proposalButtons are what a person can decide, at that time of the called party's day.
func proposalButtons(c call.Call, v call.View) []*slack.ButtonBlockElement {
	later, edit, no := button(c, actionLater), button(c, actionEdit), button(c, actionDecline)
	d, now := c.Number.Describe(), shownAt(c, v)
	start, quiet := wanted(c, v), v.Quiet.At(d, now) == call.QuietEverywhere
	var first, second *slack.ButtonBlockElement
	switch {
	case !start.IsZero():
		first, second = callAt(c, callAtWords(c, start, now), start), button(c, actionApprove)
		second.Text = plain("Call now")
	case quiet:
		next := v.Quiet.Next(d, now)
		first = callAt(c, "Call at "+call.ClockThere(d, next), next)
	default:
		first = button(c, actionApprove)
	}
	if quiet {
		second = anyway(c, v)
	}
	if c.ByWorkflow() {
		edit = nil // what is asked for stands in the workflow
	}
	return []*slack.ButtonBlockElement{first.WithStyle(slack.StylePrimary), second, later, edit, no}
}

// anyway approves a call although it is quiet there, and asks once more.
func anyway(c call.Call, v call.View) *slack.ButtonBlockElement {
	text := "It is " + call.TimeThere(c.Number.Describe(), shownAt(c, v)) + ". " + numberWords(c.Number) + " is called all the same, as soon as possible."
	confirm := slack.NewConfirmationBlockObject(plain("Call now anyway?"), plain(text), plain("Call now anyway"), plain("Don't"))
	return button(c, actionAnyway).WithConfirm(confirm.WithStyle(slack.StyleDanger))
}

// quietThere says that the button to try again, or to place again, is another one now.
func quietThere(p *page, c call.Call, v call.View, action string) {
	if !waitsAgain(c) || !quietNow(c, v) {
		return
	}
	d := c.Number.Describe()
	until := call.ClockThere(d, v.Quiet.Next(d, shownAt(c, v)))
	p.line(strong("It is "+call.TimeThere(d, shownAt(c, v))+". "), say("Nobody is called there before %s, unless you decide to.", until))
	if action == actionTryAgain {
		p.line(strong(buttonLabels[actionTryAgain]), say(" comes back then."))
	}
}

// callAt approves a call for a time.
func callAt(c call.Call, label string, at time.Time) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(actionCallAt, buttonValue(c)+":"+strconv.FormatInt(at.Unix(), 10), plain(label))
}

// callAtWords names on a button the time that a call is asked for. A button shows nobody
// the time by their own clock, so it is theirs, where that is known.
func callAtWords(c call.Call, at, now time.Time) string {
	d := c.Number.Describe()
	switch {
	case call.TimeThere(d, at) == "":
		return "Call at that time"
	case at.Sub(now) < 12*time.Hour:
		return "Call at " + call.ClockThere(d, at)
	}
	return "Call on " + call.DateThere(d, at)
}

// cutStart takes the time off the value of a button that has one; ok is false if it
// should and does not.
func cutStart(action *slack.BlockAction) (value string, start time.Time, ok bool) {
	if action.ActionID != actionCallAt {
		return action.Value, time.Time{}, true
	}
	i := strings.LastIndexByte(action.Value, ':')
	if i < 0 {
		return "", time.Time{}, false
	}
	seconds, err := strconv.ParseInt(action.Value[i+1:], 10, 64)
	if err != nil || seconds < 0 || seconds > maxUnix {
		return "", time.Time{}, false
	}
	return action.Value[:i], time.Unix(seconds, 0).UTC(), true
}

// maxUnix is the last second that Slack's picker can tell, in the year 2286.
const maxUnix = 9_999_999_999

// sentBack reports that a call was approved and waits for another decision.
func sentBack(c call.Call) bool {
	return c.Reason == call.ReasonRule || c.Reason == call.ReasonMissed
}

// missed tells on a card that its call did not begin when it was to.
func missed(p *page, c call.Call) {
	p.line(append(missedWords(c), say("%s Please decide again.", untouched(c)))...)
}

func missedWords(c call.Call) line {
	if c.StartAt.IsZero() {
		return line{strong("This call was approved a while ago"), say(", but I was not running to place it. ")}
	}
	l := append(line{strong("This call was to be placed ")}, clock(c.StartAt, c.Since)...)
	return append(l, say(", but I was not running then. "))
}

// scheduledWords is what a card says of a call that waits for its time.
func scheduledWords(c call.Call, h home) line {
	where := "in the thread"
	switch {
	case h.copied:
		where = "where it was asked for"
	case h.thread:
		where = "below"
	}
	return append(thenThere(c), say("Until then it can be canceled %s.", where))
}

// pausedUntil says of a call that waits for its time that it may have to wait longer.
func pausedUntil(v call.View) line {
	if !v.Pause.On() {
		return nil
	}
	return line{say("An admin has paused all calls: it is not placed before they are resumed.")}
}

// startsAt tells when a scheduled call is placed, in the reader's time and in theirs.
func startsAt(p *page, c call.Call) {
	if c.StartAt.IsZero() {
		return
	}
	l := append(line{say("It will be placed ")}, clock(c.StartAt, c.Since)...)
	l = append(append(l, say(". ")), thenThere(c)...)
	p.line(append(l, say("Until then it can be canceled."))...)
}

// thenThere is the time there when a scheduled call is placed.
func thenThere(c call.Call) line {
	there := call.DayThere(c.Number.Describe(), c.StartAt)
	if there == "" || c.StartAt.IsZero() {
		return nil
	}
	return line{say("Then it will be %s. ", there)}
}
