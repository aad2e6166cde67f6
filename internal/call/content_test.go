package call_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/agentphone-slack/callbot/internal/call"
)

// The card numbers are those that payment processors publish for tests.
var (
	withCard = []string{
		"4111111111111111",
		"Pay with 4111 1111 1111 1111 please",
		"Pay with 4111-1111-1111-1111.",
		"card:4012.8888.8888.1881",
		"4222222222222",
		"5555555555554444",
		"5105 1051 0510 5100",
		"2223003122003222",
		"2720 9999 9999 9996",
		"378282246310005",
		"3714 496353 98431",
		"Amex 3782-822463-10005",
		"6011111111111117",
		"6011 0009 9013 9424",
		"30569309025904",
		"3852 000002 3237",
		"36227206271667",
		"3530111333300000",
		"3566 0020 2036 0505",
		"6200000000000005",
		"6250 9410 0652 8599",
		"6759649826438453",
		"5018000000000009",
		"6304 0000 0000 0000",
		"4000000000000000006",
		"2200 0000 0000 0004", // Mir
		"2204123456789012343",
		"2205000000000009",    // Borica
		"6074819900004939",    // RuPay
		"8171 9999 2766 0000", //
		"8200000000000001",    //
		"5080000000000002",    //
		"6062826786276634",    // Hipercard
		"6040010000000000008", // UkrCard
		"9792 0303 9444 0796", // Troy
		"5060990000000000001", // Verve
		"5079649999999999997", //
		"6362970000457013",    // Elo
		"6370950000000005",    // InstaPayment
		"1946000000000005",    // GPN
		"9704000000000018",    // NAPAS
		"9704198526191432198", //
		"8600 4954 7331 6478", // UzCard
		"9860000000000000",    // Humo
		"Refund DE27 5001 0517 0000 0000 00, paid by 4111 1111 1111 1111",
		"no4111111111111111", // no account of Norway
		"4111\u00a01111\u20091111\u202f1111",
		"4111–1111—1111‑1111",
		"4111 - 1111 - 1111 - 1111",
		"4111 1111-1111.1111",
		"4111/1111/1111/1111",
		"4111_1111_1111_1111",
		"4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
		"41 11 11 11 11 11 11 11",
		"41111111 11111111",
		"4111111111111111 12/28 123",
		"exp 12/28 4111 1111 1111 1111 cvv 123",
		"4111 1111 1111 1111 0330",
		"call 415-555-0132 4111 1111 1111 1111",
		"４１１１ １１１１ １１１１ １１１１",
		"٤١١١١١١١١١١١١١١١",
		"४१११ ११११ ११११ ११११",
		"𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏",
		"④①①① ①①①① ①①①① ①①①①",
		"⁴¹¹¹¹¹¹¹¹¹¹¹¹¹¹¹",
		"4️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣1️⃣",
		"4111\u200b1111\u20601111\ufeff1111",
		"4111\n1111\n1111\n1111",
		"+4111111111111111",
		"+378282246310005",
		"https://pay.example/?card=4111111111111111",
		"my card4111111111111111x",
		"4111, 1111, 1111, 1111",
		"(4111) (1111) (1111) (1111)",
		"4111     1111     1111     1111",
		"4111\u31641111\u28001111\u31641111",
		"⒋⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈⒈",
		"<tel:4111111111111111|4111 1111 1111 1111>",
	}
	withoutCard = []string{
		"",
		"Book a table for 2 tonight at 7pm under Sarah",
		"4111111111111112",                      // Luhn
		"order 4111111111111110",                //
		"Order 1234567890123456",                // no issuer
		"Order number 9111 1111 1111 1111",      //
		"order 7000000000000005",                //
		"order 2206000000000008",                //
		"order 9793000000000002",                //
		"order 6040010000000000007",             // Luhn
		"order 604001000000000001",              //
		"order 5079650000000000002",             // no issuer of so many
		"order 97040000000000000",               //
		"Refund to DE43 5001 0517 8403 8854 21", // accounts of banks
		"IBAN AT775100373628042839.",            //
		"pl25 1020 4871 5487 2054 4465 0992",    //
		"tracking 1234567890123452",             // no issuer
		"tracking 940011189922385746",           //
		"tracking 94001118992238574600",         // too long
		"41111111111111111111",                  //
		"411111111111",                          // too short
		"EAN 4006381333931",                     // a barcode
		"ISBN 978-3-16-148410-0",                //
		"call back at 415-555-0132",             //
		"415-555-0132 415-555-0133",             //
		"510-555-0132 510-555-0133 510-555-01",  //
		"+1 (415) 555-0132 or +44 20 7946 0958",
		"+49 1512 3456789",
		"+4915123456784",
		"4915123456784",
		"06 12 34 56 78 07 98 76 54 32",
		"4155550132 200 flyers",
		"rooms 101, 102, 103, 104, 105, 106",
		"years 2019, 2020, 2021, 2022 and 2023",
		"2026-11-25 17:30 to 2026-11-26 09:00",
		"$4,111,111,111,111,111",
		"f47ac10b-58cc-4372-a567-0e02b2c3d479",
		"0000 0000 0000 0000",
		"IMEI 356938035643809",
		"1732490000000",
		"4111 1111 and then 1111 1111",
		"42.360082,-71.058880",
		"membership 3000 0000 0000 00",
		"(415) 555-0132, (415) 555-0133, (415) 555-0134",
		"2019, 2020, 2021, 2022",
		"$1,234,567.89 and $4,111,111,111,111.00",
		"1,2,3,4,5,6,7,8,9,10,11,12,13",
		"5 pm, 6 pm or 7 pm, for 2, 3 or 4 people",
	}
	withSSN = []string{
		"123-45-6789",
		"My SSN is 123-45-6789.",
		"123 45 6789",
		"123.45.6789",
		"123–45–6789",
		"123‑45‑6789",
		"123\u00a045\u00a06789",
		"123 - 45 - 6789",
		"001-01-0001",
		"899-99-9999",
		"１２３-４５-６７８９",
		"١٢٣-٤٥-٦٧٨٩",
		"123\u200b-45-6789",
		"SSN 123456789",
		"ssn:123456789",
		"ＳＳＮ 123456789",
		"social security number 123456789",
		"123456789 is my Social Security number",
		"social-security 123 456 789",
		"SSN 1 2 3 4 5 6 7 8 9",
		"SSN 12345 6789",
		"S.S.N. 123456789",
		"SSN (123) (45) (6789)",
		"SSN 123/45/6789",
		"soc sec 123456789",
		"SS# 123456789",
		"her social # is 123456789",
		"número de seguro social 123456789",
		"DOB 01/02/1990 SSN 123456789 phone 415-555-0132",
	}
	withoutSSN = []string{
		"order 123456789",
		"000-45-6789",
		"666-45-6789",
		"900-45-6789",
		"987-65-4321",
		"123-00-6789",
		"123-45-0000",
		"123-45-67890",
		"0123-45-6789",
		"123-45-6789-1",
		"1-123-45-6789",
		"123-456-789",
		"12-345-6789",
		"415-555-0132",
		"(415) 555-0132",
		"+46 70 123 45 67",
		"Ask the social security office when it opens, 415-555-0132",
		"the social security office at 94110-1234",
		"case 123456789. " + strings.Repeat("And so on. ", 8) + "Ask for the social security office",
		"SSN ends in 6789",
		"SSN 000456789",
		"SSN 987654321",
		"123/45/6789",
		"2026-11-25",
		"SSN please",
	}
)

