package call

import (
	"errors"
	"fmt"
)

// Code classifies an error for the code that handles it.
type Code string

// The codes.
const (
	Invalid     Code = "invalid"     // what was asked for cannot be done as it was written
	RefusedCode Code = "refused"     // a rule forbids it
	Conflict    Code = "conflict"    // the call has moved on meanwhile
	NotAllowed  Code = "not_allowed" // this person may not
	Unavailable Code = "unavailable" // it may work in a moment; nothing was saved
	Internal    Code = "internal"    // a mistake of ours
)

// Error is an error that a person is shown.
type Error struct {
	Code Code
	// Sentence says what happened, what it means for the call, and what to do next.
	// It holds no markup and nothing secret.
	Sentence string
	// Part is the part of a request that it is about; "": all of it, or none.
	Part Part
	// Err is the cause for the log, and may be nil.
	Err error
}

// Error returns the sentence, and the cause behind it.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Sentence
	}
	return fmt.Sprintf("%s (%v)", e.Sentence, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an error with a sentence for a person.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Sentence: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the first [Error] in err's chain; [Internal] if there
// is none; "" if err is nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// ErrLost says that a lease ran out, or another replica was faster: whoever sees it
// stops, for somebody else goes on.
var ErrLost = errors.New("the lease was lost")

// ErrNumberBusy says that another call to the same number is being placed, or its
// fate is not known, so that this one waits.
var ErrNumberBusy = errors.New("another call to this number is not settled")
