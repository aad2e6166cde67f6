package bot

import (
	"testing"
	"time"
	_ "time/tzdata" // the machine that tests may have no zones

	"github.com/agentphone-slack/callbot/internal/call"
)

const evening = "21:00-08:00"

func quietFrom(t testing.TB, hours string) func(*call.View) {
	t.Helper()
	h, err := call.ParseHours(hours)
	if err != nil {
		t.Fatal(err)
	}
	return func(v *call.View) { v.Quiet = h }
}

// timedScenes are calls whose messages depend on the time of day where the number is.
func timedScenes(t testing.TB) []scene {
	to := func(e164 string, at time.Time) *story {
		s := newStory(t)
		s.at = at
		return s.with(func(c *call.Call) {
			c.Number, c.Since, c.RequestedAt = number(t, e164), at, at
			c.ExpiresAt = at.Add(30 * time.Minute)
		})
	}
	night := time.Date(2026, 11, 24, 18, 12, 0, 0, time.UTC) // 3:12 AM in Tokyo
	quiet := quietFrom(t, evening)
	scheduled := func() *story {
		s := to("+81312345678", night)
		return s.on(call.Event{Kind: call.Schedule, Actor: bo, Revision: 1, Start: time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC)})
	}
	card, all := []string{"card"}, []string{"card", "status", "result"}
	return []scene{
		{"quiet", card, to("+81312345678", night), quiet, home{}},
		{"quiet_in_all_zones", card, to("+61491570006", night), quiet, home{}},
		{"quiet_in_some_zones", card, to("+18005550132", night), quiet, home{}},
		{"quiet_nobody_knows", card, to("+87812345678901", night), quiet, home{}},
		{"not_quiet", card, newStory(t), quiet, home{}},
		{"scheduled", all[:2], scheduled(), quiet, home{}},
		{"scheduled_in_thread", card, scheduled(), quiet, home{thread: true}},
		{"begun", all[:2], scheduled().on(call.Event{Kind: call.Begin, At: time.Date(2026, 11, 24, 23, 0, 1, 0, time.UTC)}), quiet, home{}},
		{"missed", all, scheduled().on(call.Event{
			Kind: call.SendBack, Reason: call.ReasonMissed,
			At: time.Date(2026, 11, 25, 1, 0, 0, 0, time.UTC), Expires: time.Date(2026, 11, 25, 1, 30, 0, 0, time.UTC),
		}), quiet, home{}},
	}
}

// TestCardTurns: a card is rendered anew when quiet hours begin or end, while it waits.
func TestCardTurns(t *testing.T) {
	night := time.Date(2026, 11, 25, 4, 50, 0, 0, time.UTC) // 8:50 PM in San Francisco
	s := newStory(t).with(func(c *call.Call) { c.Since, c.ExpiresAt = night, night.Add(30*time.Minute) })
	v := call.View{Now: night}
	if got := turns(s.call, v); !got.IsZero() {
		t.Errorf("without quiet hours it turns at %v", got)
	}
	quietFrom(t, evening)(&v)
	nine := night.Add(10 * time.Minute)
	if got := turns(s.call, v); !got.Equal(nine) {
		t.Errorf("turns at %v, want %v", got, nine)
	}
	before := renderCard(s.call, v, home{})
	v.Now = nine
	if renderCard(s.call, v, home{}).digest() == before.digest() {
		t.Error("at 9 PM the card is what it was before")
	}
	v.Now = night
	start := night.Add(5 * time.Minute)
	asked := newStory(t).with(func(c *call.Call) { c.Since, c.ExpiresAt, c.StartAt = night, night.Add(30*time.Minute), start })
	if got := turns(asked.call, v); !got.Equal(start) {
		t.Errorf("one that is asked for at %v turns at %v", start, got)
	}
	if got := turns(asked.call, call.View{Now: night}); !got.Equal(start) {
		t.Errorf("without quiet hours it turns at %v, want %v", got, start)
	}
	if got := turns(asked.call, call.View{Now: start, Quiet: v.Quiet}); !got.Equal(nine) {
		t.Errorf("once that is over it turns at %v, want %v", got, nine)
	}
	if got := turns(s.with(func(c *call.Call) { c.ExpiresAt = nine.Add(-1) }).call, v); !got.IsZero() {
		t.Errorf("it turns at %v, after it expired", got)
	}
	if got := turns(s.approved().call, v); !got.IsZero() {
		t.Errorf("an approved one turns at %v", got)
	}
}
