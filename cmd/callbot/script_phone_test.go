package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
	"github.com/agentphone-slack/callbot/internal/sandbox"
)

func phoneCommand(ts *testscript.TestScript, neg bool, args []string) {
	w := theWorld(ts)
	ctx, cancel := waiting()
	defer cancel()
	if neg || len(args) == 0 {
		ts.Fatalf("usage: phone VERB …")
	}
	switch verb, rest := args[0], args[1:]; {
	case verb == "dialed" && len(rest) == 2:
		want, err := strconv.Atoi(rest[1])
		ts.Check(err)
		if got := w.Phone.Dials()[rest[0]]; got != want {
			ts.Fatalf("%s was dialled %d times, want %d", rest[0], got, want)
		}
	case verb == "dials" && len(rest) == 1:
		want, err := strconv.Atoi(rest[0])
		ts.Check(err)
		got := 0
		for _, n := range w.Phone.Dials() {
			got += n
		}
		if got != want {
			ts.Fatalf("numbers were dialled %d times, want %d", got, want)
		}
	case verb == "objective" && len(rest) == 0:
		fmt.Fprintln(ts.Stdout(), lastCall(ts, w).Objective)
	case verb == "asked" && len(rest) == 1:
		n, err := strconv.Atoi(rest[0])
		ts.Check(err)
		ts.Check(look(ctx, func() (bool, error) { return asked(w) >= n, nil }))
	case verb == "call" && len(rest) == 2:
		ts.Check(callElsewhere(ctx, w, rest[0], rest[1]))
	case verb == "complete" && len(rest) == 1:
		ts.Check(w.Phone.Complete(lastCall(ts, w).ID, agentphonetest.Result{
			Outcome: "achieved", Summary: rest[0], Transcript: "Host: Hello?\nAgent: Hello.\nHost: Goodbye.",
		}))
	case verb == "ended" && len(rest) == 0:
		ts.Check(look(ctx, func() (bool, error) {
			switch lastCall(ts, w).Status {
			case "completed", "failed", "canceled":
				return true, nil
			}
			return false, nil
		}))
	case verb == "list" && len(rest) == 1:
		style, known := map[string]agentphonetest.ListStyle{
			"full": agentphonetest.ListFull, "lean": agentphonetest.ListLean, "off": agentphonetest.ListOff,
		}[rest[0]]
		if !known {
			ts.Fatalf("phone: unknown list %q", rest[0])
		}
		w.Phone.SetList(style)
	case verb == "fault" && len(rest) >= 2 && len(rest) <= 3:
		n := 1
		if len(rest) == 3 {
			var err error
			n, err = strconv.Atoi(rest[2])
			ts.Check(err)
		}
		fault, err := phoneFault(rest[0], rest[1], n)
		ts.Check(err)
		w.Phone.SetFault(fault)
	case verb == "is" && len(rest) == 1:
		ts.Check(w.SetPhone(ctx, sandbox.Condition(rest[0])))
	case verb == "credits" && len(rest) == 1:
		n, err := strconv.Atoi(rest[0])
		ts.Check(err)
		w.Phone.SetCredits(n)
	case verb == "with" && len(rest) == 1:
		w.party = rest[0]
	case verb == "unreachable" && len(rest) == 0:
		url, err := w.gate.shut()
		ts.Check(err)
		ts.Setenv("AGENTPHONE_BASE_URL", url)
	case verb == "reachable" && len(rest) == 0:
		ts.Check(w.gate.open(w.Phone))
	default:
		ts.Check(business(ctx, ts, w, verb, rest))
	}
}

func lastCall(ts *testscript.TestScript, w *world) agentphonetest.Call {
	c, called := w.lastCall()
	if !called {
		ts.Fatalf("nobody was called")
	}
	return c
}

// lastCall is the last call, to the number that the scenario is about if it said one.
func (w *world) lastCall() (last agentphonetest.Call, called bool) {
	for _, c := range w.Phone.Calls() {
		if w.party == "" || c.ToPhoneNumber == w.party {
			last, called = c, true
		}
	}
	return last, called
}

