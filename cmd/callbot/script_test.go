package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agentphone-slack/callbot/bot"
	"github.com/agentphone-slack/callbot/internal/sandbox"
	"github.com/agentphone-slack/callbot/internal/store/postgrestest"
)

func TestMain(m *testing.M) {
	// Scenarios wait most of the time, so more of them fit than there are cores;
	// -parallel on the command line still counts.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	testscript.Main(m, map[string]func(){
		"callbot": func() { os.Exit(run(os.Args[1:])) },
	})
}

// TestScript runs each scenario against the real program in processes of its own,
// over real HTTP and WebSockets, once on SQLite and once on Postgres. What a scenario
// says of one of them alone stands behind the condition [sqlite] or [postgres].
//
// The commands beside testscript's are these. All that wait do so until it is so, and
// fail after a long while. A bot can also be run with testscript's own exec, kill and
// wait.
//
//	bot start NAME            start callbot run under a name; it logs to NAME.log
//	bot kill NAME             kill it, as kill -9 does
//	bot term NAME             tell it to stop
//	bot ends NAME             until it ends, which it must in 10 s and without an error
//	bot stop NAME             both
//	bot freeze NAME           stop the process where it is; thaw has it go on
//	bot thaw NAME
//	bot fails NAME            until it ends by itself, with an error
//	bot dump NAME             have it end with a dump of what it was doing, as a crash does
//	bot logs NAME TEXT        until its log holds a text
//	bot health NAME PATH STATUS TEXT…
//	                          until that path answers a status and the texts; the answer goes to stdout
//	slack say WHO LINE        type a line in the channel; the answer to WHO alone goes to stdout
//	slack click WHO LABEL     press the button as soon as it is there, likewise
//	slack click WHO LABEL again
//	                          likewise, even one that was pressed before
//	slack click WHO LABEL in TEXT…
//	                          likewise, on the first message that has it and reads as containing all of these
//	slack both WHO WHO LABEL  two people press one button at the same moment
//	slack press-old WHO LABEL press a button that a message no longer has, as who looked away would
//	slack crowd N [WHO]       N people join the channel, and each asks for a call of their own, or WHO for each
//	slack rush LABEL [TEXT]   each presses that button of their card, or of the one with that text, at the
//	                          same moment; what all but one are told goes to stdout
//	slack wait TEXT…          until one message reads as containing all of these
//	slack saw TEXT…           until one reads so, or did before it was edited
//	slack absent TEXT…        fail if a message reads as containing all of these now
//	slack times N TEXT…       fail unless N messages read as containing all of these now
//	slack cards N             until N cards stand in the channel
//	slack press-seen WHO LABEL TEXT
//	                          press the button, by its label or action_id, that the message with
//	                          that text has, or had
//	slack modal WHO TEXT…     until the form that WHO sees reads as containing all of these
//	slack pick WHO TIME       choose the time in it that is so long from now, such as 90m
//	slack fill WHO FIELD TEXT fill in a field of it, by its label or placeholder
//	slack in CHANNEL          from now on in that channel, or with @callbot in direct messages with the bot
//	slack ask WHO LINE TEXT…  type the command until what is answered to WHO alone contains all of these and
//	                          leads to the cards, as it does once these are posted; it goes to stdout
//	slack told WHO TEXT…      until the newest message to WHO alone, or in their direct messages with the bot,
//	                          that contains all of these is there; it goes to stdout
//	slack told-click WHO LABEL TEXT…
//	                          press the button in the newest such message that has it
//	slack post WHO LINE       write a message in the channel
//	slack tell WHO LINE       write the bot a direct message
//	slack mention WHO LINE [TEXT]
//	                          write a message that begins with a mention of the bot; with TEXT in the thread of
//	                          the message in the channel that contains it
//	slack reply WHO LINE TEXT write a message in the thread of the newest message there that contains the text
//	slack replies TEXT FILE   what stands in the thread of the message that contains the text, likewise
//	slack shortcut WHO NAME [TEXT]
//	                          use a shortcut; with TEXT the one of the newest message there that contains it
//	slack home-open WHO       WHO opens the Home tab
//	slack home WHO TEXT…      until WHO's Home tab reads as containing all of these; it goes to stdout
//	slack home-click WHO LABEL
//	                          press the button there
//	slack suggest WHO FIELD TYPED
//	                          type into a field of it that offers something; what it offers goes to stdout
//	slack choose WHO FIELD TYPED OPTION
//	                          the same, and choose what is offered under that label
//	slack close WHO           close it
//	slack submit WHO          send it; what is wrong with it fails, and goes to stdout after !
//	slack thread FILE         cards and threads of the channel, to stdout, as soon as they read as FILE
//	slack dm WHO FILE         the same of WHO's direct messages with the bot
//	slack dm-click WHO LABEL [TEXT…]
//	                          press a button in WHO's direct messages with the bot, of a message that
//	                          reads as containing all of these
//	slack channel NAME with   a private channel of ana and ben, in which the bot is; without: it is not;
//	                          public: one that is public, in which it is
//	slack read NAME FILE      what slack thread does of the channel, of another one
//	slack bot outside         from now on in a private channel that the bot is not in
//	slack bot inside          from now on in a private channel that the bot is in
//	slack bot added           add the bot to the channel
//	slack bot removed         take the bot out of the channel
//	slack archive             archive the channel
//	slack join WHO            somebody, new or not, is in the channel; $WHO, in capitals, is their ID,
//	                          as $ANA, $BEN and $GENERAL are from the start
//	slack leave WHO           they are not in the channel any more
//	slack guest WHO           they are a guest from now on
//	slack member WHO          and a member of the workspace again
//	slack stranger WHO        they are of another workspace, met over Slack Connect
//	slack group NAME WHO…     the members of a user group from now on; $NAME, in capitals, is its ID
//	slack forge OLD NEW…      the last click as a new one whose payload has NEW where it had OLD
//	slack delete TEXT…        delete the message, of anybody, that reads as containing all of these
//	slack fail METHOD N CODE  answer the next N requests of a method (* for any) with an error
//	                          code, or 429, 500, cut (no answer), lost (done, but not told)
//	slack slow METHOD TIME    hold every request of a method for so long; 0s ends it
//	slack busy on             answer what is posted to the channel with 429 and 2 s of Retry-After; off ends it
//	slack is CONDITION        Slack is up, slow, rate_limited or down from now on
//	slack token CODE          refuse the tokens with that code from now on; ok ends it
//	slack connected [N]       until so many links are up, 1 if not said
//	slack links N             until exactly so many links are up
//	slack refresh             ask the bot to renew its links, as Slack does every few hours
//	slack drop-links          cut all links without a word
//	slack disable-links       tell the bot that Socket Mode was switched off
//	slack redeliver [click|event]
//	                          the last slash command, click or event once more
//	slack step NAME=VALUE…    a workflow comes to the step that places a call, with these inputs; its channel
//	                          is the channel if none is said, and the approver is named as a person is
//	slack step-waits          fail if the last of them has ended
//	slack step-ends TEXT…     until it has ended, with all of these texts; how it ended goes to stdout
//	slack requests METHOD N   fail if a method was called more than N times
//	slack refused CODE N      fail if more than N requests were answered with that error
//	phone dialed NUMBER N     fail unless the number was dialled N times
//	phone dials N             fail unless numbers were dialled N times in all
//	phone objective           the objective of the last call, to stdout
//	phone asked N             until N calls have been asked for, answered or not
//	phone call NUMBER LINE    somebody else calls with the same key
//	phone complete LINE       the last call ends now, achieved, with that summary
//	phone manual on|off       calls from now on wait for the business to answer them
//	phone answer|busy|menu    the last call is answered as soon as it rings, or the line is busy, or a recorded menu talks
//	phone says TEXT           the business says it, in a call that is manual
//	phone hang-up|cancel      the business puts the phone down; the call is canceled
//	phone completes OUTCOME LINE
//	                          the last call ends now with that outcome and summary, and with what was said
//	phone ended               until the last call has ended
//	phone list STYLE          how calls are listed from now on: full, lean, off
//	phone fault WHAT KIND [N] answer the next N requests (1 if not said) to place, list, read, or any with:
//	                          500, 503, reset, lost (taken, then reset), hang, lost-hang (taken, no answer),
//	                          slow (taken, answered after 3 s), malformed (taken, the answer is no JSON),
//	                          429, 429-wait (with Retry-After), echo (500, with the headers of the request),
//	                          refuse-echo (400, likewise)
//	phone is CONDITION        AgentPhone is up, slow, rate_limited or down from now on
//	phone credits N           how many calls can still be placed
//	phone with NUMBER         what is done with the last call is done with the last to that number
//	phone unreachable         no connection opens, for bots that are started after this
//	phone reachable           from now on it does
//	database hold             keep everybody from writing the attempts there are (Postgres)
//	database release          and no more
//	database holds TEXT…      fail unless it holds each text somewhere
//	database lacks TEXT…      fail if it holds one anywhere
//	database cut              break the bots' connections to it, after secrets plant (Postgres)
//	database age TIME         as if that time had gone by since calls were approved that are not placed yet; no bot may run
//	database older TIME       as if it had since anything happened to any call; likewise
//	secrets plant             put a password into DATABASE_URL (Postgres)
//	secrets absent FILE…      fail if a file shows a token, a key, a password, or an address that Slack gave
//	secrets stored [reply]    fail if the database does; with reply it must, as the address at which a command
//	                          is answered whose card is not posted yet, and nowhere else; no bot may run
//	quiet HOURS NUMBER        CALLBOT_QUIET_HOURS for bots that are started after this: now, it is quiet
//	                          where the number is for an hour more, until $QUIET_END; later, it is not for hours
func TestScript(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		scripts(t, onSQLite, allScenarios(t)...)
	})
	t.Run("postgres", func(t *testing.T) {
		if updating() {
			t.Skip("goldens are written on SQLite, and compared here")
		}
		postgrestest.URL(t) // skips where there is none
		t.Parallel()
		scripts(t, onPostgres, allScenarios(t)...)
	})
}

