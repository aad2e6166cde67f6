package call

import "slices"

// Approval is who may approve a call.
type Approval string

// The approvals.
const (
	ByRequester Approval = "requester" // who asked for it
	ByAnyone    Approval = "anyone"    // whoever may use callbot where it was asked for
	ByOther     Approval = "other"     // somebody else than who asked for it
)

// GroupID names a group of users by the id of the place where it is kept, such as
// Slack's "S…".
type GroupID string

// People are users and groups of users. The zero value names nobody.
type People struct {
	Users  []UserID
	Groups []GroupID
}

// Set reports whether anybody is named.
func (p People) Set() bool { return len(p.Users) > 0 || len(p.Groups) > 0 }

// without reports that id is certainly not among them: only users are named, and it
// is none of them. Who is in a group is not known without asking.
func (p People) without(id UserID) bool {
	return p.Set() && len(p.Groups) == 0 && !slices.Contains(p.Users, id)
}

// Policy is who may do what. The zero value lets everybody ask, and whoever asked approve.
type Policy struct {
	// Approval is who may approve; "" is [ByRequester]. If Approvers are set they alone
	// approve, calls of anybody: their own too, unless Approval is [ByOther].
	Approval  Approval
	Approvers People
	// Allowed are who may use callbot; nobody named: everybody. Approvers need not be
	// among them to approve.
	Allowed People
	// Channels are the conversations where callbot may be used; none: all.
	Channels []string
	// Admins may pause all placing and lift bans.
	Admins []UserID
	// MembersOnly refuses guests and people of other workspaces, unless Allowed names
	// them as users, and whoever it cannot be said of.
	MembersOnly bool
}

// Admin reports whether a user is an admin.
func (p Policy) Admin(id UserID) bool { return id != "" && slices.Contains(p.Admins, id) }

// Person is who somebody is, as far as it was read from where people are kept.
type Person struct {
	ID UserID
	// Known says that Guest and Gone were read, and Foreign too.
	Known   bool
	Guest   bool // sees a part of the workspace only
	Foreign bool // of another workspace
	Gone    bool // the account is deactivated, or is an app's
	// Groups are the groups of the policy that the person is in, Unread those of which
	// that is not known.
	Groups, Unread []GroupID
	// Denied says that what is not known will not be until callbot gets a permission.
	Denied bool
}

// of are the facts as far as they are about id: those about anybody else count for nothing.
func (who Person) of(id UserID) Person {
	if who.ID == id {
		return who
	}
	return Person{ID: id}
}

// Needs are the facts about a person that a policy depends on.
type Needs struct {
	Profile bool // whether they are guests, and of which workspace
	Groups  []GroupID
}

// ToAsk is what must be known of somebody who asks for a call.
func (p Policy) ToAsk(id UserID) Needs {
	if slices.Contains(p.Allowed.Users, id) {
		return Needs{}
	}
	return Needs{Profile: p.MembersOnly, Groups: p.Allowed.Groups}
}

// ToDecide is what must be known of somebody who decides on a call.
func (p Policy) ToDecide(id UserID) Needs {
	n := p.ToAsk(id)
	if slices.Contains(p.Approvers.Users, id) {
		return n
	}
	n.Groups = slices.Concat(n.Groups, p.Approvers.Groups)
	slices.Sort(n.Groups)
	n.Groups = slices.Compact(n.Groups)
	return n
}

// ErrChannel is in the chain of refusals that another conversation would not get.
var ErrChannel = &Error{Code: NotAllowed, Sentence: "callbot can't be used in this conversation, so nothing was done. Whoever runs callbot can add it to CALLBOT_ALLOWED_CHANNELS."}

// ErrForeign refuses people of other workspaces.
var ErrForeign = &Error{Code: NotAllowed, Sentence: "This callbot belongs to another workspace, so nothing was done. Ask one of its members to make the call, or ask whoever runs callbot to add your member ID to CALLBOT_ALLOWED_USERS."}

// MayAsk reports why somebody may not ask for a call in a conversation, or nil.
func (p Policy) MayAsk(who Person, conversation string) error {
	if err := p.Here(conversation); err != nil {
		return err
	}
	return p.admit(who)
}

