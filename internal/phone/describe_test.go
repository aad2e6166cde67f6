package phone_test

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // the machine that tests may have no zones

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/phone"
)

func TestDescribe(t *testing.T) {
	for _, want := range []phone.Description{
		{
			E164: "+14155550132", National: "(415) 555-0132", International: "+1 415-555-0132", Region: "US", Country: "United States",
			Place: "San Francisco, CA", Type: "landline or mobile", Geographic: true, Zones: []string{"America/Los_Angeles"},
		},
		{
			E164: "+442079460958", National: "020 7946 0958", International: "+44 20 7946 0958", Region: "GB", Country: "United Kingdom",
			Place: "London", Type: "landline", Geographic: true, Zones: []string{"Europe/London"},
		},
		{
			E164: "+447700900123", National: "07700 900123", International: "+44 7700 900123", Region: "GB", Country: "United Kingdom",
			Type: "landline or mobile", Geographic: true, Zones: []string{"Europe/Guernsey", "Europe/Isle_of_Man", "Europe/London"},
		},
		{
			E164: "+81312345678", National: "03-1234-5678", International: "+81 3-1234-5678", Region: "JP", Country: "Japan",
			Place: "Tokyo", Type: "landline", Geographic: true, Zones: []string{"Asia/Tokyo"},
		},
		{
			E164: "+80012345678", National: "1234 5678", International: "+800 1234 5678", Region: "001", Country: "no single country", Type: "toll-free",
		},
		{},
	} {
		var n phone.Number
		if want.E164 != "" {
			n = number(t, want.E164)
		}
		if diff := cmp.Diff(want, n.Describe()); diff != "" {
			t.Errorf("%s:\n%s", want.E164, diff)
		}
	}
}

func TestDescribeTollFree(t *testing.T) {
	d := number(t, "+18005550132").Describe()
	if d.Type != "toll-free" || d.Place != "" || d.Geographic || len(d.Zones) < 5 || !slices.Contains(d.Zones, "America/New_York") {
		t.Errorf("%+v", d)
	}
}

func TestLocalTime(t *testing.T) {
	now := time.Date(2026, time.January, 15, 20, 30, 0, 0, time.UTC)
	for _, row := range []struct {
		e164, clock, zone string
		certain           bool
	}{
		{"+14155550132", "12:30", "America/Los_Angeles", true},
		{"+12125550132", "15:30", "America/New_York", true},
		{"+442079460958", "20:30", "Europe/London", true},
		{"+81312345678", "05:30", "Asia/Tokyo", true},
		{"+919876543210", "02:00", "Asia/Calcutta", true},
		{"+447700900123", "20:30", "Europe/Guernsey", true},
		{"+12425550132", "15:30", "America/Nassau", true},
		{"+34612345678", "21:30", "Europe/Madrid", false}, // or the Canaries
		{"+61412345678", "", "", false},                   // Australia's mobiles are in any of its zones
		{"+18005550132", "", "", false},                   // toll-free
		{"+448001111234", "", "", false},                  // toll-free, though all of Britain has one time
		{"+80012345678", "20:30", "", false},
	} {
		local, zone, certain := number(t, row.e164).Describe().LocalTime(now)
		if certain != row.certain || !local.Equal(now) {
			t.Errorf("%s: %v in %q, certain %v", row.e164, local, zone, certain)
		}
		if row.clock != "" && (local.Format("15:04") != row.clock || zone != row.zone) {
			t.Errorf("%s: %v in %q, want %s in %q", row.e164, local, zone, row.clock, row.zone)
		}
	}
}

// Zones that agree in winter may differ in summer.
func TestLocalTimeIsCertainWhileZonesAgree(t *testing.T) {
	d := phone.Description{Geographic: true, Zones: []string{"America/Denver", "America/Phoenix"}}
	if _, _, certain := d.LocalTime(time.Date(2026, time.January, 15, 12, 0, 0, 0, time.UTC)); !certain {
		t.Error("in winter Denver and Phoenix have one time")
	}
	if _, _, certain := d.LocalTime(time.Date(2026, time.July, 15, 12, 0, 0, 0, time.UTC)); certain {
		t.Error("in summer they have not")
	}
}
