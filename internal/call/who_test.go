package call_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// The people of these tests. U1 is who asks.
func member(id call.UserID, groups ...call.GroupID) call.Person {
	return call.Person{ID: id, Known: true, Groups: groups}
}

func guest(id call.UserID, groups ...call.GroupID) call.Person {
	return call.Person{ID: id, Known: true, Guest: true, Groups: groups}
}

func foreigner(id call.UserID) call.Person {
	return call.Person{ID: id, Known: true, Foreign: true}
}

func unknown(id call.UserID, groups ...call.GroupID) call.Person {
	return call.Person{ID: id, Unread: groups}
}

func users(ids ...call.UserID) call.People   { return call.People{Users: ids} }
func groups(ids ...call.GroupID) call.People { return call.People{Groups: ids} }

func service(t *testing.T, repo call.Repository, p call.Policy) *call.Service {
	t.Helper()
	return call.NewService(repo, call.Rules{Countries: countries(t, "US"), Who: p}, time.Hour, func() time.Time { return epoch })
}

// refusal checks an error against a code and a part of its sentence; "" is none.
func refusal(t *testing.T, err error, code call.Code, says string) {
	t.Helper()
	if call.CodeOf(err) != code {
		t.Errorf("got %q (%v), want %q", call.CodeOf(err), err, code)
	}
	if err != nil && (says == "" || !strings.Contains(err.Error(), says)) {
		t.Errorf("it says %q, which lacks %q", err, says)
	}
}

func TestWhoMayAsk(t *testing.T) {
	inC1 := call.Policy{Channels: []string{"C1"}}
	only := call.Policy{MembersOnly: true}
	listed := func(p call.People) call.Policy { return call.Policy{MembersOnly: true, Allowed: p} }
	for name, tc := range map[string]struct {
		policy call.Policy
		who    call.Person
		where  string
		code   call.Code
		says   string
	}{
		"anybody by default":                     {call.Policy{}, call.Person{}, "C9", "", ""},
		"in an allowed channel":                  {inC1, member("U1"), "C1", "", ""},
		"in another channel":                     {inC1, member("U1"), "C2", call.NotAllowed, "CALLBOT_ALLOWED_CHANNELS"},
		"in a direct message":                    {inC1, member("U1"), "D1", call.NotAllowed, "CALLBOT_ALLOWED_CHANNELS"},
		"a member":                               {only, member("U1"), "C1", "", ""},
		"a guest":                                {only, guest("U1"), "C1", call.NotAllowed, "Guests can't use callbot"},
		"of another workspace":                   {only, foreigner("U1"), "C1", call.NotAllowed, "another workspace"},
		"of another workspace, else unknown":     {only, call.Person{ID: "U1", Foreign: true}, "C1", call.NotAllowed, "another workspace"},
		"an app":                                 {only, call.Person{ID: "U1", Known: true, Gone: true}, "C1", call.NotAllowed, "active account"},
		"nobody knows who":                       {only, unknown("U1"), "C1", call.Unavailable, "try again"},
		"Slack does not let us know":             {only, call.Person{ID: "U1", Denied: true}, "C1", call.Unavailable, "its log says"},
		"facts about somebody else":              {only, member("U2"), "C1", call.Unavailable, "try again"},
		"a listed user":                          {listed(users("U1")), unknown("U1"), "C1", "", ""},
		"a listed guest":                         {listed(users("U1")), guest("U1"), "C1", "", ""},
		"a listed user of another workspace":     {listed(users("U1")), foreigner("U1"), "C1", "", ""},
		"a member who is not listed":             {listed(users("U2")), member("U1"), "C1", call.NotAllowed, "your member ID, U1, to CALLBOT_ALLOWED_USERS"},
		"in a listed group":                      {listed(groups("S1", "S2")), member("U1", "S2"), "C1", "", ""},
		"in another group":                       {listed(groups("S1")), member("U1", "S2"), "C1", call.NotAllowed, "not among those"},
		"a guest in a listed group":              {listed(groups("S1")), guest("U1", "S1"), "C1", call.NotAllowed, "Guests"},
		"nobody knows whether in the group":      {listed(groups("S1")), call.Person{ID: "U1", Known: true, Unread: []call.GroupID{"S1"}}, "C1", call.Unavailable, "try again"},
		"in one group, another is not known":     {listed(groups("S1", "S2")), call.Person{ID: "U1", Known: true, Groups: []call.GroupID{"S2"}, Unread: []call.GroupID{"S1"}}, "C1", "", ""},
		"an approver who is not listed":          {call.Policy{MembersOnly: true, Allowed: users("U2"), Approvers: users("U1")}, member("U1"), "C1", call.NotAllowed, "not among those"},
		"approvers who are not known matter not": {call.Policy{MembersOnly: true, Approvers: groups("S9")}, call.Person{ID: "U1", Known: true, Unread: []call.GroupID{"S9"}}, "C1", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			repo := &memory{}
			_, err := service(t, repo, tc.policy).Request(t.Context(), "k", in(t, call.Requested).Request, call.Origin{Conversation: tc.where, Asker: tc.who})
			refusal(t, err, tc.code, tc.says)
			if kept := repo.c.ID != ""; kept != (tc.code == "") {
				t.Errorf("a call was kept: %v", kept)
			}
		})
	}
}

