package call

import "time"

// Attempt is one POST to the provider: its intent, committed with [Place] before
// the request is made, and its answer.
type Attempt struct {
	Call ID
	N    int // 1 for the first attempt of the call
	At   time.Time
	// Deadline is when the request has ended, whatever became of its process.
	Deadline time.Time
	// Answer is the zero value until the request ended and that was committed.
	Answer Answer
}

// Answer is what became of an attempt.
type Answer struct {
	At         time.Time
	Fate       Fate
	ProviderID string
	Reason     Reason
	Detail     string
	// Credits is how many calls the provider will still make, where it said so.
	Credits *int
	// Wait is how long the provider asked to be left alone; zero: it did not say.
	Wait time.Duration
}

// Answered reports whether the answer was committed.
func (a Attempt) Answered() bool { return a.Answer.Fate != FateUnanswered }

// Fate is what became of a POST.
type Fate string

// The fates.
const (
	FateUnanswered Fate = ""         // nothing was committed yet
	FateAccepted   Fate = "accepted" // the provider took it
	FateRefused    Fate = "refused"  // the provider definitely said no
	FateNotSent    Fate = "not_sent" // the request definitely never reached it
	FateUnknown    Fate = "unknown"  // it may have been taken
)

// Purpose is what a request to the provider is made for. Some of the budget is kept
// for placing, so that a person's click does not wait behind polls.
type Purpose string

// The purposes, the most urgent first.
const (
	ForPlacing Purpose = "placing"
	ForLooking Purpose = "looking" // finding an unconfirmed call
	ForWatch   Purpose = "watch"   // news of active calls, and their last read
	ForContent Purpose = "content" // what was missing after the end
)

// Grant is one request taken from the budget. It has ended by Deadline, whatever happens:
// after that it may not count any more.
type Grant struct {
	ID       string
	Deadline time.Time
}

// Budget is how many requests the provider takes from our key: N in any Window. N
// zero: no limit.
type Budget struct {
	N      int
	Window time.Duration
}

// Reserve is how many of the budget's requests only [ForPlacing] may take: two, and
// at most a fifth.
func (b Budget) Reserve() int { return min(2, b.N/5) }
