package page

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
	"github.com/agentphone-slack/callbot/internal/sandbox"
	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// journal is what was done, as the commands of a scenario, which are documented at
// TestScript in cmd/callbot.
type journal struct {
	world    *sandbox.World
	settings []string

	mu       sync.Mutex
	lines    []*command
	place    string   // the channel that the commands are about
	channels []string // those that are there beside it
	joined   []string // who is there that a scenario does not begin with
	present  []string // who has joined a channel, as "channel person"
	party    string   // the number whose call the commands are about; "": there was one alone
	bots     int
	running  bool
}

// command is one of them.
type command struct {
	text string
	// failed is that what it does ended with an error.
	failed bool
}

func (c *command) String() string {
	if c.failed {
		return "! " + c.text
	}
	return c.text
}

// maxJournal bounds the commands that are kept: the first, which the others build on.
const maxJournal = 2000

// Who is in a scenario, and where it begins.
var (
	scenarioPeople  = []string{"ana", "ben"}
	scenarioChannel = "#general"
)

func (s *Server) scenario(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, s.journal.script()) // a page that has gone needs no answer
}

// script is the scenario of what was done so far.
func (j *journal) script() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var b strings.Builder
	line := func(name string, args ...string) { b.WriteString(commandLine(name, args...) + "\n") }
	b.WriteString("# What was done in the sandbox.\n")
	for _, name := range j.joined {
		line("slack join", name)
		if j.world.Slack.User(name).Profile().Guest {
			line("slack guest", name)
		}
		if name == j.world.Admin.Name() {
			line("env CALLBOT_ADMINS=$" + strings.ToUpper(name))
		}
	}
	for _, setting := range j.settings {
		line("env", setting)
	}
	b.WriteString("bot start bot\nslack connected\n\n")
	for _, l := range j.lines {
		line(l.String())
	}
	if len(j.lines) > 0 {
		if last := j.lastSeen(); last != "" && last != j.lines[len(j.lines)-1].text {
			line(last)
		}
	}
	if j.bots == 0 || j.running {
		b.WriteString("\nbot stop " + j.bot() + "\n")
	}
	return b.String()
}

// bot is the name of the latest bot: each start has one of its own.
func (j *journal) bot() string {
	if j.bots == 0 {
		return "bot"
	}
	return "bot" + strconv.Itoa(j.bots+1)
}

// pace has what follows wait for what was seen before it was done.
func (j *journal) pace() {
	if last := j.lastSeen(); last != "" && (len(j.lines) == 0 || j.lines[len(j.lines)-1].text != last) {
		j.write(last)
	}
}

func (j *journal) write(name string, args ...string) *command {
	c := &command{text: commandLine(name, args...)}
	if len(j.lines) < maxJournal {
		j.lines = append(j.lines, c)
	}
	return c
}

// ended writes how what a command does ended.
func (j *journal) ended(c *command, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	c.failed = err != nil
}

func commandLine(name string, args ...string) string {
	for _, a := range args {
		name += " " + quoted(a)
	}
	return name
}

