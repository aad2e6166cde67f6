package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// good are settings that callbot starts with.
func good(t *testing.T) {
	t.Helper()
	for _, v := range variables() {
		t.Setenv(v.name, "")
	}
	t.Setenv("SLACK_BOT_TOKEN", "xoxb-secret-1")
	t.Setenv("SLACK_APP_TOKEN", "xapp-secret-2")
	t.Setenv("AGENTPHONE_API_KEY", "secret-3")
}

func TestDefaults(t *testing.T) {
	good(t)
	s, err := loadSettings()
	if err != nil {
		t.Fatal(err)
	}
	if s.slackAPIURL != "https://slack.com/api/" || s.agentPhoneURL != "https://agentphone.app/api/v1" || s.databaseURL != "sqlite:callbot.db" {
		t.Errorf("%q %q %q", s.slackAPIURL, s.agentPhoneURL, s.databaseURL)
	}
	if s.region != "US" || !s.countries.Allowed("US") || s.countries.Allowed("CA") {
		t.Errorf("region %q, countries %s", s.region, s.countries)
	}
	if s.quiet.String() != "21:00-08:00" {
		t.Errorf("quiet hours %s", s.quiet)
	}
	if s.budget.N != 10 || s.budget.Window != time.Minute || s.poll != 10*time.Second || s.callTimeout != 5*time.Minute || s.approvalTTL != 30*time.Minute {
		t.Errorf("%+v", s)
	}
}

// TestWrongSettings: each is told by its name, with what is allowed, and no secret is.
func TestWrongSettings(t *testing.T) {
	for set, want := range map[string]string{
		"SLACK_BOT_TOKEN=":                               "SLACK_BOT_TOKEN is not set",
		"SLACK_BOT_TOKEN=xapp-secret-9":                  "SLACK_BOT_TOKEN does not start with xoxb-",
		"SLACK_APP_TOKEN=xoxb-secret-9":                  "SLACK_APP_TOKEN does not start with xapp-",
		"AGENTPHONE_API_KEY= ":                           "AGENTPHONE_API_KEY is not set",
		"SLACK_API_URL=slack.com":                        `SLACK_API_URL is "slack.com", but it must be a URL`,
		"SLACK_API_URL=http://slack.example/api/":        "http:// is only allowed to this machine",
		"AGENTPHONE_BASE_URL=https://u:secret-9@x.io":    "must not hold a user name or a password",
		"AGENTPHONE_BASE_URL=ftp://x.io":                 "AGENTPHONE_BASE_URL",
		"CALLBOT_DEFAULT_REGION=Mars":                    `CALLBOT_DEFAULT_REGION is "MARS"`,
		"CALLBOT_DEFAULT_REGION=*":                       "must be one country code",
		"CALLBOT_COUNTRIES=US,Narnia":                    `CALLBOT_COUNTRIES is "US,Narnia"`,
		"CALLBOT_APPROVAL_TTL=soon":                      `CALLBOT_APPROVAL_TTL is "soon", but it must be a duration`,
		"CALLBOT_POLL_INTERVAL=-1s":                      "CALLBOT_POLL_INTERVAL",
		"CALLBOT_CALL_TIMEOUT=0":                         "CALLBOT_CALL_TIMEOUT",
		"CALLBOT_PROVIDER_RATE=10":                       "must be requests per window, such as 10/1m, or off",
		"CALLBOT_PROVIDER_RATE=0/1m":                     "CALLBOT_PROVIDER_RATE",
		"CALLBOT_APPROVAL=nobody":                        `CALLBOT_APPROVAL is "nobody", but it must be requester, anyone, other`,
		"CALLBOT_APPROVERS=U0123ABCD,@ana":               `CALLBOT_APPROVERS holds "@ana", but it must be IDs of users and user groups`,
		"CALLBOT_ALLOWED_USERS=,":                        `CALLBOT_ALLOWED_USERS is ",", but it must be IDs`,
		"CALLBOT_ALLOWED_USERS=<@U0123ABCD>":             `CALLBOT_ALLOWED_USERS holds "<@U0123ABCD>"`,
		"CALLBOT_ALLOWED_CHANNELS=#general":              `CALLBOT_ALLOWED_CHANNELS holds "#general", but it must be IDs of channels`,
		"CALLBOT_ADMINS=S0123ABCD":                       `CALLBOT_ADMINS holds "S0123ABCD", but it must be IDs of users`,
		"CALLBOT_LOG_LEVEL=loud":                         `CALLBOT_LOG_LEVEL is "loud", but it must be debug, info, warn, error`,
		"CALLBOT_LOG_FORMAT=xml":                         "must be text, json",
		"AGENTPHONE_API_KEY=secret-\t9":                  "AGENTPHONE_API_KEY holds a space or another character that no key has",
		"AGENTPHONE_API_KEY=secret-\x1b9":                "AGENTPHONE_API_KEY holds",
		"AGENTPHONE_API_KEY=secret-’9":                   "AGENTPHONE_API_KEY holds",
		"SLACK_API_URL=u:secret-9@slack.com":             `SLACK_API_URL is "…@slack.com", but it must be a URL`,
		"CALLBOT_COUNTRIES=USA":                          `did you mean "US" (United States)? Use country codes`,
		"CALLBOT_APPROVAL_TTL=9999h":                     "must be a duration from 1s to 720h, such as 30m.",
		"CALLBOT_HTTP_ADDR=9090":                         "must be an address and a port such as 127.0.0.1:9090, or off",
		"CALLBOT_HTTP_ADDR=:http":                        "CALLBOT_HTTP_ADDR",
		"CALLBOT_HTTP_ADDR=127.0.0.1:65536":              "CALLBOT_HTTP_ADDR",
		"CALLBOT_DISCLOSURE=Two\nlines":                  "CALLBOT_DISCLOSURE can't be what the agent says first: it holds a line break",
		"CALLBOT_DISCLOSURE=" + strings.Repeat("a", 301): "it is 301 characters long and the limit is 300",
		"CALLBOT_QUIET_HOURS=night":                      `CALLBOT_QUIET_HOURS is "night", but it must be two times of day such as 21:00-08:00, or off`,
		"CALLBOT_QUIET_HOURS=08:00-08:00":                "CALLBOT_QUIET_HOURS",
		"CALLBOT_RETENTION=90":                           `CALLBOT_RETENTION is "90", but it must be a time from 1h to 36500d, such as 90d or 12h, or off to keep everything.`,
		"CALLBOT_RETENTION=59m":                          "CALLBOT_RETENTION",
		"CALLBOT_RETENTION=-1d":                          "CALLBOT_RETENTION",
		"CALLBOT_ADMIN_CHANNEL=C1":                       "CALLBOT_ADMIN_CHANNEL is set, but this version does not know it",
	} {
		t.Run(set, func(t *testing.T) {
			good(t)
			name, value, _ := strings.Cut(set, "=")
			t.Setenv(name, value)
			_, err := loadSettings()
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%v\nwant %q", err, want)
			}
			if strings.Contains(err.Error(), "secret-") {
				t.Errorf("a secret is told: %v", err)
			}
		})
	}
}

