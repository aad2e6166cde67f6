package phone

import (
	"fmt"
	"strconv"
	"strings"
)

// Example is what could be typed instead: the same with the number put right, where
// that can be guessed, else a number reserved for fiction (NANPA, 555-0100 to
// 555-0199) with something to say. It is "" where no other way of typing helps. It may
// contain what was typed, like [Error.Sentence].
func (e *Error) Example() string {
	const say = " Ask about the return policy"
	switch {
	case e.Kind.Never() && e.Kind != KindShortCode, e.Kind == KindCountryNotAllowed:
		return ""
	case e.Kind == KindAmbiguous && len(e.Choices) > 0:
		rest := e.Choices[0].Rest
		if rest == "" {
			rest = say[1:]
		}
		return e.Choices[0].Number.E164() + ", " + shown(rest)
	case e.Kind == KindNoNumber && e.Suggestion != "":
		return e.Suggestion
	case e.Suggestion != "":
		return e.Suggestion + say
	case e.abroad, e.Kind == KindUnknownRegion:
		return "+1 415 555 0132" + say
	}
	return "(415) 555-0132" + say
}

// Sentence says to the person who typed it what is wrong and what to type instead, in
// plain words and without markup. It may contain what was typed, so it has to be
// escaped where it is shown. [Error.Example] goes with it.
func (e *Error) Sentence() string {
	if e.Kind.Never() {
		return e.neverSentence()
	}
	switch e.Kind {
	case KindNoNumber:
		if e.Suggestion != "" {
			return "The phone number has to come first, then what to say."
		}
		return "I found no phone number. Put it first, then what to say."
	case KindPlaceholder:
		return e.typed() + " is a placeholder, not a phone number. Put the real number in its place."
	case KindNoAreaCode:
		return e.typed() + " has no area code. Type the number in full, area code first" + e.digitsWanted() + "."
	case KindTooShort:
		return e.typed() + " is too short to be a phone number" + e.digitsCounted() + "." + e.instead()
	case KindTooLong:
		return e.typed() + " is too long to be a phone number" + e.digitsCounted() + "." + e.instead()
	case KindInvalid:
		where := ""
		if e.Country != "" && e.Region != globalRegion {
			where = " in " + inCountry(e.Country)
		}
		return e.typed() + " is not a number that exists" + where + ". Check the digits, the area code first." + e.instead()
	case KindAmbiguous:
		return e.ambiguousSentence()
	case KindUnknownRegion:
		return e.typed() + " does not start with the code of any country. Type a plus and the country code first."
	case KindCountryNotAllowed:
		allowed := ""
		if e.Allowed != "" {
			allowed = " Allowed here: " + e.Allowed + "."
		}
		where := "in no country that I may call"
		switch {
		case e.Region == globalRegion:
			where = "an international freephone number, of no single country, which I may not call"
		case e.Country != "":
			where = "in " + inCountry(e.Country) + ", which I may not call"
		}
		return e.typed() + " is " + where + "." + allowed + " An admin can change that with CALLBOT_COUNTRIES."
	default:
		return "I could not read a phone number there."
	}
}

// neverSentence is for the numbers that are not called, however they are typed.
func (e *Error) neverSentence() string {
	switch e.Kind {
	case KindEmergency:
		return e.typed() + " is an emergency number. I never call those: if somebody needs help, call it yourself from a phone, now."
	case KindCrisis:
		line := "a crisis line"
		if e.Service != "" {
			line += ", " + e.Service
		}
		return e.typed() + " is " + line + ". I never call those: if you or somebody near you needs help, please call it yourself, a person will answer."
	case KindShortCode:
		if strings.HasPrefix(e.Typed, "*") || strings.HasPrefix(e.Typed, "#") {
			return e.typed() + " is a code for telephones, which means nothing to me. Leave it out and type the number alone."
		}
		return e.typed() + " is a short code, not a full phone number, and I can only call full numbers. Use the company's or the office's ordinary number."
	case KindPremiumRate:
		return e.typed() + " is a premium-rate number, which bills whoever calls it, so I never call it. Look for an ordinary or toll-free number of the same company."
	case KindSharedCost:
		return e.typed() + " is a shared-cost number, which costs more than a normal call, so I never call it. Look for an ordinary or toll-free number of the same company."
	case KindGlobalNetwork:
		return e.typed() + " belongs to a satellite or global network, where calls are very expensive, so I never call it. Use a landline or mobile number instead."
	case KindVoicemail:
		return e.typed() + " is a voicemail access number, where no person answers, so I never call it. Use the number of the person or business itself."
	case KindPager:
		return e.typed() + " is a pager, which cannot hold a conversation, so I never call it. Use a landline or mobile number instead."
	case KindPersonal:
		return e.typed() + " is a personal number, which forwards to wherever its owner is and costs more than a normal call, so I never call it. Use a landline or mobile number instead."
	default:
		return e.typed() + " is a number that I never call."
	}
}

func (e *Error) ambiguousSentence() string {
	if len(e.Choices) == 0 {
		return e.typed() + " can be read as more than one phone number. Type the number without spaces, then what to say."
	}
	readings := make([]string, 0, len(e.Choices))
	for _, choice := range e.Choices {
		readings = append(readings, choice.Number.Describe().International)
	}
	return e.typed() + " can be read as more than one phone number: " + joinWords(readings, "or") +
		". Choose one, or type the number without spaces and a comma behind it."
}

func (e *Error) typed() string {
	if e.Typed == "" {
		return "That"
	}
	return e.Typed
}

func (e *Error) digitsWanted() string {
	if e.Lengths == "" {
		return ""
	}
	return ", " + e.Lengths + " digits"
}

func (e *Error) digitsCounted() string {
	if e.Lengths == "" || e.Country == "" {
		return ""
	}
	digits := "digits"
	if e.Digits == 1 {
		digits = "digit"
	}
	counted := ""
	switch {
	case strings.HasPrefix(e.Typed, "+"), strings.HasPrefix(e.Typed, "00"):
		counted = " after the country code"
	case strings.HasPrefix(e.Typed, "0"), strings.HasPrefix(e.Typed, "(0"):
		counted = " after the 0 in front"
	}
	return ": it has " + strconv.Itoa(e.Digits) + " " + digits + counted + ", and numbers in " +
		inCountry(e.Country) + " have " + e.Lengths
}

func (e *Error) instead() string {
	if e.Suggestion != "" {
		return fmt.Sprintf(" Did you mean %s?", e.Suggestion)
	}
	return ""
}

// inCountry puts the article that English wants before some countries.
func inCountry(country string) string {
	switch country {
	case "United States", "United Kingdom", "Netherlands", "Philippines", "United Arab Emirates", "Bahamas",
		"Dominican Republic", "Czech Republic", "Maldives", "Cayman Islands", "Isle of Man", "U.S. Virgin Islands",
		"British Virgin Islands", "Faroe Islands", "Marshall Islands", "Solomon Islands", "Cook Islands", "Falkland Islands",
		"Central African Republic", "Turks & Caicos Islands", "Northern Mariana Islands", "Åland Islands", "Comoros", "Seychelles":
		return "the " + country
	}
	return country
}
