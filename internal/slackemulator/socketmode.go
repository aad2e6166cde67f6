package slackemulator

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	maxLinks     = 10 // https://docs.slack.dev/apis/events-api/using-socket-mode
	ticketLife   = 30 * time.Second
	writeTimeout = 10 * time.Second
	farewell     = 2 * time.Second
)

// link is one Socket Mode connection.
type link struct {
	e        *Emulator
	id       int
	host     string
	conn     *websocket.Conn
	draining bool // told to disconnect; takes envelopes only if no other link does

	mu     sync.Mutex // guards queue and closing
	queue  []json.RawMessage
	more   chan struct{}
	ending bool // close once the queue is empty
}

func (e *Emulator) appsConnectionsOpen(arguments) (object, error) {
	if !e.manifest.socketMode() {
		return nil, fail("socket_mode_disabled")
	}
	now := e.clock.Now()
	for ticket, expires := range e.tickets {
		if now.After(expires) {
			delete(e.tickets, ticket)
		}
	}
	ticket := e.newID("t") + e.newID("t")
	e.tickets[ticket] = now.Add(ticketLife)
	base, err := url.Parse(e.baseURL)
	if err != nil {
		return nil, fail("internal_error")
	}
	base.Scheme = map[string]string{"http": "ws", "https": "wss"}[base.Scheme]
	base.Path += "/link/"
	base.RawQuery = url.Values{"ticket": {ticket}, "app_id": {e.appID}}.Encode()
	return object{"url": base.String()}, nil
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }} // apps are no browsers

// serveLink makes a link out of a connection that shows a fresh ticket.
func (e *Emulator) serveLink(w http.ResponseWriter, r *http.Request) {
	call := Call{Method: "link", Args: map[string]string{}, Time: e.clock.Now()}
	if fault, delay := e.plan(call); delay > 0 && !pause(r, delay) {
		return
	} else if fault != nil {
		e.answerFault(w, call, time.Now(), fault)
		return
	}
	e.mu.Lock()
	ticket := r.URL.Query().Get("ticket")
	expires, ok := e.tickets[ticket]
	delete(e.tickets, ticket)
	ok = ok && !e.closed && !e.clock.Now().After(expires)
	e.mu.Unlock()
	if !ok {
		http.Error(w, "the ticket is used up or expired", http.StatusForbidden)
		return
	}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	l := &link{e: e, conn: conn, more: make(chan struct{}, 1)}
	e.mu.Lock()
	e.linkSeq++
	l.id = e.linkSeq
	l.host = "applink-" + string('a'+rune(l.id%26))
	full := len(e.links) >= maxLinks || e.closed
	if !full {
		e.links = append(e.links, l)
		l.send(encode(object{
			"type": "hello", "num_connections": len(e.links),
			"debug_info":      object{"host": l.host, "build_number": 1, "approximate_connection_time": 18060},
			"connection_info": object{"app_id": e.appID},
		}))
		e.wake()
	} else {
		l.disconnect("too_many_websockets")
		l.end()
	}
	e.mu.Unlock()
	go l.write()
	l.read()
	e.drop(l)
}

// send queues a message; it never blocks.
func (l *link) send(msg json.RawMessage) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, msg)
	l.signal()
}

// end closes the link once everything queued was written.
func (l *link) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ending = true
	l.signal()
}

func (l *link) signal() {
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// disconnect tells the app to leave the link. The caller holds e.mu.
func (l *link) disconnect(reason string) {
	l.draining = true
	l.send(encode(object{
		"type": "disconnect", "reason": reason, "num_connections": len(l.e.links),
		"debug_info": object{"host": l.host}, "connection_info": object{"app_id": l.e.appID},
	}))
}

// write is the link's only writer of data; it ends when the connection does.
func (l *link) write() {
	ping := time.NewTicker(l.e.ping)
	defer ping.Stop()
	for {
		l.mu.Lock()
		batch, ending := l.queue, l.ending
		l.queue = nil
		l.mu.Unlock()
		for _, msg := range batch {
			if l.conn.SetWriteDeadline(time.Now().Add(writeTimeout)) != nil || l.conn.WriteMessage(websocket.TextMessage, msg) != nil {
				l.cut()
				return
			}
		}
		if ending {
			bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
			_ = l.conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(writeTimeout))
			// The reader closes the connection, when the app has answered: closing it
			// here could lose what was just written.
			_ = l.conn.SetReadDeadline(time.Now().Add(farewell))
			return
		}
		select {
		case <-l.more:
		case <-ping.C:
			if l.conn.WriteControl(websocket.PingMessage, []byte("Ping from "+l.host), time.Now().Add(writeTimeout)) != nil {
				l.cut()
				return
			}
		}
	}
}

