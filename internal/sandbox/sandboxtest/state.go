package sandboxtest

import "strings"

// State is what one person sees, as far as tests look at it.
type State struct {
	Channels []struct{ ID, Name string }
	// Messages are those of each channel, by its ID, oldest first; replies too.
	Messages map[string][]Message
	// Modal is the form that is open; nil: none is.
	Modal *Form
	// Process is the bot's: its state is running, starting, stopped or ended.
	Process struct{ State string }
	Phone   struct{ Calls []PhoneCall }
}

// Message is a message as Slack shows it.
type Message struct {
	TS        string `json:"ts"`
	ChannelID string `json:"channel_id"`
	Text      string `json:"text"` // what is shown where there are no blocks
	Files     []struct {
		MIMEType string  `json:"mimetype"`
		Duration float64 `json:"duration_s"` // seconds, of audio
		URL      string  `json:"url"`        // a path
	} `json:"files"`
	Blocks []struct {
		BlockID  string `json:"block_id"`
		Elements []struct {
			ActionID string `json:"action_id"`
		} `json:"elements"`
	} `json:"blocks"`
}

// action is the block that has a control with that action_id.
func (m Message) action(id string) (blockID string, ok bool) {
	for _, b := range m.Blocks {
		for _, e := range b.Elements {
			if e.ActionID == id {
				return b.BlockID, true
			}
		}
	}
	return "", false
}

// Form is a modal that the app opened.
type Form struct {
	ID     string
	Blocks []struct {
		BlockID string `json:"block_id"`
		Element struct {
			ActionID string `json:"action_id"`
		}
	}
}

// PhoneCall is a simulated call as the business sees it.
type PhoneCall struct {
	ID, Status string
	Lines      []struct{ Speaker, Text string }
}

// ChannelID is the ID of a channel by its name, such as #general; "" if there is none.
func (s State) ChannelID(name string) string {
	for _, c := range s.Channels {
		if c.Name == name {
			return c.ID
		}
	}
	return ""
}

// Message finds the newest message of a channel, given by its name, that contains a text.
func (s State) Message(channel, text string) (found Message, ok bool) {
	for _, m := range s.Messages[s.ChannelID(channel)] {
		if strings.Contains(m.Text, text) {
			found, ok = m, true
		}
	}
	return found, ok
}

// Recording finds the newest recording of a channel, given by its name: how long it lasts,
// in seconds, and the path of the file.
func (s State) Recording(channel string) (seconds float64, path string, ok bool) {
	for _, m := range s.Messages[s.ChannelID(channel)] {
		for _, f := range m.Files {
			if strings.HasPrefix(f.MIMEType, "audio/") && f.Duration > 0 {
				seconds, path, ok = f.Duration, f.URL, true
			}
		}
	}
	return seconds, path, ok
}
