package agentphone

import (
	"encoding/json"
	"errors"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const redacted = "[redacted]"

// A key shorter than this is no secret, and redacting it would eat words out of
// messages.
const minSecretLength = 5

// redactor takes the API key out of text, in the spellings in which a server or
// a proxy would echo it. It holds the key in a closure, as Client does.
type redactor struct {
	longest int                   // bytes of the longest spelling
	pattern func() *regexp.Regexp // nil: nothing to redact
}

func newRedactor(key string) *redactor {
	if len(key) < minSecretLength {
		return &redactor{}
	}
	quoted, _ := json.Marshal(key) // a string always marshals
	inJSON := strings.Trim(string(quoted), `"`)
	forms := []string{
		inJSON, strings.ReplaceAll(inJSON, "/", `\/`), // PHP escapes slashes
		html.EscapeString(key), url.QueryEscape(key), url.PathEscape(key), key,
	}
	longest := 0
	for i, f := range forms {
		longest = max(longest, len(f))
		forms[i] = regexp.QuoteMeta(f)
	}
	pattern := regexp.MustCompile("(?i)" + strings.Join(forms, "|"))
	return &redactor{longest: longest, pattern: func() *regexp.Regexp { return pattern }}
}

func (r *redactor) string(s string) string {
	if r.pattern == nil {
		return s
	}
	return r.pattern().ReplaceAllLiteralString(s, redacted)
}

func (r *redactor) found(s string) bool {
	return r.pattern != nil && r.pattern().MatchString(s)
}

// error returns err, or, if it or anything it wraps would print the key, an
// error that prints it redacted and can still be matched with errors.Is, but not
// unwrapped.
func (r *redactor) error(err error) error {
	if err == nil || !r.foundIn(err) {
		return err
	}
	return sealedError{text: r.string(err.Error()), is: func(target error) bool { return errors.Is(err, target) }}
}

func (r *redactor) foundIn(err error) bool {
	if err == nil {
		return false
	}
	if r.found(err.Error()) {
		return true
	}
	switch e := err.(type) { //nolint:errorlint // this walks the chain itself
	case interface{ Unwrap() error }:
		return r.foundIn(e.Unwrap())
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(e.Unwrap(), r.foundIn)
	}
	return false
}

type sealedError struct {
	text string
	is   func(error) bool
}

func (e sealedError) Error() string        { return e.text }
func (e sealedError) Is(target error) bool { return e.is(target) }
