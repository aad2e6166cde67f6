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
	functions map[string]function // by their callback_id
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
	// function_executed needs no scope, and no subscription where Slack makes one of the
	// functions; what it writes into manifests has it, so ours does.
	events:    []string{eventHomeOpened, eventMention, eventJoined, eventMessage + ".im", eventFunction},
	functions: map[string]function{stepPlaceCall: placeCall},
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

// function is a step of Workflow Builder
// (https://docs.slack.dev/tools/bolt-js/tutorials/custom-steps).
type function struct {
	Title            string     `yaml:"title"`
	Description      string     `yaml:"description"`
	InputParameters  parameters `yaml:"input_parameters"`
	OutputParameters parameters `yaml:"output_parameters"`
}

// parameters are inputs or outputs of a step, in the order in which people see them.
type parameters []parameter

// MarshalYAML writes them by name.
func (list parameters) MarshalYAML() (any, error) {
	all := yaml.Node{Kind: yaml.MappingNode}
	for _, p := range list {
		var name, value yaml.Node
		name.SetString(p.Name)
		if err := value.Encode(p); err != nil {
			return nil, fmt.Errorf("encoding the parameter %s: %w", p.Name, err)
		}
		all.Content = append(all.Content, &name, &value)
	}
	return &all, nil
}

type parameter struct {
	Type        string `yaml:"type"`
	Title       string `yaml:"title"`
	Description string `yaml:"description"`
	IsRequired  bool   `yaml:"is_required"`
	Name        string `yaml:"name"`
}

const (
	typeString  = "string"
	typeUser    = "slack#/types/user_id"
	typeChannel = "slack#/types/channel_id"
)

var placeCall = function{
	Title:       "Place a phone call",
	Description: "Posts a card, places the call once somebody approves it there, and goes on when the call has ended",
	InputParameters: parameters{
		{typeString, "Phone number", "With area code, such as (415) 555-0132; other countries with +", true, inputNumber},
		{typeString, "What the call is for", "What the agent is to say or find out, such as: Ask whether they are open on Sunday", true, inputObjective},
		{typeString, "Business", "Whom the agent calls", false, inputBusiness},
		{typeString, "Website", "A page that the agent reads first", false, inputWebsite},
		{typeChannel, "Channel", "Where the card is posted", true, inputChannel},
		{typeUser, "Approver", "Who alone can approve the call; left out, whoever may approve calls of others", false, inputApprover},
	},
	OutputParameters: parameters{
		{typeString, "Outcome", "Achieved, Partly achieved, Not achieved, or what AgentPhone says", true, outputOutcome},
		{typeString, "Summary", "What came of the call", false, outputSummary},
		{typeString, "Transcript", "What was said, or its beginning", false, outputTranscript},
		{typeString, "Duration", "How long the call took, in seconds", false, outputDuration},
		{typeString, "Link", "Leads to the card, with the recording in its thread", false, outputLink},
	},
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
	Functions map[string]function `yaml:"functions"`
	Settings  struct {
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
	m.Functions = table.functions
	m.Settings.OrgDeployEnabled = true // an app without cannot have functions
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
