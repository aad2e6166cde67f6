package phone

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Countries are the regions that may be called. The zero Countries allow none.
type Countries struct {
	all     bool
	regions map[string]bool
}

// globalRegion is the region of numbers of no country (UN M.49's code of the world).
const globalRegion = "001"

// commonMistakes are codes that people write for a region that has another.
var commonMistakes = map[string]string{
	"UK": "GB", "EN": "GB", "USA": "US", "UAE": "AE", "JAP": "JP", "GER": "DE", "CAN": "CA",
	"GBR": "GB", "DEU": "DE", "FRA": "FR", "AUS": "AU", "MEX": "MX", "JPN": "JP", "IND": "IN", "EL": "GR",
}

// ParseCountries reads a list of ISO 3166 codes, "US,CA", or "*" for every region. A
// code may be in lower case and have spaces around it. "001" stands for international
// freephone numbers (+800).
func ParseCountries(s string) (Countries, error) {
	s = strings.TrimSpace(s)
	switch s {
	case "":
		return Countries{}, fmt.Errorf(`no country is listed; write codes such as "US,CA", or "*" for all`)
	case "*":
		return Countries{all: true}, nil
	}
	c := Countries{regions: make(map[string]bool)}
	for field := range strings.SplitSeq(s, ",") {
		code := strings.ToUpper(strings.TrimSpace(field))
		switch {
		case code == "":
			continue // a comma at the end
		case code == "*":
			return Countries{}, fmt.Errorf(`%q mixes "*" with country codes; write "*" alone for all countries`, s)
		case code != globalRegion && phonenumbers.GetCountryCodeForRegion(code) == 0:
			if meant, ok := commonMistakes[code]; ok {
				return Countries{}, fmt.Errorf("%q is not a country code; did you mean %q (%s)?", code, meant, countryName(meant))
			}
			return Countries{}, fmt.Errorf(`%q is not a country code of two letters (ISO 3166), such as "US", "CA" or "GB"`, code)
		}
		c.regions[code] = true
	}
	if len(c.regions) == 0 {
		return Countries{}, fmt.Errorf(`%q lists no country; write codes such as "US,CA", or "*" for all`, s)
	}
	return c, nil
}

// Allowed reports whether a region, by its ISO 3166 code, may be called.
func (c Countries) Allowed(region string) bool {
	return region != "" && (c.all || c.regions[strings.ToUpper(region)])
}

// String is the list as ParseCountries reads it, sorted.
func (c Countries) String() string {
	if c.all {
		return "*"
	}
	codes := make([]string, 0, len(c.regions))
	for code := range c.regions {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return strings.Join(codes, ",")
}

// names are the English names of the allowed countries: "Canada and United States".
func (c Countries) names() string {
	if c.all {
		return "every country"
	}
	var names []string
	for code := range c.regions {
		names = append(names, countryName(code))
	}
	slices.Sort(names)
	return joinWords(names, "and")
}

// notAllowed refuses a number outside of c.
func (n Number) notAllowed(c Countries) *Error {
	parsed := n.parsed()
	region := regionOf(parsed)
	if c.Allowed(region) {
		return nil
	}
	// A toll-free number of a shared country code is in all its regions alike; the
	// library names the first. So are all numbers of Saint Barthélemy and Saint Martin.
	if phonenumbers.GetNumberType(parsed) == phonenumbers.TOLL_FREE || region == "BL" {
		for _, other := range phonenumbers.GetRegionCodesForCountryCode(int(parsed.GetCountryCode())) {
			if c.Allowed(other) && phonenumbers.IsValidNumberForRegion(parsed, other) {
				return nil
			}
		}
	}
	return &Error{
		Kind: KindCountryNotAllowed, Typed: inFull(parsed),
		Region: region, Country: countryName(region), Allowed: c.names(),
	}
}

// joinWords makes "a, b and c".
func joinWords(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}
