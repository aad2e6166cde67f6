package phone

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// A reading is a valid number at the start of what was typed.
type reading struct {
	to     int // end, in characters
	groups int // how many groups of the typing it takes; 0 for vanity numbers
	number *phonenumbers.PhoneNumber
	usual  bool // grouped just as its country writes it
}

// readings are all valid numbers at the start of t, the shortest first.
func (r *reader) readings(t typing) []reading {
	var sound, glued []reading
	for n := 1; n <= len(t.groups); n++ {
		if !t.endsAt(n) {
			continue
		}
		number, ok := r.dialable(t.plus, t.upTo(n))
		if !ok {
			continue
		}
		last := t.groups[n-1]
		found := reading{to: last.to, groups: n, number: number, usual: isUsual(t.groups[:n], number)}
		switch {
		case len(sound) == 0 && !found.usual && strayEnd(t.groups[:n], number):
		case last.word == wordLetters && last.joint != jointTight:
			// "555 0132Ask" is a number, but not if it would be one without.
			if len(last.digits) > 2 {
				glued = append(glued, found)
			}
		default:
			sound = append(sound, found)
		}
	}
	if len(sound) == 0 {
		return glued
	}
	return sound
}

// strayEnd reports whether the last group looks like the first word of the text and
// completes a number in which a digit was forgotten: "415 555 013 2 people".
func strayEnd(groups []group, number *phonenumbers.PhoneNumber) bool {
	last := groups[len(groups)-1]
	if last.joint == jointTight {
		return false
	}
	if !slices.ContainsFunc(groups, func(g group) bool { return len(g.digits) > 1 }) {
		return false // typed digit by digit
	}
	if number.GetCountryCode() == phonenumbers.NANPA_COUNTRY_CODE {
		return len(last.digits) < 4
	}
	return len(last.digits) < 2
}

// dialable parses digits, and says whether they are a valid number. 00 and 011 are
// taken as international prefixes everywhere if the region itself makes nothing of
// them, since people type the one they grew up with.
func (r *reader) dialable(plus bool, digits string) (*phonenumbers.PhoneNumber, bool) {
	if len(digits) < 3 || len(digits) > 22 {
		return nil, false
	}
	if !plus && r.region != phonenumbers.UNKNOWN_REGION {
		number, err := phonenumbers.Parse(digits, r.region)
		if err == nil && isValid(number) {
			return number, true
		}
		if national, ok := sinceMexico2019(digits); ok && r.region == "MX" {
			number, err := phonenumbers.Parse(national, r.region)
			return number, err == nil && isValid(number)
		}
	}
	international, ok := afterPrefix(digits)
	switch {
	case plus && !ok:
		international = digits
	case !ok:
		return nil, false
	}
	if national, ok := strings.CutPrefix(international, "521"); ok && len(national) == 10 {
		international = "52" + national
	}
	number, err := phonenumbers.Parse("+"+international, phonenumbers.UNKNOWN_REGION)
	return number, err == nil && isValid(number)
}

// sinceMexico2019 takes off what Mexicans dialled before ten digits until August 2019:
// 01 for another town, 044 and 045 for a mobile, and +52 1 from abroad. Websites and
// contact cards still have it; the number behind is the same.
func sinceMexico2019(digits string) (string, bool) {
	for _, prefix := range []string{"01", "044", "045"} {
		if national, ok := strings.CutPrefix(digits, prefix); ok && len(national) == 10 {
			return national, true
		}
	}
	return "", false
}

// afterPrefix takes the international prefix off.
func afterPrefix(digits string) (string, bool) {
	for _, prefix := range []string{"00", "011"} {
		if rest, ok := strings.CutPrefix(digits, prefix); ok && rest != "" {
			return rest, true
		}
	}
	return digits, false
}

