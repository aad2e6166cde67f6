package agentphonetest

import (
	"math"
	"slices"
	"time"
)

// timeline is simulated time as a function of the clock's: without jumps, and with a
// bend wherever the speed was changed. The oldest stretch is first; there is one at
// least.
type timeline []stretch

// stretch is the time from one change of the speed to the next.
type stretch struct {
	since time.Time     // by the clock
	at    time.Duration // simulated time then
	speed float64       // simulated time for each unit of the clock's
}

// longest keeps simulated time far enough from where a duration overflows.
const longest = never / 2

// scaled is d times f.
func scaled(d time.Duration, f float64) time.Duration {
	return time.Duration(min(max(float64(d)*f, -float64(longest)), float64(longest)))
}

// simulated is the simulated time at t by the clock, since the start. Before the
// start it is below 0.
func (l timeline) simulated(t time.Time) time.Duration {
	s := l[0]
	for _, next := range slices.Backward(l) {
		if !next.since.After(t) {
			s = next
			break
		}
	}
	return min(s.at+scaled(t.Sub(s.since), s.speed), longest)
}

// clock is the time by the clock at a simulated time: the inverse of simulated.
func (l timeline) clock(at time.Duration) time.Time {
	s := l[0]
	for _, next := range slices.Backward(l) {
		if next.at <= at {
			s = next
			break
		}
	}
	return s.since.Add(scaled(at-s.at, 1/s.speed))
}

// speed is how fast simulated time goes now.
func (l timeline) speed() float64 { return l[len(l)-1].speed }

// bend goes on from now at another speed.
func (l timeline) bend(now time.Time, speed float64) timeline {
	if speed == l.speed() {
		return l
	}
	next := stretch{since: now, at: l.simulated(now), speed: speed}
	if last := len(l) - 1; last > 0 && !l[last].since.Before(now) {
		l = l[:last] // nothing happened at that speed
	}
	return append(l, next)
}

// validSpeed reports whether time can go that fast.
func validSpeed(f float64) bool { return f > 0 && !math.IsInf(f, 0) }

// SetSpeed makes simulated time go f times as fast as the clock from now on, f above
// 0: [WithSpeed] at run time. Calls that are under way go on from where they are, and
// a request that counts against the rate limit ages as fast as they do.
func (s *Simulator) SetSpeed(f float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if validSpeed(f) {
		s.time = s.time.bend(s.now(), f)
	}
}

// Speed is how many times as fast as the clock simulated time goes.
func (s *Simulator) Speed() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.time.speed()
}

// Simulated is the simulated time at t by the clock, since the simulator was made:
// that of a [Life]. If t is still to come, time goes on at the speed of now.
func (s *Simulator) Simulated(t time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.time.simulated(t)
}
