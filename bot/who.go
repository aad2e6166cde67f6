package bot

import (
	"context"
	"errors"
	"slices"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// person is who acted, as far as what they do depends on it. Without a directory
// nothing is known of anybody.
func (a *App) person(ctx context.Context, user string, need call.Needs) call.Person {
	id := call.UserID(user)
	if a.directory == nil {
		return call.Person{ID: id}
	}
	return a.directory.Person(ctx, id, need)
}

// decideAs commits a decision with the facts that it depends on: about who decides
// and, where the call turns out to be somebody else's, about who asked for it.
func (a *App) decideAs(ctx context.Context, decide decision, key call.Key, k call.Click) (call.Call, error) {
	looking, cancel := context.WithTimeout(ctx, lookupWithin) // both are read in the time of one
	defer cancel()
	k.Who = a.person(looking, string(k.Actor), a.policy.ToDecide(k.Actor))
	c, err := decide(ctx, key, k)
	if missing, ok := errors.AsType[*call.NeedsAsker](err); ok {
		k.Asker = a.person(looking, string(missing.Requester), a.policy.ToAsk(missing.Requester))
		c, err = decide(ctx, key, k)
	}
	return c, err
}

// foreign reports whether somebody acts from another workspace than ours, as far as
// the envelope says where from, and is not named as one who may.
func (a *App) foreign(user string, teams ...string) bool {
	ours := a.team.Load()
	if ours == nil || *ours == "" || slices.Contains(a.policy.Allowed.Users, call.UserID(user)) {
		return false
	}
	return slices.ContainsFunc(teams, func(team string) bool { return team != "" && team != *ours })
}

// clickedIn is the conversation that a click is judged by: that of the button, unless
// it is a direct message, where cards stand that were asked for elsewhere.
func clickedIn(in slack.InteractionCallback) string {
	if isDM(in.Channel.ID) {
		return ""
	}
	return in.Channel.ID
}

// elsewhereAllowed names conversations where callbot can be used, to somebody who
// was refused because of the one they are in.
func elsewhereAllowed(p call.Policy, err error) string {
	if !errors.Is(err, call.ErrChannel) {
		return ""
	}
	var l line
	for _, c := range p.Channels {
		if slackID.MatchString(c) && !isDM(c) && len(l) < maxNamed {
			l = append(l, piece{kind: channel, text: c})
		}
	}
	if len(l) == 0 {
		return ""
	}
	return append(append(line{say(" It can be used in ")}, listed(l)...), say(".")).fallback(maxFallback)
}

// maxNamed bounds how many are named one by one.
const maxNamed = 8

var anybody = line{say("Anybody here who may use callbot can approve it.")}

// waitsFor says whom a card waits for, where that is not only who asked for the call.
func waitsFor(c call.Call, p call.Policy) line {
	switch {
	case c.Decider != "":
		return line{say("Waiting for an approval by "), mention(c.Decider), say(".")}
	case p.NobodyApproves(c):
		return line{say("Nobody can approve this call: a workflow asks for it, and CALLBOT_APPROVERS is not set any more. Whoever runs callbot can set it.")}
	}
	if !p.Approvers.Set() {
		switch p.Approval {
		case call.ByAnyone:
			return anybody
		case call.ByOther:
			if c.ByWorkflow() {
				return anybody
			}
			return line{say("Waiting for an approval by somebody other than "), mention(c.Requester), say(".")}
		case call.ByRequester, "":
		}
		return nil
	}
	var who line
	left := 0
	for _, u := range p.Approvers.Users {
		switch {
		case p.Approval == call.ByOther && u == c.Requester:
		case len(who) < maxNamed:
			who = append(who, mention(u))
		default:
			left++
		}
	}
	for _, g := range p.Approvers.Groups {
		if len(who) < maxNamed {
			who = append(who, piece{kind: userGroup, text: string(g)})
			continue
		}
		left++
	}
	switch {
	case len(who) == 0:
		return line{say("Nobody can approve this call: it takes another approver than who asked, and there is none. Whoever runs callbot can add one to CALLBOT_APPROVERS.")}
	case left == 1:
		who = append(who, say("one more"))
	case left > 1:
		who = append(who, say("%d more", left))
	}
	l := append(line{say("Waiting for an approval by ")}, listed(who)...)
	if p.Approval == call.ByOther && len(p.Approvers.Groups) > 0 && !c.ByWorkflow() {
		l = append(l, say(", but not by "), mention(c.Requester))
	}
	return append(l, say("."))
}

// listed puts pieces in a row: a, b or c. Of a group it is somebody in it.
func listed(pieces []piece) line {
	var l line
	for i, p := range pieces {
		switch {
		case i > 0 && i == len(pieces)-1:
			l = append(l, say(" or "))
		case i > 0:
			l = append(l, say(", "))
		}
		if p.kind == userGroup {
			l = append(l, say("somebody in "))
		}
		l = append(l, p)
	}
	return l
}

// alone warns of a card that needs somebody else and stands where nobody else is. Those
// who are named as approvers get it in direct messages.
func alone(c call.Call, h home) line {
	if h.policy.Approval != call.ByOther || h.policy.Approvers.Set() || c.ByWorkflow() || !h.dm && !isDM(h.origin) {
		return nil
	}
	l := line{strong("Nobody else sees this card, so it can't be approved here. ")}
	if c.Private {
		return append(l, say("A private call can be approved by somebody else only if CALLBOT_APPROVERS names them. Ask whoever runs callbot, or ask for a call that is not private."))
	}
	return append(l, say("Ask again in a channel that somebody else is in too."))
}
