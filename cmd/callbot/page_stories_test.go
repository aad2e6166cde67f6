package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/agentphone-slack/callbot/internal/sandbox/sandboxtest"
)

// player does in a sandbox what people do on its page.
type player struct {
	*sandboxtest.Sandbox
	t *testing.T
}

// startPlaying starts a sandbox that ends with the test.
func startPlaying(t *testing.T) player {
	t.Helper()
	program, err := exec.LookPath("callbot") // where TestMain has put it
	if err != nil {
		t.Fatal(err)
	}
	p := player{sandboxtest.Start(t, program, "--speed", "50"), t}
	p.connected()
	return p
}

func (p player) connected() {
	p.t.Helper()
	p.Until("ana", "the bot is connected", func(st sandboxtest.State) bool { return st.Process.State == "running" })
}

// sees waits until somebody sees a message with a text in a channel.
func (p player) sees(who, channel, text string) (found sandboxtest.Message) {
	p.t.Helper()
	p.Until(who, "there is a message with "+text, func(st sandboxtest.State) (ok bool) {
		found, ok = st.Message(channel, text)
		return ok
	})
	return found
}

func (p player) channel(who, name string) string {
	p.t.Helper()
	return p.Until(who, "there is a channel", func(st sandboxtest.State) bool { return st.ChannelID(name) != "" }).ChannelID(name)
}

func (p player) says(who, channel, text string) {
	p.t.Helper()
	p.Do("say", map[string]any{"as": who, "channel": p.channel(who, channel), "text": text})
}

func (p player) switches(of, is string) {
	p.t.Helper()
	p.Do("fault", map[string]any{"of": of, "is": is})
}

// fills writes into the field of somebody's form that has that block_id, and value is what
// the page sends.
func (p player) fills(who, block, value string) {
	p.t.Helper()
	form := p.Until(who, "the form is open", func(st sandboxtest.State) bool { return st.Modal != nil }).Modal
	for _, b := range form.Blocks {
		if b.BlockID == block {
			p.Do("fill", map[string]any{"as": who, "view": form.ID, "block_id": block, "action_id": b.Element.ActionID, "value": value})
			return
		}
	}
	p.t.Fatalf("there is no field %q", block)
}

// form does something with somebody's form: submit or close.
func (p player) form(who, do string) {
	p.t.Helper()
	form := p.Until(who, "the form is open", func(st sandboxtest.State) bool { return st.Modal != nil }).Modal
	p.Do(do, map[string]any{"as": who, "view": form.ID})
}