// engine names the database and gives a scenario an empty one.
type engine struct {
	name string
	url  func(*testscript.Env) (string, error)
}

var (
	onSQLite   = engine{"sqlite", func(env *testscript.Env) (string, error) { return "sqlite:" + env.WorkDir + "/callbot.db", nil }}
	onPostgres = engine{"postgres", func(env *testscript.Env) (string, error) {
		tb, ok := env.T().(testing.TB)
		if !ok {
			return "", fmt.Errorf("%T is no test", env.T())
		}
		return postgrestest.URL(tb), nil
	}}
)

func scripts(t *testing.T, on engine, files ...string) {
	testscript.Run(t, testscript.Params{
		Files:               files,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       updating(),
		Setup:               func(env *testscript.Env) error { return startWorld(env, on) },
		Condition: func(cond string) (bool, error) {
			if cond != onSQLite.name && cond != onPostgres.name {
				return false, fmt.Errorf("unknown condition")
			}
			return cond == on.name, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"bot":      botCommand,
			"slack":    slackCommand,
			"phone":    phoneCommand,
			"database": databaseCommand,
			"quiet":    quietCommand,
			"secrets":  secretsCommand,
		},
	})
}

func allScenarios(t *testing.T) []string {
	t.Helper()
	return scenarios(t, "*.txtar", filepath.Join("faults", "*.txtar"))
}

