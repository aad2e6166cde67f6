package socketmode

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// link is one WebSocket connection.
type link struct {
	cfg  *Config
	log  *slog.Logger
	conn *websocket.Conn

	hello chan struct{} // closed at the first hello
	left  chan struct{} // closed at the first disconnect, after reason is set
	done  chan struct{} // closed when the connection is gone, after err is set

	// reason is that of the first disconnect; read it after left is closed.
	reason string
	err    error

	writing sync.Mutex

	mu      sync.Mutex
	greeted time.Time // when hello came
	closing bool      // we close it: nothing more is taken in
	pending sync.WaitGroup
}

func newLink(cfg *Config, log *slog.Logger, conn *websocket.Conn) *link {
	return &link{
		cfg: cfg, log: log, conn: conn,
		hello: make(chan struct{}), left: make(chan struct{}), done: make(chan struct{}),
	}
}

// read hands every text message to receive until the connection ends.
func (l *link) read(receive func(data []byte, at time.Time)) error {
	l.heard()
	l.conn.SetPongHandler(func(string) error { l.heard(); return nil })
	l.conn.SetPingHandler(func(data string) error {
		l.heard()
		err := l.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(l.cfg.WriteTimeout))
		if errors.Is(err, websocket.ErrCloseSent) {
			return nil
		}
		return err
	})
	for {
		kind, r, err := l.conn.NextReader()
		if err != nil {
			return err
		}
		if kind != websocket.TextMessage {
			l.log.Warn("Slack sent a binary message, skipped")
			continue
		}
		data, err := io.ReadAll(io.LimitReader(r, l.cfg.MaxMessage+1))
		if err != nil {
			return err
		}
		l.heard()
		if int64(len(data)) > l.cfg.MaxMessage {
			l.log.Error("Slack sent a message that is too large, left un-acked", "limit", l.cfg.MaxMessage)
			continue
		}
		receive(data, time.Now())
	}
}

// heard puts off the moment at which the link is taken for dead. It is called
// on the goroutine that reads, which alone may set the deadline.
func (l *link) heard() {
	// An error means that the connection is gone, which the next read reports.
	_ = l.conn.SetReadDeadline(time.Now().Add(l.cfg.SilenceTimeout))
}

// greet notes the first hello, and reports whether this was it.
func (l *link) greet() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.greeted.IsZero() {
		return false
	}
	l.greeted = time.Now()
	close(l.hello)
	return true
}

// leave notes the first disconnect. Only the goroutine that reads calls it.
func (l *link) leave(reason string) {
	select {
	case <-l.left:
	default:
		l.reason = reason
		close(l.left)
	}
}

// ping keeps the link from falling silent where Slack is alive but idle.
func (l *link) ping() {
	ticker := time.NewTicker(l.cfg.PingInterval)
	defer ticker.Stop()
	for {
		select {
		case <-l.done:
			return
		case <-ticker.C:
			// A failed write is final for the connection; reading reports it,
			// at the latest when nothing was heard for SilenceTimeout.
			_ = l.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(l.cfg.WriteTimeout))
		}
	}
}

// answer sends the ack of an envelope that came on this link.
func (l *link) answer(e Envelope, a Ack) {
	if a.withheld {
		l.log.Debug("Slack envelope left un-acked", "type", e.Type, "envelope_id", e.ID)
		return
	}
	text, err := encodeAck(e, a.Payload)
	if err != nil {
		l.log.Error("payload of an ack dropped", "type", e.Type, "envelope_id", e.ID, "reason", scrub(err))
	}
	if err := l.write(text); err != nil {
		l.log.Warn("ack lost with its link", "type", e.Type, "envelope_id", e.ID, "reason", scrub(err))
	}
}

// write returns once the message is with the operating system.
func (l *link) write(text []byte) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	err := l.conn.SetWriteDeadline(time.Now().Add(l.cfg.WriteTimeout))
	if err == nil {
		err = l.conn.WriteMessage(websocket.TextMessage, text)
	}
	if err != nil && !errors.Is(err, websocket.ErrCloseSent) {
		// A link that cannot be written to acks nothing any more. Closing it
		// makes the reader notice now.
		_ = l.conn.Close()
	}
	return err
}

// begin counts an envelope as being handled, unless the link is closing.
func (l *link) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return false
	}
	l.pending.Add(1)
	return true
}

func (l *link) end() { l.pending.Done() }

// close takes nothing more in, waits as long as patience for the acks that are
// due, and ends the connection with a close frame. It returns when the
// connection is gone.
func (l *link) close(patience time.Duration) {
	l.mu.Lock()
	l.closing = true
	l.mu.Unlock()

	if patience > 0 {
		settled := make(chan struct{})
		go func() {
			l.pending.Wait()
			close(settled)
		}()
		select {
		case <-settled:
		case <-l.done:
		case <-time.After(patience):
		}
	}
	frame := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if err := l.conn.WriteControl(websocket.CloseMessage, frame, time.Now().Add(closeTimeout/2)); err == nil {
		select {
		case <-l.done:
		case <-time.After(closeTimeout / 2):
		}
	}
	_ = l.conn.Close()
	<-l.done
}

func (l *link) isClosing() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closing
}

func (l *link) wasGreeted() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.greeted.IsZero()
}

// age is how long ago hello came. It is asked only of a link that had one.
func (l *link) age() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.greeted)
}

// isDone reports whether the connection is gone.
func (l *link) isDone() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// ending says why the link ended or is about to: a disconnect's reason, or an
// error in words. It is asked once left or done is closed.
func (l *link) ending() (reason string, asked bool) {
	select {
	case <-l.left:
		return l.reason, true
	default:
	}
	if closed, ok := errors.AsType[*websocket.CloseError](l.err); ok {
		return fmt.Sprintf("closed by Slack with code %d", closed.Code), false
	}
	if timeout, ok := errors.AsType[net.Error](l.err); ok && timeout.Timeout() {
		return fmt.Sprintf("nothing heard for %s", l.cfg.SilenceTimeout), false
	}
	return scrub(l.err), false
}
