package blockkit_test

import (
	"encoding/json"
	"testing"

	"github.com/agentphone-slack/callbot/internal/slackemulator/blockkit"
)

// blockRules are looked at as the only block of a message: one that is taken,
// one that is not, and what is said about it.
var blockRules = []struct {
	name     string
	accepted o
	refused  o
	said     string
}{
	{"known type", section("x"), with(section("x"), "type", "paragraph"), "unsupported type: paragraph [json-pointer:/blocks/0/type]"},
	{"type missing", section("x"), with(section("x"), "type", nil), "missing required field: type [json-pointer:/blocks/0]"},
	{"type is a string", section("x"), with(section("x"), "type", 1), "must provide a string [json-pointer:/blocks/0/type]"},
	{"unknown field", section("x"), with(section("x"), "colour", "red"), "invalid additional property: colour [json-pointer:/blocks/0]"},
	{"null is not a value", section("x"), with(section("x"), "accessory", json.RawMessage("null")), "must provide an object [json-pointer:/blocks/0/accessory]"},

	{"section needs text or fields", o{"type": "section", "fields": a{plain("x")}}, o{"type": "section"}, "must define either `text` or `fields` [json-pointer:/blocks/0/type]"},
	{"section fields not empty", o{"type": "section", "fields": a{plain("x")}}, o{"type": "section", "fields": a{}}, "no less than 1 items allowed [json-pointer:/blocks/0/fields]"},
	{"section text is an object", section("x"), o{"type": "section", "text": "x"}, "must provide an object [json-pointer:/blocks/0/text]"},
	{"section expand", with(section("x"), "expand", true), with(section("x"), "expand", "yes"), "must provide a boolean [json-pointer:/blocks/0/expand]"},
	{"empty text", section(" "), section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"},
	{"both schemas named first", section("x"), section(""), "failed to match all allowed schemas [json-pointer:/blocks/0/text]"},
	{"text type", section("x"), o{"type": "section", "text": with(plain("x"), "type", "markdown")}, "unsupported type: markdown [json-pointer:/blocks/0/text/type]"},
	{"emoji is for plain_text", o{"type": "section", "text": with(plain("x"), "emoji", true)}, o{"type": "section", "text": with(mrkdwn("x"), "emoji", true)}, "invalid additional property: emoji [json-pointer:/blocks/0/text]"},
	{"verbatim is for mrkdwn", o{"type": "section", "text": with(mrkdwn("x"), "verbatim", true)}, o{"type": "section", "text": with(plain("x"), "verbatim", true)}, "invalid additional property: verbatim [json-pointer:/blocks/0/text]"},
	{"accessory fits a section", accessory(button), accessory(textInput), "unsupported type: plain_text_input [json-pointer:/blocks/0/accessory/type]"},
	{"datetimepicker fits no section", actions(o{"type": "datetimepicker"}), accessory(o{"type": "datetimepicker"}), "unsupported type: datetimepicker [json-pointer:/blocks/0/accessory/type]"},

	{"divider holds nothing", o{"type": "divider", "block_id": "d"}, o{"type": "divider", "text": plain("x")}, "invalid additional property: text [json-pointer:/blocks/0]"},
	{"header is plain", o{"type": "header", "text": plain("x")}, o{"type": "header", "text": mrkdwn("x")}, "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"},
	{"header needs text", o{"type": "header", "text": plain("x")}, o{"type": "header"}, "missing required field: text [json-pointer:/blocks/0]"},
	{"context elements", o{"type": "context", "elements": a{image, mrkdwn("x")}}, o{"type": "context", "elements": a{button}}, "unsupported type: button [json-pointer:/blocks/0/elements/0/type]"},
	{"context not empty", o{"type": "context", "elements": a{plain("x")}}, o{"type": "context", "elements": a{}}, "no less than 1 items allowed [json-pointer:/blocks/0/elements]"},
	{"context elements are a list", o{"type": "context", "elements": a{plain("x")}}, o{"type": "context", "elements": plain("x")}, "must provide an array [json-pointer:/blocks/0/elements]"},
	{"actions not empty", actions(button), actions(), "no less than 1 items allowed [json-pointer:/blocks/0/elements]"},
	{"actions hold no input", actions(button), actions(textInput), "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]"},
	{"actions hold no image", actions(button), actions(image), "unsupported type: image [json-pointer:/blocks/0/elements/0/type]"},
	{"unique action_id in a block", actions(button, with(button, "action_id", "other")), actions(button, button), "`action_id` \"press\" already exists [json-pointer:/blocks/0/elements/1/action_id]"},
	{"context_actions elements", o{"type": "context_actions", "elements": a{feedback, icon}}, o{"type": "context_actions", "elements": a{button}}, "unsupported type: button [json-pointer:/blocks/0/elements/0/type]"},
	{"feedback needs both buttons", o{"type": "context_actions", "elements": a{feedback}}, o{"type": "context_actions", "elements": a{with(feedback, "negative_button", nil)}}, "missing required field: negative_button [json-pointer:/blocks/0/elements/0]"},
	{"icon", o{"type": "context_actions", "elements": a{icon}}, o{"type": "context_actions", "elements": a{with(icon, "icon", "phone")}}, "must be a valid enum value [json-pointer:/blocks/0/elements/0/icon]"},
	{"file is remote", o{"type": "file", "external_id": "x", "source": "remote"}, o{"type": "file", "external_id": "x", "source": "local"}, "must be a valid enum value [json-pointer:/blocks/0/source]"},
	{"markdown text is a string", o{"type": "markdown", "text": "**x**"}, o{"type": "markdown", "text": mrkdwn("x")}, "must provide a string [json-pointer:/blocks/0/text]"},
	{"input in a message", input(textInput), with(input(textInput), "label", nil), "missing required field: label [json-pointer:/blocks/0]"},
	{"input label is plain", input(textInput), with(input(textInput), "label", mrkdwn("x")), "unsupported type: mrkdwn [json-pointer:/blocks/0/label/type]"},
	{"input holds no button", input(static), input(button), "unsupported type: button [json-pointer:/blocks/0/element/type]"},
	{"files are uploaded in modals", input(textInput), input(o{"type": "file_input"}), "unsupported type: file_input [json-pointer:/blocks/0/element/type]"},

	{"image needs alt_text", image, with(image, "alt_text", nil), "missing required field: alt_text [json-pointer:/blocks/0]"},
	{"image needs a source", image, with(image, "image_url", nil), "must define either `image_url` or `slack_file` [json-pointer:/blocks/0]"},
	{"image has one source", with(image, "image_url", nil, "slack_file", o{"id": "F1"}), with(image, "slack_file", o{"id": "F1"}), "must define only one of `image_url` or `slack_file` [json-pointer:/blocks/0]"},
	{"slack_file has one name", with(image, "image_url", nil, "slack_file", o{"id": "F1"}), with(image, "image_url", nil, "slack_file", o{"id": "F1", "url": "https://example.com/f"}), "must define only one of `id` or `url` [json-pointer:/blocks/0/slack_file]"},
	{"image_url is a URL", image, with(image, "image_url", "cat.png"), "must be a valid url [json-pointer:/blocks/0/image_url]"},
	{"video_url is https", video, with(video, "video_url", "http://example.com/cat"), "must be a valid url [json-pointer:/blocks/0/video_url]"},
	{"video needs a title", video, with(video, "title", nil), "missing required field: title [json-pointer:/blocks/0]"},

	{"button needs text", actions(button), actions(with(button, "text", nil)), "missing required field: text [json-pointer:/blocks/0/elements/0]"},
	{"button text is plain", actions(button), actions(with(button, "text", mrkdwn("x"))), "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/text/type]"},
	{"button style", actions(with(button, "style", "primary")), actions(with(button, "style", "default")), "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]"},
	{"button style is a string", actions(with(button, "style", "danger")), actions(with(button, "style", o{"bold": true})), "must provide a string [json-pointer:/blocks/0/elements/0/style]"},
	{"button value is a string", actions(with(button, "value", "1")), actions(with(button, "value", 1)), "must provide a string [json-pointer:/blocks/0/elements/0/value]"},
	{"button url", actions(with(button, "url", "tel:+14155550132")), actions(with(button, "url", "example")), "must be a valid url [json-pointer:/blocks/0/elements/0/url]"},
	{"block_id is no field of an element", actions(button), actions(with(button, "block_id", "x")), "invalid additional property: block_id [json-pointer:/blocks/0/elements/0]"},
	{"confirm needs all", actions(with(button, "confirm", confirm)), actions(with(button, "confirm", with(confirm, "deny", nil))), "missing required field: deny [json-pointer:/blocks/0/elements/0/confirm]"},
	{"confirm style", actions(with(button, "confirm", with(confirm, "style", "danger"))), actions(with(button, "confirm", with(confirm, "style", "red"))), "must be a valid enum value [json-pointer:/blocks/0/elements/0/confirm/style]"},
	{"workflow button", actions(o{"type": "workflow_button", "text": plain("x"), "workflow": o{"trigger": o{"url": "https://slack.com/shortcuts/Ft1"}}}), actions(o{"type": "workflow_button", "text": plain("x"), "workflow": o{}}), "missing required field: trigger [json-pointer:/blocks/0/elements/0/workflow]"},

	{"select needs options", actions(static), actions(with(static, "options", nil)), "must define either `options` or `option_groups` [json-pointer:/blocks/0/elements/0]"},
	{"options not empty", actions(static), actions(with(static, "options", a{})), "no less than 1 items allowed [json-pointer:/blocks/0/elements/0/options]"},
	{"options or groups", actions(o{"type": "static_select", "option_groups": a{o{"label": plain("g"), "options": a{option("x")}}}}), actions(with(static, "option_groups", a{o{"label": plain("g"), "options": a{option("x")}}})), "must define only one of `options` or `option_groups` [json-pointer:/blocks/0/elements/0]"},
	{"initial option is offered", actions(with(static, "initial_option", with(option("one"), "text", with(plain("one"), "emoji", true)))), actions(with(static, "initial_option", option("three"))), "must match one of the options [json-pointer:/blocks/0/elements/0/initial_option]"},
	{"initial options are offered", actions(with(static, "type", "multi_static_select", "initial_options", a{option("two")})), actions(with(static, "type", "multi_static_select", "initial_options", a{option("three")})), "must match one of the options [json-pointer:/blocks/0/elements/0/initial_options]"},
	{"initial option of groups", actions(o{"type": "static_select", "option_groups": a{o{"label": plain("g"), "options": a{option("x")}}}, "initial_option": option("x")}), actions(o{"type": "static_select", "option_groups": a{o{"label": plain("g"), "options": a{option("x")}}}, "initial_option": option("y")}), "must match one of the options [json-pointer:/blocks/0/elements/0/initial_option]"},
	{"option needs a value", actions(static), actions(options("static_select", with(option("x"), "value", nil))), "missing required field: value [json-pointer:/blocks/0/elements/0/options/0]"},
	{"option of a select is plain", actions(options("checkboxes", with(option("x"), "text", mrkdwn("x")))), actions(options("static_select", with(option("x"), "text", mrkdwn("x")))), "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/options/0/text/type]"},
	{"option of radio buttons may be mrkdwn", actions(options("radio_buttons", with(option("x"), "text", mrkdwn("x")))), actions(options("overflow", with(option("x"), "text", mrkdwn("x")))), "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/options/0/text/type]"},
	{"option url is for overflow", actions(options("overflow", with(option("x"), "url", "https://example.com"))), actions(options("static_select", with(option("x"), "url", "https://example.com"))), "invalid additional property: url [json-pointer:/blocks/0/elements/0/options/0]"},
	{"external select", actions(o{"type": "external_select", "min_query_length": 0}), actions(o{"type": "external_select", "options": a{option("x")}}), "invalid additional property: options [json-pointer:/blocks/0/elements/0]"},
	{"multi external select", accessory(o{"type": "multi_external_select", "initial_options": a{option("x")}}), accessory(o{"type": "multi_external_select", "min_query_length": 1.5}), "must provide an integer [json-pointer:/blocks/0/accessory/min_query_length]"},
	{"users select", actions(o{"type": "users_select", "initial_user": "U1"}), actions(o{"type": "users_select", "initial_user": a{"U1"}}), "must provide a string [json-pointer:/blocks/0/elements/0/initial_user]"},
	{"multi users select", accessory(o{"type": "multi_users_select", "initial_users": a{"U1"}}), accessory(o{"type": "multi_users_select", "initial_user": "U1"}), "invalid additional property: initial_user [json-pointer:/blocks/0/accessory]"},
	{"channels select", actions(o{"type": "channels_select", "initial_channel": "C1"}), actions(o{"type": "channels_select", "initial_channel": ""}), "must be more than 0 characters [json-pointer:/blocks/0/elements/0/initial_channel]"},
	{"multi channels select", accessory(o{"type": "multi_channels_select", "initial_channels": a{"C1"}}), accessory(o{"type": "multi_channels_select", "initial_channels": a{}}), "no less than 1 items allowed [json-pointer:/blocks/0/accessory/initial_channels]"},
	{"conversations filter", actions(o{"type": "conversations_select", "filter": o{"include": a{"im"}}}), actions(o{"type": "conversations_select", "filter": o{"include": a{"dm"}}}), "must be a valid enum value [json-pointer:/blocks/0/elements/0/filter/include/0]"},
	{"filter not empty", accessory(o{"type": "multi_conversations_select", "filter": o{"exclude_bot_users": true}}), accessory(o{"type": "multi_conversations_select", "filter": o{}}), "must define at least one of `include`, `exclude_external_shared_channels` or `exclude_bot_users` [json-pointer:/blocks/0/accessory/filter]"},
	{"response_url_enabled outside of modals", actions(o{"type": "conversations_select", "response_url_enabled": false}), actions(o{"type": "conversations_select", "response_url_enabled": true}), "`response_url_enabled` is only available in modals [json-pointer:/blocks/0/elements/0]"},
	{"max_selected_items", accessory(o{"type": "multi_users_select", "max_selected_items": 1}), accessory(o{"type": "multi_users_select", "max_selected_items": 0}), "must be greater than 0 [json-pointer:/blocks/0/accessory/max_selected_items]"},

	{"date", actions(o{"type": "datepicker", "initial_date": "2026-12-31"}), actions(o{"type": "datepicker", "initial_date": "31.12.2026"}), "must be a valid date [json-pointer:/blocks/0/elements/0/initial_date]"},
	{"time", actions(o{"type": "timepicker", "initial_time": "23:59"}), actions(o{"type": "timepicker", "initial_time": "24:00"}), "must be a valid time [json-pointer:/blocks/0/elements/0/initial_time]"},
	{"time of a date", actions(o{"type": "datetimepicker", "initial_date_time": 1628633820}), actions(o{"type": "datetimepicker", "initial_date_time": 1628633820000}), "must provide a unix timestamp of 10 digits [json-pointer:/blocks/0/elements/0/initial_date_time]"},
	{"datetimepicker has no placeholder", actions(o{"type": "datepicker", "placeholder": plain("x")}), actions(o{"type": "datetimepicker", "placeholder": plain("x")}), "invalid additional property: placeholder [json-pointer:/blocks/0/elements/0]"},

	{"number input says if decimals are allowed", input(o{"type": "number_input", "is_decimal_allowed": false}), input(o{"type": "number_input"}), "missing required field: is_decimal_allowed [json-pointer:/blocks/0/element]"},
	{"numbers are strings", input(o{"type": "number_input", "is_decimal_allowed": true, "min_value": "-0.5"}), input(o{"type": "number_input", "is_decimal_allowed": true, "min_value": -0.5}), "must provide a string [json-pointer:/blocks/0/element/min_value]"},
	{"numbers in order", input(o{"type": "number_input", "is_decimal_allowed": true, "min_value": "9", "max_value": "10"}), input(o{"type": "number_input", "is_decimal_allowed": true, "min_value": "11", "max_value": "10"}), "must be less than or equal to `max_value` [json-pointer:/blocks/0/element/min_value]"},
	{"lengths in order", input(with(textInput, "min_length", 2, "max_length", 2)), input(with(textInput, "min_length", 3, "max_length", 2)), "must be less than or equal to `max_length` [json-pointer:/blocks/0/element/min_length]"},
	{"email", input(o{"type": "email_text_input", "initial_value": "a@example.com"}), input(o{"type": "email_text_input", "multiline": true}), "invalid additional property: multiline [json-pointer:/blocks/0/element]"},
	{"url", input(o{"type": "url_text_input", "placeholder": plain("https://")}), input(o{"type": "url_text_input", "placeholder": mrkdwn("x")}), "unsupported type: mrkdwn [json-pointer:/blocks/0/element/placeholder/type]"},
	{"dispatch", input(with(textInput, "dispatch_action_config", o{"trigger_actions_on": a{"on_enter_pressed"}})), input(with(textInput, "dispatch_action_config", o{"trigger_actions_on": a{"on_blur"}})), "must be a valid enum value [json-pointer:/blocks/0/element/dispatch_action_config/trigger_actions_on/0]"},
	{"rich text input", input(o{"type": "rich_text_input", "initial_value": richText(line(o{"type": "text", "text": "x"}))}), input(o{"type": "rich_text_input", "initial_value": "x"}), "must provide an object [json-pointer:/blocks/0/element/initial_value]"},

	{"rich text text", richText(line(o{"type": "text", "text": "x", "style": o{"bold": true}})), richText(line(o{"type": "text", "text": ""})), "must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]"},
	{"rich text elements", richText(line()), richText(o{"type": "text", "text": "x"}), "unsupported type: text [json-pointer:/blocks/0/elements/0/type]"},
	{"rich text style is an object", richText(line(o{"type": "text", "text": "x", "style": o{"code": true}})), richText(line(o{"type": "text", "text": "x", "style": "bold"})), "must provide an object [json-pointer:/blocks/0/elements/0/elements/0/style]"},
	{"rich text lists hold sections", richText(o{"type": "rich_text_list", "style": "ordered", "elements": a{line(o{"type": "text", "text": "x"})}}), richText(o{"type": "rich_text_list", "style": "ordered", "elements": a{o{"type": "text", "text": "x"}}}), "unsupported type: text [json-pointer:/blocks/0/elements/0/elements/0/type]"},
	{"rich text list style", richText(o{"type": "rich_text_list", "style": "bullet", "elements": a{}}), richText(o{"type": "rich_text_list", "elements": a{}}), "missing required field: style [json-pointer:/blocks/0/elements/0]"},
	{"preformatted holds text and links", richText(o{"type": "rich_text_preformatted", "elements": a{o{"type": "link", "url": "https://example.com"}}}), richText(o{"type": "rich_text_preformatted", "elements": a{o{"type": "user", "user_id": "U1"}}}), "unsupported type: user [json-pointer:/blocks/0/elements/0/elements/0/type]"},
	{"quote", richText(o{"type": "rich_text_quote", "elements": a{o{"type": "emoji", "name": "wave"}}}), richText(o{"type": "rich_text_quote"}), "missing required field: elements [json-pointer:/blocks/0/elements/0]"},
	{"broadcast", richText(line(o{"type": "broadcast", "range": "here"})), richText(line(o{"type": "broadcast", "range": "all"})), "must be a valid enum value [json-pointer:/blocks/0/elements/0/elements/0/range]"},
	{"date of rich text", richText(line(o{"type": "date", "timestamp": 1720710212, "format": "{date}"})), richText(line(o{"type": "date", "timestamp": "1720710212", "format": "{date}"})), "must provide a number [json-pointer:/blocks/0/elements/0/elements/0/timestamp]"},
	{"mentions", richText(line(o{"type": "user", "user_id": "U1"}, o{"type": "channel", "channel_id": "C1"}, o{"type": "usergroup", "usergroup_id": "S1"}, o{"type": "team", "team_id": "T1"}, o{"type": "color", "value": "#fff"})), richText(line(o{"type": "user", "name": "ana"})), "missing required field: user_id [json-pointer:/blocks/0/elements/0/elements/0]"},

	{"table cells", with(table, "rows", a{a{o{"type": "raw_number", "value": 1}, richText(line())}}), with(table, "rows", a{a{mrkdwn("x")}}), "unsupported type: mrkdwn [json-pointer:/blocks/0/rows/0/0/type]"},
	{"table rows are lists", table, with(table, "rows", a{o{}}), "must provide an array [json-pointer:/blocks/0/rows/0]"},
	{"table columns", with(table, "column_settings", a{nil, o{"align": "right", "is_wrapped": true}}), with(table, "column_settings", a{o{"align": "top"}}), "must be a valid enum value [json-pointer:/blocks/0/column_settings/0/align]"},
}

func TestBlockRules(t *testing.T) {
	for _, tt := range blockRules {
		t.Run(tt.name, func(t *testing.T) {
			if err := message(tt.accepted); err != nil {
				t.Errorf("accepted case: %v", err)
			}
			refused(t, message(tt.refused), "invalid_blocks", tt.said)
		})
	}
}

func TestMessageRules(t *testing.T) {
	for _, tt := range []struct {
		name   string
		blocks string
		text   string
		code   string // empty: taken
		said   string
	}{
		{"text alone", "", "hello", "", ""},
		{"null blocks", "null", "hello", "", ""},
		{"no blocks and text", "[]", "hello", "", ""},
		{"blocks alone", `[{"type":"divider"}]`, "", "", ""},
		{"nothing", "", "", "no_text", ""},
		{"no blocks and no text", "[]", "  ", "no_text", ""},
		{"not JSON", "[{]", "hello", "invalid_blocks_format", ""},
		{"not UTF-8", "[\"\xff\"]", "hello", "invalid_blocks_format", ""},
		{"two values", "[] []", "hello", "invalid_blocks_format", ""},
		{"an object", `{"blocks":[]}`, "hello", "invalid_blocks_format", ""},
		{"encoded twice", `"[]"`, "hello", "invalid_blocks_format", ""},
		{"list of strings", `["divider"]`, "hello", "invalid_blocks_format", ""},
		{"different block_ids", `[{"type":"divider","block_id":"a"},{"type":"divider","block_id":"b"},{"type":"divider"},{"type":"divider"}]`, "", "", ""},
		{"same block_id", `[{"type":"divider","block_id":"a"},{"type":"divider","block_id":"a"}]`, "", "invalid_blocks", "`block_id` \"a\" already exists [json-pointer:/blocks/1/block_id]"},
		{"same empty block_id", `[{"type":"divider","block_id":""},{"type":"divider","block_id":""}]`, "", "invalid_blocks", "`block_id` \"\" already exists [json-pointer:/blocks/1/block_id]"},
		{"same action_id in two blocks", string(encode(a{actions(button), actions(button)})), "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := blockkit.ValidateMessage(json.RawMessage(tt.blocks), tt.text)
			if tt.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			refused(t, err, tt.code, tt.said)
		})
	}
}

