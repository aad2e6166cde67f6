package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// stand is one of the places where a call is shown: where it was asked for, or a direct
// message with somebody who is to see it and does not see it there.
type stand struct {
	user call.UserID // whose direct message it is; "": where it was asked for
	// brief: only that there is a call, whom it is to without the number, and its outcome.
	brief bool
	// card: nothing but the card.
	card bool
	// share: the summary alone, where somebody shared it.
	share call.Share
}

// name tells a stand from the others: "" is where the call was asked for.
func (st stand) name() string { return string(st.user) + st.share.Conversation }

// suffix tells the slots of a stand from those of the others.
func (st stand) suffix() string {
	if st.name() == "" {
		return ""
	}
	return call.AtStand + st.name()
}

// standing slots are named so in the outbox, and without the suffix at their stand.
type standOutbox struct {
	Outbox
	suffix string
}

func (o standOutbox) SaveMessage(ctx context.Context, p call.Publication, m call.Message) error {
	m.Slot += call.Slot(o.suffix)
	return o.Outbox.SaveMessage(ctx, p, m)
}

func (o standOutbox) Resend(ctx context.Context, id call.ID, m call.Message) error {
	m.Slot += call.Slot(o.suffix)
	return o.Outbox.Resend(ctx, id, m)
}

// at is the session of one stand. Its slots have the names that they have everywhere.
func (s *session) at(st stand) *session {
	here := *s
	here.stand = st
	here.outbox = standOutbox{s.cfg.Outbox, st.suffix()}
	here.pub.Messages = map[call.Slot]call.Message{}
	for slot, m := range s.pub.Messages {
		name, where, _ := strings.Cut(string(slot), call.AtStand)
		if where == st.name() {
			m.Slot = call.Slot(name)
			here.pub.Messages[m.Slot] = m
		}
	}
	return &here
}

// Cards that are not sent, by their digest.
const (
	notNeeded = "not needed" // the person sees the card where it was asked for
	notToBe   = "not to be"  // Slack lets it stand nowhere
)

// stands are the places where the call is to be shown now. With an error they are those
// that are known.
func (s *session) stands(ctx context.Context) ([]stand, error) {
	c := s.pub.Call
	private := c.Private && !isDM(s.pub.Origin.Conversation)
	main := stand{brief: private, card: private}
	var list []stand
	add := func(st stand) {
		if !slices.ContainsFunc(list, func(had stand) bool { return had.user == st.user }) {
			list = append(list, st)
		}
	}
	if private {
		if contact := c.Contact(); contact != "" {
			add(stand{user: contact})
		}
		if c.Approver != "" {
			add(stand{user: c.Approver})
		}
	}
	for slot, m := range s.pub.Messages {
		name, user, _ := strings.Cut(string(slot), call.AtStand)
		if user != "" && call.Slot(name) == call.SlotCard && m.TS != "" {
			add(stand{user: call.UserID(user), card: true})
		}
	}
	slices.SortStableFunc(list, func(a, b stand) int { return strings.Compare(string(a.user), string(b.user)) })
	// Those come first where somebody can decide and where the result goes.
	all := func() []stand {
		if private {
			return append(list, main)
		}
		return append([]stand{main}, list...)
	}
	if c.Status != call.Requested {
		stands := all()
		for _, share := range s.pub.Shares {
			stands = append(stands, stand{share: share})
		}
		return stands, nil
	}
	undone := slices.DeleteFunc(s.deciders(ctx), func(u call.UserID) bool {
		return u == c.Requester || s.pub.Messages[call.SlotCard+call.Slot(stand{user: u}.suffix())].Digest != ""
	})
	if private {
		for _, u := range undone {
			add(stand{user: u, card: true})
		}
		return all(), nil
	}
	there, err := s.amongThem(ctx, undone)
	if err != nil {
		return all(), err // those who are there are told
	}
	for _, u := range undone {
		if !slices.Contains(there, u) {
			add(stand{user: u, card: true})
			continue
		}
		if err := s.at(stand{user: u}).save(ctx, call.SlotCard, call.Message{Slot: call.SlotCard, Digest: notNeeded}); err != nil {
			return nil, err
		}
	}
	return all(), nil
}

