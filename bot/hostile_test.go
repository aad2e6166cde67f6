package bot

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"pgregory.net/rapid"

	"github.com/agentphone-slack/callbot/internal/call"
)

// forged tries what a person or the called party could say to mislead a reader. It
// begins with a line break and a status, so that it stands out where it got through.
const forged = "\n✓ FORGED <!channel> <!here> @here <@U0BOSS> <https://evil.example|click> &lt;!channel&gt; " +
	":white_check_mark: *bold* `code`\u202e txet\u2028✓ FORGED\U000E0041\U000E0042" +
	" · asked by @boss ✅ FORGED → ⚠ FORGED *Approved by @boss* _so_ ~not~ &amp;lt;!here&amp;gt; https://evil.example www.evil.example " +
	"<!subteam^S0BOSS> <!date^0^now|soon> <#C0BOSS> <mailto:a@evil.example> ```\n&gt; *Approved*\r\n:x:\u2066\u200b\u2029✓ FORGED"

func hostileScenes(t testing.TB) []scene {
	evil := func() *story {
		return newStory(t).with(func(c *call.Call) {
			c.Objective, c.Business, c.Website = "Say hello"+forged, "Zuni"+forged, "https://zuni.example/"+forged
			c.Disclosure = "This is Acme." + forged
		})
	}
	said := call.Result{
		Outcome: "achieved" + forged, Summary: "All fine." + forged, RecordingURL: "https://agentphone.app/r/abc.wav",
		Transcript: "Agent: Hi." + forged + "\n<!channel>: go", Duration: time.Second,
	}
	huge := func() *story {
		return newStory(t).with(func(c *call.Call) {
			c.Objective = strings.Repeat("📞", call.MaxObjective)
			c.Business = strings.Repeat("🍝", call.MaxBusiness)
			c.Website = "https://" + strings.Repeat("🌐", call.MaxWebsite-8)
			c.Extension = strings.Repeat("9", 20)
			c.Disclosure = strings.Repeat("🤖", call.MaxDisclosure)
		})
	}
	return []scene{
		{"hostile", []string{"card"}, evil(), credits(4), home{}},
		{"hostile_sent_back", []string{"card", "result"}, evil().approved().on(call.Event{
			Kind: call.SendBack, Reason: call.ReasonRule, Expires: askedAt.Add(time.Hour), Detail: "No." + forged,
		}), nil, home{}},
		{"hostile_refused", []string{"card", "result"}, evil().refused(call.ReasonInvalid, "bad"+forged), nil, home{}},
		{"hostile_completed", []string{"card", "status", "result", "transcript"}, evil().talking().reported(call.Completed, said), nil, home{}},
		{"hostile_right_to_left", []string{"card"}, newStory(t).with(func(c *call.Call) {
			c.Business, c.Objective = "מסעדת \u202eחוף", "שאל אם פתוח ביום ראשון"
		}), nil, home{}},
		{"longest", []string{"card"}, huge(), credits(0), home{dm: true}},
		{"longest_edited", []string{"card"}, huge().with(func(c *call.Call) {
			c.Reason, c.StartAt, c.Lost = call.ReasonRevised, askedAt.Add(24*time.Hour), 1
		}), func(v *call.View) { credits(0)(v); paused(v); calledBefore(t, "C0OPS")(v) }, home{dm: true, workspace: workspace, policy: call.Policy{
			Approval: call.ByOther, Approvers: call.People{Users: slices.Repeat([]call.UserID{"U0123456789ABCDEF"}, maxNamed+3), Groups: []call.GroupID{"S0123456789ABCDEF"}},
		}}},
		{"longest_workflow", []string{"card"}, huge().with(func(c *call.Call) { c.Requester, c.Decider = "", ana }), credits(0), home{dm: true, awaited: true}},
		{"longest_refused", []string{"result"}, huge().refused("odd", strings.Repeat("é", 250)), nil, home{dm: true}},
		{"longest_completed", []string{"card", "result", "transcript"}, huge().talking().reported(call.Completed, call.Result{
			Outcome: strings.Repeat("o", 5000), Summary: strings.Repeat("📞 & <b> ", 2500), Transcript: strings.Repeat("A: 📞\n", 40),
		}), nil, home{}},
	}
}

// workspace is where the messages that ours link to stand.
const workspace = "https://example.slack.com/"

