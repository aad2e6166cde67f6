package bot

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

// numberWords is a number as people write it: Americans and Canadians without
// their country code, all others with it.
func numberWords(n phone.Number) string {
	d := n.Describe()
	switch {
	case d.E164 == "":
		return "an unknown number"
	case d.Region == "US" || d.Region == "CA":
		return d.National
	}
	return d.International
}

// place is where a number is, as far as its plan tells, and what it is if that is
// worth knowing: "San Francisco, CA", "toll-free, United States".
func place(n phone.Number) string {
	d := n.Describe()
	var parts []string
	if d.Place != "" {
		parts = append(parts, d.Place)
	}
	if d.Type == "toll-free" || d.Type == "mobile" {
		parts = append(parts, d.Type)
	}
	if d.Country != "" && (d.Region != "US" || d.Place == "") {
		parts = append(parts, d.Country)
	}
	return strings.Join(parts, ", ")
}

// callee is who is called, for a line of ours: the business if it is known, and
// the number.
func callee(c call.Call) line {
	if c.Erased.Done() {
		return line{say("%s", c.Erased.Number)}
	}
	if strings.TrimSpace(c.Business) == "" {
		return line{say("%s", numberWords(c.Number))}
	}
	return append(named(c.Business, 80), say(", %s", numberWords(c.Number)))
}

// untouched says that nobody was called, if that is known.
func untouched(c call.Call) string {
	if c.Lost > 0 {
		return "An earlier attempt may have reached the number: nobody knows."
	}
	return "Nobody was called."
}

// refusal is what people are told when AgentPhone did not take a call.
type refusal struct {
	brief string // for the card's line, after "Not placed: "
	what  string // what happened
	next  string // what to do; after "Nobody was called."
	again bool   // whether Try again can help
	words bool   // whether the provider's words help people
}

func refusalOf(r call.Reason) refusal {
	switch r {
	case call.ReasonInvalid:
		return refusal{
			brief: "AgentPhone did not accept it",
			what:  "AgentPhone did not accept this call as it was asked for.",
			next:  "Press Edit to correct it. Its card then waits for a new approval.",
			words: true,
		}
	case call.ReasonBadKey, call.ReasonProviderKey:
		return refusal{
			brief: "callbot's AgentPhone key isn't accepted",
			what:  "callbot's AgentPhone key isn't accepted, so no call can be placed.",
			next:  "Ask whoever runs callbot to check AGENTPHONE_API_KEY. Then press Try again.",
			again: true,
		}
	case call.ReasonNoCredits:
		return refusal{
			brief: "AgentPhone has no credits left",
			what:  "There are no AgentPhone credits left, and each call costs one.",
			next:  "Ask whoever runs callbot to add credits. Then press Try again.",
			again: true,
		}
	case call.ReasonRateLimited:
		return refusal{
			brief: "AgentPhone was getting too many requests",
			what:  "AgentPhone was getting too many requests and turned this call away twice.",
			next:  "Wait a minute or two. Then press Try again.",
			again: true,
		}
	case call.ReasonUnreachable:
		return refusal{
			brief: "AgentPhone can't be reached",
			what:  "AgentPhone can't be reached.",
			next:  "Wait a few minutes. Then press Try again. If that does not help, ask whoever runs callbot to check its connection.",
			again: true,
		}
	case call.ReasonInterrupted, call.ReasonUnknownFate:
		return refusal{
			brief: "I could not send it to AgentPhone",
			what:  "I could not send this call to AgentPhone, and I gave up.",
			next:  "If the call is still wanted, press Try again.",
			again: true,
		}
	case call.NoReason, call.ReasonNumberBusy, call.ReasonRule, call.ReasonMissed, call.ReasonGone, call.ReasonWatchEnded, call.ReasonPaused, call.ReasonForgotten, call.ReasonRevised:
	}
	return refusal{
		brief: "AgentPhone refused it",
		what:  "AgentPhone refused this call.",
		next:  "Press Try again, or type /call again with a corrected number or objective.",
		again: true,
		words: true,
	}
}