// TestWhoMayApprove has U1 ask, and somebody press Place call.
func TestWhoMayApprove(t *testing.T) {
	policy := func(a call.Approval, approvers call.People) call.Policy {
		return call.Policy{MembersOnly: true, Approval: a, Approvers: approvers}
	}
	const onlyAsker, onlyApprover, notYou = "Only the person who asked", "Only an approver", "somebody else has to approve"
	for name, tc := range map[string]struct {
		policy call.Policy
		who    call.Person
		where  string
		code   call.Code
		says   string
	}{
		"requester: who asked":            {policy(call.ByRequester, call.People{}), member("U1"), "C1", "", ""},
		"requester: by default":           {policy("", call.People{}), member("U1"), "C1", "", ""},
		"requester: somebody else":        {policy(call.ByRequester, call.People{}), member("U2"), "C1", call.NotAllowed, onlyAsker},
		"requester: by default, others":   {policy("", call.People{}), member("U2"), "C1", call.NotAllowed, onlyAsker},
		"requester: now a guest":          {policy(call.ByRequester, call.People{}), guest("U1"), "C1", call.NotAllowed, "Guests"},
		"requester: not known":            {policy(call.ByRequester, call.People{}), unknown("U1"), "C1", call.Unavailable, "try again"},
		"requester: others, not known":    {policy(call.ByRequester, call.People{}), unknown("U2"), "C1", call.NotAllowed, onlyAsker},
		"requester: with approvers":       {policy(call.ByRequester, users("U2")), member("U2"), "C1", "", ""},
		"requester: is no approver":       {policy(call.ByRequester, users("U2")), member("U1"), "C1", call.NotAllowed, onlyApprover},
		"requester: is an approver":       {policy(call.ByRequester, users("U1")), member("U1"), "C1", "", ""},
		"anyone: who asked":               {policy(call.ByAnyone, call.People{}), member("U1"), "C1", "", ""},
		"anyone: somebody else":           {policy(call.ByAnyone, call.People{}), member("U2"), "C1", "", ""},
		"anyone: a guest":                 {policy(call.ByAnyone, call.People{}), guest("U2"), "C1", call.NotAllowed, "Guests"},
		"anyone: of another workspace":    {policy(call.ByAnyone, call.People{}), foreigner("U2"), "C1", call.NotAllowed, "another workspace"},
		"anyone: not known":               {policy(call.ByAnyone, call.People{}), unknown("U2"), "C1", call.Unavailable, "try again"},
		"anyone: no user at all":          {policy(call.ByAnyone, call.People{}), call.Person{Known: true}, "C1", call.NotAllowed, "who you are"},
		"anyone: not among the allowed":   {call.Policy{Approval: call.ByAnyone, Allowed: users("U1")}, member("U2"), "C1", call.NotAllowed, "not among those"},
		"anyone: in another channel":      {call.Policy{Approval: call.ByAnyone, Channels: []string{"C1"}}, member("U2"), "C2", call.NotAllowed, "CALLBOT_ALLOWED_CHANNELS"},
		"anyone: where it cannot be said": {call.Policy{Approval: call.ByAnyone, Channels: []string{"C1"}}, member("U2"), "", "", ""},
		"other: who asked":                {policy(call.ByOther, call.People{}), member("U1"), "C1", call.NotAllowed, notYou},
		"other: somebody else":            {policy(call.ByOther, call.People{}), member("U2"), "C1", "", ""},
		"other: an approver":              {policy(call.ByOther, users("U2")), member("U2"), "C1", "", ""},
		"other: no approver":              {policy(call.ByOther, users("U2")), member("U3"), "C1", call.NotAllowed, onlyApprover},
		"other: an approver who asked":    {policy(call.ByOther, users("U1", "U2")), member("U1"), "C1", call.NotAllowed, notYou},
		"other: in a group of approvers":  {policy(call.ByOther, groups("S1")), member("U2", "S1"), "C1", "", ""},
		"other: in no such group":         {policy(call.ByOther, groups("S1")), member("U2"), "C1", call.NotAllowed, onlyApprover},
		"other: the group is not known":   {policy(call.ByOther, groups("S1")), call.Person{ID: "U2", Known: true, Unread: []call.GroupID{"S1"}}, "C1", call.Unavailable, "try again"},
		"other: facts of an approver":     {policy(call.ByOther, groups("S1")), call.Person{ID: "U3", Known: true, Groups: []call.GroupID{"S1"}}, "U2 pressed", call.Unavailable, "try again"},
		"other: a guest who approves":     {policy(call.ByOther, users("U2")), guest("U2"), "C1", call.NotAllowed, "Guests"},
		"an approver need not ask":        {call.Policy{Approval: call.ByOther, Allowed: users("U1"), Approvers: users("U2")}, member("U2"), "C1", "", ""},
		"who asked is not allowed now":    {call.Policy{Approval: call.ByOther, Allowed: users("U3"), Approvers: users("U2")}, member("U2"), "C1", call.NotAllowed, "may not use callbot any more"},
	} {
		t.Run(name, func(t *testing.T) {
			repo := &memory{}
			c, err := service(t, repo, call.Policy{}).Request(t.Context(), "k", in(t, call.Requested).Request, call.Origin{Conversation: "C1"})
			if err != nil {
				t.Fatal(err)
			}
			actor := tc.who.ID
			if tc.where == "U2 pressed" {
				actor = "U2"
			}
			c, err = service(t, repo, tc.policy).Approve(t.Context(), "k2", call.Click{Call: c.ID, Revision: c.Revision, Actor: actor, Who: tc.who, Asker: member("U1"), Conversation: tc.where})
			refusal(t, err, tc.code, tc.says)
			if (c.Status == call.Approved) != (tc.code == "") {
				t.Errorf("it is %s", c.Status)
			}
		})
	}
}

