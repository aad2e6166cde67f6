package socketmode_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/socketmode"
)

const (
	ticket  = "ticket-hunter2"
	token   = "xapp-hunter2"
	content = "hunter2-said"
	hello   = `{"type":"hello","num_connections":1,"connection_info":{"app_id":"A1"}}`
)

// fakeSlack is just enough of Slack: apps.connections.open, and links that do
// what the test tells them to.
type fakeSlack struct {
	t     *testing.T
	base  string // of the Web API
	dial  func(ctx context.Context, network, addr string) (net.Conn, error)
	links chan *slackLink
	opens atomic.Int64

	mu   sync.Mutex
	past []*slackLink

	// open answers apps.connections.open instead, if it is set and returns true.
	open func(n int64, w http.ResponseWriter, r *http.Request) bool
	// arriving is called before a new link is answered, if it is set.
	arriving func()
	// greeting is what a new link says first; empty is nothing.
	greeting []string
	// deaf links read nothing, so that pings go unanswered.
	deaf bool
}

// listen starts the fake on a real loopback socket.
func listen(t *testing.T) *fakeSlack {
	t.Helper()
	f := newFake(t)
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.base = server.URL + "/api/"
	return f
}

// pipe starts the fake on pipes in memory, for bubbles of synctest.
func pipe(t *testing.T) *fakeSlack {
	t.Helper()
	f := newFake(t)
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: f, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	f.base = "http://localhost/api/"
	f.dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
		near, far := net.Pipe()
		select {
		case l.conns <- far:
			return near, nil
		case <-l.closed:
			return nil, net.ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return f
}

func newFake(t *testing.T) *fakeSlack {
	return &fakeSlack{t: t, links: make(chan *slackLink, 100), greeting: []string{hello}}
}

type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l *pipeListener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (f *fakeSlack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/api/apps.connections.open":
		n := f.opens.Add(1)
		if r.Header.Get("Authorization") != "Bearer "+token {
			answer(w, `{"ok":false,"error":"invalid_auth"}`)
			return
		}
		if f.open != nil && f.open(n, w, r) {
			return
		}
		answer(w, fmt.Sprintf(`{"ok":true,"url":"ws://%s/link?ticket=%s"}`, r.Host, ticket))
	case "/link":
		if r.URL.Query().Get("ticket") != ticket {
			http.Error(w, "no ticket", http.StatusForbidden)
			return
		}
		if f.arriving != nil {
			f.arriving()
		}
		upgrader := websocket.Upgrader{}
		ws, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			f.t.Errorf("upgrading: %v", err)
			return
		}
		l := &slackLink{t: f.t, ws: ws, got: make(chan string, 1000), pongs: make(chan string, 100), gone: make(chan struct{})}
		ws.SetPongHandler(func(data string) error { l.pongs <- data; return nil })
		for _, m := range f.greeting {
			l.send(m)
		}
		f.mu.Lock()
		f.past = append(f.past, l)
		f.mu.Unlock()
		f.links <- l
		if !f.deaf {
			l.read()
		}
	default:
		http.NotFound(w, r)
	}
}

func answer(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, body) //nolint:gosec // a test tells its own client
}

func (f *fakeSlack) opener() *slack.Client {
	client := &http.Client{Transport: &http.Transport{DialContext: f.dial, DisableKeepAlives: true}}
	return slack.New("xoxb-hunter2", slack.OptionAppLevelToken(token), slack.OptionAPIURL(f.base), slack.OptionHTTPClient(client))
}

// next waits for a new link.
func (f *fakeSlack) next() *slackLink {
	f.t.Helper()
	return await(f.t, f.links, "a new link")
}

// all gives every link there ever was.
func (f *fakeSlack) all() iter.Seq[*slackLink] {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Values(slices.Clone(f.past))
}

// slackLink is Slack's end of a link.
type slackLink struct {
	t       *testing.T
	ws      *websocket.Conn
	writing sync.Mutex
	got     chan string // text messages: acks
	pongs   chan string
	gone    chan struct{} // closed when err is set
	err     error
}

func (l *slackLink) read() {
	defer close(l.gone)
	defer func() { _ = l.ws.Close() }()
	for {
		_, data, err := l.ws.ReadMessage()
		if err != nil {
			l.err = err
			return
		}
		l.got <- string(data)
	}
}

