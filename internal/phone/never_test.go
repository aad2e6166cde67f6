package phone_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"github.com/agentphone-slack/callbot/internal/phone"
)

var everywhere = func() phone.Countries {
	c, err := phone.ParseCountries("*")
	if err != nil {
		panic(err)
	}
	return c
}()

// emergencyNumbers are those of every region, by the library's own data.
func emergencyNumbers(t testing.TB) map[string][]string {
	collection, err := phonenumbers.ShortNumberMetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][]string)
	for _, region := range collection.GetMetadata() {
		// Lengths that are absent are those of all its short numbers.
		lengths := region.GetEmergency().GetPossibleLength()
		if len(lengths) == 0 {
			lengths = region.GetGeneralDesc().GetPossibleLength()
		}
		for _, length := range lengths {
			if length > 4 {
				continue
			}
			most := 1
			for range length {
				most *= 10
			}
			for n := range most {
				if digits := fmt.Sprintf("%0*d", length, n); phonenumbers.IsEmergencyNumber(digits, region.GetId()) {
					all[region.GetId()] = append(all[region.GetId()], digits)
				}
			}
		}
		if example := region.GetEmergency().GetExampleNumber(); len(example) > 4 {
			all[region.GetId()] = append(all[region.GetId()], example)
		}
		if i := slices.IndexFunc(lengths, func(l int32) bool { return l > 6 }); i >= 0 && len(region.GetEmergency().GetPossibleLength()) > 0 {
			t.Errorf("%s has emergency numbers of %d digits", region.GetId(), lengths[i])
		}
	}
	if len(all) < 200 {
		t.Fatalf("the library knows only %d regions", len(all))
	}
	return all
}

// Every emergency number of every region, in every way it can be typed.
func TestEmergencyNumbersAreNeverRead(t *testing.T) {
	tried, rest := 0, 0
	for region, numbers := range emergencyNumbers(t) {
		code := phonenumbers.GetCountryCodeForRegion(region)
		trunk := phonenumbers.GetNddPrefixForRegion(region, true)
		for i, e := range numbers {
			spaced := strings.Join(strings.Split(e, ""), " ")
			texts := []string{
				e, spaced, strings.ReplaceAll(spaced, " ", "-"), strings.ReplaceAll(spaced, " ", "."), fullWidth(e),
				"(" + e + ")", e + ".", "+" + e, "tel:" + e, fmt.Sprintf("<tel:%s|%s>", e, e), `"` + e + `"`,
				fmt.Sprintf("+%d %s", code, e), fmt.Sprintf("+%d%s", code, e), fmt.Sprintf("+%d (%s)", code, e),
				fmt.Sprintf("+%d-%s", code, e), fmt.Sprintf("%d%s", code, e), fmt.Sprintf("00%d%s", code, e),
				fmt.Sprintf("00 %d %s", code, e), fmt.Sprintf("011 %d %s", code, e), trunk + e, "9" + e, "9 " + e, "9," + e,
			}
			if i > 1 { // two numbers of each region in every way, the others in turn
				texts = []string{e, texts[rest%len(texts)]}
			}
			for _, text := range texts {
				rest++
				for _, tail := range []string{"", " people need help", " 2 people", ", now"}[rest%4 : rest%4+1] {
					tried++
					if found, err := phone.Find(text+tail, region); err == nil {
						t.Errorf("%s %q was read as %s", region, text+tail, found.Number)
					} else if kind(err) == phone.KindAmbiguous {
						t.Errorf("%s %q offers %s", region, text+tail, sentence(err))
					}
				}
			}
			abroad := []string{"US", "GB", "DE", "IN", "BR", "JP", "AU", "XX"}
			for _, format := range []string{"+%d%s", "+%d %s", "+%d (0)%s", "00%d%s", "011 %d %s, Ask", "<tel:+%d%s|call us>"} {
				tried++
				from, text := abroad[tried%len(abroad)], fmt.Sprintf(format, code, e)
				if found, err := phone.Find(text, from); err == nil {
					t.Errorf("%s %q was read as %s", from, text, found.Number)
				}
			}
			if n, err := phone.ParseE164(fmt.Sprintf("+%d%s", code, e)); err == nil {
				if err := n.Check(everywhere); err == nil {
					t.Errorf("%s passes Check", n)
				}
			}
		}
	}
	t.Logf("%d texts", tried)
}

func fullWidth(digits string) string {
	return strings.Map(func(r rune) rune { return r - '0' + '０' }, digits)
}

