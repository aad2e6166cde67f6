package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/agentphone-slack/callbot/internal/sandbox/sandboxtest"
)

// fill writes so many messages into #general: cards, and what people write. It returns the
// channel and what is in it.
func fill(t testing.TB, p *sandboxtest.Sandbox, messages int) (general string, all []sandboxtest.Message) {
	t.Helper()
	general = p.Until("ana", "there is a bot", func(st sandboxtest.State) bool { return st.Process.State == "running" }).ChannelID("#general")
	for i := range messages {
		text := fmt.Sprintf("Number %d: has anybody *called* the <@ben> place at https://example.com/%d yet?", i, i)
		if i%10 == 0 && i < 150 {
			text = fmt.Sprintf("/call (415) 555-%04d Ask the shop number %d about opening hours", 2000+i, i)
		}
		p.Do("say", map[string]any{"as": []string{"ana", "ben", "carol"}[i%3], "channel": general, "text": text})
	}
	// From here on as fast as somebody would have it who looks on: at that speed the bot alone
	// keeps the processor busy.
	p.Do("speed", map[string]any{"speed": 3})
	// Of the commands, some are refused to the person alone who typed them.
	return general, p.Until("ana", "all are there", func(st sandboxtest.State) bool {
		return st.Process.State == "running" && len(st.Messages[general]) >= messages-15
	}).Messages[general]
}

// packed is a message's ts as it stands in addresses.
func packed(ts string) string { return strings.Replace(ts, ".", "", 1) }

// What the tests ask the page for, as JavaScript.
const (
	// list is the list of the channel's messages.
	list = `document.querySelector("main .messages")`
	// below is how much of it is further down than what is seen.
	below = `(` + list + `.scrollHeight - ` + list + `.scrollTop - ` + list + `.clientHeight)`
	// whole says that all of them are drawn.
	whole = `document.querySelector("main .beginning")`
)

// shown is a message of the channel.
func shown(ts string) string { return `document.querySelector('main [data-ts="` + ts + `"]')` }

// height is where a message stands in the window.
func (w *tab) height(ts string) float64 {
	w.t.Helper()
	return evaluate[float64](w, shown(ts)+`.getBoundingClientRect().top`)
}

// TestLongChannel: a list of messages stays where it is, at its end or at what is
// being read, whatever is drawn before and comes after; links and keys lead through it.
func TestLongChannel(t *testing.T) {
	t.Parallel()
	p := startSandbox(t, "--speed", "1000")
	general, all := fill(t, p, 150)
	b := startBrowser(t, p)
	b.staysAtTheEnd(general, all[len(all)-1].TS)
	b.staysWhereOneReads(general)
	b.isLedThrough(general, all[40].TS, all[len(all)-1].TS)
}

func (b *browser) staysAtTheEnd(general, newest string) {
	w := b.open("ana", "#/"+general)
	w.until("the newest is there, at the end", shown(newest)+` && `+below+` < 1`)
	w.until("all are there", whole)
	w.until("the list is at its end still", below+` < 1`)
	b.sandbox.Do("say", map[string]any{"as": "ben", "channel": general, "text": "This comes at the end."})
	w.sees("This comes at the end.", "[data-ts]")
	w.until("the list is at its new end", below+` < 1`)
}

func (b *browser) staysWhereOneReads(general string) {
	w := b.open("ana", "#/"+general)
	w.until("all are there", whole)
	w.run("scrolling up", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, input.SynthesizeScrollGesture, input.SynthesizeScrollGestureParams{X: 600, Y: 400, YDistance: 1500, Speed: 8000})
		return err
	}))
	w.until("the list is further up", below+` > 1000`)
	read := evaluate[string](w, `new Promise(done => {
		const look = (y, still) => still > 5 ? done(document.elementFromPoint(600, 400).closest("[data-ts]").dataset.ts)
			: requestAnimationFrame(() => look(`+list+`.scrollTop, y === `+list+`.scrollTop ? still + 1 : 0))
		look(NaN, 0)
	})`)
	before := w.height(read)
	b.sandbox.Do("say", map[string]any{"as": "ben", "channel": general, "text": "This comes while somebody reads."})
	w.sees("1 new message", ".new-messages")
	if now := w.height(read); math.Abs(now-before) > 1 {
		b.t.Errorf("what is read stood at %.1f and stands at %.1f now that a message has come", before, now)
	}
	w.click(".new-messages")
	w.until("the button leads to the end", below+` < 1`)
}

