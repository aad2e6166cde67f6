package call

import "time"

// Home is one person's view of their calls that is to be shown anew.
type Home struct {
	User UserID
	// Channel is where the person can be written to alone.
	Channel string
	// Digest tells what they are shown from anything else; "": they are shown nothing.
	Digest string
	// Lease names the claim that this is: what is done under another is refused.
	Lease string
}

// Overview is what one person sees of their calls in one place.
type Overview struct {
	Now time.Time
	// Undecided are the calls that wait for a decision: those that the person asked for or
	// is named to decide on and, if that was asked for, those of all others too; the oldest
	// first.
	Undecided []Pending
	// Live are the person's calls that were approved and have not ended, those that were
	// approved last first, Scheduled those for which the time has not come, the next
	// first, and Settled the others, the last first.
	Live, Scheduled, Settled []Recent
	// Credits is how many calls the provider will still make, where it is known.
	Credits *int
	Pause   Pause
}

// Pending is a call that waits for a decision.
type Pending struct {
	Recent
	// Earlier is the last call to the same number within a day; nil: there is none.
	Earlier *Recent
}

// Usage is how many approvals there were within a day.
type Usage struct {
	All int
	// Most are the people whose calls they were, the most first.
	Most []UsageOf
}

// UsageOf is the part of one person.
type UsageOf struct {
	Requester UserID
	Approvals int
}
