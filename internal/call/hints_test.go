package call_test

import (
	"strings"
	"testing"

	"github.com/agentphone-slack/callbot/internal/call"
)

var (
	vague = []string{
		"call", "hi", "test", "x", "Ask", "book table", "call them", "Call them.", "please call them", "Please call him back",
		"just call them now", "call this number", "Call this number please!", "call the restaurant", "can you call them?",
		"call my phone", "call me back please", "Talk to them please", "speak to someone", "speak with someone please",
		"talk to the restaurant", "contact them today", "give them a call", "Give her a ring now please", "get in touch with them",
		"reach out to them", "call them asap thanks", "hey, call them please", "phone the office please", "ring the shop please",
		"the opening hours", "hours for tomorrow", "table for two tonight", "A table for 2 tonight, please", "the price of the menu",
		"my reservation for tonight", "my appointment on Friday", "new appointment next week", "the manager of the store",
		"dinner for two on Friday", "Sarah, tonight, 7pm, 2 people", "about my car from last week", "the receipt from Monday",
		"\u200bcall\u200b them\u200b", "    call    ", "預約", "営業",
		"ｃａｌｌ　ｔｈｅｍ　ｎｏｗ",
	}
	clear = []string{
		"Book a table for 2 tonight at 7pm under Sarah",
		"Ask whether they are open on Sunday",
		"Ask about the return policy",
		"Ask about hours",
		"What time do they close tonight?",
		"Are they open today?",
		"Do you have vegan options?",
		"Cancel my appointment on Friday",
		"Reschedule my dentist visit to next week",
		"Haggle about the price of the room",
		"Find out if the part is in stock",
		"Call them and ask for the opening hours",
		"Call me back when my car is ready",
		"Tell them I'm running late",
		"Complain about the noise from the bar",
		"I'd like a table for two",
		"What's the price of the menu?",
		"Confirm my reservation for tonight",
		"Ask the restaurant whether my reservation for tonight can be moved",
		"Order two pizzas for tonight",
		"Get the price for new tyres",
		"Check the status of order 1234",
		"Speak to the manager about my refund",
		"Wish my grandmother a happy birthday",
		"Waive the fee from last month",
		"The table that I reserved for tonight is to be cancelled, with apologies",
		"Finding out about the prices",
		"Vegetarian options for Friday?",
		// Not English, so that no English verb is missed.
		"Einen Tisch für zwei heute Abend",
		"Bitte Termin am Montag verschieben",
		"Tisch reservieren, 2 Personen, 19 Uhr",
		"Fragen ob sonntags offen ist",
		"Réserver une table pour deux ce soir",
		"Demander les horaires du dimanche",
		"Une table pour deux, merci",
		"Reservar una mesa para dos",
		"Preguntar si abren el domingo",
		"Mesa para dos esta noche a las 8",
		"Prenotare un tavolo per due",
		"Um quarto para duas pessoas",
		"Reserveer een tafel voor twee",
		"Boka ett bord för två ikväll",
		"Bestil et bord til to i aften",
		"Zarezerwuj stolik dla dwóch osób",
		"Varaa pöytä kahdelle",
		"Jumapili mko wazi saa ngapi",
		"Забронировать столик на двоих",
		"Κλείσε τραπέζι για δύο",
		"日曜日に営業していますか",
		"预订今晚七点两人桌",
		"일요일에 영업하는지 물어봐 주세요",
		"จองโต๊ะสำหรับสองคน",
		"שאל אם פתוח ביום ראשון",
		"احجز طاولة لشخصين الليلة",
		"क्या रविवार को खुला है",
		"Mesa en La Mar for tonight",
	}
	secrets = []string{
		"The password is hunter2", "My password is swordfish.", "password: hunter2", "Password:swordfish", "password=letmein",
		"the Wi-Fi password is \"open sesame\"", "use password hunter2 to verify me", "the password for my account is tiger99",
		"passcode: 4711", "passcode 4711", "The passcode is 4711, say it when asked", "passphrase: purple horse", "pwd hunter2",
		"login ana, password S3cret!", "user bob password: p@ss", "The pass word is Banana7", "password -> swordfish", "Password to log in is swordfish",
		"PIN 1234", "PIN: 1234", "my pin is 0000", "The PIN is 12 34", "pin=9876", "pin code 4321", "PIN number 123456", "pin #4321",
		"my PIN for the card is 9876", "use pin 1234 when they ask", "Use pin 1234 and ask for the balance", "ＰＩＮ １２３４", "P\u200bIN 1234",
		"the door code is 4455", "gate code 4455#", "CVV 123", "cvc: 987", "OTP 553311", "verification code is 553311", "security code 9911", "one-time password 553311",
		"alarm code: 2468", "access code 99887",
		"Passwort: geheim", "Das Passwort ist Sommer2024", "mot de passe : soleil", "contraseña: verano", "Das Kennwort lautet Apfelbaum.",
		"key sk_live_51H8abcdEFGH1234ijkl", "sk-proj-abcdefghijklmnop1234", "xoxb-1234567890-abcdefghij", "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
		"AKIAIOSFODNN7EXAMPLE", "AIzaSyA1234567890abcdefghijklmnopqrstuvw", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0", "glpat-abcdefghij1234567890",
		"-----BEGIN RSA PRIVATE KEY-----", "token 9f86d081884c7d659a2feaa0c55ad015", "the key is Zk3mQ9xT7bW1pL5vR8nC2dF6",
	}
	noSecrets = []string{
		"Pin it to the wall", "pin the note to the board", "Pin 200 flyers to the wall", "pin 2 notes", "Ask them to pin up 10 posters",
		"Ask what the Wi-Fi password is", "Ask for the password of the guest network", "Ask whether the password is still valid",
		"Tell them that the password is wrong", "My password is not working", "The password was changed", "the password is expired.", "The password is missing",
		"password reset", "I need a password reset for my account", "Ask how to reset my password", "Forgot my password, ask for help", "password problems since Monday",
		"What is the password for the Wi-Fi?", "Ask if a password is required", "Ask if the password is case-sensitive", "The password is the same as before",
		"Change my password to a new one", "Ask for a PIN", "Ask them to send a new PIN", "my PIN is blocked", "The PIN is wrong", "Ask what my PIN is", "lost my PIN on 24 November",
		"the zip code is 94110", "area code 415", "PIN code 560001, Bengaluru", "promo code SAVE10", "booking code ABC123", "dress code", "confirmation code XY12Z9",
		"Ask about order 1234567890", "table 12 at 7:30", "Bowling: 10 pins, 2 lanes", "a pinball machine for 4 people", "pineapple 1234",
		"Ask about https://shop.example/items/a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6", "tracking 1Z999AA10123456784", "tracking 94001118992238574600",
		"booking f47ac10b-58cc-4372-a567-0e02b2c3d479", "Donaudampfschifffahrtsgesellschaftskapitän", "internationalizationandlocalization",
		"Ask for Secretary Key", "the key is under the mat", "the token booth at 34th Street", "Is the code of conduct posted?", "security guard at gate 12",
		"Ask whether door 1234 is open", "Passwort vergessen, bitte neues anfordern", "Das Passwort ist falsch", "mot de passe oublié",
		"Book a table for 2 tonight at 7pm under Sarah", "opt 123", "Their passwords are too short", "password: none", "skiing lessons for 4", "sk-8 shoes",
	}
)

