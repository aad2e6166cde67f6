package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/bot"
	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/store"
)

// channel is a Slack of one channel, which remembers what it was sent.
type channel struct {
	mu      sync.Mutex
	changed chan struct{}
	sent    []string // "post 3: text", "update 1: text", "upload: name"
	n       int
	fail    func(method string) error
}

func (c *channel) note(method, what string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail != nil {
		if err := c.fail(method); err != nil {
			return err
		}
	}
	c.sent = append(c.sent, what)
	close(c.changed)
	c.changed = make(chan struct{})
	return nil
}

func text(options []slack.MsgOption) string {
	_, values, err := slack.UnsafeApplyMsgOptions("", "C1", "", options...)
	if err != nil {
		return err.Error()
	}
	return values.Get("text")
}

func (c *channel) PostMessageContext(_ context.Context, ch string, options ...slack.MsgOption) (string, string, error) {
	c.mu.Lock()
	c.n++
	ts := fmt.Sprint(c.n)
	c.mu.Unlock()
	return ch, ts, c.note("chat.postMessage", "post "+ts+": "+text(options))
}

func (c *channel) UpdateMessageContext(_ context.Context, ch, ts string, options ...slack.MsgOption) (string, string, string, error) {
	return ch, ts, "", c.note("chat.update", "update "+ts+": "+text(options))
}

func (c *channel) OpenConversationContext(context.Context, *slack.OpenConversationParameters) (ch *slack.Channel, noOp, alreadyOpen bool, err error) {
	dm := &slack.Channel{}
	dm.ID = "D1"
	return dm, false, false, c.note("conversations.open", "open")
}

func (c *channel) UploadFileContext(_ context.Context, f slack.UploadFileParameters) (*slack.FileSummary, error) {
	return &slack.FileSummary{ID: "F1"}, c.note("files", "upload: "+f.Filename)
}

func (c *channel) PostEphemeralContext(context.Context, string, string, ...slack.MsgOption) (string, error) {
	return "", c.note("chat.postEphemeral", "ephemeral")
}

// until waits until something was sent that starts and goes on so.
func (c *channel) until(t *testing.T, start, contains string) string {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		c.mu.Lock()
		i := slices.IndexFunc(c.sent, func(s string) bool { return strings.HasPrefix(s, start) && strings.Contains(s, contains) })
		found, all, changed := "", strings.Join(c.sent, "\n"), c.changed
		if i >= 0 {
			found = c.sent[i]
		}
		c.mu.Unlock()
		if i >= 0 {
			return found
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("nothing was sent like %q … %q:\n%s", start, contains, all)
		}
	}
}

// desk is a publisher over a real store.
type desk struct {
	*testing.T
	store *store.Store
	svc   *call.Service
	slack *channel
}

