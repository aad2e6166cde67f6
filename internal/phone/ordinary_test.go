package phone_test

import (
	"strings"
	"testing"

	"github.com/nyaruka/phonenumbers"

	"github.com/agentphone-slack/callbot/internal/phone"
)

// Ordinary numbers of every region, typed as its country and as others write them, are
// read and may be called.
func TestOrdinaryNumbersAreNeverRefused(t *testing.T) {
	tried, regions := 0, make(map[string]bool)
	for region := range phonenumbers.GetSupportedRegions() {
		for _, kindOfLine := range []phonenumbers.PhoneNumberType{
			phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.TOLL_FREE, phonenumbers.UAN, phonenumbers.VOIP,
		} {
			example := phonenumbers.GetExampleNumberForType(region, kindOfLine)
			if example == nil || !phonenumbers.IsValidNumber(example) {
				continue
			}
			want := phonenumbers.Format(example, phonenumbers.E164)
			for _, format := range []phonenumbers.PhoneNumberFormat{
				phonenumbers.E164, phonenumbers.INTERNATIONAL, phonenumbers.NATIONAL, phonenumbers.RFC3966,
			} {
				written := phonenumbers.Format(example, format)
				// The library does not read its own national format of Argentina's mobiles.
				if again, err := phonenumbers.Parse(written, region); err != nil || phonenumbers.Format(again, phonenumbers.E164) != want {
					continue
				}
				for _, tail := range []string{"", " Ask for a table", ", 2 people"}[tried%3 : tried%3+1] {
					rest := strings.TrimPrefix(strings.TrimPrefix(tail, ","), " ")
					tried++
					found, err := phone.Find(written+tail, region)
					if err != nil {
						t.Errorf("%s %q: %v: %s", region, written+tail, err, sentence(err))
						continue
					}
					if found.Number.E164() != want || found.Rest != rest || found.Extension != "" {
						t.Errorf("%s %q: read as %+v", region, written+tail, found)
					}
					if err := found.Number.Check(everywhere); err != nil {
						t.Errorf("%s %q: %v", region, written, err)
					}
				}
				regions[region] = true
			}
		}
	}
	t.Logf("%d texts of %d regions", tried, len(regions))
	if tried < 150 || len(regions) < 40 {
		t.Errorf("only %d texts of %d regions", tried, len(regions))
	}
}

