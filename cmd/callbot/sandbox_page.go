package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"github.com/agentphone-slack/callbot/internal/sandbox"
	"github.com/agentphone-slack/callbot/internal/sandbox/page"
)

const (
	// pageAddr is where the page is served unless --addr says otherwise; if that is
	// taken, then at any port.
	pageAddr = "127.0.0.1:8484"
	// pageSpeed is slow enough to watch a call, and scriptSpeed fast enough to wait for one.
	pageSpeed, scriptSpeed = 3, 10
	// pageApproval is so that switching to somebody else shows something.
	pageApproval = "CALLBOT_APPROVAL=anyone"
)

// servePage serves the page until ctx is done, with the bot as a process beside it.
func (c sandboxCmd) servePage(ctx context.Context, world *sandbox.World, db string) error {
	world.Furnish()
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program, to start the bot with it: %w", err)
	}
	bot := sandbox.NewBot(func() *exec.Cmd {
		c := c
		c.speed = world.Phone.Speed()                        // it may have been changed since
		cmd := exec.Command(program, "run", "--while-input") //nolint:noctx // this program itself; it is ended by whoever started it
		cmd.Env = c.environment(world, db)
		if c.Verbose {
			cmd.Stderr = os.Stderr
		}
		return cmd
	})
	l, err := listenPage(ctx, c.Addr)
	if err != nil {
		return err
	}
	if err := bot.Start(); err != nil {
		return errors.Join(err, l.Close())
	}
	if err := awaitBot(ctx, world, bot); err != nil {
		if ctx.Err() != nil {
			err = nil // that is how a person ends it
		}
		return errors.Join(err, l.Close(), stopped(bot))
	}
	settings := []string{pageApproval}
	if c.Countries != "*" {
		settings = append(settings, "CALLBOT_COUNTRIES="+c.Countries)
	}
	if c.QuietHours != "off" {
		settings = append(settings, "CALLBOT_QUIET_HOURS="+c.QuietHours)
	}
	handler := page.New(page.Config{World: world, Bot: bot, Settings: settings, Logger: slog.New(slog.DiscardHandler), SetSpeed: func(v float64) error {
		world.Phone.SetSpeed(v)
		return bot.Restart()
	}})
	streams, stopStreams := context.WithCancel(ctx)
	defer stopStreams()
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return streams },
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()

	address := "http://" + l.Addr().String() + "/"
	fmt.Printf("callbot sandbox: no real call is made. Simulated calls run %g times as fast as real ones.\nOpen %s in a browser. Ctrl-C ends it.\n", c.speed, address)
	if c.Open {
		if err := openBrowser(ctx, address); err != nil {
			fmt.Fprintln(os.Stderr, "callbot: the browser did not open:", err)
		}
	}
	select {
	case <-ctx.Done():
		err = nil
	case err = <-served:
		err = fmt.Errorf("serving the page: %w", err)
	}
	stopStreams()
	return errors.Join(err, server.Close(), stopped(bot))
}

// awaitBot waits until the bot is there for whoever opens the page at once.
func awaitBot(ctx context.Context, world *sandbox.World, bot *sandbox.Bot) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for world.Slack.Links() == 0 {
		if state, _, err := bot.State(); state == sandbox.BotEnded {
			return fmt.Errorf("the bot does not start: %w", err)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return fmt.Errorf("the bot did not connect: %w", ctx.Err())
		}
	}
	return nil
}

// stopped ends a bot that may have ended.
func stopped(bot *sandbox.Bot) error {
	if state, _, _ := bot.State(); state != sandbox.BotRunning {
		return nil
	}
	return bot.Stop()
}

// listenPage listens at an address; empty: at the usual one, or any if that is taken.
func listenPage(ctx context.Context, addr string) (net.Listener, error) {
	var listen net.ListenConfig
	if addr == "" {
		if l, err := listen.Listen(ctx, "tcp", pageAddr); err == nil {
			return l, nil
		}
		addr = "127.0.0.1:0"
	}
	l, err := listen.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("--addr %s cannot be listened at; an address is such as %s: %w", addr, pageAddr, err)
	}
	if at, err := netip.ParseAddrPort(l.Addr().String()); err != nil || !at.Addr().IsLoopback() {
		fmt.Fprintf(os.Stderr, "callbot: the page is served at %s, where others may reach it: whoever does can use this sandbox.\n", l.Addr())
	}
	return l, nil
}

// openBrowser opens an address as the desktop would.
func openBrowser(ctx context.Context, address string) error {
	open := map[string][]string{"darwin": {"open"}, "windows": {"rundll32", "url.dll,FileProtocolHandler"}}[runtime.GOOS]
	if open == nil {
		open = []string{"xdg-open"}
	}
	return exec.CommandContext(ctx, open[0], append(open[1:], address)...).Start() //nolint:gosec // our own address
}

// environment is that of a bot in this world.
func (c sandboxCmd) environment(w *sandbox.World, db string) []string {
	env := []string{
		"SLACK_BOT_TOKEN=" + w.Slack.BotToken(), "SLACK_APP_TOKEN=" + w.Slack.AppToken(), "SLACK_API_URL=" + w.Slack.APIURL(),
		"AGENTPHONE_API_KEY=" + sandbox.APIKey, "AGENTPHONE_BASE_URL=" + w.PhoneURL(), "DATABASE_URL=sqlite:" + db,
		"CALLBOT_COUNTRIES=" + c.Countries, "CALLBOT_QUIET_HOURS=" + c.QuietHours, "CALLBOT_HTTP_ADDR=off",
		"CALLBOT_ADMINS=" + w.Admin.ID(), pageApproval,
		"CALLBOT_POLL_INTERVAL=" + c.scaled(pollInterval).String(), "CALLBOT_CALL_TIMEOUT=" + c.scaled(callTimeout).String(),
		"CALLBOT_PROVIDER_RATE=" + strconv.Itoa(sandbox.Rate) + "/" + c.scaled(sandbox.Window).String(),
	}
	if c.Verbose {
		env = append(env, "CALLBOT_LOG_LEVEL=debug", "CALLBOT_LOG_FORMAT=text")
	}
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "SYSTEMROOT", "GORACE", "GOCOVERDIR"} {
		if value, set := os.LookupEnv(name); set {
			env = append(env, name+"="+value)
		}
	}
	return env
}
