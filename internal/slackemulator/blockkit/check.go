package blockkit

import "fmt"

// surface is where blocks are shown.
type surface int

const (
	message surface = iota
	modal
	home
)

// check is one look at one message or view: where it is to be shown, what was
// refused so far, and what must be unique in the whole of it.
type check struct {
	surface  surface
	messages []string
	blockIDs map[string]bool
	tables   int
	focused  int
}

func newCheck(s surface) *check {
	return &check{surface: s, blockIDs: map[string]bool{}}
}

func (c *check) refuse(at, why string) {
	c.messages = append(c.messages, "[ERROR] "+why+" [json-pointer:"+at+"]")
}

// blocks looks at all blocks of a message or view.
func (c *check) blocks(at string, v any) {
	high, variants := limits.viewBlocks, viewBlocks
	if c.surface == message {
		high, variants = limits.messageBlocks, messageBlocks
	}
	list(0, high, oneOf(variants))(c, at, v)
}

// blockID takes a block_id that no other block of the message or view has. An
// empty one counts: Slack makes one up only where the field is absent
// (https://github.com/slack-go/slack/issues/823).
func blockID(c *check, at string, v any) {
	str(0, limits.blockID)(c, at, v)
	id, ok := v.(string)
	if !ok {
		return
	}
	if c.blockIDs[id] {
		c.refuse(at, fmt.Sprintf("`block_id` %q already exists", id))
	}
	c.blockIDs[id] = true
}

// uniqueActionIDs refuses an action_id that two elements of one block share.
func uniqueActionIDs(c *check, at string, m map[string]any) {
	seen := map[string]bool{}
	elements, _ := m["elements"].([]any)
	for i, element := range elements {
		object, _ := element.(map[string]any)
		id, ok := object["action_id"].(string)
		if !ok {
			continue
		}
		if seen[id] {
			c.refuse(fmt.Sprintf("%s/elements/%d/action_id", at, i), fmt.Sprintf("`action_id` %q already exists", id))
		}
		seen[id] = true
	}
}

// focusOnLoad takes a boolean; only one element of a view may say true.
func focusOnLoad(c *check, at string, v any) {
	boolean(c, at, v)
	if v != true {
		return
	}
	c.focused++
	if c.focused > limits.focusOnLoad.max {
		c.refuse(at, "only one element can have `focus_on_load` set to true")
	}
}
