package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// selfVariable in its environment makes the test binary be the command itself,
// so that a test can have the command as a process without building it.
const selfVariable = "TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(selfVariable) != "" {
		main() // which exits
	}
	os.Exit(m.Run())
}

// process is the command as a process of its own, in an environment that holds
// what is given and nothing of the developer's. Several may be under way at
// once; runs within one process would share what Ginkgo keeps. It is killed
// where it does not end by itself, and never waits for a test that has ended.
func process(ctx context.Context, t *testing.T, environ []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(ctx, self, args...)
	command.Dir = t.TempDir()
	command.Env = append([]string{selfVariable + "=1", "PATH=" + os.Getenv("PATH"), "HOME=" + command.Dir, "TMPDIR=" + os.TempDir()}, environ...)
	command.WaitDelay = 5 * time.Second
	return command
}

// spawn runs the command as a process of its own. It fails the test where the
// command does not come to an end by itself.
func spawn(t *testing.T, environ []string, args ...string) called {
	t.Helper()
	return spawnUnder(t, nil, environ, args...)
}

// spawnUnder is spawn by another command, which ends by executing its last
// arguments.
func spawnUnder(t *testing.T, under, environ []string, args ...string) called {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := process(ctx, t, environ, args...)
	if len(under) > 0 {
		path, err := exec.LookPath(under[0])
		if err != nil {
			t.Fatal(err)
		}
		command.Args = slices.Concat(under, []string{command.Path}, args)
		command.Path = path
	}
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if ctx.Err() != nil {
		t.Fatalf("gesconform %q did not end: %.1000s %.1000s", args, stdout.String(), stderr.String())
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return called{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}
