package phone

import "strings"

// A group is a run of digits of a number.
type group struct {
	from, to int
	digits   string
	joint    joint // what stands before it
	word     word  // what its word is made of
}

// A joint is what stands between two groups.
type joint int

const (
	// jointTight: a hyphen, dot, slash or parenthesis without a space. The groups
	// belong together.
	jointTight joint = iota
	// jointLoose: a space, perhaps with a parenthesis. The number may end here.
	jointLoose
	// jointWide: a dash or full stop with a space, or several spaces. It ends here
	// unless it would be no number.
	jointWide
)

// A word is what the text between two spaces that holds a group is made of.
type word int

const (
	wordDigits  word = iota // digits and punctuation of numbers
	wordLetters             // letters follow the digits directly: 7pm, 0132Ask
	wordOther               // no part of a number: 7:30, 10%, 1,000
)

// A typing is how a number may have been typed: an optional plus and its groups.
type typing struct {
	from   int
	plus   bool
	groups []group
}

// mostGroups is as many as a number typed digit by digit has.
const mostGroups = 20

// scan collects the groups of digits at the start, as far as they could belong to
// one number.
func (r *reader) scan(at int) typing {
	t := typing{from: at}
	i := at
	for r.at(i) == '(' || r.at(i) == '+' || r.at(i) == ' ' {
		t.plus = t.plus || r.at(i) == '+'
		i++
	}
	before := jointTight
	total := 0
	for len(t.groups) < mostGroups && isDigit(r.at(i)) {
		g := group{from: i, joint: before}
		for isDigit(r.at(i)) {
			i++
		}
		g.to = i
		g.digits = r.digits(g.from, g.to)
		g.word = r.wordOf(g)
		if before != jointTight && g.word == wordOther {
			break
		}
		t.groups = append(t.groups, g)
		if total += len(g.digits); total > 40 {
			break
		}
		var ok bool
		if before, i, ok = r.joint(i); !ok {
			break
		}
	}
	return t
}

// joint reads what stands between the group that ends at i and the next, and says
// where that one begins.
func (r *reader) joint(i int) (joint, int, bool) {
	from := i
	spaces, marks := 0, 0
	for ; i-from < 5; i++ {
		switch c := r.at(i); {
		case isDigit(c):
			switch {
			case spaces == 0:
				return jointTight, i, true
			case marks > 0 || spaces > 1:
				return jointWide, i, true
			}
			return jointLoose, i, true
		case c == ' ':
			spaces++
		case c == '-' || c == '.' || c == '/':
			marks++
		case c == '(':
			if !r.enclosesDigits(i) {
				return 0, i, false
			}
		case c == ')':
		default:
			return 0, i, false
		}
	}
	return 0, i, false
}

// enclosesDigits reports whether the parenthesis at i holds a few digits and nothing
// else: (415), (0), but not (2 people).
func (r *reader) enclosesDigits(i int) bool {
	for j := i + 1; j <= i+7; j++ {
		switch c := r.at(j); {
		case c == ')':
			return j > i+1
		case !isDigit(c) && c != ' ':
			return false
		}
	}
	return false
}

// wordOf looks at what follows the group in its word.
func (r *reader) wordOf(g group) word {
	run := g.to - g.from // digits directly before i
	for i := g.to; ; i++ {
		c := r.at(i)
		next := r.at(i + 1)
		switch {
		case i >= len(r.syms), c == ' ', c == '\n':
			return wordDigits
		case isDigit(c):
			run++
		case c == '-', c == '.', c == '/', c == '(', c == ')':
			run = 0
		case c == ',' || c == ';':
			if isDigit(next) && run < 4 {
				return wordOther
			}
			return wordDigits
		case c == ':':
			if isDigit(next) {
				return wordOther
			}
			return wordDigits
		case c == '!', c == '?', c == '"', c == '\'', c == '`', c == '*', c == '_', c == '~', c == '>', c == ']', c == '}', c == '|':
			return wordDigits
		case isLetter(c), c == '#', c == 0:
			if digits, _ := r.extension(i); digits != "" {
				return wordDigits
			}
			for _, p := range pairs {
				if p.close == r.raw(i) {
					return wordDigits
				}
			}
			if i > g.to && !isDigit(r.at(i-1)) {
				return wordDigits // a dash or a full stop stands between
			}
			return wordLetters
		default:
			return wordOther
		}
	}
}

func (r *reader) digits(from, to int) string {
	out := make([]byte, 0, to-from)
	for _, s := range r.syms[from:to] {
		if isDigit(s.c) {
			out = append(out, s.c)
		}
	}
	return string(out)
}

// upTo is the digits of the first n groups.
func (t typing) upTo(n int) string {
	var out strings.Builder
	for _, g := range t.groups[:n] {
		out.WriteString(g.digits)
	}
	return out.String()
}

// endsAt reports whether the number may end with the first n groups.
func (t typing) endsAt(n int) bool {
	return n == len(t.groups) || t.groups[n].joint != jointTight
}
