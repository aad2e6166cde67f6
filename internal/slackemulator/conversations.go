package slackemulator

import (
	"slices"
	"sort"
	"strconv"
	"strings"
)

type conversationKind string

const (
	publicChannel  conversationKind = "channel"
	privateChannel conversationKind = "group"
	directMessage  conversationKind = "im"
	groupMessage   conversationKind = "mpim"
)

// conversation is a channel or direct messages. The bot is a member like anybody.
type conversation struct {
	id, name string // name without #; empty for direct messages
	kind     conversationKind
	members  []string // user IDs, in the order in which they joined
	archived bool
	created  int64
	messages []*message            // in order of ts, ephemeral ones too
	threads  map[string][]*message // replies by the ts of the first message, ephemeral ones too
}

func (c *conversation) has(user string) bool { return slices.Contains(c.members, user) }

// add puts a message at the end.
func (c *conversation) add(m *message) {
	c.messages = append(c.messages, m)
	if m.threadTS != "" && m.threadTS != m.ts {
		if c.threads == nil {
			c.threads = map[string][]*message{}
		}
		c.threads[m.threadTS] = append(c.threads[m.threadTS], m)
	}
}

func (c *conversation) remove(user string) {
	c.members = slices.DeleteFunc(c.members, func(id string) bool { return id == user })
}

// label is the name that people know: #ops, or @ana for their messages with the app.
func (c *conversation) label(e *Emulator) string {
	if c.name != "" {
		return "#" + c.name
	}
	var names []string
	for _, id := range c.members {
		if a := e.accounts[id]; a != nil && a != e.bot {
			names = append(names, "@"+a.name)
		}
	}
	return strings.Join(names, ",")
}

// payloadName is the channel's name in payloads, where Slack has words of its
// own for what has no public name.
func (c *conversation) payloadName() string {
	switch c.kind {
	case publicChannel:
		return c.name
	case privateChannel:
		return "privategroup"
	case directMessage, groupMessage:
		return "directmessage"
	}
	return c.name
}

// find returns the message with the timestamp; ephemeral ones are no messages
// to the Web API.
func (c *conversation) find(ts string) *message {
	i := sort.Search(len(c.messages), func(i int) bool { return c.messages[i].ts >= ts })
	for ; i < len(c.messages) && c.messages[i].ts == ts; i++ {
		if c.messages[i].ephemeralFor == "" && !c.messages[i].deleted {
			return c.messages[i]
		}
	}
	return nil
}

// visible finds the conversation by ID as far as the bot may know of it: a
// private one that it is not in does not exist for it.
func (e *Emulator) visible(id string) (*conversation, error) {
	c := e.conversations[id]
	if c == nil || (c.kind != publicChannel && !c.has(e.bot.id)) {
		return nil, fail("channel_not_found")
	}
	return c, nil
}

// destination finds where chat.postMessage posts: an ID, a user's ID (their
// direct messages with the app) or a channel's name.
func (e *Emulator) destination(to string) (*conversation, error) {
	if a := e.accounts[to]; a != nil {
		if a == e.bot {
			return nil, fail("cannot_dm_bot")
		}
		return e.directWith(a), nil
	}
	if c := e.conversationByName(to); c != nil {
		return e.visible(c.id)
	}
	return e.visible(to)
}

func (e *Emulator) conversationByName(name string) *conversation {
	name = strings.TrimPrefix(name, "#")
	for _, c := range e.conversations {
		if c.name != "" && c.name == name {
			return c
		}
	}
	return nil
}

// directWith returns the direct messages of a person with the app, opening them
// if need be.
func (e *Emulator) directWith(a *account) *conversation {
	return e.directOf(e.bot, a)
}

func (e *Emulator) directOf(people ...*account) *conversation {
	kind, prefix := directMessage, "D"
	if len(people) > 2 {
		kind, prefix = groupMessage, "G"
	}
	var ids []string
	for _, a := range people {
		ids = append(ids, a.id)
	}
	for _, c := range e.conversations {
		if c.kind == kind && len(c.members) == len(ids) && !slices.ContainsFunc(ids, func(id string) bool { return !c.has(id) }) {
			return c
		}
	}
	c := &conversation{id: e.newID(prefix), kind: kind, members: ids, created: e.clock.Now().Unix()}
	e.conversations[c.id] = c
	return c
}

