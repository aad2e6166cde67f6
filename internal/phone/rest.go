package phone

import (
	"strings"
	"unicode/utf8"
)

// restAfter is what text holds after byte offset at, where a number has ended:
// without white space around it, without the marks that close those before the number
// (closers, the innermost first), without one separator, and without one pair of
// quotes around all of it.
func restAfter(text string, at int, closers []string) string {
	rest := text[at:]
	open := 0
	for _, closing := range closers {
		rest = strings.TrimLeftFunc(rest, isInvisible)
		mark, n := utf8.DecodeRuneInString(rest)
		if n == 0 || !strings.ContainsRune(closing, mark) {
			open++
			continue
		}
		rest = rest[n:]
	}
	rest = trimSpace(trimSeparator(rest))
	// Marks around the whole command, number included.
	for _, closing := range closers[len(closers)-open:] {
		mark, n := utf8.DecodeLastRuneInString(rest)
		if n == 0 || !strings.ContainsRune(closing, mark) || strings.ContainsRune(rest[:len(rest)-n], mark) {
			break
		}
		rest = trimSpace(rest[:len(rest)-n])
	}
	return trimQuotes(rest)
}

func trimSpace(s string) string {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return isSpace(r) || isLineEnd(r) || r == '\t' || isInvisible(r) })
	return strings.TrimRightFunc(s, func(r rune) bool { return isSpace(r) || isLineEnd(r) || r == '\t' })
}

// trimSeparator takes one comma, colon, semicolon, full stop or dash off that stands
// directly behind the number, and so belongs to how the number was written. What a
// space parts from the number is a part of what follows: "- one item" stays.
func trimSeparator(s string) string {
	trimmed := trimSpace(s)
	mark, n := utf8.DecodeRuneInString(trimmed)
	if n == 0 || !strings.HasPrefix(strings.TrimLeftFunc(s, isInvisible), trimmed[:n]) {
		return trimmed
	}
	next, width := utf8.DecodeRuneInString(trimmed[n:])
	spaced := width == 0 || isSpace(next) || isLineEnd(next) || next == '\t'
	if strings.ContainsRune(",;:，；：、،؛", mark) || isDash(mark) || strings.ContainsRune(".?!", mark) && spaced {
		return trimmed[n:]
	}
	return trimmed
}

// trimQuotes takes one pair of quotes off that stands around all of s.
func trimQuotes(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	last, m := utf8.DecodeLastRuneInString(s)
	if n == 0 || len(s) < n+m {
		return s
	}
	inner := s[n : len(s)-m]
	for _, p := range pairs {
		if p.open == string(first) && p.close == string(last) && strings.ContainsAny(p.open, "\"“„”«「'‘") &&
			!strings.Contains(inner, p.open) && !strings.Contains(inner, p.close) {
			return trimSpace(inner)
		}
	}
	return s
}
