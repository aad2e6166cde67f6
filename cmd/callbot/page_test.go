package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/agentphone-slack/callbot/internal/sandbox/sandboxtest"
)

// TestPageStory: one person asks with the form and another approves; the business is
// answered by hand, the bot is killed while they talk, and the result comes all the same.
// What was done, copied as a scenario, is one that passes.
func TestPageStory(t *testing.T) {
	t.Parallel()
	p := startPlaying(t)
	p.Do("phone", map[string]any{"do": "manual", "on": true})

	general := p.channel("ana", "#general")
	p.says("ana", "#general", "/call")
	p.fills("ana", "number", "(415) 555-0132")
	p.fills("ana", "objective", "Ask whether it's open on Sunday")
	p.form("ana", "submit")

	card := p.sees("ben", "#general", "Place this call?")
	p.Press("ana", "#general", "Place this call?", "approve")
	var id string
	p.Until("ana", "it rings", func(st sandboxtest.State) bool {
		if len(st.Phone.Calls) != 1 || st.Phone.Calls[0].Status != "dialing" {
			return false
		}
		id = st.Phone.Calls[0].ID
		return true
	})
	p.Do("phone", map[string]any{"do": "answer", "call": id})
	p.Do("phone", map[string]any{"do": "say", "call": id, "text": "Garden Nursery, hello?"})
	p.sees("ben", "#general", "Talking to")
	p.Do("process", map[string]any{"do": "kill"})
	p.Do("phone", map[string]any{"do": "complete", "call": id, "outcome": "achieved", "summary": "They open at ten on Sunday."})
	p.Until("ana", "the bot is gone", func(st sandboxtest.State) bool { return st.Process.State == "stopped" })
	p.Do("process", map[string]any{"do": "start"})
	var recording string
	p.Until("ben", "the result is there, with its recording", func(st sandboxtest.State) bool {
		_, path, recorded := st.Recording("#general")
		recording = path
		_, ok := st.Message("#general", "They open at ten on Sunday.")
		return ok && recorded
	})
	if wav := p.Get(recording); !strings.HasPrefix(wav, "RIFF") {
		t.Errorf("the recording begins with %.20q", wav)
	}
	for who, sees := range map[string]bool{"ben": true, "carol": true} {
		if got := p.Status(strings.Replace(recording, "as=ben", "as="+who, 1)); (got == http.StatusOK) != sees {
			t.Errorf("%s gets the recording with status %d", who, got)
		}
	}
	inspected := p.Get("api/inspect?" + url.Values{"as": {"ana"}, "channel": {general}, "ts": {card.TS}}.Encode())
	for _, part := range []string{"chat.postMessage", "chat.update", "view_submission", "block_actions"} {
		if !strings.Contains(inspected, part) {
			t.Errorf("what is behind the card lacks %s", part)
		}
	}

	script := p.Get("api/scenario")
	file := filepath.Join(t.TempDir(), "copied.txtar")
	if err := os.WriteFile(file, []byte(script+"\nslack wait 'They open at ten on Sunday.'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Logf("copied as a scenario:\n%s", script)
	t.Run("copied", func(t *testing.T) { scripts(t, onSQLite, file) })
}
