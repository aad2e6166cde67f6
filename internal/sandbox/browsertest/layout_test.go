package browsertest

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPanes: the channel, a thread and the phone's panel stand beside each other where the
// window has room for them, without the phone's panel in a smaller one too, and nothing is
// cut off at a side.
func TestPanes(t *testing.T) {
	t.Parallel()
	ana := startBrowser(t, startSandbox(t, "--speed", "50")).open("ana", "")
	ana.enter("general")
	ana.unclear()
	beside := func(width int64, panes ...string) {
		t.Helper()
		ana.run("changing the window", chromedp.EmulateViewport(width, 800))
		ana.until(fmt.Sprintf("%q stand beside each other in %d pixels", panes, width), fmt.Sprintf(`(() => {
			const panes = %s.map(p => document.querySelector(p)?.getBoundingClientRect());
			return panes.every((p, i) => p && p.width >= 200 && p.left === (i ? panes[i - 1].right : 0))
				&& panes.at(-1).right === innerWidth;
		})()`, quote(panes)))
		cut := evaluate[[]string](ana, `[document.documentElement, ...document.querySelectorAll(".panes, .pane, .sidebar, .messages, .phone-body, .inspector > *")]
			.filter(e => e.scrollWidth > e.clientWidth).map(e => e.className || e.localName)`)
		if len(cut) > 0 {
			t.Errorf("at a width of %d pixels these are wider than there is room: %q", width, cut)
		}
	}
	const sidebar, channel, thread, phone = ".sidebar", "main", `[aria-label="Thread"]`, ".pane.phone"
	for _, width := range []int64{1440, 1399, 1280, 1200} {
		beside(width, sidebar, channel, thread, phone)
	}
	beside(1199, sidebar, thread, phone)
	ana.press("Phone")
	ana.gone(phone)
	for _, width := range []int64{1400, 1199, 1099, 900} {
		beside(width, sidebar, channel, thread)
	}
	beside(899, sidebar, thread)

	ana.press("Phone")
	ana.run("making the window wide", wide)
	ana.run("moving to a message", focus("main [data-ts]"))
	ana.key(kb.Enter)
	ana.press("Inspect")
	ana.sees("rich_text", ".inspector")
	beside(1280, sidebar, channel, ".inspector", phone)
	beside(1200, sidebar, channel, ".inspector", phone)
}

// TestScrollbars: what scrolls shows its bar on its own ground, whose colour the bar stands
// out from, light and dark.
func TestScrollbars(t *testing.T) {
	t.Parallel()
	sandbox := startSandbox(t)
	for look, steps := range looks() {
		t.Run(look, func(t *testing.T) {
			t.Parallel()
			w := startBrowser(t, sandbox).open("ana", "", steps...)
			w.sees("What goes wrong", ".phone")
			faint := evaluate[[]string](w, `(() => {
				const light = c => c.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
					.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0.05);
				const parts = c => c.match(/[\d.]+/g).map(Number);
				const ground = e => { const c = parts(getComputedStyle(e).backgroundColor); return c[3] === 0 ? ground(e.parentElement) : c };
				return [...document.querySelectorAll("*")].filter(e => /auto|scroll/.test(getComputedStyle(e).overflowY)).map(e => {
					const [thumb, track] = getComputedStyle(e).scrollbarColor.match(/rgba?\([^)]*\)/g) ?? [];
					const [a, b] = thumb ? [parts(thumb), ground(e)].map(c => light(c.slice(0, 3))) : [1, 1];
					return [e.className, track, Math.max(a, b) / Math.min(a, b)];
				}).filter(([, track, contrast]) => track !== "rgba(0, 0, 0, 0)" || contrast < 3).map(String);
			})()`)
			if len(faint) > 0 {
				t.Errorf("these scroll with a bar of another ground, or one that hardly shows: %q", faint)
			}
		})
	}
}
