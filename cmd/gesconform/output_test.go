package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/result"
)

// Every subcommand that writes a folder refuses one that holds a run, before anything is sent, and
// replaces it with --force.
func TestOutputOfAnotherRun(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	fake := fakeserver.New()
	var came atomic.Int64
	endpoint := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
		came.Add(1)
		fake.ServeHTTP(w, r)
	})
	environ := environOf(t, fake.Fixtures(), endpoint)
	targets := &fakeTargets{t: t}
	targets.add("one", endpoint, fake.Fixtures())
	many := targets.file()
	filter := []string{"--risk", "inert", "--label-filter", "showGraph"}
	source := t.TempDir()
	if c := call(t, environ, append([]string{"run", "--output", source}, filter...)...); c.status != exitConforms {
		t.Fatalf("expected status 0, got %d: %s", c.status, c.stderr)
	}
	for _, tt := range []struct {
		name    string
		environ []string
		args    []string
	}{
		{"run", environ, append([]string{"run"}, filter...)},
		{"dry run", environ, append([]string{"run", "--dry-run"}, filter...)},
		{"targets", targets.environ, append([]string{"run", "--targets", many}, filter...)},
		{"dry run of targets", targets.environ, append([]string{"run", "--targets", many, "--dry-run"}, filter...)},
		{"judge", nil, []string{"judge", source}},
		{"merge", nil, []string{"merge", source}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			output := t.TempDir()
			args := slices.Concat(tt.args, []string{"--output", output})
			write(t, filepath.Join(output, "mine.txt"), "mine")
			if c := call(t, tt.environ, args...); c.status != exitConforms {
				t.Fatalf("expected status 0, got %d: %s", c.status, c.stderr)
			}
			before := came.Load()
			c := call(t, tt.environ, args...)
			if c.status != exitNotJudged || came.Load() != before {
				t.Errorf("expected status 2 and nothing sent, got %d and %d requests: %s", c.status, came.Load()-before, c.stderr)
			}
			oneSentence(t, c, "output: "+output, "--force to replace it")
			if c := call(t, tt.environ, append(args, "--force")...); c.status != exitConforms {
				t.Errorf("expected status 0 with --force, got %d: %s", c.status, c.stderr)
			}
			if got := read(t, filepath.Join(output, "mine.txt")); got != "mine" {
				t.Errorf("expected other files untouched, got %q", got)
			}
		})
	}
	t.Run("judge onto itself", func(t *testing.T) {
		before := read(t, filepath.Join(source, result.SumsFile))
		c := call(t, nil, "judge", source, "--output", source, "--force")
		if c.status != exitNotJudged || read(t, filepath.Join(source, result.SumsFile)) != before {
			t.Errorf("expected status 2 and nothing changed, got %d", c.status)
		}
		oneSentence(t, c, "is the folder to judge")
	})
}

// The fake replaces the files of a fake that was killed, and nobody else's.
func TestFilesOfTheFake(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"--env-file", "--tls-self-signed"} {
		dir := t.TempDir()
		mine, link, pipe := filepath.Join(dir, "mine"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
		write(t, mine, "mine")
		if err := os.Symlink(mine, link); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
		for path, want := range map[string]string{mine: "was not written by `gesconform fake`", link: "got a link", pipe: "got a named pipe"} {
			c := call(t, nil, "fake", flag, path)
			if c.status != exitNotJudged {
				t.Errorf("%s %s: expected status 2, got %d", flag, path, c.status)
			}
			oneSentence(t, c, path, want)
		}
		if got := read(t, mine); got != "mine" {
			t.Errorf("%s: expected the file untouched, got %q", flag, got)
		}
		left := filepath.Join(dir, "left")
		startFake(t, flag, left)
		before := read(t, left)
		startFake(t, flag, left)
		if after := read(t, left); after == before || after == "" {
			t.Errorf("%s: expected the file of the earlier fake to be replaced, got %q", flag, after)
		}
	}
}

// An interruption ends judge and merge with 130.
func TestInterruptedJudging(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	folder := recorded(t, exitConforms, "--label-filter", "valid", "--risk", "inert")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, args := range [][]string{{"judge", folder}, {"merge", folder, "--output", t.TempDir()}} {
		if c := callIn(ctx, t, nil, args...); c.status != exitInterrupted || strings.Contains(c.stdout, "conforms") {
			t.Errorf("%s: expected status 130 and no verdict, got %d: %s%s", args[0], c.status, c.stdout, c.stderr)
		}
	}
}