func TestEverythingThatIsWrongIsToldAtOnce(t *testing.T) {
	good(t)
	t.Setenv("SLACK_BOT_TOKEN", "")
	t.Setenv("SLACK_APP_TOKEN", "")
	t.Setenv("CALLBOT_LOG_LEVEL", "loud")
	_, err := loadSettings()
	for _, want := range []string{"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "CALLBOT_LOG_LEVEL"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not told: %v", want, err)
		}
	}
}

// TestHTTPAddress: set to nothing is off, and not set at all is the default.
func TestHTTPAddress(t *testing.T) {
	for set, want := range map[string]string{"": "", " ": "", "off": "", "OFF": "", ":8080": ":8080", "127.0.0.1:9090": "127.0.0.1:9090", "[::1]:0": "[::1]:0"} {
		good(t)
		t.Setenv("CALLBOT_HTTP_ADDR", set)
		s, err := loadSettings()
		if err != nil || s.httpAddr != want || !s.httpAddrChosen {
			t.Errorf("%q: %q %t %v", set, s.httpAddr, s.httpAddrChosen, err)
		}
	}
	good(t)
	if err := os.Unsetenv("CALLBOT_HTTP_ADDR"); err != nil {
		t.Fatal(err)
	}
	s, err := loadSettings()
	if err != nil || s.httpAddr != "127.0.0.1:9090" || s.httpAddrChosen {
		t.Errorf("not set: %q %t %v", s.httpAddr, s.httpAddrChosen, err)
	}
}

func TestRates(t *testing.T) {
	for set, want := range map[string]string{"10/6s": "{10 6s}", "off": "{0 1m0s}", " 5 / 500ms ": "{5 500ms}"} {
		good(t)
		t.Setenv("CALLBOT_PROVIDER_RATE", set)
		s, err := loadSettings()
		if got := fmt.Sprint(s.budget); err != nil || got != want {
			t.Errorf("%q: %s %v, want %s", set, got, err, want)
		}
	}
}

func TestRetention(t *testing.T) {
	for set, want := range map[string]time.Duration{"": 90 * 24 * time.Hour, "0": 0, "off": 0, " 1h ": time.Hour, "1d12h": 36 * time.Hour, "36500d": 36500 * 24 * time.Hour} {
		good(t)
		t.Setenv("CALLBOT_RETENTION", set)
		s, err := loadSettings()
		if err != nil || s.retention != want {
			t.Errorf("%q: %s %v, want %s", set, s.retention, err, want)
		}
	}
}

// TestREADMETable: the README shows the variables as they are.
func TestREADMETable(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range variables() {
		def := "`" + v.def + "`"
		switch {
		case v.required:
			def = "required"
		case v.def == "":
			def = ""
		}
		if row := fmt.Sprintf("| `%s` | %s | %s |", v.name, def, v.desc); !strings.Contains(string(readme), row) {
			t.Errorf("README.md lacks the row\n%s", row)
		}
	}
}
