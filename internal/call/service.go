package call

import (
	"context"
	"crypto/rand"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/agentphone-slack/callbot/internal/phone"
)

// Service is what people do with calls: each method is one committed transition.
type Service struct {
	repo  Repository
	rules Rules
	ttl   time.Duration
	now   func() time.Time
}

// Key is what an intake is remembered by, so that its redelivery changes nothing. It
// begins with what it is of and a colon, such as "command:" or, for clicks, [OfClick].
type Key string

// OfClick is what the keys of clicks begin with. A click that was refused is remembered too: whoever
// pressed was told so, and to press again, and its redelivery must not do later what it
// did not do then. Of a form that was refused nothing is remembered, since it is sent again.
const OfClick = "click"

// Refused reports whether an intake with that key is remembered although err refused it.
func (k Key) Refused(err error) bool {
	switch CodeOf(err) {
	case RefusedCode, NotAllowed, Conflict, Invalid:
		return strings.HasPrefix(string(k), OfClick+":")
	case Unavailable, Internal:
	}
	return false
}

// Repository keeps calls. Both methods are one transaction each, which also
// remembers key; a key that is already remembered changes nothing and returns the
// call as it now stands.
//
// An error whose commit did not happen has code [Unavailable]; [ErrUnclear] is in
// the chain of one whose commit may have happened.
type Repository interface {
	Orders
	// Create keeps a new call and where it was asked for, unless one of checks says no.
	Create(ctx context.Context, key Key, c Call, o Origin, checks ...Check) (Call, error)
	// Update loads the call, asks decide for an event and checks whether it may be, and
	// applies and commits it. An error of one of them, or of the machine, changes nothing
	// of the call and is returned beside it as it stands. See [Key.Refused]. Of updates with checks one is decided
	// at a time, so that each counts the one before.
	Update(ctx context.Context, key Key, id ID, decide func(Call) (Event, error), checks ...Check) (Call, error)
}

// Orders are what admins, and people who were told never to call again, decide for all
// calls. Each method reports whether it changed anything.
type Orders interface {
	Pause(ctx context.Context, by UserID) (bool, error)
	Resume(ctx context.Context, by UserID) (bool, error)
	// Ban forbids all calls to the number of a call. The decision of who may is asked
	// with the call as it stands.
	Ban(ctx context.Context, id ID, by UserID, reason string, may func(Call) error) (Call, bool, error)
	Allow(ctx context.Context, n phone.Number, by UserID) (bool, error)
	// Share has a call's summary shown in another conversation; the decision of who may is
	// asked as that of Ban is.
	Share(ctx context.Context, id ID, share Share, may func(Call) error) (Call, bool, error)
}

// ErrUnclear is in the chain of errors after which nobody knows whether the commit happened.
var ErrUnclear = &Error{Code: Unavailable, Sentence: "I can't tell whether that was saved. Please look at the card before you try again."}

// NewService returns a Service. ttl is how long a card waits for a decision.
func NewService(repo Repository, rules Rules, ttl time.Duration, now func() time.Time) *Service {
	return &Service{repo: repo, rules: rules, ttl: ttl, now: now}
}

// Request keeps a call that a person asks for; its card waits for a decision. The
// error is a rule's if one forbids it, and then nothing is kept.
func (s *Service) Request(ctx context.Context, key Key, q Request, o Origin) (Call, error) {
	return s.RequestFor(ctx, key, q, time.Time{}, o)
}

// RequestFor is Request of a call that is to be placed at a time, which its card proposes:
// to approve it for then is for a person, as ever. The zero time is at once.
func (s *Service) RequestFor(ctx context.Context, key Key, q Request, start time.Time, o Origin) (Call, error) {
	if err := s.rules.Who.MayAsk(o.Asker.of(q.Requester), o.Conversation); err != nil {
		return Call{}, err
	}
	return s.propose(ctx, key, q, "", start, o)
}

// propose keeps a new call that may be asked for, if the rules let it.
func (s *Service) propose(ctx context.Context, key Key, q Request, decider UserID, start time.Time, o Origin) (Call, error) {
	if err := s.rules.Check(q); err != nil {
		return Call{}, err
	}
	now := s.now()
	if err := s.rules.wanted(q, start, now); err != nil {
		return Call{}, err
	}
	q.Disclosure = s.rules.Disclosure
	q.Private = q.Private || s.rules.Private
	q = q.storable()
	return s.repo.Create(ctx, key, Call{
		ID: newID(), Version: 1, Revision: 1,
		Status: Requested, Since: now,
		Request: q, Decider: decider, StartAt: start,
		RequestedAt: now, ExpiresAt: now.Add(s.ttl),
		DueAt: now.Add(s.ttl),
	}, o, s.rules.asking(now))
}

// Private reports that every call is private, so that nobody is asked whether theirs is.
func (s *Service) Private() bool { return s.rules.Private }

// Click is a decision that a person makes with a button.
type Click struct {
	Call     ID
	Revision int64
	Actor    UserID
	// Who are the facts about Actor that the policy needs.
	Who Person
	// Asker are those about who asked for the call. See [NeedsAsker].
	Asker Person
	// Conversation is where the button was pressed; "" if that is not where the call
	// was asked for.
	Conversation string
	// Start is the time that [Service.ApproveFor] approves for.
	Start time.Time
}

