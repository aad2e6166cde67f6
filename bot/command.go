package bot

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

// commandCall is the slash command.
const commandCall = "/call"

// example is a command that a person can type, in every hint the same.
const example = `/call (415) 555-0132 Book a table for 2 tonight at 7pm under Sarah`

// help explains the command. It is mrkdwn.
var help = strings.Join([]string{
	"*I place real phone calls.* Type `/call` alone for a form, or a number and what the call is for:",
	"`" + example + "`",
	"You get a card that shows what is about to happen. Nothing is dialled until *Place call* is pressed on it. The thread below the card then follows the call and gets its outcome, summary, transcript and recording.",
	"To say who is called, put the name in quotes after the word _at_; a web address at the end is read before the call:",
	"`/call (415) 555-0132 Ask whether they are open on Sunday at \"Zuni Café\" https://example.com`",
	"`/call list` shows what is waiting, scheduled and under way here. `/call history` shows all calls, and `/call history Zuni` those to a business or a number. `/call cancel` stops one that was not placed yet.",
	"In a thread, where commands do not work, mention me: `@callbot (415) 555-0132 Ask whether they are open on Sunday`. In a direct message with me, leave the mention out.",
	"For an extension, put it behind the number: `(415) 555-0132 x12`. Emergency and premium-rate numbers are never called.",
}, "\n")

// inputError says what is wrong with what a person typed.
type inputError struct {
	// sentence says what is wrong and what to type, in plain text.
	sentence string
	// commands are what could be typed instead.
	commands []string
	// form is what the form begins with that asks for the rest; nil: it would not help.
	form *beginning
	// never: it was understood, and is a number that is never called. That is answered as
	// often as it is typed.
	never bool
}

// beginning is what can be taken over of what was typed into the form, and a note of what
// is missing there.
type beginning struct {
	note string
	draft
}

func (e *inputError) Error() string { return e.sentence }

// answer is the error as mrkdwn, with commands as they are typed where lines begin so.
func (e *inputError) answer(begins string) string {
	lines := []string{answerText(e.sentence)}
	for _, c := range e.commands {
		lines = append(lines, code(begins+strings.TrimPrefix(c, commandCall+" ")))
	}
	return strings.Join(lines, "\n")
}

// parseCommand reads the text of a slash command as it was typed: a number, an
// objective, optionally at "a business" and a URL. Only these are taken out; the
// objective stays byte for byte.
func parseCommand(text, region string) (call.Request, *inputError) {
	if strings.TrimFunc(text, unicode.IsSpace) == "" {
		return call.Request{}, &inputError{sentence: "Type a number and what the call is for. For example:", commands: []string{example}}
	}
	found, err := phone.Find(text, region)
	if err != nil {
		return call.Request{}, numberError(text, region, err)
	}
	if second := another(found.Rest, region); second != nil {
		return call.Request{}, twoNumbers(found, *second)
	}
	req := call.Request{Number: found.Number, Extension: found.Extension}
	rest := found.Rest
	rest, req.Website = takeURL(rest)
	rest, req.Business = takeBusiness(rest)
	if req.Website == "" {
		rest, req.Website = takeURL(rest) // the URL stood before the business
	}
	req.Objective = unquote(rest)
	if req.Website == "" {
		req.Website = firstURL(req.Objective)
	}
	if !strings.ContainsFunc(req.Objective, unicode.IsLetter) {
		return call.Request{}, &inputError{
			sentence: "Say what the call is for, after the number. For example:",
			commands: []string{written(found) + " Ask whether they are open on Sunday"},
			form: &beginning{"Please add what the call is for.", draft{
				number: asTyped(found.Number, found.Extension, region), objective: req.Objective, business: req.Business, website: req.Website,
			}},
		}
	}
	return req, nil
}

// written is the beginning of a command with the number as people write it.
func written(f phone.Found) string {
	return commandCall + " " + withExtension(numberWords(f.Number), f.Extension)
}

