package agentphone

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxErrorBody    = 4 << 10
	maxErrorMessage = 300
)

// Error is the answer of the API, or of something on the way to it, that is not
// 2xx. It is returned whatever the body is. The API key is redacted from it.
type Error struct {
	StatusCode int
	// RetryAfter is the Retry-After header, 0 if absent or unreadable, at most 10
	// minutes.
	RetryAfter time.Duration
	// Message is one line for a person: what the body calls its message or error,
	// else its first line, else the text of the status.
	Message string
	// Body is the beginning of the body, as valid UTF-8, up to 4 KB.
	Body string
}

func (e *Error) Error() string {
	s := "HTTP " + strconv.Itoa(e.StatusCode)
	if text := http.StatusText(e.StatusCode); text != "" {
		s += " " + text
	}
	if e.Message != "" && e.Message != http.StatusText(e.StatusCode) {
		s += ": " + e.Message
	}
	return s
}

// maxErrorRead is how much of an error's body is looked at; more than is kept, so
// that redaction comes before the cut.
const maxErrorRead = 64 << 10

// newError reads what it can of the body. A body that ends early or never does
// costs its text, not the status.
func (c *Client) newError(resp *http.Response) *Error {
	raw, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorRead))
	text := c.redact.string(strings.ToValidUTF8(string(raw), "\uFFFD"))
	if len(raw) == maxErrorRead {
		text = cut(text, max(len(text)-c.redact.longest, 0)) // the end may be half a key
	}
	var v any
	if json.Unmarshal([]byte(text), &v) == nil {
		// JSON can spell a character as \uXXXX.
		if plain, err := json.Marshal(v); err == nil && c.redact.found(string(plain)) {
			text = c.redact.string(string(plain))
		}
	}
	e := &Error{
		StatusCode: resp.StatusCode,
		RetryAfter: parseRetryAfter(resp.Header.Get("Retry-After"), c.now()),
		Body:       cut(text, maxErrorBody),
		Message:    cut(c.redact.string(messageIn(text)), maxErrorMessage), // unescaped by now
	}
	if e.Message == "" && e.StatusCode >= 300 && e.StatusCode < 400 {
		e.Message = "a redirect, which is not followed; check the base URL"
	}
	if e.Message == "" {
		e.Message = http.StatusText(e.StatusCode)
	}
	return e
}

var titleTag = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// messageIn finds the line that tells a person most in the body of an error,
// whose shape is documented nowhere.
func messageIn(text string) string {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	var v any
	if json.Unmarshal([]byte(text), &v) == nil {
		return oneLine(messageInJSON(v, 0))
	}
	if m := titleTag.FindStringSubmatch(text); m != nil {
		return oneLine(html.UnescapeString(m[1]))
	}
	if strings.HasPrefix(text, "<") || strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		return ""
	}
	first, _, _ := strings.Cut(text, "\n")
	return oneLine(first)
}

func messageInJSON(v any, depth int) string {
	if depth > 3 {
		return ""
	}
	switch v := v.(type) {
	case string:
		return v
	case []any:
		if len(v) > 0 {
			return messageInJSON(v[0], depth+1)
		}
	case map[string]any:
		for _, name := range []string{"message", "error_description", "detail", "error", "title", "reason", "msg", "errors", "data", "code"} {
			if s := messageInJSON(v[name], depth+1); strings.TrimSpace(s) != "" {
				return s
			}
		}
	}
	return ""
}

// oneLine makes text safe to stand in a log line or a sentence.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// cut shortens s to at most n bytes without breaking a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

const maxRetryAfter = 10 * time.Minute

// parseRetryAfter reads seconds or an HTTP date (RFC 9110, section 10.2.3).
func parseRetryAfter(s string, now time.Time) time.Duration {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0
	}
	if strings.Trim(s, "0123456789") == "" {
		seconds, err := strconv.Atoi(s)
		if err != nil || seconds > int(maxRetryAfter/time.Second) {
			return maxRetryAfter // too many digits for an int
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
