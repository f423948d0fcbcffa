package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
)

// started starts the command as a process, and returns what it prints first.
func started(t *testing.T, folder string, args ...string) (command *exec.Cmd, stdout *bufio.Reader, stderr *bytes.Buffer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	command = process(ctx, t, nil, args...)
	command.Dir = folder
	pipe, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr = &bytes.Buffer{}
	command.Stderr = stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	return command, bufio.NewReader(pipe), stderr
}

// statusOf waits for the end of a process, and returns its exit status; -1 if a signal ended it.
func statusOf(t *testing.T, command *exec.Cmd, stdout io.Reader) int {
	t.Helper()
	_, _ = io.Copy(io.Discard, stdout)
	if exit := (*exec.ExitError)(nil); !errors.As(command.Wait(), &exit) {
		return command.ProcessState.ExitCode()
	}
	return command.ProcessState.ExitCode()
}

var endings = map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGTERM": syscall.SIGTERM, "SIGHUP": syscall.SIGHUP}

// A signal is how a fake ends: the status is 0, and the files that lead to it are gone.
func TestSignalsEndTheFake(t *testing.T) {
	t.Parallel()
	for name, signal := range endings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			command, stdout, stderr := started(t, dir, "fake", "--env-file", "fake.env", "--tls-self-signed", "ca.pem")
			if line, err := stdout.ReadString('\n'); err != nil || !strings.HasPrefix(line, "https://") {
				t.Fatalf("expected an address, got %q, %v: %s", line, err, stderr.String())
			}
			if got := filesIn(t, dir); len(got) != 2 {
				t.Errorf("expected two files while it serves, got %q", got)
			}
			if err := command.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if status := statusOf(t, command, stdout); status != exitConforms || stderr.Len() > 0 {
				t.Errorf("expected status 0 and no word, got %d: %s", status, stderr.String())
			}
			if got := filesIn(t, dir); len(got) != 0 {
				t.Errorf("expected no files when it has ended, got %q", got)
			}
		})
	}
}

// The files are only removed while they are as the fake has written them.
func TestTheFakeRemovesItsOwnFilesOnly(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, file string){
		"edited": func(t *testing.T, file string) { t.Helper(); write(t, file, read(t, file)+"MINE=1\n") },
		"another's": func(t *testing.T, file string) {
			t.Helper()
			remove(t, file)
			write(t, file, "GESCONFORM_ENDPOINT=other\n")
		},
		"written again": func(t *testing.T, file string) {
			t.Helper()
			text := read(t, file)
			rename(t, file, file+".old")
			write(t, file, text)
		},
		"a link instead": func(t *testing.T, file string) { t.Helper(); rename(t, file, file+".old"); link(t, file+".old", file) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := filepath.Join(dir, "fake.env")
			command, stdout, stderr := started(t, dir, "fake", "--env-file", "fake.env")
			if _, err := stdout.ReadString('\n'); err != nil {
				t.Fatalf("%v: %s", err, stderr.String())
			}
			change(t, file)
			if err := command.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if status := statusOf(t, command, stdout); status != exitConforms {
				t.Errorf("expected status 0, got %d: %s", status, stderr.String())
			}
			if _, err := os.Lstat(file); err != nil {
				t.Errorf("expected the file to stay, got %v", err)
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, from string) {
	t.Helper()
	if err := os.Symlink(to, from); err != nil {
		t.Fatal(err)
	}
}

// heldEndpoint is an endpoint that holds its answers after the first few, until the test ends; givenUp is
// closed when the first of those requests has been given up.
func heldEndpoint(t *testing.T) (environ []string, held, givenUp <-chan struct{}) {
	t.Helper()
	fake := fakeserver.New(fakeserver.WithJournal(0))
	waits, left, end := make(chan struct{}), make(chan struct{}), make(chan struct{})
	leave := sync.OnceFunc(func() { close(left) })
	var mu sync.Mutex
	came := 0
	address := serverOf(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		came++
		if came == 30 {
			close(waits)
		}
		hold := came >= 30
		mu.Unlock()
		if hold {
			_, _ = io.Copy(io.Discard, r.Body) // net/http only notices that the client is gone once the body has been read
			select {
			case <-end:
			case <-r.Context().Done():
				leave()
			}
			return
		}
		fake.ServeHTTP(w, r)
	})
	t.Cleanup(func() { close(end) })
	return environOf(t, fake.Fixtures(), address), waits, left
}

// Whichever signal ends a run, even if it comes twice as from a terminal that is closed, the status
// is 130, and its folder has a whole report.
func TestSignalsLeaveTheReportOfARun(t *testing.T) {
	t.Parallel()
	for name, signals := range map[string][]syscall.Signal{
		"SIGINT": {syscall.SIGINT}, "SIGTERM": {syscall.SIGTERM}, "SIGHUP": {syscall.SIGHUP}, "SIGHUP twice": {syscall.SIGHUP, syscall.SIGHUP},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environ, held, givenUp := heldEndpoint(t)
			dir := t.TempDir()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			command := process(ctx, t, environ, "run", "--risk", "inert", "--output", dir)
			var stderr bytes.Buffer
			command.Stderr = &stderr
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			within(t, held, "a request that is held")
			for i, s := range signals {
				if i > 0 {
					within(t, givenUp, "a request that is given up") // the first one has come, and the report is being written
				}
				if err := command.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
					t.Fatal(err)
				}
			}
			if status := statusOf(t, command, strings.NewReader("")); status != exitInterrupted {
				t.Errorf("expected status 130, got %d: %s", status, stderr.String())
			}
			if run := wholeReports(t, dir); !run.Interrupted || run.Verdict == "" {
				t.Errorf("expected the report of an interrupted run, got %q", run.Headline)
			}
		})
	}
}

