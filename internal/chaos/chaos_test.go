//go:build unix

package chaos

import (
	"testing"

	"github.com/agentphone-slack/callbot/internal/store/postgrestest"
)

// speed makes an ordinary call last for some ticks of the watch.
const speed = 40

func TestChaosSQLite(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes minutes")
	}
	t.Parallel()
	seed := seedOf(t)
	s := &storm{fleet: newFleet(t, "", seed, speed), seed: seed, replicas: []string{"A"}}
	s.run(t)
}

func TestChaosPostgres(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes minutes")
	}
	t.Parallel()
	seed := seedOf(t)
	s := &storm{fleet: newFleet(t, postgrestest.URL(t), seed, speed), seed: seed, replicas: []string{"A", "B"}}
	s.run(t)
}
