package slackemulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Fault is an answer that a call gets instead of its own. With all fields zero
// the connection is cut without an answer.
type Fault struct {
	// Status is the HTTP status; 0 means 200 when Code is set.
	Status int
	// Code is Slack's error code; empty with a Status: a body that is no JSON.
	Code string
	// RetryAfter is sent as the Retry-After header, in whole seconds.
	RetryAfter time.Duration
	// AfterEffect: what was asked is done first, and then not told.
	AfterEffect bool
}

type plannedFault struct {
	method string
	left   int
	fault  Fault
}

// Fail makes the next n calls of a method ("*": of any) fail; n < 0: for ever.
// Besides the Web API's there are the names "response_url", "upload" (bytes of a
// file) and "link" (a Socket Mode connection). Faults are used up in the order
// in which they were planned.
func (e *Emulator) Fail(method string, n int, f Fault) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = append(e.faults, &plannedFault{method, n, f})
}

// ClearFaults forgets all faults that are still planned.
func (e *Emulator) ClearFaults() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = nil
}

// Delay holds every call of a method ("*": any) for d of real time before it is
// looked at; 0 ends it.
func (e *Emulator) Delay(method string, d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.delays[method] = d
}

// Hook lets f decide about every call; a nil Fault lets the call through. It may
// block, and may call back into the emulator.
func (e *Emulator) Hook(f func(Call) *Fault) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.hook = f
}

// plan decides what is to go wrong with a call.
func (e *Emulator) plan(c Call) (*Fault, time.Duration) {
	e.mu.Lock()
	hook := e.hook
	delay := max(e.delays[c.Method], e.delays["*"])
	var found *Fault
	for i, p := range e.faults {
		if p.method != c.Method && p.method != "*" {
			continue
		}
		f := p.fault
		found = &f
		if p.left > 0 {
			if p.left--; p.left == 0 {
				e.faults = append(e.faults[:i], e.faults[i+1:]...)
			}
		}
		break
	}
	e.mu.Unlock()
	if found == nil && hook != nil {
		found = hook(c)
	}
	return found, delay
}

// answerFault logs a fault and then answers with it, or cuts the connection.
func (e *Emulator) answerFault(w http.ResponseWriter, c Call, began time.Time, f *Fault) {
	o := outcome{status: f.Status}
	if f.Code != "" {
		o.status = max(f.Status, http.StatusOK)
		o.answer = object{"ok": false, "error": f.Code}
		o.body = encode(o.answer)
	}
	e.logCall(c, began, o)
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", fmt.Sprint(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	switch {
	case f.Code != "":
		writeJSON(w, o.status, o.body)
	case f.Status != 0:
		http.Error(w, http.StatusText(f.Status), f.Status)
	default:
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.Close()
		}
	}
}

// Call is one call of the Web API, or of one of the other addresses named at
// [Emulator.Fail].
type Call struct {
	Seq      int               `json:"seq"` // from 1
	Method   string            `json:"method"`
	Args     map[string]string `json:"args"` // without the token; JSON as it was sent
	Time     time.Time         `json:"time"`
	Took     time.Duration     `json:"took"`
	Status   int               `json:"status"` // 0: the connection was cut
	OK       bool              `json:"ok"`
	Error    string            `json:"error,omitempty"`
	Response json.RawMessage   `json:"response,omitempty"`
}

// maxRecords bounds the logs of calls and of envelopes, maxEvents the stream.
const (
	maxRecords = 20_000
	maxEvents  = 100_000
)

// outcome is how a call was answered.
type outcome struct {
	status int
	body   json.RawMessage
	answer object
}

func (e *Emulator) logCall(c Call, began time.Time, o outcome) {
	c.Took, c.Status, c.Response = time.Since(began), o.status, o.body
	if code, ok := o.answer["error"].(string); ok {
		c.Error = code
	}
	c.OK = o.status == http.StatusOK && c.Error == ""
	e.mu.Lock()
	defer e.mu.Unlock()
	e.callSeq++
	c.Seq = e.callSeq
	e.calls = bounded(append(e.calls, c), maxRecords)
	e.wake()
}

// Calls returns the calls that were answered, oldest first, of the given methods
// or of all. The log is bounded, old calls are forgotten.
func (e *Emulator) Calls(methods ...string) []Call {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []Call
	for _, c := range e.calls {
		if len(methods) == 0 || slices.Contains(methods, c.Method) {
			out = append(out, c)
		}
	}
	return out
}

// bounded drops the oldest tenth when a log has grown beyond n.
func bounded[T any](log []T, n int) []T {
	if len(log) <= n {
		return log
	}
	return append([]T(nil), log[n/10:]...)
}
