package slackemulator

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// User is a person in the workspace.
type User struct {
	e        *Emulator
	id, name string
}

// UserOption changes a new user.
type UserOption func(*account)

// TimeZone sets a person's time zone (IANA name); the default is America/Los_Angeles.
func TimeZone(tz string) UserOption { return func(a *account) { a.tz = tz } }

// RealName sets a person's full name.
func RealName(name string) UserOption { return func(a *account) { a.realName = name } }

// WorkspaceAdmin makes a person an admin of the workspace.
func WorkspaceAdmin() UserOption { return func(a *account) { a.isAdmin = true } }

// Guest makes a person a guest of several channels, or of a single one.
func Guest(oneChannel bool) UserOption {
	return func(a *account) { a.guest, a.oneChannel = true, oneChannel }
}

// Member makes a person a full member of the workspace, as they are by default.
func Member() UserOption {
	return func(a *account) { a.guest, a.oneChannel, a.team = false, false, "" }
}

// OtherWorkspace makes a person one of another workspace (an ID, T…), who is met in
// channels that are shared over Slack Connect. Such people see messages and press
// buttons, and cannot use the app's slash commands and shortcuts.
func OtherWorkspace(id string) UserOption { return func(a *account) { a.team = id } }

// Change changes a person, as an admin of the workspace would.
func (u *User) Change(opts ...UserOption) {
	u.e.mu.Lock()
	defer u.e.mu.Unlock()
	for _, opt := range opts {
		opt(u.account())
	}
}

// AddUser adds a person.
func (e *Emulator) AddUser(name string, opts ...UserOption) *User {
	e.mu.Lock()
	defer e.mu.Unlock()
	a := &account{id: e.newID("U"), name: strings.TrimPrefix(name, "@"), tz: "America/Los_Angeles"}
	a.realName = a.name
	for _, opt := range opts {
		opt(a)
	}
	e.accounts[a.id] = a
	return &User{e, a.id, a.name}
}

// User returns the person with a name. It panics if there is none: a test or
// script names whom it has added.
func (e *Emulator) User(name string) *User {
	u, err := e.LookupUser(name)
	if err != nil {
		panic("slackemulator: " + err.Error())
	}
	return u
}

// LookupUser finds a person by name or ID.
func (e *Emulator) LookupUser(name string) (*User, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.accountByName(name)
	if a == nil {
		a = e.accounts[name]
	}
	if a == nil || a.isBot {
		return nil, fmt.Errorf("there is no user %q", name)
	}
	return &User{e, a.id, a.name}, nil
}

// ID is the person's ID (U…).
func (u *User) ID() string { return u.id }

// Name is the person's name, without @.
func (u *User) Name() string { return u.name }

// Deactivate closes the person's account.
func (u *User) Deactivate() {
	u.e.mu.Lock()
	defer u.e.mu.Unlock()
	u.account().deleted = true
}

func (u *User) account() *account { return u.e.accounts[u.id] }

// DM returns the person's direct messages with the app.
func (u *User) DM() *Channel {
	u.e.mu.Lock()
	defer u.e.mu.Unlock()
	return &Channel{u.e, u.e.directWith(u.account())}
}

// Notices returns what Slack itself told the person, oldest first.
func (u *User) Notices() []Notice {
	u.e.mu.Lock()
	defer u.e.mu.Unlock()
	return slices.Clone(u.e.notices[u.id])
}

// place finds where a person acts: #ops or an ID, or "@app" for their direct
// messages with the app. The caller holds e.mu.
func (u *User) place(channel string) (*conversation, error) {
	if strings.TrimPrefix(channel, "@") == u.e.bot.name {
		return u.e.directWith(u.account()), nil
	}
	c := u.e.conversationByName(channel)
	if c == nil {
		c = u.e.conversations[channel]
	}
	switch {
	case c == nil:
		return nil, fmt.Errorf("there is no channel %q", channel)
	case !c.has(u.id):
		return nil, fmt.Errorf("%s is not in %s", u.name, channel)
	case c.archived:
		return nil, fmt.Errorf("%s is archived", channel)
	}
	return c, nil
}

