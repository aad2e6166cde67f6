package agentphonetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const maxRequestBody = 1 << 20

// ServeHTTP implements [http.Handler]: the API under [BasePath], and recordings
// under /recordings/.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.record(w, r) }

func (s *Simulator) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST "+BasePath+"/calls", s.authenticated(s.createCall))
	mux.Handle("GET "+BasePath+"/calls", s.authenticated(s.listCalls))
	mux.Handle("GET "+BasePath+"/calls/{id}", s.authenticated(s.getCall))
	mux.HandleFunc("GET /recordings/{file}", s.serveRecording)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusNotFound, "not_found", "There is nothing at "+r.Method+" "+r.URL.Path+".")
	})
	return mux
}

// authenticated checks the key and takes a request from its budget.
func (s *Simulator) authenticated(next func(http.ResponseWriter, *http.Request, string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("x-api-key")
		if key == "" || (s.key != "" && key != s.key) {
			writeError(w, http.StatusUnauthorized, "unauthorized", "The API key is missing or not valid.")
			return
		}
		s.mu.Lock()
		wait, ok := s.admit(key)
		s.mu.Unlock()
		if !ok {
			s.tooMany(w, wait)
			return
		}
		next(w, r, key)
	})
}

func (s *Simulator) tooMany(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
	writeError(w, http.StatusTooManyRequests, "rate_limited", fmt.Sprintf("Too many requests: the limit is %d in %v.", s.rate, s.window))
}

type createRequest struct {
	ToPhoneNumber string `json:"to_phone_number"`
	Objective     string `json:"objective"`
	BusinessName  string `json:"business_name"`
	Website       string `json:"website"`
}

var (
	e164      = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	emergency = regexp.MustCompile(`^\+?(1|44|61|64)?(911|112|999|000|111|988|110|119|118|115|108|100|101|102|113)$`)
)

// refusal is why the API would answer 400 to r, "" if it would not.
func (r createRequest) refusal() (code, message string) {
	switch {
	case emergency.MatchString(r.ToPhoneNumber):
		return "emergency_number", "Emergency services cannot be called."
	case !e164.MatchString(r.ToPhoneNumber):
		return "invalid_phone_number", "to_phone_number must be in E.164 format, such as +14155550132."
	case strings.TrimSpace(r.Objective) == "":
		return "invalid_objective", "objective must not be empty."
	}
	if r.Website != "" {
		u, err := url.Parse(r.Website)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return "invalid_website", "website must be an http or https URL."
		}
	}
	return "", ""
}

func (s *Simulator) createCall(w http.ResponseWriter, r *http.Request, key string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
	if err != nil {
		if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
			writeError(w, http.StatusRequestEntityTooLarge, "too_large", "The request is too large.")
			return
		}
		writeError(w, http.StatusBadRequest, "invalid_request", "The request ended early.")
		return
	}
	var req createRequest
	if err := json.Unmarshal(body, &req); err != nil || !utf8.Valid(body) {
		writeError(w, http.StatusBadRequest, "invalid_json", "The body is not the JSON object that is expected.")
		return
	}
	if code, message := req.refusal(); code != "" {
		writeError(w, http.StatusBadRequest, code, message)
		return
	}
	st := storyOf(req.ToPhoneNumber)
	if !st.post.accepts() && s.refuse(w, r, req.ToPhoneNumber, st.post) {
		return
	}
	c, credits, ok := s.place(req, key)
	if !ok {
		s.noCredits(w)
		return
	}
	s.confirm(w, r, st.post, c, credits)
}

// refuse tells the story of a call that does not come into being; false if the
// story lets it through this time.
func (s *Simulator) refuse(w http.ResponseWriter, r *http.Request, number string, st postStory) bool {
	s.mu.Lock()
	window := scaled(s.window, 1/s.time.speed())
	s.mu.Unlock()
	switch st {
	case postNoCredits:
		s.noCredits(w)
	case postRateLimited:
		s.tooMany(w, window)
	case postRateLimitedOnce:
		s.mu.Lock()
		again := s.limited[number]
		s.limited[number] = !again
		s.mu.Unlock()
		if again {
			return false
		}
		s.tooMany(w, window)
	case postNumberRefused:
		writeError(w, http.StatusBadRequest, "number_refused", "This number cannot be called.")
	case postKeyRefused:
		writeError(w, http.StatusUnauthorized, "unauthorized", "The API key is missing or not valid.")
	case postError:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, "<!doctype html>\n<html><head><title>500 Internal Server Error</title></head><body><h1>Something went wrong</h1></body></html>\n")
	case postUnavailable:
		w.Header().Set("Retry-After", "30")
		writeError(w, http.StatusServiceUnavailable, "unavailable", "The service is temporarily unavailable.")
	case postHang:
		s.hang(r)
	case postReset:
		reset(w)
	case postRedirect:
		w.Header().Set("Location", BasePath+"/calls?moved=1")
		w.WriteHeader(http.StatusTemporaryRedirect)
	case postAccepted, postHangAccepted, postResetAccepted, postMalformed, postNoID:
		return false
	}
	return true
}

func (s *Simulator) noCredits(w http.ResponseWriter) {
	writeError(w, http.StatusPaymentRequired, "insufficient_credits", "There are no credits left. Buy more to place calls.")
}

