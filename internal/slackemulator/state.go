package slackemulator

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// controlState is what people have chosen in the controls of a message or view:
// by block_id and action_id, each in the shape of state.values in payloads.
type controlState map[string]map[string]object

// valueFields is the field of state.values in which each kind of control holds
// what was chosen, and initialFields the one with which an app presets it.
var (
	valueFields = map[string]string{
		"plain_text_input": "value", "number_input": "value", "email_text_input": "value", "url_text_input": "value",
		"rich_text_input": "rich_text_value", "datepicker": "selected_date", "timepicker": "selected_time",
		"datetimepicker": "selected_date_time", "static_select": "selected_option", "external_select": "selected_option",
		"radio_buttons": "selected_option", "users_select": "selected_user",
		"conversations_select": "selected_conversation", "channels_select": "selected_channel",
		"checkboxes": "selected_options", "multi_static_select": "selected_options", "multi_external_select": "selected_options",
		"multi_users_select": "selected_users", "multi_conversations_select": "selected_conversations",
		"multi_channels_select": "selected_channels",
	}
	initialFields = map[string]string{
		"value": "initial_value", "rich_text_value": "initial_value", "selected_date": "initial_date",
		"selected_time": "initial_time", "selected_date_time": "initial_date_time", "selected_option": "initial_option",
		"selected_user": "initial_user", "selected_conversation": "initial_conversation",
		"selected_channel": "initial_channel", "selected_options": "initial_options", "selected_users": "initial_users",
		"selected_conversations": "initial_conversations", "selected_channels": "initial_channels",
	}
)

func initialState(blocks []object) controlState {
	s := controlState{}
	for _, b := range blocks {
		for _, el := range elementsOf(b) {
			field := valueFields[text(el, "type")]
			if v, ok := el[initialFields[field]]; ok && field != "" {
				s.set(b, el, v)
			}
		}
	}
	return s
}

func (s controlState) set(block, el object, v any) {
	id := text(block, "block_id")
	if s[id] == nil {
		s[id] = map[string]object{}
	}
	kind := text(el, "type")
	s[id][text(el, "action_id")] = object{"type": kind, valueFields[kind]: v}
}

func (s controlState) value(block, el object) any {
	entry := s[text(block, "block_id")][text(el, "action_id")]
	return entry[valueFields[text(el, "type")]]
}

// keptFor returns the choices whose controls are still there.
func (s controlState) keptFor(blocks []object) controlState {
	kept := controlState{}
	for _, b := range blocks {
		for _, el := range elementsOf(b) {
			entry := s[text(b, "block_id")][text(el, "action_id")]
			if entry != nil && entry["type"] == el["type"] {
				kept.set(b, el, entry[valueFields[text(el, "type")]])
			}
		}
	}
	return kept
}

// stateValues is state.values as payloads carry it: every control that holds
// something, with null or an empty list where nothing was chosen.
func stateValues(blocks []object, s controlState) object {
	out := object{}
	for _, b := range blocks {
		for _, el := range elementsOf(b) {
			kind := text(el, "type")
			field := valueFields[kind]
			if field == "" {
				continue
			}
			v := s.value(b, el)
			if v == nil && strings.HasSuffix(field, "s") {
				v = []any{}
			}
			values, _ := out[text(b, "block_id")].(object)
			if values == nil {
				values = object{}
				out[text(b, "block_id")] = values
			}
			values[text(el, "action_id")] = object{"type": kind, field: v}
		}
	}
	return out
}

// valueFor turns what a person typed or picked into the value of a control. For
// a control with several choices they are separated by commas.
func (e *Emulator) valueFor(el object, typed string, suggested []object) (any, error) {
	kind := text(el, "type")
	if typed == "" {
		return nil, nil
	}
	switch kind {
	case "plain_text_input", "number_input", "email_text_input", "url_text_input":
		return typed, nil
	case "rich_text_input":
		return object{"type": "rich_text", "elements": []any{object{
			"type": "rich_text_section", "elements": []any{object{"type": "text", "text": typed}},
		}}}, nil
	case "datepicker":
		_, err := time.Parse(time.DateOnly, typed)
		return typed, err
	case "timepicker":
		_, err := time.Parse("15:04", typed)
		return typed, err
	case "datetimepicker":
		if at, err := time.Parse(time.RFC3339, typed); err == nil {
			return at.Unix(), nil
		}
		n, err := strconv.ParseInt(typed, 10, 64)
		return n, err
	case "static_select", "radio_buttons", "external_select", "overflow":
		return chosen(el, typed, suggested)
	case "checkboxes", "multi_static_select", "multi_external_select":
		var out []any
		for part := range strings.SplitSeq(typed, ",") {
			option, err := chosen(el, strings.TrimSpace(part), suggested)
			if err != nil {
				return nil, err
			}
			out = append(out, option)
		}
		return out, nil
	case "users_select", "conversations_select", "channels_select":
		return e.idOf(typed)
	case "multi_users_select", "multi_conversations_select", "multi_channels_select":
		var out []any
		for part := range strings.SplitSeq(typed, ",") {
			id, err := e.idOf(strings.TrimSpace(part))
			if err != nil {
				return nil, err
			}
			out = append(out, id)
		}
		return out, nil
	}
	return nil, fmt.Errorf("a %s cannot be filled in", kind)
}

// idOf resolves @ana, #ops or an ID.
func (e *Emulator) idOf(name string) (string, error) {
	switch {
	case e.accounts[name] != nil || e.conversations[name] != nil:
		return name, nil
	case strings.HasPrefix(name, "#"):
		if c := e.conversationByName(name); c != nil {
			return c.id, nil
		}
	default:
		if a := e.accountByName(name); a != nil {
			return a.id, nil
		}
	}
	return "", fmt.Errorf("there is no %q in the workspace", name)
}

// optionsOf returns all options of a control, those in groups too.
func optionsOf(el object) []object {
	out := children(el, "options")
	for _, group := range children(el, "option_groups") {
		out = append(out, children(group, "options")...)
	}
	return out
}

// chosen finds an option by its label or its value. The payload carries text and
// value of it, and nothing else.
func chosen(el object, typed string, suggested []object) (object, error) {
	var labels []string
	for _, o := range slices.Concat(optionsOf(el), suggested) {
		label := text(sub(o, "text"), "text")
		if label == typed || text(o, "value") == typed {
			out := maps.Clone(o)
			delete(out, "description")
			return out, nil
		}
		labels = append(labels, label)
	}
	return nil, fmt.Errorf("no option %q; there are %q", typed, labels)
}
