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

	"GetUserInfoContext":         {"users.info"},
	"GetUserGroupMembersContext": {"usergroups.users.list"},
	"AuthTestContext":            {}, // it needs no scope

	"FunctionCompleteSuccessContext": {}, // nor do these: functions.completeSuccess
	"FunctionCompleteErrorContext":   {}, // and functions.completeError
}

// TestScopes: each method that is called has its scope, and each scope a use.
func TestScopes(t *testing.T) {
	var called []string
	for _, slack := range []reflect.Type{reflect.TypeFor[bot.Slack](), reflect.TypeFor[bot.Workspace](), reflect.TypeFor[bot.Steps]()} {
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
