package browsertest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// markup is what a selector finds, as HTML with the attributes that matter to a reader.
func (w *tab) markup(selector string) string {
	w.t.Helper()
	w.until("there is "+selector, fmt.Sprintf("document.querySelector(%s)", quote(selector)))
	return evaluate[string](w, fmt.Sprintf(`(() => {
		const copy = document.querySelector(%s).cloneNode(true);
		for (const e of copy.querySelectorAll("*"))
			for (const a of [...e.attributes])
				if (!["href", "checked", "start", "disabled", "aria-label", "aria-disabled"].includes(a.name) && !/^(center|right|(left|center|right) wrapped)$/.test(a.value)) e.removeAttribute(a.name);
		return copy.innerHTML;
	})()`, quote(selector)))
}

// TestMarkdown: Markdown is drawn as Slack draws it, and what is none of it stays a text.
func TestMarkdown(t *testing.T) {
	t.Parallel()
	a := startApp(t, `{}`)
	ana := startBrowser(t, a.sandbox).open("ana", "")
	ana.enter("general")
	for i, drawn := range []struct{ text, want string }{
		{"# One\n### *Three*", `<h2>One</h2><h4><i>Three</i></h4>`},
		{"**bold** _italic_ ~~gone~~ `a < b` ***both***\nnext", `<p><b>bold</b> <i>italic</i> <s>gone</s> <code>a &lt; b</code> <i><b>both</b></i>` + "\n" + `next</p>`},
		{"a &amp; b &lt;i&gt; \\*not italic\\*", `<p>a &amp; b &lt;i&gt; *not italic*</p>`},
		{"[a](https://example.com/a) https://example.com/b ben@example.com", `<p><a href="https://example.com/a">a</a> <a href="https://example.com/b">https://example.com/b</a> <a href="mailto:ben@example.com">ben@example.com</a></p>`},
		{"![A *logo*](https://example.com/logo.png)", `<p><a href="https://example.com/logo.png">A *logo*</a></p>`},
		{"- one\n- two\n  1. three\n\n3) four", `<ul><li>one</li><li>two<ol start="1"><li>three</li></ol></li></ul><ol start="3"><li>four</li></ol>`},
		{"- [x] called\n- [ ] booked", `<ul><li><input disabled="" aria-label="Done">called</li><li><input disabled="" aria-label="To do">booked</li></ul>`},
		{"> said\n> **so**\n\n---", `<blockquote><p>said` + "\n" + `<b>so</b></p></blockquote><hr>`},
		{"```go\nif a < b && c {\n```", "<pre>if a &lt; b &amp;&amp; c {</pre>"},
		{"|a|b|\n|-|:-:|\n|**1**|2|", `<div aria-label="Table"><table><thead><tr><th class="left wrapped">a</th><th class="center wrapped">b</th></tr></thead><tbody><tr><td class="left wrapped"><b>1</b></td><td class="center wrapped">2</td></tr></tbody></table></div>`},
		{"<!here> <#" + a.world.Slack.Channel("#front-desk").ID() + "> *<@" + a.world.Slack.User("ben").ID() + ">*", `<p><span>@here</span> <a href="#/` + a.world.Slack.Channel("#front-desk").ID() + `">#front-desk</a> <i><span>@ben</span></i></p>`},
		{`<img src=x onerror="alert(1)"> <b>b</b>`, `<p>&lt;img src=x onerror="alert(1)"&gt; &lt;b&gt;b&lt;/b&gt;</p>`},
		{"<script>\nalert(1)\n</script>", "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</p>"},
		{"[a](javascript:alert(1)) [b](<data:text/html,x>) ![c](tel:1) [d][d] [e](/e)\n\n[d]: JavaScript:alert(1)", `<p>a b c d e</p>`},
	} {
		block, err := json.Marshal([]any{map[string]string{"type": "markdown", "text": drawn.text}})
		if err != nil {
			t.Fatal(err)
		}
		a.post(string(block))
		ana.until("the message is there", fmt.Sprintf(`document.querySelectorAll("[data-ts]").length === %d`, i+1))
		evaluate[any](ana, `document.querySelectorAll(".markdown").forEach((e, i, all) => e.id = i === all.length - 1 ? "last" : "")`)
		if got := ana.markup("#last"); got != drawn.want {
			t.Errorf("%s\nis drawn as %s\nand not as  %s", drawn.text, got, drawn.want)
		}
	}
}

// wideTable has ten columns, each of which is as wide as what stands in it.
var wideTable = func() string {
	cell := `{"type": "raw_text", "text": "A cell that is not wrapped"}`
	row := "[" + strings.Repeat(cell+",", 9) + cell + "]"
	return `{"type": "table", "rows": [` + row + "," + row + `]}`
}()

