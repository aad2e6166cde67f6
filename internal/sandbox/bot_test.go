package sandbox_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/sandbox"
)

// TestMain lets this program be a bot: one that runs until it is told to end, or that
// cannot start.
func TestMain(m *testing.M) {
	switch os.Getenv("BOT") {
	case "runs":
		time.Sleep(time.Hour)
	case "fails":
		_, _ = os.Stderr.WriteString(strings.Repeat("noise\n", 10_000) + "the database is locked\n") // nobody to tell
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func bot(t *testing.T, kind string) *sandbox.Bot {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b := sandbox.NewBot(func() *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), program)
		cmd.Env = []string{"BOT=" + kind}
		return cmd
	})
	t.Cleanup(func() { _ = b.Kill() }) // it may have ended
	return b
}

func TestBot(t *testing.T) {
	t.Parallel()
	b := bot(t, "runs")
	state := func(want sandbox.BotState) int {
		t.Helper()
		got, pid, err := b.State()
		if got != want || err != nil || (pid != 0) != (want == sandbox.BotRunning) {
			t.Fatalf("the bot is %s, process %d, %v; want %s", got, pid, err, want)
		}
		return pid
	}
	state(sandbox.BotStopped)
	if err := b.Kill(); err == nil {
		t.Error("a bot that does not run was killed")
	}
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	first := state(sandbox.BotRunning)
	if err := b.Start(); err == nil {
		t.Error("a bot that runs was started")
	}
	if err := b.Kill(); err != nil {
		t.Fatal(err)
	}
	state(sandbox.BotStopped)
	if err := b.Restart(); err != nil {
		t.Fatal(err)
	}
	if second := state(sandbox.BotRunning); second == first {
		t.Error("it is the same process")
	}
	if err := b.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := b.Stop(); err != nil {
		t.Fatal(err)
	}
	state(sandbox.BotStopped)
}

// TestBotEndsByItself: why is told, by the end of what it said.
func TestBotEndsByItself(t *testing.T) {
	t.Parallel()
	b := bot(t, "fails")
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	for state, _, err := b.State(); ; state, _, err = b.State() {
		if state == sandbox.BotRunning {
			time.Sleep(time.Millisecond)
			continue
		}
		if state != sandbox.BotEnded || err == nil || !strings.HasSuffix(err.Error(), "the database is locked") || len(err.Error()) > 10_000 {
			t.Errorf("the bot is %s: %.200v", state, err)
		}
		return
	}
}
