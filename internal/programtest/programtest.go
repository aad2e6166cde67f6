// Package programtest builds callbot for tests that run it as a process of its own.
package programtest

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Program is callbot, built once for all tests of a package. The zero value is ready.
type Program struct {
	// Tags are build tags.
	Tags []string

	once      sync.Once
	dir, path string
	err       error
}

// Path builds the program, if no test has before, and returns where it is. It lies in a
// folder of its own, until [Program.Remove].
func (p *Program) Path(t testing.TB) string {
	t.Helper()
	p.once.Do(func() { p.path, p.err = p.build() })
	if p.err != nil {
		t.Fatal(p.err)
	}
	return p.path
}

func (p *Program) build() (path string, err error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output() //nolint:noctx // go test bounds it
	if err != nil {
		return "", fmt.Errorf("finding the sources of callbot: %w", err)
	}
	root := strings.TrimSpace(string(out))
	if err := look(root); err != nil {
		return "", err
	}
	if p.dir, err = os.MkdirTemp("", "callbot-program-"); err != nil {
		return "", fmt.Errorf("making room for callbot: %w", err)
	}
	path = filepath.Join(p.dir, "callbot")
	build := exec.Command("go", "build", "-tags", strings.Join(p.Tags, ","), "-o", path, "./cmd/callbot") //nolint:noctx,gosec // likewise; tests choose the tags
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building callbot: %w\n%s", err, out)
	}
	return path, nil
}

// Remove removes what was built. It is for TestMain, after the tests.
func (p *Program) Remove() error {
	if p.dir == "" {
		return nil
	}
	return os.RemoveAll(p.dir)
}

// look looks into every folder of the program. go test takes a result for known unless a
// file has changed that it compiled, or a folder into which a test has looked; and it does
// not see what another go compiles.
func look(root string) error {
	for _, part := range []string{"agentphone", "bot", "cmd", "internal"} {
		err := filepath.WalkDir(filepath.Join(root, part), func(_ string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("looking at the sources of callbot: %w", err)
		}
	}
	return nil
}
