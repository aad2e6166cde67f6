package blockkit_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/agentphone-slack/callbot/internal/slackemulator/blockkit"
)

// What is said when a limit is passed.
const (
	tooLong  = "must be less than %d characters [json-pointer:%s]"
	tooMany  = "no more than %d items allowed [json-pointer:%s]"
	tooGreat = "must be less than %d [json-pointer:%s]"
)

// limitCases validates, for each row of the limits, something that is n big.
var limitCases = map[string]struct {
	code   string
	format string // of the message, with the limit and the pointer; empty: see said
	at     string
	said   string
	try    func(n int) error
}{
	"messageBlocks":     {"invalid_blocks", tooMany, "/blocks", "", func(n int) error { return message(times(n, o{"type": "divider"})...) }},
	"viewBlocks":        {"invalid_arguments", tooMany, "/view/blocks", "", func(n int) error { return view(home(times(n, o{"type": "divider"})...)) }},
	"messageText":       {"msg_too_long", "", "", "", func(n int) error { return blockkit.ValidateMessage(nil, chars(n)) }},
	"messageBlocksText": {"msg_blocks_too_long", "", "", "", func(n int) error { return message(ofText(n)...) }},
	"viewBytes": {"view_too_large", "", "", "", func(n int) error {
		v := encode(home(section("x")))
		return blockkit.ValidateView(append(v, strings.Repeat(" ", n-len(v))...))
	}},

	"blockID":  {"invalid_blocks", tooLong, "/blocks/0/block_id", "", func(n int) error { return message(with(section("x"), "block_id", chars(n))) }},
	"actionID": {"invalid_blocks", tooLong, "/blocks/0/elements/0/action_id", "", func(n int) error { return message(actions(with(button, "action_id", chars(n)))) }},

	"text":                   {"invalid_blocks", tooLong, "/blocks/0/elements/0/text", "", func(n int) error { return message(o{"type": "context", "elements": a{mrkdwn(chars(n))}}) }},
	"sectionText":            {"invalid_blocks", tooLong, "/blocks/0/text/text", "", func(n int) error { return message(section(chars(n))) }},
	"sectionFields":          {"invalid_blocks", tooMany, "/blocks/0/fields", "", func(n int) error { return message(o{"type": "section", "fields": times(n, plain("x"))}) }},
	"sectionField":           {"invalid_blocks", tooLong, "/blocks/0/fields/0/text", "", func(n int) error { return message(o{"type": "section", "fields": a{plain(chars(n))}}) }},
	"headerText":             {"invalid_blocks", tooLong, "/blocks/0/text/text", "", func(n int) error { return message(o{"type": "header", "text": plain(chars(n))}) }},
	"headerLevel":            {"invalid_blocks", tooGreat, "/blocks/0/level", "", func(n int) error { return message(o{"type": "header", "text": plain("x"), "level": n}) }},
	"markdownText":           {"invalid_blocks", tooLong, "/blocks/0/text", "", func(n int) error { return message(o{"type": "markdown", "text": chars(n)}) }},
	"actionsElements":        {"invalid_blocks", tooMany, "/blocks/0/elements", "", func(n int) error { return message(actions(times(n, with(button, "action_id", nil))...)) }},
	"contextElements":        {"invalid_blocks", tooMany, "/blocks/0/elements", "", func(n int) error { return message(o{"type": "context", "elements": times(n, plain("x"))}) }},
	"contextActionsElements": {"invalid_blocks", tooMany, "/blocks/0/elements", "", func(n int) error { return message(o{"type": "context_actions", "elements": times(n, icon)}) }},
	"imageAltText":           {"invalid_blocks", tooLong, "/blocks/0/alt_text", "", func(n int) error { return message(with(image, "alt_text", chars(n))) }},
	"imageTitle":             {"invalid_blocks", tooLong, "/blocks/0/title/text", "", func(n int) error { return message(with(image, "title", plain(chars(n)))) }},
	"imageURL":               {"invalid_blocks", tooLong, "/blocks/0/image_url", "", func(n int) error { return message(with(image, "image_url", url(n))) }},
	"inputLabel":             {"invalid_arguments", tooLong, "/view/blocks/0/label/text", "", func(n int) error { return view(modal(with(input(textInput), "label", plain(chars(n))))) }},
	"inputHint":              {"invalid_arguments", tooLong, "/view/blocks/0/hint/text", "", func(n int) error { return view(modal(with(input(textInput), "hint", plain(chars(n))))) }},
	"videoTitle":             {"invalid_blocks", tooLong, "/blocks/0/title/text", "", func(n int) error { return message(with(video, "title", plain(chars(n)))) }},
	"videoDescription":       {"invalid_blocks", tooLong, "/blocks/0/description/text", "", func(n int) error { return message(with(video, "description", plain(chars(n)))) }},
	"videoAuthorName":        {"invalid_blocks", tooLong, "/blocks/0/author_name", "", func(n int) error { return message(with(video, "author_name", chars(n))) }},
	"tableRows": {"invalid_blocks", tooMany, "/blocks/0/rows", "", func(n int) error {
		return message(with(table, "rows", times(n, a{o{"type": "raw_text", "text": "x"}})))
	}},
	"tableCells": {"invalid_blocks", tooMany, "/blocks/0/rows/0", "", func(n int) error {
		return message(with(table, "rows", a{times(n, o{"type": "raw_text", "text": "x"})}))
	}},
	"tableColumnSettings": {"invalid_blocks", tooMany, "/blocks/0/column_settings", "", func(n int) error { return message(with(table, "column_settings", times(n, nil))) }},
	"tableCount":          {"invalid_blocks", "", "", "only_one_table_allowed [json-pointer:/blocks/1]", func(n int) error { return message(times(n, table)...) }},
	"richTextBorder": {"invalid_blocks", tooGreat, "/blocks/0/elements/0/border", "", func(n int) error {
		return message(richText(o{"type": "rich_text_quote", "border": n, "elements": a{}}))
	}},
	"richTextIndent": {"invalid_blocks", tooGreat, "/blocks/0/elements/0/indent", "", func(n int) error {
		return message(richText(o{"type": "rich_text_list", "style": "bullet", "indent": n, "elements": a{}}))
	}},

	"buttonText":         {"invalid_blocks", tooLong, "/blocks/0/elements/0/text/text", "", func(n int) error { return message(actions(with(button, "text", plain(chars(n))))) }},
	"buttonValue":        {"invalid_blocks", tooLong, "/blocks/0/elements/0/value", "", func(n int) error { return message(actions(with(button, "value", chars(n)))) }},
	"buttonURL":          {"invalid_blocks", tooLong, "/blocks/0/elements/0/url", "", func(n int) error { return message(actions(with(button, "url", url(n)))) }},
	"accessibilityLabel": {"invalid_blocks", tooLong, "/blocks/0/elements/0/accessibility_label", "", func(n int) error { return message(actions(with(button, "accessibility_label", chars(n)))) }},
	"placeholder":        {"invalid_blocks", tooLong, "/blocks/0/elements/0/placeholder/text", "", func(n int) error { return message(actions(with(static, "placeholder", plain(chars(n))))) }},

	"optionText": {"invalid_blocks", tooLong, "/blocks/0/elements/0/options/0/text/text", "", func(n int) error {
		return message(actions(options("static_select", with(option("x"), "text", plain(chars(n))))))
	}},
	"optionValue": {"invalid_blocks", tooLong, "/blocks/0/elements/0/options/0/value", "", func(n int) error {
		return message(actions(options("static_select", with(option("x"), "value", chars(n)))))
	}},
	"optionDescription": {"invalid_blocks", tooLong, "/blocks/0/elements/0/options/0/description/text", "", func(n int) error {
		return message(actions(options("static_select", with(option("x"), "description", plain(chars(n))))))
	}},
	"optionURL":     {"invalid_blocks", tooLong, "/blocks/0/elements/0/options/0/url", "", func(n int) error { return message(actions(options("overflow", with(option("x"), "url", url(n))))) }},
	"selectOptions": {"invalid_blocks", tooMany, "/blocks/0/elements/0/options", "", func(n int) error { return message(actions(options("static_select", times(n, option("x"))...))) }},
	"optionGroups": {"invalid_blocks", tooMany, "/blocks/0/elements/0/option_groups", "", func(n int) error {
		return message(actions(o{"type": "static_select", "option_groups": times(n, o{"label": plain("g"), "options": a{option("x")}})}))
	}},
	"groupOptions": {"invalid_blocks", tooMany, "/blocks/0/elements/0/option_groups/0/options", "", func(n int) error {
		return message(actions(o{"type": "static_select", "option_groups": a{o{"label": plain("g"), "options": times(n, option("x"))}}}))
	}},
	"groupLabel": {"invalid_blocks", tooLong, "/blocks/0/elements/0/option_groups/0/label/text", "", func(n int) error {
		return message(actions(o{"type": "static_select", "option_groups": a{o{"label": plain(chars(n)), "options": a{option("x")}}}}))
	}},
	"overflowOptions":   {"invalid_blocks", tooMany, "/blocks/0/elements/0/options", "", func(n int) error { return message(actions(options("overflow", times(n, option("x"))...))) }},
	"checkboxesOptions": {"invalid_blocks", tooMany, "/blocks/0/elements/0/options", "", func(n int) error { return message(actions(options("checkboxes", times(n, option("x"))...))) }},
	"radioOptions":      {"invalid_blocks", tooMany, "/blocks/0/elements/0/options", "", func(n int) error { return message(actions(options("radio_buttons", times(n, option("x"))...))) }},

	"confirmTitle": {"invalid_blocks", tooLong, "/blocks/0/elements/0/confirm/title/text", "", func(n int) error {
		return message(actions(with(button, "confirm", with(confirm, "title", plain(chars(n))))))
	}},
	"confirmText": {"invalid_blocks", tooLong, "/blocks/0/elements/0/confirm/text/text", "", func(n int) error {
		return message(actions(with(button, "confirm", with(confirm, "text", mrkdwn(chars(n))))))
	}},
	"confirmButton": {"invalid_blocks", tooLong, "/blocks/0/elements/0/confirm/deny/text", "", func(n int) error {
		return message(actions(with(button, "confirm", with(confirm, "deny", plain(chars(n))))))
	}},

	"inputInitialValue": {"invalid_arguments", tooLong, "/view/blocks/0/element/initial_value", "", func(n int) error { return view(modal(input(with(textInput, "initial_value", chars(n))))) }},
	"inputMinLength":    {"invalid_arguments", tooGreat, "/view/blocks/0/element/min_length", "", func(n int) error { return view(modal(input(with(textInput, "min_length", n)))) }},
	"inputMaxLength":    {"invalid_arguments", tooGreat, "/view/blocks/0/element/max_length", "", func(n int) error { return view(modal(input(with(textInput, "max_length", n)))) }},
	"inputFiles":        {"invalid_arguments", tooGreat, "/view/blocks/0/element/max_files", "", func(n int) error { return view(modal(input(o{"type": "file_input", "max_files": n}))) }},
	"focusOnLoad": {"invalid_arguments", "", "", "only one element can have `focus_on_load` set to true [json-pointer:/view/blocks/1/element/focus_on_load]", func(n int) error {
		return view(modal(times(n, input(with(textInput, "focus_on_load", true)))...))
	}},

	"viewTitle":           {"invalid_arguments", tooLong, "/view/title/text", "", func(n int) error { return view(with(modal(), "title", plain(chars(n)))) }},
	"viewSubmit":          {"invalid_arguments", tooLong, "/view/submit/text", "", func(n int) error { return view(with(modal(), "submit", plain(chars(n)))) }},
	"viewClose":           {"invalid_arguments", tooLong, "/view/close/text", "", func(n int) error { return view(with(modal(), "close", plain(chars(n)))) }},
	"viewPrivateMetadata": {"invalid_arguments", tooLong, "/view/private_metadata", "", func(n int) error { return view(with(modal(), "private_metadata", chars(n))) }},
	"viewCallbackID":      {"invalid_arguments", tooLong, "/view/callback_id", "", func(n int) error { return view(with(modal(), "callback_id", chars(n))) }},
	"viewExternalID":      {"invalid_arguments", tooLong, "/view/external_id", "", func(n int) error { return view(with(home(), "external_id", chars(n))) }},
}

