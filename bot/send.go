package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// send shows m in its slot: an edit of what stands there, or a post.
func (s *session) send(ctx context.Context, slot call.Slot, m message, channel, thread string) error {
	old := s.pub.Messages[slot]
	if s.shows(old, m.digest()) {
		return nil
	}
	if old.TS == "" {
		return s.postNear(ctx, slot, m, channel, thread)
	}
	if err := s.hold(ctx); err != nil {
		return err
	}
	err := s.edit(ctx, old, m)
	switch {
	case vanished(err):
		return s.postNear(ctx, slot, m, channel, thread)
	case unreachable(err):
		if err := s.postNear(ctx, slot, m, channel, thread); err != nil {
			return err // the old one still has its place
		}
		return s.leave(ctx, old)
	case err != nil:
		return fmt.Errorf("editing the %s: %w", words(slot), err)
	}
	old.Digest = m.digest()
	return s.save(ctx, slot, old)
}

// rewrite has a message that stands in a slot show m, which is known by that digest. Where it
// is gone, or out of reach, that is all: nothing is posted in its place.
func (s *session) rewrite(ctx context.Context, slot call.Slot, m message, digest string) error {
	old := s.pub.Messages[slot]
	if old.TS == "" || s.shows(old, digest) {
		return nil
	}
	if err := s.hold(ctx); err != nil {
		return err
	}
	if err := s.edit(ctx, old, m); err != nil && !vanished(err) && !unreachable(err) {
		return fmt.Errorf("editing the %s: %w", words(slot), err)
	}
	old.Digest = digest
	return s.save(ctx, slot, old)
}

// edit shows m where a message of ours stands.
func (s *session) edit(ctx context.Context, old call.Message, m message) error {
	return s.withoutBlocks(m, func(m message) error {
		return s.ask(ctx, "chat.update", old.Channel, s.bounded(func(ctx context.Context) error {
			_, _, _, err := s.cfg.Slack.UpdateMessageContext(ctx, old.Channel, old.TS, options(m, "")...)
			return err
		}))
	})
}

// postNear posts in the thread or, where that is no longer possible, in a direct
// message with the person who asked: an answer is never dropped.
func (s *session) postNear(ctx context.Context, slot call.Slot, m message, channel, thread string) error {
	err := s.post(ctx, slot, m, channel, thread)
	if !unreachable(err) || isDM(channel) {
		return err
	}
	dm, dmErr := s.dm(ctx, s.pub.Call.Contact())
	if dmErr != nil {
		return errors.Join(err, dmErr)
	}
	return s.post(ctx, slot, m, dm, "")
}

func (s *session) post(ctx context.Context, slot call.Slot, m message, channel, thread string) error {
	if err := s.hold(ctx); err != nil {
		return err
	}
	sent := call.Message{Slot: slot, Thread: thread, Digest: m.digest()}
	err := s.withoutBlocks(m, func(m message) error {
		return s.ask(ctx, "chat.postMessage", channel, s.bounded(func(ctx context.Context) (err error) {
			sent.Channel, sent.TS, err = s.cfg.Slack.PostMessageContext(ctx, channel, options(m, thread)...)
			return err
		}))
	})
	if err != nil {
		return fmt.Errorf("posting the %s: %w", words(slot), err)
	}
	if sent.Channel == "" {
		sent.Channel = channel
	}
	return s.save(ctx, slot, sent)
}

// withoutBlocks sends a message and, if Slack does not take its blocks, its text
// alone: what is there to tell is told, however plainly.
func (s *session) withoutBlocks(m message, send func(message) error) error {
	err := send(m)
	if !badBlocks(err) {
		return err
	}
	s.log.Error("Slack does not take the blocks of a message; sending its text", slog.String("call", string(s.pub.Call.ID)), slog.Any("error", err))
	m.blocks = nil
	return send(m)
}

// options are what every message of ours is sent with.
func options(m message, thread string) []slack.MsgOption {
	o := []slack.MsgOption{
		slack.MsgOptionText(m.text, false), // it is escaped
		slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
	}
	if len(m.blocks) > 0 {
		o = append(o, slack.MsgOptionBlocks(m.blocks...))
	}
	if thread != "" {
		o = append(o, slack.MsgOptionTS(thread))
	}
	return o
}

// dm is the direct message with somebody.
func (s *session) dm(ctx context.Context, with call.UserID) (string, error) {
	if with == "" {
		return "", errors.New("there is nobody to write to: a workflow asked for this call")
	}
	user := string(with)
	var channel string
	err := s.ask(ctx, "conversations.open", "", s.bounded(func(ctx context.Context) error {
		c, _, _, err := s.cfg.Slack.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}, ReturnIM: true})
		if err == nil {
			channel = c.ID
		}
		return err
	}))
	if err != nil {
		return "", fmt.Errorf("opening a direct message: %w", err)
	}
	return channel, nil
}

// bounded gives a request its deadline. A shutdown does not cut it short, because
// its answer says where the message stands.
func (s *session) bounded(do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestTimeout)
		defer cancel()
		return do(ctx)
	}
}

// hold makes sure that the lease lasts longer than the next request.
func (s *session) hold(ctx context.Context) error {
	if s.cfg.Now().Sub(s.renewed) < publishLease/3 {
		return nil
	}
	if err := s.outbox.RenewPublication(context.WithoutCancel(ctx), s.pub, publishLease); err != nil {
		return fmt.Errorf("renewing a publication: %w", err)
	}
	s.renewed = s.cfg.Now()
	return nil
}

// words is a slot's name in a sentence.
func words(slot call.Slot) string { return strings.ReplaceAll(string(slot), "_", " ") }

