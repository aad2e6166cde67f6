package blockkit

import (
	"fmt"
	"maps"
	"math/big"
	"regexp"
)

// Elements: https://docs.slack.dev/reference/block-kit/block-elements

// elements holds the elements that stand in more than one kind of block.
var elements = map[string]rule{
	"button": typed([]field{
		required("text", plainText(limits.buttonText)),
		actionID,
		optional("url", link(limits.buttonURL)),
		optional("value", str(0, limits.buttonValue)),
		optional("style", buttonStyle),
		optional("confirm", confirm),
		optional("accessibility_label", str(1, limits.accessibilityLabel)),
	}),
	"workflow_button": typed([]field{
		required("text", plainText(limits.buttonText)),
		required("workflow", object([]field{required("trigger", workflowTrigger)})),
		actionID,
		optional("style", buttonStyle),
		optional("accessibility_label", str(1, limits.accessibilityLabel)),
	}),
	"image": imageElement,
	"overflow": typed([]field{
		required("options", list(1, limits.overflowOptions, linkOption)),
		actionID,
		optional("confirm", confirm),
	}),
	"checkboxes": typed([]field{
		required("options", list(1, limits.checkboxesOptions, markedOption)),
		optional("initial_options", list(1, limits.checkboxesOptions, markedOption)),
		actionID, focus,
		optional("confirm", confirm),
	}, optionsHold),
	"radio_buttons": typed([]field{
		required("options", list(1, limits.radioOptions, markedOption)),
		optional("initial_option", markedOption),
		actionID, focus,
		optional("confirm", confirm),
	}, optionsHold),
	"datepicker": typed([]field{
		optional("initial_date", pattern(regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`), "date")),
		actionID, focus, hint,
		optional("confirm", confirm),
	}),
	"timepicker": typed([]field{
		optional("initial_time", pattern(regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`), "time")),
		optional("timezone", nonEmpty),
		actionID, focus, hint,
		optional("confirm", confirm),
	}),
	"datetimepicker": typed([]field{
		optional("initial_date_time", tenDigits),
		actionID, focus,
		optional("confirm", confirm),
	}),
	"plain_text_input": typed([]field{
		optional("initial_value", str(0, limits.inputInitialValue)),
		optional("multiline", boolean),
		optional("min_length", integer(0, limits.inputMinLength)),
		optional("max_length", integer(1, limits.inputMaxLength)),
		optional("dispatch_action_config", dispatchActionConfig),
		actionID, focus, hint,
	}, minNotAboveMax("min_length", "max_length")),
	"number_input": typed([]field{
		required("is_decimal_allowed", boolean),
		optional("initial_value", numeral),
		optional("min_value", numeral),
		optional("max_value", numeral),
		optional("dispatch_action_config", dispatchActionConfig),
		actionID, focus, hint,
	}, minNotAboveMax("min_value", "max_value")),
	"email_text_input": singleLineInput,
	"url_text_input":   singleLineInput,
	"rich_text_input": typed([]field{
		optional("initial_value", oneOf(map[string]rule{"rich_text": richText})),
		optional("min_lines", integer(1, unlimited)),
		optional("max_lines", integer(1, unlimited)),
		optional("dispatch_action_config", dispatchActionConfig),
		actionID, focus, hint,
	}),
	"file_input": typed([]field{
		optional("filetypes", list(1, unlimited, nonEmpty)),
		optional("max_files", integer(1, limits.inputFiles)),
		actionID,
	}),
	"feedback_buttons": typed([]field{
		required("positive_button", feedbackButton),
		required("negative_button", feedbackButton),
		actionID,
	}),
	"icon_button": typed([]field{
		required("icon", enum("trash")),
		required("text", plainText(limits.buttonText)),
		optional("value", str(0, limits.buttonValue)),
		optional("accessibility_label", str(1, limits.accessibilityLabel)),
		optional("visible_to_user_ids", list(1, unlimited, nonEmpty)),
		optional("confirm", confirm),
		actionID,
	}),
}

// The fields that most elements share.
var (
	actionID = optional("action_id", str(0, limits.actionID))
	focus    = optional("focus_on_load", focusOnLoad)
	hint     = optional("placeholder", plainText(limits.placeholder))
)

var imageElement = typed([]field{
	required("alt_text", str(1, limits.imageAltText)),
	optional("image_url", link(limits.imageURL, "https", "http")),
	optional("slack_file", slackFile),
}, exactlyOne("image_url", "slack_file"))

var singleLineInput = typed([]field{
	optional("initial_value", str(0, limits.inputInitialValue)),
	optional("dispatch_action_config", dispatchActionConfig),
	actionID, focus, hint,
})

var feedbackButton = object([]field{
	required("text", plainText(limits.buttonText)),
	required("value", str(0, limits.buttonValue)),
	optional("accessibility_label", str(1, limits.accessibilityLabel)),
})

var workflowTrigger = object([]field{
	required("url", link(unlimited, "https")),
	optional("customizable_input_parameters", list(0, unlimited, object([]field{
		required("name", nonEmpty),
		required("value", anyValue),
	}))),
})

// numeral takes a decimal number written as a string.
var numeral = pattern(regexp.MustCompile(`^-?\d{1,30}(\.\d{1,30})?$`), "number")

// tenDigits takes a Unix time in seconds, which has ten digits.
func tenDigits(c *check, at string, v any) {
	if n, ok := wholeNumber(v); !ok || n < 1_000_000_000 || n > 9_999_999_999 {
		c.refuse(at, "must provide a unix timestamp of 10 digits")
	}
}

// minNotAboveMax compares two fields that hold numbers or numerals.
func minNotAboveMax(low, high string) func(c *check, at string, m map[string]any) {
	return func(c *check, at string, m map[string]any) {
		a, okA := new(big.Rat).SetString(fmt.Sprint(m[low]))
		b, okB := new(big.Rat).SetString(fmt.Sprint(m[high]))
		if okA && okB && a.Cmp(b) > 0 {
			c.refuse(at+"/"+low, fmt.Sprintf("must be less than or equal to `%s`", high))
		}
	}
}

// named picks elements by their type.
func named(types ...string) map[string]rule {
	out := make(map[string]rule, len(types))
	for _, name := range types {
		r, ok := elements[name]
		if !ok {
			panic("blockkit: no rule for element " + name)
		}
		out[name] = r
	}
	return out
}

// both joins sets of elements.
func both(sets ...map[string]rule) map[string]rule {
	out := map[string]rule{}
	for _, set := range sets {
		maps.Copy(out, set)
	}
	return out
}
