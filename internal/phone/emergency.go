package phone

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// emergencyAnywhere are refused in every region: what a mobile phone takes for an
// emergency call wherever it is (3GPP TS 22.101, 10.1.1), without its two-digit 08.
var emergencyAnywhere = []string{"000", "110", "112", "118", "119", "911", "999"}

// emergencyAmong refuses a typing that is, or begins with, an emergency number or
// crisis line, unless it continues to a number that is long enough to be one that
// people have.
func (r *reader) emergencyAmong(t typing, readings []reading) *Error {
	long := slices.ContainsFunc(readings, func(found reading) bool {
		return len(phonenumbers.GetNationalSignificantNumber(found.number)) >= 7
	})
	for n := 1; n <= len(t.groups); n++ {
		isReading := slices.ContainsFunc(readings, func(found reading) bool { return found.groups == n })
		switch {
		case long && !isReading:
			continue
		case !t.endsAt(n) && n < 3: // 9-1-1-…
			continue
		case n < len(t.groups) && len(readings) == 0 && r.rightLength(t) && !phonenumbers.IsEmergencyNumber(t.upTo(n), r.region):
			continue // 999 555 0132 is misprinted, not urgent
		case t.plus && n == 1 && len(t.groups) > 1 && len(t.groups[0].digits) <= 3 && len(t.upTo(len(t.groups))) > 6:
			continue // a country code
		}
		if longer := r.directory(t, n); longer > 0 && len(readings) == 0 {
			return r.shortRefusal(t, longer, KindShortCode, "")
		}
		kind, service := emergencyForm(t.upTo(n), t.plus, r.region, !isReading)
		if kind == KindEmergency || kind == KindCrisis {
			return r.shortRefusal(t, n, kind, service)
		}
	}
	if long {
		return nil
	}
	if n := r.afterForeignArea(t); n > 0 {
		return r.shortRefusal(t, n, KindEmergency, "")
	}
	all := t.upTo(len(t.groups))
	if !t.plus && len(all) > 3 && phonenumbers.ConnectsToEmergencyNumber(all, r.region) && !r.rightLength(t) {
		n := 1
		for n < len(t.groups) && !phonenumbers.ConnectsToEmergencyNumber(t.upTo(n), r.region) {
			n++
		}
		return r.shortRefusal(t, n, KindEmergency, "")
	}
	return nil
}

// afterForeignArea is how many groups are an area code without the 0 that the region puts
// in front, and an emergency number: (415) 911 typed in Germany, which has a village at
// 04159. 0 if none are.
func (r *reader) afterForeignArea(t typing) int {
	if t.plus || t.groups[0].digits[0] == '0' || phonenumbers.GetNddPrefixForRegion(r.region, true) != "0" {
		return 0
	}
	for n := 2; n <= len(t.groups) && len(t.upTo(n)) <= 6; n++ {
		if slices.Contains(emergencyAnywhere, t.groups[n-1].digits) && t.endsAt(n) {
			return n
		}
	}
	return 0
}

// directory is how many groups are a directory service, which Europe puts behind the
// 118 that calls for help in Italy alone: 118 118 in Britain. 0 if none are.
func (r *reader) directory(t typing, n int) int {
	if t.plus || t.upTo(n) != "118" || phonenumbers.IsEmergencyNumber("118", r.region) {
		return 0
	}
	for longer := n + 1; longer <= len(t.groups); longer++ {
		if kind, _ := shortNumber(t.upTo(longer), []string{r.region}); kind == KindShortCode {
			return longer
		}
	}
	return 0
}

// shortRefusal refuses the first n groups as a number of the short kinds.
func (r *reader) shortRefusal(t typing, n int, kind Kind, service string) *Error {
	end := r.closeParens(t.from, t.groups[n-1].to)
	return &Error{Kind: kind, Service: service, Typed: shown(r.typed(t.from, end)), Region: r.regionTyped(t, n)}
}

// rightLength reports whether all groups together have as many digits as a number, so
// that beginning like an emergency number is a mere misprint. Not for 911, which no
// area code is.
func (r *reader) rightLength(t typing) bool {
	number := r.parse(t.plus, t.upTo(len(t.groups)))
	return number != nil && phonenumbers.IsPossibleNumber(number) &&
		!strings.HasPrefix(phonenumbers.GetNationalSignificantNumber(number), "911") &&
		phonenumbers.IsPossibleNumberWithReason(number) == phonenumbers.IS_POSSIBLE
}

func (r *reader) regionTyped(t typing, n int) string {
	if t.plus {
		if code, _ := splitCode(t.upTo(n)); code != 0 {
			return phonenumbers.GetRegionCodeForCountryCode(code)
		}
	}
	if r.region == phonenumbers.UNKNOWN_REGION {
		return ""
	}
	return r.region
}

