package slackemulator

import (
	"context"
	"fmt"
	"time"
)

// Event is something that a person could see happen in the workspace, or that a
// person did.
type Event struct {
	Seq  int       `json:"seq"` // from 1, without gaps
	Time time.Time `json:"time"`
	Kind EventKind `json:"kind"`
	// Channel is the conversation's name as people write it: #ops, or @ana for
	// the direct messages of ana with the app.
	Channel string `json:"channel,omitempty"`
	// User is the name of who did it, or of who alone sees it.
	User string `json:"user,omitempty"`
	// Text is what was typed or pressed, or what Slack tells the person.
	Text    string   `json:"text,omitempty"`
	Message *Message `json:"message,omitempty"`
	View    *View    `json:"view,omitempty"`
}

// EventKind says what happened.
type EventKind string

// What can happen.
const (
	MessagePosted    EventKind = "message_posted"
	MessageUpdated   EventKind = "message_updated"
	MessageDeleted   EventKind = "message_deleted"
	EphemeralPosted  EventKind = "ephemeral_posted"
	EphemeralUpdated EventKind = "ephemeral_updated"
	EphemeralDeleted EventKind = "ephemeral_deleted"
	FileShared       EventKind = "file_shared" // follows the message_posted that carries the file
	ViewOpened       EventKind = "view_opened"
	ViewUpdated      EventKind = "view_updated"
	ViewClosed       EventKind = "view_closed"
	HomePublished    EventKind = "home_published"
	CommandTyped     EventKind = "command_typed"
	ControlUsed      EventKind = "control_used"
	NoticeShown      EventKind = "notice_shown" // Slack tells a person that something failed
	StepStarted      EventKind = "step_started" // a workflow came to a step of the app
	StepCompleted    EventKind = "step_completed"
	StepFailed       EventKind = "step_failed"
)

// emit appends to the stream. The caller holds e.mu.
func (e *Emulator) emit(ev Event) {
	ev.Seq, ev.Time = e.firstEvent+len(e.events), e.clock.Now()
	e.events = append(e.events, ev)
	if len(e.events) > maxEvents {
		kept := bounded(e.events, maxEvents)
		e.firstEvent += len(e.events) - len(kept)
		e.events = kept
	}
	e.wake()
}

// Events returns what happened after the event with the number since (0: from
// the beginning), in order. Only the last 100,000 are kept.
func (e *Emulator) Events(since int) []Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.eventsSince(since)
}

func (e *Emulator) eventsSince(since int) []Event {
	from := min(max(since+1-e.firstEvent, 0), len(e.events))
	return append([]Event(nil), e.events[from:]...)
}

// WaitEvents returns what happened after the event with the number since, and
// waits until there is something.
func (e *Emulator) WaitEvents(ctx context.Context, since int) ([]Event, error) {
	var found []Event
	err := e.await(ctx, func() bool {
		found = e.eventsSince(since)
		return len(found) > 0
	})
	if err != nil {
		return nil, fmt.Errorf("waiting for something to happen after event %d: %w", since, err)
	}
	return found, nil
}

// Subscribe returns a channel of all that happens from now on, in order. A slow
// reader holds nobody up. cancel ends it and closes the channel.
func (e *Emulator) Subscribe() (events <-chan Event, cancel func()) {
	ctx, stop := context.WithCancel(context.Background())
	out := make(chan Event)
	e.mu.Lock()
	since := e.firstEvent + len(e.events) - 1
	e.mu.Unlock()
	go func() {
		defer close(out)
		for {
			batch, err := e.WaitEvents(ctx, since)
			if err != nil {
				return
			}
			for _, ev := range batch {
				select {
				case out <- ev:
					since = ev.Seq
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out, stop
}

// Notice is something that Slack itself tells one person: that a command failed,
// or that a modal could not be sent.
type Notice struct {
	Time    time.Time
	Channel string
	Text    string
}

// notify shows a notice to a person. The caller holds e.mu.
func (e *Emulator) notify(a *account, channel, text string) {
	e.notices[a.id] = bounded(append(e.notices[a.id], Notice{e.clock.Now(), channel, text}), 1000)
	e.emit(Event{Kind: NoticeShown, Channel: channel, User: a.name, Text: text})
}

// WaitFor waits until check reports true. It is asked, without a lock held, after
// everything that happens: an event, a call answered, an envelope sent or acked,
// a link opened or lost.
func (e *Emulator) WaitFor(ctx context.Context, check func() bool) error {
	for {
		e.mu.Lock()
		changed := e.changed
		e.mu.Unlock()
		if check() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the workspace: %w", ctx.Err())
		}
	}
}
