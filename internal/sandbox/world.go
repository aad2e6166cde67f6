package sandbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/agentphone-slack/callbot/agentphone/agentphonetest"
	"github.com/agentphone-slack/callbot/internal/slackemulator"
)

// World is a workspace and a telephone network.
type World struct {
	Slack *slackemulator.Server
	Phone *agentphonetest.Simulator
	// Person is who the script speaks for, and Channel is where.
	Person  *slackemulator.User
	Channel string
	// Admin is who may pause all calls and lift bans; nil until [World.Furnish].
	Admin *slackemulator.User

	phoneAddr string
	phoneMu   sync.Mutex
	phone     *http.Server // nil: no connection opens

	conditionsMu     sync.Mutex
	phoneIs, slackIs Condition
}

// APIKey is the key that the simulated AgentPhone accepts.
const APIKey = "sandbox-key"

// Rate is the simulated AgentPhone's limit: requests in a window of simulated time.
const (
	Rate   = 10
	Window = time.Minute
)

// Poll is how often a bot looks at its calls, in simulated time.
const Poll = 10 * time.Second

// Start opens a world for the app of that manifest. Calls, and the window of the
// rate limit, go speed times as fast as in life. The caller closes it.
func Start(ctx context.Context, manifest []byte, speed float64) (*World, error) {
	slack, err := slackemulator.Listen(ctx, slackemulator.WithManifest(manifest))
	if err != nil {
		return nil, fmt.Errorf("starting the emulated Slack: %w", err)
	}
	w := &World{Slack: slack, Channel: "#general", phoneIs: Up, slackIs: Up}
	w.Person = slack.AddUser("ana", slackemulator.RealName("Ana Flores"))
	ben := slack.AddUser("ben", slackemulator.RealName("Ben Okafor"))
	slack.AddChannel(w.Channel, w.Person, ben)

	w.Phone = agentphonetest.New(agentphonetest.WithKey(APIKey), agentphonetest.WithSpeed(speed), agentphonetest.WithRate(Rate, Window))
	if err := w.ConnectPhone(ctx); err != nil {
		return nil, errors.Join(err, slack.Close())
	}
	return w, nil
}

// Furnish adds more people and channels: an admin, a guest, and a private channel.
func (w *World) Furnish() {
	slack := w.Slack
	carol := slack.AddUser("carol", slackemulator.RealName("Carol Lindqvist"), slackemulator.WorkspaceAdmin(), slackemulator.TimeZone("America/New_York"))
	dev := slack.AddUser("dev", slackemulator.RealName("Dev Patel"), slackemulator.Guest(false), slackemulator.TimeZone("Europe/London"))
	for _, u := range []*slackemulator.User{carol, dev} {
		slack.Channel(w.Channel).Join(u)
	}
	slack.AddChannel("#front-desk", w.Person, slack.User("ben"))
	slack.AddChannel("#finance", slackemulator.Private(), w.Person, carol)
	w.Admin = carol
	for _, u := range slack.People() {
		u.DM() // it is opened
	}
}

// ConnectPhone lets connections to the simulated AgentPhone open, at the address that it
// has had before.
func (w *World) ConnectPhone(ctx context.Context) error {
	w.phoneMu.Lock()
	defer w.phoneMu.Unlock()
	if w.phone != nil {
		return nil
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", cmp.Or(w.phoneAddr, "127.0.0.1:0"))
	if err != nil {
		return fmt.Errorf("starting the simulated AgentPhone: %w", err)
	}
	w.phoneAddr = l.Addr().String()
	server := &http.Server{Handler: w.Phone, ReadHeaderTimeout: 10 * time.Second}
	w.phone = server
	go func() { _ = server.Serve(l) }() // it ends with Close
	return nil
}

// DisconnectPhone cuts the connections to the simulated AgentPhone, and lets none open.
func (w *World) DisconnectPhone() error {
	w.phoneMu.Lock()
	defer w.phoneMu.Unlock()
	if w.phone == nil {
		return nil
	}
	err := w.phone.Close()
	w.phone = nil
	return err
}

// PhoneURL is the base URL of the simulated AgentPhone.
func (w *World) PhoneURL() string {
	w.phoneMu.Lock()
	defer w.phoneMu.Unlock()
	return "http://" + w.phoneAddr + agentphonetest.BasePath
}

// Close ends the world.
func (w *World) Close() error {
	w.Phone.Close()
	return errors.Join(w.DisconnectPhone(), w.Slack.Close())
}
