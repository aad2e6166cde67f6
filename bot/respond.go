package bot

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// responder answers at response_urls. They come with envelopes, so their address is
// checked before anything is sent there.
type responder struct {
	api  *url.URL // nil: Slack's own
	http *http.Client
}

const respondWithin = 1500 * time.Millisecond

func newResponder(apiURL string) *responder {
	r := &responder{http: &http.Client{
		Timeout: 5 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}}
	if u, err := url.Parse(apiURL); err == nil && u.Host != "" && !slackHost(u.Hostname()) {
		r.api = u
	}
	return r
}

// trusted returns the address if answers may be sent there, else "": Slack's own
// hosts over https, and the host that stands for Slack's API where that is another.
func (r *responder) trusted(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || len(address) > 2000 {
		return ""
	}
	switch {
	case u.Scheme == "https" && slackHost(u.Hostname()):
		return address
	case r.api != nil && u.Scheme == r.api.Scheme && (u.Host == r.api.Host || loopback(u.Hostname()) && loopback(r.api.Hostname())):
		return address
	}
	return ""
}

func slackHost(host string) bool {
	host = strings.ToLower(host)
	return host == "slack.com" || strings.HasSuffix(host, ".slack.com") ||
		host == "slack-gov.com" || strings.HasSuffix(host, ".slack-gov.com")
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// respond sends an answer to the person who acted, alone.
func (r *responder) respond(ctx context.Context, address string, m *slack.WebhookMessage) error {
	if r.trusted(address) == "" {
		return errors.New("no response_url that may be answered")
	}
	ctx, cancel := context.WithTimeout(ctx, respondWithin)
	defer cancel()
	if err := slack.PostWebhookCustomHTTPContext(ctx, address, r.http, m); err != nil {
		// The address lets anybody answer in our name: it stays out of the error.
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err
		}
		return fmt.Errorf("posting to a response_url: %w", err)
	}
	return nil
}

// ephemeral is an answer that only the person who acted sees.
func ephemeral(m message) *slack.WebhookMessage {
	answer := &slack.WebhookMessage{Text: m.text, ResponseType: slack.ResponseTypeEphemeral}
	if len(m.blocks) > 0 {
		answer.Blocks = &slack.Blocks{BlockSet: m.blocks}
	}
	return answer
}
