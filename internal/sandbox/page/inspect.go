package page

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// inspection is what made a message.
type inspection struct {
	Revisions []message      `json:"revisions"`
	Calls     []apiCall      `json:"calls"`
	Envelopes []seenEnvelope `json:"envelopes"`
}

type apiCall struct {
	Seq      int               `json:"seq"`
	Method   string            `json:"method"`
	Args     map[string]string `json:"args"`
	Time     time.Time         `json:"time"`
	Took     float64           `json:"took_ms"`
	OK       bool              `json:"ok"`
	Error    string            `json:"error,omitempty"`
	Response json.RawMessage   `json:"response,omitempty"`
}

type seenEnvelope struct {
	Seq     int             `json:"seq"`
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Time    time.Time       `json:"time"`
	Took    float64         `json:"took_ms"`
	State   string          `json:"state"`
	Payload json.RawMessage `json:"payload"`
	Answer  json.RawMessage `json:"answer,omitempty"`
}

func (s *Server) inspect(w http.ResponseWriter, r *http.Request) {
	u, err := s.person(r.FormValue("as"))
	if err != nil {
		s.answer(w, nil, err)
		return
	}
	m, err := messageAt(u, place{Channel: r.FormValue("channel"), TS: r.FormValue("ts")}, http.StatusNotFound)
	if err != nil {
		s.answer(w, nil, err)
		return
	}
	s.answer(w, s.inspected(u, m), nil)
}

// maxInspected bounds what is shown of each kind: the latest.
const maxInspected = 100

func (s *Server) inspected(u *slackemulator.User, m slackemulator.Message) inspection {
	in := inspection{Revisions: []message{}, Calls: []apiCall{}, Envelopes: []seenEnvelope{}}
	for _, old := range latest(m.Revisions()) {
		shown := s.message(u, old)
		shown.State = nil
		in.Revisions = append(in.Revisions, shown)
	}
	var posted time.Time
	for _, c := range s.world.Slack.Calls() {
		if !about(c, m) {
			continue
		}
		if posted.IsZero() {
			posted = c.Time
		}
		in.Calls = append(in.Calls, apiCall{c.Seq, c.Method, c.Args, c.Time, milliseconds(c.Took), c.OK, c.Error, c.Response})
	}
	var led *slackemulator.Envelope
	for _, e := range s.world.Slack.Envelopes() {
		switch {
		case bytes.Contains(e.Payload, []byte(`"`+m.TS+`"`)):
			in.Envelopes = append(in.Envelopes, shownEnvelope(e))
		case !posted.IsZero() && !e.Sent.After(posted) && mayLead(e, m):
			led = &e
		}
	}
	if led != nil && m.ThreadTS == "" {
		in.Envelopes = append([]seenEnvelope{shownEnvelope(*led)}, in.Envelopes...)
	}
	in.Calls, in.Envelopes = latest(in.Calls), latest(in.Envelopes)
	return in
}

// mayLead reports whether an envelope from before a message may be what led to it: what was
// done in its channel, or a form, which tells where it was opened in words of the app's own.
func mayLead(e slackemulator.Envelope, m slackemulator.Message) bool {
	return bytes.Contains(e.Payload, []byte(m.ChannelID)) || bytes.Contains(e.Payload, []byte(`"type":"view_submission"`))
}

func latest[T any](all []T) []T { return all[max(0, len(all)-maxInspected):] }

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func shownEnvelope(e slackemulator.Envelope) seenEnvelope {
	return seenEnvelope{e.Seq, e.ID, e.Type, e.Sent, milliseconds(e.Took), string(e.State), e.Payload, e.Answer}
}

// about reports whether a call of the Web API made or changed a message.
func about(c slackemulator.Call, m slackemulator.Message) bool {
	if c.Args["ts"] == m.TS {
		return c.Args["channel"] == "" || c.Args["channel"] == m.ChannelID
	}
	var answer struct {
		TS        string `json:"ts"`
		MessageTS string `json:"message_ts"`
		Channel   string `json:"channel"`
		Files     []struct {
			ID string `json:"id"`
		} `json:"files"`
	}
	if json.Unmarshal(c.Response, &answer) != nil {
		return false
	}
	if answer.TS == m.TS || answer.MessageTS == m.TS {
		return answer.Channel == "" || answer.Channel == m.ChannelID
	}
	return strings.HasPrefix(c.Method, "files.") && slices.ContainsFunc(answer.Files, func(f struct {
		ID string `json:"id"`
	},
	) bool {
		return slices.ContainsFunc(m.Files, func(of slackemulator.File) bool { return of.ID == f.ID })
	})
}
