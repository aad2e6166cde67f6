package phone_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/phone"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// refused are texts that hold no number that can be called, in the order of the kinds.
var refused = []struct {
	region, text string
	kind         phone.Kind
	suggestion   string
}{
	{"US", "", phone.KindNoNumber, ""},
	{"US", "   \n", phone.KindNoNumber, ""},
	{"US", "hello", phone.KindNoNumber, ""},
	{"US", "Ask about the return policy", phone.KindNoNumber, ""},
	{"US", "2 people at 7", phone.KindNoNumber, ""},
	{"US", "<@U0123ABC> Ask", phone.KindNoNumber, ""},
	{"US", "<https://zuni.example|number> Ask", phone.KindNoNumber, ""},
	{"US", "+", phone.KindNoNumber, ""},
	{"US", "Call (415) 555-0132 and ask if they are open", phone.KindNoNumber, "(415) 555-0132 ask if they are open"},
	{"US", "Book a table for 2 at (415) 555-0132", phone.KindNoNumber, "(415) 555-0132 Book a table for 2"},
	{"US", "2 people at (415) 555-0132", phone.KindNoNumber, "(415) 555-0132 2 people"},
	{"US", "Ask <tel:+14155550132|(415) 555-0132> about it", phone.KindNoNumber, "+1 415-555-0132 Ask about it"},

	{"US", "+1{PHONE_NUMBER} Ask", phone.KindPlaceholder, ""},
	{"US", "{{phone}} Ask", phone.KindPlaceholder, ""},
	{"US", "XXX Ask", phone.KindPlaceholder, ""},
	{"US", "(XXX) XXX-XXXX Ask", phone.KindPlaceholder, ""},
	{"US", "555-XXXX Ask", phone.KindPlaceholder, ""},
	{"US", "415-555-xxxx Ask", phone.KindPlaceholder, ""},
	{"US", "+1XXXXXXXXXX Ask", phone.KindPlaceholder, ""},
	{"US", "1-800-XXX-XXXX Ask", phone.KindPlaceholder, ""},
	{"DE", "+49 30 12345XXX Tisch", phone.KindPlaceholder, ""},
	{"US", "<number> Ask", phone.KindPlaceholder, ""},
	{"US", "&lt;phone number&gt; Ask", phone.KindPlaceholder, ""},
	{"US", "[phone] Ask", phone.KindPlaceholder, ""},
	{"US", "(phone number) Ask", phone.KindPlaceholder, ""},
	{"US", "$PHONE Ask", phone.KindPlaceholder, ""},
	{"US", "%PHONE% Ask", phone.KindPlaceholder, ""},
	{"US", "PHONE_NUMBER Ask", phone.KindPlaceholder, ""},
	{"US", "###-###-#### Ask", phone.KindPlaceholder, ""},
	{"US", "+1 (___) ___-____ Ask", phone.KindPlaceholder, ""},
	{"US", "0000000000 Ask", phone.KindPlaceholder, ""},

	{"US", "555-0132 Ask", phone.KindNoAreaCode, ""},
	{"US", "555-0132 2 people", phone.KindNoAreaCode, ""},
	{"US", "+1 555 0132 Ask", phone.KindNoAreaCode, ""},
	{"US", "415 555 013 Ask", phone.KindTooShort, ""},
	{"FR", "01 42 68 53 Ask", phone.KindTooShort, ""},
	{"US", "415 555 013 2 people", phone.KindTooShort, ""},
	{"US", "+1 415 555 01 Ask", phone.KindTooShort, ""},
	{"US", "415 555 ASAP please", phone.KindTooShort, ""},
	{"US", "+44 20 7946 Ask", phone.KindTooShort, ""},
	{"US", "415-555-01322 Ask", phone.KindTooLong, ""},
	{"US", "415-555-0132-99 Ask", phone.KindTooLong, "+1 415-555-0132"},
	{"US", "415-555-0132/0133 Ask", phone.KindTooLong, "+1 415-555-0132"},
	{"US", "1-800-MICROSOFT Ask", phone.KindTooLong, "+1 800-642-7676"},
	{"US", "1234567890 Ask", phone.KindInvalid, ""},
	{"US", "999 555 0132 Ask", phone.KindInvalid, ""},
	{"US", "+1 999 555 0132 Ask", phone.KindInvalid, ""},
	{"GB", "06123 456789 Ask", phone.KindInvalid, ""},
	{"US", "44 20 7946 0958 Ask", phone.KindInvalid, "+44 20 7946 0958"},
	{"US", "49 30 1234567, Tisch", phone.KindInvalid, "+49 30 1234567"},
	{"DE", "+49 30 1234567 2 Personen", phone.KindAmbiguous, ""},
	{"US", "+999 123 4567 Ask", phone.KindUnknownRegion, ""},
	{"XX", "(415) 555-0132 Ask", phone.KindUnknownRegion, ""},

	{"US", "911 There is a fire", phone.KindEmergency, ""},
	{"US", "please call 911", phone.KindEmergency, ""},
	{"US", "please call ９１１", phone.KindEmergency, ""},
	{"US", "please call ٩-١-١", phone.KindEmergency, ""},
	{"US", "+1 (911) help", phone.KindEmergency, ""},
	{"US", "988 I need to talk", phone.KindCrisis, ""},
	{"US", "1-800-273-TALK", phone.KindCrisis, ""},
	{"GB", "116 123", phone.KindCrisis, ""},
	{"US", "411 Ask for the number", phone.KindShortCode, ""},
	{"US", "*67 415 555 0132 Ask", phone.KindShortCode, ""},
	{"US", "+1 900 555 0132 Ask", phone.KindPremiumRate, ""},
	{"US", "(415) 976-0132 Ask", phone.KindPremiumRate, ""},
	{"US", "+979 123 456 789 Ask", phone.KindPremiumRate, ""},
	{"DE", "0180 5 123456 fragen", phone.KindSharedCost, ""},
	{"US", "+870 773 123 456 Ask", phone.KindGlobalNetwork, ""},
	{"US", "+870 123456789 Ask", phone.KindGlobalNetwork, ""},
	{"US", "+800 123 Ask", phone.KindTooShort, ""},
	{"GB", "118 118 Ask", phone.KindShortCode, ""},
	{"GB", "070 1234 5678 Ask", phone.KindPersonal, ""},
	{"DE", "089 19222 Ask", phone.KindCrisis, ""},
	{"DE", "+49 30 110 Ask", phone.KindEmergency, ""},
	{"US", "(415) 911-0132 Ask", phone.KindInvalid, ""},
	{"HK", "7112 3456 Ask", phone.KindPager, ""},
	{"CH", "0860 79 123 45 67 Ask", phone.KindVoicemail, ""},
}

