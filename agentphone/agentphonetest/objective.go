package agentphonetest

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// understand takes from an objective what a conversation about it has to
// mention. It is made for English and never fails: what it does not understand
// becomes an errand, which is said word for word.
func understand(objective string) task {
	text := strings.Join(strings.Fields(strings.Map(printable, strings.ToValidUTF8(objective, ""))), " ")
	var t task
	t.when = phraseWhen(whenPattern.FindString(text))
	t.name = nameIn(text)
	t.party = partyIn(text)
	if m := extensionPattern.FindStringSubmatch(text); m != nil {
		t.extension = m[1]
		text = strings.TrimSpace(dialPattern.ReplaceAllString(text, ""))
	}
	t.text = shorten(text, 240)
	at := len(text)
	for _, k := range kindPatterns {
		if loc := k.pattern.FindStringIndex(text); loc != nil && loc[0] < at {
			at = loc[0]
			t.kind, t.rest = k.kind, strings.TrimSpace(text[loc[1]:])
			t.verb = strings.ToLower(text[loc[0]:loc[1]])
		}
	}
	if t.kind == errand && t.party > 0 {
		t.kind, t.rest = booking, "a table"
	}
	t.rest = shorten(t.rest, 200)
	t.thing = thingIn(t.verb, t.rest)
	return t
}

// task is an objective, taken apart.
type task struct {
	kind      kind
	text      string // the objective on one line
	verb      string // what told the kind, in lower case
	rest      string // what follows the verb
	thing     string // what is booked, ordered, cancelled: "a table"; may be empty
	when      string // "tonight at 7pm", "on Friday"; may be empty
	name      string // "Sarah"; may be empty
	party     int    // people; 0 if unknown
	extension string // to dial when asked
}

type kind int

const (
	errand kind = iota
	booking
	question
	order
	cancellation
	move
	confirmation
	complaint
	message
)

// kindPatterns: the one that matches first in the text decides.
var kindPatterns = []struct {
	kind    kind
	pattern *regexp.Regexp
}{
	{question, regexp.MustCompile(`(?i)\b(?:ask|find out|inquire|enquire|check|see if|what|when|how|do they|do you|are they|are you|is there|which|can they|can you|get a quote|get the price)\b`)},
	{booking, regexp.MustCompile(`(?i)\b(?:book|reserve|schedule|set up|arrange|make (?:me |us )?|get (?:me |us )?)\b`)},
	{order, regexp.MustCompile(`(?i)\b(?:order|buy|purchase)\b`)},
	{cancellation, regexp.MustCompile(`(?i)\bcancel\b`)},
	{move, regexp.MustCompile(`(?i)\b(?:reschedule|move|postpone|change|push)\b`)},
	{confirmation, regexp.MustCompile(`(?i)\b(?:confirm|verify)\b`)},
	{complaint, regexp.MustCompile(`(?i)\b(?:complain|file a complaint|make a complaint|dispute|report)\b`)},
	{message, regexp.MustCompile(`(?i)\b(?:tell (?:them|him|her|the \w+)|tell|let (?:them|him|her|the \w+) know|inform (?:them|him|her)|notify (?:them|him|her)|leave a message|say|remind (?:them|him|her))\b`)},
}

const (
	dayPattern  = `(?:(?:on|this|next)\s+)?(?:today|tonight|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday|the\s+\d{1,2}(?:st|nd|rd|th)|(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+\d{1,2}(?:st|nd|rd|th)?)\b(?:\s+(?:morning|afternoon|evening|night)\b)?|this\s+(?:morning|afternoon|evening|weekend)\b|next\s+(?:week|month)\b`
	timePattern = `(?:at|around|by|before|after)\s+(?:\d{1,2}(?::\d{2})?(?:\s*(?:[ap]\.?m\b\.?|o'clock\b))?|noon\b|midnight\b)|\d{1,2}(?::\d{2})?\s*[ap]m\b`
)

var (
	whenPattern = regexp.MustCompile(`(?i)\b(?:(?:` + dayPattern + `)(?:,?\s+(?:` + timePattern + `))?|(?:` + timePattern + `)(?:,?\s+(?:` + dayPattern + `))?)`)
	bareDay     = regexp.MustCompile(`(?i)^(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|the|january|february|march|april|may|june|july|august|september|october|november|december)\b`)
	bareTime    = regexp.MustCompile(`^\d`)
)

func phraseWhen(s string) string {
	s = strings.TrimRight(strings.TrimSpace(s), ".,")
	switch {
	case bareDay.MatchString(s):
		return "on " + s
	case bareTime.MatchString(s):
		return "at " + s
	}
	return s
}

