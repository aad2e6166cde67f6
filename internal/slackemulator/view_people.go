package slackemulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// View is a modal or Home tab as its person sees it at one moment.
type View struct {
	e *Emulator
	v *view

	ID              string          `json:"id"`
	Type            string          `json:"type"` // "modal" or "home"
	CallbackID      string          `json:"callback_id,omitempty"`
	User            string          `json:"user"`
	Title           string          `json:"title,omitempty"`
	SubmitLabel     string          `json:"submit,omitempty"`
	CloseLabel      string          `json:"close,omitempty"`
	Blocks          json.RawMessage `json:"blocks"`
	PrivateMetadata string          `json:"private_metadata,omitempty"`
	State           json.RawMessage `json:"state"` // state.values, as in payloads
	Closed          bool            `json:"closed,omitempty"`
	Version         int             `json:"version"`

	blocks []object
	values controlState
}

// snapshotView shows a view as it is now. The caller holds e.mu.
func (e *Emulator) snapshotView(v *view) View {
	return View{
		e: e, v: v, ID: v.id, Type: text(v.fields, "type"), CallbackID: text(v.fields, "callback_id"), User: v.user.name,
		Title: text(sub(v.fields, "title"), "text"), SubmitLabel: text(sub(v.fields, "submit"), "text"),
		CloseLabel: text(sub(v.fields, "close"), "text"), Blocks: encode(v.blocks),
		PrivateMetadata: text(v.fields, "private_metadata"), State: encode(stateValues(v.blocks, v.state)),
		Closed: v.closed, Version: v.revision, blocks: v.blocks, values: v.state.clone(),
	}
}

// View returns the person's topmost modal, and whether there is one.
func (u *User) View() (View, bool) {
	u.e.mu.Lock()
	defer u.e.mu.Unlock()
	stack := u.e.modals[u.id]
	if len(stack) == 0 {
		return View{}, false
	}
	return u.e.snapshotView(stack[len(stack)-1]), true
}

// WaitView waits until the person's topmost modal matches; nil matches any.
func (u *User) WaitView(ctx context.Context, match func(View) bool) (View, error) {
	return u.e.waitView(ctx, "a modal of "+u.name, match, u.View)
}

// Home returns the person's Home tab, and whether the app has published one.
func (u *User) Home() (View, bool) {
	u.e.mu.Lock()
	defer u.e.mu.Unlock()
	home := u.e.homes[u.id]
	if home == nil {
		return View{}, false
	}
	return u.e.snapshotView(home), true
}

// WaitHome waits until the person's Home tab matches; nil matches any.
func (u *User) WaitHome(ctx context.Context, match func(View) bool) (View, error) {
	return u.e.waitView(ctx, "the Home tab of "+u.name, match, u.Home)
}

// OpenHome opens the app's Home tab, of which the app is told.
func (u *User) OpenHome() {
	u.e.mu.Lock()
	defer u.e.mu.Unlock()
	body := object{"type": "app_home_opened", "user": u.id, "channel": u.e.directWith(u.account()).id, "tab": "home"}
	if home := u.e.homes[u.id]; home != nil {
		body["view"] = home.wire(u.e)
	}
	u.e.deliver("app_home_opened", "", body, nil, u.e.newTS())
}

func (e *Emulator) waitView(ctx context.Context, what string, match func(View) bool, look func() (View, bool)) (View, error) {
	for {
		e.mu.Lock()
		changed := e.changed
		e.mu.Unlock()
		v, ok := look()
		if ok && (match == nil || match(v)) {
			return v, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return View{}, fmt.Errorf("waiting for %s: %w; last seen: %q", what, ctx.Err(), v.Plain())
		}
	}
}

// Current returns the view as it is now.
func (v View) Current() View {
	v.e.mu.Lock()
	defer v.e.mu.Unlock()
	return v.e.snapshotView(v.v)
}

// Button finds a button in the view by its label or action_id.
func (v View) Button(label string) *Control { return v.control(label, true) }

// Control finds any control in the view: by label, placeholder, action_id or block_id.
func (v View) Control(name string) *Control { return v.control(name, false) }

func (v View) control(name string, buttons bool) *Control {
	c := findControl(v.Current().blocks, name, buttons)
	c.e, c.v = v.e, v.v
	if c.err != nil {
		c.err = fmt.Errorf("%w in the view %q", c.err, v.Title)
	} else if l := text(sub(c.block, "label"), "text"); l != "" {
		c.Label = l
	}
	return c
}

