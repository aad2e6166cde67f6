package call

import (
	"strings"
	"time"

	"github.com/agentphone-slack/callbot/internal/phone"
)

// ID names a call. It is random, holds only lower-case letters and digits, and
// fits in a Slack button's value beside the revision.
type ID string

// UserID names a person by the id of the place where they asked, such as Slack's "U…".
type UserID string

// Status is where a call stands.
type Status string

// The statuses of a call.
const (
	Requested   Status = "requested"   // a card waits for a person's decision
	Scheduled   Status = "scheduled"   // a person said yes, for a time that has not come
	Approved    Status = "approved"    // a person said yes; it waits for the budget
	Placing     Status = "placing"     // the intent is committed; a POST may be under way
	Unconfirmed Status = "unconfirmed" // a POST was sent and nobody knows what became of it
	Queued      Status = "queued"      // the provider took it
	Dialing     Status = "dialing"     // the provider is ringing
	InProgress  Status = "in_progress" // somebody answered
	Completed   Status = "completed"   // the provider says that it ended as a conversation
	Failed      Status = "failed"      // the provider says that it could not be made
	Canceled    Status = "canceled"    // a person stopped it before it was placed, or the provider did after
	Refused     Status = "refused"     // the provider said no to the POST; nothing was dialled
	Declined    Status = "declined"    // a person said no to the card
	Expired     Status = "expired"     // nobody decided in time
	Abandoned   Status = "abandoned"   // an unconfirmed call that a person, or a day, left alone
)

// Statuses lists every status in the order of a call's life.
func Statuses() []Status {
	return []Status{
		Requested, Scheduled, Approved, Placing, Unconfirmed, Queued, Dialing, InProgress,
		Completed, Failed, Canceled, Refused, Declined, Expired, Abandoned,
	}
}

// Active reports whether the provider has the call and has not ended it.
func (s Status) Active() bool { return s == Queued || s == Dialing || s == InProgress }

// Ended reports whether the provider, or a person before it, ended the call for good.
func (s Status) Ended() bool { return s == Completed || s == Failed || s == Canceled }

// Call is one intended phone call, from request to result. It is a value: [Apply]
// returns a changed copy.
type Call struct {
	ID ID
	// Version counts committed events. The store compares it before it swaps.
	Version int64
	// Revision counts changes of what a person approves. A button carries the
	// revision that its card showed, and one that is no longer current approves nothing.
	Revision int64
	Status   Status
	// Since is when Status was entered.
	Since time.Time

	Request

	RequestedAt time.Time
	ExpiresAt   time.Time // of the card; the zero time once it was decided on

	// Decider is who alone may approve it, as the workflow says that asked for it; empty:
	// whoever the policy lets.
	Decider    UserID
	Approver   UserID // who last approved it
	ApprovedAt time.Time
	// StartAt is when it is to be placed: the time that is asked for while it waits for a
	// decision, that it was last approved for from then on; zero: at once.
	StartAt time.Time
	// Anyway: whoever approved it said that quiet hours are not to keep it back.
	Anyway bool
	// DecidedBy is who declined, cancelled or abandoned it. Empty: time did.
	DecidedBy UserID

	// Reason says why it was refused, sent back, held up or ended, or is [NoReason].
	Reason Reason
	// Detail is what came with Reason in the provider's words. It is shown quoted
	// and is never trusted.
	Detail string

	// Attempts counts POSTs to the provider, [Place] by [Place].
	Attempts int
	// RateLimited counts the attempts since the approval that a 429 answered.
	RateLimited int
	// UnreachableSince is when the first of the attempts since then failed to reach the
	// provider; zero: the last one did, or there was none.
	UnreachableSince time.Time
	// Lost counts the attempts whose fate is still unknown. While it is not zero,
	// nobody may be told that nobody was called.
	Lost int
	// Looks counts the successful looks in the provider's list since the call
	// became unconfirmed; LookResult is what the last one found.
	Looks      int
	LookResult LookResult

	// ProviderID is the provider's name for the call, once a POST was accepted.
	ProviderID string
	AcceptedAt time.Time
	DialingAt  time.Time
	AnsweredAt time.Time
	EndedAt    time.Time
	// LastSeen is the provider's last answer about this call, or about Other once this
	// one has ended.
	LastSeen time.Time
	// Overdue is set once the call took longer than the configured timeout.
	Overdue bool
	// Unwatched is set once nobody looks for news any more; a person can ask for a look.
	Unwatched bool

	Result
	// Enriched counts the reads after the end that looked for content still missing.
	Enriched int

	// Other is a second call that the provider made of this one.
	Other Other
	// Further are the provider's ids of still more calls that it made of this one, one
	// a line. People are told of them; nobody follows them.
	Further string

	Erased Erased

	// DueAt is when the operator's next step is due; zero: none is.
	DueAt time.Time
}

