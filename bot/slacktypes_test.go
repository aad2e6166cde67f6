package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/agentphone-slack/callbot/internal/npmtest"
)

// TestSlackTypes has the TypeScript compiler hold every golden message and view against
// the types that Slack publishes (npmjs.com/package/@slack/types).
func TestSlackTypes(t *testing.T) {
	var files []string
	for _, folder := range []string{"golden", "views"} {
		some, err := filepath.Glob(filepath.Join("testdata", folder, "*.json"))
		if err != nil || len(some) == 0 {
			t.Fatalf("no golden files in %s, %v", folder, err)
		}
		files = append(files, some...)
	}
	var lines []string // one for each file, after the import
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, typescript(t, f, raw))
	}
	dir := npmtest.Install(t, filepath.Join("testdata", "slacktypes"))

	wrong := compile(t, dir, append(lines, `({ type: "section", txt: { type: "mrkdwn", text: "x" } }) satisfies KnownBlock;`))
	if len(wrong) != 1 || !strings.HasPrefix(wrong[0], position(len(lines))) {
		t.Errorf("of all that is sent and a block that is wrong, the compiler refuses:\n%s", strings.Join(wrong, "\n"))
		for i, f := range files {
			for _, line := range wrong {
				if strings.HasPrefix(line, position(i)) {
					t.Errorf("%s: %s", f, line)
				}
			}
		}
	}
}

// typescript is a statement that compiles if what a golden file holds is of Slack's type.
func typescript(t *testing.T, file string, raw []byte) string {
	t.Helper()
	var golden struct {
		Text   string          `json:"text"`
		Blocks json.RawMessage `json:"blocks"`
		View   json.RawMessage `json:"view"`
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	kind, value := "{ text: string; blocks: KnownBlock[] }", any(map[string]any{"text": golden.Text, "blocks": golden.Blocks})
	if golden.View != nil {
		kind, value = "ModalView | HomeView", golden.View
	}
	line, err := json.Marshal(value) // compact: a statement is one line
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return "(" + string(line) + ") satisfies " + kind + ";"
}

const imports = `import type { HomeView, KnownBlock, ModalView } from "@slack/types";`

// position is how the compiler begins what it says of a statement.
func position(statement int) string { return fmt.Sprintf("sent.ts(%d,", statement+2) }

// compile returns what the compiler does not accept of statements.
func compile(t *testing.T, dir string, statements []string) []string {
	t.Helper()
	source := imports + "\n" + strings.Join(statements, "\n") + "\n"
	if err := os.WriteFile(filepath.Join(dir, "sent.ts"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	tsc := exec.CommandContext(t.Context(), "node", filepath.Join("node_modules", "typescript", "bin", "tsc"), "--project", ".", "--pretty", "false")
	tsc.Dir = dir
	out, err := tsc.CombinedOutput()
	if _, refused := errors.AsType[*exec.ExitError](err); err != nil && !refused {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSpace(string(out)), "\n") {
		if line != "" && !strings.HasPrefix(line, " ") { // what is indented explains the line above
			lines = append(lines, line)
		}
	}
	return lines
}
