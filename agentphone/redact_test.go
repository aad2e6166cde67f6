package agentphone_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/agentphone-slack/callbot/agentphone"
)

func TestTheKeyIsNotPrinted(t *testing.T) {
	t.Parallel()
	c := client(t, "http://localhost:1")
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "client", c, "value", *c, "in", struct{ C any }{c})
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "client", c, "value", *c, "in", struct{ C any }{c})
	printed := fmt.Sprintf("%v %+v %#v %s %q %x %d", c, c, c, c, c, c, c) +
		fmt.Sprintf("%+v %#v", *c, *c) + fmt.Sprintf("%+v %#v", struct{ c agentphone.Client }{*c}, struct{ c agentphone.Client }{*c}) +
		fmt.Sprintf("%+v", []any{c, *c}) + fmt.Sprintf("%+v", agentphone.Client{})
	marshalled, err := json.Marshal(map[string]any{"client": c})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{logged.String(), printed, string(marshalled)} {
		if strings.Contains(s, testKey) || strings.Contains(s, "s3cr3t") || strings.Contains(s, fmt.Sprintf("%x", testKey)) {
			t.Errorf("the key is in %s", s)
		}
	}
	if !strings.Contains(logged.String(), "localhost:1") {
		t.Errorf("log: %s", logged.String())
	}
}

func TestAnEchoedKeyIsRedacted(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(map[string]string{"message": "bad key " + testKey})
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]http.HandlerFunc{
		"text": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "key "+testKey, http.StatusUnauthorized) },
		"upper case": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, strings.ToUpper(testKey), http.StatusUnauthorized)
		},
		"JSON": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, string(quoted), http.StatusUnauthorized) },
		"escaped": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"m":"ap_live_s3cr3t\/Key+42"}`, http.StatusInternalServerError)
		},
		"query": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "ap_live_s3cr3t%2FKey%2B42", http.StatusInternalServerError)
		},
		"at the cut": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, strings.Repeat("x", 4090)+testKey, http.StatusInternalServerError)
		},
		"at the end": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, strings.Repeat(testKey, 4000), http.StatusInternalServerError)
		},
		"location":     func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/?k="+testKey, http.StatusFound) },
		"broken HTTP":  hijacked("HTTP/1.1 200 OK\r\n" + testKey + "\r\n\r\n"),
		"broken HTTP2": hijacked(testKey + "\r\n\r\n"),
		"broken JSON":  func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, testKey) },
		"unicode": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"message":"\u0061p_live_s3cr3t/Key+42"}`, http.StatusInternalServerError)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := answering(t, h)
			_, create := c.CreateCall(t.Context(), request(ordinary))
			_, get := c.GetCall(t.Context(), "x")
			for _, err := range []error{create, get} {
				if err == nil {
					t.Fatal("no error")
				}
				for e := err; e != nil; e = errors.Unwrap(e) {
					text := fmt.Sprintf("%v %+v %#v", e, e, e)
					if answer, ok := errors.AsType[*agentphone.Error](e); ok {
						text += answer.Body + answer.Message
					}
					if strings.Contains(strings.ToLower(text), "s3cr3t") {
						t.Errorf("the key is in %.300s", text)
					}
				}
			}
		})
	}
}

func TestNoHalfKeyIsLeftAtTheEnd(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("half-a-key-is-a-key-too-", 50)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, strings.Repeat(key, 100), http.StatusInternalServerError)
	}))
	defer s.Close()
	c, err := agentphone.NewClient(key, agentphone.WithBaseURL(s.URL))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.ListCalls(t.Context(), 1)
	var answer *agentphone.Error
	if !errors.As(err, &answer) || answer.Body == "" || strings.Contains(answer.Body+answer.Message, "half-a-key") {
		t.Errorf("%+v", answer)
	}
}

// hijacked answers with raw bytes.
func hijacked(raw string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, raw)
		_ = conn.Close()
	}
}
