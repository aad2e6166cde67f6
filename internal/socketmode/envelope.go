package socketmode

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Envelope is one delivery from Slack.
type Envelope struct {
	// ID is the envelope_id, under which it is acked. A redelivery has another.
	ID string
	// Type is [TypeSlashCommands], [TypeInteractive] or [TypeEventsAPI].
	Type string
	// Payload is the JSON that Slack would have sent to a request URL. It may
	// be empty, and may be anything: parse it defensively.
	Payload json.RawMessage
	// AcceptsResponsePayload says whether an Ack may carry a payload.
	AcceptsResponsePayload bool
	// RetryAttempt is 0 for a first delivery; events only.
	RetryAttempt int
	// RetryReason is why Slack delivers again, such as "timeout".
	RetryReason string
	// Received is when the message had been read from the link.
	Received time.Time
}

// The types of envelopes that reach a Handler.
const (
	TypeSlashCommands = "slash_commands"
	TypeInteractive   = "interactive"
	TypeEventsAPI     = "events_api"
)

// Ack is the answer to an envelope. The zero value acks without a payload.
type Ack struct {
	// Payload is marshalled to JSON and sent along, where it is not nil: a
	// message for a slash command, a response_action for a view_submission. It
	// is dropped, with a line in the log, if the envelope accepts none or if it
	// is larger than 20,000 bytes; the envelope is acked all the same.
	Payload any

	withheld bool
}

// NoAck leaves an envelope un-acked, for when it is not known whether what it
// asked was saved. Slack delivers an event again (at once, after one minute,
// after five), and tells a person that their command or click failed.
var NoAck = Ack{withheld: true}

// maxAckPayload is Slack's limit of 20 KB for the payload of an ack.
const maxAckPayload = 20_000

var (
	errPayloadNotAccepted = errors.New("the envelope accepts no payload")
	errPayloadTooLarge    = fmt.Errorf("the payload is larger than %d bytes", maxAckPayload)
)

// encodeAck gives the message that acks an envelope. If the payload cannot go
// with it, the error says why, and the message is the ack without it.
func encodeAck(e Envelope, payload any) ([]byte, error) {
	var dropped error
	var raw json.RawMessage
	if payload != nil {
		switch body, err := json.Marshal(payload); {
		case !e.AcceptsResponsePayload:
			dropped = errPayloadNotAccepted
		case err != nil:
			dropped = fmt.Errorf("marshalling the payload: %w", err)
		case len(body) > maxAckPayload:
			dropped = errPayloadTooLarge
		default:
			raw = body
		}
	}
	message, err := json.Marshal(struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload,omitempty"`
	}{e.ID, raw})
	return message, errors.Join(dropped, err)
}

func say(e Envelope, text string) Ack {
	if e.Type != TypeSlashCommands || !e.AcceptsResponsePayload {
		return NoAck
	}
	return Ack{Payload: map[string]string{"response_type": "ephemeral", "text": text}}
}

func sayBusy(e Envelope) Ack {
	return say(e, "I could not take this just now, and nothing was saved. Please try again in a minute.")
}

func sayPanicked(e Envelope, ref string) Ack {
	return say(e, fmt.Sprintf("Something went wrong on my side (ref %s). It may not have been saved: please look before you try again.", ref))
}

// message is anything that arrives on a link: an envelope, hello or disconnect.
type message struct {
	Envelope
	Reason         string // of a disconnect
	NumConnections int    // of a hello
}

// maxID is far more than the 36 bytes of Slack's ids: what is longer is not one.
const maxID = 200

// envelopeID finds the id in a message that is not JSON. In a JSON string the
// quotes would be escaped, so what people write cannot look like it.
var envelopeID = regexp.MustCompile(`"envelope_id"\s*:\s*"([^"\\[:cntrl:]]{1,200})"`)

// decode reads a message field by field, so that one of an unexpected type does
// not cost the others. If it is not JSON at all there is an error, and the
// message has its ID at most.
func decode(data []byte) (message, error) {
	var fields struct {
		ID             json.RawMessage `json:"envelope_id"`
		Type           json.RawMessage `json:"type"`
		Payload        json.RawMessage `json:"payload"`
		Accepts        json.RawMessage `json:"accepts_response_payload"`
		RetryAttempt   json.RawMessage `json:"retry_attempt"`
		RetryReason    json.RawMessage `json:"retry_reason"`
		Reason         json.RawMessage `json:"reason"`
		NumConnections json.RawMessage `json:"num_connections"`
	}
	var m message
	if err := json.Unmarshal(data, &fields); err != nil {
		if found := envelopeID.FindSubmatch(data); found != nil {
			m.ID = string(found[1])
		}
		return m, fmt.Errorf("decoding a message of %d bytes: %w", len(data), err)
	}
	if m.ID = as[string](fields.ID); len(m.ID) > maxID {
		m.ID = ""
	}
	m.Type = as[string](fields.Type)
	m.Payload = fields.Payload
	m.AcceptsResponsePayload = as[bool](fields.Accepts)
	m.RetryAttempt = as[int](fields.RetryAttempt)
	m.RetryReason = as[string](fields.RetryReason)
	m.Reason = clip(as[string](fields.Reason), 100)
	m.NumConnections = as[int](fields.NumConnections)
	return m, nil
}

// as decodes a field, and gives the zero value for one that is absent, null or
// of another type.
func as[T any](raw json.RawMessage) T {
	var v T
	if len(raw) == 0 || json.Unmarshal(raw, &v) != nil {
		var zero T
		return zero
	}
	return v
}
