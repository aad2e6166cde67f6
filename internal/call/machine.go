package call

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Apply returns the call as it is after the event. What the transition table does
// not list, a decision on a revision that is no longer current, and an approval at
// or after the card's expiry are an [Error] with code [Conflict], and the call is
// returned unchanged.
func Apply(c Call, e Event) (Call, error) {
	to, ok := transitions[e.Kind][c.Status]
	if !ok {
		return c, conflict(c)
	}
	if err := admissible(c, e); err != nil {
		return c, err
	}
	e = e.storable()
	next := c
	next.Version++
	if to == asReported {
		to = reported(c.Status, e.ReportedStatus)
	}
	if e.Kind == Accept && c.ProviderID != "" {
		to = c.Status
	}
	if to != c.Status {
		next.Status, next.Since = to, e.At
	}
	next.DueAt = e.Due
	record(&next, c, e)
	if c.Erased.Done() {
		next.Erased.Silent = c.Erased.Silent || c.Outcome == "" && next.Result.Silent()
		withoutContent(&next)
	}
	return next, nil
}

// asReported stands in the table where the provider's news decide.
const asReported = "as reported"

// transitions is the whole machine: what may happen in which status, and what
// follows. Statuses that are not listed for a kind make it illegal.
var transitions = map[Kind]map[Status]Status{
	Approve:  {Requested: Approved, Refused: Approved, Unconfirmed: Approved},
	Schedule: {Requested: Scheduled},
	Decline:  {Requested: Declined},
	Cancel:   {Approved: Canceled, Scheduled: Canceled},
	Abandon:  {Unconfirmed: Abandoned},
	AskAgain: {Expired: Requested},
	Begin:    {Scheduled: Approved},
	Renew:    {Requested: Requested},
	Revise:   {Requested: Requested, Refused: Requested},
	Expire:   {Requested: Expired},
	SendBack: {Approved: Requested, Scheduled: Requested},
	Hold:     {Approved: Approved},
	Place:    {Approved: Placing},
	// While one attempt is followed, that another dialled nobody is only counted.
	HandBack: {
		Placing: Approved, Unconfirmed: Approved,
		Queued: Queued, Dialing: Dialing, InProgress: InProgress,
		Completed: Completed, Failed: Failed, Canceled: Canceled,
	},
	Refuse: {
		Placing: Refused, Unconfirmed: Refused,
		Queued: Queued, Dialing: Dialing, InProgress: InProgress,
		Completed: Completed, Failed: Failed, Canceled: Canceled,
	},
	// A lost POST may prove accepted at any time, whatever was decided meanwhile.
	Accept: {
		Requested: Queued, Scheduled: Queued, Approved: Queued, Placing: Queued, Unconfirmed: Queued,
		Refused: Queued, Declined: Queued, Expired: Queued, Abandoned: Queued,
		Queued: Queued, Dialing: Dialing, InProgress: InProgress,
		Completed: Completed, Failed: Failed, Canceled: Queued,
	},
	LoseTrack: {Placing: Unconfirmed},
	Look:      {Unconfirmed: Unconfirmed, Approved: Approved},
	Observe: {
		Queued: asReported, Dialing: asReported, InProgress: asReported,
		Completed: asReported, Failed: asReported, Canceled: asReported,
	},
	ObserveOther: {
		Queued: Queued, Dialing: Dialing, InProgress: InProgress,
		Completed: Completed, Failed: Failed, Canceled: Canceled,
	},
	Miss: {
		Queued: Queued, Dialing: Dialing, InProgress: InProgress,
		Completed: Completed, Failed: Failed, Canceled: Canceled,
	},
	StopWatching: {
		Queued: Queued, Dialing: Dialing, InProgress: InProgress,
		Completed: Completed, Failed: Failed, Canceled: Canceled,
	},
	WatchAgain: {
		Queued: Queued, Dialing: Dialing, InProgress: InProgress,
		Completed: Completed, Failed: Failed, Canceled: Canceled,
	},
	// Of a call under way only if nobody looks for news of it any more.
	Erase: {
		Queued: Queued, Dialing: Dialing, InProgress: InProgress,
		Completed: Completed, Failed: Failed, Canceled: Canceled,
		Refused: Refused, Declined: Declined, Expired: Expired, Abandoned: Abandoned,
	},
}