// token is the markup of ours that may stand in mrkdwn.
var token = regexp.MustCompile(`<@([A-Z0-9]+)>|<#([A-Z0-9]+)>|<!subteam\^([A-Z0-9]+)>|<!date\^\d+\^[^|<>]+\|[^<>]+>|<https://example\.slack\.com/archives/[A-Z0-9]+/p[0-9]+[^|<>]*\|its card>`)

// checkInert looks for anything that words of others could have done.
func checkInert(t testing.TB, m message, c call.Call, v call.View, h home) {
	t.Helper()
	people := []string{string(c.Requester), string(c.Decider), string(c.Approver), string(c.DecidedBy), h.origin, h.askedIn}
	people = append(people, string(v.Pause.By), string(v.Ban.By))
	if v.Recent != nil {
		people = append(people, string(v.Recent.Call.Requester), string(v.Recent.Call.DecidedBy))
	}
	for _, u := range h.policy.Approvers.Users {
		people = append(people, string(u))
	}
	for _, g := range h.policy.Approvers.Groups {
		people = append(people, string(g))
	}
	mrkdwn := []string{m.text}
	for _, b := range generic(t, m) {
		if b["type"] != "rich_text" && b["type"] != "context" && b["type"] != "actions" {
			t.Errorf("a block of type %v", b["type"])
		}
		for _, e := range list(b["elements"]) {
			switch e["type"] {
			case "mrkdwn":
				mrkdwn = append(mrkdwn, fmt.Sprint(e["text"]))
			case "button":
				checkButton(t, e, c)
			case "rich_text_section", "rich_text_quote":
				checkRich(t, e, people)
			default:
				t.Errorf("an element of type %v", e["type"])
			}
		}
	}
	for _, text := range mrkdwn {
		for _, found := range token.FindAllStringSubmatch(text, -1) {
			if id := found[1] + found[2] + found[3]; id != "" && !slices.Contains(people, id) {
				t.Errorf("%q mentions %s", text, id)
			}
		}
		rest := token.ReplaceAllString(text, "¤")
		if strings.ContainsAny(rest, "<>") {
			t.Errorf("unescaped in %q", text)
		}
		rest = strings.NewReplacer("&amp;", "¤", "&lt;", "¤", "&gt;", "¤").Replace(rest)
		if strings.Contains(rest, "&") {
			t.Errorf("a bare ampersand in %q", text)
		}
		if emojiCode.MatchString(rest) {
			t.Errorf("an emoji in %q", text)
		}
		if found := formatting.FindString(providersLink.ReplaceAllString(rest, "¤")); found != "" {
			t.Errorf("%q is a format or a link in %q", found, text)
		}
		checkLine(t, text)
	}
	if m.file != nil {
		checkFile(t, m.file)
	}
}

// formatting is what mrkdwn formats, and what Slack makes a link of by itself.
var formatting = regexp.MustCompile("[*~`]|(?:^|[^\\pL\\pN])_|://|\\pL\\.\\pL{2,}")

// providersLink is the one link there is: to a recording that could not be brought here.
var providersLink = regexp.MustCompile(`\nIt is at https://agentphone\.app/r/[a-z]+\.wav\n`)

// checkFile looks at a text file: its name, its title, and that nobody but us writes a
// line that begins at the margin.
func checkFile(t testing.TB, f *file) {
	t.Helper()
	if !safeName.MatchString(f.name) {
		t.Errorf("a file named %q", f.name)
	}
	if !safeTitle.MatchString(f.title) {
		t.Errorf("a file with the title %q", f.title)
	}
	for l := range strings.SplitSeq(string(f.content), "\n") {
		if !ourRow.MatchString(l) {
			t.Errorf("a line %q in the file", l)
		}
		if hides(l) {
			t.Errorf("hidden characters in the file's line %q", l)
		}
	}
}

var (
	safeTitle = regexp.MustCompile(`^(?:Transcript|Summary|Summary and transcript), (?:an unknown number|[0-9+() -]+)$`)
	ourRow    = regexp.MustCompile(`^(?:|  .*|\(none\)|ASKED|SUMMARY|TRANSCRIPT|(?:Call to|Which|Business|Date|Outcome|Duration): .*)$`)
)

