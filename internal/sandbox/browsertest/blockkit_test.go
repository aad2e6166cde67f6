package browsertest

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestFormControls: each control of the form is used, and the card shows what was chosen.
func TestFormControls(t *testing.T) {
	t.Parallel()
	b := startBrowser(t, startSandbox(t, "--speed", "50"))
	ana := b.open("ana", "")
	ana.enter("general")
	ana.asked(`(415) 555-0132 Ask about parking at "Zuni Café"`)
	ana.press("Place call")
	ana.sees("Achieved after", "[data-ts]")

	ana.say("#general", "/call")
	// A menu whose options the app supplies as one types; choosing fills in other fields.
	ana.offered("Or somebody who was called before", "zun", "Zuni Café")
	ana.key(kb.ArrowDown, kb.Enter)
	ana.until("the number is filled in", `document.querySelector('[data-block-id^="number"] input').value === "(415) 555-0132"`)
	ana.until("the name is filled in", `document.querySelector('[data-block-id^="business"] input').value === "Zuni Café"`)
	ana.fill("What is the call for?", "Ask about a table by the window")
	ana.choose(`input[type=datetime-local]`, ana.tomorrow())
	ana.click(`dialog input[value=few]`)
	ana.press("Make the card")
	ana.gone("dialog[open]")
	ana.sees("asks for a private call to Zuni Café, +1 •••••••• 32", "[data-ts]")
	ana.click(".entry.unread")
	ana.sees("Ask about a table by the window", "[data-ts]")
	ana.sees("3:30 PM", "[data-ts] button")
}

// TestShortcuts: the form of the shortcut on a message offers the numbers that stand in it,
// and the one that needs no message begins with where the person is.
func TestShortcuts(t *testing.T) {
	t.Parallel()
	b := startBrowser(t, startSandbox(t, "--speed", "50"))
	ana := b.open("ana", "")
	ana.enter("general")
	ana.say("#general", "Front desk +1 415 555 0199, kitchen (415) 555-0188 x12")
	ana.sees("Front desk", "[data-ts]")
	ana.run("moving to the message", focus(`[data-ts]`))
	ana.key(kb.Enter)
	ana.press("Call about this message")
	ana.offered("Numbers in the message", "0188", "(415) 555-0188 x12")
	ana.until("nothing else is offered", `document.querySelectorAll("[role=option]").length === 1`)
	ana.take("(415) 555-0188 x12")
	ana.until("the number is filled in", `document.querySelector('[data-block-id^="number"] input').value === "(415) 555-0188 x12"`)
	ana.fill("What is the call for?", "Ask whether the kitchen is open on Sunday")
	ana.press("Make the card")
	ana.gone("dialog[open]")
	ana.click("button.replies")
	ana.sees("@ana asks to call (415) 555-0188", `[aria-label="Thread"]`)

	ana.enter("front-desk")
	ana.press("Shortcuts")
	ana.press("Place a call")
	ana.until("the form begins with where the person is", `[...document.querySelectorAll("dialog [role=combobox]")].some(f => f.value === "#front-desk")`)
	ana.fill("Phone number", "(415) 555-0101")
	ana.fill("What is the call for?", "Ask whether they are open on Sunday")
	ana.press("Make the card")
	ana.gone("dialog[open]")
	ana.sees("@ana asks to call (415) 555-0101", "[data-ts]")
	ana.press("Shortcuts")
	ana.press("Place a call")
	ana.offered("Where does the card go?", "gen", "#general")
	ana.take("#general")
	ana.fill("Phone number", "(415) 555-0102")
	ana.fill("What is the call for?", "Ask whether they are open on Sunday")
	ana.press("Make the card")
	ana.gone("dialog[open]")
	ana.enter("general")
	ana.sees("@ana asks to call (415) 555-0102", "[data-ts]")
}

// TestLater: the form for a later time says what time it will be there, as soon as one is
// chosen, and the card that the call waits for it.
func TestLater(t *testing.T) {
	t.Parallel()
	b := startBrowser(t, startSandbox(t, "--speed", "50"))
	ana := b.open("ana", "")
	ana.enter("general")
	ana.asked("(212) 555-0132 Ask about parking")
	ana.press("Later…")
	ana.sees("Then it will be", "dialog[open]")
	ana.choose(`dialog input[type=datetime-local]`, "2020-03-04T15:30")
	ana.until("the past is refused", `!document.querySelector("dialog[open]").innerText.includes("Then it will be")`)
	ana.choose(`dialog input[type=datetime-local]`, ana.tomorrow())
	ana.sees("Then it will be", "dialog[open]")
	ana.press("Call then")
	ana.gone("dialog[open]")
	ana.sees("Approved by @ana, to be placed on", "[data-ts]")
}

// TestShare: a summary is shared in a conversation that is found by typing.
func TestShare(t *testing.T) {
	t.Parallel()
	b := startBrowser(t, startSandbox(t, "--speed", "50"))
	ana := b.open("ana", "")
	ana.enter("general")
	ana.asked("(415) 555-0132 Ask about the return policy")
	ana.press("Place call")
	ana.click("button.replies")
	ana.press("Share summary")
	ana.press("Share")
	ana.until("the empty field is what is wrong", `document.querySelector("dialog .input.invalid [role=alert]")`)
	ana.offered("Where?", "fin", "#finance")
	ana.until("nothing else is offered", `document.querySelectorAll("[role=option]").length === 1`)
	ana.key(kb.Escape)
	ana.until("the menu has closed, the form has not", `!document.querySelector("[role=option]") && document.querySelector("dialog[open]")`)
	ana.offered("Where?", "front", "#front-desk")
	ana.key(kb.Enter)
	ana.press("Share")
	ana.gone("dialog[open]")
	ana.click(`.entry.unread`)
	ana.sees("shared what came of a phone call", "[data-ts]")
}

// TestConfirm: what could call somebody twice is asked once more, and done only then.
func TestConfirm(t *testing.T) {
	t.Parallel()
	b := startBrowser(t, startSandbox(t, "--speed", "50"))
	ana := b.open("ana", "")
	ana.enter("general")
	ana.unclear()
	for _, deny := range []func(){func() { ana.press("Don't") }, func() { ana.key(kb.Escape) }} {
		ana.press("Place again")
		ana.sees("is called a second time", "[role=alertdialog]")
		ana.focused("[role=alertdialog] button")
		deny()
		ana.gone("[role=alertdialog]")
		ana.focused(`[data-action-id="place_again"]`)
	}
	ana.key(kb.Enter)
	ana.focused("[role=alertdialog] button")
	ana.key(kb.Enter)
	ana.gone("[role=alertdialog]")
	ana.gone(`[data-action-id="place_again"]`)
	ana.sees("An earlier attempt ended here", "[data-ts]")
}
