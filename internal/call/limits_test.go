package call

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/phone"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestDaily(t *testing.T) {
	for _, tc := range []struct {
		n, limit int
		limiting time.Time
		want     string // "": allowed
	}{
		{0, 0, time.Time{}, ""},
		{1000, 0, noon, ""},
		{0, 1, time.Time{}, ""},
		{19, 20, noon.Add(-time.Hour), ""},
		{20, 20, noon.Add(-time.Hour), "in 23 hours"},
		{25, 20, noon.Add(-90 * time.Minute), "in 22 h 30 min"},
		{1, 1, noon.Add(-24*time.Hour + time.Second), "1 call approved in the last 24 hours, which is the limit. The next one can be approved in a minute"},
		{1, 1, noon.Add(-23*time.Hour - 20*time.Minute), "in 40 minutes"},
		{1, 1, noon.Add(-23 * time.Hour), "in 1 hour"},
	} {
		err := daily(tc.n, tc.limit, tc.limiting, noon, "All people together", "CALLBOT_DAILY_LIMIT")
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%d of %d: %v, want %q", tc.n, tc.limit, err, tc.want)
		}
	}
}

// TestSameObjective: which pairs of objectives are the same, and which are not.
func TestSameObjective(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		same bool
	}{
		{"Ask whether they are open on Sunday", "Ask whether they are open on Sunday", true},
		{"Ask whether they are open on Sunday", "ASK whether they are open on sunday?!", true},
		{"Ask whether they are open on Sunday", "ask  whether they are open, on Sunday 29 March", true},
		{"Ask whether they are open on Sunday", "Ask whether they are open on Monday", true}, // 6 of 7 words
		{"Tell them that order 4711 is late", "Tell them that order 4712 is late", true},
		{"Tell Bob about our great new offer on roofs and windows", "Tell Ann about our great new offer on roofs and windows", true},
		{"Sag ihnen, dass wir ein großes Angebot haben", "SAG IHNEN dass wir ein GROSSES Angebot haben", true}, // 7 of 8: ß is no SS
		{"Demander s'ils sont ouverts dimanche", "Demander s’ils sont ouverts dimanche", true},
		{"日曜日に営業しているか聞いてください", "日曜日に営業しているか聞いてください", true},
		{"4711", "4712", true}, // nothing but numbers: nobody can tell
		{"Book a table for 2 under Sarah tonight", "Cancel my appointment with Dr. Chen", false},
		{"Ask whether they are open on Sunday", "Ask for the price of the blue one", false},
		{"Ask for Bob", "Ask for Bob and tell him that the delivery comes on Tuesday morning at the back door", false},
		{"Ask for Bob", "Ask for Ann", false}, // 2 of 3
		{"Book a table for two at seven", "Book a table for two at seven under Sarah in the garden", false},
		{"日曜日に営業しているか聞いてください", "予約をキャンセルしてください", false},
		{"Ask about the price", "4711", false},
	} {
		for _, pair := range [][2]string{{tc.a, tc.b}, {tc.b, tc.a}} {
			got := inCommon(wordsOf(pair[0]), wordsOf(pair[1]))
			if (got >= sameWords) != tc.same {
				t.Errorf("%q and %q have %.2f in common; the same: %v, want %v", pair[0], pair[1], got, !tc.same, tc.same)
			}
		}
	}
}

func TestBulk(t *testing.T) {
	number := func(i int) phone.Number {
		n, err := phone.ParseE164(fmt.Sprintf("+1415555%04d", 100+i))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	others := func(n int, objective string) []Asked {
		var list []Asked
		for i := range n {
			list = append(list, Asked{Call: ID(fmt.Sprint(i)), Number: number(i + 1).E164(), Objective: objective})
		}
		return list
	}
	const message = "Tell them about our offer"
	for name, tc := range map[string]struct {
		others  []Asked
		limit   int
		refused bool
	}{
		"nobody else":             {nil, 10, false},
		"the tenth":               {others(9, message), 10, false},
		"the eleventh":            {others(10, message), 10, true},
		"the eleventh, no limit":  {others(10, message), 0, false},
		"other objectives":        {others(50, "Ask whether they are open"), 10, false},
		"often to one number":     {append(others(1, message), append(others(1, message), others(1, message)...)...), 2, false},
		"one, and one allowed":    {others(1, message), 1, true},
		"mixed, below the limit":  {append(others(9, message), others(40, "Book a table")...), 10, false},
		"again to the same lot":   {append(others(9, message), Asked{Number: number(0).E164(), Objective: message}), 10, false},
		"eleven with this number": {append(others(10, message), Asked{Number: number(0).E164(), Objective: message}), 10, true},
	} {
		t.Run(name, func(t *testing.T) {
			err := bulk(Request{Number: number(0), Objective: message}, tc.others, tc.limit)
			if (err != nil) != tc.refused {
				t.Errorf("%v", err)
			}
		})
	}
}