// mayApprove reports why somebody may not approve a call, or nil.
func (p Policy) mayApprove(c Call, who Person, conversation string) error {
	if err := p.Here(conversation); err != nil {
		return err
	}
	if c.ByWorkflow() {
		return p.mayApproveStep(c, who)
	}
	if p.Approval == ByOther && who.ID == c.Requester {
		return Errorf(NotAllowed, "You asked for this call, so somebody else has to approve it. %s", p.whoCan())
	}
	if !p.Approvers.Set() && p.byRequester() && who.ID != c.Requester {
		return Errorf(NotAllowed, "Only the person who asked for this call can decide on it. You can ask for one of your own with /call.")
	}
	if !p.Approvers.Set() {
		return p.admit(who)
	}
	return p.approver(who)
}

// approver reports why somebody is not one of the approvers, or nil.
func (p Policy) approver(who Person) error {
	if err := p.member(who); err != nil {
		return err
	}
	return p.Approvers.holds(who, "Only an approver can decide on this call, and you are not one, so nothing was done. The card names who is.")
}

// Decides reports whether somebody may approve a call, as far as it does not matter where
// they do.
func (p Policy) Decides(c Call, who Person) bool { return p.mayApprove(c, who, "") == nil }

// DecidesAll reports whether somebody is named as one who approves the calls of others.
func (p Policy) DecidesAll(who Person) bool {
	return p.Approvers.Set() && p.approver(who) == nil
}

// mayStop reports why somebody may not stop a call that was not placed, or leave its
// fate unknown, or nil. Nothing is dialled by it, so whoever asked for the call or
// approved it needs no further permission.
func (p Policy) mayStop(c Call, who Person, conversation string) error {
	if c.concerns(who.ID) {
		return nil
	}
	return p.mayApprove(c, who, conversation)
}

// mayAskAgain reports why somebody may not have a new card made of an expired one, or nil.
func (p Policy) mayAskAgain(c Call, who Person, conversation string) error {
	if who.ID == c.Requester && !c.ByWorkflow() {
		return p.MayAsk(who, conversation)
	}
	return p.mayApprove(c, who, conversation)
}

// mayLook reports why somebody may not ask for news of a call, or nil.
func (p Policy) mayLook(c Call, who Person) error {
	if c.concerns(who.ID) {
		return nil
	}
	if p.DecidesAll(who) {
		return nil
	}
	return p.admit(who)
}

// stands reports why an approval that was given no longer counts, or nil, as far as
// that can be told by the policy alone: who is a guest or in which group was looked
// at when they decided.
func (p Policy) stands(c Call) error {
	if err := p.stillAsks(c); err != nil {
		return err
	}
	switch {
	case c.ByWorkflow():
		if !p.stepStands(c) {
			return errNoApprover
		}
	case p.Approval == ByOther && c.Approver == c.Requester:
		return Errorf(NotAllowed, "Somebody else than the person who asked has to approve a call now. %s", p.whoCan())
	case p.Approvers.without(c.Approver),
		!p.Approvers.Set() && p.byRequester() && c.Approver != c.Requester,
		!p.Approvers.Set() && p.Allowed.without(c.Approver):
		return errNoApprover
	}
	return nil
}

var errNoApprover = Errorf(NotAllowed, "The person who approved this call may not do that any more. Somebody who may has to approve it again.")

// stillAsks reports that who asked for a call may no longer use callbot, or nil, as far
// as that can be told by the policy alone.
func (p Policy) stillAsks(c Call) error {
	if !c.ByWorkflow() && p.Allowed.without(c.Requester) {
		return errNoAsker
	}
	return nil
}

// mayStillAsk is stillAsks with the facts about who asked, for the one who approves.
func (p Policy) mayStillAsk(c Call, k Click) error {
	if err := p.stillAsks(c); err != nil {
		return err
	}
	if c.ByWorkflow() {
		return nil
	}
	asker := k.Asker
	if k.Actor == c.Requester {
		asker = k.Who
	}
	if n := p.ToAsk(c.Requester); !n.Profile && len(n.Groups) == 0 {
		return nil
	}
	if asker.ID != c.Requester {
		return &Error{Code: Unavailable, Sentence: "I can't tell whether the person who asked for this call may still do that, so nothing was done. Please try again in a moment.", Err: &NeedsAsker{c.Requester}}
	}
	err := p.admit(asker)
	if CodeOf(err) == NotAllowed {
		return errNoAsker
	}
	return err
}