// Approve places exactly what the card of that revision shows, as soon as the
// budget allows. It is also *Try again* after a refusal and *Place again* after an
// unknown fate.
func (s *Service) Approve(ctx context.Context, key Key, k Click) (Call, error) {
	return s.decideNow(ctx, key, k, func(c Call, e *Event) error {
		e.Kind, e.Due = Approve, e.At
		return s.mayPlace(c, *e)
	})
}

// Decline settles a card without a call.
func (s *Service) Decline(ctx context.Context, key Key, k Click) (Call, error) {
	return s.decide(ctx, key, k, s.rules.Who.mayStop, func(_ Call, e *Event) error { e.Kind = Decline; return nil })
}

// Cancel stops an approved call while it waits to be placed.
func (s *Service) Cancel(ctx context.Context, key Key, k Click) (Call, error) {
	return s.decide(ctx, key, k, s.rules.Who.mayStop, func(_ Call, e *Event) error { e.Kind = Cancel; return nil })
}

// AskAgain turns an expired card into a fresh one.
func (s *Service) AskAgain(ctx context.Context, key Key, k Click) (Call, error) {
	return s.decide(ctx, key, k, s.rules.Who.mayAskAgain, func(c Call, e *Event) error {
		e.Kind, e.Expires = AskAgain, e.At.Add(s.ttl)
		if err := current(c, *e); err != nil {
			return err
		}
		return s.rules.Check(c.Request)
	}, s.rules.asking(s.now()))
}

// Leave ends the wait for an unconfirmed call whose fate stays unknown.
func (s *Service) Leave(ctx context.Context, key Key, k Click) (Call, error) {
	return s.decide(ctx, key, k, s.rules.Who.mayStop, func(_ Call, e *Event) error { e.Kind = Abandon; return nil })
}

// CheckAgain asks the provider once more for news of a call that is no longer
// watched. Whoever may use callbot may: it decides nothing.
func (s *Service) CheckAgain(ctx context.Context, key Key, k Click) (Call, error) {
	return s.repo.Update(ctx, key, k.Call, func(c Call) (Event, error) {
		if c.Erased.Done() {
			return Event{}, conflict(c)
		}
		if err := s.rules.Who.mayLook(c, k.Who.of(k.Actor)); err != nil {
			return Event{}, err
		}
		now := s.now()
		return Event{Kind: WatchAgain, At: now, Actor: k.Actor, Due: now}, nil
	})
}

// Pause stops all placing until [Service.Resume]; it reports whether that is new. Only
// admins may.
func (s *Service) Pause(ctx context.Context, actor UserID) (bool, error) {
	if err := s.rules.admin(actor, "pause all calls"); err != nil {
		return false, err
	}
	return s.repo.Pause(ctx, actor)
}

// Resume ends a pause, and reports whether there was one. Only admins may.
func (s *Service) Resume(ctx context.Context, actor UserID) (bool, error) {
	if err := s.rules.admin(actor, "resume calls"); err != nil {
		return false, err
	}
	return s.repo.Resume(ctx, actor)
}

// MaxBanReason is the longest reason of a ban, in characters.
const MaxBanReason = 300

// Ban forbids all further calls to the number of a call, for a reason. It reports
// whether that is new. Whoever may stop the call may, and admins.
func (s *Service) Ban(ctx context.Context, id ID, who Person, reason string) (Call, bool, error) {
	if strings.TrimSpace(reason) == "" {
		return Call{}, false, Errorf(Invalid, "Say why this number is never to be called, so that others understand it later.")
	}
	if n := utf8.RuneCountInString(reason); n > MaxBanReason {
		return Call{}, false, Errorf(Invalid, "The reason is %d characters long and the limit is %d. Please shorten it.", n, MaxBanReason)
	}
	if CheckContent("", reason) != nil {
		return Call{}, false, Errorf(RefusedCode, "The reason holds what looks like the number of a payment card or a US social security number, which would be stored and shown here. Leave it out.")
	}
	return s.repo.Ban(ctx, id, who.ID, reason, func(c Call) error {
		if c.Erased.Done() {
			return Errorf(Conflict, "The number of this call has been erased, so I can't tell which one is never to be called, and nothing was forbidden. The button on the result of another call to it still works.")
		}
		if s.rules.Who.Admin(who.ID) || s.rules.Who.mayStop(c, who, "") == nil {
			return nil
		}
		return Errorf(NotAllowed, "Only the person who asked for this call, somebody who may approve it, or an admin of callbot can put its number on the list of numbers that are never called. Please ask one of them.")
	})
}

// Allow lifts the ban of a number, and reports whether there was one. Only admins may.
func (s *Service) Allow(ctx context.Context, n phone.Number, actor UserID) (bool, error) {
	if err := s.rules.admin(actor, "allow calls to a number again"); err != nil {
		return false, err
	}
	return s.repo.Allow(ctx, n, actor)
}

// decide commits one person's decision, authorised against the call as it now is.
func (s *Service) decide(ctx context.Context, key Key, k Click, may func(Call, Person, string) error, fill func(Call, *Event) error, checks ...Check) (Call, error) {
	return s.repo.Update(ctx, key, k.Call, func(c Call) (Event, error) {
		if c.Erased.Done() { // before any rule reads what is no longer there
			return Event{}, conflict(c)
		}
		if err := may(c, k.Who.of(k.Actor), k.Conversation); err != nil {
			return Event{}, err
		}
		e := Event{At: s.now(), Actor: k.Actor, Revision: k.Revision}
		err := fill(c, &e)
		return e, err
	}, checks...)
}

// newID returns a random id of 16 letters and digits: 80 bits.
func newID() ID { return ID(strings.ToLower(rand.Text()[:16])) }
