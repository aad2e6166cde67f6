package slackemulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

type object = map[string]any

// maxBody bounds the body of a Web API request.
const maxBody = 4 << 20

// apiError is an answer of the Web API that is not ok.
type apiError struct {
	code     string
	messages []string // response_metadata.messages
	fields   object   // such as needed and provided
}

func (err *apiError) Error() string { return err.code }

func fail(code string, messages ...string) error { return &apiError{code: code, messages: messages} }

func missingField(name string) error {
	return fail("invalid_arguments", "[ERROR] missing required field: "+name)
}

// serveAPI answers one call of a Web API method, in the order in which Slack
// checks: method, body, rate limit, token, scope, arguments.
func (e *Emulator) serveAPI(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("method")
	start := e.clock.Now()
	began := time.Now()
	args, err := readArguments(w, r)
	call := Call{Method: name, Args: args.public(), Time: start}

	fault, delay := e.plan(call)
	if delay > 0 && !pause(r, delay) {
		return
	}
	if fault != nil && !fault.AfterEffect {
		e.answerFault(w, call, began, fault)
		return
	}
	var (
		status = http.StatusOK
		answer object
		retry  time.Duration
	)
	if err == nil {
		e.mu.Lock()
		answer, retry, err = e.dispatch(name, bearer(r), args)
		e.mu.Unlock()
	}
	if fault != nil {
		e.answerFault(w, call, began, fault)
		return
	}
	if retry > 0 {
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", fmt.Sprint(int((retry+time.Second-1)/time.Second)))
	}
	if err != nil {
		answer = errorAnswer(err)
		e.log.DebugContext(r.Context(), "the emulated Slack refused a call", "method", name, "error", answer["error"], "metadata", answer["response_metadata"])
	} else {
		answer["ok"] = true
	}
	if e.manifest != nil {
		w.Header().Set("X-Oauth-Scopes", strings.Join(e.manifest.OAuthConfig.Scopes.Bot, ","))
	}
	body := encode(answer)
	e.logCall(call, began, outcome{status, body, answer})
	writeJSON(w, status, body)
}

func errorAnswer(err error) object {
	var refused *apiError
	if !errors.As(err, &refused) {
		refused = &apiError{code: "fatal_error"}
	}
	answer := object{"ok": false, "error": refused.code}
	maps.Copy(answer, refused.fields)
	if len(refused.messages) > 0 {
		answer["response_metadata"] = object{"messages": refused.messages}
		answer["errors"] = refused.messages
	}
	return answer
}

// dispatch runs a method. The caller holds e.mu.
func (e *Emulator) dispatch(name, header string, args arguments) (object, time.Duration, error) {
	m, ok := methods[name]
	if !ok {
		return nil, 0, &apiError{code: "unknown_method", fields: object{"req_method": name}}
	}
	if wait := e.limit(name, m, args); wait > 0 {
		return nil, wait, fail("ratelimited")
	}
	if err := e.authorize(m, header, args); err != nil {
		return nil, 0, err
	}
	answer, err := m.run(e, args)
	return answer, 0, err
}

// arguments are the arguments of a call, from a form, a query or a JSON body.
// A value is the JSON that was sent, or a JSON string of what a form held.
type arguments struct {
	values map[string]json.RawMessage
	isJSON bool
}

func readArguments(w http.ResponseWriter, r *http.Request) (arguments, error) {
	args := arguments{values: map[string]json.RawMessage{}}
	for k, v := range r.URL.Query() {
		args.values[k] = encode(v[0])
	}
	if r.Method != http.MethodPost {
		return args, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return args, fail("request_too_large")
	}
	if len(body) == 0 {
		return args, nil
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Header.Get("Content-Type") == "":
		return args, fail("missing_post_type")
	case err != nil:
		return args, fail("invalid_post_type")
	case kind == "application/json":
		args.isJSON = true
		return args, args.readJSON(body)
	case kind == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return args, fail("invalid_form_data")
		}
		for k, v := range form {
			args.values[k] = encode(v[0])
		}
		return args, nil
	case kind == "multipart/form-data":
		r.Body = io.NopCloser(bytes.NewReader(body))
		if params["boundary"] == "" || r.ParseMultipartForm(maxBody) != nil { //nolint:gosec // the body was bounded above
			return args, fail("invalid_form_data")
		}
		for k, v := range r.MultipartForm.Value {
			args.values[k] = encode(v[0])
		}
		return args, nil
	default:
		return args, fail("invalid_post_type")
	}
}

func (a *arguments) readJSON(body []byte) error {
	if !json.Valid(body) {
		return fail("invalid_json")
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		if string(bytes.TrimSpace(body)) == "null" {
			return nil
		}
		return fail("json_not_object")
	}
	for k, v := range fields {
		if string(v) != "null" {
			a.values[k] = v
		}
	}
	return nil
}

func (a arguments) has(name string) bool { return len(a.values[name]) > 0 }

// str returns an argument as text: a JSON string's content, or else the JSON.
func (a arguments) str(name string) string {
	v := a.values[name]
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s
	}
	return string(v)
}

func (a arguments) flag(name string) bool {
	switch a.str(name) {
	case "1", "true", "True":
		return true
	}
	return false
}

// json returns an argument that is JSON by nature: as it is in a JSON body, or
// out of the string that carries it in a form (which Slack takes in JSON too).
func (a arguments) json(name string) (json.RawMessage, error) {
	v := a.values[name]
	if len(v) == 0 {
		return nil, nil
	}
	var s string
	if json.Unmarshal(v, &s) != nil {
		return v, nil
	}
	if s = strings.TrimSpace(s); s == "" || s == "null" {
		return nil, nil
	}
	if !json.Valid([]byte(s)) {
		return nil, fail("invalid_" + name + "_format")
	}
	return json.RawMessage(s), nil
}

// public returns the arguments for the log, without the token.
func (a arguments) public() map[string]string {
	out := make(map[string]string, len(a.values))
	for k := range a.values {
		if k != "token" {
			out[k] = a.str(k)
		}
	}
	return out
}

// encode is json.Marshal for values that always can be, without the escaping of
// <, > and & that json.Marshal adds for HTML.
func encode(v any) json.RawMessage {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("slackemulator: encoding %T: %v", v, err))
	}
	return bytes.TrimSpace(buf.Bytes())
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that went away is its own business
}

// pause waits on the real clock, because the client's own deadline does; it
// reports whether the client is still there.
func pause(r *http.Request, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}
