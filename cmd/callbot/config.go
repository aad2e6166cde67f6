package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/kelseyhightower/envconfig"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
)

// environment is every variable that is read, as it is written. The tags are the
// table that callbot run --help and the README show.
type environment struct {
	SlackBotToken string `envconfig:"SLACK_BOT_TOKEN" must:"yes" desc:"the bot token of the app, xoxb-…"`
	SlackAppToken string `envconfig:"SLACK_APP_TOKEN" must:"yes" desc:"an app-level token with connections:write, xapp-…"`
	AgentPhoneKey string `envconfig:"AGENTPHONE_API_KEY" must:"yes" desc:"the API key of the AgentPhone account"`
	SlackAPIURL   string `envconfig:"SLACK_API_URL" default:"https://slack.com/api/" desc:"base of Slack's Web API"`
	AgentPhoneURL string `envconfig:"AGENTPHONE_BASE_URL" default:"https://agentphone.app/api/v1" desc:"base of AgentPhone's API"`
	DatabaseURL   string `envconfig:"DATABASE_URL" default:"sqlite:callbot.db" desc:"where calls are kept: sqlite:FILE for one process, or postgres://USER:PASSWORD@HOST/NAME for several"`
	DefaultRegion string `envconfig:"CALLBOT_DEFAULT_REGION" default:"US" desc:"country of numbers that are written without +"`
	Countries     string `envconfig:"CALLBOT_COUNTRIES" desc:"countries that may be called, such as US,CA; * for all; by default the one above"`
	Approval      string `envconfig:"CALLBOT_APPROVAL" default:"requester" desc:"who approves a call: requester (who asked), anyone, or other (somebody else than who asked)"`
	Approvers     string `envconfig:"CALLBOT_APPROVERS" desc:"IDs of the users and user groups who alone approve calls, of anybody, such as U0123ABCD,S0123ABCD; by default those above"`
	AllowedUsers  string `envconfig:"CALLBOT_ALLOWED_USERS" desc:"IDs of the users and user groups who may use callbot; by default every member of the workspace, and no guest"`
	Channels      string `envconfig:"CALLBOT_ALLOWED_CHANNELS" desc:"IDs of the channels where callbot may be used, such as C0123ABCD; by default everywhere"`
	Admins        string `envconfig:"CALLBOT_ADMINS" desc:"IDs of the users who may pause all calls and lift bans; by default nobody"`
	Disclosure    string `envconfig:"CALLBOT_DISCLOSURE" desc:"what the agent says first on every call, shown on the card: one line of at most 300 characters"`
	Results       string `envconfig:"CALLBOT_RESULTS" default:"thread" desc:"where a call is shown: thread (where it was asked for), or dm (there only business, masked number and outcome; all else in direct messages with who asked and who approves)"`
	ApprovalTTL   string `envconfig:"CALLBOT_APPROVAL_TTL" default:"30m" desc:"how long a card waits for its approval"`
	QuietHours    string `envconfig:"CALLBOT_QUIET_HOURS" default:"21:00-08:00" desc:"when nobody is called, in the called party's time, unless somebody confirms it; off: never"`
	PollInterval  string `envconfig:"CALLBOT_POLL_INTERVAL" default:"10s" desc:"time between two looks at a call; the other waits on AgentPhone follow it"`
	CallTimeout   string `envconfig:"CALLBOT_CALL_TIMEOUT" default:"5m" desc:"when a call is said to take long"`
	ProviderRate  string `envconfig:"CALLBOT_PROVIDER_RATE" default:"10/1m" desc:"requests that the key may make per window, such as 10/1m; off: no limit"`
	UserLimit     string `envconfig:"CALLBOT_USER_DAILY_LIMIT" default:"20" desc:"approved calls in any 24 hours of one person; 0: no limit"`
	DailyLimit    string `envconfig:"CALLBOT_DAILY_LIMIT" default:"100" desc:"approved calls in any 24 hours of all people together; 0: no limit"`
	BulkLimit     string `envconfig:"CALLBOT_BULK_LIMIT" default:"10" desc:"numbers that may be called within an hour with the same objective; 0: no limit"`
	Retention     string `envconfig:"CALLBOT_RETENTION" default:"90d" desc:"how long after a call its number, what it was about and what was said are kept, here and in Slack; off: for ever"`
	HTTPAddr      string `envconfig:"CALLBOT_HTTP_ADDR" default:"127.0.0.1:9090" empty:"off" desc:"address of /healthz and /readyz; off or set to nothing: none"`
	LogLevel      string `envconfig:"CALLBOT_LOG_LEVEL" default:"info" desc:"debug, info, warn or error"`
	LogFormat     string `envconfig:"CALLBOT_LOG_FORMAT" desc:"text or json; by default text on a terminal"`
}