// TestWhoAskedMustStillBeAllowed when somebody else approves: that they were when the
// card was made is not enough.
func TestWhoAskedMustStillBeAllowed(t *testing.T) {
	anyone := call.Policy{MembersOnly: true, Approval: call.ByAnyone}
	sales := call.Policy{MembersOnly: true, Approval: call.ByAnyone, Allowed: call.People{Users: []call.UserID{"U2"}, Groups: []call.GroupID{"S1"}}}
	const gone = "may not use callbot any more"
	for name, tc := range map[string]struct {
		policy call.Policy
		asker  call.Person
		code   call.Code
		says   string
		needs  bool // is it said that more must be known
	}{
		"a member":                   {anyone, member("U1"), "", "", false},
		"a guest by now":             {anyone, guest("U1"), call.NotAllowed, gone, false},
		"an account that is closed":  {anyone, call.Person{ID: "U1", Known: true, Gone: true}, call.NotAllowed, gone, false},
		"not looked up":              {anyone, call.Person{}, call.Unavailable, "may still do that", true},
		"somebody else looked up":    {anyone, member("U3"), call.Unavailable, "may still do that", true},
		"looked up, and not known":   {anyone, unknown("U1"), call.Unavailable, "try again", false},
		"in the group":               {sales, member("U1", "S1"), "", "", false},
		"in the group no more":       {sales, member("U1"), call.NotAllowed, gone, false},
		"nobody needs to know":       {call.Policy{Approval: call.ByAnyone}, call.Person{}, "", "", false},
		"listed, so nobody needs to": {call.Policy{MembersOnly: true, Approval: call.ByAnyone, Allowed: users("U1", "U2")}, call.Person{}, "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			repo := &memory{c: in(t, call.Requested)}
			repo.c.Requester = "U1"
			_, err := service(t, repo, tc.policy).Approve(t.Context(), "k", call.Click{Call: repo.c.ID, Revision: repo.c.Revision, Actor: "U2", Who: member("U2"), Asker: tc.asker})
			refusal(t, err, tc.code, tc.says)
			if missing, ok := errors.AsType[*call.NeedsAsker](err); ok != tc.needs || ok && missing.Requester != "U1" {
				t.Errorf("missing: %v", missing)
			}
		})
	}
}

