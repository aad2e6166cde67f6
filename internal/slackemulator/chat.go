package slackemulator

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// message is a message as the workspace keeps it. What people see of it is a
// [Message], made by snapshot.
type message struct {
	ts, threadTS string
	conv         *conversation
	user         string // ID of who wrote it
	byApp        bool
	text         string
	blocks       []object
	encoded      json.RawMessage // the blocks, for snapshots
	attachments  json.RawMessage
	files        []*file
	ephemeralFor string // ID of the only person who sees it
	deleted      bool
	edited       time.Time
	via          string // ID of the response URL it came through
	notified     []string
	revisions    []Message
	version      int
	state        controlState
	broadcast    bool
}

const (
	maxPostText   = 40_000 // longer text is truncated
	maxUpdateText = 4_000
)

// content is the part of a message that calls and response URLs have in common.
type content struct {
	text        string
	hasText     bool
	blocks      json.RawMessage
	hasBlocks   bool
	attachments json.RawMessage
}

func readContent(args arguments) (content, error) {
	c := content{text: args.str("text"), hasText: args.has("text"), hasBlocks: args.has("blocks")}
	var err error
	if c.blocks, err = args.json("blocks"); err != nil {
		return c, err
	}
	if c.attachments, err = args.json("attachments"); err != nil {
		return c, err
	}
	if string(c.attachments) == "[]" {
		c.attachments = nil
	}
	return c, checkBlocks(c.blocks)
}

func (c content) empty() bool {
	return strings.TrimSpace(c.text) == "" && (len(c.blocks) == 0 || string(c.blocks) == "[]") && len(c.attachments) == 0
}

func (e *Emulator) chatPostMessage(args arguments) (object, error) {
	if args.str("channel") == "" {
		return nil, missingField("channel")
	}
	conv, err := e.destination(args.str("channel"))
	if err != nil {
		return nil, err
	}
	if err := e.mayPost(conv, "chat:write.public"); err != nil {
		return nil, err
	}
	if conv.kind == directMessage && !e.manifest.messagesTab() {
		return nil, fail("messages_tab_disabled")
	}
	c, err := readContent(args)
	if err != nil {
		return nil, err
	}
	if c.empty() {
		return nil, fail("no_text")
	}
	if err := conv.mayReply(args.str("thread_ts")); err != nil {
		return nil, err
	}
	m := e.newMessage(conv, c)
	m.threadTS, m.broadcast = args.str("thread_ts"), args.flag("reply_broadcast")
	e.post(m)
	return object{"channel": conv.id, "ts": m.ts, "message": m.wire(e)}, nil
}

// mayPost refuses if the bot may not write there; publicScope lifts the need to
// be a member of a public channel.
func (e *Emulator) mayPost(conv *conversation, publicScope string) error {
	switch {
	case conv.archived:
		return fail("is_archived")
	case conv.has(e.bot.id):
		return nil
	case publicScope != "" && conv.kind == publicChannel && e.manifest.grants(publicScope):
		return nil
	}
	return fail("not_in_channel")
}

// mayReply refuses a thread that does not exist, or that would hang on a reply.
// Slack accepts some of these and shows the message nowhere.
func (c *conversation) mayReply(threadTS string) error {
	if threadTS == "" {
		return nil
	}
	sec, frac, ok := strings.Cut(threadTS, ".")
	if !ok || len(frac) != 6 || strings.Trim(sec+frac, "0123456789") != "" {
		return fail("invalid_thread_ts", "[ERROR] "+threadTS+" is not a valid thread_ts")
	}
	switch parent := c.find(threadTS); {
	case parent == nil && len(c.replies(threadTS)) > 0: // the first message was deleted, the thread is still there
		return nil
	case parent == nil:
		return fail("thread_not_found")
	case parent.threadTS != "" && parent.threadTS != parent.ts:
		return fail("cannot_reply_to_message")
	}
	return nil
}

