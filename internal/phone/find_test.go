package phone_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/agentphone-slack/callbot/internal/phone"
)

// typed are numbers as people type and paste them, with what follows.
var typed = []struct {
	region, text          string
	e164, extension, rest string
}{
	// As North Americans write them.
	{"US", "+14155552671 Ask about the return policy", "+14155552671", "", "Ask about the return policy"},
	{"US", "(415) 555-2671 2 people at 7", "+14155552671", "", "2 people at 7"},
	{"US", "415.555.2671", "+14155552671", "", ""},
	{"US", "415 555 2671 12 people", "+14155552671", "", "12 people"},
	{"US", "415-555-0132 2-3 people", "+14155550132", "", "2-3 people"},
	{"US", "4155550132 7pm", "+14155550132", "", "7pm"},
	{"US", "+1 415 555 2671 7pm", "+14155552671", "", "7pm"},
	{"US", "1 (415) 555-0132 Ask", "+14155550132", "", "Ask"},
	{"US", "1.415.555.0132 Ask", "+14155550132", "", "Ask"},
	{"US", "+1-(415)-555-0132 Ask", "+14155550132", "", "Ask"},
	{"US", "(415)5550132 Ask", "+14155550132", "", "Ask"},
	{"US", "415/555-0132 Ask", "+14155550132", "", "Ask"},
	{"US", "415 - 555 - 0132 Ask", "+14155550132", "", "Ask"},
	{"US", "4 1 5 5 5 5 0 1 3 2 Ask", "+14155550132", "", "Ask"},
	{"US", "+ 1 415 555 0132 Ask", "+14155550132", "", "Ask"},
	{"US", "++1 415 555 0132 Ask", "+14155550132", "", "Ask"},
	{"CA", "(416) 555-0132 Ask", "+14165550132", "", "Ask"},
	{"US", "1-809-555-0132 Ask", "+18095550132", "", "Ask"},

	// Letters.
	{"US", "1-800-FLOWERS Ask", "+18003569377", "", "Ask"},
	{"US", "1-800-flowers ask", "+18003569377", "", "ask"},
	{"US", "1 800 FLOWERS Ask", "+18003569377", "", "Ask"},
	{"US", "(800) FLOWERS Ask", "+18003569377", "", "Ask"},
	{"US", "1-800-GOT-JUNK? Ask", "+18004685865", "", "Ask"},
	{"US", "(415)555-TACO ask", "+14155558226", "", "ask"},
	{"US", "1-800-FLOWERS x12 Ask", "+18003569377", "12", "Ask"},

	// What clients, address books and Slack make of them.
	{"US", "<tel:+14155552671|(415) 555-2671> Ask", "+14155552671", "", "Ask"},
	{"US", "<tel:+14155550132>, Ask", "+14155550132", "", "Ask"},
	{"US", "<tel:%2B14155550132> Ask", "+14155550132", "", "Ask"},
	{"US", "<TEL:4155550132|415-555-0132> x12 Ask", "+14155550132", "12", "Ask"},
	{"US", "<tel:+14155550132|call the shop> Ask", "+14155550132", "", "Ask"},
	{"US", "tel:+1-415-555-2671;ext=12", "+14155552671", "12", ""},
	{"US", "tel:+1-415-555-2671;ext=12 Ask", "+14155552671", "12", "Ask"},
	{"US", "tel:555-0132;phone-context=+1415 Ask", "+14155550132", "", "Ask"},
	{"US", "Tel.: (415) 555-0132 Ask", "+14155550132", "", "Ask"},
	{"US", "tel:(415) 555-0132 Ask", "+14155550132", "", "Ask"},
	{"US", "Phone: 415-555-0132 Ask", "+14155550132", "", "Ask"},
	{"US", "☎ (415) 555-0132 Ask", "+14155550132", "", "Ask"},
	{"US", ":phone: (415) 555-0132 Ask", "+14155550132", "", "Ask"},
	{"US", "*+1 415 555 0132* Ask", "+14155550132", "", "Ask"},
	{"US", "`4155550132` ask", "+14155550132", "", "ask"},
	{"US", "“(415) 555-2671” Ask", "+14155552671", "", "Ask"},
	{"US", "'415-555-0132' Ask", "+14155550132", "", "Ask"},
	{"US", "[415-555-0132] Ask", "+14155550132", "", "Ask"},
	{"US", "(415-555-0132) Ask", "+14155550132", "", "Ask"},
	{"US", "(+1 415 555 0132) Ask", "+14155550132", "", "Ask"},
	{"US", "((415) 555-0132) Ask", "+14155550132", "", "Ask"},

	// Characters that look like others, or like nothing.
	{"US", "+1\u00a0415\u202f555\u20112671 Ask", "+14155552671", "", "Ask"},
	{"US", "\u2068+1 (415) 555\u20132671\u2069 Ask", "+14155552671", "", "Ask"},
	{"US", "\u202a+1\u200b415\u200b555\u200b0132\u202c\u00a0Ask", "+14155550132", "", "Ask"},
	{"US", "\ufeff415\u00ad555\u00ad0132 Ask", "+14155550132", "", "Ask"},
	{"US", "＋１４１５５５５２６７１ Ask", "+14155552671", "", "Ask"},
	{"US", "（４１５）５５５－０１３２　Ask", "+14155550132", "", "Ask"},
	{"US", "٤١٥٥٥٥٠١٣٢ Ask", "+14155550132", "", "Ask"},
	{"US", "4️⃣1️⃣5️⃣5550132 Ask", "+14155550132", "", "Ask"},
	{"US", "415−555−0132 Ask", "+14155550132", "", "Ask"},
	{"US", "415·555·0132 Ask", "+14155550132", "", "Ask"},
	{"US", "415-555-0132電話して", "+14155550132", "", "電話して"},

	// Extensions.
	{"US", "(415) 555-2671 x12 Ask", "+14155552671", "12", "Ask"},
	{"US", "(415) 555-2671x12, Ask", "+14155552671", "12", "Ask"},
	{"US", "4155552671x12 Ask", "+14155552671", "12", "Ask"},
	{"US", "(415) 555-2671 ext. 12 Ask", "+14155552671", "12", "Ask"},
	{"US", "(415) 555-2671 ext 12 Ask", "+14155552671", "12", "Ask"},
	{"US", "(415) 555-2671 Extension 12: Ask", "+14155552671", "12", "Ask"},
	{"US", "(415) 555-2671#12 Ask", "+14155552671", "12", "Ask"},
	{"US", "(415) 555-2671 #5 combo price", "+14155552671", "", "#5 combo price"},
	{"US", "(415) 555-2671, ext. 4, Ask", "+14155552671", "4", "Ask"},
	{"US", "(415) 555-2671 (ext 4) Ask", "+14155552671", "4", "Ask"},
	{"US", "(415) 555-2671,,123# Ask", "+14155552671", "123", "Ask"},
	{"US", "(415) 555-0132 ext of my booking", "+14155550132", "", "ext of my booking"},
	{"US", "(415) 555-0132 #2combo", "+14155550132", "", "#2combo"},
	{"US", "(415) 555-0132 x2x3 boards", "+14155550132", "", "x2x3 boards"},

	// Where the number ends and the text begins.
	{"US", "4155552671Ask", "+14155552671", "", "Ask"},
	{"US", "415 555 0132Ask", "+14155550132", "", "Ask"},
	{"US", "415-555-2671-Ask", "+14155552671", "", "Ask"},
	{"US", "(415) 555-0132, 2 people", "+14155550132", "", "2 people"},
	{"US", "(415) 555-0132,2 people", "+14155550132", "", "2 people"},
	{"US", "(415) 555-0132: Ask", "+14155550132", "", "Ask"},
	{"US", "(415) 555-0132; Ask", "+14155550132", "", "Ask"},
	{"US", "(415) 555-0132 - 2 people", "+14155550132", "", "- 2 people"},
	{"US", "(415) 555-0132 – Ask", "+14155550132", "", "– Ask"},
	{"US", "(415) 555-0132—Ask", "+14155550132", "", "Ask"},
	{"US", "415 555 2671. Ask", "+14155552671", "", "Ask"},
	{"US", "(415) 555-0132 -2 degrees is too cold", "+14155550132", "", "-2 degrees is too cold"},
	{"US", "(415) 555-0132 :taco: ask", "+14155550132", "", ":taco: ask"},
	{"US", "(415) 555-0132 (2 people)", "+14155550132", "", "(2 people)"},
	{"US", "(415) 555-0132 7:30 tonight", "+14155550132", "", "7:30 tonight"},
	{"US", "(415) 555-0132 10% off?", "+14155550132", "", "10% off?"},
	{"US", "(415) 555-0132 1,000 chairs", "+14155550132", "", "1,000 chairs"},
	{"US", "(415) 555-0132 XXX rated", "+14155550132", "", "XXX rated"},
	{"US", "(415) 555-0132\nAsk\n  for Sam", "+14155550132", "", "Ask\n  for Sam"},
	{"US", "415-555-0132\t2 people", "+14155550132", "", "2 people"},
	{"US", "  (415) 555-0132   Ask  this  ", "+14155550132", "", "Ask  this"},
	{"US", "(415) 555-0132 Ask “why”, café\u00a0& <@U1>", "+14155550132", "", "Ask “why”, café\u00a0& <@U1>"},

	// Quoted objectives.
	{"US", `(415) 555-0132 "Ask about it"`, "+14155550132", "", "Ask about it"},
	{"US", "(415) 555-0132 “Ask about it”", "+14155550132", "", "Ask about it"},
	{"US", "(415) 555-0132 'Ask about it'", "+14155550132", "", "Ask about it"},
	{"US", `(415) 555-0132, "Ask about it"`, "+14155550132", "", "Ask about it"},
	{"US", `"(415) 555-0132 Ask about it"`, "+14155550132", "", "Ask about it"},
	{"US", `(415) 555-0132 "A" and "B"`, "+14155550132", "", `"A" and "B"`},
	{"US", `(415) 555-0132 'Ask if it's open'`, "+14155550132", "", `'Ask if it's open'`},
	{"US", `(415) 555-0132 Say "hello"`, "+14155550132", "", `Say "hello"`},

	// From and to other countries.
	{"US", "+44 (0)20 7946 0958 Ask", "+442079460958", "", "Ask"},
	{"US", "+44 20 7946 0958 2 people", "+442079460958", "", "2 people"},
	{"US", "011 44 20 7946 0958 2 people", "+442079460958", "", "2 people"},
	{"US", "0044 20 7946 0958 Ask", "+442079460958", "", "Ask"},
	{"GB", "00 1 415 555 0132 Ask", "+14155550132", "", "Ask"},
	{"GB", "020 7946 0958 Ask", "+442079460958", "", "Ask"},
	{"GB", "07700 900123 Ask", "+447700900123", "", "Ask"},
	{"GB", "01632 960123 2 people", "+441632960123", "", "2 people"},
	{"US", "1 (242) 555-0132 Ask", "+12425550132", "", "Ask"},
	{"DE", "030/123456 7pm", "+4930123456", "", "7pm"},
	{"DE", "030 123456-0 Tisch", "+49301234560", "", "Tisch"},
	{"DE", "030 1234567, 2 Personen", "+49301234567", "", "2 Personen"},
	{"DE", "+49 30 1234567 - 2 Personen", "+49301234567", "", "- 2 Personen"},
	{"DE", "+49 30 1234 5678 Tisch", "+493012345678", "", "Tisch"},
	{"DE", "+49 (0) 30 1234567, Tisch", "+49301234567", "", "Tisch"},
	{"AT", "01 58858-0 Tisch", "+431588580", "", "Tisch"},
	{"SE", "08-123 456 78 bord", "+46812345678", "", "bord"},
	{"FR", "01 42 68 53 00 2 personnes", "+33142685300", "", "2 personnes"},
	{"CH", "044 668 18 00 2 Personen", "+41446681800", "", "2 Personen"},
	{"NL", "020 123 4567 2 personen", "+31201234567", "", "2 personen"},
	{"IT", "06 1234 5678 persone", "+390612345678", "", "persone"},
	{"US", "+39 (0)6 1234 5678, chiedi", "+390612345678", "", "chiedi"},
	{"ES", "911 234 567 mesa", "+34911234567", "", "mesa"},
	{"AU", "(02) 9374 4000 2 people", "+61293744000", "", "2 people"},
	{"AU", "1300 555 123 Ask", "+611300555123", "", "Ask"},
	{"JP", "03-1234-5678 2人", "+81312345678", "", "2人"},
	{"CN", "010 1234 5678 2 people", "+861012345678", "", "2 people"},
	{"KR", "02-1234-5678 2 people", "+82212345678", "", "2 people"},
	{"IN", "098765 43210 2 people", "+919876543210", "", "2 people"},
	{"BR", "(11) 2345-6789 2 pessoas", "+551123456789", "", "2 pessoas"},
	{"MX", "55 1234 5678 2 personas", "+525512345678", "", "2 personas"},
	{"ZA", "021 123 4567 2 people", "+27211234567", "", "2 people"},
	{"LU", "27 12 34 56 Ask", "+35227123456", "", "Ask"},
	{"XX", "+1 415 555 0132 Ask", "+14155550132", "", "Ask"},
	{"us", "(415) 555-0132 Ask", "+14155550132", "", "Ask"},
}

