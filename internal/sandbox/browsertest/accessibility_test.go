package browsertest

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/agentphone-slack/callbot/internal/npmtest"
)

// TestAccessibility: axe-core finds nothing serious in any view, light or dark, wide or
// narrow; and nothing is wider than a narrow window.
func TestAccessibility(t *testing.T) {
	t.Parallel()
	script := axe(t)
	for look, steps := range looks() {
		t.Run(look, func(t *testing.T) {
			t.Parallel()
			b := startBrowser(t, startSandbox(t, "--speed", "20"))
			w := b.open("ana", "", steps...)
			evaluate[any](w, script)
			for _, s := range slices.Concat(tour(), corners()) {
				s.come(w)
				w.accessible(look + ", " + s.name)
			}
			w.close()
			w = b.open("ana", "", append(slices.Clone(steps), small)...)
			evaluate[any](w, script)
			for _, s := range narrow() {
				s.come(w)
				w.accessible(look + ", " + s.name)
				if over := evaluate[float64](w, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
					t.Errorf("%s, %s: it is %g pixels wider than the window", look, s.name, over)
				}
			}
		})
	}
}

// axe is the script of axe-core, which is put into a tab once.
func axe(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile(filepath.Join(npmtest.Install(t, filepath.Join("testdata", "axe")), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(script) + ";undefined"
}

// accessible looks at what a tab shows, with the axe-core that was put into it.
func (w *tab) accessible(view string) {
	w.t.Helper()
	found := evaluate[[]struct {
		ID, Impact, Help string
		Nodes            []struct{ HTML string }
	}](w, `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations)`)
	for _, v := range found {
		if v.Impact == "serious" || v.Impact == "critical" {
			w.t.Errorf("%s: %s (%s): %s, %d times, as in %s", view, v.ID, v.Impact, v.Help, len(v.Nodes), v.Nodes[0].HTML)
		} else {
			w.t.Logf("%s: %s (%s): %s, as in %s", view, v.ID, v.Impact, v.Help, v.Nodes[0].HTML)
		}
	}
}