// Request is what a person asks for and another approves: exactly what the card shows.
type Request struct {
	Requester UserID // empty: a workflow asks for it
	Number    phone.Number
	// Extension is dialled when the called party's menu asks for it; digits, may be empty.
	Extension string
	// Objective is the instruction to the voice agent, byte for byte as typed.
	Objective string
	// Business and Website are optional; Website is a URL that the agent reads first.
	Business string
	Website  string
	// Private calls are shown to who asked for them and who approves them; all others see
	// that there is one, whom it is to without the number, and its outcome.
	Private bool
	// Disclosure is what the agent says first, or empty. It is that of the time when the
	// card was made, so that what was approved is what is placed.
	Disclosure string
}

// Instruction is the objective as the voice agent gets it: as typed, with what
// the card says is put before it and added to it.
func (r Request) Instruction() string {
	text := r.Objective
	if r.Disclosure != "" {
		text = sayFirst + r.Disclosure + "\n" + text
	}
	if added := r.Added(); added != "" {
		text += "\n" + added
	}
	return text
}

// Added is the sentence that is put behind the objective, or "".
func (r Request) Added() string {
	if r.Extension == "" {
		return ""
	}
	return "Dial extension " + r.Extension + " when asked."
}

// Result is what the provider tells of a call once it has ended. Parts of it may
// arrive later than the end.
type Result struct {
	// Outcome is the provider's word: "achieved", "partial", "not_achieved", or one
	// that is not known yet and is shown as it is.
	Outcome      string
	Summary      string
	Transcript   string
	RecordingURL string
	Duration     time.Duration
}

// Other is a second call that the provider made of one intended call: an attempt that
// everyone took for lost went through as well. Without one it is the zero value.
type Other struct {
	ProviderID string
	Status     Status // Queued to Canceled
	AcceptedAt time.Time
	EndedAt    time.Time
	Result
	Enriched int // as in [Call]
}

// MaxEnriched is how often a call that was completed is read again by itself for
// content that it lacks. A person can have it read once more.
const MaxEnriched = 4

// Open reports whether news of the call are still to be read from the provider,
// leaving Other aside: it is under way, or it has ended, lacks content and was not yet
// read for it as often as is worth it.
func (c Call) Open() bool { return c.open(c.ProviderID, c.Status, c.Result, c.Enriched) }

// OtherOpen is Open for the second call; false if there is none.
func (c Call) OtherOpen() bool {
	return c.open(c.Other.ProviderID, c.Other.Status, c.Other.Result, c.Other.Enriched)
}

// readForReason is how often a call that could not be completed is read again for a
// summary, which may say why and often does not come.
const readForReason = 2

func (c Call) open(id string, s Status, r Result, enriched int) bool {
	wanting := false
	switch s {
	case Completed:
		wanting = (r.Lacks() || r.RecordingURL == "") && enriched < MaxEnriched
	case Failed, Canceled:
		wanting = r.Summary == "" && enriched < readForReason
	case Requested, Scheduled, Approved, Placing, Unconfirmed, Queued, Dialing, InProgress, Refused, Declined, Expired, Abandoned:
	}
	return id != "" && (s.Active() || wanting && !c.Erased.Done())
}

// The outcomes that are documented.
const (
	Achieved    = "achieved"
	Partial     = "partial"
	NotAchieved = "not_achieved"
)

// Lacks reports whether content that a completed call usually has is missing.
func (r Result) Lacks() bool { return r.Summary == "" || r.Transcript == "" }