func TestFindNumbersAsPeopleTypeThem(t *testing.T) {
	if len(typed) < 80 {
		t.Errorf("only %d rows", len(typed))
	}
	for _, row := range typed {
		t.Run(row.region+" "+row.text, func(t *testing.T) {
			found, err := phone.Find(row.text, row.region)
			if err != nil {
				t.Fatalf("refused: %v: %s", err, sentence(err))
			}
			if found.Number.E164() != row.e164 || found.Extension != row.extension || found.Rest != row.rest {
				t.Errorf("read %s extension %q rest %q\nwant %s extension %q rest %q",
					found.Number, found.Extension, found.Rest, row.e164, row.extension, row.rest)
			}
			if !strings.Contains(row.text, found.Typed) {
				t.Errorf("Typed %q is no part of the text", found.Typed)
			}
		})
	}
}

func TestFindSaysWhatItRead(t *testing.T) {
	for text, want := range map[string]string{
		"Tel.: (415) 555-0132 x12, Ask":          "(415) 555-0132 x12",
		"<tel:+14155550132|(415) 555-0132> Ask":  "<tel:+14155550132|(415) 555-0132>",
		"*+1 415 555 0132* Ask":                  "+1 415 555 0132",
		"(+1 415 555 0132) Ask":                  "(+1 415 555 0132)",
		"＋１４１５５５５２６７１ Ask":                       "＋１４１５５５５２６７１",
		"tel:+1-415-555-2671;ext=12 ask for Sam": "tel:+1-415-555-2671;ext=12",
	} {
		found, err := phone.Find(text, "US")
		if err != nil || found.Typed != want {
			t.Errorf("%q: Typed %q, %v; want %q", text, found.Typed, err, want)
		}
	}
}

