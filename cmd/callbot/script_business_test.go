package main

import (
	"context"
	"fmt"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
)

// business does what the called party does with the last call, as soon as it rings.
func business(ctx context.Context, ts *testscript.TestScript, w *world, verb string, args []string) error {
	var do func(id string) error
	switch {
	case verb == "manual" && len(args) == 1:
		w.Phone.SetManual(args[0] == "on")
		return nil
	case verb == "answer" && len(args) == 0:
		do = w.Phone.Answer
	case verb == "menu" && len(args) == 0:
		do = w.Phone.Menu
	case verb == "busy" && len(args) == 0:
		do = w.Phone.Busy
	case verb == "hang-up" && len(args) == 0:
		do = w.Phone.HangUp
	case verb == "cancel" && len(args) == 0:
		do = w.Phone.Cancel
	case verb == "says" && len(args) == 1:
		do = func(id string) error { return w.Phone.Say(id, args[0]) }
	case verb == "completes" && len(args) == 2:
		do = func(id string) error {
			return w.Phone.Complete(id, agentphonetest.Result{Outcome: args[0], Summary: args[1]})
		}
	default:
		return fmt.Errorf("unknown: phone %s %q", verb, args)
	}
	err := look(ctx, func() (bool, error) {
		c, called := w.lastCall()
		return called && c.Status != "queued", nil
	})
	if err != nil {
		return err
	}
	return do(lastCall(ts, w).ID)
}
