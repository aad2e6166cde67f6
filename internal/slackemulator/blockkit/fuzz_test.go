package blockkit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/agentphone-slack/callbot/internal/slackemulator/blockkit"
)

// FuzzValidate gives any bytes: nothing panics, the same bytes get the same
// answer, and every refusal has a code and Slack's shape of messages.
func FuzzValidate(f *testing.F) {
	for _, tt := range blockRules {
		f.Add([]byte(encode(a{tt.accepted})))
		f.Add([]byte(encode(a{tt.refused})))
	}
	for _, tt := range viewRules {
		f.Add([]byte(encode(tt.accepted)))
		f.Add([]byte(encode(tt.refused)))
	}
	f.Add([]byte(`[{"type":"input","element":{"type":"plain_text_input","min_length":1e9999}}]`))
	f.Add([]byte(strings.Repeat("[", 20_000)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for name, validate := range map[string]func() error{
			"message": func() error { return blockkit.ValidateMessage(raw, "text") },
			"view":    func() error { return blockkit.ValidateView(raw) },
		} {
			err := validate()
			again := validate()
			if (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
				t.Errorf("%s: %v, then %v", name, err, again)
			}
			if err == nil {
				continue
			}
			var e *blockkit.Error
			if !errors.As(err, &e) || e.Code == "" {
				t.Fatalf("%s: %v is no *blockkit.Error with a code", name, err)
			}
			for _, m := range e.Messages {
				if !strings.HasPrefix(m, "[ERROR] ") || !strings.HasSuffix(m, "]") || !strings.Contains(m, " [json-pointer:/") {
					t.Errorf("%s: message %q", name, m)
				}
			}
		}
	})
}
