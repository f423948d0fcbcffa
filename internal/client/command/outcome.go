package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/gesconform/gesconform/internal/judge"
)

// The exit statuses that mean something. Above bySignal a shell says by which signal the command
// has died.
const (
	success       = 0
	notApplicable = 77
	notExecutable = 126
	notFound      = 127
	bySignal      = 128
)

// outcome says what a process has said when it exited.
func outcome(state *os.ProcessState) judge.ClientOutcome {
	if state == nil {
		return nothing("its exit status is unknown")
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		name := signalName(status.Signal())
		o := nothing("%s has ended it", name)
		o.Signal = name
		return o
	}
	status := state.ExitCode()
	o := judge.ClientOutcome{Said: judge.SaidFailure}
	switch name := signals[syscall.Signal(status-bySignal)]; {
	case status == success:
		o.Said = judge.SaidSuccess
	case status == notApplicable:
		o.Said = judge.SaidNotApplicable
	case status == notExecutable:
		o = nothing("with exit status 126 shells say that a command could not be executed")
	case status == notFound:
		o = nothing("with exit status 127 shells say that there is no such command")
	case name != "":
		o = nothing("with exit status %d shells say that %s has ended the command", status, name)
		o.Signal = name
	}
	o.ExitStatus = &status
	return o
}

func signalName(s syscall.Signal) string {
	if name, ok := signals[s]; ok {
		return name
	}
	return fmt.Sprintf("signal %d", int(s))
}

func nothing(format string, args ...any) judge.ClientOutcome {
	return judge.ClientOutcome{Said: judge.SaidNothing, Reason: fmt.Sprintf(format, args...)}
}

// notStarted says why a file that may be executed was not.
func notStarted(path string, err error) string {
	_, missing := os.Stat(path)
	switch {
	case errors.Is(err, syscall.ENOEXEC):
		return err.Error() + ": it is no program of this machine, and no script that begins with #!"
	case errors.Is(err, fs.ErrNotExist) && missing == nil:
		return err.Error() + ": it is there, so what is missing is its loader or its interpreter"
	}
	return err.Error()
}
