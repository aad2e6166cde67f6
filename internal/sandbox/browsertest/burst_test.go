package browsertest

import (
	"fmt"
	"testing"
)

// TestBurst: when a hundred messages come faster than they can be drawn, the page draws a few
// at a time, and answers between them. How long a task takes by the clock is not looked at,
// for others want the processor too.
func TestBurst(t *testing.T) {
	t.Parallel()
	p := startSandbox(t, "--speed", "1000")
	general, _ := fill(t, p, 100)
	b := startBrowser(t, p)
	w := b.open("ana", "#/"+general)
	w.until("all are there", whole)
	w.rests()
	longest := b.longest(func() {
		for i := range 100 {
			p.Do("say", map[string]any{"as": "ben", "channel": general, "text": fmt.Sprintf("This comes %dth of a *hundred*.", i)})
		}
		w.until("the last is there", `[...document.querySelectorAll("main .message")].at(-1).textContent.includes("This comes 99th")`)
	})
	t.Logf("the longest task took %.0f ms, %.0f ms of them on the processor", longest.wall, longest.cpu)
	if most := 100.0; longest.cpu > most {
		t.Errorf("a task took %.0f ms of the processor, and at most %.0f are right", longest.cpu, most)
	}
}
