package slackemulator

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Plain renders the message as a person reads it: all blocks, or the text where
// there are none, and the files. Mentions are names, links are "label (url)",
// dates are written out in UTC, and a button is "[ Label ]".
func (m Message) Plain() string {
	if m.e == nil {
		return ""
	}
	m.e.mu.Lock()
	defer m.e.mu.Unlock()
	p := plain{m.e, m.m.state}
	var lines []string
	if len(m.blocks) > 0 {
		lines = p.blocks(m.blocks)
	} else if m.Text != "" {
		lines = append(lines, p.mrkdwn(m.Text))
	}
	for _, f := range m.Files {
		lines = append(lines, "file: "+f.Name+" ("+f.describe()+")")
	}
	return strings.Join(lines, "\n")
}

func (f File) describe() string {
	kind, _, _ := strings.Cut(f.MIMEType, "/")
	if f.Duration > 0 {
		return fmt.Sprintf("%s, %d s", kind, int(f.Duration.Round(time.Second)/time.Second))
	}
	return fmt.Sprintf("%s, %d bytes", kind, f.Size)
}

// Plain renders the view as its person reads it, what is filled in too.
func (v View) Plain() string {
	if v.e == nil {
		return ""
	}
	v.e.mu.Lock()
	defer v.e.mu.Unlock()
	p := plain{v.e, v.values}
	var lines []string
	if v.Title != "" {
		lines = append(lines, v.Title)
	}
	lines = append(lines, p.blocks(v.blocks)...)
	var buttons []string
	for _, label := range []string{v.CloseLabel, v.SubmitLabel} {
		if label != "" {
			buttons = append(buttons, "[ "+label+" ]")
		}
	}
	if len(buttons) > 0 {
		lines = append(lines, strings.Join(buttons, " "))
	}
	return strings.Join(lines, "\n")
}

// plain renders blocks; whoever uses it holds the emulator's lock.
type plain struct {
	e     *Emulator
	state controlState
}

