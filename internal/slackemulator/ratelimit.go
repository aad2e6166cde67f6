package slackemulator

import "time"

// bucket is a token bucket: it holds up to burst calls and regains one per every.
type bucket struct {
	tokens  float64
	updated time.Time
}

// SetRateLimits switches Slack's rate limits on or off.
func (e *Emulator) SetRateLimits(on bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rateLimited = on
	clear(e.buckets)
}

// limit returns how long a call has to wait, 0 if it may go on. chat.postMessage
// is limited to one a second for each channel, with short bursts; the rest per
// workspace and method over a minute: https://docs.slack.dev/apis/web-api/rate-limits
// Slack does not publish how long a burst may be: here three messages, ten
// connections, or the minute's calls. The caller holds e.mu.
func (e *Emulator) limit(name string, m method, args arguments) time.Duration {
	if !e.rateLimited || m.perMin == 0 {
		return 0
	}
	key, burst := name, float64(m.perMin)
	switch name {
	case "chat.postMessage":
		where := args.str("channel")
		if c := e.conversationByName(where); c != nil {
			where = c.id
		}
		key, burst = name+" "+where, 3
	case "apps.connections.open":
		burst = 10
	}
	every := time.Minute / time.Duration(m.perMin)
	now := e.clock.Now()
	b := e.buckets[key]
	if b == nil {
		b = &bucket{tokens: burst, updated: now}
		e.buckets[key] = b
	}
	b.tokens = min(burst, b.tokens+float64(now.Sub(b.updated))/float64(every))
	b.updated = now
	if b.tokens < 1 {
		return max(time.Millisecond, time.Duration((1-b.tokens)*float64(every)))
	}
	b.tokens--
	return 0
}
