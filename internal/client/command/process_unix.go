//go:build unix

package command

import (
	"syscall"
	"time"
)

// attributes are those of a session of its own: with a process group, and without the terminal.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// signalGroup sends a signal to all processes of a group. What was stopped goes on, or it would
// not take it.
func signalGroup(leader int, s syscall.Signal) {
	if leader <= 1 {
		return // such numbers mean others
	}
	_ = syscall.Kill(-leader, s) // that there is none left is as good
	_ = syscall.Kill(-leader, syscall.SIGCONT)
}

// largestPipe is how much a system keeps in a pipe at most.
const largestPipe = 1 << 20

// interrupt ends the reading of what may still come.
func (p *pipe) interrupt() {
	_ = p.from.SetReadDeadline(time.Unix(1, 0)) // pipes have deadlines
}

// drain hands on what is in the pipe, without waiting for more, nor for a process that goes on
// printing.
func (p *pipe) drain(piece []byte) {
	_ = p.from.SetReadDeadline(time.Time{})
	raw, err := p.from.SyscallConn()
	if err != nil {
		return // it is closed
	}
	for left := largestPipe; left > 0; {
		n := 0
		err := raw.Read(func(fd uintptr) bool {
			n, _ = syscall.Read(int(fd), piece[:min(left, len(piece))]) // -1 if there is nothing yet
			return true
		})
		if err != nil || n <= 0 {
			return
		}
		_, _ = p.to.Write(piece[:n])
		left -= n
	}
}

// signals are those by which a process dies unless it does something about them, by name.
var signals = map[syscall.Signal]string{
	syscall.SIGHUP: "SIGHUP", syscall.SIGINT: "SIGINT", syscall.SIGQUIT: "SIGQUIT", syscall.SIGILL: "SIGILL",
	syscall.SIGTRAP: "SIGTRAP", syscall.SIGABRT: "SIGABRT", syscall.SIGBUS: "SIGBUS", syscall.SIGFPE: "SIGFPE",
	syscall.SIGKILL: "SIGKILL", syscall.SIGUSR1: "SIGUSR1", syscall.SIGSEGV: "SIGSEGV", syscall.SIGUSR2: "SIGUSR2",
	syscall.SIGPIPE: "SIGPIPE", syscall.SIGALRM: "SIGALRM", syscall.SIGTERM: "SIGTERM", syscall.SIGXCPU: "SIGXCPU",
	syscall.SIGXFSZ: "SIGXFSZ", syscall.SIGVTALRM: "SIGVTALRM", syscall.SIGPROF: "SIGPROF", syscall.SIGSYS: "SIGSYS",
}