func TestFindDoesNotGuess(t *testing.T) {
	for _, row := range []struct {
		region, text string
		choices      []string // number, rest, …
	}{
		{"DE", "+49 30 1234567 2 Personen", []string{"+49301234567", "2 Personen", "+493012345672", "Personen"}},
		{"US", "+49 30 1234567 12 people at 7", []string{"+49301234567", "12 people at 7", "+4930123456712", "people at 7"}},
		{"DE", "030 1234567 2 Personen um 19 Uhr", []string{"+49301234567", "2 Personen um 19 Uhr", "+493012345672", "Personen um 19 Uhr"}},
		{"AT", "+43 1 234567 2 Personen", []string{"+431234567", "2 Personen", "+4312345672", "Personen"}},
		{"DE", "+49 30 123456 78 Ask", []string{"+4930123456", "78 Ask", "+493012345678", "Ask"}},
		{"DE", "+49 30 12 34 56 78 Tisch", []string{"+4930123456", "78 Tisch", "+493012345678", "Tisch"}},
		{"US", "<tel:+14155552671|(415) 555-0132> Ask", []string{"+14155550132", "Ask", "+14155552671", "Ask"}},
	} {
		_, err := phone.Find(row.text, row.region)
		var refusal *phone.Error
		if !errors.As(err, &refusal) || refusal.Kind != phone.KindAmbiguous {
			t.Errorf("%q: %v, want ambiguous", row.text, err)
			continue
		}
		var choices []string
		for _, c := range refusal.Choices {
			choices = append(choices, c.Number.E164(), c.Rest)
		}
		if strings.Join(choices, "|") != strings.Join(row.choices, "|") {
			t.Errorf("%q offers %q, want %q", row.text, choices, row.choices)
		}
	}
}

// A reading must be typed so that it is read back without asking again.
func TestAmbiguousChoicesCanBeTyped(t *testing.T) {
	_, err := phone.Find("+49 30 1234567 2 Personen", "DE")
	var refusal *phone.Error
	if !errors.As(err, &refusal) {
		t.Fatal(err)
	}
	for _, c := range refusal.Choices {
		again, err := phone.Find(c.Number.E164()+", "+c.Rest, "DE")
		if err != nil || again.Number != c.Number || again.Rest != c.Rest {
			t.Errorf("%s: read back as %+v, %v", c.Number, again, err)
		}
	}
}

func sentence(err error) string {
	if refusal, ok := errors.AsType[*phone.Error](err); ok {
		return refusal.Sentence()
	}
	return "not a *phone.Error"
}

func kind(err error) phone.Kind {
	if refusal, ok := errors.AsType[*phone.Error](err); ok {
		return refusal.Kind
	}
	return 0
}
