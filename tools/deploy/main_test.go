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

// here is what the tests run on.
var here = platform{runtime.GOOS, runtime.GOARCH}

// fixed is an edition that says nothing of the work tree, whose state may change
// under a test.
func fixed() edition {
	return edition{
		source: repository, version: config.ToolVersion, revision: strings.Repeat("0123abcd", 5),
		made: time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC),
	}
}

// native is the command, built for what the tests run on. The linker takes a
// second or two, so the tests share one.
var native = sync.OnceValues(func() ([]byte, error) { return compile(context.Background(), fixed(), here) })

// prebuilt is a builder: the command for what the tests run on, and for other
// platforms a text that names them.
func prebuilt(_ context.Context, _ edition, p platform) ([]byte, error) {
	if p == here {
		return native()
	}
	return []byte("the command for " + p.String()), nil
}

// installed is a folder with the command in it.
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

// A finished is what came of a command.
type finished struct {
	status         int
	stdout, stderr string
}

// finish runs a command with nothing but env as its environment.
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

// contents is the text of a file.
func contents(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