var (
	properName = regexp.MustCompile(`(?i:\b(?:name:?\s+(?:is\s+|of\s+)?|under\s+(?:the\s+name\s+(?:of\s+)?)?|on\s+behalf\s+of\s+))["“'‘]?(\p{Lu}[\p{L}'’-]*(?:\s+\p{Lu}[\p{L}'’-]*){0,2})`)
	anyName    = regexp.MustCompile(`(?i)\bunder\s+(?:the\s+name\s+(?:of\s+)?)?["“'‘]?(\p{L}[\p{L}'’-]+)`)
	forName    = regexp.MustCompile(`(?i:\bfor)\s+(\p{Lu}[\p{L}'’-]+(?:\s+\p{Lu}[\p{L}'’-]*)?)`)
	notAName   = regexp.MustCompile(`(?i)^(?:the|a|an|my|our|his|her|their|this|that|name|warranty|guarantee|contract|no|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|pick|pickup|delivery|dinner|lunch|breakfast|brunch|today|tonight|tomorrow|next|me|us|them|AI|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september|october|november|december)\b`)
)

func nameIn(text string) string {
	for _, p := range []*regexp.Regexp{properName, anyName, forName} {
		for _, m := range p.FindAllStringSubmatch(text, 4) {
			if name := strings.TrimRight(m[1], "'’-"); name != "" && !notAName.MatchString(name) {
				return capital(shorten(name, 40))
			}
		}
	}
	return ""
}

const countPattern = `(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)`

var (
	partyAfter  = regexp.MustCompile(`(?i)\b(?:party of|table of|for)\s+` + countPattern + `\b(\s*(?:[ap]\.?m\b|:|o'clock|min|hour|day|night|week|month|year|dollar|%|/|\.\d|st\b|nd\b|rd\b|th\b))?`)
	partyBefore = regexp.MustCompile(`(?i)\b` + countPattern + `\s+(?:people|persons|guests|adults|of us|pax)\b`)
	countWords  = []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"}
)

func partyIn(text string) int {
	if m := partyBefore.FindStringSubmatch(text); m != nil {
		return count(m[1])
	}
	for _, m := range partyAfter.FindAllStringSubmatch(text, 4) {
		if m[2] == "" {
			return count(m[1])
		}
	}
	return 0
}

func count(s string) int {
	for i, w := range countWords {
		if strings.EqualFold(s, w) {
			return i
		}
	}
	n, _ := strconv.Atoi(s) // three digits at most
	return n
}

func inWords(n int) string {
	if n < len(countWords) {
		return countWords[n]
	}
	return strconv.Itoa(n)
}

var (
	extensionPattern = regexp.MustCompile(`(?i)\bext(?:ension|\.)?\s*(\d{1,6})\b`)
	dialPattern      = regexp.MustCompile(`(?i)[,;.(\s]*\b(?:please\s+)?dial\s+ext(?:ension|\.)?\s*\d{1,6}(?:\s+(?:when|if)\s+asked)?\)?`)
	thingEnd         = regexp.MustCompile(`(?i)[.,;!?]|\s(?:for|under|at|on|by|around|tonight|today|tomorrow|this|next|with|from|to|in the name|and|because|name|if)\b`)
	article          = regexp.MustCompile(`(?i)^(?:an?|the|some|two|three|four|five|six|seven|eight|nine|ten|one|\d+)\b`)
	possessive       = regexp.MustCompile(`(?i)^(?:my|our|his|her|their)\s+`)
	dative           = regexp.MustCompile(`(?i)^(?:me|us)\s+`)
)

// thingIn is the noun phrase right after the verb, with an article.
func thingIn(verb, rest string) string {
	s := dative.ReplaceAllString(rest, "")
	if loc := thingEnd.FindStringIndex(" " + s); loc != nil {
		s = strings.TrimSpace((" " + s)[:loc[0]])
	}
	s = possessive.ReplaceAllString(s, "the ")
	if s == "" || len(s) > 80 {
		return ""
	}
	if !article.MatchString(s) && (verb == "book" || verb == "reserve" || verb == "schedule") {
		s = "a " + s
	}
	return s
}

func printable(r rune) rune {
	switch {
	case unicode.IsSpace(r) || unicode.IsControl(r):
		return ' '
	case !unicode.IsPrint(r):
		return -1
	}
	return r
}

// shorten cuts s to n characters, at a space if there is one near.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	s = string([]rune(s)[:n])
	if i := strings.LastIndexByte(s, ' '); i > len(s)/2 {
		s = s[:i]
	}
	return s + "…"
}

func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

func uncapital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 || strings.HasPrefix(s, "I ") || strings.HasPrefix(s, "I'") {
		return s
	}
	return string(unicode.ToLower(r)) + s[size:]
}
