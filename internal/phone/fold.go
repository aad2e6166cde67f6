package phone

import (
	"sort"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A sym is one character of a text as the reading sees it: ASCII, or 0 for what
// cannot be part of a number. from and to are its bytes in the text.
type sym struct {
	c        byte
	from, to int
}

// longestNumber bounds how many characters are looked at for one number: the
// longest written form, with its extension and a link around it, is below 150.
const longestNumber = 250

// fold returns the first characters of text, from byte offset at on, in the one
// form that numbers are read in. Invisible characters are left out.
func fold(text string, at int) []sym {
	syms := make([]sym, 0, 64)
	for at < len(text) && len(syms) < longestNumber {
		r, n := utf8.DecodeRuneInString(text[at:])
		if !isInvisible(r) {
			syms = append(syms, sym{foldRune(r), at, at + n})
		}
		at += n
	}
	return syms
}

// foldRune gives the ASCII character that r stands for in a number, 0 if none.
func foldRune(r rune) byte {
	switch {
	case r == utf8.RuneError:
		return 0
	case r == '\t' || isLineEnd(r):
		return '\n' // a cell's or a line's end ends a number
	case isSpace(r):
		return ' '
	case r < utf8.RuneSelf:
		return byte(r) //nolint:gosec // ASCII
	case isDash(r):
		return '-'
	case isDot(r):
		return '.'
	}
	if d, ok := digitOf(r); ok {
		return '0' + d
	}
	// Full-width, superscript, circled and mathematical forms.
	decomposed := norm.NFKC.String(string(r))
	if len(decomposed) == 1 && decomposed[0] > ' ' {
		return decomposed[0]
	}
	return 0
}

// digitOf gives the value of a decimal digit of any script. Unicode assigns them in
// runs of ten, beginning with zero (The Unicode Standard, section 4.6).
func digitOf(r rune) (byte, bool) {
	if !unicode.Is(unicode.Nd, r) {
		return 0, false
	}
	if r <= 0xFFFF {
		ranges := unicode.Nd.R16
		i := sort.Search(len(ranges), func(i int) bool { return rune(ranges[i].Hi) >= r })
		return byte((r - rune(ranges[i].Lo)) % 10), true //nolint:gosec // below 10
	}
	ranges := unicode.Nd.R32
	i := sort.Search(len(ranges), func(i int) bool { return rune(ranges[i].Hi) >= r }) //nolint:gosec // Unicode ends at 0x10FFFF
	return byte((r - rune(ranges[i].Lo)) % 10), true                                   //nolint:gosec // below 10
}

// isInvisible: zero-width and bidirectional controls, soft hyphens, variation
// selectors and the keycap that turns a digit into an emoji.
func isInvisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) ||
		r == '\u034F' || r == '\u20E3'
}

func isSpace(r rune) bool {
	return r == ' ' || r == '\u2800' || r == '\u3164' || unicode.Is(unicode.Zs, r)
}

func isLineEnd(r rune) bool {
	return r >= '\n' && r <= '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

func isDash(r rune) bool {
	return unicode.Is(unicode.Pd, r) || r == '\u2043' || r == '\u2212' || r == '\u30FC' || r == '\u02D7'
}

func isDot(r rune) bool {
	return r == '\u00B7' || r == '\u2022' || r == '\u2027' || r == '\u2219' || r == '\u22C5' || r == '\u30FB'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func lower(c byte) byte {
	if isUpper(c) {
		return c + ('a' - 'A')
	}
	return c
}

// keypad is the letters of a telephone's keys (ITU-T E.161).
const keypad = "22233344455566677778889999"

func keypadDigit(c byte) byte { return keypad[lower(c)-'a'] }
