package slackemulator

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/agentphone-slack/callbot/internal/slackemulator/blockkit"
)

// Control is a button, menu or other interactive element, as it was shown.
type Control struct {
	e *Emulator
	m *message // where it stands: in a message
	v *view    // or in a view

	Label    string // of a button; the placeholder of a menu
	Type     string
	ActionID string
	BlockID  string
	Value    string
	Style    string   // of a button: "", "primary" or "danger"
	URL      string   // that a button opens
	Confirm  *Confirm // the dialog that Slack shows first; whoever uses the control agrees to it
	Options  []string // labels of a menu's options

	block, el object
	err       error
}

// Confirm is a confirmation dialog.
type Confirm struct{ Title, Text, Yes, No, Style string }

// Button finds a button by its label or action_id. If there is none, using it
// tells so.
func (m Message) Button(label string) *Control {
	c := findControl(m.blocks, label, true)
	c.e, c.m = m.e, m.m
	if c.err != nil {
		c.err = fmt.Errorf("%w in the message %q", c.err, m.Plain())
	}
	return c
}

// Control finds any control by label, placeholder, action_id or block_id.
func (m Message) Control(name string) *Control {
	c := findControl(m.blocks, name, false)
	c.e, c.m = m.e, m.m
	return c
}

func findControl(blocks []object, name string, buttons bool) *Control {
	var labels []string
	for _, b := range blocks {
		for _, el := range elementsOf(b) {
			c := controlOf(b, el)
			if !interactive(el) || (buttons && c.Type != "button") {
				continue
			}
			if c.Label == name || c.ActionID == name || (!buttons && (c.BlockID == name || text(sub(b, "label"), "text") == name)) {
				return c
			}
			labels = append(labels, c.Label)
		}
	}
	what := "control"
	if buttons {
		what = "button"
	}
	return &Control{err: fmt.Errorf("there is no %s %q (there are %q)", what, name, labels)}
}

func controlOf(block, el object) *Control {
	c := &Control{
		block: block, el: el, Type: text(el, "type"), ActionID: text(el, "action_id"), BlockID: text(block, "block_id"),
		Value: text(el, "value"), Style: text(el, "style"), URL: text(el, "url"), Label: text(sub(el, "text"), "text"),
	}
	if c.Label == "" {
		c.Label = text(sub(el, "placeholder"), "text")
	}
	for _, o := range optionsOf(el) {
		c.Options = append(c.Options, text(sub(o, "text"), "text"))
	}
	if d, ok := el["confirm"].(object); ok {
		c.Confirm = &Confirm{
			Title: text(sub(d, "title"), "text"), Text: text(sub(d, "text"), "text"),
			Yes: text(sub(d, "confirm"), "text"), No: text(sub(d, "deny"), "text"), Style: text(d, "style"),
		}
	}
	return c
}

// Err tells that there is no such control, nil if there is.
func (c *Control) Err() error { return c.err }

// Click presses a button, and waits until the app has acknowledged it. It fails
// if the button is not there any more.
func (c *Control) Click(ctx context.Context, u *User) (*Reply, error) {
	return c.use(ctx, u, "", "", false)
}

// ClickAsShown presses a button as the person saw it, even if the message has
// changed since: two people pressing at once.
func (c *Control) ClickAsShown(ctx context.Context, u *User) (*Reply, error) {
	return c.use(ctx, u, "", "", true)
}

// Choose picks from a menu or picker: an option by label or value, a date, a
// time, @somebody, #somewhere; several are separated by commas. A menu whose
// options the app supplies is asked for them first, as [Control.ChooseTyping] does.
func (c *Control) Choose(ctx context.Context, u *User, choice string) (*Reply, error) {
	return c.use(ctx, u, choice, choice, false)
}

// ChooseTyping is Choose from the options that the app supplies for what is typed.
func (c *Control) ChooseTyping(ctx context.Context, u *User, typed, choice string) (*Reply, error) {
	return c.use(ctx, u, typed, choice, false)
}

func (c *Control) use(ctx context.Context, u *User, typed, choice string, stale bool) (*Reply, error) {
	if c.err != nil {
		return nil, c.err
	}
	var suggested []object
	if strings.HasSuffix(c.Type, "external_select") && choice != "" {
		var err error
		if suggested, err = c.suggest(ctx, u, typed); err != nil {
			return nil, err
		}
	}
	e := c.e
	e.mu.Lock()
	env, reply, err := c.interaction(u, choice, suggested, stale)
	e.mu.Unlock()
	if err != nil {
		return nil, err
	}
	err = e.send(ctx, env, nil)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%q failed with the error \"%w\"", c.Label, err)
		e.mu.Lock()
		e.notify(u.account(), "", err.Error())
		e.mu.Unlock()
	}
	return reply, err
}

