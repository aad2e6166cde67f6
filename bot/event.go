package bot

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// The events that are handled.
const (
	eventHomeOpened = "app_home_opened"
	eventJoined     = "member_joined_channel"
	eventMention    = "app_mention"
	eventFunction   = "function_executed"
	eventMessage    = "message" // one in a direct message: the subscription is message.im
)

// happened is an event as it is delivered.
type happened struct {
	ID    string          `json:"event_id"`
	Team  string          `json:"team_id"`
	Event json.RawMessage `json:"event"`
}

// events is what is done about each kind of event.
func (a *App) events() map[string]func(context.Context, socketmode.Envelope, happened) socketmode.Ack {
	return map[string]func(context.Context, socketmode.Envelope, happened) socketmode.Ack{
		eventHomeOpened: a.homeOpened,
		eventJoined:     a.joined,
		eventMention:    a.said,
		eventMessage:    a.said,
		eventFunction:   a.functionExecuted,
	}
}

// event handles what happened in Slack.
func (a *App) event(ctx context.Context, e socketmode.Envelope) socketmode.Ack {
	var h happened
	var event struct {
		Type string `json:"type"`
	}
	err := json.Unmarshal(e.Payload, &h)
	if err == nil {
		err = json.Unmarshal(h.Event, &event)
	}
	if err != nil {
		a.log.Warn("an event that cannot be read", slog.Any("error", err))
		return socketmode.Ack{}
	}
	if handle, known := a.events()[event.Type]; known {
		return handle(ctx, e, h)
	}
	return socketmode.Ack{}
}

// homeOpened notes that somebody looks at their Home tab.
func (a *App) homeOpened(ctx context.Context, _ socketmode.Envelope, h happened) socketmode.Ack {
	var event struct {
		User    string          `json:"user"`
		Channel string          `json:"channel"`
		Tab     string          `json:"tab"`
		View    json.RawMessage `json:"view"`
	}
	if err := json.Unmarshal(h.Event, &event); err != nil || !slackID.MatchString(event.User) || !slackID.MatchString(event.Channel) {
		a.log.Warn("an event that cannot be read", slog.Any("error", err))
		return socketmode.Ack{}
	}
	if event.Tab != "home" || a.newcomers == nil {
		return socketmode.Ack{}
	}
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	if err := a.newcomers.OpenHome(ctx, call.UserID(event.User), event.Channel, len(event.View) == 0); err != nil {
		a.log.Warn("noting who opened their Home tab", slog.Any("error", err))
		return socketmode.NoAck // it is told again
	}
	return socketmode.Ack{}
}
