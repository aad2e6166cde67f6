package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/slack-go/slack"
)

// message is what one slot shows.
type message struct {
	// text is what notifications and screen readers get. It is never empty, and
	// escaped: it holds no markup but our own.
	text   string
	blocks []slack.Block
	// file is sent with the message, or nil.
	file *file
	// stage tells results of different ends apart; "" for all else. See [stage].
	stage string
}

// file is a text that is too long for a message.
type file struct {
	name, title string
	content     []byte
}

// digest tells one rendering from another: it is the same exactly for messages
// that look the same in Slack.
func (m message) digest() string {
	type attached struct {
		Name, Title string
		Content     []byte
	}
	sent := struct {
		Text   string
		Blocks []slack.Block
		File   *attached
	}{Text: m.text, Blocks: m.blocks}
	if m.file != nil {
		sent.File = &attached{m.file.name, m.file.title, m.file.content}
	}
	raw, err := json.Marshal(sent)
	if err != nil { // no block of ours fails; another digest at least shows the message again
		raw = []byte(m.text + err.Error())
	}
	sum := sha256.Sum256(raw)
	return inStage(m.stage, hex.EncodeToString(sum[:16]))
}

// inStage puts a stage before a digest, and stageOf reads it there.
func inStage(stage, digest string) string {
	if stage == "" {
		return digest
	}
	return stage + ":" + digest
}

func stageOf(digest string) string {
	stage, _, found := strings.Cut(digest, ":")
	if !found {
		return ""
	}
	return stage
}

// page collects what a message shows, from the top down. Each line is written
// once and becomes both a block and a line of the fallback text, so that the two
// cannot tell different things.
type page struct {
	blocks []slack.Block
	// rich and section are not yet closed: Slack shows consecutive sections without
	// a line break, so lines that follow each other are one section.
	rich    []slack.RichTextElement
	section []slack.RichTextSectionElement
	spoken  []line
	file    *file
}

// line shows l, if it says anything.
func (p *page) line(pieces ...piece) {
	p.show(pieces)
	p.say(pieces)
}

// show is line for the eye alone.
func (p *page) show(l line) {
	elements := l.rich()
	if len(elements) == 0 {
		return
	}
	if len(p.section) > 0 {
		p.section = append(p.section, slack.NewRichTextSectionTextElement("\n", nil))
	}
	p.section = append(p.section, elements...)
}

// say is line for the fallback text alone.
func (p *page) say(l line) { p.spoken = append(p.spoken, l) }

// quote shows what somebody else wrote, line breaks and all, beside a bar that
// only a quote has. It reports whether it had to be cut to most UTF-16 units.
func (p *page) quote(text string, most int) (wasCut bool) {
	shown, wasCut := cut(visible(text), most)
	if shown == "" {
		return wasCut
	}
	p.quoted(line{{kind: theirs, text: shown}})
	p.say(line{say("“"), theirsLine(text, 900), say("”")})
	return wasCut
}

// quoted shows a quote, for the eye alone.
func (p *page) quoted(l line) {
	p.closeSection()
	p.rich = append(p.rich, &slack.RichTextQuote{Type: slack.RTEQuote, Elements: l.rich()})
}

// head shows a headline. It holds words of ours alone.
func (p *page) head(text string) {
	p.closeRich()
	p.blocks = append(p.blocks, slack.NewHeaderBlock(plain(text)))
	p.say(line{say("%s", text)})
}

// small shows a line in small grey letters. It is the only mrkdwn there is, so
// it holds pieces of ours alone.
func (p *page) small(pieces ...piece) {
	text := line(pieces).fallback(maxFallback)
	if text == "" {
		return
	}
	p.closeRich()
	object := &slack.TextBlockObject{Type: slack.MarkdownType, Text: text, Verbatim: true}
	p.blocks = append(p.blocks, slack.NewContextBlock("", object))
	p.say(pieces)
}

func (p *page) buttons(buttons ...*slack.ButtonBlockElement) {
	elements := make([]slack.BlockElement, 0, len(buttons))
	for _, b := range buttons {
		if b != nil {
			elements = append(elements, b)
		}
	}
	if len(elements) == 0 {
		return
	}
	p.closeRich()
	p.blocks = append(p.blocks, slack.NewActionBlock("", elements...))
}

func (p *page) closeSection() {
	if len(p.section) > 0 {
		p.rich = append(p.rich, slack.NewRichTextSection(p.section...))
		p.section = nil
	}
}

func (p *page) closeRich() {
	p.closeSection()
	if len(p.rich) > 0 {
		p.blocks = append(p.blocks, slack.NewRichTextBlock("", p.rich...))
		p.rich = nil
	}
}

// message is the finished page.
func (p *page) message() message {
	p.closeRich()
	return message{text: spokenText(p.spoken), blocks: p.blocks, file: p.file}
}
