//go:build unix

package chaos

import (
	"testing"

	"github.com/agentphone-slack/callbot/internal/store/postgrestest"
)

func TestChaosSQLite(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes minutes")
	}
	t.Parallel()
	seed := seedOf(t)
	s := &storm{fleet: newFleet(t, "", seed, 100), seed: seed, replicas: []string{"A"}}
	s.run(t)
}

func TestChaosPostgres(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes minutes")
	}
	t.Parallel()
	seed := seedOf(t)
	s := &storm{fleet: newFleet(t, postgrestest.URL(t), seed, 100), seed: seed, replicas: []string{"A", "B"}}
	s.run(t)
}
