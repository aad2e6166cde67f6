package call

import (
	"context"
	"time"

	"github.com/agentphone-slack/callbot/internal/phone"
)

// Books are what has happened so far, as rules ask for it. They are read in the
// transaction that depends on them.
type Books interface {
	// Pause tells who stopped all placing; the zero Pause: nobody did.
	Pause(ctx context.Context) (Pause, error)
	// Ban tells who forbade calls to a number; the zero Ban: nobody did.
	Ban(ctx context.Context, n phone.Number) (Ban, error)
	// Conversation is where a call was asked for.
	Conversation(ctx context.Context, id ID) (string, error)
	// Approvals counts approvals at or after from, and before to unless that is zero, of calls that a person
	// asked for, or that anybody did if user is "", and tells when the limit-th newest of
	// them was; the zero time if there are fewer.
	Approvals(ctx context.Context, user UserID, from, to time.Time, limit int) (n int, limiting time.Time, err error)
	// Asked lists what was asked for at or after from, or approved then if approved is
	// set, and not turned down since; the newest first, at most some thousands.
	Asked(ctx context.Context, from time.Time, approved bool) ([]Asked, error)
}

// Asked is what one call was to be: whom to call and what for.
type Asked struct {
	Call       ID
	Number     string // E.164
	Objective  string
	ApprovedAt time.Time // zero: it is not approved
}

// Check is a rule that depends on more than the call: it is asked in the transaction
// that would make or change the call.
type Check func(ctx context.Context, b Books, c Call) error

// Pause is that an admin stopped all placing.
type Pause struct {
	By UserID
	At time.Time
}

// On reports whether placing is stopped.
func (p Pause) On() bool { return !p.At.IsZero() }

// ErrPaused is in the chain of the error of a call that waits for a [Pause] to end.
var ErrPaused = &Error{Code: RefusedCode, Sentence: "All calls are paused by an admin right now, so nothing was approved. The card stays; press the button again when calls are resumed."}

// paused is the rule of [Pause].
func paused(p Pause) error {
	if p.On() {
		return ErrPaused
	}
	return nil
}

// Ban is that somebody forbade all calls to a number.
type Ban struct {
	By     UserID
	At     time.Time
	Reason string
}

// On reports whether the number may not be called.
func (b Ban) On() bool { return !b.At.IsZero() }

// banned is the rule of [Ban].
func banned(b Ban) error {
	if !b.On() {
		return nil
	}
	return Errorf(RefusedCode, "This number is on the list of numbers that are never called, since %s (UTC). If that is a mistake, ask an admin of callbot to lift it with /call allow and the number.",
		b.At.UTC().Format("2 January 2006")).about(PartNumber)
}