// settings is the environment, understood.
type settings struct {
	slackBotToken, slackAppToken, agentPhoneKey string
	slackAPIURL, agentPhoneURL, databaseURL     string

	region      string
	countries   phone.Countries
	who         call.Policy
	disclosure  string
	private     bool
	quiet       call.Hours
	approvalTTL time.Duration
	poll        time.Duration
	callTimeout time.Duration
	budget      call.Budget
	limits      call.Limits
	// retention is zero where all is kept for ever.
	retention time.Duration
	// httpAddr is empty where health is not told; httpAddrChosen says that it is not
	// the default.
	httpAddr       string
	httpAddrChosen bool
	logLevel       slog.Level
	logFormat      string
	hidden         hidden
}

// configError lists everything that is wrong with the environment.
type configError struct{ problems []string }

func (e *configError) Error() string {
	return "callbot can't start, because of its environment:\n  - " + strings.Join(e.problems, "\n  - ") +
		"\ncallbot run --help lists all variables."
}

// loadSettings reads the environment.
func loadSettings() (settings, error) {
	env, err := readEnvironment()
	if err != nil {
		return settings{}, err
	}
	r := &reader{}
	r.unknown(os.Environ())
	for _, v := range variables() {
		if v.required && strings.TrimSpace(os.Getenv(v.name)) == "" {
			r.problem("%s is not set: %s.", v.name, v.desc)
		}
	}
	s := settings{
		slackBotToken: r.token("SLACK_BOT_TOKEN", env.SlackBotToken, "xoxb-"),
		slackAppToken: r.token("SLACK_APP_TOKEN", env.SlackAppToken, "xapp-"),
		agentPhoneKey: r.key("AGENTPHONE_API_KEY", env.AgentPhoneKey),
		slackAPIURL:   r.url("SLACK_API_URL", env.SlackAPIURL),
		agentPhoneURL: strings.TrimSuffix(r.url("AGENTPHONE_BASE_URL", env.AgentPhoneURL), "/"),
		databaseURL:   env.DatabaseURL,
		region:        r.region("CALLBOT_DEFAULT_REGION", env.DefaultRegion),
		who:           r.policy(env),
		disclosure:    r.disclosure("CALLBOT_DISCLOSURE", env.Disclosure),
		private:       r.oneOf("CALLBOT_RESULTS", env.Results, "thread", "dm") == "dm",
		approvalTTL:   r.duration("CALLBOT_APPROVAL_TTL", env.ApprovalTTL, time.Second, 30*24*time.Hour),
		quiet:         r.hours("CALLBOT_QUIET_HOURS", env.QuietHours),
		poll:          r.duration("CALLBOT_POLL_INTERVAL", env.PollInterval, 10*time.Millisecond, 10*time.Minute),
		callTimeout:   r.duration("CALLBOT_CALL_TIMEOUT", env.CallTimeout, time.Millisecond, 24*time.Hour),
		budget:        r.rate("CALLBOT_PROVIDER_RATE", env.ProviderRate),
		limits: call.Limits{
			User: r.count("CALLBOT_USER_DAILY_LIMIT", env.UserLimit),
			All:  r.count("CALLBOT_DAILY_LIMIT", env.DailyLimit),
			Bulk: r.count("CALLBOT_BULK_LIMIT", env.BulkLimit),
		},
		retention: r.retention("CALLBOT_RETENTION", env.Retention),
		httpAddr:  r.address("CALLBOT_HTTP_ADDR", env.HTTPAddr),
		logFormat: r.oneOf("CALLBOT_LOG_FORMAT", env.LogFormat, "", "text", "json"),
		hidden:    hide(env),
	}
	_, s.httpAddrChosen = os.LookupEnv("CALLBOT_HTTP_ADDR")
	if !strings.HasSuffix(s.slackAPIURL, "/") {
		s.slackAPIURL += "/"
	}
	if err := s.logLevel.UnmarshalText([]byte(r.oneOf("CALLBOT_LOG_LEVEL", strings.ToLower(env.LogLevel), "debug", "info", "warn", "error"))); err != nil {
		s.logLevel = slog.LevelInfo // the problem is noted
	}
	list := env.Countries
	if list == "" {
		list = s.region
	}
	countries, err := phone.ParseCountries(list)
	if err != nil {
		r.problem("CALLBOT_COUNTRIES is %q: %s Use country codes such as US,CA, or * for all.", list, ended(err.Error()))
	}
	s.countries = countries
	if len(r.problems) > 0 {
		for i, p := range r.problems {
			r.problems[i] = s.hidden.text(p)
		}
		return settings{}, &configError{r.problems}
	}
	return s, nil
}

