//go:build unix && !linux

package chaos

import "syscall"

// withParent is the usual way: the process sees that its input has ended.
func withParent() *syscall.SysProcAttr { return nil }

// memory is where files are in memory alone: nowhere.
func memory() string { return "" }
