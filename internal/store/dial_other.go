//go:build !linux

package store

import "syscall"

// giveUp leaves it to keep-alives to notice that a server is gone.
func giveUp(_, _ string, _ syscall.RawConn) error { return nil }
