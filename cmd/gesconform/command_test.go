package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/selftest/clients"
)

// Credentials that no output may contain.
const (
	markedToken    = "MARKED-token/with+signs=0001"
	markedReadonly = "MARKED-readonly/with+signs=0002"
	markedExpired  = "MARKED-expired/with+signs=0003"
)

// An outcome is the exit status and the output of a call of the command.
type outcome struct {
	status         int
	stdout, stderr string
}

// call runs the command in this process. It fails the test if the command does not end
// within a minute.
func call(t *testing.T, environ []string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := callIn(ctx, t, environ, args...)
	if ctx.Err() != nil {
		t.Fatalf("gesconform %q did not end", args)
	}
	return c
}

// callIn runs the command in this process until ctx ends, which interrupts it.
func callIn(ctx context.Context, t *testing.T, environ []string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() { ended <- execute(ctx, args, environ, &stdout, &stderr) }()
	status := within(t, ended, fmt.Sprintf("the end of gesconform %q", args))
	return outcome{status, stdout.String(), stderr.String()}
}

// within waits for what, which a channel brings. If it does not come within two minutes, the test
// fails, with the stacks of all goroutines: what waited on would only end with the time of all tests,
// which does not say what has waited for what.
func within[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(2 * time.Minute):
		stacks := make([]byte, 1<<20)
		t.Fatalf("expected %s within two minutes; got\n%s", what, stacks[:runtime.Stack(stacks, true)])
		panic("unreachable")
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// runArgs are arguments that judge an endpoint with marked credentials.
func runArgs(endpoint string, more ...string) []string {
	return append([]string{
		"run", "--endpoint", endpoint, "--project-id", "0123456789abcdef0123456789abcdef", "--graph-id", "53205529-026b-455a-9e07-228fae4b12b9",
		"--token", markedToken, "--readonly-token", markedReadonly, "--expired-token", markedExpired, "--request-timeout", "20s", "--job-timeout", "1s",
	}, more...)
}

// oneSentence makes sure that standard error is one short line that contains the wanted
// texts, and that nothing in the output is ugly or secret.
func oneSentence(t *testing.T, c outcome, wanted ...string) {
	t.Helper()
	if strings.Count(c.stderr, "\n") != 1 || !strings.HasSuffix(c.stderr, "\n") || !strings.HasPrefix(c.stderr, "gesconform: ") {
		t.Errorf("expected one line on standard error, got %q", c.stderr)
	}
	for _, want := range wanted {
		if !strings.Contains(c.stderr, want) {
			t.Errorf("expected %q on standard error, got %q", want, c.stderr)
		}
	}
	if len(c.stderr) > 600 {
		t.Errorf("expected at most 600 bytes on standard error, got %d", len(c.stderr))
	}
	plain(t, c)
}

// plain makes sure that the output has no stack trace, control characters or credentials.
func plain(t *testing.T, c outcome) {
	t.Helper()
	for name, text := range map[string]string{"stdout": c.stdout, "stderr": c.stderr} {
		for _, bad := range []string{"panic", "goroutine ", "runtime error", ".go:", "MARKED-", "\x1b", "\x00", "\r"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s contains %q: %.300q", name, bad, text)
			}
		}
	}
}

// selfVariable is an environment variable that makes the test binary run the command, so
// that a test can start the command as a process without building it.
const selfVariable = "TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	clients.Main() // if this is a client
	if os.Getenv(selfVariable) != "" {
		main() // which exits
	}
	// As main does. Without it, a quarter of the time of all tests goes into collecting.
	debug.SetGCPercent(400)
	log.SetOutput(io.Discard)
	dial = dialAny
	os.Exit(m.Run())
}

// process returns the command as a process of its own, in a folder of its own. Its
// environment has the given variables, and none of the developer's except PATH. It is
// killed when ctx ends.
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

// spawnUnder runs the command as a process of its own, by another command (under), which
// executes its last arguments. It fails the test if that does not end within two minutes.
func spawnUnder(t *testing.T, under []string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	command := process(ctx, t, nil, args...)
	path, err := exec.LookPath(under[0])
	if err != nil {
		t.Fatal(err)
	}
	command.Args = slices.Concat(under, []string{command.Path}, args)
	command.Path = path
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err = command.Run()
	if ctx.Err() != nil {
		t.Fatalf("gesconform %q did not end: %.1000s %.1000s", args, stdout.String(), stderr.String())
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// skipIfShort skips a test that repeats whole runs of the suite.
func skipIfShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("repeats whole runs, which takes a second or more; the whole test runs without -short")
	}
}

func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// edit tampers with a file: it replaces the first was with is.
func edit(t *testing.T, path, was, is string) {
	t.Helper()
	text := read(t, path)
	if !strings.Contains(text, was) {
		t.Fatalf("%s: expected %q", path, was)
	}
	write(t, path, strings.Replace(text, was, is, 1))
}
