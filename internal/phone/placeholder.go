package phone

import "strings"

// blankLetters repeat where digits are still to be filled in.
const blankLetters = "xXnN#_?*"

// placeholder recognises a form's blank in place of a number: +1{PHONE_NUMBER},
// 555-XXXX, <number>, [phone], (___) ___-____.
func (r *reader) placeholder(at int) *Error {
	end := at
	if r.at(at) != '(' || !r.bracketed(at) { // "(phone number)"
		for end < len(r.syms) && strings.IndexByte("+0123456789().-/ ", r.at(end)) >= 0 {
			end++
		}
	}
	if !r.blankAt(at, end) {
		return nil
	}
	for end < len(r.syms) && r.syms[end].c != ' ' && r.syms[end].c != '\n' {
		end++
	}
	if escaped := strings.Index(r.typed(at, len(r.syms)), "&gt;"); escaped > 0 && r.hasPrefix(at, "&lt;") {
		for end < len(r.syms) && r.syms[end-1].c != ';' || r.typed(at, end) == "&lt;" {
			end++
		}
	}
	if closing := map[byte]byte{'(': ')', '<': '>', '[': ']', '{': '}'}[r.at(at)]; closing != 0 && r.bracketed(at) {
		for i := at; i < len(r.syms) && r.syms[i].c != '\n'; i++ {
			if r.syms[i].c == closing {
				end = max(end, i+1)
				break
			}
		}
	}
	// The rest of "(XXX) XXX-XXXX".
	for next := end + 1; r.blankAt(at, next); next = end + 1 {
		for end = next; end < len(r.syms) && r.syms[end].c != ' ' && r.syms[end].c != '\n'; {
			end++
		}
	}
	return &Error{Kind: KindPlaceholder, Typed: shown(r.typed(at, end))}
}

// blankAt reports whether a blank stands at i, behind the digits and punctuation from
// at on.
func (r *reader) blankAt(at, i int) bool {
	c := r.at(i)
	if c == 0 {
		return false
	}
	if i > at && (r.at(i-1) == ' ' || c == '?' || c == '*') {
		// Only if what stands before is no number of its own.
		t := r.scan(at)
		if len(r.readings(t)) > 0 {
			return false
		}
	}
	if strings.IndexByte(blankLetters, c) >= 0 {
		run := r.repeated(i)
		after := i + run
		for after < len(r.syms) && strings.IndexByte(").-/", r.at(after)) >= 0 {
			after++
		}
		// "xxx-xxxx" is one, "nnnever" is a word.
		return run >= 3 && (!isLetter(r.at(after)) || lower(r.at(after)) == lower(c))
	}
	return r.bracketed(i)
}

// repeated counts how often the character at i stands there in a row.
func (r *reader) repeated(i int) int {
	n := 1
	for lower(r.at(i+n)) == lower(r.at(i)) {
		n++
	}
	return n
}

// bracketed recognises a template's variable: {PHONE_NUMBER}, {{phone}}, <number>,
// &lt;number&gt;, [phone], $PHONE, %PHONE%, PHONE_NUMBER.
func (r *reader) bracketed(i int) bool {
	word := ""
	for j := i; j < len(r.syms) && r.syms[j].c != '\n' && len(word) < 60; j++ {
		word += string(rune(lower(r.syms[j].c)))
	}
	word = strings.ReplaceAll(strings.ReplaceAll(word, "&lt;", "<"), "&gt;", ">")
	if word == "" {
		return false
	}
	closing := map[byte]byte{'{': '}', '[': ']', '<': '>', '%': '%', '(': ')'}[word[0]]
	if word[0] == '{' && strings.IndexByte(word, '}') > 0 {
		return true
	}
	if closing != 0 {
		end := strings.IndexByte(word[1:], closing)
		return end > 0 && namesNumber(word[1:1+end])
	}
	if word[0] == '$' {
		name := strings.FieldsFunc(word[1:], func(c rune) bool { return c == ' ' })
		return len(name) > 0 && namesNumber(name[0])
	}
	return strings.HasPrefix(word, "phone_number") || strings.HasPrefix(word, "your_number") ||
		strings.HasPrefix(word, "phonenumber")
}

// namesNumber reports whether a template's variable is one for a number.
func namesNumber(name string) bool {
	if strings.ContainsAny(name, "@#!:") {
		return false // Slack's users, channels and links
	}
	for _, part := range []string{"phone", "number", "num", "tel", "mobile", "digits", "e164", "e.164", "xxx"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// serviceCode refuses what starts with a star or hash: *67, #77, *911.
func (r *reader) serviceCode(at int) *Error {
	i := at
	for r.at(i) == '*' || r.at(i) == '#' {
		i++
	}
	if !isDigit(r.at(i)) {
		return &Error{Kind: KindNoNumber, Typed: r.firstWord(at)}
	}
	end := i
	for isDigit(r.at(end)) || r.at(end) == '*' || r.at(end) == '#' {
		end++
	}
	code := &Error{Kind: KindShortCode, Typed: shown(r.typed(at, end))}
	if kind, service := emergencyForm(r.digits(i, end), false, r.region, true); kind == KindEmergency || kind == KindCrisis {
		code.Kind, code.Service = kind, service
	}
	return code
}

// spelled are English digits as words, and what people say for zero.
var spelled = map[string]string{
	"zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4",
	"five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "double": "", "eleven": "11",
}

// spelledOut refuses emergency and crisis numbers in words: nine one one, nine-eleven.
func (r *reader) spelledOut(at int) *Error {
	digits, i := "", at
	for range 4 {
		from := i
		for isLetter(r.at(i)) {
			i++
		}
		digit, ok := spelled[strings.ToLower(r.typed(from, i))]
		if !ok {
			return nil
		}
		digits += digit
		end := i
		for r.at(i) == ' ' || r.at(i) == '-' {
			i++
		}
		if len(digits) == 3 {
			if kind, service := emergencyForm(digits, false, r.region, true); kind == KindEmergency || kind == KindCrisis {
				return &Error{Kind: kind, Service: service, Typed: shown(r.typed(at, end))}
			}
			return nil
		}
	}
	return nil
}
