package call

import (
	"strings"
	"time"
	"unicode"
)

// Search says which calls somebody looks for. They are found by when they were asked for,
// the last one first.
type Search struct {
	// Viewer is who looks.
	Viewer UserID
	// Conversation has only the calls that were asked for there; "" those that Viewer
	// asked for or approved, wherever that was.
	Conversation string
	// Open has only those that are open.
	Open bool
	// Text is a part of the business's name, in any case, or of the number, whatever
	// stands between its digits; "" fits every call.
	Text string
	// After has only those behind that one.
	After Mark
	// Most bounds how many are found.
	Most int
}

// Mark is the place of a call among those that are found. The zero Mark is before all.
type Mark struct {
	At time.Time // when it was asked for
	ID ID
}

// Page is what was found.
type Page struct {
	Calls []Recent
	// Next is where it goes on; the zero Mark: there are no more. A page may hold less
	// than was asked for, or nothing, if very many calls were looked through for it.
	Next Mark
}

// pattern is what is looked for in the number and the name of a business.
type pattern struct {
	text   string
	digits string // "": not in the number
}

// newPattern reads what somebody typed to find a call.
func newPattern(typed string) pattern {
	p := pattern{text: strings.TrimSpace(typed)}
	if !strings.ContainsFunc(p.text, notOfNumber) {
		p.digits = strings.TrimLeft(onlyDigits(p.text), "0") // a trunk prefix is not in the number
	}
	return p
}

// notOfNumber reports whether a character does not stand in a number as people write it.
func notOfNumber(r rune) bool {
	_, digit := digitOf(r)
	return !digit && !unicode.In(r, unicode.Z, unicode.Cf, unicode.Pd) && !strings.ContainsRune("+()./,\u2060", r)
}

func (p pattern) fits(e164, business string) bool {
	return p.text == "" || contains(business, p.text) || p.digits != "" && strings.Contains(e164, p.digits)
}

// Matcher reports of a call's number and business whether they have the text.
func (s Search) Matcher() func(e164, business string) bool { return newPattern(s.Text).fits }

// Open reports whether something may still become of a call by itself or by a decision
// that it waits for.
func (s Status) Open() bool {
	switch s {
	case Requested, Scheduled, Approved, Placing, Unconfirmed, Queued, Dialing, InProgress:
		return true
	case Completed, Failed, Canceled, Refused, Declined, Expired, Abandoned:
	}
	return false
}
