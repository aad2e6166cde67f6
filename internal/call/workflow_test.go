package call_test

import (
	"context"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

// step is where a workflow asks for a call.
var step = call.Origin{Conversation: "C1", Step: "Fx1"}

// askedByAWorkflow is a call that a workflow asked for under a policy that let it.
func askedByAWorkflow(t *testing.T, repo *memory, p call.Policy, decider call.UserID) call.Call {
	t.Helper()
	c, err := service(t, repo, p).RequestStep(t.Context(), "k", in(t, call.Requested).Request, member(decider), step)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestWhatAWorkflowMayAskFor: only what somebody can approve.
func TestWhatAWorkflowMayAskFor(t *testing.T) {
	const nobody, noApprover, noUser = "Nobody can approve this call", "one of the approvers in CALLBOT_APPROVERS", "can't use callbot"
	only := call.Policy{MembersOnly: true}
	approvers := call.Policy{MembersOnly: true, Approvers: call.People{Users: []call.UserID{"U2"}, Groups: []call.GroupID{"S1"}}}
	for name, tc := range map[string]struct {
		policy  call.Policy
		decider call.Person
		code    call.Code
		says    string
	}{
		"nobody named":                         {only, call.Person{}, call.NotAllowed, nobody},
		"nobody named, by requester":           {call.Policy{Approval: call.ByRequester}, call.Person{}, call.NotAllowed, nobody},
		"nobody named, by anyone":              {call.Policy{Approval: call.ByAnyone}, call.Person{}, "", ""},
		"nobody named, by other":               {call.Policy{Approval: call.ByOther}, call.Person{}, "", ""},
		"nobody named, approvers":              {approvers, call.Person{}, "", ""},
		"a member":                             {only, member("U2"), "", ""},
		"a guest":                              {only, guest("U2"), call.NotAllowed, noUser},
		"a guest who is listed":                {call.Policy{MembersOnly: true, Allowed: users("U2")}, guest("U2"), "", ""},
		"of another workspace":                 {only, foreigner("U2"), call.NotAllowed, noUser},
		"an app":                               {only, call.Person{ID: "U2", Known: true, Gone: true}, call.NotAllowed, noUser},
		"not among the allowed":                {call.Policy{Allowed: users("U3")}, member("U2"), call.NotAllowed, noUser},
		"nobody knows yet":                     {only, unknown("U2"), "", ""},
		"an approver":                          {approvers, member("U2"), "", ""},
		"in a group of approvers":              {approvers, member("U3", "S1"), "", ""},
		"whether in the group is not known":    {approvers, call.Person{ID: "U3", Known: true, Unread: []call.GroupID{"S1"}}, "", ""},
		"no approver":                          {approvers, member("U3"), call.NotAllowed, noApprover},
		"an approver who is a guest":           {approvers, guest("U2"), call.NotAllowed, noApprover},
		"an approver who is not allowed":       {call.Policy{Allowed: users("U1"), Approvers: users("U2")}, member("U2"), "", ""},
		"in a channel that is not allowed":     {call.Policy{Channels: []string{"C2"}}, member("U2"), call.NotAllowed, "CALLBOT_ALLOWED_CHANNELS"},
		"facts about nobody let nobody decide": {call.Policy{}, call.Person{Known: true, Groups: []call.GroupID{"S1"}}, call.NotAllowed, nobody},
	} {
		t.Run(name, func(t *testing.T) {
			repo := &memory{}
			c, err := service(t, repo, tc.policy).RequestStep(t.Context(), "k", in(t, call.Requested).Request, tc.decider, step)
			refusal(t, err, tc.code, tc.says)
			if kept := repo.c.ID != ""; kept != (tc.code == "") {
				t.Errorf("a call was kept: %v", kept)
			}
			if err == nil && (!c.ByWorkflow() || c.Requester != "" || c.Decider != tc.decider.ID || repo.origin.Step != "Fx1") {
				t.Errorf("%+v of %+v", c, repo.origin)
			}
		})
	}
	if _, err := service(t, &memory{}, call.Policy{}).RequestStep(t.Context(), "k", in(t, call.Requested).Request, member("U2"), call.Origin{}); err == nil {
		t.Error("nobody asked, and no workflow did")
	}
	wrong := in(t, call.Requested).Request
	wrong.Objective = "1234"
	_, err := service(t, &memory{}, call.Policy{}).RequestStep(t.Context(), "k", wrong, member("U2"), step)
	refusal(t, err, call.Invalid, "Say what the call is for")
}

// TestWhoDecidesOnAWorkflowsCall: who is named, else whom the policy lets, and never nobody.
func TestWhoDecidesOnAWorkflowsCall(t *testing.T) {
	const other = "names somebody else"
	anyone := call.Policy{MembersOnly: true, Approval: call.ByAnyone}
	approvers := call.Policy{MembersOnly: true, Approvers: users("U2", "U3")}
	for name, tc := range map[string]struct {
		decider call.UserID
		policy  call.Policy
		who     call.Person
		where   string
		code    call.Code
		says    string
	}{
		"who is named":                     {"U2", call.Policy{MembersOnly: true}, member("U2"), "C1", "", ""},
		"who is named, by other":           {"U2", call.Policy{Approval: call.ByOther}, member("U2"), "C1", "", ""},
		"somebody else":                    {"U2", call.Policy{}, member("U3"), "C1", call.NotAllowed, other},
		"somebody else, by anyone":         {"U2", anyone, member("U3"), "C1", call.NotAllowed, other},
		"another approver":                 {"U2", approvers, member("U3"), "C1", call.NotAllowed, other},
		"nobody, where somebody is named":  {"U2", call.Policy{}, call.Person{Known: true}, "C1", call.NotAllowed, other},
		"who is named, a guest by now":     {"U2", call.Policy{MembersOnly: true}, guest("U2"), "C1", call.NotAllowed, "Guests"},
		"who is named, not known":          {"U2", call.Policy{MembersOnly: true}, unknown("U2"), "C1", call.Unavailable, "try again"},
		"who is named, no approver by now": {"U2", call.Policy{Approvers: users("U3")}, member("U2"), "C1", call.NotAllowed, "Only an approver"},
		"who is named, elsewhere":          {"U2", call.Policy{Channels: []string{"C1"}}, member("U2"), "C2", call.NotAllowed, "CALLBOT_ALLOWED_CHANNELS"},
		"an approver":                      {"", approvers, member("U3"), "C1", "", ""},
		"no approver":                      {"", approvers, member("U4"), "C1", call.NotAllowed, "Only an approver"},
		"anyone":                           {"", anyone, member("U4"), "C1", "", ""},
		"anyone, a guest":                  {"", anyone, guest("U4"), "C1", call.NotAllowed, "Guests"},
		"anyone, nobody":                   {"", anyone, call.Person{Known: true}, "C1", call.NotAllowed, "who you are"},
		"by other":                         {"", call.Policy{MembersOnly: true, Approval: call.ByOther}, member("U4"), "C1", "", ""},
		"nobody may any more":              {"", call.Policy{}, member("U4"), "C1", call.NotAllowed, "Nobody can approve"},
		"nobody may any more, not nobody":  {"", call.Policy{}, call.Person{}, "C1", call.NotAllowed, "Nobody can approve"},
		"who asked need not be known":      {"U2", call.Policy{MembersOnly: true, Allowed: users("U2")}, member("U2"), "C1", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			repo := &memory{}
			c := askedByAWorkflow(t, repo, call.Policy{Approval: call.ByAnyone}, tc.decider)
			click := call.Click{Call: c.ID, Revision: c.Revision, Actor: tc.who.ID, Who: tc.who, Conversation: tc.where}
			c, err := service(t, repo, tc.policy).Approve(t.Context(), "k2", click)
			refusal(t, err, tc.code, tc.says)
			if (c.Status == call.Approved) != (tc.code == "") {
				t.Errorf("it is %s", c.Status)
			}
			if tc.code == "" {
				refusal(t, call.Rules{Countries: countries(t, "US"), Who: tc.policy}.Standing(c), "", "")
				return
			}
			if _, err := service(t, repo, tc.policy).Decline(t.Context(), "k3", click); tc.who.ID != "U2" && call.CodeOf(err) != tc.code {
				t.Errorf("it was declined: %v", err)
			}
		})
	}
}

// TestAWorkflowsApprovalThatNoLongerCounts is found when the call is to be placed.
func TestAWorkflowsApprovalThatNoLongerCounts(t *testing.T) {
	for name, tc := range map[string]struct {
		decider, by call.UserID
		policy      call.Policy
		ok          bool
	}{
		"who is named":                       {"U2", "U2", call.Policy{}, true},
		"somebody else":                      {"U2", "U3", call.Policy{Approval: call.ByAnyone}, false},
		"nobody":                             {"U2", "", call.Policy{}, false},
		"nobody, by anyone":                  {"", "", call.Policy{Approval: call.ByAnyone}, false},
		"anyone":                             {"", "U3", call.Policy{Approval: call.ByAnyone}, true},
		"nobody may any more":                {"", "U3", call.Policy{}, false},
		"an approver":                        {"", "U3", call.Policy{Approvers: users("U3")}, true},
		"no approver now":                    {"", "U3", call.Policy{Approvers: users("U2")}, false},
		"who is named, no approver now":      {"U2", "U2", call.Policy{Approvers: users("U3")}, false},
		"who is named, not allowed now":      {"U2", "U2", call.Policy{Allowed: users("U3")}, false},
		"an approver who is not a user":      {"", "U3", call.Policy{Allowed: users("U1"), Approvers: users("U3")}, true},
		"nobody asked, so that no list does": {"U2", "U2", call.Policy{Allowed: users("U2")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := in(t, call.Approved)
			c.Requester, c.Decider, c.Approver = "", tc.decider, tc.by
			err := call.Rules{Countries: countries(t, "US"), Who: tc.policy}.Standing(c)
			if (err == nil) != tc.ok {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestAskingAgainForAWorkflow is for who may approve.
func TestAskingAgainForAWorkflow(t *testing.T) {
	for _, tc := range []struct {
		who  call.Person
		code call.Code
		says string
	}{
		{member("U2"), "", ""},
		{member("U3"), call.NotAllowed, "names somebody else"},
		{call.Person{}, call.NotAllowed, "names somebody else"},
	} {
		repo := &memory{c: in(t, call.Expired)}
		repo.c.Requester, repo.c.Decider = "", "U2"
		_, err := service(t, repo, call.Policy{}).AskAgain(t.Context(), "k", call.Click{Call: repo.c.ID, Revision: repo.c.Revision, Actor: tc.who.ID, Who: tc.who})
		refusal(t, err, tc.code, tc.says)
	}
}

// ledger are Books in which everybody together has had enough approved.
type ledger struct {
	call.Books
	asked []call.UserID
}

func (*ledger) Pause(context.Context) (call.Pause, error)           { return call.Pause{}, nil }
func (*ledger) Ban(context.Context, phone.Number) (call.Ban, error) { return call.Ban{}, nil }
func (l *ledger) Approvals(_ context.Context, user call.UserID, _, _ time.Time, _ int) (int, time.Time, error) {
	l.asked = append(l.asked, user)
	return 5, epoch, nil
}

// TestNobodysDailyLimit: a call that nobody asked for counts for all together, and not as
// everybody's for one.
func TestNobodysDailyLimit(t *testing.T) {
	c := in(t, call.Approved)
	c.Requester, c.Decider, c.Approver = "", "U2", "U2"
	for _, tc := range []struct {
		limits call.Limits
		code   call.Code
	}{
		{call.Limits{User: 5, All: 6}, ""},
		{call.Limits{User: 5, All: 5}, call.RefusedCode},
	} {
		books := &ledger{}
		rules := call.Rules{Countries: countries(t, "US"), Limits: tc.limits}
		if err := rules.Placing(epoch)(t.Context(), books, c); call.CodeOf(err) != tc.code {
			t.Errorf("%+v: %v", tc.limits, err)
		}
		if len(books.asked) != 1 {
			t.Errorf("%+v: counted for %q", tc.limits, books.asked)
		}
	}
}

func TestContact(t *testing.T) {
	for want, c := range map[call.UserID]call.Call{
		"U1": {Request: call.Request{Requester: "U1"}, Approver: "U3"},
		"U2": {Decider: "U2", Approver: "U2"},
		"U3": {Approver: "U3"},
		"":   {},
	} {
		if got := c.Contact(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
