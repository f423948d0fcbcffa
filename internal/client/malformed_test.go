package client

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
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

// What the gateway refuses for its size has arrived as well.
func TestWhatIsTooLargeHasArrived(t *testing.T) {
	t.Parallel()
	c, all := scenarios(t)
	for name, test := range map[string]struct {
		path, field string
		status      int
	}{
		"path":   {strings.Repeat("a", 9<<10), "", 414},
		"header": {"", strings.Repeat("a", 33<<10), 494},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, err := newStage(c, all[0])
			if err != nil {
				t.Fatal(err)
			}
			defer g.stop()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, g.endpoint.URL+"/v2/"+g.endpoint.ProjectID+"/graphs/"+g.endpoint.GraphID+test.path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("X-Auth-Token", g.endpoint.Token)
			r.Header.Set("X-Trace", test.field)
			answer, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
			if err != nil || answer.StatusCode != test.status {
				t.Fatalf("expected %d, got %+v, %v", test.status, answer, err)
			}
			_ = answer.Body.Close()
			g.stop()
			o := &observation{scenario: all[0], contract: c, exchanges: g.exchanges(), outcome: &judge.ClientOutcome{Said: judge.SaidFailure}}
			if d := rules[contract.ClientRequestLawful](o, false); len(o.exchanges) != 1 || d == nil || !d.broken || len(d.got) > 1000 || test.field != "" && !strings.Contains(d.got, "that the gateway takes") {
				t.Errorf("expected that the request is too large, got %d, %+v", len(o.exchanges), d)
			}
		})
	}
}