func (c *conversation) wire(e *Emulator) object {
	out := object{
		"id":              c.id,
		"created":         c.created,
		"is_archived":     c.archived,
		"is_channel":      c.kind == publicChannel,
		"is_group":        c.kind == privateChannel,
		"is_im":           c.kind == directMessage,
		"is_mpim":         c.kind == groupMessage,
		"is_private":      c.kind != publicChannel,
		"context_team_id": e.teamID,
		"is_org_shared":   false,
	}
	if c.kind == directMessage {
		for _, id := range c.members {
			if id != e.bot.id {
				out["user"] = id
			}
		}
		return out
	}
	out["name"], out["name_normalized"] = c.name, c.name
	out["is_member"] = c.has(e.bot.id)
	out["is_general"] = false
	out["is_shared"], out["is_ext_shared"] = false, false
	out["topic"] = object{"value": "", "creator": "", "last_set": 0}
	out["purpose"] = object{"value": "", "creator": "", "last_set": 0}
	return out
}

// scopePrefix is how the scopes for a kind of conversation begin.
func (c *conversation) scopePrefix() string {
	switch c.kind {
	case publicChannel:
		return "channels"
	case privateChannel:
		return "groups"
	case directMessage:
		return "im"
	case groupMessage:
		return "mpim"
	}
	return "channels"
}

// readable finds a conversation for reading what is known about it.
func (e *Emulator) readable(args arguments) (*conversation, error) {
	if err := e.need("channels:read", "groups:read", "im:read", "mpim:read"); err != nil {
		return nil, err
	}
	if !args.has("channel") {
		return nil, missingField("channel")
	}
	c, err := e.visible(args.str("channel"))
	if err != nil {
		return nil, err
	}
	return c, e.need(c.scopePrefix() + ":read")
}

func (e *Emulator) conversationsInfo(args arguments) (object, error) {
	c, err := e.readable(args)
	if err != nil {
		return nil, err
	}
	out := c.wire(e)
	if args.flag("include_num_members") {
		out["num_members"] = len(c.members)
	}
	return object{"channel": out}, nil
}

func (e *Emulator) conversationsMembers(args arguments) (object, error) {
	c, err := e.readable(args)
	if err != nil {
		return nil, err
	}
	limit := 100
	if args.has("limit") {
		if limit, err = strconv.Atoi(args.str("limit")); err != nil || limit < 1 || limit > 1000 {
			return nil, fail("invalid_limit")
		}
	}
	from := 0
	if cursor := args.str("cursor"); cursor != "" {
		if from, err = strconv.Atoi(cursor); err != nil || from < 0 || from > len(c.members) {
			return nil, fail("invalid_cursor")
		}
	}
	to := min(from+limit, len(c.members))
	next := ""
	if to < len(c.members) {
		next = strconv.Itoa(to)
	}
	return object{
		"members":           slices.Clone(c.members[from:to]),
		"response_metadata": object{"next_cursor": next},
	}, nil
}

func (e *Emulator) conversationsOpen(args arguments) (object, error) {
	if err := e.need("im:write", "mpim:write", "channels:manage", "groups:write"); err != nil {
		return nil, err
	}
	if args.has("channel") {
		c, err := e.visible(args.str("channel"))
		if err != nil {
			return nil, err
		}
		return openAnswer(e, c, true, args), nil
	}
	if args.str("users") == "" {
		return nil, fail("users_list_not_supplied")
	}
	ids := strings.Split(args.str("users"), ",")
	people := []*account{e.bot}
	for _, id := range ids {
		a := e.accounts[strings.TrimSpace(id)]
		switch {
		case a == nil && len(ids) > 1:
			return nil, fail("users_not_found")
		case a == nil:
			return nil, fail("user_not_found")
		case a.isBot:
			return nil, fail("cannot_dm_bot")
		case a.deleted:
			return nil, fail("user_disabled")
		}
		if !slices.Contains(people, a) {
			people = append(people, a)
		}
	}
	if len(people) > 9 {
		return nil, fail("too_many_users")
	}
	scope := "im:write"
	if len(people) > 2 {
		scope = "mpim:write"
	}
	if err := e.need(scope); err != nil {
		return nil, err
	}
	before := len(e.conversations)
	c := e.directOf(people...)
	return openAnswer(e, c, len(e.conversations) == before, args), nil
}

func openAnswer(e *Emulator, c *conversation, already bool, args arguments) object {
	channel := object{"id": c.id}
	if args.flag("return_im") {
		channel = c.wire(e)
	}
	out := object{"channel": channel}
	if already {
		out["already_open"], out["no_op"] = true, true
	}
	return out
}
