package call

import "context"

// Share is that the summary of a call is shown in another conversation too.
type Share struct {
	Conversation string
	By           UserID // who wanted that
}

// Share has the outcome and the summary of a call shown in another conversation. Whoever
// asked for the call or approved it may, since they answer for what was said. It reports
// whether that is new.
func (s *Service) Share(ctx context.Context, id ID, who Person, conversation string) (Call, bool, error) {
	if err := s.rules.Who.Here(conversation); err != nil {
		return Call{}, false, err
	}
	return s.repo.Share(ctx, id, Share{Conversation: conversation, By: who.ID}, func(c Call) error {
		switch {
		case !c.concerns(who.ID):
			return Errorf(NotAllowed, "Only the person who asked for this call and the one who approved it can share its summary. Please ask one of them.")
		case c.Erased.Done():
			return conflict(c)
		case !c.Shareable():
			return Errorf(Conflict, "This call has no summary that could be shared.")
		}
		return s.rules.Who.member(who)
	})
}

// Shareable reports whether there is a summary to share.
func (c Call) Shareable() bool { return c.Status == Completed && c.Summary != "" && !c.Erased.Done() }
