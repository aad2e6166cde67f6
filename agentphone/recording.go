package agentphone

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Recording opens the audio at rawURL, usually [Call.RecordingURL], for
// streaming. The caller closes its Body.
//
// rawURL must be https at a public address, or at the very scheme, host and port
// of the base URL; so must every redirect, of which a few are followed. The
// address that is dialled is what is checked, whatever the name resolves to, so
// that no proxy is used except for the base URL's host. Neither the key nor
// cookies nor a Referer are sent.
//
// What is there must be audio by what the server says and by how it begins. A body
// that does not come for 30 s, or slower than 1 KB/s over a minute, fails with an
// error that wraps [ErrTooSlow].
//
// All failures, those of reading Body included, are a [*RecordingError].
func (c *Client) Recording(ctx context.Context, rawURL string) (*Recording, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, c.recordingError(&RecordingError{Reason: RecordingUnacceptable, Err: fmt.Errorf("%w: it is not a URL", ErrAddressRefused)})
	}
	ctx, cancel := context.WithTimeout(ctx, c.recordingTimeout)
	rec, err := c.openRecording(ctx, cancel, u)
	if err != nil {
		cancel()
		return nil, c.recordingError(err)
	}
	return rec, nil
}

// Recording is the audio of a call.
type Recording struct {
	// Body streams the audio. Its Read fails with an error that wraps
	// [ErrTooLarge] instead of ending early when there is too much.
	Body io.ReadCloser
	// ContentType is a media type without parameters, such as audio/wav.
	ContentType string
	// Size is the length in bytes, -1 if the server does not say.
	Size int64
}

// RecordingError says why there is no recording.
type RecordingError struct {
	Reason     RecordingReason
	StatusCode int           // 0 without an answer
	RetryAfter time.Duration // 0 if the server does not say
	Err        error
}

func (e *RecordingError) Error() string { return "agentphone: recording: " + e.Err.Error() }
func (e *RecordingError) Unwrap() error { return e.Err }

// RecordingReason sorts failures by what the caller can do.
type RecordingReason string

const (
	// RecordingTransient: the same URL may work later (no answer, 408, 429, 5xx, a
	// connection that broke, the time bound, [ErrTooSlow]).
	RecordingTransient RecordingReason = "transient"
	// RecordingGone: the URL is not or no longer valid (other 4xx, such as 401,
	// 403, 404 and 410). A fresh GetCall may bring another one.
	RecordingGone RecordingReason = "gone"
	// RecordingUnacceptable: what is there must not or cannot be used; the error
	// wraps ErrAddressRefused, ErrNotAudio or ErrTooLarge.
	RecordingUnacceptable RecordingReason = "unacceptable"
)

var (
	// ErrAddressRefused is a URL that is not https at a public address.
	ErrAddressRefused = errors.New("the address is refused")
	// ErrNotAudio is an answer that is something else than audio.
	ErrNotAudio = errors.New("it is not audio")
	// ErrTooLarge is a recording beyond the bound on its size.
	ErrTooLarge = errors.New("it is too large")
)

const maxRecordingRedirects = 5

func (c *Client) openRecording(ctx context.Context, cancel context.CancelFunc, u *url.URL) (*Recording, error) {
	for range maxRecordingRedirects + 1 {
		resp, err := c.fetch(ctx, u)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode < 300 || resp.StatusCode > 399 {
			rec, err := c.accept(resp, cancel)
			if err != nil {
				_ = resp.Body.Close() // the error that matters is already known
				return nil, err
			}
			return rec, nil
		}
		location := resp.Header.Get("Location")
		_ = resp.Body.Close() // its content does not matter
		next, err := u.Parse(location)
		if location == "" || err != nil {
			return nil, &RecordingError{Reason: RecordingGone, StatusCode: resp.StatusCode, Err: fmt.Errorf("HTTP %d without a usable location", resp.StatusCode)}
		}
		u = next
	}
	return nil, &RecordingError{Reason: RecordingUnacceptable, Err: fmt.Errorf("%w: more than %d redirects", ErrAddressRefused, maxRecordingRedirects)}
}

