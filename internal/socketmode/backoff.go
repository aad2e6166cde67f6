package socketmode

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// backoff is how long to wait after so many failures in a row: nothing after
// none, then low, doubling up to high; of that, a random part of at least half,
// so that many processes do not come back in step.
func backoff(failures int, low, high time.Duration) time.Duration {
	if failures < 1 {
		return 0
	}
	delay := low
	for range failures - 1 {
		if delay >= high/2 {
			delay = high
			break
		}
		delay *= 2
	}
	half := delay / 2
	return half + rand.N(delay-half+1)
}

// sleep waits, and reports false if the context ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// openLimit is a token bucket for apps.connections.open, shared by all links.
type openLimit struct {
	every time.Duration
	burst int

	mu     sync.Mutex
	tokens int
	full   time.Time // when the token that is being earned is complete
	held   time.Time // nothing is given before
}

func newOpenLimit(every time.Duration, burst int) *openLimit {
	return &openLimit{every: every, burst: burst, tokens: burst}
}

// take waits for a token, and reports false if the context ended first.
func (b *openLimit) take(ctx context.Context) bool {
	for {
		wait := b.try(time.Now())
		if wait <= 0 {
			return ctx.Err() == nil
		}
		if !sleep(ctx, wait) {
			return false
		}
	}
}

// try takes a token, or says how long to wait before trying again.
func (b *openLimit) try(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.tokens < b.burst && !now.Before(b.full) {
		b.tokens++
		b.full = b.full.Add(b.every)
	}
	if wait := b.held.Sub(now); wait > 0 {
		return wait
	}
	if b.tokens == 0 {
		return b.full.Sub(now)
	}
	if b.tokens == b.burst {
		b.full = now.Add(b.every)
	}
	b.tokens--
	return 0
}

// giveBack returns a token for a request that never reached Slack.
func (b *openLimit) giveBack() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.tokens+1, b.burst)
}

// hold gives no token for a while, as Slack's Retry-After asks.
func (b *openLimit) hold(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until := time.Now().Add(d); until.After(b.held) {
		b.held = until
	}
}
