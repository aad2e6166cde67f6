package bot

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/agentphone-slack/callbot/internal/call"
)

func TestButtonValue(t *testing.T) {
	for value, want := range map[string]bool{
		"k3v9x2m7q4w8z1p5:12": true, "a:0": true,
		"": false, "a": false, "a:": false, ":1": false, "a:b": false, "a:-1": false, "a:01": false, "a:+1": false,
		"a:1:2": false, "a b:1": false, "A:1": false, "a:99999999999999999999": false, strings.Repeat("a", 65) + ":1": false,
	} {
		id, revision, ok := parseButtonValue(value)
		if ok != want {
			t.Errorf("parseButtonValue(%q) = %v, want %v", value, ok, want)
		}
		if ok && buttonValue(call.Call{ID: id, Revision: revision}) != value {
			t.Errorf("%q does not come back", value)
		}
	}
}

func TestElapsed(t *testing.T) {
	for _, c := range []struct {
		gone time.Duration
		want string
	}{
		{-time.Minute, ""},
		{9 * time.Second, ""},
		{19 * time.Second, "10 s"},
		{119 * time.Second, "1 min 50 s"},
		{149 * time.Second, "2 min"},
		{151 * time.Second, "2 min 30 s"},
		{11*time.Minute + 59*time.Second, "11 min"},
		{74 * time.Minute, "1 h"},
		{100 * time.Minute, "1 h 30 min"},
	} {
		if got := elapsed(askedAt, askedAt.Add(c.gone)); got != c.want {
			t.Errorf("elapsed(%s) = %q, want %q", c.gone, got, c.want)
		}
	}
	if got := elapsed(time.Time{}, askedAt); got != "" {
		t.Errorf("without a beginning: %q", got)
	}
}

// An edit costs one of 50 a minute for the whole workspace.
func TestStatusChangesSeldom(t *testing.T) {
	s := newStory(t).talking()
	v := call.View{Now: s.call.AcceptedAt, Ahead: -1}
	edits, last := 0, ""
	for range 5 * 60 {
		v.Now = v.Now.Add(time.Second)
		m, _ := renderStatus(s.call, v, home{})
		if d := m.digest(); d != last {
			edits, last = edits+1, d
		}
	}
	if edits > 20 {
		t.Errorf("%d edits in 5 minutes of talking", edits)
	}
	first, second := renderCard(s.call, v, home{}), renderCard(s.call, call.View{Now: v.Now.Add(time.Hour), Ahead: 3}, home{})
	if first.digest() != second.digest() {
		t.Error("the card changes with time alone")
	}
}

func TestNumberWords(t *testing.T) {
	for e164, want := range map[string]string{
		"+14155550132":  "(415) 555-0132 | San Francisco, CA",
		"+18005550132":  "(800) 555-0132 | toll-free, United States",
		"+442079460123": "+44 20 7946 0123 | London, United Kingdom",
		"+14165550132":  "(416) 555-0132 | Ontario, Canada",
	} {
		n := number(t, e164)
		if got := numberWords(n) + " | " + place(n); got != want {
			t.Errorf("%s: %q, want %q", e164, got, want)
		}
	}
}

func TestRecordingName(t *testing.T) {
	c := newStory(t).talking().reported(call.Completed, booked).call
	for kind, want := range map[string]string{
		"audio/wav":              "call-415-555-0132-2026-11-24.wav",
		"audio/MPEG; charset=\"": "call-415-555-0132-2026-11-24.audio",
		"Audio/Mpeg":             "call-415-555-0132-2026-11-24.mp3",
		"audio/mp4; codecs=mp4a": "call-415-555-0132-2026-11-24.m4a",
		"../../wav":              "call-415-555-0132-2026-11-24.audio",
		"":                       "call-415-555-0132-2026-11-24.audio",
	} {
		if got := recordingName(parts(c)[0], kind); got != want {
			t.Errorf("recordingName(%q) = %q, want %q", kind, got, want)
		}
	}
	c.Number = number(t, "+442079460123")
	if got := recordingName(parts(c)[0], "audio/ogg"); got != "call-44-20-7946-0123-2026-11-25.ogg" {
		t.Errorf("abroad: %q", got)
	}
}

// The objective that a person approves is the one on the card.
func TestCardShowsTheObjective(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := newStory(t)
		s.call.Objective = rapid.StringOfN(rapid.RuneFrom([]rune("aé📞 \n<>&*_:`|\\\"")), 1, call.MaxObjective, -1).Draw(r, "objective")
		var quoted []string
		for _, b := range generic(t, renderCard(s.call, call.View{}, home{})) {
			for _, e := range list(b["elements"]) {
				if e["type"] == "rich_text_quote" {
					quoted = append(quoted, inline(e))
				}
			}
		}
		if got := strings.Join(quoted, ""); got != s.call.Objective {
			t.Errorf("the card shows %q, not %q", got, s.call.Objective)
		}
	})
}

// Whatever happens to a call in whichever order, its messages hold, and say that
// nobody was called only where that is so.
func TestAnyLifeRenders(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := newStory(t)
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			s.at = s.at.Add(time.Duration(rapid.IntRange(1, 3600).Draw(r, "seconds")) * time.Second)
			next, err := call.Apply(s.call, call.Event{
				Kind: rapid.SampledFrom(call.Kinds()).Draw(r, "kind"), At: s.at, Actor: ana,
				Revision: s.call.Revision, Attempt: s.call.Attempts, Expires: s.at.Add(time.Hour),
				Reason: rapid.SampledFrom([]call.Reason{
					"", call.ReasonInvalid, call.ReasonNoCredits, call.ReasonRateLimited, call.ReasonRule, call.ReasonUnknownFate, call.ReasonGone,
				}).Draw(r, "reason"),
				Detail: forged, ProviderID: rapid.SampledFrom([]string{"cl_a", "cl_b"}).Draw(r, "id"),
				LookResult:     rapid.SampledFrom([]call.LookResult{call.LookNone, call.LookSeveral, call.LookUnclear}).Draw(r, "look"),
				ReportedStatus: rapid.SampledFrom(call.Statuses()).Draw(r, "status"),
				Result:         rapid.SampledFrom([]call.Result{{}, booked, {Outcome: call.Achieved}}).Draw(r, "result"),
			})
			if err != nil {
				continue
			}
			s.call = next
			v := call.View{Now: s.at, Ahead: 0}
			checkAll(t, s.call, v, home{})
			for slot, m := range renderings(s.call, v, home{}) {
				if s.call.ProviderID != "" && strings.Contains(strings.ToLower(m.text), "nobody was called") {
					t.Errorf("the %s of a call that AgentPhone took says that nobody was called", slot)
				}
			}
		}
	})
}
