package slackemulator

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// function is a step that the app offers in Workflow Builder, as its manifest declares it.
type function struct {
	Title            string               `yaml:"title"`
	Description      string               `yaml:"description"`
	InputParameters  map[string]parameter `yaml:"input_parameters"`
	OutputParameters map[string]parameter `yaml:"output_parameters"`
}

// parameter is one input or output of a function.
type parameter struct {
	Type        string `yaml:"type"`
	Title       string `yaml:"title"`
	Description string `yaml:"description"`
	IsRequired  bool   `yaml:"is_required"`
}

const functionExecuted = "function_executed"

// function finds a function that works. An app has to be ready for organizations to have
// any (https://docs.slack.dev/tools/bolt-js/tutorials/custom-steps). Slack subscribes it to
// the event when a step is added in the app's settings, and writes that into the manifest;
// of a manifest that leaves it out nothing is documented, so that it is wanted here.
// Without a manifest any function is declared, with any parameters.
func (m *manifest) function(callbackID string) (*function, error) {
	if m == nil {
		return &function{Title: callbackID}, nil
	}
	f, ok := m.Functions[callbackID]
	switch {
	case !ok:
		return nil, fmt.Errorf("the manifest declares no function %q", callbackID)
	case !m.Settings.OrgDeployEnabled:
		return nil, fmt.Errorf("the app has functions and is not ready for organizations: settings.org_deploy_enabled is off")
	case !m.subscribed(functionExecuted, ""):
		return nil, fmt.Errorf("the app is not subscribed to %s", functionExecuted)
	}
	return &f, nil
}

// execution is one run of a function.
type execution struct {
	id, token string
	function  *function
	declared  bool // its parameters are known
	end       *StepEnd
}

// StepRun is one run of a step of a workflow.
type StepRun struct {
	e *Emulator
	x *execution
}

// StepEnd is how a step ended.
type StepEnd struct {
	OK      bool           // the workflow goes on
	Outputs map[string]any // what the steps behind it get; only if OK
	Error   string         // what the workflow's managers are told; only if not OK
}

// RunStep has a workflow come to a step of the app, as if somebody had built and started
// it: the function with a callback_id, with inputs by their names. What Workflow Builder
// would not let pass is an error: an input that is missing, that is not declared or that
// has another type.
func (e *Emulator) RunStep(callbackID string, inputs map[string]any) (*StepRun, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f, err := e.manifest.function(callbackID)
	if err != nil {
		return nil, fmt.Errorf("running a step: %w", err)
	}
	x := &execution{id: e.newID("Fx"), token: "xwfp-emulator-" + strings.ToLower(e.newID("W")), function: f, declared: e.manifest != nil}
	if x.declared {
		if problems := e.mismatches(f.InputParameters, inputs); len(problems) > 0 {
			return nil, fmt.Errorf("running a step: its inputs: %s", strings.Join(problems, "; "))
		}
	}
	e.executions = bounded(append(e.executions, x), maxRecords)
	given := maps.Clone(inputs)
	if given == nil {
		given = map[string]any{}
	}
	now := e.clock.Now().Unix()
	e.emit(Event{Kind: StepStarted, Text: f.Title})
	e.deliver(functionExecuted, "", object{
		"type": functionExecuted,
		"function": object{
			"id": e.newID("Fn"), "callback_id": callbackID, "title": f.Title, "description": f.Description, "type": "app",
			"input_parameters": listedParameters(f.InputParameters), "output_parameters": listedParameters(f.OutputParameters),
			"app_id": e.appID, "date_created": now, "date_updated": now, "date_deleted": 0,
		},
		"inputs": given, "function_execution_id": x.id, "workflow_execution_id": e.newID("Wx"), "bot_access_token": x.token,
	}, nil, e.newTS())
	return &StepRun{e, x}, nil
}

func listedParameters(all map[string]parameter) []object {
	list := []object{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		p := all[name]
		list = append(list, object{"type": p.Type, "name": name, "description": p.Description, "title": p.Title, "is_required": p.IsRequired})
	}
	return list
}

// StepRuns are the runs of steps so far, oldest first.
func (e *Emulator) StepRuns() []*StepRun {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := make([]*StepRun, len(e.executions))
	for i, x := range e.executions {
		list[i] = &StepRun{e, x}
	}
	return list
}

// ID is the function_execution_id.
func (r *StepRun) ID() string { return r.x.id }

