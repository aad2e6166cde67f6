package bot

import (
	"fmt"
	"mime"
	"regexp"
	"strings"
)

// renderTranscript is what was said: a short one in the message, a long one as a
// text file, which also holds a summary that was too long for the result. There is
// none (false) while nothing is known to have been said.
func renderTranscript(c part) (message, bool) {
	transcript := strings.TrimSpace(c.Transcript)
	_, summaryCut := cut(visible(squeeze(c.Summary)), maxSummary)
	if transcript == "" && (!summaryCut || looking(c.Call)) {
		return message{}, false // a file cannot be edited: it waits for all that may come
	}
	var p page
	short := visible(squeeze(transcript))
	if !summaryCut && units(short) <= maxShort && strings.Count(short, "\n") < 100 {
		p.line(say("Transcript of %s to %s", c.which(), numberWords(c.Number)))
		p.quoted(speech(short))
		p.say(line{say("“"), theirsLine(transcript, 1500), say("”")})
		return p.message(), true
	}
	what := "Transcript"
	switch {
	case transcript == "":
		what = "Summary"
	case summaryCut:
		what = "Summary and transcript"
	}
	// Without the number: this stays in Slack when the file is deleted, and Slack does not
	// tell where it stands.
	p.line(say("%s of %s: see the attached text file.", what, c.which()))
	p.file = &file{
		name:    c.fileName("transcript") + ".txt",
		title:   what + ", " + numberWords(c.Number),
		content: record(c),
	}
	return p.message(), true
}

// label is a speaker at the start of a line, such as "Agent:". Times of day and
// addresses begin otherwise.
var label = regexp.MustCompile(`^\p{L}[\p{L}\p{M}\p{N} .'’()-]{0,39}:(?:\s|$)`)

// speech sets the speakers off from what they say.
func speech(text string) line {
	var l line
	for i, row := range strings.Split(text, "\n") {
		if i > 0 {
			row = "\n" + row
		}
		name := label.FindString(strings.TrimPrefix(row, "\n"))
		if name == "" {
			l = append(l, piece{kind: theirs, text: row})
			continue
		}
		head := len(row) - len(strings.TrimPrefix(row, "\n")) + len(strings.TrimRight(name, " \t"))
		l = append(l, piece{kind: theirs, text: row[:head], bold: true})
		if row[head:] != "" {
			l = append(l, piece{kind: theirs, text: row[head:]})
		}
	}
	return l
}

// squeeze takes out lines that are empty but for one between paragraphs.
func squeeze(s string) string {
	return blankLines.ReplaceAllString(strings.TrimSpace(s), "\n\n")
}

var blankLines = regexp.MustCompile(`\n[ \t\r]*(?:\n[ \t\r]*)+\n|\n[ \t\r]+\n`)

// record is all that is known of a call, as plain text to keep.
func record(c part) []byte {
	var b strings.Builder
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-10s %s\n", name+":", value)
		}
	}
	row("Call to", numberWords(c.Number))
	if c.other {
		row("Which", "the other of two calls, AgentPhone's id "+oneLine(c.ProviderID))
	}
	row("Business", unmarked(oneLine(c.Business)))
	row("Date", dateOf(c.Call))
	row("Outcome", oneLine(c.Outcome))
	if after(c.Duration).text != "" {
		row("Duration", durationWords(c.Duration))
	}
	for _, part := range []struct{ name, text string }{
		{"ASKED", c.Instruction()}, {"SUMMARY", c.Summary}, {"TRANSCRIPT", c.Transcript},
	} {
		text := quotedLines(part.text)
		if text == "" {
			text = "(none)"
		}
		fmt.Fprintf(&b, "\n%s\n\n%s\n", part.name, text)
	}
	return []byte(b.String())
}

// recordingName names the audio file of a call for its content type, such as
// "call-415-555-0132-2026-11-24.wav". It holds letters, digits, dots and dashes.
func recordingName(c part, contentType string) string {
	return c.fileName("call") + audioExtension(contentType)
}

func (p part) fileName(first string) string {
	if p.other {
		first = "other-" + first
	}
	digits := strings.FieldsFunc(numberWords(p.Number), func(r rune) bool { return r < '0' || r > '9' })
	parts := append(append([]string{first}, digits...), dateOf(p.Call))
	return strings.Join(parts, "-")
}

// audioExtension is what players know a type by; the system's table, which mime
// asks first, differs from machine to machine.
func audioExtension(contentType string) string {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = strings.ToLower(strings.TrimSpace(contentType))
	}
	switch kind {
	case "audio/wav", "audio/wave", "audio/x-wav", "audio/vnd.wave":
		return ".wav"
	case "audio/mpeg", "audio/mp3", "audio/mpeg3", "audio/x-mp3":
		return ".mp3"
	case "audio/mp4", "audio/m4a", "audio/x-m4a":
		return ".m4a"
	case "audio/aac", "audio/x-aac":
		return ".aac"
	case "audio/ogg", "audio/opus", "application/ogg":
		return ".ogg"
	case "audio/webm":
		return ".webm"
	case "audio/flac", "audio/x-flac":
		return ".flac"
	}
	return ".audio"
}
