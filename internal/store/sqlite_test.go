package store_test

import (
	"database/sql"
	"path/filepath"
	"testing"

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
