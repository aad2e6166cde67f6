package slackemulator

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// What follows is what a Slack client needs to show the workspace to somebody.

// Profile is what all see of a person.
type Profile struct {
	ID       string
	Name     string // without @
	RealName string
	TimeZone string // IANA
	Guest    bool
}

// Profile returns what all see of the person, as it is now.
func (u *User) Profile() Profile {
	u.e.mu.Lock()
	defer u.e.mu.Unlock()
	a := u.account()
	return Profile{a.id, a.name, a.realName, a.tz, a.guest}
}

// People returns everybody in the workspace but the bot, by name.
func (e *Emulator) People() []*User {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []*User
	for _, a := range e.accounts {
		if !a.isBot && !a.deleted {
			out = append(out, &User{e, a.id, a.name})
		}
	}
	slices.SortFunc(out, func(a, b *User) int { return strings.Compare(a.name, b.name) })
	return out
}

// UserGroups returns the handles of the user groups by their ID (S…).
func (e *Emulator) UserGroups() map[string]string {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := map[string]string{}
	for id, g := range e.groups {
		out[id] = g.handle
	}
	return out
}

// BotName is the name under which the app writes.
func (e *Emulator) BotName() string { return e.bot.name }

// TeamDomain is the workspace's part of its address: example in https://example.slack.com.
func (e *Emulator) TeamDomain() string { return e.teamDomain }

// LastEvent is the number of the latest [Event]; 0: nothing has happened yet.
func (e *Emulator) LastEvent() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.firstEvent + len(e.events) - 1
}

// FirstEvent is the number of the oldest [Event] that is still kept.
func (e *Emulator) FirstEvent() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.firstEvent
}

// CommandInfo is what Slack's composer shows of a slash command.
type CommandInfo struct {
	Name        string `json:"name"` // with the slash
	UsageHint   string `json:"usage_hint"`
	Description string `json:"description"`
}

// Commands returns the slash commands that the app's manifest declares.
func (e *Emulator) Commands() []CommandInfo {
	out := []CommandInfo{}
	if e.manifest != nil {
		for _, c := range e.manifest.Features.SlashCommands {
			out = append(out, CommandInfo{c.Command, c.UsageHint, c.Description})
		}
	}
	return out
}

// ShortcutInfo is what Slack shows of a shortcut.
type ShortcutInfo struct {
	Type        string `json:"type"` // "global" or "message"
	Name        string `json:"name"`
	CallbackID  string `json:"callback_id"`
	Description string `json:"description"`
}

// Shortcuts returns the shortcuts that the app's manifest declares.
func (e *Emulator) Shortcuts() []ShortcutInfo {
	out := []ShortcutInfo{}
	if e.manifest != nil {
		for _, s := range e.manifest.Features.Shortcuts {
			out = append(out, ShortcutInfo{s.Type, s.Name, s.CallbackID, s.Description})
		}
	}
	return out
}

// Channels returns the conversations that the person is in: channels by name, then
// direct messages.
func (u *User) Channels() []*Channel {
	u.e.mu.Lock()
	defer u.e.mu.Unlock()
	var out []*Channel
	for _, c := range u.e.conversations {
		if c.has(u.id) {
			out = append(out, &Channel{u.e, c})
		}
	}
	slices.SortFunc(out, func(a, b *Channel) int {
		return cmp.Or(rank(a.conv)-rank(b.conv), strings.Compare(a.conv.name, b.conv.name), strings.Compare(a.conv.id, b.conv.id))
	})
	return out
}

func rank(c *conversation) int {
	if c.name == "" {
		return 1
	}
	return 0
}

// Kind is "channel", "group" (a private channel), "im" or "mpim", as in Slack's payloads.
func (c *Channel) Kind() string { return string(c.conv.kind) }

// Archived reports whether nothing can be written there any more.
func (c *Channel) Archived() bool {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	return c.conv.archived
}

// WithBot reports whether the app's bot is in it.
func (c *Channel) WithBot() bool {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	return c.conv.has(c.e.bot.id)
}

// SeenBy returns all that stands there for a person, oldest first: replies in threads
// too, and what the person alone sees. It is empty if they are not in it.
func (c *Channel) SeenBy(u *User) []Message {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	var out []Message
	for _, m := range c.conv.messages {
		if m.seenBy(u) && (!m.deleted || len(c.conv.replies(m.ts)) > 0) {
			out = append(out, c.e.snapshot(m))
		}
	}
	return out
}

