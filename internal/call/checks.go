package call

import (
	"context"
	"time"
)

// admin reports why this person may not do what only admins may, or nil.
func (r Rules) admin(actor UserID, what string) error {
	if r.Who.Admin(actor) {
		return nil
	}
	if len(r.Who.Admins) == 0 {
		return Errorf(NotAllowed, "Nobody can %s, because callbot has no admins yet. Ask whoever runs it to list some in CALLBOT_ADMINS.", what)
	}
	return Errorf(NotAllowed, "Only an admin of callbot can %s. Ask whoever runs it, or somebody listed in CALLBOT_ADMINS.", what)
}

// asking is the [Check] of a call that is asked for: its card is not made if its
// approval would be refused anyway. That placing is paused is no reason: it may be over
// when somebody decides, and the card says so.
func (r Rules) asking(now time.Time) Check {
	return func(ctx context.Context, b Books, c Call) error {
		if err := r.banned(ctx, b, c); err != nil {
			return err
		}
		if err := r.daily(ctx, b, c, now, time.Time{}); err != nil {
			return err
		}
		return r.bulk(ctx, b, c, now, false)
	}
}

// approving is the [Check] of an approval.
func (r Rules) approving(now time.Time) Check {
	return func(ctx context.Context, b Books, c Call) error {
		if err := r.open(ctx, b, c); err != nil {
			return err
		}
		if err := r.daily(ctx, b, c, now, time.Time{}); err != nil {
			return err
		}
		return r.bulk(ctx, b, c, now, true)
	}
}

// Placing is the [Check] of an approved call that is about to be placed.
func (r Rules) Placing(now time.Time) Check {
	return func(ctx context.Context, b Books, c Call) error {
		if err := r.Dialable(c, now); err != nil {
			return err
		}
		if err := r.open(ctx, b, c); err != nil {
			return err
		}
		// As at its approval: those that were approved later count it, not it them. One that
		// was scheduled counted on the day on which somebody approved it.
		if c.StartAt.IsZero() {
			if err := r.daily(ctx, b, c, c.ApprovedAt, c.ApprovedAt); err != nil {
				return err
			}
		}
		// But many that were scheduled over hours for the same time are one lot.
		return r.bulk(ctx, b, c, c.ApprovedAt, true)
	}
}

// Dialable reports why an approved call may not be placed now, or nil, as far as the call
// and the time alone tell.
func (r Rules) Dialable(c Call, now time.Time) error {
	if err := r.Standing(c); err != nil {
		return err
	}
	return r.KeptBack(c, now)
}

// open is what holds for everything that would dial.
func (r Rules) open(ctx context.Context, b Books, c Call) error {
	p, err := b.Pause(ctx)
	if err != nil {
		return err
	}
	if err := paused(p); err != nil {
		return err
	}
	if len(r.Who.Channels) > 0 { // a card may stand elsewhere than where it was asked for
		conversation, err := b.Conversation(ctx, c.ID)
		if err != nil {
			return err
		}
		if err := r.Who.Here(conversation); err != nil {
			return err
		}
	}
	return r.banned(ctx, b, c)
}

func (r Rules) banned(ctx context.Context, b Books, c Call) error {
	ban, err := b.Ban(ctx, c.Number)
	if err != nil {
		return err
	}
	return banned(ban)
}