func newDesk(t *testing.T, recordings bot.Recordings) *desk {
	t.Helper()
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "callbot.db"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := phone.ParseCountries("*")
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{T: t, store: db, slack: &channel{changed: make(chan struct{})}, svc: call.NewService(db, call.Rules{Countries: all}, time.Hour, time.Now)}
	p := bot.NewPublisher(bot.PublisherConfig{
		Slack: d.slack, Outbox: db, Recordings: recordings, Refresh: time.Hour, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *desk) on(id call.ID, e call.Event) {
	d.Helper()
	e.At = time.Now()
	if _, err := d.store.Update(d.Context(), "", id, func(c call.Call) (call.Event, error) {
		e.Revision, e.Attempt = c.Revision, c.Attempts
		return e, nil
	}); err != nil {
		d.Fatal(err)
	}
}

// asked is a call whose card stands.
func (d *desk) asked(number string) call.ID {
	d.Helper()
	n, err := phone.ParseE164(number)
	if err != nil {
		d.Fatal(err)
	}
	c, err := d.svc.Request(d.Context(), call.Key(number), call.Request{Requester: "U1", Number: n, Objective: "Ask about " + number}, call.Origin{Conversation: "C1"})
	if err != nil {
		d.Fatal(err)
	}
	return c.ID
}

// talking is a call that is under way.
func (d *desk) talking(number string) call.ID {
	d.Helper()
	id := d.asked(number)
	d.slack.until(d.T, "post", "Ask about "+number)
	d.on(id, call.Event{Kind: call.Approve, Actor: "U1"})
	d.on(id, call.Event{Kind: call.Place})
	d.on(id, call.Event{Kind: call.Accept, ProviderID: "cl_" + number})
	return id
}

var ended = call.Result{Outcome: call.Achieved, Summary: "They are open.", Transcript: "Host: Hello", Duration: 42 * time.Second}

// TestAnEditThatIsHeldBackDelaysNoResult: chat.update may be held back for minutes; the
// result is a post, and goes out.
func TestAnEditThatIsHeldBackDelaysNoResult(t *testing.T) {
	d := newDesk(t, nil)
	id := d.talking("+14155550132")
	d.slack.until(t, "", "About to call")
	d.slack.mu.Lock()
	d.slack.fail = func(method string) error {
		if method == "chat.update" {
			return &slack.RateLimitedError{RetryAfter: 5 * time.Minute}
		}
		return nil
	}
	d.slack.mu.Unlock()
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: ended})
	d.slack.until(t, "post", "They are open.")
	d.slack.until(t, "post", "Host: Hello")
}

// TestSlowRecordingsHoldUpNoCard: however many recordings are on their way.
func TestSlowRecordingsHoldUpNoCard(t *testing.T) {
	release := make(chan struct{})
	d := newDesk(t, func(ctx context.Context, _ call.Call) (call.Recording, error) {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return call.Recording{Body: io.NopCloser(bytes.NewReader([]byte("RIFF"))), ContentType: "audio/wav", Size: 4}, nil
	})
	with := ended
	with.RecordingURL = "https://example.com/a.wav"
	for i := range 12 {
		d.on(d.talking(fmt.Sprintf("+1415555%04d", 110+i)), call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: with})
	}
	d.asked("+14155550199")
	d.slack.until(t, "post", "Ask about +14155550199")
	close(release)
	d.slack.until(t, "upload", ".wav")
}

// TestACardThatSomebodyDeleted is posted again, and the result is not lost.
func TestACardThatSomebodyDeleted(t *testing.T) {
	d := newDesk(t, nil)
	id := d.talking("+14155550132")
	d.slack.until(t, "", "About to call")
	d.slack.mu.Lock()
	d.slack.fail = func(method string) error {
		if method == "chat.update" {
			return slack.SlackErrorResponse{Err: "message_not_found"}
		}
		return nil
	}
	d.slack.mu.Unlock()
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: ended})
	d.slack.until(t, "post", "They are open.")
	d.slack.until(t, "post", "Achieved after 42 s · ")
}

// TestAResultWaitsAMomentForWhatIsLate: the message that notifies says what is known in
// the end.
func TestAResultWaitsAMomentForWhatIsLate(t *testing.T) {
	d := newDesk(t, nil)
	id := d.talking("+14155550132")
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: call.Result{Outcome: call.Achieved, Duration: 42 * time.Second}, Due: time.Now().Add(time.Minute)})
	d.slack.until(t, "update", "Reported as achieved after 42 s")
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: ended})
	if got := d.slack.until(t, "post", "They are open."); !strings.HasPrefix(got[strings.Index(got, ":")+2:], "<@U1>") {
		t.Errorf("the requester is not told first: %s", got)
	}
	d.slack.mu.Lock()
	defer d.slack.mu.Unlock()
	if i := slices.IndexFunc(d.slack.sent, func(s string) bool { return strings.HasPrefix(s, "post") && strings.Contains(s, "Warning") }); i >= 0 {
		t.Errorf("a doubt was told that was none: %s", d.slack.sent[i])
	}
}
