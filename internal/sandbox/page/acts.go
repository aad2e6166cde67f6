package page

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// patience is how long an act waits for the app; Slack gives up after three seconds, and
// an act may be two requests to the app.
const patience = 10 * time.Second

// nothing is the answer to an act that succeeded.
type nothing struct{}

// acts are what the page can do, by name.
func (s *Server) acts() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"say":      act(s, s.say),
		"act":      act(s, s.act),
		"fill":     act(s, s.fill),
		"suggest":  act(s, s.suggest),
		"submit":   act(s, s.submit),
		"close":    act(s, s.closeModal),
		"shortcut": act(s, s.shortcut),
		"home":     act(s, s.openHome),
		"delete":   act(s, s.deleteMessage),
		"step":     act(s, s.step),
		"phone":    act(s, s.actOnPhone),
		"fault":    act(s, s.fault),
		"speed":    act(s, s.speed),
		"process":  act(s, s.actOnProcess),
	}
}

// act handles a request that does something.
func act[Request, Answer any](s *Server, do func(context.Context, Request) (Answer, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q Request
		if err := readJSON(w, r, &q); err != nil {
			s.answer(w, nil, err)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		a, err := do(ctx, q)
		s.answer(w, a, err)
	}
}

type sayRequest struct {
	As       string `json:"as"`
	Channel  string `json:"channel"`
	ThreadTS string `json:"thread_ts"`
	Text     string `json:"text"`
}

func (s *Server) say(ctx context.Context, q sayRequest) (nothing, error) {
	u, c, err := s.personIn(q.As, q.Channel)
	text := strings.TrimSpace(q.Text)
	switch {
	case err != nil:
		return nothing{}, err
	case text == "":
		return nothing{}, refuse(http.StatusUnprocessableEntity, "There is nothing to send.")
	case strings.HasPrefix(text, "/") && q.ThreadTS != "":
		return nothing{}, refuse(http.StatusUnprocessableEntity, "Slash commands of apps do not work in threads. Mention @%s instead, or type it in the channel.", s.world.Slack.BotName())
	case strings.HasPrefix(text, "/"):
		said := s.journal.said(c, u, text)
		_, err = u.Slash(ctx, c.ID(), text)
		s.journal.ended(said, err)
		return nothing{}, nil // Slack tells the person what failed, as it tells everything, in a notice
	case q.ThreadTS != "":
		root, err := c.Find(u, q.ThreadTS)
		if err != nil {
			return nothing{}, err
		}
		replied := s.journal.replied(c, u, root, text)
		_, err = root.Thread().Post(u, text)
		s.journal.ended(replied, err)
		return nothing{}, err
	}
	posted := s.journal.posted(c, u, text)
	_, err = u.Post(c.ID(), text)
	s.journal.ended(posted, err)
	return nothing{}, err
}

// personIn is who acts, and where.
func (s *Server) personIn(name, id string) (*slackemulator.User, *slackemulator.Channel, error) {
	u, err := s.person(name)
	if err != nil {
		return nil, nil, err
	}
	c, err := u.Conversation(id)
	if err != nil {
		return nil, nil, refuse(http.StatusNotFound, "%w", err)
	}
	return u, c, nil
}

// place is where a control stands: in a message, or in a modal or the Home tab.
type place struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	View    string `json:"view"`
}

// messageAt is the message at a place, as a person sees it. The status is that of a refusal
// where there is none: an act conflicts with what became of it, a look finds nothing.
func messageAt(u *slackemulator.User, p place, status int) (slackemulator.Message, error) {
	c, err := u.Conversation(p.Channel)
	if err != nil {
		return slackemulator.Message{}, refuse(http.StatusNotFound, "%w", err)
	}
	m, err := c.Find(u, p.TS)
	if err != nil {
		return slackemulator.Message{}, refuse(status, "%w", err)
	}
	return m, nil
}

type controlRequest struct {
	As       string `json:"as"`
	Place    place  `json:"place"`
	BlockID  string `json:"block_id"`
	ActionID string `json:"action_id"`
	Value    chosen `json:"value"`
	Typed    string `json:"typed"`
}

// chosen is what was chosen: nothing, a text, or several.
type chosen []string

// UnmarshalJSON reads null, a text or a list of texts.
func (c *chosen) UnmarshalJSON(raw []byte) error {
	var one *string
	if err := json.Unmarshal(raw, &one); err == nil {
		*c = nil
		if one != nil {
			*c = chosen{*one}
		}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(c))
}

// text is the choice as [slackemulator.Control.Choose] takes it.
func (c chosen) text() string { return strings.Join(c, ",") }

// control is what a request is about: a control, where it stands, and who uses it.
type control struct {
	*slackemulator.Control
	u       *slackemulator.User
	message *slackemulator.Message
	view    *slackemulator.View
}

func (s *Server) control(q controlRequest) (control, error) {
	u, err := s.person(q.As)
	if err != nil {
		return control{}, err
	}
	if q.Place.View != "" {
		v, err := u.ViewByID(q.Place.View)
		if err != nil {
			return control{}, refuse(http.StatusConflict, "%w", err)
		}
		c := v.ControlAt(q.BlockID, q.ActionID)
		return control{c, u, nil, &v}, c.Err()
	}
	m, err := messageAt(u, q.Place, http.StatusConflict)
	if err != nil {
		return control{}, err
	}
	c := m.ControlAt(q.BlockID, q.ActionID)
	return control{c, u, &m, nil}, c.Err()
}

