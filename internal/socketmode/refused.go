package socketmode

import (
	"errors"
	"net"
	"net/url"
	"regexp"
	"strings"

	"github.com/slack-go/slack"
)

// RefusedError ends [Client.Run]: Slack will not give this app a link however
// often it is asked, and a person has to change something.
type RefusedError struct {
	// Code is Slack's error code, such as "token_revoked", its disconnect
	// reason "link_disabled", or our own "insecure_url".
	Code string
	// Advice is a sentence that says what to change, and where.
	Advice string

	cause error
}

func (e *RefusedError) Error() string {
	return "Slack refuses a Socket Mode link (" + e.Code + "): " + e.Advice
}

// Unwrap gives the error of the Web API, if that is where the refusal came from.
func (e *RefusedError) Unwrap() error { return e.cause }

const (
	adviseValid = "set SLACK_APP_TOKEN to a valid app-level token (xapp-…) of this app, from Basic Information › App-Level Tokens at https://api.slack.com/apps."
	adviseNew   = "the token in SLACK_APP_TOKEN is no longer valid. Generate a new app-level token under Basic Information › App-Level Tokens at https://api.slack.com/apps and set SLACK_APP_TOKEN to it."
	adviseKind  = "SLACK_APP_TOKEN must be an app-level token, which starts with xapp-; a bot token (xoxb-…) belongs in SLACK_BOT_TOKEN."
	adviseScope = "the token in SLACK_APP_TOKEN lacks the scope connections:write. Generate an app-level token with it under Basic Information › App-Level Tokens at https://api.slack.com/apps and set SLACK_APP_TOKEN to it."
	adviseTeam  = "the app or its workspace is deactivated. Reactivate or reinstall the app at https://api.slack.com/apps, then set SLACK_APP_TOKEN and SLACK_BOT_TOKEN to its current tokens."
	adviseRight = "a workspace administrator has to allow this app. Then check SLACK_APP_TOKEN and start again."
	adviseMode  = "Socket Mode is switched off for this app. Switch it on under Settings › Socket Mode at https://api.slack.com/apps, check that SLACK_APP_TOKEN is still valid, and start again."
	adviseWSS   = "the Web API gave an address for the link that is not wss://, which is accepted only between loopback addresses. Set SLACK_API_URL to Slack's own API or leave it empty."
)

// refusals are the answers of apps.connections.open that do not change by
// themselves: https://docs.slack.dev/reference/methods/apps.connections.open/
var refusals = map[string]string{
	"invalid_auth":             adviseValid,
	"not_authed":               adviseValid,
	"invalid_token":            adviseValid,
	"missing_args":             adviseValid,
	"token_revoked":            adviseNew,
	"token_expired":            adviseNew,
	"not_allowed_token_type":   adviseKind,
	"missing_scope":            adviseScope,
	"no_permission":            adviseScope,
	"account_inactive":         adviseTeam,
	"team_disabled":            adviseTeam,
	"user_removed_from_team":   adviseTeam,
	"app_not_found":            adviseTeam,
	"access_denied":            adviseRight,
	"accesslimited":            adviseRight,
	"forbidden_team":           adviseRight,
	"team_access_not_granted":  adviseRight,
	"org_login_required":       adviseRight,
	"enterprise_is_restricted": adviseRight,
	"ekm_access_denied":        adviseRight,
}

// refusedBy gives the refusal that an error of apps.connections.open amounts
// to, or nil if asking again may help.
func refusedBy(err error) *RefusedError {
	var answer slack.SlackErrorResponse
	if !errors.As(err, &answer) {
		return nil
	}
	advice, ok := refusals[answer.Err]
	if !ok {
		return nil
	}
	return &RefusedError{Code: answer.Err, Advice: advice, cause: answer}
}

// checkAddress refuses an address that would carry people's words unencrypted
// over a network. No error of it holds the address, because of the ticket in it.
func checkAddress(address, apiURL string) error {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return errors.New("the Web API gave no usable address for the link")
	}
	switch strings.ToLower(u.Scheme) {
	case "wss":
		return nil
	case "ws":
		api, err := url.Parse(apiURL)
		if err == nil && isLoopback(api.Hostname()) && isLoopback(u.Hostname()) {
			return nil
		}
	}
	return &RefusedError{Code: "insecure_url", Advice: adviseWSS}
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

var secrets = regexp.MustCompile(`(?i)(wss?://|xox[a-z]-|xapp-)[^\s"']*`)

// scrub gives the text of an error for the log: without addresses of links and
// tokens, whichever library put them in, and not without end.
func scrub(err error) string {
	return clip(secrets.ReplaceAllString(err.Error(), "${1}…"), 500)
}

// clip shortens a text from outside to so many bytes.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
