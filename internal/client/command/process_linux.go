package command

import (
	"os/exec"
	"syscall"
)

// awaitExit waits until a process has exited, and leaves its exit status, and with that its number,
// as they are.
func awaitExit(cmd *exec.Cmd) {
	const onePID, exited, leave = 1, 0x4, 0x1000000 // P_PID, WEXITED and WNOWAIT of waitid(2)
	for {
		_, _, err := syscall.Syscall6(syscall.SYS_WAITID, onePID, uintptr(cmd.Process.Pid), 0, exited|leave, 0, 0)
		if err != syscall.EINTR {
			return // it has, or Wait will say why nobody knows
		}
	}
}