// admissible checks what the table cannot say.
func admissible(c Call, e Event) error {
	if c.Erased.Done() && !late(e.Kind) {
		return conflict(c)
	}
	switch e.Kind {
	case Approve, Schedule:
		if e.Revision != c.Revision {
			return Errorf(Conflict, "This card has changed since you saw that button. Please look at it again and decide on what it shows now.")
		}
		if c.Status == Requested && !e.At.Before(c.ExpiresAt) {
			return Errorf(Conflict, "This card has expired, so this click places nothing. Ask again to get a fresh one.")
		}
		if c.Status == Unconfirmed && c.Looks < MaxLooks {
			return Errorf(Conflict, "I'm still finding out whether the call was placed. You can decide in a moment.")
		}
		if e.Actor == "" {
			return Errorf(Internal, "An approval needs a person.")
		}
		if e.Kind == Schedule && !e.Start.After(e.At) {
			return Errorf(Conflict, "That time has passed, so nothing was scheduled. Please decide on the card again.")
		}
	case Revise:
		return revisable(c, e)
	case Begin:
		if e.At.Before(c.StartAt) || e.At.After(c.StartAt.Add(MaxLate)) {
			return conflict(c)
		}
	case Expire:
		if e.At.Before(c.ExpiresAt) {
			return conflict(c)
		}
	case Abandon:
		if e.Actor == "" && e.At.Before(c.Since.Add(AbandonAfter)) {
			return conflict(c)
		}
	case HandBack, Refuse, LoseTrack:
		switch {
		case c.ProviderID != "" && c.Lost > 0:
		case e.Attempt != c.Attempts || c.Status != Placing && c.Status != Unconfirmed:
			return conflict(c)
		}
	case Accept:
		if c.Attempts == 0 || e.ProviderID == "" {
			return conflict(c)
		}
	case Miss, Observe, WatchAgain:
		if c.ProviderID == "" { // cancelled before it was placed: nothing to watch
			return conflict(c)
		}
	case ObserveOther:
		if c.Other.ProviderID == "" {
			return conflict(c)
		}
	case StopWatching:
		if !c.Status.Active() && !c.Other.Status.Active() {
			return conflict(c) // it has ended
		}
	case Place:
		if c.Lost > 0 && c.Looks == 0 {
			return conflict(c) // one more look comes before another POST
		}
	case Erase:
		if !c.Settled() {
			return conflict(c)
		}
	case Decline, Cancel, AskAgain, SendBack, Hold, Look, Renew:
	}
	return nil
}

// revisable checks that a person changes what the card shows, while it waits for one.
func revisable(c Call, e Event) error {
	switch {
	case e.Actor == "":
		return Errorf(Internal, "An edit needs a person.")
	case e.Revision != c.Revision:
		return Errorf(Conflict, "This card has changed since you opened its form. Please look at it again and edit what it shows now.")
	case c.Status == Requested && !e.At.Before(c.ExpiresAt):
		return Errorf(Conflict, "This card has expired, so it can't be edited. Ask again to get a fresh one.")
	case !e.Start.IsZero() && !e.Start.After(e.At):
		return Errorf(Conflict, "That time has passed. Please choose a later one.")
	}
	return nil
}

// late reports whether a kind of event may still come once a call was erased: what the
// provider tells of it. Nobody decides anything about it any more.
func late(k Kind) bool {
	switch k {
	case HandBack, Refuse, Accept, Observe, ObserveOther, Miss, StopWatching:
		return true
	case Approve, Schedule, Decline, Cancel, Abandon, AskAgain, Begin, Renew, Revise, Expire, SendBack, Hold, Place,
		LoseTrack, Look, WatchAgain, Erase:
	}
	return false
}

