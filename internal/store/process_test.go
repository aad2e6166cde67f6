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
	"github.com/agentphone-slack/callbot/internal/store"
)

// childURL is set where this test binary runs as another process: it places the
// call "c" in that database, says so, and waits to be killed.
const childURL = "CALLBOT_STORETEST_CHILD"

func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		if err := child(url); err != nil {
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

func TestSecondOpenIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "callbot.db")
	first, err := store.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(name string, text string) {
		t.Helper()
		for _, want := range []string{path, path + ".lock", "in use by another callbot (process " + strconv.Itoa(os.Getpid()) + ")", "stop that one first"} {
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
	out, err := process(t, path).Output()
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

	other := process(t, path)
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

// process is this test binary as another process with the database at path.
func process(t *testing.T, path string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childURL+"=sqlite:"+path)
	cmd.Stderr = os.Stderr
	return cmd
}
