package slackemulator

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// view is a modal or a Home tab as the workspace keeps it.
type view struct {
	id, externalID string
	user           *account
	root, previous string
	fields         object // as the app sent them
	blocks         []object
	state          controlState
	hash           string
	closed         bool
	revision       int
}

// trigger is the right to open a modal, from one interaction of one person.
type trigger struct {
	id      string
	user    *account
	expires time.Time
	used    bool
	view    *view // the modal that the interaction was in
}

const (
	triggerLife = 3 * time.Second
	maxStack    = 3 // modals of one person, one upon the other
)

// newTrigger makes the trigger_id of an interaction. The caller holds e.mu.
func (e *Emulator) newTrigger(user *account, in *view) string {
	now := e.clock.Now()
	for id, t := range e.triggers {
		if now.Sub(t.expires) > time.Minute {
			delete(e.triggers, id)
		}
	}
	e.idSeq++
	sum := sha256.Sum256(fmt.Append(nil, e.teamID, e.idSeq))
	t := &trigger{
		id:   fmt.Sprintf("%d.%d.%s", now.UnixMilli(), e.idSeq, hex.EncodeToString(sum[:16])),
		user: user, expires: now.Add(triggerLife), view: in,
	}
	e.triggers[t.id] = t
	return t.id
}

// exchange uses a trigger up.
func (e *Emulator) exchange(id string) (*trigger, error) {
	t := e.triggers[id]
	switch {
	case id == "":
		return nil, missingField("trigger_id")
	case t == nil:
		return nil, fail("invalid_trigger_id")
	case t.used:
		return nil, fail("exchanged_trigger_id")
	case e.clock.Now().After(t.expires):
		return nil, fail("expired_trigger_id")
	}
	return t, nil
}

// readView checks a view and takes it apart.
func (e *Emulator) readView(raw json.RawMessage, kind string) (*view, error) {
	if len(raw) == 0 {
		return nil, missingField("view")
	}
	if err := checkView(raw); err != nil {
		return nil, err
	}
	var fields object
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&fields); err != nil {
		return nil, fail("invalid_arguments", "[ERROR] must be a valid view")
	}
	if text(fields, "type") != kind {
		return nil, fail("invalid_arguments", "[ERROR] view type must be "+kind+" [json-pointer:/view/type]")
	}
	v := &view{fields: fields, blocks: e.parseBlocks(encode(fields["blocks"])), externalID: text(fields, "external_id")}
	v.state = initialState(v.blocks)
	return v, nil
}

// duplicateExternalID reports whether another open view has the view's external ID.
func (e *Emulator) duplicateExternalID(v *view) bool {
	if v.externalID == "" {
		return false
	}
	for _, have := range e.views {
		if have.externalID == v.externalID && !have.closed {
			return true
		}
	}
	return false
}

func (e *Emulator) viewsOpen(args arguments) (object, error) { return e.showModal(args, false) }
func (e *Emulator) viewsPush(args arguments) (object, error) { return e.showModal(args, true) }

func (e *Emulator) showModal(args arguments, push bool) (object, error) {
	raw, err := args.json("view")
	if err != nil {
		return nil, fail("invalid_arguments", "[ERROR] must be a valid view")
	}
	t, err := e.exchange(args.str("trigger_id"))
	if err != nil {
		return nil, err
	}
	v, err := e.readView(raw, "modal")
	switch {
	case err != nil:
		return nil, err
	case e.duplicateExternalID(v):
		return nil, fail("duplicate_external_id")
	case push && (t.view == nil || t.view.closed):
		return nil, fail("not_found")
	case push && len(e.modals[t.user.id]) >= maxStack:
		return nil, fail("push_limit_reached")
	}
	t.used = true
	if !push {
		e.closeModals(t.user)
	}
	e.push(t.user, v)
	return object{"view": v.wire(e)}, nil
}

// push lays a modal upon a person's others. The caller holds e.mu.
func (e *Emulator) push(user *account, v *view) {
	v.id, v.user = e.newID("V"), user
	v.root = v.id
	if stack := e.modals[user.id]; len(stack) > 0 {
		top := stack[len(stack)-1]
		v.root, v.previous = top.root, top.id
	}
	v.hash = e.newHash()
	e.views[v.id] = v
	e.modals[user.id] = append(e.modals[user.id], v)
	e.tellView(ViewOpened, v)
}

func (e *Emulator) newHash() string {
	e.idSeq++
	return fmt.Sprintf("%d.%s", e.clock.Now().Unix(), e.newID("h")[2:])
}

func (e *Emulator) tellView(kind EventKind, v *view) {
	shown := e.snapshotView(v)
	e.emit(Event{Kind: kind, User: v.user.name, View: &shown})
}

