package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/store"
	"github.com/agentphone-slack/callbot/internal/store/storetest"
)

// file is a SQLite database in a directory of its own.
func file(t testing.TB) storetest.Database {
	path := filepath.Join(t.TempDir(), "callbot.db")
	return storetest.Database{
		Exclusive: true,
		Open: func(opts ...store.Option) (*store.Store, error) {
			return store.Open(t.Context(), "sqlite:"+path, opts...)
		},
		Read: func() (*store.Reader, error) { return store.OpenReader(t.Context(), "sqlite:"+path) },
		Look: looking("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)"),
	}
}

// looking is the way in beside the store.
func looking(driver, dsn string) func(testing.TB) *sql.DB {
	return func(t testing.TB) *sql.DB {
		db, err := sql.Open(driver, dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return db
	}
}

func TestSQLite(t *testing.T) { storetest.Run(t, file) }

func BenchmarkSQLite(b *testing.B) { storetest.Benchmark(b, file) }

func BenchmarkSQLiteSearch(b *testing.B) { storetest.BenchmarkSearch(b, file) }

// TestErasedForGood: what was erased is not in the bytes of the file or its log any more,
// however often it was written, while somebody else has the file open too.
func TestErasedForGood(t *testing.T) {
	path := filepath.Join(t.TempDir(), "callbot.db")
	s, err := store.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	number, err := phone.ParseE164("+14155550132")
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("a confidential thing that was told at length. ", 300)
	now := time.Now()
	for i := range 60 {
		c := call.Call{
			ID: call.ID(fmt.Sprintf("call%d", i)), Version: 1, Status: call.Queued, ProviderID: fmt.Sprint(i), RequestedAt: now, Attempts: 1,
			Request: call.Request{Requester: "U0ANA", Number: number, Objective: "the confidential objective"},
		}
		if i%2 > 0 {
			c.Requester = "U0BEN"
		}
		if _, err := s.Create(t.Context(), "", c, call.Origin{Reply: "https://confidential.example"}); err != nil {
			t.Fatal(err)
		}
		for _, r := range []call.Result{{}, {Summary: "the confidential summary"}, {Transcript: long[:i*100]}, {RecordingURL: "https://confidential.example"}} {
			_, err := s.Update(t.Context(), "", c.ID, func(call.Call) (call.Event, error) {
				return call.Event{Kind: call.Observe, At: now, ReportedStatus: call.Completed, Result: r}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	held := func() (all string) {
		for _, suffix := range []string{"", "-wal"} {
			raw, err := os.ReadFile(path + suffix)
			if err != nil {
				t.Fatal(err)
			}
			all += string(raw)
		}
		return all
	}
	if all := held(); !strings.Contains(all, "confidential") || !strings.Contains(all, number.E164()) {
		t.Fatal("the test holds nothing to be erased")
	}
	if _, mine, err := s.LeaseTick(t.Context(), "watch", time.Hour); err != nil || !mine {
		t.Fatal(mine, err)
	}
	beside, err := store.OpenBeside(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if _, mine, err := beside.LeaseTick(t.Context(), "watch", time.Hour); err != nil || mine {
		t.Errorf("opening it beside ended a lease: %t %v", mine, err)
	}
	if got, err := beside.Forget(t.Context(), call.Forget{User: "U0ANA"}); err != nil || got.Erased != 30 {
		t.Fatal(got, err)
	}
	if got, err := beside.Forget(t.Context(), call.Forget{Number: number}); err != nil || got.Erased != 30 {
		t.Fatal(got, err)
	}
	if err := errors.Join(beside.Scrub(t.Context()), beside.Close()); err != nil {
		t.Fatal(err)
	}
	all := held()
	for _, gone := range []string{"confidential", number.E164(), "told at length"} {
		if n := strings.Count(all, gone); n > 0 {
			i := strings.Index(all, gone)
			t.Errorf("%q is there %d times, as in %q", gone, n, all[max(0, i-60):min(len(all), i+60)])
		}
	}
}
