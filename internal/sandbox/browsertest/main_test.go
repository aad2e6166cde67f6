package browsertest

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/agentphone-slack/callbot/internal/sandbox/sandboxtest"
)

// root is the project's folder.
var root = filepath.Join("..", "..", "..")

// program is the real one.
var program string

func TestMain(m *testing.M) {
	status, err := withProgram(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

// withProgram builds the program for as long as the tests run.
func withProgram(run func() int) (status int, err error) {
	dir, err := os.MkdirTemp("", "callbot-browsertest-")
	if err != nil {
		return 0, fmt.Errorf("making room for the program: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = filepath.Join(dir, "callbot")
	out, err := exec.Command("go", "build", "-o", program, "./"+filepath.Join(root, "cmd", "callbot")).CombinedOutput() //nolint:noctx // go test bounds it
	if err != nil {
		return 0, fmt.Errorf("building callbot: %w\n%s", err, out)
	}
	return run(), nil
}

// startSandbox runs the sandbox of the program until the test ends.
func startSandbox(t testing.TB, flags ...string) *sandboxtest.Sandbox {
	t.Helper()
	if err := readSources(); err != nil {
		t.Fatal(err)
	}
	return sandboxtest.Start(t, program, flags...)
}

// readSources looks into every folder of the program. go test takes a result for known
// unless a file has changed that it compiled, or a folder into which a test has looked;
// and it does not see what another go compiles.
var readSources = sync.OnceValue(func() error {
	for _, part := range []string{"agentphone", "bot", "cmd", "internal"} {
		err := filepath.WalkDir(filepath.Join(root, part), func(_ string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("looking at the sources: %w", err)
		}
	}
	return nil
})
