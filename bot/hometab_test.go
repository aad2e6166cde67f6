package bot

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/slackemulator/blockkit"
)

// inOps is a call whose card stands in #ops.
func inOps(c call.Call) call.Recent {
	return call.Recent{Call: c, Conversation: "C0OPS", Channel: "C0OPS", TS: "1700000000.000100"}
}

func repeated[T any](n int, one T) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = one
	}
	return list
}

// homeTabs are the Home tabs whose look is kept as a file.
func homeTabs(t testing.TB) map[string]homeTab {
	t.Helper()
	start := func() *story { return newStory(t) }
	named := func(c *call.Call) { c.Business = "Zuni Café" }
	three, one := 3, 1
	scheduled := start().with(named).on(call.Event{Kind: call.Schedule, Actor: ana, Revision: 1, Start: askedAt.Add(90 * time.Minute), Due: askedAt.Add(90 * time.Minute)}).call
	long := start().with(func(c *call.Call) {
		c.Objective, c.Business = strings.Repeat("📞", maxOffered/2), strings.Repeat("🍝", call.MaxBusiness)
		c.Website = "https://" + strings.Repeat("🌐", call.MaxWebsite-8)
		c.Disclosure = strings.Repeat("é", call.MaxDisclosure)
		c.Extension = strings.Repeat("9", 20)
	}).call
	earlier := inOps(start().with(named).talking().reported(call.Completed, booked).call)
	hostile := start().with(func(c *call.Call) {
		c.Objective = "<!channel> *Approved* by <@U0BOSS>\n✓ Achieved <https://evil.example|its card>"
		c.Business = "✓ Achieved · approved by <@U0BOSS> <!here>"
	})
	base := homeTab{
		who: call.Person{ID: ana}, channel: "D0ANA", workspace: workspace,
		overview: call.Overview{Now: askedAt},
	}
	with := func(change func(*homeTab)) homeTab {
		tab := base
		change(&tab)
		return tab
	}
	return map[string]homeTab{
		"new": base,
		"busy": with(func(t *homeTab) {
			t.overview.Credits = &three
			t.overview.Undecided = []call.Pending{{Recent: inOps(start().call)}}
			t.overview.Live = []call.Recent{inOps(start().with(named).talking().call), inOps(start().approved().call)}
			t.overview.Scheduled = []call.Recent{inOps(scheduled)}
			t.overview.Settled = []call.Recent{earlier, inOps(start().refused(call.ReasonNoCredits, "").call)}
		}),
		"approver": with(func(t *homeTab) {
			t.who.ID = bo
			t.policy = call.Policy{Approvers: call.People{Users: []call.UserID{bo}}}
			t.overview.Undecided = []call.Pending{{Recent: inOps(start().call), Earlier: &earlier}}
		}),
		"waiting_for_others": with(func(t *homeTab) {
			t.policy = call.Policy{Approvers: call.People{Users: []call.UserID{bo}}}
			t.overview.Undecided = []call.Pending{{Recent: inOps(start().call), Earlier: &earlier}}
		}),
		"paused": with(func(t *homeTab) {
			t.overview.Credits = &one
			t.overview.Pause = call.Pause{By: bo, At: askedAt}
			t.overview.Undecided = []call.Pending{{Recent: inOps(start().call)}}
		}),
		"too_long_to_decide": with(func(t *homeTab) {
			t.overview.Undecided = []call.Pending{{Recent: inOps(start().with(func(c *call.Call) { c.Objective = strings.Repeat("Ask about it. ", 100) }).call)}}
		}),
		"admin": with(func(t *homeTab) {
			t.limits = call.Limits{All: 100, User: 0}
			t.usage = &call.Usage{All: 12, Most: []call.UsageOf{{Requester: ana, Approvals: 7}, {Requester: bo, Approvals: 5}}}
		}),
		"refused": with(func(t *homeTab) { t.policy = call.Policy{Allowed: call.People{Users: []call.UserID{bo}}} }),
		"hostile": with(func(t *homeTab) {
			t.overview.Undecided = []call.Pending{{Recent: inOps(hostile.call)}}
			t.overview.Live = []call.Recent{inOps(hostile.talking().call)}
			t.overview.Settled = []call.Recent{inOps(hostile.reported(call.Completed, outcomeOf("<!channel>")).call)}
		}),
		"longest": with(func(t *homeTab) {
			t.quiet = quietAllDay(t)
			t.overview.Pause = call.Pause{By: bo, At: askedAt}
			t.policy = call.Policy{Approvers: call.People{Users: repeated(maxNamed, ana)}}
			t.overview.Undecided = repeated(20, call.Pending{Recent: inOps(long), Earlier: &earlier})
			t.overview.Live = repeated(20, inOps(start().with(func(c *call.Call) { c.Business = long.Business }).approved().call))
			t.overview.Scheduled = repeated(20, inOps(scheduled))
			t.overview.Settled = repeated(20, earlier)
			t.usage = &call.Usage{All: 1, Most: repeated(mostUsers, call.UsageOf{Requester: ana, Approvals: 1})}
		}),
	}
}

func outcomeOf(word string) call.Result {
	r := booked
	r.Outcome = word
	return r
}

// quietAllDay are hours that make a card offer the most.
func quietAllDay(*homeTab) call.Hours {
	h, err := call.ParseHours("00:00-23:59")
	if err != nil {
		panic(err)
	}
	return h
}

// TestHomeTabs holds what Home tabs look like, that Slack takes them, and that nothing in
// them is anybody else's markup.
func TestHomeTabs(t *testing.T) {
	for name, tab := range homeTabs(t) {
		v := renderHomeTab(tab)
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := blockkit.ValidateView(raw); err != nil {
			t.Errorf("%s: Slack refuses this: %v", name, err)
		}
		if again, err := json.Marshal(renderHomeTab(tab)); err != nil || string(again) != string(raw) {
			t.Errorf("%s looks different the second time, %v", name, err)
		}
		shown := message{text: "x", blocks: v.Blocks.BlockSet}
		for _, b := range generic(t, shown) {
			for _, e := range list(b["elements"]) {
				if strings.HasPrefix(fmt.Sprint(e["type"]), "rich_text") {
					checkRich(t, e, []string{string(ana), string(bo)})
				}
			}
		}
		compareJSON(t, filepath.Join("testdata", "views", homeFile+name+".json"), map[string]any{"shown": shownLines(t, shown), "view": v})
	}
}

// homeFile begins the names of the files of Home tabs.
const homeFile = "home_"

// TestHomeTabTellsNoTime: what passes by itself changes nothing, so that a view is sent
// when something has happened.
func TestHomeTabTellsNoTime(t *testing.T) {
	for name, tab := range homeTabs(t) {
		if name == "longest" {
			continue // quiet hours begin and end
		}
		before, err := json.Marshal(renderHomeTab(tab))
		if err != nil {
			t.Fatal(err)
		}
		tab.overview.Now = tab.overview.Now.Add(7 * time.Minute)
		after, err := json.Marshal(renderHomeTab(tab))
		if err != nil || string(after) != string(before) {
			t.Errorf("%s changes with time, %v", name, err)
		}
	}
}