// withExtension is a number as people write it with its extension, if there is one.
func withExtension(number, extension string) string {
	if extension == "" {
		return number
	}
	return number + " x" + extension
}

// conjunction is what people put between two numbers.
var conjunction = regexp.MustCompile(`(?i)^(?:(?:and|or|und|oder|et|ou|y|o|e)\b|[&/|,;+])?\s*`)

// another is a second number, directly behind the first.
func another(rest, region string) *phone.Found {
	behind := rest[len(conjunction.FindString(rest)):]
	if strings.HasPrefix(rest, "+") {
		behind = rest
	}
	f, err := phone.Find(behind, region)
	if err != nil {
		return nil
	}
	return &f
}

// twoNumbers offers a command for each of two numbers: nobody can tell which is meant.
func twoNumbers(first, second phone.Found) *inputError {
	objective := second.Rest
	if !strings.ContainsFunc(objective, unicode.IsLetter) {
		objective = "Ask whether they are open on Sunday"
	}
	return &inputError{
		sentence: "There are two numbers, and I place one call at a time. Type a command for each, or put a word before the second number if it is a part of what to say. For example:",
		commands: []string{written(first) + " " + objective, written(second) + " " + objective},
	}
}

// numberError turns a refusal of the number in a text into what a person can type, and
// into a form with the rest of the text, unless what they can do is not to type at all.
func numberError(text, region string, err error) *inputError {
	p, ok := errors.AsType[*phone.Error](err)
	if !ok {
		return &inputError{sentence: "I can't read the number at the start. For example:", commands: []string{example}}
	}
	e := &inputError{sentence: p.Sentence(), never: p.Kind.Never()}
	if !p.Kind.Never() && len(p.Choices) == 0 {
		e.form = beginningOf(text, region, p)
	}
	for _, c := range p.Choices {
		command := c.Number.E164()
		if c.Extension != "" {
			command += " x" + c.Extension
		}
		if c.Rest != "" {
			command += ", " + c.Rest // the comma ends the number for certain
		}
		e.commands = append(e.commands, commandCall+" "+command)
	}
	if typed := p.Example(); typed != "" && len(e.commands) == 0 {
		e.sentence += " For example:"
		e.commands = []string{commandCall + " " + typed}
	}
	return e
}

// beginningOf is what the form begins with whose number could not be read.
func beginningOf(text, region string, p *phone.Error) *beginning {
	if p.Kind == phone.KindNoNumber && p.Suggestion != "" {
		if q, err := parseCommand(p.Suggestion, region); err == nil {
			return &beginning{"In a command the phone number comes first. Please look whether this is what you meant.", draft{
				number: asTyped(q.Number, q.Extension, region), objective: q.Objective, business: q.Business, website: q.Website,
			}}
		}
	}
	b := &beginning{note: "I found no phone number in what you typed. Please add it."}
	rest := strings.TrimSpace(text)
	if p.Kind != phone.KindNoNumber {
		b.note = p.Sentence()
		if behind, begins := strings.CutPrefix(rest, p.Typed); begins && p.Typed != "" {
			b.number, rest = p.Typed, behind
		}
	}
	rest, b.website = takeURL(rest)
	rest, b.business = takeBusiness(rest)
	b.objective = unquote(rest)
	return b
}

// business is the word at with a quoted name behind it. Quotes may be typographic,
// as phones type them.
var business = regexp.MustCompile(`(?i)(^|\s+)at[\s\x{00a0}]+(?:"([^"\n]+)"|“([^”\n]+)”|„([^“”\n]+)[“”]|«([^»\n]+)»)`)

