package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// sandboxPage is a sandbox that serves its page.
type sandboxPage struct {
	t   testing.TB
	url string // with a slash at its end
}

var pageAddress = regexp.MustCompile(`Open (http://\S+) in a browser`)

// startPage runs callbot sandbox as a person would, until the test ends.
func startPage(t testing.TB, args ...string) *sandboxPage {
	t.Helper()
	program, err := exec.LookPath("callbot") // where TestMain has put it
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, append([]string{"sandbox", "--addr", "127.0.0.1:0"}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 2 * stopWithin
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
		if m := pageAddress.FindStringSubmatch(lines.Text()); m != nil {
			go func() {
				_, _ = io.Copy(io.Discard, out)
				ended <- cmd.Wait()
			}()
			return &sandboxPage{t, m[1]}
		}
	}
	ended <- cmd.Wait()
	t.Fatalf("the sandbox named no address: %s", &said)
	return nil
}

// do does something as the page would.
func (p *sandboxPage) do(name string, what map[string]any) {
	p.t.Helper()
	body, err := json.Marshal(what)
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.url+"api/"+name, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if text, status := p.ask(r); status != http.StatusOK || strings.Contains(text, `"errors"`) {
		p.t.Fatalf("%s %s: %d %s", name, body, status, text)
	}
}

func (p *sandboxPage) ask(r *http.Request) (string, int) {
	p.t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text), answer.StatusCode
}

func (p *sandboxPage) get(path string) string {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.url+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	text, status := p.ask(r)
	if status != http.StatusOK {
		p.t.Fatalf("%s: %d %s", path, status, text)
	}
	return text
}

type shownMessage struct {
	TS        string `json:"ts"`
	ChannelID string `json:"channel_id"`
	Text      string `json:"text"`
	Files     []struct {
		MIMEType string  `json:"mimetype"`
		Duration float64 `json:"duration_s"`
		URL      string  `json:"url"`
	} `json:"files"`
	Blocks []struct {
		BlockID  string `json:"block_id"`
		Elements []struct {
			ActionID string `json:"action_id"`
		} `json:"elements"`
	} `json:"blocks"`
}

type shownState struct {
	Channels []struct{ ID, Name string }
	Messages map[string][]shownMessage
	Modal    *struct {
		ID     string
		Blocks []struct {
			BlockID string `json:"block_id"`
			Element struct {
				ActionID string `json:"action_id"`
			}
		}
	}
	Process struct{ State string }
	Phone   struct {
		Calls []struct {
			ID, Status string
			Lines      []struct{ Speaker, Text string }
		}
	}
}

