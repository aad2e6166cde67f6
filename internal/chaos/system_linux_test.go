package chaos

import "syscall"

// withParent has a process killed with its parent, even one that is stopped and so does
// not see that its input has ended.
func withParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// memory is where files are in memory alone, if there is room. A process that is killed
// loses nothing of what it wrote there either, and two databases on one disk would wait
// for it most of the time.
func memory() string {
	const dir, room = "/dev/shm", 512 << 20
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil || fs.Bavail*uint64(fs.Bsize) < room { //nolint:gosec // a size is not negative
		return ""
	}
	return dir
}
