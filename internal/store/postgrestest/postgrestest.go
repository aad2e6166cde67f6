// Package postgrestest gives a test a Postgres database of its own.
//
// It uses the server that DATABASE_URL_TEST names or, without that variable, starts
// a private one from the installed binaries (Debian: package postgresql): on a socket
// in a temporary directory, reachable over 127.0.0.1 too, gone with the test process.
// Without either a test skips and says why; where CI is set it fails instead, so that
// no green run hides that half of the tests did not run.
package postgrestest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Variable names a running server, such as postgres://postgres@127.0.0.1/postgres.
// Its user must be allowed to create schemas there.
const Variable = "DATABASE_URL_TEST"

// errNone says that there is nothing to test with.
var errNone = errors.New("no Postgres: install it (Debian: apt-get install postgresql), or set " + Variable)

// URL is the address of an empty database that nobody else has: a schema of its own
// on the test server. It goes with the test.
func URL(tb testing.TB) string {
	tb.Helper()
	server, err := Server()
	if errors.Is(err, errNone) && os.Getenv("CI") == "" {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if err := exec1(tb.Context(), server, "CREATE SCHEMA "+name); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx := context.WithoutCancel(tb.Context())
		if err := exec1(ctx, server, "DROP SCHEMA "+name+" CASCADE"); err != nil {
			tb.Error(err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		tb.Fatalf("%s is no URL: %v", Variable, err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

// exec1 runs one statement on a connection of its own.
func exec1(ctx context.Context, server, statement string) error {
	db, err := sql.Open("pgx", server)
	if err != nil {
		return fmt.Errorf("open the test server: %w", err)
	}
	defer func() { _ = db.Close() }() // nothing is pending
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("%s on the test server: %w", statement, err)
	}
	return nil
}

// Server is the address of the test server, which is started if nobody has yet. It is
// for tests that need more than [URL]; they skip where it fails.
var Server = sync.OnceValues(func() (string, error) {
	if server := os.Getenv(Variable); server != "" {
		return server, nil
	}
	return start()
})

// binaries is where initdb and postgres are: in the PATH or where Debian puts them,
// the newest version first.
func binaries() (string, error) {
	if found, err := exec.LookPath("postgres"); err == nil {
		if resolved, err := filepath.EvalSymlinks(found); err == nil {
			found = resolved
		}
		if dir := filepath.Dir(found); present(filepath.Join(dir, "initdb")) {
			return dir, nil
		}
	}
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.Sort(dirs)
	for _, dir := range slices.Backward(dirs) {
		if present(filepath.Join(dir, "postgres")) && present(filepath.Join(dir, "initdb")) {
			return dir, nil
		}
	}
	return "", errNone
}

func present(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// supervise runs the server until its input ends, which is when the test process is
// gone, however it went; then it removes all traces. $1 is the directory of the
// binaries, $2 that of the data, $3 the port, $4 whether it waits for the disk.
const supervise = `
"$1/postgres" -D "$2/data" -p "$3" -k "$2" -c listen_addresses=127.0.0.1 \
	-c max_connections=400 -c fsync="$4" -c shared_buffers=64MB -c log_min_messages=fatal >"$2/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -QUIT $server
wait $server
rm -rf "$2"
`

// start makes a cluster and starts its server.
func start() (string, error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	as, err := unprivileged()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "callbot-postgres-")
	if err != nil {
		return "", fmt.Errorf("make room for Postgres: %w", err)
	}
	if err := as.own(dir); err != nil {
		return "", err
	}
	initdb := as.command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.Dir = dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("initdb: %w\n%s", err, out), os.RemoveAll(dir))
	}
	port, err := freePort()
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	// No test cuts the power, and those that answer Slack within seconds are not to wait
	// for a disk that others use; only what is measured does.
	fsync := "off"
	if f := flag.Lookup("test.bench"); f != nil && f.Value.String() != "" {
		fsync = "on"
	}
	server := as.command("sh", "-c", supervise, "sh", bin, dir, port, fsync)
	server.Dir = dir
	input, err := server.StdinPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("start Postgres: %w", err), os.RemoveAll(dir))
	}
	stop = input.Close // reached from here, or it would be collected and closed
	go func() { _ = server.Wait() }()
	address := "postgres://postgres@127.0.0.1:" + port + "/postgres?sslmode=disable"
	if err := answers(address); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log")) //nolint:gosec // its name is ours
		return "", errors.Join(fmt.Errorf("start Postgres: %w\n%s", err, log), stop())
	}
	return address, nil
}

// stop ends the server; so does the end of the process.
var stop func() error

// freePort is a port that nobody listens on now.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it does not wait
	if err != nil {
		return "", fmt.Errorf("find a port for Postgres: %w", err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}

// answers waits until the server takes connections.
func answers(address string) error {
	deadline := time.Now().Add(30 * time.Second)
	for {
		err := exec1(context.Background(), address, "SELECT 1")
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(50 * time.Millisecond) // between two tries; it needs a moment to start
	}
}
