package fakeserver_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

func TestRetryAfterAsADate(t *testing.T) {
	clock := newClock()
	server := fakeserver.New(fakeserver.WithClock(clock.Now),
		fakeserver.WithFault(scenario.Fault{Answer: &scenario.Answer{Status: 503, RetryAfter: new(2500 * time.Millisecond), RetryDate: true}}))
	got := request{body: good}.send(server, server.Fixtures()).Header().Get("Retry-After")
	if want := clock.Now().Add(3 * time.Second).Format(http.TimeFormat); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What these breaks send is not what net/http would send. A client of it takes none for an answer.
func TestBrokenHeads(t *testing.T) {
	for kind, want := range map[scenario.Break]string{
		scenario.HalfHead:   `^HTTP/1.1 200 OK\r\n.{18}$`,
		scenario.TwoLengths: `(?s)^HTTP/1.1 200 OK\r\nContent-Length: (\d+)\r\n.*Content-Length: (\d+)\r\n.*"job_id"`,
		scenario.NotHTTP:    `^SSH-2.0-`,
	} {
		t.Run(string(kind), func(t *testing.T) {
			running := fakeserver.Start(t, fakeserver.WithFault(scenario.Fault{Break: kind, After: true}), fakeserver.WithUpgradeTimes(0))
			if status, _, body, err := overTCP(t, running, request{body: good}); err == nil {
				t.Errorf("a client got %d %s", status, body)
			}
			if got := version(running.Server); got != "2.2.9" {
				t.Errorf("the graph has the version %s", got)
			}
			running.Reset()
			in := request{body: good}.build(running.Fixtures())
			in.Host, in.Close = "fake.test", true
			connection, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(running.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = connection.Close() }()
			if err := in.Write(connection); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(connection)
			if err != nil {
				t.Fatal(err)
			}
			if found := regexp.MustCompile(want).FindSubmatch(got); len(found) == 0 || len(found) == 3 && bytes.Equal(found[1], found[2]) {
				t.Errorf("got %q", got)
			}
		})
	}
}

// An answer without end goes on until the client leaves.
func TestEndless(t *testing.T) {
	running := fakeserver.Start(t, fakeserver.WithFault(scenario.Fault{Break: scenario.Endless}))
	changes, stop := running.Watch()
	defer stop()
	in := request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}"}.build(running.Fixtures())
	out, err := http.NewRequestWithContext(t.Context(), in.Method, running.URL+in.URL.Path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	out.Header = in.Header
	answer, err := running.Client().Do(out)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.CopyN(io.Discard, answer.Body, 200_000); err != nil {
		t.Errorf("the body ended after %d bytes: %v", n, err)
	}
	_ = answer.Body.Close()
	<-changes // the exchange has ended
}
