package browsertest

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/agentphone-slack/callbot/internal/sandbox/sandboxtest"
)

// TestLateScroll: a browser tells that a list was scrolled a moment later, when the person
// may have gone elsewhere.
func TestLateScroll(t *testing.T) {
	t.Parallel()
	ana := startBrowser(t, startSandbox(t)).open("ana", "")
	ana.enter("general")
	evaluate[any](ana, `void (window.left = document.querySelector(".messages"))`)
	ana.press("callbot Home")
	ana.until("the list is gone", `!window.left.isConnected`)
	evaluate[any](ana, `void window.left.dispatchEvent(new Event("scroll"))`)
}

// TestUnread: what others write is marked until it was seen, in every tab.
func TestUnread(t *testing.T) {
	t.Parallel()
	p := startSandbox(t)
	b := startBrowser(t, p)
	ana := b.open("ana", "#/home")
	frontDesk := p.Until("ana", "there are channels", func(st sandboxtest.State) bool { return len(st.Channels) > 2 }).ChannelID("#front-desk")
	unread := fmt.Sprintf(`.entry.unread[data-channel=%q] .count`, frontDesk)
	ana.gone(unread)
	for i := range 2 {
		p.Do("say", map[string]any{"as": "ben", "channel": frontDesk, "text": fmt.Sprintf("Good morning %d", i)})
	}
	ana.sees("2", unread)
	ana.until("the title says so", `document.title.startsWith("(2) ")`)
	ana.run("loading the page again", chromedp.Reload())
	ana.sees("2", unread)
	ana.enter("front-desk")
	ana.sees("Good morning 1", "[data-ts]")
	ana.enter("general")
	ana.gone(unread)
	ana.until("the title says nothing", `document.title.startsWith("#general")`)
	ana.run("loading the page again", chromedp.Reload())
	ana.until("there is a composer", `document.querySelector("textarea")`)
	ana.gone(unread)
}

// TestLinks: the address of a message leads to it, in a channel and in a thread; and what
// was shown is shown again when the page is loaded again.
func TestLinks(t *testing.T) {
	t.Parallel()
	p := startSandbox(t, "--speed", "1000")
	general := p.Until("ana", "the bot is connected", func(st sandboxtest.State) bool { return st.Process.State == "running" }).ChannelID("#general")
	const written = 60
	for i := range written {
		p.Do("say", map[string]any{"as": "ben", "channel": general, "text": fmt.Sprintf("Number %d.", i)})
	}
	all := p.Until("ana", "all are there", func(st sandboxtest.State) bool { return len(st.Messages[general]) == written }).Messages[general]
	third := all[3]
	p.Do("say", map[string]any{"as": "carol", "channel": general, "thread_ts": third.TS, "text": "What of it?"})

	b := startBrowser(t, p)
	ana := b.open("ana", "")
	ana.enter("general")
	first := `[data-ts="` + all[0].TS + `"]`
	ana.until("the first message is there", `document.querySelector(`+quote(first)+`)`)
	at := evaluate[string](ana, `document.querySelector(`+quote(first+" a.time")+`).getAttribute("href")`)
	inView := func(w *tab, selector string) {
		t.Helper()
		w.focused(selector)
		w.until("it is in the window", fmt.Sprintf(`(() => { const r = document.querySelector(%s).getBoundingClientRect(); return r.top > 0 && r.bottom < innerHeight })()`, quote(selector)))
	}
	linked := b.open("ben", at)
	inView(linked, first+".highlighted")
	linked.run("loading the page again", chromedp.Reload())
	inView(linked, first+".highlighted")

	ana.click(`[data-ts="` + third.TS + `"] button.replies`)
	ana.sees("What of it?", `[aria-label="Thread"]`)
	reply := evaluate[string](ana, `document.querySelector('[aria-label="Thread"] `+newest+` a.time').getAttribute("href")`)
	ana.run("loading the page again", chromedp.Reload())
	ana.sees("What of it?", `[aria-label="Thread"]`)
	inView(b.open("carol", reply), `[aria-label="Thread"] .highlighted`)

	missing := b.open("dev", "#/CNOTHING")
	missing.sees("There is no such channel here")
}
