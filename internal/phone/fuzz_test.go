package phone_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"
	"pgregory.net/rapid"

	"github.com/agentphone-slack/callbot/internal/phone"
)

func FuzzFind(f *testing.F) {
	for _, row := range typed {
		f.Add(row.text, row.region)
	}
	for _, row := range refused {
		f.Add(row.text, row.region)
	}
	f.Add("(415) 555-0132\xff\xfe Ask", "US")
	f.Add("<tel:|>", "US")
	f.Add("<tel:+1%", "US")
	f.Add("tel:", "US")
	f.Add("((((((1", "GB")
	f.Fuzz(func(t *testing.T, text, region string) {
		found, err := phone.Find(text, region)
		checkFound(t, text, region, found, err)
	})
}

// checkFound is what holds of Find whatever the text.
func checkFound(t interface {
	Errorf(format string, args ...any)
}, text, region string, found phone.Found, err error,
) {
	if err != nil {
		var refusal *phone.Error
		if !errors.As(err, &refusal) {
			t.Errorf("%q: the error is a %T", text, err)
			return
		}
		if refusal.Kind == 0 || refusal.Sentence() == "" || strings.HasPrefix(refusal.Kind.String(), "Kind(") {
			t.Errorf("%q: %+v", text, refusal)
		}
		for _, choice := range refusal.Choices {
			checkFound(t, text, region, choice, nil)
		}
		return
	}
	if !strings.HasSuffix(text, found.Rest) && !strings.Contains(text, found.Rest) {
		t.Errorf("%q: the rest %q is no part of it", text, found.Rest)
	}
	if found.Typed == "" || !strings.Contains(text, found.Typed) {
		t.Errorf("%q: what was typed, %q, is no part of it", text, found.Typed)
	}
	if strings.Trim(found.Extension, "0123456789") != "" {
		t.Errorf("%q: extension %q", text, found.Extension)
	}
	again, err := phone.ParseE164(found.Number.E164())
	if err != nil || again != found.Number {
		t.Errorf("%q: %q does not parse: %v", text, found.Number, err)
	}
	if err := found.Number.Check(everywhere); err != nil {
		t.Errorf("%q: %q must not be called: %v", text, found.Number, err)
	}
	national := phonenumbers.GetNationalSignificantNumber(parse(found.Number))
	if slices.Contains([]string{"911", "112", "999", "000", "988"}, national) ||
		phonenumbers.IsEmergencyNumber(national, found.Number.Region()) {
		t.Errorf("%q: %q is an emergency number", text, found.Number)
	}
}

func parse(n phone.Number) *phonenumbers.PhoneNumber {
	parsed, err := phonenumbers.Parse(n.E164(), "ZZ")
	if err != nil {
		return &phonenumbers.PhoneNumber{}
	}
	return parsed
}

func FuzzParseE164(f *testing.F) {
	for _, s := range []string{"+14155550132", "+1911", "+44", "+4402079460958", "+\xff", "+999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := phone.ParseE164(s)
		if err != nil {
			return
		}
		if n.E164() != s {
			t.Errorf("%q was read as %q", s, n)
		}
		d := n.Describe()
		if d.E164 != s || n.Masked() == s {
			t.Errorf("%q: %+v, %q", s, d, n.Masked())
		}
		if err := n.Check(everywhere); err == nil && phonenumbers.IsEmergencyNumber(s[1:], d.Region) {
			t.Errorf("%q may be called", s)
		}
	})
}

// A North American number is read wherever the spaces are and whatever is between, and
// the text behind it stays as it is.
func TestAnyWritingOfANorthAmericanNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.IntRange(100, 199).Draw(t, "line")
		area := rapid.SampledFrom([]string{"415", "212", "312", "808", "416"}).Draw(t, "area")
		space := rapid.SampledFrom([]string{"", " ", "\u00a0", "\u202f", "\u2009", "-", "\u2011", "\u2013", ".", "/", "\u200b", " \u200e"})
		lead := rapid.SampledFrom([]string{"", "1-", "1 ", "+1 ", "+1", "＋1 ", "+1\u00a0", "\u202a+1 ", "011 1 ", "001 "}).Draw(t, "lead")
		left := rapid.SampledFrom([]string{"", "("}).Draw(t, "left")
		right := map[string]string{"": "", "(": ")"}[left]
		rest := rapid.SampledFrom([]string{
			"", "2 people at 7", "12 people", "Ask about “it”", "7pm", "4 chairs, 2 tables", "Äpfel?", "人", "100% sure", "1st of May",
		}).Draw(t, "rest")
		text := fmt.Sprintf("%s%s%s%s%s555%s0%d %s", lead, left, area, right, space.Draw(t, "one"), space.Draw(t, "two"), line, rest)
		found, err := phone.Find(text, "US")
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if want := fmt.Sprintf("+1%s5550%d", area, line); found.Number.E164() != want || found.Rest != rest || found.Extension != "" {
			t.Fatalf("%q: %+v, want %s", text, found, want)
		}
	})
}

// Whatever digits and punctuation are typed, nothing is found that must not be.
func TestAnyDigits(t *testing.T) {
	regions := []string{"US", "GB", "DE", "AU", "JP", "FR", "IN", "BR", "MX", "ZA", "AT", "SH", "LU", "IT", "XX"}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[+(]?[0-9]{1,4}([ ().\-/,x#]{0,2}[0-9]{1,5}){0,6}[ ,:;.-]{0,2}(Ask|2 people|[a-z"“<*]{0,5})`).Draw(t, "text")
		region := rapid.SampledFrom(regions).Draw(t, "region")
		found, err := phone.Find(text, region)
		checkFound(t, text, region, found, err)
	})
}

func BenchmarkFind(b *testing.B) {
	for name, text := range map[string]string{
		"national":      "(415) 555-0132 Book a table for 2 tonight at 7pm under Sarah",
		"international": "+44 (0)20 7946 0958 ext. 12, Ask about the return policy",
		"link":          "<tel:+14155550132|(415) 555-0132> Ask about the return policy",
		"ambiguous":     "+49 30 1234567 2 Personen um 19 Uhr",
		"vanity":        "1-800-FLOWERS Ask about roses",
		"none":          strings.Repeat("Ask about the return policy at 7 or 8. ", 50),
		"digits":        strings.Repeat("1 2 3 4 ", 1000),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := phone.Find(text, "US")
				if err != nil && name != "ambiguous" && name != "none" && name != "digits" {
					b.Fatal(err)
				}
			}
		})
	}
}