func checkButton(t testing.TB, e map[string]any, c call.Call) {
	t.Helper()
	action, value := fmt.Sprint(e["action_id"]), fmt.Sprint(e["value"])
	if _, ok := buttonLabels[action]; !ok && action != actionCallAt {
		t.Errorf("an unknown action: %v", e["action_id"])
	}
	if action == actionCallAt { // it has no label of its own, and the time behind its value
		var start time.Time
		var ok bool
		if value, start, ok = cutStart(&slack.BlockAction{ActionID: action, Value: value}); !ok || c.StartAt.Unix() != start.Unix() {
			t.Errorf("button for %v of a call that is asked for at %v", start, c.StartAt)
		}
	}
	if notOf := strings.ContainsFunc(string(c.ID), notOfID); notOf || c.ID == "" {
		return
	}
	id, revision, ok := parseButtonValue(value)
	if !ok || id != c.ID || revision != c.Revision {
		t.Errorf("button value %v", e["value"])
	}
}

func checkRich(t testing.TB, e map[string]any, people []string) {
	t.Helper()
	if e["type"] == "rich_text_section" {
		checkLine(t, inline(e))
	}
	for _, x := range list(e["elements"]) {
		switch x["type"] {
		case "text":
			text := fmt.Sprint(x["text"])
			if strings.ContainsRune(text, '\u202e') || strings.ContainsRune(text, '\U000E0041') {
				t.Errorf("hidden characters in %q", text)
			}
			if e["type"] == "rich_text_section" {
				if text != "\n" && strings.Contains(text, "\n") {
					t.Errorf("a line break in %q", text)
				}
			}
		case "link":
			if !strings.HasPrefix(fmt.Sprint(x["url"]), workspace+"archives/C0OPS/p") || x["text"] != linkWords {
				t.Errorf("a link %v", x)
			}
		case "user":
			if !slices.Contains(people, fmt.Sprint(x["user_id"])) {
				t.Errorf("mentions %v", x["user_id"])
			}
		case "usergroup":
			if !slices.Contains(people, fmt.Sprint(x["usergroup_id"])) {
				t.Errorf("mentions %v", x["usergroup_id"])
			}
		case "channel":
			if !slices.Contains(people, fmt.Sprint(x["channel_id"])) {
				t.Errorf("mentions %v", x["channel_id"])
			}
		case "date":
		default:
			t.Errorf("an element of type %v", x["type"])
		}
	}
}

// checkLine looks at lines of ours that hold words of others.
func checkLine(t testing.TB, text string) {
	t.Helper()
	if strings.Contains(text, "\n✓ FORGED") || strings.HasPrefix(text, "✓ FORGED") {
		t.Errorf("a forged line in %q", text)
	}
	for _, mark := range []string{"✓ FORGED", "✅ FORGED", "⚠ FORGED", " · asked by @boss", "→ FORGED", "→ •"} {
		if strings.Contains(text, mark) {
			t.Errorf("%q, a mark of ours in %q", mark, text)
		}
	}
	if strings.Count(text, "\u2068") != strings.Count(text, "\u2069") {
		t.Errorf("an isolate is not closed in %q", text)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return isHidden(r) && r != '\u2068' && r != '\u2069' && r != '\u200b' }) {
		t.Errorf("hidden characters in %q", text)
	}
}

func renderings(c call.Call, v call.View, h home) map[string]message {
	out := map[string]message{"card": renderCard(c, v, h)}
	if m, ok := renderStatus(c, v, h); ok {
		out["status"] = m
	}
	if m, ok := renderResult(c, v, h); ok {
		out["result"] = m
	}
	if m, ok := renderTranscript(parts(c)[0]); ok {
		out["transcript"] = m
	}
	if m, ok := renderOtherResult(c, h); ok {
		out["other result"] = m
	}
	if c.Shareable() {
		out["shared"] = renderShared(c, c.Requester, h)
	}
	if all := parts(c); len(all) > 1 {
		if m, ok := renderTranscript(all[1]); ok {
			out["other transcript"] = m
		}
	}
	for _, l := range []loss{lossGone, lossTooLarge, lossNotAudio, lossAddress, lossSlack, lossOutage} {
		for _, p := range parts(c) {
			out["recording lost: "+string(l)+" "+p.which()] = renderRecordingLost(p, l)
		}
	}
	return out
}

