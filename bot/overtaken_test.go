package bot_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// shown is what each message shows now, by its timestamp.
func (c *channel) shown() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := map[string]string{}
	for _, s := range c.sent {
		what, text, _ := strings.Cut(s, ": ")
		if kind, ts, found := strings.Cut(what, " "); found && (kind == "post" || kind == "update") {
			now[ts] = text
		}
	}
	return now
}

// refused is a call that was approved, and that the provider refused.
func (d *desk) refused(id call.ID) {
	d.Helper()
	d.on(id, call.Event{Kind: call.Approve, Actor: "U1"})
	d.on(id, call.Event{Kind: call.Place})
	d.on(id, call.Event{Kind: call.Refuse, Reason: call.ReasonNoCredits})
}

// dies publishes the only call that is due as a process does that is killed before it keeps
// what it sent: what stood in Slack reads otherwise, and nothing tells.
func (d *desk) dies() {
	d.Helper()
	claimed, err := d.store.ClaimPublications(d.Context(), 1, 10*time.Millisecond)
	if err != nil || len(claimed) != 1 {
		d.Fatalf("claimed %d, %v", len(claimed), err)
	}
	for _, m := range claimed[0].Messages {
		if m.TS == "" {
			continue
		}
		if _, _, _, err := d.slack.UpdateMessageContext(d.Context(), m.Channel, m.TS, slack.MsgOptionText("overtaken", false)); err != nil {
			d.Fatal(err)
		}
	}
}

// TestAnEditOfAProcessThatDied: what it sent is known to nobody, and is replaced also where
// the call has come back since to what was shown before.
func TestAnEditOfAProcessThatDied(t *testing.T) {
	d := newDesk(t, nil)
	id := d.asked("+14155550132")
	d.slack.until(t, "post 1", "Ask about")
	d.refused(id)
	d.until(func() bool { return strings.Contains(d.slack.shown()["1"], "✗ Not placed") })
	d.slack.until(t, "post", "<@U1> ✗ Not placed")
	d.stop()
	before := d.slack.shown()

	d.on(id, call.Event{Kind: call.Approve, Actor: "U1"})
	d.dies()
	d.on(id, call.Event{Kind: call.Place})
	d.on(id, call.Event{Kind: call.Refuse, Reason: call.ReasonNoCredits})
	d.start()
	for ts, text := range before {
		if strings.HasPrefix(text, "<@U1>") {
			text = "An earlier attempt ended here." // the second refusal is told anew
		}
		d.until(func() bool { return strings.HasPrefix(d.slack.shown()[ts], text) })
	}
}

// TestAnEndIsToldOnce: a result of which it is not known whether it still reads as it
// should is edited, and not told a second time.
func TestAnEndIsToldOnce(t *testing.T) {
	d := newDesk(t, func(context.Context, call.Call) (call.Recording, error) {
		return call.Recording{Body: io.NopCloser(strings.NewReader("RIFF")), ContentType: "audio/wav", Size: 4}, nil
	})
	id := d.talking("+14155550132")
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: ended})
	d.slack.until(t, "post", "Host: Hello")
	d.stop()
	told := d.slack.count("post", "")
	more := ended
	more.RecordingURL = "https://example.com/late"
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: more})
	d.dies()
	d.start()
	d.slack.until(t, "upload", "call-415")
	d.until(func() bool {
		for _, text := range d.slack.shown() {
			if text == "overtaken" {
				return false
			}
		}
		return true
	})
	if got := d.slack.count("post", ""); got != told {
		t.Errorf("%d messages are posted, want the %d that were there", got, told)
	}
}

// TestAMessageThatLostItsPlace: what was posted under a lease that was lost meanwhile is
// shown twice. The copy that nobody goes on with says so, and has no buttons.
func TestAMessageThatLostItsPlace(t *testing.T) {
	d := newDesk(t, nil)
	d.stop()
	var lost atomic.Bool
	d.outbox.lose = func(ctx context.Context, p call.Publication, m call.Message) error {
		if m.Slot != call.SlotStatus || lost.Swap(true) {
			return d.store.SaveMessage(ctx, p, m)
		}
		// Another replica has posted its own, and gone on.
		m.TS = "0.1"
		if err := errors.Join(d.store.SaveMessage(ctx, p, m), d.store.Published(ctx, p, time.Time{})); err != nil {
			return err
		}
		return call.ErrLost
	}
	d.start()
	id := d.asked("+14155550132")
	d.slack.until(t, "post 1", "Ask about")
	d.on(id, call.Event{Kind: call.Approve, Actor: "U1"})
	d.slack.until(t, "post 2", "Waiting to call")
	d.slack.until(t, "update 2", "stands here twice")
	d.on(id, call.Event{Kind: call.Place})
	d.slack.until(t, "update 0.1", "Placing the call")
	d.on(id, call.Event{Kind: call.Refuse, Reason: call.ReasonNoCredits})
	d.slack.until(t, "update 0.1", "✗ Not placed")
	if got := d.slack.count("update 2", ""); got != 1 {
		t.Errorf("the copy was edited %d times, want once", got)
	}
}

