package call

import (
	"slices"
	"strconv"
)

// issuer is a range of the first digits of payment cards and how long those are.
type issuer struct {
	from, to string
	lengths  []int
}

// issuers are those in use, after https://en.wikipedia.org/wiki/Payment_card_number.
// Of Maestro only ranges are known that hardly anything else is numbered in. Left out are
// UATP, since all that begins with 1 would be one, and cards that pay for buses alone.
var issuers = []issuer{
	// Visa
	{"4", "4", []int{13, 16, 18, 19}},
	// Mastercard
	{"51", "55", []int{16}},
	{"2221", "2720", []int{16}},
	// American Express
	{"34", "34", []int{15}},
	{"37", "37", []int{15}},
	// Discover
	{"6011", "6011", toNineteen},
	{"644", "659", toNineteen},
	// Diners Club
	{"300", "305", []int{14, 16, 19}},
	{"3095", "3095", []int{14, 16, 19}},
	{"36", "36", []int{14, 16, 19}},
	{"38", "39", []int{14, 16, 19}},
	// JCB
	{"3528", "3589", toNineteen},
	// UnionPay
	{"62", "62", toNineteen},
	{"81", "81", toNineteen},
	// RuPay, with 508, 65 and 81, which others have too; also Hipercard, Cabal and UkrCard
	{"60", "60", []int{16}},
	{"82", "82", []int{16}},
	{"604001", "604200", toNineteen},
	// Mir, and Borica behind it
	{"2200", "2204", toNineteen},
	{"2205", "2205", []int{16}},
	// Troy, with 65
	{"9792", "9792", []int{16}},
	// Verve; those of 16 digits are among the others of 50 and 65
	{"506099", "506198", []int{18, 19}},
	{"507865", "507964", []int{18, 19}},
	// InterPayment and InstaPayment, with Elo
	{"636", "636", toNineteen},
	{"637", "639", []int{16}},
	// GPN
	{"1946", "1946", []int{16, 18, 19}},
	// NAPAS
	{"9704", "9704", []int{16, 19}},
	// UzCard and Humo
	{"8600", "8600", []int{16}},
	{"9860", "9860", []int{16}},
	// Maestro
	{"5018", "5018", anyLength},
	{"5020", "5020", anyLength},
	{"5038", "5038", anyLength},
	{"5893", "5893", anyLength},
	{"6304", "6304", anyLength},
	{"67", "67", anyLength},
	{"50", "50", []int{16}},
	{"56", "58", []int{16}},
}

var (
	toNineteen = []int{16, 17, 18, 19}
	anyLength  = []int{13, 14, 15, 16, 17, 18, 19}
)

// isCard reports whether digits are the number of a payment card: a known issuer's
// prefix and length, and the check digit of Luhn.
func isCard(digits string) bool {
	return slices.ContainsFunc(issuers, func(i issuer) bool {
		if len(digits) < 13 || !slices.Contains(i.lengths, len(digits)) {
			return false
		}
		p := digits[:len(i.from)]
		return i.from <= p && p <= i.to
	}) && luhn(digits)
}

// luhn reports whether the last digit is the check digit of the others (ISO/IEC 7812-1).
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// hasCard looks for a card in a run: it may stand between other numbers, such as its
// expiry date or a telephone number.
func hasCard(run digitRun) bool {
	run = run.behindIBAN()
	for i := range run.groups {
		digits, sizes := "", []int(nil)
		for _, g := range run.groups[i:] {
			digits, sizes = digits+g.digits, append(sizes, len(g.digits))
			if len(digits) > 19 {
				break
			}
			if grouped(sizes, i == 0) && isCard(digits) && !isTelephone(digits, run.plus && i == 0, len(sizes)) {
				return true
			}
		}
	}
	return false
}

// grouped reports whether digits are grouped as those of one number may be: all
// together, in equal groups with a shorter last one, or as some cards print them.
// Telephone numbers are not. Groups below four digits are common elsewhere too, so
// they count at the start of a run alone.
func grouped(sizes []int, first bool) bool {
	if len(sizes) == 1 {
		return true
	}
	for _, printed := range [][]int{{4, 6, 5}, {4, 6, 4}, {4, 5, 6}, {6, 10}, {6, 13}, {6, 9}, {6, 8}} {
		if slices.Equal(sizes, printed) {
			return true
		}
	}
	k, n := sizes[0], len(sizes)
	for _, size := range sizes[1 : n-1] {
		if size != k {
			return false
		}
	}
	return sizes[n-1] <= k && k <= 8 && (k >= 4 || first)
}

// ibans are the lengths of the bank account numbers of countries where they are digits
// alone behind the country (https://www.swift.com/standards/data-standards/iban-international-bank-account-number).
var ibans = map[string]int{
	"AT": 20, "BA": 20, "BE": 16, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FO": 18, "GL": 18, "HR": 21,
	"HU": 28, "IL": 23, "IS": 26, "LT": 20, "ME": 22, "NO": 15, "PL": 28, "PT": 25, "RS": 22, "SE": 24, "SI": 19, "SK": 24,
	"TN": 24, "XK": 20,
}

// behindIBAN is a run without the number of a bank account that it begins with: one in ten
// of those that have the digits of an issuer in them has its check digit too.
func (r digitRun) behindIBAN() digitRun {
	length, digits := ibans[r.letters], ""
	for i, g := range r.groups {
		digits += g.digits
		if len(digits) >= length-2 {
			if len(digits) == length-2 && mod97(digits[2:]+letterDigits(r.letters)+digits[:2]) == 1 {
				r.groups = r.groups[i+1:]
			}
			break
		}
	}
	return r
}

// letterDigits are letters as the check of an IBAN counts them: A is 10 (ISO 13616-1).
func letterDigits(letters string) string {
	var digits []byte
	for _, c := range letters {
		digits = strconv.AppendInt(digits, int64(c-'A')+10, 10)
	}
	return string(digits)
}

func mod97(digits string) int {
	rest := 0
	for _, c := range digits {
		rest = (rest*10 + int(c-'0')) % 97
	}
	return rest
}
