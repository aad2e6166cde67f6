package phone

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// explain says why a typing is no number, and what may have been meant.
func (r *reader) explain(t typing) *Error {
	if number, ok := r.overlongVanity(t.from); ok {
		refusal := numberOf(number).never()
		if refusal == nil {
			refusal = &Error{Kind: KindTooLong, Region: regionOf(number), Country: countryName(regionOf(number)), Suggestion: inFull(number)}
		}
		refusal.Typed = r.firstWord(t.from)
		return refusal
	}
	if forgotten := r.plusForgotten(t); forgotten != nil {
		return forgotten
	}
	if kind := r.networkTyped(t); kind != 0 {
		return &Error{Kind: kind, Region: globalRegion, Typed: shown(r.typed(t.from, t.groups[len(t.groups)-1].to))}
	}
	n := r.intended(t)
	digits := t.upTo(n)
	kind, service := emergencyForm(digits, t.plus, r.region, true)
	switch {
	case kind != 0 && (len(digits) <= 5 || n == 1 && len(digits) <= 6):
		return r.shortRefusal(t, n, kind, service)
	case len(digits) < 3 && !t.plus: // 2 people at 7
		return &Error{Kind: KindNoNumber, Typed: r.firstWord(t.from)}
	}
	refusal := r.explainDigits(t.plus, digits)
	if refusal.Kind == KindNoAreaCode && t.plus && !phonenumbers.IsNANPACountry(refusal.Region) {
		refusal.Kind = KindTooShort // who types a country code has not left the area out
	}
	if sameDigits(digits) && len(digits) >= 7 {
		refusal.Kind = KindPlaceholder
	}
	refusal.Typed = shown(r.typed(t.from, t.groups[n-1].to))
	refusal.Suggestion = r.suggest(t)
	return refusal
}

// networkTyped is the kind of a global network whose code was typed. None of its numbers
// is called, so that nobody needs to hear which digit of one is wrong.
func (r *reader) networkTyped(t typing) Kind {
	digits := t.upTo(len(t.groups))
	after, ok := afterPrefix(digits)
	if !t.plus && !ok {
		return 0
	}
	return kindOfNetwork(after)
}

// intended guesses how many groups were meant as the number: those whose digits come
// closest to how many a number has.
func (r *reader) intended(t typing) int {
	best, distance := len(t.groups), -1
	for n := 1; n <= len(t.groups); n++ {
		if !t.endsAt(n) {
			continue
		}
		if n > 1 && t.groups[n-1].word == wordLetters && t.groups[n-1].joint != jointTight {
			break // "7pm"
		}
		d := r.distance(t.plus, t.upTo(n))
		if _, valid := r.dialable(t.plus, t.upTo(n)); valid {
			d++ // readings dropped it: its last group belongs to the text
		}
		if distance < 0 || d < distance || d == distance && len(t.groups[n-1].digits) > 2 {
			best, distance = n, d
		}
	}
	return best
}

