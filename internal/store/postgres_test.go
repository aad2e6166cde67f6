package store_test

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/store"
	"github.com/agentphone-slack/callbot/internal/store/postgrestest"
	"github.com/agentphone-slack/callbot/internal/store/storetest"
)

// server is an empty Postgres database that any number of Stores may share.
func server(t testing.TB) storetest.Database {
	address := postgrestest.URL(t)
	return storetest.Database{
		Open: func(opts ...store.Option) (*store.Store, error) {
			return store.Open(t.Context(), address, opts...)
		},
		Read: func() (*store.Reader, error) { return store.OpenReader(t.Context(), address) },
		Look: looking("pgx", address),
	}
}

func TestPostgres(t *testing.T) { storetest.Run(t, server) }

func BenchmarkPostgres(b *testing.B) { storetest.Benchmark(b, server) }

func BenchmarkPostgresSearch(b *testing.B) { storetest.BenchmarkSearch(b, server) }

// Connections that the server ends, as it does when it is started anew, cost nothing
// but a moment: the next transaction is on a new one, and so is the news of replicas.
func TestPostgresEndsConnections(t *testing.T) {
	address := postgrestest.URL(t)
	open := func() *store.Store {
		s, err := store.Open(t.Context(), address+"&application_name="+t.Name())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	}
	a, b := open(), open()
	look := looking("pgx", address)(t)
	woken := func(step string) {
		t.Helper()
		// A notice is missed while its connection is made anew; commits go on.
		for i := range 100 {
			if _, err := a.Create(t.Context(), "", call.Call{ID: call.ID(step + strconv.Itoa(i)), Status: call.Requested}, call.Origin{}); err != nil {
				t.Fatalf("%s: %v", step, err)
			}
			select {
			case <-b.PublishChanged():
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
		t.Fatalf("%s: the other replica is not woken", step)
	}
	woken("before")
	for i := range 3 {
		var ended int
		if err := look.QueryRowContext(t.Context(), `
			SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1`, t.Name()).Scan(&ended); err != nil {
			t.Fatal(err)
		}
		if ended == 0 {
			t.Fatal("no connections to end")
		}
		woken("after" + strconv.Itoa(i))
		if err := a.Ping(t.Context()); err != nil {
			t.Errorf("reading: %v", err)
		}
	}
}

func TestPostgresRefusals(t *testing.T) {
	address := postgrestest.URL(t)
	for name, tc := range map[string]struct {
		change func(*url.URL)
		want   string
	}{
		"a database that is not there": {func(u *url.URL) { u.Path = "/nowhere" }, `database "nowhere" does not exist`},
		"a user that is not there":     {func(u *url.URL) { u.User = url.UserPassword("nobody", "s3cret") }, `role "nobody" does not exist`},
		"a schema that is not there":   {func(u *url.URL) { u.RawQuery = "sslmode=disable&search_path=nowhere" }, "names no schema that exists"},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse(address)
			if err != nil {
				t.Fatal(err)
			}
			tc.change(u)
			s, err := store.Open(t.Context(), u.String())
			if err == nil {
				t.Fatal("opened", s.Close())
			}
			if !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %q, want something with %q and no password", err, tc.want)
			}
		})
	}
	t.Run("a server that is not there", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		s, err := store.Open(ctx, "postgres://ana:s3cret@127.0.0.1:1/callbot?sslmode=disable")
		if err == nil {
			t.Fatal("opened", s.Close())
		}
		for _, want := range []string{"DATABASE_URL", "127.0.0.1", "connection refused"} {
			if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %q, want something with %q and no password", err, want)
			}
		}
	})
}

// Replicas that start at the same time on an empty database make its tables once.
func TestPostgresReplicasStartTogether(t *testing.T) {
	address := postgrestest.URL(t)
	var work sync.WaitGroup
	for range 6 {
		work.Go(func() {
			s, err := store.Open(t.Context(), address)
			if err != nil {
				t.Error(err)
				return
			}
			if err := errors.Join(s.Ping(t.Context()), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
}