// viewRules are looked at as a whole view.
var viewRules = []struct {
	name     string
	accepted o
	refused  o
	said     string
}{
	{"modal or home", modal(section("x")), with(modal(section("x")), "type", "dialog"), "unsupported type: dialog [json-pointer:/view/type]"},
	{"the whole view named first", modal(section("x")), with(modal(section("x")), "type", "dialog"), "failed to match all allowed schemas [json-pointer:/view]"},
	{"modal needs a title", modal(), with(modal(), "title", nil), "missing required field: title [json-pointer:/view]"},
	{"title is plain", modal(), with(modal(), "title", mrkdwn("x")), "unsupported type: mrkdwn [json-pointer:/view/title/type]"},
	{"blocks are needed", home(), with(home(), "blocks", nil), "missing required field: blocks [json-pointer:/view]"},
	{"home has no title", home(section("x")), with(home(section("x")), "title", plain("x")), "invalid additional property: title [json-pointer:/view]"},
	{"home has no submit", home(section("x")), with(home(section("x")), "submit", plain("x")), "invalid additional property: submit [json-pointer:/view]"},
	{"unknown field", with(modal(), "close", plain("No"), "clear_on_close", true, "notify_on_close", true), with(modal(), "state", o{}), "invalid additional property: state [json-pointer:/view]"},
	{"submit for inputs", modal(input(textInput)), with(modal(input(textInput)), "submit", nil), "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]"},
	{"no submit without inputs", with(modal(section("x")), "submit", nil), with(modal(section("x"), input(textInput)), "submit", nil), "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/1/input]"},
	{"inputs in a home tab", home(input(textInput)), home(input(o{"type": "file_input"})), "unsupported type: file_input [json-pointer:/view/blocks/0/element/type]"},
	{"files in a modal", modal(input(o{"type": "file_input", "filetypes": a{"wav"}})), modal(input(o{"type": "file_input", "filetypes": a{}})), "no less than 1 items allowed [json-pointer:/view/blocks/0/element/filetypes]"},
	{"markdown is for messages", modal(section("x")), modal(o{"type": "markdown", "text": "x"}), "unsupported type: markdown [json-pointer:/view/blocks/0/type]"},
	{"tables are for messages", home(section("x")), home(table), "unsupported type: table [json-pointer:/view/blocks/0/type]"},
	{"remote files are for messages", home(section("x")), home(o{"type": "file", "external_id": "x", "source": "remote"}), "unsupported type: file [json-pointer:/view/blocks/0/type]"},
	{"context_actions are for messages", home(section("x")), home(o{"type": "context_actions", "elements": a{icon}}), "unsupported type: context_actions [json-pointer:/view/blocks/0/type]"},
	{"response_url_enabled", modal(input(o{"type": "conversations_select", "response_url_enabled": true})), home(input(o{"type": "conversations_select", "response_url_enabled": true})), "`response_url_enabled` is only available in modals [json-pointer:/view/blocks/0/element]"},
	{"unique block_id", modal(with(section("x"), "block_id", "a"), with(section("x"), "block_id", "b")), modal(with(section("x"), "block_id", "a"), with(section("x"), "block_id", "a")), "`block_id` \"a\" already exists [json-pointer:/view/blocks/1/block_id]"},
	{"blocks are a list", home(), with(home(), "blocks", json.RawMessage("null")), "must provide an array [json-pointer:/view/blocks]"},
	{"blocks are objects", modal(section("x")), modal("x"), "must provide an object [json-pointer:/view/blocks/0]"},
}

func TestViewRules(t *testing.T) {
	for _, tt := range viewRules {
		t.Run(tt.name, func(t *testing.T) {
			if err := view(tt.accepted); err != nil {
				t.Errorf("accepted case: %v", err)
			}
			refused(t, view(tt.refused), "invalid_arguments", tt.said)
		})
	}
	t.Run("not JSON", func(t *testing.T) {
		refused(t, blockkit.ValidateView(json.RawMessage(`{"type"`)), "invalid_arguments", "must be valid json [json-pointer:/view]")
	})
	t.Run("nothing", func(t *testing.T) {
		refused(t, blockkit.ValidateView(nil), "invalid_arguments", "must be valid json [json-pointer:/view]")
	})
}