// isUsual compares the groups with the way the number is written in its country and
// abroad.
func isUsual(groups []group, number *phonenumbers.PhoneNumber) bool {
	typed := make([]string, 0, len(groups))
	for i, g := range groups {
		if i == 1 && g.digits == "0" {
			continue // +44 (0)20 …
		}
		typed = append(typed, g.digits)
	}
	for _, format := range []phonenumbers.PhoneNumberFormat{phonenumbers.INTERNATIONAL, phonenumbers.NATIONAL} {
		written := strings.FieldsFunc(phonenumbers.Format(number, format), func(c rune) bool { return c < '0' || c > '9' })
		if slices.Equal(typed, written) {
			return true
		}
	}
	return false
}

// choose drops the readings that the writing rules out. What is left is one, or
// several between which nothing decides.
func (r *reader) choose(t typing, readings []reading) []reading {
	for i, candidate := range readings {
		if candidate.groups < len(t.groups) && r.wideEnd(t, candidate.groups) {
			readings = readings[:i+1]
			break
		}
	}
	if len(readings) < 2 {
		return readings
	}
	longest := readings[len(readings)-1]
	if r.closedAt(longest.to) || longest.usual && r.instructionAt(longest.to) {
		return []reading{longest}
	}
	kept := readings[:0:0]
	for i, candidate := range readings {
		beaten := !candidate.usual && slices.ContainsFunc(readings[i+1:], func(longer reading) bool { return longer.usual })
		// Nobody begins a text with two numbers: 56 78 Tisch.
		far := i+2 < len(readings) || longest.groups-candidate.groups > 1
		if !beaten && !far && !isStump(t, candidate) {
			kept = append(kept, candidate)
		}
	}
	return kept
}

// wideEnd reports whether the number ends after n groups because a wide joint follows
// that is not just how this person separates groups: 030 - 1234 - 5678.
func (r *reader) wideEnd(t typing, n int) bool {
	if t.groups[n].joint != jointWide {
		return false
	}
	return !slices.ContainsFunc(t.groups[:n], func(g group) bool { return g.joint == jointWide })
}

// closedAt reports whether the text itself ends the number at i: by punctuation, a
// closing mark, an extension, a line's end or its own.
func (r *reader) closedAt(i int) bool {
	if extension, _ := r.extension(i); extension != "" {
		return true
	}
	for r.at(i) == ' ' {
		i++
	}
	c := r.at(i)
	return i >= len(r.syms) || c == '\n' || c == ',' || c == ';' || c == ':' ||
		!isLetter(c) && slices.ContainsFunc(pairs, func(p struct{ open, close string }) bool {
			return p.close == r.raw(i) && p.open != p.close
		})
}

// isStump reports whether candidate ends in the middle: few digits after the area
// code, with a whole group behind them, as in 030 1234 5678.
func isStump(t typing, candidate reading) bool {
	if candidate.groups >= len(t.groups) || len(t.groups[candidate.groups].digits) < 3 {
		return false
	}
	area := phonenumbers.GetLengthOfGeographicalAreaCode(candidate.number)
	nsn := phonenumbers.GetNationalSignificantNumber(candidate.number)
	return len(nsn)-area <= 4
}

// instructions are words that a text begins with and that no number stands before:
// nobody writes "56 Ask about a table".
var instructions = []string{
	"ask", "book", "call", "can", "cancel", "change", "check", "confirm", "find", "get", "hello", "hi", "inquire",
	"is", "make", "order", "please", "request", "reserve", "say", "schedule", "see", "tell", "what", "when",
	"anfragen", "bitte", "frag", "frage", "reserviere", "reservieren",
	"demande", "demander", "réserve", "réserver", "pregunta", "preguntar", "reserva", "reservar", "chiedi", "prenota",
}

func (r *reader) instructionAt(i int) bool {
	i = r.skipSpace(i)
	end := i
	for end < len(r.syms) && r.syms[end].c != ' ' && r.syms[end].c != '\n' && end-i < 12 {
		end++
	}
	return slices.Contains(instructions, strings.ToLower(r.typed(i, end)))
}
