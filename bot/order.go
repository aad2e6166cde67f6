package bot

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"unicode"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// The words behind the slash command that decide for all calls.
const (
	wordPause  = "pause"
	wordResume = "resume"
	wordAllow  = "allow"
)

// order is such a word and what is typed behind it.
type order struct{ word, rest string }

// parseOrder reads an order. Pause and resume stand alone: behind them something else
// is meant.
func parseOrder(text string) (order, bool) {
	text = strings.TrimFunc(text, unicode.IsSpace)
	at := strings.IndexFunc(text, unicode.IsSpace)
	if at < 0 {
		at = len(text)
	}
	word, rest := strings.ToLower(strings.TrimRight(text[:at], ".!")), strings.TrimFunc(text[at:], unicode.IsSpace)
	switch word {
	case wordPause, wordResume:
		return order{word, rest}, rest == ""
	case wordAllow:
		return order{word, rest}, true
	}
	return order{}, false
}

// order does what an admin typed.
func (a *App) order(ctx context.Context, reply func(string) socketmode.Ack, o order, by call.UserID) socketmode.Ack {
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	var done bool
	var err error
	var yes, no string
	switch o.word {
	case wordPause:
		done, err = a.svc.Pause(ctx, by)
		yes = "All calls are paused: nothing is placed, and every card that waits says so. Calls that are under way go on. Type " + code(commandCall+" "+wordResume) + " to go on."
		no = "All calls are paused already. Type " + code(commandCall+" "+wordResume) + " to go on."
	case wordResume:
		done, err = a.svc.Resume(ctx, by)
		yes = "Calls are resumed. What was approved a short while before the pause is placed now; for what is older, its card asks again."
		no = "Calls are not paused, so nothing changed."
	case wordAllow:
		found, wrong := phone.Find(o.rest, a.region)
		if wrong != nil {
			return reply("Type the number that may be called again, for example " + code(commandCall+" "+wordAllow+" (415) 555-0132") + ".")
		}
		number := escape(numberWords(found.Number))
		done, err = a.svc.Allow(ctx, found.Number, by)
		yes = number + " may be called again."
		no = number + " is not on the list of numbers that are never called, so nothing changed."
	}
	if errors.Is(err, call.ErrUnclear) {
		a.log.Error("a commit whose outcome is not known", slog.Any("error", err))
		return socketmode.NoAck
	}
	if err != nil {
		return reply(a.sentence(err))
	}
	a.log.Info("order", slog.String("word", o.word), slog.String("by", string(by)), slog.Bool("changed", done))
	if done {
		return reply(yes)
	}
	return reply(no)
}
