package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
	"github.com/agentphone-slack/callbot/bot"
	"github.com/agentphone-slack/callbot/internal/sandbox"
	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"callbot": func() { os.Exit(run(os.Args[1:])) },
	})
}

// TestScript runs each scenario against the real program in a process of its own,
// over real HTTP and WebSockets. The commands beside testscript's are:
//
//	slack say WHO LINE        type a line in #general; the answer to WHO alone goes to stdout
//	slack click WHO LABEL     press the button as soon as it is there, likewise
//	slack wait TEXT…          until one message reads as containing all of these
//	slack thread FILE         cards and threads of #general, to stdout, as soon as they read as FILE
//	slack dm WHO FILE         the same of WHO's direct messages with the bot
//	slack bot outside         from now on in a private channel that the bot is not in
//	slack fail METHOD N CODE  answer the next N requests of a method with an error code, or 429, or 500
//	slack connected           until the bot is connected
//	slack redeliver           the last slash command once more
//	phone dialed NUMBER N     fail unless the number was dialled N times
//	phone objective           the objective of the last call, to stdout
//	phone fault KIND [N]      answer the next N requests with: down, reset, lost, hang
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       updating(),
		Setup:               startWorld,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"slack": slackCommand,
			"phone": phoneCommand,
		},
	})
}

// speed is how much faster than in life the scenarios run.
const speed = 50

type worldKey struct{}

// world is what a scenario acts in.
type world struct {
	*sandbox.World
	// pressed are the buttons that were pressed, for a card keeps one for a moment longer.
	pressed map[string]bool
}

// startWorld gives a scenario a Slack and an AgentPhone of its own, and the
// environment that points the program at them.
func startWorld(env *testscript.Env) error {
	manifest, err := bot.Manifest()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	w, err := sandbox.Start(ctx, manifest, speed)
	if err != nil {
		cancel()
		return err
	}
	env.Defer(func() {
		_ = w.Close()
		cancel()
	})
	env.Values[worldKey{}] = &world{w, map[string]bool{}}
	for name, value := range map[string]string{
		"SLACK_BOT_TOKEN": w.Slack.BotToken(), "SLACK_APP_TOKEN": w.Slack.AppToken(), "AGENTPHONE_API_KEY": sandbox.APIKey,
		"SLACK_API_URL": w.Slack.APIURL(), "AGENTPHONE_BASE_URL": w.PhoneURL(),
		"DATABASE_URL":          "sqlite:" + env.WorkDir + "/callbot.db",
		"CALLBOT_POLL_INTERVAL": (10 * time.Second / speed).String(),
		"CALLBOT_CALL_TIMEOUT":  (5 * time.Minute / speed).String(),
		"CALLBOT_PROVIDER_RATE": fmt.Sprintf("%d/%s", sandbox.Rate, sandbox.Window/speed),
		"CALLBOT_COUNTRIES":     "*",
	} {
		env.Setenv(name, value)
	}
	return nil
}

func theWorld(ts *testscript.TestScript) *world {
	w, ok := ts.Value(worldKey{}).(*world)
	if !ok {
		ts.Fatalf("no world")
	}
	return w
}

// waiting bounds every wait of a scenario; only a failing one reaches it.
func waiting() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), 45*time.Second)
}

func slackCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := theWorld(ts)
	ctx, cancel := waiting()
	defer cancel()
	if len(args) == 0 {
		ts.Fatalf("usage: slack say|click|wait|thread|dm|bot|fail|connected|redeliver")
	}
	var err error
	switch verb, rest := args[0], args[1:]; {
	case verb == "say" && len(rest) == 2:
		var reply *slackemulator.Reply
		reply, err = w.Slack.User(rest[0]).Slash(ctx, w.Channel, rest[1])
		printAnswers(ts, reply)
	case verb == "click" && len(rest) == 2:
		var reply *slackemulator.Reply
		if reply, err = click(ctx, w, rest[0], rest[1]); err == nil {
			printAnswers(ts, reply)
		}
	case verb == "wait" && len(rest) > 0:
		_, err = anyMessage(ctx, w, slackemulator.Contains(rest...))
	case verb == "thread" && len(rest) == 1:
		printConversation(ctx, ts, w, w.Slack.Channel(w.Channel), rest[0])
	case verb == "dm" && len(rest) == 2:
		printConversation(ctx, ts, w, w.Slack.User(rest[0]).DM(), rest[1])
	case verb == "bot" && slices.Equal(rest, []string{"outside"}):
		w.Channel = "#private"
		w.Slack.AddChannel(w.Channel, slackemulator.Private(), slackemulator.WithoutBot(), w.Slack.User("ana"))
	case verb == "fail" && len(rest) == 3:
		n, convErr := strconv.Atoi(rest[1])
		ts.Check(convErr)
		fault := slackemulator.Fault{Code: rest[2]}
		switch rest[2] {
		case "429":
			fault = slackemulator.Fault{Status: http.StatusTooManyRequests, RetryAfter: time.Second}
		case "500":
			fault = slackemulator.Fault{Status: http.StatusInternalServerError}
		}
		w.Slack.Fail(rest[0], n, fault)
	case verb == "connected" && len(rest) == 0:
		err = w.Slack.WaitLinks(ctx, 1)
	case verb == "redeliver" && len(rest) == 0:
		sent := w.Slack.Envelopes("slash_commands")
		if len(sent) == 0 {
			ts.Fatalf("nothing was sent yet")
		}
		_, err = w.Slack.Redeliver(ctx, sent[len(sent)-1])
	default:
		ts.Fatalf("slack: unknown: %q", args)
	}
	if neg {
		if err == nil {
			ts.Fatalf("unexpected success")
		}
		fmt.Fprintln(ts.Stdout(), err)
		return
	}
	ts.Check(err)
}

