package bot_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// all are what was sent so far, and how often something was tried.
func (c *channel) all() (sent []string, tried int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.sent), c.tried
}

// shown is a call that has ended, of which everything stands in Slack.
func (d *desk) shown(number string) call.ID {
	d.Helper()
	id := d.talking(number)
	result := ended
	result.RecordingURL = "https://agentphone.app/r.wav"
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: result})
	d.slack.until(d.T, "post", "Transcript of the call to "+fmt.Sprintf("(%s) %s-%s", number[2:5], number[5:8], number[8:]))
	d.slack.until(d.T, "upload", "call-"+number[2:5]+"-"+number[5:8]+"-"+number[8:])
	d.idle()
	return id
}

// idle waits until all that was to be shown is.
func (d *desk) idle() {
	d.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) { // between two looks
		next, err := d.store.NextPublication(d.Context())
		unsettled, err2 := d.store.Unsettled(d.Context())
		if err := errors.Join(err, err2); err != nil {
			d.Fatal(err)
		}
		if next.IsZero() && unsettled == 0 {
			return
		}
		if time.Now().After(deadline) {
			d.Fatalf("something is still to be shown, at %v, of %d calls", next, unsettled)
		}
	}
}

func (d *desk) erase(id call.ID) { d.on(id, call.Event{Kind: call.Erase}) }

// audible is a recording of a few bytes.
func audible(context.Context, call.Call) (call.Recording, error) {
	return call.Recording{Body: io.NopCloser(strings.NewReader("RIFF")), ContentType: "audio/wav", Size: 4}, nil
}

// TestErasedMessages: what stands is edited or deleted, each once, and nothing is posted.
func TestErasedMessages(t *testing.T) {
	d := newDesk(t, audible)
	id := d.shown("+14155550132")
	before, _ := d.slack.all()
	d.erase(id)
	d.slack.until(t, "delete file", "F1")
	d.slack.until(t, "update 1:", "Erased")
	d.idle()
	sent, _ := d.slack.all()
	sent = sent[len(before):]
	slices.Sort(sent)
	for i, want := range []string{"delete 4", "delete file F1", "update 1: ✓ Achieved after 42 s · call to +1 •••••••• 32", "update 2: Erased", "update 3: Erased"} {
		if len(sent) != 5 || !strings.HasPrefix(sent[i], want) {
			t.Fatalf("sent:\n%s", strings.Join(sent, "\n"))
		}
	}
	// What the provider tells late changes nothing of that.
	d.on(id, call.Event{Kind: call.Miss, Reason: call.ReasonGone})
	d.idle()
	if again, _ := d.slack.all(); len(again) != len(before)+5 {
		t.Errorf("sent once more:\n%s", strings.Join(again[len(before)+5:], "\n"))
	}
}

// TestWhatCannotBeErasedIsGivenUp, quietly, and told once in the log; it is posted nowhere.
func TestWhatCannotBeErasedIsGivenUp(t *testing.T) {
	for code, told := range map[string]int{"message_not_found": 0, "file_deleted": 0, "is_archived": 5, "cant_delete_message": 5} {
		t.Run(code, func(t *testing.T) {
			d := newDesk(t, audible)
			id := d.shown("+14155550132")
			before, _ := d.slack.all()
			d.failing("", slack.SlackErrorResponse{Err: code})
			d.erase(id)
			d.idle()
			after, tried := d.slack.all()
			if len(after) != len(before) || tried > 9 {
				t.Errorf("%d requests, and sent: %v", tried, after[len(before):])
			}
			if lines := d.log.with("does not let what it shows of it be erased"); len(lines) != told {
				t.Errorf("told %d times, want %d: %v", len(lines), told, lines)
			}
		})
	}
}

// TestErasingGoesOn when Slack answers again.
func TestErasingGoesOn(t *testing.T) {
	d := newDesk(t, audible)
	id := d.shown("+14155550132")
	d.failing("", slack.SlackErrorResponse{Err: "internal_error"})
	d.erase(id)
	for {
		if _, tried := d.slack.all(); tried >= 5 {
			break
		}
		time.Sleep(time.Millisecond) // between two looks
	}
	d.failing("none", nil)
	d.slack.until(t, "delete file", "F1")
	d.slack.until(t, "delete 4", "")
	for _, n := range []string{"1", "2", "3"} {
		d.slack.until(t, "update "+n+":", "Erased")
	}
}

// TestALateUploadIsErasedToo: the recording came while its call was erased.
func TestALateUploadIsErasedToo(t *testing.T) {
	on, fetch := make(chan struct{}), make(chan struct{})
	d := newDesk(t, func(ctx context.Context, c call.Call) (call.Recording, error) {
		close(on)
		<-fetch
		return audible(ctx, c)
	})
	id := d.talking("+14155550132")
	result := ended
	result.RecordingURL = "https://agentphone.app/r.wav"
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: result})
	<-on
	d.erase(id)
	close(fetch)
	d.slack.until(t, "upload", "call-415")
	d.slack.until(t, "delete file", "F1")
}

