package bot_test

import (
	"context"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// TestALostRecording is told with its reason, and is brought if that is possible later.
func TestALostRecording(t *testing.T) {
	with := ended
	with.RecordingURL = "https://example.com/a.wav"
	refused := func(cause error) error {
		return &call.Error{Code: call.RefusedCode, Sentence: "No.", Err: cause}
	}
	for name, tc := range map[string]struct {
		err   error // of the recording
		slack error // of its upload
		told  string
		later bool
	}{
		"gone":              {refused(call.ErrRecordingGone), nil, "link to it no longer works", true},
		"too large":         {refused(call.ErrRecordingTooLarge), nil, "larger than 100 MB", false},
		"not audio":         {refused(call.ErrRecordingNotAudio), nil, "not audio", false},
		"address":           {refused(call.ErrRecordingAddress), nil, "not safe to fetch from", false},
		"refused by Slack":  {nil, slack.SlackErrorResponse{Err: "file_uploads_disabled"}, "Slack does not take it. It is at https://example.com/a.wav", true},
		"for reasons of it": {refused(nil), nil, "link to it no longer works", true},
	} {
		t.Run(name, func(t *testing.T) {
			var fine atomic.Bool
			d := newDesk(t, func(context.Context, call.Call) (call.Recording, error) {
				if tc.err != nil && !fine.Load() {
					return call.Recording{}, tc.err
				}
				return call.Recording{Body: io.NopCloser(strings.NewReader("RIFF")), ContentType: "audio/wav", Size: 4}, nil
			})
			id := d.talking("+14155550132")
			if tc.slack != nil {
				d.failing("files", tc.slack)
			}
			d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: with})
			sentence := d.slack.until(t, "post", "could not be brought here")
			if flat := strings.ReplaceAll(sentence, "\n", " "); !strings.Contains(flat, tc.told) || !strings.Contains(flat, "under the id cl_+14155550132") {
				t.Errorf("told: %s", sentence)
			}
			if got := strings.Contains(sentence, "I keep trying"); got != tc.later {
				t.Errorf("says that it goes on: %t, want %t: %s", got, tc.later, sentence)
			}
			fine.Store(true)
			d.failing("files", nil)
			d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: with})
			d.ahead.Store(int64(6 * time.Minute))
			d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: with})
			if !tc.later {
				d.until(func() bool { next, err := d.store.NextPublication(t.Context()); return err == nil && next.IsZero() })
				if n := d.slack.count("upload", ""); n > 0 {
					t.Errorf("%d uploads of what stays as it is", n)
				}
				return
			}
			d.slack.until(t, "upload", ".wav")
			ts := strings.TrimPrefix(sentence[:strings.Index(sentence, ":")], "post ")
			d.slack.until(t, "update "+ts, "It has come since")
			d.on(id, call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: with})
			d.until(func() bool { next, err := d.store.NextPublication(t.Context()); return err == nil && next.IsZero() })
			if n := d.slack.count("upload", ""); n != 1 {
				t.Errorf("%d uploads", n)
			}
		})
	}
}

// TestARecordingIsTriedForADay: seldom, and not for ever.
func TestARecordingIsTriedForADay(t *testing.T) {
	var tries atomic.Int64
	d := newDesk(t, func(context.Context, call.Call) (call.Recording, error) {
		tries.Add(1)
		return call.Recording{Body: io.NopCloser(strings.NewReader("RIFF")), ContentType: "audio/wav", Size: 4}, nil
	})
	id := d.talking("+14155550132")
	d.failing("files", slack.SlackErrorResponse{Err: "file_uploads_disabled"})
	with := ended
	with.RecordingURL = "https://example.com/a.wav"
	news := call.Event{Kind: call.Observe, ReportedStatus: call.Completed, Result: with}
	d.on(id, news)
	d.slack.until(t, "post", "could not be brought here")
	for hour := 1; hour <= 30; hour++ {
		before := tries.Load()
		d.ahead.Store(int64(time.Duration(hour) * time.Hour))
		d.on(id, news)
		if hour < 24 {
			d.until(func() bool { return tries.Load() > before })
		}
		d.until(func() bool {
			next, err := d.store.NextPublication(t.Context())
			return err == nil && (next.IsZero() || next.Sub(d.store.Now()) > time.Minute)
		})
	}
	if n := tries.Load(); n < 24 || n > 28 {
		t.Errorf("%d tries", n)
	}
	if next, err := d.store.NextPublication(t.Context()); err != nil || !next.IsZero() {
		t.Errorf("still to be tried at %v, %v", next, err)
	}
	if n := d.slack.count("post", "could not be brought here"); n != 1 {
		t.Errorf("told %d times", n)
	}
}
