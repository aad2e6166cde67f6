package call

import (
	"errors"
	"time"
)

// Part is a part of what a person asks for, so that what is wrong with it can be told
// where they typed it.
type Part string

// The parts of a request.
const (
	PartNumber    Part = "number" // and its extension
	PartObjective Part = "objective"
	PartBusiness  Part = "business"
	PartWebsite   Part = "website"
	PartStart     Part = "start"
)

// PartOf returns what part of a request an error is about; "" if it is about all of it.
func PartOf(err error) Part {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Part
	}
	return ""
}

// about is the error, if it is one, as one about a part of the request.
func (e *Error) about(p Part) error {
	if e == nil {
		return nil
	}
	e.Part = p
	return e
}

// Faults are what is wrong with a request by itself, at most one for each part, so that a
// person can mend all of it at once. start is the time that it is asked for, or zero.
func (s *Service) Faults(q Request, start time.Time) []error {
	var list []error
	for _, rule := range s.rules.ofRequest() {
		if err := rule(q); err != nil {
			list = append(list, err)
		}
	}
	for _, t := range q.texts() {
		if err := t.check(); err != nil {
			list = append(list, err)
		}
	}
	if err := s.rules.wanted(q, start, s.now()); err != nil {
		list = append(list, err)
	}
	return list
}
