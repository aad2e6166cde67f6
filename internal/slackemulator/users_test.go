package slackemulator_test

import (
	"testing"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// TestWhoPeopleAre: guests and people of other workspaces look in users.info and in
// what they do as they do in Slack.
func TestWhoPeopleAre(t *testing.T) {
	srv := newServer(t)
	ana, guest, single := srv.AddUser("ana"), srv.AddUser("gus", slackemulator.Guest(false)), srv.AddUser("sue", slackemulator.Guest(true))
	other := srv.AddUser("olga", slackemulator.OtherWorkspace("T0OTHER"))
	info := func(u *slackemulator.User) args {
		return mustOK(t, callJSON(t, srv, "users.info", args{"user": u.ID()}))["user"].(args)
	}
	for _, tc := range []struct {
		who                 *slackemulator.User
		restricted, oneOnly bool
	}{{ana, false, false}, {guest, true, false}, {single, true, true}} {
		u := info(tc.who)
		if u["is_restricted"] != tc.restricted || u["is_ultra_restricted"] != tc.oneOnly || u["team_id"] != srv.TeamID() {
			t.Errorf("%s: %v", tc.who.Name(), u)
		}
	}
	if u := info(other); u["team_id"] != "T0OTHER" || u["is_stranger"] != true || u["is_restricted"] != nil {
		t.Errorf("before a channel is shared: %v", u)
	}
	ops := srv.AddChannel("#ops", ana, other)
	if u := info(other); u["team_id"] != "T0OTHER" || u["is_stranger"] != false {
		t.Errorf("in a shared channel: %v", u)
	}
	if _, err := other.Slash(t.Context(), ops.Name(), "/call x"); err == nil || len(srv.Envelopes("slash_commands")) > 0 {
		t.Errorf("a command of another workspace: %v", err)
	}
	other.Change(slackemulator.Member())
	if u := info(other); u["team_id"] != srv.TeamID() || u["is_stranger"] != nil {
		t.Errorf("a member now: %v", u)
	}

	group := srv.AddUserGroup("@support", ana)
	srv.SetUserGroup(group, guest, single)
	members := mustOK(t, callJSON(t, srv, "usergroups.users.list", args{"usergroup": group}))["users"].([]any)
	if len(members) != 2 || members[0] != guest.ID() {
		t.Errorf("members = %v", members)
	}
}
