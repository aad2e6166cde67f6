package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
)

func TestSecretsAreHiddenInLogsAndErrors(t *testing.T) {
	env := environment{
		SlackBotToken: "xoxb-1-aaaa", SlackAppToken: "xapp-1-bbbb", AgentPhoneKey: "key+of/the api",
		DatabaseURL: "postgres://callbot:pa%24s%22word@127.0.0.1/calls?sslpassword=x",
	}
	h := hide(env)
	for _, format := range []string{"json", "text"} {
		var out bytes.Buffer
		log := newLogger(settings{logFormat: format, hidden: h}, &out)
		for _, text := range []string{
			"xoxb-1-aaaa", "xapp-1-bbbb", "key+of/the api", "key%2Bof%2Fthe+api", "pa%24s%22word", `pa$s"word`, "xoxp-of-another",
		} {
			log.With(slog.String("with", text)).WithGroup("group").Error("of "+text, slog.String("a", text), slog.Any("error", fmt.Errorf("b: %w", errors.New(text)))) //nolint:sloglint // the message is looked at too
			if got := h.error(errors.New("c " + text)).Error(); !strings.HasPrefix(got, "c ") || strings.Contains(got, text) {
				t.Errorf("the error is %q", got)
			}
		}
		for _, part := range []string{"aaaa", "bbbb", "the api", "Fthe", "24s", "word", "another"} {
			if strings.Contains(out.String(), part) {
				t.Errorf("%s shows %q:\n%s", format, part, out.String())
			}
		}
	}
	if err := h.error(fmt.Errorf("d xoxb-1-aaaa: %w", os.ErrClosed)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v is no longer what it was", err)
	}
	if err := h.error(nil); err != nil {
		t.Error(err)
	}
}

func TestPasswordsAreFoundInWhateverIsSet(t *testing.T) {
	for in, want := range map[string]string{
		"postgres://u:secret@h/d":                "secret",
		"postgres://u:se/cr@et@h:port/d":         "",
		"postgres://u:secr@et@h:port/d":          "secr@et",
		"postgres://h/d?user=u&password=secret&": "secret",
		"host=h password=secret dbname=d":        "secret",
		"sqlite:postgres://u:secret@h/d":         "secret",
		"sqlite:callbot.db":                      "",
	} {
		if got := strings.Join(passwordsIn(in), " "); want == "" && got != "" || want != "" && got != want+" "+want {
			t.Errorf("in %q: got %q, want %q", in, got, want)
		}
	}
}
