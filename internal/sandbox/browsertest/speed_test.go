package browsertest

import (
	"fmt"
	"testing"

	"github.com/agentphone-slack/callbot/internal/sandbox/sandboxtest"
)

// BenchmarkLongChannel opens a channel of 500 messages: cards, threads and what people
// write. It tells when the page first shows something, when the newest message is there,
// and the longest task of the page's script.
func BenchmarkLongChannel(b *testing.B) {
	p := startSandbox(b, "--speed", "1000")
	general := p.Until("ana", "there is a channel", func(st sandboxtest.State) bool { return st.Process.State == "running" }).ChannelID("#general")
	const messages = 500
	for i := range messages {
		text := fmt.Sprintf("Number %d: has anybody *called* the <@ben> place at https://example.com/%d yet?", i, i)
		if i%10 == 0 && i < 150 {
			text = fmt.Sprintf("/call (415) 555-%04d Ask the shop number %d about opening hours", 2000+i, i)
		}
		p.Do("say", map[string]any{"as": []string{"ana", "ben", "carol"}[i%3], "channel": general, "text": text})
	}
	last := p.Until("ana", "all are there", func(st sandboxtest.State) bool { return len(st.Messages[general]) >= messages-15 }).Messages[general]
	newest := last[len(last)-1].TS
	br := startBrowser(b, p)
	var paint, shown, longest, all float64
	n := 0
	for b.Loop() {
		w := br.open("ana", "#/"+general)
		w.until("the newest is there", `document.querySelector('[data-ts="`+newest+`"]')`) // what reads more would itself be a long task
		got := evaluate[struct{ Paint, Shown, Longest, Messages float64 }](w, `new Promise(done => {
			const tasks = []
			const shown = performance.now()
			new PerformanceObserver(l => tasks.push(...l.getEntries().map(e => e.duration))).observe({type: "longtask", buffered: true})
			const settle = (last, quiet) => setTimeout(() => {
				const n = document.querySelectorAll("[data-ts]").length
				if (n === last && quiet > 5) done({Paint: performance.getEntriesByName("first-contentful-paint")[0].startTime, Shown: shown, Longest: Math.max(0, ...tasks), Messages: n})
				else settle(n, n === last ? quiet + 1 : 0)
			}, 100)
			settle(-1, 0)
		})`)
		paint, shown, longest, all = paint+got.Paint, shown+got.Shown, max(longest, got.Longest), got.Messages
		w.close()
		n++
	}
	b.ReportMetric(paint/float64(n), "first-paint-ms")
	b.ReportMetric(shown/float64(n), "newest-ms")
	b.ReportMetric(longest, "longest-task-ms")
	b.ReportMetric(all, "messages")
	b.ReportMetric(0, "ns/op")
}
