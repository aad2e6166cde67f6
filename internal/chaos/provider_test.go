//go:build unix

package chaos

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
)

// servePhone is AgentPhone for all replicas, each of which knows it under an address of
// its own, /r/NAME, so that the world can tell who asks.
func (w *world) servePhone(rw http.ResponseWriter, r *http.Request) {
	replica := ""
	if rest, ok := strings.CutPrefix(r.URL.Path, "/r/"); ok {
		var path string
		replica, path, _ = strings.Cut(rest, "/")
		r.URL.Path = "/" + path
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller died
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var asked struct {
		Number    string `json:"to_phone_number"`
		Objective string `json:"objective"`
	}
	_ = json.Unmarshal(body, &asked) // a GET has none
	a := Arrival{At: time.Now(), Replica: replica, What: what(r), Number: asked.Number}
	w.mu.Lock()
	w.arrivals = append(w.arrivals, a)
	w.mu.Unlock()

	var next http.Handler = w.phone
	if a.What == "GET /recordings" {
		next = http.HandlerFunc(w.serveRecording)
	}
	if h := w.match(a); h != nil {
		h.serve(rw, r, next)
		return
	}
	key := a.What + " " + r.URL.Path + asked.Objective
	if f := w.faults.ofPhone(a.What, key); f != nil {
		f(rw, r, next)
		return
	}
	next.ServeHTTP(rw, r)
}

func what(r *http.Request) string {
	switch path := strings.TrimPrefix(r.URL.Path, agentphonetest.BasePath); {
	case path == "/calls":
		return r.Method + " /calls"
	case strings.HasPrefix(path, "/calls/"):
		return r.Method + " /calls/{id}"
	}
	return r.Method + " /recordings"
}

// serveRecording gives whatever the simulator would give, but most recordings shorter:
// minutes of sound for a thousand calls are gigabytes.
func (w *world) serveRecording(rw http.ResponseWriter, r *http.Request) {
	if len(r.URL.Path)%16 == 0 || strings.HasSuffix(r.URL.Path, "2.wav") {
		w.phone.ServeHTTP(rw, r)
		return
	}
	rw.Header().Set("Content-Type", "audio/wav")
	_, _ = rw.Write(beep()) // the caller may have died
}

// beep is a WAV file of a second, 8 kHz, 8 bits, mono.
func beep() []byte {
	const rate = 8000
	var b bytes.Buffer
	b.WriteString("RIFF")
	for _, part := range []any{
		uint32(36 + rate), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(rate), uint32(rate),
		uint16(1), uint16(8), []byte("data"), uint32(rate), bytes.Repeat([]byte{128}, rate),
	} {
		_ = binary.Write(&b, binary.LittleEndian, part) // a buffer takes everything
	}
	return b.Bytes()
}

// HoldConfig has the next requests of a kind answered only when they are let go.
type HoldConfig struct {
	Replica string // "" any
	What    string
	Times   int
	// Done: AgentPhone does what is asked at once, and only its answer comes late.
	// Otherwise the whole request is late.
	Done bool
}

// Held is a request that is held.
type Held struct {
	Arrival

	Done bool
}

// hold is a [HoldConfig] at work.
type hold struct {
	HoldConfig

	caught []Held
	let    chan struct{}
}

func (w *world) arm(c HoldConfig) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.holds = append(w.holds, &hold{HoldConfig: c, let: make(chan struct{})})
}

// match is the hold that a request is caught by.
func (w *world) match(a Arrival) *hold {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range w.holds {
		if len(h.caught) < h.Times && h.What == a.What && (h.Replica == "" || h.Replica == a.Replica) {
			h.caught = append(h.caught, Held{a, h.Done})
			return h
		}
	}
	return nil
}

func (w *world) held() []Held {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := []Held{}
	for _, h := range w.holds {
		list = append(list, h.caught...)
	}
	return list
}

func (w *world) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, h := range w.holds {
		close(h.let)
	}
	w.holds = nil
}

func (h *hold) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if !h.Done {
		<-h.let
		next.ServeHTTP(w, r)
		return
	}
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	<-h.let
	replay(w, answer)
}

// replay sends what was recorded.
func replay(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // the caller may have died
}

// dials is how often each objective was dialled, by what the simulator accepted.
func (w *world) dials() map[string][]string {
	dials := map[string][]string{}
	for _, c := range w.phone.Calls() {
		tag := tagOf(c.Objective)
		dials[tag] = append(dials[tag], c.Status)
	}
	return dials
}

// busiest is the largest number of requests for calls that arrived in any window.
func busiest(arrivals []Arrival, window time.Duration) int {
	var times []time.Time
	for _, a := range arrivals {
		if a.What != "GET /recordings" {
			times = append(times, a.At)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	most, from := 0, 0
	for i, t := range times {
		for t.Sub(times[from]) >= window {
			from++
		}
		most = max(most, i-from+1)
	}
	return most
}
