package slackemulator

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

const (
	envelopeEvents      = "events_api"
	envelopeInteractive = "interactive"
	envelopeCommand     = "slash_commands"

	ackDeadline   = 3 * time.Second
	maxAckPayload = 20 << 10
)

// retryAfter is when an event is sent again after its first, second and third
// failure: https://docs.slack.dev/apis/events-api/#retries
var retryAfter = []time.Duration{0, time.Minute, 5 * time.Minute}

// EnvelopeState is what became of an envelope.
type EnvelopeState string

// States of an [Envelope].
const (
	EnvelopePending   EnvelopeState = "pending"
	EnvelopeAcked     EnvelopeState = "acked"
	EnvelopeTimedOut  EnvelopeState = "timed_out"  // not acked within 3 s
	EnvelopeLost      EnvelopeState = "lost"       // its link ended before the ack
	EnvelopeUnsent    EnvelopeState = "unsent"     // there was no link
	EnvelopeBadAnswer EnvelopeState = "bad_answer" // the ack's payload was over 20 KB or no JSON object
)

// Envelope is the record of one envelope sent to the app.
type Envelope struct {
	Seq            int             `json:"seq"`
	ID             string          `json:"envelope_id"`
	Type           string          `json:"type"`
	Payload        json.RawMessage `json:"payload"`
	AcceptsPayload bool            `json:"accepts_response_payload"`
	RetryAttempt   int             `json:"retry_attempt"`
	RetryReason    string          `json:"retry_reason"`
	Link           int             `json:"link"` // number of the connection, from 1; 0: none
	Sent           time.Time       `json:"sent"`
	State          EnvelopeState   `json:"state"`
	Took           time.Duration   `json:"took"` // until it was acked or given up
	// Answer is the payload of the ack; Ignored says that it came where none is
	// taken, so that Slack drops it.
	Answer  json.RawMessage `json:"answer,omitempty"`
	Ignored bool            `json:"ignored,omitempty"`
	// Late counts acks that came after the state was settled.
	Late int `json:"late,omitempty"`
}

type envelope struct {
	Envelope
	raw     json.RawMessage
	link    *link
	stop    func() bool
	settled func() // runs with e.mu held
	problem error  // what the person is told although it was acked
}

// wire is the envelope in the key order and with the keys of its type.
func (env *envelope) wire() json.RawMessage {
	out := object{
		"envelope_id": env.ID, "payload": env.Payload, "type": env.Type,
		"accepts_response_payload": env.AcceptsPayload,
	}
	if env.Type == envelopeEvents {
		out["retry_attempt"], out["retry_reason"] = env.RetryAttempt, env.RetryReason
	}
	return encode(out)
}

// newEnvelope makes an envelope. The caller holds e.mu.
func (e *Emulator) newEnvelope(kind string, payload json.RawMessage, accepts bool) *envelope {
	e.idSeq++
	h := sha256.Sum256(fmt.Append(nil, "envelope", e.teamID, e.idSeq))
	id := fmt.Sprintf("%x-%x-4%03x-8%03x-%x", h[0:4], h[4:6], uint16(h[6])<<4|uint16(h[7])&15, uint16(h[8])<<4|uint16(h[9])&15, h[10:16])
	env := &envelope{Envelope: Envelope{ID: id, Type: kind, Payload: payload, AcceptsPayload: accepts}}
	env.raw = env.wire()
	return env
}

// dispatchEnvelope sends an envelope over one link. The caller holds e.mu.
func (e *Emulator) dispatchEnvelope(env *envelope) {
	e.envelopes = bounded(append(e.envelopes, env), maxRecords)
	e.callSeq++
	env.Seq, env.Sent, env.State = e.callSeq, e.clock.Now(), EnvelopePending
	env.link = e.pick()
	if env.link == nil {
		e.settle(env, EnvelopeUnsent)
		return
	}
	env.Link = env.link.id
	e.pending[env.ID] = append(e.pending[env.ID], env)
	// The deadline stands before the app can see the envelope, or whoever moves the
	// clock when it arrives would be too early.
	env.stop = e.clock.AfterFunc(ackDeadline, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.settle(env, EnvelopeTimedOut)
	})
	env.link.send(env.raw)
	e.wake()
}

// settle ends the wait for an ack. The caller holds e.mu.
func (e *Emulator) settle(env *envelope, state EnvelopeState) {
	if env.State != EnvelopePending || (e.closed && state != EnvelopeAcked) {
		return
	}
	env.State, env.Took = state, e.clock.Now().Sub(env.Sent)
	if env.stop != nil {
		env.stop()
	}
	if list := slices.DeleteFunc(e.pending[env.ID], func(p *envelope) bool { return p == env }); len(list) > 0 {
		e.pending[env.ID] = list
	} else {
		delete(e.pending, env.ID)
	}
	if env.settled != nil {
		env.settled()
	}
	e.wake()
}