// quoted is an argument as testscript reads it. A line break ends a command there, so a
// text is on one line.
func quoted(arg string) string {
	arg = strings.Join(strings.FieldsFunc(arg, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
	if arg != "" && !strings.ContainsAny(arg, " \t'#$\"") {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", "''") + "'"
}

// at has the commands that follow be about a conversation, in which a person is.
func (j *journal) at(c *slackemulator.Channel, u *slackemulator.User) {
	name := c.Name()
	if c.Kind() == "im" {
		name = "@" + j.world.Slack.BotName()
	}
	j.in(name, c.Kind())
	j.as(u)
	here := name + " " + u.Name()
	if name == scenarioChannel || c.Kind() == "im" || slices.Contains(scenarioPeople, u.Name()) || slices.Contains(j.present, here) {
		return
	}
	j.present = append(j.present, here)
	j.write("slack join", u.Name())
}

// in has the commands that follow be about a conversation.
func (j *journal) in(name, kind string) {
	if j.place == "" {
		j.place = scenarioChannel
	}
	if name == j.place {
		return
	}
	j.place = name
	j.there(name, kind)
	j.write("slack in", name)
}

// there has a channel be there.
func (j *journal) there(name, kind string) {
	how := map[string]string{"channel": "public", "group": "with"}[kind]
	if how == "" || name == scenarioChannel || slices.Contains(j.channels, name) {
		return
	}
	j.channels = append(j.channels, name)
	j.write("slack channel", name, how)
}

// names are people and channels that were chosen by their IDs, which differ from world to world.
func (j *journal) names(ids chosen) chosen {
	var out chosen
	for _, id := range ids {
		if u, err := j.world.Slack.LookupUser(id); err == nil {
			j.as(u)
			id = u.Name()
		} else if c, err := j.world.Slack.LookupChannel(id); err == nil && c.Kind() != "im" {
			j.there(c.Name(), c.Kind())
			id = c.Name()
		}
		out = append(out, id)
	}
	return out
}

// as has a person be there.
func (j *journal) as(u *slackemulator.User) {
	if name := u.Name(); !slices.Contains(scenarioPeople, name) && !slices.Contains(j.joined, name) {
		j.joined = append(j.joined, name)
	}
}

func (j *journal) said(c *slackemulator.Channel, u *slackemulator.User, line string) *command {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.at(c, u)
	return j.write("slack say", u.Name(), line)
}

func (j *journal) posted(c *slackemulator.Channel, u *slackemulator.User, text string) *command {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.at(c, u)
	return j.write("slack post", u.Name(), text)
}

func (j *journal) replied(c *slackemulator.Channel, u *slackemulator.User, root slackemulator.Message, text string) *command {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.at(c, u)
	return j.write("slack reply", u.Name(), text, tells(root, c.SeenBy(u)))
}

// used writes that a control was used that tells the app at once.
func (j *journal) used(c control, typed string, value chosen) *command {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.as(c.u)
	who := c.u.Name()
	switch {
	case c.view != nil && c.view.Type == "home":
		return j.write("slack home-click", who, c.Label)
	case c.view != nil:
		return j.fillIn(c, typed, value)
	}
	if at, err := c.u.Conversation(c.message.ChannelID); err == nil {
		j.at(at, c.u)
	}
	// A story that is told faster comes to a button while another message still has it.
	var others []slackemulator.Message
	for _, m := range j.shown() {
		for _, r := range m.Revisions() {
			if slices.Contains(r.Buttons(), c.Label) {
				others = append(others, r)
			}
		}
	}
	text := tells(*c.message, others)
	switch {
	case c.message.EphemeralFor != "":
		return j.write("slack told-click", who, c.Label, text)
	case strings.HasPrefix(c.message.Channel, "@"):
		return j.write("slack dm-click", who, c.Label, text)
	default:
		return j.write("slack click", who, c.Label, "in", text)
	}
}

func (j *journal) filled(c control, typed string, value chosen) *command {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.as(c.u)
	return j.fillIn(c, typed, value)
}

func (j *journal) fillIn(c control, typed string, value chosen) *command {
	if of := strings.TrimPrefix(c.Type, "multi_"); of == "users_select" || of == "conversations_select" || of == "channels_select" {
		value = j.names(value)
	}
	who, text := c.u.Name(), value.text()
	switch {
	case c.Type == "external_select" && text != "":
		return j.write("slack choose", who, c.Label, typed, text)
	case c.Type == "datetimepicker" && text != "":
		if at, err := strconv.ParseInt(text, 10, 64); err == nil {
			return j.write("slack pick", who, time.Until(time.Unix(at, 0)).Round(time.Minute).String())
		}
	}
	// A field is filled in again with each letter; what counts is what stood there last.
	field := fmt.Sprintf("slack fill %s %s ", quoted(who), quoted(c.Label))
	if n := len(j.lines); n > 0 && strings.HasPrefix(j.lines[n-1].text, field) {
		j.lines = j.lines[:n-1]
	}
	return j.write("slack fill", who, c.Label, text)
}

func (j *journal) submitted(u *slackemulator.User) *command { return j.add("slack submit", u.Name()) }

func (j *journal) closed(u *slackemulator.User) *command { return j.add("slack close", u.Name()) }

func (j *journal) add(name string, args ...string) *command {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.write(name, args...)
}

func (j *journal) shortcut(u *slackemulator.User, callbackID string, m *slackemulator.Message) *command {
	j.mu.Lock()
	defer j.mu.Unlock()
	if m == nil {
		j.as(u)
		return j.write("slack shortcut", u.Name(), callbackID)
	}
	return j.write("slack shortcut", u.Name(), callbackID, j.found(u, *m))
}

// found has the commands that follow be about the conversation of a message, and returns
// what it is found by there.
func (j *journal) found(u *slackemulator.User, m slackemulator.Message) string {
	c, err := u.Conversation(m.ChannelID)
	if err != nil { // they saw it there a moment ago
		return tells(m, nil)
	}
	j.at(c, u)
	return tells(m, c.SeenBy(u))
}

func (j *journal) home(u *slackemulator.User) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.as(u)
	j.write("slack home-open", u.Name())
}

func (j *journal) deleted(u *slackemulator.User, m slackemulator.Message) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.write("slack delete", j.found(u, m))
}

func (j *journal) step(number, objective, channel string) *command {
	j.mu.Lock()
	defer j.mu.Unlock()
	if c, err := j.world.Slack.LookupChannel(channel); err == nil {
		j.in(c.Name(), c.Kind())
	}
	return j.write("slack step", "number="+number, "objective="+objective)
}

// phone writes what was done at the other end of the line, with the call of that ID; "": with none.
func (j *journal) phone(id, name string, args ...string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	calls := j.world.Phone.Calls()
	for _, c := range calls {
		// Of several that wait together, another one may be the last the next time.
		several := slices.ContainsFunc(calls, func(o agentphonetest.Call) bool { return o.ToPhoneNumber != c.ToPhoneNumber })
		if c.ID == id && c.ToPhoneNumber != j.party && (j.party != "" || several) {
			j.party = c.ToPhoneNumber
			j.write("phone with", j.party)
		}
	}
	j.write(name, args...)
}

// switched writes that something began or ended to go wrong.
func (j *journal) switched(name string, args ...string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.pace()
	j.write(name, args...)
}

// gone and started write that the bot's process is: it was told to "kill" or to "stop".
func (j *journal) gone(how string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.pace()
	j.write("bot "+how, j.bot())
	j.bots++
	j.running = false
}

func (j *journal) started() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.write("bot start", j.bot())
	j.write("slack connected")
	j.running = true
}