// save keeps what was sent. If the lease was lost meanwhile, what was sent may be
// older than what another replica showed, which is therefore shown once more.
func (s *session) save(ctx context.Context, slot call.Slot, m call.Message) error {
	m.SentAt, m.Tries = s.cfg.Now(), 0
	if s.inDoubt(m) {
		m.DoubtUntil = time.Time{}
	}
	if err := s.keep(ctx, m); err != nil {
		if errors.Is(err, call.ErrLost) {
			return err
		}
		return fmt.Errorf("keeping where the %s stands: %w", words(slot), err)
	}
	s.pub.Messages[slot] = m
	return nil
}

// keep commits what is known of a message, and does not give up at the first failure:
// another program may have the database, or its server may be starting again, and a message
// that is not known stays as it is for good.
func (s *session) keep(ctx context.Context, m call.Message) error {
	ctx = context.WithoutCancel(ctx)
	err := s.insist(func() error { return s.outbox.SaveMessage(ctx, s.pub, m) })
	if errors.Is(err, call.ErrLost) {
		if err := s.insist(func() error { return s.outbox.Resend(ctx, s.pub.Call.ID, m) }); err != nil {
			s.log.Warn("having a message shown again", slog.String("call", string(s.pub.Call.ID)), slog.Any("error", err))
		}
	}
	return err
}

// insist tries a commit again for as long as a database may be away for a moment.
func (s *session) insist(commit func() error) error {
	const tries, wait = 10, 500 * time.Millisecond
	for i := 1; ; i++ {
		err := commit()
		if err == nil || errors.Is(err, call.ErrLost) || i == tries {
			return err
		}
		s.log.Warn("keeping where a message stands; it will be tried again", slog.String("call", string(s.pub.Call.ID)), slog.Any("error", err))
		time.Sleep(wait)
	}
}

// again is when to try once more after a failure in a slot.
func (s *session) again(ctx context.Context, slot call.Slot, err error) time.Time {
	now := s.cfg.Now()
	if held, ok := errors.AsType[*heldError](err); ok {
		return held.until
	}
	if errors.Is(err, call.ErrLost) {
		return now
	}
	m := s.pub.Messages[slot]
	m.Slot = slot
	s.doubt(&m, err)
	if ctx.Err() != nil {
		if m.TS != "" { // whoever goes on must know what is not known
			s.count(ctx, m)
		}
		return now
	}
	if slot == call.SlotCard && m.TS == "" && m.Tries == 0 && permanent(err) {
		s.tell(ctx, "I can't show you the card: Slack does not let me write here, nor to you directly ("+escape(slackCode(err))+"). Nothing was dialled. Ask whoever runs callbot to look at its log.")
	}
	m.Tries++
	s.count(ctx, m)
	if tokenRefused(err) {
		return now.Add(tokenWait)
	}
	wait := time.Second << min(m.Tries-1, 12)
	if !permanent(err) {
		return now.Add(min(wait, time.Minute))
	}
	// A person must change something first.
	switch age := now.Sub(s.pub.Call.RequestedAt); {
	case age > giveUpAfter:
		s.log.Error("Slack does not take a message, however often it is tried; it is tried no more until its call changes", slog.String("call", string(s.pub.Call.ID)), slog.String("message", string(slot)), slog.String("code", slackCode(err)))
		return time.Time{}
	case age > dailyAfter:
		return now.Add(24 * time.Hour)
	}
	return now.Add(min(wait, time.Hour))
}

// What Slack refuses is tried once an hour until its call is dailyAfter old, once a day
// until it is giveUpAfter old, and then when the call changes.
const (
	dailyAfter  = 24 * time.Hour
	giveUpAfter = 30 * 24 * time.Hour
)

// count keeps that a message could not be sent. Under a lost lease the failed request
// may still have put something old into the slot, which is then shown anew.
func (s *session) count(ctx context.Context, m call.Message) {
	if err := s.keep(ctx, m); err != nil {
		s.log.Warn("counting a failure", slog.Any("error", err))
		*s.unkept = *s.unkept || !m.DoubtUntil.IsZero()
	}
	s.pub.Messages[m.Slot] = m
}

// lateFor is how long after we gave up on it Slack may still do what a request asked for.
// Slack does not document that; this is several times what we wait for an answer.
const lateFor = 30 * time.Second

// doubt notes that a request failed to edit m. Where it is not known what became of it, what
// is to be shown by then is sent again: at once, and if no answer came once more when it
// cannot be overtaken any longer.
func (s *session) doubt(m *call.Message, err error) {
	if m.TS == "" {
		return
	}
	until := s.cfg.Now()
	if unanswered(err) {
		until = until.Add(lateFor)
	}
	if until.After(m.DoubtUntil) {
		m.DoubtUntil = until
	}
	m.Digest = inStage(stageOf(m.Digest), "")
}

// shows reports whether it is known that m shows what has that digest.
func (s *session) shows(m call.Message, digest string) bool {
	return m.Digest == digest && !s.inDoubt(m)
}

// inDoubt reports whether m is to be sent again, though it was sent as it is to be.
func (s *session) inDoubt(m call.Message) bool {
	return !m.DoubtUntil.IsZero() && !m.DoubtUntil.After(s.cfg.Now())
}

// certain is when the first of what was sent is to be sent once more, because an edit that
// was not answered may have overtaken it; zero: none is.
func (s *session) certain() (at time.Time) {
	for _, m := range s.pub.Messages {
		if m.DoubtUntil.After(s.cfg.Now()) {
			at = earlier(at, m.DoubtUntil)
		}
	}
	return at
}