// TestAnUploadIsKnownThatAStopMeets: Slack has taken the file when the bot is told to stop.
func TestAnUploadIsKnownThatAStopMeets(t *testing.T) {
	d := newDesk(t, audible)
	stopped := make(chan struct{})
	d.slack.mu.Lock()
	d.slack.fail = func(method string) error {
		if method == "files" {
			go func() { d.stop(); close(stopped) }()
			d.slack.mu.Unlock()
			time.Sleep(50 * time.Millisecond) // an answer that takes its time
			d.slack.mu.Lock()
		}
		return nil
	}
	d.slack.mu.Unlock()
	id := d.talking("+14155550132")
	result := ended
	result.RecordingURL = "https://agentphone.app/r.wav"
	d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: result})
	<-stopped
	d.erase(id)
	pubs, err := d.store.ClaimRedaction(t.Context(), time.Minute)
	if err != nil || len(pubs) != 1 || pubs[0].Messages[call.SlotRecording].File != "F1" {
		t.Errorf("the file is not known: %+v %v", pubs, err)
	}
}

// TestABacklogOfErasuresDelaysNoCard.
func TestABacklogOfErasuresDelaysNoCard(t *testing.T) {
	d := newDesk(t, audible)
	var ids []call.ID
	for i := range 30 {
		id := d.asked(fmt.Sprintf("+1415555%04d", 100+i))
		d.on(id, call.Event{Kind: call.Decline, Actor: "U1"})
		ids = append(ids, id)
	}
	d.idle()
	waiting := make(chan struct{})
	d.slack.mu.Lock()
	d.slack.fail = func(method string) error {
		if method == "chat.update" {
			d.slack.mu.Unlock()
			<-waiting // Slack takes its time
			d.slack.mu.Lock()
		}
		return nil
	}
	d.slack.mu.Unlock()
	for _, id := range ids {
		d.erase(id)
	}
	d.asked("+14155550177")
	d.slack.until(t, "post", "Ask about +14155550177")
	close(waiting)
	d.slack.until(t, "update 30:", "Erased")
}

// TestErasedThoughReplaced: what a later file took the place of is erased too.
func TestErasedThoughReplaced(t *testing.T) {
	long := strings.Repeat("They are open. ", 400)
	for name, tc := range map[string]struct {
		first, later call.Result
		shown        []string // what stands first
		gone         []string // what is asked of Slack
	}{
		"a message": {
			call.Result{Outcome: call.Achieved, Transcript: "Host: Hello"},
			call.Result{Outcome: call.Achieved, Summary: long},
			[]string{"post 4", "Host: Hello"},
			[]string{"delete file F1", "delete 4"},
		},
		"a file": {
			call.Result{Outcome: call.Achieved, Summary: long},
			call.Result{Outcome: call.Achieved, Transcript: "Host: Hello"},
			[]string{"upload", "transcript"},
			[]string{"delete file F1", "delete file F2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, nil)
			id := d.talking("+14155550132")
			d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: tc.first})
			d.slack.until(t, tc.shown[0], tc.shown[1])
			uploads := d.slack.count("upload", "")
			d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: tc.later})
			d.until(func() bool { return d.slack.count("upload", "") > uploads })
			d.idle()
			d.erase(id)
			d.slack.until(t, "update 1:", "Erased")
			d.idle()
			for _, want := range tc.gone {
				if d.slack.count(want, "") != 1 {
					sent, _ := d.slack.all()
					t.Errorf("no %q among:\n%s", want, strings.Join(sent, "\n"))
				}
			}
		})
	}
}

// TestErasedWhereNothingCouldBeWritten: what stayed in a channel that was archived for a
// while is erased once it can be.
func TestErasedWhereNothingCouldBeWritten(t *testing.T) {
	d := newDesk(t, nil)
	id := d.asked("+14155550132")
	d.slack.until(t, "post 1:", "Ask about")
	d.idle()
	archived := true
	d.slack.mu.Lock()
	d.slack.fail = func(method string) error { // what is posted next is a direct message
		if archived && (method == "chat.update" || method == "chat.postMessage") {
			archived = method == "chat.update"
			return slack.SlackErrorResponse{Err: "is_archived"}
		}
		return nil
	}
	d.slack.mu.Unlock()
	d.on(id, call.Event{Kind: call.Decline, Actor: "U1"})
	d.slack.until(t, "post 3:", "Canceled")
	d.idle()
	d.erase(id)
	d.slack.until(t, "update 1:", "Erased")
	d.slack.until(t, "update 3:", "Erased")
}
