package store

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// errLocked says that somebody else holds the lock.
var errLocked = errors.New("locked")

// flock takes the lock on f without waiting. It goes when f is closed, or with the process.
// The locked byte lies far behind the text in f, which others may read: on Windows nobody
// reads what is locked.
func flock(f *os.File) error {
	at := windows.Overlapped{Offset: 1 << 30}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return errLocked
	}
	return err
}
