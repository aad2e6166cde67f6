package browsertest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// updateImages has the pictures of the README made anew.
var updateImages = flag.Bool("update-images", false, "write the pictures of the README")

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
