package call

import (
	"strings"
	"time"

	"github.com/agentphone-slack/callbot/internal/phone"
)

// Called is a number that was called before.
type Called struct {
	Number    phone.Number
	Extension string
	Business  string // as it was named last; may be empty
	At        time.Time
}

// Matching are those of list, the latest first, that fit what somebody typed: a part of
// the business's name, in any case, or of the number, whatever stands between its digits.
// Of each number there is one, and at most most in all. Everything fits "".
func Matching(list []Called, typed string, most int) []Called {
	look := newPattern(typed)
	type line struct {
		number    phone.Number
		extension string
	}
	var lines []Called
	seen := map[line]int{}
	for _, c := range list {
		l := line{c.Number, c.Extension}
		if at, known := seen[l]; !known {
			seen[l] = len(lines)
			lines = append(lines, c)
		} else if lines[at].Business == "" {
			lines[at].Business = c.Business
		}
	}
	var fits []Called
	for _, c := range lines {
		if len(fits) < most && look.fits(c.Number.E164(), c.Business) {
			fits = append(fits, c)
		}
	}
	return fits
}

// contains reports whether a name has a text in it, in any case.
func contains(name, text string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(text))
}

// onlyDigits are the digits of a text, whatever they are written with.
func onlyDigits(text string) string {
	var digits []byte
	for _, r := range plainly(text) {
		if d, ok := digitOf(r); ok {
			digits = append(digits, d)
		}
	}
	return string(digits)
}