func TestCardNumbersAndSocialSecurityNumbers(t *testing.T) {
	for want, texts := range map[string][]string{
		"payment card number": withCard, "US social security number": withSSN, "": append(withoutCard, withoutSSN...),
	} {
		for _, text := range texts {
			err := call.CheckContent("The objective", text)
			switch {
			case want == "" && err != nil:
				t.Errorf("%q is refused: %v", text, err)
			case want == "":
			case err == nil || !strings.Contains(err.Error(), want):
				t.Errorf("%q: %v, want %s", text, err, want)
			case call.CodeOf(err) != call.RefusedCode:
				t.Errorf("%q: code %s", text, call.CodeOf(err))
			case strings.ContainsFunc(err.Error(), unicode.IsDigit):
				t.Errorf("%q is repeated: %v", text, err)
			}
		}
	}
}

// TestContentIsCheckedEverywhere: whatever a person types is looked at, and told apart.
func TestContentIsCheckedEverywhere(t *testing.T) {
	rules := call.Rules{Countries: countries(t, "US")}
	for name, put := range map[string]func(*call.Request, string){
		"The objective":         func(q *call.Request, s string) { q.Objective = "Pay with " + s },
		"The business name":     func(q *call.Request, s string) { q.Business = s },
		"The website's address": func(q *call.Request, s string) { q.Website = "https://example.com/" + s },
		"The extension":         func(q *call.Request, s string) { q.Extension = s },
	} {
		for _, secret := range []string{"4111111111111111", "123-45-6789"} {
			q := in(t, call.Requested).Request
			put(&q, secret)
			err := rules.Check(q)
			if call.CodeOf(err) != call.RefusedCode || !strings.HasPrefix(err.Error(), name+" holds") {
				t.Errorf("%s, %s: %v", name, secret, err)
			}
		}
	}
}

// FuzzContent: no text breaks the rules, and no answer of theirs repeats a digit.
func FuzzContent(f *testing.F) {
	for _, s := range slices.Concat(withCard, withSSN, secrets, vague) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := call.CheckContent("The objective", text)
		if err != nil && strings.ContainsFunc(err.Error(), unicode.IsDigit) {
			t.Errorf("%q is repeated: %v", text, err)
		}
		for _, hint := range call.Hints(call.Request{Objective: text}) {
			if strings.ContainsFunc(hint, unicode.IsDigit) {
				t.Errorf("%q is repeated: %s", text, hint)
			}
		}
	})
}