// distance is how many digits are missing or too many.
func (r *reader) distance(plus bool, digits string) int {
	number := r.parse(plus, digits)
	if number == nil {
		return 20
	}
	national := len(phonenumbers.GetNationalSignificantNumber(number))
	lengths := lengthsOf(phonenumbers.GetRegionCodeForCountryCode(int(number.GetCountryCode())))
	best := 20
	if slices.Contains(lengths.local, national) {
		return 0
	}
	for _, length := range lengths.full {
		best = min(best, abs(national-length))
	}
	return best
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

func (r *reader) parse(plus bool, digits string) *phonenumbers.PhoneNumber {
	text, region := digits, r.region
	if plus {
		text, region = "+"+digits, phonenumbers.UNKNOWN_REGION
	}
	number, err := phonenumbers.Parse(text, region)
	if err != nil {
		return nil
	}
	return number
}

func (r *reader) explainDigits(plus bool, digits string) *Error {
	if international, ok := afterPrefix(digits); ok && (plus || strings.HasPrefix(digits, "00")) {
		plus, digits = true, international
	}
	number := r.parse(plus, digits)
	if number == nil {
		code, national := splitCode(digits)
		switch {
		case plus && code == 0 && len(digits) > 3, !plus && r.region == phonenumbers.UNKNOWN_REGION:
			return &Error{Kind: KindUnknownRegion, Digits: len(digits)}
		case len(digits) > 15:
			return &Error{Kind: KindTooLong, Digits: len(digits)}
		}
		return &Error{Kind: KindTooShort, Digits: len(national)}
	}
	return explainParsed(number, "")
}

// explainParsed says why a number is not valid.
func explainParsed(number *phonenumbers.PhoneNumber, typed string) *Error {
	code := int(number.GetCountryCode())
	national := phonenumbers.GetNationalSignificantNumber(number)
	refusal := &Error{Kind: KindInvalid, Typed: typed, Region: phonenumbers.GetRegionCodeForCountryCode(code), Digits: len(national)}
	if region := regionOf(number); region != "" {
		refusal.Region = region
	}
	if refusal.Region == phonenumbers.UNKNOWN_REGION {
		refusal.Region, refusal.Kind = "", KindUnknownRegion
		return refusal
	}
	refusal.Country = countryName(refusal.Region)
	if strings.HasPrefix(national, "0") && phonenumbers.GetNddPrefixForRegion(refusal.Region, true) == "0" {
		refusal.Digits-- // a trunk prefix, which the library leaves on a number that is too short
	}
	lengths := lengthsOf(refusal.Region)
	refusal.Lengths = lengths.words()
	switch phonenumbers.IsPossibleNumberWithReason(number) {
	case phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		refusal.Kind = KindNoAreaCode
	case phonenumbers.TOO_SHORT:
		refusal.Kind = KindTooShort
	case phonenumbers.TOO_LONG:
		refusal.Kind = KindTooLong
	case phonenumbers.INVALID_LENGTH:
		refusal.Kind = KindTooShort
		if most := lengths.most(); most > 0 && len(national) > most {
			refusal.Kind = KindTooLong
		}
	case phonenumbers.INVALID_COUNTRY_CODE:
		refusal.Kind = KindUnknownRegion
	default:
	}
	return refusal
}

// plusForgotten refuses a foreign number without its plus, and suggests it.
func (r *reader) plusForgotten(t typing) *Error {
	if t.plus || t.groups[0].digits[0] == '0' {
		return nil
	}
	for n := len(t.groups); n > 0; n-- {
		digits := t.upTo(n)
		if len(digits) < 11 || !t.endsAt(n) {
			continue
		}
		number, ok := r.dialable(true, digits)
		code := strconv.Itoa(int(number.GetCountryCode()))
		apart := t.groups[0].digits == code || n == 1 && len(digits) > 11
		if !ok || !apart || numberOf(number).never() != nil {
			continue
		}
		refusal := r.explainDigits(false, digits)
		if refusal.Kind != KindUnknownRegion {
			refusal.Kind = KindInvalid
		}
		refusal.Typed = shown(r.typed(t.from, t.groups[n-1].to))
		refusal.Suggestion = inFull(number)
		return refusal
	}
	return nil
}

// suggest guesses that digits were attached to a good number.
func (r *reader) suggest(t typing) string {
	for n := len(t.groups) - 1; n > 0; n-- {
		if number, ok := r.dialable(t.plus, t.upTo(n)); ok && t.groups[n].joint == jointTight &&
			numberOf(number).never() == nil {
			return inFull(number)
		}
	}
	return ""
}

// inFull writes a number the way that is read the same everywhere.
func inFull(number *phonenumbers.PhoneNumber) string {
	return phonenumbers.Format(number, phonenumbers.INTERNATIONAL)
}

func sameDigits(digits string) bool {
	return strings.Count(digits, digits[:1]) == len(digits)
}

// lengths is how many digits the numbers of a region have, ascending.
type lengths struct{ full, local []int }

func (l lengths) most() int {
	if len(l.full) == 0 {
		return 0
	}
	return l.full[len(l.full)-1]
}

// words is "10", "9 or 10", or "7 to 11".
func (l lengths) words() string {
	switch n := len(l.full); n {
	case 0:
		return ""
	case 1:
		return strconv.Itoa(l.full[0])
	case 2:
		return strconv.Itoa(l.full[0]) + " or " + strconv.Itoa(l.full[1])
	default:
		return strconv.Itoa(l.full[0]) + " to " + strconv.Itoa(l.full[n-1])
	}
}

var regionLengths = sync.OnceValue(func() map[string]lengths {
	all := make(map[string]lengths)
	collection, err := phonenumbers.MetadataCollection()
	if err != nil {
		return all
	}
	for _, region := range collection.GetMetadata() {
		if region.GetId() == globalRegion {
			continue
		}
		general := region.GetGeneralDesc()
		all[region.GetId()] = lengths{full: ints(general.GetPossibleLength()), local: ints(general.GetPossibleLengthLocalOnly())}
	}
	return all
})

func lengthsOf(region string) lengths {
	return regionLengths()[region]
}

func ints(values []int32) []int {
	out := make([]int, 0, len(values))
	for _, v := range values {
		if v > 0 {
			out = append(out, int(v))
		}
	}
	return out
}
