package bot

import (
	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// cardInDM says, in the conversation where the card was asked for, where it is.
func cardInDM(conversation string) string {
	text := "I can't post in this conversation, so I sent you the card in a direct message."
	if !isDM(conversation) {
		text += " To have it here, add me with " + code("/invite @callbot") + "."
	}
	return text
}

// renderFileLost says that a text could not be attached.
func renderFileLost() message {
	var p page
	p.line(say("The transcript is too long for a message, and Slack did not take it as a file. Whoever runs callbot may still find it in AgentPhone's own list of calls."))
	return p.message()
}

// renderSuperseded is what becomes of a message that told the end of an attempt, once
// the call was approved again or found after all.
func renderSuperseded(c call.Call) message {
	var p page
	switch c.Status {
	case call.Queued, call.Dialing, call.InProgress, call.Completed, call.Failed, call.Abandoned:
		p.line(say("This was how it looked for a while. The other messages here say how the call stands now."))
	case call.Requested:
		p.line(say("This was before the call was taken back or edited. Its card says how it stands."))
	case call.Declined, call.Expired:
		p.line(say("This was before the call was taken back. Its card says how it stands."))
	default:
		p.line(say("An earlier attempt ended here. The call has moved on since, and the messages here follow it."))
	}
	return p.message()
}

// fileComment goes with a file that is sent to a direct message. It says where the call
// was asked for, and not whom it called: it stays when the file is deleted, whose title
// says that.
func fileComment(h home) string {
	l := line{say("From a call that you asked for")}
	if slackID.MatchString(h.origin) {
		l = append(l, say(" in "), piece{kind: channel, text: h.origin})
	}
	return append(l, say(".")).fallback(maxFallback)
}

// renderFileInDM says where a file went that could not be put into the thread.
func renderFileInDM(c call.Call, slot call.Slot) message {
	var p page
	p.line(say("I can't share files in this conversation, so I sent the %s to ", words(slot)), mention(c.Contact()), say(" in a direct message."))
	return p.message()
}

// noticeModal tells a person something, in mrkdwn of ours, where there is no conversation
// to tell it in.
func noticeModal(text string) slack.ModalViewRequest {
	short, _ := cut(text, maxElement)
	object := &slack.TextBlockObject{Type: slack.MarkdownType, Text: short, Verbatim: true}
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plain("callbot"), Close: plain("Close"),
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewSectionBlock(object, nil, nil)}},
	}
}
