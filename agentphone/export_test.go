package agentphone

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