// record writes down what the event tells, beside the status.
func record(next *Call, before Call, e Event) {
	setReason := func() { next.Reason, next.Detail = e.Reason, clip(e.Detail, MaxDetail) }
	if (e.Kind == HandBack || e.Kind == Refuse) && before.ProviderID != "" {
		next.DueAt = before.DueAt
		found(next)
		return
	}
	switch e.Kind {
	case Approve, Schedule:
		next.Approver, next.ApprovedAt, next.ExpiresAt = e.Actor, e.At, time.Time{}
		next.StartAt, next.Anyway = time.Time{}, e.Anyway
		if e.Kind == Schedule {
			next.StartAt, next.DueAt = e.Start, e.Start
		}
		next.Reason, next.Detail, next.RateLimited = NoReason, "", 0
		next.Looks, next.LookResult = 0, NoLook // one more look, if an attempt was lost
		next.UnreachableSince = time.Time{}
	case Renew:
		next.DueAt = before.DueAt
	case Revise:
		next.Request, next.StartAt = e.Request, e.Start
		next.Requester = before.Requester
		setReason()
		askFrom(next, e)
	case Begin:
		next.ApprovedAt = before.StartAt // its place in the queue
	case Decline, Cancel:
		next.DecidedBy, next.ExpiresAt = e.Actor, time.Time{}
		next.Reason, next.Detail = e.Reason, ""
		if e.Kind == Cancel {
			next.EndedAt = e.At
		}
	case Abandon:
		next.DecidedBy = e.Actor
	case AskAgain:
		setReason()
		askFrom(next, e)
	case SendBack:
		setReason()
		askFrom(next, e)
	case Hold:
		setReason()
	case Place:
		next.Attempts++
		next.Reason, next.Detail = NoReason, ""
	case HandBack:
		setReason()
		answered(next, before)
		if e.Reason == ReasonRateLimited {
			next.RateLimited++
		}
		if e.Reason == ReasonUnreachable {
			stamp(&next.UnreachableSince, e.At)
		} else {
			next.UnreachableSince = time.Time{}
		}
	case Refuse:
		setReason()
		next.Revision++
		next.Anyway = false
		answered(next, before)
	case LoseTrack:
		setReason()
		next.Revision++
		next.Anyway = false
		next.Lost++
		next.Looks, next.LookResult = 0, NoLook
	case Look:
		next.Looks++
		next.LookResult = e.LookResult
	case Accept:
		accept(next, before, e)
	case Observe:
		observe(next, before, e)
	case ObserveOther:
		observeOther(next, before, e)
	case Miss:
		setReason()
		next.Overdue = before.Overdue || e.Overdue && next.Status.Active()
	case StopWatching:
		next.Unwatched = true
		next.Reason = ReasonWatchEnded
	case WatchAgain:
		next.Unwatched = false
		next.Reason, next.Detail = NoReason, ""
		next.Enriched, next.Other.Enriched = min(next.Enriched, MaxEnriched-1), min(next.Other.Enriched, MaxEnriched-1)
	case Expire:
		next.ExpiresAt = time.Time{}
	case Erase:
		erase(next, e.At)
	}
}

func askFrom(next *Call, e Event) {
	next.Revision++
	next.ExpiresAt = e.Expires
	next.DueAt = e.Expires
	next.Approver, next.ApprovedAt, next.Anyway = "", time.Time{}, false
}

// answered is found for the last attempt, which is not lost while it is being placed.
func answered(next *Call, before Call) {
	if before.Status == Unconfirmed {
		found(next)
	}
}

// found takes one off the attempts that nobody knows the fate of.
func found(next *Call) {
	if next.Lost > 0 {
		next.Lost--
	}
}

func accept(next *Call, before Call, e Event) {
	switch {
	case before.ProviderID == "":
		next.ProviderID = e.ProviderID
		next.AcceptedAt, next.LastSeen = e.At, e.At
		next.ExpiresAt, next.EndedAt = time.Time{}, time.Time{}
		next.DecidedBy = ""
		next.Reason, next.Detail = NoReason, ""
		// If it is an earlier attempt than the one that is being placed, that one is now
		// of unknown fate in its stead.
		if before.Status != Placing {
			found(next)
		}
	case known(before, e.ProviderID):
		next.DueAt = before.DueAt
	case before.Other.ProviderID == "":
		next.Other = Other{ProviderID: e.ProviderID, Status: Queued, AcceptedAt: e.At}
		seen(next, before)
		found(next)
	default:
		next.Further = strings.TrimPrefix(before.Further+"\n"+e.ProviderID, "\n")
		next.DueAt = before.DueAt
		found(next)
	}
}

