//go:build unix

package chaos

import (
	"fmt"
	"regexp"
	"slices"
	"sync"
)

// plan is what one person means to do with one call.
type plan struct {
	index int
	does  deed
	// both: two people press at once, of whom one has nothing to say here.
	both bool
	// redelivered: Slack sends the command, and the click, once more.
	redelivered bool
	// again: where the fate stays unknown, or the call was refused, it is placed again;
	// leaves: it is left with a button. Neither: nobody says anything.
	again, leaves bool
	number        string // "": any
}

// settles makes a person decide in the end: others wait for the number.
func (p plan) settles() plan {
	p.leaves = true
	return p
}

type deed string

const (
	approves   deed = "approves"
	declines   deed = "declines"
	ignores    deed = "ignores"    // the card is never clicked
	wavers     deed = "wavers"     // presses Place call and Cancel at once
	repents    deed = "repents"    // approves, and cancels if that is still possible
	interferes deed = "interferes" // only somebody else presses Place call
)

// planOf draws what the i-th person does.
func planOf(seed uint64, i int) plan {
	roll := func(what string, in int) bool { return int(hash(fmt.Sprint(seed, what, i))%1000) < in }
	p := plan{index: i, does: approves, both: roll("both", 100), redelivered: roll("redelivered", 120)}
	for _, other := range []struct {
		does deed
		in   int
	}{{declines, 60}, {ignores, 40}, {wavers, 30}, {repents, 30}, {interferes, 30}} {
		if roll(string(other.does), other.in) {
			p.does = other.does
			break
		}
	}
	p.again = roll("again", 300)
	p.leaves = !p.again && roll("leaves", 400)
	return p
}

// areaCodes are some of the United States.
var areaCodes = []int{
	201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228,
	229, 231, 234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 281, 301, 302, 303,
	304, 305, 307, 308, 309, 310, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323, 325, 330, 334,
}

// stories are the endings of a number that mean something to the simulator, and how
// often in 1,000 calls they are dialled: what people must decide about, and what takes
// long, seldom.
var stories = map[int]int{
	1: 10, 2: 10, 3: 10, 4: 10, 5: 2, 6: 5, 7: 5, 8: 5, 9: 3, 10: 3, 11: 5, 12: 5, 13: 5, 14: 10, 15: 5, 16: 2,
	70: 4, 71: 1, 72: 2, 73: 4, 74: 2, 75: 5, 76: 5, 77: 2, 78: 2, 79: 8, 80: 5, 81: 5, 82: 5, 83: 4,
}

// lasting are the stories that people hear the end of only when the watch gives up, and
// are told by the first callers alone.
var lasting = map[int]bool{5: true, 16: true}

const early = 400

// shared are numbers that many people have called, at the same time too.
var shared = []string{"+14155550120", "+14155550121", "+14155550122"}

// numbers gives each command a number of its own, as long as there are any, but for
// those that many people have called.
type numbers struct {
	mu   sync.Mutex
	next map[int]int // by ending; 0 for ordinary ones
}

func (n *numbers) draw(seed uint64, i int) string {
	rolled := int(hash(fmt.Sprint(seed, "story", i)) % 1000)
	if rolled < 25 {
		return shared[rolled%len(shared)]
	}
	rolled -= 25
	for _, ending := range endings {
		if rolled < stories[ending] && (i < early || !lasting[ending]) {
			next := n.count(ending)
			return fmt.Sprintf("+1%d55501%02d", areaCodes[next%len(areaCodes)], ending)
		}
		rolled -= stories[ending]
	}
	return ordinary(n.count(0))
}

// ordinary is the n-th number that tells no story.
func ordinary(n int) string {
	ending := 17 + n/len(areaCodes)%69
	if ending >= 70 {
		ending += 14 // 70 to 83 tell stories
	}
	return fmt.Sprintf("+1%d55501%02d", areaCodes[n%len(areaCodes)], ending)
}

func (n *numbers) count(of int) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.next == nil {
		n.next = map[int]int{}
	}
	n.next[of]++
	return n.next[of]
}

var endings = func() []int {
	var list []int
	for e := range stories {
		list = append(list, e)
	}
	slices.Sort(list)
	return list
}()

var tags = regexp.MustCompile(`\bK\d+T\d+\b`)

// tagOf finds in a text which command it belongs to.
func tagOf(text string) string { return tags.FindString(text) }

// line is what is typed. The objective stands in all that is decided on, the business in
// the one line that a card is in the end.
func line(number, tag string) string {
	return fmt.Sprintf(`/call %s Ask about order %s and when it is ready at "Shop %s"`, number, tag, tag)
}
