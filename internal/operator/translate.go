package operator

import (
	"errors"
	"net/http"
	"slices"

	"github.com/agentphone-slack/callbot/agentphone"
	"github.com/agentphone-slack/callbot/internal/call"
)

// This file is the one place where the provider's words become the domain's.

// answerOf classifies what became of a POST.
func (o *Operator) answerOf(created *agentphone.CreatedCall, err error) call.Answer {
	if err == nil {
		return call.Answer{Fate: call.FateAccepted, ProviderID: created.ID, Credits: created.CreditsRemaining}
	}
	a := call.Answer{Reason: reasonOf(err)}
	if answer, ok := errors.AsType[*agentphone.Error](err); ok {
		a.Detail, a.Wait = answer.Message, answer.RetryAfter
	}
	switch agentphone.FateOf(err) {
	case agentphone.FateRefused:
		a.Fate = call.FateRefused
	case agentphone.FateNeverSent:
		a.Fate = call.FateNotSent
		if invalid, ok := errors.AsType[*agentphone.ValidationError](err); ok {
			// Trying again cannot make it valid.
			a.Fate, a.Reason, a.Detail = call.FateRefused, call.ReasonInvalid, invalid.Error()
		}
	case agentphone.FateUnknown, agentphone.FateAccepted:
		a.Fate = call.FateUnknown
	}
	if a.Reason == call.ReasonNoCredits {
		a.Credits = new(int)
		o.warnOnce("no credits", "AgentPhone has no credits left: no call can be placed until there are")
	}
	if a.Reason == call.ReasonBadKey {
		o.warnOnce("bad key", "AgentPhone does not accept AGENTPHONE_API_KEY: no call can be placed until it does")
	}
	return a
}

// reasonOf is why a request to the provider failed.
func reasonOf(err error) call.Reason {
	answer, ok := errors.AsType[*agentphone.Error](err)
	if !ok {
		if agentphone.FateOf(err) == agentphone.FateNeverSent {
			return call.ReasonUnreachable
		}
		return call.ReasonUnknownFate
	}
	switch answer.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		return call.ReasonBadKey
	case http.StatusPaymentRequired:
		return call.ReasonNoCredits
	case http.StatusTooManyRequests:
		return call.ReasonRateLimited
	}
	if agentphone.FateOf(err) == agentphone.FateRefused {
		return call.ReasonInvalid
	}
	return call.ReasonUnknownFate
}

// statuses maps the provider's statuses to ours. One that is missing is news of nothing.
var statuses = map[agentphone.Status]call.Status{
	agentphone.StatusQueued:     call.Queued,
	agentphone.StatusDialing:    call.Dialing,
	agentphone.StatusInProgress: call.InProgress,
	agentphone.StatusCompleted:  call.Completed,
	agentphone.StatusFailed:     call.Failed,
	agentphone.StatusCanceled:   call.Canceled,
}

// resultOf is what the provider tells of the end of a call.
func resultOf(n agentphone.Call) call.Result {
	return call.Result{
		Outcome:      string(n.Outcome),
		Summary:      n.Summary,
		Transcript:   n.Transcript,
		RecordingURL: n.RecordingURL,
		Duration:     n.Duration,
	}
}

// whole reports whether news of an end carry all that a read of the call would tell.
func whole(n agentphone.Call) bool {
	return n.Outcome != "" && n.Summary != "" && n.Transcript != "" && n.RecordingURL != "" && n.Duration > 0
}

// tooLarge reports that the provider may not take so large a limit.
func tooLarge(err error) bool {
	answer, ok := errors.AsType[*agentphone.Error](err)
	return ok && slices.Contains([]int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}, answer.StatusCode)
}

// noList reports that the provider has no list of calls at all.
func noList(err error) bool {
	answer, ok := errors.AsType[*agentphone.Error](err)
	return ok && slices.Contains([]int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented}, answer.StatusCode)
}
