package store

import (
	"net"
	"time"
)

// deadAfter is how long a server of Postgres may acknowledge nothing before its connections
// are given up: where one is replaced by another at a different address, nobody is left to
// say that they are gone, and the system itself would wait for a quarter of an hour.
const deadAfter = 10 * time.Second

// dialer makes connections that notice so, whether something was sent or is waited for.
func dialer() *net.Dialer {
	return &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: deadAfter / 2, Interval: deadAfter / 4, Count: 2},
		Control:         giveUp,
	}
}
