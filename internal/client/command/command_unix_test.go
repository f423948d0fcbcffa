//go:build unix

package command

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/judge"
)

var errLate = errors.New("it took too long")

// Whatever a client has started ends with it, by whatever way it ends.
func TestTheWholeGroupEnds(t *testing.T) {
	for _, tt := range []struct {
		name   string
		line   []string
		grace  time.Duration
		signal string // by which it dies if it is ended
	}{
		{"one", []string{"a"}, longGrace, "SIGTERM"},
		{"a grandchild that has the pipes", []string{"a", "b"}, longGrace, "SIGTERM"},
		{"three generations", []string{"a", "b", "c", "d"}, longGrace, "SIGTERM"},
		{"that do not want to", []string{"a:ignores-SIGTERM", "b:ignores-SIGTERM", "c:ignores-SIGTERM"}, 0, "SIGKILL"},
		{"a grandchild that does not want to", []string{"a", "b:ignores-SIGTERM"}, longGrace, "SIGTERM"},
		{"one that has stopped", []string{"a:stops"}, longGrace, "SIGTERM"},
		{"a grandchild that has stopped", []string{"a", "b:stops"}, longGrace, "SIGTERM"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFamily(t)
			d := f.driver(t, tt.line...)
			d.grace = tt.grace
			o, _ := f.run(t, d, len(tt.line), func(end context.CancelCauseFunc) { end(errLate) })
			if f.noneIsLeft(t); o.Said != judge.SaidNothing || o.Reason != "it was ended: it took too long" || o.Signal != tt.signal {
				t.Errorf("expected nothing, why, and %s, got %+v", tt.signal, o)
			}
			if strings.Contains(tt.line[0], ":stops") {
				return
			}
			f = newFamily(t)
			o, _ = f.run(t, f.driver(t, tt.line...), len(tt.line), func(context.CancelCauseFunc) { _ = f.members["a"].Close() })
			if f.noneIsLeft(t); o.Said != judge.SaidSuccess {
				t.Errorf("expected success, got %+v", o)
			}
		})
	}
}

// longGrace is long enough for whoever wants to end.
const longGrace = time.Minute

// A client that is told to end may say something before.
func TestAClientMayEndByItself(t *testing.T) {
	d := shell(t, `trap 'echo told; exit 3' TERM; echo ready; while :; do read line; done`)
	d.grace = longGrace
	ctx, end := context.WithCancelCause(t.Context())
	defer end(nil)
	var out bytes.Buffer
	o := d.Drive(ctx, endpoint(t), writer(func(p []byte) {
		if out.Write(p); strings.Contains(string(p), "ready") {
			end(errLate)
		}
	}), io.Discard)
	if out.String() != "ready\ntold\n" || o.Said != judge.SaidNothing || o.Reason != "it was ended: it took too long" || deref(o.ExitStatus) != 3 {
		t.Errorf("expected that it was told, got %q, %+v", out.String(), o)
	}
}

type writer func([]byte)

func (w writer) Write(p []byte) (int, error) { w(p); return len(p), nil }

// It is first asked to end, and what is left is always killed.
func TestSignals(t *testing.T) {
	for _, tt := range []struct {
		ended bool
		want  string
	}{{false, "killed "}, {true, "terminated killed "}} {
		f := newFamily(t)
		d := f.driver(t, "a")
		got := ""
		d.signal = func(leader int, s syscall.Signal) { got += s.String() + " "; signalGroup(leader, s) }
		f.run(t, d, 1, func(end context.CancelCauseFunc) {
			if tt.ended {
				end(errLate)
			} else {
				_ = f.members["a"].Close() // has it exit
			}
		})
		if got != tt.want {
			t.Errorf("ended %v: expected %q, got %q", tt.ended, tt.want, got)
		}
	}
}

// What cannot be killed keeps nobody waiting.
func TestAClientThatCannotBeKilled(t *testing.T) {
	fifo := t.TempDir() + "/fifo"
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	d := shell(t, `echo ready; read line <"$1"`, fifo) // waits for somebody who writes to it
	leader := 0
	d.grace, d.undying = 0, time.Millisecond
	d.signal = func(pid int, _ syscall.Signal) { leader = pid }
	ctx, end := context.WithCancelCause(t.Context())
	defer end(nil)
	o := d.Drive(ctx, client.Endpoint{}, writer(func([]byte) { end(errLate) }), io.Discard)
	signalGroup(leader, syscall.SIGKILL)
	if want := "it was ended: it took too long; but it has not exited 1ms after it was killed"; o.Said != judge.SaidNothing || !strings.HasPrefix(o.Reason, want) || o.ExitStatus != nil {
		t.Errorf("expected %q, got %+v", want, o)
	}
}

