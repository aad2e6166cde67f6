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

// session is the publication of one call under one lease.
type session struct {
	*Publisher
	pub     call.Publication
	renewed time.Time
	// stand is which place this is of, and outbox keeps what is sent there.
	stand  stand
	outbox Outbox
	// asked is where the call was asked for, and awaited whether a workflow waits for its
	// end.
	asked   call.Origin
	awaited bool
}

func newSession(p *Publisher, pub call.Publication) *session {
	if pub.Messages == nil {
		pub.Messages = map[call.Slot]call.Message{}
	}
	return &session{Publisher: p, pub: pub, renewed: p.cfg.Now(), outbox: p.cfg.Outbox, asked: pub.Origin, awaited: pub.Origin.Step != "" && pub.Messages[call.SlotStep].Digest == ""}
}

// slots sends what differs at one stand, slot by slot. It returns when to look again.
func (s *session) slots(ctx context.Context) (time.Time, error) {
	type step struct {
		name call.Slot
		send func(context.Context) error
	}
	of := func(p part, slot call.Slot, send func(*session, context.Context, part) error) step {
		return step{slot, func(ctx context.Context) error { return send(s, ctx, p) }}
	}
	all := parts(s.pub.Call)
	// What tells most is sent first, so that an edit that Slack holds back delays no
	// result; only what stands above it must be there before it is.
	steps := []step{
		of(all[0], call.SlotResult, (*session).result),
		{call.SlotStatus, s.status},
	}
	for _, p := range all[1:] {
		steps = append(steps, of(p, p.result, (*session).result))
	}
	steps = append(steps, step{call.SlotCard, s.card})
	for _, p := range all {
		steps = append(steps, of(p, p.transcript, (*session).transcript))
	}
	steps = append(steps, step{call.SlotStep, s.step})
	for _, p := range all {
		steps = append(steps, of(p, p.recording, (*session).recording))
	}
	if s.stand.share.Conversation != "" {
		if err := s.shared(ctx); err != nil {
			return s.again(ctx, call.SlotShared, err), err
		}
		return time.Time{}, nil
	}
	if s.pub.Messages[call.SlotCard].TS == "" {
		if s.stepTold() && s.pub.Call.Contact() == "" {
			return time.Time{}, nil // nobody has seen the card, and nobody waits for it
		}
		if err := s.card(ctx); err != nil {
			next := s.again(ctx, call.SlotCard, err)
			if stepErr := s.stepWithoutCard(ctx, err); stepErr != nil {
				next = earlier(next, s.again(ctx, call.SlotStep, stepErr))
			}
			return next, err
		}
	}
	if s.pub.Messages[call.SlotStatus].TS == "" {
		steps[0], steps[1] = steps[1], steps[0]
	}
	if s.stand.card {
		steps = []step{{call.SlotCard, s.card}, {call.SlotStep, s.step}}
	}
	var next time.Time
	var first error
	for _, slot := range steps {
		if ctx.Err() != nil {
			return s.cfg.Now(), ctx.Err()
		}
		err := slot.send(ctx)
		if errors.Is(err, call.ErrLost) {
			return time.Time{}, err
		}
		if err != nil {
			if first == nil {
				first = err
			}
			next = earlier(next, s.again(ctx, slot.name, err))
			if tokenRefused(err) {
				return next, first
			}
		}
	}
	if at := turns(s.pub.Call, s.pub.View); !at.IsZero() {
		next = earlier(next, at)
	}
	if live(s.pub.Call) {
		refresh := max(s.cfg.Refresh, time.Duration(s.pub.View.Live)*updateEvery)
		next = earlier(next, s.cfg.Now().Add(refresh))
	}
	return next, first
}

// home is where the call is shown.
func (s *session) home() home {
	workspace := ""
	if known := s.workspace.Load(); known != nil {
		workspace = *known
	}
	return home{
		dm:      isDM(s.pub.Messages[call.SlotCard].Channel) && !isDM(s.pub.Origin.Conversation),
		origin:  s.pub.Origin.Conversation,
		thread:  s.pub.Origin.Thread != "",
		policy:  s.cfg.Policy,
		askedIn: s.askedIn(),
		copied:  s.stand.card && !s.stand.brief,
		awaited: s.awaited,

		workspace: workspace,
		brief:     s.stand.brief,

		settling: !s.resultHeld(parts(s.pub.Call)[0]).IsZero(),
	}
}

