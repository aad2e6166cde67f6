package bot

import (
	"errors"
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// homeTab is what a person's Home tab is made of.
type homeTab struct {
	who call.Person
	// channel is their direct messages with the app, where cards go that are asked for here.
	channel  string
	overview call.Overview
	// usage is what admins see; nil for all others.
	usage  *call.Usage
	limits call.Limits
	quiet  call.Hours
	policy call.Policy
	// workspace is the address of the workspace; "" if it is not known.
	workspace string
}

// How many are shown of each kind. A view has at most 100 blocks.
const (
	maxPending = 5
	maxLines   = 10
	// settledShown is how many of somebody's last calls are shown.
	settledShown = 10
	// maxOffered is the longest objective that can be decided on here; a longer one is
	// read on its card.
	maxOffered = 600
)

// renderHomeTab is somebody's Home tab. It tells no time that passes by itself, so that
// it changes only when something happens.
func renderHomeTab(t homeTab) slack.HomeTabViewRequest {
	var p page
	if err := t.refused(); err != nil {
		p.line(say("%s", err.Sentence))
		return homeView(&p)
	}
	o := t.overview
	if len(o.Undecided)+len(o.Live)+len(o.Scheduled)+len(o.Settled) == 0 {
		welcome(&p)
	}
	if t.policy.Here(t.channel) == nil {
		p.buttons(newCallButton(t.channel))
	}
	p.small(homeCredits(o.Credits))
	if o.Pause.On() {
		l := line{strong("All calls are paused"), say(" by "), mention(o.Pause.By), say(" ")}
		p.line(append(append(l, clock(o.Pause.At, o.Pause.At)...), say(". Nothing is placed until they are resumed."))...)
	}
	if len(o.Undecided) > 0 {
		p.head("Waiting for a decision")
		for _, pending := range o.Undecided[:min(maxPending, len(o.Undecided))] {
			t.pending(&p, pending)
		}
		more(&p, len(o.Undecided)-maxPending)
	}
	t.section(&p, "Under way", o.Live, t.live)
	t.section(&p, "Scheduled", o.Scheduled, t.scheduled)
	t.section(&p, "Your last calls", o.Settled, t.settled)
	if t.usage != nil {
		t.use(&p)
	}
	return homeView(&p)
}

// refused is why somebody is shown nothing, or nil.
func (t homeTab) refused() *call.Error {
	if t.policy.DecidesAll(t.who) {
		return nil
	}
	refusal, _ := errors.AsType[*call.Error](t.policy.MayAsk(t.who, ""))
	return refusal
}

func homeView(p *page) slack.HomeTabViewRequest {
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: p.message().blocks}}
}

func homeCredits(n *int) piece {
	switch {
	case n == nil:
		return say("")
	case *n <= 0:
		return say("⚠ No AgentPhone credits are left, so calls will probably be refused. Ask whoever runs callbot to add some.")
	case *n == 1:
		return say("⚠ Only 1 AgentPhone credit is left, and each call uses one. Ask whoever runs callbot to add some.")
	case *n < 3:
		return say("⚠ Only %d AgentPhone credits are left, and each call uses one. Ask whoever runs callbot to add some.", *n)
	}
	return say("AgentPhone credits left: %d. Each call uses one.", *n)
}

// pending shows a card that waits. It can be decided on here if all of it is shown.
func (t homeTab) pending(p *page, r call.Pending) {
	c := r.Call
	h := home{policy: t.policy, workspace: t.workspace}
	if c.Requester == t.who.ID {
		h.origin = r.Conversation
	}
	p.line(asks(c, " asks to call ")...)
	if units(c.Objective) > maxOffered {
		p.quote(c.Objective, maxOffered/2)
		p.line(say("That is not all of it. Please read and decide on "), t.card(r.Recent), say("."))
		return
	}
	v := call.View{Now: t.overview.Now, Quiet: t.quiet, Recent: r.Earlier} // that all is paused stands above
	details(p, c)
	if sentBack(c) {
		p.line(strong("It was approved before and not placed."), say(" Its card says why."))
	}
	for _, hint := range call.Hints(c.Request) {
		p.line(strong("Please check: "), say("%s", hint))
	}
	timeThere(p, c, v)
	cautions(p, c, v, h)
	p.line(append(append(line{say("It waits on ")}, t.card(r.Recent), say(" and expires ")), append(clock(c.ExpiresAt, c.Since), say("."))...)...)
	if t.policy.Decides(c, t.who) {
		p.buttons(proposalButtons(c, v)...)
		return
	}
	p.line(waitsFor(c, t.policy)...)
	if c.Requester == t.who.ID {
		p.buttons(button(c, actionDecline))
	}
}

// section is a headline and a line for each call.
func (t homeTab) section(p *page, title string, calls []call.Recent, show func(*page, call.Recent)) {
	if len(calls) == 0 {
		return
	}
	p.head(title)
	for _, r := range calls[:min(maxLines, len(calls))] {
		show(p, r)
	}
	more(p, len(calls)-maxLines)
}

func more(p *page, n int) {
	switch {
	case n == 1:
		p.small(say("And 1 more."))
	case n > 1:
		p.small(say("And %d more.", n))
	}
}

func (t homeTab) live(p *page, r call.Recent) {
	c := r.Call
	l := append(headline(c, home{}), say(" · "))
	if strings.TrimSpace(c.Business) != "" {
		l = append(append(l, named(c.Business, 80)...), say(" · "))
	}
	if !c.ApprovedAt.IsZero() {
		l = append(append(append(l, say("approved ")), clock(c.ApprovedAt, c.Since)...), say(" · "))
	}
	p.line(append(l, t.card(r))...)
	if c.Status == call.Approved {
		p.buttons(button(c, actionCancel))
	}
}

func (t homeTab) scheduled(p *page, r call.Recent) {
	c := r.Call
	l := append(callee(c), say(" · "))
	l = append(append(l, clock(c.StartAt, c.Since)...), say(" · "))
	p.line(append(l, t.card(r))...)
	p.buttons(button(c, actionCancel))
}

func (t homeTab) settled(p *page, r call.Recent) {
	c := r.Call
	l := append(append(verdict(c), say(" · ")), callee(c)...)
	l = append(append(append(l, say(" · ")), clock(c.RequestedAt, c.Since)...), say(" · "))
	p.line(append(l, t.card(r))...)
}

// card leads to the card of a call.
func (t homeTab) card(r call.Recent) piece {
	if address := permalink(t.workspace, r); address != "" {
		return piece{kind: link, text: address}
	}
	return say(linkWords)
}

// use is what admins see of all calls.
func (t homeTab) use(p *page) {
	p.head("Use in the last 24 hours, for admins")
	p.line(say("Approved calls: "), strong(ofLimit(t.usage.All, t.limits.All)))
	for _, u := range t.usage.Most {
		if u.Requester == "" { // nobody's limit holds for them
			p.line(say("Workflows: %d", u.Approvals))
			continue
		}
		p.line(mention(u.Requester), say(": %s", ofLimit(u.Approvals, t.limits.User)))
	}
	p.small(say("The limits are CALLBOT_DAILY_LIMIT and CALLBOT_USER_DAILY_LIMIT. /call pause stops all placing."))
}

func ofLimit(n, limit int) string {
	if limit == 0 {
		return fmt.Sprintf("%d, no limit", n)
	}
	return fmt.Sprintf("%d of %d", n, limit)
}
