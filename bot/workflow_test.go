package bot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/bot"
	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// workflows is a Slack that remembers how steps were ended.
type workflows struct {
	mu   sync.Mutex
	ends []string // "Fx1 failed: …", "Fx1 outcome=… summary=…"
	fail func(end string) error
}

func (w *workflows) end(what string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends = append(w.ends, what)
	if w.fail != nil {
		return w.fail(what)
	}
	return nil
}

func (w *workflows) all() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.ends...)
}

func (w *workflows) FunctionCompleteErrorContext(_ context.Context, id, message string) error {
	return w.end(id + " failed: " + message)
}

func (w *workflows) FunctionCompleteSuccessContext(_ context.Context, id string, options ...slack.FunctionCompleteSuccessRequestOption) error {
	var r slack.FunctionCompleteSuccessRequest
	for _, o := range options {
		if err := o(&r); err != nil {
			return err
		}
	}
	return w.end(fmt.Sprintf("%s outcome=%s summary=%s transcript=%s", id, r.Outputs["outcome"], r.Outputs["summary"], r.Outputs["transcript"]))
}

// stepApp is an app of the workspace T1 that steps can be run in.
func stepApp(t *testing.T, k *kept, w *workflows, log *slog.Logger) *bot.App {
	t.Helper()
	us, err := phone.ParseCountries("US")
	if err != nil {
		t.Fatal(err)
	}
	app := bot.New(bot.Config{
		Service: call.NewService(k, call.Rules{Countries: us}, time.Hour, time.Now),
		Slack:   &whisper{}, Steps: w, Region: "US", Logger: log,
	})
	app.SetTeam("T1")
	return app
}

var fine = map[string]any{"number": "(415) 555-0132", "objective": "Ask when they open", "channel": "C1", "approver": "U2"}

