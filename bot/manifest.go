package bot

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// table is what the app uses of Slack, and why. The manifest is made from it.
var table = struct {
	commands  []slashCommand
	shortcuts []shortcut
	events    []string
	scopes    []scope
}{
	commands: []slashCommand{{
		Command:     commandCall,
		Description: "Place a real phone call, once you approve it on a card",
		UsageHint:   "(415) 555-0132 Ask whether they are open on Sunday",
	}},
	shortcuts: []shortcut{
		{"Call about this message", "message", callbackAbout, "Ask for a phone call about it; the card comes into its thread"},
		{"Place a call", "global", callbackPlace, "Ask for a phone call with a form"},
	},
	events: []string{eventHomeOpened, eventMention, eventJoined, eventMessage + ".im"},
	scopes: []scope{
		{"app_mentions:read", nil},                           // the event app_mention
		{"channels:read", []string{"conversations.members"}}, // an approver who is not in the channel gets the card in a direct message
		{"chat:write", []string{"chat.delete", "chat.postEphemeral", "chat.postMessage", "chat.update"}},
		{"chat:write.public", []string{"chat.postMessage"}}, // public channels that nobody added it to
		{"commands", nil}, // slash commands and shortcuts
		{"files:write", []string{"files.delete", "files.getUploadURLExternal", "files.completeUploadExternal"}},
		{"groups:read", []string{"conversations.members"}}, // the same in private channels
		{"im:history", nil},                                    // the event message.im
		{"im:write", []string{"conversations.open"}},           // where it cannot post in the conversation
		{"usergroups:read", []string{"usergroups.users.list"}}, // groups that CALLBOT_ALLOWED_USERS and CALLBOT_APPROVERS name
		{"users:read", []string{"users.info"}},                 // guests and people of other workspaces are refused
	},
}

// scope is a permission and the Web API methods that it is for; none: it is for a
// feature of the manifest.
type scope struct {
	name    string
	methods []string
}

type shortcut struct {
	Name        string `yaml:"name"`
	Type        string `yaml:"type"`
	CallbackID  string `yaml:"callback_id"`
	Description string `yaml:"description"`
}

type slashCommand struct {
	Command      string `yaml:"command"`
	Description  string `yaml:"description"`
	UsageHint    string `yaml:"usage_hint"`
	ShouldEscape bool   `yaml:"should_escape"`
}

// manifest is Slack's app manifest, as far as the app uses it
// (https://docs.slack.dev/reference/app-manifest).
type manifest struct {
	DisplayInformation struct {
		Name            string `yaml:"name"`
		Description     string `yaml:"description"`
		BackgroundColor string `yaml:"background_color"`
		LongDescription string `yaml:"long_description"`
	} `yaml:"display_information"`
	Features struct {
		AppHome struct {
			HomeTabEnabled             bool `yaml:"home_tab_enabled"`
			MessagesTabEnabled         bool `yaml:"messages_tab_enabled"`
			MessagesTabReadOnlyEnabled bool `yaml:"messages_tab_read_only_enabled"`
		} `yaml:"app_home"`
		BotUser struct {
			DisplayName  string `yaml:"display_name"`
			AlwaysOnline bool   `yaml:"always_online"`
		} `yaml:"bot_user"`
		Shortcuts     []shortcut     `yaml:"shortcuts"`
		SlashCommands []slashCommand `yaml:"slash_commands"`
	} `yaml:"features"`
	OAuthConfig struct {
		Scopes struct {
			Bot []string `yaml:"bot"`
		} `yaml:"scopes"`
	} `yaml:"oauth_config"`
	Settings struct {
		EventSubscriptions struct {
			BotEvents []string `yaml:"bot_events"`
		} `yaml:"event_subscriptions"`
		Interactivity struct {
			IsEnabled bool `yaml:"is_enabled"`
		} `yaml:"interactivity"`
		OrgDeployEnabled     bool `yaml:"org_deploy_enabled"`
		SocketModeEnabled    bool `yaml:"socket_mode_enabled"`
		TokenRotationEnabled bool `yaml:"token_rotation_enabled"`
	} `yaml:"settings"`
}

// Manifest is the app manifest in YAML, to create the app in Slack from.
func Manifest() ([]byte, error) {
	var m manifest
	m.DisplayInformation.Name = "callbot"
	m.DisplayInformation.Description = "Places real phone calls for you and brings the answer back"
	m.DisplayInformation.BackgroundColor = "#1f3a5f"
	m.DisplayInformation.LongDescription = "Type /call for a form, or /call with a phone number and what the call is for. " +
		"A card shows what is about to happen, and nothing is dialled until somebody presses Place call. " +
		"An AI agent of AgentPhone then makes the call. The thread below the card follows it and gets the outcome, " +
		"a summary, the transcript and the recording."
	m.Features.AppHome.HomeTabEnabled = true
	m.Features.AppHome.MessagesTabEnabled = true          // for what is asked there, and cards that cannot be posted elsewhere
	m.Features.AppHome.MessagesTabReadOnlyEnabled = false // people ask for calls there
	m.Features.BotUser.DisplayName = "callbot"
	m.Features.BotUser.AlwaysOnline = true
	m.Features.Shortcuts = table.shortcuts
	m.Features.SlashCommands = table.commands
	for _, s := range table.scopes {
		m.OAuthConfig.Scopes.Bot = append(m.OAuthConfig.Scopes.Bot, s.name)
	}
	m.Settings.EventSubscriptions.BotEvents = table.events
	m.Settings.Interactivity.IsEnabled = true
	m.Settings.SocketModeEnabled = true
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(m); err != nil {
		return nil, fmt.Errorf("encoding the manifest: %w", err)
	}
	return b.Bytes(), nil
}
