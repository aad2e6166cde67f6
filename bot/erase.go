package bot

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// erasable are the slots in the order in which they are erased: what tells most first.
var erasable = []call.Slot{
	call.SlotRecording, call.SlotOtherRecording, call.SlotTranscript, call.SlotOtherTranscript,
	call.SlotResult, call.SlotOtherResult, call.SlotShared, call.SlotUnshared, call.SlotCard, call.SlotStatus,
}

// renderErased is what becomes of a message in a slot once its call was erased.
func renderErased(c call.Call, slot call.Slot) message {
	var p page
	when := append(line{say("Erased ")}, clock(c.Erased.At, time.Time{})...)
	if slot != call.SlotCard {
		p.line(append(when, say(": what stood here is not kept any longer."))...)
		return p.message()
	}
	settled(&p, c, home{})
	p.line(append(when, say(": what this call was about, and what was said, is not kept any longer."))...)
	return p.message()
}

// redactLoop erases in Slack what was erased here, one call after the other in all
// replicas, and slowly: Slack allows 50 edits a minute, and those that people wait for
// come first.
func (p *Publisher) redactLoop(ctx context.Context) {
	for ctx.Err() == nil {
		claimed, err := p.cfg.Outbox.ClaimRedaction(ctx, publishLease)
		if err != nil && ctx.Err() == nil {
			p.log.Error("claiming what is to be erased in Slack", slog.Any("error", err))
		}
		for _, pub := range claimed {
			p.publish(ctx, pub)
		}
		pause(ctx, p.cfg.Redact) // nobody tells of more
	}
}

// pause waits, or until ctx is done.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// redactAll erases what is known to stand in Slack of an erased call, wherever it is shown.
func (s *session) redactAll(ctx context.Context) (next time.Time, first error) {
	users := map[call.UserID]bool{"": true}
	for slot := range s.pub.Messages {
		_, user, _ := strings.Cut(string(slot), call.AtStand)
		users[call.UserID(user)] = true
	}
	for _, user := range slices.Sorted(maps.Keys(users)) {
		at, err := s.at(stand{user: user}).redact(ctx)
		if errors.Is(err, call.ErrLost) || ctx.Err() != nil {
			return at, err
		}
		if first == nil {
			first = err
		}
		if !at.IsZero() {
			next = earlier(next, at)
		}
	}
	return next, first
}

// redact tells a workflow that waits for an erased call how it ended, erases what is known
// to stand at one stand, and returns when to look again. Nothing is posted: what is gone, or out of reach, stays as it is.
func (s *session) redact(ctx context.Context) (next time.Time, first error) {
	for _, slot := range slices.Concat([]call.Slot{call.SlotStep}, erasable, s.strays()) {
		err := s.redactSlot(ctx, slot)
		switch {
		case err == nil:
			continue
		case errors.Is(err, call.ErrLost), ctx.Err() != nil:
			return s.cfg.Now(), err
		}
		if first == nil {
			first = err
		}
		next = earlier(next, s.later(ctx, slot, err))
		if tokenRefused(err) {
			break
		}
	}
	return next, first
}

// redactSlot erases what stands in one slot: a file, and a message that is edited or, if
// it would say nothing then, deleted. What Slack does not let us do one way is tried the
// other.
func (s *session) redactSlot(ctx context.Context, slot call.Slot) error {
	if slot == call.SlotStep {
		return s.step(ctx)
	}
	m, want := s.pub.Messages[slot], renderErased(s.pub.Call, slot)
	if m.File != "" {
		erased, err := s.attempt(ctx, func(ctx context.Context) error {
			return s.ask(ctx, "files.delete", "", s.bounded(func(ctx context.Context) error { return s.cfg.Slack.DeleteFileContext(ctx, m.File) }))
		})
		if err != nil {
			return err
		}
		if !erased {
			s.kept(slot, "file")
		}
		m.File, m.Digest = "", ""
		if m.TS == "" {
			m = call.Message{Digest: want.digest()}
		}
		m.Slot = slot
		if err := s.save(ctx, slot, m); err != nil {
			return err
		}
	}
	if m.TS == "" || s.shows(m, want.digest()) {
		return nil
	}
	edit := func(ctx context.Context) error { return s.edit(ctx, m, want) }
	remove := func(ctx context.Context) error {
		return s.ask(ctx, "chat.delete", m.Channel, s.bounded(func(ctx context.Context) error {
			_, _, err := s.cfg.Slack.DeleteMessageContext(ctx, m.Channel, m.TS)
			return err
		}))
	}
	ways := []func(context.Context) error{edit, remove}
	switch slot {
	case call.SlotTranscript, call.SlotRecording, call.SlotOtherTranscript, call.SlotOtherRecording:
		slices.Reverse(ways)
	case call.SlotCard, call.SlotStatus, call.SlotResult, call.SlotOtherResult, call.SlotStep, call.SlotShared, call.SlotUnshared, call.SlotStray:
	}
	for i, way := range ways {
		erased, err := s.attempt(ctx, way)
		if err != nil {
			return err
		}
		if erased {
			break
		}
		if i == len(ways)-1 {
			s.kept(slot, "message")
		}
	}
	m.Slot, m.Digest = slot, want.digest()
	return s.save(ctx, slot, m)
}

// attempt makes one request that erases, after a while, and reports whether what it was
// to erase is not there any more. An error is one after which it is worth another try.
func (s *session) attempt(ctx context.Context, do func(context.Context) error) (erased bool, err error) {
	// The lease must last for the wait, and then for the request.
	if err := s.hold(ctx); err != nil {
		return false, err
	}
	if pause(ctx, s.cfg.Redact); ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err := s.hold(ctx); err != nil {
		return false, err
	}
	err = do(ctx)
	switch {
	case err == nil, gone(err):
		return true, nil
	case permanent(err) && !tokenRefused(err):
		s.log.Debug("Slack does not let a message be erased this way", slog.String("call", string(s.pub.Call.ID)), slog.String("code", slackCode(err)))
		return false, nil
	}
	return false, err
}

// gone reports that there is nothing left to erase.
func gone(err error) bool {
	return slices.Contains([]string{"message_not_found", "file_not_found", "file_deleted"}, slackCode(err))
}

// kept tells, once, that Slack keeps something that we cannot reach any more.
func (s *session) kept(slot call.Slot, what string) {
	s.log.Warn("a call was erased, but Slack does not let what it shows of it be erased: delete that by hand if it must go",
		slog.String("call", string(s.pub.Call.ID)), slog.String("what", what), slog.String("of", string(slot)), slog.String("channel", s.pub.Messages[slot].Channel))
}

// later is when to try once more after a failure, which may be an edit whose fate is not
// known.
func (s *session) later(ctx context.Context, slot call.Slot, err error) time.Time {
	now := s.cfg.Now()
	if held, ok := errors.AsType[*heldError](err); ok {
		return held.until
	}
	m := s.pub.Messages[slot]
	m.Slot = slot
	s.doubt(&m, err)
	m.Tries++
	s.count(ctx, m)
	if tokenRefused(err) {
		return now.Add(tokenWait)
	}
	return now.Add(min(time.Second<<min(m.Tries-1, 12), time.Minute))
}
