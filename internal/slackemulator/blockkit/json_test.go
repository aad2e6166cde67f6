package blockkit_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/agentphone-slack/callbot/internal/slackemulator/blockkit"
)

// The JSON of a test: objects and arrays.
type (
	o = map[string]any
	a = []any
)

// with is a copy of base with the names set; a nil value takes a name away.
func with(base o, pairs ...any) o {
	out := maps.Clone(base)
	for pair := range slices.Chunk(pairs, 2) {
		name, ok := pair[0].(string)
		if !ok || len(pair) < 2 {
			panic("with: names and values come in pairs")
		}
		out[name] = pair[1]
		if pair[1] == nil {
			delete(out, name)
		}
	}
	return out
}

// times is a list of n times the same.
func times(n int, v any) a {
	list := make(a, n)
	for i := range list {
		list[i] = v
	}
	return list
}

// chars is a text of n characters, each of more than one byte.
func chars(n int) string { return strings.Repeat("é", n) }

// url is a URL of n characters.
func url(n int) string {
	const base = "https://example.com/"
	return base + strings.Repeat("a", n-len(base))
}

func plain(s string) o  { return o{"type": "plain_text", "text": s} }
func mrkdwn(s string) o { return o{"type": "mrkdwn", "text": s} }
func section(s string) o {
	return o{"type": "section", "text": mrkdwn(s)}
}
func actions(elements ...any) o { return o{"type": "actions", "elements": some(elements)} }
func accessory(element o) o     { return with(section("x"), "accessory", element) }
func input(element o) o {
	return o{"type": "input", "label": plain("Label"), "element": element}
}

func richText(elements ...any) o { return o{"type": "rich_text", "elements": elements} }
func line(elements ...any) o     { return o{"type": "rich_text_section", "elements": some(elements)} }

func option(s string) o { return o{"text": plain(s), "value": s} }

var (
	button  = o{"type": "button", "text": plain("Press"), "action_id": "press"}
	confirm = o{"title": plain("Sure?"), "text": plain("Really?"), "confirm": plain("Yes"), "deny": plain("No")}
	static  = o{"type": "static_select", "options": a{option("one"), option("two")}}
	image   = o{"type": "image", "alt_text": "A cat", "image_url": "https://example.com/cat.png"}
	video   = o{
		"type": "video", "alt_text": "A cat", "title": plain("Cat"),
		"thumbnail_url": "https://example.com/cat.png", "video_url": "https://example.com/cat",
	}
	textInput = o{"type": "plain_text_input", "action_id": "text"}
	table     = o{"type": "table", "rows": a{a{o{"type": "raw_text", "text": "x"}}}}
	feedback  = o{
		"type":            "feedback_buttons",
		"positive_button": o{"text": plain("Good"), "value": "good"},
		"negative_button": o{"text": plain("Bad"), "value": "bad"},
	}
	icon = o{"type": "icon_button", "icon": "trash", "text": plain("Delete")}
)

func modal(blocks ...any) o {
	return o{"type": "modal", "title": plain("Title"), "submit": plain("Go"), "blocks": some(blocks)}
}

func home(blocks ...any) o { return o{"type": "home", "blocks": some(blocks)} }

// some is the list, and not null where nothing is in it.
func some(list a) a { return append(a{}, list...) }

func message(blocks ...any) error { return blockkit.ValidateMessage(encode(blocks), "fallback") }
func view(v o) error              { return blockkit.ValidateView(encode(v)) }

func encode(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

// refused checks the code and that one of the messages is this one.
func refused(t *testing.T, err error, code, wanted string) {
	t.Helper()
	var e *blockkit.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *blockkit.Error %s %s", err, code, wanted)
	}
	if e.Code != code {
		t.Errorf("code = %q, want %q (%v)", e.Code, code, e.Messages)
	}
	if wanted == "" {
		if len(e.Messages) > 0 {
			t.Errorf("messages = %q, want none", e.Messages)
		}
		return
	}
	if !slices.Contains(e.Messages, "[ERROR] "+wanted) {
		t.Errorf("messages = %q, want one to be %q", e.Messages, "[ERROR] "+wanted)
	}
}
