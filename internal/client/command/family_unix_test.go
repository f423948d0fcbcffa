//go:build unix

package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
)

const asMember = "as-a-member-of-a-family"

func TestMain(m *testing.M) {
	if len(os.Args) > 3 && os.Args[1] == asMember {
		if err := member(os.Args[2], os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(9)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// member is a client, or what one has started: it starts its child, says its name to the test, and
// waits until the test has it exit, or is gone. It is called NAME[:WAY…], as are its descendants.
func member(address string, line []string) error {
	name, ways, _ := strings.Cut(line[0], ":")
	is := func(way string) bool { return slices.Contains(strings.Split(ways, ":"), way) }
	if is("ignores-SIGTERM") {
		signal.Ignore(syscall.SIGTERM)
	}
	if is("prints") {
		fmt.Print(strings.Repeat("x", printed))
	}
	if len(line) > 1 {
		child := exec.Command(os.Args[0], append([]string{asMember, address}, line[1:]...)...)
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		child.SysProcAttr = &syscall.SysProcAttr{}
		_, ways, _ := strings.Cut(line[1], ":")
		for way := range strings.SplitSeq(ways, ":") {
			switch way {
			case "own-session":
				child.SysProcAttr.Setsid = true
			case "own-group":
				child.SysProcAttr.Setpgid = true
			case "no-environment":
				child.Env = []string{}
			}
		}
		if err := child.Start(); err != nil {
			return err
		}
	}
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(c, name); err != nil {
		return err
	}
	if is("stops") {
		if err := syscall.Kill(os.Getpid(), syscall.SIGSTOP); err != nil {
			return err
		}
	}
	_, err = io.ReadAll(c) // until the test closes it
	return err
}

// printed is as much as a pipe has room for: the client can exit before anybody has read it.
const printed = 64 << 10

// A family is a client and what it has started. Each is connected to the test as long as it lives.
type family struct {
	listener net.Listener
	members  map[string]net.Conn
}

func newFamily(t *testing.T) *family {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &family{l, map[string]net.Conn{}}
	t.Cleanup(func() {
		_ = l.Close() // nothing is sent
		for _, c := range f.members {
			_ = c.Close() // who is left may go
		}
	})
	return f
}

func (f *family) driver(t *testing.T, line ...string) *Driver {
	t.Helper()
	d, err := New(append([]string{os.Args[0], asMember, f.listener.Addr().String()}, line...))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// meet waits until so many have come.
func (f *family) meet(t *testing.T, n int) {
	t.Helper()
	for len(f.members) < n {
		c, err := f.listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		name, err := bufio.NewReader(c).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		f.members[strings.TrimSpace(name)] = c
	}
}

// alive reports whether a member is still there, once everything that was to happen to it has.
func (f *family) alive(t *testing.T, name string) bool {
	t.Helper()
	c := f.members[name]
	if c == nil {
		t.Fatalf("%s has never come", name)
	}
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second)) // it has deadlines
	_, err := c.Read(make([]byte, 1))
	return errors.Is(err, os.ErrDeadlineExceeded)
}

// noneIsLeft fails if a member is still there.
func (f *family) noneIsLeft(t *testing.T) {
	t.Helper()
	for name := range f.members {
		if f.alive(t, name) {
			t.Fatalf("expected that %s is gone", name)
		}
	}
}

// run drives a family, in which something happens once all have come.
func (f *family) run(t *testing.T, d *Driver, n int, happens func(end context.CancelCauseFunc)) (o judge.ClientOutcome, stdout string) {
	t.Helper()
	ctx, end := context.WithCancelCause(t.Context())
	defer end(nil)
	var out, errs strings.Builder
	done := make(chan struct{})
	go func() {
		defer close(done)
		o = d.Drive(ctx, endpoint(t), &out, &errs)
	}()
	f.meet(t, n)
	happens(end)
	<-done
	if errs.Len() > 0 {
		t.Errorf("expected nothing on stderr, got %q", errs.String())
	}
	return o, out.String()
}
