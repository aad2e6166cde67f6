//go:build unix

package main

import "syscall"

// What stops a process where it is, and has it go on.
const sigStop, sigCont = syscall.SIGSTOP, syscall.SIGCONT
