package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
)

// TestPolicy: lists are read as people write them, and guests are never let in by leaving
// something out.
func TestPolicy(t *testing.T) {
	good(t)
	read := func() call.Policy {
		t.Helper()
		s, err := loadSettings()
		if err != nil {
			t.Fatal(err)
		}
		return s.who
	}
	if diff := cmp.Diff(call.Policy{Approval: call.ByRequester, MembersOnly: true}, read()); diff != "" {
		t.Errorf("by default (-want +got):\n%s", diff)
	}
	t.Setenv("CALLBOT_APPROVAL", " Other ")
	t.Setenv("CALLBOT_APPROVERS", "U0A, S0B")
	t.Setenv("CALLBOT_ALLOWED_USERS", "S0C W0D\nS0C,,U0E")
	t.Setenv("CALLBOT_ALLOWED_CHANNELS", "C0F,G0G")
	t.Setenv("CALLBOT_ADMINS", "U0H")
	want := call.Policy{
		Approval:  call.ByOther,
		Approvers: call.People{Users: []call.UserID{"U0A"}, Groups: []call.GroupID{"S0B"}},
		Allowed:   call.People{Users: []call.UserID{"W0D", "U0E"}, Groups: []call.GroupID{"S0C"}},
		Channels:  []string{"C0F", "G0G"}, Admins: []call.UserID{"U0H"}, MembersOnly: true,
	}
	if diff := cmp.Diff(want, read()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