// TestStoppingNeedsLess: who asked for a call or approved it stops it, whatever has
// become of them since and whatever Slack does not tell; others need what an approval needs.
func TestStoppingNeedsLess(t *testing.T) {
	policy := call.Policy{MembersOnly: true, Approval: call.ByOther, Approvers: users("U2", "U3")}
	for name, tc := range map[string]struct {
		who  call.Person
		code call.Code
		says string
	}{
		"who asked":        {unknown("U1"), "", ""},
		"who approved":     {guest("U2"), "", ""},
		"another approver": {member("U3"), "", ""},
		"one not known":    {unknown("U3"), call.Unavailable, "try again"},
		"somebody":         {member("U4"), call.NotAllowed, "Only an approver"},
		"a guest":          {guest("U4"), call.NotAllowed, "Guests"},
	} {
		t.Run(name, func(t *testing.T) {
			repo := &memory{}
			s := service(t, repo, policy)
			c, err := s.Request(t.Context(), "k", in(t, call.Requested).Request, call.Origin{Conversation: "C1", Asker: member("U1")})
			if err != nil {
				t.Fatal(err)
			}
			click := call.Click{Call: c.ID, Revision: c.Revision, Actor: "U2", Who: member("U2"), Asker: member("U1"), Conversation: "C1"}
			if _, err := s.Approve(t.Context(), "k2", click); err != nil {
				t.Fatal(err)
			}
			click.Actor, click.Who = tc.who.ID, tc.who
			c, err = s.Cancel(t.Context(), "k3", click)
			refusal(t, err, tc.code, tc.says)
			if (c.Status == call.Canceled) != (tc.code == "") {
				t.Errorf("it is %s", c.Status)
			}
		})
	}
}

// TestNobodyStopsNothing: a call that nobody has approved is not one of nobody's.
func TestNobodyStopsNothing(t *testing.T) {
	repo := &memory{c: in(t, call.Requested)}
	_, err := service(t, repo, call.Policy{Approval: call.ByAnyone}).Decline(t.Context(), "k", call.Click{Call: repo.c.ID, Revision: repo.c.Revision})
	refusal(t, err, call.NotAllowed, "who you are")
}

// TestAskingAgain makes a new card, so whoever does it must be one who may ask or approve.
func TestAskingAgain(t *testing.T) {
	for name, tc := range map[string]struct {
		policy call.Policy
		who    call.Person
		code   call.Code
		says   string
	}{
		"who asked":            {call.Policy{MembersOnly: true}, member("U1"), "", ""},
		"who asked, a guest":   {call.Policy{MembersOnly: true}, guest("U1"), call.NotAllowed, "Guests"},
		"who asked, not known": {call.Policy{MembersOnly: true}, unknown("U1"), call.Unavailable, "try again"},
		"somebody else":        {call.Policy{MembersOnly: true}, member("U2"), call.NotAllowed, "Only the person"},
		"who asked, by other":  {call.Policy{MembersOnly: true, Approval: call.ByOther}, member("U1"), "", ""},
		"an approver":          {call.Policy{MembersOnly: true, Approvers: users("U2")}, member("U2"), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			repo := &memory{c: in(t, call.Expired)}
			_, err := service(t, repo, tc.policy).AskAgain(t.Context(), "k", call.Click{Call: repo.c.ID, Revision: repo.c.Revision, Actor: tc.who.ID, Who: tc.who})
			refusal(t, err, tc.code, tc.says)
		})
	}
}

// TestWhoMayLook: asking the provider for news decides nothing, but is not for everybody.
func TestWhoMayLook(t *testing.T) {
	policy := call.Policy{MembersOnly: true, Allowed: groups("S1"), Approvers: users("U2")}
	for name, tc := range map[string]struct {
		who  call.Person
		code call.Code
		says string
	}{
		"who asked":                  {unknown("U1"), "", ""},
		"an approver":                {member("U2"), "", ""},
		"a user":                     {member("U3", "S1"), "", ""},
		"no user":                    {member("U3"), call.NotAllowed, "not among those"},
		"a guest":                    {guest("U3", "S1"), call.NotAllowed, "Guests"},
		"a guest who is an approver": {guest("U2"), call.NotAllowed, "Guests"},
	} {
		t.Run(name, func(t *testing.T) {
			c := in(t, call.Queued)
			next, err := call.Apply(c, call.Event{Kind: call.StopWatching, At: epoch, Reason: call.ReasonWatchEnded})
			if err != nil {
				t.Fatal(err)
			}
			next.Approver = "U9"
			_, err = service(t, &memory{c: next}, policy).CheckAgain(t.Context(), "k", call.Click{Call: next.ID, Actor: tc.who.ID, Who: tc.who})
			refusal(t, err, tc.code, tc.says)
		})
	}
}

