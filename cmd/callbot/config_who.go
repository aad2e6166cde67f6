package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/agentphone-slack/callbot/internal/call"
)

// policy is who may do what. Guests and people of other workspaces are always refused
// unless they are named.
func (r *reader) policy(env environment) call.Policy {
	admins := r.people("CALLBOT_ADMINS", env.Admins, false)
	return call.Policy{
		Approval:    call.Approval(r.oneOf("CALLBOT_APPROVAL", strings.ToLower(env.Approval), string(call.ByRequester), string(call.ByAnyone), string(call.ByOther))),
		Approvers:   r.people("CALLBOT_APPROVERS", env.Approvers, true),
		Allowed:     r.people("CALLBOT_ALLOWED_USERS", env.AllowedUsers, true),
		Channels:    r.ids("CALLBOT_ALLOWED_CHANNELS", env.Channels, channelID, "channels, such as C0123ABCD: Slack shows a channel's at the end of its details"),
		Admins:      admins.Users,
		MembersOnly: true,
	}
}

// Slack's IDs: https://docs.slack.dev/reference/objects/user-object. Older accounts of
// large organisations have a W.
var (
	userID        = regexp.MustCompile(`^[UW][A-Z0-9]{2,30}$`)
	userOrGroupID = regexp.MustCompile(`^[UWS][A-Z0-9]{2,30}$`)
	channelID     = regexp.MustCompile(`^[CGD][A-Z0-9]{2,30}$`)
)

// people are users and, where that makes sense, groups of users.
func (r *reader) people(name, value string, groupsToo bool) call.People {
	form, what := userID, "users, such as U0123ABCD: in somebody's profile in Slack, Copy member ID"
	if groupsToo {
		form, what = userOrGroupID, "users and user groups, such as U0123ABCD and S0123ABCD: in their profiles in Slack, Copy member ID or Copy group ID"
	}
	var p call.People
	for _, id := range r.ids(name, value, form, what) {
		if id[0] == 'S' {
			p.Groups = append(p.Groups, call.GroupID(id))
			continue
		}
		p.Users = append(p.Users, call.UserID(id))
	}
	return p
}

// separators stand between the IDs of a list.
const separators = ", \t\r\n"

// ids reads a list of Slack's IDs, each once. A list that names nobody is a mistake
// that would let everybody in.
func (r *reader) ids(name, value string, form *regexp.Regexp, what string) []string {
	if strings.TrimSpace(value) == "" {
		return nil
	}
	var ids []string
	for _, id := range strings.FieldsFunc(value, func(c rune) bool { return strings.ContainsRune(separators, c) }) {
		switch {
		case !form.MatchString(id):
			r.problem("%s holds %q, but it must be IDs of %s.", name, id, what)
		case !slices.Contains(ids, id):
			ids = append(ids, id)
		}
	}
	if strings.Trim(value, separators) == "" {
		r.problem("%s is %q, but it must be IDs of %s.", name, value, what)
	}
	return ids
}