func (l *slackLink) send(text string) { l.sendAs(websocket.TextMessage, text) }

func (l *slackLink) sendAs(kind int, text string) {
	l.t.Helper()
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := l.ws.WriteMessage(kind, []byte(text)); err != nil {
		l.t.Errorf("Slack's end cannot send: %v", err)
	}
}

func (l *slackLink) disconnect(reason string) {
	l.send(fmt.Sprintf(`{"type":"disconnect","reason":%q,"debug_info":{"host":"h"}}`, reason))
}

// wantAck waits for the next message, which must be the ack of id, and returns
// its payload.
func (l *slackLink) wantAck(id string) string {
	l.t.Helper()
	var ack struct {
		ID      string          `json:"envelope_id"`
		Payload json.RawMessage `json:"payload"`
	}
	text := await(l.t, l.got, "the ack of "+id)
	if err := json.Unmarshal([]byte(text), &ack); err != nil || ack.ID != id {
		l.t.Fatalf("got %s, want the ack of %s", text, id)
	}
	return string(ack.Payload)
}

// wantGone waits for the end of the connection and returns the close code.
func (l *slackLink) wantGone() int {
	l.t.Helper()
	await(l.t, l.gone, "the end of the link")
	if c, ok := l.err.(*websocket.CloseError); ok { //nolint:errorlint // returned unwrapped
		return c.Code
	}
	return 0
}

func (l *slackLink) isGone() bool {
	select {
	case <-l.gone:
		return true
	default:
		return false
	}
}

func (l *slackLink) wantQuiet() {
	l.t.Helper()
	select {
	case text := <-l.got:
		l.t.Errorf("unexpected message from the client: %s", text)
	default:
	}
}

func await[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

func envelope(kind, id string) string {
	return fmt.Sprintf(`{"envelope_id":%q,"type":%q,"payload":{"text":%q},"accepts_response_payload":%t}`,
		id, kind, content, kind == socketmode.TypeSlashCommands)
}

func slash(id string) string { return envelope(socketmode.TypeSlashCommands, id) }
func event(id string) string { return envelope(socketmode.TypeEventsAPI, id) }
func click(id string) string { return envelope(socketmode.TypeInteractive, id) }

func plainAck(context.Context, socketmode.Envelope) socketmode.Ack { return socketmode.Ack{} }

// bot is a running client.
type bot struct {
	t      *testing.T
	client *socketmode.Client
	cancel context.CancelFunc
	ended  chan error
	log    *logBuffer
}

// run starts a client of the fake with short waits. At the end of the test it
// stops it, if the test has not, and checks that no secret was logged.
func (f *fakeSlack) run(cfg socketmode.Config) *bot {
	f.t.Helper()
	log := &logBuffer{}
	if cfg.Open == nil {
		cfg.Open = f.opener()
	}
	if cfg.Handle == nil {
		cfg.Handle = plainAck
	}
	if cfg.BackoffMin == 0 && f.dial == nil {
		cfg.BackoffMin, cfg.BackoffMax, cfg.OpenEvery = 10*time.Millisecond, 100*time.Millisecond, 10*time.Millisecond
	}
	cfg.APIURL = f.base
	cfg.Dialer = &websocket.Dialer{NetDialContext: f.dial}
	cfg.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))

	ctx, cancel := context.WithCancel(f.t.Context())
	b := &bot{t: f.t, client: socketmode.New(cfg), cancel: cancel, ended: make(chan error, 1), log: log}
	go func() { b.ended <- b.client.Run(ctx) }()
	f.t.Cleanup(func() {
		cancel()
		select {
		case err := <-b.ended:
			b.ended <- err
		case <-time.After(10 * time.Second):
			f.t.Error("Run does not return")
		}
		if strings.Contains(log.String(), "hunter2") {
			f.t.Errorf("a secret is in the log:\n%s", log)
		}
	})
	return b
}

// stop ends the client and returns what Run returned.
func (b *bot) stop() error {
	b.t.Helper()
	b.cancel()
	return b.wait()
}

func (b *bot) wait() error {
	b.t.Helper()
	err := await(b.t, b.ended, "the end of Run")
	b.ended <- err
	return err
}

type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
