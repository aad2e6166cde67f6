package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agentphone-slack/callbot/internal/sandbox"
	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

func slackCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := theWorld(ts)
	ctx, cancel := waiting()
	defer cancel()
	if len(args) == 0 {
		ts.Fatalf("usage: slack VERB …")
	}
	verb, rest := args[0], args[1:]
	var do slackVerb
	known := false
	for _, verbs := range []map[string]slackVerb{slackVerbs, formVerbs, homeVerbs, talkVerbs, crowdVerbs, stepVerbs} {
		if v, ok := verbs[verb]; ok {
			do, known = v, true
		}
	}
	if !known || len(rest) < do.least || len(rest) > do.most {
		ts.Fatalf("slack: unknown: %q", args)
	}
	err := do.run(ctx, ts, w, rest)
	if neg {
		if err == nil {
			ts.Fatalf("unexpected success")
		}
		fmt.Fprintln(ts.Stdout(), err)
		return
	}
	ts.Check(err)
}

type slackVerb struct {
	least, most int // arguments
	run         func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error
}

var slackVerbs = map[string]slackVerb{
	"say": {2, 2, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		reply, err := w.Slack.User(args[0]).Slash(ctx, w.Channel, args[1])
		printAnswers(ts, reply)
		return err
	}},
	"click": {2, 9, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		button, err := named(ctx, w, args[0], args[1], args[2:])
		if err != nil {
			return err
		}
		reply, err := button.Click(ctx, w.Slack.User(args[0]))
		if err == nil {
			printAnswers(ts, reply)
		}
		return err
	}},
	"both": {3, 3, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		button, err := fresh(ctx, w, args[0], args[2])
		if err != nil {
			return err
		}
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			wg.Go(func() { _, errs[i] = button.ClickAsShown(ctx, w.Slack.User(args[i])) })
		}
		wg.Wait()
		return firstOf(errs)
	}},
	"press-old": {2, 2, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		button, err := gone(ctx, w, args[1])
		if err != nil {
			return err
		}
		_, err = button.ClickAsShown(ctx, w.Slack.User(args[0]))
		return err
	}},
	"wait": {1, 9, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		_, err := anyMessage(ctx, w, slackemulator.Contains(args...))
		return err
	}},
	"saw": {1, 9, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		match := slackemulator.Contains(args...)
		_, err := happened(ctx, w, func(m slackemulator.Message) bool { return m.ByApp && match(m) })
		return err
	}},
	"delete": {1, 9, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		match := slackemulator.Contains(args...)
		m, err := happened(ctx, w, func(m slackemulator.Message) bool { return match(m.Current()) && !m.Current().Deleted })
		if err == nil {
			m.Delete()
		}
		return err
	}},
	"absent": {1, 9, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		match := slackemulator.Contains(args...)
		for _, e := range w.Slack.Events(0) {
			if e.Message != nil && e.Message.ByApp && match(e.Message.Current()) {
				return fmt.Errorf("this message is there:\n%s", e.Message.Current().Plain())
			}
		}
		return nil
	}},
	"times": {2, 9, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		want, err := strconv.Atoi(args[0])
		if err != nil {
			return err
		}
		found := map[string]bool{}
		for _, e := range w.Slack.Events(0) {
			if e.Message == nil || !e.Message.ByApp {
				continue
			}
			if now := e.Message.Current(); !now.Deleted && slackemulator.Contains(args[1:]...)(now) {
				found[now.ChannelID+now.TS] = true
			}
		}
		if len(found) != want {
			return fmt.Errorf("%d messages are so, want %d", len(found), want)
		}
		return nil
	}},
	"cards": {1, 1, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		n, err := strconv.Atoi(args[0])
		if err != nil {
			return err
		}
		return look(ctx, func() (bool, error) {
			cards := 0
			for _, m := range w.Slack.Channel(w.Channel).Messages() {
				if m.ByApp {
					cards++
				}
			}
			return cards == n, nil
		})
	}},
	"thread": {1, 1, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		printConversation(ctx, ts, w, w.Slack.Channel(w.Channel), args[0])
		return nil
	}},
	"read": {2, 2, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		printConversation(ctx, ts, w, w.Slack.Channel(args[0]), args[1])
		return nil
	}},
	"channel": {2, 2, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		c, err := w.Slack.LookupChannel(args[0])
		options := []slackemulator.ChannelOption{slackemulator.WithoutBot(), w.Slack.User("ana"), w.Slack.User("ben")}
		if args[1] != "public" {
			options = append(options, slackemulator.Private())
		}
		if err != nil {
			c = w.Slack.AddChannel(args[0], options...)
		}
		if args[1] != "without" {
			c.AddBot()
		}
		return nil
	}},
	"dm": {2, 2, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		printConversation(ctx, ts, w, w.Slack.User(args[0]).DM(), args[1])
		return nil
	}},
	"dm-click": {2, 9, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		who := w.Slack.User(args[0])
		has, contains := slackemulator.HasButton(args[1]), slackemulator.Contains(args[2:]...)
		m, err := who.DM().WaitMessage(ctx, func(m slackemulator.Message) bool { return has(m) && contains(m) })
		if err != nil {
			return err
		}
		reply, err := m.Current().Button(args[1]).Click(ctx, who)
		if err == nil {
			printAnswers(ts, reply)
		}
		return err
	}},
	"bot": {1, 1, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		switch args[0] {
		case "outside":
			w.Channel = "#private"
			w.Slack.AddChannel(w.Channel, slackemulator.Private(), slackemulator.WithoutBot(), w.Slack.User("ana"))
		case "inside":
			w.Channel = "#private"
			w.Slack.AddChannel(w.Channel, slackemulator.Private(), w.Slack.User("ana"))
		case "added":
			w.Slack.Channel(w.Channel).AddBot()
		case "removed":
			w.Slack.Channel(w.Channel).RemoveBot()
		default:
			return fmt.Errorf("the bot cannot be %s", args[0])
		}
		return nil
	}},
	"archive": {0, 0, func(_ context.Context, _ *testscript.TestScript, w *world, _ []string) error {
		w.Slack.Channel(w.Channel).SetArchived(true)
		return nil
	}},
	"fail": {3, 3, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		n, err := strconv.Atoi(args[1])
		fault := slackemulator.Fault{Code: args[2]}
		switch args[2] {
		case "429":
			fault = slackemulator.Fault{Status: http.StatusTooManyRequests, RetryAfter: time.Second}
		case "500":
			fault = slackemulator.Fault{Status: http.StatusInternalServerError}
		case "cut":
			fault = slackemulator.Fault{}
		case "lost":
			fault = slackemulator.Fault{AfterEffect: true}
		}
		w.Slack.Fail(args[0], n, fault)
		return err
	}},
	"slow": {2, 2, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		d, err := time.ParseDuration(args[1])
		w.Slack.Delay(args[0], d)
		return err
	}},
	"busy": {1, 1, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		channel := w.Slack.Channel(w.Channel).ID()
		w.Slack.Hook(func(c slackemulator.Call) *slackemulator.Fault {
			if args[0] == "off" || c.Method != "chat.postMessage" || c.Args["channel"] != channel {
				return nil
			}
			return &slackemulator.Fault{Status: http.StatusTooManyRequests, RetryAfter: 2 * time.Second}
		})
		return nil
	}},
	"is": {1, 1, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		return w.SetSlack(sandbox.Condition(args[0]))
	}},
	"token": {1, 1, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		w.Slack.FailTokens(strings.TrimSuffix(args[0], "ok"))
		return nil
	}},
	"connected": {0, 1, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		n := 1
		if len(args) == 1 {
			var err error
			if n, err = strconv.Atoi(args[0]); err != nil {
				return err
			}
		}
		return w.Slack.WaitLinks(ctx, n)
	}},
	"links": {1, 1, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		n, err := strconv.Atoi(args[0])
		if err != nil {
			return err
		}
		return w.Slack.WaitFor(ctx, func() bool { return w.Slack.Links() == n })
	}},
	"refresh": {0, 0, func(_ context.Context, _ *testscript.TestScript, w *world, _ []string) error {
		w.Slack.Refresh(10 * time.Second)
		return nil
	}},
	"drop-links": {0, 0, func(_ context.Context, _ *testscript.TestScript, w *world, _ []string) error {
		w.Slack.DropLinks()
		return nil
	}},
	"disable-links": {0, 0, func(_ context.Context, _ *testscript.TestScript, w *world, _ []string) error {
		w.Slack.LinkDisabled()
		return nil
	}},
	"redeliver": {0, 1, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		kind := "slash_commands"
		if len(args) == 1 {
			kind = map[string]string{"click": "interactive", "event": "events_api"}[args[0]]
		}
		sent := w.Slack.Envelopes(kind)
		if len(sent) == 0 {
			return fmt.Errorf("nothing was sent yet")
		}
		_, err := w.Slack.Redeliver(ctx, sent[len(sent)-1])
		return err
	}},
	"requests": {2, 2, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		most, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		if got := len(w.Slack.Calls(args[0])); got > most {
			return fmt.Errorf("%s was called %d times, at most %d were right", args[0], got, most)
		}
		return nil
	}},
	"refused": {2, 2, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		most, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		got := 0
		for _, c := range w.Slack.Calls() {
			if c.Error == args[0] {
				got++
			}
		}
		if got > most {
			return fmt.Errorf("%d requests were answered with %s, at most %d were right", got, args[0], most)
		}
		return nil
	}},
}

