package bot

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/socketmode"
)

// stepPlaceCall is the callback_id of the step that places a call.
const stepPlaceCall = "place_call"

// Steps is the part of Slack's Web API that ends steps of workflows. It takes the app's own
// token; the one that comes with the event is good for a few minutes, and is not kept.
type Steps interface {
	FunctionCompleteSuccessContext(ctx context.Context, execution string, options ...slack.FunctionCompleteSuccessRequestOption) error
	FunctionCompleteErrorContext(ctx context.Context, execution, message string) error
}

// The inputs of the step, and its outputs.
const (
	inputNumber    = "number"
	inputObjective = "objective"
	inputBusiness  = "business"
	inputWebsite   = "website"
	inputChannel   = "channel"
	inputApprover  = "approver"

	outputOutcome    = "outcome"
	outputSummary    = "summary"
	outputTranscript = "transcript"
	outputDuration   = "duration"
	outputLink       = "link"
)

// stepInputs is what a workflow gives to the step, by its name.
type stepInputs map[string]string

// executionID is the form of the ids of steps that run, such as "Fx1234567O9L".
var executionID = regexp.MustCompile(`^[A-Za-z0-9]{2,64}$`)

// lastDelivery is the retry_attempt of an event that Slack delivers no more after it.
const lastDelivery = 3

// failWithin bounds the request that fails a step at once. Slack has then delivered the
// event again, and is answered the second time.
const failWithin = 2 * time.Second

// functionExecuted asks for a call because a workflow has come to its step. What cannot be
// asked for fails the step before the event is acked, so that no crash leaves the workflow
// waiting; a second answer changes nothing.
func (a *App) functionExecuted(ctx context.Context, e socketmode.Envelope, h happened) socketmode.Ack {
	var event struct {
		Function struct {
			CallbackID string `json:"callback_id"`
		} `json:"function"`
		Inputs    json.RawMessage `json:"inputs"`
		Execution string          `json:"function_execution_id"`
	}
	if err := json.Unmarshal(h.Event, &event); err != nil || !executionID.MatchString(event.Execution) || event.Function.CallbackID != stepPlaceCall {
		a.log.Warn("a step of a workflow that is not known", slog.Any("error", err))
		return socketmode.Ack{}
	}
	c, sentence, err := a.takeStep(ctx, event.Execution, h.Team, event.Inputs)
	switch {
	case err == nil && sentence == "":
		a.log.Info("call requested by a workflow", slog.String("call", string(c.ID)))
		return socketmode.Ack{}
	case errors.Is(err, call.ErrUnclear):
		a.log.Error("a commit whose outcome is not known", slog.Any("error", err))
		return socketmode.NoAck
	case call.CodeOf(err) == call.Unavailable && e.RetryAttempt < lastDelivery:
		a.log.Warn("a step of a workflow was not saved", slog.Any("error", err))
		return socketmode.NoAck
	case err != nil:
		sentence = a.plainSentence(err)
	}
	a.log.Info("a step of a workflow fails at once", slog.String("code", string(call.CodeOf(err))))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), failWithin)
	defer cancel()
	if err := a.steps.FunctionCompleteErrorContext(ctx, event.Execution, sentence); err != nil && !stepOver(err) {
		a.log.Warn("failing a step of a workflow", slog.Any("error", err))
		return socketmode.NoAck
	}
	return socketmode.Ack{}
}

// takeStep keeps the call that a step asks for. If it cannot be read, the sentence says why.
func (a *App) takeStep(ctx context.Context, execution, team string, raw json.RawMessage) (c call.Call, sentence string, err error) {
	if a.foreign("", team) {
		return c, "", call.ErrForeign
	}
	var in stepInputs
	if err := json.Unmarshal(raw, &in); err != nil {
		return c, "The inputs of this step can't be read, so nobody was called. Ask whoever runs callbot to install the app again from its current manifest.", nil
	}
	req, wrong := a.readStep(in)
	if wrong != "" {
		return c, wrong, nil
	}
	if !slackID.MatchString(in[inputChannel]) || in[inputApprover] != "" && !slackID.MatchString(in[inputApprover]) {
		return c, "This step lacks a channel for the card, or names an approver who is no user, so nobody was called.", nil
	}
	ctx, cancel := context.WithTimeout(ctx, commitWithin)
	defer cancel()
	decider := call.UserID(in[inputApprover])
	who := a.person(ctx, in[inputApprover], a.policy.ToDecide(decider))
	c, err = a.svc.RequestStep(ctx, call.Key("step:"+execution), req, who, call.Origin{Conversation: in[inputChannel], Step: execution})
	return c, "", err
}

// readStep makes a request of the inputs, as of a form, and says what is wrong with it.
// Slack keeps texts as those of messages, where a link may have a label.
func (a *App) readStep(in stepInputs) (call.Request, string) {
	text := func(name string) string { return strings.TrimSpace(unescape(in[name])) }
	address, _, _ := strings.Cut(strings.Trim(text(inputWebsite), "<>"), "|")
	f := filled{blocks: map[string]string{}}
	f.number, f.objective, f.business, f.website = text(inputNumber), text(inputObjective), text(inputBusiness), address
	fields := []string{fieldNumber, fieldObjective, fieldBusiness, fieldWebsite}
	for _, field := range fields {
		f.blocks[field] = field
	}
	q, wrong := a.read(f)
	var sentences []string
	for _, field := range fields {
		if wrong[field] != "" {
			sentences = append(sentences, wrong[field])
		}
	}
	if len(sentences) > 0 {
		sentences = append(sentences, "Nobody was called.")
	}
	return q, strings.Join(sentences, "\n")
}
