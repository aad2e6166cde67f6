package store_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/agentphone-slack/callbot/internal/store"
	"github.com/agentphone-slack/callbot/internal/store/postgrestest"
)

// What the statements list is what a database consists of: names and definitions.
const (
	schemaOfSQLite   = `SELECT name, COALESCE(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' AND tbl_name <> 'goose_db_version'`
	schemaOfPostgres = `
		SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename <> 'goose_db_version'
		UNION SELECT table_name || '.' || column_name, data_type || is_nullable FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name <> 'goose_db_version'`
)

func schema(t *testing.T, db *sql.DB, query string) map[string]string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	found := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		found[name] = text
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestMigrationsGoBackAndForth(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		backAndForth(t, goose.DialectSQLite3, "sqlite", "file:"+filepath.Join(t.TempDir(), "callbot.db")+"?_pragma=foreign_keys(1)", schemaOfSQLite)
	})
	t.Run("postgres", func(t *testing.T) {
		backAndForth(t, goose.DialectPostgres, "pgx", postgrestest.URL(t), schemaOfPostgres)
	})
}

func backAndForth(t *testing.T, dialect goose.Dialect, driver, dsn, query string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	p, err := goose.NewProvider(dialect, db, store.Migrations())
	if err != nil {
		t.Fatal(err)
	}
	var first map[string]string
	for range 2 {
		if _, err := p.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		up := schema(t, db, query)
		if len(up) < 10 {
			t.Errorf("only %d tables and indexes", len(up))
		}
		if first == nil {
			first = up
		}
		if diff := cmp.Diff(first, up); diff != "" {
			t.Errorf("the second time up differs (-first +second):\n%s", diff)
		}
		if _, err := p.DownTo(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if left := schema(t, db, query); len(left) > 0 {
			t.Errorf("left after down: %v", left)
		}
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "callbot.db")
	s, err := store.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the refusal leaves no lock
		s, err := store.Open(t.Context(), "sqlite:"+path)
		if err == nil {
			t.Fatal("opened", s.Close())
		}
		if !strings.Contains(err.Error(), "a newer callbot has used it") {
			t.Errorf("got %q", err)
		}
	}
}
