package blockkit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Codes of an [Error], as they stand in the "error" field of Slack's Web API.
const (
	// CodeInvalidBlocks refuses the blocks of a message for what they hold.
	CodeInvalidBlocks = "invalid_blocks"
	// CodeInvalidBlocksFormat refuses blocks that are not a JSON array of objects.
	CodeInvalidBlocksFormat = "invalid_blocks_format"
	// CodeBlocksTooLong refuses blocks with too much text in sum.
	CodeBlocksTooLong = "msg_blocks_too_long"
	// CodeTextTooLong refuses a message's text.
	CodeTextTooLong = "msg_too_long"
	// CodeNoText refuses a message with neither text nor blocks.
	CodeNoText = "no_text"
	// CodeInvalidArguments refuses a view for what it holds.
	CodeInvalidArguments = "invalid_arguments"
	// CodeViewTooLarge refuses a view for its size in bytes.
	CodeViewTooLarge = "view_too_large"
	// CodeInvalidOptions refuses what a menu is answered. Slack names no code for it: the
	// menu shows that its options could not be loaded.
	CodeInvalidOptions = "invalid_options_response"
)

// Error is a refusal, shaped as the Web API answers it: Code is its "error",
// Messages its "response_metadata.messages", such as
//
//	[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]
//
// Messages is empty where Slack sends none, as for msg_blocks_too_long.
type Error struct {
	Code     string
	Messages []string
}

// Error gives the code, and the messages after it.
func (e *Error) Error() string {
	if len(e.Messages) == 0 {
		return e.Code
	}
	return e.Code + ": " + strings.Join(e.Messages, "; ")
}

// ValidateMessage looks at a message as chat.postMessage, chat.update,
// chat.postEphemeral and a response_url take it: blocks is a JSON array, nil or
// null where there is none, text the fallback text. It gives nil or an *[Error].
//
// Blocks sent as a JSON string that holds the array, as form-encoded requests
// do, are to be decoded by the caller first.
func ValidateMessage(blocks json.RawMessage, text string) error {
	if utf8.RuneCountInString(text) > limits.messageText.max {
		return &Error{Code: CodeTextTooLong}
	}
	var list []any
	if raw := bytes.TrimSpace(blocks); len(raw) > 0 && !bytes.Equal(raw, []byte("null")) {
		v, err := decode(raw)
		if err != nil {
			return &Error{Code: CodeInvalidBlocksFormat}
		}
		items, ok := v.([]any)
		if !ok {
			return &Error{Code: CodeInvalidBlocksFormat}
		}
		for _, item := range items {
			if _, ok := item.(map[string]any); !ok {
				return &Error{Code: CodeInvalidBlocksFormat}
			}
		}
		list = items
	}
	if len(list) == 0 {
		if strings.TrimSpace(text) == "" {
			return &Error{Code: CodeNoText}
		}
		return nil
	}
	c := newCheck(message)
	c.blocks("/blocks", list)
	if len(c.messages) > 0 {
		return &Error{Code: CodeInvalidBlocks, Messages: c.messages}
	}
	if textLength(list) > limits.messageBlocksText.max {
		return &Error{Code: CodeBlocksTooLong}
	}
	return nil
}

// ValidateOptions looks at what an app answers to a block_suggestion: an object with a
// list of options, or of groups of them, which may be empty
// (https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element#external_select).
// It gives nil or an *[Error].
func ValidateOptions(answer json.RawMessage) error {
	v, err := decode(answer)
	if err != nil {
		return &Error{Code: CodeInvalidOptions, Messages: []string{"[ERROR] must be valid json"}}
	}
	c := newCheck(modal)
	optionsAnswer(c, "", v)
	if len(c.messages) > 0 {
		return &Error{Code: CodeInvalidOptions, Messages: c.messages}
	}
	return nil
}

var optionsAnswer = object([]field{
	optional("options", list(0, limits.selectOptions, plainOption)),
	optional("option_groups", list(0, limits.optionGroups, optionGroup)),
}, exactlyOne("options", "option_groups"))

// ValidateView looks at the "view" argument of views.open, views.push,
// views.update and views.publish, and at the view of a response_action: a JSON
// object of type modal or home. It gives nil or an *[Error].
func ValidateView(view json.RawMessage) error {
	if len(view) > limits.viewBytes.max {
		return &Error{Code: CodeViewTooLarge}
	}
	v, err := decode(view)
	if err != nil {
		return &Error{Code: CodeInvalidArguments, Messages: []string{"[ERROR] must be valid json [json-pointer:/view]"}}
	}
	c := newCheck(modal)
	if m, ok := v.(map[string]any); ok && m["type"] == "home" {
		c.surface = home
	}
	anyView(c, "/view", v)
	if len(c.messages) > 0 {
		const mismatch = "[ERROR] failed to match all allowed schemas [json-pointer:/view]"
		return &Error{Code: CodeInvalidArguments, Messages: append([]string{mismatch}, c.messages...)}
	}
	return nil
}

// decode reads exactly one JSON value, with numbers as they were written.
func decode(raw []byte) (any, error) {
	if !utf8.Valid(raw) {
		return nil, errors.New("decode JSON: invalid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("decode JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("decode JSON: more than one value")
	}
	return v, nil
}

// textLength counts the characters of every "text" string under v, which is
// what reports of msg_blocks_too_long were measured by.
func textLength(v any) int {
	n := 0
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			n += textLength(item)
		}
	case map[string]any:
		for key, item := range v {
			if s, ok := item.(string); ok && key == "text" {
				n += utf8.RuneCountInString(s)
			} else {
				n += textLength(item)
			}
		}
	}
	return n
}