// The large ones are called what they are, whatever the default region.
func TestEmergencyAnywhere(t *testing.T) {
	for _, region := range []string{"US", "CA", "GB", "DE", "AU", "JP", "FR", "IN", "BR", "MX", "ZA", "ES", "NZ", "KR", "XX", ""} {
		for _, e := range []string{"911", "112", "999", "000"} {
			for _, text := range []string{
				e, e + " help", e + " 2 people", "9-1-1", "9 1 1", "9.1.1", "nine one one", "nine-eleven", "*911",
				"+1911", "+1 911", "1-911", "+1 (911) help", "９１１", "٩١١", "9\u200b1\u200b1", "911!", "911, now", "9-911",
				"011911", "0112", "911-HELP", "<tel:911|911>", "tel:+1-911", "call 911", "Please call 9-1-1 now",
			} {
				if text == "1-911" && !phonenumbers.IsNANPACountry(region) {
					continue
				}
				if _, err := phone.Find(text, region); kind(err) != phone.KindEmergency {
					t.Errorf("%s %q: %v, want emergency", region, text, err)
				}
			}
		}
	}
}

func TestEmergencyBeforeANumber(t *testing.T) {
	for _, text := range []string{"911 415 555 0132", "911-415-555-0132", "9115550132", "911 555 0132", "911 911"} {
		if got := kindOf(text, "US"); got != phone.KindEmergency {
			t.Errorf("%q: %v, want emergency", text, got)
		}
	}
}

func TestCrisisLines(t *testing.T) {
	for _, row := range [][2]string{
		{"US", "988"},
		{"US", "9-8-8"},
		{"US", "+1988"},
		{"US", "1-988 help"},
		{"US", "988-HELP"},
		{"US", "nine eight eight"},
		{"CA", "988"},
		{"US", "1-800-273-8255"},
		{"US", "1-800-273-TALK"},
		{"US", "(800) 273-8255 I"},
		{"US", "1-800-SUICIDE"},
		{"US", "1-800-799-SAFE"},
		{"US", "1-866-4-U-TREVOR"},
		{"US", "741741"},
		{"US", "116 123"},
		{"GB", "116123"},
		{"GB", "116 123 please"},
		{"GB", "+44 116 123"},
		{"GB", "0800 1111"},
		{"GB", "111"},
		{"GB", "08457 90 90 90"},
		{"DE", "116 117"},
		{"DE", "0800 111 0 111"},
		{"US", "+49 800 1110111"},
		{"AT", "142"},
		{"CH", "143"},
		{"FR", "3114"},
		{"ES", "024"},
		{"AU", "13 11 14"},
		{"US", "+61 13 11 14"},
		{"AU", "1300 22 4636"},
		{"NZ", "1737"},
		{"NZ", "0800 543 354"},
		{"JP", "0120-061-338"},
		{"IN", "14416"},
		{"BR", "188"},
		{"ZA", "0800 567 567"},
		{"MX", "800 911 2000"},
		{"FI", "09 2525 0111"},
	} {
		_, err := phone.Find(row[1], row[0])
		if k := kind(err); k != phone.KindCrisis && k != phone.KindEmergency {
			t.Errorf("%s %q: %v, want a crisis line", row[0], row[1], err)
		}
	}
}

// Numbers that are dialled only within a country: N11 codes and every example of the
// library's short codes.
func TestShortCodesAreNeverRead(t *testing.T) {
	for n := 2; n <= 8; n++ {
		for _, format := range []string{"%d11", "%d-1-1", "%d 1 1", "+1%d11", "+1 %d11", "1%d11", "(%d11)", "%d11 Ask for Sam", "*%d11"} {
			if text := fmt.Sprintf(format, n); kindOf(text, "US") != phone.KindShortCode {
				t.Errorf("%q: %v, want a short code", text, kindOf(text, "US"))
			}
		}
	}
	collection, err := phonenumbers.ShortNumberMetadataCollection()
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, m := range collection.GetMetadata() {
		region := m.GetId()
		code := phonenumbers.GetCountryCodeForRegion(region)
		for _, desc := range []*phonenumbers.PhoneNumberDesc{
			m.GetShortCode(), m.GetPremiumRate(), m.GetTollFree(), m.GetStandardRate(), m.GetCarrierSpecific(), m.GetSmsServices(),
		} {
			example := desc.GetExampleNumber()
			if example == "" || example == "NA" {
				continue
			}
			for _, text := range []string{example, fmt.Sprintf("+%d%s", code, example), example + ", Ask"} {
				tried++
				found, err := phone.Find(text, region)
				if err == nil && len(found.Number.E164()) < 8 {
					t.Errorf("%s %q was read as %s", region, text, found.Number)
				}
			}
		}
	}
	if tried < 150 {
		t.Errorf("only %d texts", tried)
	}
}