// deciders are those who are named as approvers, as far as they can be told one by one.
func (s *session) deciders(ctx context.Context) []call.UserID {
	if decider := s.pub.Call.Decider; decider != "" {
		return []call.UserID{decider}
	}
	list := slices.Clone(s.cfg.Policy.Approvers.Users)
	for _, g := range s.cfg.Policy.Approvers.Groups {
		if s.cfg.Directory == nil {
			break
		}
		members, err := s.cfg.Directory.members(ctx, g)
		if err != nil {
			s.log.Warn("asking Slack who is in a group; its members are told where the card stands only", slog.String("group", string(g)), slog.Any("error", err))
			continue
		}
		for u := range members {
			list = append(list, call.UserID(u))
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	return list[:min(maxNamed, len(list))]
}

// Of a conversation with more members than these, the others are taken for not being there.
const (
	membersPage  = 1000
	membersPages = 5
)

// amongThem are those of people who see the conversation where the call was asked for.
func (s *session) amongThem(ctx context.Context, people []call.UserID) (there []call.UserID, err error) {
	if len(people) == 0 || isDM(s.pub.Origin.Conversation) {
		return nil, nil
	}
	cursor := ""
	for range membersPages {
		var page []string
		err := s.ask(ctx, "conversations.members", "", s.bounded(func(ctx context.Context) (err error) {
			page, cursor, err = s.cfg.Slack.GetUsersInConversationContext(ctx, &slack.GetUsersInConversationParameters{
				ChannelID: s.pub.Origin.Conversation, Cursor: cursor, Limit: membersPage,
			})
			return err
		}))
		if permanent(err) { // such as a private channel that the bot is not in
			s.log.Info("it is not known who sees a card; approvers get it in a direct message", slog.String("call", string(s.pub.Call.ID)), slog.String("code", slackCode(err)))
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("asking who is in a conversation: %w", err)
		}
		for _, u := range people {
			if slices.Contains(page, string(u)) {
				there = append(there, u)
			}
		}
		if cursor == "" || len(there) == len(people) {
			break
		}
	}
	return there, nil
}

// settle finds the direct message of a stand.
func (s *session) settle(ctx context.Context) error {
	if s.stand.share.Conversation != "" {
		s.pub.Origin = call.Origin{Conversation: s.stand.share.Conversation}
		return nil
	}
	if s.stand.user == "" {
		return nil
	}
	s.pub.Origin.Reply, s.pub.Origin.Thread = "", ""
	s.pub.Origin.Conversation = s.pub.Messages[call.SlotCard].Channel
	if s.pub.Origin.Conversation != "" {
		return nil
	}
	dm, err := s.dm(ctx, s.stand.user)
	s.pub.Origin.Conversation = dm
	return err
}

// show brings all stands of the call up to date and says when to look again.
func (s *session) show(ctx context.Context) (time.Time, error) {
	if s.pub.Call.Erased.Done() {
		return s.redactAll(ctx)
	}
	var next time.Time
	stands, first := s.stands(ctx)
	if first != nil {
		if errors.Is(first, call.ErrLost) {
			return time.Time{}, first
		}
		next = s.retryAt(first)
	}
	var main call.Message
	for _, st := range stands {
		here := s.at(st)
		if st.user != "" && st.card && s.pub.Call.ByWorkflow() && !s.pub.Call.Private {
			if main.TS == "" {
				break // what nobody sees in its channel is not asked for elsewhere
			}
			if st.user == s.pub.Call.Contact() && isDM(main.Channel) {
				continue // who is to decide has it already
			}
		}
		at, err := time.Time{}, here.settle(ctx)
		if err != nil {
			at = here.again(ctx, call.SlotCard, err)
		} else {
			at, err = here.slots(ctx)
		}
		if st.user == "" {
			main = here.pub.Messages[call.SlotCard]
		}
		if errors.Is(err, call.ErrLost) {
			return time.Time{}, err
		}
		if first == nil {
			first = err
		}
		if !at.IsZero() {
			next = earlier(next, at)
		}
		if tokenRefused(err) || ctx.Err() != nil {
			break
		}
	}
	return next, first
}

// standRetry is the time between two looks for who is to see a call.
const standRetry = 5 * time.Second

// retryAt is when to try again what belongs to no message.
func (s *session) retryAt(err error) time.Time {
	if held, ok := errors.AsType[*heldError](err); ok {
		return held.until
	}
	if tokenRefused(err) {
		return s.cfg.Now().Add(tokenWait)
	}
	return s.cfg.Now().Add(standRetry)
}