// Fill fills in a control, found by its label, placeholder, action_id or
// block_id, as [Control.Choose]; "" empties it. The app is told of it where
// Slack tells: controls outside of input blocks, and those with dispatch_action.
func (v View) Fill(ctx context.Context, name, value string) error {
	return v.fill(ctx, name, value, value)
}

// FillTyping is Fill with one of the options that the app supplies for what is typed.
func (v View) FillTyping(ctx context.Context, name, typed, value string) error {
	return v.fill(ctx, name, typed, value)
}

func (v View) fill(ctx context.Context, name, typed, value string) error {
	c := v.Control(name)
	if c.err != nil {
		return c.err
	}
	if err := c.fill(ctx, &User{v.e, v.v.user.id, v.v.user.name}, typed, value); err != nil {
		return fmt.Errorf("filling in %q: %w", name, err)
	}
	return nil
}

func (c *Control) fill(ctx context.Context, u *User, typed, value string) error {
	if text(c.block, "type") != "input" || flag(c.block, "dispatch_action") {
		_, err := c.ChooseTyping(ctx, u, typed, value)
		return err
	}
	var suggested []object
	if strings.HasSuffix(c.Type, "external_select") && value != "" {
		var err error
		if suggested, err = c.suggest(ctx, u, typed); err != nil {
			return err
		}
	}
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	if err := c.usable(u, false); err != nil {
		return err
	}
	chosen, err := c.e.valueFor(c.el, value, suggested)
	if err != nil {
		return err
	}
	c.keep(chosen)
	return nil
}

// ValidationError is what a person reads below the inputs of a modal, by
// block_id, when it could not be submitted.
type ValidationError map[string]string

func (err ValidationError) Error() string {
	var parts []string
	for block, msg := range err {
		parts = append(parts, block+": "+msg)
	}
	slices.Sort(parts)
	return "the modal was not accepted: " + strings.Join(parts, "; ")
}

// Submit presses the modal's submit button, and waits until the app has
// acknowledged it. A [ValidationError] comes from Slack itself, for what is
// missing or malformed, or from the app. On success the modal is gone, or shows
// what the app answered: see [User.View].
func (v View) Submit(ctx context.Context) error {
	e := v.e
	u := &User{e, v.v.user.id, v.v.user.name}
	e.mu.Lock()
	if err := v.v.submittable(e); err != nil {
		e.mu.Unlock()
		return err
	}
	payload := e.payload("view_submission", u, v.v)
	payload["view"] = v.v.wire(e)
	payload["response_urls"] = e.viewResponseURLs(u, v.v)
	env := e.newEnvelope(envelopeInteractive, encode(payload), true)
	e.mu.Unlock()
	err := e.send(ctx, env, func(answer json.RawMessage) error { return e.takeSubmission(v.v, answer) })
	var invalid ValidationError
	if err != nil && !errors.As(err, &invalid) && ctx.Err() == nil {
		e.mu.Lock()
		e.notify(u.account(), "", "We had some trouble connecting. Try again?")
		e.mu.Unlock()
		return fmt.Errorf("submitting the modal %q: %w", v.Title, err)
	}
	return err
}

// Close presses the modal's close button. The app is told if it asked for it.
func (v View) Close(ctx context.Context) error {
	e := v.e
	u := &User{e, v.v.user.id, v.v.user.name}
	e.mu.Lock()
	stack := e.modals[u.id]
	if len(stack) == 0 || stack[len(stack)-1] != v.v {
		e.mu.Unlock()
		return fmt.Errorf("the modal %q is not the one in front of %s", v.Title, u.name)
	}
	payload := e.payload("view_closed", u, nil)
	delete(payload, "trigger_id")
	payload["view"], payload["is_cleared"] = v.v.wire(e), flag(v.v.fields, "clear_on_close")
	env := e.newEnvelope(envelopeInteractive, encode(payload), false)
	if flag(v.v.fields, "clear_on_close") {
		e.closeModals(u.account())
	} else {
		e.pop(u.account())
	}
	e.mu.Unlock()
	if !flag(v.v.fields, "notify_on_close") {
		return nil
	}
	return e.send(ctx, env, nil)
}

