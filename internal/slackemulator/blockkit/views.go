package blockkit

import "fmt"

// Views: https://docs.slack.dev/reference/views

// anyView takes a modal or a Home tab.
var anyView = oneOf(map[string]rule{
	"modal": typed([]field{
		required("title", plainText(limits.viewTitle)),
		required("blocks", blocksOfView),
		optional("close", plainText(limits.viewClose)),
		optional("submit", plainText(limits.viewSubmit)),
		optional("private_metadata", str(0, limits.viewPrivateMetadata)),
		optional("callback_id", str(0, limits.viewCallbackID)),
		optional("external_id", str(0, limits.viewExternalID)),
		optional("clear_on_close", boolean),
		optional("notify_on_close", boolean),
		optional("submit_disabled", boolean),
	}, submitForInput),
	"home": typed([]field{
		required("blocks", blocksOfView),
		optional("private_metadata", str(0, limits.viewPrivateMetadata)),
		optional("callback_id", str(0, limits.viewCallbackID)),
		optional("external_id", str(0, limits.viewExternalID)),
	}),
})

func blocksOfView(c *check, at string, v any) { c.blocks(at, v) }

// submitForInput refuses input blocks in a modal that cannot be submitted.
func submitForInput(c *check, at string, m map[string]any) {
	if _, ok := m["submit"]; ok {
		return
	}
	list, _ := m["blocks"].([]any)
	for i, item := range list {
		if b, _ := item.(map[string]any); b["type"] == "input" {
			c.refuse(fmt.Sprintf("%s/blocks/%d/input", at, i), "must define `submit` to use an `input` block in modals")
		}
	}
}
