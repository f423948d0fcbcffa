package command

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/internal/client"
)

// rounds is how often processes are looked for: one may have started another before it was killed.
const rounds = 100

// A mark is how what a client has started is told from everything else. Two things must agree, so
// that no mistake in one of them could end what is not ours: such a process is no older than the
// client, and has the variables of the endpoint, whose credentials nothing else has.
type mark struct {
	proc      string // the folder of all processes
	leader    int    // the client
	since     uint64
	variables []string
}

// markOf returns the mark of a client. There is none if it is gone, or has no credentials.
func markOf(proc string, leader int, e *client.Endpoint) (m mark, ok bool) {
	since, ok := started(filepath.Join(proc, strconv.Itoa(leader)))
	return mark{proc, leader, since, e.Environ()}, ok && e.Token+e.SecretKey != ""
}

// killMarked kills what a client has started and has left its group.
func killMarked(leader int, e *client.Endpoint) {
	m, ok := markOf("/proc", leader, e)
	known := map[int]bool{}
	for round, again := 0, ok; again && round < rounds; round++ {
		again = false
		for _, pid := range m.all() {
			if !known[pid] {
				known[pid], again = true, true
				m.kill(pid)
			}
		}
	}
}

// kill kills a process if it still has the mark, and is not another with its number.
func (m *mark) kill(pid int) {
	process, err := os.FindProcess(pid)
	if err != nil {
		return // it has ended
	}
	defer func() { _ = process.Release() }() // nothing else refers to it
	if m.on(pid) {
		_ = process.Kill() // or it has ended
	}
}

// all returns the processes that have the mark.
func (m *mark) all() (pids []int) {
	dirs, _ := filepath.Glob(filepath.Join(m.proc, "[0-9]*")) // the pattern is well-formed
	for _, dir := range dirs {
		if pid, err := strconv.Atoi(filepath.Base(dir)); err == nil && m.on(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// on reports whether a process other than the client has the mark.
func (m *mark) on(pid int) bool {
	dir := filepath.Join(m.proc, strconv.Itoa(pid))
	at, ok := started(dir)
	return ok && at >= m.since && pid > 1 && pid != m.leader && has(dir, m.variables)
}

// started returns when a process was started, in ticks of a clock.
func started(dir string) (ticks uint64, ok bool) {
	stat, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return 0, false // it has ended
	}
	// The second field is a name in brackets, which may have anything in it; this is the 22nd.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 20 {
		return 0, false
	}
	ticks, err = strconv.ParseUint(fields[19], 10, 64)
	return ticks, err == nil
}

// has reports whether a process has all of these variables in its environment.
func has(dir string, variables []string) bool {
	environ, err := os.ReadFile(filepath.Join(dir, "environ"))
	if err != nil {
		return false // it has ended, or belongs to somebody else
	}
	all := strings.Split(string(environ), "\x00")
	for _, v := range variables {
		if !slices.Contains(all, v) {
			return false
		}
	}
	return len(variables) > 0
}