// executed is the envelope of a step with those inputs.
func executed(t *testing.T, inputs any, attempt int) socketmode.Envelope {
	t.Helper()
	payload, err := json.Marshal(map[string]any{
		"type": "event_callback", "team_id": "T1", "event_id": "Ev1",
		"event": map[string]any{
			"type": "function_executed", "function": map[string]any{"callback_id": "place_call"},
			"inputs": inputs, "function_execution_id": "Fx0AbC", "workflow_execution_id": "Wx1", "bot_access_token": "xwfp-secret",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return socketmode.Envelope{ID: fmt.Sprint("e", attempt), Type: socketmode.TypeEventsAPI, Payload: payload, RetryAttempt: attempt}
}

func TestAStepIsOneCall(t *testing.T) {
	k, w := newKept(), &workflows{}
	var logged bytes.Buffer
	app := stepApp(t, k, w, slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	for attempt := range 3 {
		if ack := app.Handle(t.Context(), executed(t, fine, attempt)); ack != (socketmode.Ack{}) {
			t.Errorf("%+v", ack)
		}
	}
	c := k.calls[k.last]
	if len(k.calls) != 1 || c.Requester != "" || c.Decider != "U2" || c.Number.E164() != "+14155550132" || c.Objective != "Ask when they open" {
		t.Errorf("%d calls, %+v", len(k.calls), c)
	}
	if k.origin.Conversation != "C1" || k.origin.Step != "Fx0AbC" {
		t.Errorf("%+v", k.origin)
	}
	if len(w.all()) != 0 {
		t.Errorf("it ended: %q", w.all())
	}
	if strings.Contains(logged.String(), "xwfp") || strings.Contains(logged.String(), "555") {
		t.Errorf("the log shows a secret or the number:\n%s", &logged)
	}
}

func TestHowInputsAreRead(t *testing.T) {
	k, w := newKept(), &workflows{}
	inputs := map[string]any{
		"number": "<tel:4155550132|(415) 555-0132> x12", "objective": " Ask about R&amp;D &lt;today&gt; ", "business": "Zuni\nCafé",
		"website": "<https://zunicafe.example/menu|the menu>", "channel": "C1", "approver": nil,
	}
	p := call.Policy{Approval: call.ByAnyone}
	us, err := phone.ParseCountries("US")
	if err != nil {
		t.Fatal(err)
	}
	app := bot.New(bot.Config{
		Service: call.NewService(k, call.Rules{Countries: us, Who: p}, time.Hour, time.Now),
		Slack:   &whisper{}, Steps: w, Region: "US", Policy: p, Logger: slog.New(slog.DiscardHandler),
	})
	app.Handle(t.Context(), executed(t, inputs, 0))
	want := call.Request{
		Number: k.calls[k.last].Number, Extension: "12", Objective: "Ask about R&D <today>", Business: "Zuni Café", Website: "https://zunicafe.example/menu",
	}
	if diff := cmp.Diff(want, k.calls[k.last].Request, cmp.Comparer(func(a, b phone.Number) bool { return a.E164() == b.E164() })); diff != "" || want.Number.E164() != "+14155550132" {
		t.Errorf("%s %q", diff, w.all())
	}
}

func TestStepsThatFailAtOnce(t *testing.T) {
	with := func(name string, value any) map[string]any {
		inputs := map[string]any{name: value}
		for k, v := range fine {
			if k != name {
				inputs[k] = v
			}
		}
		return inputs
	}
	for name, tc := range map[string]struct {
		inputs any
		says   string
	}{
		"no number":         {with("number", "soon"), "That is not a phone number"},
		"an emergency":      {with("number", "911"), "911 is an emergency number"},
		"more than that":    {with("number", "(415) 555-0132 and ask"), "Only the phone number goes here"},
		"another country":   {with("number", "+44 20 7946 0958"), "United Kingdom"},
		"no objective":      {with("objective", "  "), "Say what the call is for"},
		"a card number":     {with("objective", "Pay with 4111 1111 1111 1111"), "payment card"},
		"a website":         {with("website", "no address"), "not the address of a website"},
		"no channel":        {with("channel", ""), "lacks a channel"},
		"nobody":            {with("approver", "<!channel>"), "no user"},
		"nobody to approve": {with("approver", ""), "Nobody can approve"},
		"other types":       {with("number", 4155550132), "can't be read"},
		"no inputs":         {[]string{}, "can't be read"},
	} {
		t.Run(name, func(t *testing.T) {
			k, w := newKept(), &workflows{}
			app := stepApp(t, k, w, slog.New(slog.DiscardHandler))
			if ack := app.Handle(t.Context(), executed(t, tc.inputs, 0)); ack != (socketmode.Ack{}) {
				t.Errorf("%+v", ack)
			}
			ends := w.all()
			if len(ends) != 1 || !strings.HasPrefix(ends[0], "Fx0AbC failed: ") || !strings.Contains(ends[0], tc.says) {
				t.Errorf("%q, want %q", ends, tc.says)
			}
			if len(k.calls) != 0 {
				t.Errorf("%d calls", len(k.calls))
			}
			if strings.Contains(strings.Join(ends, ""), "4111") {
				t.Errorf("it repeats the card number: %q", ends)
			}
		})
	}
}

// TestAFailureThatSlackDoesNotHear is told again with the next delivery of the event.
func TestAFailureThatSlackDoesNotHear(t *testing.T) {
	bad := map[string]any{"number": "soon", "objective": "Ask when they open", "channel": "C1"}
	for name, tc := range map[string]struct {
		err error
		ack socketmode.Ack
	}{
		"heard":       {nil, socketmode.Ack{}},
		"heard twice": {slack.SlackErrorResponse{Err: "execution_not_in_running_state"}, socketmode.Ack{}},
		"forgotten":   {slack.SlackErrorResponse{Err: "function_execution_not_found"}, socketmode.Ack{}},
		"not heard":   {errors.New("connection reset"), socketmode.NoAck},
		"busy":        {&slack.RateLimitedError{RetryAfter: time.Minute}, socketmode.NoAck},
	} {
		w := &workflows{fail: func(string) error { return tc.err }}
		if ack := stepApp(t, newKept(), w, slog.New(slog.DiscardHandler)).Handle(t.Context(), executed(t, bad, 0)); ack != tc.ack {
			t.Errorf("%s: %+v", name, ack)
		}
	}
}

func TestAStepThatCannotBeSaved(t *testing.T) {
	k, w := newKept(), &workflows{}
	app := stepApp(t, k, w, slog.New(slog.DiscardHandler))
	k.fail = call.Errorf(call.Unavailable, "Nothing was saved, please try again.")
	for attempt := range 3 {
		if ack := app.Handle(t.Context(), executed(t, fine, attempt)); ack != socketmode.NoAck {
			t.Errorf("%+v", ack)
		}
	}
	if len(w.all()) != 0 {
		t.Errorf("it failed while Slack would deliver it again: %q", w.all())
	}
	if ack := app.Handle(t.Context(), executed(t, fine, 3)); ack != (socketmode.Ack{}) || len(w.all()) != 1 {
		t.Errorf("the last delivery: %+v %q", ack, w.all())
	}
	k.fail = fmt.Errorf("commit: %w", call.ErrUnclear)
	if ack := app.Handle(t.Context(), executed(t, fine, 3)); ack != socketmode.NoAck || len(w.all()) != 1 {
		t.Errorf("a commit of unknown outcome: %+v %q", ack, w.all())
	}
}

func TestStepsOfOthers(t *testing.T) {
	k, w := newKept(), &workflows{}
	app := stepApp(t, k, w, slog.New(slog.DiscardHandler))
	e := executed(t, fine, 0)
	for _, change := range [][2]string{{"place_call", "other"}, {"Fx0AbC", "../x"}, {"Fx0AbC", ""}} {
		e.Payload = []byte(strings.Replace(string(executed(t, fine, 0).Payload), change[0], change[1], 1))
		if ack := app.Handle(t.Context(), e); ack != (socketmode.Ack{}) {
			t.Errorf("%v: %+v", change, ack)
		}
	}
	if len(k.calls) != 0 || len(w.all()) != 0 {
		t.Errorf("%d calls, %q", len(k.calls), w.all())
	}
	app.Handle(t.Context(), changed(t, executed(t, fine, 0), map[string]any{"team_id": "T9"}))
	if len(k.calls) != 0 || len(w.all()) != 1 || !strings.Contains(w.all()[0], "another workspace") {
		t.Errorf("%d calls, %q", len(k.calls), w.all())
	}
}

// step is a call that a workflow asked for; decider may be "".
func (d *desk) step(decider call.UserID) call.ID {
	d.Helper()
	n, err := phone.ParseE164("+14155550132")
	if err != nil {
		d.Fatal(err)
	}
	s := call.NewService(d.store, call.Rules{Countries: countries(d.T), Who: call.Policy{Approval: call.ByAnyone}}, time.Hour, time.Now)
	c, err := s.RequestStep(d.Context(), "step:Fx1", call.Request{Number: n, Objective: "Ask when they open"}, call.Person{ID: decider}, call.Origin{Conversation: "C1", Step: "Fx1"})
	if err != nil {
		d.Fatal(err)
	}
	return c.ID
}

func countries(t *testing.T) phone.Countries {
	t.Helper()
	all, err := phone.ParseCountries("*")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// placed is step with a call under way.
func (d *desk) placed() call.ID {
	d.Helper()
	id := d.step("U2")
	d.slack.until(d.T, "post", "Ask when they open")
	d.on(id, call.Event{Kind: call.Approve, Actor: "U2"})
	d.on(id, call.Event{Kind: call.Place})
	d.on(id, call.Event{Kind: call.Accept, ProviderID: "cl_1"})
	return id
}

// TestAStepWaitsForWhatIsLate: a workflow cannot be told again, as an edit tells people.
func TestAStepWaitsForWhatIsLate(t *testing.T) {
	d := newDesk(t, nil)
	id := d.placed()
	partial := call.Result{Outcome: call.Achieved, Duration: 42 * time.Second}
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: partial, Due: time.Now().Add(time.Hour)})
	d.ahead.Store(int64(time.Minute)) // longer than a result waits
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: partial, Due: time.Now().Add(time.Hour)})
	d.slack.until(t, "post", "Reported as achieved")
	if ends := d.steps.all(); len(ends) != 0 {
		t.Fatalf("the workflow was told too early: %q", ends)
	}
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: ended})
	d.until(func() bool { return len(d.steps.all()) > 0 })
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: call.Result{RecordingURL: "https://agentphone.app/r/abc.wav"}})
	d.slack.until(t, "update", "Achieved after 42 s")
	if diff := cmp.Diff([]string{"Fx1 outcome=Achieved summary=They are open. transcript=Host: Hello"}, d.steps.all()); diff != "" {
		t.Error(diff)
	}
}

