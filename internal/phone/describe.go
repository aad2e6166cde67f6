package phone

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Description is what the numbering plans say about a number. It is about the number,
// not about where its owner is: a mobile travels, and a line can be forwarded.
type Description struct {
	E164          string // +14155550132
	National      string // (415) 555-0132, as written within its country
	International string // +1 415-555-0132
	Region        string // ISO 3166 code; "001" for numbers of no country, "" if unknown
	Country       string // its English name
	Place         string // "San Francisco, CA"; "" if only the country is known
	Type          string // in words for people: "toll-free", "mobile"
	// Geographic: the number belongs to a place, or to a mobile of its country, and
	// not to a service that can be answered anywhere.
	Geographic bool
	// Zones are the IANA time zones that the number may be in; all of the country's,
	// or more, where the plan does not tell. Empty if nothing is known.
	Zones []string
}

// Load reads the data that describing numbers needs. Without it the first number takes
// the time, a good part of what Slack gives an answer on a busy machine.
func Load() {
	if n, err := ParseE164("+14155550132"); err == nil {
		n.Describe()
	}
}

// Describe looks n up. The zero Number has the zero Description.
func (n Number) Describe() Description {
	if n.IsZero() {
		return Description{}
	}
	parsed := n.parsed()
	kind := phonenumbers.GetNumberType(parsed)
	d := Description{
		E164:          n.e164,
		National:      phonenumbers.Format(parsed, phonenumbers.NATIONAL),
		International: phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL),
		Region:        regionOf(parsed),
		Type:          typeWords(kind),
	}
	if kind == phonenumbers.UNKNOWN && isFiction(parsed) {
		kind = phonenumbers.FIXED_LINE_OR_MOBILE
		d.Type = typeWords(kind)
	}
	d.Country = countryName(d.Region)
	switch kind {
	case phonenumbers.FIXED_LINE, phonenumbers.FIXED_LINE_OR_MOBILE, phonenumbers.MOBILE:
		d.Geographic = true
		place, err := phonenumbers.GetGeocodingForNumber(parsed, "en")
		if err == nil && place != d.Country && place != libraryName(d.Region) {
			d.Place = place
		}
	default:
	}
	d.Zones = zonesOf(parsed, d.Region)
	return d
}

// zonesOf are the zones that the number may be in, only those that exist. For mobiles
// whose digits name no area the library gives the capital's zone; those have all of the
// country's.
func zonesOf(parsed *phonenumbers.PhoneNumber, region string) []string {
	zones, err := phonenumbers.GetTimezonesForNumber(parsed)
	if err != nil {
		return nil
	}
	zones = slices.Clone(zones)
	code := int(parsed.GetCountryCode())
	if phonenumbers.GetNumberType(parsed) == phonenumbers.MOBILE && phonenumbers.GetLengthOfGeographicalAreaCode(parsed) == 0 &&
		phonenumbers.GetRegionCodeForCountryCode(code) == region {
		country, err := phonenumbers.GetTimezonesForPrefix(strconv.Itoa(code))
		if err == nil {
			zones = append(zones, country...)
		}
	}
	var known []string
	for _, zone := range zones {
		if zone == phonenumbers.UNKNOWN_TIMEZONE || slices.Contains(known, zone) {
			continue
		}
		if _, err := time.LoadLocation(zone); err == nil {
			known = append(known, zone)
		}
	}
	return known
}

// LocalTime is the time where the number is, and the zone it was taken from. certain
// is true only if the number belongs to a place and every plausible zone has the same
// time at that moment. If no zone is known, it returns now in UTC and zone "".
func (d Description) LocalTime(now time.Time) (local time.Time, zone string, certain bool) {
	certain = d.Geographic
	for _, name := range d.Zones {
		location, err := time.LoadLocation(name)
		if err != nil {
			certain = false
			continue
		}
		there := now.In(location)
		if zone == "" {
			local, zone = there, name
			continue
		}
		_, one := local.Zone()
		_, other := there.Zone()
		certain = certain && one == other
	}
	if zone == "" {
		return now.UTC(), "", false
	}
	return local, zone, certain
}

func typeWords(kind phonenumbers.PhoneNumberType) string {
	switch kind {
	case phonenumbers.FIXED_LINE:
		return "landline"
	case phonenumbers.MOBILE:
		return "mobile"
	case phonenumbers.FIXED_LINE_OR_MOBILE:
		return "landline or mobile"
	case phonenumbers.TOLL_FREE:
		return "toll-free"
	case phonenumbers.PREMIUM_RATE:
		return "premium rate"
	case phonenumbers.SHARED_COST:
		return "shared cost"
	case phonenumbers.VOIP:
		return "internet telephony"
	case phonenumbers.PERSONAL_NUMBER:
		return "personal number"
	case phonenumbers.PAGER:
		return "pager"
	case phonenumbers.UAN:
		return "company number"
	case phonenumbers.VOICEMAIL:
		return "voicemail"
	default:
		return "unknown type"
	}
}

var englishRegions = display.English.Regions()

// libraryName is the region's name as the library falls back to it.
func libraryName(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return ""
	}
	return englishRegions.Name(region)
}

// countryName is the English name of a region.
func countryName(code string) string {
	switch code {
	case "":
		return ""
	case globalRegion:
		return "no single country"
	}
	name := libraryName(code)
	if name == "" {
		return code
	}
	return strings.TrimSuffix(name, " SAR China")
}
