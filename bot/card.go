package bot

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// home is where a call's messages stand.
type home struct {
	// dm: the card could not be posted where it was asked for, so all of it stands in
	// a direct message with the requester.
	dm bool
	// origin is the channel where it was asked for.
	origin string
	// thread: the card stands in the thread where it was asked for, and all else
	// beside it, not in a thread of its own.
	thread bool
	// settling: the call has just ended, and what was said is still looked for, so that
	// nothing is told yet of how it went.
	settling bool
	// workspace is the address of the workspace; "" if it is not known.
	workspace string
	// policy is who may approve.
	policy call.Policy
	// askedIn is the conversation that a call was asked for in which is shown in a direct
	// message of somebody else than there; "": it stands where it was asked for.
	askedIn string
	// brief: only what everybody may see of a private call; copied: a card whose thread
	// stands elsewhere.
	brief, copied bool
	// awaited: a workflow waits for the end of the call.
	awaited bool
}

// renderCard is the message that proposes a call and, once the call is settled, its
// outcome in one line.
func renderCard(c call.Call, v call.View, h home) message {
	var p page
	if h.brief {
		inBrief(&p, c, h)
		return p.message()
	}
	switch c.Status {
	case call.Requested:
		proposal(&p, c, v, h)
	case call.Scheduled, call.Approved, call.Placing, call.Unconfirmed, call.Queued, call.Dialing, call.InProgress:
		underWay(&p, c, v, h)
	case call.Completed, call.Failed, call.Canceled, call.Refused, call.Declined, call.Expired, call.Abandoned:
		settled(&p, c, h)
	default:
		p.line(say("A call to %s.", numberWords(c.Number)))
	}
	askedFor(&p, c, h)
	return p.message()
}

// proposal is what a person decides on.
func proposal(p *page, c call.Call, v call.View, h home) {
	elsewhere(p, c, h)
	if c.Reason == call.ReasonRule {
		p.line(strong("This call was approved but not placed, because a rule no longer allows it. "), say("%s", untouched(c)))
		if c.Detail != "" {
			p.line(strong("Reason: "), theirsLine(c.Detail, maxWords))
		}
		p.line(say("Please decide again."))
	} else if c.Reason == call.ReasonMissed {
		missed(p, c)
	} else if c.Lost > 0 {
		p.line(strong("An earlier attempt may have reached this number: nobody knows."))
	}
	if c.Reason == call.ReasonRevised {
		p.line(strong("Edited. "), say("This card asked for something else before."))
	}
	p.line(strong("Place this call?"))
	p.line(asks(c, " asks to call ")...)
	details(p, c)
	for _, hint := range call.Hints(c.Request) {
		p.line(strong("Please check: "), say("%s", hint))
	}
	when(p, c, v)
	timeThere(p, c, v)
	cautions(p, c, v, h)
	p.line(waitsFor(c, h.policy)...)
	p.line(alone(c, h)...)
	switch {
	case !c.ByWorkflow():
	case h.awaited:
		p.line(say("The workflow waits for this call and gets its outcome, summary and transcript."))
	default:
		p.line(say("The workflow no longer waits for this call. What comes of it is told here."))
	}
	p.small(footer(c, v)...)
	p.buttons(proposalButtons(c, v)...)
}

// asks is who wants to call whom.
func asks(c call.Call, verb string) line {
	l := line{whoAsks(c), say("%s", verb), strong(numberWords(c.Number))}
	if where := place(c.Number); where != "" {
		l = append(l, say(" (%s)", where))
	}
	return append(l, say(":"))
}

// whoAsks is who asked for a call, at the beginning of a line.
func whoAsks(c call.Call) piece {
	if c.ByWorkflow() {
		return say("A workflow")
	}
	return mention(c.Requester)
}

// whoAsked is whoAsks inside a line.
func whoAsked(c call.Call) piece {
	if c.ByWorkflow() {
		return say("a workflow")
	}
	return mention(c.Requester)
}

// details are all that is sent to the provider beside the number.
func details(p *page, c call.Call) {
	if c.Disclosure != "" {
		p.line(strong("The agent says first: "), theirsLine(c.Disclosure, 2*call.MaxDisclosure))
	}
	wasCut := p.quote(c.Objective, maxObjective)
	if wasCut {
		p.line(say("The objective is longer than can be shown here."))
	}
	if hides(c.Objective) {
		p.line(say("%c marks invisible characters in the objective. The agent gets them too.", hiddenMark))
	}
	for _, d := range []struct {
		label, text string
		most        int
	}{
		{"Added to it: ", c.Added(), 200},
		{"Business: ", c.Business, maxBusiness},
		{"Website: ", c.Website, maxWebsite},
	} {
		if strings.TrimSpace(d.text) != "" {
			p.line(strong(d.label), theirsLine(d.text, d.most))
		}
	}
}

