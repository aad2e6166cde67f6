package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// quietCommand sets quiet hours that do, or do not, hold the present time where a number
// is, so that a scenario is the same at any hour of the day.
func quietCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: quiet now|later NUMBER")
	}
	n, err := phone.ParseE164(args[1])
	ts.Check(err)
	local, zone, certain := n.Describe().LocalTime(time.Now())
	if zone == "" || !certain {
		ts.Fatalf("the time at %s is not certain", args[1])
	}
	var from, to time.Duration
	switch args[0] {
	case "now":
		from, to = -time.Hour, time.Hour
	case "later":
		from, to = 6*time.Hour, 8*time.Hour
	default:
		ts.Fatalf("quiet: unknown: %q", args)
	}
	ts.Setenv("QUIET_END", local.Add(to).Format("3:04 PM"))
	ts.Setenv("CALLBOT_QUIET_HOURS", local.Add(from).Format("15:04")+"-"+local.Add(to).Format("15:04"))
}

// shifts are what is put back: the times of approved calls, and those of all.
var shifts = map[string][]struct {
	table, which string
	times        []string
}{
	"age": {{"calls", " WHERE status IN ('scheduled', 'approved')", []string{"start_at", "due_at", "step_at", "approved_at"}}},
	"older": {
		{"calls", "", []string{
			"since", "requested_at", "expires_at", "approved_at", "start_at", "accepted_at", "dialing_at", "answered_at", "ended_at", "last_seen",
			"other_accepted_at", "other_ended_at", "due_at", "step_at",
		}},
		{"kept", "", []string{"at"}},
	},
}

// shift puts times of calls back. No test waits for as long as an approved call may be
// late, or for as long as calls are kept.
func shift(url, what, by string) error {
	d, err := time.ParseDuration(by)
	if err != nil {
		return err
	}
	driver, dsn := "pgx", url
	if file, isFile := strings.CutPrefix(url, "sqlite:"); isFile {
		driver, dsn = "sqlite", "file:"+file
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, part := range shifts[what] {
		var set []string
		for _, name := range part.times {
			set = append(set, fmt.Sprintf("%s = %[1]s - %d", name, d.Milliseconds()))
		}
		done, err := db.ExecContext(context.Background(), "UPDATE "+part.table+" SET "+strings.Join(set, ", ")+part.which) //nolint:gosec // the parts are those above
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errors.New("there is no such call"))
		}
	}
	return nil
}

// form is the form that a person sees, once it reads as containing all of these.
func form(ctx context.Context, w *world, who string, texts ...string) (slackemulator.View, error) {
	return w.Slack.User(who).WaitView(ctx, func(v slackemulator.View) bool {
		plain := v.Plain()
		for _, text := range texts {
			if !strings.Contains(plain, text) {
				return false
			}
		}
		return true
	})
}

// formVerbs are what people do with forms, and with what they saw a while ago.
var formVerbs = map[string]slackVerb{
	"modal": {1, 9, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		v, err := form(ctx, w, args[0], args[1:]...)
		if err == nil {
			fmt.Fprintln(ts.Stdout(), v.Plain())
		}
		return err
	}},
	"pick": {2, 2, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		v, err := form(ctx, w, args[0])
		if err != nil {
			return err
		}
		from, err := time.ParseDuration(args[1])
		if err != nil {
			return err
		}
		return v.Fill(ctx, "when", time.Now().Add(from).Format(time.RFC3339))
	}},
	"press-seen": {3, 3, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		m, err := anyMessage(ctx, w, slackemulator.Contains(args[2]))
		if err != nil {
			return err
		}
		for _, r := range m.Revisions() {
			if button := r.Button(args[1]); button.Err() == nil {
				_, err := button.ClickAsShown(ctx, w.Slack.User(args[0]))
				return err
			}
		}
		return fmt.Errorf("it never had a button %q", args[1])
	}},
	"fill": {3, 3, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		v, err := form(ctx, w, args[0])
		if err != nil {
			return err
		}
		return v.Fill(ctx, args[1], args[2])
	}},
	"suggest": {3, 3, func(ctx context.Context, ts *testscript.TestScript, w *world, args []string) error {
		v, err := form(ctx, w, args[0])
		if err != nil {
			return err
		}
		labels, err := v.Control(args[1]).Suggest(ctx, w.Slack.User(args[0]), args[2])
		if len(labels) == 0 { // what is not written leaves there what was written before
			labels = []string{"nothing"}
		}
		fmt.Fprintln(ts.Stdout(), strings.Join(labels, "\n"))
		return err
	}},
	"choose": {4, 4, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		v, err := form(ctx, w, args[0])
		if err != nil {
			return err
		}
		return v.FillTyping(ctx, args[1], args[2], args[3])
	}},
	"close": {1, 1, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		v, err := form(ctx, w, args[0])
		if err != nil {
			return err
		}
		return v.Close(ctx)
	}},
	"submit": {1, 1, func(ctx context.Context, _ *testscript.TestScript, w *world, args []string) error {
		v, err := form(ctx, w, args[0])
		if err != nil {
			return err
		}
		return v.Submit(ctx)
	}},
}
