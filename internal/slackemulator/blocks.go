package slackemulator

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/agentphone-slack/callbot/internal/slackemulator/blockkit"
)

// checkBlocks refuses blocks of a message as Slack does.
func checkBlocks(blocks json.RawMessage) error {
	return refusal(blockkit.ValidateMessage(blocks, "text is checked by each method"))
}

// checkView refuses a view as Slack does.
func checkView(view json.RawMessage) error { return refusal(blockkit.ValidateView(view)) }

func refusal(err error) error {
	var refused *blockkit.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return fail(refused.Code, refused.Messages...)
	default:
		return fail("invalid_blocks", err.Error())
	}
}

// parseBlocks decodes blocks that were checked and gives IDs to the blocks and
// elements that have none, as Slack does.
func (e *Emulator) parseBlocks(raw json.RawMessage) []object {
	if len(raw) == 0 {
		return nil
	}
	var blocks []object
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if dec.Decode(&blocks) != nil {
		return nil
	}
	for _, b := range blocks {
		if text(b, "block_id") == "" {
			b["block_id"] = e.newID("b")[2:7]
		}
		for _, el := range elementsOf(b) {
			if interactive(el) && text(el, "action_id") == "" {
				el["action_id"] = e.newID("a")[2:7]
			}
		}
	}
	return blocks
}

func encodeBlocks(blocks []object) json.RawMessage {
	if blocks == nil {
		return nil
	}
	return encode(blocks)
}

// elementsOf returns the elements that stand directly in a block.
func elementsOf(block object) []object {
	if text(block, "type") == "rich_text" {
		return nil
	}
	out := children(block, "elements")
	for _, key := range []string{"accessory", "element"} {
		if el, ok := block[key].(object); ok {
			out = append(out, el)
		}
	}
	return out
}

func interactive(el object) bool {
	switch text(el, "type") {
	case "", "image", "mrkdwn", "plain_text":
		return false
	}
	return true
}

// text returns a string field, or "".
func text(o object, key string) string {
	s, _ := o[key].(string)
	return s
}

// sub returns an object field, or an empty one.
func sub(o object, key string) object {
	s, _ := o[key].(object)
	return s
}

// children returns the objects in an array field.
func children(o object, key string) []object {
	list, _ := o[key].([]any)
	var out []object
	for _, item := range list {
		if child, ok := item.(object); ok {
			out = append(out, child)
		}
	}
	return out
}

func flag(o object, key string) bool {
	b, _ := o[key].(bool)
	return b
}