// TestCopiedStories: what was done on the page, copied as a scenario, passes as it is,
// whatever was done there. Some of it went wrong, and some of it took its time: the scenario
// runs faster than the person was.
func TestCopiedStories(t *testing.T) {
	t.Parallel()
	const general, place = "#general", "/call (415) 555-0132 Ask about parking"
	stories := map[string]func(player){
		"somebody else approves": func(p player) {
			p.says("ana", general, place)
			p.Press("ben", general, "Place this call?", "approve")
		},
		"an admin pauses calls": func(p player) {
			p.says("carol", general, "/call pause")
			p.says("ana", general, place)
			p.says("carol", general, "/call resume")
			p.says("ana", general, place)
			p.Press("carol", general, "Place this call?", "approve")
		},
		"a private channel": func(p player) {
			p.says("ana", "#finance", place)
			p.Press("carol", "#finance", "Place this call?", "approve")
			p.sees("carol", "#finance", "Achieved after")
		},
		"one of two cards is taken back": func(p player) {
			p.says("ana", general, place)
			p.sees("ana", general, "about parking")
			p.says("ana", general, "/call (415) 555-0103 Ask about opening hours")
			p.Press("ana", general, "about parking", "decline")
			p.Press("ana", general, "about opening hours", "approve")
			p.sees("ana", general, "Failed")
		},
		"what is no command": func(p player) {
			p.says("ana", general, "/dial 1")
			p.says("ana", general, place)
			p.Press("ana", general, "Place this call?", "approve")
		},
		"the bot is killed and not asked": func(p player) {
			p.Do("process", map[string]any{"do": "kill"})
			p.says("ana", general, place)
			p.Do("process", map[string]any{"do": "start"})
			p.connected()
			p.says("ana", general, place)
			p.Press("ana", general, "Place this call?", "approve")
			p.sees("ana", general, "Achieved after")
		},
		"the bot is restarted": func(p player) {
			p.Do("process", map[string]any{"do": "restart"})
			p.connected()
			p.says("ana", general, place)
			p.Press("ana", general, "Place this call?", "approve")
			p.Do("process", map[string]any{"do": "restart"})
			p.sees("ana", general, "Achieved after")
		},
		"AgentPhone has too many requests": func(p player) {
			p.switches("provider", "rate_limited")
			p.says("ana", general, place)
			p.Press("ana", general, "Place this call?", "approve")
			p.Press("ana", general, "Not placed", "try_again")
			p.switches("provider", "up")
			p.sees("ana", general, "Achieved after")
		},
		"there are no credits": func(p player) {
			p.Do("phone", map[string]any{"do": "credits", "credits": 0})
			p.says("ana", general, place)
			p.Press("ana", general, "Place this call?", "approve")
			p.sees("ana", general, "Not placed")
			p.Do("phone", map[string]any{"do": "credits", "credits": 5})
			p.Press("ana", general, "Not placed", "try_again")
			p.sees("ana", general, "Achieved after")
		},
		"Slack is down": func(p player) {
			p.says("ana", general, place)
			p.sees("ana", general, "Place this call?")
			p.switches("slack", "down")
			p.Press("ana", general, "Place this call?", "approve")
			p.switches("slack", "up")
			p.sees("ana", general, "Achieved after")
		},
		"a mention in a thread": func(p player) {
			p.says("ben", general, "We need somewhere to park.")
			m := p.sees("ben", general, "somewhere to park")
			p.Do("say", map[string]any{
				"as": "ben", "channel": m.ChannelID, "thread_ts": m.TS, "text": "Could @callbot call (415) 555-0132 and ask about parking?",
			})
			p.Press("ben", general, "Place this call?", "approve")
			p.sees("ben", general, "Achieved after")
		},
		"a message is deleted": func(p player) {
			p.says("ben", general, "Never mind.")
			m := p.sees("ben", general, "Never mind.")
			p.Do("delete", map[string]any{"as": "ben", "channel": m.ChannelID, "ts": m.TS})
			p.says("ben", general, place)
			p.Press("ben", general, "Place this call?", "approve")
		},
		"a form is edited, and another closed": func(p player) {
			p.says("ana", general, "/call")
			p.fills("ana", "number", "(415) 555-0199")
			p.form("ana", "close")
			p.says("ana", general, place)
			p.Press("ana", general, "Place this call?", "edit")
			p.fills("ana", "objective", "Ask about the opening hours")
			p.form("ana", "submit")
			p.Press("ana", general, "opening hours", "approve")
			p.sees("ana", general, "Achieved after")
		},
		"a workflow": func(p player) {
			p.Do("step", map[string]any{"number": "(415) 555-0132", "objective": "Ask about parking", "channel": p.channel("ana", "#front-desk")})
			p.Press("ben", "#front-desk", "Place this call?", "approve")
			p.sees("ben", "#front-desk", "Achieved after")
		},
		"a summary is shared": func(p player) {
			p.says("ana", general, place)
			p.Press("ana", general, "Place this call?", "approve")
			p.Press("ana", general, "Achieved after", "share")
			p.fills("ana", "share_in", p.channel("ana", "#front-desk"))
			p.form("ana", "submit")
			p.sees("ana", "#front-desk", "call to (415) 555-0132")
		},
		"two calls are answered": func(p player) {
			p.Do("phone", map[string]any{"do": "manual", "on": true})
			calls := map[string]string{}
			for _, number := range []string{"0132", "0133"} {
				p.says("ana", general, "/call (415) 555-"+number+" Ask about line "+number)
				p.Press("ana", general, "about line "+number, "approve")
				p.Until("ana", "it rings", func(st sandboxtest.State) bool {
					for _, c := range st.Phone.Calls {
						if c.Status == "dialing" && calls["0132"] != c.ID {
							calls[number] = c.ID
						}
					}
					return calls[number] != ""
				})
			}
			for _, id := range calls {
				p.Do("phone", map[string]any{"do": "answer", "call": id})
			}
			for number, id := range calls {
				p.Do("phone", map[string]any{"do": "complete", "call": id, "outcome": "partial", "summary": "Line " + number + " it is."})
				p.sees("ana", general, "Line "+number+" it is.")
			}
		},
	}
	for name, play := range stories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var script string
			t.Run("played", func(t *testing.T) { // the sandbox ends with it
				p := startPlaying(t)
				play(p)
				script = p.Get("api/scenario")
				t.Logf("copied as a scenario:\n%s", script)
			})
			file := filepath.Join(t.TempDir(), "copied.txtar")
			if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
				t.Fatal(err)
			}
			scripts(t, onSQLite, file)
		})
	}
}
