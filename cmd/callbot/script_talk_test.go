package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// told is the newest message to somebody alone, in the channel or in their direct
// messages, that reads as containing all of these, once there is one.
func told(ctx context.Context, w *world, who string, match func(slackemulator.Message) bool) (found slackemulator.Message, err error) {
	user := w.Slack.User(who)
	err = look(ctx, func() (bool, error) {
		all, err := user.Ephemerals(w.Channel)
		if err != nil {
			return false, err
		}
		for _, m := range user.DM().Messages() {
			if m.ByApp {
				all = append(all, m)
				all = append(all, m.Thread().Messages()...)
			}
		}
		ok := false
		for _, m := range all {
			if m.ByApp && !m.Deleted && match(m) && (!ok || m.TS >= found.TS) {
				found, ok = m, true
			}
		}
		return ok, nil
	})
	return found, err
}

// talkVerbs are what people say to the bot otherwise than with a command, and what it
// tells them alone.
var talkVerbs = map[string]slackVerb{
	"in": {1, 1, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		w.Channel = args[0]
		return nil
	}},
	"told": {2, 9, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		m, err := told(ctx, w, args[0], slackemulator.Contains(args[1:]...))
		if err == nil {
			fmt.Fprint(ts.Stdout(), steady(m.Plain()+"\n"))
		}
		return err
	}},
	"told-click": {2, 9, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		m, err := told(ctx, w, args[0], func(m slackemulator.Message) bool {
			return slackemulator.HasButton(args[1])(m) && slackemulator.Contains(args[2:]...)(m)
		})
		if err != nil {
			return err
		}
		_, err = m.Button(args[1]).Click(ctx, w.Slack.User(args[0]))
		return err
	}},
	"ask": {2, 9, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		user, line, match := w.Slack.User(args[0]), args[1], slackemulator.Contains(args[2:]...)
		var answer string
		err := look(ctx, func() (bool, error) {
			reply, err := user.Slash(ctx, w.Channel, line)
			if err != nil {
				return false, err
			}
			for _, m := range reply.Messages() {
				if answer = m.Plain(); match(m) && strings.Count(answer, "its card") == strings.Count(answer, "its card (") {
					return true, nil
				}
			}
			return false, nil
		})
		fmt.Fprint(ts.Stdout(), steady(answer+"\n"))
		return err
	}},
	"mention": {2, 3, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		line := "@callbot " + args[1]
		if len(args) == 2 {
			_, err := w.Slack.User(args[0]).Post(w.Channel, line)
			return err
		}
		m, err := inChannel(ctx, w, args[2])
		if err != nil {
			return err
		}
		_, err = m.Thread().Post(w.Slack.User(args[0]), line)
		return err
	}},
	"reply": {3, 3, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		m, err := there(ctx, w, args[0], args[2])
		if err != nil {
			return err
		}
		_, err = m.Thread().Post(w.Slack.User(args[0]), args[1])
		return err
	}},
	"replies": {2, 2, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		m, err := inChannel(ctx, w, args[0])
		if err != nil {
			return err
		}
		printSteady(ctx, ts, w, func() string {
			var b strings.Builder
			for _, r := range m.Thread().Messages() {
				b.WriteString("--\n" + r.Plain() + "\n")
			}
			return steady(b.String())
		}, args[1])
		return nil
	}},
	"post": {2, 2, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		_, err := w.Slack.User(args[0]).Post(w.Channel, args[1])
		return err
	}},
	"tell": {2, 2, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		_, err := w.Slack.User(args[0]).Post("@callbot", args[1])
		return err
	}},
	"shortcut": {2, 3, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		if len(args) == 2 {
			_, err := w.Slack.User(args[0]).Shortcut(ctx, args[1])
			return err
		}
		m, err := there(ctx, w, args[0], args[2])
		if err != nil {
			return err
		}
		_, err = m.Shortcut(ctx, w.Slack.User(args[0]), args[1])
		return err
	}},
}

// there is the newest message that somebody sees in the channel, or in their direct
// messages with the bot if that is where they are, in threads too, with that text in it.
func there(ctx context.Context, w *world, who, text string) (found slackemulator.Message, err error) {
	user, match := w.Slack.User(who), slackemulator.Contains(text)
	place := user.DM
	if w.Channel != "@"+w.Slack.BotName() {
		place = func() *slackemulator.Channel { return w.Slack.Channel(w.Channel) }
	}
	err = look(ctx, func() (bool, error) {
		for _, m := range slices.Backward(place().SeenBy(user)) {
			if !m.Deleted && match(m) {
				found = m
				return true, nil
			}
		}
		return false, nil
	})
	return found, err
}

// inChannel is a message of anybody in the channel that reads as containing a text.
func inChannel(ctx context.Context, w *world, text string) (found slackemulator.Message, err error) {
	err = look(ctx, func() (bool, error) {
		for _, m := range w.Slack.Channel(w.Channel).Messages() {
			if slackemulator.Contains(text)(m) {
				found = m
				return true, nil
			}
		}
		return false, nil
	})
	return found, err
}
