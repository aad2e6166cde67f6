//go:build unix

package chaos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// seedVariable makes a run draw the same faults, plans and lives as another one.
const seedVariable = "CHAOS_SEED"

func seedOf(t *testing.T) uint64 {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if set := os.Getenv(seedVariable); set != "" {
		var err error
		if seed, err = strconv.ParseUint(set, 10, 64); err != nil {
			t.Fatalf("%s: %v", seedVariable, err)
		}
	}
	t.Logf("seed: %s=%d", seedVariable, seed)
	return seed
}

// diedVariable is the one of cmd/callbot/seams_crashpoints.go.
const diedVariable = "CRASHPOINTS_DIED"

// How long a storm may take, so that all tests together stay below five minutes, also
// where others use the machine: until everybody has called, until the process that is
// stopped has gone on, and until all is answered.
const (
	rages   = 150 * time.Second
	stops   = 190 * time.Second
	settles = 235 * time.Second
)

// What a storm must have seen.
const (
	enoughKills = 60
	enoughCalls = 1000
	perSecond   = 30
	// fewPerSecond leave a call that was lost for a while among the newest ones, where
	// it is looked for.
	fewPerSecond = 5
	// few is how long one comes at a time.
	few = 8 * time.Second
)

// storm is people who place calls, and processes that die of it.
type storm struct {
	*fleet
	seed     uint64
	replicas []string
	opened   chan struct{} // closed when a process has come through its start
	measured atomic.Bool   // the budget has bound, and does no more
	stopped  atomic.Bool   // a process is
	began    time.Time
}

// rage kills the processes of all replicas until enough has happened, and returns what
// the budget let through while it bound.
func (s *storm) rage(ctx context.Context) (busiest int) {
	tell[struct{}](s.fleet, "faults", 1)
	var all sync.WaitGroup
	for i := range s.replicas {
		rng := rand.New(rand.NewPCG(s.seed, uint64(i)))
		all.Go(func() { s.rageAt(ctx, i, rng) })
	}
	all.Go(func() { busiest = s.bind(ctx) })
	all.Wait()
	return busiest
}

// enough reports whether there is no need for more.
func (s *storm) enough() bool {
	if s.t.Failed() || s.broken() || time.Since(s.began) > rages {
		return true
	}
	return s.sum() >= enoughKills && len(s.book.lacking()) == 0 &&
		time.Since(s.began) > 35*time.Second && tell[Progress](s.fleet, "progress", struct{}{}).Approved >= enoughCalls
}

// behind reports whether people will not have placed enough calls in time, if it goes on
// like this.
func (s *storm) behind() bool {
	const inTime = 90 * time.Second
	share := float64(time.Since(s.began)) / float64(inTime)
	return float64(tell[Progress](s.fleet, "progress", struct{}{}).Approved) < enoughCalls*share
}

// rageAt is the lives of one replica.
func (s *storm) rageAt(ctx context.Context, i int, rng *rand.Rand) {
	name := s.replicas[i]
	if i == 0 {
		for !s.mortal(name, "").lives(time.Second) { // until nothing is new in how one starts
		}
		close(s.opened)
		tell[struct{}](s.fleet, "crowd", CrowdConfig{PerSecond: perSecond})
	} else {
		<-s.opened
	}
	for life := 1; !s.enough() && ctx.Err() == nil; life++ {
		armed, long := "", 4*time.Second
		switch {
		case s.behind() && s.measured.Load():
			long = 12 * time.Second // it may take seconds to start
		case s.behind(), s.rate.Load() == bound: // what a dead process had under way counts for seconds
		case life%3 == 0:
			long = time.Duration(300+rng.IntN(1200)) * time.Millisecond
		case life%3 == 1:
			armed = s.book.arm(rng)
		}
		s.mortal(name, armed).lives(long)
		if life%25 == 0 {
			tell[struct{}](s.fleet, "drop", struct{}{})
		}
	}
}

// lives kills a process if it lives that long, and reports that; it is dead either way.
func (r *replica) lives(long time.Duration) bool {
	select {
	case <-r.done:
		return false
	case <-time.After(long):
		r.kill()
		return true
	}
}

// mortal starts a process that also dies at the first point at which nobody died yet.
func (s *storm) mortal(name, armed string) *replica {
	return s.start(name, armed, diedVariable+"="+s.book.died)
}