// All that a client has printed arrives, although somebody who cannot be found keeps the pipes open.
func TestAPipeThatStaysOpen(t *testing.T) {
	f := newFamily(t)
	o, stdout := f.run(t, f.driver(t, "a:prints", "b:own-session:no-environment"), 2, func(context.CancelCauseFunc) { _ = f.members["a"].Close() })
	if o.Said != judge.SaidSuccess || len(stdout) != printed {
		t.Errorf("expected %d bytes and success, got %d, %+v", printed, len(stdout), o)
	}
}

// So it does if nobody has read any of it when the client exits.
func TestAPipeThatIsReadLate(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString(strings.Repeat("x", printed)); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p := &pipe{from: r, to: &out, done: make(chan struct{})}
	p.interrupt()
	go p.copy()
	if p.finish(); out.Len() != printed {
		t.Errorf("expected %d bytes, got %d", printed, out.Len())
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhatAClientPrints(t *testing.T) {
	binary := "\x00\x01\xff\xfe\r\n\x1b[2J"
	for _, tt := range []struct{ name, script, stdout, stderr string }{
		{"nothing", "exit 0", "", ""},
		{"both", "echo out; echo err >&2", "out\n", "err\n"},
		{"binary", `printf '\000\001\377\376\r\n\033[2J'; printf '\000\001\377\376\r\n\033[2J' >&2`, binary, binary},
		{"a flood", "head -c 9000000 /dev/zero; head -c 9000000 /dev/zero >&2", strings.Repeat("\x00", 9000000), strings.Repeat("\x00", 9000000)},
		{"it reads", "cat; echo read", "read\n", ""},
		{"it closes both", "exec >&- 2>&-; exit 0", "", ""},
		{"after the client has closed it", "echo out; exec >&-; echo err >&2", "out\n", "err\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o, stdout, stderr := drive(t, shell(t, tt.script))
			if o.Said != judge.SaidSuccess || stdout != tt.stdout || stderr != tt.stderr {
				t.Errorf("expected %.100q and %.100q, got %.100q and %.100q (%d and %d bytes), %+v", tt.stdout, tt.stderr, stdout, stderr, len(stdout), len(stderr), o)
			}
		})
	}
}

// A writer that fails does not end the client.
func TestAWriterThatFails(t *testing.T) {
	r, w := io.Pipe()
	_ = r.CloseWithError(errLate) // each write fails
	if o := shell(t, "head -c 9000000 /dev/zero; exit 5").Drive(t.Context(), endpoint(t), w, w); deref(o.ExitStatus) != 5 {
		t.Errorf("expected exit status 5, got %+v", o)
	}
}

// A client that asks for a password at the terminal is not answered, and does not stop.
func TestAClientHasNoTerminal(t *testing.T) {
	o, stdout, stderr := drive(t, shell(t, "exec 3</dev/tty; echo opened"))
	if o.Said != judge.SaidFailure || stdout != "" || !strings.Contains(stderr, "/dev/tty") {
		t.Errorf("expected that there is none, got %q, %q, %+v", stdout, stderr, o)
	}
}

func TestTheEnvironmentOfAClient(t *testing.T) {
	t.Setenv("GESCONFORM_TOKEN", "of-the-surroundings")
	t.Setenv("GESCONFORM_READONLY_TOKEN", "of-the-surroundings")
	t.Setenv("NO_PROXY", "example.com")
	t.Setenv("KEPT", "as it is")
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	_, stdout, _ := drive(t, shell(t, "env; pwd"))
	for _, want := range []string{"GESCONFORM_TOKEN=token-of-", "GESCONFORM_ENDPOINT=http://127.0.0.1:1\n", "KEPT=as it is\n", "\nNO_PROXY=localhost,127.0.0.1,example.com\n", "\nno_proxy=localhost,127.0.0.1,example.com\n", "\n" + dir + "\n"} {
		if !strings.Contains("\n"+stdout, want) {
			t.Errorf("expected %q, got\n%s", want, stdout)
		}
	}
	if strings.Contains(stdout, "of-the-surroundings") {
		t.Errorf("expected nothing of the surroundings, got\n%s", stdout)
	}
}

// Ending one client leaves the others alone.
func TestClientsAreApart(t *testing.T) {
	one, other := newFamily(t), newFamily(t)
	o, _ := one.run(t, one.driver(t, "a", "b"), 2, func(context.CancelCauseFunc) {
		e := endpoint(t)
		e.Token += "-other"
		ctx, end := context.WithCancelCause(t.Context())
		done := make(chan judge.ClientOutcome)
		go func() { done <- other.driver(t, "a", "b").Drive(ctx, e, io.Discard, io.Discard) }()
		other.meet(t, 2)
		end(errLate)
		if o := <-done; o.Said != judge.SaidNothing || other.alive(t, "b") {
			t.Errorf("expected that it was ended, got %+v", o)
		}
		_ = one.members["a"].Close() // has it exit
	})
	if o.Said != judge.SaidSuccess {
		t.Errorf("expected success, got %+v", o)
	}
}
