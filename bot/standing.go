package bot

import (
	"errors"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// conflictAnswer tells somebody whose click changed nothing how the call stands: who
// was first, what became of it, and what is possible now. It is mrkdwn; "" means that
// the error's own sentence says more.
func conflictAnswer(c call.Call, actor call.UserID, err error, now time.Time) string {
	var l line
	switch call.CodeOf(err) {
	case call.Conflict:
		l = standing(c, actor, now)
	case call.NotAllowed:
		e, ok := errors.AsType[*call.Error](err)
		if stands := standing(c, actor, now); ok && stands != nil {
			l = append(line{say("%s ", e.Sentence)}, stands...)
		}
	case call.Invalid, call.RefusedCode, call.Unavailable, call.Internal:
	}
	return l.fallback(maxFallback)
}

// standing is how a call stands that somebody has decided on; nil if nobody has, or if
// there is nothing to say of it that its error does not.
func standing(c call.Call, actor call.UserID, now time.Time) line {
	if c.Erased.Done() {
		return nil
	}
	mayStop := actor == c.Requester || actor == c.Approver
	switch c.Status {
	case call.Scheduled:
		l := append(by(c.Approver, actor, "approved this call ", c.ApprovedAt, now), say(". It will be placed "))
		l = append(append(l, clock(c.StartAt, now)...), say("."))
		if mayStop {
			return append(l, say(" To stop it, press Cancel in its thread."))
		}
		return append(l, say(" Its thread follows it."))
	case call.Approved:
		l := append(by(c.Approver, actor, "approved this call ", c.ApprovedAt, now), say(", so it will be placed, once."))
		if c.Reason == call.ReasonPaused {
			l = append(l[:len(l)-1], say(". An admin has paused all calls; it is placed when they are resumed, unless that takes so long that I ask again."))
		}
		if mayStop {
			return append(l, say(" To stop it, press Cancel in its thread."))
		}
		return append(l, say(" Its thread follows it."))
	case call.Placing:
		return append(by(c.Approver, actor, "approved this call ", c.ApprovedAt, now), say(". It is being placed right now and can no longer be stopped. Its thread follows it."))
	case call.Queued, call.Dialing, call.InProgress:
		if c.Approver == "" {
			return nil
		}
		l := by(c.Approver, actor, "approved this call ", c.ApprovedAt, now)
		if c.Unwatched {
			return append(l, say(". Nobody knows whether it has ended. Press Check again in its thread."))
		}
		return append(l, say(". It is under way and can no longer be stopped. Its thread follows it."))
	case call.Unconfirmed:
		l := by(c.Approver, actor, "approved this call ", c.ApprovedAt, now)
		if c.Looks < call.MaxLooks {
			return append(l, say(", but it is not clear yet whether it was placed. I'm finding out, and its thread says how it stands."))
		}
		return append(l, say(", but nobody knows whether it was placed. Its thread has buttons to decide what to do."))
	case call.Declined:
		return append(by(c.DecidedBy, actor, "pressed Cancel on this card ", c.Since, now), say(". %s To have it called after all, type /call again.", untouched(c)))
	case call.Canceled:
		if c.ProviderID == "" {
			return append(by(c.DecidedBy, actor, "canceled this call ", c.Since, now), say(", before it was placed. %s To have it called after all, type /call again.", untouched(c)))
		}
	case call.Expired:
		return line{say("This card has expired. %s Press Ask again on it to get a fresh one.", untouched(c))}
	case call.Refused:
		l := line{say("This call was not placed: %s. %s", refusalOf(c.Reason).brief, untouched(c))}
		if refusalOf(c.Reason).again && mayStop {
			return append(l, say(" Its thread has a button to try again."))
		}
		return append(l, say(" Its thread says more."))
	case call.Requested, call.Completed, call.Failed, call.Abandoned:
	}
	return nil
}

// by is who did something when, as told to actor.
func by(who, actor call.UserID, did string, at, now time.Time) line {
	l := line{mention(who)}
	switch who {
	case "":
		l = line{say("Somebody")}
	case actor:
		l = line{say("You")}
	}
	l = append(l, say(" %s", did))
	if at.IsZero() || now.Sub(at) < 2*time.Minute {
		return append(l, say("a moment ago"))
	}
	return append(l, clock(at, now)...)
}
