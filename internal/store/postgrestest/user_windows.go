package postgrestest

import (
	"fmt"
	"os/exec"
)

// account is who the server runs as.
type account struct{}

// unprivileged fails: a private server is supervised by a Unix shell.
func unprivileged() (account, error) {
	return account{}, fmt.Errorf("%w: on Windows only a running server is used", errNone)
}

func (account) command(name string, args ...string) *exec.Cmd {
	return exec.Command(name, args...) //nolint:gosec,noctx // never reached
}

func (account) own(string) error { return nil }
