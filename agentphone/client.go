package agentphone

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// DefaultBaseURL is where the API lives, according to its documentation.
const DefaultBaseURL = "https://agentphone.app/api/v1"

const (
	defaultUserAgent        = "agentphone-go/1"
	defaultTimeout          = 30 * time.Second
	defaultRecordingTimeout = 2 * time.Minute

	// MaxRecordingSize bounds a recording, in bytes (100 MB). Reading more is an
	// error that wraps [ErrTooLarge].
	MaxRecordingSize int64 = 100 << 20
)

// Client talks to the API with one key. It is safe for concurrent use.
// Printing or logging it shows its base URL, never its key.
type Client struct {
	base      *url.URL
	userAgent string
	setKey    func(*http.Request) // a closure, so that no printer can reach the key
	redact    *redactor
	now       func() time.Time

	transport http.RoundTripper // for the base URL's own host
	shared    *http.Client      // over transport, for requests that may be repeated

	elsewhere        http.RoundTripper // for recordings at public addresses
	recordingTimeout time.Duration
	recordingLimit   int64
	pace             pace
}

// NewClient returns a client that authenticates with key. It makes no request.
// It refuses an empty key, a key with spaces, control or non-ASCII characters
// (which cannot stand in a header), and options that make no sense.
func NewClient(key string, opts ...Option) (*Client, error) {
	if key == "" {
		return nil, errors.New("agentphone: the API key is empty")
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return nil, errors.New("agentphone: the API key contains a space, a control character or a non-ASCII character")
	}
	cfg := config{
		baseURL:          DefaultBaseURL,
		userAgent:        defaultUserAgent,
		httpClient:       &http.Client{Timeout: defaultTimeout},
		now:              time.Now,
		recordingTimeout: defaultRecordingTimeout,
		recordingLimit:   MaxRecordingSize,
		pace:             recordingPace,
	}
	redact := newRedactor(key)
	for _, opt := range opts {
		if err := opt(&cfg); err != nil {
			return nil, redact.error(fmt.Errorf("agentphone: %w", err))
		}
	}
	base, err := parseBaseURL(cfg.baseURL)
	if err != nil {
		return nil, redact.error(fmt.Errorf("agentphone: base URL: %w", err))
	}
	if redact.found(base.String()) || redact.found(cfg.userAgent) {
		return nil, errors.New("agentphone: the API key stands in the base URL or in the user agent")
	}
	transport := cfg.httpClient.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	return &Client{
		base:             base,
		userAgent:        cfg.userAgent,
		setKey:           func(r *http.Request) { r.Header.Set("x-api-key", key) },
		redact:           redact,
		now:              cfg.now,
		transport:        transport,
		shared:           plainClient(transport, cfg.httpClient.Timeout),
		elsewhere:        publicOnly(transport),
		recordingTimeout: cfg.recordingTimeout,
		recordingLimit:   cfg.recordingLimit,
		pace:             cfg.pace,
	}, nil
}

// BaseURL returns the URL that the client's requests go to, without a slash at
// its end.
func (c *Client) BaseURL() string { return c.base.String() }

// Format implements [fmt.Formatter] for every verb; the key is not printed.
func (c Client) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, c.String()) // the printer that asked reports its own errors
}

// String names the client without its key.
func (c Client) String() string {
	if c.base == nil {
		return "agentphone.Client(zero)"
	}
	return "agentphone.Client(" + c.base.String() + ")"
}

// GoString is [Client.String].
func (c Client) GoString() string { return c.String() }

// LogValue implements [slog.LogValuer]; the key is not logged.
func (c Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// An Option changes how [NewClient] builds a client.
type Option func(*config) error

type config struct {
	baseURL          string
	userAgent        string
	httpClient       *http.Client
	now              func() time.Time
	recordingTimeout time.Duration
	recordingLimit   int64
	pace             pace
}

// WithBaseURL sets where requests go, by default [DefaultBaseURL]. It must be
// https unless its host is loopback (localhost, 127.0.0.0/8, ::1), and have
// neither user information nor a query nor a fragment.
func WithBaseURL(base string) Option {
	return func(c *config) error {
		c.baseURL = base
		return nil
	}
}

// WithHTTPClient uses the Transport and the Timeout of hc (by default Go's
// transport and 30 s). Its Jar and its CheckRedirect are not used: cookies are
// not sent and redirects are not followed. A transport that is an
// [*http.Transport] is cloned for each POST, so that it has a new connection.
// Any other one is used as it is and must not repeat a request by itself.
func WithHTTPClient(hc *http.Client) Option {
	return func(c *config) error {
		if hc == nil {
			return errors.New("the HTTP client is nil")
		}
		c.httpClient = hc
		return nil
	}
}

// WithUserAgent sets the User-Agent header.
func WithUserAgent(ua string) Option {
	return func(c *config) error {
		if strings.TrimSpace(ua) == "" || strings.ContainsFunc(ua, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
			return errors.New("the user agent is empty or has characters that cannot stand in a header")
		}
		c.userAgent = ua
		return nil
	}
}

// WithClock sets the clock against which a Retry-After that is a date is read,
// by default [time.Now].
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		if now == nil {
			return errors.New("the clock is nil")
		}
		c.now = now
		return nil
	}
}

// WithRecordingTimeout bounds the time from the start of [Client.Recording] to
// the last byte read from its body, by default 2 minutes.
func WithRecordingTimeout(d time.Duration) Option {
	return func(c *config) error {
		if d <= 0 {
			return errors.New("the recording timeout is not positive")
		}
		c.recordingTimeout = d
		return nil
	}
}

// WithRecordingLimit lowers the bound on the size of a recording, in bytes; it
// cannot exceed [MaxRecordingSize].
func WithRecordingLimit(n int64) Option {
	return func(c *config) error {
		if n <= 0 || n > MaxRecordingSize {
			return fmt.Errorf("the recording limit is not between 1 and %d bytes", MaxRecordingSize)
		}
		c.recordingLimit = n
		return nil
	}
}

func parseBaseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		// url.Error repeats its input, which may hold a password.
		return nil, errors.New("it is not a valid URL")
	}
	switch {
	case u.Opaque != "" || u.Hostname() == "":
		return nil, errors.New("it has no host; expected something like " + DefaultBaseURL)
	case u.User != nil:
		return nil, errors.New("it must not have a user or a password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("it must not have a query or a fragment")
	case u.Scheme == "https":
	case u.Scheme != "http":
		return nil, fmt.Errorf("its scheme is %q; expected https", u.Scheme)
	case !isLoopbackHost(u.Hostname()):
		return nil, fmt.Errorf("http would show the key to everyone on the way to %s; use https", u.Host)
	}
	trimmed := strings.TrimRight(u.EscapedPath(), "/")
	if u.Path, err = url.PathUnescape(trimmed); err != nil {
		return nil, errors.New("its path is not valid")
	}
	u.RawPath = trimmed
	return u, nil
}

func isLoopbackHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