func TestHints(t *testing.T) {
	if len(vague) < 40 || len(clear) < 40 || len(secrets) < 40 || len(noSecrets) < 40 {
		t.Errorf("only %d, %d, %d and %d texts", len(vague), len(clear), len(secrets), len(noSecrets))
	}
	for _, tc := range []struct {
		hint  string
		want  bool
		texts []string
	}{
		{"too vague", true, vague},
		{"too vague", false, clear},
		{"a password, a PIN", true, secrets},
		{"a password, a PIN", false, noSecrets},
	} {
		for _, text := range tc.texts {
			hints := strings.Join(call.Hints(call.Request{Objective: text}), "\n")
			if strings.Contains(hints, tc.hint) != tc.want {
				t.Errorf("%q: hints %q, want %q: %t", text, hints, tc.hint, tc.want)
			}
		}
	}
}

// TestHintsDoNotRefuse: a call with hints can be placed.
func TestHintsDoNotRefuse(t *testing.T) {
	rules := call.Rules{Countries: countries(t, "US")}
	for _, text := range []string{"call them", "The password is hunter2"} {
		q := in(t, call.Requested).Request
		q.Objective = text
		if err := rules.Check(q); err != nil || len(call.Hints(q)) != 1 {
			t.Errorf("%q: %v, hints %q", text, err, call.Hints(q))
		}
	}
}

// TestSecretsInOtherFields: the business and the website are sent to the agent too.
func TestSecretsInOtherFields(t *testing.T) {
	ask := "Ask whether they are open on Sunday"
	for _, q := range []call.Request{{Objective: ask, Business: "Zuni, PIN 1234"}, {Objective: ask, Website: "https://zuni.example/?password=hunter2"}} {
		if hints := call.Hints(q); len(hints) != 1 {
			t.Errorf("%+v: %q", q, hints)
		}
	}
}
