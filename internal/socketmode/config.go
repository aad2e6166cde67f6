package socketmode

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
)

// Opener asks Slack for the address of a new link (apps.connections.open). It
// is implemented by [*slack.Client] with an app-level token.
type Opener interface {
	StartSocketModeContext(ctx context.Context) (*slack.SocketModeConnection, string, error)
}

// Handler does what an envelope asks and says how to answer it. It is called
// from up to [Config.Workers] goroutines at once.
//
// The context ends [Config.AckDeadline] after the envelope was received, which
// is before Slack gives up on it; it survives the end of Run's context until
// [Config.ShutdownGrace] is over. An Ack returned late is still sent.
type Handler func(ctx context.Context, e Envelope) Ack

// Config is what a [Client] needs. Open and Handle are required; a zero value
// elsewhere means the default.
type Config struct {
	Open   Opener
	Handle Handler

	// APIURL is the base of the Web API that Open calls; empty is Slack's. Only
	// if its host is a loopback address may a link be unencrypted (ws://), and
	// only to a loopback address.
	APIURL string

	// Links is how many links are kept open: 2 by default, at most 10, which
	// is what Slack allows an app in all its processes together.
	Links int
	// Workers is how many handlers run at once: 16 by default.
	Workers int
	// Queue is how many envelopes wait for a worker: four per worker by
	// default. It is bounded in bytes as well, by eight times MaxMessage.
	Queue int

	// Busy answers an envelope that is not handled because the queue is full or
	// the client is stopping. It runs on the goroutine that reads the link and
	// must return at once. By default a slash command is told that nothing was
	// saved, and all else is left un-acked.
	Busy func(e Envelope) Ack
	// Panicked answers an envelope whose handler panicked; the panic is logged
	// with its stack under ref. By default a slash command is told the ref, and
	// all else is left un-acked, because nobody knows what was saved.
	Panicked func(e Envelope, ref string) Ack

	Logger *slog.Logger      // slog.Default() by default
	Dialer *websocket.Dialer // by default it honours HTTPS_PROXY and friends

	// AckDeadline counts from receipt: 2.8 s by default, less than the 3 s that
	// Slack waits for an ack.
	AckDeadline time.Duration
	// OpenTimeout bounds apps.connections.open, and again the WebSocket
	// handshake, and again the wait for hello: 10 s each by default.
	OpenTimeout time.Duration
	// PingInterval is how often a link is pinged by us: 10 s by default.
	PingInterval time.Duration
	// SilenceTimeout is how long nothing at all may arrive on a link before it
	// is taken for dead: 30 s by default.
	SilenceTimeout time.Duration
	// WriteTimeout bounds one write to a link: 5 s by default.
	WriteTimeout time.Duration
	// RefreshGrace is how long a link that Slack asked us to leave is read
	// after its replacement said hello: 30 s by default.
	RefreshGrace time.Duration
	// ShutdownGrace is how long handlers may go on after Run's context ended:
	// 5 s by default. Closing the links takes up to 2 s more.
	ShutdownGrace time.Duration

	// BackoffMin and BackoffMax bound the delay after a failure, which doubles
	// from one to the other: 1 s and 60 s by default. The actual delay is
	// anything between half of it and all of it.
	BackoffMin, BackoffMax time.Duration
	// OpenEvery and OpenBurst limit apps.connections.open over all links
	// together: one a minute after a burst of 8 by default. Slack documents the
	// method in its lowest tier, "1+ per minute" with bursts:
	// https://api.slack.com/methods/apps.connections.open
	OpenEvery time.Duration
	OpenBurst int

	// MaxMessage is the size in bytes of the largest message that is read: 4
	// MiB by default. A larger one is skipped without being held in memory.
	MaxMessage int64
}

const (
	maxLinks = 10 // https://docs.slack.dev/apis/events-api/using-socket-mode/
	// ackLimit is how long Slack waits for an ack.
	ackLimit = 3 * time.Second
	// closeTimeout is how long Slack may take to answer a close frame.
	closeTimeout = 2 * time.Second
	// stableAfter is how long a link must have lived for its end to be no
	// reason to wait longer than after a first failure.
	stableAfter = time.Minute
)

func (c Config) withDefaults() Config {
	orDefault(&c.Links, 2)
	orDefault(&c.Workers, 16)
	orDefault(&c.Queue, 4*c.Workers)
	orDefault(&c.AckDeadline, 2800*time.Millisecond)
	orDefault(&c.OpenTimeout, 10*time.Second)
	orDefault(&c.PingInterval, 10*time.Second)
	orDefault(&c.SilenceTimeout, 30*time.Second)
	orDefault(&c.WriteTimeout, 5*time.Second)
	orDefault(&c.RefreshGrace, 30*time.Second)
	orDefault(&c.ShutdownGrace, 5*time.Second)
	orDefault(&c.BackoffMin, time.Second)
	orDefault(&c.BackoffMax, time.Minute)
	orDefault(&c.OpenEvery, time.Minute)
	orDefault(&c.OpenBurst, 8)
	orDefault(&c.MaxMessage, 4<<20)
	if c.Busy == nil {
		c.Busy = sayBusy
	}
	if c.Panicked == nil {
		c.Panicked = sayPanicked
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Dialer == nil {
		c.Dialer = &websocket.Dialer{Proxy: http.ProxyFromEnvironment}
	}
	return c
}

func orDefault[T comparable](v *T, standard T) {
	var zero T
	if *v == zero {
		*v = standard
	}
}

func (c Config) check() error {
	switch {
	case c.Open == nil:
		return errors.New("socketmode: Config.Open is missing")
	case c.Handle == nil:
		return errors.New("socketmode: Config.Handle is missing")
	case c.Links < 1 || c.Links > maxLinks:
		return fmt.Errorf("socketmode: Config.Links is %d, it must be between 1 and %d", c.Links, maxLinks)
	case c.Workers < 1 || c.Queue < 1 || c.OpenBurst < 1 || c.MaxMessage < 1:
		return errors.New("socketmode: Config.Workers, Queue, OpenBurst and MaxMessage must be at least 1")
	case c.AckDeadline < 0 || c.AckDeadline >= ackLimit:
		return fmt.Errorf("socketmode: Config.AckDeadline is %s, it must be below %s", c.AckDeadline, ackLimit)
	case c.PingInterval < 0 || c.PingInterval >= c.SilenceTimeout:
		return fmt.Errorf("socketmode: Config.PingInterval is %s, it must be below SilenceTimeout, %s", c.PingInterval, c.SilenceTimeout)
	case c.BackoffMin < 0 || c.BackoffMin > c.BackoffMax:
		return fmt.Errorf("socketmode: Config.BackoffMin is %s, it must not exceed BackoffMax, %s", c.BackoffMin, c.BackoffMax)
	case min(c.OpenTimeout, c.WriteTimeout, c.RefreshGrace, c.ShutdownGrace, c.OpenEvery) < 0:
		return errors.New("socketmode: a duration in Config is negative")
	}
	return nil
}
