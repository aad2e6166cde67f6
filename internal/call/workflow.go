package call

import (
	"context"
	"time"
)

// ByWorkflow reports whether a workflow asked for the call, and no person.
func (c Call) ByWorkflow() bool { return c.Requester == "" }

// Contact is whom to turn to about the call: who asked for it or, where a workflow did,
// who is named to decide or has approved it. It is "" if that is not one certain person.
func (c Call) Contact() UserID {
	switch {
	case c.Requester != "":
		return c.Requester
	case c.Decider != "":
		return c.Decider
	}
	return c.Approver
}

// RequestStep keeps a call that a step of a workflow asks for; its card waits for a
// decision, as any other, and o.Step for its end. decider is who alone may approve it; the
// zero Person leaves that to the policy. The error is a rule's if one forbids it, and then
// nothing is kept.
func (s *Service) RequestStep(ctx context.Context, key Key, q Request, decider Person, o Origin) (Call, error) {
	if o.Step == "" {
		return Call{}, Errorf(Internal, "A call without a requester needs a step of a workflow.")
	}
	if err := s.rules.Who.mayAskFor(decider, o.Conversation); err != nil {
		return Call{}, err
	}
	if s.rules.Private && decider.ID == "" && !s.rules.Who.Approvers.Set() {
		return Call{}, errNobodySees
	}
	q.Requester = ""
	return s.propose(ctx, key, q, decider.ID, time.Time{}, o)
}

// mayAskFor reports why a workflow may not ask for a call on which decider, or whom the
// policy lets, is to decide, or nil. What is not known of decider is looked at when they do.
func (p Policy) mayAskFor(decider Person, conversation string) error {
	if err := p.Here(conversation); err != nil {
		return err
	}
	switch named := (Call{Decider: decider.ID}); {
	case p.NobodyApproves(named):
		return errNobodyApproves
	case decider.ID == "", CodeOf(p.mayApproveStep(named, decider)) != NotAllowed:
		return nil
	case p.Approvers.Set():
		return Errorf(NotAllowed, "The person whom this step names can't approve calls, so nobody was asked and nobody was called. Choose one of the approvers in CALLBOT_APPROVERS, or nobody: then each of them can.")
	}
	return Errorf(NotAllowed, "The person whom this step names can't use callbot, so nobody was asked and nobody was called. Choose somebody else to approve the call.")
}

// errNobodyApproves says of a call that a workflow asks for that it takes a person.
var errNobodyApproves = Errorf(NotAllowed, "Nobody can approve this call, so it isn't placed: a workflow asks for it, and a person has to approve it. Choose who in the step of the workflow, or ask whoever runs callbot to set CALLBOT_APPROVERS.")

// errNobodySees says of a private call that it takes somebody who is shown it.
var errNobodySees = Errorf(NotAllowed, "Nobody would be shown this call, so it isn't placed: calls are private here, and a workflow asks for it. Choose in the step of the workflow who approves it.")

// NobodyApproves reports that a call waits for an approval by who asked for it, and nobody
// did.
func (p Policy) NobodyApproves(c Call) bool {
	return c.ByWorkflow() && c.Decider == "" && p.byRequester() && !p.Approvers.Set()
}

// mayApproveStep is mayApprove of a call that a workflow asks for, wherever it is. Nobody
// asked for it, so whoever the policy lets approve calls of others may, if nobody is named.
func (p Policy) mayApproveStep(c Call, who Person) error {
	switch {
	case c.Decider != "" && who.ID != c.Decider:
		return Errorf(NotAllowed, "The workflow names somebody else to decide on this call, so nothing was done. The card says who.")
	case p.NobodyApproves(c):
		return errNobodyApproves
	case !p.Approvers.Set():
		return p.admit(who)
	}
	return p.approver(who)
}

// stepStands is stands for a call that a workflow asks for.
func (p Policy) stepStands(c Call) bool {
	switch {
	case c.Approver == "" || c.Decider != "" && c.Approver != c.Decider || p.NobodyApproves(c):
		return false
	case p.Approvers.Set():
		return !p.Approvers.without(c.Approver)
	}
	return !p.Allowed.without(c.Approver)
}
