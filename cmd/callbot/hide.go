package main

import (
	"cmp"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// hidden takes the secrets of the environment out of what people and logs are shown.
// Whoever writes an error or a line leaves them out already; this is for what libraries
// write, and for a secret that was set in place of something else.
type hidden struct{ replace *strings.Replacer }

// leastSecret is the length below which nothing is a secret: to hide it would eat words.
const leastSecret = 5

// hide hides the secrets of an environment.
func hide(env environment) hidden {
	secrets := append(passwordsIn(env.DatabaseURL), env.SlackBotToken, env.SlackAppToken, env.AgentPhoneKey)
	var pairs []string
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // the longest first: one may begin with another
	for _, s := range secrets {
		s = strings.TrimSpace(s)
		for _, written := range []string{s, url.QueryEscape(s), url.PathEscape(s)} {
			if len(written) >= leastSecret {
				pairs = append(pairs, written, "…")
			}
		}
	}
	return hidden{strings.NewReplacer(pairs...)}
}

// tokens are all of Slack's, also those of another app.
var tokens = regexp.MustCompile(`(?i)\b(xox[a-z]|xapp)-[0-9a-z-]{4,}`)

func (h hidden) text(s string) string {
	if h.replace != nil {
		s = h.replace.Replace(s)
	}
	return tokens.ReplaceAllString(s, "$1-…")
}

// attr is for [slog.HandlerOptions].
func (h hidden) attr(a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindString {
		return slog.String(a.Key, h.text(a.Value.String()))
	}
	if err, ok := a.Value.Any().(error); ok {
		return slog.String(a.Key, h.text(err.Error()))
	}
	return a
}

// error is err with another text, or nil.
func (h hidden) error(err error) error {
	if err == nil || h.text(err.Error()) == err.Error() {
		return err
	}
	return &hiddenError{h.text(err.Error()), err}
}

type hiddenError struct {
	text string
	err  error
}

func (e *hiddenError) Error() string { return e.text }
func (e *hiddenError) Unwrap() error { return e.err }

var password = regexp.MustCompile(`//[^/?#@:]*:([^/]*)@|\bpassword=([^&\s]+)`)

// passwordsIn are what may be the password in the URL of a database, as it is written
// and as it is meant; also in one that is not valid.
func passwordsIn(databaseURL string) []string {
	var all []string
	for _, found := range password.FindAllStringSubmatch(databaseURL, -1) {
		written := found[1] + found[2]
		all = append(all, written)
		if meant, err := url.PathUnescape(written); err == nil {
			all = append(all, meant)
		}
	}
	return all
}