// until looks at what somebody sees until it is so.
func (p *sandboxPage) until(who, what string, is func(shownState) bool) shownState {
	p.t.Helper()
	ctx, cancel := waiting()
	defer cancel()
	for {
		var st shownState
		if err := json.Unmarshal([]byte(p.get("api/state?as="+who)), &st); err != nil {
			p.t.Fatal(err)
		}
		if is(st) {
			return st
		}
		select {
		case <-ctx.Done():
			p.t.Fatalf("waiting until %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (st shownState) channel(name string) string {
	for _, c := range st.Channels {
		if c.Name == name {
			return c.ID
		}
	}
	return ""
}

// message finds the newest message with a text.
func (st shownState) message(channel, text string) (found shownMessage, ok bool) {
	for _, m := range st.Messages[st.channel(channel)] {
		if strings.Contains(m.Text, text) {
			found, ok = m, true
		}
	}
	return found, ok
}

// press presses the button of a message.
func (p *sandboxPage) press(who string, m shownMessage, actionID string) {
	p.t.Helper()
	for _, b := range m.Blocks {
		for _, e := range b.Elements {
			if e.ActionID == actionID {
				p.do("act", map[string]any{
					"as": who, "place": map[string]any{"channel": m.ChannelID, "ts": m.TS}, "block_id": b.BlockID, "action_id": actionID, "value": nil,
				})
				return
			}
		}
	}
	p.t.Fatalf("there is no button %q on %q", actionID, m.Text)
}

// TestPageStory: one person asks with the form and another approves; the business is
// answered by hand, the bot is killed while they talk, and the result comes all the same.
// What was done, copied as a scenario, is one that passes.
func TestPageStory(t *testing.T) {
	t.Parallel()
	p := startPage(t, "--speed", "50")
	p.until("ana", "the bot is connected", func(st shownState) bool { return st.Process.State == "running" })
	p.do("phone", map[string]any{"do": "manual", "on": true})

	general := p.until("ana", "there is a channel", func(shownState) bool { return true }).channel("#general")
	p.do("say", map[string]any{"as": "ana", "channel": general, "text": "/call"})
	form := p.until("ana", "the form is open", func(st shownState) bool { return st.Modal != nil }).Modal
	for _, b := range form.Blocks {
		if text := map[string]string{"number": "(415) 555-0132", "objective": "Ask whether it's open on Sunday"}[b.BlockID]; text != "" {
			p.do("fill", map[string]any{"as": "ana", "view": form.ID, "block_id": b.BlockID, "action_id": b.Element.ActionID, "value": text})
		}
	}
	p.do("submit", map[string]any{"as": "ana", "view": form.ID})

	var card shownMessage
	p.until("ben", "there is a card", func(st shownState) (ok bool) {
		card, ok = st.message("#general", "Place this call?")
		return ok
	})
	p.press("ana", card, "approve")
	var id string
	p.until("ana", "it rings", func(st shownState) bool {
		if len(st.Phone.Calls) != 1 || st.Phone.Calls[0].Status != "dialing" {
			return false
		}
		id = st.Phone.Calls[0].ID
		return true
	})
	p.do("phone", map[string]any{"do": "answer", "call": id})
	p.do("phone", map[string]any{"do": "say", "call": id, "text": "Garden Nursery, hello?"})
	p.until("ben", "the thread says that somebody talks", func(st shownState) bool {
		_, ok := st.message("#general", "Talking to")
		return ok
	})
	p.do("process", map[string]any{"do": "kill"})
	p.do("phone", map[string]any{"do": "complete", "call": id, "outcome": "achieved", "summary": "They open at ten on Sunday."})
	if p.until("ana", "the bot is gone", func(st shownState) bool { return st.Process.State == "stopped" }); t.Failed() {
		return
	}
	p.do("process", map[string]any{"do": "start"})
	var recording string
	p.until("ben", "the result is there, with its recording", func(st shownState) bool {
		for _, m := range st.Messages[general] {
			for _, f := range m.Files {
				if strings.HasPrefix(f.MIMEType, "audio/") && f.Duration > 0 {
					recording = f.URL
				}
			}
		}
		_, ok := st.message("#general", "They open at ten on Sunday.")
		return ok && recording != ""
	})
	if wav := p.get(strings.TrimPrefix(recording, "/")); !strings.HasPrefix(wav, "RIFF") {
		t.Errorf("the recording begins with %.20q", wav)
	}
	for who, sees := range map[string]bool{"ben": true, "carol": true} {
		status := http.StatusOK
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+strings.TrimPrefix(strings.Replace(recording, "as=ben", "as="+who, 1), "/"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, got := p.ask(r); (got == status) != sees {
			t.Errorf("%s gets the recording with status %d", who, got)
		}
	}
	inspected := p.get("api/inspect?" + url.Values{"as": {"ana"}, "channel": {general}, "ts": {card.TS}}.Encode())
	for _, part := range []string{"chat.postMessage", "chat.update", "view_submission", "block_actions"} {
		if !strings.Contains(inspected, part) {
			t.Errorf("what is behind the card lacks %s", part)
		}
	}

	script := p.get("api/scenario")
	file := filepath.Join(t.TempDir(), "copied.txtar")
	if err := os.WriteFile(file, []byte(script+"\nslack wait 'They open at ten on Sunday.'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Logf("copied as a scenario:\n%s", script)
	t.Run("copied", func(t *testing.T) { scripts(t, onSQLite, file) })
}
