package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// commandKey is what a slash command is remembered by. The trigger_id is another for
// each time that a command is typed and the same in each delivery of it; what was
// typed is part of the key so that no two commands can ever be taken for one.
func commandKey(e socketmode.Envelope, cmd slack.SlashCommand) call.Key {
	return intakeKey("command", e, cmd.TriggerID, cmd.UserID, cmd.ChannelID, cmd.Command, cmd.Text)
}

// clickKey is what a click is remembered by.
func clickKey(e socketmode.Envelope, in slack.InteractionCallback, action *slack.BlockAction) call.Key {
	return intakeKey(call.OfClick, e, in.TriggerID, in.User.ID, action.ActionID, action.Value, action.ActionTs)
}

func intakeKey(kind string, e socketmode.Envelope, trigger string, content ...string) call.Key {
	if trigger == "" {
		trigger = e.ID // a sender that names no trigger delivers once
	}
	sum := sha256.Sum256([]byte(strings.Join(content, "\x00")))
	return call.Key(kind + ":" + trigger + ":" + hex.EncodeToString(sum[:8]))
}
