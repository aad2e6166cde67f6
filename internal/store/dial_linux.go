package store

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// giveUp has the system give a connection up of which it was told nothing for deadAfter.
// Keep-alives alone do not: they are not sent while something waits to be acknowledged.
func giveUp(network, _ string, c syscall.RawConn) error {
	if network == "unix" {
		return nil
	}
	var set error
	err := c.Control(func(fd uintptr) {
		set = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(deadAfter.Milliseconds()))
	})
	if err = errors.Join(err, set); err != nil {
		return fmt.Errorf("limit how long a server may be silent: %w", err)
	}
	return nil
}
