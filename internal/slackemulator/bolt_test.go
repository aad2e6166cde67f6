package slackemulator_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/npmtest"
	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// TestBolt lets Slack's own framework for JavaScript be the client.
func TestBolt(t *testing.T) {
	dir := npmtest.Install(t, filepath.Join("testdata", "bolt"))
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	srv := newServer(t)
	ana := srv.AddUser("ana")
	ops := srv.AddChannel("#ops", ana)
	node := exec.CommandContext(ctx, "node", "app.js")
	node.Dir = dir
	node.Env = append(os.Environ(), "SLACK_BOT_TOKEN="+srv.BotToken(), "SLACK_APP_TOKEN="+srv.AppToken(), "SLACK_API_URL="+srv.APIURL())
	var stderr bytes.Buffer
	node.Stderr = &stderr
	stdout, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	ready, drained := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(drained)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if strings.TrimSpace(lines.Text()) == "ready" {
				close(ready)
			}
		}
		_, _ = io.Copy(io.Discard, stdout)
	}()
	t.Cleanup(func() {
		_ = node.Process.Kill()
		<-drained
		_ = node.Wait() // it was killed
		if t.Failed() {
			t.Logf("the app's stderr: %s", stderr.String())
		}
	})
	select {
	case <-ready:
	case <-drained:
		t.Fatal("the app ended before it was ready")
	case <-ctx.Done():
		t.Fatal("the app did not get ready")
	}

	reply, err := ana.Slash(ctx, "#ops", "/call (415) 555-0132")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reply.Wait(ctx, slackemulator.Contains("Calling (415) 555-0132")); err != nil {
		t.Error(err)
	}
	card, err := ops.WaitMessage(ctx, slackemulator.HasButton("Place call"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := card.Button("Place call").Click(ctx, ana); err != nil {
		t.Fatal(err)
	}
	if _, err := card.Wait(ctx, slackemulator.Contains("Approved by @ana")); err != nil {
		t.Error(err)
	}
	if _, err := card.Thread().Wait(ctx, slackemulator.Contains("Placed (415) 555-0132")); err != nil {
		t.Error(err)
	}
}