func firstOf(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// printAnswers prints what was answered to one person alone. If that is nothing, nothing
// of an earlier command stays on stdout.
func printAnswers(ts *testscript.TestScript, reply *slackemulator.Reply) {
	out := ts.Stdout()
	if reply == nil {
		return
	}
	for _, m := range reply.Messages() {
		fmt.Fprintln(out, m.Plain())
	}
}

// named is the button of that label that is not pressed yet, of any, or of a message with a text.
func named(ctx context.Context, w *world, who, label string, which []string) (*slackemulator.Control, error) {
	switch {
	case len(which) > 1 && which[0] == "in":
		var button *slackemulator.Control
		has, contains := slackemulator.HasButton(label), slackemulator.Contains(which[1:]...)
		_, err := happened(ctx, w, func(m slackemulator.Message) bool {
			now := m.Current()
			if !m.ByApp || now.Deleted || !has(now) || !contains(now) {
				return false
			}
			button = now.Button(label)
			return true
		})
		if err != nil {
			return nil, fmt.Errorf("no button %q appeared in a message with %q: %w", label, which[1:], err)
		}
		return button, nil
	case len(which) == 1 && which[0] == "again":
		clear(w.pressed)
	case len(which) > 0:
		return nil, fmt.Errorf("which button %q is %q?", label, which)
	}
	return fresh(ctx, w, who, label)
}

// fresh is a button of that label that this person has not pressed yet, once there is one.
func fresh(ctx context.Context, w *world, who, label string) (*slackemulator.Control, error) {
	key := func(m slackemulator.Message) string {
		b := m.Button(label)
		return who + m.ChannelID + m.TS + b.ActionID + b.Value
	}
	m, err := anyMessage(ctx, w, func(m slackemulator.Message) bool {
		return slackemulator.HasButton(label)(m) && !w.pressed[key(m)]
	})
	if err != nil {
		return nil, fmt.Errorf("no button %q appeared: %w", label, err)
	}
	w.pressed[key(m)] = true
	return m.Button(label), nil
}

// gone is the button of that label that the newest message which had one has no more.
func gone(ctx context.Context, w *world, label string) (*slackemulator.Control, error) {
	var button *slackemulator.Control
	err := look(ctx, func() (bool, error) {
		newest := ""
		for _, e := range w.Slack.Events(0) {
			if e.Message == nil || !e.Message.ByApp || e.Message.TS < newest || slackemulator.HasButton(label)(e.Message.Current()) {
				continue
			}
			for _, r := range e.Message.Revisions() {
				if slackemulator.HasButton(label)(r) {
					button, newest = r.Button(label), r.TS
				}
			}
		}
		return button != nil, nil
	})
	if err != nil {
		return nil, fmt.Errorf("no message had and lost a button %q: %w", label, err)
	}
	return button, nil
}

// anyMessage waits until any message of the app, wherever it stands, is now one that matches.
func anyMessage(ctx context.Context, w *world, match func(slackemulator.Message) bool) (slackemulator.Message, error) {
	m, err := happened(ctx, w, func(m slackemulator.Message) bool { return m.ByApp && match(m.Current()) })
	if err != nil {
		return m, err
	}
	return m.Current(), nil
}

// happened waits until a message is posted or edited, by anybody and anywhere, that matches
// as it is then. Of those there are already, it is the first.
func happened(ctx context.Context, w *world, match func(slackemulator.Message) bool) (slackemulator.Message, error) {
	seen := 0
	for {
		events, err := w.Slack.WaitEvents(ctx, seen)
		if err != nil {
			return slackemulator.Message{}, err
		}
		for _, e := range events {
			seen = e.Seq
			if e.Message != nil && match(*e.Message) {
				return *e.Message, nil
			}
		}
	}
}
