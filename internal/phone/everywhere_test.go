package phone_test

import (
	"strings"
	"testing"

	"github.com/agentphone-slack/callbot/internal/phone"
)

func TestFindAll(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "no number": "", "(415) 555-0132": "+14155550132", "Ring (415) 555-0132.": "+14155550132",
		"Front desk +1 415 555 0199, kitchen (415) 555-0188 x12, on 2026-03-02 at 18:00 for 4": "+14155550199 +14155550188x12",
		"415-555-0132 or 415-555-0132":                "+14155550132",
		"call 911, or (415) 555-0132 if it can wait":  "+14155550132",
		"order 12345, 7pm, 10%, 1,000":                "",
		"tel:+442079460123 and <tel:+14155550132|us>": "+442079460123 +14155550132",
		"Zuni:(415) 555-0132\n(415) 555-0133":         "+14155550132 +14155550133",
		strings.Repeat("1 ", 5000):                    "",
		"+878 12345678901 or +999 (415) 555-0132":     "",
		"no 12345 (415) 555-0132, 0000 415 555 0133":  "+14155550132",
		"Ring （４１５）５５５－０１３２ or ٤١٥-٥٥٥-٠١٣٣ x¹":       "+14155550132 +14155550133x1",
		"第９１４１５５５５０１３２号, 9４１５５５５０１３２":                 "",
	} {
		var got []string
		for _, f := range phone.FindAll(text, "US", 10) {
			number := f.Number.E164()
			if f.Extension != "" {
				number += "x" + f.Extension
			}
			got = append(got, number)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%.60q: %q, want %q", text, got, want)
		}
	}
	if got := phone.FindAll(strings.Repeat("(415) 555-0132 or (415) 555-0133, ", 9), "US", 1); len(got) != 1 {
		t.Errorf("%d numbers, at most 1 was asked for", len(got))
	}
}

func TestAsked(t *testing.T) {
	for text, want := range map[string]string{
		"please call (415) 555-0132 and ask":      "(415) 555-0132 and ask",
		"Hey, can you call: +14155550132, ask":    "+14155550132, ask",
		"/call (415) 555-0132 ask":                "(415) 555-0132 ask",
		"call <tel:+14155550132|415-555-0132> x":  "<tel:+14155550132|415-555-0132> x",
		"(415) 555-0132 ask":                      "(415) 555-0132 ask",
		"book a table at (415) 555-0132":          "book a table at (415) 555-0132",
		"call them":                               "call them",
		"call 911":                                "911",
		"please call ９１１ now":                     "９１１ now",
		"please call ٩١١ now":                     "٩١١ now",
		"please call 9\u200b1\u200b1 now":         "9\u200b1\u200b1 now",
		"":                                        "",
		"please call 555-0132 and ask about that": "555-0132 and ask about that",
	} {
		if got := phone.Asked(text, "US"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
