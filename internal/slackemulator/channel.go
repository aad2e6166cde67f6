package slackemulator

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Channel is a channel, or the direct messages of somebody with the app.
type Channel struct {
	e    *Emulator
	conv *conversation
}

// ChannelOption says who is in a new channel and of what kind it is; every
// [*User] is one, and then is a member.
type ChannelOption interface {
	apply(e *Emulator, c *conversation)
}

type channelOption func(*Emulator, *conversation)

func (f channelOption) apply(e *Emulator, c *conversation) { f(e, c) }

func (u *User) apply(_ *Emulator, c *conversation) { c.members = append(c.members, u.id) }

// Private makes a new channel private.
func Private() ChannelOption {
	return channelOption(func(_ *Emulator, c *conversation) { c.kind = privateChannel })
}

// WithoutBot makes a new channel one that the app's bot is not in.
func WithoutBot() ChannelOption {
	return channelOption(func(e *Emulator, c *conversation) { c.remove(e.bot.id) })
}

// AddChannel adds a channel; the bot is in it.
func (e *Emulator) AddChannel(name string, opts ...ChannelOption) *Channel {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := &conversation{
		id: e.newID("C"), name: strings.TrimPrefix(name, "#"), kind: publicChannel,
		members: []string{e.bot.id}, created: e.clock.Now().Unix(),
	}
	for _, opt := range opts {
		opt.apply(e, c)
	}
	e.conversations[c.id] = c
	return &Channel{e, c}
}

// AddDirectMessage opens direct messages between people, which the app is not in.
// It is found again by its ID.
func (e *Emulator) AddDirectMessage(people ...*User) *Channel {
	e.mu.Lock()
	defer e.mu.Unlock()
	var accounts []*account
	for _, u := range people {
		accounts = append(accounts, u.account())
	}
	return &Channel{e, e.directOf(accounts...)}
}

// Channel returns the channel with a name or ID. It panics if there is none: a
// test or script names what it has added.
func (e *Emulator) Channel(name string) *Channel {
	c, err := e.LookupChannel(name)
	if err != nil {
		panic("slackemulator: " + err.Error())
	}
	return c
}

// LookupChannel finds a channel by #name or ID.
func (e *Emulator) LookupChannel(name string) (*Channel, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.conversationByName(name)
	if c == nil {
		c = e.conversations[name]
	}
	if c == nil {
		return nil, fmt.Errorf("there is no channel %q", name)
	}
	return &Channel{e, c}, nil
}

// ID is the conversation's ID: C…, D… or G….
func (c *Channel) ID() string { return c.conv.id }

// Name is #ops, or @ana for the direct messages of ana with the app.
func (c *Channel) Name() string {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	return c.conv.label(c.e)
}

// AddBot makes the app's bot a member.
func (c *Channel) AddBot() { c.setMember(c.e.bot.id, true) }

// RemoveBot takes the app's bot out of the channel.
func (c *Channel) RemoveBot() { c.setMember(c.e.bot.id, false) }

// Join makes a person a member, Leave ends it.
func (c *Channel) Join(u *User) { c.setMember(u.id, true) }

// Leave takes a person out of the channel.
func (c *Channel) Leave(u *User) { c.setMember(u.id, false) }

func (c *Channel) setMember(id string, in bool) {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	was := c.conv.has(id)
	c.conv.remove(id)
	if !in {
		return
	}
	c.conv.members = append(c.conv.members, id)
	if was || !c.conv.has(c.e.bot.id) {
		return
	}
	// The app is told of whoever joins a channel that it is in, itself included
	// (https://docs.slack.dev/reference/events/member_joined_channel).
	c.e.deliver("member_joined_channel", c.conv.scopePrefix()+":read", object{
		"type": "member_joined_channel", "user": id, "channel": c.conv.id, "channel_type": strings.ToUpper(c.conv.id[:1]), "team": c.e.teamID,
	}, c.conv, c.e.newTS())
}

// SetArchived archives the channel or opens it again.
func (c *Channel) SetArchived(archived bool) {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	c.conv.archived = archived
}

// Messages returns what stands in the channel for all to see, in order: no
// replies in threads unless they were sent to the channel too. A message that was
// deleted while its thread goes on is there as Deleted, as Slack then shows it.
func (c *Channel) Messages() []Message {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	var out []Message
	for _, m := range c.conv.messages {
		if m.topLevel() && (!m.deleted || len(c.conv.replies(m.ts)) > 0) {
			out = append(out, c.e.snapshot(m))
		}
	}
	return out
}

func (m *message) topLevel() bool {
	return m.ephemeralFor == "" && (m.threadTS == "" || m.threadTS == m.ts || m.broadcast)
}

// WaitMessage waits for a message in the channel that matches, one that is there
// already included; nil matches any. Replies in threads do not count.
func (c *Channel) WaitMessage(ctx context.Context, match func(Message) bool) (Message, error) {
	return c.e.waitMessage(ctx, c.Name(), match, func(yield func(*message)) {
		for _, m := range c.conv.messages {
			if m.topLevel() {
				yield(m)
			}
		}
	})
}

// Message returns the message with the timestamp, in a thread or not.
func (c *Channel) Message(ts string) (Message, error) {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	m := c.conv.find(ts)
	if m == nil {
		return Message{}, fail("message_not_found")
	}
	return c.e.snapshot(m), nil
}

// Members returns the names of who is in the channel, the bot too, sorted.
func (c *Channel) Members() []string {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	var out []string
	for _, id := range c.conv.members {
		out = append(out, c.e.nameOf(id))
	}
	slices.Sort(out)
	return out
}
