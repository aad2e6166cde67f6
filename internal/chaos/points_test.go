//go:build unix

package chaos

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// book keeps which named points of the program were reached and died at.
type book struct {
	// died is a file that the processes share: each dies at the first point that it
	// comes to and that is not in there yet. What they reached stands in files of
	// their own.
	died string

	mu      sync.Mutex
	reached map[string]bool
	killed  map[string]bool
}

func newBook(dir string) (*book, error) {
	b := &book{died: filepath.Join(dir, "died"), reached: map[string]bool{}, killed: map[string]bool{}}
	return b, os.WriteFile(b.died, nil, 0o600)
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
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if at, died := strings.CutPrefix(line, "killed at "); died {
			b.killed[at] = true
			diedAt = at
			continue
		}
		b.reached[line] = true
	}
	return diedAt, nil
}

// arm chooses a few points at which somebody died before, to die at again, as "NAME#N"
// for the N-th time that it is reached.
func (b *book) arm(rng *rand.Rand) string {
	const few = 5
	names := b.points()
	rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var armed []string
	for _, name := range names[:min(few, len(names))] {
		armed = append(armed, name+"#"+strconv.Itoa(1+rng.IntN(5)))
	}
	return strings.Join(armed, ";")
}

// points are those that were died at.
func (b *book) points() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.killed))
}

// spared are points that were reached and at which nobody died.
func (b *book) spared() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(b.reached)), func(name string) bool { return b.killed[name] })
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
	died := b.points()
	var list []string
	for _, pattern := range indispensable {
		for _, side := range []string{"before$", "after$"} {
			like := regexp.MustCompile(pattern + ".*" + side)
			if !slices.ContainsFunc(died, like.MatchString) {
				list = append(list, like.String())
			}
		}
	}
	return list
}
