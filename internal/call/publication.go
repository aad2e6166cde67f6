package call

import (
	"errors"
	"io"
	"strings"
	"time"
)

// Publication is a call whose people are not yet shown it as it is, together with
// what they were shown last.
type Publication struct {
	// Lease names the claim that this is: what is done under another is refused.
	Lease  string
	Call   Call
	Origin Origin
	View   View
	// Messages are what was sent so far, by slot.
	Messages map[Slot]Message
	// Shares are where the summary is to be shown too.
	Shares []Share
	// Also are those whose homes show something of the call beside who asked for it, and who
	// approved it or is named to; ForAll: anybody's may.
	Also   []UserID
	ForAll bool
}

// Slot names one of the messages that show a call.
type Slot string

// The slots, in the order in which they are sent.
const (
	SlotCard       Slot = "card"       // proposes the call; later its outcome in a line
	SlotStatus     Slot = "status"     // follows the call, edited in place
	SlotResult     Slot = "result"     // outcome and summary
	SlotTranscript Slot = "transcript" // what was said
	SlotRecording  Slot = "recording"  // the audio file

	// The same of [Call.Other], where there is one.
	SlotOtherResult     Slot = "other_result"
	SlotOtherTranscript Slot = "other_transcript"
	SlotOtherRecording  Slot = "other_recording"

	// SlotStep is the end that a step of a workflow was told; it is no message.
	SlotStep Slot = "step"
	// SlotShared is the summary where somebody shared it.
	SlotShared Slot = "shared"
	// SlotUnshared tells who shared it that it can't stand there.
	SlotUnshared Slot = "unshared"

	// SlotStray, with what tells it from others behind it, is a message or a file whose slot
	// has another: it was sent under a lease that was lost meanwhile, or has been replaced
	// where it could not be edited; see [Message.Stray].
	SlotStray Slot = "stray "
)

// AtStand stands in the name of a slot before where its message is, if that is not where
// the call was asked for: a person, or a conversation.
const AtStand = "@"

// Message is what was last sent in one slot of a call.
type Message struct {
	Slot Slot
	// Channel, Thread and TS are where it stands: Slack's coordinates. TS is empty
	// for content that was dealt with otherwise, such as a file.
	Channel, Thread, TS string
	// File is Slack's id of an uploaded file.
	File string
	// Digest tells one rendering from another; empty: nothing was sent yet. That of
	// [SlotStep] only says that it was.
	Digest string
	// DoubtUntil is until when a request whose fate is not known may put something else
	// there than what Digest tells: what is to be shown is sent once more then. Zero: there
	// is none.
	DoubtUntil time.Time
	SentAt     time.Time
	// Tries counts the failures to send it since it was last sent.
	Tries int
}

// Stands reports whether something of m stands in Slack: a message or a file.
func (m Message) Stands() bool { return m.TS != "" || m.File != "" }

// Stray is m as a message that nobody goes on with, at the stand of its slot. Its digest is
// that of nothing.
func (m Message) Stray() Message {
	_, where, found := strings.Cut(string(m.Slot), AtStand)
	m.Slot = SlotStray + Slot(m.TS+m.File)
	if found {
		m.Slot += AtStand + Slot(where)
	}
	m.Digest = ""
	return m
}

// Why a recording could not be had; in the chain of the error that says so.
var (
	ErrRecordingGone     = errors.New("the recording is gone")               // its link no longer works
	ErrRecordingTooLarge = errors.New("the recording is too large")          // more than is fetched
	ErrRecordingNotAudio = errors.New("the recording is no audio")           // something else is there
	ErrRecordingAddress  = errors.New("the recording's address is not safe") // nothing is fetched from there
)

// Recording is the audio of a call, as the provider serves it. Whoever gets one
// closes Body.
type Recording struct {
	Body        io.ReadCloser
	ContentType string // "audio/…"
	Size        int64  // bytes; -1: not told
}
