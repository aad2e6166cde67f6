package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/agentphone-slack/callbot/internal/sandbox/sandboxtest"
)

// browser is a browser without a window.
type browser struct {
	t       testing.TB
	ctx     context.Context
	sandbox *sandboxtest.Sandbox
}

// startBrowser starts the browser that is installed. Where there is none the test skips,
// and fails under CI.
func startBrowser(t testing.TB, sandbox *sandboxtest.Sandbox) *browser {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && program == "" {
			program = found
		}
	}
	if program == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		chromedp.WindowSize(1400, 900), chromedp.WSURLReadTimeout(time.Minute))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", program, err)
	}
	return &browser{t, ctx, sandbox}
}

// tab is a tab in which one person looks at the page.
type tab struct {
	t     testing.TB
	ctx   context.Context
	close func()
}

// open opens the page for somebody, at a place such as "#/C…" or "#/home". What goes wrong
// in its scripts fails the test.
func (b *browser) open(who, place string, first ...step) *tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	w := &tab{b.t, ctx, cancel}
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			b.t.Errorf("the page of %s throws: %s", who, e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError {
				b.t.Errorf("the page of %s complains: %s", who, e.Args[0].Value)
			}
		}
	})
	if err != nil {
		b.t.Fatalf("listening to the browser: %v", err)
	}
	w.run("opening the page", append(first, chromedp.Navigate(b.sandbox.URL+"?as="+who+place))...)
	w.until("there is a composer or a Home", `document.querySelector("textarea, main")`)
	return w
}

// step is one thing that is done in a tab.
type step = chromedp.Action[chromedp.Void]

func (w *tab) run(what string, steps ...step) {
	w.t.Helper()
	ctx, cancel := w.bounded()
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.t.Fatalf("%s: %v\nthe page reads:\n%s", what, err, w.text())
	}
}

// patienceOfBrowsers bounds every wait; only a failing test reaches it.
const patienceOfBrowsers = 90 * time.Second

// bounded is the tab for as long as anything may take.
func (w *tab) bounded() (context.Context, context.CancelFunc) {
	return context.WithTimeout(w.ctx, patienceOfBrowsers)
}

// text is what the page reads.
func (w *tab) text() string {
	ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		return fmt.Sprintf("(it cannot be read: %v)", err)
	}
	return text
}

// evaluate is the value of an expression, once it is there.
func evaluate[T any](w *tab, expression string) T {
	w.t.Helper()
	ctx, cancel := w.bounded()
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatalf("evaluating %s: %v\nthe page reads:\n%s", expression, err, w.text())
	}
	return value
}

// until waits until an expression holds.
func (w *tab) until(what, expression string) {
	w.t.Helper()
	ctx, cancel := w.bounded()
	defer cancel()
	for {
		// A page that is being loaded has no answer yet.
		holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`!!(`+expression+`)`))
		if err == nil && holds {
			return
		}
		select {
		case <-ctx.Done():
			w.t.Fatalf("waiting until %s: %v (%v)\nthe page reads:\n%s", what, ctx.Err(), err, w.text())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// sees waits until the page, or what a selector finds in it, reads as containing a text.
func (w *tab) sees(text string, within ...string) {
	w.t.Helper()
	where := "body"
	if len(within) > 0 {
		where = within[0]
	}
	w.until(fmt.Sprintf("%q stands in %s", text, where),
		fmt.Sprintf(`[...document.querySelectorAll(%s)].some(e => e.innerText.includes(%s))`, quote(where), quote(text)))
}

// button is the XPath of a button, or of a link, by what it is called.
func button(name string) string {
	return fmt.Sprintf(`//*[self::button or self::a or @role="menuitem" or self::summary][normalize-space(.)=%[1]s or @aria-label=%[1]s or @role="menuitem" and starts-with(normalize-space(.), %[1]s)]`, quote(name))
}

// press presses the last button of that name as soon as it is there.
func (w *tab) press(name string) {
	w.t.Helper()
	w.run("pressing "+name, chromedp.Click(chromedp.Search("("+button(name)+")[last()]"), chromedp.NodeVisible))
}

// fill types into a field, which its label names, what then stands there alone.
func (w *tab) fill(label, text string) {
	w.t.Helper()
	field := fmt.Sprintf(`//*[@aria-label=%[1]s and (self::input or self::textarea)] | //*[@id=(//label[starts-with(normalize-space(.), %[1]s)]/@for)] | //label[starts-with(normalize-space(.), %[1]s)]//*[self::input or self::textarea]`, quote(label))
	w.run("filling in "+label,
		chromedp.WaitVisible(chromedp.Search(field)),
		chromedp.Focus(chromedp.Search(field)))
	evaluate[any](w, `document.activeElement.select()`)
	w.run("filling in "+label, chromedp.KeyEvent(text))
}

// say types a line in the composer of a channel and sends it.
func (w *tab) say(channel, line string) {
	w.t.Helper()
	w.fill("Message "+channel, line)
	w.press("Send")
}

// quote is a text as JavaScript and, without double quotes in it, XPath read it.
func quote(text string) string {
	raw, err := json.Marshal(text)
	if err != nil { // a text is always JSON
		panic(err)
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(raw))
}

// click clicks what a selector finds first.
func (w *tab) click(selector string) {
	w.t.Helper()
	w.run("clicking "+selector, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// choose chooses a value in a select, as a person does.
func (w *tab) choose(selector, value string) {
	w.t.Helper()
	w.run("choosing "+value, chromedp.WaitVisible(chromedp.CSS(selector)))
	evaluate[any](w, fmt.Sprintf(`(() => { const s = document.querySelector(%s); s.value = %s; s.dispatchEvent(new Event("change", {bubbles: true})) })()`, quote(selector), quote(value)))
}
