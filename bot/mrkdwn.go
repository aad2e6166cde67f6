package bot

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/slack-go/slack"
	"golang.org/x/text/unicode/bidi"

	"github.com/agentphone-slack/callbot/internal/call"
)

// Bounds in UTF-16 units, which is how the strictest of Slack's counters measure.
// The most that a card can hold is the sum of them and stays below 8,000, beyond
// which Slack may refuse a message (msg_blocks_too_long); see the test of limits.
const (
	maxObjective = 2 * call.MaxObjective
	maxBusiness  = 2 * call.MaxBusiness
	maxWebsite   = 2 * call.MaxWebsite
	maxWords     = 500  // the provider's words beside a reason
	maxSummary   = 3000 // of a result; all of it is in the transcript's file
	maxShort     = 2500 // the longest transcript that is shown in a message
	maxFallback  = 3000 // chat.update refuses 4,000
	maxElement   = 3000 // no documented limit; that of a text object
)

// kind is whose words a piece holds, and so how it is shown.
type kind int

const (
	ours      kind = iota // a part of our sentence
	theirs                // words of a person, the called party or the provider: inert everywhere
	person                // a mention; text is the user's id
	userGroup             // a mention of a group of users; text is its id
	channel               // a mention; text is the channel's id
	moment                // a time in the reader's zone; text is Slack's format of it
	link                  // to a message in Slack; text is its address, which is ours
)

// piece is a part of a line.
type piece struct {
	kind kind
	text string
	bold bool
	at   time.Time
}

// linkWords are what a link reads as.
const linkWords = "its card"

type line []piece

func say(format string, args ...any) piece {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	return piece{kind: ours, text: format}
}

func strong(text string) piece { return piece{kind: ours, text: text, bold: true} }

// theirsLine is somebody's words on one line of ours, cut to most UTF-16 units.
func theirsLine(text string, most int) piece {
	short, _ := cut(unmarked(oneLine(text)), most)
	return piece{kind: theirs, text: isolate(short)}
}

// mention is a person; somebody without a usable id is "someone".
func mention(id call.UserID) piece {
	if !slackID.MatchString(string(id)) {
		return say("someone")
	}
	return piece{kind: person, text: string(id)}
}

