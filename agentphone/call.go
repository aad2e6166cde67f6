package agentphone

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// CreateCall asks AgentPhone to place a call (POST /calls). The request is sent
// at most once. When it fails, [FateOf] of the error tells whether the phone may
// ring all the same:
//
//   - a [*ValidationError] for a number that is not E.164, an empty objective or
//     text that is not UTF-8: nothing was sent;
//   - an [*Error] for every answer that is not 2xx;
//   - a [*RequestError] when there was no answer, or a 2xx that cannot be read or
//     names no call that could be asked for.
func (c *Client) CreateCall(ctx context.Context, req CreateCallRequest) (*CreatedCall, error) {
	const op = "create call"
	if err := req.Validate(); err != nil {
		return nil, fmt.Errorf("agentphone: %s: %w", op, err)
	}
	payload, err := encode(req)
	if err != nil {
		return nil, fmt.Errorf("agentphone: %s: %w", op, &RequestError{Fate: FateNeverSent, Err: err})
	}
	body, err := c.send(ctx, op, http.MethodPost, "/calls", payload)
	if err != nil {
		return nil, err
	}
	created, err := decodeCreatedCall(body)
	if err != nil {
		return nil, c.malformed(op, err)
	}
	return created, nil
}

// GetCall reads one call (GET /calls/{id}). Summary, transcript and recording
// may come some seconds after the status has become completed. The ID of the
// result is the one that was asked for where the answer names none.
func (c *Client) GetCall(ctx context.Context, id string) (*Call, error) {
	const op = "get call"
	if !usableID(id) {
		return nil, fmt.Errorf("agentphone: %s: %w", op, &ValidationError{Field: "call_id", Reason: "it is empty or not an ID"})
	}
	body, err := c.send(ctx, op, http.MethodGet, "/calls/"+url.PathEscape(id), nil)
	if err != nil {
		return nil, err
	}
	call, err := decodeCall(body)
	if err != nil {
		return nil, c.malformed(op, err)
	}
	if call.ID == "" {
		call.ID = id
	}
	return call, nil
}

// ListCalls reads recent calls (GET /calls?limit=N); with a limit below 1 the
// API chooses how many. The shape of the answer is not documented, so it is
// decoded leniently and each item may lack any field, its ID and status
// included. The order is the API's. A call that is missing may still exist. The
// largest limit is not documented either: the example has 10.
func (c *Client) ListCalls(ctx context.Context, limit int) ([]Call, error) {
	const op = "list calls"
	path := "/calls"
	if limit > 0 {
		path += "?limit=" + strconv.Itoa(limit)
	}
	body, err := c.send(ctx, op, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	calls, err := decodeCalls(body)
	if err != nil {
		return nil, c.malformed(op, err)
	}
	return calls, nil
}

// usableID reports whether a call can be asked for by its ID. Servers would clean a path
// of dots away, and give another resource.
func usableID(id string) bool {
	const most = 512
	return strings.TrimSpace(id) != "" && id != "." && id != ".." && len(id) <= most && !strings.ContainsFunc(id, unicode.IsControl)
}

// CreateCallRequest is the body of POST /calls.
type CreateCallRequest struct {
	// ToPhoneNumber is the number to call in E.164: +, country code, number.
	ToPhoneNumber string `json:"to_phone_number"`
	// Objective is the literal instruction to the voice agent, with every name,
	// date and number that it needs. It is sent byte for byte.
	Objective string `json:"objective"`
	// BusinessName is who is called, if known.
	BusinessName string `json:"business_name,omitempty"`
	// Website is a URL that the agent reads before it dials.
	Website string `json:"website,omitempty"`
}

var e164 = regexp.MustCompile(`^\+[1-9]\d{6,14}$`)

// Validate reports as a [*ValidationError] what can be known to be wrong without
// asking the API.
func (r CreateCallRequest) Validate() error {
	if !e164.MatchString(r.ToPhoneNumber) {
		return &ValidationError{Field: "to_phone_number", Reason: "it is not E.164; expected something like +14155550132"}
	}
	if strings.TrimSpace(r.Objective) == "" {
		return &ValidationError{Field: "objective", Reason: "it is empty"}
	}
	for _, f := range []struct{ name, value string }{
		{"objective", r.Objective}, {"business_name", r.BusinessName}, {"website", r.Website},
	} {
		if !utf8.ValidString(f.value) {
			// JSON would replace the bytes, so the agent would be told something else.
			return &ValidationError{Field: f.name, Reason: "it is not valid UTF-8"}
		}
	}
	return nil
}

// ValidationError says why a request was not sent.
type ValidationError struct {
	Field  string // JSON name of the field
	Reason string // what is wrong with it, as the end of a sentence
}

func (e *ValidationError) Error() string { return e.Field + " is refused: " + e.Reason }

// CreatedCall is the answer to [Client.CreateCall].
type CreatedCall struct {
	ID               string    // never empty
	Status           Status    // usually StatusQueued
	CreatedAt        time.Time // zero if unknown
	CreditsRemaining *int      // nil if unknown
}

// Call is a call as the API describes it. Fields that the answer lacks, or that
// have an unexpected type there, are zero.
type Call struct {
	ID            string // empty also if it could not be asked for
	Status        Status
	Outcome       Outcome       // empty until the call has completed
	Summary       string        // may come after completion
	Transcript    string        // lines such as "Agent: Hi"; may come after completion
	RecordingURL  string        // may come after completion, and may expire
	Duration      time.Duration // of the conversation
	ToPhoneNumber string
	Objective     string
	BusinessName  string
	Website       string
	CreatedAt     time.Time

	CreditsRemaining *int // nil if unknown
}

// Status says how far a call is: queued, dialing, in_progress, then one of
// completed, failed and canceled. The set is open.
type Status string

// The statuses that the API's documentation names.
const (
	StatusQueued     Status = "queued"
	StatusDialing    Status = "dialing"
	StatusInProgress Status = "in_progress"
	StatusCompleted  Status = "completed"
	StatusFailed     Status = "failed"
	StatusCanceled   Status = "canceled"
)

// Terminal reports whether the call has ended. An unknown status is not
// terminal.
func (s Status) Terminal() bool {
	return s == StatusCompleted || s == StatusFailed || s == StatusCanceled
}

// Known reports whether s is one of the documented statuses.
func (s Status) Known() bool {
	return s == StatusQueued || s == StatusDialing || s == StatusInProgress || s.Terminal()
}

// Outcome says whether a completed call reached its objective. The set is open.
type Outcome string

// The outcomes that the API's documentation names.
const (
	OutcomeAchieved    Outcome = "achieved"
	OutcomePartial     Outcome = "partial"
	OutcomeNotAchieved Outcome = "not_achieved"
)

// Known reports whether o is one of the documented outcomes.
func (o Outcome) Known() bool {
	return o == OutcomeAchieved || o == OutcomePartial || o == OutcomeNotAchieved
}

// ErrMalformed is wrapped by the error for a 2xx whose body is not what the API
// promises.
var ErrMalformed = errors.New("the answer cannot be understood")

func (c *Client) malformed(op string, err error) error {
	return fmt.Errorf("agentphone: %s: %w", op, &RequestError{Fate: FateUnknown, Err: c.redact.error(err)})
}
