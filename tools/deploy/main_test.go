package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/config"
)

// repository is the folder of the main module.
const repository = "../.."

// here is the platform that the tests run on.
var here = platform{runtime.GOOS, runtime.GOARCH}

// fixed is an edition that does not depend on the state of the work tree, which may change
// during a test.
func fixed() edition {
	return edition{
		source: repository, version: config.ToolVersion, revision: strings.Repeat("0123abcd", 5),
		made: time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC),
	}
}

// native returns the command, built for this platform. Linking takes a second or two, so all
// tests share it.
var native = sync.OnceValues(func() ([]byte, error) { return compile(context.Background(), fixed(), here) })

// prebuilt is a builder that returns native for this platform, and for any other a text with its
// name.
func prebuilt(_ context.Context, _ edition, p platform) ([]byte, error) {
	if p == here {
		return native()
	}
	return []byte("the command for " + p.String()), nil
}

// installed returns a folder that contains the command.
func installed(t *testing.T) string {
	t.Helper()
	binary, err := native()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, here.command()), binary, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A finished is the result of a command.
type finished struct {
	status         int
	stdout, stderr string
}

// finish runs a command with only env as its environment.
func finish(t *testing.T, dir string, env []string, name string, args ...string) finished {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &stdout, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return finished{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// contents returns the text of a file.
func contents(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
