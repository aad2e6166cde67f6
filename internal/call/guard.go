package call

import (
	"errors"
	"strings"
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
	// Disclosure is what the agent says first on every call whose card is made from now
	// on, or empty. See [CheckDisclosure].
	Disclosure string
	// Quiet are the hours in which nobody is called, in their time.
	Quiet Hours
	// Private makes all calls that are asked for from now on private.
	Private bool
}

// Check reports why a call may not be made as asked, or nil.
func (r Rules) Check(q Request) error {
	for _, rule := range append(r.ofRequest(), content) {
		if err := rule(q); err != nil {
			return err
		}
	}
	return nil
}

// ofRequest are the rules that depend on the request alone, but for what is never stored.
func (r Rules) ofRequest() []func(Request) error {
	return []func(Request) error{r.number, objective, business, website}
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
	return &Error{Code: RefusedCode, Sentence: sentence, Part: PartNumber, Err: err}
}

func objective(q Request) error {
	if !strings.ContainsFunc(q.Objective, unicode.IsLetter) {
		return Errorf(Invalid, "Say what the call is for, after the number. For example: /call (415) 555-0132 Ask whether they are open on Sunday").about(PartObjective)
	}
	if n := utf8.RuneCountInString(q.Objective); n > MaxObjective {
		return Errorf(Invalid, "The objective is %d characters long and the limit is %d. Please shorten it: name only what the agent must know on the phone.", n, MaxObjective).about(PartObjective)
	}
	return nil
}

func business(q Request) error {
	if n := utf8.RuneCountInString(q.Business); n > MaxBusiness {
		return Errorf(Invalid, "The business name is %d characters long and the limit is %d. Please shorten it.", n, MaxBusiness).about(PartBusiness)
	}
	return nil
}

func website(q Request) error {
	if n := utf8.RuneCountInString(q.Website); n > MaxWebsite {
		return Errorf(Invalid, "The website's address is %d characters long and the limit is %d. Please use a shorter one, such as the start page.", n, MaxWebsite).about(PartWebsite)
	}
	return nil
}