// read takes acks until the connection ends or answers no ping for long.
func (l *link) read() {
	defer l.cut()
	alive := func() error { return l.conn.SetReadDeadline(time.Now().Add(3 * l.e.ping)) }
	l.conn.SetReadLimit(1 << 20)
	l.conn.SetPongHandler(func(string) error { return alive() })
	if alive() != nil {
		return
	}
	for {
		_, msg, err := l.conn.ReadMessage()
		if err != nil || alive() != nil {
			return
		}
		l.e.takeAck(l, msg)
	}
}

// cut ends the connection hard.
func (l *link) cut() {
	l.end()
	_ = l.conn.Close()
}

// drop forgets a link that has ended; what it had not acked is lost or sent again.
func (e *Emulator) drop(l *link) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.forget(l)
}

func (e *Emulator) forget(links ...*link) {
	e.links = slices.DeleteFunc(e.links, func(l *link) bool { return slices.Contains(links, l) })
	var lost []*envelope
	for _, list := range e.pending {
		for _, env := range list {
			if slices.Contains(links, env.link) && env.Type == envelopeEvents {
				lost = append(lost, env)
			}
		}
	}
	slices.SortFunc(lost, func(a, b *envelope) int { return a.Seq - b.Seq })
	for _, env := range lost {
		e.settle(env, EnvelopeLost)
	}
	e.wake()
}

// pick chooses the link for an envelope, in turn; nil if there is none.
func (e *Emulator) pick() *link {
	for _, draining := range []bool{false, true} {
		for range e.links {
			e.nextLink++
			if l := e.links[e.nextLink%len(e.links)]; l.draining == draining {
				return l
			}
		}
	}
	return nil
}

// Links is the number of Socket Mode connections that are up.
func (e *Emulator) Links() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.links)
}

// WaitLinks waits until at least n Socket Mode connections are up.
func (e *Emulator) WaitLinks(ctx context.Context, n int) error {
	if err := e.await(ctx, func() bool { return len(e.links) >= n }); err != nil {
		return fmt.Errorf("waiting for %d links: %w", n, err)
	}
	return nil
}

// Refresh asks the app to renew all links, as Slack does every few hours: a
// disconnect with reason refresh_requested, a warning at half of grace (on the
// workspace's clock), and the end of the link after it. The links' place can be
// taken by new ones in the meantime.
func (e *Emulator) Refresh(grace time.Duration) {
	e.mu.Lock()
	links := slices.Clone(e.links)
	for _, l := range links {
		l.disconnect("refresh_requested")
	}
	e.mu.Unlock()
	for _, l := range links {
		e.clock.AfterFunc(grace/2, func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			l.disconnect("warning")
		})
		e.clock.AfterFunc(grace, func() {
			e.drop(l)
			l.end()
		})
	}
}

// DropLinks cuts all links without a word, as a broken network does.
func (e *Emulator) DropLinks() {
	e.mu.Lock()
	links := slices.Clone(e.links)
	e.mu.Unlock()
	for _, l := range links {
		l.cut()
		e.drop(l)
	}
}

// LinkDisabled tells the app that Socket Mode was switched off, and ends all links.
func (e *Emulator) LinkDisabled() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, l := range e.links {
		l.disconnect("link_disabled")
		l.end()
	}
	e.forget(slices.Clone(e.links)...)
}
