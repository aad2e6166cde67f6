package blockkit

// Rich text: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block

// richText is a rich_text block; as the initial value of an input and as the
// cell of a table it is the same.
var richText = typed([]field{
	optional("block_id", blockID),
	required("elements", list(0, unlimited, oneOf(richTextElements))),
})

var richTextElements = map[string]rule{
	"rich_text_section": richTextSection,
	"rich_text_list": typed([]field{
		required("elements", list(0, unlimited, oneOf(map[string]rule{"rich_text_section": richTextSection}))),
		required("style", enum("bullet", "ordered")),
		optional("indent", integer(0, limits.richTextIndent)),
		optional("offset", integer(0, unlimited)),
		border,
	}),
	"rich_text_quote": typed([]field{
		required("elements", list(0, unlimited, oneOf(inlines))),
		border,
	}),
	"rich_text_preformatted": typed([]field{
		required("elements", list(0, unlimited, oneOf(map[string]rule{"text": inlines["text"], "link": inlines["link"]}))),
		optional("language", nonEmpty),
		border,
	}),
}

var richTextSection = typed([]field{
	required("elements", list(0, unlimited, oneOf(inlines))),
})

var border = optional("border", integer(0, limits.richTextBorder))

// inlines are the pieces of a line.
var inlines = map[string]rule{
	"broadcast": inline(required("range", enum("here", "channel", "everyone"))),
	"color":     inline(required("value", nonEmpty)),
	"channel":   inline(required("channel_id", nonEmpty)),
	"date": inline(
		required("timestamp", number),
		required("format", nonEmpty),
		optional("url", link(unlimited)),
		optional("fallback", nonEmpty),
	),
	"emoji": inline(
		required("name", nonEmpty),
		optional("unicode", nonEmpty),
		optional("skin_tone", integer(1, unlimited)),
		optional("url", link(unlimited)),
	),
	"link": inline(
		required("url", link(unlimited)),
		optional("text", nonEmpty),
		optional("unsafe", boolean),
	),
	"team":      inline(required("team_id", nonEmpty)),
	"text":      inline(required("text", nonEmpty)),
	"user":      inline(required("user_id", nonEmpty)),
	"usergroup": inline(required("usergroup_id", nonEmpty)),
}

func inline(fields ...field) rule {
	return typed(append(fields, optional("style", inlineStyle)))
}

var inlineStyle = object([]field{
	optional("bold", boolean),
	optional("italic", boolean),
	optional("strike", boolean),
	optional("code", boolean),
	optional("underline", boolean),
	optional("highlight", boolean),
	optional("client_highlight", boolean),
	optional("unlink", boolean),
})
