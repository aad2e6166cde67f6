package bot

import (
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// listing is what somebody is shown of calls.
type listing struct {
	inquiry

	page   call.Page
	who    call.Person
	policy call.Policy
	// workspace is the address of the workspace; "" if it is not known.
	workspace string
	now       time.Time
	// direct: it stands in a direct message, where all that is shown is theirs.
	direct bool
	// stopped is the call that they stopped just now; nil: none.
	stopped *call.Call
	// begins is what a line that is typed begins with; "" leaves out what could be typed.
	begins string
}

// stops reports whether the person can stop a call that is shown.
func (l listing) stops(c call.Call) bool { return l.policy.Stops(c, l.who) }

// only is the one call that somebody can mean who wants to cancel one: the only one that
// they can, if it is theirs.
func (l listing) only() (call.Call, bool) {
	var all []call.Call
	for _, r := range l.page.Calls {
		if l.stops(r.Call) {
			all = append(all, r.Call)
		}
	}
	ok := l.Word == wordCancel && len(all) == 1 && l.page.Next == (call.Mark{}) && all[0].Requester == l.who.ID
	if !ok {
		return call.Call{}, false
	}
	return all[0], true
}

// renderList is what somebody is shown of calls.
func renderList(l listing) message {
	var p page
	if l.stopped != nil {
		c := *l.stopped
		p.line(append(append(line{strong("Canceled: "), say("the call to ")}, callee(c)...), say(". %s", untouched(c)))...)
	}
	shown, more := l.shown()
	if l.stopped == nil || len(shown) > 0 {
		l.head(&p, len(shown))
	}
	tooLate := false
	for _, r := range shown {
		l.entry(&p, r)
		tooLate = tooLate || l.Word == wordList && r.Call.Status.Open() && !l.stops(r.Call) && beyondStopping(r.Call)
	}
	if tooLate {
		p.small(say("A call that is being placed or under way can no longer be stopped."))
	}
	p.buttons(l.turns(more)...)
	return p.message()
}

// shown are the calls of this page, and whether there are more behind it.
func (l listing) shown() ([]call.Recent, bool) {
	if l.Word != wordCancel {
		return l.page.Calls, l.page.Next != (call.Mark{})
	}
	var all []call.Recent
	for _, r := range l.page.Calls {
		if l.stops(r.Call) {
			all = append(all, r)
		}
	}
	return all[:min(pageSize, len(all))], false
}

// beyondStopping reports that a call cannot be stopped any more and has not ended.
func beyondStopping(c call.Call) bool {
	switch c.Status {
	case call.Placing, call.Queued, call.Dialing, call.InProgress:
		return true
	case call.Requested, call.Scheduled, call.Approved, call.Unconfirmed, call.Completed, call.Failed, call.Canceled, call.Refused,
		call.Declined, call.Expired, call.Abandoned:
	}
	return false
}

// head says what is shown, or that there is nothing.
func (l listing) head(p *page, n int) {
	mine := l.Mine || l.direct
	titles := map[string][2]string{
		wordList:    {"Waiting, scheduled and under way here", "Your calls that are waiting, scheduled or under way"},
		wordHistory: {"Calls asked for here", "Calls that you asked for or approved"},
		wordCancel:  {"Which call is to be canceled?", "Which call is to be canceled?"},
	}
	title := titles[l.Word][0]
	switch {
	case l.Word == wordCancel && l.stopped != nil:
		title = "You can cancel these too"
	case mine:
		title = titles[l.Word][1]
	}
	if n > 0 {
		p.head(title)
		if l.Text != "" {
			p.line(say("To a number or a business with “"), theirsLine(l.Text, maxLooked), say("”:"))
		}
		return
	}
	nothing := "There is nothing here to cancel"
	if mine {
		nothing = "You have nothing to cancel"
	}
	about := line{}
	if l.Text != "" {
		about = line{say(" to a number or a business with “"), theirsLine(l.Text, maxLooked), say("”")}
	}
	switch {
	case l.Word == wordCancel:
		p.line(append(append(line{strong(nothing), say(":")}, say(" no call")), append(about, say(" that you can stop is waiting or scheduled. A call that is being placed or under way can no longer be stopped."))...)...)
	case l.Word == wordList && mine:
		p.line(strong("No calls of yours are waiting, scheduled or under way."))
	case l.Word == wordList:
		p.line(strong("No calls here are waiting, scheduled or under way."))
	case l.At > 0:
		p.line(append(append(line{strong("No more calls")}, about...), say("."))...)
	case len(about) > 0 && mine:
		p.line(append(append(line{strong("You have not asked for or approved a call")}, about...), say("."))...)
	case len(about) > 0:
		p.line(append(append(line{strong("No call was asked for here")}, about...), say("."))...)
	case mine:
		p.line(strong("You have not asked for or approved a call yet."))
	default:
		p.line(strong("No call was asked for here yet."))
	}
	l.hint(p)
}

// hint says what can be typed where nothing is shown.
func (l listing) hint(p *page) {
	if l.begins == "" {
		return
	}
	switch {
	case l.Word == wordCancel && l.Text != "":
		p.line(say("If you want me to call somebody about it, put their number first: " + l.begins + "(415) 555-0132 Cancel my appointment on Monday"))
	case l.Word == wordList:
		p.line(say("For earlier calls, type " + l.begins + wordHistory + "."))
	default:
	}
}

// entry shows one call, and what can still be done about it.
func (l listing) entry(p *page, r call.Recent) {
	c := r.Call
	parts := l.state(c)
	if l.brief(c) && !c.Erased.Done() {
		parts = append(append(stateInBrief(c), say(" · private call to ")), maskedCallee(c)...)
	} else if c.Status.Open() && strings.TrimSpace(c.Business) != "" {
		parts = append(append(parts, say(" · ")), named(c.Business, 80)...)
	}
	parts = append(append(parts, say(" · asked by "), whoAsked(c), say(" ")), clock(c.RequestedAt, l.now)...)
	if c.Status == call.Requested && !c.ExpiresAt.IsZero() {
		parts = append(append(parts, say(" · expires ")), clock(c.ExpiresAt, l.now)...)
	}
	parts = append(append(parts, say(" · ")), l.card(r))
	if what := undecided(c); what != "" {
		parts = append(parts, say(" · %s", what))
	}
	p.line(parts...)
	if l.Word != wordHistory && l.stops(c) {
		q := l.first()
		q.Stop = buttonValue(c)
		p.buttons(slack.NewButtonBlockElement(actionStop, q.encode(), plain(buttonLabels[actionCancel])))
	}
}

// undecided is what can be done in the thread of a call that nobody knows the fate of.
func undecided(c call.Call) string {
	switch {
	case c.Status == call.Unconfirmed && c.Looks >= call.MaxLooks:
		return "please decide in its thread what to do"
	case c.Status.Active() && c.Unwatched:
		return "its thread has a button to check again"
	}
	return ""
}

// brief reports that somebody sees of a private call what all do.
func (l listing) brief(c call.Call) bool {
	return c.Private && l.who.ID != c.Requester && l.who.ID != c.Decider && l.who.ID != c.Approver && !l.policy.DecidesAll(l.who)
}

// stateInBrief is how a call stands, without whom it is to.
func stateInBrief(c call.Call) line {
	switch {
	case !c.Status.Open():
		return append(verdict(c), fate(c))
	case c.Status == call.Requested:
		return line{strong("Waiting for a decision")}
	case c.Status == call.Scheduled:
		return line{strong("Scheduled")}
	case c.Status == call.Approved:
		return line{strong("Waiting to be placed")}
	}
	return verdict(c)
}

// state is how a call stands, in the words of its card and its status message.
func (l listing) state(c call.Call) line {
	switch {
	case !c.Status.Open():
		return append(append(append(verdict(c), fate(c)), say(" · ")), callee(c)...)
	case c.Status == call.Requested && sentBack(c):
		return append(headline(c, home{}), say(" · %s", numberWords(c.Number)))
	case c.Status == call.Requested:
		return line{strong("Waiting for a decision: the call to " + numberWords(c.Number))}
	case c.Status == call.Scheduled:
		return append(append(headline(c, home{}), say(" ")), clock(c.StartAt, l.now)...)
	}
	return headline(c, home{})
}

// card leads to the card of a call, if whoever looks can open it.
func (l listing) card(r call.Recent) piece {
	if isDM(r.Channel) && r.Call.Requester != l.who.ID {
		return say("its card")
	}
	if address := permalink(l.workspace, r); address != "" {
		return piece{kind: link, text: address}
	}
	return say(linkWords)
}

// turns are the buttons that show more.
func (l listing) turns(more bool) []*slack.ButtonBlockElement {
	var all []*slack.ButtonBlockElement
	add := func(action, label string, q inquiry) {
		all = append(all, slack.NewButtonBlockElement(action, q.encode(), plain(label)))
	}
	if more {
		add(actionOlder, "Older", l.after(l.page.Next))
	}
	if l.At > 0 {
		add(actionNewest, "Back to the newest", l.first())
	}
	if l.direct || l.Word == wordCancel {
		return all
	}
	other := l.first()
	other.Mine = !l.Mine
	if l.Mine {
		add(actionHere, "All calls here", other)
	} else {
		add(actionMine, "My calls everywhere", other)
	}
	return all
}
