package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/agentphone-slack/callbot/internal/call"
)

// news is what the provider may tell of an active call.
func news(at time.Time) map[string]call.Event {
	told := call.Event{
		Kind: call.Observe, At: at, ReportedStatus: call.Completed, Due: at.Add(2 * time.Second), Overdue: true,
		Result: call.Result{
			Outcome: "achieved", Summary: "They said: \"it's <open> & \\ free\".\n今日は🙂", Transcript: "Host: Hi\nAgent: Hi",
			RecordingURL: "https://example.com/r?a=1&b=2", Duration: 42 * time.Second,
		},
	}
	return map[string]call.Event{
		"rings":    {Kind: call.Observe, At: at, ReportedStatus: call.Dialing, Due: at.Add(10 * time.Second)},
		"answered": {Kind: call.Observe, At: at, ReportedStatus: call.InProgress, Due: at.Add(10 * time.Second)},
		"is slow":  {Kind: call.Observe, At: at, ReportedStatus: call.InProgress, Overdue: true, Due: at.Add(time.Minute)},
		"ended":    told,
		"failed":   {Kind: call.Observe, At: at, ReportedStatus: call.Failed},
	}
}

var observeTests = map[string]func(*testing.T, Database){
	"news of many calls are what they would be one by one": func(t *testing.T, db Database) {
		w := begin(t, db)
		var single, many []call.ID
		kinds := news(w.now().Add(time.Minute))
		names := make([]string, 0, len(kinds))
		for name := range kinds {
			names = append(names, name)
		}
		for i := range 2 * len(names) {
			c := w.accepted(i)
			w.update(c.ID, call.Event{Kind: call.Miss, Reason: call.ReasonProviderKey, Detail: "no"})
			if i < len(names) {
				single = append(single, c.ID)
			} else {
				many = append(many, c.ID)
			}
		}
		w.move(time.Minute)
		w.publishAll()
		active, err := w.Active(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var steps []call.Step
		for _, c := range active {
			for i, id := range many {
				if c.ID == id {
					steps = append(steps, call.Step{Call: &c, Event: kinds[names[i]]})
				}
			}
		}
		if len(steps) != len(many) {
			t.Fatalf("%d of %d calls are active", len(steps), len(many))
		}
		for signaled(w.DueChanged()) || signaled(w.PublishChanged()) {
		}
		if err := w.Observe(t.Context(), slices.Values(steps)); err != nil {
			t.Fatal(err)
		}
		if !signaled(w.DueChanged()) || !signaled(w.PublishChanged()) {
			t.Error("nobody is woken")
		}
		for i, name := range names {
			w.update(single[i], kinds[name])
			want, got := w.get(single[i]), w.get(many[i])
			want.ID, want.Number, want.ProviderID, want.DueAt = got.ID, got.Number, got.ProviderID, got.DueAt
			want.RequestedAt, want.ApprovedAt, want.AcceptedAt = got.RequestedAt, got.ApprovedAt, got.AcceptedAt
			if diff := cmp.Diff(want, got, numbers); diff != "" {
				t.Errorf("%s (-one by one +at once):\n%s", name, diff)
			}
			if want := kinds[name].Due; !got.DueAt.Equal(want) {
				t.Errorf("%s: due at %v, want %v", name, got.DueAt, want)
			}
			if diff := cmp.Diff(w.lastEvent(single[i]), w.lastEvent(many[i])); diff != "" {
				t.Errorf("%s: the audit log (-one by one +at once):\n%s", name, diff)
			}
		}
		shown, err := w.ClaimPublications(t.Context(), 100, lease)
		if err != nil || len(shown) != len(names)*2 {
			t.Errorf("%d calls are to be shown, %v; want %d", len(shown), err, len(names)*2)
		}
		for i, p := range shown {
			if ended := p.Call.Status.Ended(); ended != (i < 4) {
				t.Errorf("no %d to be shown is %s: the ends come first", i, p.Call.Status)
			}
		}
	},

	"news change nothing else of a call": func(t *testing.T, db Database) {
		// What Observe does not write, the machine must not change.
		written := map[string]bool{
			"Version": true, "Status": true, "Since": true, "Reason": true, "Detail": true, "DialingAt": true, "AnsweredAt": true,
			"EndedAt": true, "LastSeen": true, "Overdue": true, "Unwatched": true, "Result": true, "Enriched": true, "DueAt": true,
		}
		var before call.Call
		fill(t, reflect.ValueOf(&before).Elem(), "Call", new(int))
		before.Status = call.Dialing
		before.Erased = call.Erased{} // of which there would be no content to begin with
		for name, e := range news(time.Now()) {
			after, err := call.Apply(before, e)
			if err != nil {
				t.Fatal(err)
			}
			b, a := reflect.ValueOf(before), reflect.ValueOf(after)
			for i := range b.NumField() {
				field := b.Type().Field(i).Name
				if !written[field] && !cmp.Equal(b.Field(i).Interface(), a.Field(i).Interface(), numbers) {
					t.Errorf("%s changes %s", name, field)
				}
			}
		}
	},

	"news of a call that has changed meanwhile change nothing": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.accepted(1)
		w.accepted(2)
		active, err := w.Active(t.Context())
		if err != nil || len(active) != 2 {
			t.Fatal(active, err)
		}
		w.update(active[0].ID, call.Event{Kind: call.Observe, ReportedStatus: call.Failed})
		changed := w.get(active[0].ID)
		var steps []call.Step
		var seen []call.Sight
		for _, c := range active {
			steps = append(steps, call.Step{Call: &c, Event: news(w.now())["rings"]})
			seen = append(seen, call.Sight{Call: c.ID, Version: c.Version, At: w.now().Add(time.Hour), Due: w.now().Add(time.Hour)})
		}
		if err := w.Seen(t.Context(), seen); err != nil {
			t.Fatal(err)
		}
		if got := w.get(active[1].ID); !got.LastSeen.Equal(seen[1].At) || !got.DueAt.Equal(seen[1].Due) || got.Version != active[1].Version {
			t.Errorf("seen at %v, due at %v, version %d", got.LastSeen, got.DueAt, got.Version)
		}
		if err := w.Seen(t.Context(), []call.Sight{{Call: active[1].ID, Version: active[1].Version}}); err != nil {
			t.Fatal(err)
		}
		if got := w.get(active[1].ID); !got.LastSeen.Equal(seen[1].At) || !got.DueAt.IsZero() {
			t.Errorf("a read that failed: seen at %v, due at %v", got.LastSeen, got.DueAt)
		}
		for range 2 { // the second time both have changed
			if err := w.Observe(t.Context(), slices.Values(steps)); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(changed, w.get(active[0].ID), numbers); diff != "" {
			t.Errorf("the changed one (-want +got):\n%s", diff)
		}
		if got := w.get(active[1].ID); got.Status != call.Dialing || got.Version != active[1].Version+1 {
			t.Errorf("the other one is %s, version %d", got.Status, got.Version)
		}
		for _, c := range active {
			if got, want := w.countEvents(c.ID), w.get(c.ID).Version; got != want {
				t.Errorf("%d events of a call of version %d", got, want)
			}
		}
	},

	"more news than fit into one batch": func(t *testing.T, db Database) {
		w := begin(t, db)
		const calls, gone = 20, 300 // between two calls some that nobody knows any more
		var steps []call.Step
		for i := range calls {
			accepted := w.accepted(i)
			steps = append(steps, call.Step{Call: &accepted, Event: news(w.now())["ended"]})
			for j := range gone {
				c := accepted
				c.ID = call.ID(fmt.Sprintf("gone%d-%d", i, j))
				steps = append(steps, call.Step{Call: &c, Event: news(w.now())["ended"]})
			}
		}
		if err := w.Observe(t.Context(), slices.Values(steps)); err != nil {
			t.Fatal(err)
		}
		if n, err := w.CountActive(t.Context()); err != nil || n != 0 {
			t.Errorf("%d calls are active, %v", n, err)
		}
		if n := w.countEvents("gone0-0"); n != 0 {
			t.Errorf("%d events of a call that nobody knows", n)
		}
	},

	"the first news are written while more come": func(t *testing.T, db Database) {
		w := begin(t, db)
		c := w.accepted(1)
		const enough = 100_000
		err := w.Observe(t.Context(), func(yield func(call.Step) bool) {
			e := news(w.now())["ended"]
			if !yield(call.Step{Call: &c, Event: e}) {
				return
			}
			for i := range enough {
				if i%500 == 0 && w.get(c.ID).Status == call.Completed {
					return
				}
				gone := c
				gone.ID = call.ID(fmt.Sprintf("gone%d", i))
				if !yield(call.Step{Call: &gone, Event: e}) {
					return
				}
			}
			t.Errorf("%d more came, and it is not written", enough)
		})
		if err != nil {
			t.Fatal(err)
		}
	},

	"what is no news ends them": func(t *testing.T, db Database) {
		w := begin(t, db)
		c, requested := w.accepted(1), w.request(2)
		for name, wrong := range map[string]call.Step{
			"another kind of event": {Call: &c, Event: call.Event{Kind: call.StopWatching, At: w.now()}},
			"not of this call":      {Call: &requested, Event: news(w.now())["rings"]},
		} {
			if err := w.Observe(t.Context(), slices.Values([]call.Step{wrong, {Call: &c, Event: news(w.now())["rings"]}})); err == nil {
				t.Errorf("%s is taken", name)
			}
			if got := w.get(c.ID); got.Version != c.Version {
				t.Errorf("%s: what came after it is written", name)
			}
		}
	},

	"news are due to be shown before anybody has looked for them": func(t *testing.T, db Database) {
		w := begin(t, db)
		for i := range 3 {
			w.accepted(i)
		}
		w.publishAll()
		active, err := w.Active(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w.move(time.Minute)
		kinds := news(w.now())
		var steps []call.Step
		for i := range active {
			steps = append(steps, call.Step{Call: &active[i], Event: kinds["failed"]})
		}
		if err := w.Observe(t.Context(), slices.Values(steps)); err != nil {
			t.Fatal(err)
		}
		told := w.now()
		if next, err := w.NextPublication(t.Context()); err != nil || !next.Equal(told) {
			t.Errorf("next at %v, %v; want %v", next, err, told)
		}
		if n, err := w.Unsettled(t.Context()); err != nil || n != len(active) {
			t.Errorf("%d calls are unsettled, %v; want the %d that people are not shown yet", n, err, len(active))
		}
		// What comes after the news and before that counts: an erased call is none of those
		// that people wait for.
		w.update(active[0].ID, call.Event{Kind: call.Erase})
		got := published(w.publications())
		if want := []call.ID{active[1].ID, active[2].ID}; !slices.Equal(want, got) {
			t.Errorf("claimed %v, want %v", got, want)
		}
		if list, err := w.ClaimRedaction(t.Context(), lease); err != nil || len(list) != 1 || list[0].Call.ID != active[0].ID {
			t.Errorf("to be erased in Slack: %v, %v; want %s", published(list), err, active[0].ID)
		}
	},

	"news that came too late tell nothing of the urgency": func(t *testing.T, db Database) {
		w := begin(t, db)
		w.accepted(1)
		w.accepted(2)
		w.publishAll()
		active, err := w.Active(t.Context())
		if err != nil || len(active) != 2 {
			t.Fatalf("active: %v, %v", ids(active), err)
		}
		kinds := news(w.now())
		ended := w.update(active[1].ID, kinds["failed"])
		w.publishAll()
		w.update(ended.ID, call.Event{Kind: call.Erase})
		late := call.Step{Call: &ended, Event: kinds["failed"]}
		if err := w.Observe(t.Context(), slices.Values([]call.Step{late, {Call: &active[0], Event: kinds["failed"]}})); err != nil {
			t.Fatal(err)
		}
		if got := published(w.publications()); !slices.Equal(got, []call.ID{active[0].ID}) {
			t.Errorf("claimed %v, want only %s, which nobody erased", got, active[0].ID)
		}
	},

	"without news nobody is woken": func(t *testing.T, db Database) {
		w := begin(t, db)
		for signaled(w.DueChanged()) || signaled(w.PublishChanged()) {
		}
		if err := w.Observe(t.Context(), slices.Values([]call.Step(nil))); err != nil {
			t.Fatal(err)
		}
		if signaled(w.DueChanged()) || signaled(w.PublishChanged()) {
			t.Error("somebody is woken")
		}
	},
}

// publishAll has every publication that is due published.
func (w *world) publishAll() {
	w.Helper()
	list, err := w.ClaimPublications(w.Context(), 500, lease)
	if err != nil {
		w.Fatal(err)
	}
	for _, p := range list {
		if err := w.Published(w.Context(), p, time.Time{}); err != nil {
			w.Fatal(err)
		}
	}
}

// countEvents counts the entries of a call in the audit log.
func (w *world) countEvents(id call.ID) (n int64) {
	w.Helper()
	if err := w.db.Look(w).QueryRowContext(w.Context(), `SELECT COUNT(*) FROM events WHERE call_id = $1`, string(id)).Scan(&n); err != nil {
		w.Fatal(err)
	}
	return n
}

// lastEvent is the last entry of a call in the audit log.
func (w *world) lastEvent(id call.ID) string {
	w.Helper()
	var at, version, attempt int64
	var kind, actor, from, to, reason string
	err := w.db.Look(w).QueryRowContext(w.Context(), `
		SELECT version, at, kind, actor, from_status, to_status, reason, attempt FROM events
		WHERE call_id = $1 ORDER BY version DESC LIMIT 1`, string(id)).Scan(&version, &at, &kind, &actor, &from, &to, &reason, &attempt)
	if err != nil {
		w.Fatal(err)
	}
	return fmt.Sprint(version, at, kind, actor, from, to, reason, attempt)
}
