package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
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

	phoneURL string
	phone    *http.Server
}

// APIKey is the key that the simulated AgentPhone accepts.
const APIKey = "sandbox-key"

// Rate is the simulated AgentPhone's limit: requests in a window of simulated time.
const (
	Rate   = 10
	Window = time.Minute
)

// Start opens a world for the app of that manifest. Calls, and the window of the
// rate limit, go speed times as fast as in life. The caller closes it.
func Start(ctx context.Context, manifest []byte, speed float64) (*World, error) {
	slack, err := slackemulator.Listen(ctx, slackemulator.WithManifest(manifest))
	if err != nil {
		return nil, fmt.Errorf("starting the emulated Slack: %w", err)
	}
	w := &World{Slack: slack, Channel: "#general"}
	w.Person = slack.AddUser("ana", slackemulator.RealName("Ana Flores"))
	ben := slack.AddUser("ben", slackemulator.RealName("Ben Okafor"))
	slack.AddChannel(w.Channel, w.Person, ben)

	w.Phone = agentphonetest.New(agentphonetest.WithKey(APIKey), agentphonetest.WithSpeed(speed), agentphonetest.WithRate(Rate, Window))
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the simulated AgentPhone: %w", err), slack.Close())
	}
	w.phoneURL = "http://" + l.Addr().String() + agentphonetest.BasePath
	w.phone = &http.Server{Handler: w.Phone, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = w.phone.Serve(l) }() // it ends with Close
	return w, nil
}

// PhoneURL is the base URL of the simulated AgentPhone.
func (w *World) PhoneURL() string { return w.phoneURL }

// Close ends the world.
func (w *World) Close() error {
	w.Phone.Close()
	return errors.Join(w.phone.Close(), w.Slack.Close())
}
