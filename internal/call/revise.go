package call

import (
	"context"
	"time"
)

// Revise has the card of a call ask for something else, or at another time, than it does:
// from then on the buttons of the card before approve nothing. Only who asked for the call
// may, so that nobody approves as another's what they wrote themselves. It stays private, or
// not: who has seen what is not undone.
//
// The card waits as long as a new one, because it is one for whoever decides.
func (s *Service) Revise(ctx context.Context, key Key, k Click, q Request, start time.Time) (Call, error) {
	q.Disclosure = s.rules.Disclosure
	return s.decide(ctx, key, k, s.rules.Who.mayRevise, func(c Call, e *Event) error {
		q.Private = c.Private
		e.Kind, e.Request, e.Start, e.Expires, e.Reason = Revise, q, start, e.At.Add(s.ttl), ReasonRevised
		stands := *e
		stands.Start = time.Time{} // of the time the rule says more than the machine
		if err := current(c, stands); err != nil {
			return err
		}
		if err := s.rules.Check(q); err != nil {
			return err
		}
		return s.rules.wanted(q, start, e.At)
	}, func(ctx context.Context, b Books, c Call) error {
		q.Requester = c.Requester
		c.Request = q
		return s.rules.asking(s.now())(ctx, b, c)
	})
}

// LookToRevise returns the call that a button belongs to, for who may revise it, while the
// button is still that of the card. It changes nothing.
func (s *Service) LookToRevise(ctx context.Context, k Click) (Call, error) {
	return s.look(ctx, k, s.rules.Who.mayRevise, func(c Call) error {
		return current(c, Event{Kind: Revise, At: s.now(), Actor: k.Actor, Revision: k.Revision})
	})
}

// LookBack returns a call that was made, for who may ask for another one like it. It
// changes nothing.
func (s *Service) LookBack(ctx context.Context, k Click) (Call, error) {
	return s.look(ctx, k, s.rules.Who.mayLookBack, func(c Call) error {
		if c.ProviderID == "" || !c.Status.Ended() {
			return conflict(c)
		}
		return nil
	})
}

// mayRevise reports why somebody may not change what a card asks for, or nil.
func (p Policy) mayRevise(c Call, who Person, conversation string) error {
	if err := p.MayAsk(who, conversation); err != nil {
		return err
	}
	if who.ID != c.Requester {
		return Errorf(NotAllowed, "Only the person who asked for this call can edit it. You can ask for one of your own with /call.")
	}
	return nil
}

// mayLookBack reports why somebody may not have a form filled in from a call, or nil. In
// the conversation where its result stands everybody reads it; elsewhere, and if it is
// private, it is for whom it concerns.
func (p Policy) mayLookBack(c Call, who Person, conversation string) error {
	if err := p.MayAsk(who, conversation); err != nil {
		return err
	}
	if (conversation == "" || c.Private) && !c.concerns(who.ID) {
		return Errorf(NotAllowed, "This call is not one of yours. You can ask for one of your own with /call.")
	}
	return nil
}
