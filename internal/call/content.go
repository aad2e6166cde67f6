package call

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/agentphone-slack/callbot/internal/phone"
)

// content refuses what is never stored, shown or said to a stranger by an agent.
func content(q Request) error {
	for _, t := range q.texts() {
		if err := t.check(); err != nil {
			return err
		}
	}
	return nil
}

// typed is a text that somebody typed, and what it is, as a sentence begins.
type typed struct {
	name string
	part Part
	text string
}

// texts are what a person typed for a request.
func (r Request) texts() []typed {
	return []typed{
		{"The objective", PartObjective, r.Objective},
		{"The business name", PartBusiness, r.Business},
		{"The website's address", PartWebsite, r.Website},
		{"The extension", PartNumber, r.Extension},
	}
}

func (t typed) check() error { return forbidden(t.name, t.text).about(t.part) }

// CheckContent reports whether a text holds a payment card number or a US social
// security number, or nil. name is what the text is, as a sentence begins. The error
// repeats nothing of the text, so it can be shown and logged.
func CheckContent(name, text string) error { return forbidden(name, text).about("") }

func forbidden(name, text string) *Error {
	runs := digitRuns(text)
	switch {
	case slices.ContainsFunc(runs, hasCard):
		return Errorf(RefusedCode, "%s holds what looks like a payment card number, so this call is not made: the number would be stored, shown here and given to the agent. Leave it out, or give it yourself on a call of your own.", name)
	case hasSSN(text, runs):
		return Errorf(RefusedCode, "%s holds what looks like a US social security number, so this call is not made: the number would be stored, shown here and given to the agent. Leave it out, or give it yourself on a call of your own.", name)
	}
	return nil
}

// digitGroup is digits that stand together, as ASCII.
type digitGroup struct {
	digits string
	// gap is what stands between this group and the one before it, each character as
	// ' ', '-', '.' or '/'; empty for the first of a run.
	gap string
}

// digitRun is groups of digits with no more than separators between them.
type digitRun struct {
	groups []digitGroup
	// plus: a + stands before it, as before a telephone number.
	plus bool
	// letters are the two that stand directly before it, in capitals; "": not two.
	letters string
	// from and to are where the run stands among the characters that can be seen.
	from, to int
}

// longestGap is how many separators may stand between two groups of one number, so
// that "4111  -  1111" is seen too.
const longestGap = 8

// digitRuns finds the digits of a text, in whatever script and form they are written.
func digitRuns(text string) []digitRun {
	var runs []digitRun
	var run digitRun
	var group, gap []byte
	endGroup := func(at int) {
		if len(group) > 0 {
			run.groups = append(run.groups, digitGroup{string(group), string(gap)})
			run.to = at
			group, gap = nil, nil
		}
	}
	endRun := func(at int) {
		endGroup(at)
		if len(run.groups) > 0 {
			runs = append(runs, run)
		}
		run, gap = digitRun{}, nil
	}
	at, before := 0, rune(0)
	chars := plainly(text)
	for _, r := range chars {
		d, isDigit := digitOf(r)
		s := separatorOf(r)
		switch {
		case isDigit:
			if len(group) == 0 && len(run.groups) == 0 {
				run.from, run.plus, run.letters = at, before == '+', twoLetters(chars[:at])
			}
			group = append(group, d)
		case s != 0 && (len(group) > 0 || len(run.groups) > 0):
			endGroup(at)
			if gap = append(gap, s); len(gap) > longestGap {
				endRun(at)
			}
		default:
			endRun(at)
		}
		at, before = at+1, r
	}
	endRun(at)
	return runs
}

// twoLetters are the two Latin letters that a text ends with, in capitals; "": there are
// fewer, or more.
func twoLetters(text []rune) string {
	word := text
	for len(word) > 0 && unicode.IsLetter(word[len(word)-1]) {
		word = word[:len(word)-1]
	}
	if letters := strings.ToUpper(string(text[len(word):])); len(letters) == 2 && letters[0] < 0x80 {
		return letters
	}
	return ""
}

// plainly is the characters of a text without those that nobody sees between two digits:
// invisible ones, and marks such as the box of a key cap. Full-width ones are ASCII.
func plainly(text string) []rune {
	var out []rune
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Cf, unicode.Mn, unicode.Me):
			continue
		case r >= '！' && r <= '～':
			r -= '！' - '!'
		}
		out = append(out, r)
	}
	return out
}

// digitOf is the ASCII digit that r stands for: any script's, raised, lowered or circled.
func digitOf(r rune) (byte, bool) {
	if r < 0x80 {
		return byte(r), '0' <= r && r <= '9' //nolint:gosec // ASCII
	}
	if d, ok := fancyDigits[r]; ok {
		return d, true
	}
	if !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	// The digits of a script are ten in a row, those of mathematical styles five times ten.
	zero := r
	for unicode.Is(unicode.Nd, zero-1) {
		zero--
	}
	return byte('0' + (r-zero)%10), true
}