// interaction makes the envelope for using a control. The caller holds e.mu.
func (c *Control) interaction(u *User, choice string, suggested []object, stale bool) (*envelope, *Reply, error) {
	e := c.e
	if !e.manifest.interactive() {
		return nil, nil, fmt.Errorf("interactivity is not enabled in the app's manifest")
	}
	if err := c.usable(u, stale); err != nil {
		return nil, nil, err
	}
	action := object{
		"type": c.Type, "action_id": c.ActionID, "block_id": c.BlockID, "action_ts": tsOf(e.clock.Now()),
	}
	for _, key := range []string{"text", "value", "style", "placeholder", "url"} {
		if v, ok := c.el[key]; ok {
			action[key] = v
		}
	}
	switch {
	case c.Type == "overflow":
		option, err := chosen(c.el, choice, nil)
		if err != nil {
			return nil, nil, err
		}
		action["selected_option"] = option
	case c.Type != "button":
		v, err := e.valueFor(c.el, choice, suggested)
		if err != nil {
			return nil, nil, fmt.Errorf("choosing %q in %q: %w", choice, c.Label, err)
		}
		action[valueFields[c.Type]] = v
		c.keep(v)
	}
	payload := e.payload("block_actions", u, c.v)
	payload["actions"] = []object{action}
	reply := &Reply{e: e}
	if c.v != nil {
		payload["container"] = object{"type": "view", "view_id": c.v.id}
		payload["view"] = c.v.wire(e)
	} else {
		reply.url, reply.address = e.newResponseURL("actions", c.m.conv, u.account(), c.m)
		e.fillMessagePayload(payload, c.m, reply.address)
	}
	e.emit(Event{Kind: ControlUsed, Channel: c.where(), User: u.name, Text: strings.TrimSpace(c.Label + " " + choice)})
	reply.env = e.newEnvelope(envelopeInteractive, encode(payload), false)
	return reply.env, reply, nil
}

func (c *Control) where() string {
	if c.m == nil {
		return ""
	}
	return c.m.conv.label(c.e)
}

// usable refuses a control that the person cannot see, or that is gone.
func (c *Control) usable(u *User, stale bool) error {
	blocks := []object(nil)
	switch {
	case c.v != nil:
		if c.v.closed || c.v.user.id != u.id {
			return fmt.Errorf("%s has no such view open", u.name)
		}
		blocks = c.v.blocks
	case !c.m.conv.has(u.id) || (c.m.ephemeralFor != "" && c.m.ephemeralFor != u.id):
		return fmt.Errorf("%s does not see the message", u.name)
	case c.m.deleted:
		return fmt.Errorf("the message with %q was deleted", c.Label)
	default:
		blocks = c.m.blocks
	}
	here := slices.ContainsFunc(blocks, func(b object) bool {
		return text(b, "block_id") == c.BlockID && slices.ContainsFunc(elementsOf(b), func(el object) bool {
			return text(el, "action_id") == c.ActionID && text(el, "value") == c.Value && text(el, "type") == c.Type
		})
	})
	if !here && !stale {
		return fmt.Errorf("%q is not there any more", c.Label)
	}
	return nil
}

func (c *Control) keep(v any) {
	if c.v != nil {
		c.v.state.set(c.block, c.el, v)
		return
	}
	if c.m.state == nil {
		c.m.state = controlState{}
	}
	c.m.state.set(c.block, c.el, v)
}

// payload is what all interactions have in common. The caller holds e.mu.
func (e *Emulator) payload(kind string, u *User, in *view) object {
	return object{
		"type": kind, "token": verificationToken, "api_app_id": e.appID,
		"team":                  object{"id": e.teamID, "domain": e.teamDomain},
		"user":                  object{"id": u.id, "username": u.name, "name": u.name, "team_id": u.account().home(e)},
		"is_enterprise_install": false, "enterprise": nil, "trigger_id": e.newTrigger(u.account(), in),
	}
}

// fillMessagePayload adds the message that an interaction is about. Slack leaves
// the content of ephemeral messages out.
func (e *Emulator) fillMessagePayload(payload object, m *message, responseURL string) {
	container := object{
		"type": "message", "message_ts": m.ts, "channel_id": m.conv.id, "is_ephemeral": m.ephemeralFor != "",
	}
	if m.threadTS != "" {
		container["thread_ts"] = m.threadTS
	}
	name := m.conv.payloadName()
	payload["container"], payload["response_url"] = container, responseURL
	payload["channel"] = object{"id": m.conv.id, "name": name}
	payload["state"] = object{"values": stateValues(m.blocks, m.state)}
	if m.ephemeralFor == "" {
		payload["message"] = m.wire(e)
	}
}

