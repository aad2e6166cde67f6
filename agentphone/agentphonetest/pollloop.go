package agentphonetest

import "time"

// PollLoop is a client as the API's documentation tells it: one POST for each call, a
// GET every interval until it sees the end, and one every fifth of an interval after
// that until it sees the summary. What it would cost is what another client saves.
type PollLoop struct {
	Interval time.Duration // 10 s by the documentation
	Timeout  time.Duration // of following a call until its end; 0 for ever
}

// Never is a moment of a [Life] that has not come, and does not by itself.
const Never = never

// Life is when a call's moments are, in the time of [Simulator.Simulated].
type Life struct {
	Asked      time.Duration // the POST
	Ended      time.Duration // Never while it is under way and will not end by itself
	Summarized time.Duration // the API shows the summary; Never as Ended
}

// Requests counts those that the loop makes for these calls after from and until to.
// An Interval of 0 or less makes only the POSTs.
func (p PollLoop) Requests(lives []Life, from, to time.Duration) int {
	n := 0
	for _, l := range lives {
		if from < l.Asked && l.Asked <= to {
			n++
		}
		if p.Interval <= 0 {
			continue
		}
		polls := max(stepsTo(l.Asked, l.Ended, p.Interval), 1)
		if p.Timeout > 0 && polls > int64(p.Timeout/p.Interval) {
			n += stepsIn(l.Asked, p.Interval, int64(p.Timeout/p.Interval), from, to)
			continue // it never saw the end
		}
		n += stepsIn(l.Asked, p.Interval, polls, from, to)
		if fifth := p.Interval / 5; l.Ended != Never && fifth > 0 {
			saw := l.Asked + time.Duration(polls)*p.Interval
			n += stepsIn(saw, fifth, stepsTo(saw, l.Summarized, fifth), from, to)
		}
	}
	return n
}

// stepsTo is how many steps from start it takes to reach a moment.
func stepsTo(start, moment, step time.Duration) int64 {
	if moment <= start {
		return 0
	}
	return int64((moment-start-1)/step) + 1
}

// stepsIn is how many of the first n steps from start end after from and until to.
func stepsIn(start, step time.Duration, n int64, from, to time.Duration) int {
	until := func(t time.Duration) int64 { return min(int64(max(t-start, 0)/step), n) }
	return int(max(until(to)-until(from), 0))
}

// Lives returns the life of every call that was accepted, oldest first, as it is to be
// if nobody intervenes.
func (s *Simulator) Lives() []Life {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Life, len(s.order))
	for i, c := range s.order {
		out[i] = Life{Asked: c.born, Ended: Never, Summarized: Never}
		if c.ended != never {
			out[i].Ended = c.born + c.ended
			out[i].Summarized = out[i].Ended + c.enrichment
		}
	}
	return out
}
