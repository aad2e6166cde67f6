package agentphonetest

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"time"
)

const (
	statusQueued     = "queued"
	statusDialing    = "dialing"
	statusInProgress = "in_progress"
	statusCompleted  = "completed"
	statusFailed     = "failed"
	statusCanceled   = "canceled"

	outcomeAchieved    = "achieved"
	outcomePartial     = "partial"
	outcomeNotAchieved = "not_achieved"
	outcomeVoicemail   = "left_voicemail"

	summaryBusy     = "The line was busy, so nobody was reached."
	summaryNoAnswer = "Nobody answered the phone."
	summaryCanceled = "The call was canceled before anybody answered."
)

const (
	minDuration = 30 * time.Second
	maxDuration = 180 * time.Second
	// enrichmentDelay is how long after its end an ordinary call gets its summary,
	// transcript and recording.
	enrichmentDelay = 2500 * time.Millisecond
)

// never is a moment in a call's life that does not come by itself.
const never = time.Duration(math.MaxInt64)

// call is a simulated call. Its moments are durations of simulated time since
// it was created; its state follows from them and the clock.
type call struct {
	id, key            string
	number, objective  string
	business, website  string
	story              story
	created            time.Time     // by the clock
	born               time.Duration // when it was created, in simulated time
	dialing            time.Duration
	answered           time.Duration
	ended              time.Duration
	enrichment         time.Duration // after the end
	talking            string        // status between answered and ended
	end                string        // status after ended
	outcome            string
	said               []spoken // what is said, by its moments; some of it may not have been said yet
	verbatim           string   // a transcript given by Complete, in place of what was said
	summary            string
	polls              int
	manual             bool
	menus              int // that have talked
	recordingSignature string
}

func newCall(id, number, objective, business, website string, manual bool) *call {
	st := storyOf(number)
	c := &call{
		id: id, number: number, objective: objective, business: business, website: website,
		story:      st,
		enrichment: enrichmentDelay,
		talking:    statusInProgress,
		end:        orElse(st.end, statusCompleted),
		manual:     manual,
	}
	seed := c.seed()
	c.dialing = time.Duration(1000+seed%1500) * time.Millisecond
	c.answered = c.dialing + time.Duration(3000+seed/7%6000)*time.Millisecond
	switch c.end {
	case statusFailed:
		c.answered, c.ended, c.summary = never, c.dialing+6*time.Second, summaryBusy
	case statusCanceled:
		c.answered, c.ended, c.summary = never, c.dialing+4*time.Second, summaryCanceled
	default:
		c.outcome = orElse(st.out, outcomeAchieved)
		c.ended = c.answered + c.talk()
	}
	switch {
	case manual:
		c.answered, c.ended, c.said = never, never, nil
	case st.plot != nil:
		st.plot(c)
	}
	return c
}

// seed makes the same call the same every time.
func (c *call) seed() uint64 { return hash(c.number + "\x00" + c.objective) }

// talk lets the conversation of the call's story take place, once somebody has
// answered, and returns its length.
func (c *call) talk() time.Duration {
	script, summary := converse(c.objective, c.business, c.outcome, c.seed())
	if c.story.rewrite != nil {
		script = c.story.rewrite(script, c.objective)
	}
	length := scriptDuration(script, c.seed())
	c.summary, c.said = summary, spread(script, length)
	return length
}

func (c *call) status(elapsed time.Duration) string {
	switch {
	case elapsed >= c.ended:
		return c.end
	case elapsed >= c.answered:
		return c.talking
	case elapsed >= c.dialing:
		return statusDialing
	}
	return statusQueued
}

func (c *call) transcript() string {
	if c.verbatim != "" {
		return c.verbatim
	}
	return scriptText(c.script())
}

func (c *call) over(elapsed time.Duration) bool { return elapsed >= c.ended }

func (c *call) enriched(elapsed time.Duration) bool {
	return c.over(elapsed) && elapsed-c.ended >= c.enrichment
}