// Silent reports a result that claims success while nobody can be seen to have spoken.
func (r Result) Silent() bool {
	return r.Outcome == Achieved && strings.TrimSpace(r.Transcript) == ""
}

// merge adds what o knows and r does not. What is known is never unlearned.
func (r Result) merge(o Result) Result {
	fill := func(have, news string) string {
		if have == "" {
			return news
		}
		return have
	}
	r.Outcome = fill(r.Outcome, o.Outcome)
	r.Summary = fill(r.Summary, o.Summary)
	r.Transcript = fill(r.Transcript, o.Transcript)
	if o.RecordingURL != "" {
		r.RecordingURL = o.RecordingURL // a fresh read carries a fresh URL
	}
	if r.Duration == 0 {
		r.Duration = o.Duration
	}
	return r
}

// Reason is why a call stands where it stands, as a stable code; people are shown
// a sentence for it.
type Reason string

// The reasons.
const (
	NoReason Reason = ""

	ReasonInvalid     Reason = "invalid"       // the provider's 400 or another definite 4xx
	ReasonBadKey      Reason = "bad_key"       // 401, 403
	ReasonNoCredits   Reason = "no_credits"    // 402
	ReasonRateLimited Reason = "rate_limited"  // 429
	ReasonUnreachable Reason = "unreachable"   // no connection to the provider could be opened
	ReasonUnknownFate Reason = "unknown_fate"  // a POST without an answer that says yes or no
	ReasonInterrupted Reason = "interrupted"   // the process that sent the POST went away
	ReasonNumberBusy  Reason = "number_busy"   // another call to this number is placing or unconfirmed
	ReasonRule        Reason = "rule"          // a rule no longer holds; Detail is its sentence
	ReasonMissed      Reason = "missed"        // nobody ran when it was to start
	ReasonGone        Reason = "gone"          // the provider no longer knows the call
	ReasonWatchEnded  Reason = "watch_ended"   // nothing new for an hour
	ReasonProviderKey Reason = "watch_bad_key" // the provider does not let us read the call
	ReasonPaused      Reason = "paused"        // an admin stopped all placing
	ReasonForgotten   Reason = "forgotten"     // who asked, or whom it was to call, is to be forgotten
	ReasonRevised     Reason = "revised"       // who asked for it changed what its card asks for
)

// LookResult is what a look in the provider's list for an unconfirmed call found.
type LookResult string

// The results of a look.
const (
	NoLook       LookResult = ""
	LookNone     LookResult = "none"     // no call that could be this one
	LookSeveral  LookResult = "several"  // more than one that could be
	LookUnclear  LookResult = "unclear"  // one to that number, of which the list does not show that it is this one
	LookCutShort LookResult = "cutshort" // the list may leave it out
	LookNoDetail LookResult = "nodetail" // the list does not show whom it called when
	LookNoList   LookResult = "nolist"   // there is no list
	LookFailed   LookResult = "failed"   // the list could not be read, for minutes
)

// Origin is where a call was asked for. The domain only carries it to where
// messages are kept.
type Origin struct {
	Conversation string
	Thread       string // empty: not in one
	// Reply is an address that reaches the person who asked, alone and for a short
	// time only; may be empty. It is a secret.
	Reply string
	// Step is the step of a workflow that waits for the end of the call; empty: none does.
	Step string
	// Asker are the facts about who asked that the policy needs. They are not kept.
	Asker Person
}

// View is what people are shown beside the call itself.
type View struct {
	Now time.Time
	// Ahead is how many calls will be placed before this one; -1: unknown.
	Ahead int
	// Live is how many calls are waiting to be placed or under way, this one included.
	Live int
	// Credits is how many calls the provider will still make, where it is known.
	Credits *int
	// Quiet are the hours in which nobody is to be called, in their time.
	Quiet Hours
	// Pause is whether an admin stopped all placing.
	Pause Pause
	// Recent is the last call to the same number within a day, of one that waits for
	// a decision; nil: there is none.
	Recent *Recent
	// Ban is whether somebody forbade calls to the number, of a call that has ended.
	Ban Ban
}

// Recent is an earlier call to a number.
type Recent struct {
	Call Call
	// Conversation, Channel, Thread and TS are where it was asked for, and where its card stands.
	Conversation, Channel, Thread, TS string
}