// Slash types a slash command in a channel, and waits until the app has
// acknowledged it. The error is what Slack then shows to the person, such as
//
//	/call failed with the error "dispatch_failed"       no app was listening
//	/call failed with the error "operation_timeout"     no ack within 3 s
//	/cal is not a valid command.
//
// Custom commands do not work in threads, so there is no way to type one there.
func (u *User) Slash(ctx context.Context, channel, line string) (*Reply, error) {
	e := u.e
	name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	e.mu.Lock()
	conv, err := u.place(channel)
	if err != nil {
		e.mu.Unlock()
		return nil, err
	}
	where := conv.label(e)
	e.emit(Event{Kind: CommandTyped, Channel: where, User: u.name, Text: line})
	command, ok := e.manifest.command(name)
	if !ok || u.account().team != "" {
		err := fmt.Errorf("%s is not a valid command", name)
		e.notify(u.account(), where, err.Error()+".")
		e.mu.Unlock()
		return nil, err
	}
	rest = strings.TrimSpace(rest)
	if command.ShouldEscape {
		rest = e.escaped(rest, true)
	}
	response, address := e.newResponseURL("commands", conv, u.account(), nil)
	env := e.newEnvelope(envelopeCommand, encode(object{
		"token": verificationToken, "team_id": e.teamID, "team_domain": e.teamDomain,
		"channel_id": conv.id, "channel_name": conv.payloadName(), "user_id": u.id, "user_name": u.name,
		"command": name, "text": rest, "api_app_id": e.appID,
		"response_url": address, "trigger_id": e.newTrigger(u.account(), nil),
	}), true)
	e.mu.Unlock()

	err = e.send(ctx, env, func(answer json.RawMessage) error {
		if answer == nil {
			return nil
		}
		var r reply
		if json.Unmarshal(answer, &r) != nil {
			return fail("invalid_command_response")
		}
		return e.answer(response, r)
	})
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%s failed with the error \"%w\"", name, err)
		e.mu.Lock()
		e.notify(u.account(), where, err.Error())
		e.mu.Unlock()
	}
	return &Reply{e: e, env: env, url: response, address: address}, err
}

// Reply follows what an app does with one interaction.
type Reply struct {
	e       *Emulator
	env     *envelope
	url     *responseURL
	address string
}

// Envelope is the record of the envelope that carried the interaction.
func (r *Reply) Envelope() Envelope {
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	return r.env.Envelope
}

// ResponseURL is the address through which the app may answer; "" where there is none.
func (r *Reply) ResponseURL() string { return r.address }

// Messages returns what the app answered with its ack or through the response
// URL, in order: to all, or to this person alone.
func (r *Reply) Messages() []Message {
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	var out []Message
	if r.url != nil {
		for _, m := range r.url.conv.messages {
			if m.via == r.url.id {
				out = append(out, r.e.snapshot(m))
			}
		}
	}
	return out
}

// Wait waits for an answer that matches; nil matches any.
func (r *Reply) Wait(ctx context.Context, match func(Message) bool) (Message, error) {
	if r.url == nil {
		return Message{}, fmt.Errorf("this interaction has no response URL")
	}
	return r.e.waitMessage(ctx, "the answer", match, func(yield func(*message)) {
		for _, m := range r.url.conv.messages {
			if m.via == r.url.id {
				yield(m)
			}
		}
	})
}

// WaitEphemeral waits for a message that the person alone sees, in a channel or
// its threads; nil matches any.
func (u *User) WaitEphemeral(ctx context.Context, channel string, match func(Message) bool) (Message, error) {
	u.e.mu.Lock()
	conv, err := u.place(channel)
	u.e.mu.Unlock()
	if err != nil {
		return Message{}, err
	}
	return u.e.waitMessage(ctx, channel+" for "+u.name+" alone", match, func(yield func(*message)) {
		for _, m := range conv.messages {
			if m.ephemeralFor == u.id {
				yield(m)
			}
		}
	})
}

// Ephemerals returns the messages in a channel that the person alone sees, in order.
func (u *User) Ephemerals(channel string) ([]Message, error) {
	u.e.mu.Lock()
	defer u.e.mu.Unlock()
	conv, err := u.place(channel)
	if err != nil {
		return nil, err
	}
	var out []Message
	for _, m := range conv.messages {
		if m.ephemeralFor == u.id && !m.deleted {
			out = append(out, u.e.snapshot(m))
		}
	}
	return out, nil
}

