//go:build unix

package command

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/judge"
)

// endpoint returns one with credentials that no other test has.
func endpoint(t *testing.T) client.Endpoint {
	return client.Endpoint{URL: "http://127.0.0.1:1", Token: fmt.Sprintf("token-of-%s-%d", t.Name(), os.Getpid()), Scenario: "plain"}
}

// shell returns a driver of a shell script.
func shell(t *testing.T, script string, args ...string) *Driver {
	t.Helper()
	d, err := New(append([]string{"/bin/sh", "-c", script, "sh"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// drive returns how a client ended, and what it printed.
func drive(t *testing.T, d *Driver) (o judge.ClientOutcome, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	o = d.Drive(t.Context(), endpoint(t), &out, &errs)
	return o, out.String(), errs.String()
}

func status(n int) *int { return &n }

func TestOutcomes(t *testing.T) {
	nothing := func(reason string) judge.ClientOutcome {
		return judge.ClientOutcome{Said: judge.SaidNothing, Reason: reason}
	}
	exited := func(o judge.ClientOutcome, n int, signal string) judge.ClientOutcome {
		o.ExitStatus, o.Signal = status(n), signal
		return o
	}
	died := func(signal string) judge.ClientOutcome {
		o := nothing(signal + " has ended it")
		o.Signal = signal
		return o
	}
	for _, tt := range []struct {
		script string
		want   judge.ClientOutcome
	}{
		{"exit 0", exited(judge.ClientOutcome{Said: judge.SaidSuccess}, 0, "")},
		{"exit 1", exited(judge.ClientOutcome{Said: judge.SaidFailure}, 1, "")},
		{"exit 76", exited(judge.ClientOutcome{Said: judge.SaidFailure}, 76, "")},
		{"exit 77", exited(judge.ClientOutcome{Said: judge.SaidNotApplicable}, 77, "")},
		{"exit 78", exited(judge.ClientOutcome{Said: judge.SaidFailure}, 78, "")},
		{"exit 125", exited(judge.ClientOutcome{Said: judge.SaidFailure}, 125, "")},
		{"/", exited(nothing("with exit status 126 shells say that a command could not be executed"), 126, "")},
		{"no-such-command-at-all", exited(nothing("with exit status 127 shells say that there is no such command"), 127, "")},
		{"exit 128", exited(judge.ClientOutcome{Said: judge.SaidFailure}, 128, "")},
		{"sh -c 'kill -9 $$'; exit $?", exited(nothing("with exit status 137 shells say that SIGKILL has ended the command"), 137, "SIGKILL")},
		{"exit 130", exited(nothing("with exit status 130 shells say that SIGINT has ended the command"), 130, "SIGINT")},
		{"exit 145", exited(judge.ClientOutcome{Said: judge.SaidFailure}, 145, "")}, // SIGCHLD and SIGSTOP end nothing
		{"exit 255", exited(judge.ClientOutcome{Said: judge.SaidFailure}, 255, "")},
		{"kill -TERM $$", died("SIGTERM")},
		{"kill -SEGV $$", died("SIGSEGV")},
		{"kill -PIPE $$", died("SIGPIPE")},
		{"kill -40 $$", died("signal 40")},
	} {
		t.Run(tt.script, func(t *testing.T) {
			o, stdout, stderr := drive(t, shell(t, tt.script))
			if got, want := fmt.Sprint(o, deref(o.ExitStatus)), fmt.Sprint(tt.want, deref(tt.want.ExitStatus)); !equal(o, tt.want) {
				t.Errorf("expected %s, got %s\n%s%s", want, got, stdout, stderr)
			}
		})
	}
}

func deref(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}

func equal(a, b judge.ClientOutcome) bool {
	return a.Said == b.Said && a.Reason == b.Reason && a.Signal == b.Signal && deref(a.ExitStatus) == deref(b.ExitStatus)
}

func TestNothingIsStartedTooLate(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(fmt.Errorf("the run has been interrupted"))
	dir := t.TempDir()
	o := shell(t, `: > "$1"/started`, dir).Drive(ctx, endpoint(t), os.Stdout, os.Stderr)
	if want := "it was not started: the run has been interrupted"; o.Said != judge.SaidNothing || o.Reason != want {
		t.Errorf("expected nothing, because %q, got %+v", want, o)
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) > 0 {
		t.Errorf("expected that nothing was started, got %v, %v", all, err)
	}
}
