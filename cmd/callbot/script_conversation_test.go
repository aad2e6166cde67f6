package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// printConversation prints what stands in a conversation, as soon as it is what the
// file says; else what it is when the scenario's patience ends, for cmp to tell.
func printConversation(ctx context.Context, ts *testscript.TestScript, w *world, c *slackemulator.Channel, file string) {
	printSteady(ctx, ts, w, func() string { return conversation(c) }, file)
}

// printSteady is the same of anything that is said in Slack.
func printSteady(ctx context.Context, ts *testscript.TestScript, w *world, said func() string, file string) {
	want := ts.ReadFile(file)
	if updating() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, 10*time.Second) // what is there by then is taken
		defer cancel()
	}
	seen, got := 0, ""
	for {
		got = said()
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
		text := m.Plain()
		if m.Deleted {
			text = "(deleted)"
		}
		fmt.Fprintf(&b, "%s\n", text)
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
	{regexp.MustCompile(`\d{4}-\d\d-\d\d|[A-Z][a-z]{2} \d{1,2}, \d{4}`), "DATE"},
	{regexp.MustCompile(`<#C[A-Z0-9]+>`), "#CHANNEL"},
	{regexp.MustCompile(`https://example\.slack\.com/archives/[^\s)]*`), "LINK"},
	{regexp.MustCompile(`\d+ (s|min)( \d+ s)?`), "SOME TIME"}, // simulated calls last as long as their id says
	{regexp.MustCompile(`  →  ✓ Rang`), ""},                   // shown if a poll saw it
	{regexp.MustCompile(`(The number rang, but I saw no conversation|I did not see whether the number rang|I saw no conversation)\.`), "WHAT THE POLLS SAW."},
}

func steady(s string) string {
	for _, v := range varying {
		s = v.pattern.ReplaceAllString(s, v.with)
	}
	return s
}
