package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/store"
)

type exportCmd struct {
	Since   age    `default:"30d" placeholder:"TIME" help:"What was asked for in the last TIME, such as 30d, 12h or 90m. Default: ${default}."`
	Format  string `default:"csv" enum:"csv,jsonl" help:"csv, or jsonl for one JSON object a line. Default: ${default}."`
	Unmask  bool   `help:"Show whole telephone numbers, not only the country code and the last two digits."`
	Content bool   `help:"Also what was typed and what was said: objective, business, website, disclosure, summary, transcript, and the reasons of bans."`
}

// Help says what the export is of.
func (exportCmd) Help() string {
	return "Each call and each order (pause, resume, ban, allow) is one row, the oldest first; times are in UTC. " +
		"The database is that of DATABASE_URL, the only variable that counts here; the bot may run meanwhile. " +
		"In csv a cell that begins with = + - @, a tab or a carriage return has an apostrophe before it, because a spreadsheet would run it as a formula: so telephone numbers have one. So has what follows a semicolon, a tab or a new line within a cell."
}

// Run writes the export to standard output.
func (e exportCmd) Run() error {
	ctx := context.Background()
	db, err := store.OpenReader(ctx, databaseURL())
	if err != nil {
		return err
	}
	rows, err := e.write(ctx, os.Stdout, db, time.Now().Add(-time.Duration(e.Since)))
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("the export is not complete: %w", err)
	}
	if rows == 0 {
		fmt.Fprintf(os.Stderr, "callbot: nothing was asked for or ordered in the last %s.\n", e.Since)
	}
	return nil
}

// databaseURL is where calls are kept, for commands that need nothing else.
func databaseURL() string {
	url := os.Getenv("DATABASE_URL")
	if strings.TrimSpace(url) == "" {
		url = defaultOf("DATABASE_URL")
	}
	return url
}

// write writes what is since a time to w, and returns how many rows there were.
func (e exportCmd) write(ctx context.Context, w io.Writer, db *store.Reader, since time.Time) (rows int, err error) {
	view := call.AuditView{Unmask: e.Unmask, Content: e.Content}
	out := bufio.NewWriter(w)
	var put func(call.AuditRow) error
	flush := out.Flush
	if e.Format == "jsonl" {
		lines := json.NewEncoder(out)
		put = func(row call.AuditRow) error { return lines.Encode(row) }
	} else {
		columns := view.Columns()
		table := csv.NewWriter(out)
		if err := table.Write(columns); err != nil {
			return 0, fmt.Errorf("write the header: %w", err)
		}
		put = func(row call.AuditRow) error { return table.Write(row.Record(columns)) }
		flush = func() error {
			table.Flush()
			return errors.Join(table.Error(), out.Flush())
		}
	}
	err = db.Export(ctx, since, func(a call.Audited) error {
		rows++
		if err := put(view.Row(a)); err != nil {
			return fmt.Errorf("write a row: %w", err)
		}
		return nil
	})
	if ferr := flush(); ferr != nil && err == nil {
		err = fmt.Errorf("write the rows: %w", ferr)
	}
	return rows, err
}