// fancyDigits are digits that Unicode does not count as a script's.
var fancyDigits = func() map[rune]byte {
	m := map[rune]byte{}
	for _, style := range []string{"⓪①②③④⑤⑥⑦⑧⑨", "⓿❶❷❸❹❺❻❼❽❾", "🄋➀➁➂➃➄➅➆➇➈", "🄌➊➋➌➍➎➏➐➑➒", "⓪⓵⓶⓷⓸⓹⓺⓻⓼⓽", "⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉", "🄀⒈⒉⒊⒋⒌⒍⒎⒏⒐", "🄁⑴⑵⑶⑷⑸⑹⑺⑻⑼"} {
		d := byte('0')
		for _, r := range style {
			m[r] = d
			d++
		}
	}
	return m
}()

// separatorOf is the kind of a character that people put between the digits of a
// number, or 0.
func separatorOf(r rune) byte {
	switch {
	case unicode.IsSpace(r) || strings.ContainsRune("\u2800\u3164\u115F\u1160", r): // the latter are letters that look like spaces
		return ' '
	case unicode.Is(unicode.Pd, r) || r == '−':
		return '-'
	case strings.ContainsRune(".·•․。", r):
		return '.'
	case strings.ContainsRune("/_|*~,،、()[]", r):
		return '/'
	}
	return 0
}

// isTelephone reports whether digits that could be a card are rather a telephone
// number: a valid one written with +, or so short that hardly any card is.
func isTelephone(digits string, plus bool, groups int) bool {
	if len(digits) > 15 || !plus && (len(digits) > 13 || groups > 1) {
		return false
	}
	return assigned(digits)
}

// assigned reports whether digits with a + before them are a telephone number that
// can be.
func assigned(digits string) bool {
	n, err := phone.ParseE164("+" + digits)
	return err == nil && n.Check(everywhere) == nil
}

var everywhere = func() phone.Countries {
	all, err := phone.ParseCountries("*")
	if err != nil {
		panic(err) // the list is a constant and valid
	}
	return all
}()

// hasSSN looks for a US social security number: as it is printed, or any nine digits
// where the text says that they are one.
func hasSSN(text string, runs []digitRun) bool {
	chars := plainly(text)
	for _, run := range runs {
		for i := range run.groups {
			if run.printedSSN(i) {
				return true
			}
		}
		around := chars[max(0, run.from-nearby):min(len(chars), run.to+nearby)]
		if run.bareSSN() && ssnWords.MatchString(string(around)) {
			return true
		}
	}
	return false
}

// printedSSN reports whether three groups from i on are 123-45-6789, with two equal
// separators, and are not a part of a longer number.
func (r digitRun) printedSSN(i int) bool {
	g := r.groups[i:]
	if len(g) < 3 || len(g[0].digits) != 3 || len(g[1].digits) != 2 || len(g[2].digits) != 4 {
		return false
	}
	gap := g[1].gap
	if g[2].gap != gap || gap == "/" || i > 0 && g[0].gap == gap || len(g) > 3 && g[3].gap == gap {
		return false
	}
	digits := g[0].digits + g[1].digits + g[2].digits
	if !validSSN(digits) {
		return false
	}
	return !r.plus || i > 0 || !assigned(digits)
}

// bareSSN reports whether some groups that follow each other are nine digits of one
// number, other than a ZIP+4 code.
func (r digitRun) bareSSN() bool {
	for i := range r.groups {
		var digits []byte
		for j, g := range r.groups[i:] {
			if digits = append(digits, g.digits...); len(digits) > 9 {
				break
			}
			zip := j == 1 && len(g.digits) == 4 && g.gap == "-"
			if len(digits) == 9 && validSSN(string(digits)) && !zip {
				return true
			}
		}
	}
	return false
}

// validSSN tells nine digits that can be one: no area 000, 666 or 9xx, no group 00, no
// serial 0000 (https://www.ssa.gov/employer/randomization.html).
func validSSN(d string) bool {
	area := d[:3]
	return area != "000" && area != "666" && area[0] != '9' && d[3:5] != "00" && d[5:] != "0000"
}

var ssnWords = regexp.MustCompile(`(?i)\bs\.?s\.?n\b|\bssn[:#]|social[\s-]*security|\bsoc(?:ial)?\.?\s*sec\b|\bss\s*#|\bsocial\s*(?:#|no\b|number)|seguro\s+social`)

// nearby is how many characters around the digits are looked at for the words.
const nearby = 60
