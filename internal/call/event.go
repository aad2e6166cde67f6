package call

import "time"

// Kind is what happened to a call.
type Kind string

// The kinds of event. Approve to AskAgain, Revise and WatchAgain are done by a person.
const (
	Approve      Kind = "approve"       // place exactly what the card shows
	Schedule     Kind = "schedule"      // the same, but not before Start
	Decline      Kind = "decline"       // do not
	Cancel       Kind = "cancel"        // not any more, while it waits to be placed
	Abandon      Kind = "abandon"       // leave an unknown fate unknown; also done by time
	AskAgain     Kind = "ask_again"     // show an expired card anew
	Begin        Kind = "begin"         // the time that it was approved for has come
	Renew        Kind = "renew"         // show its card anew: what it offers depends on the time
	Revise       Kind = "revise"        // ask for Request at Start instead: a person decides on that
	Expire       Kind = "expire"        // nobody decided
	SendBack     Kind = "send_back"     // a rule no longer holds: a person decides again
	Hold         Kind = "hold"          // it cannot be placed yet, for Reason
	Place        Kind = "place"         // the intent to POST, committed before the POST
	HandBack     Kind = "hand_back"     // the POST definitely dialled nobody; it is to be sent again
	Accept       Kind = "accept"        // the provider took it, as ProviderID
	Refuse       Kind = "refuse"        // the provider definitely said no
	LoseTrack    Kind = "lose_track"    // nobody knows what became of the POST
	Look         Kind = "look"          // a look in the provider's list, with LookResult
	Observe      Kind = "observe"       // the provider's news: ReportedStatus and Result
	ObserveOther Kind = "observe_other" // the same of the second call, if there is one
	Miss         Kind = "miss"          // the provider would not tell, for Reason
	StopWatching Kind = "stop_watching" // nothing new for too long
	WatchAgain   Kind = "watch_again"   // a person asks for a look
	Erase        Kind = "erase"         // its content is kept no longer
)

// Kinds lists every kind of event.
func Kinds() []Kind {
	return []Kind{
		Approve, Schedule, Decline, Cancel, Abandon, AskAgain, Begin, Renew, Revise, Expire, SendBack, Hold, Place, HandBack,
		Accept, Refuse, LoseTrack, Look, Observe, ObserveOther, Miss, StopWatching, WatchAgain, Erase,
	}
}

// Event is one thing that happened to a call. Which fields count depends on Kind.
type Event struct {
	Kind Kind
	// At is when it happened; Apply reads no other clock.
	At time.Time
	// Actor is the person who did it; empty if none did.
	Actor UserID
	// Revision is what the person who approved or revised was shown.
	Revision int64
	// Request is what a Revise asks for. Who asked stays who asked first.
	Request Request
	// Start is when a Schedule is to begin, or a Revise is asked for; zero: at once.
	Start time.Time
	// Anyway: the person who approved said that quiet hours are not to keep it back.
	Anyway bool
	// Attempt is the attempt that HandBack, Refuse and LoseTrack are the end of.
	Attempt int
	// Due is when the operator's next step is due after this event; zero: none.
	// Requested calls are due when they expire, whatever Due says.
	Due time.Time
	// Expires is when the card that AskAgain, SendBack and Revise show expires.
	Expires time.Time

	Reason     Reason
	Detail     string // at most [MaxDetail] bytes are kept
	ProviderID string
	LookResult LookResult
	// ReportedStatus and Result are the provider's news in Observe and ObserveOther. A
	// status that is not known changes nothing.
	ReportedStatus Status
	Result         Result
	Overdue        bool
}

// MaxDetail bounds what is kept of the provider's words, in bytes.
const MaxDetail = 500

// MaxLate is how late a scheduled call may begin. One that nobody began by then is for a
// person to decide on again.
const MaxLate = 15 * time.Minute

// MaxLooks is how many successful looks in the provider's list are taken for an
// unconfirmed call before a person decides.
const MaxLooks = 3

// AbandonAfter is how long an unconfirmed call waits for a person.
const AbandonAfter = 24 * time.Hour
