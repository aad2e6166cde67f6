// Package npmtest gives a test the npm packages that a folder of it names.
package npmtest

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"
)

// within bounds the installation.
const within = 3 * time.Minute

// Install copies the folder, which holds a package.json and its lock file, to one of the
// test's own, installs there exactly what is locked, and returns its path. No script of a
// package is run. A test that has no node or npm, or no way to the packages, skips and
// says why; where CI=true it fails.
func Install(t testing.TB, folder string) string {
	t.Helper()
	unavailable := t.Skipf
	if os.Getenv("CI") == "true" {
		unavailable = t.Fatalf
	}
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			unavailable("%s is not installed: %v", tool, err)
		}
	}
	if testing.Short() {
		t.Skip("npm ci takes its time")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	install := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--fetch-retries=1")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		unavailable("npm ci failed: %v\n%s", err, out)
	}
	return dir
}
