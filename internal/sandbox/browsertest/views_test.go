package browsertest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/agentphone-slack/callbot/internal/npmtest"
)

// updateImages has the pictures of the README made anew.
var updateImages = flag.Bool("update-images", false, "write the pictures of the README")

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
			w.press("general")
			w.say("#general", "/call (415) 555-0132 Book a table for 2 tonight at 7pm under Sarah")
			w.sees("Place this call?", "[data-ts]")
		}, "[data-ts]"},
		{"phone", func(w *tab) {
			w.press("Place call")
			w.click("button.replies")
			w.press("Pick up")
			w.fill("Say as the business", "Trattoria Roma, good evening")
			w.press("Say")
			w.sees("book a table for two", ".phone")
		}, ".phone"},
		{"thread", func(w *tab) {
			w.press("Say how it ended …")
			w.fill("Summary", "A table for two at seven is booked under Sarah. They hold it for 15 minutes.")
			w.press("End the call")
			w.sees("A table for two at seven", "[data-ts]")
			w.until("the recording can be played", `document.querySelector("audio")?.duration > 0`)
		}, `aside[aria-label="Thread"]`},
		{"workspace", func(*tab) {}, "body"},
		{"form", func(w *tab) {
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
			w.press("general")
			w.run("moving to a message", chromedp.Focus(chromedp.CSS("[data-ts]"), chromedp.NodeReady))
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
		"light": {media("light"), chromedp.EmulateViewport(1400, 900)},
		"dark":  {media("dark"), chromedp.EmulateViewport(1400, 900)},
	}
}

// TestAccessibility: axe-core finds nothing serious in any view, light or dark.
func TestAccessibility(t *testing.T) {
	t.Parallel()
	axe, err := os.ReadFile(filepath.Join(npmtest.Install(t, filepath.Join("testdata", "axe")), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	for look, steps := range looks() {
		t.Run(look, func(t *testing.T) {
			t.Parallel()
			b := startBrowser(t, startSandbox(t, "--speed", "20"))
			w := b.open("ana", "", steps...)
			evaluate[any](w, string(axe)+";undefined")
			w.click(`.phone [role=switch]`)
			for _, s := range tour() {
				s.come(w)
				found := evaluate[[]struct {
					ID, Impact, Help string
					Nodes            []struct{ HTML string }
				}](w, `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations)`)
				for _, v := range found {
					if v.Impact == "serious" || v.Impact == "critical" {
						t.Errorf("%s, %s: %s (%s): %s, %d times, as in %s", look, s.name, v.ID, v.Impact, v.Help, len(v.Nodes), v.Nodes[0].HTML)
					} else {
						t.Logf("%s, %s: %s (%s): %s", look, s.name, v.ID, v.Impact, v.Help)
					}
				}
			}
		})
	}
}

// TestPictures makes the pictures of the README, and with -update-images keeps
// them. Those that are kept are all shown there.
func TestPictures(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(root, ".github", "images")
	for look, steps := range looks() {
		t.Run(look, func(t *testing.T) {
			t.Parallel()
			b := startBrowser(t, startSandbox(t, "--speed", "20"))
			w := b.open("ana", "", steps...)
			w.click(`.phone [role=switch]`)
			for _, s := range tour() {
				s.come(w)
				if s.picture == "" {
					continue
				}
				name := fmt.Sprintf("%s-%s.png", s.name, look)
				ctx, cancel := w.bounded()
				png, err := chromedp.Run(ctx, chromedp.Screenshot(chromedp.CSS(s.picture), chromedp.NodeVisible))
				cancel()
				if err != nil {
					t.Fatalf("taking %s: %v", name, err)
				}
				if len(png) < 5_000 {
					t.Errorf("%s has %d bytes: there is nothing on it", name, len(png))
				}
				if *updateImages {
					if err := os.WriteFile(filepath.Join(folder, name), png, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
					t.Errorf("%v; make it with go test ./internal/sandbox/browsertest -run Pictures -update-images", err)
				}
				if !strings.Contains(string(readme), ".github/images/"+name) {
					t.Errorf("the README does not show .github/images/%s", name)
				}
			}
		})
	}
}
