package phone_test

import (
	"errors"
	"fmt"

	"github.com/agentphone-slack/callbot/internal/phone"
)

func ExampleFind() {
	found, err := phone.Find("(415) 555-0132 x12 2 people at 7", "US")
	if err != nil {
		panic(err)
	}
	fmt.Println(found.Number, found.Extension, found.Rest)
	// Output: +14155550132 12 2 people at 7
}

func ExampleFind_ambiguous() {
	_, err := phone.Find("+49 30 1234567 2 Personen", "US")
	var refusal *phone.Error
	if errors.As(err, &refusal) && refusal.Kind == phone.KindAmbiguous {
		for _, choice := range refusal.Choices {
			fmt.Printf("%s: %s\n", choice.Number, choice.Rest)
		}
	}
	// Output:
	// +49301234567: 2 Personen
	// +493012345672: Personen
}

func ExampleNumber_Check() {
	countries, err := phone.ParseCountries("US,CA")
	if err != nil {
		panic(err)
	}
	number, err := phone.ParseE164("+18765550132")
	if err != nil {
		panic(err)
	}
	if refusal, ok := errors.AsType[*phone.Error](number.Check(countries)); ok {
		fmt.Println(refusal.Sentence())
	}
	// Output: +1 876-555-0132 is in Jamaica, which I may not call. Allowed here: Canada and United States. An admin can change that with CALLBOT_COUNTRIES.
}
