package postgrestest_test

import (
	"database/sql"
	"testing"

	"github.com/agentphone-slack/callbot/internal/store/postgrestest"
)

func TestDatabasesAreTheTestsOwn(t *testing.T) {
	var found [2]string
	for i := range found {
		db, err := sql.Open("pgx", postgrestest.URL(t))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if _, err := db.ExecContext(t.Context(), "CREATE TABLE mine (id TEXT)"); err != nil {
			t.Fatal(err)
		}
		if err := db.QueryRowContext(t.Context(), "SELECT current_schema()").Scan(&found[i]); err != nil {
			t.Fatal(err)
		}
	}
	if found[0] == found[1] {
		t.Errorf("both tests have schema %s", found[0])
	}
}
