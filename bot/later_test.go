package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/bot"
	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// forms keeps what forms were shown.
type forms struct {
	opened, updated []slack.ModalViewRequest
	fail            error
}

func (f *forms) OpenViewContext(_ context.Context, _ string, v slack.ModalViewRequest) (*slack.ViewResponse, error) {
	f.opened = append(f.opened, v)
	return &slack.ViewResponse{}, f.fail
}

func (f *forms) UpdateViewContext(_ context.Context, v slack.ModalViewRequest, _, _, _ string) (*slack.ViewResponse, error) {
	f.updated = append(f.updated, v)
	return &slack.ViewResponse{}, f.fail
}

func wholeWorld(t *testing.T) phone.Countries {
	t.Helper()
	everywhere, err := phone.ParseCountries("*")
	if err != nil {
		t.Fatal(err)
	}
	return everywhere
}

// laterApp is an app with a card of one call, where it is 3:12 AM in Tokyo.
func laterApp(t *testing.T) (app *bot.App, k *kept, f *forms, told *whisper, now *time.Time) {
	t.Helper()
	quiet, err := call.ParseHours("21:00-08:00")
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2026, 11, 24, 18, 12, 0, 0, time.UTC)
	k, f, told, now = newKept(), &forms{}, &whisper{}, &clock
	app = bot.New(bot.Config{
		Service: call.NewService(k, call.Rules{Countries: wholeWorld(t), Quiet: quiet}, time.Hour, func() time.Time { return *now }),
		Slack:   told, Views: f,
		Region: "US", Logger: slog.New(slog.DiscardHandler),
	})
	app.SetTeam("T1")
	app.Handle(t.Context(), slash(t, "+81 3-1234-5678 Ask about hours", "1"))
	return app, k, f, told, now
}

