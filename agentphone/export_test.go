package agentphone

import "time"

// WithPace changes how fast recordings must come.
func WithPace(idle, window time.Duration, least int64) Option {
	return func(c *config) error {
		c.pace = pace{idle, window, least}
		return nil
	}
}

// IsPublic, RefuseNonPublic and ParseRetryAfter are tested as tables: from
// outside, the first two would need an interface with such an address.
var (
	IsPublic        = isPublic
	RefuseNonPublic = refuseNonPublic
	ParseRetryAfter = parseRetryAfter
	AudioType       = audioType
	DecodeCall      = decodeCall
	DecodeCalls     = decodeCalls
	DecodeCreated   = decodeCreatedCall
)