// takeBusiness takes at "a name" out of the text: right at its start, else at its
// end, else the first one.
func takeBusiness(text string) (rest, name string) {
	all := business.FindAllStringSubmatchIndex(text, -1)
	if len(all) == 0 {
		return text, ""
	}
	pick := all[0]
	if last := all[len(all)-1]; pick[0] > 0 && strings.Trim(text[last[1]:], " \t\n\u00a0.,;") == "" {
		pick = last
	}
	for i := 4; i < len(pick); i += 2 {
		if pick[i] >= 0 {
			name = strings.TrimSpace(text[pick[i]:pick[i+1]])
		}
	}
	if name == "" {
		return text, ""
	}
	before, after := text[:pick[0]], text[pick[1]:]
	switch {
	case strings.TrimFunc(before, unicode.IsSpace) == "":
		rest = trimLeft(strings.TrimLeft(trimLeft(after), ",;:–—-"))
	case strings.Trim(after, " \t\n\u00a0.,;") == "":
		rest = trimRight(before) + trimRight(after)
	default:
		if next, _ := utf8.DecodeRuneInString(after); unicode.IsLetter(next) || unicode.IsDigit(next) {
			after = " " + after
		}
		rest = before + after
	}
	return rest, name
}

// linked is a URL as a person types it, or as Slack marks it up: <https://…|label>.
var linked = regexp.MustCompile(`<(https?://[^\s<>|]+)(?:\|[^<>]*)?>|(https?://[^\s<>"“”«»]+)`)

// takeURL takes a URL at the end out of the text.
func takeURL(text string) (rest, address string) {
	trimmed := trimRight(text)
	all := linked.FindAllStringSubmatchIndex(trimmed, -1)
	if len(all) == 0 {
		return text, ""
	}
	last := all[len(all)-1]
	start, end := last[0], last[1]
	if end != len(trimmed) || start > 0 && !spaceBefore(trimmed, start) {
		return text, ""
	}
	address = website(group(trimmed, last))
	if address == "" || address != group(trimmed, last) {
		return text, "" // a sentence's full stop or bracket hangs on it: it is part of the text
	}
	return trimRight(trimmed[:start]), address
}

// firstURL is the first URL inside a text that can be a website.
func firstURL(text string) string {
	for _, m := range linked.FindAllStringSubmatchIndex(text, -1) {
		if address := website(group(text, m)); address != "" {
			return address
		}
	}
	return ""
}

func group(text string, m []int) string {
	if m[2] >= 0 {
		return text[m[2]:m[3]]
	}
	return text[m[4]:m[5]]
}

// website returns the address without the punctuation of the sentence around it, or
// "" if it is none that an agent can read.
func website(address string) string {
	address = strings.TrimRight(address, ".,;:!?'’")
	if strings.HasSuffix(address, ")") && !strings.Contains(address, "(") {
		address = strings.TrimSuffix(address, ")")
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || !strings.Contains(u.Hostname(), ".") {
		return ""
	}
	return address
}

// quotes are the pairs that people put around a whole objective.
var quotes = map[rune]rune{'"': '"', '“': '”', '„': '“', '«': '»'}

// unquote takes off one pair of quotes that is around the whole text, and none inside it.
func unquote(text string) string {
	text = strings.TrimFunc(text, unicode.IsSpace)
	first, n := utf8.DecodeRuneInString(text)
	closing, ok := quotes[first]
	if !ok {
		return text
	}
	inner := strings.TrimSuffix(text[n:], string(closing))
	if len(inner) == len(text)-n || strings.ContainsRune(inner, closing) || strings.ContainsRune(inner, first) {
		return text
	}
	return strings.TrimFunc(inner, unicode.IsSpace)
}

func trimLeft(s string) string  { return strings.TrimLeftFunc(s, unicode.IsSpace) }
func trimRight(s string) string { return strings.TrimRightFunc(s, unicode.IsSpace) }

func spaceBefore(s string, i int) bool {
	r, _ := utf8.DecodeLastRuneInString(s[:i])
	return unicode.IsSpace(r)
}

// unescape gives the text as it was typed: Slack sends &, < and > of a command as
// entities, and no others (https://docs.slack.dev/messaging/formatting-message-text/#escaping).
func unescape(s string) string {
	return strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">").Replace(s)
}

// code shows a command as what can be typed, inert.
func code(s string) string {
	return "`" + escape(strings.ReplaceAll(oneLine(s), "`", "'")) + "`"
}
