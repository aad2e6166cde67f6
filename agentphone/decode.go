package agentphone

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

func encode(req CreateCallRequest) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(req); err != nil {
		return nil, fmt.Errorf("encode the request: %w", err)
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

func decodeCreatedCall(body []byte) (*CreatedCall, error) {
	call, err := decodeCall(body)
	if err != nil {
		return nil, err
	}
	if call.ID == "" {
		return nil, fmt.Errorf("%w: it has no call_id that could be asked for", ErrMalformed)
	}
	return &CreatedCall{ID: call.ID, Status: call.Status, CreatedAt: call.CreatedAt, CreditsRemaining: call.CreditsRemaining}, nil
}

func decodeCall(body []byte) (*Call, error) {
	var envelope struct {
		Data             json.RawMessage `json:"data"`
		CreditsRemaining lenientNumber   `json:"credits_remaining"`
	}
	if err := unmarshal(body, &envelope); err != nil {
		return nil, err
	}
	call, ok := decodeItem(envelope.Data)
	if !ok {
		return nil, fmt.Errorf("%w: its data is not an object", ErrMalformed)
	}
	if credits := envelope.CreditsRemaining.count(); credits != nil {
		call.CreditsRemaining = credits
	}
	return &call, nil
}

// decodeCalls takes the list from wherever a server may have put it. An item that is
// neither an object nor an ID is left out, as it must not hide the others; but a list
// of nothing else is not an empty one.
func decodeCalls(body []byte) ([]Call, error) {
	var raw json.RawMessage
	if err := unmarshal(body, &raw); err != nil {
		return nil, err
	}
	items, ok := listIn(raw, 0)
	if !ok {
		return nil, fmt.Errorf("%w: it has no list of calls", ErrMalformed)
	}
	calls := make([]Call, 0, len(items))
	for _, item := range items {
		if call, ok := decodeItem(item); ok {
			calls = append(calls, call)
			continue
		}
		var id lenientString
		if json.Unmarshal(item, &id) == nil && usableID(string(id)) {
			calls = append(calls, Call{ID: string(id)})
		}
	}
	if len(calls) == 0 && len(items) > 0 {
		return nil, fmt.Errorf("%w: no item of its list is a call", ErrMalformed)
	}
	return calls, nil
}

func listIn(raw json.RawMessage, depth int) ([]json.RawMessage, bool) {
	var items []json.RawMessage
	if isNull(raw) && depth > 0 { // servers write null for a list that is empty
		return nil, true
	}
	if json.Unmarshal(raw, &items) == nil && !isNull(raw) {
		return items, true
	}
	var object map[string]json.RawMessage
	if depth > 2 || json.Unmarshal(raw, &object) != nil {
		return nil, false
	}
	for _, name := range []string{"data", "calls", "items", "results"} {
		if inner, has := object[name]; has {
			return listIn(inner, depth+1)
		}
	}
	return nil, false
}

func decodeItem(raw json.RawMessage) (Call, bool) {
	var w struct {
		ID               lenientString `json:"call_id"`
		Status           lenientString `json:"status"`
		Outcome          lenientString `json:"outcome"`
		Summary          lenientString `json:"summary"`
		Transcript       lenientString `json:"transcript"`
		RecordingURL     lenientString `json:"recording_url"`
		Duration         lenientNumber `json:"duration_seconds"`
		ToPhoneNumber    lenientString `json:"to_phone_number"`
		Objective        lenientString `json:"objective"`
		BusinessName     lenientString `json:"business_name"`
		Website          lenientString `json:"website"`
		CreatedAt        lenientTime   `json:"created_at"`
		CreditsRemaining lenientNumber `json:"credits_remaining"`
	}
	if len(raw) == 0 || isNull(raw) || json.Unmarshal(raw, &w) != nil {
		return Call{}, false
	}
	if !usableID(string(w.ID)) {
		w.ID = ""
	}
	return Call{
		ID:               string(w.ID),
		Status:           Status(w.Status),
		Outcome:          Outcome(w.Outcome),
		Summary:          string(w.Summary),
		Transcript:       string(w.Transcript),
		RecordingURL:     string(w.RecordingURL),
		Duration:         w.Duration.duration(),
		ToPhoneNumber:    string(w.ToPhoneNumber),
		Objective:        string(w.Objective),
		BusinessName:     string(w.BusinessName),
		Website:          string(w.Website),
		CreatedAt:        time.Time(w.CreatedAt),
		CreditsRemaining: w.CreditsRemaining.count(),
	}, true
}

func unmarshal(body []byte, v any) error {
	if err := json.Unmarshal(trimBOM(body), v); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

func trimBOM(b []byte) []byte { return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")) }

func isNull(raw json.RawMessage) bool { return string(bytes.TrimSpace(raw)) == "null" }

// lenientString is a string, or a number or boolean as it is written. Anything
// else is empty: one odd field must not cost the others.
type lenientString string

func (s *lenientString) UnmarshalJSON(b []byte) error {
	var text string
	switch {
	case b[0] == '{' || b[0] == '[' || isNull(b):
	case json.Unmarshal(b, &text) == nil:
		*s = lenientString(text)
	default:
		*s = lenientString(b)
	}
	return nil
}

// lenientNumber is a number, or a string that holds one; ok is false for
// anything else.
type lenientNumber struct {
	value float64
	ok    bool
}

func (n *lenientNumber) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) != nil {
		text = string(b)
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	n.value, n.ok = f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
	return nil
}

// maxSeconds is a week: no call is longer, and a Duration cannot overflow.
const maxSeconds = 7 * 24 * 3600

func (n lenientNumber) duration() time.Duration {
	if !n.ok || n.value < 0 || n.value > maxSeconds {
		return 0
	}
	return time.Duration(math.Round(n.value*1000)) * time.Millisecond
}

func (n lenientNumber) count() *int {
	if !n.ok || math.Abs(n.value) > math.MaxInt32 {
		return nil
	}
	i := int(math.Floor(n.value))
	return &i
}

// lenientTime is RFC 3339, the same with a zone as in +0000 or without one (then UTC),
// or Unix seconds or milliseconds.
type lenientTime time.Time

func (t *lenientTime) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) != nil {
		text = string(b)
	}
	text = strings.TrimSpace(text)
	for _, separator := range []string{"T", " "} {
		for _, zone := range []string{"Z07:00", "Z0700", ""} {
			if at, err := time.Parse(time.DateOnly+separator+"15:04:05.999999999"+zone, text); err == nil {
				*t = lenientTime(at)
				return nil
			}
		}
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil && n > 0 && n < 1e14 {
		if n < 1e11 {
			n *= 1000
		}
		*t = lenientTime(time.UnixMilli(int64(n)).UTC())
	}
	return nil
}