// ended is a text that ends as a sentence does.
func ended(text string) string {
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

// readEnvironment reads all variables; one that is set to nothing counts as not set,
// unless its tag says what nothing means.
func readEnvironment() (environment, error) {
	var env environment
	if err := envconfig.Process("", &env); err != nil {
		return env, fmt.Errorf("reading the environment: %w", err)
	}
	fields := reflect.ValueOf(&env).Elem()
	for i, v := range variables() {
		f := fields.Field(i)
		if _, set := os.LookupEnv(v.name); set && v.empty != "" && strings.TrimSpace(f.String()) == "" {
			f.SetString(v.empty)
		}
		if strings.TrimSpace(f.String()) == "" {
			f.SetString(v.def)
		}
	}
	return env, nil
}

// variable is one row of the table.
type variable struct {
	name, def, desc string
	// empty is what the variable means when it is set to nothing; usually def.
	empty    string
	required bool
}

// variables lists them in the order of the fields of [environment].
func variables() []variable {
	t := reflect.TypeFor[environment]()
	all := make([]variable, 0, t.NumField())
	for f := range t.Fields() {
		all = append(all, variable{
			name: f.Tag.Get("envconfig"), def: f.Tag.Get("default"), desc: f.Tag.Get("desc"), empty: f.Tag.Get("empty"), required: f.Tag.Get("must") == "yes",
		})
	}
	return all
}

// variableTable is the table of variables for a terminal. It is indented because what
// is not is wrapped as prose.
func variableTable() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, v := range variables() {
		def := v.def
		if v.required {
			def = "required"
		}
		if def == "" {
			def = "-"
		}
		_, _ = fmt.Fprintf(w, "  %s\t%s\t%s\n", v.name, def, v.desc) // a strings.Builder takes everything
	}
	_ = w.Flush() // likewise
	return b.String()
}

// reader turns what is written into what is meant, and collects what is wrong, so
// that one start shows it all.
type reader struct{ problems []string }

func (r *reader) problem(format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

// unknown refuses variables of ours that nothing enforces: somebody relies on them.
func (r *reader) unknown(environ []string) {
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, "CALLBOT_") || slices.ContainsFunc(variables(), func(v variable) bool { return v.name == name }) {
			continue
		}
		r.problem("%s is set, but this version does not know it, so it would have no effect. Unset it.", name)
	}
	slices.Sort(r.problems)
}

func (r *reader) token(name, value, prefix string) string {
	value = strings.TrimSpace(value)
	switch {
	case value == "":
	case !strings.HasPrefix(value, prefix):
		r.problem("%s does not start with %s: it is another kind of token.", name, prefix)
	case value == prefix || strings.ContainsFunc(value, unicode.IsSpace):
		r.problem("%s is not a whole token: copy it again.", name)
	}
	return value
}

// key checks what any key would have to be, since nobody tells what theirs look like.
func (r *reader) key(name, value string) string {
	value = strings.TrimSpace(value)
	if strings.ContainsFunc(value, func(c rune) bool { return c <= ' ' || c > '~' }) {
		r.problem("%s holds a space or another character that no key has: copy it again.", name)
	}
	return value
}

// address is where to listen; empty: nowhere.
func (r *reader) address(name, value string) string {
	value = strings.TrimSpace(value)
	if strings.EqualFold(value, "off") {
		return ""
	}
	_, port, err := net.SplitHostPort(value)
	if _, errPort := strconv.ParseUint(port, 10, 16); err != nil || errPort != nil {
		r.problem("%s is %q, but it must be an address and a port such as %s, or off.", name, value, defaultOf(name))
	}
	return value
}

