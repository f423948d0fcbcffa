package wire_test

import (
	"net"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
)

// The message of a failure does not contain the local port, which differs each time.
func TestFailuresAreTheSameAtEachPort(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		}
	}()
	tt := to(t, "http://"+listener.Addr().String())
	for range 2 {
		x := tt.Send(t.Context(), "case", "aim", cases.Template{Method: "POST", Path: "/v2/p/graphs/g/upgrade", Body: "{}"})
		if want := "the connection ended without an answer: read: connection reset by peer"; x.Failure == nil || x.Failure.Message != want {
			t.Errorf("expected %q, got %+v", want, x.Failure)
		}
	}
}

// An answer that is not HTTP is distinguished from a closed connection, and the message is
// short however long the answer is.
func TestGarbledAnswers(t *testing.T) {
	for name, text := range map[string]string{
		"two lengths":          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
		"a long line of noise": strings.Repeat("\x15", 50_000) + "\n\n",
	} {
		endpoint, _ := answering(t, text)
		x := to(t, endpoint).Send(t.Context(), "case", "aim", cases.Template{Method: "GET", Path: "/v2/p/graphs/g"})
		if x.Failure == nil || x.Failure.Kind != exchange.Garbled || len(x.Failure.Message) > 400 {
			t.Errorf("%s: expected garbled in a few words, got %.500v", name, x.Failure)
		}
	}
}