func (m *message) seenBy(u *User) bool {
	return m.conv.has(u.id) && (m.ephemeralFor == "" || m.ephemeralFor == u.id)
}

// SeenBy reports whether a person sees the message.
func (m Message) SeenBy(u *User) bool {
	m.e.mu.Lock()
	defer m.e.mu.Unlock()
	return m.m.seenBy(u)
}

// Find returns the message with the timestamp as a person sees it, an ephemeral one too.
func (c *Channel) Find(u *User, ts string) (Message, error) {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	for _, m := range c.conv.messages {
		if m.ts == ts && m.seenBy(u) && !m.deleted {
			return c.e.snapshot(m), nil
		}
	}
	return Message{}, fmt.Errorf("there is no such message for %s", u.name)
}

// State is what was chosen in the message's controls: state.values, as in payloads.
func (m Message) State() json.RawMessage {
	m.e.mu.Lock()
	defer m.e.mu.Unlock()
	return encode(stateValues(m.m.blocks, m.m.state))
}

// File returns a file that stands in a message that the person sees.
func (u *User) File(id string) (File, error) {
	u.e.mu.Lock()
	defer u.e.mu.Unlock()
	f := u.e.files[id]
	if f == nil || f.deleted || !slices.ContainsFunc(f.shares, func(m *message) bool { return m.seenBy(u) && !m.deleted }) {
		return File{}, fmt.Errorf("there is no such file for %s", u.name)
	}
	return u.e.snapshotFile(f), nil
}

// ViewByID returns the person's topmost modal or Home tab if it has that ID.
func (u *User) ViewByID(id string) (View, error) {
	for _, look := range []func() (View, bool){u.View, u.Home} {
		if v, ok := look(); ok && v.ID == id {
			return v, nil
		}
	}
	return View{}, fmt.Errorf("%s has no such view open any more", u.name)
}

// ControlAt finds a control by the block and the action that Slack names in payloads.
func (m Message) ControlAt(blockID, actionID string) *Control {
	c := controlAt(m.blocks, blockID, actionID)
	c.e, c.m = m.e, m.m
	return c
}

// ControlAt finds a control by the block and the action that Slack names in payloads.
func (v View) ControlAt(blockID, actionID string) *Control {
	c := controlAt(v.Current().blocks, blockID, actionID)
	c.e, c.v = v.e, v.v
	if l := text(sub(c.block, "label"), "text"); l != "" {
		c.Label = l
	}
	return c
}

func controlAt(blocks []object, blockID, actionID string) *Control {
	for _, b := range blocks {
		if text(b, "block_id") != blockID {
			continue
		}
		for _, el := range elementsOf(b) {
			if interactive(el) && text(el, "action_id") == actionID {
				return controlOf(b, el)
			}
		}
	}
	return &Control{err: fmt.Errorf("there is no such button or field any more")}
}

// Offer is one option that a menu offers.
type Offer struct {
	Text        string `json:"text"`
	Description string `json:"description,omitempty"`
	Value       string `json:"value"`
}

// Offers types into a menu whose options the app supplies, as [Control.Suggest], and
// returns all that it offers.
func (c *Control) Offers(ctx context.Context, u *User, typed string) ([]Offer, error) {
	if c.err != nil {
		return nil, c.err
	}
	options, err := c.suggest(ctx, u, typed)
	out := make([]Offer, 0, len(options))
	for _, o := range options {
		out = append(out, Offer{text(sub(o, "text"), "text"), text(sub(o, "description"), "text"), text(o, "value")})
	}
	return out, err
}

// Fill fills in a control of a view as [View.FillTyping] does.
func (c *Control) Fill(ctx context.Context, u *User, typed, value string) error {
	if c.err != nil {
		return c.err
	}
	return c.fill(ctx, u, typed, value)
}

// Conversation returns one of the person's conversations by its ID.
func (u *User) Conversation(id string) (*Channel, error) {
	u.e.mu.Lock()
	defer u.e.mu.Unlock()
	c := u.e.conversations[id]
	if c == nil || !c.has(u.id) {
		return nil, fmt.Errorf("%s is in no such channel", u.name)
	}
	return &Channel{u.e, c}, nil
}