// TestAnEndThatSlackDoesNotTake: a step that is over is let be, and one whose outputs are
// refused is failed rather than left waiting.
func TestAnEndThatSlackDoesNotTake(t *testing.T) {
	for name, tc := range map[string]struct {
		code string
		want []string // beginnings
	}{
		"over":    {"execution_not_in_running_state", []string{"Fx1 outcome=Achieved"}},
		"unknown": {"function_execution_not_found", []string{"Fx1 outcome=Achieved"}},
		"outputs": {"parameter_validation_failed", []string{"Fx1 outcome=Achieved", "Fx1 failed: The call has ended, and Slack doesn't take its result"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			d.steps.fail = func(end string) error {
				if strings.Contains(end, "failed:") {
					return nil
				}
				return slack.SlackErrorResponse{Err: tc.code}
			}
			id := d.placed()
			d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: ended})
			d.until(func() bool { return len(d.steps.all()) >= len(tc.want) })
			d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: call.Result{RecordingURL: "https://agentphone.app/r/abc.wav"}})
			d.slack.until(t, "update", "Achieved after 42 s")
			ends := d.steps.all()
			if len(ends) != len(tc.want) {
				t.Fatalf("%q", ends)
			}
			for i, want := range tc.want {
				if !strings.HasPrefix(ends[i], want) {
					t.Errorf("%q, want %q", ends[i], want)
				}
			}
		})
	}
}

