package browsertest

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// button is the XPath of a button, or of a link, by what it is called.
func button(name string) string {
	return fmt.Sprintf(`//*[self::button or self::a or @role="menuitem" or self::summary][normalize-space(.)=%[1]s or @aria-label=%[1]s or @role="menuitem" and starts-with(normalize-space(.), %[1]s)]`, quote(name))
}

// press presses the last button of that name as soon as it is there.
func (w *tab) press(name string) {
	w.t.Helper()
	w.run("pressing "+name, chromedp.Click(chromedp.Search("("+button(name)+")[last()]"), chromedp.NodeVisible))
}

// enter goes to a channel, by the list of them.
func (w *tab) enter(channel string) {
	w.t.Helper()
	w.run("going to "+channel, chromedp.Click(chromedp.Search(fmt.Sprintf(`//nav//a[@data-channel][contains(normalize-space(.), %s)]`, quote(channel))), chromedp.NodeVisible))
	w.until("the channel is there", fmt.Sprintf(`document.querySelector("main h1")?.innerText.includes(%s)`, quote(channel)))
}

// fill types into a field, which its label names, what then stands there alone.
func (w *tab) fill(label, text string) {
	w.t.Helper()
	field := fmt.Sprintf(`//*[@aria-label=%[1]s and (self::input or self::textarea)] | //*[@id=(//label[starts-with(normalize-space(.), %[1]s)]/@for)] | //label[starts-with(normalize-space(.), %[1]s)]//*[self::input or self::textarea]`, quote(label))
	w.run("filling in "+label,
		chromedp.WaitVisible(chromedp.Search(field)),
		chromedp.Focus(chromedp.Search(field)))
	evaluate[any](w, `document.activeElement.select()`)
	w.run("filling in "+label, typing(text))
}

// say types a line in the composer of a channel and sends it.
func (w *tab) say(channel, line string) {
	w.t.Helper()
	w.fill("Message "+channel, line)
	w.press("Send")
}

// click clicks what a selector finds first.
func (w *tab) click(selector string) {
	w.t.Helper()
	w.run("clicking "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// choose chooses a value in a select, or a moment in a picker: the browser's own windows for
// these can't be reached.
func (w *tab) choose(selector, value string) {
	w.t.Helper()
	w.run("choosing "+value, chromedp.WaitVisible(chromedp.CSS(selector)))
	evaluate[any](w, fmt.Sprintf(`(() => { const s = document.querySelector(%s); s.value = %s; s.dispatchEvent(new Event("change", {bubbles: true})) })()`, quote(selector), quote(value)))
}

// tomorrow is half past three in the afternoon of tomorrow, as a picker takes it.
func (w *tab) tomorrow() string {
	w.t.Helper()
	return evaluate[string](w, `new Date(Date.now() + 86400e3).toISOString().slice(0, 10) + "T15:30"`)
}

// offered types into a menu, which its label names, and waits until an option is offered.
func (w *tab) offered(label, typed, option string) {
	w.t.Helper()
	w.fill(label, typed)
	w.sees(option, "[role=option]")
}

// take takes what a menu offers.
func (w *tab) take(option string) {
	w.t.Helper()
	w.run("taking "+option, chromedp.Click(chromedp.Search(fmt.Sprintf(`//*[@role="option"][contains(normalize-space(.), %s)]`, quote(option))), chromedp.NodeVisible))
}

// key presses keys, one after the other, wherever the focus is.
func (w *tab) key(keys ...string) {
	w.t.Helper()
	for _, k := range keys {
		w.run(fmt.Sprintf("pressing the keys %q", k), typing(k))
	}
}

// typing presses the keys of a text. chromedp.KeyEvent lets a key write even where the page
// has taken it for something else.
func typing(text string, held ...chromedp.Modifier) step {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for _, r := range text {
			events := kb.Encode(r)
			down, up := *events[0], *events[len(events)-1]
			if len(events) == 3 {
				down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
			}
			for _, m := range held {
				down.Modifiers |= int64(m)
				up.Modifiers |= int64(m)
			}
			for _, e := range []input.DispatchKeyEventParams{down, up} {
				if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, e); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// focused waits until the focus is on what a selector finds.
func (w *tab) focused(selector string) {
	w.t.Helper()
	w.until("the focus is on "+selector, fmt.Sprintf(`document.activeElement?.matches(%s)`, quote(selector)))
}

// gone waits until a selector finds nothing.
func (w *tab) gone(selector string) {
	w.t.Helper()
	w.until("there is no "+selector, fmt.Sprintf(`!document.querySelector(%s)`, quote(selector)))
}

// pickedUp answers the call that rings, as the business.
func (w *tab) pickedUp(greeting string) {
	w.t.Helper()
	w.press("Pick up")
	w.fill("Say as the business", greeting)
	w.press("Say")
	w.sees(greeting, ".phone .lines-said")
}

// answering switches on or off that new calls wait to be answered.
func (w *tab) answering(on bool) {
	w.t.Helper()
	w.until("there is a switch", `document.querySelector(".phone [role=switch]")`)
	if evaluate[bool](w, `document.querySelector(".phone [role=switch]").checked`) != on {
		w.click(".phone [role=switch]")
	}
	w.until("the switch has turned", fmt.Sprintf(`document.querySelector(".phone [role=switch]").checked === %t`, on))
}

// asked asks for a call in #general, and waits for the card.
func (w *tab) asked(call string) {
	w.t.Helper()
	w.say("#general", "/call "+call)
	w.until("the card can be approved", `[...document.querySelectorAll("[data-ts] button")].some(b => b.innerText === "Place call")`)
}

// ended says how the call that was answered ended.
func (w *tab) ended(summary string) {
	w.t.Helper()
	w.press("Say how it ended …")
	w.fill("Summary", summary)
	w.press("End the call")
	w.gone(".call.live")
}

// newest selects the last message of a list.
const newest = ".rows:last-child [data-ts]:last-child"

// unclear asks for a call of which nobody knows whether it was placed, and opens its thread,
// which asks.
func (w *tab) unclear() {
	w.t.Helper()
	w.asked("(415) 555-0180 Ask about parking")
	w.press("Place call")
	w.click("main " + newest + " button.replies")
	w.sees("Place again", `[aria-label="Thread"] button`)
}

// focus puts the focus on what a selector finds first.
func focus(selector string) step {
	return chromedp.Focus(chromedp.CSS(selector), chromedp.NodeReady)
}