func (r *reader) url(name, value string) string {
	value = strings.TrimSpace(value)
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		r.problem("%s is %q, but it must be a URL such as %s.", name, masked(value), defaultOf(name))
	case u.User != nil:
		r.problem("%s must not hold a user name or a password.", name)
	case u.Scheme == "http" && !loopbackHost(u.Hostname()):
		r.problem("%s is %q, but http:// is only allowed to this machine; use https://.", name, value)
	}
	return value
}

func defaultOf(name string) string {
	for _, v := range variables() {
		if v.name == name {
			return v.def
		}
	}
	return ""
}

// masked hides what stands before an @, which may be a password.
func masked(value string) string {
	if at := strings.LastIndex(value, "@"); at >= 0 {
		return "…" + value[at:]
	}
	return value
}

func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (r *reader) region(name, value string) string {
	value = strings.ToUpper(strings.TrimSpace(value))
	if _, err := phone.ParseCountries(value); err != nil || value == "*" || strings.Contains(value, ",") {
		r.problem("%s is %q, but it must be one country code such as US.", name, value)
	}
	return value
}

func (r *reader) disclosure(name, value string) string {
	value = strings.TrimSpace(value)
	if err := call.CheckDisclosure(value); err != nil {
		r.problem("%s can't be what the agent says first: %s. Set it to one line of at most %d characters, or to nothing.", name, err, call.MaxDisclosure)
	}
	return value
}

func (r *reader) duration(name, value string, least, most time.Duration) time.Duration {
	d, err := time.ParseDuration(strings.TrimSpace(value))
	if err != nil || d < least || d > most {
		r.problem("%s is %q, but it must be a duration from %s to %s, such as %s.", name, value, span(least), span(most), defaultOf(name))
	}
	return d
}

// span is a duration as people write it: 720h, not 720h0m0s.
func span(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func (r *reader) rate(name, value string) call.Budget {
	value = strings.TrimSpace(value)
	if strings.EqualFold(value, "off") {
		return call.Budget{Window: time.Minute}
	}
	count, window, _ := strings.Cut(value, "/")
	n, errN := strconv.Atoi(strings.TrimSpace(count))
	d, errD := time.ParseDuration(strings.TrimSpace(window))
	if err := errors.Join(errN, errD); err != nil || n < 1 || n > 1_000_000 || d < time.Millisecond || d > 24*time.Hour {
		r.problem("%s is %q, but it must be requests per window, such as 10/1m, or off.", name, value)
	}
	return call.Budget{N: n, Window: d}
}

// count is a limit; 0, or off, is none.
func (r *reader) count(name, value string) int {
	value = strings.TrimSpace(value)
	if strings.EqualFold(value, "off") {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > 1_000_000 {
		r.problem("%s is %q, but it must be a whole number such as %s, or 0 for no limit.", name, value, defaultOf(name))
	}
	return n
}

// leastRetention is shorter than anybody means it, and leaves people time to read.
const leastRetention = time.Hour

// retention is how long content is kept; zero, or off, is for ever.
func (r *reader) retention(name, value string) time.Duration {
	value = strings.TrimSpace(value)
	if value == "0" || strings.EqualFold(value, "off") {
		return 0
	}
	var kept age
	if err := kept.UnmarshalText([]byte(value)); err != nil || time.Duration(kept) < leastRetention {
		r.problem("%s is %q, but it must be a time from %s to %s, such as %s or 12h, or off to keep everything.", name, value, age(leastRetention), age(maxAge), defaultOf(name))
	}
	return time.Duration(kept)
}

func (r *reader) hours(name, value string) call.Hours {
	h, err := call.ParseHours(value)
	if err != nil {
		r.problem("%s is %q, but it must be two times of day such as %s, or off.", name, value, defaultOf(name))
	}
	return h
}

func (r *reader) oneOf(name, value string, allowed ...string) string {
	value = strings.TrimSpace(value)
	if !slices.Contains(allowed, value) {
		r.problem("%s is %q, but it must be %s.", name, value, strings.Join(slices.DeleteFunc(slices.Clone(allowed), func(s string) bool { return s == "" }), ", "))
	}
	return value
}
