package phone_test

import (
	"fmt"
	"testing"

	"github.com/agentphone-slack/callbot/internal/phone"
)

func TestParseE164(t *testing.T) {
	for _, s := range []string{"+14155550132", "+442079460958", "+493012345672000", "+390612345678", "+1911", "+6112345", "+80012345678"} {
		n, err := phone.ParseE164(s)
		if err != nil || n.E164() != s || n.String() != s || n.IsZero() {
			t.Errorf("%s: %q, %v", s, n, err)
		}
	}
	for _, s := range []string{
		"", "+", "+1", "14155550132", "+1 4155550132", " +14155550132", "+14155550132 ", "+1415555013２", "tel:+14155550132",
		"+14155550132;ext=1", "+01415555013", "+999123456789", "+4402079460958", "+1415555013a", "+1234567890123456789", "++14155550132",
	} {
		if n, err := phone.ParseE164(s); err == nil {
			t.Errorf("%q was read as %s", s, n)
		}
	}
}

func TestNumbersCompare(t *testing.T) {
	one, err := phone.Find("(415) 555-0132 x12 Ask", "US")
	if err != nil {
		t.Fatal(err)
	}
	if other := number(t, "+14155550132"); one.Number != other {
		t.Errorf("%v and %v are not equal", one.Number, other)
	}
	calls := map[phone.Number]int{one.Number: 1}
	if calls[number(t, "+14155550132")] != 1 {
		t.Error("not found as a key")
	}
	if !(phone.Number{}).IsZero() || (phone.Number{}).E164() != "" {
		t.Error("the zero Number is a number")
	}
	if err := (phone.Number{}).Check(everywhere); kind(err) != phone.KindInvalid {
		t.Errorf("the zero Number: %v", err)
	}
}

func TestMasked(t *testing.T) {
	for e164, want := range map[string]string{
		"+14155550132":  "+1 •••••••• 32",
		"+442079460958": "+44 •••••••• 58",
	} {
		if got := number(t, e164).Masked(); got != want {
			t.Errorf("%s: %q, want %q", e164, got, want)
		}
	}
	if got := (phone.Number{}).Masked(); got != "" {
		t.Errorf("the zero Number: %q", got)
	}
}

// Examples use numbers reserved for fiction, so every area code has to take them.
func TestFictionNumbersOfEveryAreaCode(t *testing.T) {
	areas := 0
	for area := 200; area < 1000; area++ {
		found, err := phone.Find(fmt.Sprintf("(%d) 555-0132 Ask", area), "US")
		if err != nil {
			switch kind(err) {
			case phone.KindInvalid, phone.KindPremiumRate, phone.KindEmergency, phone.KindShortCode, phone.KindPlaceholder, phone.KindPersonal:
			default:
				t.Errorf("%d: %v", area, err)
			}
			// An area code that the library knows otherwise takes them too.
			if n, err := phone.ParseE164(fmt.Sprintf("+1%d2345678", area)); err == nil && n.Check(everywhere) == nil {
				t.Errorf("%d exists, and 555-0132 of it is refused", area)
			}
			continue
		}
		areas++
		if d := found.Number.Describe(); d.Region == "" || d.Type == "unknown type" {
			t.Errorf("%d: %+v", area, d)
		}
	}
	if areas < 400 {
		t.Errorf("only %d area codes", areas)
	}
	for _, e164 := range []string{"+19995550132", "+19115550132"} {
		if err := number(t, e164).Check(everywhere); err == nil {
			t.Errorf("%s may be called", e164)
		}
	}
}