func (b *browser) isLedThrough(general, linked, newest string) {
	w := b.open("ben", "#/"+general+"/p"+packed(linked))
	w.until("the linked message has the focus", `document.activeElement === `+shown(linked))
	before := w.height(linked)
	if middle := evaluate[float64](w, list+`.getBoundingClientRect().top + `+list+`.clientHeight / 2`); math.Abs(before-middle) > 100 {
		b.t.Errorf("the linked message stands at %.1f, and the middle is at %.1f", before, middle)
	}
	w.until("all are there", whole+` && `+shown(newest))
	if now := w.height(linked); math.Abs(now-before) > 1 {
		b.t.Errorf("the linked message stood at %.1f and stands at %.1f now that all are there", before, now)
	}
	const messages = `[...document.querySelectorAll("main [data-ts]")]`
	for _, move := range []struct{ key, to string }{
		{kb.ArrowDown, messages + `[1 + ` + messages + `.indexOf(` + shown(linked) + `)]`},
		{kb.ArrowUp, shown(linked)},
		{kb.End, messages + `.at(-1)`},
		{kb.Home, messages + `[0]`},
	} {
		w.run("pressing a key", chromedp.KeyEvent(move.key))
		w.until("the key leads to "+move.to, `document.activeElement === `+move.to)
		w.until("it is seen", `(({top, bottom}) => top >= 0 && bottom <= innerHeight)(document.activeElement.getBoundingClientRect())`)
	}
}

// task is how long a page was busy with one thing, in milliseconds: from its beginning to
// its end, and of that on the processor, which other programs want too.
type task struct{ wall, cpu float64 }

// longest returns the longest task of the page's main thread while something is done. The
// browser itself tells of tasks from 50 ms on; its trace tells of all.
func (b *browser) longest(do func()) (longest task) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patienceOfBrowsers)
	defer cancel()
	type thread struct{ PID, TID int }
	tasks := map[thread]task{}
	var page thread
	complete := make(chan struct{})
	err := chromedp.ListenBrowser(ctx, func(event any) {
		switch e := event.(type) {
		case *tracing.EventDataCollected:
			for _, raw := range e.Value {
				var part struct {
					thread
					Name      string
					Dur, TDur float64 // in µs
					Args      struct{ Data struct{ URL string } }
				}
				if json.Unmarshal(raw, &part) != nil {
					continue // a kind of event whose data is no object
				}
				if part.Name == "FunctionCall" && strings.HasSuffix(part.Args.Data.URL, "/app.js") {
					page = part.thread
				}
				if strings.HasSuffix(part.Name, "RunTask") {
					t := tasks[part.thread]
					tasks[part.thread] = task{max(t.wall, part.Dur/1000), max(t.cpu, min(part.TDur, part.Dur)/1000)}
				}
			}
		case *tracing.EventTracingComplete:
			close(complete)
		}
	})
	if err != nil {
		b.t.Fatalf("listening to the browser: %v", err)
	}
	if _, err := chromedp.CallBrowser(ctx, tracing.Start, tracing.StartParams{
		TransferMode: tracing.StartTransferModeReportEvents,
		TraceConfig:  &tracing.TraceConfig{IncludedCategories: []string{"toplevel", "devtools.timeline"}},
	}); err != nil {
		b.t.Fatalf("beginning to trace: %v", err)
	}
	do()
	if _, err := chromedp.CallBrowser(ctx, tracing.End, cdp.Empty{}); err != nil {
		b.t.Fatalf("ending to trace: %v", err)
	}
	select {
	case <-complete:
	case <-ctx.Done():
		b.t.Fatalf("waiting for the trace: %v", ctx.Err())
	}
	if _, found := tasks[page]; !found {
		b.t.Fatal("the trace tells nothing of the page")
	}
	return tasks[page]
}

// rests waits until the page has had nothing to do for a while.
func (w *tab) rests() {
	w.t.Helper()
	evaluate[any](w, `new Promise(done => setTimeout(() => requestIdleCallback(done), 200))`)
}

