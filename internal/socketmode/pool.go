package socketmode

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// pool is a fixed number of workers behind a bounded queue.
type pool struct {
	cfg      *Config
	log      *slog.Logger
	handling context.Context // the context of all handlers, ended by drain
	stopAll  context.CancelFunc
	workers  sync.WaitGroup

	mu       sync.Mutex
	queue    chan job
	closed   bool
	bytes    int64 // of the payloads that are queued or being handled
	declined int   // since the last line in the log
	told     time.Time
}

type job struct {
	envelope Envelope
	link     *link
}

// newPool starts the workers. Handlers get the values of ctx but not its end.
func newPool(ctx context.Context, cfg *Config) *pool {
	handling, stopAll := context.WithCancel(context.WithoutCancel(ctx))
	p := &pool{
		cfg: cfg, log: cfg.Logger, handling: handling, stopAll: stopAll,
		queue: make(chan job, cfg.Queue),
	}
	for range cfg.Workers {
		p.workers.Go(func() {
			for j := range p.queue {
				p.work(j)
			}
		})
	}
	return p
}

// offer never blocks. What it does not take is answered by Config.Busy.
func (p *pool) offer(j job) {
	if j.link.begin() {
		if p.enqueue(j) {
			return
		}
		j.link.end()
	}
	p.noteDeclined()
	j.link.answer(j.envelope, p.askBusy(j.envelope))
}

func (p *pool) enqueue(j job) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	size := int64(len(j.envelope.Payload))
	if p.closed || p.bytes+size > 8*p.cfg.MaxMessage {
		return false
	}
	select {
	case p.queue <- j:
		p.bytes += size
		return true
	default:
		return false
	}
}

func (p *pool) work(j job) {
	defer func() {
		j.link.end()
		p.mu.Lock()
		p.bytes -= int64(len(j.envelope.Payload))
		p.mu.Unlock()
	}()
	deadline := j.envelope.Received.Add(p.cfg.AckDeadline)
	if !time.Now().Before(deadline) {
		// Slack has given up on it: handling it now would surprise a person who
		// was told that it failed, and an event comes again.
		p.log.Warn("Slack envelope waited too long, left un-acked", "type", j.envelope.Type, "envelope_id", j.envelope.ID)
		return
	}
	ctx, cancel := context.WithDeadline(p.handling, deadline)
	defer cancel()
	j.link.answer(j.envelope, p.handle(ctx, j.envelope))
}

func (p *pool) handle(ctx context.Context, e Envelope) (ack Ack) {
	defer func() {
		if v := recover(); v != nil {
			ref := strings.ToLower(rand.Text()[:6])
			p.logPanic("handler", ref, e, v)
			ack = p.askPanicked(e, ref)
		}
	}()
	return p.cfg.Handle(ctx, e)
}

func (p *pool) askBusy(e Envelope) (ack Ack) {
	defer func() {
		if v := recover(); v != nil {
			p.logPanic("Config.Busy", "", e, v)
			ack = NoAck
		}
	}()
	return p.cfg.Busy(e)
}

func (p *pool) askPanicked(e Envelope, ref string) (ack Ack) {
	defer func() {
		if v := recover(); v != nil {
			p.logPanic("Config.Panicked", ref, e, v)
			ack = NoAck
		}
	}()
	return p.cfg.Panicked(e, ref)
}

func (p *pool) logPanic(where, ref string, e Envelope, v any) {
	p.log.Error("panic while handling a Slack envelope", "in", where, "ref", ref, "type", e.Type, "envelope_id", e.ID,
		"panic", scrub(fmt.Errorf("%v", v)), "stack", string(debug.Stack()))
}

// noteDeclined logs at most every ten seconds, because it is called most when
// there is least time.
func (p *pool) noteDeclined() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.declined++
	if p.closed || time.Since(p.told) < 10*time.Second {
		return
	}
	p.log.Warn("too many Slack envelopes at once, declined", "count", p.declined, "workers", p.cfg.Workers, "queue", p.cfg.Queue)
	p.declined, p.told = 0, time.Now()
}

// stopIntake has everything that comes from now on declined.
func (p *pool) stopIntake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	close(p.queue)
}

// drain reports whether all that was taken in was handled and answered within
// the grace. Call stopIntake first. After it, handlers' contexts are over.
func (p *pool) drain(grace time.Duration) bool {
	defer p.stopAll()
	finished := make(chan struct{})
	go func() {
		p.workers.Wait()
		close(finished)
	}()
	select {
	case <-finished:
		return true
	case <-time.After(grace):
	}
	// A handler that heeds its context still gets to say so.
	p.stopAll()
	select {
	case <-finished:
		return true
	case <-time.After(min(grace, 500*time.Millisecond)):
		return false
	}
}
