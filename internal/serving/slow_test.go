package serving_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/serving"
)

// drip writes a text and then single bytes, in intervals far shorter than any timeout. It
// reports whether the server ends the connection within 5 seconds.
func drip(t *testing.T, conn net.Conn, text string) (cut bool) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); time.Since(began) < 5*time.Second; {
		if _, err := io.WriteString(conn, "a"); err != nil {
			return true
		}
		_ = conn.SetReadDeadline(time.Now().Add(time.Millisecond))
		if _, err := conn.Read(make([]byte, 1<<10)); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return true
		}
	}
	return false
}

func TestSlowPeersAreCutOff(t *testing.T) {
	t.Parallel()
	option, _ := secure(t)
	const long = time.Hour
	for _, tt := range []struct {
		name, text string
		options    []serving.Option
	}{
		{"header", "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: ", []serving.Option{serving.WithTimeouts(serving.Timeouts{Header: 20 * time.Millisecond, Request: long, Idle: long})}},
		{"request line", "GET /", []serving.Option{serving.WithTimeouts(serving.Timeouts{Header: 20 * time.Millisecond, Request: long, Idle: long})}},
		{"body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n", []serving.Option{serving.WithTimeouts(serving.Timeouts{Header: long, Request: 20 * time.Millisecond, Idle: long})}},
		{"handshake", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", []serving.Option{option, serving.WithTimeouts(serving.Timeouts{Header: 20 * time.Millisecond, Request: long, Idle: long})}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := start(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }, tt.options...)
			if !drip(t, dial(t, server.address), tt.text) {
				t.Errorf("expected the connection to end")
			}
		})
	}
}

func TestIdleConnectionsEnd(t *testing.T) {
	t.Parallel()
	server := start(t, func(http.ResponseWriter, *http.Request) {}, serving.WithTimeouts(serving.Timeouts{Idle: 20 * time.Millisecond}))
	conn := dial(t, server.address)
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(rest), "HTTP/1.1 200 OK\r\n") {
		t.Errorf("expected an answer and then the end, got %q, %v", rest, err)
	}
}

// generous is a timeout that is long enough for an ordinary request and a handshake even
// on a busy machine.
const generous = 500 * time.Millisecond

// Over HTTP/2 the handler gets an error for a slow body.
func TestSlowBodyOverHTTP2(t *testing.T) {
	t.Parallel()
	option, client := secure(t)
	failed := make(chan error, 1)
	server := start(t, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		failed <- err
	}, option, serving.WithTimeouts(serving.Timeouts{Request: generous}))
	body, write := io.Pipe()
	defer write.Close()
	response, err := client.Post(server.url, "text/plain", body)
	if err == nil {
		_ = response.Body.Close()
	}
	if err := <-failed; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("expected the body to end at the timeout, got %v", err)
	}
}

// Only requests have timeouts. Answers and streams may take any time.
func TestSlowAnswersAreNotCutOff(t *testing.T) {
	t.Parallel()
	for name, tt := range protocols(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				for range 3 {
					select {
					case <-time.After(generous / 2): // together longer than the timeouts
					case <-r.Context().Done():
						return
					}
					_, _ = io.WriteString(w, "event\n")
					_ = http.NewResponseController(w).Flush()
				}
			}, append(tt.options, serving.WithTimeouts(serving.Timeouts{Header: generous, Request: generous, Idle: generous}))...)
			response, err := tt.client.Post(server.url, "text/plain", strings.NewReader("body"))
			if got := read(t, response, err); strings.Count(got, "event\n") != 3 {
				t.Errorf("expected 3 events, got %q", got)
			}
		})
	}
}