// waiting says why an approved call is not placed yet.
func waiting(c call.Call, v call.View) string {
	if v.Pause.On() {
		return "An admin has paused all calls. It is placed when they are resumed, unless that takes so long that I ask again."
	}
	switch c.Reason {
	case call.ReasonNumberBusy:
		return "Another call to this number is not settled yet. This one waits for it, so that the number is not called twice at once."
	case call.ReasonRateLimited:
		return "AgentPhone is getting too many requests. " + untouched(c) + " I'll try once more by myself " + inAbout(c.DueAt.Sub(c.Since)) + "."
	case call.ReasonUnreachable:
		return "AgentPhone can't be reached right now. " + untouched(c) + " I keep trying by myself."
	case call.NoReason, call.ReasonInvalid, call.ReasonBadKey, call.ReasonNoCredits, call.ReasonUnknownFate,
		call.ReasonInterrupted, call.ReasonRule, call.ReasonMissed, call.ReasonGone, call.ReasonWatchEnded, call.ReasonProviderKey, call.ReasonPaused, call.ReasonForgotten, call.ReasonRevised:
	}
	switch {
	case c.Lost > 0 && c.Looks == 0:
		return "Before I place it again, I look once more whether the earlier attempt went through."
	case v.Ahead == 0:
		return "It is next."
	case v.Ahead == 1:
		return "1 call is ahead of this one."
	case v.Ahead > 1:
		return fmt.Sprintf("%d calls are ahead of this one.", v.Ahead)
	}
	return ""
}

// inAbout is how long a wait is, in minutes: "in about 5 minutes".
func inAbout(d time.Duration) string {
	if minutes := int(math.Round(d.Minutes())); minutes > 1 {
		return fmt.Sprintf("in about %d minutes", minutes)
	}
	return "in about a minute"
}

// unsure says why nobody knows what became of the attempt.
func unsure(c call.Call) string {
	if c.Reason == call.ReasonInterrupted {
		return "I was interrupted while I placed this call, so I don't know whether AgentPhone took it."
	}
	return "AgentPhone gave no clear answer when I placed this call, so I don't know whether it took it."
}

// found says what the looks in the provider's list told.
func found(r call.LookResult) string {
	switch r {
	case call.LookNone:
		return "I looked for it and AgentPhone's list shows no such call. It was probably not placed, but that is not certain."
	case call.LookSeveral:
		return "AgentPhone's list shows several calls that could be this one, and I can't tell which. It may well have been placed."
	case call.LookUnclear:
		return "AgentPhone's list shows a call to this number from that time, and I can't tell whether it is this one. It may well have been placed."
	case call.LookCutShort:
		return "AgentPhone's list shows only some of its calls, and this one may be among the others, so I couldn't find out."
	case call.LookNoDetail:
		return "AgentPhone's list doesn't show which numbers were called and when, so I couldn't find out."
	case call.LookFailed:
		return "AgentPhone's list of calls could not be read for minutes, so I couldn't find out."
	case call.LookNoList:
		return "AgentPhone has no list of calls for me to look in, so I couldn't find out."
	case call.NoLook:
	}
	return "I looked for it and couldn't find out."
}

// outcome is how the conversation went and how long it took, behind a mark: the
// provider's word in people's words, or as it is if we don't know it.
func outcome(c call.Call) line {
	switch c.Outcome {
	case call.Achieved:
		if c.Silent() {
			return line{say("⚠ "), strong("Reported as achieved"), after(c.Duration), say(", not confirmed")}
		}
		return line{say("✓ "), strong("Achieved"), after(c.Duration)}
	case call.Partial:
		return line{say("◐ "), strong("Partly achieved"), after(c.Duration)}
	case call.NotAchieved:
		return line{say("✗ "), strong("Not achieved"), after(c.Duration)}
	case "":
		return line{say("✓ "), strong("Ended"), after(c.Duration), say(", outcome not told")}
	}
	return line{say("✓ "), strong("Ended"), after(c.Duration), say(", outcome “"), theirsLine(c.Outcome, 60), say("”")}
}

// after is " after 42 s", or nothing if the duration is not known.
func after(d time.Duration) piece {
	if d < time.Second {
		return say("")
	}
	return say(" after %s", durationWords(d))
}

// durationWords is "42 s", "2 min 5 s" or "1 h 3 min".
func durationWords(d time.Duration) string {
	s := int64(d / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600 && s%60 == 0:
		return fmt.Sprintf("%d min", s/60)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	case s%3600 < 60:
		return fmt.Sprintf("%d h", s/3600)
	}
	return fmt.Sprintf("%d h %d min", s/3600, s%3600/60)
}

// elapsed is how long something has gone on, so coarse that a message that shows
// it changes seldom: steps of 10 s below 2 minutes, 30 s below 10 minutes, then
// minutes, then quarters of an hour. It is "" in the first 10 s, and when since is unknown.
func elapsed(since, now time.Time) string {
	if since.IsZero() {
		return ""
	}
	d, step := now.Sub(since), 15*time.Minute
	switch {
	case d < 10*time.Second:
		return ""
	case d < 2*time.Minute:
		step = 10 * time.Second
	case d < 10*time.Minute:
		step = 30 * time.Second
	case d < time.Hour:
		step = time.Minute
	}
	return durationWords(d.Truncate(step))
}
