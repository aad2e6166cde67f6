package store_test

import (
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/agentphone-slack/callbot/internal/store"
)

// TestAServerThatIsGone is noticed: the system is told how long to wait for it. (To see it
// takes a network that loses everything.)
func TestAServerThatIsGone(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	conn, err := store.Dialer().DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	options := map[string]int{}
	err = raw.Control(func(fd uintptr) {
		for name, option := range map[string]int{
			"user timeout in ms": unix.TCP_USER_TIMEOUT, "idle": unix.TCP_KEEPIDLE, "interval": unix.TCP_KEEPINTVL, "count": unix.TCP_KEEPCNT,
		} {
			if options[name], err = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, option); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	waits := time.Duration(options["user timeout in ms"]) * time.Millisecond
	alive := time.Duration(options["idle"]+options["interval"]*options["count"]) * time.Second
	if waits <= 0 || waits > 15*time.Second || alive <= 0 || alive > 15*time.Second {
		t.Errorf("what is sent is waited for for %s, what is to come for %s: %v", waits, alive, options)
	}
}
