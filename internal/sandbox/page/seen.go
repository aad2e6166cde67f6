package page

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// varying is what is not the same when a story is told again: times of day and lengths of
// time, how far a call has come by the looks that were taken at it, links, and what a file
// is called.
var varying = regexp.MustCompile(`\d{1,2}:\d{2}|\d{4}-\d\d-\d\d|[A-Z][a-z]{2} \d{1,2}\b|\d+ (s|min|h)\b|→|\bsaw\b|\bsee whether\b|/archives/|^file: `)

// steady are the lines of a message, and what stands between dots in one, that read the
// same whenever the story is told.
func steady(m slackemulator.Message) []string {
	var out []string
	for line := range strings.SplitSeq(m.Plain(), "\n") {
		if strings.HasPrefix(line, "[ ") {
			continue // buttons
		}
		for part := range strings.SplitSeq(line, " · ") {
			if part = strings.TrimSpace(part); part != "" && !varying.MatchString(part) {
				out = append(out, part)
			}
		}
	}
	return out
}

// tells is what tells a message from others, and from what it read as before, as far as
// anything does. A scenario that waits for it does not find the message too early.
func tells(m slackemulator.Message, others []slackemulator.Message) string {
	var rest, before []string
	for _, o := range others {
		if o.ChannelID != m.ChannelID || o.TS != m.TS {
			rest = append(rest, o.Plain())
		}
	}
	for _, r := range m.Revisions() {
		if r.Version != m.Version {
			before = append(before, r.Plain())
		}
	}
	candidates := steady(m)
	in := func(texts []string) func(string) bool {
		return func(part string) bool {
			return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, part) })
		}
	}
	for _, unlike := range [][]string{slices.Concat(rest, before), rest} {
		is := in(unlike)
		if at := slices.IndexFunc(candidates, func(part string) bool { return !is(part) }); at >= 0 {
			return candidates[at]
		}
	}
	if len(candidates) > 0 {
		return candidates[0]
	}
	line, _, _ := strings.Cut(m.Plain(), "\n")
	return line
}

// shown are the messages of the app as they are now.
func (j *journal) shown() []slackemulator.Message {
	var out []slackemulator.Message
	known := map[string]bool{}
	for _, e := range slices.Backward(j.world.Slack.Events(0)) {
		if e.Message == nil || !e.Message.ByApp || known[e.Message.ChannelID+e.Message.TS] {
			continue
		}
		known[e.Message.ChannelID+e.Message.TS] = true
		if now := e.Message.Current(); !now.Deleted {
			out = append(out, now)
		}
	}
	return out
}

// lastSeen is the command that waits for what everybody has seen by now; "": nothing. While
// a call goes its own way that is only that it was asked for, for the story may be told
// faster than the bot looks.
func (j *journal) lastSeen() string {
	calls := j.world.Phone.Calls()
	for _, c := range calls {
		if !c.Manual && !ended(c.Status) {
			return commandLine("phone asked", strconv.Itoa(len(calls)))
		}
	}
	for _, m := range j.shown() {
		if m.EphemeralFor != "" {
			continue
		}
		if parts := steady(m); len(parts) > 0 {
			return commandLine("slack saw", parts[0])
		}
	}
	return ""
}
