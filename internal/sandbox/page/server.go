// Package page serves the sandbox as a page in a browser: the emulated workspace as one
// of its people sees it, the other end of the telephone line, and what went over the wire.
//
// It speaks to the emulator and the simulator as people and telephones do, and never to
// the bot, but to kill and start its process. What it and the page say to each other is
// written down in web/src/api.ts; web holds the sources of the page, and dist what is
// built of them and served.
//
// # Invariants
//
//   - A person is told what they would see in Slack, and nothing else.
//   - Only pages of the server's own origin may act, and only under its own name: a
//     request with another Host or Origin is refused.
//   - What anybody typed or said is data: it is never part of a document.
package page

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/agentphone-slack/callbot/internal/sandbox"
	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

//go:embed dist
var built embed.FS

// Config is what a [Server] needs.
type Config struct {
	World *sandbox.World
	Bot   *sandbox.Bot
	// SetSpeed makes calls and the bot's waits so many times as fast as in life, which
	// takes a new start of the bot.
	SetSpeed func(speed float64) error
	// Settings are those of the bot, as NAME=VALUE, that are not those of one in a scenario.
	Settings []string
	// Now is the clock of what is shown; nil: the system's.
	Now    func() time.Time
	Logger *slog.Logger
}

// Server serves the page. It is an [http.Handler].
type Server struct {
	cfg     Config
	world   *sandbox.World
	handler http.Handler
	journal journal

	mu sync.Mutex
	// typed is what was last typed into a menu whose options the app supplies: the
	// choice is among what it offered for that.
	typed map[string]string
}

// New returns a server of the page.
func New(cfg Config) *Server {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &Server{cfg: cfg, world: cfg.World, typed: map[string]string{}}
	s.journal.world, s.journal.settings = cfg.World, cfg.Settings
	mux := http.NewServeMux()
	mux.Handle("GET /", s.files())
	mux.HandleFunc("GET /api/state", s.state)
	mux.HandleFunc("GET /api/events", s.events)
	mux.HandleFunc("GET /api/inspect", s.inspect)
	mux.HandleFunc("GET /api/scenario", s.scenario)
	mux.HandleFunc("GET /files/{id}", s.file)
	for name, do := range s.acts() {
		mux.HandleFunc("POST /api/"+name, do)
	}
	s.handler = guarded(http.NewCrossOriginProtection().Handler(mux))
	return s
}

// ServeHTTP serves the page, what it asks for and what it does.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// policy lets the page load what this server serves, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; " +
	"connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// guarded refuses requests under a name that is not the server's own, as a page elsewhere
// would make them whose name was made to lead here, and sets the headers that all answers
// have.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !ownName(r.Host) {
			http.Error(w, "This page is only served under the address that callbot sandbox prints.", http.StatusMisdirectedRequest)
			return
		}
		if !ownOrigin(r) {
			http.Error(w, "Another page cannot use this one.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ownOrigin reports whether a request comes from a page of this server, as far as it says.
// Reads of the same page say nothing, and neither does who opens it.
func ownOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

// ownName reports whether a Host is an address, which no name server can lead elsewhere,
// or this machine's own name.
func ownName(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	_, err = netip.ParseAddr(name)
	return err == nil
}

func (s *Server) files() http.Handler {
	dist, err := fs.Sub(built, "dist")
	if err != nil { // the folder is part of the program
		panic(err)
	}
	return http.FileServerFS(dist)
}

// problem is a refusal that a person reads.
type problem struct {
	status int
	err    error
}

func (p *problem) Error() string { return p.err.Error() }

func refuse(status int, format string, args ...any) error {
	return &problem{status, fmt.Errorf(format, args...)}
}

// maxRequest bounds what the page sends, in bytes: a form with the longest texts.
const maxRequest = 256 << 10

// readJSON reads the body of a request into v.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); strings.TrimSpace(kind) != "application/json" {
		return refuse(http.StatusUnsupportedMediaType, "Content-Type must be application/json.")
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
			return refuse(http.StatusRequestEntityTooLarge, "That is too long.")
		}
		return refuse(http.StatusBadRequest, "The request cannot be read: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refuse(http.StatusBadRequest, "The request holds more than one value.")
	}
	return nil
}

// answer writes v, or what went wrong, as JSON.
func (s *Server) answer(w http.ResponseWriter, v any, err error) {
	status := http.StatusOK
	if err != nil {
		status = http.StatusUnprocessableEntity
		if p, ok := errors.AsType[*problem](err); ok {
			status = p.status
		}
		v = map[string]string{"error": sentence(err)}
	}
	body, encodeErr := json.Marshal(v)
	if encodeErr != nil {
		s.cfg.Logger.Error("encoding an answer to the page", slog.Any("error", encodeErr))
		http.Error(w, `{"error":"The answer cannot be shown."}`, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a page that has gone needs no answer
}

// sentence is an error as a person reads it.
func sentence(err error) string {
	text := strings.TrimPrefix(err.Error(), "agentphonetest: ")
	if text == "" {
		return "That did not work."
	}
	if first := text[:1]; first >= "a" && first <= "z" {
		text = strings.ToUpper(first) + text[1:]
	}
	if !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
		text += "."
	}
	return text
}

// person is who acts or looks.
func (s *Server) person(name string) (*slackemulator.User, error) {
	u, err := s.world.Slack.LookupUser(name)
	if err != nil || name == "" {
		return nil, refuse(http.StatusNotFound, "There is nobody called %q here.", name)
	}
	return u, nil
}
