package bot

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
)

// listings are what people are shown of calls, by the names of their files.
func listings(t testing.TB) map[string]listing {
	n := 0
	found := func(s *story) call.Recent {
		n++
		s.call.ID = call.ID(fmt.Sprintf("k3v9x2m7q4w8z1p%d", n))
		return call.Recent{Call: s.call, Conversation: "C0OPS", Channel: "C0OPS", TS: fmt.Sprintf("1700000000.00010%d", n)}
	}
	start := func() *story { return newStory(t).with(func(c *call.Call) { c.Business = "Zuni Café" }) }
	of := func(q inquiry, calls ...call.Recent) listing {
		return listing{inquiry: q, page: call.Page{Calls: calls}, who: call.Person{ID: ana}, workspace: workspace, now: askedAt.Add(time.Minute), begins: commandCall + " "}
	}
	bos := func(c *call.Call) { c.Requester = bo }
	open := []call.Recent{
		found(start()), found(start().with(bos)), found(start().approved()), found(start().placing()),
		found(start().placing().lost(call.ReasonUnknownFate).looks(3, call.LookNone)), found(start().talking()),
		found(start().on(call.Event{Kind: call.Schedule, Actor: bo, Revision: 1, Start: askedAt.Add(20 * time.Hour), Due: askedAt.Add(20 * time.Hour)})),
		found(start().approved().on(call.Event{Kind: call.SendBack, Reason: call.ReasonRule, Expires: askedAt.Add(time.Hour)})),
	}
	past := []call.Recent{
		found(start().talking().reported(call.Completed, booked)),
		found(newStory(t).with(bos).talking().reported(call.Completed, with(booked, func(r *call.Result) { r.Outcome = call.NotAchieved }))),
		found(start().on(call.Event{Kind: call.Decline, Actor: ana})),
		found(start().on(call.Event{Kind: call.Expire, At: askedAt.Add(30 * time.Minute)})),
		found(start().refused(call.ReasonNoCredits, "")),
		found(start().accepted().reported(call.Dialing, call.Result{}).reported(call.Failed, call.Result{})),
		found(start().talking()),
	}
	private := func(s *story) call.Recent {
		return found(s.with(func(c *call.Call) { c.Requester, c.Private = bo, true }))
	}
	canceled := start().on(call.Event{Kind: call.Decline, Actor: ana}).call
	long := func() call.Recent {
		r := found(start().with(func(c *call.Call) {
			c.Number, c.Extension = number(t, "+87812345678901"), "12345678"
			c.Business = strings.Repeat("“Ü📞:<&>", call.MaxBusiness/8)
			c.Requester = "U0123456789ABCDEF"
		}))
		r.Channel, r.TS, r.Thread = "C0123456789ABCDEFGHIJKLMNOPQRST", "1700000000.000100", "1699999999.000100"
		return r
	}
	var longest []call.Recent
	for range pageSize {
		longest = append(longest, long())
	}
	wide := of(inquiry{Word: wordList, Mine: true, Text: strings.Repeat("\"", maxLooked), At: 1<<42 - 1, ID: strings.Repeat("z", 64)}, longest...)
	wide.who.ID, wide.page.Next = "U0123456789ABCDEF", call.Mark{At: askedAt, ID: call.ID(strings.Repeat("z", 64))}
	more := of(inquiry{Word: wordHistory}, past...)
	more.page.Next = call.Mark{At: askedAt, ID: "k3v9x2m7q4w8z1p5"}
	stopped := of(inquiry{Word: wordCancel}, open[2])
	stopped.stopped = &canceled
	done := of(inquiry{Word: wordCancel})
	done.stopped = &canceled
	direct := of(inquiry{Word: wordList}, found(start()))
	direct.direct = true
	return map[string]listing{
		"open":               of(inquiry{Word: wordList}, open...),
		"open_none":          of(inquiry{Word: wordList}),
		"open_none_of_mine":  of(inquiry{Word: wordList, Mine: true}),
		"open_direct":        direct,
		"history":            more,
		"history_next":       of(inquiry{Word: wordHistory, At: 1, ID: "k"}, past[1]),
		"history_mine":       of(inquiry{Word: wordHistory, Mine: true}, past[0]),
		"history_of_zuni":    of(inquiry{Word: wordHistory, Text: "zuni <!channel> *x*"}, past[0]),
		"history_none":       of(inquiry{Word: wordHistory}),
		"history_none_found": of(inquiry{Word: wordHistory, Text: "zuni <!channel> *x*"}),
		"history_end":        of(inquiry{Word: wordHistory, At: 1, ID: "k"}),
		"private": of(inquiry{Word: wordHistory}, private(start()), private(start().approved()), private(start().talking()),
			private(start().talking().reported(call.Completed, booked))),
		"cancel":             of(inquiry{Word: wordCancel}, open[0], open[2]),
		"cancel_none":        of(inquiry{Word: wordCancel}, open[3]),
		"cancel_none_found":  of(inquiry{Word: wordCancel, Text: "my dentist"}),
		"canceled":           done,
		"canceled_some_left": stopped,
		"longest":            wide,
	}
}

func TestListings(t *testing.T) {
	for name, l := range listings(t) {
		t.Run(name, func(t *testing.T) {
			m := renderList(l)
			golden(t, listFile+name, m)
			for _, b := range generic(t, m) {
				for _, e := range list(b["elements"]) {
					value, _ := e["value"].(string)
					if value == "" {
						continue
					}
					q, ok := parseInquiry(value)
					if !ok || q.Word != l.Word || q.Text != l.Text || units(value) > maxButtonValue {
						t.Errorf("%d characters in a button are read as %+v, %v", units(value), q, ok)
					}
				}
			}
			raw, err := json.Marshal(ephemeral(m))
			t.Logf("%d bytes, %v", len(raw), err)
		})
	}
}

// listFile begins the names of the files of lists.
const listFile = "list_"

// TestInquiries: what a button carries is all that counts, and nothing else is a list.
func TestInquiries(t *testing.T) {
	for _, value := range []string{
		"", "{}", "x", `{"w":"pause"}`, `{"w":"list","a":-1}`, `{"w":"list","i":"a'b"}`, `{"w":"list","i":"` + strings.Repeat("a", 65) + `"}`,
		`{"w":"list","t":"` + strings.Repeat("a", maxLooked+1) + `"}`, `{"w":"list","t":"` + strings.Repeat("a", 3000) + `"}`, "{\"w\":\"list\",\"t\":\"\xff\"}",
	} {
		if q, ok := parseInquiry(value); ok {
			t.Errorf("%.60q is read as %+v", value, q)
		}
	}
	q := inquiry{Word: wordHistory, Text: "Zuni", At: 1700000000123, ID: "abc"}
	for conversation, want := range map[string]string{"C0OPS": "C0OPS", "G0OPS": "G0OPS", "D0ANA": ""} {
		s := q.search(ana, conversation)
		if s.Viewer != ana || s.Conversation != want || s.Open || s.Text != "Zuni" || s.After.At.UnixMilli() != 1700000000123 || s.After.ID != "abc" {
			t.Errorf("in %s: %+v", conversation, s)
		}
	}
	if s := (inquiry{Word: wordList, Mine: true}).search(ana, "C0OPS"); s.Conversation != "" || !s.Open {
		t.Errorf("%+v", s)
	}
}
