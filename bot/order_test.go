package bot

import "testing"

func TestParseOrder(t *testing.T) {
	for text, want := range map[string]order{
		"pause":                    {wordPause, ""},
		" Pause! ":                 {wordPause, ""},
		"RESUME.":                  {wordResume, ""},
		"allow (415) 555-0132":     {wordAllow, "(415) 555-0132"},
		"Allow\u00a0+14155550132":  {wordAllow, "+14155550132"},
		"allow":                    {wordAllow, ""},
		"pause for a minute":       {},
		"resume the order":         {},
		"paused":                   {},
		"(415) 555-0132 Ask pause": {},
		"":                         {},
	} {
		got, ok := parseOrder(text)
		if ok != (want.word != "") || ok && got != want {
			t.Errorf("%q: %+v %v, want %+v", text, got, ok, want)
		}
	}
}