// askedIn is the conversation that a direct message of the call names; "": none.
func (s *session) askedIn() string {
	if s.stand.user == "" {
		return ""
	}
	return s.asked.Conversation
}

// isDM reports whether a conversation is a direct message, by the form of its id.
func isDM(channel string) bool { return strings.HasPrefix(channel, "D") }

// thread is where the messages below the card go.
func (s *session) thread() (channel, ts string) {
	if result := s.pub.Messages[call.SlotResult]; result.TS != "" {
		return result.Channel, result.Thread // what belongs to it stands with it, also if the card was deleted and posted anew
	}
	card := s.pub.Messages[call.SlotCard]
	if s.pub.Origin.Thread != "" && !s.home().dm {
		return card.Channel, s.pub.Origin.Thread
	}
	return card.Channel, card.TS
}

// card posts or edits the card. Where it cannot be posted it goes to a direct
// message with the person who asked, and that person is told so, or with whom a workflow
// names.
func (s *session) card(ctx context.Context) error {
	old := s.pub.Messages[call.SlotCard]
	if old.TS != "" {
		return s.send(ctx, call.SlotCard, renderCard(s.pub.Call, s.pub.View, s.home()), old.Channel, s.cardThread())
	}
	if old.Digest == notToBe {
		return nil
	}
	err := s.post(ctx, call.SlotCard, renderCard(s.pub.Call, s.pub.View, s.home()), s.pub.Origin.Conversation, s.pub.Origin.Thread)
	switch {
	case !unreachable(err), s.stand.user != "" && s.stand.user == s.pub.Call.Contact():
		return err
	case s.stand.user != "" || s.stand.brief:
		s.log.Info("a card can't stand where it was to", slog.String("call", string(s.pub.Call.ID)), slog.String("reason", slackCode(err)))
		if err := s.save(ctx, call.SlotCard, call.Message{Slot: call.SlotCard, Digest: notToBe}); err != nil {
			return err
		}
		if s.stand.brief {
			s.tell(ctx, cardInDM(s.pub.Origin.Conversation))
		}
		return nil
	}
	s.log.Info("a conversation cannot be written to; using a direct message", slog.String("call", string(s.pub.Call.ID)), slog.String("reason", slackCode(err)))
	contact := s.pub.Call.Contact()
	if contact == "" {
		return err
	}
	dm, err := s.dm(ctx, contact)
	if err != nil {
		return err
	}
	h := s.home()
	h.dm = true
	if err := s.post(ctx, call.SlotCard, renderCard(s.pub.Call, s.pub.View, h), dm, ""); err != nil {
		return err
	}
	s.tell(ctx, cardInDM(s.pub.Origin.Conversation))
	return nil
}

// tell answers the person who asked, alone, while that is still possible.
func (s *session) tell(ctx context.Context, text string) {
	if s.pub.Origin.Reply == "" {
		return
	}
	if err := s.responder.respond(context.WithoutCancel(ctx), s.pub.Origin.Reply, ephemeral(message{text: text})); err != nil {
		s.log.Warn("answering the person who asked", slog.Any("error", err))
	}
}

func (s *session) cardThread() string {
	if s.home().dm {
		return ""
	}
	return s.pub.Origin.Thread
}

func (s *session) status(ctx context.Context) error {
	m, ok := renderStatus(s.pub.Call, s.pub.View, s.home())
	if !ok {
		return s.supersede(ctx, call.SlotStatus)
	}
	channel, thread := s.thread()
	return s.send(ctx, call.SlotStatus, m, channel, thread)
}

func (s *session) result(ctx context.Context, p part) error {
	if until := s.resultHeld(p); !until.IsZero() {
		return &heldError{until}
	}
	m, ok := renderResult(s.pub.Call, s.pub.View, s.home())
	if p.other {
		m, ok = renderOtherResult(s.pub.Call, s.home())
	}
	m.stage = stage(p.Call)
	if old := s.pub.Messages[p.result]; !ok || old.TS != "" && stageOf(old.Digest) != m.stage {
		if err := s.supersede(ctx, p.result); err != nil || !ok {
			return err
		}
	}
	channel, thread := s.thread()
	return s.send(ctx, p.result, m, channel, thread)
}

