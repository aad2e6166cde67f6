package blockkit

import (
	"encoding/json"
	"strings"
)

// Composition objects: https://docs.slack.dev/reference/block-kit/composition-objects

// plainText takes a text object of type plain_text.
func plainText(high limit) rule {
	return oneOf(map[string]rule{"plain_text": plainTextObject(high)})
}

// text takes a text object of type plain_text or mrkdwn. Slack names the whole
// object first when it matches neither.
func text(high limit) rule {
	either := oneOf(textVariants(high))
	return func(c *check, at string, v any) {
		inner := check{surface: c.surface, blockIDs: c.blockIDs}
		either(&inner, at, v)
		if len(inner.messages) > 0 {
			c.refuse(at, "failed to match all allowed schemas")
			c.messages = append(c.messages, inner.messages...)
		}
	}
}

func textVariants(high limit) map[string]rule {
	return map[string]rule{
		"plain_text": plainTextObject(high),
		"mrkdwn": typed([]field{
			required("text", str(1, high)),
			optional("verbatim", boolean),
		}),
	}
}

func plainTextObject(high limit) rule {
	return typed([]field{
		required("text", str(1, high)),
		optional("emoji", boolean),
	})
}

// confirm is the dialog that an element shows before it acts.
var confirm = object([]field{
	required("title", plainText(limits.confirmTitle)),
	required("text", text(limits.confirmText)),
	required("confirm", plainText(limits.confirmButton)),
	required("deny", plainText(limits.confirmButton)),
	optional("style", buttonStyle),
})

var buttonStyle = enum("primary", "danger")

// plainOption is an option of a select menu, whose text is never mrkdwn.
var plainOption = object(optionFields(plainText(limits.optionText)))

// markedOption is an option of checkboxes and radio buttons.
var markedOption = object(optionFields(text(limits.optionText)))

// linkOption is an option of an overflow menu, the only one that may open a URL.
var linkOption = object(append(optionFields(plainText(limits.optionText)),
	optional("url", link(limits.optionURL))))

func optionFields(label rule) []field {
	return []field{
		required("text", label),
		required("value", str(1, limits.optionValue)),
		optional("description", text(limits.optionDescription)),
	}
}

var optionGroup = object([]field{
	required("label", plainText(limits.groupLabel)),
	required("options", list(1, limits.groupOptions, plainOption)),
})

// dispatchActionConfig says what in an input sends a block_actions payload.
var dispatchActionConfig = object([]field{
	required("trigger_actions_on", list(1, unlimited, enum("on_enter_pressed", "on_character_entered"))),
})

// conversationFilter narrows a menu of conversations; an empty one is refused.
var conversationFilter = object([]field{
	optional("include", list(1, unlimited, enum("im", "mpim", "private", "public"))),
	optional("exclude_external_shared_channels", boolean),
	optional("exclude_bot_users", boolean),
}, func(c *check, at string, m map[string]any) {
	if len(m) == 0 {
		c.refuse(at, "must define at least one of `include`, `exclude_external_shared_channels` or `exclude_bot_users`")
	}
})

// slackFile names an image that is in Slack, by its ID or by its URL.
var slackFile = object([]field{
	optional("id", nonEmpty),
	optional("url", link(unlimited, "https")),
}, exactlyOne("id", "url"))

// exactlyOne refuses an object that has none of the names, or several.
func exactlyOne(names ...string) func(c *check, at string, m map[string]any) {
	quoted := "`" + strings.Join(names, "` or `") + "`"
	return func(c *check, at string, m map[string]any) {
		n := 0
		for _, name := range names {
			if _, ok := m[name]; ok {
				n++
			}
		}
		switch {
		case n == 0:
			c.refuse(at, "must define either "+quoted)
		case n > 1:
			c.refuse(at, "must define only one of "+quoted)
		}
	}
}

// optionsHold refuses a preselected option that is not, in all its fields, one
// of those offered.
func optionsHold(c *check, at string, m map[string]any) {
	offered := map[string]bool{}
	add := func(v any) {
		options, _ := v.([]any)
		for _, option := range options {
			offered[canonical(option)] = true
		}
	}
	add(m["options"])
	groups, _ := m["option_groups"].([]any)
	for _, group := range groups {
		g, _ := group.(map[string]any)
		add(g["options"])
	}
	if option, ok := m["initial_option"]; ok && !offered[canonical(option)] {
		c.refuse(at+"/initial_option", "must match one of the options")
	}
	options, _ := m["initial_options"].([]any)
	for _, option := range options {
		if !offered[canonical(option)] {
			c.refuse(at+"/initial_options", "must match one of the options")
		}
	}
}

// canonical is the same text for two JSON values that are equal. The "emoji"
// and "verbatim" of a text object are left out, which Slack fills in by itself.
func canonical(v any) string {
	out, err := json.Marshal(withoutDefaults(v))
	if err != nil {
		return ""
	}
	return string(out)
}

func withoutDefaults(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(m))
	for key, value := range m {
		if key != "emoji" && key != "verbatim" {
			out[key] = withoutDefaults(value)
		}
	}
	return out
}