// Shortcut uses a message shortcut, by its name or callback ID.
func (m Message) Shortcut(ctx context.Context, u *User, name string) (*Reply, error) {
	e := m.e
	e.mu.Lock()
	s, ok := e.manifest.shortcut("message", name)
	if !ok || u.account().team != "" || m.m.deleted || m.m.ephemeralFor != "" || !m.m.conv.has(u.id) {
		e.mu.Unlock()
		return nil, fmt.Errorf("there is no message shortcut %q for %s here", name, u.name)
	}
	reply := &Reply{e: e}
	reply.url, reply.address = e.newResponseURL("actions", m.m.conv, u.account(), nil)
	payload := e.payload("message_action", u, nil)
	payload["callback_id"], payload["action_ts"] = s.CallbackID, tsOf(e.clock.Now())
	payload["message_ts"], payload["message"] = m.TS, m.m.wire(e)
	payload["channel"] = object{"id": m.m.conv.id, "name": m.m.conv.payloadName()}
	payload["response_url"] = reply.address
	reply.env = e.newEnvelope(envelopeInteractive, encode(payload), false)
	e.emit(Event{Kind: ControlUsed, Channel: m.Channel, User: u.name, Text: s.Name})
	e.mu.Unlock()
	return reply, e.send(ctx, reply.env, nil)
}

// Shortcut uses a global shortcut, by its name or callback ID.
func (u *User) Shortcut(ctx context.Context, name string) (*Reply, error) {
	e := u.e
	e.mu.Lock()
	s, ok := e.manifest.shortcut("global", name)
	if !ok || u.account().team != "" {
		e.mu.Unlock()
		return nil, fmt.Errorf("there is no shortcut %q", name)
	}
	payload := e.payload("shortcut", u, nil)
	delete(payload, "api_app_id") // as recorded from Slack
	payload["user"] = object{"id": u.id, "username": u.name, "team_id": u.account().home(e)}
	payload["callback_id"], payload["action_ts"] = s.CallbackID, tsOf(e.clock.Now())
	reply := &Reply{e: e, env: e.newEnvelope(envelopeInteractive, encode(payload), false)}
	e.emit(Event{Kind: ControlUsed, User: u.name, Text: s.Name})
	e.mu.Unlock()
	return reply, e.send(ctx, reply.env, nil)
}

// Suggest types into a menu whose options the app supplies, and returns the
// labels that it offers. The app is asked for nothing shorter than min_query_length.
func (c *Control) Suggest(ctx context.Context, u *User, typed string) ([]string, error) {
	if c.err != nil {
		return nil, c.err
	}
	options, err := c.suggest(ctx, u, typed)
	var labels []string
	for _, o := range options {
		labels = append(labels, text(sub(o, "text"), "text"))
	}
	return labels, err
}

func (c *Control) suggest(ctx context.Context, u *User, typed string) ([]object, error) {
	e := c.e
	e.mu.Lock()
	if err := c.usable(u, false); err != nil {
		e.mu.Unlock()
		return nil, err
	}
	if least := c.leastTyped(); utf8.RuneCountInString(typed) < least {
		e.mu.Unlock()
		return nil, fmt.Errorf("%q asks for options from %d characters on, not for %q", c.Label, least, typed)
	}
	payload := e.payload("block_suggestion", u, c.v)
	delete(payload, "trigger_id")
	payload["action_id"], payload["block_id"], payload["value"] = c.ActionID, c.BlockID, typed
	if c.v != nil {
		payload["container"], payload["view"] = object{"type": "view", "view_id": c.v.id}, c.v.wire(e)
	} else {
		e.fillMessagePayload(payload, c.m, "")
		delete(payload, "response_url")
		delete(payload, "state")
	}
	env := e.newEnvelope(envelopeInteractive, encode(payload), true)
	e.mu.Unlock()
	var options []object
	err := e.send(ctx, env, func(answer json.RawMessage) error {
		if err := refusal(blockkit.ValidateOptions(answer)); err != nil {
			return err
		}
		var r object
		if json.Unmarshal(answer, &r) != nil {
			return fail(blockkit.CodeInvalidOptions)
		}
		options = optionsOf(r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("loading the options of %q: %w", c.Label, err)
	}
	return slices.Clone(options), nil
}

// leastTyped is how much is typed before Slack asks for options.
func (c *Control) leastTyped() int {
	if _, ok := c.el["min_query_length"]; ok {
		return int(number(c.el["min_query_length"]))
	}
	return 3
}

// tsOf is a time as Slack writes it: seconds, a point and six digits.
func tsOf(t time.Time) string { return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000) }

// clone returns a copy of a state, so that filling in can be undone.
func (s controlState) clone() controlState {
	out := controlState{}
	for block, values := range s {
		out[block] = maps.Clone(values)
	}
	return out
}
