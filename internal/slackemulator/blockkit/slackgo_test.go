package blockkit_test

import (
	"testing"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/slackemulator/blockkit"
)

func slackText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, true, false)
}

func slackOptions() []*slack.OptionBlockObject {
	return []*slack.OptionBlockObject{
		slack.NewOptionBlockObject("a", slackText("A"), slackText("the first")),
		slack.NewOptionBlockObject("b", slackText("B"), nil),
	}
}

// TestSlackGo takes what slack-go makes of its own types.
func TestSlackGo(t *testing.T) {
	button := slack.NewButtonBlockElement("approve", "c1.3", slackText("Place call")).
		WithStyle(slack.StylePrimary).
		WithConfirm(slack.NewConfirmationBlockObject(slackText("Sure?"), slackText("It calls."), slackText("Call"), slackText("No")))
	shared := []slack.Block{
		slack.NewHeaderBlock(slackText("Call")),
		slack.NewDividerBlock(),
		slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, "*Who*", false, false),
			[]*slack.TextBlockObject{slack.NewTextBlockObject(slack.MarkdownType, "one", false, true), slackText("two")},
			slack.NewAccessory(slack.NewOverflowBlockElement("more", slackOptions()...))),
		slack.NewContextBlock("ctx", slackText("context"), slack.NewImageBlockElement("https://example.com/a.png", "a")),
		slack.NewImageBlock("https://example.com/a.png", "a", "img", slackText("A")),
		slack.NewActionBlock("act", button,
			slack.NewButtonBlockElement("cancel", "c1.3", slackText("Cancel")).WithStyle(slack.StyleDanger),
			slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, slackText("Pick"), "pick", slackOptions()...),
			slack.NewOptionsSelectBlockElement(slack.OptTypeUser, slackText("Who"), "who"),
			slack.NewOptionsSelectBlockElement(slack.OptTypeConversations, slackText("Where"), "where"),
			slack.NewOptionsSelectBlockElement(slack.OptTypeChannels, slackText("Where"), "channel"),
			slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, slackText("Where"), "external"),
			slack.NewDatePickerBlockElement("date"),
			slack.NewTimePickerBlockElement("time"),
			slack.NewDateTimePickerBlockElement("datetime"),
			slack.NewCheckboxGroupsBlockElement("checks", slackOptions()...),
			slack.NewRadioButtonsBlockElement("radio", slackOptions()...)),
		slack.NewSectionBlock(slackText("multi"), nil,
			slack.NewAccessory(slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeStatic, slackText("Pick"), "multi", slackOptions()...))),
		slack.NewRichTextBlock("rich",
			slack.NewRichTextSection(
				slack.NewRichTextSectionTextElement("bold", &slack.RichTextSectionTextStyle{Bold: true}),
				slack.NewRichTextSectionLinkElement("https://example.com", "link", nil),
				slack.NewRichTextSectionUserElement("U1", nil),
				slack.NewRichTextSectionChannelElement("C1", nil),
				slack.NewRichTextSectionEmojiElement("phone", 2, nil),
				slack.NewRichTextSectionBroadcastElement("here"),
				slack.NewRichTextSectionDateElement(1720710212, "{date}", nil, nil)),
			slack.NewRichTextList(slack.RTEListOrdered, 1, slack.NewRichTextSection(slack.NewRichTextSectionTextElement("item", nil))),
			&slack.RichTextQuote{Type: slack.RTEQuote, Elements: []slack.RichTextSectionElement{slack.NewRichTextSectionTextElement("quote", nil)}},
			&slack.RichTextPreformatted{Type: slack.RTEPreformatted, Elements: []slack.RichTextSectionElement{slack.NewRichTextSectionTextElement("code", nil)}}),
		slack.NewVideoBlock("https://example.com/v", "https://example.com/t.png", "alt", "vid", slackText("Video")),
	}
	inputs := []slack.Block{
		slack.NewInputBlock("text", slackText("Text"), slackText("hint"),
			slack.NewPlainTextInputBlockElement(slackText("type"), "text").WithMultiline(true).WithMaxLength(3000)),
		slack.NewInputBlock("number", slackText("Number"), nil, slack.NewNumberInputBlockElement(nil, "number", false)),
		slack.NewInputBlock("email", slackText("Email"), nil, slack.NewEmailTextInputBlockElement(nil, "email")),
		slack.NewInputBlock("url", slackText("URL"), nil, slack.NewURLTextInputBlockElement(nil, "url")),
		slack.NewInputBlock("rich-input", slackText("Rich"), nil, slack.NewRichTextInputBlockElement(nil, "rich")),
	}
	files := slack.NewInputBlock("file", slackText("File"), nil, slack.NewFileInputBlockElement("file"))

	t.Run("message", func(t *testing.T) {
		blocks := append([]slack.Block{
			slack.NewMarkdownBlock("md", "**x**"),
			slack.NewFileBlock("remote", "F1", "remote"),
		}, append(shared, inputs...)...)
		if err := blockkit.ValidateMessage(encode(slack.Blocks{BlockSet: blocks}), "text"); err != nil {
			t.Error(err)
		}
	})
	t.Run("modal", func(t *testing.T) {
		v := slack.ModalViewRequest{
			Type: slack.VTModal, Title: slackText("Title"), Submit: slackText("Go"), Close: slackText("No"),
			PrivateMetadata: "m", CallbackID: "c", ExternalID: "e", NotifyOnClose: true,
			Blocks: slack.Blocks{BlockSet: append(append([]slack.Block{files}, shared...), inputs...)},
		}
		if err := blockkit.ValidateView(encode(v)); err != nil {
			t.Error(err)
		}
	})
	t.Run("home", func(t *testing.T) {
		v := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: append(shared, inputs...)}}
		if err := blockkit.ValidateView(encode(v)); err != nil {
			t.Error(err)
		}
	})
}
