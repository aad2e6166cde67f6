package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// whoVerbs say who people are.
var whoVerbs = map[string]slackVerb{
	"join": {1, 1, func(_ context.Context, ts *testscript.TestScript, w *world, args []string) error {
		u, err := w.Slack.LookupUser(args[0])
		if err != nil {
			u = w.Slack.AddUser(args[0])
		}
		w.Slack.Channel(w.Channel).Join(u)
		ts.Setenv(strings.ToUpper(u.Name()), u.ID())
		return nil
	}},
	"leave": {1, 1, func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		w.Slack.Channel(w.Channel).Leave(w.Slack.User(args[0]))
		return nil
	}},
	"guest":    {1, 1, become(slackemulator.Guest(false))},
	"member":   {1, 1, become(slackemulator.Member())},
	"stranger": {1, 1, become(slackemulator.OtherWorkspace("T0ELSEWHERE"))},
	"group": {1, 9, func(_ context.Context, ts *testscript.TestScript, w *world, args []string) error {
		var members []*slackemulator.User
		for _, name := range args[1:] {
			members = append(members, w.Slack.User(name))
		}
		variable := strings.ToUpper(args[0])
		if id := ts.Getenv(variable); id != "" {
			w.Slack.SetUserGroup(id, members...)
			return nil
		}
		ts.Setenv(variable, w.Slack.AddUserGroup(args[0], members...))
		return nil
	}},
	"forge": {2, 8, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		all := w.Slack.Envelopes("interactive")
		sent := slices.DeleteFunc(slices.Clone(all), func(e slackemulator.Envelope) bool { return strings.HasPrefix(e.ID, "forged-") })
		if len(sent) == 0 || len(args)%2 != 0 {
			return fmt.Errorf("nothing was clicked yet, or there is no NEW for an OLD")
		}
		e := sent[len(sent)-1]
		payload := triggerID.ReplaceAllString(string(e.Payload), fmt.Sprintf(`"trigger_id":"forged.%d"`, len(all)))
		for i := 0; i < len(args); i += 2 {
			if !strings.Contains(payload, args[i]) {
				return fmt.Errorf("%s is not in %s", args[i], payload)
			}
			payload = strings.ReplaceAll(payload, args[i], args[i+1])
		}
		raw, err := json.Marshal(map[string]any{
			"envelope_id": fmt.Sprintf("forged-%d-%s", len(all), e.ID), "type": e.Type, "payload": json.RawMessage(payload), "accepts_response_payload": false,
		})
		if err != nil {
			return err
		}
		_, err = w.Slack.SendRaw(ctx, raw)
		return err
	}},
}

func init() { maps.Copy(slackVerbs, whoVerbs) }

var triggerID = regexp.MustCompile(`"trigger_id":"[^"]*"`)

func become(what slackemulator.UserOption) func(context.Context, *testscript.TestScript, *world, []string) error {
	return func(_ context.Context, _ *testscript.TestScript, w *world, args []string) error {
		w.Slack.User(args[0]).Change(what)
		return nil
	}
}

// introduce tells a scenario the IDs of the people and the channel that are there.
func (w *world) introduce(setenv func(name, value string)) {
	for _, name := range []string{"ana", "ben"} {
		setenv(strings.ToUpper(name), w.Slack.User(name).ID())
	}
	setenv("GENERAL", w.Slack.Channel(w.Channel).ID())
}