// submittable is what Slack's client checks before it submits.
func (v *view) submittable(e *Emulator) error {
	stack := e.modals[v.user.id]
	if len(stack) == 0 || stack[len(stack)-1] != v {
		return fmt.Errorf("the modal is not the one in front of %s", v.user.name)
	}
	if _, ok := v.fields["submit"]; !ok {
		return fmt.Errorf("the modal has no submit button")
	}
	wrong := ValidationError{}
	for _, b := range v.blocks {
		el := sub(b, "element")
		if text(b, "type") != "input" {
			continue
		}
		if msg := complaint(el, v.state.value(b, el), flag(b, "optional")); msg != "" {
			wrong[text(b, "block_id")] = msg
		}
	}
	if len(wrong) > 0 {
		return wrong
	}
	return nil
}

func complaint(el object, value any, optional bool) string {
	if list, ok := value.([]any); value == nil || value == "" || (ok && len(list) == 0) {
		if optional {
			return ""
		}
		return "Please complete this required field."
	}
	typed, ok := value.(string)
	if !ok {
		return ""
	}
	length := int64(utf8.RuneCountInString(typed))
	switch {
	case el["min_length"] != nil && length < number(el["min_length"]):
		return fmt.Sprintf("Must be at least %v characters.", el["min_length"])
	case el["max_length"] != nil && length > number(el["max_length"]):
		return fmt.Sprintf("Must be at most %v characters.", el["max_length"])
	}
	var err error
	switch text(el, "type") {
	case "number_input":
		return numberComplaint(el, typed)
	case "email_text_input":
		if !strings.Contains(typed, "@") {
			err = errors.New("no address")
		}
	case "url_text_input":
		if !strings.Contains(typed, "://") {
			err = errors.New("no URL")
		}
	}
	if err != nil {
		return "Please enter a valid value."
	}
	return ""
}

// numberComplaint is what is wrong with a number. Its bounds are texts in Block Kit.
func numberComplaint(el object, typed string) string {
	n, err := strconv.ParseFloat(typed, 64)
	if err != nil || !flag(el, "is_decimal_allowed") && n != math.Trunc(n) {
		return "Please enter a valid value."
	}
	if least, err := strconv.ParseFloat(text(el, "min_value"), 64); err == nil && n < least {
		return fmt.Sprintf("Must be at least %s.", text(el, "min_value"))
	}
	if most, err := strconv.ParseFloat(text(el, "max_value"), 64); err == nil && n > most {
		return fmt.Sprintf("Must be at most %s.", text(el, "max_value"))
	}
	return ""
}

func number(v any) int64 {
	n, ok := v.(json.Number)
	if !ok {
		return 0
	}
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return i
}

// viewResponseURLs makes the addresses for the conversations that were chosen in
// controls with response_url_enabled.
func (e *Emulator) viewResponseURLs(u *User, v *view) []object {
	out := []object{}
	for _, b := range v.blocks {
		el := sub(b, "element")
		id, _ := v.state.value(b, el).(string)
		conv := e.conversations[id]
		if !flag(el, "response_url_enabled") || conv == nil {
			continue
		}
		_, address := e.newResponseURL("actions", conv, u.account(), nil)
		out = append(out, object{
			"block_id": text(b, "block_id"), "action_id": text(el, "action_id"), "channel_id": conv.id, "response_url": address,
		})
	}
	return out
}

// takeSubmission does what an app answered to a submission. The caller holds e.mu.
func (e *Emulator) takeSubmission(v *view, answer json.RawMessage) error {
	var r struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if len(answer) > 0 {
		if err := json.Unmarshal(answer, &r); err != nil {
			return fail("invalid_response")
		}
	}
	switch r.Action {
	case "":
		e.closeView(v)
		return nil
	case "clear":
		e.closeModals(v.user)
		return nil
	case "errors":
		if len(r.Errors) == 0 {
			return fail("invalid_response")
		}
		for id := range r.Errors {
			if !slices.ContainsFunc(v.blocks, func(b object) bool { return text(b, "block_id") == id && text(b, "type") == "input" }) {
				return fail("invalid_response", "no input block "+id)
			}
		}
		return ValidationError(r.Errors)
	case "update", "push":
		fresh, err := e.readView(r.View, "modal")
		if err != nil {
			return err
		}
		if v.closed {
			return fail("not_found")
		}
		if r.Action == "update" {
			e.replaceView(v, fresh)
			return nil
		}
		if len(e.modals[v.user.id]) >= maxStack {
			return fail("push_limit_reached")
		}
		e.push(v.user, fresh)
		return nil
	}
	return fail("invalid_response_action")
}
