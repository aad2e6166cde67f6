package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// BotState is how a [Bot] stands.
type BotState string

// States of a Bot.
const (
	BotRunning BotState = "running"
	BotStopped BotState = "stopped" // it was told to, or killed
	BotEnded   BotState = "ended"   // by itself
)

// Bot is the bot as a process of its own, so that it can be killed as a machine that
// fails would kill it, and started again with what its database then holds.
type Bot struct {
	command func() *exec.Cmd

	acts sync.Mutex // one start or end at a time

	mu    sync.Mutex
	run   *run
	state BotState
	err   error
}

// run is one process.
type run struct {
	cmd   *exec.Cmd
	ended chan struct{}
	said  tail
	meant bool // it was told to end
}

// NewBot returns a bot that is not started. The command is made anew for each start; its
// standard error, as far as it has none, is kept to tell why it ended. Its standard input
// is a pipe that is open for as long as this process is there, however that ends: so the
// bot can tell that it is left alone.
func NewBot(command func() *exec.Cmd) *Bot { return &Bot{command: command, state: BotStopped} }

// State tells how the bot stands, its process ID while it runs, and why it ended, if by
// itself.
func (b *Bot) State() (state BotState, pid int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == BotRunning {
		pid = b.run.cmd.Process.Pid
	}
	return b.state, pid, b.err
}

// Start starts the process. It is an error if it runs already.
func (b *Bot) Start() error {
	b.acts.Lock()
	defer b.acts.Unlock()
	return b.start()
}

func (b *Bot) start() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == BotRunning {
		return errors.New("the bot runs already")
	}
	r := &run{cmd: b.command(), ended: make(chan struct{})}
	if r.cmd.Stderr == nil {
		r.cmd.Stderr = &r.said
	}
	_, err := r.cmd.StdinPipe() // nothing is written to it
	if err == nil {
		err = r.cmd.Start()
	}
	if err != nil {
		b.state, b.err = BotEnded, err
		return fmt.Errorf("starting the bot: %w", err)
	}
	b.run, b.state, b.err = r, BotRunning, nil
	go b.follow(r)
	return nil
}

// follow waits for the end of a process.
func (b *Bot) follow(r *run) {
	err := r.cmd.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case r.meant:
		b.state = BotStopped
	default:
		if said := strings.TrimSpace(r.said.String()); said != "" {
			err = errors.New(said)
		}
		b.state, b.err = BotEnded, err
	}
	close(r.ended)
}

// Kill ends the process as kill -9 does.
func (b *Bot) Kill() error {
	b.acts.Lock()
	defer b.acts.Unlock()
	return b.end(func(r *run) error { return r.cmd.Process.Kill() })
}

// Stop tells the process to end, and kills it if it does not within ten seconds.
func (b *Bot) Stop() error {
	b.acts.Lock()
	defer b.acts.Unlock()
	return b.stop()
}

func (b *Bot) stop() error {
	return b.end(func(r *run) error {
		if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return r.cmd.Process.Kill() // there is no such signal on Windows
		}
		select {
		case <-r.ended:
			return nil
		case <-time.After(10 * time.Second):
			return r.cmd.Process.Kill()
		}
	})
}

// Restart stops the process, if it runs, and starts it again.
func (b *Bot) Restart() error {
	b.acts.Lock()
	defer b.acts.Unlock()
	if state, _, _ := b.State(); state == BotRunning {
		if err := b.stop(); err != nil {
			return err
		}
	}
	return b.start()
}

// end ends the process and waits until it has.
func (b *Bot) end(how func(*run) error) error {
	b.mu.Lock()
	r := b.run
	if b.state != BotRunning {
		b.mu.Unlock()
		return errors.New("the bot does not run")
	}
	r.meant = true
	b.mu.Unlock()
	if err := how(r); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("ending the bot: %w", err)
	}
	<-r.ended
	return nil
}

// tail keeps the end of what is written to it. It is read once its writer has ended.
type tail struct{ kept bytes.Buffer }

// maxTail is how much it keeps, in bytes.
const maxTail = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	n, err := t.kept.Write(p)
	t.kept.Next(max(0, t.kept.Len()-maxTail))
	return n, err
}

func (t *tail) String() string { return t.kept.String() }
