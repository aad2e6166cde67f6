package slackemulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

const stepManifest = `
display_information: {name: callbot}
functions:
  greet:
    title: Greet
    description: Greets somebody
    input_parameters:
      who: {type: slack#/types/user_id, title: Who, is_required: true}
      where: {type: slack#/types/channel_id, title: Where}
      times: {type: integer, title: Times}
      words: {type: string, title: Words}
      loud: {type: boolean, title: Loud}
      factor: {type: number, title: Factor}
    output_parameters:
      words: {type: string, title: Words, is_required: true}
      seconds: {type: integer, title: Seconds}
settings:
  event_subscriptions: {bot_events: [function_executed]}
  org_deploy_enabled: true
  socket_mode_enabled: true
`

func stepServer(t *testing.T, manifest string) *slackemulator.Server {
	t.Helper()
	return slackemulator.NewServer(t, slackemulator.WithManifest([]byte(manifest)))
}

func runStep(t *testing.T, srv *slackemulator.Server) *slackemulator.StepRun {
	t.Helper()
	ana, err := srv.LookupUser("ana")
	if err != nil {
		ana = srv.AddUser("ana")
	}
	run, err := srv.RunStep("greet", args{"who": ana.ID()})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// TestStepWithSlackGo: what the emulator sends is what slack-go reads, and what slack-go
// sends is taken.
func TestStepWithSlackGo(t *testing.T) {
	srv := stepServer(t, stepManifest)
	startApp(t, srv, func(a *app, ev socketmode.Event) {
		outer, ok := ev.Data.(slackevents.EventsAPIEvent)
		if !ok {
			return
		}
		e, ok := outer.InnerEvent.Data.(*slackevents.FunctionExecutedEvent)
		if !ok {
			return
		}
		_ = a.socket.AckCtx(t.Context(), ev.Request.EnvelopeID, nil)
		api := slack.New(srv.BotToken(), slack.OptionAPIURL(srv.APIURL()))
		ctx := context.WithoutCancel(t.Context()) // the test may see the end before the answer comes
		if e.Inputs["words"] == "fail" {
			if err := api.FunctionCompleteErrorContext(ctx, e.FunctionExecutionID, "No words."); err != nil {
				t.Error(err)
			}
			return
		}
		said := fmt.Sprintf("%s %s %v %d>%d", e.Function.CallbackID, e.Function.Title, e.Inputs["who"], len(e.Function.InputParameters), len(e.Function.OutputParameters))
		outputs := slack.FunctionCompleteSuccessRequestOptionOutput(map[string]string{"words": said})
		if err := api.FunctionCompleteSuccessContext(ctx, e.FunctionExecutionID, outputs); err != nil {
			t.Error(err)
		}
	})
	ana := srv.AddUser("ana")
	run, err := srv.RunStep("greet", args{"who": ana.ID(), "times": 2})
	if err != nil {
		t.Fatal(err)
	}
	end, err := run.Wait(deadline(t))
	if err != nil {
		t.Fatal(err)
	}
	if want := "greet Greet " + ana.ID() + " 6>2"; !end.OK || end.Outputs["words"] != want {
		t.Errorf("it ended as %+v, want the words %q", end, want)
	}
	run, err = srv.RunStep("greet", args{"who": ana.ID(), "words": "fail"})
	if err != nil {
		t.Fatal(err)
	}
	if end, err := run.Wait(deadline(t)); err != nil || end.OK || end.Error != "No words." {
		t.Errorf("it ended as %+v, %v", end, err)
	}
}

func TestStepsThatDoNotStart(t *testing.T) {
	srv := stepServer(t, stepManifest)
	ana, ops := srv.AddUser("ana"), srv.AddChannel("#ops")
	for name, tc := range map[string]struct {
		inputs args
		says   string
	}{
		"nothing":             {args{}, "missing required parameter: who"},
		"an empty input":      {args{"who": ""}, "missing required parameter: who"},
		"nobody":              {args{"who": "U0NOBODY"}, "who is not of the type slack#/types/user_id"},
		"a name":              {args{"who": "ana"}, "who is not of the type"},
		"a number for a text": {args{"who": ana.ID(), "words": 3}, "words is not of the type string"},
		"a text for a number": {args{"who": ana.ID(), "times": "3"}, "times is not of the type integer"},
		"a half":              {args{"who": ana.ID(), "times": 2.5}, "times is not of the type integer"},
		"no channel":          {args{"who": ana.ID(), "where": "#ops"}, "where is not of the type"},
		"something else":      {args{"who": ana.ID(), "why": "because"}, "parameter is not declared: why"},
	} {
		if _, err := srv.RunStep("greet", tc.inputs); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v, want %q", name, err, tc.says)
		}
	}
	if n := len(srv.Envelopes()); n > 0 {
		t.Errorf("the app was told %d times", n)
	}
	if _, err := srv.RunStep("greet", args{"who": ana.ID(), "where": ops.ID(), "times": 2, "words": "", "loud": true, "factor": 0.5}); err != nil {
		t.Error(err)
	}
	if _, err := srv.RunStep("part", args{}); err == nil {
		t.Error("a function ran that is not declared")
	}
	for name, without := range map[string]string{
		"not ready for organizations": "  org_deploy_enabled: true\n",
		"not subscribed":              "  event_subscriptions: {bot_events: [function_executed]}\n",
	} {
		srv := stepServer(t, strings.Replace(stepManifest, without, "", 1))
		if _, err := srv.RunStep("greet", args{"who": srv.AddUser("ana").ID()}); err == nil {
			t.Errorf("%s: it ran", name)
		}
	}
}