// emergencyForm says whether exactly these digits are an emergency number
// (KindEmergency), a crisis line (KindCrisis) or another number that is only dialled
// within its country (KindShortCode), in any of the ways it can be typed: alone;
// behind a country code; behind an international prefix, with a country code or not;
// behind a trunk prefix; and, for digits that are no number otherwise (loose), behind
// the 9, 8 or 0 that gets a line in an office.
func emergencyForm(digits string, plus bool, region string, loose bool) (Kind, string) {
	if len(digits) < 2 || len(digits) > 14 {
		return 0, ""
	}
	best, service := Kind(0), ""
	try := func(digits string, regions ...string) {
		kind, name := shortNumber(digits, regions)
		if kind != 0 && (best == 0 || kind < best) {
			best, service = kind, name
		}
	}
	withCode := func(digits string) {
		if code, national := splitCode(digits); code != 0 {
			regions := phonenumbers.GetRegionCodesForCountryCode(code)
			if slices.Contains(regions, region) {
				regions = []string{region} // 211 calls the police in Barbados alone
			}
			try(national, regions...)
			if trimmed, ok := strings.CutPrefix(national, "0"); ok {
				try(trimmed, regions...)
			}
		}
	}
	try(digits, region)
	if plus {
		withCode(digits)
	}
	if after, ok := afterPrefix(digits); ok {
		try(after, region)
		withCode(after)
	}
	if !plus {
		if code := phonenumbers.GetCountryCodeForRegion(region); code != 0 {
			if ownCode, national := splitCode(digits); ownCode == code {
				try(national, region)
			}
		}
	}
	if !plus && loose {
		for _, prefix := range []string{"0011", "010", "810"} { // Australia; Japan; Russia and its neighbours
			if after, ok := strings.CutPrefix(digits, prefix); ok && after != "" {
				withCode(after)
			}
		}
		for _, prefix := range []string{phonenumbers.GetNddPrefixForRegion(region, true), "9", "0", "8", "1"} {
			if after, ok := strings.CutPrefix(digits, prefix); ok && prefix != "" && onlyEmergency(after, region) {
				try(after, region)
			}
		}
	}
	return best, service
}

// onlyEmergency keeps the guesses about prefixes from turning ordinary digits into
// service numbers: only three digits or more that call for help count.
func onlyEmergency(digits, region string) bool {
	kind, _ := shortNumber(digits, []string{region})
	return len(digits) >= 3 && (kind == KindEmergency || kind == KindCrisis)
}

// longestShort is the most digits of a number that is dialled only within its country;
// no emergency number of the library's has more.
const longestShort = 6

// shortNumber looks digits up among the numbers dialled within the regions.
func shortNumber(digits string, regions []string) (Kind, string) {
	if len(digits) > longestShort {
		return 0, ""
	}
	if slices.Contains(emergencyAnywhere, digits) {
		return KindEmergency, ""
	}
	for _, region := range regions {
		if phonenumbers.IsEmergencyNumber(digits, region) {
			return KindEmergency, ""
		}
	}
	for _, region := range regions {
		if name, ok := crisisCode(digits, region); ok {
			return KindCrisis, name
		}
	}
	if len(digits) < 3 {
		return 0, "" // two digits begin a text as often: 10 people
	}
	for _, region := range regions {
		if phonenumbers.IsNANPACountry(region) && len(digits) == 3 && strings.HasSuffix(digits, "11") && digits[0] > '1' {
			return KindShortCode, ""
		}
		code := phonenumbers.GetCountryCodeForRegion(region)
		if code == 0 {
			continue
		}
		if number, ok := asNational(digits, code); ok && phonenumbers.IsValidShortNumberForRegion(number, region) && !isValid(number) {
			return KindShortCode, ""
		}
	}
	return 0, ""
}

// asNational makes the library's number of digits as they are, without taking a
// prefix off.
func asNational(digits string, code int) (*phonenumbers.PhoneNumber, bool) {
	if digits == "" || len(digits) > 10 {
		return nil, false
	}
	value, zeros := uint64(0), 0
	for i := range len(digits) {
		if value == 0 && digits[i] == '0' && i < len(digits)-1 {
			zeros++
		}
		value = value*10 + uint64(digits[i]-'0')
	}
	number := &phonenumbers.PhoneNumber{}
	countryCode := int32(code) //nolint:gosec // three digits at most
	number.CountryCode, number.NationalNumber = &countryCode, &value
	if zeros > 0 {
		leading, count := true, int32(zeros)
		number.ItalianLeadingZero, number.NumberOfLeadingZeros = &leading, &count
	}
	return number, true
}

// splitCode takes the country code off, 0 if there is none.
func splitCode(digits string) (int, string) {
	code := 0
	for n := 1; n <= 3 && n < len(digits); n++ {
		code = code*10 + int(digits[n-1]-'0')
		if code == 0 {
			return 0, digits
		}
		if len(phonenumbers.GetRegionCodesForCountryCode(code)) > 0 {
			return code, digits[n:]
		}
	}
	return 0, digits
}
