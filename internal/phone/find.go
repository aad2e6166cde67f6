package phone

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Found is a number in a text.
type Found struct {
	Number Number
	// Extension is the digits to dial once the call is answered, "" if none was typed.
	Extension string
	// Typed is the part of the text that was read as the number, extension included.
	Typed string
	// Rest is the part of the text after it, byte for byte, without white space, one
	// separator and one pair of quotes around it. Empty if there is nothing else.
	Rest string
}

// Find reads the number that text starts with, as people type it, and returns it
// with the rest of the text. Numbers without a country code are read as in
// defaultRegion, an ISO 3166 code such as "US".
//
// Every error is an *Error. A number that may never be called, such as an emergency
// number, is one; whether its country may be called is for Number.Check.
func Find(text, defaultRegion string) (Found, error) {
	r := newReader(text, 0, defaultRegion)
	found, err := r.read()
	if err == nil {
		return found, nil
	}
	if err.Kind == KindNoNumber || err.Kind == KindTooShort && err.Digits < 7 {
		if later := findLater(text, r.region); later != nil {
			err = later
		}
	}
	err.abroad = !phonenumbers.IsNANPACountry(r.region)
	return Found{}, err
}

// A reader reads one number in text, at the characters syms.
type reader struct {
	text   string
	syms   []sym
	region string
}

func newReader(text string, at int, region string) *reader {
	region = strings.ToUpper(strings.TrimSpace(region))
	if phonenumbers.GetCountryCodeForRegion(region) == 0 {
		region = phonenumbers.UNKNOWN_REGION
	}
	return &reader{text: text, syms: fold(text, at), region: region}
}

// read reads the number at the start.
func (r *reader) read() (Found, *Error) {
	at := r.skipSpace(0)
	if r.at(at) == '<' {
		if found, err, ok := r.readLink(at); ok {
			return found, err
		}
	}
	at = r.skipLabel(at)
	if r.hasPrefix(at, "tel:") || r.hasPrefix(at, "callto:") {
		return r.readURI(at)
	}
	at, closers := r.skipOpeners(at)
	if err := r.placeholder(at); err != nil {
		return Found{}, err
	}
	if c := r.at(at); c == '*' || c == '#' {
		return Found{}, r.serviceCode(at)
	}
	if err := r.spelledOut(at); err != nil {
		return Found{}, err
	}
	t := r.scan(at)
	if len(t.groups) == 0 {
		return Found{}, &Error{Kind: KindNoNumber, Typed: r.firstWord(at)}
	}

	readings := r.readings(t)
	if err := r.emergencyAmong(t, readings); err != nil {
		return Found{}, err
	}
	readings = r.choose(t, readings)
	if len(readings) == 0 {
		if readings = r.vanity(at); len(readings) == 0 {
			return Found{}, r.explain(t)
		}
	}
	if len(readings) > 1 {
		return Found{}, r.ambiguous(t.from, readings, closers)
	}
	return r.accept(t.from, readings[0], closers)
}

// accept makes what was found of a reading, unless it may never be called.
func (r *reader) accept(from int, chosen reading, closers []string) (Found, *Error) {
	found := r.found(from, chosen, closers)
	if err := found.Number.never(); err != nil {
		err.Typed = shown(found.Typed)
		return Found{}, err
	}
	return found, nil
}

func (r *reader) ambiguous(from int, readings []reading, closers []string) *Error {
	refusal := &Error{Kind: KindAmbiguous, Typed: shown(r.typed(from, readings[len(readings)-1].to))}
	for _, chosen := range readings {
		found, err := r.accept(from, chosen, closers)
		if err != nil {
			if err.Kind == KindEmergency || err.Kind == KindCrisis {
				return err
			}
			continue
		}
		refusal.Choices = append(refusal.Choices, found)
	}
	return refusal
}

// found takes extension and rest from behind a reading.
func (r *reader) found(from int, chosen reading, closers []string) Found {
	end := chosen.to
	extension, afterExtension := r.extension(end)
	if extension != "" {
		end = afterExtension
	}
	end = r.closeParens(from, end)
	typed := r.typed(from, end)
	rest := restAfter(r.text, r.syms[end-1].to, closers)
	return Found{Number: numberOf(chosen.number), Extension: extension, Typed: typed, Rest: rest}
}

// closeParens steps over the parenthesis that closes one opened in the number.
func (r *reader) closeParens(from, end int) int {
	open := 0
	for _, s := range r.syms[from:end] {
		switch s.c {
		case '(':
			open++
		case ')':
			open--
		}
	}
	for ; open > 0; open-- {
		next := r.skipSpace(end)
		if r.at(next) != ')' {
			break
		}
		end = next + 1
	}
	return end
}

