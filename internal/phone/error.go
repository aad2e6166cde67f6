package phone

import "fmt"

// Kind says why a text or a number was refused.
type Kind int

// The kinds of refusal. The first group is about reading, the second about numbers
// that are never called, the last about configuration.
const (
	// KindNoNumber: the text does not start with a number. If there is one further
	// on, Suggestion is the text with the number put first.
	KindNoNumber Kind = iota + 1
	// KindPlaceholder: a form's blank, not yet filled in: +1{PHONE_NUMBER}, 555-XXXX.
	KindPlaceholder
	// KindNoAreaCode: a local number that can only be dialled within its area.
	KindNoAreaCode
	// KindTooShort and KindTooLong: no number of the region has so few or so many digits.
	KindTooShort
	KindTooLong
	// KindInvalid: as many digits as a number has, but not assigned to anybody.
	KindInvalid
	// KindAmbiguous: several readings are valid; Choices holds them, shortest first.
	KindAmbiguous
	// KindUnknownRegion: the country code belongs to no country.
	KindUnknownRegion

	// KindEmergency: police, fire, ambulance.
	KindEmergency
	// KindCrisis: a helpline for people in distress.
	KindCrisis
	// KindShortCode: 211 and 411, directory and service codes, *67.
	KindShortCode
	// KindPremiumRate: the called party is paid by the caller's bill.
	KindPremiumRate
	// KindSharedCost: costs more than a normal call in that country.
	KindSharedCost
	// KindGlobalNetwork: satellites and networks of no country.
	KindGlobalNetwork
	// KindVoicemail: reaches a mailbox, not a person.
	KindVoicemail
	// KindPager: reaches a pager.
	KindPager
	// KindPersonal: forwards to wherever its owner is, at a price of its own.
	KindPersonal

	// KindCountryNotAllowed: a good number in a region that this installation may
	// not call.
	KindCountryNotAllowed
)

var kindNames = map[Kind]string{
	KindNoNumber:          "no number",
	KindPlaceholder:       "placeholder",
	KindNoAreaCode:        "area code missing",
	KindTooShort:          "too short",
	KindTooLong:           "too long",
	KindInvalid:           "invalid",
	KindAmbiguous:         "ambiguous",
	KindUnknownRegion:     "unknown region",
	KindEmergency:         "emergency number",
	KindCrisis:            "crisis line",
	KindShortCode:         "short code",
	KindPremiumRate:       "premium rate",
	KindSharedCost:        "shared cost",
	KindGlobalNetwork:     "satellite or global network",
	KindVoicemail:         "voicemail",
	KindPager:             "pager",
	KindPersonal:          "personal number",
	KindCountryNotAllowed: "country not allowed",
}

// String names the kind in two or three English words, for logs and metrics.
func (k Kind) String() string {
	if name, ok := kindNames[k]; ok {
		return name
	}
	return fmt.Sprintf("Kind(%d)", int(k))
}

// Never reports whether the refusal is for what may not be called from here at all,
// as opposed to what was mistyped or is a matter of configuration.
func (k Kind) Never() bool {
	return k >= KindEmergency && k < KindCountryNotAllowed
}

// Error is a refusal, by Find, ParseE164 or Number.Check. Only the fields that a
// Kind speaks of are set.
type Error struct {
	Kind Kind
	// Typed is what was taken for the number, as it was typed, at most 60 characters
	// and without control characters.
	Typed string
	// Suggestion is what could be typed instead, if it can be guessed: a number, or
	// for KindNoNumber the number with the rest of the text behind it.
	Suggestion string
	// Choices are the valid readings of KindAmbiguous, shortest first; those that
	// may never be called are left out.
	Choices []Found
	// Region is the ISO 3166 code of the region the number seems to be in ("001": no
	// country's), empty if unknown; Country is its English name.
	Region, Country string
	// Digits is the number of digits typed after country code and trunk prefix, and
	// Lengths tells how many a number of the region has ("10", "7 to 11"); for
	// KindTooShort, KindTooLong, KindInvalid and KindNoAreaCode, where known.
	Digits  int
	Lengths string
	// Service names the line of KindCrisis, such as "Samaritans".
	Service string
	// Allowed are the countries of KindCountryNotAllowed that may be called, as
	// configured.
	Allowed string

	// abroad: the default region does not write numbers the North American way.
	abroad bool
}

// Error is for logs: the kind and the region. It does not contain the number, which
// is personal data.
func (e *Error) Error() string {
	if e.Region != "" {
		return fmt.Sprintf("phone: %s (region %s)", e.Kind, e.Region)
	}
	return "phone: " + e.Kind.String()
}

// shown makes what somebody typed fit to be repeated in a sentence.
func shown(typed string) string {
	const most = 60
	out := make([]rune, 0, most)
	for _, r := range typed {
		if isInvisible(r) {
			continue
		}
		if isSpace(r) || isLineEnd(r) || r == '\uFFFD' || r < ' ' || r == 0x7F {
			r = ' '
		}
		if r == ' ' && (len(out) == 0 || out[len(out)-1] == ' ') {
			continue
		}
		if len(out) == most {
			return string(out[:most-1]) + "…"
		}
		out = append(out, r)
	}
	for len(out) > 0 && out[len(out)-1] == ' ' {
		out = out[:len(out)-1]
	}
	return string(out)
}
