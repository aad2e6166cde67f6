package bot

import (
	"regexp"
	"strings"
	"unicode"
)

// Words of others stay words wherever they stand: they format nothing, link to nothing,
// and begin no line that looks like one of ours.

// unformatted is somebody's text without what mrkdwn would make more of than text. In
// blocks nothing of it is needed; what they fall back to, and what is answered to one
// person alone, is mrkdwn.
func unformatted(s string) string {
	s = lookalike.Replace(withoutEmoji(s))
	s = underscore.ReplaceAllString(s, "$1＿")
	s = strings.ReplaceAll(s, "://", ":\u200b//")
	for range 2 { // the second time is for dots that share a word
		s = domain.ReplaceAllString(s, "$1.\u200b$2")
	}
	return s
}

// lookalike replaces what begins and ends bold, struck out and code.
var lookalike = strings.NewReplacer("*", "∗", "~", "∼", "`", "ˋ")

var (
	// underscore is one that can begin italics: those inside and behind a word cannot.
	underscore = regexp.MustCompile(`(^|[^\pL\pN])_+`)
	// domain is an address as Slack links it without being asked to.
	domain = regexp.MustCompile(`(\pL)\.(\pL{2,})`)
)

// answerText is a sentence of ours as mrkdwn. It may repeat a little of what was typed.
func answerText(sentence string) string {
	sentence = oneLine(sentence)
	text := unformatted(sentence)
	if strings.Count(sentence, "*") == 1 { // alone it formats nothing, and star codes keep theirs
		text = strings.Replace(text, "∗", "*", 1)
	}
	return escape(text)
}

// address is where something is at the provider, as a link that may be followed. What
// is no plain address is only words.
func address(text string, most int) piece {
	if units(text) > most || !plainAddress.MatchString(text) {
		return theirsLine(text, most)
	}
	return say("%s", text)
}

var plainAddress = regexp.MustCompile(`^https?://[a-zA-Z0-9.-]+(?::[0-9]+)?/[a-zA-Z0-9/._?=&%+-]*$`)

// named is somebody's name for a business in a line of ours: in quotes if it could be
// read as going on with the line.
func named(name string, most int) line {
	p := theirsLine(name, most)
	if !strings.ContainsFunc(p.text, func(r rune) bool { return unicode.IsDigit(r) || strings.ContainsRune(",:;@|()[]•“”„\"", r) }) {
		return line{p}
	}
	p.text = strings.NewReplacer("“", "'", "”", "'", "„", "'", "\"", "'").Replace(p.text)
	return line{say("“"), p, say("”")}
}

// unmarked is somebody's text without the marks that lines of ours begin with or are
// divided by, so that no name looks like an outcome or an approval.
func unmarked(s string) string {
	return divider.ReplaceAllString(ourMarks.ReplaceAllString(s, "•"), " - ")
}

// ourMarks are the marks of outcomes and of progress, and those that look like them.
var ourMarks = regexp.MustCompile(`[✓✔√✅☑🗸🗹✗✘✕✖❌❎☒◐◑⚠→➔➜➡]`)

// divider stands between the parts of our lines; inside a word it is a letter's.
var divider = regexp.MustCompile(` [·‧∙⋅・] `)

// quotedLines is somebody's text in a plain text file: what can be seen of it, each
// line set in, so that what begins at the margin is ours.
func quotedLines(text string) string {
	rows := strings.Split(strings.TrimSpace(visible(text)), "\n")
	for i, row := range rows {
		if row = strings.TrimRight(row, " \t"); row != "" {
			row = "  " + row
		}
		rows[i] = row
	}
	return strings.Join(rows, "\n")
}
