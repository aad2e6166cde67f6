package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// lastStep is the step that a workflow came to last.
func lastStep(w *world) (*slackemulator.StepRun, error) {
	runs := w.Slack.StepRuns()
	if len(runs) == 0 {
		return nil, errors.New("no workflow came to the step yet")
	}
	return runs[len(runs)-1], nil
}

// stepVerbs are what workflows do.
var stepVerbs = map[string]slackVerb{
	"step": {1, 9, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		inputs := map[string]any{"channel": w.Slack.Channel(w.Channel).ID()}
		for _, arg := range args {
			name, value, ok := strings.Cut(arg, "=")
			if !ok {
				return fmt.Errorf("%q is no NAME=VALUE", arg)
			}
			if name == "approver" {
				value = w.Slack.User(value).ID()
			}
			inputs[name] = value
		}
		_, err := w.Slack.RunStep("place_call", inputs)
		return err
	}},
	"step-waits": {0, 0, func(_ context.Context, _ *testscript.TestScript, w *world, _ []string) error {
		run, err := lastStep(w)
		if err != nil {
			return err
		}
		if end, ended := run.End(); ended {
			return fmt.Errorf("it has ended:\n%s", stepWords(end))
		}
		return nil
	}},
	"step-ends": {0, 9, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		run, err := lastStep(w)
		if err != nil {
			return err
		}
		end, err := run.Wait(ctx)
		if err != nil {
			return err
		}
		words := stepWords(end)
		fmt.Fprint(ts.Stdout(), words)
		for _, text := range args {
			if !strings.Contains(words, text) {
				return fmt.Errorf("it ended otherwise:\n%s", words)
			}
		}
		return nil
	}},
}

// stepWords is how a step ended, without what differs from run to run.
func stepWords(end slackemulator.StepEnd) string {
	if !end.OK {
		return steady("failed: " + end.Error + "\n")
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(end.Outputs)) {
		value := end.Outputs[name]
		if _, err := strconv.Atoi(fmt.Sprint(value)); err == nil && name == "duration" {
			value = "SECONDS"
		}
		fmt.Fprintf(&b, "%s: %v\n", name, value)
	}
	return steady(b.String())
}
