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
			b.t.Errorf("the page of %s throws: %s", who, thrown(e.ExceptionDetails))
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

// thrown is what was thrown, and where.
func thrown(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Text + " " + d.Exception.Description
	}
	return fmt.Sprintf("%s at line %d, column %d of %s", d.Text, d.LineNumber+1, d.ColumnNumber+1, d.URL)
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
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText + "\n(the focus is on " + document.activeElement.outerHTML.slice(0, 300) + ", value " + document.activeElement.value + ")"`))
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

// quote is a text as JavaScript and, without double quotes in it, XPath read it; of
// several, it is their list.
func quote[T string | []string](text T) string {
	raw, err := json.Marshal(text)
	if err != nil { // a text is always JSON
		panic(err)
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(raw))
}
