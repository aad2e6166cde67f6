package agentphone

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// maxBody bounds the body of a 2xx. A call of an hour has a transcript of well
// under 100 KB, and a list carries some hundred calls at most.
const maxBody = 4 << 20

// send makes one request and returns the body of a 2xx.
func (c *Client) send(ctx context.Context, op, method, pathAndQuery string, payload []byte) ([]byte, error) {
	failed := func(fate Fate, err error) error {
		return fmt.Errorf("agentphone: %s: %w", op, &RequestError{Fate: fate, Err: c.redact.error(err)})
	}
	if err := ctx.Err(); err != nil {
		return nil, failed(FateNeverSent, err)
	}
	var w witness
	client := c.shared
	var body io.Reader = http.NoBody
	if payload != nil {
		var done func()
		client, done = c.oneConnection()
		defer done()
		w.body = &onceBody{r: bytes.NewReader(payload)}
		body = w.body
	}
	req, err := http.NewRequestWithContext(w.trace(ctx), method, c.base.String()+pathAndQuery, body)
	if err != nil {
		return nil, failed(FateNeverSent, err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if payload != nil {
		req.ContentLength = int64(len(payload))
		req.Header.Set("Content-Type", "application/json")
	}
	c.setKey(req)

	resp, err := client.Do(req)
	if err != nil {
		return nil, failed(w.fate(ctx, err), withoutURL(err))
	}
	defer resp.Body.Close() //nolint:errcheck // nothing depends on closing a body that was read

	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, fmt.Errorf("agentphone: %s: %w", op, c.newError(resp))
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, failed(FateUnknown, fmt.Errorf("read the answer: %w", err))
	}
	if len(answer) > maxBody {
		return nil, failed(FateUnknown, fmt.Errorf("%w: it is longer than %d bytes", ErrMalformed, maxBody))
	}
	return answer, nil
}

// plainClient neither follows redirects nor keeps cookies.
func plainClient(rt http.RoundTripper, timeout time.Duration) *http.Client {
	return &http.Client{
		Transport:     withoutLocation{rt},
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// withoutLocation takes the Location out of answers: http.Client looks at it
// before it asks CheckRedirect, and turns an answer into an error if it is not a
// URL.
type withoutLocation struct{ http.RoundTripper }

func (rt withoutLocation) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := rt.RoundTripper.RoundTrip(r)
	if resp != nil {
		resp.Header.Del("Location")
	}
	return resp, err // a transport's error is classified by its type
}

// oneConnection returns a client whose requests open connections of their own,
// and a function that closes them. Connection: close would do the same with
// less, but a server that answers early and then closes resets the connection,
// and the answer may be lost on the way.
func (c *Client) oneConnection() (client *http.Client, done func()) {
	t, ok := c.transport.(*http.Transport)
	if !ok {
		return c.shared, func() {}
	}
	t = t.Clone()
	return plainClient(t, c.shared.Timeout), t.CloseIdleConnections
}

// withoutURL drops net/http's repetition of method and URL, which may carry IDs
// and, for a recording, a signature.
func withoutURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