// TestAStepWithoutACard: where nobody can be shown the card, the workflow does not wait
// for it to expire, and no card comes later.
func TestAStepWithoutACard(t *testing.T) {
	d := newDesk(t, nil)
	d.failing("chat.postMessage", slack.SlackErrorResponse{Err: "channel_not_found"})
	id := d.step("")
	d.until(func() bool { return len(d.steps.all()) > 0 })
	if ends := d.steps.all(); len(ends) != 1 || !strings.Contains(ends[0], "I can't post the card of this call") || !strings.Contains(ends[0], "channel_not_found") {
		t.Fatalf("%q", ends)
	}
	d.failing("", nil)
	d.ahead.Store(int64(2 * time.Hour))
	d.on(id, call.Event{Kind: call.Renew})
	d.until(func() bool {
		next, err := d.store.NextPublication(t.Context())
		return err == nil && next.IsZero()
	})
	if n := d.slack.count("post", ""); n != 0 {
		t.Errorf("%d messages were posted", n)
	}
	if n := d.slack.count("open", ""); n != 0 {
		t.Errorf("a direct message was opened with nobody")
	}

	// On their Home tab somebody may still approve it, and then it is shown as any other.
	d.on(id, call.Event{Kind: call.Approve, Actor: "U3"})
	d.slack.until(t, "post", "Approved by <@U3>")
	d.on(id, call.Event{Kind: call.Place})
	d.on(id, call.Event{Kind: call.Accept, ProviderID: "cl_1"})
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: ended})
	d.slack.until(t, "post", "Achieved after 42 s")
	if ends := d.steps.all(); len(ends) != 1 {
		t.Errorf("%q", ends)
	}
}