// Shapes that look like something forbidden and are not.
func TestLookalikesAreNotRefused(t *testing.T) {
	for _, row := range [][2]string{
		{"US", "(415) 555-0911"},     // ends in 911
		{"US", "1-800-411-0132"},     // toll-free exchange 411
		{"US", "(909) 555-0112"},     // near 900
		{"US", "(415) 555-0976"},     // ends in 976
		{"US", "+1 800 976 0132"},    // toll-free
		{"ES", "911 234 567"},        // Madrid
		{"ES", "+34 911 23 45 67"},   // Madrid
		{"IN", "011 2345 6789"},      // Delhi, not an international prefix
		{"IN", "+91 112 345 6789"},   // Delhi
		{"IN", "+91 99999 12345"},    // mobile
		{"GB", "0112 345 6789"},      // not given out, or somewhere: see below
		{"GB", "0114 420 7946"},      // Sheffield: 011 44 207946
		{"GB", "0119 999 0000"},      // not given out, or somewhere: see below
		{"SG", "9991 2345"},          // mobile
		{"HK", "9112 3456"},          // mobile
		{"PL", "91 123 45 67"},       // Szczecin
		{"BR", "(11) 91190-1234"},    // mobile with 911 and 190 in it
		{"AR", "11 2345-6789"},       // Buenos Aires
		{"AU", "13 22 66"},           // not Lifeline
		{"AU", "1300 000 112"},       // ends in 112
		{"ZA", "0860 123 456"},       // shared cost at the normal rate
		{"IN", "1860 500 1234"},      // the same
		{"BR", "4004-1234"},          // the same
		{"CN", "400 123 4567"},       // the same
		{"SE", "08-112 345 67"},      // Stockholm
		{"KR", "02-112-1234"},        // Seoul
		{"DE", "0112 3456789"},       // not given out, or somewhere: see below
		{"FR", "01 12 34 56 78"},     // Paris
		{"NO", "22 11 20 00"},        // Oslo
		{"DK", "33 11 20 00"},        // Copenhagen
		{"EE", "611 2000"},           // Tallinn
		{"MX", "55 9110 0000"},       // Mexico City
		{"US", "+44 1534 555 555"},   // Jersey
		{"US", "+7 727 250 1234"},    // Kazakhstan
		{"US", "+1 876 555 0132"},    // Jamaica
		{"US", "+39 06 1120 1234"},   // Rome
		{"US", "+800 1234 5678"},     // international freephone
		{"US", "+353 1 911 1234"},    // Dublin
		{"US", "+61 2 9000 1234"},    // Sydney
		{"GB", "(020) 7946 0999"},    // ends in 999
		{"GB", "07700 900999"},       // drama
		{"JP", "03-1190-1190"},       // Tokyo
		{"US", "+971 4 999 1234"},    // Dubai
		{"US", "+65 6112 1234"},      // Singapore
		{"US", "+34 900 123 456"},    // Spain's 900 is toll-free
		{"GB", "0333 000 0112"},      // at the rate of a landline
		{"IT", "02 1121 2345"},       // Milan
		{"NZ", "09 111 1234"},        // not given out, or somewhere: see below
		{"CH", "0800 112 112"},       // toll-free
		{"US", "+420 112 112 112"},   // not given out, or somewhere: see below
		{"US", "+852 2112 1112"},     // Hong Kong
		{"US", "+886 2 2911 0110"},   // Taipei
		{"US", "+66 2 191 1234"},     // Bangkok
		{"US", "+90 212 911 00 00"},  // Istanbul
		{"US", "+972 3 911 0000"},    // Tel Aviv
		{"US", "+966 11 911 0000"},   // Riyadh
		{"US", "+20 2 2911 0000"},    // Cairo
		{"US", "+234 1 911 0000"},    // Lagos
		{"US", "+254 20 911 0000"},   // Nairobi
		{"US", "+63 2 8911 0000"},    // Manila
		{"US", "+62 21 9110 0000"},   // Jakarta
		{"US", "+84 24 3911 0000"},   // Hanoi
		{"US", "+60 3-2110 0999"},    // Kuala Lumpur
		{"US", "+380 44 911 0000"},   // Kyiv
		{"US", "+48 22 911 00 00"},   // Warsaw
		{"US", "+36 1 911 0000"},     // Budapest
		{"US", "+351 21 911 0000"},   // Lisbon
		{"US", "+30 21 0911 0000"},   // Athens
		{"US", "+57 601 911 0000"},   // Bogotá
		{"US", "+56 2 2911 0000"},    // Santiago
		{"US", "+51 1 911 0000"},     // Lima
		{"US", "+880 2 9110 000"},    // Dhaka
		{"US", "+94 11 2 119 119"},   // Colombo
		{"US", "+353 1800 911 000"},  // toll-free
		{"US", "+358 9 1121 1234"},   // Helsinki
		{"US", "+32 2 112 00 00"},    // Brussels
		{"US", "+31 20 112 0000"},    // Amsterdam
		{"US", "+41 44 911 00 00"},   // Zurich
		{"US", "+43 1 91100, Tisch"}, // Vienna
	} {
		parsed, err := phonenumbers.Parse(row[1], row[0])
		if err != nil || !phonenumbers.IsValidNumber(parsed) && row[1] != "07700 900999" {
			continue // the plans disagree with the table: nothing to refuse wrongly
		}
		found, err := phone.Find(row[1], row[0])
		if err != nil {
			t.Errorf("%s %q: %v", row[0], row[1], err)
			continue
		}
		if err := found.Number.Check(everywhere); err != nil {
			t.Errorf("%s %q: %v", row[0], row[1], err)
		}
	}
}
