package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/store"
)

type forgetCmd struct {
	User   slackUser  `required:"" xor:"whom" placeholder:"U…" help:"Erase all calls that this person asked for, by their ID: in their profile in Slack, Copy member ID."`
	Number fullNumber `required:"" xor:"whom" placeholder:"+…" help:"Erase all calls to this number, written with + and the country code."`
}

// Help says what is erased.
func (forgetCmd) Help() string {
	return "What a call was about, what was said on it, and its number are erased, here and in Slack. Who asked, when, and how it ended stay for the export, and a number that is never to be called stays so. " +
		"A call that waits is not placed any more; one that is under way is erased when it has ended. " +
		"The database is that of DATABASE_URL, the only variable that counts here; the bot may run meanwhile, and takes care of Slack."
}

// slackUser is the ID of a person in Slack.
type slackUser call.UserID

// UnmarshalText reads an ID.
func (u *slackUser) UnmarshalText(text []byte) error {
	if !userID.Match(text) {
		return fmt.Errorf("%q must be a member ID such as U0123ABCD: in somebody's profile in Slack, Copy member ID", text)
	}
	*u = slackUser(text)
	return nil
}

// fullNumber is a telephone number with its country code.
type fullNumber struct{ phone.Number }

// UnmarshalText reads a number. What was typed is not repeated: it may be one.
func (n *fullNumber) UnmarshalText(text []byte) error {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -.()\u00a0", r) {
			return -1
		}
		return r
	}, string(text))
	number, err := phone.ParseE164(digits)
	if err != nil {
		return errors.New("the number must be whole, with + and the country code, such as +14155550132")
	}
	n.Number = number
	return nil
}

// Run erases, and says what was done.
func (f forgetCmd) Run() error {
	ctx := context.Background()
	db, err := store.OpenBeside(ctx, databaseURL())
	if err != nil {
		return err
	}
	done, err := db.Forget(ctx, call.Forget{User: call.UserID(f.User), Number: f.Number.Number})
	if err != nil {
		return errors.Join(fmt.Errorf("not everything was erased: %w", err), db.Close())
	}
	f.tell(os.Stdout, done)
	return errors.Join(scrub(ctx, db), db.Close())
}

// scrubWithin is how long whoever reads the database may keep what was erased in its log.
const scrubWithin = 10 * time.Second

// scrub takes what was erased out of the files of the database.
func scrub(ctx context.Context, db *store.Store) error {
	until := time.Now().Add(scrubWithin)
	for {
		err := db.Scrub(ctx)
		if err == nil {
			return nil
		}
		if time.Now().After(until) {
			return fmt.Errorf("all of that was erased, but a file beside the database may still hold it, until callbot is started again or this command is: %w", err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// tell says what was done.
func (f forgetCmd) tell(w io.Writer, done call.Forgotten) {
	whose := "to that number"
	if f.User != "" {
		whose = "of " + string(f.User)
	}
	var said []string
	say := func(n int, one, more string) {
		switch {
		case n == 1:
			said = append(said, one)
		case n > 1:
			said = append(said, fmt.Sprintf(more, n))
		}
	}
	if done.Erased+done.UnderWay == 0 {
		said = append(said, "There is no call "+whose+" that is not erased already, so nothing was done.")
	}
	say(done.Erased, "1 call "+whose+" was erased.", "%d calls "+whose+" were erased.")
	say(done.Withdrawn, "One of them had not been placed yet, and is not placed any more.", "%d of them had not been placed yet, and are not placed any more.")
	say(done.UnderWay, "1 call "+whose+" is under way, and is erased when it has ended.", "%d calls "+whose+" are under way, and are erased when they have ended.")
	if done.Erased+done.UnderWay > 0 {
		said = append(said, "What Slack shows of them is taken away by callbot run, within a minute for a few calls and one after the other for many; if it does not run now, after its next start.")
	}
	if f.User == "" && done.Erased > 0 {
		said = append(said, "Whether the number may be called stays as it was.")
	}
	_, _ = fmt.Fprintln(w, strings.Join(said, "\n")) // what was done stands, whoever reads of it
}
