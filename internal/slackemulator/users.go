package slackemulator

import (
	"slices"
	"strings"
	"time"
)

// account is a person or the bot.
type account struct {
	id, name, realName string
	tz                 string // IANA
	isBot, isAdmin     bool
	deleted            bool
	guest, oneChannel  bool   // a guest, and one of a single channel
	team               string // of people of another workspace: its ID; else empty
}

// userGroup is a group of people that is mentioned as one.
type userGroup struct {
	id, handle string
	members    []string // user IDs
}

func (e *Emulator) accountByName(name string) *account {
	name = strings.TrimPrefix(name, "@")
	for _, a := range e.accounts {
		if a.name == name {
			return a
		}
	}
	return nil
}

// wire is the user object: https://docs.slack.dev/reference/objects/user-object
func (a *account) wire(e *Emulator) object {
	loc, err := time.LoadLocation(a.tz)
	if err != nil {
		loc = time.UTC
	}
	label, offset := e.clock.Now().In(loc).Zone()
	if a.team != "" {
		return a.foreignWire(e)
	}
	return object{
		"id":        a.id,
		"team_id":   e.teamID,
		"name":      a.name,
		"deleted":   a.deleted,
		"real_name": a.realName,
		"tz":        a.tz,
		"tz_label":  label,
		"tz_offset": offset,
		"profile": object{
			"real_name":               a.realName,
			"real_name_normalized":    a.realName,
			"display_name":            a.name,
			"display_name_normalized": a.name,
			"team":                    e.teamID,
		},
		"is_admin":            a.isAdmin,
		"is_owner":            false,
		"is_primary_owner":    false,
		"is_restricted":       a.guest,
		"is_ultra_restricted": a.guest && a.oneChannel,
		"is_bot":              a.isBot,
		"is_app_user":         false,
		"updated":             e.clock.Now().Unix(),
	}
}

// foreignWire is the user object of somebody of another workspace, of whom Slack
// tells less: no roles, and is_stranger where no channel is shared with the app. That
// is_stranger is false says nothing else.
func (a *account) foreignWire(e *Emulator) object {
	return object{
		"id":        a.id,
		"team_id":   a.team,
		"name":      a.name,
		"deleted":   a.deleted,
		"real_name": a.realName,
		"profile": object{
			"real_name":               a.realName,
			"real_name_normalized":    a.realName,
			"display_name":            a.name,
			"display_name_normalized": a.name,
			"team":                    a.team,
		},
		"is_bot":      a.isBot,
		"is_app_user": false,
		"is_stranger": !e.meets(a),
		"updated":     e.clock.Now().Unix(),
	}
}

// meets reports whether somebody is in a channel that the app is in.
func (e *Emulator) meets(a *account) bool {
	for _, c := range e.conversations {
		if c.has(a.id) && c.has(e.bot.id) {
			return true
		}
	}
	return false
}

// home is the workspace that somebody is of.
func (a *account) home(e *Emulator) string {
	if a.team != "" {
		return a.team
	}
	return e.teamID
}

func (e *Emulator) usersInfo(args arguments) (object, error) {
	if !args.has("user") {
		return nil, missingField("user")
	}
	a := e.accounts[args.str("user")]
	if a == nil {
		return nil, fail("user_not_found")
	}
	user := a.wire(e)
	if args.flag("include_locale") {
		user["locale"] = "en-US"
	}
	return object{"user": user}, nil
}

func (e *Emulator) usergroupsUsersList(args arguments) (object, error) {
	if !args.has("usergroup") {
		return nil, missingField("usergroup")
	}
	g := e.groups[args.str("usergroup")]
	if g == nil {
		return nil, fail("no_such_subteam")
	}
	return object{"users": slices.Clone(g.members)}, nil
}

// AddUserGroup adds a user group with the given members and returns its ID (S…).
func (e *Emulator) AddUserGroup(handle string, members ...*User) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	g := &userGroup{id: e.newID("S"), handle: strings.TrimPrefix(handle, "@")}
	for _, u := range members {
		g.members = append(g.members, u.id)
	}
	e.groups[g.id] = g
	return g.id
}

// SetUserGroup makes these the members of a user group, which is named by its ID. It
// panics if there is none.
func (e *Emulator) SetUserGroup(id string, members ...*User) {
	e.mu.Lock()
	defer e.mu.Unlock()
	g := e.groups[id]
	if g == nil {
		panic("slackemulator: there is no user group " + id)
	}
	g.members = nil
	for _, u := range members {
		g.members = append(g.members, u.id)
	}
}
