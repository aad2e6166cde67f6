package slackemulator

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Message is a message as people see it at one moment.
type Message struct {
	e *Emulator
	m *message

	TS        string          `json:"ts"`
	ThreadTS  string          `json:"thread_ts,omitempty"` // of the thread's first message
	Channel   string          `json:"channel"`             // #ops, or @ana for direct messages
	ChannelID string          `json:"channel_id"`
	User      string          `json:"user"` // name of who wrote it
	ByApp     bool            `json:"by_app"`
	Text      string          `json:"text"` // the text argument; fallback where there are blocks
	Blocks    json.RawMessage `json:"blocks,omitempty"`
	Files     []File          `json:"files,omitempty"`
	// EphemeralFor is the name of the only person who sees it, "" if all do.
	EphemeralFor string `json:"ephemeral_for,omitempty"`
	Deleted      bool   `json:"deleted,omitempty"`
	// Edited says that Slack marks it as edited; it does not where blocks were.
	Edited  bool      `json:"edited,omitempty"`
	At      time.Time `json:"at"` // of this version
	Version int       `json:"version"`
	// Notified is whom the message notified when it was posted, sorted: "@ana",
	// "@channel", "@here", "@everyone", a user group. Edits notify nobody.
	Notified []string `json:"notified,omitempty"`

	blocks []object
}

// File is a file in a message.
type File struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Title    string        `json:"title"`
	MIMEType string        `json:"mimetype"`
	Size     int           `json:"size"`
	Duration time.Duration `json:"duration,omitempty"` // of a WAV
	URL      string        `json:"url"`                // url_private
	data     []byte
}

// Content is the file's bytes.
func (f File) Content() []byte { return slices.Clone(f.data) }

// snapshot shows a message as it is now. The caller holds e.mu.
func (e *Emulator) snapshot(m *message) Message {
	out := Message{
		e: e, m: m, TS: m.ts, ThreadTS: m.threadTS, Channel: m.conv.label(e), ChannelID: m.conv.id,
		User: e.nameOf(m.user), ByApp: m.byApp, Text: m.text, Deleted: m.deleted, Edited: m.markedEdited(),
		At: e.clock.Now(), Version: len(m.revisions), Notified: m.notified, Blocks: m.encoded, blocks: m.blocks,
	}
	if m.ephemeralFor != "" {
		out.EphemeralFor = e.nameOf(m.ephemeralFor)
	}
	for _, f := range m.files {
		out.Files = append(out.Files, e.snapshotFile(f))
	}
	return out
}

// snapshotFile shows a file as it is now. The caller holds e.mu.
func (e *Emulator) snapshotFile(f *file) File {
	private, _ := f.wire(e)["url_private"].(string)
	return File{f.id, f.name, f.title, f.mimetype(), len(f.data), f.duration(), private, f.data}
}

// keepRevision remembers the message as it now is.
func (m *message) keepRevision(e *Emulator) {
	m.version++
	m.revisions = bounded(append(m.revisions, e.snapshot(m)), 1000)
}

// Revisions returns what the message has looked like, from the post to now, each
// with its time.
func (m Message) Revisions() []Message {
	m.e.mu.Lock()
	defer m.e.mu.Unlock()
	return slices.Clone(m.m.revisions)
}

// Current returns the message as it is now.
func (m Message) Current() Message {
	m.e.mu.Lock()
	defer m.e.mu.Unlock()
	return m.e.snapshot(m.m)
}

// Wait waits until the message is one that matches, through edits.
func (m Message) Wait(ctx context.Context, match func(Message) bool) (Message, error) {
	return m.e.waitMessage(ctx, "the message "+m.TS+" in "+m.Channel, match, func(yield func(*message)) { yield(m.m) })
}

// Delete takes the message away, as an admin of the workspace can.
func (m Message) Delete() {
	m.e.mu.Lock()
	defer m.e.mu.Unlock()
	if !m.m.deleted {
		m.e.erase(m.m)
	}
}

// WaitDeleted waits until the message is gone.
func (m Message) WaitDeleted(ctx context.Context) error {
	err := m.e.await(ctx, func() bool { return m.m.deleted })
	if err != nil {
		return fmt.Errorf("waiting for the message %s to be deleted: %w", m.TS, err)
	}
	return nil
}

// Thread returns the thread that the message starts or stands in.
func (m Message) Thread() *Thread {
	ts := m.ThreadTS
	if ts == "" {
		ts = m.TS
	}
	return &Thread{m.e, m.m.conv, ts}
}

// Buttons returns the labels of the message's buttons, in order.
func (m Message) Buttons() []string {
	var out []string
	for _, b := range m.blocks {
		for _, el := range elementsOf(b) {
			if text(el, "type") == "button" {
				out = append(out, text(sub(el, "text"), "text"))
			}
		}
	}
	return out
}

// waitMessage waits until one of the messages that each names matches. match is
// called once for each version of each message, without a lock held.
func (e *Emulator) waitMessage(ctx context.Context, where string, match func(Message) bool, each func(yield func(*message))) (Message, error) {
	seen := map[*message]int{}
	var last []string
	for {
		var fresh []Message
		e.mu.Lock()
		each(func(m *message) {
			if seen[m] != m.version && !m.deleted {
				seen[m] = m.version
				fresh = append(fresh, e.snapshot(m))
			}
		})
		changed := e.changed
		e.mu.Unlock()
		for _, m := range fresh {
			if match == nil || match(m) {
				return m, nil
			}
			last = append(last, m.Plain())
			last = last[max(0, len(last)-5):]
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Message{}, fmt.Errorf("waiting for a message in %s: %w; last seen there: %q", where, ctx.Err(), last)
		}
	}
}

// Contains matches messages that read as containing all the given texts.
func Contains(texts ...string) func(Message) bool {
	return func(m Message) bool {
		plain := m.Plain()
		return !slices.ContainsFunc(texts, func(t string) bool { return !strings.Contains(plain, t) })
	}
}

// HasButton matches messages with a button of that label.
func HasButton(label string) func(Message) bool {
	return func(m Message) bool { return slices.Contains(m.Buttons(), label) }
}

// HasFile matches messages with a file whose MIME type begins so ("audio/").
func HasFile(mimeType string) func(Message) bool {
	return func(m Message) bool {
		return slices.ContainsFunc(m.Files, func(f File) bool { return strings.HasPrefix(f.MIMEType, mimeType) })
	}
}

// Thread is the replies to a message.
type Thread struct {
	e    *Emulator
	conv *conversation
	ts   string
}

// TS is the timestamp of the thread's first message.
func (t *Thread) TS() string { return t.ts }

// Messages returns the replies that all see, in order.
func (t *Thread) Messages() []Message {
	t.e.mu.Lock()
	defer t.e.mu.Unlock()
	var out []Message
	for _, m := range t.conv.replies(t.ts) {
		out = append(out, t.e.snapshot(m))
	}
	return out
}

// Wait waits for a reply that matches, one that is there already included; nil
// matches any.
func (t *Thread) Wait(ctx context.Context, match func(Message) bool) (Message, error) {
	return t.e.waitMessage(ctx, "the thread "+t.ts, match, func(yield func(*message)) {
		for _, m := range t.conv.threads[t.ts] {
			if m.ephemeralFor == "" {
				yield(m)
			}
		}
	})
}

// Post lets a person reply in the thread, as [User.Post].
func (t *Thread) Post(u *User, typed string) (Message, error) {
	return u.post(t.conv, typed, t.ts)
}
