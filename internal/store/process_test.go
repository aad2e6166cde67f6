package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/internal/call"
	"github.com/agentphone-slack/callbot/internal/phone"
	"github.com/agentphone-slack/callbot/internal/store"
	"github.com/agentphone-slack/callbot/internal/store/postgrestest"
)

// childURL is set where this test binary runs as another process with that database:
// it does what childTask names.
const (
	childURL  = "CALLBOT_STORETEST_CHILD"
	childTask = "CALLBOT_STORETEST_TASK"

	placeOne = "place one" // places a call, says so, and waits to be killed
	placeAll = "place all" // places calls until none is left, and names each
)

func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		task := child
		if os.Getenv(childTask) == placeAll {
			task = racer
		}
		if err := task(url); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const (
	childLease    = 10 * time.Second
	childDeadline = 5 * time.Second
)

func child(url string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, url)
	if err != nil {
		return err
	}
	claimed, err := s.ClaimDue(ctx, 1, childLease, call.Approved)
	if err != nil || len(claimed) != 1 {
		return fmt.Errorf("claimed %v: %w", claimed, err)
	}
	now := time.Now()
	if _, err := s.Advance(ctx, claimed[0], call.Event{Kind: call.Place, At: now, Due: now.Add(childDeadline)}); err != nil {
		return err
	}
	fmt.Println("placing")
	_, err = io.Copy(io.Discard, os.Stdin) // until the parent is gone
	return err
}

// racer starts when its input says so, and places calls as long as there are any.
func racer(url string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	for {
		claimed, err := s.ClaimDue(ctx, 2, childLease, call.Approved)
		if err != nil || len(claimed) == 0 {
			return err
		}
		for _, c := range claimed {
			g, _, err := s.Take(ctx, call.ForPlacing, s.Now().Add(childDeadline))
			if err != nil {
				return err
			}
			c, err = s.Advance(ctx, c, call.Event{Kind: call.Place, At: s.Now(), Due: s.Now().Add(childDeadline)})
			if err != nil {
				return err
			}
			fmt.Println(c.ID)
			if err := s.EndRequest(ctx, g); err != nil {
				return err
			}
			if _, err := s.Advance(ctx, c, call.Event{Kind: call.Accept, At: s.Now(), ProviderID: "cl_" + string(c.ID), Due: s.Now()}); err != nil {
				return err
			}
		}
	}
}

// Two processes that race for the same calls place each of them once.
func TestTwoProcessesRace(t *testing.T) {
	url := postgrestest.URL(t)
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	const calls = 200
	now := s.Now()
	for i := range calls {
		number, err := phone.ParseE164(fmt.Sprintf("+1%d5550%03d", 201+i/100, 100+i%100))
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Create(t.Context(), "", call.Call{
			ID: call.ID(fmt.Sprintf("call%03d", i)), Version: 1, Revision: 1, Status: call.Approved,
			Request: call.Request{Number: number}, ApprovedAt: now, DueAt: now,
		}, call.Origin{})
		if err != nil {
			t.Fatal(err)
		}
	}
	var outs [2]*bufio.Scanner
	var racers [2]*exec.Cmd
	var ins [2]io.WriteCloser
	for i := range racers {
		racers[i] = process(t, url, placeAll)
		if ins[i], err = racers[i].StdinPipe(); err != nil {
			t.Fatal(err)
		}
		out, err := racers[i].StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		outs[i] = bufio.NewScanner(out)
		if err := racers[i].Start(); err != nil {
			t.Fatal(err)
		}
		if !outs[i].Scan() || outs[i].Text() != "ready" {
			t.Fatalf("process %d says %q", i, outs[i].Text())
		}
	}
	for _, in := range ins {
		if _, err := io.WriteString(in, "go\n"); err != nil {
			t.Fatal(err)
		}
	}
	placed := map[string]int{}
	for i := range racers {
		n := len(placed)
		for outs[i].Scan() {
			placed[outs[i].Text()]++
		}
		if err := racers[i].Wait(); err != nil {
			t.Errorf("process %d: %v", i, err)
		}
		t.Logf("process %d placed %d calls", i, len(placed)-n)
	}
	if len(placed) != calls {
		t.Errorf("%d of %d calls were placed: %v", len(placed), calls, placed)
	}
	for id, n := range placed {
		if n != 1 {
			t.Errorf("%s was placed %d times", id, n)
		}
	}
}

func TestSecondOpenIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "callbot.db")
	first, err := store.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(name string, text string) {
		t.Helper()
		for _, want := range []string{path, path + ".lock", "in use by another callbot (process " + strconv.Itoa(os.Getpid()) + ")", "Stop that one first", "Postgres"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q does not tell %q", name, text, want)
			}
		}
	}
	if s, err := store.Open(t.Context(), "sqlite:"+path); err == nil {
		t.Fatal("opened twice", s.Close())
	} else {
		refused("this process", err.Error())
	}
	out, err := process(t, "sqlite:"+path, placeOne).Output()
	if _, ok := errors.AsType[*exec.ExitError](err); !ok {
		t.Fatalf("another process opened it: %v", err)
	}
	refused("another process", string(out))

	// The refused ones did no harm, and the file is free after Close.
	if err := first.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := first.Close(); err != nil {
			t.Error(err)
		}
	}
	second, err := store.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}

// A process that is killed while its POST is under way leaves everything that the
// next one needs, and no lock.
func TestKilledWhilePlacing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "callbot.db")
	now := time.Now()
	clock := func() time.Time { return now }
	open := func() *store.Store {
		s, err := store.Open(t.Context(), "sqlite:"+path, store.WithClock(clock))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := open()
	_, err := s.Create(t.Context(), "trigger:1", call.Call{
		ID: "c", Version: 1, Revision: 1, Status: call.Approved, ApprovedAt: now, DueAt: now,
	}, call.Origin{})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}

	other := process(t, "sqlite:"+path, placeOne)
	in, err := other.StdinPipe() // open as long as this test runs
	if err != nil {
		t.Fatal(err)
	}
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := bufio.NewReader(out).ReadString('\n')
	if said != "placing\n" {
		t.Errorf("the other process said %q, %v", said, err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := other.Wait(); err == nil {
		t.Error("the other process was not killed")
	}
	_ = in.Close() // its reader is gone

	s = open()
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	c, err := s.Get(t.Context(), "c")
	if err != nil || c.Status != call.Placing {
		t.Fatalf("the call is %s, %v", c.Status, err)
	}
	if claimed, err := s.ClaimDue(t.Context(), 1, childLease); err != nil || len(claimed) > 0 {
		t.Errorf("claimed %v, %v while its request may be under way", claimed, err)
	}
	now = c.DueAt
	claimed, err := s.ClaimDue(t.Context(), 1, childLease)
	if err != nil || len(claimed) != 1 {
		t.Fatalf("claimed %v, %v after its deadline", claimed, err)
	}
	attempts, err := s.Attempts(t.Context(), "c")
	if err != nil || len(attempts) != 1 || attempts[0].Answered() {
		t.Errorf("attempts %v, %v; want one that is unanswered", attempts, err)
	}
}

// process is this test binary as another process with that database and task.
func process(t *testing.T, url, task string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childURL+"="+url, childTask+"="+task)
	cmd.Stderr = os.Stderr
	return cmd
}
