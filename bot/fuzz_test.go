package bot

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/slackemulator/blockkit"
)

// FuzzParseCommand: whatever is typed behind /call, the answer is a request that may be
// placed and holds only what was typed, or a sentence that is safe to post.
func FuzzParseCommand(f *testing.F) {
	for _, text := range []string{
		strings.TrimPrefix(example, "/call "),
		`(415) 555-0132 x12 Ask whether they are open on Sunday at "Zuni Café" https://example.com`,
		`(415) 555-0132 at „Zuni“ ask`,
		`(415) 555-0132, “Ask about it”`,
		`(415) 555-0132 <https://example.com|here> Ask`,
		`(415) 555-0132 and 415 555 0133 Ask`,
		"<tel:+14155550132|(415) 555-0132> Ask <!channel> & `code`",
		"+49 30 23125 012 2 Personen", "911 help", "1-900-555-0132 Ask", "+881 6 1234 5678 Ask",
		"{{phone}} Ask", "`` ` ``", "at \"\"", "\u202e(415) 555-0132\xff Ask", "(415) 555-0132 \"\"", "",
	} {
		f.Add(text, "US")
		f.Add(text, "DE")
	}
	everywhere, err := phone.ParseCountries("*")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text, region string) {
		req, refusal := parseCommand(text, region)
		if refusal != nil {
			checkAnswer(t, text, refusal)
			return
		}
		if err := req.Number.Check(everywhere); err != nil {
			t.Errorf("%q: %s must not be called: %v", text, req.Number, err)
		}
		if strings.Trim(req.Extension, "0123456789") != "" {
			t.Errorf("%q: extension %q", text, req.Extension)
		}
		if req.Objective == "" {
			t.Errorf("%q: no objective", text)
		}
		// The objective is the text without the business, so that it may be in two parts.
		for word := range strings.FieldsSeq(req.Objective) {
			if !strings.Contains(text, word) {
				t.Errorf("%q: the objective's %q was not typed", text, word)
			}
		}
		for name, part := range map[string]string{"business": req.Business, "website": req.Website} {
			if !strings.Contains(text, part) || strings.ContainsAny(part, "\n") {
				t.Errorf("%q: the %s %q was not typed", text, name, part)
			}
		}
		if utf8.ValidString(text) && !utf8.ValidString(req.Objective+req.Business+req.Website) {
			t.Errorf("%q: a character was cut: %+v", text, req)
		}
	})
}

// checkAnswer: what is posted about a wrong command says something, and nothing in it is
// live in Slack.
func checkAnswer(t *testing.T, text string, refusal *inputError) {
	t.Helper()
	if refusal.sentence == "" || len(refusal.sentence) > 1500 {
		t.Errorf("%q: the sentence is %q", text, refusal.sentence)
	}
	if answer := refusal.answer("/call "); strings.ContainsAny(answer, "<>") {
		t.Errorf("%q: the answer has markup: %q", text, answer)
	}
	if f := refusal.form; f != nil {
		if f.note == "" || units(f.note) > 1500 || strings.HasSuffix(f.note, ":") {
			t.Errorf("%q: the form says %q", text, f.note)
		}
		for word := range strings.FieldsSeq(f.objective + " " + f.business + " " + f.website) {
			if !strings.Contains(text, word) {
				t.Errorf("%q: %q in the form was not typed", text, word)
			}
		}
		raw, err := json.Marshal(newCall(f.note, about{Conversation: "C0OPS"}).view(f.draft))
		if err == nil {
			err = blockkit.ValidateView(raw)
		}
		if err != nil {
			t.Errorf("%q: Slack refuses the form: %v", text, err)
		}
	}
	for _, c := range refusal.commands {
		if !strings.HasPrefix(c, commandCall+" ") {
			t.Errorf("%q: suggests %q", text, c)
		}
		if shown := code(c); strings.Count(shown, "`") != 2 || strings.Contains(shown, "\n") {
			t.Errorf("%q: %q breaks out of its code", text, shown)
		}
	}
}
