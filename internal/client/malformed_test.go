package client

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/judge"
)

// What is no HTTP is a request that breaks the contract, and not no request.
func TestWhatIsNoHTTPHasArrived(t *testing.T) {
	t.Parallel()
	c, all := scenarios(t)
	for sent, expected := range map[string]string{
		"POST /v2/a b/upgrade HTTP/1.1\r\nHost: x\r\n\r\n": "POST /v2/a b/upgrade: method: expected a request as RFC 9112 has it, got something else",
		"hello\r\n\r\n":            "hello: method: expected a request as RFC 9112 has it, got something else",
		"\x16\x03\x01\x02\x00\x01": "(TLS): method: expected a request as RFC 9112 has it, got something else",
		"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n": "GET /: method: expected a request as RFC 9112 has it, got something else",
	} {
		t.Run(fmt.Sprintf("%.12q", sent), func(t *testing.T) {
			t.Parallel()
			g, err := newStage(c, all[0])
			if err != nil {
				t.Fatal(err)
			}
			connection, err := net.Dial("tcp", strings.TrimPrefix(g.endpoint.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.WriteString(connection, sent)
			answer, _ := io.ReadAll(connection) // which may be none
			_ = connection.Close()
			g.stop()
			o := &observation{scenario: all[0], contract: c, exchanges: g.exchanges(), outcome: &judge.ClientOutcome{Said: judge.SaidFailure}}
			if err != nil || len(o.exchanges) != 1 {
				t.Fatalf("expected one request, got %d, %v, %q", len(o.exchanges), err, answer)
			}
			found := o.judge()
			_, stopped, failure := o.judgeGate()
			if !stopped || failure != "" || len(found.Findings) == 0 {
				t.Fatalf("expected the client to be stopped for that, got %t, %q, %+v", stopped, failure, found)
			}
			for _, f := range found.Findings {
				if f.Verdict == judge.Deviates && (f.Requirement != "client.request-lawful" || f.Got != expected) {
					t.Errorf("expected %s\ngot      %s: %s", expected, f.Requirement, f.Got)
				}
			}
		})
	}
}