// newMessage makes a message of the app; it is not posted yet.
func (e *Emulator) newMessage(conv *conversation, c content) *message {
	if runes := []rune(c.text); len(runes) > maxPostText {
		c.text = string(runes[:maxPostText])
	}
	blocks := e.parseBlocks(c.blocks)
	return &message{
		conv: conv, user: e.bot.id, byApp: true,
		text: c.text, blocks: blocks, encoded: encodeBlocks(blocks), attachments: c.attachments,
	}
}

// post puts a message into its conversation and tells everybody who is to know.
func (e *Emulator) post(m *message) {
	m.ts = e.newTS()
	m.notified = e.mentions(m)
	m.conv.add(m)
	m.keepRevision(e)
	kind := MessagePosted
	if m.ephemeralFor != "" {
		kind = EphemeralPosted
	}
	e.tell(kind, m)
	if m.ephemeralFor != "" {
		return
	}
	for range m.files {
		e.tell(FileShared, m)
	}
	event := m.wire(e)
	if len(m.files) > 0 {
		event["subtype"] = "file_share"
	}
	e.deliverMessage(m.conv, event, m.ts)
}

// tell puts what happened to a message into the stream.
func (e *Emulator) tell(kind EventKind, m *message) {
	shown := e.snapshot(m)
	user := m.user
	if m.ephemeralFor != "" {
		user = m.ephemeralFor
	}
	e.emit(Event{Kind: kind, Channel: m.conv.label(e), User: e.nameOf(user), Message: &shown})
}

func (e *Emulator) nameOf(id string) string {
	if a := e.accounts[id]; a != nil {
		return a.name
	}
	return id
}

func (e *Emulator) chatUpdate(args arguments) (object, error) {
	for _, name := range []string{"channel", "ts"} {
		if args.str(name) == "" {
			return nil, missingField(name)
		}
	}
	conv, err := e.visible(args.str("channel"))
	if err != nil {
		return nil, err
	}
	c, err := readContent(args)
	if err != nil {
		return nil, err
	}
	m := conv.find(args.str("ts"))
	switch {
	case m == nil:
		return nil, fail("message_not_found")
	case !m.byApp:
		return nil, fail("cant_update_message")
	case conv.archived:
		return nil, fail("is_inactive")
	case utf8.RuneCountInString(c.text) > maxUpdateText:
		return nil, fail("msg_too_long")
	case c.empty():
		return nil, fail("no_text")
	}
	e.edit(m, c)
	return object{"channel": conv.id, "ts": m.ts, "text": m.text, "message": m.wire(e)}, nil
}

// edit replaces a message's content: text without blocks removes the blocks,
// blocks without text leave the text. It notifies nobody.
func (e *Emulator) edit(m *message, c content) {
	previous := m.wire(e)
	if c.hasText {
		m.text = c.text
	}
	if c.hasText || c.hasBlocks {
		m.blocks = e.parseBlocks(c.blocks)
		m.encoded, m.state = encodeBlocks(m.blocks), m.state.keptFor(m.blocks)
	}
	if c.attachments != nil {
		m.attachments = c.attachments
	}
	m.edited = e.clock.Now()
	m.keepRevision(e)
	if m.ephemeralFor != "" {
		e.tell(EphemeralUpdated, m)
		return
	}
	e.tell(MessageUpdated, m)
	e.deliverMessage(m.conv, object{
		"type": "message", "subtype": "message_changed", "hidden": true,
		"message": m.wire(e), "previous_message": previous,
	}, e.newTS())
}

func (e *Emulator) chatDelete(args arguments) (object, error) {
	for _, name := range []string{"channel", "ts"} {
		if args.str(name) == "" {
			return nil, missingField(name)
		}
	}
	conv, err := e.visible(args.str("channel"))
	if err != nil {
		return nil, err
	}
	m := conv.find(args.str("ts"))
	switch {
	case m == nil:
		return nil, fail("message_not_found")
	case !m.byApp:
		return nil, fail("cant_delete_message")
	}
	e.erase(m)
	return object{"channel": conv.id, "ts": m.ts}, nil
}

