package blockkit

import "maps"

// Blocks: https://docs.slack.dev/reference/block-kit/blocks

// viewBlocks holds what modals and Home tabs show. Messages show it too.
var viewBlocks = map[string]rule{
	"actions": block([]field{
		required("elements", list(1, limits.actionsElements, oneOf(both(selects, multiSelects, named(
			"button", "checkboxes", "datepicker", "datetimepicker", "overflow", "radio_buttons",
			"rich_text_input", "timepicker", "workflow_button"))))),
	}, uniqueActionIDs),
	"context": block([]field{
		required("elements", list(1, limits.contextElements, oneOf(both(textVariants(limits.text), named("image"))))),
	}),
	"divider": block(nil),
	"header": block([]field{
		required("text", plainText(limits.headerText)),
		optional("level", integer(1, limits.headerLevel)),
	}),
	"image": block([]field{
		required("alt_text", str(1, limits.imageAltText)),
		optional("image_url", link(limits.imageURL, "https", "http")),
		optional("slack_file", slackFile),
		optional("title", plainText(limits.imageTitle)),
	}, exactlyOne("image_url", "slack_file")),
	"input": block([]field{
		required("label", plainText(limits.inputLabel)),
		required("element", inputElement),
		optional("hint", plainText(limits.inputHint)),
		optional("optional", boolean),
		optional("dispatch_action", boolean),
	}),
	"rich_text": richText,
	"section": block([]field{
		optional("text", text(limits.sectionText)),
		optional("fields", list(1, limits.sectionFields, text(limits.sectionField))),
		optional("accessory", oneOf(both(selects, multiSelects, named(
			"button", "checkboxes", "datepicker", "image", "overflow", "radio_buttons",
			"timepicker", "workflow_button")))),
		optional("expand", boolean),
	}, textOrFields),
	"video": block([]field{
		required("alt_text", nonEmpty),
		required("title", plainText(limits.videoTitle)),
		required("thumbnail_url", link(unlimited, "https", "http")),
		required("video_url", link(unlimited, "https")),
		optional("title_url", link(unlimited, "https")),
		optional("author_name", str(1, limits.videoAuthorName)),
		optional("description", plainText(limits.videoDescription)),
		optional("provider_name", nonEmpty),
		optional("provider_icon_url", link(unlimited, "https", "http")),
	}),
}

// messageBlocks holds what messages show: all that views do, and these.
var messageBlocks = func() map[string]rule {
	out := maps.Clone(viewBlocks)
	maps.Copy(out, map[string]rule{
		"context_actions": block([]field{
			required("elements", list(1, limits.contextActionsElements, oneOf(named("feedback_buttons", "icon_button")))),
		}, uniqueActionIDs),
		"file": block([]field{
			required("external_id", nonEmpty),
			required("source", enum("remote")),
		}),
		"markdown": block([]field{
			required("text", str(1, limits.markdownText)),
		}),
		"table": block([]field{
			required("rows", list(1, limits.tableRows, list(1, limits.tableCells, tableCell))),
			optional("column_settings", list(0, limits.tableColumnSettings, columnSetting)),
		}, oneTable),
	})
	return out
}()

func block(fields []field, extra ...func(c *check, at string, m map[string]any)) rule {
	return typed(append([]field{optional("block_id", blockID)}, fields...), extra...)
}

func textOrFields(c *check, at string, m map[string]any) {
	_, hasText := m["text"]
	_, hasFields := m["fields"]
	if !hasText && !hasFields {
		c.refuse(at+"/type", "must define either `text` or `fields`")
	}
}

// inputElement is what an input block may hold. Input blocks stand in messages
// too (https://docs.slack.dev/reference/block-kit/blocks/input-block), but files
// are uploaded in modals only
// (https://docs.slack.dev/reference/block-kit/block-elements/file-input-element).
func inputElement(c *check, at string, v any) {
	if c.surface == modal {
		inputElementsOfModals(c, at, v)
		return
	}
	inputElements(c, at, v)
}

var inputElements = oneOf(both(selects, multiSelects, named(
	"checkboxes", "datepicker", "datetimepicker", "email_text_input", "number_input",
	"plain_text_input", "radio_buttons", "rich_text_input", "timepicker", "url_text_input")))

var inputElementsOfModals = oneOf(both(selects, multiSelects, named(
	"checkboxes", "datepicker", "datetimepicker", "email_text_input", "file_input", "number_input",
	"plain_text_input", "radio_buttons", "rich_text_input", "timepicker", "url_text_input")))

var tableCell = oneOf(map[string]rule{
	"raw_text": typed([]field{required("text", nonEmpty)}),
	"raw_number": typed([]field{
		required("value", number),
		optional("text", nonEmpty),
	}),
	"rich_text": richText,
})

// columnSetting takes the look of one column; null leaves a column as it is.
func columnSetting(c *check, at string, v any) {
	if v == nil {
		return
	}
	columnLook(c, at, v)
}

var columnLook = object([]field{
	optional("align", enum("left", "center", "right")),
	optional("is_wrapped", boolean),
})

func oneTable(c *check, at string, _ map[string]any) {
	c.tables++
	if c.tables > limits.tableCount.max {
		c.refuse(at, "only_one_table_allowed")
	}
}
