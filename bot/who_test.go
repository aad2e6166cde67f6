package bot

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/agentphone-slack/callbot/internal/call"
)

// TestWhomACardWaitsFor: a card names who may approve it where that is not who asked.
func TestWhomACardWaitsFor(t *testing.T) {
	c := newStory(t).call
	var crowd call.People
	for i := range 11 {
		crowd.Users = append(crowd.Users, call.UserID(fmt.Sprintf("U%02d", i)))
	}
	approvers := call.People{Users: []call.UserID{c.Requester, "U0BO"}, Groups: []call.GroupID{"S0FINANCE"}}
	asker := "<@" + string(c.Requester) + ">"
	for name, tc := range map[string]struct {
		policy call.Policy
		want   string
	}{
		"by default":           {call.Policy{}, ""},
		"requester":            {call.Policy{Approval: call.ByRequester}, ""},
		"anyone":               {call.Policy{Approval: call.ByAnyone}, "Anybody here who may use callbot can approve it."},
		"other":                {call.Policy{Approval: call.ByOther}, "Waiting for an approval by somebody other than " + asker + "."},
		"approvers":            {call.Policy{Approvers: approvers}, "Waiting for an approval by " + asker + ", <@U0BO> or somebody in <!subteam^S0FINANCE>."},
		"other approvers":      {call.Policy{Approval: call.ByOther, Approvers: approvers}, "Waiting for an approval by <@U0BO> or somebody in <!subteam^S0FINANCE>, but not by " + asker + "."},
		"one approver":         {call.Policy{Approval: call.ByAnyone, Approvers: call.People{Users: []call.UserID{"U0BO"}}}, "Waiting for an approval by <@U0BO>."},
		"many approvers":       {call.Policy{Approvers: crowd}, "Waiting for an approval by <@U00>, <@U01>, <@U02>, <@U03>, <@U04>, <@U05>, <@U06>, <@U07> or 3 more."},
		"nobody else approves": {call.Policy{Approval: call.ByOther, Approvers: call.People{Users: []call.UserID{c.Requester}}}, "Nobody can approve this call: it takes another approver than who asked, and there is none. Whoever runs callbot can add one to CALLBOT_APPROVERS."},
	} {
		t.Run(name, func(t *testing.T) {
			if got := waitsFor(c, tc.policy).fallback(maxFallback); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			m := renderCard(c, call.View{Now: askedAt, Ahead: -1}, home{origin: "C0OPS", policy: tc.policy})
			if !strings.Contains(m.text, tc.want) {
				t.Errorf("the card does not say so: %s", m.text)
			}
		})
	}
}

// TestACardThatNobodyElseSees says so if it takes somebody else.
func TestACardThatNobodyElseSees(t *testing.T) {
	c := newStory(t).call
	other, boss := call.Policy{Approval: call.ByOther}, call.Policy{Approvers: call.People{Users: []call.UserID{"U0BO"}}}
	self := call.Policy{Approvers: call.People{Users: []call.UserID{c.Requester}}}
	for name, tc := range map[string]struct {
		policy call.Policy
		home   home
		warns  bool
	}{
		"by default":             {call.Policy{}, home{dm: true, origin: "G0X"}, false},
		"anyone":                 {call.Policy{Approval: call.ByAnyone}, home{dm: true}, false},
		"other, in a channel":    {other, home{origin: "C0OPS"}, false},
		"other, moved to a DM":   {other, home{origin: "C0OPS", dm: true}, true},
		"other, asked in a DM":   {other, home{origin: "D0X"}, true},
		"another approver":       {boss, home{origin: "D0X"}, false}, // who gets it in a direct message
		"the approver asked":     {self, home{origin: "D0X"}, false},
		"perhaps in their group": {call.Policy{Approvers: call.People{Groups: []call.GroupID{"S1"}}}, home{origin: "D0X"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			tc.home.policy = tc.policy
			m := renderCard(c, call.View{Now: askedAt, Ahead: -1}, tc.home)
			if got := strings.Contains(m.text, "Nobody else sees this card"); got != tc.warns {
				t.Errorf("it warns: %t; %s", got, m.text)
			}
		})
	}
}

// TestElsewhere: who is refused because of the conversation is told where else.
func TestElsewhere(t *testing.T) {
	p := call.Policy{Channels: []string{"C0A", "G0B", "D0DIRECT", "<!here>"}}
	if got := elsewhereAllowed(p, fmt.Errorf("asking: %w", call.ErrChannel)); got != " It can be used in <#C0A> or <#G0B>." {
		t.Errorf("got %q", got)
	}
	if got := elsewhereAllowed(p, errors.New("something else")) + elsewhereAllowed(call.Policy{}, call.ErrChannel); got != "" {
		t.Errorf("got %q", got)
	}
}