// options is an element of the type with these options.
func options(kind string, list ...any) o { return o{"type": kind, "options": list} }

// ofText is blocks with n characters of text in sum, of several kinds.
func ofText(n int) a {
	blocks := a{
		richText(line(o{"type": "text", "text": chars(1000)})),
		actions(with(button, "text", plain(chars(50)))),
	}
	for n -= 1050; n > 3000; n -= 3000 {
		blocks = append(blocks, section(chars(3000)))
	}
	return append(blocks, section(chars(n)))
}

// TestLimits takes what is as big as the limit and refuses one more, for every
// row there is.
func TestLimits(t *testing.T) {
	rows := blockkit.LimitRows()
	sources := blockkit.LimitSources()
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		t.Run(name, func(t *testing.T) {
			tt, ok := limitCases[name]
			if !ok {
				t.Fatal("no case for this limit")
			}
			if !strings.HasPrefix(sources[name], "https://") {
				t.Errorf("source = %q, want a URL", sources[name])
			}
			limit := rows[name]
			if err := tt.try(limit); err != nil {
				t.Errorf("at %d: %v", limit, err)
			}
			said := tt.said
			switch tt.format {
			case tooMany:
				said = fmt.Sprintf(tt.format, limit, tt.at)
			case tooLong, tooGreat:
				said = fmt.Sprintf(tt.format, limit+1, tt.at)
			}
			refused(t, tt.try(limit+1), tt.code, said)
		})
	}
	for name := range limitCases {
		if _, ok := rows[name]; !ok {
			t.Errorf("case %q is of no limit", name)
		}
	}
}