// checkAll renders c and checks what holds for every call.
func checkAll(t testing.TB, c call.Call, v call.View, h home) {
	t.Helper()
	again := renderings(c, v, h)
	for slot, m := range renderings(c, v, h) {
		check(t, m)
		checkInert(t, m, c, v, h)
		if m.digest() != again[slot].digest() {
			t.Errorf("the %s looks different the second time", slot)
		}
		shown := strings.Join(shownLines(t, m), "\n") + m.text
		if c.Lost > 0 && strings.Contains(strings.ToLower(shown), "nobody was called") {
			t.Errorf("the %s says that nobody was called, while an attempt is lost", slot)
		}
	}
	for _, slot := range []string{"result", "other result"} {
		m, ok := again[slot]
		contact := string(c.Contact())
		if !ok || !slackID.MatchString(contact) {
			continue
		}
		mention := "<@" + contact + ">"
		if strings.Count(m.text, mention) != 1 || strings.Count(string(rawBlocks(t, m)), `"user_id":"`+contact+`"`) != 1 {
			t.Errorf("the %s mentions its requester, or who decided on it, not once: %s", slot, m.text)
		}
	}
	told := stepOutputs(c, "")
	told["failure"] = stepFailure(c).plain(func(id string) string { return shortOutput(forged, 80) })
	for name, text := range told {
		if strings.ContainsAny(text, "<>") || units(text) > maxOutput {
			t.Errorf("a workflow is told as %s: %q", name, text)
		}
	}
	if _, ok := again["status"]; !ok && c.Attempts > 0 {
		t.Errorf("a call with an attempt that is %s has no status message", c.Status)
	}
}

func TestScenesAreInert(t *testing.T) {
	for _, s := range scenes(t) {
		t.Run(s.name, func(t *testing.T) {
			checkAll(t, s.story.call, call.View{Now: s.story.at, Ahead: -1}, s.home)
		})
	}
}

