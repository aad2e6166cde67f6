package call_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

func (o orders) Share(_ context.Context, _ call.ID, _ call.Share, may func(call.Call) error) (call.Call, bool, error) {
	return o.call, true, may(o.call)
}

// ordering is a service of which only the orders count.
func ordering(t *testing.T, c call.Call, p call.Policy) *call.Service {
	t.Helper()
	return call.NewService(&memory{Orders: orders{call: c}, c: c}, call.Rules{Countries: countries(t, "*"), Who: p}, time.Hour, func() time.Time { return epoch })
}

// TestShare: those share a summary who answer for the call, and where callbot may be used.
func TestShare(t *testing.T) {
	told := full(t, call.Completed)
	told.Requester, told.Approver, told.Summary = "U1", "U2", "They are open."
	silent := told
	silent.Summary = ""
	for name, tc := range map[string]struct {
		call   call.Call
		who    call.Person
		policy call.Policy
		where  string
		want   call.Code
	}{
		"who asked":                {told, call.Person{ID: "U1"}, call.Policy{}, "C9", ""},
		"who approved":             {told, call.Person{ID: "U2"}, call.Policy{}, "C9", ""},
		"somebody else":            {told, call.Person{ID: "U3"}, call.Policy{}, "C9", call.NotAllowed},
		"an admin":                 {told, call.Person{ID: "U3"}, call.Policy{Admins: []call.UserID{"U3"}}, "C9", call.NotAllowed},
		"nobody":                   {told, call.Person{}, call.Policy{}, "C9", call.NotAllowed},
		"a guest by now":           {told, call.Person{ID: "U1", Known: true, Guest: true}, call.Policy{MembersOnly: true}, "C9", call.NotAllowed},
		"who is not known":         {told, call.Person{ID: "U1"}, call.Policy{MembersOnly: true}, "C9", call.Unavailable},
		"where it can't be used":   {told, call.Person{ID: "U1"}, call.Policy{Channels: []string{"C1"}}, "C9", call.NotAllowed},
		"where it can be used":     {told, call.Person{ID: "U1"}, call.Policy{Channels: []string{"C9"}}, "C9", ""},
		"without a summary":        {silent, call.Person{ID: "U1"}, call.Policy{}, "C9", call.Conflict},
		"of a call under way":      {full(t, call.InProgress), call.Person{ID: full(t, call.InProgress).Requester}, call.Policy{}, "C9", call.Conflict},
		"of what has been erased":  {apply(t, told, event(call.Erase)), call.Person{ID: "U1"}, call.Policy{}, "C9", call.Conflict},
		"and nothing is told them": {apply(t, told, event(call.Erase)), call.Person{ID: "U3"}, call.Policy{}, "C9", call.NotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := ordering(t, tc.call, tc.policy).Share(t.Context(), "call1", tc.who, tc.where)
			if got := call.CodeOf(err); err != nil && got != tc.want || err == nil && tc.want != "" {
				t.Errorf("%v, want %q", err, tc.want)
			}
		})
	}
}

// TestBan: those forbid calls to a number who may stop them, and admins, for a reason that
// can be shown.
func TestBan(t *testing.T) {
	c := full(t, call.Completed)
	c.Requester, c.Approver = "U1", "U2"
	const why = "They asked us not to call"
	for name, tc := range map[string]struct {
		who    call.Person
		policy call.Policy
		reason string
		want   call.Code
	}{
		"who asked":                {call.Person{ID: "U1"}, call.Policy{}, why, ""},
		"who approved":             {call.Person{ID: "U2"}, call.Policy{}, why, ""},
		"an admin":                 {call.Person{ID: "U3"}, call.Policy{Admins: []call.UserID{"U3"}}, why, ""},
		"who may approve it":       {call.Person{ID: "U3"}, call.Policy{Approvers: call.People{Users: []call.UserID{"U3"}}}, why, ""},
		"somebody else":            {call.Person{ID: "U3"}, call.Policy{}, why, call.NotAllowed},
		"nobody":                   {call.Person{}, call.Policy{}, why, call.NotAllowed},
		"for no reason":            {call.Person{ID: "U1"}, call.Policy{}, " \n", call.Invalid},
		"for a long one":           {call.Person{ID: "U1"}, call.Policy{}, strings.Repeat("é", call.MaxBanReason), ""},
		"for too long a one":       {call.Person{ID: "U1"}, call.Policy{}, strings.Repeat("é", call.MaxBanReason+1), call.Invalid},
		"with a card in it":        {call.Person{ID: "U1"}, call.Policy{}, "paid by 4111 1111 1111 1111", call.RefusedCode},
		"with an SSN in it":        {call.Person{ID: "U1"}, call.Policy{}, "SSN 123-45-6789", call.RefusedCode},
		"somebody else with those": {call.Person{ID: "U3"}, call.Policy{}, "SSN 123-45-6789", call.RefusedCode},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := ordering(t, c, tc.policy).Ban(t.Context(), "call1", tc.who, tc.reason)
			if got := call.CodeOf(err); err != nil && got != tc.want || err == nil && tc.want != "" {
				t.Errorf("%v, want %q", err, tc.want)
			}
			if err != nil && (strings.Contains(err.Error(), "4111") || strings.Contains(err.Error(), "6789")) {
				t.Errorf("the error repeats it: %v", err)
			}
		})
	}
}
