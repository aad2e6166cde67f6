package browsertest

import (
	"fmt"
	"testing"
)

// set switches how AgentPhone or Slack is.
func (w *tab) set(what, is string) {
	w.t.Helper()
	w.click(fmt.Sprintf(`.segments label:has([name=%q][value=%q])`, what, is))
	w.until(what+" is "+is, fmt.Sprintf(`document.querySelector('.segments label.on [name=%q]').value === %q`, what, is))
}

// TestPhoneFaults: while AgentPhone can't be reached, or has too many requests, a call that
// was approved waits and says so, and is placed once that is over; while it is slow the
// call takes longer.
func TestPhoneFaults(t *testing.T) {
	t.Parallel()
	b := startBrowser(t, startSandbox(t, "--speed", "20"))
	ana := b.open("ana", "")
	ana.enter("general")
	for i, fault := range []struct{ is, says string }{
		{"down", "can't be reached right now"},
		{"rate_limited", "Waiting"},
	} {
		ana.set("AgentPhone", fault.is)
		number := fmt.Sprintf("(415) 555-014%d", i)
		ana.asked(number + " Ask about parking")
		ana.press("Place call")
		ana.sees(fault.says, "[data-ts]")
		ana.sees("No call is under way", ".phone")
		ana.set("AgentPhone", "up")
		ana.sees("Achieved after", "main "+newest)
	}
	ana.set("AgentPhone", "slow")
	ana.asked("(415) 555-0149 Ask about parking")
	ana.press("Place call")
	ana.until("three calls have ended", `document.querySelectorAll(".call.completed").length === 3`)
	ana.until("three results are there", `[...document.querySelectorAll("[data-ts]")].filter(m => m.innerText.includes("Achieved after")).length === 3`)
}

// TestSlackFaults: while Slack is slow, has too many requests or is down, what happens is
// shown late or not at all; once it is well again it is all there, and nobody was called
// twice.
func TestSlackFaults(t *testing.T) {
	t.Parallel()
	b := startBrowser(t, startSandbox(t, "--speed", "20"))
	ana := b.open("ana", "")
	ana.enter("general")
	achieved := func(n int) {
		t.Helper()
		ana.until("the result is there", fmt.Sprintf(`[...document.querySelectorAll("[data-ts]")].filter(m => m.innerText.includes("Achieved after")).length === %d`, n))
	}
	for i, is := range []string{"slow", "rate_limited", "down"} {
		ana.asked(fmt.Sprintf("(415) 555-014%d Ask about parking", i))
		ana.set("Slack", is)
		ana.press("Place call")
		ana.until("the call has ended", fmt.Sprintf(`document.querySelectorAll(".call.completed").length === %d`, i+1))
		ana.set("Slack", "up")
		achieved(i + 1)
	}

	// Links that are cut come back by themselves, in less time than a call takes.
	ana.asked("(415) 555-0148 Ask about parking")
	ana.press("Place call")
	ana.press("Drop the links")
	achieved(4)
	ana.sees("2 links to Slack", ".bot")
	ana.asked("(415) 555-0149 Ask about parking")
}

// TestChart: the requests to AgentPhone stay below the limit, where a loop that polls each
// call would not.
func TestChart(t *testing.T) {
	t.Parallel()
	b := startBrowser(t, startSandbox(t, "--speed", "5"))
	ana := b.open("ana", "")
	ana.enter("general")
	ana.sees("callbot 0", ".chart .legend")
	const calls = 3
	for i := range calls {
		ana.asked(fmt.Sprintf("(415) 555-0105 Ask about parking %d", i))
		ana.press("Place call")
		ana.until("it is placed", fmt.Sprintf(`document.querySelectorAll(".call.in_progress").length === %d`, i+1))
	}
	ana.until("the loop is over the limit, and callbot is not", `(() => {
		const [, ours, limit, plain] = /: (\d+) of (\d+) allowed.*would have made (\d+)/.exec(document.querySelector(".chart figcaption").textContent)
		if (+ours > +limit) throw new Error("callbot made " + ours)
		return +ours > 0 && +plain > +limit })()`)
	if !evaluate[bool](ana, `(() => { const top = c => Math.min(...document.querySelector(".chart ." + c).getAttribute("points").split(" ").map(p => +p.split(",")[1]))
		return top("plain") < +document.querySelector(".chart line.limit").getAttribute("y1") && top("ours") >= +document.querySelector(".chart line.limit").getAttribute("y1") })()`) {
		t.Error("the lines are not drawn where the figures are")
	}
}