func (s *Server) act(ctx context.Context, q controlRequest) (nothing, error) {
	c, err := s.control(q)
	if err != nil {
		return nothing{}, err
	}
	used := s.journal.used(c, s.lastTyped(q), q.Value)
	if c.Type == "button" {
		_, err = c.Click(ctx, c.u)
	} else {
		_, err = c.ChooseTyping(ctx, c.u, s.lastTyped(q), q.Value.text())
	}
	s.journal.ended(used, err)
	return nothing{}, err
}

type fillRequest struct {
	As       string `json:"as"`
	View     string `json:"view"`
	BlockID  string `json:"block_id"`
	ActionID string `json:"action_id"`
	Value    chosen `json:"value"`
}

func (s *Server) fill(ctx context.Context, f fillRequest) (nothing, error) {
	q := controlRequest{As: f.As, Place: place{View: f.View}, BlockID: f.BlockID, ActionID: f.ActionID, Value: f.Value}
	c, err := s.control(q)
	if err != nil {
		return nothing{}, err
	}
	filled := s.journal.filled(c, s.lastTyped(q), f.Value)
	err = c.Fill(ctx, c.u, s.lastTyped(q), f.Value.text())
	s.journal.ended(filled, err)
	return nothing{}, err
}

type suggestAnswer struct {
	Options []slackemulator.Offer `json:"options"`
}

func (s *Server) suggest(ctx context.Context, q controlRequest) (suggestAnswer, error) {
	c, err := s.control(q)
	if err != nil {
		return suggestAnswer{}, err
	}
	offers, err := c.Offers(ctx, c.u, q.Typed)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.typed) > 1000 {
			clear(s.typed)
		}
		s.typed[q.key()] = q.Typed
	}
	return suggestAnswer{offers}, err
}

func (q controlRequest) key() string {
	return fmt.Sprintf("%q %q %q %q", q.As, q.Place, q.BlockID, q.ActionID)
}

// lastTyped is what was last typed into a menu whose options the app supplies.
func (s *Server) lastTyped(q controlRequest) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.typed[q.key()]
}

type viewRequest struct {
	As   string `json:"as"`
	View string `json:"view"`
}

func (s *Server) viewOf(q viewRequest) (*slackemulator.User, slackemulator.View, error) {
	u, err := s.person(q.As)
	if err != nil {
		return nil, slackemulator.View{}, err
	}
	v, err := u.ViewByID(q.View)
	if err != nil {
		return nil, v, refuse(http.StatusConflict, "%w", err)
	}
	return u, v, nil
}

type submitAnswer struct {
	Errors map[string]string `json:"errors,omitempty"`
}

func (s *Server) submit(ctx context.Context, q viewRequest) (submitAnswer, error) {
	u, v, err := s.viewOf(q)
	if err != nil {
		return submitAnswer{}, err
	}
	submitted := s.journal.submitted(u)
	err = v.Submit(ctx)
	s.journal.ended(submitted, err)
	if invalid, ok := errors.AsType[slackemulator.ValidationError](err); ok {
		return submitAnswer{invalid}, nil
	}
	return submitAnswer{}, err
}

func (s *Server) closeModal(ctx context.Context, q viewRequest) (nothing, error) {
	u, v, err := s.viewOf(q)
	if err != nil {
		return nothing{}, err
	}
	closed := s.journal.closed(u)
	err = v.Close(ctx)
	s.journal.ended(closed, err)
	return nothing{}, err
}

type shortcutRequest struct {
	As         string `json:"as"`
	CallbackID string `json:"callback_id"`
	Message    *place `json:"message"`
}

func (s *Server) shortcut(ctx context.Context, q shortcutRequest) (nothing, error) {
	u, err := s.person(q.As)
	if err != nil {
		return nothing{}, err
	}
	if q.Message == nil {
		used := s.journal.shortcut(u, q.CallbackID, nil)
		_, err = u.Shortcut(ctx, q.CallbackID)
		s.journal.ended(used, err)
		return nothing{}, err
	}
	m, err := messageAt(u, *q.Message, http.StatusConflict)
	if err != nil {
		return nothing{}, err
	}
	used := s.journal.shortcut(u, q.CallbackID, &m)
	_, err = m.Shortcut(ctx, u, q.CallbackID)
	s.journal.ended(used, err)
	return nothing{}, err
}

func (s *Server) openHome(_ context.Context, q struct {
	As string `json:"as"`
},
) (nothing, error) {
	u, err := s.person(q.As)
	if err == nil {
		s.journal.home(u)
		u.OpenHome()
	}
	return nothing{}, err
}

func (s *Server) deleteMessage(_ context.Context, q struct {
	As      string `json:"as"`
	Channel string `json:"channel"`
	TS      string `json:"ts"`
},
) (nothing, error) {
	u, err := s.person(q.As)
	if err != nil {
		return nothing{}, err
	}
	m, err := messageAt(u, place{Channel: q.Channel, TS: q.TS}, http.StatusConflict)
	switch {
	case err != nil:
		return nothing{}, err
	case m.User != u.Name() && u.ID() != s.world.Admin.ID():
		return nothing{}, refuse(http.StatusForbidden, "Only who wrote a message, or an admin, can delete it.")
	}
	s.journal.deleted(u, m)
	m.Delete()
	return nothing{}, nil
}

func (s *Server) step(_ context.Context, q struct {
	Number    string `json:"number"`
	Objective string `json:"objective"`
	Channel   string `json:"channel"`
},
) (nothing, error) {
	inputs := map[string]any{"number": q.Number, "objective": q.Objective}
	if q.Channel != "" {
		inputs["channel"] = q.Channel
	}
	run := s.journal.step(q.Number, q.Objective, q.Channel)
	_, err := s.world.Slack.RunStep("place_call", inputs)
	s.journal.ended(run, err)
	return nothing{}, err
}
