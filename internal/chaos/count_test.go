//go:build unix

package chaos

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Figures are what a ledger amounts to. Of the first group each must be zero.
type Figures struct {
	Twice      []string // dialled more often than approved
	Unapproved []string // of which nobody had approved
	Unanswered []string // approved, and its thread neither ends nor asks somebody
	Cardless   []string // acked, and no card
	Doubled    []string // two calls of one command
	Lied       []string // what its thread says is not what happened

	Commands, Acked, Approved, Dials int
	Endings                          map[string]int
	Unsure, Adopted, Unknown         int
	Copies                           int // messages that Slack shows twice, because nobody knew of the first
}

// tally counts.
func tally(l Ledger) Figures {
	f := Figures{Commands: len(l.Commands), Endings: map[string]int{}, Unapproved: slices.Clone(l.Nobody)}
	for _, c := range l.Commands {
		f.Dials += len(c.Dials)
		f.Copies += max(0, len(c.Cards)-1)
		if c.Acked {
			f.Acked++
		}
		if c.Acked && c.Answer == "" && len(c.Cards) == 0 {
			f.Cardless = append(f.Cardless, c.Tag)
		}
		if len(c.Dials) > c.Approvals {
			f.Twice = append(f.Twice, fmt.Sprintf("%s: %d approvals, dialled %q", c.Tag, c.Approvals, c.Dials))
			if c.Approvals == 0 {
				f.Unapproved = append(f.Unapproved, c.Tag)
			}
		}
		if len(c.Calls) > 1 {
			f.Doubled = append(f.Doubled, c.Tag)
		}
		if c.Approvals == 0 {
			continue
		}
		f.Approved++
		ending := c.ending()
		f.Endings[ending]++
		if ending == open {
			f.Unanswered = append(f.Unanswered, c.Tag)
		}
		if lie := c.lie(ending); lie != "" {
			f.Lied = append(f.Lied, c.Tag+": "+lie)
		}
		if c.Unsure {
			f.Unsure++
			if ending == ended && c.Approvals == 1 {
				f.Adopted++
			}
		}
		if c.Asked {
			f.Unknown++
		}
	}
	return f
}

// wrong lists what must not be, or is empty.
func (f Figures) wrong() string {
	var b strings.Builder
	for _, g := range []struct {
		what string
		who  []string
	}{
		{"dialled more often than approved", f.Twice},
		{"dialled without an approval", f.Unapproved},
		{"approved without an answer in the thread", f.Unanswered},
		{"acked commands without a card", f.Cardless},
		{"commands with two calls", f.Doubled},
		{"threads that do not tell the truth", f.Lied},
	} {
		if len(g.who) > 0 {
			fmt.Fprintf(&b, "%d %s: %q\n", len(g.who), g.what, g.who[:min(5, len(g.who))])
		}
	}
	return b.String()
}

// The ways in which a thread ends.
const (
	open      = "" // it does not
	ended     = "ended as a call"
	canceled  = "canceled before it was placed"
	refused   = "refused"
	left      = "left as it is"
	undecided = "unknown, somebody must decide"
	noNews    = "no more news, somebody must decide"
)

// ending is how the thread of an approved call stands.
func (c Command) ending() string {
	if some(c.Cards, func(s Shown) bool { return strings.Contains(s.Text, "before it was approved") }) {
		return canceled
	}
	result := func(says string) bool {
		return some(c.Thread, func(s Shown) bool { return strings.HasPrefix(s.Text, "@"+c.By) && strings.Contains(s.Text, says) })
	}
	settled := some(c.Cards, func(s Shown) bool {
		return !strings.Contains(s.Text, "asked to call") && !strings.Contains(s.Text, "Place this call?") && !strings.Contains(s.Text, "stands here twice")
	})
	for _, s := range slices.Backward(c.Thread) {
		switch steps := s.Text; {
		case !strings.Contains(steps, "→"): // not the message that follows the call
		case slices.Contains(s.Buttons, "Place again"):
			if result("Please decide") {
				return undecided
			}
		case slices.Contains(s.Buttons, "Check again"):
			return noNews
		case strings.ContainsAny(steps, "●○"): // it goes on, or is a copy that nobody knew of
		case !settled:
		case strings.Contains(steps, "before it was placed"):
			return canceled
		case strings.Contains(steps, "✗ Not placed"):
			if result("Not placed") {
				return refused
			}
		case strings.Contains(steps, "? Unknown"):
			if result(unsureMark) {
				return left
			}
		default:
			if result("call to") {
				return ended
			}
		}
	}
	return open
}

func some(list []Shown, so func(Shown) bool) bool { return slices.ContainsFunc(list, so) }

// lie is what is said and is not so. Where somebody had it placed again, what was said
// before may still stand above.
func (c Command) lie(ending string) string {
	over := slices.ContainsFunc(c.Dials, func(status string) bool {
		return slices.Contains([]string{"completed", "failed", "canceled"}, status)
	})
	nobody := some(slices.Concat(c.Cards, c.Thread), func(s Shown) bool {
		// A copy that nobody knew of, since Slack's answer was lost, goes on saying what was so
		// when it was posted.
		copied := ending != open && strings.ContainsAny(s.Text, "●○")
		return !copied && strings.Contains(strings.ToLower(s.Text), "nobody was called")
	})
	switch {
	case ending == ended && !over:
		return fmt.Sprintf("it is said to have ended, and AgentPhone has %q", c.Dials)
	case nobody && len(c.Dials) > 0 && c.Approvals == 1:
		return fmt.Sprintf("nobody is said to have been called, and AgentPhone has %q", c.Dials)
	}
	return ""
}

// table is for people to read.
func (f Figures) table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "commands typed           %5d (%d acked)\n", f.Commands, f.Acked)
	fmt.Fprintf(&b, "calls approved           %5d\n", f.Approved)
	fmt.Fprintf(&b, "calls dialled            %5d\n", f.Dials)
	for _, ending := range slices.Sorted(maps.Keys(f.Endings)) {
		name := ending
		if ending == open {
			name = "OPEN"
		}
		fmt.Fprintf(&b, "  %-35s %5d\n", name, f.Endings[ending])
	}
	fmt.Fprintf(&b, "fate shown as not clear  %5d (%d of them found again and followed)\n", f.Unsure, f.Adopted)
	fmt.Fprintf(&b, "somebody asked to decide %5d\n", f.Unknown)
	fmt.Fprintf(&b, "cards shown twice        %5d\n", f.Copies)
	fmt.Fprintf(&b, "dialled twice %d, unapproved %d, unanswered %d, without a card %d, two calls of one command %d, untrue %d\n",
		len(f.Twice), len(f.Unapproved), len(f.Unanswered), len(f.Cardless), len(f.Doubled), len(f.Lied))
	return b.String()
}
