package serving_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gesconform/gesconform/internal/selftest/inprocess"
	"github.com/gesconform/gesconform/internal/serving"
)

// The tests of this file serve in memory, in bubbles of testing/synctest: the timeouts are the
// real ones, take no time, and no busy machine exceeds them.

// startInMemory starts a server, in a bubble, and returns how to dial it.
func startInMemory(t *testing.T, handler http.HandlerFunc, options ...serving.Option) (running, *inprocess.Listener) {
	t.Helper()
	network := inprocess.Listen()
	return startOn(t, network, handler, options...), network
}

// dialInMemory opens a connection on which a test writes by itself.
func dialInMemory(t *testing.T, network *inprocess.Listener) net.Conn {
	t.Helper()
	conn, err := network.Dial(t.Context(), "tcp", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// patientClient returns a client of a server in memory that waits for any time.
func patientClient(client *http.Client, network *inprocess.Listener) *http.Client {
	client.Transport.(*http.Transport).DialContext = network.Dial
	client.Timeout = 0
	return client
}

// drip writes a text and then a byte a second, until the other side ends the connection, and
// returns how long that took. It gives up after an hour.
func drip(conn net.Conn, text string) time.Duration {
	go func() { _, _ = io.Copy(io.Discard, conn) }() // there may be an answer
	began := time.Now()
	for _, err := io.WriteString(conn, text); err == nil && time.Since(began) < time.Hour; {
		time.Sleep(time.Second)
		_, err = io.WriteString(conn, "a")
	}
	return time.Since(began)
}

func TestSlowPeersAreCutOff(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		secure     bool
		limit      time.Duration
	}{
		{"header", "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: ", false, 10 * time.Second},
		{"request line", "GET /", false, 10 * time.Second},
		{"body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n", false, 30 * time.Second},
		{"handshake", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", true, 10 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var options []serving.Option
				if tt.secure {
					option, _ := secure(t)
					options = append(options, option)
				}
				_, network := startInMemory(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }, options...)
				if took := drip(dialInMemory(t, network), tt.text); took < tt.limit || took > tt.limit+2*time.Second {
					t.Errorf("expected the connection to end after %s, got %s", tt.limit, took)
				}
			})
		})
	}
}

func TestIdleConnectionsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, network := startInMemory(t, func(http.ResponseWriter, *http.Request) {})
		conn, began := dialInMemory(t, network), time.Now()
		if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		rest, err := io.ReadAll(conn)
		if took := time.Since(began); err != nil || !strings.HasPrefix(string(rest), "HTTP/1.1 200 OK\r\n") || took < 2*time.Minute || took > 3*time.Minute {
			t.Errorf("expected an answer and, after two minutes, the end, got %q, %v after %s", rest, err, took)
		}
	})
}

// Over HTTP/2 the handler gets an error for a slow body.
func TestSlowBodyOverHTTP2(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		option, client := secure(t)
		failed := make(chan error, 1)
		server, network := startInMemory(t, func(_ http.ResponseWriter, r *http.Request) {
			_, err := io.Copy(io.Discard, r.Body)
			failed <- err
		}, option)
		body, write := io.Pipe()
		defer write.Close()
		response, err := patientClient(client, network).Post(server.url, "text/plain", body)
		if err == nil {
			_ = response.Body.Close()
		}
		if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("expected the body to end at the timeout, got %v", err)
		}
	})
}

// Only requests have timeouts. Answers and streams may take any time.
func TestSlowAnswersAreNotCutOff(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"HTTP/1.1", "HTTP/2"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				tt := protocols(t)[name]
				server, network := startInMemory(t, func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					for range 3 {
						select {
						case <-time.After(time.Hour): // longer than each timeout
						case <-r.Context().Done():
							return
						}
						_, _ = io.WriteString(w, "event\n")
						_ = http.NewResponseController(w).Flush()
					}
				}, tt.options...)
				response, err := patientClient(tt.client, network).Post(server.url, "text/plain", strings.NewReader("body"))
				if got := read(t, response, err); strings.Count(got, "event\n") != 3 {
					t.Errorf("expected 3 events, got %q", got)
				}
			})
		})
	}
}

// A shutdown is also bounded by default.
func TestTheGraceIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, network := startInMemory(t, http.NotFound)
		dialInMemory(t, network) // sends nothing, and stays open
		synctest.Wait()
		began := time.Now()
		server.end()
		server.returned(t)
		if took := time.Since(began); took != time.Second {
			t.Errorf("expected that it takes a second, got %s", took)
		}
	})
}