func (e *Emulator) erase(m *message) {
	m.deleted = true
	if m.ephemeralFor != "" {
		e.tell(EphemeralDeleted, m)
		return
	}
	e.tell(MessageDeleted, m)
	e.deliverMessage(m.conv, object{
		"type": "message", "subtype": "message_deleted", "hidden": true,
		"deleted_ts": m.ts, "previous_message": m.wire(e),
	}, e.newTS())
}

func (e *Emulator) chatPostEphemeral(args arguments) (object, error) {
	for _, name := range []string{"channel", "user"} {
		if args.str(name) == "" {
			return nil, missingField(name)
		}
	}
	conv, err := e.visible(args.str("channel"))
	if err != nil {
		return nil, err
	}
	if err := e.mayPost(conv, ""); err != nil {
		return nil, err
	}
	if !conv.has(args.str("user")) {
		return nil, fail("user_not_in_channel")
	}
	c, err := readContent(args)
	if err != nil {
		return nil, err
	}
	if c.empty() {
		return nil, fail("no_text")
	}
	if err := conv.mayReply(args.str("thread_ts")); err != nil {
		return nil, err
	}
	m := e.newMessage(conv, c)
	m.ephemeralFor, m.threadTS = args.str("user"), args.str("thread_ts")
	e.post(m)
	return object{"message_ts": m.ts}, nil
}

func (e *Emulator) chatGetPermalink(args arguments) (object, error) {
	conv, err := e.visible(args.str("channel"))
	if err != nil {
		return nil, err
	}
	m := conv.find(args.str("message_ts"))
	if m == nil {
		return nil, fail("message_not_found")
	}
	link := "https://" + e.teamDomain + ".slack.com/archives/" + conv.id + "/p" + strings.ReplaceAll(m.ts, ".", "")
	if m.threadTS != "" && m.threadTS != m.ts {
		link += "?thread_ts=" + m.threadTS + "&cid=" + conv.id
	}
	return object{"channel": conv.id, "permalink": link}, nil
}

// wire is the message object as calls and payloads carry it.
func (m *message) wire(e *Emulator) object {
	out := object{"type": "message", "user": m.user, "ts": m.ts, "text": m.text, "team": e.teamID}
	if a := e.accounts[m.user]; a != nil {
		out["team"] = a.home(e)
	}
	if m.byApp {
		out["bot_id"], out["app_id"] = e.botID, e.appID
		out["bot_profile"] = object{
			"id": e.botID, "app_id": e.appID, "user_id": e.bot.id, "name": e.bot.name, "deleted": false, "team_id": e.teamID,
		}
	}
	if m.blocks != nil {
		out["blocks"] = m.blocks
	}
	if m.attachments != nil {
		out["attachments"] = m.attachments
	}
	if m.threadTS != "" {
		out["thread_ts"] = m.threadTS
		if parent := m.conv.find(m.threadTS); parent != nil && parent != m {
			out["parent_user_id"] = parent.user
		}
	}
	if replies := m.conv.replies(m.ts); len(replies) > 0 {
		out["thread_ts"], out["reply_count"] = m.ts, len(replies)
		out["latest_reply"] = replies[len(replies)-1].ts
	}
	if m.markedEdited() {
		out["edited"] = object{"user": m.user, "ts": tsOf(m.edited)}
	}
	if len(m.files) > 0 {
		var files []object
		for _, f := range m.files {
			files = append(files, f.wire(e))
		}
		out["files"] = files
	}
	return out
}

// replies returns a thread's messages after its first, in order.
func (c *conversation) replies(threadTS string) []*message {
	var out []*message
	for _, m := range c.threads[threadTS] {
		if m.ephemeralFor == "" && !m.deleted {
			out = append(out, m)
		}
	}
	return out
}

// markedEdited reports whether Slack marks the message as edited: it does not where
// blocks were.
func (m *message) markedEdited() bool { return !m.edited.IsZero() && m.blocks == nil }
