package call

import (
	"context"
	"errors"
	"time"
)

// MaxAhead is how far ahead a call can be scheduled.
const MaxAhead = 30 * 24 * time.Hour

// ApproveAnyway is Approve by somebody who was asked whether quiet hours are not to keep
// the call back, and said so.
func (s *Service) ApproveAnyway(ctx context.Context, key Key, k Click) (Call, error) {
	return s.decide(ctx, key, k, s.rules.Who.mayApprove, func(c Call, e *Event) error {
		e.Kind, e.Due, e.Anyway = Approve, e.At, true
		if err := current(c, *e); err != nil {
			return err
		}
		if err := s.rules.Who.mayStillAsk(c, k); err != nil {
			return err
		}
		return s.rules.Check(c.Request)
	}, s.rules.approving(s.now()))
}

// ApproveFor is Approve for a time, k.Start. An error of that time has code
// [Invalid] if it can't be scheduled for then, and [RefusedCode] if it is in quiet hours.
func (s *Service) ApproveFor(ctx context.Context, key Key, k Click) (Call, error) {
	return s.decideNow(ctx, key, k, func(c Call, e *Event) error {
		e.Kind, e.Start, e.Due = Schedule, k.Start, k.Start
		stands := *e
		stands.Start = e.At.Add(time.Minute) // of the time the rule says more than the machine
		if err := current(c, stands); err != nil {
			return err
		}
		if err := s.rules.Check(c.Request); err != nil {
			return err
		}
		return s.rules.schedulable(c.Request, k.Start, e.At)
	})
}

// decideNow is decide for what depends on the time of day. If that is in the way, the card
// is shown anew, since what it offers was right at another time.
func (s *Service) decideNow(ctx context.Context, key Key, k Click, fill func(Call, *Event) error) (Call, error) {
	c, err := s.decide(ctx, key, k, s.rules.Who.mayApprove, func(c Call, e *Event) error {
		if err := s.rules.Who.mayStillAsk(c, k); err != nil {
			return err
		}
		return fill(c, e)
	}, s.rules.approving(s.now()))
	if code := CodeOf(err); c.Status != Requested || code != RefusedCode && code != Invalid {
		return c, err
	}
	renewed, renewErr := s.repo.Update(ctx, "", k.Call, func(Call) (Event, error) { return Event{Kind: Renew, At: s.now()}, nil })
	if renewErr != nil {
		return c, err // what the person is told is the same
	}
	return renewed, err
}

// Suggest is a time for which a call can be scheduled: the first after at least half an
// hour at which it may be made.
func (s *Service) Suggest(q Request) time.Time {
	soon := s.now().Add(30 * time.Minute)
	if over := soon.Sub(soon.Truncate(15 * time.Minute)); over > 0 {
		soon = soon.Add(15*time.Minute - over)
	}
	return s.rules.Quiet.Next(q.Number.Describe(), soon)
}

// Schedulable reports why a call can't be scheduled for a time as things are, or nil, as
// [Service.ApproveFor] does.
func (s *Service) Schedulable(q Request, start time.Time) error {
	return s.rules.schedulable(q, start, s.now())
}

// schedulable reports why a call can't be scheduled for a time, or nil.
func (r Rules) schedulable(q Request, start, now time.Time) error {
	switch {
	case !start.After(now):
		return Errorf(Invalid, "That time has passed, so nothing was scheduled. Please choose a later one.").about(PartStart)
	case start.Sub(now) > MaxAhead:
		return Errorf(Invalid, "That is more than %d days ahead. Nothing was scheduled. Please choose an earlier time.", int(MaxAhead/(24*time.Hour))).about(PartStart)
	}
	d := q.Number.Describe()
	if r.Quiet.At(d, start) != QuietEverywhere {
		return nil
	}
	return Errorf(RefusedCode, "It will be %s then. Nobody is called there before %s. Nothing was scheduled. Please choose a time after that.",
		TimeThere(d, start), ClockThere(d, r.Quiet.Next(d, start))).about(PartStart)
}

// wanted is schedulable for the time that somebody asks for, which may be none.
func (r Rules) wanted(q Request, start, now time.Time) error {
	if start.IsZero() {
		return nil
	}
	return r.schedulable(q, start, now)
}

// mayPlace reports why a call may not be approved to be placed at once, or nil.
func (s *Service) mayPlace(c Call, e Event) error {
	if err := current(c, e); err != nil {
		return err
	}
	if err := s.rules.Check(c.Request); err != nil {
		return err
	}
	then := "The card offers to call then, or now anyway."
	if c.Status != Requested {
		then = "Its message offers to call now anyway for a few days; after that type /call for a new card."
	}
	return s.rules.quietHours(c.Request, e.At, then)
}

// current is the machine's own error, which says more than a rule's: somebody else was
// first, or the card has changed.
func current(c Call, e Event) error {
	_, err := Apply(c, e)
	return err
}

// Look returns the call that a button belongs to, for who may decide on it, while the
// button is still that of the card. It changes nothing.
func (s *Service) Look(ctx context.Context, k Click) (Call, error) {
	return s.look(ctx, k, s.rules.Who.mayApprove, func(c Call) error {
		now := s.now()
		return current(c, Event{Kind: Schedule, At: now, Actor: k.Actor, Revision: k.Revision, Start: now.Add(time.Minute)})
	})
}

// look returns a call as it stands, for whom may lets see it while fits does. It changes
// nothing.
func (s *Service) look(ctx context.Context, k Click, may func(Call, Person, string) error, fits func(Call) error) (Call, error) {
	c, err := s.repo.Update(ctx, "", k.Call, func(c Call) (Event, error) {
		if c.Erased.Done() {
			return Event{}, conflict(c)
		}
		if err := may(c, k.Who.of(k.Actor), k.Conversation); err != nil {
			return Event{}, err
		}
		if err := fits(c); err != nil {
			return Event{}, err
		}
		return Event{}, errLooked
	})
	if errors.Is(err, errLooked) {
		err = nil
	}
	return c, err
}

// errLooked ends a transaction that was only to read.
var errLooked = errors.New("nothing is to change")

// KeptBack reports why an approved call may not be placed at a moment, or nil: quiet hours
// have begun, and nobody said that they don't count.
func (r Rules) KeptBack(c Call, now time.Time) error {
	if c.Anyway {
		return nil
	}
	return r.quietHours(c.Request, now, "The card offers to call then, or now anyway.")
}