// asked counts the requests to place a call.
func asked(w *world) int {
	n := 0
	for _, r := range w.Phone.Requests() {
		if r.Method == http.MethodPost {
			n++
		}
	}
	return n
}

// phoneFault stands before the simulator for n requests of a kind.
func phoneFault(what, kind string, n int) (agentphonetest.Fault, error) {
	limited := func(h http.Header) agentphonetest.Fault {
		return agentphonetest.Respond(http.StatusTooManyRequests, h, `{"error":{"code":"rate_limited","message":"Too many requests."}}`)
	}
	fault, known := map[string]agentphonetest.Fault{
		"500":         agentphonetest.Respond(http.StatusInternalServerError, nil, "<html>Something went wrong</html>"),
		"503":         agentphonetest.Respond(http.StatusServiceUnavailable, nil, "down"),
		"429":         limited(nil),
		"429-wait":    limited(http.Header{"Retry-After": {"2"}}),
		"reset":       agentphonetest.Reset,
		"lost":        agentphonetest.AcceptAndReset,
		"hang":        agentphonetest.Hang,
		"lost-hang":   agentphonetest.AcceptAndHang,
		"slow":        agentphonetest.AcceptAndDelay(3 * time.Second),
		"echo":        echo(http.StatusInternalServerError),
		"refuse-echo": echo(http.StatusBadRequest),
		"malformed":   agentphonetest.AcceptAndRespond(http.StatusAccepted, `{"data": {"call_`),
	}[kind]
	if !known {
		return nil, fmt.Errorf("phone: unknown fault %q", kind)
	}
	of, known := map[string]func(*http.Request) bool{
		"any":   func(*http.Request) bool { return true },
		"place": func(r *http.Request) bool { return r.Method == http.MethodPost },
		"list": func(r *http.Request) bool {
			return r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/calls")
		},
		"read": func(r *http.Request) bool {
			return r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/calls/")
		},
	}[what]
	if !known {
		return nil, fmt.Errorf("phone: unknown request %q", what)
	}
	faulty := agentphonetest.Times(n, fault)
	return func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		if of(r) {
			faulty(rw, r, next)
			return
		}
		next.ServeHTTP(rw, r)
	}, nil
}

// echo answers with the headers of the request, as servers do that are being debugged.
func echo(status int) agentphonetest.Fault {
	return func(rw http.ResponseWriter, r *http.Request, _ http.Handler) {
		rw.WriteHeader(status)
		_ = json.NewEncoder(rw).Encode(map[string]any{"error": map[string]any{ // it may be gone
			"code": "invalid_request", "message": fmt.Sprintf("What is %v?", r.Header),
		}})
	}
}

// callElsewhere places a call with the key, as another program that has it would.
func callElsewhere(ctx context.Context, w *world, number, objective string) error {
	body, err := json.Marshal(map[string]string{"to_phone_number": number, "objective": objective})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.PhoneURL()+"/calls", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("x-api-key", sandbox.APIKey)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		return errors.New(res.Status)
	}
	return nil
}

// gate is an address at which the simulator can be out of reach. It is on a loopback
// address of its own, so that nobody else gets the port meanwhile.
type gate struct {
	addr   string
	server *http.Server
}

const gateHost = "127.0.0.2"

// shut finds an address where nobody listens.
func (g *gate) shut() (url string, err error) {
	var listen net.ListenConfig
	l, err := listen.Listen(context.Background(), "tcp", net.JoinHostPort(gateHost, "0"))
	if err != nil {
		return "", err
	}
	g.addr = l.Addr().String()
	return "http://" + g.addr + agentphonetest.BasePath, l.Close()
}

// open serves h there.
func (g *gate) open(h http.Handler) error {
	var listen net.ListenConfig
	l, err := listen.Listen(context.Background(), "tcp", g.addr)
	if err != nil {
		return err
	}
	g.server = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = g.server.Serve(l) }() // it ends with close
	return nil
}

func (g *gate) close() {
	if g.server != nil {
		_ = g.server.Close()
	}
}