func (r *reader) typed(from, to int) string {
	if from >= to {
		return ""
	}
	return r.text[r.syms[from].from:r.syms[to-1].to]
}

// at is the folded character at i, 0 beyond the end.
func (r *reader) at(i int) byte {
	if i < 0 || i >= len(r.syms) {
		return 0
	}
	return r.syms[i].c
}

func (r *reader) skipSpace(i int) int {
	for r.at(i) == ' ' || r.at(i) == '\n' {
		i++
	}
	return i
}

// raw is the character at i as it was typed.
func (r *reader) raw(i int) string {
	if i >= len(r.syms) {
		return ""
	}
	return r.text[r.syms[i].from:r.syms[i].to]
}

// hasPrefix compares from i on, prefix being lower case.
func (r *reader) hasPrefix(i int, prefix string) bool {
	for j := range len(prefix) {
		if lower(r.at(i+j)) != prefix[j] {
			return false
		}
	}
	return true
}

// firstWord is what stands where a number should.
func (r *reader) firstWord(at int) string {
	end := at
	for end < len(r.syms) && r.syms[end].c != ' ' && r.syms[end].c != '\n' {
		end++
	}
	return shown(r.typed(at, end))
}

// labels are what people put before a number on a card or in a signature.
var labels = []string{
	"telephone", "telefon", "mobile", "number", "phone", "cell", "tel", "fon", "ph", "t", "p", "m",
	"office", "main", "work phone", "work", "direct", "desk", "mobil", "mob", "phone number", "toll-free", "toll free", "tel/fax", "o", "d",
	"téléphone", "tél", "teléfono", "telefono", "telefone", "tfno", "tlf", "puhelin", "puh", "телефон", "тел",
	"电话", "電話", "전화",
}

// skipLabel steps over "Tel.:", "Phone:" and the like, and pictures of telephones.
func (r *reader) skipLabel(at int) int {
	for _, picture := range []string{"☎", "☏", "✆", "📞", "📱", "🕿"} {
		if r.raw(at) == picture {
			return r.skipSpace(at + 1)
		}
	}
	for _, picture := range []string{":phone:", ":telephone:", ":telephone_receiver:", ":iphone:", ":calling:"} {
		if r.hasPrefix(at, picture) {
			return r.skipSpace(at + len(picture))
		}
	}
	for _, label := range labels {
		end := r.afterWord(at, label)
		if end == at {
			continue
		}
		marked := false
		for r.at(end) == '.' || r.at(end) == ':' || r.at(end) == ' ' && r.at(end+1) == ':' {
			marked = true
			end++
		}
		next := r.skipSpace(end)
		// "tel:" directly before a number is a URI.
		if marked && next > end && r.startsNumber(next) || marked && (label != "tel" || r.raw(end-1) != ":") && r.startsNumber(next) ||
			!marked && len(label) > 2 && next > end && r.startsNumber(next) {
			return next
		}
	}
	return at
}

// afterWord is where word, in lower case, ends if it stands at i, else i.
func (r *reader) afterWord(i int, word string) int {
	end := i
	for _, c := range word {
		if rune(lower(r.at(end))) != c && strings.ToLower(r.raw(end)) != string(c) {
			return i
		}
		end++
	}
	return end
}

func (r *reader) startsNumber(i int) bool {
	c := r.at(i)
	return isDigit(c) || c == '+' || c == '(' && (isDigit(r.at(i+1)) || r.at(i+1) == '+')
}

// pairs are the marks that people and Slack's formatting put around a number, and
// that people put around an objective.
var pairs = []struct{ open, close string }{
	{`"`, `"`},
	{"“", "”"},
	{"„", "“"},
	{"„", "”"},
	{"”", "”"},
	{"«", "»"},
	{"「", "」"},
	{"'", "'"},
	{"‘", "’"},
	{"`", "`"},
	{"*", "*"},
	{"_", "_"},
	{"~", "~"},
	{"[", "]"},
	{"{", "}"},
}

// closersOf are the marks that may close an opening one.
func closersOf(mark string) string {
	var closing strings.Builder
	for _, p := range pairs {
		if p.open == mark {
			closing.WriteString(p.close)
		}
	}
	return closing.String()
}

// skipOpeners steps over up to three opening marks before a number and returns what
// closes them, the innermost first.
func (r *reader) skipOpeners(at int) (int, []string) {
	next := at
	var closers []string
	for range 3 {
		mark := r.raw(next)
		closing := closersOf(mark)
		if closing == "" || mark == "*" && !strings.Contains(r.text[r.syms[next].to:], "*") {
			break
		}
		closers = append([]string{closing}, closers...)
		next++
		if r.startsNumber(next) {
			return next, closers
		}
	}
	return at, nil
}
