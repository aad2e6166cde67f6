package agentphonetest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// moment is how long the agent takes to answer, at least.
const moment = 1500 * time.Millisecond

// SetManual sets whether calls that are placed from now on wait for a person. Such
// a call rings, and then talks, until a method moves it on: [Simulator.Answer],
// [Simulator.Say], [Simulator.Menu], [Simulator.Complete], [Simulator.HangUp],
// [Simulator.Busy] or [Simulator.Cancel]. A call that is under way stays as it was
// placed.
func (s *Simulator) SetManual(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.manual = on
}

// Manual tells what [Simulator.SetManual] set.
func (s *Simulator) Manual() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.manual
}

// Say lets the business say something now, in a call that waits for a person and
// was answered. After a moment the agent answers: it reacts to what it was told, or
// goes on with what it was asked to do. What was to be said next, and had not begun,
// is not said. It is an error in a call that goes its own way, and before anybody has
// answered.
func (s *Simulator) Say(id, text string) error {
	text = strings.Join(strings.Fields(strings.Map(printable, strings.ToValidUTF8(text, ""))), " ")
	return s.control(id, func(c *call, now time.Duration) error {
		switch {
		case !c.manual:
			return errGoesItsOwnWay
		case now < c.answered:
			return errors.New("nobody has answered it yet")
		case text == "":
			return errors.New("there is nothing to say")
		}
		c.said = append(c.heard(now), spoken{line: line{host, text}, at: now - c.answered})
		c.said = append(c.said, c.reply())
		return nil
	})
}

// Menu lets a recorded menu talk, in a call that waits for a person; it answers the
// phone if nobody has. After a moment the agent presses a key. Then the menu goes on,
// or somebody picks up, whom the agent tells what it wants. What was to be said next,
// and had not begun, is not said. It is an error in a call that goes its own way.
func (s *Simulator) Menu(id string) error {
	return s.control(id, func(c *call, now time.Duration) error {
		if !c.manual {
			return errGoesItsOwnWay
		}
		if now < c.answered {
			c.pickUp(now)
		}
		scene := newScene(c.objective, c.business, outcomeAchieved, c.seed())
		scene.menu(c.menus)
		scene.greet()
		c.menus++
		c.said = c.heard(now)
		at := now - c.answered
		for _, l := range scene.lines {
			c.said = append(c.said, spoken{line: l, at: at})
			at += max(l.duration(), moment)
		}
		c.said = append(c.said, c.reply())
		return nil
	})
}

var errGoesItsOwnWay = errors.New("it goes its own way; only a call that was placed while calls wait for a person can be talked to")

// menu writes what a recorded menu says, and the keys that the agent presses. Every
// other time it has a second level.
func (s *scene) menu(nth int) {
	if s.extension != "" {
		s.extensions()
		return
	}
	key := 0
	switch s.kind {
	case booking, cancellation, move, confirmation:
		key = 1
	case order:
		key = 2
	case errand, question, complaint, message:
	}
	s.lines = append(s.lines, line{ivr, fmt.Sprintf("Thank you for calling%s. For appointments and reservations, press 1. For orders, press 2. To speak with someone, press 0.", prefixed(" ", s.business))})
	s.agent("(presses %d)", key)
	if (s.seed+uint64(nth))%2 == 0 { //nolint:gosec // a count is not negative
		s.lines = append(s.lines, line{ivr, "To hear our opening hours, press 1. For everything else, press 3, and somebody will be with you shortly."})
		s.agent("(presses 3)")
	}
}

// reaction is what the agent says to something short that is not about its task.
type reaction struct {
	to   *regexp.Regexp
	says func(t task, last string) string // "" if it has nothing to say to it
}

// longestAside is the number of words up to which something is an aside: "one moment"
// at the start of an answer is none.
const longestAside = 9

var reactions = []reaction{
	{regexp.MustCompile(`(?i)\b(?:say (?:that|it) again|repeat|pardon|come again|(?:didn't|did not) (?:catch|hear|get)|can(?:'t|not) hear)\b`), func(_ task, last string) string { return last }},
	{regexp.MustCompile(`(?i)\b(?:who(?:'s| is| are| am) (?:this|that|you|i|calling|speaking|there)|robot|bot|machine|real person|human|recording|computer)\b`), func(t task, last string) string {
		if last == "" {
			return "" // it will introduce itself
		}
		return fmt.Sprintf("I'm an AI assistant calling on behalf of %s. It is about this: %s", orElse(t.name, "a customer"), sentence(t.text))
	}},
	{regexp.MustCompile(`(?i)\b(?:hold on|hold the line|please hold|(?:one|a) (?:moment|second|minute)|bear with me|let me (?:check|see|look|ask))\b`), func(task, string) string { return "Sure, I'll hold." }},
	{regexp.MustCompile(`(?i)\b(?:good)?bye\b|\bhave a (?:good|nice) (?:day|evening|one)\b`), func(task, string) string { return "Goodbye." }},
}

// reply is what the agent says to the last line of a call: a reaction, or else the
// next line of its script.
func (c *call) reply() spoken {
	heard := c.said[len(c.said)-1]
	out := spoken{line: line{speaker: agent}, at: heard.at + max(moment, min(heard.duration(), 2*moment))}
	last, next := "", 0
	for _, l := range c.said {
		if l.speaker == agent && l.kind() == Speech {
			last = l.text
		}
		switch {
		case l.scripted:
			next++
		case l.kind() == Announcement:
			next = 0 // somebody else comes to the phone
		}
	}
	scene := newScene(c.objective, c.business, outcomeAchieved, c.seed())
	if len(strings.Fields(heard.text)) <= longestAside {
		for _, r := range reactions {
			if r.to.MatchString(heard.text) {
				if out.text = r.says(scene.task, last); out.text != "" {
					return out
				}
			}
		}
	}
	script, asked := scene.sayings(), strings.HasSuffix(heard.text, "?")
	switch {
	case next < len(script) && script[next] != "":
		out.text, out.scripted = script[next], true
	case asked:
		out.text = "I wasn't told that, I'm afraid."
	case next < len(script):
		out.text, out.scripted = fmt.Sprintf("Let me repeat that: %s Is that right?", sentence(shorten(heard.text, 200))), true
	default:
		out.text = "Thank you, I'll pass that on."
	}
	return out
}

// sayings are the lines of the agent's script for a person who answers: "" is where
// it repeats what it was told.
func (s *scene) sayings() []string {
	s.live = true
	s.talk()
	s.part()
	var out []string
	for _, l := range s.lines {
		if l.speaker == agent {
			out = append(out, l.text)
		}
	}
	return out
}
