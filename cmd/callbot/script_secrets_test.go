package main

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agentphone-slack/callbot/internal/sandbox"
)

// databasePassword stands in DATABASE_URL after "secrets plant".
const databasePassword = "Pa55-of-the-database"

// secret is something that nobody but the program may see.
type secret struct{ what, value string }

func secretsCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := theWorld(ts)
	if neg || len(args) == 0 {
		ts.Fatalf("usage: secrets plant|absent FILE…|stored [reply]")
	}
	switch verb, rest := args[0], args[1:]; {
	case verb == "plant" && len(rest) == 0:
		planted, err := withPassword(ts.Getenv("DATABASE_URL"))
		ts.Check(err)
		ts.Setenv("DATABASE_URL", planted)
	case verb == "absent" && len(rest) > 0:
		all, err := w.secrets()
		ts.Check(err)
		for _, file := range rest {
			text := ts.ReadFile(file)
			if strings.TrimSpace(text) == "" {
				ts.Fatalf("%s is empty, so it shows nothing", file)
			}
			for _, s := range all {
				if line := s.in(text); line != "" {
					ts.Fatalf("%s shows %s:\n%s", file, s.what, line)
				}
			}
		}
	case verb == "stored" && (len(rest) == 0 || slices.Equal(rest, []string{"reply"})):
		all, err := w.secrets()
		ts.Check(err)
		ts.Check(stored(ts.Getenv("DATABASE_URL"), all, len(rest) == 1))
	default:
		ts.Fatalf("secrets: unknown: %q", args)
	}
}

// withPassword is the URL of the same Postgres with a password, which the test's server
// does not ask for, and under a name by which its connections are found.
func withPassword(databaseURL string) (string, error) {
	if strings.HasPrefix(databaseURL, "sqlite:") {
		return databaseURL, nil
	}
	u, err := url.Parse(databaseURL)
	if err != nil {
		return "", err
	}
	if u.User == nil {
		return "", errors.New("the test's database has no user")
	}
	u.User = url.UserPassword(u.User.Username(), databasePassword)
	q := u.Query()
	q.Set("application_name", q.Get("search_path"))
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// secrets are those that the program was given at its start and those that Slack gave it
// since: addresses at which anybody can answer, listen or upload in its name.
func (w *world) secrets() ([]secret, error) {
	all := []secret{
		{"the bot token", w.Slack.BotToken()},
		{"the app token", w.Slack.AppToken()},
		{"the API key", sandbox.APIKey},
		{"the database's password", databasePassword},
	}
	for method, field := range map[string]string{"apps.connections.open": "url", "files.getUploadURLExternal": "upload_url"} {
		n := len(all)
		for _, c := range w.Slack.Calls(method) {
			var answer map[string]any
			if err := json.Unmarshal(c.Response, &answer); err != nil {
				continue // a fault
			}
			address, _ := answer[field].(string)
			u, err := url.Parse(address)
			if err != nil {
				return nil, err
			}
			if ticket := u.Query().Get("ticket"); ticket != "" {
				all = append(all, secret{"the ticket of a link", ticket})
			} else if u.Path != "" {
				all = append(all, secret{"an upload URL", path.Base(u.Path)})
			}
		}
		if len(all) == n {
			return nil, fmt.Errorf("%s gave no address yet, so there is nothing to look for", method)
		}
	}
	n := len(all)
	for _, e := range w.Slack.Envelopes() {
		var payload struct {
			ResponseURL string `json:"response_url"`
		}
		if err := json.Unmarshal(e.Payload, &payload); err != nil {
			return nil, err
		}
		if payload.ResponseURL != "" {
			all = append(all, secret{replyAddress, path.Base(payload.ResponseURL)})
		}
	}
	if len(all) == n {
		return nil, errors.New("no envelope had a response_url yet, so there is nothing to look for")
	}
	for _, step := range w.Slack.StepRuns() {
		all = append(all, secret{"the token of a workflow's step", step.Token()})
	}
	// What signs the address of a recording is stored with it, and shown where it cannot
	// be fetched; no log has a use for it.
	all = append(all, secret{recordingAddress, "signature="})
	for _, s := range all {
		if len(s.value) < 8 {
			return nil, fmt.Errorf("%s is %q, which is too short to be looked for", s.what, s.value)
		}
	}
	return all, nil
}

const (
	replyAddress     = "a response_url"
	recordingAddress = "the signature of a recording"
)

// in is the line of a text that holds the secret, in one of the ways in which it may be
// written; "" if there is none.
func (s secret) in(text string) string {
	quoted, err := json.Marshal(s.value)
	if err != nil {
		quoted = []byte(`""`)
	}
	for _, written := range []string{
		s.value, url.QueryEscape(s.value), url.PathEscape(s.value), strings.Trim(string(quoted), `"`),
		strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(s.value)), "="),
	} {
		if i := strings.Index(text, written); i >= 0 {
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				end = len(text) - i
			}
			return text[strings.LastIndexByte(text[:i], '\n')+1 : i+end]
		}
	}
	return ""
}

// stored fails if a database holds a secret. If a card is not posted yet, the response_url
// at which its command can be answered is where it belongs.
func stored(databaseURL string, all []secret, reply bool) error {
	cells, err := cellsOf(databaseURL)
	if err != nil {
		return err
	}
	replies := 0
	for where, text := range cells {
		for _, s := range all {
			if s.in(text) == "" {
				continue
			}
			switch {
			case s.what == replyAddress && where == "publications.reply":
				replies++
			case s.what == recordingAddress && slices.Contains([]string{"calls.recording_url", "calls.other"}, where):
			default:
				return fmt.Errorf("%s holds %s", where, s.what)
			}
		}
	}
	if reply != (replies > 0) {
		return fmt.Errorf("%d response_urls are stored where they may be", replies)
	}
	return nil
}

// cellsOf is all that a database holds, by table and column.
func cellsOf(databaseURL string) (cells map[string]string, err error) {
	driver, source := "pgx", databaseURL
	list := `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`
	if file, ok := strings.CutPrefix(databaseURL, "sqlite:"); ok {
		if _, err := os.Stat(file); err != nil {
			return nil, err
		}
		driver, source = "sqlite", file
		list = `SELECT name FROM sqlite_master WHERE type = 'table'`
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tables, err := texts(db, list)
	if err != nil {
		return nil, err
	}
	cells = map[string]string{}
	for _, table := range tables {
		if err := readTable(db, table, cells); err != nil {
			return nil, fmt.Errorf("table %s: %w", table, err)
		}
	}
	return cells, nil
}

func readTable(db *sql.DB, table string, into map[string]string) (err error) {
	rows, err := db.QueryContext(context.Background(), `SELECT * FROM "`+table+`"`) //nolint:gosec // a name from the database
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Err(), rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values, to := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		to[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return err
		}
		for i, column := range columns {
			if raw, ok := values[i].([]byte); ok {
				values[i] = string(raw)
			}
			into[table+"."+column] += fmt.Sprint(values[i]) + "\n"
		}
	}
	return nil
}

// cutDatabase breaks the connections of the bots to a Postgres that "secrets plant" named.
func cutDatabase(databaseURL string) error {
	u, err := url.Parse(databaseURL)
	if err != nil {
		return err
	}
	db, err := sql.Open("pgx", databaseURL)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	n := 0
	err = db.QueryRowContext(context.Background(), `
		SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE application_name = $1 AND pid <> pg_backend_pid()`, u.Query().Get("application_name")).Scan(&n)
	if err == nil && n == 0 {
		err = errors.New("no bot was connected")
	}
	return err
}
