// Package command runs a client that is a command: a process for each scenario, in a session of its
// own, that ends with all that it has started.
package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/judge"
)

const (
	// grace is how long a client may take that was asked to end (SIGTERM), before it is killed.
	grace = 2 * time.Second
	// undying is how long one may take that was killed: it may not be ours to kill, as with sudo, or
	// wait for a disk.
	undying = 10 * time.Second
)

// A Driver runs a command. Its Drive may be called concurrently.
type Driver struct {
	path string
	argv []string

	grace, undying time.Duration
	signal         func(leader int, s syscall.Signal) // to its group
}

var _ client.Driver = (*Driver)(nil)

// New returns a driver of a command: its name, which is looked for as shells do, and its arguments.
// An error says in a sentence why there is no such command.
func New(argv []string) (*Driver, error) {
	path, err := find(argv)
	if err != nil {
		return nil, err
	}
	return &Driver{path: path, argv: argv, grace: grace, undying: undying, signal: signalGroup}, nil
}

// Drive implements client.Driver. The client has no terminal, and nothing to read. When it has
// exited, what it has started is killed: its process group, and on Linux each process that has
// kept the environment that the client was given. Out of reach is what has left the group and
// dropped the environment, what another user runs, and what a daemon has started for the client,
// such as a container.
func (d *Driver) Drive(ctx context.Context, e client.Endpoint, stdout, stderr io.Writer) judge.ClientOutcome {
	if ctx.Err() != nil {
		return nothing("it was not started: %v", context.Cause(ctx))
	}
	cmd := &exec.Cmd{Path: d.path, Args: d.argv, Env: environ(os.Environ(), &e), SysProcAttr: attributes()}
	printed, err := start(cmd, stdout, stderr)
	if err != nil {
		return nothing("it could not be started: %s", notStarted(d.path, err))
	}
	gone, ended := d.await(ctx, cmd)
	killMarked(cmd.Process.Pid, &e)
	for _, p := range printed {
		p.finish()
	}
	if !gone {
		return nothing("it was ended: %v; but it has not exited %v after it was killed (process %d)", ended, d.undying, cmd.Process.Pid)
	}
	_ = cmd.Wait() // what it says is in the state
	o := outcome(cmd.ProcessState)
	if ended != nil {
		o.Said, o.Reason = judge.SaidNothing, fmt.Sprintf("it was ended: %v", ended)
	}
	return o
}

// await waits until a client has exited, ends it if ctx ends before, and kills the rest of its
// group. It returns whether the client is gone, and why it had to be ended. As long as nobody has
// asked for its exit status, no other group can have the number of its own.
func (d *Driver) await(ctx context.Context, cmd *exec.Cmd) (gone bool, ended error) {
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		awaitExit(cmd)
	}()
	leader := cmd.Process.Pid
	select {
	case <-exited:
	case <-ctx.Done():
		ended = context.Cause(ctx)
		d.signal(leader, syscall.SIGTERM)
		select {
		case <-exited:
		case <-time.After(d.grace):
		}
	}
	d.signal(leader, syscall.SIGKILL)
	select {
	case <-exited:
		return true, ended
	case <-time.After(d.undying):
		return false, ended
	}
}