// footer is the credits and the end of the card's life.
func footer(c call.Call, v call.View) line {
	var l line
	if v.Credits != nil {
		l = append(l, say("%s", creditWords(*v.Credits)))
	}
	if !c.ExpiresAt.IsZero() {
		if len(l) > 0 {
			l = append(l, say(" "))
		}
		l = append(append(append(l, say("This card expires ")), clock(c.ExpiresAt, c.Since)...), say("."))
	}
	return l
}

func creditWords(n int) string {
	switch {
	case n <= 0:
		return "No AgentPhone credits are left, so this call will probably be refused. Ask whoever runs callbot to add some."
	case n == 1:
		return "Only 1 AgentPhone credit is left. This call uses it."
	case n < 3:
		return fmt.Sprintf("Only %d AgentPhone credits are left. This call uses one.", n)
	}
	return fmt.Sprintf("AgentPhone credits left: %d. This call uses one.", n)
}

// underWay shows what was approved until it has ended.
func underWay(p *page, c call.Call, v call.View, h home) {
	elsewhere(p, c, h)
	head := line{strong("Approved")}
	switch {
	case c.Approver != "" && !c.StartAt.IsZero():
		head = append(head, say(" by "), mention(c.Approver), say(", to be placed "))
		head = append(append(head, clock(c.StartAt, c.Since)...), say(". "))
	case c.Approver != "" && !c.ApprovedAt.IsZero():
		head = append(head, say(" by "), mention(c.Approver), say(" "))
		head = append(append(head, clock(c.ApprovedAt, c.Since)...), say(". "))
	case c.Approver != "":
		head = append(head, say(" by "), mention(c.Approver), say(". "))
	default:
		head = line{strong("An earlier attempt of this call went through after all. ")}
	}
	p.line(append(head, progressWords(c, v, h)...)...)
	if c.Other.ProviderID != "" {
		p.line(strong("AgentPhone made two calls of this one."))
	}
	p.line(asks(c, " asked to call ")...)
	details(p, c)
}

// progressWords is where an approved call stands, in what seldom changes.
func progressWords(c call.Call, v call.View, h home) line {
	if c.Status.Active() && c.Unwatched {
		l := line{strong("Nobody knows whether it has ended. "), say("AgentPhone has told nothing new for too long. ")}
		switch {
		case h.copied:
			return l
		case h.thread:
			return append(l, say("Below is a button to check again."))
		}
		return append(l, say("The thread has a button to check again."))
	}
	thread, decide := "The thread has its progress.", "Please decide in the thread what to do."
	if h.copied {
		thread, decide = "", "It is decided where the call was asked for."
	}
	if h.thread {
		thread, decide = "Its progress is below.", "Please decide below what to do."
	}
	switch c.Status {
	case call.Scheduled:
		l := scheduledWords(c, h)
		if v.Pause.On() {
			l = append(append(l, say(" ")), pausedUntil(v)...)
		}
		return l
	case call.Approved:
		if why := waiting(c, v); why != "" {
			return line{say("Waiting to be placed. %s", why)}
		}
		return line{say("Waiting to be placed.")}
	case call.Placing:
		return line{say("It is being placed. %s", thread)}
	case call.Unconfirmed:
		if c.Looks >= call.MaxLooks {
			return line{strong("Nobody knows whether it was placed. "), say("%s", decide)}
		}
		return line{say("It is not clear yet whether it was placed. %s", thread)}
	case call.Requested, call.Queued, call.Dialing, call.InProgress, call.Completed, call.Failed,
		call.Canceled, call.Refused, call.Declined, call.Expired, call.Abandoned:
	}
	return line{say("The call is under way. %s", thread)}
}

// settled is the outcome in one line.
func settled(p *page, c call.Call, h home) {
	l := append(verdictSoFar(c, h), say(" · call to "))
	l = append(append(l, callee(c)...), fate(c), say(" · asked by "), whoAsked(c))
	if c.Approver != "" {
		l = append(l, say(", approved by "), mention(c.Approver))
	}
	if c.Other.ProviderID != "" {
		l = append(l, say(" · AgentPhone made two calls of it"))
	}
	p.line(l...)
	if c.Status == call.Expired && !c.Erased.Done() {
		p.buttons(button(c, actionAskAgain).WithStyle(slack.StylePrimary))
	}
}

// verdict is how a settled call ended, in a few words behind a mark.
func verdict(c call.Call) line {
	no := func(word string, rest ...piece) line { return append(line{say("✗ "), strong(word)}, rest...) }
	by := func() line {
		switch {
		case c.Reason == call.ReasonForgotten:
			return no("Withdrawn", say(" by whoever runs callbot"))
		case c.DecidedBy == "":
			return no("Canceled")
		}
		return no("Canceled", say(" by "), mention(c.DecidedBy))
	}
	switch c.Status {
	case call.Completed:
		return outcome(c)
	case call.Failed:
		return no("Failed", after(c.Duration))
	case call.Canceled:
		if c.ProviderID != "" {
			return no("Canceled by AgentPhone", after(c.Duration))
		}
		return append(by(), say(" before it was placed"))
	case call.Declined:
		return append(by(), say(" before it was approved"))
	case call.Expired:
		return no("Expired", say(": nobody decided in time"))
	case call.Refused:
		return no("Not placed", say(": %s", refusalOf(c.Reason).brief))
	case call.Abandoned:
		return line{say("? "), strong("Unknown"), say(": nobody knows whether it was placed")}
	case call.Queued, call.Dialing, call.InProgress:
		if c.Unwatched {
			return line{say("? "), strong("Unknown"), say(": nobody knows how it ended")}
		}
	case call.Requested, call.Scheduled, call.Approved, call.Placing, call.Unconfirmed:
	}
	return line{strong("Under way")}
}

