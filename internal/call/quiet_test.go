package call_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the machine that tests may have no zones

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

func hours(t *testing.T, text string) call.Hours {
	t.Helper()
	h, err := call.ParseHours(text)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func describe(t *testing.T, e164 string) phone.Description {
	t.Helper()
	n, err := phone.ParseE164(e164)
	if err != nil {
		t.Fatal(err)
	}
	return n.Describe()
}

// moment reads a time in a zone, such as "2026-11-24 15:04 Asia/Tokyo".
func moment(t *testing.T, text string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation(text[len("2006-01-02 15:04 "):])
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text[:len("2006-01-02 15:04")], zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestHoursAreReadAndWritten(t *testing.T) {
	for text, want := range map[string]string{
		"21:00-08:00": "21:00-08:00", " 9:05 - 17:30 ": "09:05-17:30", "00:00-24:00x": "", "22:00-24:00": "22:00-00:00",
		"off": "off", "OFF": "off", "": "", "21-8": "", "21:00": "", "21:00-21:00": "", "25:00-08:00": "", "21:60-08:00": "",
		"21:0-08:00": "", "24:01-08:00": "", "-1:00-08:00": "", "00:00-24:00": "", "21:00–08:00": "",
	} {
		h, err := call.ParseHours(text)
		if (err != nil) != (want == "") || err == nil && h.String() != want {
			t.Errorf("%q is %v, %v; want %q", text, h, err, want)
		}
	}
}

// TestQuietHours: whether it is quiet, and when that ends.
func TestQuietHours(t *testing.T) {
	const (
		sanFrancisco = "+14155550132"
		tokyo        = "+81312345678"
		kolkata      = "+912212345678"
		nepal        = "+97714412345"
		london       = "+442079460123"
		tollFree     = "+18005550132"
		australia    = "+61491570006" // a mobile, in any of eight zones
		russia       = "+79161234567" // a mobile, in eleven hours' width of zones
		nowhere      = "+8001234567890123"
	)
	for name, tc := range map[string]struct {
		number, hours, at string
		want              call.Quiet
		next              string // when it is over; "": at once
	}{
		"the middle of the night":               {tokyo, "21:00-08:00", "2026-11-25 03:12 Asia/Tokyo", call.QuietEverywhere, "2026-11-25 08:00 Asia/Tokyo"},
		"the evening":                           {tokyo, "21:00-08:00", "2026-11-24 23:59 Asia/Tokyo", call.QuietEverywhere, "2026-11-25 08:00 Asia/Tokyo"},
		"the first minute":                      {tokyo, "21:00-08:00", "2026-11-24 21:00 Asia/Tokyo", call.QuietEverywhere, "2026-11-25 08:00 Asia/Tokyo"},
		"the minute before":                     {tokyo, "21:00-08:00", "2026-11-24 20:59 Asia/Tokyo", call.NotQuiet, ""},
		"the last minute":                       {tokyo, "21:00-08:00", "2026-11-25 07:59 Asia/Tokyo", call.QuietEverywhere, "2026-11-25 08:00 Asia/Tokyo"},
		"the end":                               {tokyo, "21:00-08:00", "2026-11-25 08:00 Asia/Tokyo", call.NotQuiet, ""},
		"off":                                   {tokyo, "off", "2026-11-25 03:12 Asia/Tokyo", call.NotQuiet, ""},
		"hours within a day":                    {tokyo, "12:00-13:30", "2026-11-25 12:45 Asia/Tokyo", call.QuietEverywhere, "2026-11-25 13:30 Asia/Tokyo"},
		"before hours within a day":             {tokyo, "12:00-13:30", "2026-11-25 11:59 Asia/Tokyo", call.NotQuiet, ""},
		"half an hour off":                      {kolkata, "21:00-08:00", "2026-11-25 07:45 Asia/Kolkata", call.QuietEverywhere, "2026-11-25 08:00 Asia/Kolkata"},
		"three quarters off":                    {nepal, "21:00-08:00", "2026-11-24 23:57 Asia/Kathmandu", call.QuietEverywhere, "2026-11-25 08:00 Asia/Kathmandu"},
		"the night that clocks go forward":      {sanFrancisco, "21:00-08:00", "2026-03-07 23:00 America/Los_Angeles", call.QuietEverywhere, "2026-03-08 08:00 America/Los_Angeles"},
		"the night that clocks go back":         {sanFrancisco, "21:00-08:00", "2026-10-31 23:00 America/Los_Angeles", call.QuietEverywhere, "2026-11-01 08:00 America/Los_Angeles"},
		"clocks jump over the end":              {sanFrancisco, "21:00-02:30", "2026-03-08 01:30 America/Los_Angeles", call.QuietEverywhere, "2026-03-08 03:00 America/Los_Angeles"},
		"clocks go back in London":              {london, "21:00-08:00", "2026-10-24 22:00 Europe/London", call.QuietEverywhere, "2026-10-25 08:00 Europe/London"},
		"toll-free, by day in New York":         {tollFree, "21:00-08:00", "2026-11-24 10:00 America/New_York", call.MaybeQuiet, ""},
		"toll-free, night from Guam to Halifax": {tollFree, "21:00-08:00", "2026-11-24 11:15 UTC", call.QuietEverywhere, "2026-11-24 22:00 UTC"},
		"a mobile of a wide country, all night": {australia, "21:00-08:00", "2026-11-24 18:12 UTC", call.QuietEverywhere, "2026-11-25 08:00 Indian/Cocos"},
		"a mobile, night in some zones":         {australia, "21:00-08:00", "2026-11-24 22:00 UTC", call.MaybeQuiet, ""},
		"a mobile, day in one zone at least":    {russia, "21:00-08:00", "2026-11-24 18:12 UTC", call.MaybeQuiet, ""},
		"no zone is known":                      {nowhere, "21:00-08:00", "2026-11-24 03:00 UTC", call.QuietUnknown, ""},
		"no hour in common: not in all zones":   {russia, "16:00-15:00", "2026-11-24 16:30 UTC", call.QuietEverywhere, "2026-11-25 03:00 UTC"},
	} {
		t.Run(name, func(t *testing.T) {
			h, d, at := hours(t, tc.hours), describe(t, tc.number), moment(t, tc.at)
			if got := h.At(d, at); got != tc.want {
				t.Errorf("at %v: %s, want %s", at, got, tc.want)
			}
			want := at
			if tc.next != "" {
				want = moment(t, tc.next)
			}
			got := h.Next(d, at)
			if tc.want == call.MaybeQuiet {
				if got.Before(at) {
					t.Errorf("next is %v, before %v", got, at)
				}
			} else if !got.Equal(want) {
				t.Errorf("next is %v, want %v", got, want)
			}
			if h.At(d, got) == call.QuietEverywhere {
				t.Errorf("at the next moment, %v, it is quiet", got)
			}
			if c := h.Changes(d, at); !c.IsZero() && h.At(d, c) == tc.want {
				t.Errorf("nothing changes at %v", c)
			}
		})
	}
}

// TestChangesIsTheFirst compares with a look at every minute of two days.
func TestChangesIsTheFirst(t *testing.T) {
	for _, number := range []string{"+14155550132", "+97714412345", "+61491570006", "+18005550132"} {
		for _, text := range []string{"21:00-08:00", "02:15-02:45", "01:30-01:45", "12:00-13:30"} {
			for _, day := range []string{"2026-03-07 20:10 America/Los_Angeles", "2026-10-31 20:10 America/Los_Angeles"} {
				h, d, at := hours(t, text), describe(t, number), moment(t, day)
				before := h.At(d, at)
				var want time.Time
				for m := at.Add(time.Minute); m.Before(at.Add(48 * time.Hour)); m = m.Add(time.Minute) {
					if h.At(d, m) != before {
						want = m
						break
					}
				}
				if got := h.Changes(d, at); !got.Equal(want) {
					t.Errorf("%s %s at %s: %v, want %v", number, text, day, got, want)
				}
			}
		}
	}
}

func TestTimeThere(t *testing.T) {
	at := moment(t, "2026-11-25 03:12 Asia/Tokyo")
	for number, want := range map[string][2]string{
		"+81312345678":  {"3:12 AM in Tokyo", "3:12 AM their time"},
		"+819012345678": {"3:12 AM in Japan", "3:12 AM their time"},
		"+447400123456": {"6:12 PM in the United Kingdom", "6:12 PM their time"},
		"+61491570006":  {"between 12:42 AM and 5:12 AM in Australia, depending on where the number is", "12:42 AM Cocos time"},
	} {
		d := describe(t, number)
		if got := call.TimeThere(d, at); got != want[0] {
			t.Errorf("%s: %q, want %q", number, got, want[0])
		}
		if got := call.ClockThere(d, at); got != want[1] {
			t.Errorf("%s: %q, want %q", number, got, want[1])
		}
	}
}