// What nohup has the process ignore does not end it.
func TestNohupHoldsForTheFake(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := process(ctx, t, nil, "fake")
	command.Args = []string{"sh", "-c", `trap "" HUP; exec "$0" "$@"`, command.Path, "fake"}
	command.Path, command.Dir = "/bin/sh", dir
	pipe, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	stdout := bufio.NewReader(pipe)
	line, err := stdout.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if status, _ := get(t, strings.TrimSpace(line)+"/_fake/metrics"); status != http.StatusOK {
		t.Errorf("expected it to serve on, got %d", status)
	}
	_ = command.Process.Signal(syscall.SIGTERM)
	if status := statusOf(t, command, stdout); status != exitConforms {
		t.Errorf("expected status 0, got %d", status)
	}
}

// In a working directory that has been deleted, whatever needs it ends with a sentence and status 2,
// and the rest works.
func TestDeletedWorkingDirectory(t *testing.T) {
	t.Parallel()
	const gone = `rmdir "$PWD"; exec "$0" "$@"`
	for _, tt := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"run", "--output", "report"}, exitNotJudged, `output: expected a folder that can be written to, got "report": no such file or directory (report); the working directory does not exist any more: run it in another, or set --output to an absolute path`},
		{[]string{"run", "--dry-run", "--output", "report"}, exitNotJudged, "the working directory does not exist any more"},
		{[]string{"fake", "--env-file", "fake.env"}, exitNotJudged, "write env file: "},
		{[]string{"fake", "--tls-self-signed", "ca.pem"}, exitNotJudged, "write CA file: "},
		{[]string{"judge", "report"}, exitNotJudged, "judge: "},
		{[]string{"merge", "--output", "all", "report"}, exitNotJudged, "merge: "},
		{[]string{"run", "--baseline", "before"}, exitNotJudged, "baseline: expected the folder of a run, or its results.json, got: before: no such file or directory"},
		{[]string{"cases", "--label-filter", "lifecycle"}, exitConforms, ""},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		command := process(ctx, t, nil)
		command.Args = append([]string{"sh", "-c", gone, command.Path}, tt.args...)
		command.Path = "/bin/sh"
		var stderr bytes.Buffer
		command.Stderr = &stderr
		_ = command.Run()
		if got := command.ProcessState.ExitCode(); got != tt.status || !strings.Contains(stderr.String(), tt.want) {
			t.Errorf("%q: expected status %d and %q, got %d: %s", tt.args, tt.status, tt.want, got, stderr.String())
		}
		cancel()
	}
}
