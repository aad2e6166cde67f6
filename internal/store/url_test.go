package store_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/agentphone-slack/callbot/internal/store"
)

func TestURLs(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	slashed := filepath.ToSlash(dir)
	for url, want := range map[string]string{
		"sqlite:callbot.db":                   "callbot.db",
		"sqlite:" + slashed + "/abs.db":       "abs.db",
		"sqlite://" + slashed + "/authority":  "authority",
		"sqlite:with space & 100% #1 ünï.db":  "with space & 100% #1 ünï.db",
		"sqlite:./" + "relative/../other.db":  "other.db",
		"sqlite:quote'\"&_pragma=x&mode=ro.d": "quote'\"&_pragma=x&mode=ro.d",
	} {
		t.Run(url, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.ContainsAny(want, `"`) {
				t.Skip("not a file's name on Windows")
			}
			s, err := store.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Ping(t.Context()); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			info, err := os.Stat(filepath.Join(dir, want))
			if err != nil || info.Size() == 0 {
				t.Fatalf("the database is not at %s: %v", want, err)
			}
			if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
				t.Errorf("the database has mode %v, and others may read it", info.Mode())
			}
		})
	}
}

func TestBadURLs(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("plain", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		"":                               "DATABASE_URL must look like sqlite:callbot.db",
		"callbot.db":                     "DATABASE_URL must look like sqlite:callbot.db",
		"mysql://localhost/x":            "DATABASE_URL must look like sqlite:callbot.db",
		"postgres://ana:secret@x:port/x": "is no valid Postgres URL",
		"postgres://ana:secret@x/x?sslmode=perhaps": "is no valid Postgres URL",
		"sqlite:":                   "names no file",
		"sqlite://":                 "write sqlite: for a file",
		"sqlite:///":                "names no file",
		"sqlite://callbot.db":       "write sqlite:callbot.db for a file in the current directory",
		"sqlite::memory:":           "would forget every call",
		"sqlite:callbot.db?mode=ro": "takes no options",
		"sqlite:nowhere/callbot.db": "nowhere of DATABASE_URL does not exist: create it",
		"sqlite:plain/callbot.db":   "is not a directory",
		"sqlite:.":                  "is a directory: name a file in it",
	} {
		t.Run(url, func(t *testing.T) {
			s, err := store.Open(t.Context(), url)
			if err == nil {
				t.Fatal("opened", s.Close())
			}
			if !strings.Contains(err.Error(), want) {
				t.Errorf("got %q, want something with %q", err, want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%q tells the password", err)
			}
		})
	}
	if left, err := filepath.Glob("*"); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
