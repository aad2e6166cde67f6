package bot

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

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
	// unkept says that a message is in doubt, and that this could not be kept.
	unkept *bool
}

func newSession(p *Publisher, pub call.Publication) *session {
	if pub.Messages == nil {
		pub.Messages = map[call.Slot]call.Message{}
	}
	return &session{Publisher: p, pub: pub, renewed: p.cfg.Now(), outbox: p.cfg.Outbox, asked: pub.Origin, unkept: new(bool), awaited: pub.Origin.Step != "" && pub.Messages[call.SlotStep].Digest == ""}
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
	for _, slot := range s.strays() {
		steps = append(steps, step{slot, func(ctx context.Context) error { return s.stray(ctx, slot) }})
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
	for _, at := range []time.Time{turns(s.pub.Call, s.pub.View), s.certain()} {
		if !at.IsZero() {
			next = earlier(next, at)
		}
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
