package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// homeTab is somebody's Home tab, once it reads as containing all of these.
func homeTab(ctx context.Context, w *world, who string, texts ...string) (slackemulator.View, error) {
	return w.Slack.User(who).WaitHome(ctx, func(v slackemulator.View) bool {
		plain := v.Plain()
		for _, text := range texts {
			if !strings.Contains(plain, text) {
				return false
			}
		}
		return true
	})
}

// homeVerbs are what people do with their Home tab.
var homeVerbs = map[string]slackVerb{
	"home-open": {1, 1, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		w.Slack.User(args[0]).OpenHome()
		return nil
	}},
	"home": {1, 9, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		v, err := homeTab(ctx, w, args[0], args[1:]...)
		if err == nil {
			fmt.Fprint(ts.Stdout(), steady(v.Plain()+"\n"))
		}
		return err
	}},
	"home-click": {2, 2, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		v, err := w.Slack.User(args[0]).WaitHome(ctx, func(v slackemulator.View) bool { return v.Button(args[1]).Err() == nil })
		if err != nil {
			return err
		}
		_, err = v.Button(args[1]).Click(ctx, w.Slack.User(args[0]))
		return err
	}},
}