func kindOf(text, region string) phone.Kind {
	_, err := phone.Find(text, region)
	return kind(err)
}

// Every region's example of the types that are never called, typed as its country and
// as others write it.
func TestTypesThatAreNeverCalled(t *testing.T) {
	normalRate := []string{"AU", "CC", "CX", "BG", "BR", "CL", "CN", "CZ", "IL", "IN", "PS", "PT", "SA", "SE", "ZA"}
	tried := make(map[phone.Kind]int)
	for region := range phonenumbers.GetSupportedRegions() {
		for kindOfLine, want := range map[phonenumbers.PhoneNumberType]phone.Kind{
			phonenumbers.PREMIUM_RATE: phone.KindPremiumRate,
			phonenumbers.SHARED_COST:  phone.KindSharedCost,
			phonenumbers.PAGER:        phone.KindPager,
			phonenumbers.VOICEMAIL:    phone.KindVoicemail,
		} {
			example := phonenumbers.GetExampleNumberForType(region, kindOfLine)
			if example == nil || phonenumbers.GetNumberType(example) != kindOfLine ||
				want == phone.KindSharedCost && slices.Contains(normalRate, region) {
				continue
			}
			for _, format := range []phonenumbers.PhoneNumberFormat{
				phonenumbers.E164, phonenumbers.INTERNATIONAL, phonenumbers.NATIONAL, phonenumbers.RFC3966,
			} {
				text := phonenumbers.Format(example, format)
				tried[want]++
				found, err := phone.Find(text+", Ask", region)
				if err == nil {
					t.Errorf("%s %q was read as %s", region, text, found.Number)
				} else if kind(err) != want && format == phonenumbers.E164 && kind(err) != phone.KindEmergency {
					t.Errorf("%s %q: %v, want %v", region, text, err, want)
				}
			}
		}
	}
	t.Log(tried)
	if tried[phone.KindPremiumRate] < 150 {
		t.Errorf("tried only %v", tried)
	}
}

func TestNorthAmericanPremium(t *testing.T) {
	for text, want := range map[string]phone.Kind{
		"+1 900 555 0132":      phone.KindPremiumRate,
		"1-900-555-0132":       phone.KindPremiumRate,
		"900 555 0132":         phone.KindPremiumRate,
		"(900) 976-0132":       phone.KindPremiumRate,
		"(415) 976-0132":       phone.KindPremiumRate,
		"+1 212 976 0132":      phone.KindPremiumRate,
		"+1 809 976 0132":      phone.KindPremiumRate,
		"+1 800 976 0132":      0, // toll-free
		"+1 976 555 0132":      phone.KindInvalid,
		"(415) 555-0976":       0,
		"+1 (900) 555-0132 x1": phone.KindPremiumRate,
	} {
		if got := kindOf(text, "US"); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestGlobalNetworks(t *testing.T) {
	for _, text := range []string{
		"+870 773 123 456", "+8707731234", "+871 1234567", "+881 612 345 678", "+8816 1234 5678", "+882 16 1234 5678",
		"+882 34 123456", "+883 510 012 3456", "+883 1300 1234 5678", "+878 10 1234 5678", "+888 123 456 789",
		"+979 123 456 789", "+808 1234 5678", "00 870 773 123 456", "011 881 612 345 678", "<tel:+870773123456|satellite>",
	} {
		if _, err := phone.Find(text+", Ask", "US"); err == nil {
			t.Errorf("%q was read", text)
		}
	}
	for _, e164 := range []string{"+870773123456", "+881612345678", "+882161234567", "+883510012345", "+979123456789", "+80812345678"} {
		n, err := phone.ParseE164(e164)
		if err != nil {
			t.Errorf("%s: %v", e164, err)
			continue
		}
		switch kind(n.Check(everywhere)) {
		case phone.KindGlobalNetwork, phone.KindPremiumRate, phone.KindSharedCost:
		default:
			t.Errorf("%s: %v", e164, n.Check(everywhere))
		}
	}
}
