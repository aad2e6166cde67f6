package call

import "strings"

// Storable returns s without what a database refuses in a text: bytes that are not
// UTF-8, and NUL, which Postgres cannot keep. Each is replaced by U+FFFD. Whatever
// comes from the provider and is stored goes through it; [Apply] does that itself.
func Storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// storable is the event with texts that can be stored.
func (e Event) storable() Event {
	e.Detail, e.ProviderID, e.Result = Storable(e.Detail), strings.ReplaceAll(Storable(e.ProviderID), "\n", "\uFFFD"), e.Result.storable()
	e.Request = e.Request.storable()
	return e
}

func (r Result) storable() Result {
	r.Outcome, r.Summary, r.Transcript = Storable(r.Outcome), Storable(r.Summary), Storable(r.Transcript)
	r.RecordingURL = Storable(r.RecordingURL)
	return r
}

// storable is the request as it is kept: people cannot type what this replaces.
func (r Request) storable() Request {
	r.Objective, r.Business, r.Website = Storable(r.Objective), Storable(r.Business), Storable(r.Website)
	r.Extension, r.Disclosure = Storable(r.Extension), Storable(r.Disclosure)
	return r
}