func TestFindRefuses(t *testing.T) {
	for _, row := range refused {
		found, err := phone.Find(row.text, row.region)
		var refusal *phone.Error
		if !errors.As(err, &refusal) {
			t.Errorf("%q: read as %+v, %v", row.text, found, err)
			continue
		}
		if found != (phone.Found{}) {
			t.Errorf("%q: refused, and found %+v", row.text, found)
		}
		if refusal.Kind != row.kind || refusal.Suggestion != row.suggestion {
			t.Errorf("%q: %v, suggests %q; want %v, %q", row.text, refusal.Kind, refusal.Suggestion, row.kind, row.suggestion)
		}
	}
}

// The sentences are read by eye, in testdata/sentences.golden.
func TestSentences(t *testing.T) {
	var got strings.Builder
	for _, row := range refused {
		_, err := phone.Find(row.text, row.region)
		fmt.Fprintf(&got, "%s %q\n    %s\n", row.region, row.text, sentence(err))
	}
	for _, row := range [][2]string{{"+18095550132", "US"}, {"+441534555555", "GB"}, {"+80012345678", "US,CA"}} {
		countries, err := phone.ParseCountries(row[1])
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "countries %s %q\n    %s\n", row[1], row[0], sentence(number(t, row[0]).Check(countries)))
	}
	golden := filepath.Join("testdata", "sentences.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("run with -update and read the difference:\n%s", diff)
	}
}

// Whatever was typed, a sentence repeats it in one bounded line and the text of an
// error for logs does not repeat it at all.
func TestWhatWasTypedIsBounded(t *testing.T) {
	for _, text := range []string{
		"+1 415\u202e555\u0000{PHONE_NUMBER}\n" + strings.Repeat("a", 5000),
		"{" + strings.Repeat("x", 9000) + "}",
		strings.Repeat("9", 9000),
		strings.Repeat("1 ", 5000),
	} {
		_, err := phone.Find(text, "US")
		if err == nil {
			t.Fatalf("%.20q was read", text)
		}
		if s := sentence(err); len(s) > 600 || strings.ContainsAny(s, "\n\x00\u202e") {
			t.Errorf("%.20q: sentence %q", text, s)
		}
		if strings.Contains(err.Error(), "415") || strings.Contains(err.Error(), "999") {
			t.Errorf("%.20q: the number is in the error: %v", text, err)
		}
	}
}

func number(t *testing.T, e164 string) phone.Number {
	t.Helper()
	n, err := phone.ParseE164(e164)
	if err != nil {
		t.Fatalf("%s: %v", e164, err)
	}
	return n
}