// BenchmarkLongChannel uses a channel of 500 messages: cards, threads and what
// people write. It tells when the page first shows something and when the newest message
// is there, how far what is seen moves about meanwhile (the browser's layout shift), and
// the longest task that the browser complains of. Then it traces what people do, and tells
// of each act the longest task, and the most that a task took of the processor.
func BenchmarkLongChannel(b *testing.B) {
	p := startSandbox(b, "--speed", "1000")
	general, all := fill(b, p, 500)
	newest, linked := all[len(all)-1].TS, all[20].TS
	p.Do("say", map[string]any{"as": "ben", "channel": general, "thread_ts": newest, "text": "A reply."})
	br := startBrowser(b, p)
	var m loaded
	traced := acts{b: br, longest: map[string]task{}}
	n := 0
	for b.Loop() {
		n++
		m.add(br.load(general, newest))

		var w *tab
		click := func(selector string) {
			evaluate[any](w, `document.querySelector(`+quote(selector)+`).click()`)
		}
		traced.act("load", func() {
			w = br.open("ana", "#/"+general)
			w.until("all are there", whole)
			w.rests()
		})
		traced.act("leave", func() {
			click(`nav li:first-child a`)
			w.until("another channel is there", `!`+shown(newest)+` && document.querySelector("main h1")`)
			w.rests()
		})
		traced.act("return", func() {
			click(`nav a[data-channel="` + general + `"]`)
			w.until("all are there", whole)
			w.rests()
		})
		traced.act("thread", func() {
			click(`main button.replies`)
			w.until("there is a thread", `document.querySelector('aside[aria-label="Thread"] [data-ts]')`)
			w.rests()
		})
		traced.act("arrival", func() {
			text := fmt.Sprintf("This comes %dth.", n)
			p.Do("say", map[string]any{"as": "ben", "channel": general, "text": text})
			// to read the text of all would be the longest task
			w.until("it is there", `[...document.querySelectorAll("main .message")].at(-1).textContent.includes(`+quote(text)+`)`)
			w.rests()
		})
		traced.act("typing", func() {
			evaluate[any](w, `document.querySelector("main textarea").focus()`)
			w.run("typing", chromedp.KeyEvent("Is it @be"))
			w.rests()
		})
		w.close()
		traced.act("link", func() {
			w = br.open("ana", "#/"+general+"/p"+packed(linked))
			w.until("the linked message has the focus", `document.activeElement === `+shown(linked))
			w.until("all are there", whole+` && `+shown(newest))
			w.rests()
		})
		w.close()
	}
	b.ReportMetric(m.Paint/float64(n), "first-paint-ms")
	b.ReportMetric(m.Newest/float64(n), "newest-ms")
	b.ReportMetric(m.Shift, "layout-shift")
	b.ReportMetric(m.Longest, "longest-task-ms")
	b.ReportMetric(m.Messages, "messages")
	for name, t := range traced.longest {
		b.ReportMetric(t.wall, name+"-ms")
		b.ReportMetric(t.cpu, name+"-cpu-ms")
	}
	b.ReportMetric(0, "ns/op")
}

// loaded is what the browser itself tells of opening the page: times in milliseconds, of
// which the longest task is 0 where none takes 50.
type loaded struct{ Paint, Newest, Shift, Longest, Messages float64 }

func (m *loaded) add(o loaded) {
	*m = loaded{m.Paint + o.Paint, m.Newest + o.Newest, max(m.Shift, o.Shift), max(m.Longest, o.Longest), o.Messages}
}

// load opens the channel in a tab of its own. It asks for little meanwhile, as what reads
// more would itself be a long task.
func (b *browser) load(general, newest string) loaded {
	w := b.open("ana", "#/"+general)
	defer w.close()
	w.until("the newest is there", shown(newest))
	seen := evaluate[float64](w, `performance.now()`)
	w.until("all are there", whole)
	w.rests()
	got := evaluate[loaded](w, `new Promise(done => {
		const sum = {Paint: performance.getEntriesByName("first-contentful-paint")[0].startTime, Newest: 0, Shift: 0, Longest: 0, Messages: document.querySelectorAll("main [data-ts]").length}
		const look = new PerformanceObserver(l => l.getEntries().forEach(e => {
			if (e.entryType === "layout-shift") sum.Shift += e.value
			else sum.Longest = Math.max(sum.Longest, e.duration)
		}))
		for (const type of ["layout-shift", "longtask"]) look.observe({type, buffered: true})
		setTimeout(() => done(sum), 200)
	})`)
	got.Newest = seen
	return got
}

// acts are things that people do, and the longest task of each.
type acts struct {
	b       *browser
	longest map[string]task
}

func (a acts) act(name string, do func()) {
	t, so := a.b.longest(do), a.longest[name]
	a.longest[name] = task{max(so.wall, t.wall), max(so.cpu, t.cpu)}
}
