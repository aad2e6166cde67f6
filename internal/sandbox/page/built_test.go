package page_test

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/agentphone-slack/callbot/internal/npmtest"
)

// TestBuilt: what is served is what the sources give, they are of the types that they say,
// and their own tests pass.
func TestBuilt(t *testing.T) {
	t.Parallel()
	web := npmtest.Install(t, "web")
	for _, script := range []string{"check", "test", "build"} {
		cmd := exec.CommandContext(t.Context(), "npm", "run", "--silent", script)
		cmd.Dir = web
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("npm run %s: %v\n%s", script, err, out)
		}
	}
	fresh, kept := read(t, filepath.Join(web, "..", "dist")), read(t, "dist")
	for name := range fresh {
		if !bytes.Equal(fresh[name], kept[name]) {
			t.Errorf("dist/%s is not what the sources give: run npm ci && npm run build in internal/sandbox/page/web", name)
		}
	}
	for name := range kept {
		if _, built := fresh[name]; !built {
			t.Errorf("dist/%s is built of nothing", name)
		}
	}
}

// TestLicenses: the licences of what is built into the page are served with it, as they ask.
func TestLicenses(t *testing.T) {
	t.Parallel()
	_, srv := start(t)
	status, text := get(t, srv, "/licenses.txt")
	for _, part := range []string{"preact ", "Permission is hereby granted", "idb-keyval ", "marked ", "Licensed under the Apache License"} {
		if status != http.StatusOK || !strings.Contains(text, part) {
			t.Errorf("no %q in %d %s", part, status, text)
		}
	}
	if _, html := get(t, srv, "/"); !strings.Contains(html, `href="/licenses.txt"`) {
		t.Errorf("the page does not lead to them: %s", html)
	}
}

// maxWeight is what the page may weigh, compressed as it would be over a network, in bytes.
const maxWeight = 300_000

func TestWeight(t *testing.T) {
	t.Parallel()
	var weight bytes.Buffer
	for name, content := range read(t, "dist") {
		w := gzip.NewWriter(&weight)
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", name, len(content))
	}
	if t.Logf("%d bytes compressed", weight.Len()); weight.Len() > maxWeight {
		t.Errorf("the page weighs %d bytes, more than %d", weight.Len(), maxWeight)
	}
}

// read returns the files of a folder by their names.
func read(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[name], err = os.ReadFile(filepath.Join(folder, name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