// Token is the bot_access_token that came with the event. It stands for the app as long
// as the step runs.
func (r *StepRun) Token() string { return r.x.token }

// End is how the step ended; false while it runs.
func (r *StepRun) End() (StepEnd, bool) {
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	if r.x.end == nil {
		return StepEnd{}, false
	}
	return *r.x.end, true
}

// Wait waits until the app has ended the step.
func (r *StepRun) Wait(ctx context.Context) (StepEnd, error) {
	if err := r.e.await(ctx, func() bool { return r.x.end != nil }); err != nil {
		return StepEnd{}, fmt.Errorf("waiting for the end of a step: %w", err)
	}
	end, _ := r.End()
	return end, nil
}

// stands reports whether a token is that of a step that runs. The caller holds e.mu.
func (e *Emulator) stands(token string) bool {
	for _, x := range e.executions {
		if x.token == token {
			return x.end == nil
		}
	}
	return false
}

// running finds an execution that has not ended.
func (e *Emulator) running(args arguments) (*execution, error) {
	if args.str("function_execution_id") == "" {
		return nil, missingField("function_execution_id")
	}
	for _, x := range e.executions {
		switch {
		case x.id != args.str("function_execution_id"):
		case x.end != nil:
			return nil, fail("execution_not_in_running_state")
		default:
			return x, nil
		}
	}
	return nil, fail("function_execution_not_found")
}

// functionsCompleteSuccess is https://docs.slack.dev/reference/methods/functions.completeSuccess.
func (e *Emulator) functionsCompleteSuccess(args arguments) (object, error) {
	raw, err := args.json("outputs")
	if err != nil {
		return nil, err
	}
	if raw == nil {
		return nil, missingField("outputs")
	}
	var outputs map[string]any
	if json.Unmarshal(raw, &outputs) != nil || outputs == nil {
		return nil, fail("invalid_arguments", "[ERROR] must provide an object [json-pointer:/outputs]")
	}
	x, err := e.running(args)
	if err != nil {
		return nil, err
	}
	if x.declared {
		if problems := e.mismatches(x.function.OutputParameters, outputs); len(problems) > 0 {
			return nil, fail("parameter_validation_failed", problems...)
		}
	}
	x.end = &StepEnd{OK: true, Outputs: outputs}
	e.emit(Event{Kind: StepCompleted, Text: x.function.Title})
	return object{}, nil
}

// functionsCompleteError is https://docs.slack.dev/reference/methods/functions.completeError.
func (e *Emulator) functionsCompleteError(args arguments) (object, error) {
	if strings.TrimSpace(args.str("error")) == "" {
		return nil, missingField("error")
	}
	x, err := e.running(args)
	if err != nil {
		return nil, err
	}
	x.end = &StepEnd{Error: args.str("error")}
	e.emit(Event{Kind: StepFailed, Text: x.end.Error})
	return object{}, nil
}

// mismatches are the ways in which values are not what parameters declare. What is not
// declared at all is one too: nothing says that Slack lets it pass.
func (e *Emulator) mismatches(declared map[string]parameter, values map[string]any) []string {
	var problems []string
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		p := declared[name]
		value := values[name]
		switch missing := value == nil || value == ""; {
		case missing && p.IsRequired:
			problems = append(problems, "missing required parameter: "+name)
		case !missing && !e.isOf(p.Type, value):
			problems = append(problems, fmt.Sprintf("parameter %s is not of the type %s", name, p.Type))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if _, ok := declared[name]; !ok {
			problems = append(problems, "parameter is not declared: "+name)
		}
	}
	return problems
}

// isOf reports whether a value is of one of Slack's types
// (https://docs.slack.dev/tools/deno-slack-sdk/reference/slack-types). Those that are not
// listed here match nothing.
func (e *Emulator) isOf(kind string, value any) bool {
	word, isText := value.(string)
	number, isNumber := value.(float64)
	if n, ok := value.(int); ok {
		number, isNumber = float64(n), true
	}
	switch kind {
	case "string":
		return isText
	case "number":
		return isNumber
	case "integer":
		return isNumber && number == math.Trunc(number)
	case "boolean":
		_, ok := value.(bool)
		return ok
	case "slack#/types/user_id":
		return isText && e.accounts[word] != nil
	case "slack#/types/channel_id":
		return isText && e.conversations[word] != nil
	}
	return false
}
