package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/agentphone-slack/callbot/bot"
	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/sandbox"
	"github.com/agentphone-slack/callbot/internal/sandbox/page"
)

type sandboxCmd struct {
	Say        []string `sep:"none" placeholder:"TEXT" help:"Type a line as a user, such as '/call (415) 555-0132 Ask about the return policy'. Repeatable."`
	Click      []string `sep:"none" placeholder:"LABEL" help:"Press the button with that label when it appears. Repeatable, in order."`
	UntilDone  bool     `help:"Exit 0 when every approved call has its result in its thread, and 1 if something is missing."`
	Terminal   bool     `help:"Type in the terminal instead of serving a page."`
	Addr       string   `placeholder:"ADDRESS" help:"Serve the page there; by default on this machine alone, at 127.0.0.1:8484."`
	Open       bool     `help:"Open the page in the browser."`
	Speed      *float64 `placeholder:"N" help:"Make simulated calls, and the bot's waits on them, N times as fast as in life; by default 3 on the page, else 10."`
	Countries  string   `default:"*" placeholder:"CODES" help:"Countries that may be called, such as US,CA; every country by default."`
	QuietHours string   `default:"off" placeholder:"HOURS" help:"When nobody is called in their time, such as 21:00-08:00; by default there are no such hours."`
	Verbose    bool     `help:"Log what the bot does."`

	speed float64
}

// Help says what there is to try.
func (sandboxCmd) Help() string {
	return `Nothing leaves this machine. Without flags, a page is served to try it in a browser.
With --terminal, type lines as a user would, such as
  /call (415) 555-0132 Book a table for 2 tonight at 7pm under Sarah
and press a button by typing its label in brackets: [Place call]
In a form, such as /call alone opens, fill in a field by typing its label and a colon:
  Phone number: (415) 555-0132

The last digits of a number choose what happens: 0101 partial, 0102 not achieved,
0103 busy, 0104 canceled, 0105 never ends, 0107 silent, 0114 nobody answers, 0170 no
credits, 0173 refused, 0175 outage. Any other number ends well.`
}

const (
	// patience is how long the sandbox waits for an answer, a button, or the end of calls.
	patience = 2 * time.Minute
	// What a bot waits for, in simulated time.
	pollInterval = sandbox.Poll
	callTimeout  = 5 * time.Minute
)