// blocks are those that callbot itself never posts.
const blocks = `[
	{"type": "table", "column_settings": [{"is_wrapped": true}, null, {"align": "right"}], "rows": [
		[{"type": "raw_text", "text": "Business"}, {"type": "raw_text", "text": "Open"}, {"type": "raw_text", "text": "Calls"}],
		[{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
			{"type": "link", "url": "https://example.com/zuni", "text": "Zuni", "style": {"bold": true}}]}]},
		 {"type": "raw_text", "text": "<b>yes</b>"}, {"type": "raw_number", "value": 12}]]},
	{"type": "image", "image_url": "https://example.com/menu.png", "alt_text": "The menu", "title": {"type": "plain_text", "text": "Tonight"}},
	{"type": "video", "title": {"type": "plain_text", "text": "How to book"}, "title_url": "https://example.com/watch",
	 "video_url": "https://example.com/embed", "thumbnail_url": "https://example.com/thumb.png", "alt_text": "A telephone",
	 "description": {"type": "plain_text", "text": "In two minutes"}, "provider_name": "Tube", "author_name": "Carol"},
	{"type": "actions", "elements": [{"type": "workflow_button", "action_id": "run", "text": {"type": "plain_text", "text": "Order"},
	 "workflow": {"trigger": {"url": "https://slack.com/shortcuts/Ft1/2"}}}]}
]`

// TestBlocks: tables, titles, videos and buttons of workflows are drawn; nothing of them is
// fetched from elsewhere, and a wide table is scrolled with the keyboard.
func TestBlocks(t *testing.T) {
	t.Parallel()
	a := startApp(t, `{}`)
	a.post(blocks)
	script := axe(t)
	for look, steps := range looks() {
		t.Run(look, func(t *testing.T) {
			w := startBrowser(t, a.sandbox).open("ana", "", steps...)
			w.enter("general")
			for selector, want := range map[string]string{
				".table": `<table><thead><tr><th class="left wrapped">Business</th><th>Open</th><th class="right">Calls</th></tr></thead>` +
					`<tbody><tr><td class="left wrapped"><div><div><b><a href="https://example.com/zuni">Zuni</a></b></div></div></td><td>&lt;b&gt;yes&lt;/b&gt;</td><td class="right">12</td></tr></tbody></table>`,
				"figure:not(.video)": `<figcaption>Tonight</figcaption><span><a href="https://example.com/menu.png">The menu</a></span>`,
				"figure.video": `<figcaption><small>Tube · Carol</small><b><a href="https://example.com/watch">How to book</a></b><p>In two minutes</p></figcaption>` +
					`<span><a href="https://example.com/thumb.png">A telephone</a></span>`,
				".workflow": `<button aria-disabled="true">Order</button><small>It starts a workflow, and can't be pressed here.</small>`,
			} {
				if got := w.markup("[data-ts] " + selector); got != want {
					t.Errorf("%s is drawn as %s\nand not as %s", selector, got, want)
				}
			}
			evaluate[any](w, script)
			w.accessible(look + ", blocks")
			foreign := evaluate[[]string](w, `performance.getEntriesByType("resource").map(e => e.name).filter(n => !n.startsWith(location.origin))`)
			if len(foreign) > 0 {
				t.Errorf("the page fetches %q", foreign)
			}
		})
	}
	w := startBrowser(t, a.sandbox).open("ana", "", small)
	a.post("[" + wideTable + "]")
	w.until("there is a wide table", `document.querySelectorAll(".table").length === 2`)
	evaluate[any](w, `[...document.querySelectorAll(".table")].at(-1).id = "wide"`)
	w.until("it is cut off", `document.querySelector("#wide").scrollWidth > innerWidth`)
	if over := evaluate[float64](w, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
		t.Errorf("the page is %g pixels wider than the window", over)
	}
	w.run("moving to the table", focus("#wide"))
	w.key(kb.ArrowRight)
	w.until("it is scrolled", `document.querySelector("#wide").scrollLeft > 0`)
	evaluate[any](w, script)
	w.accessible("narrow, wide table")
}

// TestRichTextInput: a rich text is typed in plain words, beginning with those of the app,
// and given to it as Slack would.
func TestRichTextInput(t *testing.T) {
	t.Parallel()
	a := startApp(t, `{"type": "modal", "title": {"type": "plain_text", "text": "Notes"}, "submit": {"type": "plain_text", "text": "Keep"}, "blocks": [
		{"type": "input", "block_id": "notes", "label": {"type": "plain_text", "text": "What was said"}, "element": {"type": "rich_text_input", "action_id": "text",
		 "initial_value": {"type": "rich_text", "elements": [
			{"type": "rich_text_section", "elements": [{"type": "text", "text": "Ask "}, {"type": "link", "url": "https://example.com", "text": "Zuni", "style": {"bold": true}}]},
			{"type": "rich_text_list", "style": "bullet", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "parking"}]}]}]}}}]}`)
	ana := startBrowser(t, a.sandbox).open("ana", "")
	ana.enter("general")
	ana.press("Shortcuts")
	ana.press("Show the form")
	ana.until("the words of the app are there", `document.querySelector("dialog textarea")?.value === "Ask Zuni\nparking"`)
	ana.fill("What was said", "They are open")
	ana.press("Keep")
	ana.gone("dialog[open]")
	const want = `{"notes":{"text":{"rich_text_value":{"elements":[{"elements":[{"text":"They are open","type":"text"}],"type":"rich_text_section"}],"type":"rich_text"},"type":"rich_text_input"}}}`
	if got := <-a.submitted; string(got) != want {
		t.Errorf("the app is given %s\nand not %s", got, want)
	}
}
