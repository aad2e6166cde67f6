package slackemulator

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// manifest is what an app manifest grants and declares, as far as it changes
// how Slack behaves: https://docs.slack.dev/reference/app-manifest
type manifest struct {
	DisplayInformation struct {
		Name string `yaml:"name"`
	} `yaml:"display_information"`
	Features struct {
		AppHome struct {
			HomeTabEnabled     bool  `yaml:"home_tab_enabled"`
			MessagesTabEnabled *bool `yaml:"messages_tab_enabled"` // on unless switched off
			// MessagesTabReadOnly: people cannot write to the app.
			MessagesTabReadOnly bool `yaml:"messages_tab_read_only_enabled"`
		} `yaml:"app_home"`
		BotUser struct {
			DisplayName string `yaml:"display_name"`
		} `yaml:"bot_user"`
		SlashCommands []slashCommand `yaml:"slash_commands"`
		Shortcuts     []shortcut     `yaml:"shortcuts"`
	} `yaml:"features"`
	OAuthConfig struct {
		Scopes struct {
			Bot []string `yaml:"bot"`
		} `yaml:"scopes"`
	} `yaml:"oauth_config"`
	Functions map[string]function `yaml:"functions"`
	Settings  struct {
		EventSubscriptions struct {
			BotEvents []string `yaml:"bot_events"`
		} `yaml:"event_subscriptions"`
		Interactivity struct {
			IsEnabled bool `yaml:"is_enabled"`
		} `yaml:"interactivity"`
		OrgDeployEnabled  bool  `yaml:"org_deploy_enabled"`
		SocketModeEnabled *bool `yaml:"socket_mode_enabled"`
	} `yaml:"settings"`
}

type slashCommand struct {
	Command      string `yaml:"command"`
	Description  string `yaml:"description"`
	UsageHint    string `yaml:"usage_hint"`
	ShouldEscape bool   `yaml:"should_escape"`
}

type shortcut struct {
	Name        string `yaml:"name"`
	Description string `yaml:"description"`
	CallbackID  string `yaml:"callback_id"`
	Type        string `yaml:"type"` // "global" or "message"
}

func parseManifest(data []byte) (*manifest, error) {
	var m manifest
	if err := yaml.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("parsing the app manifest: %w", err)
	}
	if m.DisplayInformation.Name == "" {
		return nil, fmt.Errorf("parsing the app manifest: display_information.name is missing")
	}
	return &m, nil
}

// botName is the name under which the app writes.
func (m *manifest) botName() string {
	switch {
	case m == nil:
		return "app"
	case m.Features.BotUser.DisplayName != "":
		return m.Features.BotUser.DisplayName
	default:
		return m.DisplayInformation.Name
	}
}

// grants reports whether the bot token has the scope. Without a manifest every
// scope is granted.
func (m *manifest) grants(scope string) bool {
	return m == nil || slices.Contains(m.OAuthConfig.Scopes.Bot, scope)
}

// command finds a declared slash command. Without a manifest any is declared.
func (m *manifest) command(name string) (slashCommand, bool) {
	if m == nil {
		return slashCommand{Command: name}, true
	}
	if !m.grants("commands") {
		return slashCommand{}, false
	}
	for _, c := range m.Features.SlashCommands {
		if c.Command == name {
			return c, true
		}
	}
	return slashCommand{}, false
}

// shortcut finds a declared shortcut of a type by its name or callback ID.
func (m *manifest) shortcut(kind, name string) (shortcut, bool) {
	if m == nil {
		return shortcut{Name: name, CallbackID: name, Type: kind}, true
	}
	if !m.grants("commands") {
		return shortcut{}, false
	}
	for _, s := range m.Features.Shortcuts {
		if s.Type == kind && (s.Name == name || s.CallbackID == name) {
			return s, true
		}
	}
	return shortcut{}, false
}

// subscribed reports whether an event is delivered: it must be subscribed to and
// its scope granted. Events without a scope have an empty one.
func (m *manifest) subscribed(event, scope string) bool {
	if m == nil {
		return true
	}
	return slices.Contains(m.Settings.EventSubscriptions.BotEvents, event) && (scope == "" || m.grants(scope))
}

func (m *manifest) interactive() bool { return m == nil || m.Settings.Interactivity.IsEnabled }

func (m *manifest) homeTab() bool {
	return m == nil || m.Features.AppHome.HomeTabEnabled
}

func (m *manifest) messagesTab() bool {
	return m == nil || m.Features.AppHome.MessagesTabEnabled == nil || *m.Features.AppHome.MessagesTabEnabled
}

// hearsDirect reports whether people can write to the app directly.
func (m *manifest) hearsDirect() bool {
	return m.messagesTab() && (m == nil || !m.Features.AppHome.MessagesTabReadOnly)
}

func (m *manifest) socketMode() bool {
	return m == nil || m.Settings.SocketModeEnabled == nil || *m.Settings.SocketModeEnabled
}
