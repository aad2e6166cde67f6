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
	"sync/atomic"
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
	files   int
	tried   int
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

func (c *channel) OpenViewContext(context.Context, string, slack.ModalViewRequest) (*slack.ViewResponse, error) {
	return &slack.ViewResponse{}, c.note("views.open", "view")
}

func (c *channel) UploadFileContext(ctx context.Context, f slack.UploadFileParameters) (*slack.FileSummary, error) {
	if err := c.note("files", "upload: "+f.Filename); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.files++
	return &slack.FileSummary{ID: fmt.Sprint("F", c.files)}, ctx.Err()
}

func (c *channel) DeleteMessageContext(_ context.Context, ch, ts string) (string, string, error) {
	return ch, ts, c.note("chat.delete", "delete "+ts)
}

func (c *channel) DeleteFileContext(_ context.Context, file string) error {
	return c.note("files.delete", "delete file "+file)
}

func (c *channel) GetUsersInConversationContext(context.Context, *slack.GetUsersInConversationParameters) ([]string, string, error) {
	return nil, "", nil
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
	store     *store.Store
	outbox    *outbox
	svc       *call.Service
	slack     *channel
	steps     *workflows
	publisher *bot.Publisher
	ahead     atomic.Int64 // how much later it is for the publisher
	later     atomic.Int64 // how much later it is for all
	log       *lines
	cancel    func() // tells the publisher to stop
	stop      func() // ends the publisher
}

// outbox is that of a store, of which a lease may be lost.
type outbox struct {
	*store.Store

	// lose, if it is set, is asked in place of SaveMessage.
	lose func(ctx context.Context, p call.Publication, m call.Message) error
}

func (o *outbox) SaveMessage(ctx context.Context, p call.Publication, m call.Message) error {
	if o.lose != nil {
		return o.lose(ctx, p, m)
	}
	return o.Store.SaveMessage(ctx, p, m)
}

// lines are what was logged.
type lines struct {
	mu   sync.Mutex
	text []string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, string(p))
	return len(p), nil
}

// with are the lines that hold s.
func (l *lines) with(s string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for _, line := range l.text {
		if strings.Contains(line, s) {
			found = append(found, line)
		}
	}
	return found
}

// failing has every request of a method answered with err; "" is every method, nil none.
func (d *desk) failing(method string, err error) {
	d.slack.mu.Lock()
	defer d.slack.mu.Unlock()
	d.slack.fail = func(m string) error {
		d.slack.tried++
		if method == "" || m == method {
			return err
		}
		return nil
	}
}

func newDesk(t *testing.T, recordings bot.Recordings) *desk {
	t.Helper()
	d := &desk{T: t, slack: &channel{changed: make(chan struct{})}, steps: &workflows{}, log: &lines{}}
	now := func() time.Time { return time.Now().Add(time.Duration(d.later.Load())) }
	db, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "callbot.db"), store.WithClock(now))
	if err != nil {
		t.Fatal(err)
	}
	all, err := phone.ParseCountries("*")
	if err != nil {
		t.Fatal(err)
	}
	d.store, d.outbox = db, &outbox{Store: db}
	d.svc = call.NewService(db, call.Rules{Countries: all}, time.Hour, now)
	d.publisher = bot.NewPublisher(bot.PublisherConfig{
		Slack: d.slack, Steps: d.steps, Outbox: d.outbox, Recordings: recordings, Refresh: time.Hour, Redact: time.Millisecond, Logger: slog.New(slog.NewTextHandler(d.log, nil)),
		Now: func() time.Time { return now().Add(time.Duration(d.ahead.Load())) },
	})
	d.start()
	t.Cleanup(func() {
		d.stop()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// start starts the publisher, which stop ends.
func (d *desk) start() {
	ctx, cancel := context.WithCancel(d.Context())
	d.cancel = cancel
	done := make(chan error, 1)
	go func() { done <- d.publisher.Run(ctx) }()
	d.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			d.Error(err)
		}
	})
}

