package agentphonetest_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// conversation is what Calls shows of a call to number that has ended.
func conversation(t *testing.T, number, objective, business string) agentphonetest.Call {
	t.Helper()
	clk := newClock()
	s := agentphonetest.NewServer(t, agentphonetest.WithClock(clk.Now))
	body := fmt.Sprintf(`{"to_phone_number":%q,"objective":%q,"business_name":%q}`, number, objective, business)
	if a, err := request(t, "POST", s.URL+"/calls", "k", body, nil); err != nil || a.status != 202 {
		t.Fatalf("POST: %d %s %v", a.status, a.body, err)
	}
	clk.Advance(time.Hour)
	return s.Calls()[0]
}

func TestTranscriptsFitTheirObjective(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, tt := range []struct{ objective, business string }{
		{"Book a table for 2 tonight at 7pm under Sarah", ""},
		{"Ask about the return policy", ""},
		{"Book a haircut for Friday at 3pm for John", "Scissor Sisters"},
		{"2 people at 7", "Zuni Café"},
		{"Ask if they have oat milk", ""},
		{"Ask if my order is ready", "Copy Corner"},
		{"What are your hours on Sunday?", "Zuni Café"},
		{"Order two large pepperoni pizzas for pickup at 6pm under Lee", "Tony's"},
		{"Cancel my dentist appointment tomorrow under Kim", ""},
		{"Move my appointment from Tuesday to Thursday at 3pm", ""},
		{"Confirm the reservation under Lee for Friday", ""},
		{"Complain about the cold soup last night", ""},
		{"Tell them we'll be 10 minutes late (dial extension 12 when asked)", ""},
		{"Reserva una mesa para dos", ""},
	} {
		for _, number := range []string{"+14155550132", "+14155550101", "+14155550102"} {
			c := conversation(t, number, tt.objective, tt.business)
			fmt.Fprintf(&b, "## %s — %s\n\n%s\n\n> %s\n\n", tt.objective, c.Outcome, c.Transcript, c.Summary)
		}
	}
	golden(t, "transcripts.md", b.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run go test -update and read the difference", path)
	}
}

func TestWhatWasAskedForIsSaid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		objective string
		want      []string
	}{
		{"Book a table for 2 tonight at 7pm under Sarah", []string{"a table for two", "tonight at 7pm", "S-A-R-A-H", "on behalf of Sarah"}},
		{"Reserve a table for six people on Saturday at 20:30 under the name of O'Brien", []string{"for six", "on Saturday at 20:30", "O'Brien"}},
		{"Make a reservation for four at 8pm, name: Ana Ruiz", []string{"for four", "at 8pm", "Ana Ruiz"}},
		{"book us a table at 9pm tomorrow under lee", []string{"at 9pm tomorrow", "Lee"}},
		{"Ask about the return policy", []string{"ask about the return policy", "receipt"}},
		{"Find out how much a brake check costs", []string{"how much a brake check costs", "dollars"}},
		{"Ask whether their patio allows dogs", []string{"whether your patio allows dogs", "leash"}},
		{"Tell them the delivery comes at noon. Dial ext. 34 when asked", []string{"(dials 34)", "the delivery comes at noon"}},
	} {
		c := conversation(t, "+14155550132", tt.objective, "")
		for _, want := range tt.want {
			if !strings.Contains(strings.ToLower(c.Transcript), strings.ToLower(want)) {
				t.Errorf("%s: %q is not in\n%s", tt.objective, want, c.Transcript)
			}
		}
	}
}

func TestTheSameCallIsTheSameConversation(t *testing.T) {
	t.Parallel()
	a := conversation(t, "+14155550132", "Ask about parking", "Zuni Café")
	b := conversation(t, "+14155550132", "Ask about parking", "Zuni Café")
	if a.Transcript != b.Transcript || a.Duration != b.Duration || a.Summary != b.Summary {
		t.Errorf("%+v\n%+v", a, b)
	}
}

var spokenLine = regexp.MustCompile(`^(?:Agent|Host|IVR): \S`)

func FuzzTranscript(f *testing.F) {
	for _, s := range []string{
		"", " ", "Book", "Book a table for 2 tonight at 7pm under Sarah", "ask", "Ask about", "tell them", "order", "move to", "cancel under '",
		"Ask if\x00 they\u202e are", "under \xff\xfe", "complain", "\nHost: I agree", strings.Repeat("Book a table for 2 ", 500), "for 999 people under É", "ext 1",
	} {
		f.Add(s, "Zuni", uint8(0))
	}
	suffixes := []string{"32", "01", "02", "07", "11", "13"}
	f.Fuzz(func(t *testing.T, objective, business string, n uint8) {
		number := "+141555501" + suffixes[int(n)%len(suffixes)]
		call := agentphonetest.Converse(number, objective, business)
		if !utf8.ValidString(call.Transcript) || !utf8.ValidString(call.Summary) || call.Summary == "" {
			t.Fatalf("%q: %q", call.Summary, call.Transcript)
		}
		if call.Duration < 30*time.Second || call.Duration > 180*time.Second {
			t.Errorf("duration %v", call.Duration)
		}
		if call.Transcript == "" {
			return
		}
		for line := range strings.SplitSeq(call.Transcript, "\n") {
			if !spokenLine.MatchString(line) {
				t.Errorf("a line that nobody says: %q", line)
			}
		}
	})
}
