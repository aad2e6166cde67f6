package sandbox

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// Console writes what people see in a workspace as text, while it happens.
type Console struct {
	out   io.Writer
	world *World
	// place is where the last line stood: it is named again only when that changes.
	place string
	// shown is what each message last read as; an edit that nobody would see is left out.
	shown map[string]string
}

// NewConsole returns a console that writes to out.
func NewConsole(out io.Writer, w *World) *Console {
	return &Console{out: out, world: w, shown: map[string]string{}}
}

// Run writes until ctx is done; what happened until then is written in full. The
// error is that of writing.
func (c *Console) Run(ctx context.Context) error {
	seen := 0
	for {
		events, err := c.world.Slack.WaitEvents(ctx, seen)
		if err != nil {
			events = c.world.Slack.Events(seen)
		}
		for _, e := range events {
			seen = e.Seq
			if err := c.write(e); err != nil {
				return fmt.Errorf("writing what happened: %w", err)
			}
		}
		if err != nil {
			return nil //nolint:nilerr // the wait ended because it was told to
		}
	}
}

func (c *Console) write(e slackemulator.Event) error {
	switch e.Kind {
	case slackemulator.CommandTyped:
		return c.lines(e.Channel, e.User+": "+e.Text, "")
	case slackemulator.ControlUsed:
		return c.lines(e.Channel, e.User+" presses [ "+e.Text+" ]", "")
	case slackemulator.NoticeShown:
		return c.lines(e.Channel, "Slack, to "+e.User+" alone:", e.Text)
	case slackemulator.MessagePosted, slackemulator.MessageUpdated, slackemulator.EphemeralPosted, slackemulator.EphemeralUpdated:
		return c.message(e)
	case slackemulator.MessageDeleted, slackemulator.EphemeralDeleted:
		return c.lines(e.Channel, e.User+" deletes a message", "")
	case slackemulator.ViewOpened, slackemulator.ViewUpdated, slackemulator.HomePublished:
		if e.View != nil {
			return c.lines(e.Channel, "callbot shows "+e.User+":", e.View.Plain())
		}
	case slackemulator.StepStarted:
		return c.lines("", "A workflow comes to its step: "+e.Text, "")
	case slackemulator.StepCompleted:
		return c.lines("", "The workflow goes on after its step: "+e.Text, "")
	case slackemulator.StepFailed:
		return c.lines("", "The step of the workflow fails:", e.Text)
	case slackemulator.ViewClosed, slackemulator.FileShared: // the message with the file was written
	}
	return nil
}

func (c *Console) message(e slackemulator.Event) error {
	m := e.Message
	if m == nil {
		return nil
	}
	text := m.Plain()
	key := m.ChannelID + m.TS
	if c.shown[key] == text {
		return nil
	}
	c.shown[key] = text
	head := m.User
	if m.ThreadTS != "" && m.ThreadTS != m.TS {
		head = "  ↳ " + head
	}
	switch {
	case m.EphemeralFor != "":
		head += ", to " + m.EphemeralFor + " alone"
	case e.Kind == slackemulator.MessageUpdated:
		head += " (edited)"
	}
	return c.lines(e.Channel, head+":", text)
}

// lines writes a heading and, below it and indented as deep, a text.
func (c *Console) lines(place, head, text string) error {
	var b strings.Builder
	if place != "" && place != c.place {
		b.WriteString("\n" + place + "\n")
		c.place = place
	}
	b.WriteString("\n  " + head + "\n")
	margin := strings.Repeat(" ", len(head)-len(strings.TrimLeft(head, " ")))
	if text != "" {
		for line := range strings.SplitSeq(text, "\n") {
			b.WriteString(strings.TrimRight("  "+margin+"  "+line, " ") + "\n")
		}
	}
	_, err := io.WriteString(c.out, b.String())
	return err
}