// verdictSoFar is verdict, without what may turn out otherwise in a moment.
func verdictSoFar(c call.Call, h home) line {
	if c.Status == call.Completed && h.settling {
		return line{say("✓ "), strong("Ended"), after(c.Duration), say(", fetching what was said")}
	}
	return verdict(c)
}

// fate says behind a verdict whether anybody was called, where that is a question.
func fate(c call.Call) piece {
	switch c.Status {
	case call.Declined, call.Expired, call.Refused:
	case call.Canceled:
		if c.ProviderID != "" {
			return say("")
		}
	case call.Requested, call.Scheduled, call.Approved, call.Placing, call.Unconfirmed, call.Queued, call.Dialing, call.InProgress,
		call.Completed, call.Failed, call.Abandoned:
		return say("")
	default:
		return say("")
	}
	if c.Lost > 0 {
		return say(" · an earlier attempt may have reached the number")
	}
	return say(" · nobody was called")
}

// elsewhere explains a card that stands where nobody expects it.
func elsewhere(p *page, c call.Call, h home) {
	if !h.dm {
		return
	}
	again := "ask again"
	if c.ByWorkflow() {
		again = "start the workflow again"
	}
	p.small(say("I can't post in "), where(h), say(", so this call and its result stay here. To have the next one there, add me with /invite and %s.", again))
}

// where is the place that a call was asked for in.
func where(h home) piece {
	// Only channels can be mentioned; the ids of direct messages begin with D.
	if slackID.MatchString(h.origin) && !strings.HasPrefix(h.origin, "D") {
		return piece{kind: channel, text: h.origin}
	}
	return say("that conversation")
}

// The actions of our buttons.
const (
	actionApprove    = "approve"
	actionDecline    = "decline"
	actionCancel     = "cancel"
	actionAskAgain   = "ask_again"
	actionTryAgain   = "try_again"
	actionPlaceAgain = "place_again"
	actionLeave      = "leave"
	actionCheckAgain = "check_again"
	actionNever      = "never_call"
	actionCallAt     = "call_at"
	actionAnyway     = "call_anyway"
	actionLater      = "later"
	actionShare      = "share"
	actionEdit       = "edit"
	actionCallAgain  = "call_again"
	actionCallBack   = "call_back"
	actionTryWith    = "try_with"
)

// buttonLabels says what each button does.
var buttonLabels = map[string]string{
	actionApprove:    "Place call",
	actionDecline:    "Cancel",
	actionCancel:     "Cancel",
	actionAskAgain:   "Ask again",
	actionTryAgain:   "Try again",
	actionPlaceAgain: "Place again",
	actionLeave:      "Leave it",
	actionCheckAgain: "Check again",
	actionNever:      "Never call this number",
	actionAnyway:     "Call now anyway",
	actionLater:      "Later…",
	actionShare:      "Share summary",
	actionEdit:       "Edit",
	actionCallAgain:  "Call again",
	actionCallBack:   "Call back later",
	actionTryWith:    "Try again with…",
}

func button(c call.Call, action string) *slack.ButtonBlockElement {
	return slack.NewButtonBlockElement(action, buttonValue(c), plain(buttonLabels[action]))
}

// plain is text that Slack takes literally.
func plain(text string) *slack.TextBlockObject {
	literal := false
	return &slack.TextBlockObject{Type: slack.PlainTextType, Text: text, Emoji: &literal}
}

// buttonValue names the call and the revision of it that the button's message shows.
func buttonValue(c call.Call) string {
	return string(c.ID) + ":" + strconv.FormatInt(c.Revision, 10)
}

// parseButtonValue reads what buttonValue wrote.
func parseButtonValue(value string) (call.ID, int64, bool) {
	id, revision, ok := strings.Cut(value, ":")
	if !ok || id == "" || len(id) > 64 || strings.ContainsFunc(id, notOfID) {
		return "", 0, false
	}
	n, err := strconv.ParseInt(revision, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != revision {
		return "", 0, false
	}
	return call.ID(id), n, true
}

func notOfID(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }

// dateOf is the day of a call for the names of its files: where the number is if
// that is certain, else in UTC.
func dateOf(c call.Call) string {
	at := c.RequestedAt
	for _, t := range []time.Time{c.AcceptedAt, c.EndedAt} {
		if !t.IsZero() {
			at = t
		}
	}
	local, _, certain := c.Number.Describe().LocalTime(at)
	if !certain {
		local = at.UTC()
	}
	return local.Format(time.DateOnly)
}
