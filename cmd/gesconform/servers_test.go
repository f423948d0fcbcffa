package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/serving"

	"github.com/gesconform/gesconform/fakeserver"
)

// closedPort returns the address of a port that refuses connections until the test ends.
func closedPort(t *testing.T) string {
	t.Helper()
	address, release, err := serving.Refusing()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	return address
}

// startFake runs `gesconform fake` until the test ends, and returns its URL.
func startFake(t *testing.T, args ...string) (address string) {
	t.Helper()
	return announcedBy(t, 1, args...)[0]
}

// announcedBy runs `gesconform fake` until the test ends, and returns the first lines that
// it prints.
func announcedBy(t *testing.T, count int, args ...string) (first []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	var stderr bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		status := execute(ctx, append([]string{"fake"}, args...), nil, w, &stderr)
		_ = w.Close()
		ended <- status
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Error("the fake did not end")
		}
	})
	lines := bufio.NewScanner(r)
	for range count {
		if !lines.Scan() {
			t.Fatalf("the fake printed only %q: %s", first, stderr.String())
		}
		first = append(first, lines.Text())
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	return first
}

// serverOf starts a server with a handler, and returns its URL.
func serverOf(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// servedFake starts a fake, and returns the environment with which a run judges it.
func servedFake(t *testing.T, options ...fakeserver.Option) []string {
	t.Helper()
	fake := fakeserver.New(options...)
	return environOf(t, fake.Fixtures(), serverOf(t, fake.ServeHTTP))
}

// servedDefect is like servedFake, but the fake has a defect, and the environment allows
// every risk.
func servedDefect(t *testing.T, name string) []string {
	t.Helper()
	return append(servedFake(t, withDefect(t, name)), "GESCONFORM_RISK=destructive")
}

func withDefect(t *testing.T, name string) fakeserver.Option {
	t.Helper()
	d, err := fakeserver.LookupDefect(name)
	if err != nil {
		t.Fatal(err)
	}
	return fakeserver.WithDefect(d)
}

// environOf returns the variables that a fake at an endpoint writes to an env file.
func environOf(t *testing.T, f fakeserver.Fixtures, endpoint string) []string {
	t.Helper()
	var env strings.Builder
	if err := f.WriteEnv(&env, endpoint); err != nil {
		t.Fatal(err)
	}
	return readEnv(env.String())
}

// readEnv reads the lines of a dotenv file.
func readEnv(text string) []string {
	var environ []string
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		value = strings.TrimSuffix(strings.TrimPrefix(value, "'"), "'")
		environ = append(environ, name+"="+strings.ReplaceAll(value, `'\''`, "'"))
	}
	return environ
}

// environIn returns the variables in an env file.
func environIn(t *testing.T, file string) []string {
	t.Helper()
	return readEnv(read(t, file))
}