// known reports whether id is one of the calls that c is known to have become.
func known(c Call, id string) bool {
	return id == c.ProviderID || id == c.Other.ProviderID || slices.Contains(strings.Split(c.Further, "\n"), id)
}

// seen notes that the provider tells again what it did not.
func seen(next *Call, before Call) {
	next.Unwatched = false
	if before.Reason == ReasonWatchEnded || before.Reason == ReasonProviderKey || before.Reason == ReasonGone {
		next.Reason, next.Detail = NoReason, ""
	}
}

func observe(next *Call, before Call, e Event) {
	next.LastSeen = e.At
	next.Overdue = before.Overdue || (e.Overdue && next.Status.Active())
	seen(next, before)
	if next.Status.Ended() {
		next.Result = before.merge(e.Result)
	}
	switch next.Status {
	case Dialing:
		stamp(&next.DialingAt, e.At)
	case InProgress:
		stamp(&next.DialingAt, e.At)
		stamp(&next.AnsweredAt, e.At)
	case Completed, Failed, Canceled:
		stamp(&next.EndedAt, e.At)
	case Requested, Scheduled, Approved, Placing, Unconfirmed, Queued, Refused, Declined, Expired, Abandoned:
	}
	if before.Status.Ended() {
		next.Enriched++
	}
}

// observeOther is observe for the second call.
func observeOther(next *Call, before Call, e Event) {
	next.Unwatched = false
	if before.Reason == ReasonWatchEnded {
		next.Reason, next.Detail = NoReason, ""
	}
	if !next.Status.Active() {
		next.LastSeen = e.At
	}
	o := &next.Other
	o.Status = reported(before.Other.Status, e.ReportedStatus)
	if o.Status.Ended() {
		o.Result = o.merge(e.Result)
		stamp(&o.EndedAt, e.At)
	}
	if before.Other.Status.Ended() {
		o.Enriched++
	}
}

// stamp keeps the first time something was seen.
func stamp(t *time.Time, at time.Time) {
	if t.IsZero() {
		*t = at
	}
}

// progress orders the statuses that the provider reports.
var progress = map[Status]int{Queued: 1, Dialing: 2, InProgress: 3, Completed: 4, Failed: 4, Canceled: 4}

// reported is the status that follows from news: never an earlier one, never
// another end, and unchanged for a word that is not known.
func reported(from, news Status) Status {
	if progress[news] > progress[from] {
		return news
	}
	return from
}

// clip shortens s to at most n bytes without cutting a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// conflict tells a person how the call stands, for a step that is no longer possible.
func conflict(c Call) error {
	return &Error{Code: Conflict, Sentence: standing(c)}
}

// standing says in a sentence how the call stands.
func standing(c Call) string {
	if c.Erased.Done() {
		return wordsErased
	}
	nobody := " Nobody was called."
	if c.Lost > 0 {
		nobody = " Whether an earlier attempt reached the number is not known."
	}
	switch c.Status {
	case Requested:
		return "This call still waits for a decision on its card."
	case Scheduled:
		return "This call is already approved and waits for the time that it is to start."
	case Approved:
		return "This call is already approved and waits to be placed."
	case Placing:
		return "This call is being placed right now, so it can no longer be changed."
	case Unconfirmed:
		return "I'm finding out whether this call was placed. Its thread says how it stands."
	case Queued, Dialing, InProgress:
		return "This call is already under way, so it can no longer be changed."
	case Completed:
		return "This call has already ended. Its thread has the result."
	case Failed:
		return "This call has already ended: it could not be completed."
	case Canceled:
		if c.ProviderID == "" {
			return "This call was already canceled before it was placed." + nobody
		}
		return "This call has already ended: it was canceled."
	case Refused:
		return "This call was not placed. Its thread says why." + nobody
	case Declined:
		return "This call was already canceled on its card." + nobody
	case Expired:
		return "This card has expired." + nobody + " Ask again to get a fresh one."
	case Abandoned:
		return "This call was left as it stands: nobody knows whether it was placed."
	}
	return "This call has moved on."
}
