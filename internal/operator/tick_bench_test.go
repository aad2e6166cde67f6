package operator

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/agentphone"
	"github.com/agentphone-slack/callbot/internal/store"
	"github.com/agentphone-slack/callbot/internal/store/postgrestest"
)

// catalogue is a provider that answers from memory, at once.
type catalogue struct {
	Provider
	list   []agentphone.Call
	listed time.Time // when it last answered
}

func (c *catalogue) ListCalls(context.Context, int) ([]agentphone.Call, error) {
	c.listed = time.Now()
	return c.list, nil
}

// GetCall is asked of the one call that a tick reads to see whether the list is behind.
func (c *catalogue) GetCall(_ context.Context, id string) (*agentphone.Call, error) {
	for _, n := range c.list {
		if n.ID == id {
			return &n, nil
		}
	}
	return nil, fmt.Errorf("no call %s", id)
}

// BenchmarkTick measures a tick of the watch with 10,000 active calls, of which the list
// shows a share as further than they were: tick-ms is all of it, with the calls read
// from the database; applied-ms is what follows the list's answer, to the last commit.
func BenchmarkTick(b *testing.B) {
	for engine, open := range map[string]func(b *testing.B) (url, driver, dsn string){
		"sqlite": func(b *testing.B) (string, string, string) {
			path := filepath.Join(b.TempDir(), "callbot.db")
			return "sqlite:" + path, "sqlite", "file:" + path + "?_pragma=busy_timeout(10000)&_pragma=synchronous(OFF)"
		},
		"postgres": func(b *testing.B) (string, string, string) {
			url := postgrestest.URL(b)
			return url, "pgx", url
		},
	} {
		b.Run(engine, func(b *testing.B) {
			url, driver, dsn := open(b)
			s, err := store.Open(b.Context(), url)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			db, err := sql.Open(driver, dsn)
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			const calls = 10_000
			activate(b, db, calls)
			for _, share := range []int{0, 10, 30, 100} {
				b.Run(fmt.Sprintf("news=%d%%", share), func(b *testing.B) { benchmarkTick(b, s, db, calls, share) })
			}
		})
	}
}

func benchmarkTick(b *testing.B, s *store.Store, db *sql.DB, calls, share int) {
	provider := new(catalogue)
	for i := range calls {
		status := agentphone.StatusQueued
		if i*100 < share*calls {
			status = agentphone.StatusDialing
		}
		provider.list = append(provider.list, agentphone.Call{ID: fmt.Sprintf("cl_call%05d", i), Status: status})
	}
	o := New(s, provider, Config{Poll: 10 * time.Second, Timeout: time.Hour, Now: s.Now, Logger: slog.New(slog.DiscardHandler)})
	var applied, whole time.Duration
	for b.Loop() {
		b.StopTimer()
		reset(b, db, s.Now())
		o.lists = listing{}
		began := time.Now()
		b.StartTimer()
		if _, err := o.tick(b.Context()); err != nil {
			b.Fatal(err)
		}
		whole += time.Since(began)
		applied += time.Since(provider.listed)
	}
	b.ReportMetric(0, "ns/op") // it is in the figures below
	b.ReportMetric(float64(whole.Milliseconds())/float64(b.N), "tick-ms")
	b.ReportMetric(float64(applied.Milliseconds())/float64(b.N), "applied-ms")
	var moved int
	if err := db.QueryRowContext(b.Context(), `SELECT COUNT(*) FROM calls WHERE status = 'dialing'`).Scan(&moved); err != nil {
		b.Fatal(err)
	}
	if want := calls * share / 100; moved != want {
		b.Fatalf("%d calls moved, want %d", moved, want)
	}
}

// activate writes calls that the provider has.
func activate(b *testing.B, db *sql.DB, calls int) {
	b.Helper()
	t, err := db.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	for i := range calls {
		id := fmt.Sprintf("call%05d", i)
		for _, statement := range []string{
			`
			INSERT INTO calls (id, version, revision, status, requester, number, extension, objective, business, website,
				approver, decided_by, reason, detail, attempts, rate_limited, lost, looks, look_result, provider_id,
				overdue, unwatched, outcome, summary, transcript, recording_url, duration, enriched, other_provider_id,
				other_status, other_outcome, other_summary, other_transcript, other_recording_url, other_duration,
				other_enriched, further_provider_ids)
			VALUES ($1, 3, 1, 'queued', 'U1', '+14155550132', '', 'Ask about the return policy', '', '',
				'U1', '', '', '', 1, 0, 0, 0, '', 'cl_' || $1,
				FALSE, FALSE, '', '', '', '', 0, 0, '',
				'', '', '', '', '', 0,
				0, '')`, `
			INSERT INTO publications (call_id, urgency, stale, conversation, thread, reply) VALUES ($1, 1, FALSE, 'C1', '', '')`,
		} {
			if _, err := t.ExecContext(b.Context(), statement, id); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := t.Commit(); err != nil {
		b.Fatal(err)
	}
	if _, err := db.ExecContext(b.Context(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
}

// reset makes the calls what they were, accepted over the last minute, with a tick due.
func reset(b *testing.B, db *sql.DB, now time.Time) {
	b.Helper()
	for _, statement := range []string{
		`DELETE FROM events WHERE version > 3`, `DELETE FROM ticks`, `DELETE FROM due`, `DELETE FROM requests`,
		`UPDATE publications SET publish_at = NULL, stale = FALSE WHERE publish_at IS NOT NULL`,
		`UPDATE calls SET status = 'queued', version = 3 WHERE status <> 'queued'`,
	} {
		if _, err := db.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	// The id's last digits spread them over that minute.
	_, err := db.ExecContext(b.Context(), `
		UPDATE calls SET accepted_at = CAST($1 AS BIGINT) - CAST(SUBSTR(id, 6) AS BIGINT) * 6,
			last_seen = CAST($1 AS BIGINT) - CAST(SUBSTR(id, 6) AS BIGINT) * 3, due_at = CAST($1 AS BIGINT) - CAST(SUBSTR(id, 6) AS BIGINT)`, now.UnixMilli())
	if err != nil {
		b.Fatal(err)
	}
}
