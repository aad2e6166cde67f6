package bot

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// The events that are handled, beside [eventFunction].
const (
	eventHomeOpened = "app_home_opened"
	eventJoined     = "member_joined_channel"
)

// event handles what happened in Slack.
func (a *App) event(ctx context.Context, e socketmode.Envelope) socketmode.Ack {
	var payload struct {
		Team  string          `json:"team_id"`
		Event json.RawMessage `json:"event"`
	}
	var event struct {
		Type string `json:"type"`
	}
	err := json.Unmarshal(e.Payload, &payload)
	if err == nil {
		err = json.Unmarshal(payload.Event, &event)
	}
	if err != nil {
		a.log.Warn("an event that cannot be read", slog.Any("error", err))
		return socketmode.Ack{}
	}
	switch event.Type {
	case eventHomeOpened:
		return a.homeOpened(ctx, payload.Event)
	case eventFunction:
		return a.functionExecuted(ctx, e, payload.Team, payload.Event)
	case eventJoined:
		return a.joined(ctx, payload.Event)
	}
	return socketmode.Ack{}
}

// homeOpened notes that somebody looks at their Home tab.
func (a *App) homeOpened(ctx context.Context, raw json.RawMessage) socketmode.Ack {
	var event struct {
		User    string          `json:"user"`
		Channel string          `json:"channel"`
		Tab     string          `json:"tab"`
		View    json.RawMessage `json:"view"`
	}
	if err := json.Unmarshal(raw, &event); err != nil || !slackID.MatchString(event.User) || !slackID.MatchString(event.Channel) {
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
