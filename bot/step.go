package bot

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/agentphone-slack/callbot/internal/call"
)

// stepEnd is how a step ends: with outputs, or with why it failed.
type stepEnd struct {
	outputs map[string]string
	failure string
}

// maxOutput bounds an output in UTF-16 units, as Slack bounds the texts of a message;
// nothing is documented of outputs.
const maxOutput = 3000

// step tells the workflow how the call ended, once. It waits for content that is still
// looked for, because it cannot be told again.
func (s *session) step(ctx context.Context) error {
	if !s.hasStep() || s.stepTold() {
		return nil
	}
	end, ended := s.stepEnd(ctx)
	if !ended {
		return nil
	}
	return s.endStep(ctx, end)
}

// hasStep reports that a workflow waits, or waited, for the end of the call. It is told
// where the call was asked for.
func (s *session) hasStep() bool { return s.pub.Origin.Step != "" && s.stand.user == "" }

// stepTold reports that the workflow was told an end.
func (s *session) stepTold() bool { return s.pub.Messages[call.SlotStep].Digest != "" }

// stepWithoutCard ends the step of a call whose card Slack refuses everywhere: nobody can
// decide on it.
func (s *session) stepWithoutCard(ctx context.Context, refused error) error {
	if !s.hasStep() || s.stepTold() || !permanent(refused) || tokenRefused(refused) {
		return nil
	}
	return s.endStep(ctx, stepEnd{failure: fmt.Sprintf("I can't post the card of this call in the step's channel, so nobody can approve it and nobody was called (%s). Add callbot to the channel with /invite, or choose who approves the call in the step: then the card can go to them.", slackCode(refused))})
}

// endStep ends the step. It is told the same again if nobody knows whether it was told:
// Slack takes one end.
func (s *session) endStep(ctx context.Context, end stepEnd) error {
	if err := s.hold(ctx); err != nil {
		return err
	}
	err := s.complete(ctx, end)
	if slackCode(err) == "parameter_validation_failed" {
		s.log.Error("Slack does not take the outputs of a workflow's step; install the app again from its manifest", slog.String("call", string(s.pub.Call.ID)), slog.Any("error", err))
		end = stepEnd{failure: "The call has ended, and Slack doesn't take its result for this workflow. The thread of its card has it. Ask whoever runs callbot to install the app again from its current manifest."}
		err = s.complete(ctx, end)
	}
	if stepOver(err) {
		s.log.Info("a workflow waits for the end of a call no more", slog.String("call", string(s.pub.Call.ID)), slog.String("code", slackCode(err)))
		err = nil
	}
	if err != nil {
		return fmt.Errorf("ending the step of a workflow: %w", err)
	}
	return s.save(ctx, call.SlotStep, call.Message{Slot: call.SlotStep, Digest: "told"})
}

func (s *session) complete(ctx context.Context, end stepEnd) error {
	if end.outputs == nil {
		return s.ask(ctx, "functions.completeError", "", s.bounded(func(ctx context.Context) error {
			return s.cfg.Steps.FunctionCompleteErrorContext(ctx, s.pub.Origin.Step, end.failure)
		}))
	}
	return s.ask(ctx, "functions.completeSuccess", "", s.bounded(func(ctx context.Context) error {
		return s.cfg.Steps.FunctionCompleteSuccessContext(ctx, s.pub.Origin.Step, slack.FunctionCompleteSuccessRequestOptionOutput(end.outputs))
	}))
}

// stepEnd is how the step of this call ends; false while it goes on.
func (s *session) stepEnd(ctx context.Context) (stepEnd, bool) {
	c := s.pub.Call
	card := s.pub.Messages[call.SlotCard]
	address := permalink(s.home().workspace, call.Recent{Channel: card.Channel, Thread: card.Thread, TS: card.TS})
	if c.Status == call.Completed {
		if c.Lacks() && looking(c) {
			return stepEnd{}, false
		}
		return stepEnd{outputs: stepOutputs(c, address)}, true
	}
	l := stepFailure(c)
	if l == nil {
		return stepEnd{}, false
	}
	text := l.plain(func(id string) string { return s.nameOf(ctx, id) })
	if address != "" {
		text += " " + address
	}
	return stepEnd{failure: text}, true
}