// printAnswers prints what was answered to one person alone.
func printAnswers(ts *testscript.TestScript, reply *slackemulator.Reply) {
	if reply == nil {
		return
	}
	for _, m := range reply.Messages() {
		fmt.Fprintln(ts.Stdout(), m.Plain())
	}
}

// click presses a button of that label that was not pressed yet, once there is one.
func click(ctx context.Context, w *world, who, label string) (*slackemulator.Reply, error) {
	key := func(m slackemulator.Message) string {
		b := m.Button(label)
		return who + m.ChannelID + m.TS + b.ActionID + b.Value
	}
	m, err := anyMessage(ctx, w, func(m slackemulator.Message) bool {
		return slackemulator.HasButton(label)(m) && !w.pressed[key(m)]
	})
	if err != nil {
		return nil, err
	}
	w.pressed[key(m)] = true
	return m.Button(label).Click(ctx, w.Slack.User(who))
}

// anyMessage waits until any message, wherever it stands, is now one that matches.
func anyMessage(ctx context.Context, w *world, match func(slackemulator.Message) bool) (slackemulator.Message, error) {
	seen := 0
	for {
		events, err := w.Slack.WaitEvents(ctx, seen)
		if err != nil {
			return slackemulator.Message{}, err
		}
		for _, e := range events {
			seen = e.Seq
			if e.Message == nil || !e.Message.ByApp {
				continue
			}
			if now := e.Message.Current(); match(now) {
				return now, nil
			}
		}
	}
}

// printConversation prints what stands in a conversation, as soon as it is what the
// file says; else what it is when the scenario's patience ends, for cmp to tell.
func printConversation(ctx context.Context, ts *testscript.TestScript, w *world, c *slackemulator.Channel, file string) {
	want := ts.ReadFile(file)
	if updating() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 10*time.Second) // what is there by then is taken
		defer cancel()
	}
	seen, got := 0, ""
	for {
		got = conversation(c)
		if got == want && !updating() {
			break
		}
		events, err := w.Slack.WaitEvents(ctx, seen)
		if err != nil {
			break
		}
		seen = events[len(events)-1].Seq
	}
	fmt.Fprint(ts.Stdout(), got)
}

func updating() bool { return os.Getenv("UPDATE_SCRIPTS") != "" }

// conversation is what stands in a conversation, thread by thread, without what
// differs from run to run.
func conversation(c *slackemulator.Channel) string {
	var b strings.Builder
	for _, m := range c.Messages() {
		if !m.ByApp || m.EphemeralFor != "" {
			continue
		}
		fmt.Fprintf(&b, "%s\n", m.Plain())
		for _, r := range m.Thread().Messages() {
			b.WriteString("--\n" + r.Plain() + "\n")
		}
	}
	return steady(b.String())
}

// varying is what differs from run to run: times, and what depends on them.
var varying = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`<!date\^[^>]*>`), "TIME"},
	{regexp.MustCompile(`\d{1,2}:\d\d( [AP]M)?( UTC)?`), "TIME"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d`), "DATE"},
	{regexp.MustCompile(`<#C[A-Z0-9]+>`), "#CHANNEL"},
	{regexp.MustCompile(`\d+ (s|min)( \d+ s)?`), "SOME TIME"}, // simulated calls last as long as their id says
	{regexp.MustCompile(`(The number rang, but I saw no conversation|I did not see whether the number rang|I saw no conversation)\.`), "WHAT THE POLLS SAW."},
}

func steady(s string) string {
	for _, v := range varying {
		s = v.pattern.ReplaceAllString(s, v.with)
	}
	return s
}

func phoneCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := theWorld(ts)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: phone dialed|objective|fault")
	}
	switch verb, rest := args[0], args[1:]; {
	case verb == "dialed" && len(rest) == 2:
		want, err := strconv.Atoi(rest[1])
		ts.Check(err)
		if got := w.Phone.Dials()[rest[0]]; got != want {
			ts.Fatalf("%s was dialled %d times, want %d", rest[0], got, want)
		}
	case verb == "objective" && len(rest) == 0:
		calls := w.Phone.Calls()
		if len(calls) == 0 {
			ts.Fatalf("nobody was called")
		}
		fmt.Fprintln(ts.Stdout(), calls[len(calls)-1].Objective)
	case verb == "fault" && len(rest) >= 1:
		n := 1
		if len(rest) == 2 {
			var err error
			n, err = strconv.Atoi(rest[1])
			ts.Check(err)
		}
		fault, known := map[string]agentphonetest.Fault{
			"down":  agentphonetest.Respond(503, nil, "down"),
			"reset": agentphonetest.Reset,
			"lost":  agentphonetest.AcceptAndReset,
		}[rest[0]]
		if !known {
			ts.Fatalf("phone: unknown fault %q", rest[0])
		}
		w.Phone.SetFault(agentphonetest.Times(n, fault))
	default:
		ts.Fatalf("phone: unknown: %q", args)
	}
}
