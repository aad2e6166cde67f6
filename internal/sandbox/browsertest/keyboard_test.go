package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestKeyboardComposer: who comes to a channel can type at once; a command completes itself,
// and what is to follow it is hinted at.
func TestKeyboardComposer(t *testing.T) {
	t.Parallel()
	ana := startBrowser(t, startSandbox(t)).open("ana", "#/home")
	ana.enter("general")
	ana.focused(`textarea[aria-label="Message #general"]`)
	ana.key("/c")
	ana.sees("Place a real phone call, once you approve it on a card", "[role=option][aria-selected=true]")
	ana.until("the field says so", `document.getElementById(document.activeElement.getAttribute("aria-activedescendant"))?.innerText.includes("/call")`)
	ana.key(kb.Escape)
	ana.gone("[role=option]")
	ana.focused("textarea")
	ana.key("a")
	ana.sees("/call", "[role=option]")
	ana.key(kb.Tab)
	ana.until("the command is there", `document.activeElement.value === "/call "`)
	ana.sees("(415) 555-0132 Ask whether they are open on Sunday", ".usage")
	ana.key("(415) 555-0132")
	ana.gone(".usage")

	evaluate[any](ana, `document.activeElement.select()`)
	ana.key("ask @b")
	ana.sees("Ben Okafor", "[role=option]")
	ana.key(kb.ArrowDown, kb.Enter)
	ana.key("in #fr")
	ana.sees("#front-desk", "[role=option]")
	ana.key(kb.Tab)
	ana.until("both are there", `/^ask @\S+ in #front-desk $/.test(document.activeElement.value)`)
	ana.key(kb.Enter)
	ana.sees("in #front-desk", "[data-ts] .content")
	ana.until("the field is empty, and has the focus", `document.activeElement.matches("textarea") && document.activeElement.value === ""`)
}

// TestKeyboardMessages: arrows go through the messages of a list, Enter opens what can be
// done with one, and Esc closes what is open, the innermost first.
func TestKeyboardMessages(t *testing.T) {
	t.Parallel()
	ana := startBrowser(t, startSandbox(t, "--speed", "50")).open("ana", "")
	ana.enter("general")
	for _, line := range []string{"first", "second"} {
		ana.say("#general", line)
		ana.sees(line, "[data-ts]")
	}
	ana.asked("(415) 555-0132 Ask about the return policy")
	ana.focused("textarea")
	ana.run("going back to the messages", typing(kb.Tab, chromedp.ModifierShift))
	ana.until("the newest message has the focus, or something in it", `document.activeElement.closest(`+quote(newest)+`)`)
	ana.run("moving to the newest message", focus(newest))
	on := func(what string) {
		t.Helper()
		ana.until("the focus is on "+what, `document.activeElement.matches("[data-ts]") && document.activeElement.innerText.includes(`+quote(what)+`)`)
	}
	ana.key(kb.ArrowUp)
	on("second")
	ana.key(kb.ArrowUp)
	on("first")
	ana.key(kb.ArrowUp)
	on("first")
	ana.key(kb.End)
	on("Place this call?")
	ana.key(kb.Home)
	on("first")

	ana.key(kb.Enter)
	ana.sees("Call about this message", "[role=menuitem]")
	ana.focused("[role=menuitem]")
	ana.key(kb.Escape)
	ana.gone("[role=menuitem]")
	ana.key(kb.Enter)
	ana.focused("[role=menuitem]")
	ana.key(kb.Enter)
	ana.sees("Place a call", "dialog[open]")
	ana.until("the focus is in the form", `document.activeElement.closest("dialog")`)
	ana.key(kb.Escape)
	ana.gone("dialog[open]")

	ana.press("Place call")
	ana.click("button.replies")
	ana.fill("Reply", "/call is typed in the channel")
	ana.sees("does not send slash commands", ".composer-note")
	ana.key(kb.Escape)
	ana.gone(`[aria-label="Thread"]`)
	ana.run("moving to the newest message", focus(newest))
	ana.key(kb.Enter)
	ana.press("Inspect")
	ana.sees("rich_text", ".inspector")
	ana.run("moving into the inspector", focus(".inspector [role=tab]"))
	ana.key(kb.ArrowRight)
	ana.sees("chat.postMessage", ".inspector")
	ana.key(kb.Escape)
	ana.gone(".inspector")
	ana.run("moving into the phone panel", focus(".phone [role=switch]"))
	ana.key(" ")
	ana.until("the switch has turned", `document.querySelector(".phone [role=switch]").checked`)
	ana.key(kb.Escape)
	ana.gone(".phone")
	ana.press("Phone")
	ana.until("it is back", `document.querySelector(".phone [role=switch]")`)
}
