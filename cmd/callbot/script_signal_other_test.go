//go:build !unix

package main

import "syscall"

// There are none here: a scenario that sends one fails and says so.
const sigStop, sigCont = syscall.Signal(-1), syscall.Signal(-1)
