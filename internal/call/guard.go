package call

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/agentphone-slack/callbot/internal/phone"
)

// MaxObjective is the longest objective that may be placed, in characters.
const MaxObjective = 2000

// MaxBusiness and MaxWebsite bound the other things a person types, in characters.
const (
	MaxBusiness = 200
	MaxWebsite  = 500
)

// Rules are what a call must obey. They are checked when its card is made, in the
// transaction that approves it, and again when it is placed, because what they
// depend on can change in between.
type Rules struct {
	// Countries are the regions whose numbers may be called.
	Countries phone.Countries
	Limits    Limits
	// Who is who may ask and who may decide.
	Who Policy
}

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
func (r Rules) Placing(ctx context.Context, b Books, c Call) error {
	if err := r.Standing(c); err != nil {
		return err
	}
	if err := r.open(ctx, b, c); err != nil {
		return err
	}
	// As at its approval: those that were approved later count it, not it them.
	if err := r.daily(ctx, b, c, c.ApprovedAt, c.ApprovedAt); err != nil {
		return err
	}
	return r.bulk(ctx, b, c, c.ApprovedAt, true)
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
	return r.banned(ctx, b, c)
}

func (r Rules) banned(ctx context.Context, b Books, c Call) error {
	ban, err := b.Ban(ctx, c.Number)
	if err != nil {
		return err
	}
	return banned(ban)
}

// Check reports why a call may not be made as asked, or nil.
func (r Rules) Check(q Request) error {
	for _, rule := range []func(Request) error{r.number, objective, lengths} {
		if err := rule(q); err != nil {
			return err
		}
	}
	return nil
}

func (r Rules) number(q Request) error {
	err := q.Number.Check(r.Countries)
	if err == nil {
		return nil
	}
	sentence := "That number can't be called."
	if p, ok := errors.AsType[*phone.Error](err); ok {
		sentence = p.Sentence()
	}
	return &Error{Code: RefusedCode, Sentence: sentence, Err: err}
}

func objective(q Request) error {
	if !strings.ContainsFunc(q.Objective, unicode.IsLetter) {
		return Errorf(Invalid, "Say what the call is for, after the number. For example: /call (415) 555-0132 Ask whether they are open on Sunday")
	}
	if n := utf8.RuneCountInString(q.Objective); n > MaxObjective {
		return Errorf(Invalid, "The objective is %d characters long and the limit is %d. Please shorten it: name only what the agent must know on the phone.", n, MaxObjective)
	}
	return nil
}

func lengths(q Request) error {
	if n := utf8.RuneCountInString(q.Business); n > MaxBusiness {
		return Errorf(Invalid, "The business name is %d characters long and the limit is %d. Please shorten it.", n, MaxBusiness)
	}
	if n := utf8.RuneCountInString(q.Website); n > MaxWebsite {
		return Errorf(Invalid, "The website's address is %d characters long and the limit is %d. Please use a shorter one, such as the start page.", n, MaxWebsite)
	}
	return nil
}
