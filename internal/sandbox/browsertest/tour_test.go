package browsertest

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// scene is one view of the page, and how to come to it from the one before.
type scene struct {
	name string
	come func(w *tab)
	// picture is what the README shows of it, a selector; "": nothing.
	picture string
}

// tour leads through all views: one call from its card to its end with the telephone's
// panel, the form, Home, and the developer's tools.
func tour() []scene {
	return []scene{
		{"card", func(w *tab) {
			w.enter("general")
			w.answering(true)
			w.asked("(415) 555-0132 Book a table for 2 tonight at 7pm under Sarah")
		}, "[data-ts]"},
		{"phone", func(w *tab) {
			w.press("Place call")
			w.click("button.replies")
			w.pickedUp("Trattoria Roma, good evening")
			w.sees("book a table for two", ".phone")
		}, ".phone"},
		{"thread", func(w *tab) {
			w.ended("A table for two at seven is booked under Sarah. They hold it for 15 minutes.")
			w.sees("A table for two at seven", "[data-ts]")
			w.until("the recording can be played", `document.querySelector("audio")?.duration > 0`)
			w.entire(`[aria-label="Thread"] .messages`)
		}, `aside[aria-label="Thread"]`},
		{"workspace", func(*tab) {}, "body"},
		{"form", func(w *tab) {
			w.run("making the window as before", wide)
			w.say("#general", "/call")
			w.fill("Phone number", "(415) 555-0101")
			w.fill("What is the call for?", "Ask whether they are open on Sunday")
			w.until("there is a form", `document.querySelector("dialog[open]")`)
		}, "dialog[open]"},
		{"form with errors", func(w *tab) {
			w.fill("Phone number", "12")
			w.press("Make the card")
			w.sees("That is not a phone number", "[role=alert]")
			w.press("Cancel")
			w.until("the form is gone", `!document.querySelector("dialog[open]")`)
		}, ""},
		{"home", func(w *tab) {
			w.run("making the window low", chromedp.EmulateViewport(1400, 420))
			w.press("callbot Home")
			w.sees("New call", "main")
		}, "main"},
		{"inspector", func(w *tab) {
			w.run("making the window high", chromedp.EmulateViewport(1400, 900))
			w.enter("general")
			w.run("moving to a message", focus("[data-ts]"))
			w.click(`[data-ts] button[aria-label="Message actions"]`)
			w.press("Inspect")
			w.sees("rich_text", ".inspector")
			w.click(".inspector [role=tab]:nth-child(2)")
			w.sees("chat.postMessage", ".inspector")
		}, ""},
		{"scenario", func(w *tab) {
			w.press("Copy as scenario …")
			w.sees("slack say ana", "dialog[open]")
		}, ""},
	}
}