func (c *Client) fetch(ctx context.Context, u *url.URL) (*http.Response, error) {
	rt, err := c.route(u)
	if err != nil {
		return nil, &RecordingError{Reason: RecordingUnacceptable, Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, &RecordingError{Reason: RecordingUnacceptable, Err: fmt.Errorf("%w: it is not a URL", ErrAddressRefused)}
	}
	req.Header.Set("Accept", "audio/*, application/octet-stream;q=0.5")
	req.Header.Set("Accept-Encoding", "identity") // audio does not shrink, and its size stays known
	req.Header.Set("User-Agent", c.userAgent)
	resp, err := rt.RoundTrip(req) // no http.Client: redirects are followed above
	if err != nil {
		reason := RecordingTransient
		if errors.Is(err, ErrAddressRefused) {
			reason = RecordingUnacceptable
		}
		return nil, &RecordingError{Reason: reason, Err: err}
	}
	return resp, nil
}

// route chooses how u may be reached, if at all.
func (c *Client) route(u *url.URL) (http.RoundTripper, error) {
	switch {
	case u.User != nil:
		return nil, fmt.Errorf("%w: it has a user or a password", ErrAddressRefused)
	case sameOrigin(u, c.base):
		return c.transport, nil
	case u.Scheme != "https" || u.Hostname() == "":
		return nil, fmt.Errorf("%w: it is neither https nor at the API's own host", ErrAddressRefused)
	case c.redact.found(u.String()):
		return nil, fmt.Errorf("%w: it would show the key to another host", ErrAddressRefused)
	}
	return c.elsewhere, nil
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}

// accept turns a final answer into a Recording or says why not.
func (c *Client) accept(resp *http.Response, cancel context.CancelFunc) (*Recording, error) {
	status := resp.StatusCode
	switch {
	case status == http.StatusOK:
	case status >= 400 && status < 500 && status != http.StatusRequestTimeout && status != http.StatusTooEarly && status != http.StatusTooManyRequests:
		return nil, &RecordingError{Reason: RecordingGone, StatusCode: status, Err: c.newError(resp)}
	case status < 300:
		return nil, &RecordingError{Reason: RecordingUnacceptable, StatusCode: status, Err: fmt.Errorf("%w: HTTP %d instead of 200", ErrNotAudio, status)}
	default:
		answer := c.newError(resp)
		return nil, &RecordingError{Reason: RecordingTransient, StatusCode: status, RetryAfter: answer.RetryAfter, Err: answer}
	}
	unacceptable := func(err error) error {
		return &RecordingError{Reason: RecordingUnacceptable, StatusCode: status, Err: err}
	}
	if resp.ContentLength > c.recordingLimit {
		return nil, unacceptable(fmt.Errorf("%w: %d bytes, more than %d", ErrTooLarge, resp.ContentLength, c.recordingLimit))
	}
	if enc := resp.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return nil, unacceptable(fmt.Errorf("%w: it is encoded as %s", ErrNotAudio, strconv.Quote(cut(enc, 40))))
	}
	resp.Body = &paced{ReadCloser: resp.Body, pace: c.pace, cancel: cancel}
	buffered := bufio.NewReaderSize(resp.Body, sniffLength)
	start, err := buffered.Peek(sniffLength)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, &RecordingError{Reason: RecordingTransient, StatusCode: status, Err: fmt.Errorf("read: %w", err)}
	}
	mediaType, err := audioType(resp.Header.Get("Content-Type"), start)
	if err != nil {
		return nil, unacceptable(err)
	}
	return &Recording{
		Body:        &recordingBody{r: buffered, body: resp.Body, cancel: cancel, left: c.recordingLimit, limit: c.recordingLimit, fail: c.recordingError},
		ContentType: mediaType,
		Size:        resp.ContentLength,
	}, nil
}

// recordingError redacts and, where it is not one yet, makes err a transient
// RecordingError.
func (c *Client) recordingError(err error) error {
	var known *RecordingError
	if !errors.As(err, &known) {
		known = &RecordingError{Reason: RecordingTransient, Err: err}
	}
	known.Err = c.redact.error(known.Err)
	return known
}

type recordingBody struct {
	r           io.Reader
	body        io.Closer
	cancel      context.CancelFunc
	left, limit int64
	fail        func(error) error
}

func (b *recordingBody) Read(p []byte) (int, error) {
	// One byte beyond the limit is asked for, to tell the end from too much.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if int64(n) > b.left {
		n = int(b.left)
		b.left = 0
		return n, b.fail(&RecordingError{Reason: RecordingUnacceptable, StatusCode: http.StatusOK, Err: fmt.Errorf("%w: more than %d bytes", ErrTooLarge, b.limit)})
	}
	b.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, b.fail(fmt.Errorf("read: %w", err))
	}
	return n, err // io.EOF must stay itself
}

func (b *recordingBody) Close() error {
	b.cancel()
	return b.body.Close() // closing has nothing to add
}
