//go:build unix

package chaos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// crowd are the people. Each means to have one call placed, or not, does what people do
// when something does not work, and looks at nothing but Slack.
type crowd struct {
	slack   *slackemulator.Server
	seed    uint64
	people  []*slackemulator.User
	places  []string
	numbers numbers

	mu       sync.Mutex
	config   CrowdConfig
	stop     context.CancelFunc
	begun    int
	deciding int // people who have not yet done what they came for
	commands map[string]*command
	byCard   map[string]*command // by conversation and timestamp of each copy of a card
	strays   int                 // messages of the app that belong to no command
}

// CrowdConfig is how many people come.
type CrowdConfig struct {
	PerSecond int // 0: nobody more
}

// patience is how many people wait for an answer at a time; the next come when there are
// fewer, so that a slow machine only takes longer.
const patience = 80

// Progress is how far the people are.
type Progress struct {
	Begun, Deciding int
	Approved        int // commands whose card somebody said yes to
}

// command is one command that was typed, and all that Slack shows of it.
type command struct {
	tag, number, place string
	by, other          *slackemulator.User
	plan               plan

	acked  bool
	answer string // what came with the ack, or to this person alone
	// approvals are the buttons that the one who asked pressed to have it placed: each
	// value stands for one decision, however often it is pressed.
	approvals map[string]bool
	pressed   map[string]int // labels, by anybody
	cards     []*shown
	thread    []*shown
	changed   chan struct{} // closed and replaced when a message is
	unsure    bool          // its thread has said that the fate was not clear
	placed    bool          // its thread has said that AgentPhone has the call
	asked     bool          // its thread has asked a person to decide
	ids       map[string]bool
}

// shown is a message as it now is.
type shown struct {
	slackemulator.Message

	edits int
}

func newCrowd(slack *slackemulator.Server, seed uint64) *crowd {
	c := &crowd{
		slack: slack, seed: seed, stop: func() {},
		commands: map[string]*command{}, byCard: map[string]*command{},
	}
	for _, name := range []string{"ana", "ben", "cleo", "dan"} {
		c.people = append(c.people, slack.AddUser(name))
	}
	for _, place := range []string{"#sales", "#support", "#office", "#travel", "#events"} {
		options := make([]slackemulator.ChannelOption, len(c.people))
		for i, u := range c.people {
			options[i] = u
		}
		slack.AddChannel(place, options...)
		c.places = append(c.places, place)
	}
	return c
}

// set has people come, or no more of them.
func (c *crowd) set(ctx context.Context, cfg CrowdConfig) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stop()
	c.config = cfg
	if cfg.PerSecond == 0 {
		return nil
	}
	coming, stop := context.WithCancel(ctx)
	c.stop = stop
	go func() {
		next := time.NewTicker(time.Second / time.Duration(cfg.PerSecond))
		defer next.Stop()
		for {
			select {
			case <-coming.Done():
				return
			case <-next.C:
				c.mu.Lock()
				if c.deciding < patience {
					p := planOf(c.seed, c.begun)
					c.begun++
					c.deciding++
					go c.live(ctx, p)
				}
				c.mu.Unlock()
			}
		}
	}()
	return nil
}

func (c *crowd) progress() Progress {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := Progress{Begun: c.begun, Deciding: c.deciding}
	for _, cmd := range c.commands {
		if len(cmd.approvals) > 0 {
			p.Approved++
		}
	}
	return p
}

// lookedFor reports whether the thread of an approved call to that number has said more
// than that it is being placed: that its fate is not clear, or, if somebody found it before
// that could be said, that AgentPhone has it.
func (c *crowd) lookedFor(number string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cmd := range c.commands {
		if cmd.number == number && (cmd.unsure || cmd.placed) && len(cmd.approvals) > 0 {
			return true
		}
	}
	return false
}

// live is the part of a person's life that has to do with one call.
func (c *crowd) live(ctx context.Context, p plan) {
	cmd := c.ask(ctx, p)
	if cmd == nil {
		return
	}
	c.decide(ctx, cmd)
	c.mu.Lock()
	c.deciding--
	approved := len(cmd.approvals) > 0
	c.mu.Unlock()
	if approved {
		c.followUp(ctx, cmd)
	}
}

// order has somebody call a number, as soon as possible, with no mistakes.
func (c *crowd) order(ctx context.Context, number string) (tag string) {
	c.mu.Lock()
	p := plan{index: c.begun, does: approves, number: number}
	c.begun++
	c.deciding++
	c.mu.Unlock()
	go c.live(ctx, p)
	return fmt.Sprintf("K%dT1", p.index)
}

// ask types the command until Slack shows no error and the app does not say that
// nothing was saved. Unless Slack had nobody to deliver it to, each time is another
// command: the one before may have been saved.
func (c *crowd) ask(ctx context.Context, p plan) *command {
	cmd := c.command(p, 1)
	for try := 1; ctx.Err() == nil; {
		reply, err := cmd.by.Slash(ctx, cmd.place, line(cmd.number, cmd.tag))
		answer := ""
		if err == nil {
			answer = said(reply)
		}
		c.mu.Lock()
		cmd.acked, cmd.answer = err == nil, answer
		c.mu.Unlock()
		if err == nil && answer == "" {
			if p.redelivered {
				_, _ = c.slack.Redeliver(ctx, reply.Envelope()) // whether or not it is acked
			}
			return cmd
		}
		pause(ctx, 300*time.Millisecond)
		_ = c.slack.WaitLinks(ctx, 1) // until there is somebody to hear it
		if err == nil || !strings.Contains(err.Error(), "dispatch_failed") {
			try++
			cmd = c.command(p, try)
		}
	}
	return nil
}

