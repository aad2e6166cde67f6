package call

import (
	"time"

	"github.com/agentphone-slack/callbot/internal/phone"
)

// Erased tells that the content of a call was erased: what was asked for, what was said,
// and the number. Who, when and how it ended stay. The zero Erased: it was not.
type Erased struct {
	At time.Time
	// Number is what stays of the number, see [phone.Number.Masked], and Region where it is.
	Number, Region string
	// Silent is what [Result.Silent] was.
	Silent bool
}

// Done reports whether it was erased.
func (e Erased) Done() bool { return !e.At.IsZero() }

// Settled reports whether nothing more happens to the call unless a person, or an answer
// that nobody waits for any more, makes it.
func (c Call) Settled() bool {
	switch c.Status {
	case Completed, Failed, Canceled, Refused, Declined, Expired, Abandoned:
		return c.Unwatched || !c.Other.Status.Active()
	case Queued, Dialing, InProgress:
		return c.Unwatched
	case Requested, Scheduled, Approved, Placing, Unconfirmed:
	}
	return false
}

// LastChange is when the call last became what it is, as far as people are concerned:
// it is kept for so long after that.
func (c Call) LastChange() time.Time {
	last := c.RequestedAt
	for _, t := range []time.Time{c.Since, c.ApprovedAt, c.EndedAt, c.Other.AcceptedAt, c.Other.EndedAt} {
		if t.After(last) {
			last = t
		}
	}
	return last
}

// Erasing is what has to happen to a call for it to be erased: nothing if it is already,
// or if it has to wait until the call is settled. A call that waits for a decision or to be
// placed is withdrawn if it is to be forgotten, and waited for if it is only old.
func Erasing(c Call, at time.Time, forget bool) []Event {
	reason := NoReason
	if forget {
		reason = ReasonForgotten
	}
	erase := Event{Kind: Erase, At: at, Reason: reason}
	switch {
	case c.Erased.Done():
		return nil
	case forget && c.Status == Requested:
		return []Event{{Kind: Decline, At: at, Reason: reason}, erase}
	case forget && (c.Status == Scheduled || c.Status == Approved):
		return []Event{{Kind: Cancel, At: at, Reason: reason}, erase}
	case !c.Settled():
		return nil
	}
	return []Event{erase}
}

// erase takes the content out of a call.
func erase(c *Call, at time.Time) {
	c.Erased = Erased{At: at, Number: c.Number.Masked(), Region: c.Number.Region(), Silent: c.Result.Silent()}
	c.DueAt = time.Time{}
	withoutContent(c)
}

// withoutContent keeps what comes late from bringing content back.
func withoutContent(c *Call) {
	c.Request = Request{Requester: c.Requester}
	c.Detail = ""
	for _, r := range []*Result{&c.Result, &c.Other.Result} {
		*r = Result{Outcome: r.Outcome, Duration: r.Duration}
	}
}

// Silent is [Result.Silent], also of a call whose transcript was erased.
func (c Call) Silent() bool {
	if c.Erased.Done() {
		return c.Erased.Silent
	}
	return c.Result.Silent()
}

// wordsErased is what people are told who want more of an erased call.
const wordsErased = "What this call was about has been erased, so nothing more can be done with it. To have somebody called, type /call again."

// Forget is what to forget: all calls that a person asked for, or all to a number.
type Forget struct {
	User   UserID
	Number phone.Number
}

// Forgotten is what became of the calls to be forgotten.
type Forgotten struct {
	Erased    int // those that were withdrawn included
	Withdrawn int // they waited for a decision, or to be placed
	UnderWay  int // they are erased once they are settled
}
