//go:build unix

package chaos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// worldVariable is set where this test binary runs as the world: Slack, AgentPhone and
// the people, in a process that nobody kills. It holds a [worldConfig] as JSON.
const worldVariable = "CHAOS_WORLD"

func TestMain(m *testing.M) {
	if config := os.Getenv(worldVariable); config != "" {
		if err := runWorld(config); err != nil {
			fmt.Fprintln(os.Stderr, "the world:", err)
			os.Exit(1)
		}
		return
	}
	status := m.Run()
	if err := program.Remove(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = max(status, 1)
	}
	os.Exit(status)
}

// worldConfig is how a world is made.
type worldConfig struct {
	Seed     uint64
	Speed    float64 // of simulated calls
	Manifest string
	// Leaves are directories that go with the world, Program one that goes with the test,
	// if that ended without a [bye].
	Leaves  []string
	Program string
}

// bye is what a test says whose world ends before it.
const bye = "bye"

// address is where a world is found; it is the first line that it prints.
type address struct {
	Control            string
	SlackAPI, Phone    string
	BotToken, AppToken string
}

const apiKey = "chaos-key"

// world is what the bot acts in, and what it is judged by.
type world struct {
	slack  *slackemulator.Server
	phone  *agentphonetest.Simulator
	faults *faults
	crowd  *crowd

	mu       sync.Mutex
	arrivals []Arrival
	holds    []*hold
}

// Arrival is a request that AgentPhone got.
type Arrival struct {
	At      time.Time
	Replica string
	What    string // "POST /calls", "GET /calls", "GET /calls/{id}", "GET /recordings"
	Number  string // of a POST
}

func runWorld(config string) error {
	var cfg worldConfig
	if err := json.Unmarshal([]byte(config), &cfg); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	slack, err := slackemulator.Listen(ctx, slackemulator.WithManifest([]byte(cfg.Manifest)))
	if err != nil {
		return err
	}
	w := &world{slack: slack, faults: newFaults(cfg.Seed)}
	w.phone = agentphonetest.New(agentphonetest.WithKey(apiKey), agentphonetest.WithSpeed(cfg.Speed),
		agentphonetest.WithRate(0, 0), agentphonetest.WithCredits(agentphonetest.Unlimited))
	w.crowd = newCrowd(slack, cfg.Seed)
	slack.Hook(w.faults.ofSlack)
	phone, err := serve(http.HandlerFunc(w.servePhone))
	if err != nil {
		return err
	}
	control, err := serve(w.control(ctx))
	if err != nil {
		return err
	}
	go w.crowd.watch(ctx)
	err = json.NewEncoder(os.Stdout).Encode(address{
		Control: control, SlackAPI: slack.APIURL(), Phone: phone, BotToken: slack.BotToken(), AppToken: slack.AppToken(),
	})
	if err != nil {
		return err
	}
	said, err := io.ReadAll(os.Stdin) // until the test is gone, however it went
	gone := cfg.Leaves
	if string(said) != bye {
		gone = append(gone, cfg.Program)
	}
	for _, dir := range gone {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return err
}

// serve serves on a free port of 127.0.0.1 for as long as the process lives.
func serve(h http.Handler) (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it does not wait
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }()
	return "http://" + l.Addr().String(), nil
}

// control is how the test steers the world and learns what happened in it.
func (w *world) control(ctx context.Context) http.Handler {
	mux := http.NewServeMux()
	// People come, so many a second, and go on coming until they are called off.
	handle(mux, "crowd", func(c CrowdConfig) (struct{}, error) {
		return struct{}{}, w.crowd.set(ctx, c)
	})
	handle(mux, "order", func(number string) (string, error) { return w.crowd.order(ctx, number), nil })
	handle(mux, "faults", func(often int) (struct{}, error) {
		w.faults.set(often)
		return struct{}{}, nil
	})
	handle(mux, "links", func(n int) (int, error) {
		if n > 0 {
			waiting, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			_ = w.slack.WaitLinks(waiting, n) // the number is the answer
		}
		return w.slack.Links(), nil
	})
	handle(mux, "drop", func(struct{}) (struct{}, error) {
		w.slack.DropLinks()
		return struct{}{}, nil
	})
	handle(mux, "hold", func(c HoldConfig) (struct{}, error) {
		w.arm(c)
		return struct{}{}, nil
	})
	handle(mux, "held", func(struct{}) ([]Held, error) { return w.held(), nil })
	handle(mux, "release", func(struct{}) (struct{}, error) {
		w.release()
		w.faults.release()
		return struct{}{}, nil
	})
	handle(mux, "late", func(text string) (bool, error) {
		if text != "" {
			w.faults.delay(text)
		}
		return w.faults.delayed(), nil
	})
	handle(mux, "arrivals", func(since int) ([]Arrival, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		return append([]Arrival{}, w.arrivals[min(since, len(w.arrivals)):]...), nil
	})
	handle(mux, "progress", func(struct{}) (Progress, error) { return w.crowd.progress(), nil })
	handle(mux, "lookedfor", func(number string) (bool, error) { return w.crowd.lookedFor(number), nil })
	handle(mux, "ledger", func(struct{}) (Ledger, error) { return w.ledger(), nil })
	return mux
}

func handle[In, Out any](mux *http.ServeMux, name string, do func(In) (Out, error)) {
	mux.HandleFunc("POST /"+name, func(w http.ResponseWriter, r *http.Request) {
		var in In
		err := json.NewDecoder(r.Body).Decode(&in)
		var out Out
		if err == nil {
			out, err = do(in)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(w).Encode(out) // the test may have gone
	})
}

// ask has the world do something.
func ask[Out any](ctx context.Context, a address, name string, in any) (Out, error) {
	var out Out
	body, err := json.Marshal(in)
	if err != nil {
		return out, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.Control+"/"+name, strings.NewReader(string(body)))
	if err != nil {
		return out, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return out, fmt.Errorf("asking the world: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(answer.Body)
		return out, errors.New(strings.TrimSpace(string(why)))
	}
	return out, json.NewDecoder(answer.Body).Decode(&out)
}