// closeModals closes all modals of a person.
func (e *Emulator) closeModals(user *account) {
	for len(e.modals[user.id]) > 0 {
		e.pop(user)
	}
}

// closeView closes a modal, and those upon it, unless it is closed already.
func (e *Emulator) closeView(v *view) {
	for slices.Contains(e.modals[v.user.id], v) {
		e.pop(v.user)
	}
}

// pop closes a person's topmost modal.
func (e *Emulator) pop(user *account) {
	stack := e.modals[user.id]
	top := stack[len(stack)-1]
	e.modals[user.id] = stack[:len(stack)-1]
	top.closed = true
	delete(e.views, top.id)
	e.tellView(ViewClosed, top)
}

func (e *Emulator) viewsUpdate(args arguments) (object, error) {
	raw, err := args.json("view")
	if err != nil {
		return nil, fail("invalid_arguments", "[ERROR] must be a valid view")
	}
	var old *view
	switch id, ext := args.str("view_id"), args.str("external_id"); {
	case id != "":
		old = e.views[id]
	case ext != "":
		for _, v := range e.views {
			if v.externalID == ext {
				old = v
			}
		}
	default:
		return nil, missingField("view_id")
	}
	if old == nil {
		return nil, fail("not_found")
	}
	if h := args.str("hash"); h != "" && h != old.hash {
		return nil, fail("hash_conflict")
	}
	fresh, err := e.readView(raw, text(old.fields, "type"))
	if err != nil {
		return nil, err
	}
	e.replaceView(old, fresh)
	return object{"view": old.wire(e)}, nil
}

// replaceView shows other content in an open view. What was filled in stays
// where block_id and action_id stay.
func (e *Emulator) replaceView(old, fresh *view) {
	kept := old.state.keptFor(fresh.blocks)
	for block, values := range kept {
		if fresh.state[block] == nil {
			fresh.state[block] = map[string]object{}
		}
		maps.Copy(fresh.state[block], values)
	}
	old.fields, old.blocks, old.state, old.hash = fresh.fields, fresh.blocks, fresh.state, e.newHash()
	if fresh.externalID != "" {
		old.externalID = fresh.externalID
	}
	old.revision++
	e.tellView(ViewUpdated, old)
}

func (e *Emulator) viewsPublish(args arguments) (object, error) {
	raw, err := args.json("view")
	if err != nil {
		return nil, fail("invalid_arguments", "[ERROR] must be a valid view")
	}
	user := e.accounts[args.str("user_id")]
	switch {
	case args.str("user_id") == "":
		return nil, missingField("user_id")
	case user == nil || user.isBot:
		return nil, fail("user_not_found")
	case !e.manifest.homeTab():
		return nil, fail("not_enabled")
	}
	v, err := e.readView(raw, "home")
	if err != nil {
		return nil, err
	}
	home := e.homes[user.id]
	if h := args.str("hash"); h != "" && (home == nil || h != home.hash) {
		return nil, fail("hash_conflict")
	}
	if home == nil {
		home = &view{id: e.newID("V"), user: user, revision: -1}
		home.root = home.id
		e.homes[user.id], e.views[home.id] = home, home
	}
	home.fields, home.blocks, home.state, home.externalID = v.fields, v.blocks, v.state, v.externalID
	home.hash = e.newHash()
	home.revision++
	e.tellView(HomePublished, home)
	return object{"view": home.wire(e)}, nil
}

// wire is the view object: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
func (v *view) wire(e *Emulator) object {
	orNull := func(key string) any { // fields that Slack shows as null when they are not set
		if f, ok := v.fields[key]; ok {
			return f
		}
		return nil
	}
	blocks := v.blocks
	if blocks == nil {
		blocks = []object{}
	}
	out := object{
		"id": v.id, "team_id": e.teamID, "type": v.fields["type"], "blocks": blocks,
		"private_metadata": text(v.fields, "private_metadata"), "callback_id": text(v.fields, "callback_id"),
		"external_id": v.externalID, "state": object{"values": stateValues(v.blocks, v.state)},
		"hash": v.hash, "clear_on_close": flag(v.fields, "clear_on_close"), "notify_on_close": flag(v.fields, "notify_on_close"),
		"title": orNull("title"), "close": orNull("close"), "submit": orNull("submit"),
		"root_view_id": v.root, "previous_view_id": nil,
		"app_id": e.appID, "app_installed_team_id": e.teamID, "bot_id": e.botID,
	}
	if v.previous != "" {
		out["previous_view_id"] = v.previous
	}
	if text(v.fields, "type") == "home" {
		out["title"] = object{"type": "plain_text", "text": "View Title", "emoji": true}
	} else {
		out["submit_disabled"] = flag(v.fields, "submit_disabled")
	}
	return out
}
