package sandbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// Script is what a person does, one thing after the other: lines that are typed,
// then buttons that are pressed when they appear.
type Script struct {
	Say   []string
	Click []string
	// Patience is how long a card, an answer or a button is waited for.
	Patience time.Duration
	// Idle reports whether nothing more will happen unless somebody does something;
	// nil: never known. A button that is not there by then will not appear.
	Idle func(context.Context) (bool, error)
}

// Play does it all in the world. The error says what did not happen.
func (s Script) Play(ctx context.Context, w *World) error {
	for _, line := range s.Say {
		if err := s.say(ctx, w, line); err != nil {
			return err
		}
	}
	p := &presser{world: w, pressed: map[string]bool{}, stale: map[string]int{}}
	for _, label := range s.Click {
		if err := s.click(ctx, p, label); err != nil {
			return err
		}
	}
	return nil
}

// say types a line and waits for a card, a form or an answer. Only commands are answered: what
// else is typed stands in the channel, and the error says that it is no command.
func (s Script) say(ctx context.Context, w *World, line string) error {
	ctx, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	seen := 0
	if past := w.Slack.Events(0); len(past) > 0 {
		seen = past[len(past)-1].Seq
	}
	if !strings.HasPrefix(line, "/") {
		if _, err := w.Person.Post(w.Channel, line); err != nil {
			return fmt.Errorf("typing %q: %w", line, err)
		}
		return fmt.Errorf("%q is no command, so nobody answers it: begin with /, as in /call help", line)
	}
	if _, err := w.Person.Slash(ctx, w.Channel, line); err != nil {
		return fmt.Errorf("%q got no card and no answer: %w", line, err)
	}
	for {
		events, err := w.Slack.WaitEvents(ctx, seen)
		if err != nil {
			return fmt.Errorf("%q got no card and no answer within %s", line, s.Patience)
		}
		for _, e := range events {
			seen = e.Seq
			if answers(e) {
				return nil
			}
		}
	}
}

// answers reports whether an event is the app's answer to what was typed.
func answers(e slackemulator.Event) bool {
	if e.Kind == slackemulator.ViewOpened {
		return true
	}
	if e.Message == nil || !e.Message.ByApp {
		return false
	}
	switch e.Kind {
	case slackemulator.EphemeralPosted:
		return true
	case slackemulator.MessagePosted:
		return len(e.Message.Buttons()) > 0
	default:
		return false
	}
}

// presser presses buttons, none of them twice.
type presser struct {
	world   *World
	seen    int
	shown   []slackemulator.Message // as they last were
	pressed map[string]bool
	// stale is the version of a message whose button was pressed: until it is edited
	// its other buttons are no longer meant.
	stale map[string]int
}

// click presses the first button with that label that was not pressed yet, as soon
// as there is one.
func (s Script) click(ctx context.Context, p *presser, label string) error {
	ctx, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	for {
		for _, m := range p.shown {
			if !slices.Contains(m.Buttons(), label) {
				continue
			}
			button := m.Button(label)
			key := m.ChannelID + m.TS + button.ActionID + button.Value
			version, pressed := p.stale[m.ChannelID+m.TS]
			if p.pressed[key] || pressed && m.Version <= version {
				continue
			}
			p.pressed[key], p.stale[m.ChannelID+m.TS] = true, m.Version
			if _, err := button.Click(ctx, p.world.Person); err != nil {
				return fmt.Errorf("pressing %q: %w", label, err)
			}
			return nil
		}
		happened, err := s.more(ctx, p)
		if err != nil {
			return err
		}
		if !happened {
			return fmt.Errorf("no button %q appeared", label)
		}
	}
}

// more waits until something happens, and reports false if nothing more will.
func (s Script) more(ctx context.Context, p *presser) (bool, error) {
	// What happens between the look at the bot and the look at Slack is not missed:
	// the bot is idle only after it has shown everything.
	for quiet := 0; quiet < 2; {
		look, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		events, err := p.world.Slack.WaitEvents(look, p.seen)
		cancel()
		if err == nil {
			for _, e := range events {
				p.seen = e.Seq
				p.note(e)
			}
			return true, nil
		}
		if ctx.Err() != nil {
			return false, nil
		}
		if s.Idle == nil {
			continue
		}
		idle, err := s.Idle(ctx)
		if err != nil {
			return false, err
		}
		if quiet++; !idle {
			quiet = 0
		}
	}
	return false, nil
}

// note keeps what messages with buttons last looked like.
func (p *presser) note(e slackemulator.Event) {
	if e.Message == nil || !e.Message.ByApp {
		return
	}
	at := slices.IndexFunc(p.shown, func(m slackemulator.Message) bool {
		return m.ChannelID == e.Message.ChannelID && m.TS == e.Message.TS
	})
	switch {
	case at < 0:
		p.shown = append(p.shown, *e.Message)
	default:
		p.shown[at] = *e.Message
	}
}

// ErrNothingSaid is the end of a script that types nothing.
var ErrNothingSaid = errors.New("nothing was said; for example: --say '/call (415) 555-0132 Book a table for 2 tonight at 7pm under Sarah'")
