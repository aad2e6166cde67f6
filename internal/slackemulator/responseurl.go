package slackemulator

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// responseURL answers one interaction: five times, for 30 minutes:
// https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
type responseURL struct {
	id, secret string
	conv       *conversation
	user       string   // ID of the person who sees ephemeral answers
	original   *message // the message that was acted on; nil for a command
	left       int
	expires    time.Time
}

const (
	responseURLUses = 5
	responseURLLife = 30 * time.Minute
)

// newResponseURL makes the address that answers an interaction; kind is
// "commands" or "actions". The caller holds e.mu.
func (e *Emulator) newResponseURL(kind string, conv *conversation, user *account, original *message) (*responseURL, string) {
	r := &responseURL{
		id: e.newID("1"), secret: strings.ToLower(e.newID("s")),
		conv: conv, user: user.id, original: original,
		left: responseURLUses, expires: e.clock.Now().Add(responseURLLife),
	}
	e.responseURLs[r.id] = r
	return r, e.baseURL + "/" + kind + "/" + e.teamID + "/" + r.id + "/" + r.secret
}

// reply is what is posted to a response URL, or acked to a command.
type reply struct {
	ResponseType    string          `json:"response_type"`
	Text            *string         `json:"text"`
	Blocks          json.RawMessage `json:"blocks"`
	Attachments     json.RawMessage `json:"attachments"`
	ReplaceOriginal any             `json:"replace_original"` // some clients send "true"
	DeleteOriginal  any             `json:"delete_original"`
	ThreadTS        string          `json:"thread_ts"`
}

func isTrue(v any) bool { return v == true || v == "true" }

func (e *Emulator) serveResponseURL(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	call := Call{Method: "response_url", Args: map[string]string{"body": string(body)}, Time: e.clock.Now()}
	fault, delay := e.plan(call)
	if delay > 0 && !pause(r, delay) {
		return
	}
	if fault != nil && !fault.AfterEffect {
		e.answerFault(w, call, began, fault)
		return
	}
	status, code := http.StatusBadRequest, "invalid_payload"
	if err == nil {
		status, code = e.respond(r.PathValue("id"), r.PathValue("secret"), body)
	}
	if fault != nil {
		e.answerFault(w, call, began, fault)
		return
	}
	answer := object{"ok": code == ""}
	if code != "" {
		answer["error"] = code
		e.log.DebugContext(r.Context(), "the emulated Slack refused a response", "error", code)
	}
	e.logCall(call, began, outcome{status, encode(answer), answer})
	writeJSON(w, status, encode(answer))
}

func (e *Emulator) respond(id, secret string, body []byte) (status int, code string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	u := e.responseURLs[id]
	switch {
	case u == nil || u.secret != secret:
		return http.StatusNotFound, "invalid_url"
	case u.left <= 0:
		return http.StatusNotFound, "used_url"
	case e.clock.Now().After(u.expires):
		return http.StatusNotFound, "expired_url"
	}
	var answer reply
	if err := json.Unmarshal(body, &answer); err != nil {
		return http.StatusBadRequest, "invalid_payload"
	}
	if err := e.answer(u, answer); err != nil {
		return http.StatusBadRequest, err.Error()
	}
	u.left--
	return http.StatusOK, ""
}

// answer does what a response asks for. The caller holds e.mu.
func (e *Emulator) answer(u *responseURL, r reply) error {
	if isTrue(r.DeleteOriginal) {
		if u.original == nil || u.original.deleted {
			return fail("message_not_found")
		}
		e.erase(u.original)
		return nil
	}
	c := content{blocks: r.Blocks, attachments: r.Attachments, hasText: r.Text != nil, hasBlocks: len(r.Blocks) > 0}
	if r.Text != nil {
		c.text = *r.Text
	}
	if string(bytes.TrimSpace(c.blocks)) == "null" {
		c.blocks, c.hasBlocks = nil, false
	}
	if err := checkBlocks(c.blocks); err != nil {
		return err
	}
	if c.empty() {
		return fail("no_text")
	}
	if isTrue(r.ReplaceOriginal) && u.original != nil {
		if u.original.deleted {
			return fail("message_not_found")
		}
		e.edit(u.original, c)
		return nil
	}
	m := e.newMessage(u.conv, c)
	m.via, m.threadTS = u.id, r.ThreadTS
	if r.ResponseType != "in_channel" {
		m.ephemeralFor = u.user
	}
	if err := u.conv.mayReply(r.ThreadTS); err != nil {
		return err
	}
	e.post(m)
	return nil
}
