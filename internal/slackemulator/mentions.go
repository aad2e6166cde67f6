package slackemulator

import (
	"regexp"
	"slices"
	"strings"
)

// mentionPattern finds what notifies people in mrkdwn: <@U…>, <!channel>, <!subteam^S…>.
var mentionPattern = regexp.MustCompile(`<(@[UW][A-Z0-9]+|!channel|!here|!everyone|!subteam\^S[A-Z0-9]+)(\|[^>]*)?>`)

// mentions returns whom a message notifies by name, sorted: "@ana", "@channel",
// "@here", "@everyone", or a user group's handle. The fallback text counts too:
// it is what the notification itself shows.
func (e *Emulator) mentions(m *message) []string {
	found := map[string]bool{}
	e.mentionsIn(m.text, found)
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case object:
			switch text(v, "type") {
			case "mrkdwn", "markdown":
				e.mentionsIn(text(v, "text"), found)
			case "plain_text":
				return
			case "user":
				found["@"+e.nameOf(text(v, "user_id"))] = true
			case "broadcast":
				found["@"+text(v, "range")] = true
			case "usergroup":
				e.mentionsIn("<!subteam^"+text(v, "usergroup_id")+">", found)
			}
			for _, child := range v {
				walk(child)
			}
		}
	}
	for _, b := range m.blocks {
		walk(b)
	}
	out := make([]string, 0, len(found))
	for name := range found {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func (e *Emulator) mentionsIn(mrkdwn string, found map[string]bool) {
	for _, hit := range mentionPattern.FindAllStringSubmatch(mrkdwn, -1) {
		switch what := hit[1]; {
		case strings.HasPrefix(what, "@"):
			if a := e.accounts[what[1:]]; a != nil {
				found["@"+a.name] = true
			}
		case strings.HasPrefix(what, "!subteam^"):
			if g := e.groups[strings.TrimPrefix(what, "!subteam^")]; g != nil {
				found["@"+g.handle] = true
			}
		default:
			found["@"+what[1:]] = true
		}
	}
}