// inherit ends leases of the watch's tick whose holder seems to be dead: a tick takes far
// less than a second, or its lease is renewed. Whoever waits for it waits 10 s, as
// [TestChaosFailover] shows, and here so many die in a tick that nobody would watch.
func (s *storm) inherit(ctx context.Context) {
	if s.postgres == "" {
		return // a new process frees what the one before it held
	}
	const dead, look = time.Second, 100 * time.Millisecond
	<-s.opened
	db, err := sql.Open("pgx", s.postgres)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer func() { _ = db.Close() }() // nothing is pending
	for held, since := "", time.Now(); ctx.Err() == nil; pause(ctx, look) {
		var lease string
		err := db.QueryRowContext(ctx, `SELECT lease_owner || lease_until FROM ticks WHERE name = 'watch' AND lease_until IS NOT NULL`).Scan(&lease)
		if err != nil && ctx.Err() == nil && !errors.Is(err, sql.ErrNoRows) {
			s.t.Error(err)
			return
		}
		switch {
		case lease == "" || lease != held || s.stopped.Load(): // whoever is stopped is not dead
			held, since = lease, time.Now()
		case time.Since(since) > dead:
			_, err = db.ExecContext(ctx, `UPDATE ticks SET lease_owner = NULL, lease_until = NULL WHERE name = 'watch' AND lease_owner || lease_until = $1`, held)
		}
		if err != nil && ctx.Err() == nil && !errors.Is(err, sql.ErrNoRows) {
			s.t.Error(err)
			return
		}
	}
}

// bind lets the budget bind for a while, and returns the largest number of requests
// that AgentPhone got in any window of it then.
func (s *storm) bind(ctx context.Context) int {
	const after, settle, measured = 15 * time.Second, 4500 * time.Millisecond, 5 * time.Second
	<-s.opened
	pause(ctx, after)
	if s.enough() {
		return 0
	}
	s.rate.Store(bound)
	pause(ctx, settle) // until all processes know
	from := len(tell[[]Arrival](s.fleet, "arrivals", 0))
	pause(ctx, measured)
	got := tell[[]Arrival](s.fleet, "arrivals", from)
	s.rate.Store(unbound)
	s.measured.Store(true)
	return busiest(got, time.Second)
}

// stopAndGo stops a process in the middle of two POSTs until nobody else can think that
// it still holds them, and lets it go on: of one the answer comes late, of the other
// AgentPhone hears late. It is no less mortal than others, and so may take some tries. It
// returns the process.
func (s *storm) stopAndGo(name string) *replica {
	for {
		r := s.mortal(name, "")
		if s.stopIn(r) {
			s.mu.Lock()
			s.kills["stopped and let go on"]++
			s.mu.Unlock()
			return r
		}
		if time.Since(s.began) > stops || s.broken() {
			s.t.Errorf("%s made no two POSTs to be stopped in", name)
			return r
		}
		r.kill()
	}
}

// stopIn does so with a process, and reports whether it lived for it.
func (s *storm) stopIn(r *replica) bool {
	defer tell[struct{}](s.fleet, "release", struct{}{})
	for _, done := range []bool{true, false} {
		tell[struct{}](s.fleet, "hold", HoldConfig{Replica: r.name, What: "POST /calls", Times: 1, Done: done})
	}
	s.until(15*time.Second, func() bool { return len(s.heldPosts()) == 2 || r.dead() })
	if !r.dead() {
		time.Sleep(time.Second) // it shows that it is placing them
	}
	if r.dead() || len(s.heldPosts()) < 2 {
		return false
	}
	s.stopped.Store(true)
	defer s.stopped.Store(false)
	r.signal(syscall.SIGSTOP)
	since := time.Now()
	if len(s.replicas) == 1 {
		time.Sleep(9 * time.Second) // past the deadline of its requests
	} else if !s.until(time.Minute, s.takenOver) {
		s.t.Errorf("nobody took over within %s what %s was stopped in", time.Since(since), r.name)
	}
	s.t.Logf("%s was stopped for %s in the middle of two POSTs", r.name, time.Since(since).Round(100*time.Millisecond))
	r.signal(syscall.SIGCONT)
	time.Sleep(50 * time.Millisecond) // it is awake before the answers come
	return true
}

