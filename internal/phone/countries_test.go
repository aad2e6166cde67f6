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

// Every region that shares a country code is a region of its own: allowed alone, and
// refused with the name of the variable where only its neighbours are.
func TestSharedCodesAreRegionsOfTheirOwn(t *testing.T) {
	for _, row := range []struct{ region, e164, neighbours string }{
		{"US", "+14155550132", "CA,PR,GU,VI,AS,MP,DO,JM"},
		{"CA", "+14165550132", "US,PR"},
		{"PR", "+17875550132", "US,CA,DO"},
		{"PR", "+19395550132", "US"},
		{"GU", "+16715550132", "US,MP"},
		{"MP", "+16705550132", "US,GU"},
		{"AS", "+16845550132", "US"},
		{"VI", "+13405550132", "US,VG"},
		{"DO", "+18095550132", "US,CA,PR"},
		{"DO", "+18295550132", "US"},
		{"DO", "+18495550132", "US"},
		{"JM", "+18765550132", "US"},
		{"JM", "+16585550132", "US"},
		{"BS", "+12425550132", "US"},
		{"BB", "+12465550132", "US"},
		{"AI", "+12645550132", "US,GB"},
		{"AG", "+12685550132", "US"},
		{"VG", "+12845550132", "US,VI,GB"},
		{"KY", "+13455550132", "US,GB"},
		{"BM", "+14415550132", "US,GB"},
		{"GD", "+14735550132", "US"},
		{"TC", "+16495550132", "US,GB"},
		{"MS", "+16645550132", "US,GB"},
		{"SX", "+17215550132", "US,NL"},
		{"LC", "+17585550132", "US"},
		{"DM", "+17675550132", "US,DO"},
		{"VC", "+17845550132", "US"},
		{"TT", "+18685550132", "US"},
		{"KN", "+18695550132", "US"},
		{"RU", "+74951234567", "KZ"},
		{"KZ", "+77272501234", "RU"},
		{"GB", "+442079460958", "GG,JE,IM"},
		{"GG", "+441481555555", "GB,JE,IM"},
		{"JE", "+441534555555", "GB,GG"},
		{"IM", "+441624555555", "GB"},
		{"VA", "+390669812345", "IT"},
		{"SJ", "+4779123456", "NO"},
		{"NO", "+4722123456", "SJ"},
		{"CC", "+61891621234", "AU,CX"},
		{"CX", "+61891641234", "AU,CC"},
		{"MA", "+212522123456", "EH"},
		{"EH", "+212528812345", "MA"},
		{"YT", "+262269601234", "RE,FR"},
		{"RE", "+262262161234", "YT,FR"},
		{"GP", "+590590201234", "BL,MF,FR"},
		{"BL", "+590590271234", "GP,FR"},
		{"MF", "+590590271234", "GP,FR"},
		{"CW", "+59994351234", "BQ,NL"},
		{"BQ", "+5997151234", "CW,NL"},
		{"AX", "+35818123456", "FI"},
		{"FI", "+358912345678", "AX"},
		{"001", "+80012345678", "US,GB,DE"},
	} {
		n := number(t, row.e164)
		alone, err := phone.ParseCountries(row.region)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Check(alone); err != nil {
			t.Errorf("%s with %s: %v: %s", row.e164, row.region, err, sentence(err))
		}
		others, err := phone.ParseCountries(row.neighbours)
		if err != nil {
			t.Fatal(err)
		}
		err = n.Check(others)
		if kind(err) != phone.KindCountryNotAllowed || !strings.Contains(sentence(err), "CALLBOT_COUNTRIES") || !strings.Contains(sentence(err), "Allowed here: ") {
			t.Errorf("%s with %s: %v: %s", row.e164, row.neighbours, err, sentence(err))
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