// errNoAsker refuses to place what somebody asked for who may not any more.
var errNoAsker = Errorf(NotAllowed, "The person who asked for this call may not use callbot any more, so it can't be placed. Somebody who may can ask for it with /call.")

// NeedsAsker is in the chain of an error that a click gets whose decision depends on
// facts about who asked for the call too: with [Click.Asker] it can be made.
type NeedsAsker struct{ Requester UserID }

func (e *NeedsAsker) Error() string { return "it must be known who asked for the call" }

func (p Policy) byRequester() bool { return p.Approval == ByRequester || p.Approval == "" }

// whoCan says whom somebody turns to who must not approve.
func (p Policy) whoCan() string {
	if p.Approvers.Set() {
		return "The card names who can."
	}
	return "Ask a colleague who sees the card to press its button."
}

// Here reports why callbot may not be used in a conversation, or nil. "" is one of which it
// cannot be said.
func (p Policy) Here(conversation string) error {
	if len(p.Channels) == 0 || conversation == "" || slices.Contains(p.Channels, conversation) {
		return nil
	}
	return ErrChannel
}

// admit reports why somebody may not use callbot, or nil.
func (p Policy) admit(who Person) error {
	if who.ID == "" {
		return Errorf(NotAllowed, "I can't tell who you are, so nothing was done.")
	}
	if err := p.member(who); err != nil {
		return err
	}
	if !p.Allowed.Set() {
		return nil
	}
	return p.Allowed.holds(who, "You are not among those who may use callbot here, so nothing was done. Ask a colleague who is, or ask whoever runs callbot to add your member ID, "+string(who.ID)+", to CALLBOT_ALLOWED_USERS.")
}

// member refuses whoever is not a full member of the workspace, unless they are named.
func (p Policy) member(who Person) error {
	switch {
	case !p.MembersOnly || slices.Contains(p.Allowed.Users, who.ID):
		return nil
	case who.Foreign:
		return ErrForeign
	case !who.Known:
		return unread(who)
	case who.Gone:
		return Errorf(NotAllowed, "Only people with an active account can use callbot, so nothing was done.")
	case who.Guest:
		return Errorf(NotAllowed, "Guests can't use callbot, so nothing was done. Ask a member of this workspace to make the call, or ask whoever runs callbot to add your member ID, %s, to CALLBOT_ALLOWED_USERS.", who.ID)
	}
	return nil
}

// holds is nil if somebody is among the people, and refuses them with a sentence if not.
func (p People) holds(who Person, otherwise string) error {
	if slices.Contains(p.Users, who.ID) || overlap(p.Groups, who.Groups) {
		return nil
	}
	if overlap(p.Groups, who.Unread) {
		return unread(who)
	}
	return Errorf(NotAllowed, "%s", otherwise)
}

func overlap(a, b []GroupID) bool {
	return slices.ContainsFunc(a, func(g GroupID) bool { return slices.Contains(b, g) })
}

// unread refuses somebody because what the decision depends on could not be read.
func unread(who Person) error {
	if who.Denied {
		return Errorf(Unavailable, "Slack doesn't let me see who may use callbot, so nothing was done. Tell whoever runs callbot: its log says what is missing.")
	}
	return Errorf(Unavailable, "Slack did not tell me in time whether you may do that, so nothing was done. Please try again in a moment.")
}

// concerns reports whether somebody asked for the call, approved it or is named to.
func (c Call) concerns(id UserID) bool {
	return id != "" && (id == c.Requester || id == c.Approver || id == c.Decider)
}

// Standing reports why a call that was approved may not be placed now, or nil, as far as
// the call alone tells.
func (r Rules) Standing(c Call) error {
	if err := r.Check(c.Request); err != nil {
		return err
	}
	return r.Who.stands(c)
}
