package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestFocusStays: what opens has the focus, and what closes gives it back to where the person
// was, or to what is beside it if that is gone: the next key is never lost.
func TestFocusStays(t *testing.T) {
	t.Parallel()
	ana := startBrowser(t, startSandbox(t, "--speed", "50")).open("ana", "")
	ana.enter("general")
	ana.asked("(415) 555-0132 Ask about the return policy")
	ana.press("Place call")
	ana.sees("Achieved after", "main "+newest)

	ana.run("moving to the replies", focus("button.replies"))
	ana.key(kb.Enter)
	ana.focused(`[aria-label="Reply"]`)
	ana.key(kb.Escape)
	ana.gone(`[aria-label="Thread"]`)
	ana.focused("button.replies")

	// The thread gives way to the inspector, and with it the menu that led there.
	ana.key(kb.Enter)
	ana.focused(`[aria-label="Reply"]`)
	ana.run("moving to the newest reply", focus(`.side .message[tabindex="0"]`))
	ana.key(kb.Enter)
	ana.press("Inspect")
	ana.focused(`[aria-label="Close the inspector"]`)
	ana.key(kb.Escape)
	ana.gone(".inspector")
	ana.until("the focus is in the thread", `document.activeElement.closest(".side")`)
	ana.key(kb.Escape)
	ana.gone(".side")
	ana.until("the focus is in the channel", `document.activeElement.closest("main")`)

	ana.run("moving into the phone panel", focus(".phone [role=switch]"))
	ana.key(kb.Escape)
	ana.gone(".phone")
	ana.focused(".phone-toggle")

	ana.run("making the window narrow", chromedp.EmulateViewport(360, 740))
	ana.run("moving to the list of channels", focus(`[aria-label="Channels"]`))
	ana.key(kb.Enter)
	ana.focused(`[aria-label="Close the list of channels"]`)
	ana.key(kb.Escape)
	ana.gone(".sidebar.open")
	ana.focused(`[aria-label="Channels"]`)
	ana.key(kb.Enter)
	ana.focused(`[aria-label="Close the list of channels"]`)
	ana.run("moving to another channel", focus(`nav li:nth-child(2) a`))
	ana.key(kb.Enter)
	ana.until("the channel is there", `document.querySelector("main h1")?.innerText.includes("front-desk")`)
	ana.gone(".sidebar.open")
	ana.focused(`[aria-label="Channels"]`)
}