func (d *desk) on(id call.ID, e call.Event) {
	d.Helper()
	e.At = d.store.Now()
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
	d.slack.until(t, "update", "Ended after 42 s, fetching what was said")
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: ended})
	if got := d.slack.until(t, "post", "They are open."); !strings.HasPrefix(got[strings.Index(got, ":")+2:], "<@U1>") {
		t.Errorf("the requester is not told first: %s", got)
	}
	d.slack.mu.Lock()
	defer d.slack.mu.Unlock()
	if i := slices.IndexFunc(d.slack.sent, func(s string) bool { return (strings.Contains(s, "Warning") || strings.Contains(s, "onfirmed")) }); i >= 0 {
		t.Errorf("a doubt was told that was none: %s", d.slack.sent[i])
	}
}

// until waits until something holds.
func (d *desk) until(holds func() bool) {
	d.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			d.Fatal("it never came to that")
		}
	}
}

// theNumber is +14155550132 as people write it.
const theNumber = "(415) 555-0132"

// TestAWatchThatEnds is told in a message of its own, and so is what comes later.
func TestAWatchThatEnds(t *testing.T) {
	d := newDesk(t, nil)
	id := d.talking("+14155550132")
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.InProgress})
	d.slack.until(t, "", "Talking to "+theNumber)
	d.on(id, call.Event{Kind: call.StopWatching})
	first := d.slack.until(t, "post", "<@U1>, I don't know whether the call to "+theNumber+" has ended")
	// The look that somebody asked for and its news come before Slack shows either.
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: ended})
	d.slack.until(t, "post", "<@U1> ✓ Achieved after 42 s")
	ts := strings.TrimPrefix(first[:strings.Index(first, ":")], "post ")
	d.slack.until(t, "update "+ts, "This was how it looked for a while")
}

// TestASecondLookWithoutNews is answered like the first.
func TestASecondLookWithoutNews(t *testing.T) {
	d := newDesk(t, nil)
	id := d.talking("+14155550132")
	d.on(id, call.Event{Kind: call.StopWatching})
	d.slack.until(t, "post", "I don't know whether the call to")
	d.on(id, call.Event{Kind: call.WatchAgain, Actor: "U1"})
	d.slack.until(t, "update", "This was how it looked for a while")
	d.on(id, call.Event{Kind: call.StopWatching})
	d.until(func() bool { return d.slack.count("post", "I don't know whether the call to") == 2 })
}

// count is how often something was sent that starts and goes on so.
func (c *channel) count(start, contains string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, s := range c.sent {
		if strings.HasPrefix(s, start) && strings.Contains(s, contains) {
			n++
		}
	}
	return n
}

// TestBothCallsAreTold: where two were made of one, each has its result, its transcript
// and its recording in the thread.
func TestBothCallsAreTold(t *testing.T) {
	d := newDesk(t, func(_ context.Context, c call.Call) (call.Recording, error) {
		if !strings.HasSuffix(c.RecordingURL, c.ProviderID) {
			t.Errorf("the recording of %s is asked for at %s", c.ProviderID, c.RecordingURL)
		}
		return call.Recording{Body: io.NopCloser(strings.NewReader("RIFF")), ContentType: "audio/wav", Size: 4}, nil
	})
	id := d.talking("+14155550132")
	d.on(id, call.Event{Kind: call.Accept, ProviderID: "cl_other"})
	d.slack.until(t, "", "AgentPhone made two calls of this one.")
	other := call.Result{Outcome: call.NotAchieved, Summary: "It was booked already.", Transcript: "Host: Again?", RecordingURL: "https://example.com/cl_other", Duration: 9 * time.Second}
	d.on(id, call.Event{Kind: call.ObserveOther, ReportedStatus: call.Completed, Result: other})
	d.slack.until(t, "post", "It was booked already.")
	first := ended
	first.RecordingURL = "https://example.com/cl_+14155550132"
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: first})
	d.slack.until(t, "post", "They are open.")
	d.slack.until(t, "post", "Host: Hello")
	d.slack.until(t, "post", "Host: Again?")
	d.slack.until(t, "upload", "other-call-415")
	d.slack.until(t, "upload: call-415", "")
	d.slack.until(t, "update", "The other call: ✗ Not achieved after 9 s")
}