// place makes the call, which costs a credit.
func (s *Simulator) place(req createRequest, key string) (c *call, credits *int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.credits == 0 {
		return nil, nil, false
	}
	if s.credits != Unlimited {
		s.credits--
		left := s.credits
		credits = &left
	}
	c = newCall(s.newID(), req.ToPhoneNumber, req.Objective, req.BusinessName, req.Website, s.manual)
	c.key, c.created = key, s.now()
	c.born = s.time.simulated(c.created)
	c.recordingSignature = encodeID(hash(c.id + s.randomID()))
	s.calls[c.id] = c
	s.order = append(s.order, c)
	return c, credits, true
}

// confirm answers for a call that was placed, in the way of its story.
func (s *Simulator) confirm(w http.ResponseWriter, r *http.Request, st postStory, c *call, credits *int) {
	data := map[string]any{"call_id": c.id, "status": statusQueued, "created_at": c.created.UTC().Format(time.RFC3339Nano)}
	answer := map[string]any{"data": data}
	if credits != nil {
		answer["credits_remaining"] = *credits
	}
	if st == postNoID {
		delete(data, "call_id")
	}
	switch st {
	case postHangAccepted:
		s.hang(r)
	case postResetAccepted:
		reset(w)
	case postMalformed:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, `{"data": {"call_id": "`+c.id)
	default:
		writeJSON(w, http.StatusAccepted, answer)
	}
}

func (s *Simulator) getCall(w http.ResponseWriter, r *http.Request, key string) {
	s.mu.Lock()
	c, ok := s.calls[r.PathValue("id")]
	status := 0
	var data map[string]any
	if ok = ok && c.key == key; ok {
		c.polls++
		if c.story.poll != nil {
			status = c.story.poll(c.polls)
		}
		data = s.describe(r, c, true)
	}
	s.mu.Unlock()
	switch {
	case !ok || status == http.StatusNotFound:
		writeError(w, http.StatusNotFound, "call_not_found", "There is no such call.")
	case status != 0:
		writeError(w, status, "unavailable", "The service is temporarily unavailable.")
	default:
		writeJSON(w, http.StatusOK, map[string]any{"data": data})
	}
}

const (
	defaultLimit = 10
	maxLimit     = 100
)

func (s *Simulator) listCalls(w http.ResponseWriter, r *http.Request, key string) {
	s.mu.Lock()
	style := s.list
	s.mu.Unlock()
	if style == ListOff {
		writeError(w, http.StatusNotFound, "not_found", "There is nothing at "+r.Method+" "+r.URL.Path+".")
		return
	}
	limit := defaultLimit
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			writeError(w, http.StatusBadRequest, "invalid_limit", "limit must be a number above 0.")
			return
		}
		limit = min(n, maxLimit)
	}
	items := []map[string]any{}
	s.mu.Lock()
	for i := len(s.order) - 1; i >= 0 && len(items) < limit; i-- {
		if c := s.order[i]; c.key == key {
			items = append(items, s.listItem(r, c, style))
		}
	}
	s.mu.Unlock()
	if style == ListNested {
		writeJSON(w, http.StatusOK, map[string]any{"data": map[string]any{"calls": items}})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{"data": items})
}

func (s *Simulator) listItem(r *http.Request, c *call, style ListStyle) map[string]any {
	item := s.describe(r, c, style == ListRich)
	if style == ListLean {
		return map[string]any{"call_id": item["call_id"], "status": item["status"], "created_at": item["created_at"]}
	}
	item["to_phone_number"], item["objective"] = c.number, c.objective
	if c.business != "" {
		item["business_name"] = c.business
	}
	return item
}

// describe is the data of GET /calls/{id}. Fields whose time has not come are
// null. It is called with s.mu held.
func (s *Simulator) describe(r *http.Request, c *call, content bool) map[string]any {
	elapsed := s.elapsed(c)
	data := map[string]any{
		"call_id": c.id, "status": c.status(elapsed), "created_at": c.created.UTC().Format(time.RFC3339Nano),
		"outcome": nil, "duration_seconds": nil,
	}
	if c.over(elapsed) && c.outcome != "" {
		data["outcome"] = c.outcome
	}
	if c.over(elapsed) && c.answered != never {
		data["duration_seconds"] = int(c.talkTime(elapsed).Seconds())
	}
	if !content {
		return data
	}
	data["summary"], data["transcript"], data["recording_url"] = nil, nil, nil
	if !c.enriched(elapsed) {
		return data
	}
	data["summary"] = c.summary
	if c.answered == never {
		return data
	}
	data["transcript"] = c.transcript()
	if c.story.rec != recordingMissing {
		data["recording_url"] = recordingURL(r, c)
	}
	return data
}

// hang answers nothing until the client has gone or the simulator closes.
func (s *Simulator) hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.open.Done():
	}
	panic(http.ErrAbortHandler)
}

// reset breaks the connection without an answer.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 resets the stream instead
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // RST instead of FIN; closing follows anyway
	}
	_ = conn.Close()
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the client may have gone
}

func writeError(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]any{"error": map[string]any{"code": code, "message": message}})
}
