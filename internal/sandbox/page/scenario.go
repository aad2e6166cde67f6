package page

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// journal is what was done, as the commands of a scenario, which are documented at
// TestScript in cmd/callbot.
type journal struct {
	// seen is what a message reads as that everybody has seen by now; "": nothing.
	seen func() string

	mu      sync.Mutex
	lines   []string
	place   string // the channel that the commands are about
	joined  []string
	bots    int
	running bool
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
	b.WriteString("# What was done in the sandbox.\n")
	b.WriteString("bot start bot\nslack connected\n\n")
	for _, l := range j.lines {
		b.WriteString(l + "\n")
	}
	if text := j.seen(); text != "" && len(j.lines) > 0 {
		b.WriteString("slack wait " + quoted(text) + "\n")
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

// add writes a command: its name and its arguments, which are quoted as they need.
func (j *journal) add(command string, args ...string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.write(command, args...)
}

// pace has what follows wait for what was seen before it was done.
func (j *journal) pace() {
	if text := j.seen(); text != "" {
		command := "slack wait " + quoted(text)
		if n := len(j.lines); n == 0 || j.lines[n-1] != command {
			j.write(command)
		}
	}
}

func (j *journal) write(command string, args ...string) {
	if len(j.lines) >= maxJournal {
		return
	}
	for _, a := range args {
		command += " " + quoted(a)
	}
	j.lines = append(j.lines, command)
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
	j.as(u)
	name := c.Name()
	if c.Kind() == "im" {
		return // its commands name the person
	}
	if j.place == "" {
		j.place = scenarioChannel
	}
	if name != j.place {
		j.place = name
		j.write("slack in", name)
	}
}

// as has a person be there.
func (j *journal) as(u *slackemulator.User) {
	if name := u.Name(); !slices.Contains(scenarioPeople, name) && !slices.Contains(j.joined, name) {
		j.joined = append(j.joined, name)
		j.write("slack join", name)
	}
}

func (j *journal) said(c *slackemulator.Channel, u *slackemulator.User, line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.at(c, u)
	if c.Kind() == "im" {
		j.write("slack in", "@callbot")
		j.place = "@callbot"
	}
	j.write("slack say", u.Name(), line)
}

func (j *journal) posted(c *slackemulator.Channel, u *slackemulator.User, text string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.at(c, u)
	verb := "slack post"
	if c.Kind() == "im" {
		verb = "slack tell"
	}
	j.write(verb, u.Name(), text)
}

func (j *journal) replied(c *slackemulator.Channel, u *slackemulator.User, root slackemulator.Message, text string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.at(c, u)
	if rest, mentions := strings.CutPrefix(text, "@callbot "); mentions {
		j.write("slack mention", u.Name(), rest, firstLine(root))
		return
	}
	j.write("# " + u.Name() + " replies in a thread: " + strings.Join(strings.Fields(text), " "))
}

// firstLine is what a message is found by.
func firstLine(m slackemulator.Message) string {
	line, _, _ := strings.Cut(m.Plain(), "\n")
	return line
}

// used writes that a control was used that tells the app at once.
func (j *journal) used(c control, typed string, value chosen) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.as(c.u)
	who := c.u.Name()
	switch {
	case c.view != nil && c.view.Type == "home":
		j.write("slack home-click", who, c.Label)
	case c.view != nil:
		j.fillIn(c, typed, value)
	case c.message.EphemeralFor != "":
		j.write("slack told-click", who, c.Label, firstLine(*c.message))
	case strings.HasPrefix(c.message.Channel, "@"):
		j.write("slack dm-click", who, c.Label)
	default:
		j.write("slack click", who, c.Label)
	}
}

func (j *journal) filled(c control, typed string, value chosen) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.as(c.u)
	j.fillIn(c, typed, value)
}

func (j *journal) fillIn(c control, typed string, value chosen) {
	who, text := c.u.Name(), value.text()
	switch {
	case c.Type == "external_select" && text != "":
		j.write("slack choose", who, c.Label, typed, text)
	case c.Type == "datetimepicker" && text != "":
		at, err := strconv.ParseInt(text, 10, 64)
		if err == nil {
			j.write("slack pick", who, time.Until(time.Unix(at, 0)).Round(time.Minute).String())
		}
	default:
		// A field is filled in again with each letter; what counts is what stood there last.
		command := fmt.Sprintf("slack fill %s %s ", quoted(who), quoted(c.Label))
		if n := len(j.lines); n > 0 && strings.HasPrefix(j.lines[n-1], command) {
			j.lines = j.lines[:n-1]
		}
		j.write("slack fill", who, c.Label, text)
	}
}

func (j *journal) submitted(u *slackemulator.User, accepted bool) {
	if accepted {
		j.add("slack submit", u.Name())
		return
	}
	j.add("! slack submit", u.Name())
}

func (j *journal) shortcut(u *slackemulator.User, callbackID string, m *slackemulator.Message) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.as(u)
	if m == nil {
		j.write("slack shortcut", u.Name(), callbackID)
		return
	}
	j.write("slack shortcut", u.Name(), callbackID, firstLine(*m))
}

func (j *journal) home(u *slackemulator.User) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.as(u)
	j.write("slack home-open", u.Name())
}

func (j *journal) deleted(m slackemulator.Message) { j.add("slack delete", firstLine(m)) }

func (j *journal) step(number, objective string) {
	j.add("slack step", "number="+number, "objective="+objective)
}

// killed and started write that the bot's process was.
func (j *journal) killed() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.pace()
	j.write("bot kill", j.bot())
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

// clockTime is what is not the same when a story is told again.
var clockTime = regexp.MustCompile(`\d{1,2}:\d{2}|\d+ s\b`)

// lastSeen is the first line of the newest message of the app that reads the same whenever
// the story is told.
func lastSeen(slack *slackemulator.Emulator) string {
	for _, e := range slices.Backward(slack.Events(0)) {
		if e.Message == nil || !e.Message.ByApp || e.Message.EphemeralFor != "" || e.Message.Deleted {
			continue
		}
		if line := firstLine(*e.Message); line != "" && !clockTime.MatchString(line) && !strings.HasPrefix(line, "file:") {
			return line
		}
	}
	return ""
}
