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

// presser is one of a crowd, and a text of the card whose buttons they press.
type presser struct{ name, card string }

// crowdVerbs are what many people do at once.
var crowdVerbs = map[string]slackVerb{
	"crowd": {1, 2, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		n, err := strconv.Atoi(args[0])
		if err != nil || n < 1 || n > len(objectives) {
			return fmt.Errorf("a crowd of %s", args[0])
		}
		for i, name := range crowdNames(n) {
			u := w.Slack.AddUser(name)
			w.Slack.Channel(w.Channel).Join(u)
			number := fmt.Sprintf("(415) 555-01%d", 40+i)
			asker := u
			if len(args) == 2 {
				asker = w.Slack.User(args[1])
			}
			if _, err := asker.Slash(ctx, w.Channel, "/call "+number+" "+objectives[i]); err != nil {
				return err
			}
			card := "asks to call " + number
			if _, err := w.Slack.Channel(w.Channel).WaitMessage(ctx, slackemulator.Contains(card)); err != nil {
				return err
			}
			w.crowd = append(w.crowd, presser{name, card})
		}
		return nil
	}},
	// Each person presses as soon as all others are about to.
	"rush": {1, 3, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		cards := map[string]*slackemulator.Control{}
		for _, p := range w.crowd {
			card := p.card
			if len(args) > 1 {
				card = args[1] // one for all
			}
			m, err := w.Slack.Channel(w.Channel).WaitMessage(ctx, slackemulator.Contains(card))
			if err != nil {
				return err
			}
			cards[p.name] = m.Button(args[0])
		}
		start := make(chan struct{})
		replies := make([]*slackemulator.Reply, len(w.crowd))
		errs := make([]error, len(w.crowd))
		var all sync.WaitGroup
		for i, p := range w.crowd {
			all.Go(func() {
				<-start
				replies[i], errs[i] = cards[p.name].ClickAsShown(ctx, w.Slack.User(p.name))
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
