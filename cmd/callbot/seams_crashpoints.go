//go:build crashpoints && unix

package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// This build kills itself, as kill -9 does, at points with names: before and after each
// commit, request and ack. internal/chaos makes it and reads what it did.
const (
	// killVariable names points to die at, "NAME#N" at the N-th time, separated by ";".
	killVariable = "CRASHPOINTS_KILL"
	// diedVariable names a file of points, one a line, which processes share. A process
	// dies at the first point that it reaches and that is not there, and leaves it there.
	diedVariable = "CRASHPOINTS_DIED"
	// logVariable names a file that gets a line for each point when it is first reached,
	// and "killed at NAME" as the last line of a process that died at one.
	logVariable = "CRASHPOINTS_LOG"
	// repeatVariable has POSTs of calls repeated blindly after an unknown fate: the
	// mistake that the tests must catch.
	repeatVariable = "CRASHPOINTS_REPEAT_POST"
	// parentVariable has the process die with whoever holds the other end of its input.
	parentVariable = "CRASHPOINTS_WITH_PARENT"
)

// points are the points of this process.
var points = newCrashpoints()

type crashpoints struct {
	mu      sync.Mutex
	kill    map[string]int  // how many times are left until death
	died    string          // the file of points, "" for none
	passed  map[string]bool // points that stand in it
	reached map[string]bool
	log     *os.File
}

func newCrashpoints() *crashpoints {
	c := &crashpoints{kill: map[string]int{}, died: os.Getenv(diedVariable), passed: map[string]bool{}, reached: map[string]bool{}}
	if path := os.Getenv(logVariable); path != "" {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600) //nolint:gosec // a test names it
		if err != nil {
			panic(err)
		}
		c.log = f
	}
	for armed := range strings.SplitSeq(os.Getenv(killVariable), ";") {
		name, n, ok := strings.Cut(armed, "#")
		if times, err := strconv.Atoi(n); ok && err == nil {
			c.kill[name] = times
		}
	}
	if os.Getenv(parentVariable) != "" {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // until the parent is gone
			die()
		}()
	}
	return c
}

// at is reached at the point of that name, and does not return where it is to die.
func (c *crashpoints) at(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	left, armed := c.kill[name]
	if armed {
		c.kill[name] = left - 1
	}
	isNew := c.isNew(name)
	if isNew || armed && left <= 1 {
		c.write("killed at " + name)
		if isNew {
			c.leave(name) // after the line above: whoever is killed in between left nothing undone
		}
		die() // with the lock held: nobody comes past another point
	}
	if !c.reached[name] {
		c.reached[name] = true
		c.write(name)
	}
}

// isNew reports whether nobody died at that point yet.
func (c *crashpoints) isNew(name string) bool {
	if c.died == "" || c.passed[name] {
		return false
	}
	all, err := os.ReadFile(c.died)
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(all)) {
		c.passed[strings.TrimSuffix(line, "\n")] = true
	}
	return !c.passed[name]
}

// leave leaves the point in the file of those at which somebody died.
func (c *crashpoints) leave(name string) {
	f, err := os.OpenFile(c.died, os.O_WRONLY|os.O_APPEND, 0)
	if err == nil {
		_, err = fmt.Fprintln(f, name) // each line is one write
	}
	if err != nil {
		panic(err)
	}
}

func (c *crashpoints) write(line string) {
	if c.log == nil {
		return
	}
	if _, err := fmt.Fprintln(c.log, line); err != nil {
		panic(err)
	}
}

// die is kill -9 from within.
func die() {
	if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
		panic(err)
	}
	select {}
}