func TestStepEndsOnceAndAsDeclared(t *testing.T) {
	srv := stepServer(t, stepManifest)
	succeed := func(id any, outputs any) args {
		return callJSON(t, srv, "functions.completeSuccess", args{"function_execution_id": id, "outputs": outputs})
	}
	fail := func(id any, text string) args {
		return callJSON(t, srv, "functions.completeError", args{"function_execution_id": id, "error": text})
	}
	run := runStep(t, srv)
	if _, ended := run.End(); ended {
		t.Error("it has ended before anybody did anything")
	}
	wantError(t, succeed("Fx0UNKNOWN", args{"words": "x"}), "function_execution_not_found")
	wantError(t, fail("Fx0UNKNOWN", "x"), "function_execution_not_found")
	wantError(t, succeed("", args{"words": "x"}), "invalid_arguments")
	wantError(t, succeed(run.ID(), nil), "invalid_arguments")
	wantError(t, succeed(run.ID(), []string{"x"}), "invalid_arguments")
	wantError(t, fail(run.ID(), " "), "invalid_arguments")
	for _, outputs := range []args{
		{}, {"words": ""}, {"words": 3}, {"words": "x", "seconds": "3"}, {"words": "x", "seconds": 1.5}, {"words": "x", "more": "y"},
	} {
		wantError(t, succeed(run.ID(), outputs), "parameter_validation_failed")
	}
	if _, ended := run.End(); ended {
		t.Error("it has ended although nothing was taken")
	}
	mustOK(t, succeed(run.ID(), args{"words": "x", "seconds": 3}))
	wantError(t, succeed(run.ID(), args{"words": "y"}), "execution_not_in_running_state")
	wantError(t, fail(run.ID(), "y"), "execution_not_in_running_state")
	if end, _ := run.End(); !end.OK || end.Outputs["words"] != "x" {
		t.Errorf("it ended as %+v", end)
	}

	failed := runStep(t, srv)
	mustOK(t, fail(failed.ID(), "It is Sunday."))
	wantError(t, succeed(failed.ID(), args{"words": "y"}), "execution_not_in_running_state")
	if end, _ := failed.End(); end.OK || end.Error != "It is Sunday." || end.Outputs != nil {
		t.Errorf("it ended as %+v", end)
	}
}

// TestStepToken: the token that comes with the event stands for the app until the step ends.
func TestStepToken(t *testing.T) {
	srv := stepServer(t, stepManifest)
	run := runStep(t, srv)
	end := map[string]string{"function_execution_id": run.ID(), "error": "No."}
	wantError(t, callForm(t, srv, "functions.completeError", "xwfp-other", end), "invalid_auth")
	wantError(t, callForm(t, srv, "functions.completeError", srv.AppToken(), end), "not_allowed_token_type")
	mustOK(t, callForm(t, srv, "functions.completeError", run.Token(), end))
	wantError(t, callForm(t, srv, "auth.test", run.Token(), nil), "invalid_auth")
}

func TestStepEvent(t *testing.T) {
	srv := stepServer(t, stepManifest)
	w, _ := connect(t, srv)
	run := runStep(t, srv)
	msg := w.next()
	w.ack(msg, nil)
	raw, err := json.Marshal(msg["payload"])
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{run.ID(), `"callback_id":"greet"`, `"is_required":true`, `"bot_access_token":"` + run.Token() + `"`, `"event_id":"Ev`} {
		if !strings.Contains(string(raw), part) {
			t.Errorf("the event lacks %s: %s", part, raw)
		}
	}
	waitUntil(t, srv, func() bool { return srv.Envelopes("events_api")[0].State == slackemulator.EnvelopeAcked })
}
