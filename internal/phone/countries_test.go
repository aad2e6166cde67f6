package phone_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/agentphone-slack/callbot/internal/phone"
)

func TestParseCountries(t *testing.T) {
	for s, want := range map[string]string{
		"US": "US", "US,CA": "CA,US", " us , ca ,": "CA,US", "*": "*", " * ": "*", "001,US": "001,US", "GB,GB": "GB",
	} {
		c, err := phone.ParseCountries(s)
		if err != nil || c.String() != want {
			t.Errorf("%q: %q, %v; want %q", s, c, err, want)
		}
	}
	for s, named := range map[string]string{
		"": "no country", ",": "no country", "UK": `did you mean "GB" (United Kingdom)`, "US,XX": `"XX"`, "US;CA": `"US;CA"`,
		"USA": `"US"`, "US,*": `"*"`, "+1": `"+1"`, "Germany": `"GERMANY"`, "US CA": `"US CA"`,
	} {
		c, err := phone.ParseCountries(s)
		if err == nil || !strings.Contains(err.Error(), named) {
			t.Errorf("%q: %q, %v; want an error with %s", s, c, err, named)
		}
	}
}

func TestCheckMatchesTheRegion(t *testing.T) {
	for _, row := range []struct {
		countries, e164 string
		region          string // refused, because in this region; "" allowed
	}{
		{"US", "+14155550132", ""},
		{"US", "+14165550132", "CA"},
		{"US,CA", "+14165550132", ""},
		{"US", "+18095550132", "DO"},
		{"US", "+18765550132", "JM"},
		{"US", "+12425550132", "BS"},
		{"US", "+17875550132", "PR"},
		{"US", "+16715550132", "GU"},
		{"US", "+442079460958", "GB"},
		{"GB", "+442079460958", ""},
		{"GB", "+447700900123", ""},
		{"GB", "+441534555555", "JE"},
		{"GB", "+441481555555", "GG"},
		{"GB", "+441624555555", "IM"},
		{"RU", "+77272501234", "KZ"},
		{"RU", "+74951234567", ""},
		{"IT", "+390669812345", "VA"},
		{"FI", "+35818123456", "AX"},
		{"AU", "+61891621234", "CC"},
		{"US", "+80012345678", "001"},
		{"001", "+80012345678", ""},
		{"*", "+80012345678", ""},
		{"*", "+18095550132", ""},
		// Toll-free numbers of country code 1 are no region's own.
		{"US", "+18005550132", ""},
		{"CA", "+18005550132", ""},
		{"GB", "+18005550132", "US"},
	} {
		c, err := phone.ParseCountries(row.countries)
		if err != nil {
			t.Fatal(err)
		}
		err = number(t, row.e164).Check(c)
		if row.region == "" {
			if err != nil {
				t.Errorf("%s with %s: %v", row.e164, row.countries, err)
			}
			continue
		}
		var refusal *phone.Error
		if !errors.As(err, &refusal) || refusal.Kind != phone.KindCountryNotAllowed || refusal.Region != row.region {
			t.Errorf("%s with %s: %v, want refused for %s", row.e164, row.countries, err, row.region)
		}
	}
}

func TestCountriesAllowNothingByThemselves(t *testing.T) {
	var none phone.Countries
	if none.Allowed("US") || none.Allowed("") || everywhere.Allowed("") || !everywhere.Allowed("ZW") {
		t.Error("the zero Countries allow something, or * does not allow all")
	}
	if err := number(t, "+14155550132").Check(none); kind(err) != phone.KindCountryNotAllowed {
		t.Errorf("%v", err)
	}
}

// What is never called is refused as that, allowed country or not.
func TestNeverComesBeforeCountries(t *testing.T) {
	var none phone.Countries
	for e164, want := range map[string]phone.Kind{
		"+1911": phone.KindEmergency, "+44999": phone.KindEmergency, "+18002738255": phone.KindCrisis,
		"+19005550132": phone.KindPremiumRate, "+1411": phone.KindShortCode, "+870773123456": phone.KindGlobalNetwork,
	} {
		if got := kind(number(t, e164).Check(none)); got != want {
			t.Errorf("%s: %v, want %v", e164, got, want)
		}
	}
}
