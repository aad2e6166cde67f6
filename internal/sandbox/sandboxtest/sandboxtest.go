// Package sandboxtest runs the sandbox of a callbot program for a test, as a person would
// start it, and speaks to it as its page does.
//
// It knows that page's API (internal/sandbox/page/web/src/api.ts) by the few fields that
// tests look at, in types of its own: a field that is renamed there fails a test here.
package sandboxtest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// Sandbox is a sandbox that serves its page. Whatever goes wrong with it fails the test.
type Sandbox struct {
	// URL is where the page is, with a slash at its end.
	URL string

	t testing.TB
}

const (
	// patience bounds every wait; only a failing test reaches it.
	patience = 80 * time.Second
	// stopsWithin is how long the sandbox may take to end after it is told to: as long as
	// it gives the bot, and as much again.
	stopsWithin = 20 * time.Second
)

var address = regexp.MustCompile(`Open (http://\S+) in a browser`)

// Start runs the program's sandbox with these flags, at a port of its own, until the test
// ends.
func Start(t testing.TB, program string, flags ...string) *Sandbox {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, append([]string{"sandbox", "--addr", "127.0.0.1:0"}, flags...)...) //nolint:gosec // the program under test
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = stopsWithin
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	t.Cleanup(func() {
		if err := <-ended; err != nil && cmd.ProcessState.ExitCode() != 0 {
			t.Errorf("the sandbox ended with %v: %s", err, &said)
		}
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			go func() {
				_, _ = io.Copy(io.Discard, out)
				ended <- cmd.Wait()
			}()
			return &Sandbox{URL: m[1], t: t}
		}
	}
	ended <- cmd.Wait()
	t.Fatalf("the sandbox named no address: %s", &said)
	return nil
}

// Do does something as the page would: one of the acts that api.ts lists, with its fields.
// It fails the test if the act is refused.
func (s *Sandbox) Do(act string, fields map[string]any) {
	s.t.Helper()
	if text, status := s.do(act, fields); status != http.StatusOK || strings.Contains(text, `"errors"`) {
		s.t.Fatalf("%s %v: %d %s", act, fields, status, text)
	}
}

func (s *Sandbox) do(act string, fields map[string]any) (answer string, status int) {
	s.t.Helper()
	body, err := json.Marshal(fields)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.ask(http.MethodPost, "api/"+act, body)
}

// Press presses the button that has that action_id, of a message in the channel that
// contains the text, as soon as somebody sees it there.
func (s *Sandbox) Press(who, channel, text, actionID string) {
	s.t.Helper()
	// An edit between the look and the press gives the button another block_id, as in Slack.
	const tries = 5
	for i := 1; ; i++ {
		var press map[string]any
		s.Until(who, "there is a button "+actionID+" below "+text, func(st State) bool {
			for _, m := range st.Messages[st.ChannelID(channel)] {
				if block, has := m.action(actionID); has && strings.Contains(m.Text, text) {
					press = map[string]any{
						"as": who, "place": map[string]any{"channel": m.ChannelID, "ts": m.TS}, "block_id": block, "action_id": actionID, "value": nil,
					}
					return true
				}
			}
			return false
		})
		answer, status := s.do("act", press)
		if status == http.StatusOK {
			return
		}
		if i == tries || !strings.Contains(answer, "no such button") {
			s.t.Fatalf("pressing %v: %d %s", press, status, answer)
		}
	}
}

// Get returns what stands at a path, which is relative to the URL.
func (s *Sandbox) Get(path string) string {
	s.t.Helper()
	text, status := s.ask(http.MethodGet, path, nil)
	if status != http.StatusOK {
		s.t.Fatalf("%s: %d %s", path, status, text)
	}
	return text
}

// Status is the status with which a path is answered.
func (s *Sandbox) Status(path string) int {
	s.t.Helper()
	_, status := s.ask(http.MethodGet, path, nil)
	return status
}

func (s *Sandbox) ask(method, path string, body []byte) (text string, status int) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+strings.TrimPrefix(path, "/"), bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(raw), answer.StatusCode
}

// Until looks at what somebody sees until it is so, and returns it.
func (s *Sandbox) Until(who, what string, is func(State) bool) State {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		var st State
		if err := json.Unmarshal([]byte(s.Get("api/state?as="+who)), &st); err != nil {
			s.t.Fatal(err)
		}
		if is(st) {
			return st
		}
		select {
		case <-ctx.Done():
			s.t.Fatalf("waiting until %s", what)
		case <-look.C:
		}
	}
}