func (s *storm) heldPosts() []Held { return tell[[]Held](s.fleet, "held", struct{}{}) }

// takenOver reports whether the threads of the held calls tell that somebody looks for
// them.
func (s *storm) takenOver() bool {
	return !slices.ContainsFunc(s.heldPosts(), func(h Held) bool { return !tell[bool](s.fleet, "lookedfor", h.Number) })
}

// until looks again and again whether something is so.
func (f *fleet) until(patience time.Duration, so func() bool) bool {
	deadline := time.Now().Add(patience)
	for !so() {
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(100 * time.Millisecond) // between two looks
	}
	return true
}

// run is a whole storm, and what it has to show.
func (s *storm) run(t *testing.T) {
	s.began, s.opened = time.Now(), make(chan struct{})
	var all sync.WaitGroup
	defer all.Wait()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	all.Go(func() { s.inherit(ctx) })
	busiest := s.rage(ctx)
	raged := time.Since(s.began)
	// Now they die only at points that are reached for the first time. Some are reached
	// only by those that live for a while, with few calls, and when something goes wrong.
	tell[struct{}](s.fleet, "crowd", CrowdConfig{PerSecond: fewPerSecond})
	for _, name := range s.replicas[1:] {
		all.Go(func() { s.restless(ctx, s.mortal(name, "")) }) // takes over from the one that is stopped
	}
	stopped := s.stopAndGo(s.replicas[0])
	all.Go(func() { s.restless(ctx, stopped) })
	const more = 4
	tell[struct{}](s.fleet, "faults", more)
	// One call at a time is read by itself, of several a list tells.
	tell[struct{}](s.fleet, "crowd", CrowdConfig{PerSecond: 1})
	pause(ctx, few)
	tell[struct{}](s.fleet, "crowd", CrowdConfig{})
	tell[struct{}](s.fleet, "faults", 0)
	l, fig := s.quiet(time.Until(s.began.Add(settles)))
	end()
	all.Wait()
	s.report(t, l, fig, raged, busiest)
}

// restless has a replica run until ctx is done. It dies only at points that are
// reached for the first time, at each of them once, and is started again.
func (s *storm) restless(ctx context.Context, r *replica) {
	for {
		select {
		case <-r.done:
		case <-ctx.Done():
			r.kill()
			return
		}
		if s.broken() {
			return
		}
		r = s.mortal(r.name, "")
	}
}

func (s *storm) report(t *testing.T, l Ledger, fig Figures, raged time.Duration, busiest int) {
	s.mu.Lock()
	kills, failed := fmt.Sprint(s.kills), slices.Clone(s.failed)
	s.mu.Unlock()
	t.Logf("\n%skills                    %5d %s\nnamed points             %5d were died at\nenvelopes                %v\nfaults                   %v\nmost requests in a window of %s: %d\nmessages that belong to nothing: %d\nstorm %s, all of it %s",
		fig.table(), s.sum(), kills, len(s.book.points()), l.Envelopes, l.Faults, bound, busiest, l.Strays,
		raged.Round(time.Second), time.Since(s.began).Round(time.Second))
	s.keep(l)
	if wrong := fig.wrong(); wrong != "" {
		t.Error(wrong)
		s.explain(l, fig.Twice, fig.Lied, fig.Doubled, fig.Unanswered, fig.Cardless)
	}
	if s.sum() < enoughKills || fig.Approved < enoughCalls {
		t.Errorf("%d kills and %d calls are too few to show anything: want %d and %d", s.sum(), fig.Approved, enoughKills, enoughCalls)
	}
	if spared := s.book.spared(); len(spared) > 0 {
		t.Errorf("nobody died at %d points that were reached: %q", len(spared), spared)
	}
	if lacking := s.book.lacking(); len(lacking) > 0 {
		t.Errorf("no point at which somebody died is like %q", lacking)
	}
	if len(failed) > 0 {
		t.Errorf("%d processes ended by themselves: %q", len(failed), failed[:min(3, len(failed))])
	}
	if busiest == 0 || busiest > most {
		t.Errorf("%d requests reached AgentPhone in one window of %s", busiest, bound)
	}
	if fig.Adopted == 0 || fig.Unknown == 0 {
		t.Errorf("%d calls were found again and %d left to a person: the storm did not show what it is for", fig.Adopted, fig.Unknown)
	}
}
