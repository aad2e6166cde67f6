package call

import (
	"context"
	"crypto/rand"
	"strings"
	"time"
)

// Service is what people do with calls: each method is one committed transition.
type Service struct {
	repo  Repository
	rules Rules
	ttl   time.Duration
	now   func() time.Time
}

// Key is what an intake is remembered by, so that its redelivery changes nothing:
// "trigger:…" for commands, clicks and submissions, "event:…" for events.
type Key string

// Repository keeps calls. Both methods are one transaction each, which also
// remembers key; a key that is already remembered changes nothing and returns the
// call as it now stands.
//
// An error whose commit did not happen has code [Unavailable]; [ErrUnclear] is in
// the chain of one whose commit may have happened.
type Repository interface {
	// Create keeps a new call and where it was asked for.
	Create(ctx context.Context, key Key, c Call, o Origin) (Call, error)
	// Update loads the call, asks decide for an event, applies and commits it. An
	// error of decide, or of the machine, changes nothing and is returned beside the
	// call as it stands.
	Update(ctx context.Context, key Key, id ID, decide func(Call) (Event, error)) (Call, error)
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
	if err := s.rules.Who.MayAsk(o.Asker.of(q.Requester), o.Conversation); err != nil {
		return Call{}, err
	}
	if err := s.rules.Check(q); err != nil {
		return Call{}, err
	}
	q = q.storable()
	now := s.now()
	return s.repo.Create(ctx, key, Call{
		ID: newID(), Version: 1, Revision: 1,
		Status: Requested, Since: now,
		Request:     q,
		RequestedAt: now, ExpiresAt: now.Add(s.ttl),
		DueAt: now.Add(s.ttl),
	}, o)
}

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
}

// Approve places exactly what the card of that revision shows, as soon as the
// budget allows. It is also *Try again* after a refusal and *Place again* after an
// unknown fate.
func (s *Service) Approve(ctx context.Context, key Key, k Click) (Call, error) {
	return s.decide(ctx, key, k, s.rules.Who.mayApprove, func(c Call, e *Event) error {
		e.Kind, e.Due = Approve, e.At
		if err := s.rules.Who.mayStillAsk(c, k); err != nil {
			return err
		}
		return s.rules.Check(c.Request)
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
		return s.rules.Check(c.Request)
	})
}

// Leave ends the wait for an unconfirmed call whose fate stays unknown.
func (s *Service) Leave(ctx context.Context, key Key, k Click) (Call, error) {
	return s.decide(ctx, key, k, s.rules.Who.mayStop, func(_ Call, e *Event) error { e.Kind = Abandon; return nil })
}

// CheckAgain asks the provider once more for news of a call that is no longer
// watched. Whoever may use callbot may: it decides nothing.
func (s *Service) CheckAgain(ctx context.Context, key Key, k Click) (Call, error) {
	return s.repo.Update(ctx, key, k.Call, func(c Call) (Event, error) {
		if err := s.rules.Who.mayLook(c, k.Who.of(k.Actor)); err != nil {
			return Event{}, err
		}
		now := s.now()
		return Event{Kind: WatchAgain, At: now, Actor: k.Actor, Due: now}, nil
	})
}

// decide commits one person's decision, authorised against the call as it now is.
func (s *Service) decide(ctx context.Context, key Key, k Click, may func(Call, Person, string) error, fill func(Call, *Event) error) (Call, error) {
	return s.repo.Update(ctx, key, k.Call, func(c Call) (Event, error) {
		if err := may(c, k.Who.of(k.Actor), k.Conversation); err != nil {
			return Event{}, err
		}
		e := Event{At: s.now(), Actor: k.Actor, Revision: k.Revision}
		err := fill(c, &e)
		return e, err
	})
}

// newID returns a random id of 16 letters and digits: 80 bits.
func newID() ID { return ID(strings.ToLower(rand.Text()[:16])) }