// corners are what the tour leaves out: menus and dialogs that are open, what has gone
// wrong, and the other kinds of conversation.
func corners() []scene {
	return []scene{
		{"command completion", func(w *tab) {
			w.key(kb.Escape)
			w.gone("dialog[open]")
			w.enter("general")
			w.fill("Message #general", "/c")
			w.sees("/call", "[role=option]")
		}, ""},
		{"people completion", func(w *tab) {
			w.fill("Message #general", "@")
			w.sees("@ben", "[role=option]")
		}, ""},
		{"nothing to choose from", func(w *tab) {
			w.key(kb.Escape)
			w.say("#general", "/call")
			w.fill("Or somebody who was called before", "nobody")
			w.sees("Nothing fits.", "dialog [role=status]")
		}, ""},
		{"message menu", func(w *tab) {
			w.key(kb.Escape, kb.Escape)
			w.gone("dialog[open]")
			w.run("moving to a message", focus("[data-ts]"))
			w.key(kb.Enter)
			w.focused("[role=menuitem]")
		}, ""},
		{"thread of an unclear call", func(w *tab) {
			w.key(kb.Escape)
			w.answering(false)
			w.unclear()
		}, ""},
		{"confirmation", func(w *tab) {
			w.press("Place again")
			w.focused("[role=alertdialog] button")
		}, ""},
		{"faults", func(w *tab) {
			w.press("Don't")
			w.set("AgentPhone", "down")
			w.set("Slack", "rate_limited")
			w.press("Kill the bot")
			w.sees("The bot is stopped", ".phone")
			w.say("#general", "/call (415) 555-0132 Ask about parking")
			w.sees("dispatch_failed", "[data-notice]")
		}, ""},
		{"workflow step", func(w *tab) {
			w.set("AgentPhone", "up")
			w.set("Slack", "up")
			w.press("Start the bot")
			w.sees("The bot is running", ".phone")
			w.press("Run the workflow step …")
			w.fill("What the call is for", "Ask about parking")
		}, ""},
		{"card of a workflow", func(w *tab) {
			w.press("Run")
			w.sees("A workflow has come to the step", ".toast")
			w.sees("workflow", "[data-ts]")
		}, ""},
		{"menu of a form", func(w *tab) {
			w.say("#general", "/call")
			w.offered("Or somebody who was called before", "555", "(415) 555-0132")
		}, ""},
		{"private channel", func(w *tab) {
			w.key(kb.Escape)
			w.press("Cancel")
			w.gone("dialog[open]")
			w.enter("finance")
		}, ""},
		{"direct messages", func(w *tab) {
			w.click(`[aria-labelledby="apps"] [data-channel]`)
			w.say("@callbot", "help")
			w.sees("help", "[data-ts]")
		}, ""},
		{"nowhere", func(w *tab) {
			evaluate[any](w, `void (location.hash = "#/CNOTHING")`)
			w.sees("There is no such channel here")
		}, ""},
	}
}

// narrow leads through the views on a telephone.
func narrow() []scene {
	return []scene{
		{"narrow channel", func(w *tab) {
			w.sees("Place this call?", "[data-ts]")
		}, ""},
		{"narrow list of channels", func(w *tab) {
			w.press("Channels")
			w.until("the list is there", `document.querySelector(".sidebar.open")`)
		}, ""},
		{"narrow home", func(w *tab) {
			w.press("callbot Home")
			w.sees("New call", "main")
		}, ""},
		{"narrow phone", func(w *tab) {
			w.press("Phone")
			w.sees("What goes wrong", ".phone")
			w.click(".phone summary#magic")
		}, ""},
		{"narrow form", func(w *tab) {
			w.click(`.magic-number[data-number="+14155550101"]`)
			w.gone(".phone")
			w.fill("Message #general", "/call")
			w.press("Send")
			w.fill("Phone number", "12")
			w.fill("What is the call for?", "Ask about parking")
			w.press("Make the card")
			w.sees("That is not a phone number", "[role=alert]")
		}, ""},
		{"narrow thread", func(w *tab) {
			w.press("Cancel")
			w.gone("dialog[open]")
			w.click("button.replies")
			w.until("there is a thread", `document.querySelector('[aria-label="Thread"] .messages-inner:not(.unready) [data-ts]')`)
		}, ""},
		{"narrow inspector", func(w *tab) {
			w.run("moving to a message", focus(`[aria-label="Thread"] [data-ts]`))
			w.key(kb.Enter)
			w.press("Inspect")
			w.sees("rich_text", ".inspector")
		}, ""},
	}
}

// The sizes of the windows of a computer and of a telephone.
var (
	wide  = chromedp.EmulateViewport(1400, 900)
	small = chromedp.EmulateViewport(390, 844)
)

// entire makes the window as high as it takes to see all that a list holds.
func (w *tab) entire(list string) {
	w.t.Helper()
	unseen := func() int64 {
		return evaluate[int64](w, fmt.Sprintf(`(e => e.scrollHeight - e.clientHeight)(document.querySelector(%s))`, quote(list)))
	}
	height := int64(900)
	for more := unseen(); more > 0; more = unseen() {
		height += more
		w.run("making the window high", chromedp.EmulateViewport(1400, height))
		w.until("it is so high", fmt.Sprintf(`innerHeight === %d`, height))
	}
}

// looks are the ways in which the page is looked at.
func looks() map[string][]step {
	media := func(scheme string) step {
		return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
			})
			return err
		})
	}
	return map[string][]step{
		"light": {media("light"), wide},
		"dark":  {media("dark"), wide},
	}
}
