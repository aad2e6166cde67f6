package claims_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/agentphone-slack/callbot/internal/claims"
)

// desk is work to claim.
type desk struct {
	due    []time.Time // of what nobody claimed
	asked  []int       // for how much
	failed []error
	fails  int // of the next claims
	wake   chan struct{}
}

var errDesk = errors.New("the desk is closed")

func (d *desk) claim(_ context.Context, n int) ([]time.Time, error) {
	d.asked = append(d.asked, n)
	if d.fails > 0 {
		d.fails--
		return nil, errDesk
	}
	var got []time.Time
	for len(d.due) > 0 && len(got) < n && !d.due[0].After(time.Now()) {
		got, d.due = append(got, d.due[0]), d.due[1:]
	}
	return got, nil
}

func (d *desk) next(context.Context) (time.Time, error) {
	if len(d.due) == 0 {
		return time.Time{}, nil
	}
	return d.due[0], nil
}

func (d *desk) loop(do func(time.Time)) claims.Loop[time.Time] {
	return claims.Loop[time.Time]{
		Workers: 2, Claim: d.claim, Next: d.next, Do: do, Wake: d.wake,
		Most: time.Minute, Least: time.Second, Now: time.Now,
		Failed: func(err error) { d.failed = append(d.failed, err) },
	}
}

func TestWorkIsDoneWhenItIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		d := &desk{wake: make(chan struct{}, 1)}
		for _, after := range []time.Duration{0, 0, 0, 10 * time.Second, 3 * time.Minute} {
			d.due = append(d.due, start.Add(after))
		}
		began := make(chan time.Duration, len(d.due))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			d.loop(func(time.Time) {
				began <- time.Since(start)
				time.Sleep(4 * time.Second)
			}).Run(ctx)
		}()
		time.Sleep(4 * time.Minute)
		cancel()
		<-ended
		close(began)
		got := slices.Collect(func(yield func(time.Duration) bool) {
			for after := range began {
				if !yield(after) {
					return
				}
			}
		})
		want := []time.Duration{0, 0, 4 * time.Second, 10 * time.Second, 3 * time.Minute}
		if !slices.Equal(got, want) {
			t.Errorf("work began after %v, want %v", got, want)
		}
	})
}

func TestAWakeUpIsHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{wake: make(chan struct{}, 1)}
		ctx, cancel := context.WithCancel(t.Context())
		did := make(chan time.Time, 1)
		ended := make(chan struct{})
		start := time.Now()
		go func() { defer close(ended); d.loop(func(time.Time) { did <- time.Now() }).Run(ctx) }()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		d.due = append(d.due, start)
		d.wake <- struct{}{}
		if at := <-did; at.Sub(start) != 5*time.Second {
			t.Errorf("it was done after %v", at.Sub(start))
		}
		cancel()
		<-ended
	})
}

func TestAFailedClaimIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{wake: make(chan struct{}, 1), due: []time.Time{time.Now()}, fails: 2}
		ctx, cancel := context.WithCancel(t.Context())
		did := make(chan time.Time, 1)
		ended := make(chan struct{})
		start := time.Now()
		go func() { defer close(ended); d.loop(func(time.Time) { did <- time.Now() }).Run(ctx) }()
		if at := <-did; at.Sub(start) != 2*time.Second { // twice the least wait
			t.Errorf("it was done after %v", at.Sub(start))
		}
		cancel()
		<-ended
		if len(d.failed) != 2 || !errors.Is(d.failed[0], errDesk) {
			t.Errorf("it heard of %v", d.failed)
		}
	})
}

func TestWhatIsUnderWayIsFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{wake: make(chan struct{}, 1), due: []time.Time{time.Now(), time.Now(), time.Now()}}
		ctx, cancel := context.WithCancel(t.Context())
		finished := make(chan struct{}, 3)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			d.loop(func(time.Time) { time.Sleep(3 * time.Second); finished <- struct{}{} }).Run(ctx)
		}()
		synctest.Wait()
		cancel()
		<-ended
		if len(finished) != 2 || len(d.due) != 1 {
			t.Errorf("%d were finished and %d are left; two workers had one each", len(finished), len(d.due))
		}
	})
}