// TestAnEditThatComesLate: Slack may do what it has not answered after what it was asked
// since. What is shown in the end is the newest all the same.
func TestAnEditThatComesLate(t *testing.T) {
	d := newDesk(t, nil)
	id := d.asked("+14155550132")
	d.slack.until(t, "post 1", "Ask about")
	var hung atomic.Bool
	d.slack.mu.Lock()
	d.slack.fail = func(method string) error {
		if method == "chat.update" && hung.CompareAndSwap(false, true) {
			return context.DeadlineExceeded
		}
		return nil
	}
	d.slack.mu.Unlock()
	d.on(id, call.Event{Kind: call.Decline, Actor: "U1"})
	d.slack.until(t, "update 1", "Canceled by")
	d.slack.mu.Lock()
	d.slack.sent = append(d.slack.sent, "update 1: overtaken")
	d.slack.mu.Unlock()
	d.later.Add(int64(time.Minute))
	d.until(func() bool { return strings.Contains(d.slack.shown()["1"], "Canceled by") })
	if got := d.slack.count("update 1", "Canceled by"); got != 2 {
		t.Errorf("it was sent %d times, want twice", got)
	}
}

// inDoubt are the slots of the only call that is due of which nobody knows what they show.
func (d *desk) inDoubt() []call.Slot {
	d.Helper()
	claimed, err := d.store.ClaimPublications(d.Context(), 1, 10*time.Millisecond)
	if err != nil || len(claimed) != 1 {
		d.Fatalf("claimed %d, %v", len(claimed), err)
	}
	var slots []call.Slot
	for slot, m := range claimed[0].Messages {
		if !m.DoubtUntil.IsZero() {
			slots = append(slots, slot)
		}
	}
	return slots
}

// TestAnEditUnderWayAtAShutdown: whoever goes on must know that its fate is not known.
func TestAnEditUnderWayAtAShutdown(t *testing.T) {
	d := newDesk(t, nil)
	id := d.asked("+14155550132")
	d.slack.until(t, "post 1", "Ask about")
	d.idle()
	var edited atomic.Bool
	d.slack.mu.Lock()
	d.slack.fail = func(method string) error {
		if method == "chat.update" {
			d.cancel()
			edited.Store(true)
			return context.DeadlineExceeded
		}
		return nil
	}
	d.slack.mu.Unlock()
	d.on(id, call.Event{Kind: call.Decline, Actor: "U1"})
	d.until(edited.Load)
	d.stop()
	if got := d.inDoubt(); !slices.Equal(got, []call.Slot{call.SlotCard}) {
		t.Errorf("in doubt are %v, want the card", got)
	}
}

// TestADatabaseThatIsAwayForAMoment: what was posted meanwhile is not posted again, since
// it is known where it stands.
func TestADatabaseThatIsAwayForAMoment(t *testing.T) {
	d := newDesk(t, nil)
	d.stop()
	var failures atomic.Int64
	d.outbox.lose = func(ctx context.Context, p call.Publication, m call.Message) error {
		if failures.Add(1) <= 2 {
			return errors.New("the database is locked")
		}
		return d.store.SaveMessage(ctx, p, m)
	}
	d.start()
	d.asked("+14155550132")
	d.slack.until(t, "post", "Ask about")
	d.idle()
	if got := d.slack.count("post", ""); got != 1 {
		t.Errorf("%d messages were posted, want the card alone", got)
	}
}

// TestADoubtThatCannotBeKept: the lease is not given back, so that whoever has it next is
// in doubt of all.
func TestADoubtThatCannotBeKept(t *testing.T) {
	t.Parallel() // it is tried for some seconds
	d := newDesk(t, nil)
	id := d.asked("+14155550132")
	d.slack.until(t, "post 1", "Ask about")
	d.idle()
	d.stop()
	d.outbox.lose = func(context.Context, call.Publication, call.Message) error {
		return errors.New("the database is locked")
	}
	d.failing("chat.update", context.DeadlineExceeded)
	d.start()
	d.on(id, call.Event{Kind: call.Decline, Actor: "U1"})
	d.until(func() bool { return len(d.log.with("counting a failure")) > 0 })
	d.stop()
	if next, err := d.store.NextPublication(t.Context()); err != nil || time.Until(next) < 2*time.Second {
		t.Errorf("it is due at %v, %v; want it leased", next, err)
	}
}
