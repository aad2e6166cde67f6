package call

import "time"

// Step is an event that was decided on for a call as it was then; it is committed only
// if the call still is so.
type Step struct {
	Call  *Call
	Event Event
}

// Sight is a read of a call at the provider that brought no news.
type Sight struct {
	Call    ID
	Version int64     // of the call that was read; it counts only for that one
	At      time.Time // the zero time: the read failed
	Due     time.Time // the next one
}
