package phone

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// farthest bounds where a number is looked for in a text that does not start with one.
const farthest = 1000

// findLater looks for a number further on in text, and if there is one returns the
// refusal that suggests to put it first. An emergency number that the text asks to
// call ("please call 911") is refused as such.
func findLater(text, region string) *Error {
	const mostTries = 10
	tries := 0
	for at := 1; at < len(text) && at < farthest && tries < mostTries; at++ {
		if !startsLikeNumber(text, at) {
			continue
		}
		tries++
		r := newReader(text, at, region)
		found, err := r.read()
		if err != nil {
			if (err.Kind == KindEmergency || err.Kind == KindCrisis) && onlyAsksToCall(text[:at]) {
				return err
			}
			continue
		}
		return &Error{
			Kind:       KindNoNumber,
			Typed:      shown(firstWords(text)),
			Suggestion: numberFirst(found, text[:at]),
		}
	}
	return nil
}

// startsLikeNumber reports whether a number can start at byte at: a digit of any script,
// plus or parenthesis, or a link, at the start of a word.
func startsLikeNumber(text string, at int) bool {
	if !utf8.RuneStart(text[at]) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(text[at:])
	if c := foldRune(r); c != '+' && c != '(' && c != '<' && !isDigit(c) {
		return false
	}
	before, n := utf8.DecodeLastRuneInString(text[:at])
	for isInvisible(before) {
		at -= n
		before, n = utf8.DecodeLastRuneInString(text[:at])
	}
	switch {
	case n == 0, before == ' ', before == '\n', before == '\t', before == ':', before == ',', before == '"':
		return true
	}
	return before >= utf8.RuneSelf && !isDigit(foldRune(before)) // a no-break space, or another script
}

// callWords are how people begin when they have not read the help.
var callWords = []string{"please", "pls", "can", "could", "you", "call", "dial", "phone", "ring", "up", "the", "number", "and", "to", "hey", "hi", "now", "/call"}

func onlyAsksToCall(before string) bool {
	words := strings.Fields(strings.ToLower(before))
	return len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool {
		return !slices.Contains(callWords, strings.Trim(w, ",.:!"))
	})
}

// FindAll reads the numbers anywhere in a text, each once, and at most most of them. What
// may be read as several numbers, or may never be called, is left out.
func FindAll(text, defaultRegion string, most int) []Found {
	const mostTries = 40
	var all []Found
	tries := 0
	for at := 0; at < len(text) && tries < mostTries && len(all) < most; at++ {
		if !startsLikeNumber(text, at) {
			continue
		}
		tries++
		found, err := newReader(text, at, defaultRegion).read()
		if err != nil {
			at += unread(text[at:])
			continue
		}
		if !slices.ContainsFunc(all, func(f Found) bool { return f.Number == found.Number && f.Extension == found.Extension }) {
			all = append(all, found)
		}
		if i := strings.Index(text[at:], found.Typed); i >= 0 {
			at += i + len(found.Typed) - 1 // what stands in it is no other number
		}
	}
	return all
}

// unread is how far what begins a text and could not be read goes on as one number: what
// stands in it is not one by itself.
func unread(text string) int {
	belong := " 0123456789.-/"
	if text[0] == '+' {
		belong += "+()"
	}
	n := len(text) - len(strings.TrimLeft(text, belong))
	digits := 0
	for _, c := range text[:n] {
		if '0' <= c && c <= '9' {
			digits++
		}
	}
	if digits < 7 && text[0] != '+' || n == 0 {
		return 0
	}
	return n - 1
}

// Asked is a text without the words with which people ask for a call before its number:
// "please call (415) 555-0132 and ask …". One that has other words there, or no number,
// stays as it is.
func Asked(text, defaultRegion string) string {
	for at := 1; at < len(text) && at < farthest; at++ {
		if !startsLikeNumber(text, at) {
			continue
		}
		if !onlyAsksToCall(text[:at]) {
			return text
		}
		if _, err := newReader(text, at, defaultRegion).read(); err != nil && err.Kind == KindNoNumber {
			return text
		}
		return text[at:]
	}
	return text
}

// numberFirst puts the number first: "Call (415) 555-0132 and ask if they are open"
// becomes "(415) 555-0132 ask if they are open".
func numberFirst(found Found, before string) string {
	words := strings.Fields(before)
	for len(words) > 0 && slices.Contains(callWords, strings.ToLower(strings.Trim(words[0], ",.:!"))) {
		words = words[1:]
	}
	for len(words) > 0 && slices.Contains([]string{"at", "on", "to", "@", "under", "number", "is", "call", "by", "calling", "phone"},
		strings.ToLower(strings.Trim(words[len(words)-1], ",.:!"))) {
		words = words[:len(words)-1]
	}
	number := found.Typed
	if strings.HasPrefix(number, "<") || strings.Contains(number, ":") { // a link
		number = inFull(found.Number.parsed())
		if found.Extension != "" {
			number += " ext. " + found.Extension
		}
	}
	parts := []string{number}
	if len(words) > 0 {
		parts = append(parts, strings.Join(words, " "))
	}
	rest := found.Rest
	if len(words) == 0 {
		rest = strings.TrimPrefix(rest, "and ")
	}
	if rest != "" {
		parts = append(parts, rest)
	}
	return strings.Join(parts, " ")
}

func firstWords(text string) string {
	words := strings.Fields(text)
	return strings.Join(words[:min(3, len(words))], " ")
}