// TestAnApprovalThatNoLongerCounts is found when the call is to be placed.
func TestAnApprovalThatNoLongerCounts(t *testing.T) {
	const asker, approver = "may not use callbot any more", "approved this call may not"
	for name, tc := range map[string]struct {
		policy call.Policy
		by     call.UserID
		code   call.Code
		says   string
	}{
		"by default":                       {call.Policy{}, "U1", "", ""},
		"nobody approved it":               {call.Policy{}, "", call.NotAllowed, approver},
		"others may no more":               {call.Policy{}, "U2", call.NotAllowed, approver},
		"anyone may":                       {call.Policy{Approval: call.ByAnyone}, "U2", "", ""},
		"who asked is not allowed now":     {call.Policy{Allowed: users("U2")}, "U1", call.NotAllowed, asker},
		"who asked is":                     {call.Policy{Allowed: users("U1")}, "U1", "", ""},
		"who asked may be in a group":      {call.Policy{Allowed: groups("S1")}, "U1", "", ""},
		"an approver still":                {call.Policy{Approval: call.ByOther, Approvers: users("U2")}, "U2", "", ""},
		"no approver now":                  {call.Policy{Approval: call.ByOther, Approvers: users("U3")}, "U2", call.NotAllowed, approver},
		"who approved may be in a group":   {call.Policy{Approval: call.ByOther, Approvers: groups("S1")}, "U2", "", ""},
		"who approved is not allowed now":  {call.Policy{Approval: call.ByAnyone, Allowed: users("U1")}, "U2", call.NotAllowed, approver},
		"somebody else has to approve now": {call.Policy{Approval: call.ByOther}, "U1", call.NotAllowed, "Somebody else"},
		"an approver's own, and not now":   {call.Policy{Approval: call.ByOther, Approvers: users("U1")}, "U1", call.NotAllowed, "Somebody else"},
		"an approver's own":                {call.Policy{Approvers: users("U1")}, "U1", "", ""},
		"an approver who is not a user":    {call.Policy{Allowed: users("U1"), Approvers: users("U2")}, "U2", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := in(t, call.Approved)
			c.Requester, c.Approver = "U1", tc.by
			refusal(t, call.Rules{Countries: countries(t, "US"), Who: tc.policy}.Standing(c), tc.code, tc.says)
		})
	}
}

// TestWhatMustBeKnown: nobody is looked up for what cannot matter.
func TestWhatMustBeKnown(t *testing.T) {
	p := call.Policy{
		MembersOnly: true,
		Allowed:     call.People{Users: []call.UserID{"U1"}, Groups: []call.GroupID{"S1", "S2"}},
		Approvers:   call.People{Users: []call.UserID{"U2"}, Groups: []call.GroupID{"S2", "S3"}},
	}
	for id, want := range map[call.UserID]struct{ ask, decide string }{
		"U1": {"", "S2 S3"},
		"U2": {"profile S1 S2", "profile S1 S2"}, // Ask again asks
		"U3": {"profile S1 S2", "profile S1 S2 S3"},
	} {
		if got := needs(p.ToAsk(id)); got != want.ask {
			t.Errorf("%s asks: %q, want %q", id, got, want.ask)
		}
		if got := needs(p.ToDecide(id)); got != want.decide {
			t.Errorf("%s decides: %q, want %q", id, got, want.decide)
		}
	}
	if got := needs(call.Policy{}.ToDecide("U1")); got != "" {
		t.Errorf("by default: %q", got)
	}
}

func needs(n call.Needs) string {
	var words []string
	if n.Profile {
		words = append(words, "profile")
	}
	for _, g := range n.Groups {
		words = append(words, string(g))
	}
	return strings.Join(words, " ")
}

func TestAdmins(t *testing.T) {
	p := call.Policy{Admins: []call.UserID{"U1"}}
	if !p.Admin("U1") || p.Admin("U2") || p.Admin("") || (call.Policy{}).Admin("U1") {
		t.Error("wrong admins")
	}
}
