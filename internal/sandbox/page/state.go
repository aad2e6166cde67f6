package page

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// state is all that one person sees.
type state struct {
	Seq  int    `json:"seq"`
	Me   string `json:"me"`
	Team struct {
		ID     string `json:"id"`
		Domain string `json:"domain"`
	} `json:"team"`
	Bot struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"bot"`
	People    []person                     `json:"people"`
	Groups    map[string]string            `json:"groups"`
	Channels  []channel                    `json:"channels"`
	Messages  map[string][]message         `json:"messages"`
	Modal     *view                        `json:"modal"`
	Home      *view                        `json:"home"`
	Commands  []slackemulator.CommandInfo  `json:"commands"`
	Shortcuts []slackemulator.ShortcutInfo `json:"shortcuts"`
	Phone     phoneState                   `json:"phone"`
	Process   process                      `json:"process"`
}

type person struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	RealName string `json:"real_name"`
	TimeZone string `json:"tz"`
	Admin    bool   `json:"admin"`
	Guest    bool   `json:"guest"`
}

type channel struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`
	Members  []string `json:"members"`
	Archived bool     `json:"archived"`
}

// message is a message as the page shows it.
type message struct {
	TS           string          `json:"ts"`
	ThreadTS     string          `json:"thread_ts,omitempty"`
	ChannelID    string          `json:"channel_id"`
	User         string          `json:"user"`
	ByApp        bool            `json:"by_app"`
	Text         string          `json:"text"`
	Blocks       json.RawMessage `json:"blocks,omitempty"`
	Files        []file          `json:"files,omitempty"`
	EphemeralFor string          `json:"ephemeral_for,omitempty"`
	Deleted      bool            `json:"deleted,omitempty"`
	At           time.Time       `json:"at"`
	Version      int             `json:"version"`
	Edited       bool            `json:"edited"`
	Notified     []string        `json:"notified,omitempty"`
	State        json.RawMessage `json:"state,omitempty"`
}

type file struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Title    string  `json:"title"`
	MIMEType string  `json:"mimetype"`
	Size     int     `json:"size"`
	Duration float64 `json:"duration_s,omitempty"`
	URL      string  `json:"url"`
}

// view is a modal or Home tab as the page shows it. The private metadata, which Slack
// shows nobody, is left out.
type view struct {
	ID          string          `json:"id"`
	Type        string          `json:"type"`
	CallbackID  string          `json:"callback_id,omitempty"`
	Title       string          `json:"title,omitempty"`
	SubmitLabel string          `json:"submit,omitempty"`
	CloseLabel  string          `json:"close,omitempty"`
	Blocks      json.RawMessage `json:"blocks"`
	State       json.RawMessage `json:"state"`
	Version     int             `json:"version"`
}

func (s *Server) state(w http.ResponseWriter, r *http.Request) {
	u, err := s.person(r.FormValue("as"))
	if err != nil {
		s.answer(w, nil, err)
		return
	}
	s.answer(w, s.stateOf(u), nil)
}

// stateOf is what a person sees. What happens meanwhile may be in it already, and is then
// told once more: each event holds a message or view whole.
func (s *Server) stateOf(u *slackemulator.User) state {
	slack := s.world.Slack
	st := state{
		Seq: slack.LastEvent(), Me: u.Name(), Groups: slack.UserGroups(), Channels: s.channels(u), Messages: map[string][]message{},
		Modal: modal(u), Home: home(u), Commands: slack.Commands(), Shortcuts: slack.Shortcuts(), Phone: s.phone(), Process: s.process(),
	}
	st.Team.ID, st.Team.Domain = slack.TeamID(), slack.TeamDomain()
	st.Bot.ID, st.Bot.Name = slack.BotUserID(), slack.BotName()
	for _, p := range slack.People() {
		f := p.Profile()
		st.People = append(st.People, person{f.ID, f.Name, f.RealName, f.TimeZone, p.ID() == s.world.Admin.ID(), f.Guest})
	}
	for _, c := range u.Channels() {
		all := []message{}
		for _, m := range c.SeenBy(u) {
			all = append(all, s.message(u, m))
		}
		st.Messages[c.ID()] = all
	}
	return st
}

// kinds are Slack's words for conversations, as the page has them.
var kinds = map[string]string{"channel": "public", "group": "private", "im": "dm", "mpim": "dm"}

func (s *Server) channels(u *slackemulator.User) []channel {
	out := []channel{}
	for _, c := range u.Channels() {
		name := c.Name()
		if c.Kind() == "im" {
			name = "@" + s.world.Slack.BotName()
		}
		out = append(out, channel{c.ID(), name, kinds[c.Kind()], c.Members(), c.Archived()})
	}
	return out
}

func (s *Server) message(u *slackemulator.User, m slackemulator.Message) message {
	out := message{
		TS: m.TS, ThreadTS: m.ThreadTS, ChannelID: m.ChannelID, User: m.User, ByApp: m.ByApp, Text: m.Text, Blocks: m.Blocks,
		EphemeralFor: m.EphemeralFor, Deleted: m.Deleted, At: m.At, Version: m.Version, Edited: m.Edited, Notified: m.Notified, State: m.State(),
	}
	for _, f := range m.Files {
		out.Files = append(out.Files, file{
			f.ID, f.Name, f.Title, f.MIMEType, f.Size, f.Duration.Seconds(), "/files/" + url.PathEscape(f.ID) + "?as=" + url.QueryEscape(u.Name()),
		})
	}
	return out
}

func modal(u *slackemulator.User) *view { return viewOf(u.View()) }

func home(u *slackemulator.User) *view { return viewOf(u.Home()) }

func viewOf(v slackemulator.View, open bool) *view {
	if !open {
		return nil
	}
	return &view{v.ID, v.Type, v.CallbackID, v.Title, v.SubmitLabel, v.CloseLabel, v.Blocks, v.State, v.Version}
}

// process is how the bot's process stands.
type process struct {
	State string `json:"state"`
	Links int    `json:"links"`
	PID   int    `json:"pid"`
	Error string `json:"error,omitempty"`
}

func (s *Server) process() process {
	state, pid, err := s.cfg.Bot.State()
	p := process{State: string(state), Links: s.world.Slack.Links(), PID: pid}
	if p.State == "running" && p.Links == 0 {
		p.State = "starting"
	}
	if err != nil {
		p.Error = sentence(err)
	}
	return p
}
