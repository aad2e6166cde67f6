package browsertest

import (
	"math"
	"testing"

	"github.com/agentphone-slack/callbot/internal/sandbox/sandboxtest"
)

// TestCall: a person types a command, presses the button of the card, sees the
// call go on and end, and plays the recording; another tab shows the same to another.
func TestCall(t *testing.T) {
	t.Parallel()
	b := startBrowser(t, startSandbox(t, "--speed", "20"))
	ana, ben := b.open("ana", ""), b.open("ben", "")
	ana.enter("general")
	ben.enter("general")
	ana.say("#general", "/call (415) 555-0132 Ask about the return policy")
	for _, w := range []*tab{ana, ben} {
		w.sees("Place this call?", "[data-ts]")
		w.sees("@ana asks to call (415) 555-0132", "[data-ts]")
	}
	ana.press("Place call")
	ana.click("button.replies")
	ana.sees("Talking to (415) 555-0132", "[data-ts]")
	ben.click("button.replies")
	for _, w := range []*tab{ana, ben} {
		w.sees("Achieved after", "[data-ts]")
		w.sees("Returns are accepted within 30 days", "[data-ts]")
		w.sees("Transcript of the call", "[data-ts]")
		w.until("the recording can be played", `document.querySelector("audio")?.duration > 0`)
	}
	played := evaluate[float64](ana, `(async () => { const a = document.querySelector("audio"); a.muted = true; await a.play();
		for (let i = 0; i < 200 && a.currentTime === 0; i++) await new Promise(r => setTimeout(r, 20)); a.pause(); return a.currentTime })()`)
	length := evaluate[float64](ana, `document.querySelector("audio").duration`)
	want, _, _ := b.sandbox.Until("ana", "there is a recording", func(st sandboxtest.State) bool {
		_, _, ok := st.Recording("#general")
		return ok
	}).Recording("#general")
	if played <= 0 || math.Abs(length-want) > 0.1 {
		t.Errorf("the recording played up to %.2f s and lasts %.2f s; the file lasts %.2f s", played, length, want)
	}
}

// TestForm: what is wrong with a form stands at its field, what was typed is still
// there, and another person approves the card that comes of it.
func TestForm(t *testing.T) {
	t.Parallel()
	b := startBrowser(t, startSandbox(t, "--speed", "20"))
	ana := b.open("ana", "")
	ana.enter("general")
	ana.say("#general", "/call")
	ana.until("there is room for three lines", `document.querySelector("dialog[open] textarea")?.clientHeight > 60`)
	ana.until("one can type the number at once", `document.activeElement?.closest('[data-block-id="number"]')`)
	ana.fill("Phone number", "12")
	ana.fill("What is the call for?", "Ask whether they are open on Sunday")
	ana.press("Make the card")
	ana.sees("That is not a phone number", `[data-block-id="number"] [role=alert]`)
	if !evaluate[bool](ana, `(() => { const f = document.querySelector('[data-block-id="number"] input');
		return f.getAttribute("aria-invalid") === "true" && f.getAttribute("aria-describedby").split(" ").some(id => document.getElementById(id)?.innerText.includes("That is not")) })()`) {
		t.Error("the field is not marked as what is wrong")
	}
	ana.until("what was typed is still there", `document.querySelector('[data-block-id="objective"] textarea').value === "Ask whether they are open on Sunday"`)
	ana.fill("Phone number", "(415) 555-0101")
	ana.press("Make the card")
	ana.until("the form is gone", `!document.querySelector("dialog[open]")`)
	ana.sees("Place this call?", "[data-ts]")

	// The same tab becomes somebody else's.
	ana.choose(`select[aria-label="You are"]`, "ben")
	ana.until("it is Ben's page", `new URL(location.href).searchParams.get("as") === "ben" && document.querySelector("nav")`)
	ana.enter("general")
	ana.press("Place call")
	ana.sees("Approved by @ben", "[data-ts]")
	ana.sees("Partly achieved", "[data-ts]")
}

// TestBusiness: a person answers the phone as the business, while the bot is killed
// and started again, and the result is what they said.
func TestBusiness(t *testing.T) {
	t.Parallel()
	b := startBrowser(t, startSandbox(t, "--speed", "20"))
	ana := b.open("ana", "")
	ana.enter("general")
	ana.answering(true)
	ana.asked("(415) 555-0132 Book a table for 2 tonight at 7pm under Sarah")
	ana.press("Place call")
	ana.click("button.replies")
	ana.pickedUp("Trattoria Roma, good evening")
	ana.sees("Talking to (415) 555-0132", "[data-ts]")
	ana.press("Kill the bot")
	ana.sees("The bot is stopped", ".phone")
	ana.ended("A table for two at seven, under Sarah.")
	ana.press("Start the bot")
	ana.sees("The bot is running", ".phone")
	ana.sees("A table for two at seven, under Sarah.", "[data-ts]")
	ana.sees("Achieved after", "[data-ts]")
}
