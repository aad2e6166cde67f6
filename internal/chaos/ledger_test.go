//go:build unix

package chaos

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// watch reads everything that the app shows, for as long as the world lives.
func (c *crowd) watch(ctx context.Context) {
	seen := 0
	for {
		events, err := c.slack.WaitEvents(ctx, seen)
		if err != nil {
			return
		}
		for _, e := range events {
			seen = e.Seq
			if e.Message != nil && e.Message.ByApp && e.Message.EphemeralFor == "" {
				c.note(*e.Message)
			}
		}
	}
}

// note puts a message with the command that it belongs to.
func (c *crowd) note(m slackemulator.Message) {
	reply := m.ThreadTS != "" && m.ThreadTS != m.TS
	key := m.ChannelID + m.TS
	if reply {
		key = m.ChannelID + m.ThreadTS
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	cmd := c.byCard[key]
	if cmd == nil && !reply {
		cmd = c.commands[tagOf(m.Plain())]
		c.byCard[key] = cmd
	}
	if cmd == nil {
		c.strays++
		return
	}
	list := &cmd.cards
	if reply {
		list = &cmd.thread
	}
	if i := slices.IndexFunc(*list, func(s *shown) bool { return s.ChannelID == m.ChannelID && s.TS == m.TS }); i >= 0 {
		(*list)[i] = &shown{m, (*list)[i].edits + 1}
	} else {
		*list = append(*list, &shown{Message: m})
	}
	if reply {
		cmd.unsure = cmd.unsure || strings.Contains(m.Text, unsureMark)
		cmd.placed = cmd.placed || strings.Contains(m.Plain(), placedMark)
	}
	for _, label := range m.Buttons() {
		cmd.asked = cmd.asked || label == "Place again"
		id, _, _ := strings.Cut(m.Button(label).Value, ":")
		cmd.ids[id] = true
	}
	close(cmd.changed)
	cmd.changed = make(chan struct{})
}

// unsureMark is what a thread says while the fate of a POST is not known.
const unsureMark = "I don't know whether"

// placedMark is what the way of a call shows that AgentPhone has.
const placedMark = " Placed  →"

// Ledger is what happened, as somebody outside could have seen it.
type Ledger struct {
	Commands  []Command
	Faults    map[string]int
	Envelopes map[string]int // by state
	Strays    int
	// Nobody are the objectives that AgentPhone dialled and that nobody typed.
	Nobody []string
}

// Command is what became of one command.
type Command struct {
	Tag, Number, By string
	Plan            string
	Acked           bool
	Answer          string
	Approvals       int
	Pressed         map[string]int
	Calls           []string // ids of ours that its messages belong to
	Dials           []string // how each call that AgentPhone accepted stands there
	Cards, Thread   []Shown
	Unsure, Asked   bool
}

// Shown is a message as it now is.
type Shown struct {
	Text    string
	Buttons []string
}

func (w *world) ledger() Ledger {
	l := Ledger{Faults: w.faults.counts(), Envelopes: map[string]int{}}
	for _, e := range w.slack.Envelopes() {
		l.Envelopes[string(e.State)]++
	}
	dials := w.dials()
	c := w.crowd
	c.mu.Lock()
	defer c.mu.Unlock()
	l.Strays = c.strays
	for tag, cmd := range c.commands {
		entry := Command{
			Tag: tag, Number: cmd.number, By: cmd.by.Name(), Plan: fmt.Sprintf("%+v", cmd.plan), Acked: cmd.acked, Answer: cmd.answer,
			Approvals: len(cmd.approvals), Pressed: maps.Clone(cmd.pressed), Calls: slices.Sorted(maps.Keys(cmd.ids)), Dials: dials[tag],
			Unsure: cmd.unsure, Asked: cmd.asked,
		}
		delete(dials, tag)
		for _, m := range cmd.cards {
			entry.Cards = append(entry.Cards, Shown{m.Plain(), m.Buttons()})
		}
		for _, m := range cmd.thread {
			entry.Thread = append(entry.Thread, Shown{m.Plain(), m.Buttons()})
		}
		l.Commands = append(l.Commands, entry)
	}
	for tag, statuses := range dials {
		l.Nobody = append(l.Nobody, fmt.Sprint(tag, statuses))
	}
	slices.SortFunc(l.Commands, func(a, b Command) int { return strings.Compare(a.Tag, b.Tag) })
	return l
}
