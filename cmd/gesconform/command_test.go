package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// marked are credentials that no output may carry.
const (
	markedToken    = "MARKED-token/with+signs=0001"
	markedReadonly = "MARKED-readonly/with+signs=0002"
	markedExpired  = "MARKED-expired/with+signs=0003"
)

// An outcome is what became of a call of the command.
type outcome struct {
	status         int
	stdout, stderr string
}

// call runs the command in this process. It fails the test where the command
// does not come to an end by itself.
func call(t *testing.T, environ []string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	status := execute(ctx, args, environ, &stdout, &stderr)
	if ctx.Err() != nil {
		t.Fatalf("gesconform %q did not end", args)
	}
	return outcome{status, stdout.String(), stderr.String()}
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
		"--token", markedToken, "--readonly-token", markedReadonly, "--expired-token", markedExpired, "--request-timeout", "1s", "--job-timeout", "1s",
	}, more...)
}

// oneSentence makes sure that the standard error is one line that says what is
// wrong, holds what is wanted, and gives nothing away.
func oneSentence(t *testing.T, c outcome, wanted ...string) {
	t.Helper()
	if strings.Count(c.stderr, "\n") != 1 || !strings.HasSuffix(c.stderr, "\n") || !strings.HasPrefix(c.stderr, "gesconform: ") {
		t.Errorf("expected one line of standard error, got %q", c.stderr)
	}
	for _, want := range wanted {
		if !strings.Contains(c.stderr, want) {
			t.Errorf("expected %q in the standard error %q", want, c.stderr)
		}
	}
	if len(c.stderr) > 600 {
		t.Errorf("the sentence is %d bytes long", len(c.stderr))
	}
	plain(t, c)
}

// plain makes sure that nothing in the output is a stack, a control character or
// a credential.
func plain(t *testing.T, c outcome) {
	t.Helper()
	for name, text := range map[string]string{"stdout": c.stdout, "stderr": c.stderr} {
		for _, bad := range []string{"panic", "goroutine ", "runtime error", ".go:", "MARKED-", "\x1b", "\x00", "\r"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s holds %q: %.300q", name, bad, text)
			}
		}
	}
}

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
// once. It is killed where it does not end by itself, and never waits for a test that
// has ended.
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
func spawn(t *testing.T, environ []string, args ...string) outcome {
	t.Helper()
	return spawnUnder(t, nil, environ, args...)
}

// spawnUnder is spawn by another command, which ends by executing its last
// arguments.
func spawnUnder(t *testing.T, under, environ []string, args ...string) outcome {
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
	return outcome{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
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

// edit changes a file as nobody should.
func edit(t *testing.T, path, was, is string) {
	t.Helper()
	text := read(t, path)
	if !strings.Contains(text, was) {
		t.Fatalf("%s: expected %q", path, was)
	}
	write(t, path, strings.Replace(text, was, is, 1))
}
