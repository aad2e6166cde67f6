//go:build unix

package chaos

import (
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// book keeps which named points of the program were reached and died at.
type book struct {
	mu     sync.Mutex
	all    int            // processes
	lives  map[string]int // in how many processes it was reached
	killed map[string]int
}

func newBook() *book {
	return &book{lives: map[string]int{}, killed: map[string]int{}}
}

// read takes in what a process wrote, and returns the point at which it died, if it did
// at one.
func (b *book) read(file string) (diedAt string, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all++
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if at, died := strings.CutPrefix(line, "killed at "); died {
			b.killed[at]++
			diedAt = at
			continue
		}
		b.lives[line]++
	}
	return diedAt, nil
}

// arm chooses points to die at, as "NAME#N" for the N-th time that it is reached: all at
// which nobody died yet and, once there are few of these, some others. Of those that are
// missing each of several replicas gets a part, so that they do not die of the same.
func (b *book) arm(rng *rand.Rand, replicas int) string {
	const few = 5
	b.mu.Lock()
	defer b.mu.Unlock()
	names := slices.Sorted(maps.Keys(b.lives))
	rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	slices.SortStableFunc(names, func(a, c string) int { return min(1, b.killed[a]) - min(1, b.killed[c]) })
	var armed []string
	for i, name := range names {
		times := 1
		if b.killed[name] > 0 {
			times += rng.IntN(5)
			if i >= few {
				break
			}
		} else if i > few && rng.IntN(replicas) > 0 {
			continue
		}
		armed = append(armed, name+"#"+strconv.Itoa(times))
	}
	return strings.Join(armed, ";")
}

// missing are the points that were reached in such a part of the processes, and never
// died at.
func (b *book) missing(part float64) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []string
	for name, n := range b.lives {
		if float64(n) >= part*float64(b.all) && b.killed[name] == 0 {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// incomplete reports whether there are points at which nobody died yet.
func (b *book) incomplete() bool { return len(b.missing(0)) > 0 }

// covered is how many points were died at, and how many are known.
func (b *book) covered() (died, known int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.killed), len(b.lives)
}

// indispensable are the points without which the names mean nothing any more.
var indispensable = []string{
	`Create commit`, `call\..*Update commit`, `operator\..*Take commit`, `operator\..*Advance commit`,
	`operator\..*Record commit`, `operator\..*Update commit`, `LeaseTick commit`, `ClaimDue commit`,
	`ClaimPublications commit`, `SaveMessage commit`,
	`^POST /calls `, `^GET /calls `, `^chat\.postMessage `, `^chat\.update `, `^upload `, `^ack`,
}

// lacking are the indispensable points at which nobody died, before or after.
func (b *book) lacking() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []string
	for _, pattern := range indispensable {
		for _, side := range []string{"before$", "after$"} {
			like := regexp.MustCompile(pattern + ".*" + side)
			if !slices.ContainsFunc(slices.Collect(maps.Keys(b.killed)), like.MatchString) {
				list = append(list, like.String())
			}
		}
	}
	return list
}
