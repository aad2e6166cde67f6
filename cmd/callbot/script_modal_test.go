package main

import (
	"context"
	"fmt"
	"maps"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

func init() { //nolint:gochecknoinits // the table of verbs is filled in more than one file
	maps.Copy(slackVerbs, modalVerbs)
}

// modalVerbs are what people do with the modal that they have open.
var modalVerbs = map[string]slackVerb{
	"modal": {1, 1, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		v, err := openModal(ctx, w, args[0])
		if err == nil {
			fmt.Fprintln(ts.Stdout(), v.Plain())
		}
		return err
	}},
	"fill": {3, 3, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		v, err := openModal(ctx, w, args[0])
		if err != nil {
			return err
		}
		return v.Fill(ctx, args[1], args[2])
	}},
	"submit": {1, 1, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		v, err := openModal(ctx, w, args[0])
		if err != nil {
			return err
		}
		return v.Submit(ctx)
	}},
}

func openModal(ctx context.Context, w *world, who string) (slackemulator.View, error) {
	return w.Slack.User(who).WaitView(ctx, func(slackemulator.View) bool { return true })
}
