//go:build !unix

package command

import (
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

func attributes() *syscall.SysProcAttr { return nil }

// signalGroup kills a process and what it has started, whatever the signal: there is no other.
func signalGroup(leader int, _ syscall.Signal) {
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(leader)).Run() // that there is none left is as good
}

// interrupt gives what has been printed a second to arrive: nobody can tell whether more will come.
func (p *pipe) interrupt() {
	select {
	case <-p.done:
	case <-time.After(time.Second):
		_ = p.from.Close() // it has only been read
	}
}

func (*pipe) drain([]byte) {}

var signals map[syscall.Signal]string
