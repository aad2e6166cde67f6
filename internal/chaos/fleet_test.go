//go:build unix

package chaos

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/programtest"
)

// program is the real one, with points to die at.
var program = programtest.Program{Tags: []string{"crashpoints"}}

// fleet is a world, a database, and the processes of callbot in it.
type fleet struct {
	t       *testing.T
	world   address
	program string // its path
	dir     string
	env     []string
	rate    atomic.Value // of the provider, for processes that are started from now on
	book    *book
	// postgres is the address of the database, "" on SQLite.
	postgres string

	mu      sync.Mutex
	lives   int
	ordered int            // numbers that a test ordered calls to
	kills   map[string]int // by kind
	failed  []string       // processes that ended by themselves
}

// newFleet starts a world for processes on that database. All of it ends with the test.
func newFleet(t *testing.T, database string, seed uint64, speed float64) *fleet {
	t.Helper()
	path := program.Path(t)
	manifest, err := exec.CommandContext(t.Context(), path, "manifest").Output()
	if err != nil {
		t.Fatalf("%s manifest: %v", path, err)
	}
	f := &fleet{program: path, t: t, dir: roomFor(t), postgres: database, kills: map[string]int{}}
	if f.book, err = newBook(f.dir); err != nil {
		t.Fatal(err)
	}
	leaves := []string{f.dir}
	if database == "" {
		dir, err := os.MkdirTemp(memory(), "callbot-chaos-") //nolint:usetesting // it is to be in memory
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, dir)
		database = "sqlite:" + filepath.Join(dir, "callbot.db")
	}
	if os.Getenv(keepVariable) != "" {
		leaves = leaves[1:]
	}
	config, err := json.Marshal(worldConfig{Seed: seed, Speed: speed, Manifest: string(manifest), Leaves: leaves, Program: filepath.Dir(path)})
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self) //nolint:noctx // it ends with its input
	cmd.Env = append(os.Environ(), worldVariable+"="+string(config))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := io.WriteString(in, bye); err != nil {
			t.Error(err)
		}
		_ = in.Close() // it ends for this
		if err := cmd.Wait(); err != nil {
			t.Errorf("the world ended with %v", err)
		}
	})
	first, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(first, &f.world)
	}
	if err != nil {
		t.Fatalf("the world said %q: %v", first, err)
	}
	f.rate.Store(unbound)
	f.env = append(os.Environ(),
		"SLACK_BOT_TOKEN="+f.world.BotToken, "SLACK_APP_TOKEN="+f.world.AppToken, "AGENTPHONE_API_KEY="+apiKey,
		"SLACK_API_URL="+f.world.SlackAPI, "DATABASE_URL="+database, "CALLBOT_COUNTRIES=US", "CALLBOT_QUIET_HOURS=off",
		"CALLBOT_POLL_INTERVAL=100ms", "CALLBOT_CALL_TIMEOUT=5s", "CALLBOT_LOG_FORMAT=text", "CALLBOT_HTTP_ADDR=off",
		"CALLBOT_USER_DAILY_LIMIT=0", "CALLBOT_DAILY_LIMIT=0", "CALLBOT_BULK_LIMIT=0", "TMPDIR="+f.dir,
	)
	return f
}

// keepVariable names a directory in which what the processes logged is kept.
const keepVariable = "CHAOS_KEEP"