// takeAck handles what an app sends over a link.
func (e *Emulator) takeAck(l *link, msg []byte) {
	var ack struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal(msg, &ack); err != nil || ack.EnvelopeID == "" {
		e.log.Debug("the emulated Slack took no ack out of a message", "link", l.id)
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	waiting := slices.Clone(e.pending[ack.EnvelopeID])
	if len(waiting) == 0 {
		for _, env := range slices.Backward(e.envelopes) {
			if env.ID == ack.EnvelopeID {
				env.Late++
				break
			}
		}
		e.wake()
		return
	}
	for _, env := range waiting {
		state := EnvelopeAcked
		var fields object
		switch {
		case len(ack.Payload) == 0 || string(ack.Payload) == "null":
		case len(ack.Payload) > maxAckPayload || json.Unmarshal(ack.Payload, &fields) != nil:
			state = EnvelopeBadAnswer
		case len(fields) > 0:
			env.Answer, env.Ignored = ack.Payload, !env.AcceptsPayload
		}
		e.settle(env, state)
	}
}

// send sends an interaction or command and waits for its fate. settled, if not
// nil, does what an accepted payload asks for. The error is what the person sees.
func (e *Emulator) send(ctx context.Context, env *envelope, settled func(answer json.RawMessage) error) error {
	e.mu.Lock()
	env.settled = func() {
		if env.State == EnvelopeAcked && env.AcceptsPayload && settled != nil {
			env.problem = settled(env.Answer)
		}
	}
	e.dispatchEnvelope(env)
	e.mu.Unlock()
	return e.fate(ctx, env)
}

// fate waits until an envelope is settled.
func (e *Emulator) fate(ctx context.Context, env *envelope) error {
	err := e.await(ctx, func() bool { return env.State != EnvelopePending || e.closed })
	if err != nil {
		return fmt.Errorf("waiting for the app to acknowledge: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	switch env.State {
	case EnvelopeAcked:
		return env.problem
	case EnvelopeUnsent, EnvelopePending:
		return fail("dispatch_failed")
	case EnvelopeBadAnswer:
		return fail("invalid_command_response")
	case EnvelopeTimedOut, EnvelopeLost:
		return fail("operation_timeout")
	}
	return nil
}

// deliver sends an event to the app, if it is subscribed to it, again and again
// until it is acked. The caller holds e.mu.
func (e *Emulator) deliver(event, scope string, body object, conv *conversation, ts string) {
	if !e.manifest.subscribed(event, scope) || e.tokenFault != "" {
		return
	}
	body["event_ts"] = ts
	where := ""
	if conv != nil {
		where = "-" + conv.id
	}
	payload := encode(object{
		"token": verificationToken, "team_id": e.teamID, "api_app_id": e.appID, "event": body,
		"type": "event_callback", "event_id": e.newID("Ev"), "event_time": e.clock.Now().Unix(),
		"authorizations": []object{{
			"enterprise_id": nil, "team_id": e.teamID, "user_id": e.bot.id, "is_bot": true, "is_enterprise_install": false,
		}},
		"is_ext_shared_channel": false,
		"event_context":         "1-" + text(body, "type") + "-" + e.teamID + where,
	})
	e.attempt(payload, 0, "")
}

// verificationToken is the deprecated token in every payload.
const verificationToken = "verification-token"

// attempt sends an event for the n-th time again. The caller holds e.mu.
func (e *Emulator) attempt(payload json.RawMessage, n int, reason string) {
	env := e.newEnvelope(envelopeEvents, payload, false)
	env.RetryAttempt, env.RetryReason = n, reason
	env.raw = env.wire()
	env.settled = func() {
		if env.State == EnvelopeAcked || env.State == EnvelopeBadAnswer || n >= len(retryAfter) {
			return
		}
		why := "timeout"
		if env.State == EnvelopeLost || env.State == EnvelopeUnsent {
			why = "connection_failed"
		}
		again := func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			if !e.closed {
				e.attempt(payload, n+1, why)
			}
		}
		if wait := retryAfter[n]; wait > 0 {
			e.clock.AfterFunc(wait, again)
		} else {
			go again() // the lock is held here
		}
	}
	e.dispatchEnvelope(env)
}

// deliverMessage sends a message event, as the kind of conversation names it, to
// an app that is in the conversation.
func (e *Emulator) deliverMessage(conv *conversation, body object, ts string) {
	if !conv.has(e.bot.id) {
		return
	}
	name := map[conversationKind]string{
		publicChannel: "message.channels", privateChannel: "message.groups", directMessage: "message.im", groupMessage: "message.mpim",
	}[conv.kind]
	body["channel"], body["channel_type"] = conv.id, string(conv.kind)
	e.deliver(name, conv.scopePrefix()+":history", body, conv, ts)
}

// Envelopes returns the records of what was sent to the app, oldest first, of
// the given types ("slash_commands", "interactive", "events_api") or of all.
func (e *Emulator) Envelopes(types ...string) []Envelope {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []Envelope
	for _, env := range e.envelopes {
		if len(types) == 0 || slices.Contains(types, env.Type) {
			out = append(out, env.Envelope)
		}
	}
	return out
}

// Redeliver sends an envelope again, as it was, and waits for its ack as for any.
func (e *Emulator) Redeliver(ctx context.Context, old Envelope) (Envelope, error) {
	env := &envelope{Envelope: Envelope{
		ID: old.ID, Type: old.Type, Payload: old.Payload, AcceptsPayload: old.AcceptsPayload,
		RetryAttempt: old.RetryAttempt, RetryReason: old.RetryReason,
	}}
	env.raw = env.wire()
	return e.sendAndWait(ctx, env)
}

// SendRaw sends any JSON over one of the links, as it is, and waits for its ack
// if it has an envelope_id.
func (e *Emulator) SendRaw(ctx context.Context, raw json.RawMessage) (Envelope, error) {
	env := &envelope{raw: raw}
	if err := json.Unmarshal(raw, &env.Envelope); err != nil {
		return Envelope{}, fmt.Errorf("sending a raw envelope: %w", err)
	}
	if env.ID == "" {
		e.mu.Lock()
		defer e.mu.Unlock()
		l := e.pick()
		if l == nil {
			return env.Envelope, fmt.Errorf("sending a raw envelope: %w", fail("dispatch_failed"))
		}
		l.send(raw)
		return env.Envelope, nil
	}
	return e.sendAndWait(ctx, env)
}

func (e *Emulator) sendAndWait(ctx context.Context, env *envelope) (Envelope, error) {
	err := e.send(ctx, env, nil)
	e.mu.Lock()
	defer e.mu.Unlock()
	return env.Envelope, err
}