func (s *session) transcript(ctx context.Context, p part) error {
	m, ok := renderTranscript(p)
	if !ok || !s.resultHeld(p).IsZero() {
		return nil
	}
	channel, thread := s.thread()
	if m.file == nil {
		return s.send(ctx, p.transcript, m, channel, thread)
	}
	return s.uploadText(ctx, p, m, channel, thread)
}

// supersede settles a message that no longer shows how the call stands, and takes it
// out of its slot: the next one there is a new message, which people are told of.
func (s *session) supersede(ctx context.Context, slot call.Slot) error {
	old := s.pub.Messages[slot]
	if old.TS == "" {
		return nil
	}
	m := renderSuperseded(s.pub.Call)
	m.stage = stageOf(old.Digest)
	if err := s.send(ctx, slot, m, old.Channel, old.Thread); err != nil {
		return err
	}
	return s.save(ctx, slot, call.Message{Slot: slot})
}

// resultHold is how long a result waits for content that is usually a moment late: the
// one message that notifies is to say what is known in the end.
const resultHold = 8 * time.Second

// resultHeld is until when the result, and what stands below it, waits for content that
// is missing; zero: not any more.
func (s *session) resultHeld(p part) time.Time {
	until := p.EndedAt.Add(resultHold)
	old := s.pub.Messages[p.result]
	if p.Status != call.Completed || !p.Lacks() || p.Enriched >= 2 || p.DueAt.IsZero() ||
		old.TS != "" && stageOf(old.Digest) == stage(p.Call) || !s.cfg.Now().Before(until) {
		return time.Time{}
	}
	return until
}

// send shows m in its slot: an edit of what stands there, or a post.
func (s *session) send(ctx context.Context, slot call.Slot, m message, channel, thread string) error {
	old := s.pub.Messages[slot]
	if old.Digest == m.digest() {
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
	case vanished(err) || unreachable(err):
		return s.postNear(ctx, slot, m, channel, thread)
	case err != nil:
		return fmt.Errorf("editing the %s: %w", words(slot), err)
	}
	old.Digest = m.digest()
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
	ctx = context.WithoutCancel(ctx)
	err := s.outbox.SaveMessage(ctx, s.pub, m)
	if errors.Is(err, call.ErrLost) {
		if err := s.outbox.Resend(ctx, s.pub.Call.ID, slot); err != nil {
			s.log.Warn("having a message shown again", slog.Any("error", err))
		}
		return err
	}
	if err != nil {
		return fmt.Errorf("keeping where the %s stands: %w", words(slot), err)
	}
	s.pub.Messages[slot] = m
	return nil
}

// again is when to try once more after a failure in a slot.
func (s *session) again(ctx context.Context, slot call.Slot, err error) time.Time {
	now := s.cfg.Now()
	if held, ok := errors.AsType[*heldError](err); ok {
		return held.until
	}
	if errors.Is(err, call.ErrLost) || ctx.Err() != nil {
		return now
	}
	m := s.pub.Messages[slot]
	if slot == call.SlotCard && m.TS == "" && m.Tries == 0 && permanent(err) {
		s.tell(ctx, "I can't show you the card: Slack does not let me write here, nor to you directly ("+escape(slackCode(err))+"). Nothing was dialled. Ask whoever runs callbot to look at its log.")
	}
	m.Slot = slot
	m.Tries++
	if m.TS != "" {
		// An edit whose fate is not known is sent again, whatever is to be shown by then.
		m.Digest = inStage(stageOf(m.Digest), "")
	}
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
	ctx = context.WithoutCancel(ctx)
	err := s.outbox.SaveMessage(ctx, s.pub, m)
	if errors.Is(err, call.ErrLost) && m.TS != "" {
		err = s.outbox.Resend(ctx, s.pub.Call.ID, m.Slot)
	}
	if err != nil {
		s.log.Warn("counting a failure", slog.Any("error", err))
	}
	s.pub.Messages[m.Slot] = m
}
