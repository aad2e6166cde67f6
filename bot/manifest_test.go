package bot_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/agentphone-slack/callbot/bot"
)

func manifest(t *testing.T) []byte {
	t.Helper()
	m, err := bot.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestManifestFile: what people create the app from is what the code prints.
func TestManifestFile(t *testing.T) {
	file, err := os.ReadFile("../manifest.yml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(manifest(t)), string(file)); diff != "" {
		t.Errorf("manifest.yml is stale: go run ./cmd/callbot manifest >manifest.yml (-code +file):\n%s", diff)
	}
}

// TestManifestIsValid holds it against the schema that Slack publishes, where that is
// at hand beside the checkout.
func TestManifestIsValid(t *testing.T) {
	path := filepath.Join("..", "..", "shared", "oracles", "slack-manifest-schema-v1.json")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("Slack's schema of the manifest is not at hand: %v", err)
	}
	compiler := jsonschema.NewCompiler()
	// Two patterns of domain names, which the manifest has none of, use a look-ahead
	// that Go's regular expressions lack.
	compiler.UseRegexpEngine(func(pattern string) (jsonschema.Regexp, error) {
		return regexp.Compile(strings.ReplaceAll(pattern, `(?![\.\-])`, ""))
	})
	schema, err := compiler.Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	var m any
	if err := yaml.Unmarshal(manifest(t), &m); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(instance); err != nil {
		t.Errorf("%#v", err)
	}
}

// methods are the Web API methods behind what the publisher calls of the client.
var methods = map[string][]string{
	"PostMessageContext":            {"chat.postMessage"},
	"UpdateMessageContext":          {"chat.update"},
	"OpenConversationContext":       {"conversations.open"},
	"PostEphemeralContext":          {"chat.postEphemeral"},
	"GetUsersInConversationContext": {"conversations.members"},
	"UploadFileContext":             {"files.getUploadURLExternal", "files.completeUploadExternal"},
	"DeleteMessageContext":          {"chat.delete"},
	"DeleteFileContext":             {"files.delete"},

	"GetUserInfoContext":         {"users.info"},
	"GetUserGroupMembersContext": {"usergroups.users.list"},
	"AuthTestContext":            {}, // it needs no scope
	"OpenViewContext":            {}, // nor do views
	"UpdateViewContext":          {},
	"PublishViewContext":         {},

	"FunctionCompleteSuccessContext": {}, // nor do these: functions.completeSuccess
	"FunctionCompleteErrorContext":   {}, // and functions.completeError
}

// TestScopes: each method that is called has its scope, and each scope a use.
func TestScopes(t *testing.T) {
	var called []string
	for _, slack := range []reflect.Type{reflect.TypeFor[bot.Slack](), reflect.TypeFor[bot.Workspace](), reflect.TypeFor[bot.Views](), reflect.TypeFor[bot.HomeViews](), reflect.TypeFor[bot.Steps]()} {
		for m := range slack.Methods() {
			of, known := methods[m.Name]
			if !known {
				t.Errorf("which Web API methods, and so which scopes, are behind %s?", m.Name)
			}
			called = append(called, of...)
		}
	}
	slices.Sort(called)
	if diff := cmp.Diff(called, bot.ScopedMethods()); diff != "" {
		t.Errorf("-called +what scopes are asked for:\n%s", diff)
	}
}

// TestHandled: what is handled stands in the manifest, and the other way round; and each
// event has the scope that Slack delivers it with.
func TestHandled(t *testing.T) {
	var m struct {
		Features struct {
			SlashCommands []struct {
				Command string `yaml:"command"`
			} `yaml:"slash_commands"`
			Shortcuts []struct {
				Name, Type string
				CallbackID string `yaml:"callback_id"`
			} `yaml:"shortcuts"`
		} `yaml:"features"`
		OAuth struct {
			Scopes struct{ Bot []string } `yaml:"scopes"`
		} `yaml:"oauth_config"`
		Settings struct {
			Events struct {
				Bot []string `yaml:"bot_events"`
			} `yaml:"event_subscriptions"`
		} `yaml:"settings"`
	}
	if err := yaml.Unmarshal(manifest(t), &m); err != nil {
		t.Fatal(err)
	}
	var commands, shortcuts []string
	for _, c := range m.Features.SlashCommands {
		commands = append(commands, c.Command)
	}
	for _, s := range m.Features.Shortcuts {
		shortcuts = append(shortcuts, s.CallbackID)
		if len(s.Name) > 24 {
			t.Errorf("Slack takes names of 24 characters: %q", s.Name)
		}
	}
	slices.Sort(shortcuts)
	declared := m.Settings.Events.Bot
	slices.Sort(declared)
	gotCommands, gotEvents, gotShortcuts := bot.Handled()
	for _, diff := range []string{cmp.Diff(gotCommands, commands), cmp.Diff(gotEvents, declared), cmp.Diff(gotShortcuts, shortcuts)} {
		if diff != "" {
			t.Errorf("-handled +declared:\n%s", diff)
		}
	}
	scopes := map[string][]string{
		"app_home_opened": nil, "app_mention": {"app_mentions:read"}, "message.im": {"im:history"},
		"member_joined_channel": {"channels:read", "groups:read"}, "function_executed": nil,
	}
	for _, event := range declared {
		needs, known := scopes[event]
		if !known {
			t.Errorf("which scopes does Slack deliver %s with?", event)
		}
		for _, scope := range needs {
			if !slices.Contains(m.OAuth.Scopes.Bot, scope) {
				t.Errorf("%s is not delivered without the scope %s", event, scope)
			}
		}
	}
}
