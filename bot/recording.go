package bot

import "github.com/agentphone-slack/callbot/internal/call"

// renderRecordingLost says that a recording stays where it is.
func renderRecordingLost() message {
	var p page
	p.line(say("The recording could not be brought here from AgentPhone. Whoever runs callbot can still find it in AgentPhone's own list of calls."))
	return p.message()
}

// renderSuperseded is what becomes of a message that told the end of an attempt, once
// the call was approved again or found after all.
func renderSuperseded(c call.Call) message {
	var p page
	if c.Status.Active() {
		p.line(say("This was how it looked for a while. AgentPhone has the call after all, and the messages here follow it."))
	} else {
		p.line(say("An earlier attempt ended here. The call has moved on since, and the messages here follow it."))
	}
	return p.message()
}

// renderFileInDM says where a file went that could not be put into the thread.
func renderFileInDM(c call.Call, slot call.Slot) message {
	var p page
	p.line(say("I'm not a member of this conversation, so I sent the %s to ", slot), mention(c.Requester), say(" in a direct message."))
	return p.message()
}
