package phone

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Number is a telephone number with its country code. Numbers can be compared; two
// are equal if they dial the same line. The zero Number is no number.
type Number struct {
	e164 string
}

// errNotE164 is what ParseE164 says of what has not the form of a number.
var errNotE164 = errors.New("phone: not a number in E.164 form (+ and 4 to 17 digits, country code first)")

// ParseE164 reads what E164 wrote: a plus and digits, nothing else. It checks the
// form and the country code, not whether the number is assigned or may be called:
// what was stored stays readable when the numbering plans change. Ask Check before
// dialling.
func ParseE164(s string) (Number, error) {
	// ITU-T E.164 says 15 digits; Germany has longer ones.
	if len(s) < 5 || len(s) > 18 || s[0] != '+' || s[1] == '0' {
		return Number{}, errNotE164
	}
	for i := 1; i < len(s); i++ {
		if !isDigit(s[i]) {
			return Number{}, errNotE164
		}
	}
	parsed, err := phonenumbers.Parse(s, phonenumbers.UNKNOWN_REGION)
	if err != nil {
		return Number{}, &Error{Kind: KindUnknownRegion, Typed: shown(s)}
	}
	if got := phonenumbers.Format(parsed, phonenumbers.E164); got != s {
		return Number{}, errNotE164 // a trunk prefix after the country code: +44 020 …
	}
	return Number{e164: s}, nil
}

// E164 is the number in the form that is dialled and stored: +14155550132. Empty for
// the zero Number. An extension is not part of it.
func (n Number) E164() string { return n.e164 }

// String is E164.
func (n Number) String() string { return n.e164 }

// IsZero reports whether n is no number.
func (n Number) IsZero() bool { return n.e164 == "" }

// Masked shows the country code and the last two digits: "+1 •••••••• 32", for
// places where the number itself should not be read.
func (n Number) Masked() string {
	if n.IsZero() {
		return ""
	}
	code := fmt.Sprintf("+%d", n.parsed().GetCountryCode())
	hidden := len(n.e164) - len(code) - 2
	if hidden < 1 {
		return code + " ••"
	}
	return code + " " + strings.Repeat("•", hidden) + " " + n.e164[len(n.e164)-2:]
}

// Region is the ISO 3166 code of the region that the number is in, "001" if it is of
// no country, "" if it is not valid anywhere.
func (n Number) Region() string { return regionOf(n.parsed()) }

func (n Number) parsed() *phonenumbers.PhoneNumber {
	parsed, err := phonenumbers.Parse(n.e164, phonenumbers.UNKNOWN_REGION)
	if err != nil {
		return &phonenumbers.PhoneNumber{}
	}
	return parsed
}

func numberOf(parsed *phonenumbers.PhoneNumber) Number {
	return Number{e164: phonenumbers.Format(parsed, phonenumbers.E164)}
}

// isValid is the library's verdict, or that the number is reserved for fiction: every
// example and every trial of callbot uses those, and the library does not know all.
func isValid(parsed *phonenumbers.PhoneNumber) bool {
	return phonenumbers.IsValidNumber(parsed) && !hasServiceExchange(parsed) || isFiction(parsed)
}

// hasServiceExchange reports whether 211 to 911 stand where the exchange does, as in
// (415) 911-0132. Behind the area code of a place there is no such exchange, since those
// digits call a service (NANPA, Central Office Code Assignment Guidelines); the library
// accepts them. Toll-free numbers have them: 1-800-411-….
func hasServiceExchange(parsed *phonenumbers.PhoneNumber) bool {
	if parsed.GetCountryCode() != phonenumbers.NANPA_COUNTRY_CODE || parsed.GetNationalNumber()/10_000%100 != 11 {
		return false
	}
	switch phonenumbers.GetNumberType(parsed) {
	case phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		return true
	default:
		return false
	}
}

// isFiction knows 555-0100 to 555-0199 of the area codes of country code 1 (NANPA) and
// the British 07700 900000 to 900999 and 01632 960000 to 960999 (Ofcom, Telephone
// numbers for use in TV and radio drama programmes).
func isFiction(parsed *phonenumbers.PhoneNumber) bool {
	return fictionRegion(parsed) != ""
}

// fictionRegion is the region of a number reserved for fiction, "" for all others.
func fictionRegion(parsed *phonenumbers.PhoneNumber) string {
	national := parsed.GetNationalNumber()
	switch parsed.GetCountryCode() {
	case phonenumbers.NANPA_COUNTRY_CODE:
		line := national % 10_000_000
		if line < 5550100 || line > 5550199 || !phonenumbers.IsPossibleNumber(parsed) {
			return ""
		}
		if region := phonenumbers.GetRegionCodeForNumber(parsed); region != "" {
			return region
		}
		// Some area codes the library knows by the exchanges in use: ask about another.
		inUse := national - line + 2345678
		return phonenumbers.GetRegionCodeForNumber(&phonenumbers.PhoneNumber{CountryCode: parsed.CountryCode, NationalNumber: &inUse})
	case 44:
		if national/1000 == dramaMobile || national/1000 == dramaLandline {
			return "GB"
		}
	}
	return ""
}

const (
	dramaMobile   = 7700900
	dramaLandline = 1632960
)

func regionOf(parsed *phonenumbers.PhoneNumber) string {
	if region := fictionRegion(parsed); region != "" {
		return region
	}
	// The library asks Morocco first, whose numbers take in those of Western Sahara.
	if parsed.GetCountryCode() == 212 && phonenumbers.IsValidNumberForRegion(parsed, "EH") {
		return "EH"
	}
	return phonenumbers.GetRegionCodeForNumber(parsed)
}
