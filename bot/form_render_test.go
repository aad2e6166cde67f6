package bot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/slackemulator/blockkit"
)

// formScenes are calls that were asked for with the form.
func formScenes(t testing.TB) []scene {
	wants := func(e164 string, in time.Duration) *story {
		return newStory(t).with(func(c *call.Call) { c.Number, c.StartAt = number(t, e164), askedAt.Add(in) })
	}
	quiet := quietFrom(t, evening)
	edited := call.Event{Kind: call.Revise, Actor: ana, Reason: call.ReasonRevised, Expires: askedAt.Add(time.Hour), Request: call.Request{
		Number: number(t, "+14155550133"), Objective: "Book a table for 3 tonight at 8pm under Sarah", Business: "Zuni Café",
	}}
	edits := func(s *story) *story {
		edited.Revision = s.call.Revision
		return s.on(edited)
	}
	card := []string{"card"}
	return []scene{
		{"wanted_today", card, wants("+14155550132", 3*time.Hour), quiet, home{}},
		{"wanted_tomorrow", card, wants("+14155550132", 24*time.Hour), quiet, home{}},
		{"wanted_while_quiet", card, wants("+442079460123", 10*time.Hour), quiet, home{}},
		{"wanted_nobody_knows", card, wants("+87812345678901", 2*time.Hour), quiet, home{}},
		{"wanted_passed", card, wants("+14155550132", 10*time.Second), quiet, home{}},
		{"wanted_in_quiet_hours", card, wants("+14155550132", 8*time.Hour), quiet, home{}},
		{"edited", card, edits(newStory(t)), nil, home{}},
		{"edited_after_refusal", []string{"card", "status"}, edits(newStory(t).refused(call.ReasonInvalid, "to_phone_number is not callable")), nil, home{}},
	}
}

// renderingApp is an app that only renders.
func renderingApp(t testing.TB) *App {
	t.Helper()
	now := func() time.Time { return askedAt }
	return New(Config{Service: call.NewService(nil, call.Rules{Quiet: hoursOf(t)}, time.Hour, now), Region: "US", Logger: slog.New(slog.DiscardHandler)})
}

