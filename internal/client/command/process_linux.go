package command

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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

// rounds is how often processes are looked for: one may have started another before it was killed.
const rounds = 100

// killMarked kills each process that has all of these variables in its environment. With the
// credentials of a scenario among them, nothing else can have them but what its client has
// started, whatever group or session it is in now.
func killMarked(variables []string) {
	known := map[int]bool{os.Getpid(): true}
	for round, again := 0, true; again && round < rounds; round++ {
		again = false
		all, _ := filepath.Glob("/proc/[0-9]*") // the pattern is well-formed
		for _, dir := range all {
			pid, _ := strconv.Atoi(filepath.Base(dir)) // 0 if it is none
			if pid > 0 && !known[pid] && marked(dir, variables) {
				known[pid], again = true, true
				kill(pid, dir, variables)
			}
		}
	}
}

// kill kills a process if it still is the one that has the variables, and not another with its number.
func kill(pid int, dir string, variables []string) {
	process, err := os.FindProcess(pid)
	if err != nil {
		return // it has ended
	}
	defer func() { _ = process.Release() }() // of what it refers to nothing else does
	if marked(dir, variables) {
		_ = process.Kill() // or it has ended
	}
}

// marked reports whether a process has all of these variables in its environment.
func marked(dir string, variables []string) bool {
	environ, err := os.ReadFile(dir + "/environ")
	if err != nil || len(variables) == 0 {
		return false // it has ended, or belongs to somebody else
	}
	all := map[string]bool{}
	for v := range bytes.SplitSeq(environ, []byte{0}) {
		all[string(v)] = true
	}
	for _, v := range variables {
		if !all[v] {
			return false
		}
	}
	return true
}
