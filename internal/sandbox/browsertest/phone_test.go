package browsertest

import (
	"fmt"
	"testing"
)

// TestAnswerByHand: a person is the business. The line is busy; a recorded menu talks, whose
// keys the agent presses, and then they hang up; and a call with a story of its own is
// answered by hand too.
func TestAnswerByHand(t *testing.T) {
	t.Parallel()
	b := startBrowser(t, startSandbox(t, "--speed", "20"))
	ana := b.open("ana", "")
	ana.enter("general")
	ana.answering(true)

	ana.asked("(415) 555-0140 Ask about parking")
	ana.press("Place call")
	ana.sees("answered by you", ".call.live")
	ana.press("Be busy")
	ana.sees("The line was busy", ".call.failed")
	ana.sees("✗ Failed · call to (415) 555-0140", "[data-ts]")

	ana.asked("(415) 555-0141 Book a table for 2 tonight at 7pm under Sarah")
	ana.press("Place call")
	ana.press("Pick up")
	ana.press("Let the menu talk")
	ana.sees("press 1", ".call.live [data-kind=announcement]")
	ana.sees("1", ".call.live [data-kind=tones]")
	ana.press("Hang up")
	ana.sees("Not achieved after", "[data-ts]")
	ana.click("main " + newest + " button.replies")
	ana.sees("The other side hung up", `[aria-label="Thread"]`)
	ana.sees("(presses 1)", `[aria-label="Thread"]`)

	// 0114 rings until nobody has answered.
	ana.answering(false)
	ana.asked("(415) 555-0114 Ask about parking")
	ana.press("Place call")
	ana.sees("plays “no answer”", ".call.live")
	ana.sees("switch on “I answer new calls myself”", ".call.live")
	ana.press("Pick up")
	ana.press("Say how it ended …")
	ana.choose(".ending select", "partial")
	ana.fill("Summary", "There is a car park behind the house.")
	ana.press("End the call")
	ana.sees("Partly achieved after", "[data-ts]")
}

// TestMagicNumbers: each number with a story of its own puts a command into the composer
// with one click, and what the story says then happens.
func TestMagicNumbers(t *testing.T) {
	t.Parallel()
	b := startBrowser(t, startSandbox(t, "--speed", "50"))
	ana := b.open("ana", "#/home")
	ana.click(".phone summary#magic")
	for _, story := range []struct{ number, happens string }{
		{"+14155550101", "Partly achieved after"},
		{"+14155550170", "AgentPhone has no credits left"},
	} {
		ana.click(fmt.Sprintf("[data-number=%q]", story.number))
		ana.focused(`textarea[aria-label="Message #general"]`)
		ana.until("the command is there", `document.activeElement.value.startsWith("/call (415) 555-01")`)
		ana.press("Send")
		ana.press("Place call")
		ana.sees(story.happens, "[data-ts]")
	}
}

// TestSpeed: calls and the bot's waits go as fast as is chosen, which the bot is started
// again for.
func TestSpeed(t *testing.T) {
	t.Parallel()
	b := startBrowser(t, startSandbox(t, "--speed", "1"))
	ana, ben := b.open("ana", ""), b.open("ben", "")
	before := evaluate[string](ana, `document.querySelector(".bot small").innerText`)
	ana.choose(`.settings select`, "100")
	ben.until("another sees it", `document.querySelector(".settings select").value === "100"`)
	ana.until("it is another process", fmt.Sprintf(`document.querySelector("[data-process=running]") && document.querySelector(".bot small").innerText !== %s`, quote(before)))
	ana.sees("Requests in the last 0.6 s", ".phone")
	ana.enter("general")
	ana.asked("(415) 555-0132 Ask about the return policy")
	ana.press("Place call")
	ana.sees("Achieved after", "[data-ts]")
}
