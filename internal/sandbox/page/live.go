package page

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// happening is one thing that happened, as the page is told.
type happening struct {
	Kind     string      `json:"kind"`
	Message  *message    `json:"message,omitempty"`
	How      string      `json:"how,omitempty"`
	Channel  string      `json:"channel,omitempty"`
	Text     string      `json:"text,omitempty"`
	Channels []channel   `json:"channels,omitempty"`
	Phone    *phoneState `json:"phone,omitempty"`
	Process  *process    `json:"process,omitempty"`
}

// viewHappening is what happened to the person's modal or Home tab; null: it is gone.
type viewHappening struct {
	Kind string `json:"kind"`
	View *view  `json:"view"`
}

// lookEvery is the time between two looks at what tells of no change by itself: the
// telephone, whose state follows from the clock, and the bot's process.
const lookEvery = 250 * time.Millisecond

// events tells a page what happens, from an event on, until it goes.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	u, err := s.person(r.FormValue("as"))
	if err != nil {
		s.answer(w, nil, err)
		return
	}
	since, err := strconv.Atoi(r.FormValue("since"))
	if last := r.Header.Get("Last-Event-ID"); last != "" { // it was cut off, and comes again by itself
		since, err = strconv.Atoi(last)
	}
	if err != nil || since < 0 {
		s.answer(w, nil, refuse(http.StatusBadRequest, "since must be the number of an event."))
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	l := &listener{s: s, w: w, flush: http.NewResponseController(w).Flush, u: u, seen: since}
	if err := l.follow(r.Context()); err != nil && r.Context().Err() == nil {
		s.cfg.Logger.Debug("a page is no longer told what happens", slog.Any("error", err))
	}
}

// listener is one page that is told what happens.
type listener struct {
	s     *Server
	w     http.ResponseWriter
	flush func() error
	u     *slackemulator.User
	seen  int
	// last is what each kind of thing was last told as.
	last map[string][]byte
}

func (l *listener) follow(ctx context.Context) error {
	slack := l.s.world.Slack
	l.last = map[string][]byte{}
	if l.seen > slack.LastEvent() || l.seen+1 < slack.FirstEvent() {
		l.seen = slack.LastEvent()
		if err := l.tell(happening{Kind: "reload"}); err != nil {
			return err
		}
	}
	for {
		if err := l.look(); err != nil {
			return err
		}
		wait, cancel := context.WithTimeout(ctx, lookEvery)
		events, err := slack.WaitEvents(wait, l.seen)
		cancel()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			continue // nothing happened in the workspace
		}
		for _, e := range events {
			l.seen = e.Seq
			if h := l.of(e); h != nil {
				if err := l.tell(h); err != nil {
					return err
				}
			}
		}
	}
}

// look tells what has changed of what does not tell by itself.
func (l *listener) look() error {
	phone, process := l.s.phone(), l.s.process()
	for _, h := range []happening{
		{Kind: "phone", Phone: &phone},
		{Kind: "process", Process: &process},
		{Kind: "channels", Channels: l.s.channels(l.u)},
	} {
		raw, err := json.Marshal(h)
		if err != nil {
			return fmt.Errorf("encoding what a page is told: %w", err)
		}
		if bytes.Equal(raw, l.last[h.Kind]) {
			continue
		}
		l.last[h.Kind] = raw
		if err := l.write(raw); err != nil {
			return err
		}
	}
	return nil
}

// of is what a page is told of an event; nil: its person does not see it.
func (l *listener) of(e slackemulator.Event) any {
	how := map[slackemulator.EventKind]string{
		slackemulator.MessagePosted: "posted", slackemulator.EphemeralPosted: "posted",
		slackemulator.MessageUpdated: "updated", slackemulator.EphemeralUpdated: "updated",
		slackemulator.MessageDeleted: "deleted", slackemulator.EphemeralDeleted: "deleted",
	}[e.Kind]
	switch {
	case how != "" && e.Message != nil:
		if !e.Message.SeenBy(l.u) {
			return nil
		}
		m := l.s.message(l.u, *e.Message)
		return happening{Kind: "message", Message: &m, How: how}
	case e.Kind == slackemulator.StepFailed:
		return happening{Kind: "notice", Text: "The step of the workflow fails: " + e.Text}
	case e.Kind == slackemulator.StepCompleted:
		return happening{Kind: "notice", Text: "The workflow goes on after its step: " + e.Text}
	case e.User != l.u.Name():
		return nil
	case e.Kind == slackemulator.ViewOpened, e.Kind == slackemulator.ViewUpdated, e.Kind == slackemulator.ViewClosed:
		return viewHappening{"modal", modal(l.u)}
	case e.Kind == slackemulator.HomePublished:
		return viewHappening{"home", home(l.u)}
	case e.Kind == slackemulator.NoticeShown:
		return happening{Kind: "notice", Channel: e.Channel, Text: e.Text}
	}
	return nil
}

func (l *listener) tell(h any) error {
	raw, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("encoding what a page is told: %w", err)
	}
	return l.write(raw)
}

func (l *listener) write(raw []byte) error {
	if _, err := fmt.Fprintf(l.w, "id: %d\ndata: %s\n\n", l.seen, raw); err != nil {
		return fmt.Errorf("telling a page: %w", err)
	}
	if err := l.flush(); err != nil {
		return fmt.Errorf("telling a page: %w", err)
	}
	return nil
}
