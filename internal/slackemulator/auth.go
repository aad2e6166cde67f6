package slackemulator

import (
	"net/http"
	"slices"
	"strings"
)

// method is a method of the Web API.
type method struct {
	run    func(*Emulator, arguments) (object, error)
	app    bool   // wants the app-level token
	scope  string // scope that the token must have; some methods check more themselves
	perMin int    // Slack's rate limit, calls a minute; 0: none
}

// methods lists what is emulated: https://docs.slack.dev/reference/methods.
// The rates are Slack's tiers; chat.postMessage has its own, see limit.
var methods map[string]method

func init() { // an initialiser would refer to itself through the handlers
	methods = map[string]method{
		"apps.connections.open":        {run: (*Emulator).appsConnectionsOpen, app: true, scope: "connections:write", perMin: 1},
		"auth.test":                    {run: (*Emulator).authTest},
		"chat.delete":                  {run: (*Emulator).chatDelete, scope: "chat:write", perMin: 50},
		"chat.getPermalink":            {run: (*Emulator).chatGetPermalink},
		"chat.postEphemeral":           {run: (*Emulator).chatPostEphemeral, scope: "chat:write", perMin: 100},
		"chat.postMessage":             {run: (*Emulator).chatPostMessage, scope: "chat:write", perMin: 60},
		"chat.update":                  {run: (*Emulator).chatUpdate, scope: "chat:write", perMin: 50},
		"conversations.info":           {run: (*Emulator).conversationsInfo, perMin: 50},
		"conversations.members":        {run: (*Emulator).conversationsMembers, perMin: 100},
		"conversations.open":           {run: (*Emulator).conversationsOpen, perMin: 50},
		"files.completeUploadExternal": {run: (*Emulator).filesCompleteUpload, scope: "files:write", perMin: 100},
		"files.delete":                 {run: (*Emulator).filesDelete, scope: "files:write", perMin: 50},
		"files.getUploadURLExternal":   {run: (*Emulator).filesGetUploadURL, scope: "files:write", perMin: 100},
		"files.info":                   {run: (*Emulator).filesInfo, scope: "files:read", perMin: 100},
		"functions.completeError":      {run: (*Emulator).functionsCompleteError, perMin: 50},
		"functions.completeSuccess":    {run: (*Emulator).functionsCompleteSuccess, perMin: 50},
		"usergroups.users.list":        {run: (*Emulator).usergroupsUsersList, scope: "usergroups:read", perMin: 20},
		"users.info":                   {run: (*Emulator).usersInfo, scope: "users:read", perMin: 100},
		"views.open":                   {run: (*Emulator).viewsOpen, perMin: 100},
		"views.publish":                {run: (*Emulator).viewsPublish, perMin: 100},
		"views.push":                   {run: (*Emulator).viewsPush, perMin: 100},
		"views.update":                 {run: (*Emulator).viewsUpdate, perMin: 100},
	}
}

// FailTokens makes every call with the bot or the app token fail with a code
// such as "token_revoked", "account_inactive" or "invalid_auth", as after an
// admin removed the app; an empty code heals it.
func (e *Emulator) FailTokens(code string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tokenFault = code
}

// authorize checks token and scope. The caller holds e.mu.
func (e *Emulator) authorize(m method, header string, args arguments) error {
	token := header
	if token == "" && !args.isJSON { // in a JSON body, Slack looks at the header alone
		token = args.str("token")
	}
	switch {
	case token == "":
		return fail("not_authed")
	case token != e.botToken && token != e.appToken && !e.stands(token):
		return fail("invalid_auth")
	case e.tokenFault != "":
		return fail(e.tokenFault)
	case m.app != (token == e.appToken):
		return fail("not_allowed_token_type")
	case m.scope == "" || m.app:
		return nil
	}
	return e.need(m.scope)
}

// need refuses unless one of the scopes is granted.
func (e *Emulator) need(scopes ...string) error {
	if slices.ContainsFunc(scopes, e.manifest.grants) {
		return nil
	}
	return &apiError{code: "missing_scope", fields: object{
		"needed":   strings.Join(scopes, ","),
		"provided": strings.Join(e.manifest.OAuthConfig.Scopes.Bot, ","),
	}}
}

func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return strings.TrimSpace(token)
}

func (e *Emulator) authTest(arguments) (object, error) {
	return object{
		"url":                   "https://" + e.teamDomain + ".slack.com/",
		"team":                  e.teamDomain,
		"user":                  e.bot.name,
		"team_id":               e.teamID,
		"user_id":               e.bot.id,
		"bot_id":                e.botID,
		"is_enterprise_install": false,
	}, nil
}