// talkTime is the length of the conversation so far.
func (c *call) talkTime(elapsed time.Duration) time.Duration {
	if elapsed < c.answered || c.answered == never {
		return 0
	}
	return (min(elapsed, c.ended) - c.answered).Round(time.Second)
}

// Answer makes somebody pick up the phone now. In a call that waits for a person
// nothing is said then until [Simulator.Say] or [Simulator.Menu].
func (s *Simulator) Answer(id string) error {
	return s.control(id, func(c *call, now time.Duration) error {
		if now >= c.answered {
			return errors.New("it was answered already")
		}
		c.pickUp(now)
		return nil
	})
}

// pickUp makes somebody answer now, whatever the story was to be.
func (c *call) pickUp(now time.Duration) {
	c.dialing, c.answered, c.ended = min(c.dialing, now), now, never
	if c.end != statusCompleted { // a story of a failure has no conversation yet
		c.end, c.outcome = statusCompleted, outcomeAchieved
	}
	if !c.manual {
		c.ended = now + c.talk()
	}
}

// HangUp makes the called party put the phone down now: the call completes, not
// achieved, with as much of its transcript as there was time for. A call that
// nobody had answered fails.
func (s *Simulator) HangUp(id string) error {
	return s.control(id, func(c *call, now time.Duration) error {
		if now < c.answered {
			c.finish(now, statusFailed, "", "The call was rejected.")
			return nil
		}
		c.finish(now, statusCompleted, outcomeNotAchieved, "The other side hung up before the objective was reached.")
		c.said = append(c.said, spoken{line: line{host, "Sorry, I have to hang up now."}, at: now - c.answered})
		return nil
	})
}

// Complete ends the call now with a result. Its summary, transcript and
// recording are there at once.
func (s *Simulator) Complete(id string, r Result) error {
	return s.control(id, func(c *call, now time.Duration) error {
		c.dialing, c.answered = min(c.dialing, now), min(c.answered, now)
		c.finish(now, statusCompleted, r.Outcome, r.Summary)
		if r.Transcript != "" {
			c.verbatim, c.said = r.Transcript, spread(parseScript(r.Transcript), now-c.answered)
		}
		c.enrichment = 0
		return nil
	})
}

// Result is what [Simulator.Complete] ends a call with.
type Result struct {
	Outcome    string // such as "achieved"; any string is handed on
	Summary    string
	Transcript string // lines such as "Host: Hello"; what was said so far if empty
}

// Busy ends the call now: it fails because the line is busy. It is an error if
// somebody has answered.
func (s *Simulator) Busy(id string) error {
	return s.control(id, func(c *call, now time.Duration) error {
		if now >= c.answered {
			return errors.New("it was answered already")
		}
		c.finish(now, statusFailed, "", summaryBusy)
		return nil
	})
}

// Cancel ends the call now as canceled. What was said until then stays said.
func (s *Simulator) Cancel(id string) error {
	return s.control(id, func(c *call, now time.Duration) error {
		summary := summaryCanceled
		if now >= c.answered {
			summary = "The call was canceled while it was under way."
		}
		c.finish(now, statusCanceled, "", summary)
		return nil
	})
}

// finish ends the call now. What has not been said by then is not said any more.
func (c *call) finish(now time.Duration, status, outcome, summary string) {
	c.dialing = min(c.dialing, now)
	if now < c.answered {
		c.answered = never
	}
	c.said = c.heard(now)
	c.ended, c.end, c.outcome, c.summary = now, status, outcome, summary
}

func (s *Simulator) control(id string, change func(*call, time.Duration) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.calls[id]
	if !ok {
		return fmt.Errorf("agentphonetest: no call %q", id)
	}
	elapsed := s.elapsed(c)
	if c.over(elapsed) {
		return fmt.Errorf("agentphonetest: call %s is over: %s", id, c.end)
	}
	if err := change(c, elapsed); err != nil {
		return fmt.Errorf("agentphonetest: call %s: %w", id, err)
	}
	return nil
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func hash(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // a hash does not fail
	return h.Sum64()
}
