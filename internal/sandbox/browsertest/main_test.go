package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/agentphone-slack/callbot/internal/programtest"
	"github.com/agentphone-slack/callbot/internal/sandbox/sandboxtest"
)

// root is the project's folder.
var root = filepath.Join("..", "..", "..")

// program is the real one.
var program programtest.Program

func TestMain(m *testing.M) {
	status := m.Run()
	if err := program.Remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = max(status, 1)
	}
	os.Exit(status)
}

// startSandbox runs the sandbox of the program until the test ends.
func startSandbox(t testing.TB, flags ...string) *sandboxtest.Sandbox {
	t.Helper()
	return sandboxtest.Start(t, program.Path(t), flags...)
}