// Run runs the bot against a Slack and an AgentPhone in memory.
func (c sandboxCmd) Run() error {
	onPage := len(c.Say) == 0 && len(c.Click) == 0 && !c.UntilDone && !c.Terminal
	switch {
	case c.Speed != nil:
		c.speed = *c.Speed
	case onPage:
		c.speed = pageSpeed
	default:
		c.speed = scriptSpeed
	}
	if !(c.speed > 0 && c.speed <= page.MaxSpeed) { // also not NaN
		return fmt.Errorf("--speed must be above 0 and at most %d", page.MaxSpeed)
	}
	if !onPage && (c.Addr != "" || c.Open) {
		return errors.New("--addr and --open are for the page, which is not served with --say, --click, --until-done or --terminal")
	}
	countries, err := phone.ParseCountries(c.Countries)
	if err != nil {
		return fmt.Errorf("--countries: %w", err)
	}
	quiet, err := call.ParseHours(c.QuietHours)
	if err != nil {
		return fmt.Errorf("--quiet-hours: %w", err)
	}
	if c.UntilDone && len(c.Say) == 0 {
		return sandbox.ErrNothingSaid
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.MkdirTemp("", "callbot-sandbox-")
	if err != nil {
		return fmt.Errorf("making room for the database: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	manifest, err := bot.Manifest()
	if err != nil {
		return err
	}
	world, err := sandbox.Start(ctx, manifest, c.speed)
	if err != nil {
		return err
	}
	defer func() { _ = world.Close() }()
	db := filepath.Join(dir, "callbot.db")
	if onPage {
		return c.servePage(ctx, world, db)
	}
	s := c.settings(world, countries, quiet, db)
	log := slog.New(slog.DiscardHandler)
	if c.Verbose {
		log = newLogger(s, os.Stderr)
	}
	instance, err := newInstance(ctx, s, log)
	if err != nil {
		return err
	}
	defer instance.close()
	fmt.Printf("callbot sandbox: no real call is made. Simulated calls run %g times as fast as real ones.\n", c.speed)
	return c.watch(ctx, world, instance)
}

// settings are those of a bot in this world: every wait scaled like its calls.
func (c sandboxCmd) settings(w *sandbox.World, countries phone.Countries, quiet call.Hours, db string) settings {
	return settings{
		slackBotToken: w.Slack.BotToken(), slackAppToken: w.Slack.AppToken(), agentPhoneKey: sandbox.APIKey,
		slackAPIURL: w.Slack.APIURL(), agentPhoneURL: w.PhoneURL(), databaseURL: "sqlite:" + db,
		region: "US", countries: countries, quiet: quiet, who: call.Policy{MembersOnly: true}, approvalTTL: 30 * time.Minute,
		poll: c.scaled(pollInterval), callTimeout: c.scaled(callTimeout),
		budget:   call.Budget{N: sandbox.Rate, Window: c.scaled(sandbox.Window)},
		logLevel: slog.LevelDebug, logFormat: "text",
	}
}

// scaled is how long something of simulated time takes.
func (c sandboxCmd) scaled(d time.Duration) time.Duration {
	return max(time.Duration(float64(d)/c.speed), 10*time.Millisecond)
}

// watch runs bot, console and script together until the script is done.
func (c sandboxCmd) watch(ctx context.Context, world *sandbox.World, instance *instance) error {
	ctx, cancel := context.WithCancel(ctx)
	running, written := make(chan error, 1), make(chan error, 1)
	go func() { running <- instance.run(ctx) }()
	consoleCtx, stopConsole := context.WithCancel(context.WithoutCancel(ctx))
	go func() { written <- sandbox.NewConsole(os.Stdout, world).Run(consoleCtx) }()

	err := c.play(ctx, world, instance)
	cancel()
	err = errors.Join(err, <-running)
	stopConsole()
	return errors.Join(err, <-written)
}

func (c sandboxCmd) play(ctx context.Context, world *sandbox.World, instance *instance) error {
	if err := world.Slack.WaitLinks(ctx, 1); err != nil {
		return fmt.Errorf("the bot did not connect: %w", err)
	}
	script := sandbox.Script{Say: c.Say, Click: c.Click, Patience: patience, Idle: func(ctx context.Context) (bool, error) {
		n, err := unsettled(ctx, instance)
		return n == 0, err
	}}
	err := script.Play(ctx, world)
	switch {
	case err != nil:
	case c.UntilDone:
		if err = done(ctx, instance); err == nil {
			err = undecided(ctx, instance)
		}
	default:
		if len(c.Say) == 0 {
			fmt.Println("Type a line as a user would, or a button's label in brackets, such as [Place call]. In a form type a field's label, a colon and what is to stand in it. Ctrl-C ends it.")
		}
		if err = listen(ctx, world, os.Stdin); err == nil && ctx.Err() == nil {
			err = done(ctx, instance) // nothing more will be typed, but more may be shown
		}
	}
	switch {
	case ctx.Err() == nil:
		return err
	case c.UntilDone:
		return errInterrupted
	}
	return nil // that is how a person ends it
}

// unsettled counts the calls that are not done with, and those whose messages are not
// yet as they are to be.
func unsettled(ctx context.Context, instance *instance) (int, error) {
	n, err := instance.store.Unsettled(ctx)
	if n > 0 || err != nil {
		return n, err
	}
	// A card that nobody approved may still have to be shown as it was decided.
	next, err := instance.store.NextPublication(ctx)
	if !next.IsZero() {
		n = 1
	}
	return n, err
}

// settled waits until nothing more will happen by itself; what is left after patience
// is counted.
func settled(ctx context.Context, instance *instance) (left int, err error) {
	deadline := time.After(patience)
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for {
		n, err := unsettled(ctx, instance)
		if n == 0 || err != nil {
			return n, err
		}
		select {
		case <-ctx.Done():
			return n, ctx.Err()
		case <-deadline:
			return n, nil
		case <-look.C:
		}
	}
}

// done waits until every call that was approved has its result in its thread, or waits
// for a person.
func done(ctx context.Context, instance *instance) error {
	n, err := settled(ctx, instance)
	if n > 0 && err == nil {
		err = fmt.Errorf("%d of the calls have no result in their thread within %s", n, patience)
	}
	return err
}

// undecided is an error if calls wait for a person to say what to do: they have no
// result, and without a click will get none.
func undecided(ctx context.Context, instance *instance) error {
	n, err := instance.store.Undecided(ctx)
	if err == nil && n > 0 {
		err = fmt.Errorf("%d of the approved calls wait for a decision in their thread: press one of its buttons with --click", n)
	}
	return err
}

// listen does what is typed at the terminal, until nothing more will be.
func listen(ctx context.Context, world *sandbox.World, in io.Reader) error {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for sc := bufio.NewScanner(in); sc.Scan(); {
			select {
			case lines <- sc.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case line, open := <-lines:
			if !open {
				return nil
			}
			if err := typed(ctx, world, strings.TrimSpace(line)); err != nil && ctx.Err() == nil {
				fmt.Fprintln(os.Stderr, "callbot:", err)
			}
		}
	}
}

func typed(ctx context.Context, world *sandbox.World, line string) error {
	if done, err := sandbox.Fill(ctx, world, line); done || err != nil {
		return err
	}
	script := sandbox.Script{Patience: 5 * time.Second}
	label, isButton := strings.CutPrefix(line, "[")
	switch {
	case line == "":
		return nil
	case isButton:
		script.Click = []string{strings.TrimSpace(strings.TrimSuffix(label, "]"))}
	default:
		script.Say = []string{line}
	}
	return script.Play(ctx, world)
}