// Post types a message. @names and #channels become mentions, and &, < and > are
// escaped, as Slack's own clients do it.
func (u *User) Post(channel, typed string) (Message, error) {
	u.e.mu.Lock()
	conv, err := u.place(channel)
	u.e.mu.Unlock()
	if err != nil {
		return Message{}, err
	}
	return u.post(conv, typed, "")
}

// Mention types a message that begins with a mention of the app.
func (u *User) Mention(channel, typed string) (Message, error) {
	return u.Post(channel, "@"+u.e.bot.name+" "+typed)
}

func (u *User) post(conv *conversation, typed, threadTS string) (Message, error) {
	e := u.e
	e.mu.Lock()
	defer e.mu.Unlock()
	if !conv.has(u.id) {
		return Message{}, fmt.Errorf("%s is not in %s", u.name, conv.label(e))
	}
	if conv.kind == directMessage && conv.has(e.bot.id) && !e.manifest.hearsDirect() {
		return Message{}, fmt.Errorf("sending messages to this app has been turned off")
	}
	if err := conv.mayReply(threadTS); err != nil {
		return Message{}, err
	}
	m := &message{conv: conv, user: u.id, threadTS: threadTS, ts: e.newTS()}
	m.text = e.escaped(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(typed), false)
	m.notified = e.mentions(m)
	conv.add(m)
	m.keepRevision(e)
	e.tell(MessagePosted, m)
	blocks := e.richText(m.text)
	clientID := e.newEnvelope("", nil, false).ID
	event := m.wire(e)
	event["client_msg_id"], event["blocks"] = clientID, blocks
	e.deliverMessage(conv, event, m.ts)
	if conv.has(e.bot.id) && slices.Contains(m.notified, "@"+e.bot.name) && conv.kind != directMessage {
		mention := m.wire(e)
		mention["type"], mention["client_msg_id"], mention["blocks"], mention["channel"] = "app_mention", clientID, blocks, conv.id
		e.deliver("app_mention", "app_mentions:read", mention, conv, m.ts)
	}
	return e.snapshot(m), nil
}

var namePattern = regexp.MustCompile(`[@#][\p{L}\p{N}][\p{L}\p{N}._-]*`)

// escaped turns @names and #channels that exist into mentions; those of people
// carry the name too in slash commands, and do not in messages.
func (e *Emulator) escaped(typed string, withNames bool) string {
	return namePattern.ReplaceAllStringFunc(typed, func(hit string) string {
		name := strings.TrimRight(hit, ".-_")
		tail := hit[len(name):]
		switch {
		case name == "@channel" || name == "@here" || name == "@everyone":
			return "<!" + name[1:] + ">" + tail
		case name[0] == '@':
			a := e.accountByName(name)
			switch {
			case a == nil:
				return hit
			case withNames:
				return "<@" + a.id + "|" + a.name + ">" + tail
			}
			return "<@" + a.id + ">" + tail
		default:
			if c := e.conversationByName(name); c != nil {
				return "<#" + c.id + "|" + c.name + ">" + tail
			}
		}
		return hit
	})
}

// richText is the block that Slack makes of what people type.
func (e *Emulator) richText(mrkdwn string) []object {
	var elements []any
	add := func(s string) {
		if s != "" {
			elements = append(elements, object{"type": "text", "text": unescape(s)})
		}
	}
	rest := mrkdwn
	for _, at := range mentionPattern.FindAllStringSubmatchIndex(mrkdwn, -1) {
		before, what := mrkdwn[len(mrkdwn)-len(rest):at[0]], mrkdwn[at[2]:at[3]]
		add(before)
		switch {
		case what[0] == '@':
			elements = append(elements, object{"type": "user", "user_id": what[1:]})
		case strings.HasPrefix(what, "!subteam^"):
			elements = append(elements, object{"type": "usergroup", "usergroup_id": strings.TrimPrefix(what, "!subteam^")})
		default:
			elements = append(elements, object{"type": "broadcast", "range": what[1:]})
		}
		rest = mrkdwn[at[1]:]
	}
	add(rest)
	return []object{{
		"type": "rich_text", "block_id": e.newID("b")[2:7],
		"elements": []any{object{"type": "rich_text_section", "elements": elements}},
	}}
}

func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}