// stepOutputs is what a workflow gets of a call that was made. What is not known is left out.
func stepOutputs(c call.Call, address string) map[string]string {
	outputs := map[string]string{
		outputOutcome:    outcomeWords(c.Result),
		outputSummary:    output(c.Summary),
		outputTranscript: output(c.Transcript),
		outputLink:       address,
	}
	if c.Duration >= time.Second {
		outputs[outputDuration] = fmt.Sprint(int64(c.Duration / time.Second))
	}
	for name, text := range outputs {
		if text == "" {
			delete(outputs, name)
		}
	}
	return outputs
}

// outcomeWords is the outcome of a conversation in the words of its card.
func outcomeWords(r call.Result) string {
	switch r.Outcome {
	case call.Achieved:
		if r.Silent() {
			return "Reported as achieved, not confirmed"
		}
		return "Achieved"
	case call.Partial:
		return "Partly achieved"
	case call.NotAchieved:
		return "Not achieved"
	case "":
		return "Ended, outcome not told"
	}
	return "Ended, outcome “" + shortOutput(r.Outcome, 60) + "”"
}

// output is somebody's text for a workflow, cut to maxOutput.
func output(text string) string {
	shown, wasCut := cut(squeeze(visible(text)), maxOutput-units(outputCut))
	if wasCut {
		shown += outputCut
	}
	return unlinked(shown)
}

const outputCut = "\n(This is not all of it. The thread of the card has the rest.)"

// unlinked is somebody's text that mentions nobody and hides no address wherever a
// workflow puts it. It is no mrkdwn there, or not for certain, so that nothing is escaped.
func unlinked(text string) string { return strings.NewReplacer("<", "‹", ">", "›").Replace(text) }

// shortOutput is unlinked on one line, cut to most UTF-16 units.
func shortOutput(text string, most int) string {
	short, _ := cut(oneLine(text), most)
	return unlinked(short)
}

// stepFailure is why a workflow does not go on, as the call's card says it too; nil while
// the call may still be made, or was. A person may still make something of it, which the
// workflow does not hear of.
func stepFailure(c call.Call) line {
	var l line
	switch {
	case c.Status.Active() && c.Unwatched:
		l = line{say("? "), strong("Unknown"), say(": nobody knows whether the call has ended")}
	case c.Status == call.Failed, c.Status == call.Canceled, c.Status == call.Refused, c.Status == call.Declined,
		c.Status == call.Expired, c.Status == call.Abandoned:
		l = verdict(c)
	default:
		return nil
	}
	l = append(append(append(l, say(" · call to ")), callee(c)...), fate(c), say("."))
	if why := strings.TrimSpace(c.Summary); why != "" {
		l = append(l, say(" "), theirsLine(why, maxWords))
	}
	if c.Status == call.Refused && refusalOf(c.Reason).words && c.Detail != "" {
		l = append(l, say(" AgentPhone said: “"), theirsLine(c.Detail, maxWords), say("”"))
	}
	return l
}

// plain is the line where nothing is formatted and nobody is mentioned.
func (l line) plain(name func(id string) string) string {
	var b strings.Builder
	for _, p := range l {
		switch p.kind {
		case person:
			b.WriteString(name(p.text))
		case moment:
			b.WriteString(p.momentFallback())
		case theirs:
			b.WriteString(unlinked(p.text))
		case ours, userGroup, channel, link:
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// nameOf is what somebody is called; "somebody" if Slack does not say.
func (s *session) nameOf(ctx context.Context, id string) string {
	var name string
	err := s.ask(ctx, "users.info", "", s.bounded(func(ctx context.Context) error {
		u, err := s.cfg.Who.GetUserInfoContext(ctx, id)
		if err == nil {
			name = u.RealName
			if name == "" {
				name = u.Name
			}
		}
		return err
	}))
	if err != nil {
		s.log.Warn("asking Slack who somebody is", slog.String("user", id), slog.Any("error", err))
	}
	if name = shortOutput(name, 80); name == "" {
		return "somebody"
	}
	return name
}

// stepOver reports that Slack waits for the end of a step no more, or knows none.
func stepOver(err error) bool {
	return slices.Contains([]string{"execution_not_in_running_state", "function_execution_not_found"}, slackCode(err))
}
