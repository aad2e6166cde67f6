package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// process is a bot that a scenario has started.
type process struct {
	cmd   *exec.Cmd
	log   string        // its file
	ended chan struct{} // closed after err was set
	err   error
}

func botCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := theWorld(ts)
	if neg || len(args) < 2 {
		ts.Fatalf("usage: bot start|kill|term|ends|stop|freeze|thaw|fails|dump|logs|health NAME …")
	}
	ctx, cancel := waiting()
	defer cancel()
	name, rest := args[1], args[2:]
	if args[0] == "start" && len(rest) == 0 {
		w.startBot(ts, name)
		return
	}
	p := w.bots[name]
	if p == nil {
		ts.Fatalf("no bot %q was started", name)
	}
	switch {
	case args[0] == "kill" && len(rest) == 0:
		ts.Check(p.cmd.Process.Kill())
		<-p.ended
	case args[0] == "freeze" && len(rest) == 0:
		ts.Check(p.cmd.Process.Signal(sigStop))
	case args[0] == "thaw" && len(rest) == 0:
		ts.Check(p.cmd.Process.Signal(sigCont))
	case args[0] == "term" && len(rest) == 0:
		ts.Check(p.cmd.Process.Signal(syscall.SIGTERM))
	case args[0] == "ends" && len(rest) == 0:
		ts.Check(p.ends())
	case args[0] == "stop" && len(rest) == 0:
		ts.Check(p.cmd.Process.Signal(syscall.SIGTERM))
		ts.Check(p.ends())
	case args[0] == "dump" && len(rest) == 0:
		ts.Check(p.cmd.Process.Signal(syscall.SIGQUIT))
		ts.Check(p.fails(ctx))
		ts.Check(p.logs(ctx, "goroutine "))
	case args[0] == "fails" && len(rest) == 0:
		ts.Check(p.fails(ctx))
	case args[0] == "logs" && len(rest) == 1:
		ts.Check(p.logs(ctx, rest[0]))
	case args[0] == "health" && len(rest) >= 2:
		status, err := strconv.Atoi(rest[1])
		ts.Check(err)
		answer, err := p.health(ctx, rest[0], status, rest[2:])
		fmt.Fprint(ts.Stdout(), answer)
		ts.Check(err)
	default:
		ts.Fatalf("bot: unknown: %q", args)
	}
}

// startBot starts callbot run with the scenario's environment.
func (w *world) startBot(ts *testscript.TestScript, name string) {
	if w.bots[name] != nil {
		ts.Fatalf("a bot %q was started before; give this one a name of its own", name)
	}
	program, err := exec.LookPath("callbot") // where testscript has put it
	ts.Check(err)
	p := &process{log: ts.MkAbs(name + ".log"), ended: make(chan struct{})}
	out, err := os.Create(p.log)
	ts.Check(err)
	p.cmd = exec.CommandContext(context.Background(), program, "run")
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = ts.MkAbs("."), out, out
	p.cmd.Env = []string{}
	known := []string{"PATH", "HOME", "TMPDIR", "GORACE", "GOCOVERDIR"}
	for _, v := range variables() {
		known = append(known, v.name)
	}
	for _, name := range known {
		if value := ts.Getenv(name); value != "" {
			p.cmd.Env = append(p.cmd.Env, name+"="+value)
		}
	}
	ts.Check(p.cmd.Start())
	w.bots[name] = p
	go func() {
		p.err = p.cmd.Wait()
		_ = out.Close()
		close(p.ended)
	}()
}

// endBots ends what a scenario left running, and shows the logs if it failed.
func (w *world) endBots(t testscript.T) {
	tb, _ := t.(testing.TB)
	for name, p := range w.bots {
		_ = p.cmd.Process.Kill() // frozen or not; it may have ended
		<-p.ended
		if tb != nil && tb.Failed() {
			text, _ := os.ReadFile(p.log)
			tb.Logf("%s.log:\n%s", name, text)
		}
	}
}

// stopWithin is how long whoever told a program to stop waits before they kill it.
const stopWithin = 10 * time.Second

func (p *process) ends() error {
	select {
	case <-p.ended:
		return p.err
	case <-time.After(stopWithin):
		return fmt.Errorf("it did not stop within %s", stopWithin)
	}
}

func (p *process) fails(ctx context.Context) error {
	select {
	case <-p.ended:
	case <-ctx.Done():
		return errors.New("it goes on")
	}
	if p.err == nil {
		return errors.New("it ended without an error")
	}
	return nil
}

// look calls check again and again until it reports true.
func look(ctx context.Context, check func() (bool, error)) error {
	every := time.NewTicker(20 * time.Millisecond)
	defer every.Stop()
	for {
		done, err := check()
		if done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-every.C:
		}
	}
}

func (p *process) logs(ctx context.Context, text string) error {
	err := look(ctx, func() (bool, error) {
		log, err := os.ReadFile(p.log)
		return strings.Contains(string(log), text), err
	})
	if err != nil {
		return fmt.Errorf("its log does not hold %q: %w", text, err)
	}
	return nil
}

var healthAddr = regexp.MustCompile(`/healthz and /readyz","addr":"([^"]+)"`)

// health asks for a path until the answer is as it should be, and returns it.
func (p *process) health(ctx context.Context, path string, status int, texts []string) (answer string, err error) {
	last := "no answer"
	err = look(ctx, func() (bool, error) {
		log, err := os.ReadFile(p.log)
		if err != nil {
			return false, err
		}
		addr := healthAddr.FindStringSubmatch(string(log))
		if addr == nil {
			return false, nil
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr[1]+path, nil)
		if err != nil {
			return false, err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			last = err.Error()
			return false, nil
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil {
			return false, err
		}
		answer = string(body)
		last = fmt.Sprintf("%d %s", res.StatusCode, answer)
		for _, text := range texts {
			if !strings.Contains(answer, text) {
				return false, nil
			}
		}
		return res.StatusCode == status, nil
	})
	if err != nil {
		return answer, fmt.Errorf("%s: %w; at last: %s", path, err, last)
	}
	return answer, nil
}