func (p plain) blocks(blocks []object) []string {
	var out []string
	for _, b := range blocks {
		if s := strings.TrimRight(p.block(b), " \n"); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (p plain) block(b object) string {
	switch text(b, "type") {
	case "section":
		lines := []string{}
		if t := p.textObject(sub(b, "text")); t != "" {
			lines = append(lines, t)
		}
		for _, f := range children(b, "fields") {
			lines = append(lines, p.textObject(f))
		}
		if acc, ok := b["accessory"].(object); ok {
			lines = append(lines, p.element(b, acc))
		}
		return strings.Join(lines, "\n")
	case "header":
		return p.textObject(sub(b, "text"))
	case "context", "actions", "context_actions":
		var parts []string
		for _, el := range children(b, "elements") {
			if s := p.element(b, el); s != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, " ")
	case "divider":
		return "---"
	case "image", "video":
		return "image: " + text(b, "alt_text")
	case "markdown":
		return text(b, "text")
	case "input":
		line := p.textObject(sub(b, "label")) + ": " + p.element(b, sub(b, "element"))
		if hint := p.textObject(sub(b, "hint")); hint != "" {
			line += "\n  " + hint
		}
		return line
	case "file":
		return "file: " + text(b, "external_id")
	case "rich_text":
		return p.richText(b)
	case "table":
		var rows []string
		list, _ := b["rows"].([]any)
		for _, row := range list {
			cells, _ := row.([]any)
			var parts []string
			for _, cell := range cells {
				if c, ok := cell.(object); ok {
					parts = append(parts, strings.TrimSpace(p.textObject(c)+p.richText(c)))
				}
			}
			rows = append(rows, strings.Join(parts, " | "))
		}
		return strings.Join(rows, "\n")
	}
	return "(" + text(b, "type") + ")"
}

func (p plain) textObject(t object) string {
	if text(t, "type") == "mrkdwn" { // verbatim only keeps Slack from adding links of its own
		return p.mrkdwn(text(t, "text"))
	}
	return text(t, "text")
}

func (p plain) element(block, el object) string {
	switch text(el, "type") {
	case "mrkdwn", "plain_text":
		return p.textObject(el)
	case "image":
		return "image: " + text(el, "alt_text")
	case "button", "workflow_button":
		return "[ " + text(sub(el, "text"), "text") + " ]"
	case "overflow":
		return "[ ... " + strings.Join(labels(el), " / ") + " ]"
	case "":
		return ""
	}
	shown := p.shownValue(p.state.value(block, el))
	switch {
	case shown != "":
	case len(optionsOf(el)) > 0:
		shown = strings.Join(labels(el), " / ")
	default:
		shown = text(sub(el, "placeholder"), "text")
	}
	return "[ " + shown + " ]"
}

func labels(el object) []string {
	var out []string
	for _, o := range optionsOf(el) {
		out = append(out, text(sub(o, "text"), "text"))
	}
	return out
}

func (p plain) shownValue(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if a := p.e.accounts[v]; a != nil {
			return "@" + a.name
		}
		if c := p.e.conversations[v]; c != nil {
			return c.label(p.e)
		}
		return v
	case json.Number: // as an app sent it, and the next as somebody picked it
		return p.shownValue(number(v))
	case int64:
		return time.Unix(v, 0).UTC().Format("2006-01-02 15:04 UTC")
	case object:
		if text(v, "type") == "rich_text" {
			return p.richText(v)
		}
		return text(sub(v, "text"), "text")
	case []any:
		var parts []string
		for _, item := range v {
			parts = append(parts, p.shownValue(item))
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v)
}

func (p plain) richText(b object) string {
	var lines []string
	for _, el := range children(b, "elements") {
		switch text(el, "type") {
		case "rich_text_list":
			for i, item := range children(el, "elements") {
				bullet := "- "
				if text(el, "style") == "ordered" {
					bullet = strconv.Itoa(i+1) + ". "
				}
				lines = append(lines, bullet+p.inline(item))
			}
		case "rich_text_quote":
			lines = append(lines, "> "+strings.ReplaceAll(p.inline(el), "\n", "\n> "))
		default:
			lines = append(lines, p.inline(el))
		}
	}
	return strings.Join(lines, "\n")
}

func (p plain) inline(section object) string {
	var out strings.Builder
	for _, el := range children(section, "elements") {
		switch text(el, "type") {
		case "text", "color":
			out.WriteString(text(el, "text") + text(el, "value"))
		case "link":
			out.WriteString(linkText(text(el, "url"), text(el, "text")))
		case "user":
			out.WriteString("@" + p.e.nameOf(text(el, "user_id")))
		case "channel":
			out.WriteString(p.channel(text(el, "channel_id"), ""))
		case "usergroup":
			out.WriteString(p.group(text(el, "usergroup_id"), ""))
		case "broadcast":
			out.WriteString("@" + text(el, "range"))
		case "emoji":
			out.WriteString(":" + text(el, "name") + ":")
		case "date":
			if n, err := strconv.ParseInt(fmt.Sprint(el["timestamp"]), 10, 64); err == nil {
				out.WriteString(formatDate(n, text(el, "format")))
			}
		}
	}
	return out.String()
}

func (p plain) channel(id, label string) string {
	if c := p.e.conversations[id]; c != nil {
		return c.label(p.e)
	}
	return "#" + label
}

func (p plain) group(id, label string) string {
	if g := p.e.groups[id]; g != nil {
		return "@" + g.handle
	}
	return "@" + strings.TrimPrefix(label, "@")
}

var (
	anglePattern = regexp.MustCompile(`<([^<>]+)>`)
	bold         = regexp.MustCompile(`(^|[\s(>])\*([^*\n]+)\*`)
	italic       = regexp.MustCompile(`(^|[\s(>])_([^_\n]+)_($|[\s.,:;!?)])`)
	strike       = regexp.MustCompile(`(^|[\s(])~([^~\n]+)~`)
	code         = regexp.MustCompile("`+([^`]+)`+")
)

// mrkdwn resolves Slack's markup: https://docs.slack.dev/messaging/formatting-message-text
func (p plain) mrkdwn(s string) string {
	s = bold.ReplaceAllString(s, "$1$2")
	s = italic.ReplaceAllString(s, "$1$2$3")
	s = strike.ReplaceAllString(s, "$1$2")
	s = code.ReplaceAllString(s, "$1")
	s = anglePattern.ReplaceAllStringFunc(s, func(hit string) string {
		what, label, _ := strings.Cut(hit[1:len(hit)-1], "|")
		switch {
		case strings.HasPrefix(what, "@"):
			return "@" + p.e.nameOf(what[1:])
		case strings.HasPrefix(what, "#"):
			return p.channel(what[1:], label)
		case strings.HasPrefix(what, "!subteam^"):
			return p.group(strings.TrimPrefix(what, "!subteam^"), label)
		case strings.HasPrefix(what, "!date^"):
			parts := strings.SplitN(what, "^", 4)
			n, err := strconv.ParseInt(parts[1], 10, 64)
			if err != nil || len(parts) < 3 {
				return label
			}
			return formatDate(n, parts[2])
		case strings.HasPrefix(what, "!"):
			return "@" + what[1:]
		}
		return linkText(what, label)
	})
	return unescape(s)
}

// linkText writes a link; a label that only repeats the address stands alone.
func linkText(url, label string) string {
	bare := strings.TrimPrefix(strings.TrimPrefix(url, "mailto:"), "tel:")
	if label == "" || label == url || label == bare {
		return bare
	}
	return label + " (" + bare + ")"
}

// formatDate fills in the tokens of a date format, in UTC.
func formatDate(unix int64, format string) string {
	t := time.Unix(unix, 0).UTC()
	return strings.NewReplacer(
		"{date_num}", t.Format("2006-01-02"), "{date}", t.Format("January 2, 2006"),
		"{date_short}", t.Format("Jan 2, 2006"), "{date_long}", t.Format("Monday, January 2, 2006"),
		"{date_pretty}", t.Format("January 2, 2006"), "{date_short_pretty}", t.Format("Jan 2, 2006"),
		"{date_long_pretty}", t.Format("Monday, January 2, 2006"), "{date_slash}", t.Format("01/02/2006"),
		"{day_divider_pretty}", t.Format("Monday, January 2"), "{time}", t.Format("15:04 UTC"),
		"{time_secs}", t.Format("15:04:05 UTC"), "{ago}", t.Format("2006-01-02 15:04 UTC"),
	).Replace(format)
}
