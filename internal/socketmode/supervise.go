package socketmode

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/slack-go/slack"
)

// The reasons of a disconnect: https://docs.slack.dev/apis/events-api/using-socket-mode/
const (
	reasonWarning      = "warning"
	reasonRefresh      = "refresh_requested"
	reasonLinkDisabled = "link_disabled"
)

// supervise keeps one link open until the context ends, or until Slack refuses
// one for good.
func (c *Client) supervise(ctx context.Context, slot int) error {
	failures := 0
	delay := time.Duration(0)
	var old *link // to be closed once it is replaced
	for {
		if !sleep(ctx, delay) {
			return nil
		}
		l, err := c.connect(ctx, slot)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			if refused, ok := errors.AsType[*RefusedError](err); ok {
				return refused
			}
			failures++
			delay = c.notOpened(slot, err, failures)
			continue
		}
		if old != nil {
			c.closeAfter(old, c.cfg.RefreshGrace)
			old = nil
			l.log.Info("Slack link refreshed")
		} else {
			l.log.Info("Slack link connected")
		}

		select {
		case <-ctx.Done():
			return nil
		case <-l.left:
		case <-l.done:
		}
		if l.age() >= stableAfter {
			failures = 0
		}
		reason, asked := l.ending()
		switch {
		case asked && reason == reasonLinkDisabled:
			return &RefusedError{Code: reasonLinkDisabled, Advice: adviseMode}
		case asked && (reason == reasonWarning || reason == reasonRefresh):
			old = l
			delay = backoff(failures, c.cfg.BackoffMin, c.cfg.BackoffMax)
			// Where each new link is sent away at once, the next waits.
			failures++
			l.log.Info("Slack asked to refresh a link", "reason", reason)
		default:
			// A second link would make too_many_websockets worse, and an
			// unknown reason may be of that kind: wait first.
			failures++
			delay = backoff(failures, c.cfg.BackoffMin, c.cfg.BackoffMax)
			if !l.isDone() {
				c.closeAfter(l, c.cfg.RefreshGrace)
			}
			l.log.Warn("Slack link lost", "reason", reason, "age", l.age().Round(time.Millisecond), "retry_in", delay)
		}
	}
}

// connect opens a link and returns it when it has said hello.
func (c *Client) connect(ctx context.Context, slot int) (*link, error) {
	address, err := c.address(ctx, slot)
	if err != nil {
		return nil, err
	}
	dialing, cancel := context.WithTimeout(ctx, c.cfg.OpenTimeout)
	defer cancel()
	c.countDialing(1)
	counted := sync.OnceFunc(func() { c.countDialing(-1) })
	defer counted()
	conn, answer, err := c.cfg.Dialer.DialContext(dialing, address, nil)
	if answer != nil {
		defer func() { _ = answer.Body.Close() }()
	}
	if err != nil {
		if answer != nil {
			return nil, fmt.Errorf("opening the WebSocket: %w (HTTP status %d)", err, answer.StatusCode)
		}
		return nil, fmt.Errorf("opening the WebSocket: %w", err)
	}

	l := newLink(&c.cfg, c.log.With("slot", slot, "link", c.opened.Add(1)), conn)
	c.serve(l)
	counted()

	hello := time.NewTimer(c.cfg.OpenTimeout)
	defer hello.Stop()
	select {
	case <-l.hello:
	case <-l.left:
		err = endedEarly(l)
	case <-l.done:
		err = endedEarly(l)
	case <-hello.C:
		err = fmt.Errorf("no hello within %s", c.cfg.OpenTimeout)
	case <-ctx.Done():
		return nil, ctx.Err() // Run closes the link
	}
	// Hello may have come together with what followed it, which is then for
	// supervise to see.
	if err == nil || l.wasGreeted() {
		return l, nil
	}
	c.sockets.Go(func() { l.close(0) })
	return nil, err
}

// endedEarly is the error for a link that Slack ended before its hello.
func endedEarly(l *link) error {
	reason, asked := l.ending()
	if asked && reason == reasonLinkDisabled {
		return &RefusedError{Code: reasonLinkDisabled, Advice: adviseMode}
	}
	return fmt.Errorf("ended before hello: %s", reason)
}

// address is that of a new link. While Slack gives none, only one slot asks, again and
// again, and the other ones wait for it: of the few requests that Slack allows some are
// then left when it is well again.
func (c *Client) address(ctx context.Context, slot int) (string, error) {
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case c.asking <- struct{}{}:
		defer func() { <-c.asking }()
	}
	for failures := 1; ; failures++ {
		if !c.opens.take(ctx) {
			return "", ctx.Err()
		}
		address, err := c.open(ctx)
		if err == nil || ctx.Err() != nil {
			return address, err
		}
		if _, ok := errors.AsType[*RefusedError](err); ok {
			return "", err
		}
		if !sleep(ctx, c.notOpened(slot, err, failures)) {
			return "", ctx.Err()
		}
	}
}

// notOpened tells of so many failures in a row, and returns how long to wait after them.
func (c *Client) notOpened(slot int, err error, failures int) (delay time.Duration) {
	delay = backoff(failures, c.cfg.BackoffMin, c.cfg.BackoffMax)
	c.log.Warn("Slack link not opened", "slot", slot, "reason", scrub(err), "failures", failures, "retry_in", delay)
	return delay
}

// open asks the Web API for the address of a new link.
func (c *Client) open(ctx context.Context) (string, error) {
	opening, cancel := context.WithTimeout(ctx, c.cfg.OpenTimeout)
	defer cancel()
	_, address, err := c.cfg.Open.StartSocketModeContext(opening)
	if err == nil {
		return address, checkAddress(address, c.cfg.APIURL)
	}
	if refused := refusedBy(err); refused != nil {
		return "", refused
	}
	if limited, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		c.opens.hold(min(max(limited.RetryAfter, time.Second), 10*time.Minute))
	} else if answer, ok := errors.AsType[slack.SlackErrorResponse](err); ok && answer.Err == "ratelimited" {
		c.opens.hold(c.cfg.OpenEvery)
	} else if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		c.opens.giveBack() // after an outage the link should not wait for it
	}
	return "", fmt.Errorf("calling apps.connections.open: %w", err)
}

// closeAfter closes a link that Slack asked us to leave, unless Slack does.
func (c *Client) closeAfter(l *link, grace time.Duration) {
	c.sockets.Go(func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-l.done:
		case <-timer.C:
			l.close(c.cfg.AckDeadline)
		}
	})
}
