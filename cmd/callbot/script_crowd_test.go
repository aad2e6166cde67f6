package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// crowdNames are the people of a crowd.
func crowdNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("crowd%d", i+1)
	}
	return names
}

// objectives tell the calls of a crowd apart, so that nobody takes them for one lot.
var objectives = []string{
	"Ask whether they are open on Sunday", "Book a table for four under Lee", "Cancel the haircut of Friday",
	"Find out what a new key costs", "Order two boxes of oranges", "Move the delivery to Tuesday morning",
	"Reserve the tennis court at noon", "Tell them that the parcel has arrived", "Check if the blue lamp is in stock",
	"Get an appointment with the dentist",
}

// crowdVerbs are what many people do at once.
var crowdVerbs = map[string]slackVerb{
	"crowd": {1, 1, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		n, err := strconv.Atoi(args[0])
		if err != nil || n < 1 || n > len(objectives) {
			return fmt.Errorf("a crowd of %s", args[0])
		}
		for i, name := range crowdNames(n) {
			u := w.Slack.AddUser(name)
			w.Slack.Channel(w.Channel).Join(u)
			number := fmt.Sprintf("(415) 555-01%d", 40+i)
			if _, err := u.Slash(ctx, w.Channel, "/call "+number+" "+objectives[i]); err != nil {
				return err
			}
			if _, err := w.Slack.Channel(w.Channel).WaitMessage(ctx, slackemulator.Contains("@"+name+" asks to call")); err != nil {
				return err
			}
			w.crowd = append(w.crowd, name)
		}
		return nil
	}},
	// Each person presses as soon as all others are about to.
	"rush": {1, 3, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		cards := map[string]*slackemulator.Control{}
		for _, name := range w.crowd {
			asked := "@" + name + " asks to call"
			if len(args) > 1 {
				asked = args[1] // one card for all
			}
			m, err := w.Slack.Channel(w.Channel).WaitMessage(ctx, slackemulator.Contains(asked))
			if err != nil {
				return err
			}
			cards[name] = m.Button(args[0])
		}
		start := make(chan struct{})
		replies := make([]*slackemulator.Reply, len(w.crowd))
		errs := make([]error, len(w.crowd))
		var all sync.WaitGroup
		for i, name := range w.crowd {
			all.Go(func() {
				<-start
				replies[i], errs[i] = cards[name].ClickAsShown(ctx, w.Slack.User(name))
			})
		}
		close(start)
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
		// All but one are told something.
		err := look(ctx, func() (bool, error) {
			told := 0
			for _, r := range replies {
				told += min(1, len(r.Messages()))
			}
			return told >= len(replies)-1, nil
		})
		for _, r := range replies {
			for _, m := range r.Messages() {
				fmt.Fprintln(ts.Stdout(), strings.ReplaceAll(m.Plain(), "\n", " "))
			}
		}
		return err
	}},
}