// scenarios are the files that match; those in faults tell of what can go wrong.
func scenarios(t *testing.T, patterns ...string) []string {
	t.Helper()
	var files []string
	for _, p := range patterns {
		found, err := filepath.Glob(filepath.Join("testdata", "script", p))
		if err != nil || len(found) == 0 {
			t.Fatalf("no scenario matches %s (%v)", p, err)
		}
		files = append(files, found...)
	}
	return files
}

// speed is how much faster than in life the scenarios run.
const speed = 50

type worldKey struct{}

// world is what a scenario acts in.
type world struct {
	*sandbox.World
	// pressed are the buttons that were pressed, for a card keeps one for a moment longer.
	pressed map[string]bool
	bots    map[string]*process
	crowd   []presser // the people of a crowd
	party   string    // the number that the last call is to; "": any
	gate    gate
	holder  holder
}

// startWorld gives a scenario a Slack and an AgentPhone of its own, an empty database,
// and the environment that points the program at them.
func startWorld(env *testscript.Env, on engine) error {
	manifest, err := bot.Manifest()
	if err != nil {
		return err
	}
	database, err := on.url(env)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	sw, err := sandbox.Start(ctx, manifest, speed)
	if err != nil {
		cancel()
		return err
	}
	w := &world{World: sw, pressed: map[string]bool{}, bots: map[string]*process{}}
	env.Defer(func() {
		w.endBots(env.T())
		_ = w.holder.release() // the scenario is over
		w.gate.close()
		_ = w.Close()
		cancel()
	})
	env.Values[worldKey{}] = w
	w.introduce(env.Setenv)
	for name, value := range map[string]string{
		"SLACK_BOT_TOKEN": w.Slack.BotToken(), "SLACK_APP_TOKEN": w.Slack.AppToken(), "AGENTPHONE_API_KEY": sandbox.APIKey,
		"SLACK_API_URL": w.Slack.APIURL(), "AGENTPHONE_BASE_URL": w.PhoneURL(),
		"DATABASE_URL":          database,
		"CALLBOT_POLL_INTERVAL": (10 * time.Second / speed).String(),
		"CALLBOT_CALL_TIMEOUT":  (5 * time.Minute / speed).String(),
		"CALLBOT_PROVIDER_RATE": fmt.Sprintf("%d/%s", sandbox.Rate, sandbox.Window/speed),
		"CALLBOT_COUNTRIES":     "*",
		"CALLBOT_QUIET_HOURS":   "off", // scenarios run at any hour of the day
		"CALLBOT_HTTP_ADDR":     "off",
		// A race that is found ends the process with an error; by default it also
		// waits a second at its end for more.
		"GORACE": "atexit_sleep_ms=50",
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
	return context.WithTimeout(context.Background(), 80*time.Second)
}