// roomFor is a directory that the world removes.
func roomFor(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Join(os.Getenv(keepVariable), t.Name()), error(nil)
	if os.Getenv(keepVariable) != "" {
		err = os.MkdirAll(dir, 0o700)
	} else {
		dir, err = os.MkdirTemp("", "callbot-chaos-") //nolint:usetesting // the world removes it also where the test is killed
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// unbound is a rate that nothing here reaches, bound one that binds.
const (
	unbound = "2000/1s"
	bound   = "40/1s"
	most    = 40 // requests that bound allows in a second
)

// replica is one process of callbot.
type replica struct {
	f      *fleet
	name   string
	points string
	cmd    *exec.Cmd
	input  io.Closer
	done   chan struct{}
	began  time.Time
	meant  atomic.Bool // somebody killed it
}

// start starts a process that dies at the armed points, if it comes to one.
func (f *fleet) start(name, armed string, more ...string) *replica {
	f.t.Helper()
	f.mu.Lock()
	f.lives++
	r := &replica{f: f, name: name, points: filepath.Join(f.dir, fmt.Sprintf("points-%d", f.lives)), done: make(chan struct{}), began: time.Now()}
	f.mu.Unlock()
	log, err := os.OpenFile(f.logOf(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = log.Close() }()     // the process has it
	r.cmd = exec.Command(f.program, "run") //nolint:noctx // it ends with its input
	r.cmd.Env = append(append(slices.Clip(f.env),
		"AGENTPHONE_BASE_URL="+f.world.Phone+"/r/"+name+"/api/v1",
		"CALLBOT_PROVIDER_RATE="+f.rate.Load().(string),
		"CRASHPOINTS_WITH_PARENT=1", "CRASHPOINTS_LOG="+r.points, "CRASHPOINTS_KILL="+armed), more...)
	r.cmd.Stderr = log
	r.cmd.SysProcAttr = withParent()
	if r.input, err = r.cmd.StdinPipe(); err != nil {
		f.t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	go func() {
		defer close(r.done)
		r.ended(r.cmd.Wait())
	}()
	return r
}

func (f *fleet) logOf(name string) string { return filepath.Join(f.dir, name+".log") }

// ended notes how a process ended.
func (r *replica) ended(err error) {
	at, readErr := r.f.book.read(r.points)
	_ = r.input.Close() // nobody reads it any more
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	exit, _ := errors.AsType[*exec.ExitError](err)
	var status syscall.WaitStatus
	if exit != nil {
		status, _ = exit.Sys().(syscall.WaitStatus)
	}
	killed := status.Signaled() && status.Signal() == syscall.SIGKILL
	switch {
	case readErr != nil && !errors.Is(readErr, os.ErrNotExist): // killed before its first point
		r.f.failed = append(r.f.failed, readErr.Error())
	case killed && at != "":
		r.f.kills["at a named point"]++
	case killed && r.meant.Load():
		r.f.kills["at a random time"]++
	default:
		r.f.failed = append(r.f.failed, fmt.Sprintf("%s ended by itself: %v", r.name, err))
	}
}

// kill is kill -9, and waits until the process is gone.
func (r *replica) kill() {
	r.meant.Store(true)
	r.signal(syscall.SIGKILL)
	<-r.done
}

func (r *replica) signal(s syscall.Signal) {
	if err := r.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		r.f.t.Errorf("%s to %s: %v", s, r.name, err)
	}
}

// dead reports whether the process is gone.
func (r *replica) dead() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// sum is how many processes were killed.
func (f *fleet) sum() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, k := range f.kills {
		n += k
	}
	return n
}

// broken reports whether processes end by themselves, so that nothing can be shown.
func (f *fleet) broken() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.failed) > 0
}

// tell has the world do something that cannot fail.
func tell[Out any](f *fleet, name string, in any) Out {
	f.t.Helper()
	out, err := ask[Out](context.Background(), f.world, name, in)
	if err != nil {
		f.t.Error(err)
	}
	return out
}

// quiet waits until every person has decided and everything is answered, and stays so
// for a while; or until patience ends. It returns what stands in the ledger then.
func (f *fleet) quiet(patience time.Duration) (Ledger, Figures) {
	f.t.Helper()
	const still = 4 // looks
	deadline := time.Now().Add(patience)
	for calm := 0; ; {
		l := tell[Ledger](f, "ledger", struct{}{})
		fig := tally(l)
		if calm++; fig.wrong() != "" || tell[Progress](f, "progress", struct{}{}).Deciding > 0 {
			calm = 0
		}
		if calm == still || time.Now().After(deadline) || f.broken() {
			return l, fig
		}
		time.Sleep(time.Second) // between two looks
	}
}

// explain writes what there is to know about commands that went wrong.
func (f *fleet) explain(l Ledger, groups ...[]string) {
	for _, who := range groups {
		for _, name := range who[:min(2, len(who))] {
			tag, _, _ := strings.Cut(name, ":")
			for _, c := range l.Commands {
				if c.Tag == tag {
					text, _ := json.MarshalIndent(c, "", " ") // strings and numbers
					f.t.Logf("%s", text)
				}
			}
		}
	}
}

// keep writes the ledger to where everything is kept, if it is.
func (f *fleet) keep(l Ledger) {
	if os.Getenv(keepVariable) == "" {
		return
	}
	all, _ := json.MarshalIndent(l, "", " ") // strings and numbers
	if err := os.WriteFile(filepath.Join(f.dir, "ledger.json"), all, 0o600); err != nil {
		f.t.Error(err)
	}
}
