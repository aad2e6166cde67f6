package blockkit

// Select menus: https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element
// and https://docs.slack.dev/reference/block-kit/block-elements/multi-select-menu-element

// selects holds the menus that pick one thing.
var selects = map[string]rule{
	"static_select": menu([]field{
		optional("options", list(1, limits.selectOptions, plainOption)),
		optional("option_groups", list(1, limits.optionGroups, optionGroup)),
		optional("initial_option", plainOption),
	}, exactlyOne("options", "option_groups"), optionsHold),
	"external_select": menu([]field{
		optional("initial_option", plainOption),
		optional("min_query_length", integer(0, unlimited)),
	}),
	"users_select": menu([]field{
		optional("initial_user", nonEmpty),
	}),
	"conversations_select": menu([]field{
		optional("initial_conversation", nonEmpty),
		optional("default_to_current_conversation", boolean),
		optional("filter", conversationFilter),
		optional("response_url_enabled", boolean),
	}, responseURLInModals),
	"channels_select": menu([]field{
		optional("initial_channel", nonEmpty),
		optional("response_url_enabled", boolean),
	}, responseURLInModals),
}

// multiSelects holds the menus that pick several.
var multiSelects = map[string]rule{
	"multi_static_select": menu([]field{
		optional("options", list(1, limits.selectOptions, plainOption)),
		optional("option_groups", list(1, limits.optionGroups, optionGroup)),
		optional("initial_options", list(1, limits.selectOptions, plainOption)),
		maxSelectedItems,
	}, exactlyOne("options", "option_groups"), optionsHold),
	"multi_external_select": menu([]field{
		optional("initial_options", list(1, limits.selectOptions, plainOption)),
		optional("min_query_length", integer(0, unlimited)),
		maxSelectedItems,
	}),
	"multi_users_select": menu([]field{
		optional("initial_users", list(1, unlimited, nonEmpty)),
		maxSelectedItems,
	}),
	"multi_conversations_select": menu([]field{
		optional("initial_conversations", list(1, unlimited, nonEmpty)),
		optional("default_to_current_conversation", boolean),
		optional("filter", conversationFilter),
		maxSelectedItems,
	}),
	"multi_channels_select": menu([]field{
		optional("initial_channels", list(1, unlimited, nonEmpty)),
		maxSelectedItems,
	}),
}

var maxSelectedItems = optional("max_selected_items", integer(1, unlimited))

func menu(fields []field, extra ...func(c *check, at string, m map[string]any)) rule {
	return typed(append(fields, actionID, focus, hint, optional("confirm", confirm)), extra...)
}

// responseURLInModals refuses response_url_enabled outside of modals, which
// alone have a submission to send the URL with.
func responseURLInModals(c *check, at string, m map[string]any) {
	if m["response_url_enabled"] == true && c.surface != modal {
		c.refuse(at, "`response_url_enabled` is only available in modals")
	}
}