func hoursOf(t testing.TB) call.Hours {
	t.Helper()
	h, err := call.ParseHours("21:00-08:00")
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// formViews are the forms whose look is kept as a file.
func formViews(t testing.TB) map[string]slack.ModalViewRequest {
	t.Helper()
	a := renderingApp(t)
	here := about{Conversation: "C0OPS", Reply: "https://hooks.slack.com/commands/T0/1/x"}
	wrongly := func(text string) slack.ModalViewRequest {
		_, err := parseCommand(text, "US")
		if err == nil || err.form == nil {
			t.Fatalf("%q opens no form", text)
		}
		return titled("Place a call", err.form.note, here).view(err.form.draft)
	}
	partly := newStory(t).with(func(c *call.Call) { c.Business, c.Website = "Zuni Café", "https://zunicafe.example" }).talking().
		reported(call.Completed, with(booked, func(r *call.Result) {
			r.Outcome, r.Summary = call.Partial, "7pm was full.\nThey offered 8:15 and hold it until 6pm."
		})).call
	open, _ := withOpenPoint(partly)
	again := a.formOf(partly)
	again.objective = open
	later := a.formOf(partly)
	later.start, later.private = a.svc.Suggest(partly.Request), true
	long := newStory(t).with(func(c *call.Call) {
		c.Objective = strings.Repeat("📞", call.MaxObjective)
		c.Business = strings.Repeat("🍝", call.MaxBusiness)
		c.Website = "https://" + strings.Repeat("🌐", call.MaxWebsite-8)
		c.Extension = strings.Repeat("9", 20)
		c.StartAt = askedAt.Add(time.Hour)
	}).call
	return map[string]slack.ModalViewRequest{
		"empty":         titled("Place a call", "", here).view(draft{}),
		"always_alike":  newCall("", here).view(draft{}), // where every call is private, or there is nobody else
		"no_objective":  wrongly(`(415) 555-0132 x12 at "Zuni Café"`),
		"no_number":     wrongly("Book a table for 2 tonight"),
		"number_last":   wrongly("Ask Zuni whether they are open, their number is (415) 555-0132"),
		"short_number":  wrongly("415-555-013 Ask about hours"),
		"edit":          editForm("", about{Edits: buttonValue(partly), Conversation: "C0OPS"}).view(a.formOf(partly)),
		"call_back":     titled("Call back later", "", here).view(later),
		"try_with":      titled("Try again", openPointNote, here).view(again),
		"about_message": aboutView(t, "Can somebody ring Zuni at <tel:4155550132|(415) 555-0132> &amp; book a table for 2? See <https://zunicafe.example|Zuni>"),
		"about_several": aboutView(t, "Desk +1 415 555 0199, kitchen (415) 555-0188 x12"),
		"about_none":    aboutView(t, "Who wants to <@U0BO|bo> come along?"),
		"about_secret":  aboutView(t, "Call (415) 555-0132, the card is 4111 1111 1111 1111"),
		"about_longest": aboutView(t, strings.Repeat("(415) 555-0100 x12345678, (415) 555-0101, +878 12345678901, &amp; 📞 ", 400)),
		"from_anywhere": newCall("", about{Asks: true}).view(draft{}),
		"longest":       editForm(tooLongNote, about{Conversation: "C0OPS", Edits: buttonValue(long), Reply: "https://hooks.slack.com/" + strings.Repeat("x", 1900)}).view(a.formOf(long)),
		"later":         a.laterForm(partly, buttonValue(partly), askedAt.Add(90*time.Minute)),
		"never":         neverModal(partly.ID),
		"share":         shareModal(partly.ID),
		"notice":        noticeModal(answerText(call.ErrPaused.Sentence)),
		"notice_long":   noticeModal(answerText(strings.Repeat("<&>", 1000))),
		"longest_again": titled("Try again", openPointNote, about{Conversation: "C0OPS", Thread: "1700000000.000100", Reply: "https://hooks.slack.com/" + strings.Repeat("\"", 1900)}).view(draft{objective: hugeOpenPoint(long)}),
	}
}

// aboutView is the form about a message.
func aboutView(t testing.TB, text string) slack.ModalViewRequest {
	t.Helper()
	var in slack.InteractionCallback
	in.Channel.ID, in.MessageTs, in.Message.Text, in.ResponseURL = "C0OPS", "1700000000.000100", text, "https://hooks.slack.com/actions/T0/1/x"
	f, d := renderingApp(t).aboutMessage(in)
	return f.view(d)
}

func titled(title, note string, m about) form {
	f := newCall(note, m)
	f.title, f.choice = title, true
	return f
}

func hugeOpenPoint(c call.Call) string {
	c.Objective, c.Summary = strings.Repeat("x", call.MaxObjective), strings.Repeat("📞 & <b> ", 2500)
	text, _ := withOpenPoint(c)
	return text
}

// TestFormViews holds what the forms look like, and that Slack takes them.
func TestFormViews(t *testing.T) {
	views := formViews(t)
	for name, v := range views {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := blockkit.ValidateView(raw); err != nil {
			t.Errorf("%s: Slack refuses this: %v", name, err)
		}
		for _, block := range v.Blocks.BlockSet {
			if in, ok := block.(*slack.InputBlock); ok {
				if text, ok := in.Element.(*slack.PlainTextInputBlockElement); ok && units(text.InitialValue) > maxInput {
					t.Errorf("%s: %d characters in %s", name, units(text.InitialValue), in.BlockID)
				}
			}
		}
		compareJSON(t, filepath.Join("testdata", "views", name+".json"), map[string]any{"shown": shownView(t, raw), "view": v})
	}
	files, err := filepath.Glob(filepath.Join("testdata", "views", "*.json"))
	if of := len(views) + len(homeTabs(t)); err != nil || len(files) != of && !*update {
		t.Errorf("%d files for %d views, %v", len(files), of, err)
	}
}

// shownView is what a person reads of a form, for the reviewer of a golden file.
func shownView(t testing.TB, raw []byte) []string {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	said := func(o any) string {
		text, _ := o.(map[string]any)
		s, _ := text["text"].(string)
		return s
	}
	lines := []string{"# " + said(v["title"])}
	for _, b := range list(v["blocks"]) {
		switch b["type"] {
		case "section":
			lines = append(lines, said(b["text"]))
		case "context":
			for _, e := range list(b["elements"]) {
				lines = append(lines, "  "+said(e))
			}
		case "input":
			el, _ := b["element"].(map[string]any)
			label := said(b["label"])
			if b["optional"] == true {
				label += " (optional)"
			}
			value := ""
			switch {
			case el["initial_value"] != nil:
				value = fmt.Sprint(el["initial_value"])
			case el["initial_date_time"] != nil:
				value = fmt.Sprintf("{%.0f}", el["initial_date_time"])
			case el["placeholder"] != nil:
				value = "‹" + said(el["placeholder"]) + "›"
			}
			lines = append(lines, label)
			for _, option := range list(el["options"]) {
				mark := "( ) "
				if initial, _ := el["initial_option"].(map[string]any); initial["value"] == option["value"] {
					mark = "(•) "
				}
				lines = append(lines, mark+said(option["text"]))
			}
			if el["options"] == nil {
				lines = append(lines, "[ "+value+" ]")
			}
			if hint := said(b["hint"]); hint != "" {
				lines = append(lines, "  "+hint)
			}
		}
	}
	return append(lines, fmt.Sprintf("[ %s ] [ %s ]", said(v["close"]), said(v["submit"])))
}

func compareJSON(t *testing.T, path string, v any) {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run: go test ./bot -update)", err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// TestWhatOpensAForm: what was typed is in it, and what must not be called gets a sentence.
func TestWhatOpensAForm(t *testing.T) {
	for text, want := range map[string]draft{
		"(415) 555-0132":                                {number: "(415) 555-0132"},
		"<tel:4155550132|4155550132>":                   {number: "(415) 555-0132"},
		"+44 20 7946 0123":                              {number: "+44 20 7946 0123"},
		"(415) 555-0132 x12":                            {number: "(415) 555-0132 x12"},
		`(415) 555-0132 "" https://a.example`:           {number: "(415) 555-0132", website: "https://a.example"},
		`(415) 555-0132 at "Zuni Café"`:                 {number: "(415) 555-0132", business: "Zuni Café"},
		"Book a table <!channel>":                       {objective: "Book a table <!channel>"},
		`Ask at "Zuni Café" about it https://a.example`: {objective: "Ask about it", business: "Zuni Café", website: "https://a.example"},
		"555-0132 Ask about hours":                      {number: "555-0132", objective: "Ask about hours"},
		"415-555-013 Ask about hours":                   {number: "415-555-013", objective: "Ask about hours"},
		"+1XXXXXXXXXX Ask":                              {number: "+1XXXXXXXXXX", objective: "Ask"},
		"please call (415) 555-0132 ask about hours":    {number: "(415) 555-0132", objective: "ask about hours"},
	} {
		_, err := parseCommand(text, "US")
		if err == nil || err.form == nil {
			t.Errorf("%q: no form", text)
			continue
		}
		if diff := cmp.Diff(want, err.form.draft, cmp.AllowUnexported(draft{})); diff != "" || err.form.note == "" || strings.HasSuffix(err.form.note, ":") {
			t.Errorf("%q: note %q, %s", text, err.form.note, diff)
		}
	}
	for _, text := range []string{"911 help", "988 I feel bad", "please call 911", "1-900-555-0132 Ask", "+870 773 111 632 Ask", "411", "(415) 555-0132 or (415) 555-0133 ask", "+49 30 1234567 2 Personen um 7"} {
		if _, err := parseCommand(text, "US"); err == nil || err.form != nil {
			t.Errorf("%q opens a form: %+v", text, err)
		}
	}
}

// TestWithOpenPoint: what the called party's side said is set apart, and never all there is.
func TestWithOpenPoint(t *testing.T) {
	c := newStory(t).call
	for summary, want := range map[string]string{
		"":                                  "",
		" \n":                               "",
		"7pm was full.\n8 is not.":          lastTime + "“7pm was full. 8 is not.”",
		`He said "no” to it`:                lastTime + "“He said 'no' to it”",
		"their card is 4111 1111 1111 1111": "",
		"a\u202eb\u200b":                    lastTime + "“ab”",
	} {
		c.Summary = summary
		got, kept := withOpenPoint(c)
		if got != c.Objective+want || kept != (want != "") {
			t.Errorf("%q: %q, %t", summary, got, kept)
		}
	}
	c.Summary = strings.Repeat("📞 & <b> ", 2500)
	if got, _ := withOpenPoint(c); units(got) > units(c.Objective)+units(lastTime)+maxOpenPoint+2 || !strings.HasSuffix(got, "…”") {
		t.Errorf("%d characters", units(got))
	}
	c.Objective = strings.Repeat("x", maxInput-60)
	if got, kept := withOpenPoint(c); kept || got != c.Objective {
		t.Errorf("no room: %t", kept)
	}
}

// TestSuggestions: the longest names stay within Slack's limits, and are filled in.
func TestSuggestions(t *testing.T) {
	for _, c := range []call.Called{
		{Number: number(t, "+14155550132")},
		{Number: number(t, "+14155550132"), Extension: strings.Repeat("9", 15), Business: "Zuni; Café"},
		{Number: number(t, "+442079460123"), Business: strings.Repeat("🍝", call.MaxBusiness)},
		{Number: number(t, "+87812345678901"), Extension: strings.Repeat("9", 40), Business: forged},
	} {
		o := suggestion(c)
		if units(o.Text.Text) > maxOptionText || units(o.Value) > maxOptionValue || o.Text.Type != slack.PlainTextType || strings.ContainsAny(o.Text.Text, "\n\u202e") {
			t.Errorf("%q, %q", o.Text.Text, o.Value)
		}
		got, ok := parseSuggestion(o.Value)
		if !ok || got.Number != c.Number || got.Extension != c.Extension || !strings.HasPrefix(oneLine(c.Business), got.Business) || got.Business == "" && c.Business != "" {
			t.Errorf("%+v became %+v, %t", c, got, ok)
		}
	}
	worst := suggestion(call.Called{Number: number(t, "+14155550132"), Business: strings.Repeat("<", call.MaxBusiness)})
	raw, err := json.Marshal(suggestions{Options: slices.Repeat([]*slack.OptionBlockObject{worst}, maxSuggested)})
	if err != nil || len(raw) > 20_000 { // Slack's limit of an ack
		t.Errorf("%d bytes, %v", len(raw), err)
	}
	for _, value := range []string{"", "x", "+14155550132", "+14155550132;", "+14155550132;x;Zuni", "911;;Zuni", ";;"} {
		if c, ok := parseSuggestion(value); ok {
			t.Errorf("%q is %+v", value, c)
		}
	}
}

// TestReadWebsite: people leave https:// out.
func TestReadWebsite(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "zunicafe.example": "https://zunicafe.example", "https://zunicafe.example/menu?a=b": "https://zunicafe.example/menu?a=b",
		"www.zunicafe.example/menu": "https://www.zunicafe.example/menu",
	} {
		if got, ok := readWebsite(text); got != want || !ok {
			t.Errorf("%q: %q, %t", text, got, ok)
		}
	}
	for _, text := range []string{"Zuni", "their site", "ftp://a.example", "https://a.example and more", "https://user:pass@a.example", "javascript:alert(1)", "<https://a.example>"} {
		if got, ok := readWebsite(text); ok {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// TestAbout: what a form carries stays within Slack's limit.
func TestAbout(t *testing.T) {
	m := about{Conversation: "C1", Reply: strings.Repeat("\"", 2000)}
	if got := m.encode(); len(got) > maxMetadata {
		t.Errorf("%d characters", len(got))
	} else if back, ok := parseAbout(got); !ok || back != (about{Conversation: "C1"}) {
		t.Errorf("%+v, %t", back, ok)
	}
	for _, text := range []string{"", "{}", "x", `{"r":"https://hooks.slack.com"}`} {
		if m, ok := parseAbout(text); ok {
			t.Errorf("%q is %+v", text, m)
		}
	}
}

// TestButtonsOfAResult fit in a row, whatever it lacks.
func TestButtonsOfAResult(t *testing.T) {
	for _, s := range scenes(t) {
		for _, list := range [][]*slack.ButtonBlockElement{
			resultButtons(s.story.call, call.View{}), proposalButtons(s.story.call, call.View{Now: s.story.at, Quiet: hoursOf(t)}),
		} {
			list = slices.DeleteFunc(list, func(b *slack.ButtonBlockElement) bool { return b == nil })
			if len(list) > 5 {
				t.Errorf("%s: %d buttons", s.name, len(list))
			}
		}
	}
}