// command is the one that is typed at a person's n-th try.
func (c *crowd) command(p plan, try int) *command {
	cmd := &command{
		tag: fmt.Sprintf("K%dT%d", p.index, try), number: c.numbers.draw(c.seed, p.index), place: c.places[p.index%len(c.places)],
		by: c.people[p.index%len(c.people)], other: c.people[(p.index+1)%len(c.people)], plan: p,
		approvals: map[string]bool{}, pressed: map[string]int{}, ids: map[string]bool{}, changed: make(chan struct{}),
	}
	if p.number != "" {
		cmd.number = p.number
	}
	if slices.Contains(shared, cmd.number) {
		cmd.plan = p.settles()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.commands[cmd.tag] = cmd
	return cmd
}

// said is what the app answered to one person alone.
func said(r *slackemulator.Reply) string {
	var all []string
	for _, m := range r.Messages() {
		all = append(all, m.Plain())
	}
	return strings.Join(all, "\n")
}

// decide waits for the card and does what the person came for.
func (c *crowd) decide(ctx context.Context, cmd *command) {
	const place, cancel = "Place call", "Cancel"
	if cmd.plan.does == ignores || !c.await(ctx, cmd, func() bool { return len(cmd.cards) > 0 }) {
		return
	}
	pause(ctx, time.Duration(hash(cmd.tag)%400)*time.Millisecond) // it is read
	switch cmd.plan.does {
	case approves:
		c.press(ctx, cmd, place)
	case declines:
		c.press(ctx, cmd, cancel)
	case wavers:
		var both sync.WaitGroup
		both.Go(func() { c.press(ctx, cmd, place) })
		both.Go(func() { c.press(ctx, cmd, cancel) })
		both.Wait()
	case repents:
		c.press(ctx, cmd, place)
		waiting, stop := context.WithTimeout(ctx, time.Second)
		defer stop()
		if c.await(waiting, cmd, func() bool { return c.button(cmd.thread, cancel) != nil }) {
			c.press(ctx, cmd, cancel)
		}
	case interferes:
		if card := c.find(cmd, place); card != nil {
			_, _ = card.Button(place).ClickAsShown(ctx, cmd.other) // it is not theirs to decide
		}
	case ignores:
	}
}

// followUp decides where the thread asks for it.
func (c *crowd) followUp(ctx context.Context, cmd *command) {
	const again, retry, leave = "Place again", "Try again", "Leave it"
	for times := 0; ; times++ {
		label := ""
		asked := c.await(ctx, cmd, func() bool {
			for _, l := range []string{again, retry} {
				if c.button(cmd.thread, l) != nil {
					label = l
				}
			}
			return label != ""
		})
		switch {
		case !asked:
			return
		case cmd.plan.again && times < 2:
			c.press(ctx, cmd, label)
		case cmd.plan.leaves && label == again:
			c.press(ctx, cmd, leave)
			return
		default:
			return
		}
	}
}

// approving are the labels that have a call placed.
var approving = []string{"Place call", "Place again", "Try again"}

// press presses a button until Slack shows that it was heard: an ack is no promise, and
// the click may not have been delivered at all.
func (c *crowd) press(ctx context.Context, cmd *command, label string) {
	const heard = 10 // clicks that were acked and changed nothing
	for acked := 0; acked < heard && ctx.Err() == nil; {
		m := c.find(cmd, label)
		if m == nil {
			return
		}
		b := m.Button(label)
		onCard := m.ThreadTS == "" || m.ThreadTS == m.TS
		c.mu.Lock()
		if slices.Contains(approving, label) {
			cmd.approvals[b.Value] = true
		}
		cmd.pressed[label]++
		before := count(cmd, label, b.Value)
		c.mu.Unlock()
		var clicks sync.WaitGroup
		wait := 300 * time.Millisecond
		clicks.Go(func() {
			reply, err := b.ClickAsShown(ctx, cmd.by)
			if err != nil {
				return
			}
			acked++
			wait = 5 * time.Second
			if cmd.plan.redelivered {
				_, _ = c.slack.Redeliver(ctx, reply.Envelope()) // whether or not it is acked
			}
		})
		if cmd.plan.both {
			clicks.Go(func() { _, _ = b.ClickAsShown(ctx, cmd.other) }) // it is not theirs to decide
		}
		clicks.Wait()
		waiting, stop := context.WithTimeout(ctx, wait)
		done := c.await(waiting, cmd, func() bool {
			return count(cmd, label, b.Value) < before || onCard && slices.ContainsFunc(cmd.cards, decided)
		})
		stop()
		if done {
			return
		}
	}
}

// decided reports whether a card shows that somebody decided. Another copy of it may
// have stayed as it was.
func decided(card *shown) bool { return !slices.Contains(card.Buttons(), "Place call") }

// count is how many messages show that button. The caller holds c.mu.
func count(cmd *command, label, value string) int {
	n := 0
	for _, m := range slices.Concat(cmd.cards, cmd.thread) {
		if slices.Contains(m.Buttons(), label) && m.Button(label).Value == value {
			n++
		}
	}
	return n
}

// find is the newest message with a button of that label.
func (c *crowd) find(cmd *command, label string) *shown {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.button(slices.Concat(cmd.cards, cmd.thread), label)
}

// button is the newest of these messages that has the button. The caller holds c.mu.
func (c *crowd) button(in []*shown, label string) *shown {
	for _, m := range slices.Backward(in) {
		if slices.Contains(m.Buttons(), label) {
			return m
		}
	}
	return nil
}

// await waits until what Slack shows of a command is as it is waited for.
func (c *crowd) await(ctx context.Context, cmd *command, so func() bool) bool {
	for {
		c.mu.Lock()
		done, changed := so(), cmd.changed
		c.mu.Unlock()
		if done {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