func TestAnyCallRenders(t *testing.T) {
	numbers := []string{"+14155550132", "+442079460123", "+18005550132", "+8613800138000", ""}
	rapid.Check(t, func(r *rapid.T) {
		text := func(label string, most int) string {
			piece := rapid.SampledFrom([]string{forged, "📞", "a", "\n", "<", "&", ">", ":x:", "A: ", "\u202e", "\u2069", "ש", " ", "\xff", "\r\n"})
			return strings.Repeat(strings.Join(rapid.SliceOfN(piece, 0, 20).Draw(r, label), ""), rapid.SampledFrom([]int{1, 1, most}).Draw(r, "times"))
		}
		when := func(label string) time.Time {
			if rapid.Bool().Draw(r, label) {
				return time.Time{}
			}
			return askedAt.Add(time.Duration(rapid.Int64Range(-1e15, 1e15).Draw(r, label)))
		}
		user := rapid.SampledFrom([]call.UserID{ana, bo, "", "<!channel>", "U1|x"})
		c := call.Call{
			ID: "k3v9x2m7q4w8z1p5", Revision: rapid.Int64Range(0, 99).Draw(r, "revision"),
			Status: rapid.SampledFrom(append(call.Statuses(), "odd")).Draw(r, "status"), Since: when("since"),
			Request: call.Request{
				Requester: ana, Objective: text("objective", 100), Extension: text("extension", 2),
				Business: text("business", 90), Website: text("website", 90), Disclosure: text("disclosure", 30),
			},
			RequestedAt: when("requested"), ExpiresAt: when("expires"), ApprovedAt: when("approved"), AcceptedAt: when("accepted"),
			DialingAt: when("dialing"), AnsweredAt: when("answered"), EndedAt: when("ended"), LastSeen: when("seen"), DueAt: when("due"),
			Approver: user.Draw(r, "approver"), DecidedBy: user.Draw(r, "decided"),
			Reason: rapid.SampledFrom([]call.Reason{
				"", call.ReasonInvalid, call.ReasonBadKey, call.ReasonNoCredits, call.ReasonRateLimited, call.ReasonUnreachable,
				call.ReasonUnknownFate, call.ReasonInterrupted, call.ReasonNumberBusy, call.ReasonRule, call.ReasonGone,
				call.ReasonWatchEnded, call.ReasonProviderKey, "odd",
			}).Draw(r, "reason"),
			Detail: text("detail", 30), Attempts: rapid.IntRange(0, 3).Draw(r, "attempts"), Lost: rapid.IntRange(0, 2).Draw(r, "lost"),
			Looks:      rapid.IntRange(0, 4).Draw(r, "looks"),
			LookResult: rapid.SampledFrom([]call.LookResult{"", call.LookNone, call.LookSeveral, call.LookUnclear, call.LookCutShort, call.LookNoDetail, call.LookNoList, "odd"}).Draw(r, "look"),
			ProviderID: text("provider", 5), Other: call.Other{
				ProviderID: text("other", 5), Status: rapid.SampledFrom(call.Statuses()).Draw(r, "other status"),
				AcceptedAt: when("other accepted"), EndedAt: when("other ended"),
				Result: call.Result{
					Outcome: rapid.SampledFrom([]string{"", call.Achieved, forged}).Draw(r, "other outcome"), Summary: text("other summary", 100),
					Transcript: text("other transcript", 100), RecordingURL: text("other url", 1), Duration: time.Duration(rapid.Int64Range(-1e10, 1e14).Draw(r, "other duration")),
				},
			},
			Further: text("further", 5),
			Overdue: rapid.Bool().Draw(r, "overdue"), Unwatched: rapid.Bool().Draw(r, "unwatched"),
			Result: call.Result{
				Outcome: rapid.SampledFrom([]string{"", call.Achieved, call.Partial, call.NotAchieved, forged}).Draw(r, "outcome"),
				Summary: text("summary", 100), Transcript: text("transcript", 100), RecordingURL: text("url", 1),
				Duration: time.Duration(rapid.Int64Range(-1e10, 1e14).Draw(r, "duration")),
			},
		}
		if rapid.Bool().Draw(r, "by a workflow") {
			c.Requester, c.Decider = "", user.Draw(r, "decider")
		}
		if n := rapid.SampledFrom(numbers).Draw(r, "number"); n != "" {
			c.Number = number(t, n)
		}
		v := call.View{Now: askedAt, Ahead: rapid.IntRange(-1, 3).Draw(r, "ahead")}
		if rapid.Bool().Draw(r, "credits known") {
			credits(rapid.IntRange(-1, 5).Draw(r, "credits"))(&v)
		}
		h := home{awaited: rapid.Bool().Draw(r, "awaited"), dm: rapid.Bool().Draw(r, "dm"), thread: rapid.Bool().Draw(r, "thread"), origin: rapid.SampledFrom([]string{"C0OPS", "D0X", "", "<!here>"}).Draw(r, "origin")}
		h.workspace = rapid.SampledFrom([]string{"", workspace, "javascript:alert(1)"}).Draw(r, "workspace")
		if rapid.Bool().Draw(r, "guarded") {
			v.Pause = call.Pause{By: user.Draw(r, "paused by"), At: when("paused")}
			v.Ban = call.Ban{By: user.Draw(r, "banned by"), At: when("banned"), Reason: text("ban", 90)}
			v.Recent = &call.Recent{
				Call:         call.Call{Request: call.Request{Requester: bo}, Status: c.Status, Result: c.Result, ApprovedAt: when("called")},
				Conversation: h.origin, Channel: rapid.SampledFrom([]string{"C0OPS", "D0X", "", "<!here>"}).Draw(r, "recent channel"),
				TS: rapid.SampledFrom([]string{"", "1700000000.000100"}).Draw(r, "ts"), Thread: rapid.SampledFrom([]string{"", "1700000000.000200"}).Draw(r, "thread ts"),
			}
		}
		h.policy = call.Policy{
			Approval:  rapid.SampledFrom([]call.Approval{"", call.ByRequester, call.ByAnyone, call.ByOther}).Draw(r, "approval"),
			Approvers: rapid.SampledFrom([]call.People{{}, {Users: []call.UserID{ana, bo}}, {Users: []call.UserID{bo}, Groups: []call.GroupID{"S0FINANCE"}}}).Draw(r, "approvers"),
		}
		checkAll(t, c, v, h)
		for _, kind := range []string{"audio/wav", text("type", 1)} {
			if name := recordingName(parts(c)[0], kind); !safeName.MatchString(name) {
				t.Errorf("recording name %q", name)
			}
		}
	})
}

var safeName = regexp.MustCompile(`^[a-z-]+(-[0-9]+)+\.[a-z0-9]+$`)
