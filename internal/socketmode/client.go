package socketmode

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// ErrHandlersRunning is returned by [Client.Run] when it had to stop while a
// handler had not returned, although its context was over. That envelope is not
// acked.
var ErrHandlersRunning = errors.New("socketmode: stopped while handlers were still running")

// Client keeps an app connected to Slack. It is made by [New] and runs once.
type Client struct {
	cfg     Config
	log     *slog.Logger
	opens   *openLimit
	asking  chan struct{} // has room for the slot that asks Slack for an address
	pool    *pool
	sockets sync.WaitGroup // goroutines of links
	opened  atomic.Int64   // links so far; numbers them in the log
	ran     atomic.Bool
	stopped atomic.Bool

	mu        sync.Mutex
	links     map[*link]struct{} // every open socket, also those that are being replaced
	connected int                // of which have said hello
	dialing   int                // sockets that are being opened, which may count at Slack already
	ghosts    int                // the largest excess of connections that was logged
}

// New gives a client that connects when it is run. What is wrong with cfg is
// said by [Client.Run].
func New(cfg Config) *Client {
	cfg = cfg.withDefaults()
	return &Client{
		cfg: cfg, log: cfg.Logger,
		opens: newOpenLimit(cfg.OpenEvery, cfg.OpenBurst), asking: make(chan struct{}, 1),
		links: map[*link]struct{}{},
	}
}

// Run connects and stays connected until ctx ends, then stops as the package
// comment describes and returns nil, or [ErrHandlersRunning]. It returns a
// [*RefusedError] as soon as Slack will not have this app any more. Nothing
// else ends it: while Slack cannot be reached it keeps trying.
func (c *Client) Run(ctx context.Context) error {
	if err := c.cfg.check(); err != nil {
		return err
	}
	if c.ran.Swap(true) {
		return errors.New("socketmode: a Client runs once")
	}
	c.pool = newPool(ctx, &c.cfg)

	intake, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var supervisors sync.WaitGroup
	for slot := range c.cfg.Links {
		supervisors.Go(func() {
			if err := c.supervise(intake, slot); err != nil {
				stop(err)
			}
		})
	}
	<-intake.Done()
	c.stopped.Store(true)
	c.pool.stopIntake()
	finished := c.pool.drain(c.cfg.ShutdownGrace)
	supervisors.Wait()
	c.closeAll()
	c.log.Info("Slack links closed")

	var result error
	if refused, ok := errors.AsType[*RefusedError](context.Cause(intake)); ok {
		result = refused
	}
	if !finished {
		result = errors.Join(result, ErrHandlersRunning)
	}
	return result
}

// Connected is how many links are up: opened, greeted by Slack, and not known
// to be dead. While a link is being replaced both count.
func (c *Client) Connected() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.connected
}

// Ready reports whether envelopes are being taken in.
func (c *Client) Ready() bool {
	return !c.stopped.Load() && c.Connected() > 0
}

// serve reads a link in the background until it ends.
func (c *Client) serve(l *link) {
	c.mu.Lock()
	c.links[l] = struct{}{}
	c.mu.Unlock()
	c.sockets.Go(l.ping)
	c.sockets.Go(func() {
		l.err = l.read(func(data []byte, at time.Time) { c.receive(l, data, at) })
		_ = l.conn.Close()
		c.mu.Lock()
		delete(c.links, l)
		if l.wasGreeted() {
			c.connected--
		}
		c.mu.Unlock()
		close(l.done)
		if l.isClosing() || c.stopped.Load() {
			return
		}
		if reason, asked := l.ending(); asked {
			l.log.Debug("Slack closed a link it had asked us to leave", "reason", reason)
		}
	})
}

// receive deals with one message. It runs on the goroutine that reads the link
// and does not wait for anything but a write.
func (c *Client) receive(l *link, data []byte, at time.Time) {
	m, err := decode(data)
	m.Received = at
	if err != nil {
		l.log.Warn("Slack sent a message that is not JSON", "bytes", len(data), "envelope_id", m.ID)
		if m.ID != "" {
			l.answer(m.Envelope, Ack{}) // the same would come again
		}
		return
	}
	switch m.Type {
	case "hello":
		c.greet(l, m.NumConnections)
	case "disconnect":
		l.leave(m.Reason)
	case TypeSlashCommands, TypeInteractive, TypeEventsAPI:
		if m.ID == "" {
			l.log.Warn("Slack sent an envelope without envelope_id, skipped", "type", m.Type)
			return
		}
		c.pool.offer(job{envelope: m.Envelope, link: l})
		return
	default:
		l.log.Warn("Slack sent a message of an unknown type", "type", clip(m.Type, 50), "envelope_id", m.ID)
	}
	if m.ID != "" {
		l.answer(m.Envelope, Ack{})
	}
}

func (c *Client) countDialing(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dialing += n
}

func (c *Client) greet(l *link, connections int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !l.greet() {
		return
	}
	c.connected++
	if excess := connections - len(c.links) - c.dialing; excess > c.ghosts {
		c.ghosts = excess
		l.log.Warn("Slack counts more links of this app than this process holds: unless another process runs it, ghost registrations swallow clicks until Slack forgets them",
			"counted", connections, "held", len(c.links))
	}
}

func (c *Client) closeAll() {
	c.mu.Lock()
	for l := range c.links {
		c.sockets.Go(func() { l.close(0) })
	}
	c.mu.Unlock()
	c.sockets.Wait()
}
