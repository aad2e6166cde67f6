package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestInterruptedSandbox: what was to be done and was not is no success; where a person
// is typing, Ctrl-C is how they end it.
func TestInterruptedSandbox(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args   []string
		until  string // what is printed when it is interrupted
		status int
	}{
		"a script": {[]string{"--say", "/call (415) 555-0105 Ask about parking", "--click", "Place call", "--until-done"}, "presses", 130},
		"a person": {[]string{"--terminal"}, "Ctrl-C ends it", 0},
	} {
		t.Run(name, func(t *testing.T) {
			program, err := exec.LookPath("callbot") // where TestMain has put it
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), program, append([]string{"sandbox"}, test.args...)...)
			typing, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = typing.Close() }()
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			for lines.Scan() && !strings.Contains(lines.Text(), test.until) {
			}
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, out)
			_ = cmd.Wait() // its status is looked at
			if got := cmd.ProcessState.ExitCode(); got != test.status {
				t.Errorf("status %d, want %d", got, test.status)
			}
		})
	}
}

// TestKilledSandbox: however the sandbox of the page ends, its bot ends too.
func TestKilledSandbox(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("callbot") // where TestMain has put it
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "sandbox", "--addr", "127.0.0.1:0", "--verbose")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	logs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(logs) // it ends once neither of them is there to write
		said <- string(text)
	}()
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "Ctrl-C ends it") {
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	select {
	case text := <-said:
		if !strings.Contains(text, "callbot is running") {
			t.Errorf("there was no bot:\n%s", text)
		}
	case <-time.After(2 * stopWithin):
		t.Error("the bot goes on")
	}
	_ = cmd.Wait() // it was killed
}