// slackID is the form of Slack's ids; nothing else may stand inside <@…> or <#…>.
var slackID = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,30}$`)

// clock is "at 4:12 PM" in the zone of whoever reads it, with the day if it is far
// from now. Slack capitalises the first word of a formatted date, so no format
// starts with one.
func clock(at, now time.Time) line {
	if d := at.Sub(now); d > 12*time.Hour || d < -12*time.Hour {
		return line{say("on "), {kind: moment, text: "{date_short} at {time}", at: at}}
	}
	return line{say("at "), {kind: moment, text: "{time}", at: at}}
}

func (p piece) momentFallback() string {
	if strings.Contains(p.text, "date") {
		return p.at.UTC().Format("Jan 2, 2006 at 3:04 PM") + " UTC"
	}
	return p.at.UTC().Format("3:04 PM") + " UTC"
}

// rich is the line as elements that Slack takes literally: what stands in a text
// element is never parsed for mentions, links, emoji or formatting
// (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block).
func (l line) rich() []slack.RichTextSectionElement {
	var out []slack.RichTextSectionElement
	for _, p := range l {
		switch p.kind {
		case person:
			out = append(out, slack.NewRichTextSectionUserElement(p.text, nil))
		case userGroup:
			out = append(out, slack.NewRichTextSectionUserGroupElement(p.text))
		case channel:
			out = append(out, slack.NewRichTextSectionChannelElement(p.text, nil))
		case moment:
			fallback := p.momentFallback()
			out = append(out, slack.NewRichTextSectionDateElement(p.at.Unix(), p.text, nil, &fallback))
		case link:
			out = append(out, slack.NewRichTextSectionLinkElement(p.text, linkWords, nil))
		case ours, theirs:
			var style *slack.RichTextSectionTextStyle
			if p.bold {
				style = &slack.RichTextSectionTextStyle{Bold: true}
			}
			for rest := p.text; rest != ""; {
				head := prefix(rest, maxElement)
				out = append(out, slack.NewRichTextSectionTextElement(head, style))
				rest = rest[len(head):]
			}
		}
	}
	return out
}

// fallback is the line as mrkdwn of at most most characters.
func (l line) fallback(most int) string {
	var b strings.Builder
	for _, p := range l {
		most -= p.writeFallback(&b, most)
	}
	return b.String()
}

// spokenText is the fallback text of lines. What does not fit is left out from
// the end; an escape or a mention is never cut in two.
func spokenText(lines []line) string {
	var b strings.Builder
	left := maxFallback
	for _, l := range lines {
		text := l.fallback(left - 1)
		if text == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
			left--
		}
		b.WriteString(text)
		left -= units(text)
	}
	return b.String()
}

// writeFallback writes the piece if at least a part of it fits, and returns how
// many UTF-16 units it took.
func (p piece) writeFallback(b *strings.Builder, most int) int {
	switch p.kind {
	case person:
		return writeWhole(b, "<@"+p.text+">", most)
	case userGroup:
		return writeWhole(b, "<!subteam^"+p.text+">", most)
	case channel:
		return writeWhole(b, "<#"+p.text+">", most)
	case moment:
		return writeWhole(b, fmt.Sprintf("<!date^%d^%s|%s>", p.at.Unix(), p.text, p.momentFallback()), most)
	case link:
		return writeWhole(b, "<"+escape(p.text)+"|"+linkWords+">", most)
	case ours:
		return writeEscaped(b, p.text, most)
	case theirs:
		inner, isolated := strings.CutPrefix(strings.TrimSuffix(p.text, popIsolate), firstStrong)
		if !isolated {
			return writeEscaped(b, unformatted(p.text), most)
		}
		if most < 4 {
			return 0
		}
		b.WriteString(firstStrong)
		n := writeEscaped(b, unformatted(inner), most-2)
		b.WriteString(popIsolate)
		return n + 2
	}
	return 0
}

// withoutEmoji breaks the codes that Slack would turn into emoji, such as a green
// check mark. The second time is for codes that share a colon with the one before.
func withoutEmoji(s string) string {
	for range 2 {
		s = emojiCode.ReplaceAllString(s, ":\u200b$1:")
	}
	return s
}

var emojiCode = regexp.MustCompile(`:([a-zA-Z0-9_+'-]+):`)

func writeWhole(b *strings.Builder, s string, most int) int {
	if units(s) > most {
		return 0
	}
	b.WriteString(s)
	return units(s)
}

func writeEscaped(b *strings.Builder, s string, most int) int {
	n := 0
	for _, r := range s {
		e := escape(string(r))
		if n+units(e) > most-1 { // one for the ellipsis
			if n < most {
				b.WriteString("…")
				n++
			}
			return n
		}
		b.WriteString(e)
		n += units(e)
	}
	return n
}

// escape makes text mean itself in mrkdwn
// (https://docs.slack.dev/messaging/formatting-message-text#escaping).
func escape(s string) string { return escaper.Replace(s) }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// hiddenMark stands where characters are that nobody can see, but that the voice
// agent would read.
const hiddenMark = '▯'

// visible is text as it can be shown to somebody who decides on it: the line
// breaks of every system are one kind, and each run of characters that cannot be
// seen, or that change the order of what is seen, is a mark. Nothing else changes.
func visible(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	var b strings.Builder
	before := rune(0)
	for _, r := range s {
		switch {
		case isBreak(r):
			r = '\n'
		case isHidden(r):
			r = hiddenMark
			if before == hiddenMark {
				continue
			}
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

// hides reports whether text holds characters that nobody can see.
func hides(s string) bool { return strings.ContainsFunc(s, isHidden) }

func isBreak(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// isHidden leaves alone what writing needs: the joiners of emoji, Persian and
// Indic scripts, the variation selectors of emoji, and the marks of direction,
// which do not reorder other people's words.
func isHidden(r rune) bool {
	switch {
	case r == '\t' || isBreak(r):
		return false
	case r == '\u200C' || r == '\u200D' || isDirectionMark(r):
		return false
	case r == '\u2800' || r == '\u3164' || r == '\u115F' || r == '\u1160' || r == '\uFFA0': // blank letters
		return true
	case r >= 0xE0100 && r <= 0xE01EF: // variation selectors that no emoji has
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

func isDirectionMark(r rune) bool { return r == '\u200E' || r == '\u200F' || r == '\u061C' }

// oneLine is text on one line.
func oneLine(s string) string {
	var b strings.Builder
	for _, r := range visible(s) {
		switch {
		case isDirectionMark(r):
		case r == '\n' || r == '\t' || unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// What stands between these does not reorder what stands around it
// (https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates).
const (
	firstStrong = "\u2068"
	popIsolate  = "\u2069"
)

// isolate keeps right-to-left words from reordering the rest of our line.
func isolate(s string) string {
	for _, r := range s {
		p, _ := bidi.LookupRune(r)
		if c := p.Class(); c == bidi.R || c == bidi.AL {
			return firstStrong + s + popIsolate
		}
	}
	return s
}

// cut shortens s to at most most UTF-16 units, the last of them an ellipsis if
// something is missing.
func cut(s string, most int) (string, bool) {
	if units(s) <= most {
		return s, false
	}
	return prefix(s, most-1) + "…", true
}

// prefix is the longest beginning of s with at most most UTF-16 units; at least
// one character.
func prefix(s string, most int) string {
	n := 0
	for i, r := range s {
		n += utf16.RuneLen(r)
		if n > most && i > 0 {
			return s[:i]
		}
	}
	return s
}

// units is the length of s in UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
