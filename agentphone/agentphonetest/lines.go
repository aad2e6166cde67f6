package agentphonetest

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Line is one thing that somebody says in a call, or a machine, or a key that is
// pressed.
type Line struct {
	Speaker string // "Agent", "Host", or "IVR" for a machine; in a transcript given to Complete, any name
	Kind    LineKind
	Text    string
	At      time.Duration // when it begins: simulated time since somebody answered
}

// LineKind tells speech from what else is heard on a line.
type LineKind string

const (
	// Speech is said by a person or by the agent.
	Speech LineKind = "speech"
	// Announcement is said by a machine: a menu, a queue, a voicemail greeting.
	Announcement LineKind = "announcement"
	// Tones are keys that are pressed, such as "(presses 1)".
	Tones LineKind = "tones"
)

var tones = regexp.MustCompile(`^\((?:presses|dials) [0-9*#]+\)$`)

func (l line) kind() LineKind {
	switch {
	case tones.MatchString(l.text):
		return Tones
	case l.speaker == ivr:
		return Announcement
	}
	return Speech
}

// duration is how long it takes to say l, and to take a breath.
func (l line) duration() time.Duration {
	return time.Duration(len(strings.Fields(l.text)))*380*time.Millisecond + 900*time.Millisecond
}

const (
	leadIn  = 3 * time.Second // from the answer to the first word, as in a recording
	leadOut = 3 * time.Second // putting the phone down
)

// scriptDuration is how long it takes to say a script, between 30 and 180 s.
func scriptDuration(script []line, seed uint64) time.Duration {
	d := leadIn + leadOut
	for _, l := range script {
		d += l.duration()
	}
	if len(script) == 0 {
		d = minDuration + time.Duration(seed%15)*time.Second
	}
	return min(max(d.Round(time.Second), minDuration), maxDuration)
}

// spoken is a line with the moment at which it begins, since the answer. One whose
// moment has not come is not said yet, and may still be dropped.
type spoken struct {
	line
	at       time.Duration
	scripted bool // by the agent, the next line of its script
}

// spread says a script in a conversation of that length, each line in proportion
// to its words.
func spread(script []line, length time.Duration) []spoken {
	total := leadIn + leadOut
	for _, l := range script {
		total += l.duration()
	}
	out := make([]spoken, len(script))
	begins := leadIn
	for i, l := range script {
		out[i] = spoken{line: l, at: time.Duration(float64(length) * (float64(begins) / float64(total)))}
		begins += l.duration()
	}
	return out
}

// heard is what has been said by then. Nothing is to be written to it.
func (c *call) heard(elapsed time.Duration) []spoken {
	if elapsed < c.answered {
		return nil
	}
	n, _ := slices.BinarySearchFunc(c.said, elapsed-c.answered, func(l spoken, t time.Duration) int {
		if l.at <= t {
			return -1
		}
		return 1
	})
	return slices.Clip(c.said[:n])
}

// lines is what has been said by then, for those who look from outside.
func (c *call) lines(elapsed time.Duration) []Line {
	heard := c.heard(elapsed)
	out := make([]Line, len(heard))
	for i, l := range heard {
		out[i] = Line{Speaker: l.speaker, Kind: l.kind(), Text: l.text, At: l.at}
	}
	return out
}

// script is all that is said in the call, without its moments.
func (c *call) script() []line {
	out := make([]line, len(c.said))
	for i, l := range c.said {
		out[i] = l.line
	}
	return out
}