// sent is the envelope of the form, filled in.
func sent(t *testing.T, view, user, team, meta string, picked any) socketmode.Envelope {
	t.Helper()
	payload, err := json.Marshal(map[string]any{
		"type": "view_submission", "user": map[string]any{"id": user, "team_id": team}, "team": map[string]any{"id": team},
		"trigger_id": fmt.Sprint(clicks.Add(1)),
		"view": map[string]any{
			"id": view, "type": "modal", "callback_id": "later", "private_metadata": meta,
			"state": map[string]any{"values": map[string]any{"when": map[string]any{"later_when": map[string]any{
				"type": "datetimepicker", "selected_date_time": picked,
			}}}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return socketmode.Envelope{ID: "v1", Type: socketmode.TypeInteractive, Payload: payload, AcceptsResponsePayload: true}
}

// complaint is what an ack says at the field of the form; "": the form is accepted.
func complaint(t *testing.T, a socketmode.Ack) string {
	t.Helper()
	if a.Payload == nil {
		return ""
	}
	r, ok := a.Payload.(*slack.ViewSubmissionResponse)
	if !ok || r.ResponseAction != slack.RAErrors || len(r.Errors) != 1 {
		t.Fatalf("%+v", a.Payload)
	}
	return r.Errors["when"]
}

// TestLaterForm: what is sent with it, by whomever, and what becomes of the call.
func TestLaterForm(t *testing.T) {
	eight := time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC).Unix() // AM in Tokyo
	for name, tc := range map[string]struct {
		user, team, meta string
		picked           any
		says             string
	}{
		"at eight":               {"U1", "T1", ":1", eight, ""},
		"nothing picked":         {"U1", "T1", ":1", nil, "Please choose a date and a time."},
		"in the past":            {"U1", "T1", ":1", 1, "That time has passed"},
		"before time began":      {"U1", "T1", ":1", -62135596800, "Please choose"},
		"beyond all time":        {"U1", "T1", ":1", int64(1) << 62, "Please choose"},
		"in half a year":         {"U1", "T1", ":1", eight + 180*24*3600, "30 days ahead"},
		"in the night":           {"U1", "T1", ":1", eight - 3600, "It will be 7:00 AM in Tokyo then. Nobody is called there before 8:00 AM their time."},
		"of an old revision":     {"U1", "T1", ":0", eight, "This card has changed"},
		"of one to come":         {"U1", "T1", ":2", eight, "This card has changed"},
		"of nothing":             {"U1", "T1", "", eight, "Please choose"},
		"by somebody else":       {"U2", "T1", ":1", eight, "Only the person who asked"},
		"from another workspace": {"U1", "T2", ":1", eight, "belongs to another workspace"},
	} {
		t.Run(name, func(t *testing.T) {
			app, k, _, _, _ := laterApp(t)
			meta := tc.meta
			if meta != "" {
				meta = string(k.last) + meta
			}
			got := complaint(t, app.Handle(t.Context(), sent(t, "V1", tc.user, tc.team, meta, tc.picked)))
			if (tc.says == "") != (got == "") || !strings.Contains(got, tc.says) {
				t.Errorf("told %q, want %q", got, tc.says)
			}
			want := call.Requested
			if tc.says == "" {
				want = call.Scheduled
			}
			if c := k.calls[k.last]; c.Status != want {
				t.Errorf("the call is %s, want %s", c.Status, want)
			}
		})
	}
}

// TestAFormThatIsSentTwice is one approval, and one that comes too late is told so.
func TestAFormThatIsSentTwice(t *testing.T) {
	app, k, _, _, _ := laterApp(t)
	eight := time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC).Unix()
	meta := string(k.last) + ":1"
	for range 2 {
		if got := complaint(t, app.Handle(t.Context(), sent(t, "V1", "U1", "T1", meta, eight))); got != "" {
			t.Errorf("told %q", got)
		}
	}
	if c := k.calls[k.last]; c.Status != call.Scheduled || c.Version != 2 {
		t.Errorf("%s, version %d", c.Status, c.Version)
	}
	for view, picked := range map[string]int64{"V2": eight, "V1": eight + 3600} { // another form of that card, and another time
		if got := complaint(t, app.Handle(t.Context(), sent(t, view, "U1", "T1", meta, picked))); !strings.Contains(got, "already approved") {
			t.Errorf("told %q", got)
		}
	}
	if c := k.calls[k.last]; c.StartAt.Unix() != eight {
		t.Errorf("it starts at %v", c.StartAt)
	}
}

// TestAFormThatIsNotSaved: because its card expired, or because the database is away.
func TestAFormThatIsNotSaved(t *testing.T) {
	eight := time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC).Unix()
	app, k, _, _, now := laterApp(t)
	meta := string(k.last) + ":1"
	*now = now.Add(time.Hour)
	if got := complaint(t, app.Handle(t.Context(), sent(t, "V1", "U1", "T1", meta, eight))); !strings.Contains(got, "expired") {
		t.Errorf("told %q", got)
	}
	k.fail = call.ErrUnclear
	if ack := app.Handle(t.Context(), sent(t, "V1", "U1", "T1", meta, eight)); ack != socketmode.NoAck {
		t.Errorf("a commit of unknown outcome is acked: %+v", ack)
	}
	k.fail = &call.Error{Code: call.Unavailable, Sentence: "Nothing was saved, please try again."}
	if got := complaint(t, app.Handle(t.Context(), sent(t, "V1", "U1", "T1", meta, eight))); got != "Nothing was saved, please try again." {
		t.Errorf("told %q", got)
	}
}

// TestOpeningTheForm: only for who may decide, with the time there, which follows what is picked.
func TestOpeningTheForm(t *testing.T) {
	app, k, f, told, _ := laterApp(t)
	value := string(k.last) + ":1"
	for user, v := range map[string]string{"U2": value, "U1": string(k.last) + ":0", "U3": "nonsense"} {
		app.Handle(t.Context(), clicked(t, "later", v, user, ""))
		app.Wait()
	}
	if len(f.opened) != 0 || len(told.told) != 3 {
		t.Fatalf("%d forms, told %q", len(f.opened), told.told)
	}
	app.Handle(t.Context(), clicked(t, "later", value, "U1", ""))
	if len(f.opened) != 1 || f.opened[0].PrivateMetadata != value {
		t.Fatalf("%+v", f.opened)
	}
	if got := formText(t, f.opened[0]); !strings.Contains(got, "Then it will be Wed, Nov 25, 8:00 AM in Tokyo.") {
		t.Errorf("%s", got)
	}
	f.fail = errors.New("expired_trigger_id")
	app.Handle(t.Context(), clicked(t, "later", value, "U1", ""))
	app.Wait()
	if len(told.told) != 4 || k.calls[k.last].Version != 1 {
		t.Errorf("told %q, version %d", told.told, k.calls[k.last].Version)
	}
}

// TestNoFormWhereNothingIsDecided: an old card in a conversation that is not allowed any
// more gives no form, as its other buttons approve nothing.
func TestNoFormWhereNothingIsDecided(t *testing.T) {
	_, k, f, told, now := laterApp(t)
	policy := call.Policy{Channels: []string{"C0ELSEWHERE"}}
	app := bot.New(bot.Config{
		Service: call.NewService(k, call.Rules{Countries: wholeWorld(t), Who: policy}, time.Hour, func() time.Time { return *now }),
		Slack:   told, Views: f, Policy: policy,
		Region: "US", Logger: slog.New(slog.DiscardHandler),
	})
	app.Handle(t.Context(), clicked(t, "later", string(k.last)+":1", "U1", ""))
	app.Wait()
	if len(f.opened) != 0 || len(told.told) != 1 {
		t.Errorf("%d forms, told %q", len(f.opened), told.told)
	}
}

func formText(t *testing.T, v slack.ModalViewRequest) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestTimedButtons: what a button of a card can be made to say.
func TestTimedButtons(t *testing.T) {
	eight := time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC).Unix()
	for _, tc := range []struct {
		action, value string
		status        call.Status
	}{
		{"call_at", fmt.Sprint(":1:", eight), call.Scheduled},
		{"call_at", ":1", call.Requested},
		{"call_at", ":1:", call.Requested},
		{"call_at", ":1:-5", call.Requested},
		{"call_at", ":1:99999999999999999999", call.Requested},
		{"call_at", fmt.Sprint(":1:", eight-24*3600), call.Requested},
		{"call_at", fmt.Sprint(":1:", eight-3600), call.Requested},
		{"call_at", fmt.Sprint(":1:", eight+365*24*3600), call.Requested},
		{"call_at", fmt.Sprint(":2:", eight), call.Requested},
		{"approve", ":1", call.Requested}, // it is night there
		{"approve", fmt.Sprint(":1:", eight), call.Requested},
		{"call_anyway", fmt.Sprint(":1:", eight), call.Requested},
		{"call_anyway", ":1", call.Approved},
		{"try_again", ":1", call.Requested},
	} {
		app, k, _, _, _ := laterApp(t)
		app.Handle(t.Context(), clicked(t, tc.action, string(k.last)+tc.value, "U1", ""))
		app.Wait()
		if got := k.calls[k.last].Status; got != tc.status {
			t.Errorf("%s %s: %s, want %s", tc.action, tc.value, got, tc.status)
		}
	}
}
