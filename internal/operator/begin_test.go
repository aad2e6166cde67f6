package operator_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/operator"
	"github.com/agentphone-slack/callbot/internal/phone"
)

// scheduled is a call that a person approved an hour ago for a time.
func (o *office) scheduled(number string, start time.Time) call.ID {
	o.Helper()
	n, err := phone.ParseE164(number)
	if err != nil {
		o.Fatal(err)
	}
	anHourAgo := call.NewService(o.store, o.rules, time.Hour, func() time.Time { return o.store.Now().Add(-time.Hour) })
	c, err := anHourAgo.Request(o.Context(), call.Key("k"+number), call.Request{Requester: "U1", Number: n, Objective: "Ask"}, call.Origin{Conversation: "C1"})
	if err != nil {
		o.Fatal(err)
	}
	if _, err := anHourAgo.ApproveFor(o.Context(), call.Key("a"+number), call.Click{Call: c.ID, Revision: c.Revision, Actor: "U1", Start: start}); err != nil {
		o.Fatal(err)
	}
	return c.ID
}

// TestAScheduledCall is placed at its time, and asked about again when that is long over.
func TestAScheduledCall(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		ago    time.Duration // since it was to start
		status call.Status
		reason call.Reason
		posts  int
	}{
		"in time":        {0, call.Completed, call.NoReason, 1},
		"a little late":  {call.MaxLate - time.Minute, call.Completed, call.NoReason, 1},
		"much too late":  {call.MaxLate + time.Second, call.Requested, call.ReasonMissed, 0},
		"not yet":        {-time.Hour, call.Scheduled, call.NoReason, 0},
		"in an eyeblink": {-10 * poll, call.Completed, call.NoReason, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, call.Budget{})
			id := o.scheduled("+14155550132", o.store.Now().Add(-tc.ago))
			// What is due at the same time shows that the first has been looked at.
			other := o.approved("+14155550133")
			o.work()
			o.until(other, "completed", func(c call.Call) bool { return c.Status == call.Completed })
			c := o.until(id, string(tc.status), func(c call.Call) bool { return c.Status == tc.status })
			if c.Reason != tc.reason || o.posts() != tc.posts+1 {
				t.Errorf("reason %q, %d POSTs", c.Reason, o.posts())
			}
			if tc.status == call.Completed && !c.ApprovedAt.Equal(c.StartAt) {
				t.Errorf("its place in the queue is that of %v, want %v", c.ApprovedAt, c.StartAt)
			}
		})
	}
}

// TestBegunAndLeft: it had just come into the queue when everybody went away.
func TestBegunAndLeft(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{})
	start := o.store.Now().Add(-call.MaxLate - time.Minute)
	id := o.scheduled("+14155550132", start)
	begin := func(call.Call) (call.Event, error) {
		return call.Event{Kind: call.Begin, At: start.Add(time.Second), Due: start.Add(time.Second)}, nil
	}
	if c, err := o.store.Update(t.Context(), "", id, begin); err != nil || c.Status != call.Approved {
		t.Fatal(c.Status, err)
	}
	o.work()
	c := o.until(id, "back on its card", func(c call.Call) bool { return c.Status == call.Requested })
	if c.Reason != call.ReasonMissed || o.posts() != 0 {
		t.Errorf("reason %q, %d POSTs", c.Reason, o.posts())
	}
}

// TestQuietHoursBegin while a call waits: only who said so is placed in them.
func TestQuietHoursBegin(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{})
	n, err := phone.ParseE164("+14155550132")
	if err != nil {
		t.Fatal(err)
	}
	waiting, scheduled := o.approved("+14155550132"), o.scheduled("+14155550133", o.store.Now())
	local, _, _ := n.Describe().LocalTime(o.store.Now())
	o.rules.Quiet, err = call.ParseHours(local.Add(-time.Hour).Format("15:04") + "-" + local.Add(time.Hour).Format("15:04"))
	if err != nil {
		t.Fatal(err)
	}
	o.reopen(t)
	o.work()
	var back []call.Call
	for _, id := range []call.ID{waiting, scheduled} {
		c := o.until(id, "back on its card", func(c call.Call) bool { return c.Status == call.Requested })
		if c.Reason != call.ReasonRule || c.Detail == "" {
			t.Errorf("reason %q, %q", c.Reason, c.Detail)
		}
		back = append(back, c)
	}
	if n := o.posts(); n != 0 {
		t.Errorf("%d POSTs in quiet hours", n)
	}
	for _, c := range back {
		if _, err := o.svc.ApproveAnyway(t.Context(), "anyway"+call.Key(c.ID), call.Click{Call: c.ID, Revision: c.Revision, Actor: "U1"}); err != nil {
			t.Fatal(err)
		}
		o.until(c.ID, "completed", func(c call.Call) bool { return c.Status == call.Completed })
	}
}

// approvedAgo is a call that a person approved some time ago, and that nobody looked at since.
func (o *office) approvedAgo(number string, ago time.Duration) call.ID {
	o.Helper()
	svc := o.svc
	defer func() { o.svc = svc }()
	o.svc = call.NewService(o.store, o.rules, time.Hour, func() time.Time { return o.store.Now().Add(-ago) })
	return o.approved(number)
}

// TestMissedInAPause: that it would only wait now does not make a call fresh that nobody
// ran to place for long.
func TestMissedInAPause(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{})
	late, fresh := o.approvedAgo("+14155550132", call.MaxLate+time.Minute), o.approvedAgo("+14155550133", call.MaxLate-time.Minute)
	if _, err := o.store.Pause(t.Context(), "U1"); err != nil {
		t.Fatal(err)
	}
	o.work()
	c := o.until(late, "back on its card", is(call.Requested))
	if c.Reason != call.ReasonMissed {
		t.Errorf("reason %q", c.Reason)
	}
	o.until(fresh, "held", func(c call.Call) bool { return c.Reason == call.ReasonPaused })
	if _, err := o.store.Resume(t.Context(), "U1"); err != nil {
		t.Fatal(err)
	}
	o.until(fresh, "completed", is(call.Completed))
	if n := o.posts(); n != 1 {
		t.Errorf("%d POSTs", n)
	}
}

// slowBudget takes so long to say no that one process does not come round to all calls.
type slowBudget struct{ operator.Repository }

func (s slowBudget) Take(ctx context.Context, p call.Purpose, deadline time.Time) (call.Grant, time.Time, error) {
	time.Sleep(2 * poll) // as long as a busy database
	return s.Repository.Take(ctx, p, deadline)
}

// TestNobodyIsMissedBehindALongQueue: those far behind are not looked at for hours, and are
// not late for that.
func TestNobodyIsMissedBehindALongQueue(t *testing.T) {
	t.Parallel()
	o := newOffice(t, call.Budget{N: 1, Window: time.Hour})
	var ids []call.ID
	for i := range 40 {
		ids = append(ids, o.approvedAgo(fmt.Sprintf("+14155550%d", 100+i), call.MaxLate-time.Minute))
	}
	o.repo = slowBudget{o.store}
	o.work()
	for _, id := range ids {
		o.until(id, "placed or due anew", func(c call.Call) bool {
			return c.Status != call.Approved || o.store.Now().Sub(c.DueAt) < call.MaxLate/2
		})
	}
}
