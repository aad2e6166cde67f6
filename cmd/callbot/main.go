package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"github.com/agentphone-slack/callbot/bot"
)

// commandLine is what can be typed.
type commandLine struct {
	Run      runCmd      `cmd:"" help:"Run the bot. It is configured by environment variables."`
	Sandbox  sandboxCmd  `cmd:"" help:"Try the whole bot against a Slack and an AgentPhone in memory: no account, no configuration, no real call."`
	Export   exportCmd   `cmd:"" help:"Write who asked for which calls, who approved them, and what came of them."`
	Forget   forgetCmd   `cmd:"" help:"Erase what calls of a person, or to a number, were about."`
	Manifest manifestCmd `cmd:"" help:"Print the app manifest to create the app in Slack from."`
	Version  versionCmd  `cmd:"" help:"Print the version of this build."`
}

func main() {
	os.Exit(run(os.Args[1:]))
}

// run is the program; it returns the exit status: 0 done, 1 failed, 2 typed wrongly,
// 130 interrupted before it was done.
func run(args []string) int {
	var line commandLine
	parser, err := kong.New(&line, kong.Name("callbot"),
		kong.Description("A Slack app that places real phone calls through AgentPhone."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}))
	if err != nil {
		fmt.Fprintln(os.Stderr, "callbot:", err)
		return 1
	}
	ctx, err := parser.Parse(args)
	if err != nil {
		parser.Errorf("%s", err)
		if e, ok := errors.AsType[*kong.ParseError](err); ok {
			parser.Stdout = os.Stderr
			_ = e.Context.PrintUsage(true) // the error was told; its usage is a courtesy
		}
		return 2
	}
	if err := ctx.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "callbot:", err)
		if errors.Is(err, errInterrupted) {
			return 130
		}
		return 1
	}
	return 0
}

// errInterrupted is the end of something that a signal cut short.
var errInterrupted = errors.New("interrupted before it was done")

type manifestCmd struct{}

// Run prints the manifest.
func (manifestCmd) Run() error {
	m, err := bot.Manifest()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(m)
	return err
}

type versionCmd struct{}

// Run prints the version that the build recorded.
func (versionCmd) Run() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this build recorded no version")
	}
	version := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && (version == "" || version == "(devel)") {
			version = s.Value
		}
	}
	if version == "" {
		version = "(devel)"
	}
	_, err := fmt.Println("callbot", version, info.GoVersion)
	return err
}
