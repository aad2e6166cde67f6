package call

import "context"

// Stop has a call not placed: one that waits for a decision is declined, one that was
// approved is canceled.
func (s *Service) Stop(ctx context.Context, key Key, k Click) (Call, error) {
	return s.decide(ctx, key, k, s.rules.Who.mayStop, func(c Call, e *Event) error {
		e.Kind = Cancel
		if c.Status == Requested {
			e.Kind = Decline
		}
		return nil
	})
}

// Stops reports whether somebody may stop a call while it can be, as far as it does not
// matter where they do.
func (p Policy) Stops(c Call, who Person) bool {
	switch c.Status {
	case Requested, Scheduled, Approved:
		return p.mayStop(c, who, "") == nil
	case Placing, Unconfirmed, Queued, Dialing, InProgress, Completed, Failed, Canceled, Refused, Declined, Expired, Abandoned:
	}
	return false
}

// MayLook reports why somebody may not see which calls there are in a conversation, or
// nil: whoever may ask for one there may, and who approves the calls of others.
func (p Policy) MayLook(who Person, conversation string) error {
	if err := p.Here(conversation); err != nil {
		return err
	}
	if p.DecidesAll(who) {
		return nil
	}
	return p.admit(who)
}
