package agentphone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// pace is how fast a recording must come, so that a server that drips holds nobody up
// until the bound on the whole transfer. Only the time that is spent waiting for the
// server counts.
type pace struct {
	// idle is the longest wait for the next byte.
	idle time.Duration
	// least bytes must come in each window.
	window time.Duration
	least  int64
}

var recordingPace = pace{idle: 30 * time.Second, window: time.Minute, least: 60 << 10}

// ErrTooSlow is a recording that hardly comes, or stopped coming.
var ErrTooSlow = errors.New("it comes too slowly")

// paced reads a body and fails once it comes slower than the pace.
type paced struct {
	io.ReadCloser
	pace
	cancel context.CancelFunc // ends a read that is under way
	waited time.Duration
	got    int64
}

func (p *paced) Read(b []byte) (int, error) {
	var idle atomic.Bool
	began := time.Now()
	t := time.AfterFunc(p.idle, func() { idle.Store(true); p.cancel() })
	n, err := p.ReadCloser.Read(b)
	t.Stop()
	p.waited += time.Since(began)
	p.got += int64(n)
	switch {
	case err != nil && !errors.Is(err, io.EOF) && idle.Load():
		return n, fmt.Errorf("%w: nothing for %s", ErrTooSlow, p.idle)
	case err != nil:
		return n, err
	case p.waited >= p.window && p.got < p.least:
		return n, fmt.Errorf("%w: %d bytes in %s", ErrTooSlow, p.got, p.waited.Round(time.Second))
	case p.waited >= p.window:
		p.waited, p.got = 0, 0
	}
	return n, nil
}
