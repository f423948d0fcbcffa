package wire_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
)

var head = cases.Template{Method: http.MethodHead, Path: "/v2/p/graphs/g/upgrade", Headers: []cases.Header{{Name: "X-Auth-Token", Value: token}}}

// What follows the head of an answer to HEAD is recorded, with its credentials redacted, when it
// comes in the same packet, later, or after an interim answer.
func TestAfterHead(t *testing.T) {
	t.Parallel()
	const start = "HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\n"
	for name, tt := range map[string]struct{ answer, want string }{
		"nothing":          {start, ""},
		"a body":           {start + "{\"a\":1}", "{\"a\":1}"},
		"bare line feeds":  {"HTTP/1.1 404 Not Found\nContent-Length: 7\n\n{\"a\":1}", "{\"a\":1}"},
		"an interim first": {"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + start + "x", "x"},
		"an interim alone": {"HTTP/1.1 103 Early Hints\r\n\r\n" + start, ""},
		"the token":        {start + token, "$GESCONFORM_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			endpoint, _ := answering(t, tt.answer)
			x := to(t, endpoint).Send(context.Background(), "c", "a", head)
			if x.Status() != http.StatusNotFound || x.AfterHead == nil || *x.AfterHead != tt.want {
				t.Errorf("expected 404 and %q after the head, got %d, %v and %+v", tt.want, x.Status(), x.AfterHead, x.Failure)
			}
			if leaked := strings.Contains(tt.answer, token); leaked != (len(x.Leaked) > 0) {
				t.Errorf("leaked: got %q", x.Leaked)
			}
		})
	}
}

// The body may come after the head, in a packet of its own.
func TestAfterHeadLater(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	go func() {
		_, _ = http.ReadRequest(bufio.NewReader(far))
		for _, part := range []string{"HTTP/1.1 404 Not Found\r\n", "Content-Length: 2\r\n\r\n", "{", "}"} {
			_, _ = io.WriteString(far, part) // waits until it is read
		}
		_ = far.Close()
	}()
	client := to(t, "http://gesconform.invalid", func(c *config.Config) {
		c.Dial = func(context.Context, string, string) (net.Conn, error) { return near, nil }
	})
	if x := client.Send(context.Background(), "c", "a", head); x.AfterHead == nil || *x.AfterHead != "{}" {
		t.Errorf("got %v after the head, %+v", x.AfterHead, x.Failure)
	}
}

// With TLS, HEAD goes in HTTP/1.1 so that this is seen, and in HTTP/2, where it is not, only to
// a server that speaks nothing else. The certificate is recorded in both.
func TestAfterHeadWithTLS(t *testing.T) {
	t.Parallel()
	for protocol, seen := range map[string]bool{"http/1.1": true, "h2": false} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }))
		server.EnableHTTP2, server.TLS = !seen, &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			if !slices.Contains(hello.SupportedProtos, protocol) {
				return nil, errors.New("another protocol") // Go would speak HTTP/1.1 nevertheless
			}
			return nil, nil
		}}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		x := to(t, server.URL, func(c *config.Config) { c.Insecure = true }).Send(context.Background(), "c", "a", head)
		if x.Status() != http.StatusNotFound || (x.AfterHead != nil) != seen || x.Certificate == "" {
			t.Errorf("%s: got status %d, after the head %v, certificate %q, %+v", protocol, x.Status(), x.AfterHead, x.Certificate, x.Failure)
		}
	}
}

func compressed(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

// A content coding is undone before anything else, so that credentials are found and redacted
// behind it; so are those in a trailer. Each request says that none is asked for.
func TestCredentialsBehindACoding(t *testing.T) {
	t.Parallel()
	answer := func(headers, body string) string {
		return "HTTP/1.1 200 OK\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n" + headers + "\r\n" + body
	}
	const plain = "MIIE-token/with+signs=and"
	for name, tt := range map[string]struct {
		answer, body string
		leaked       bool
	}{
		"gzip":                 {answer("Content-Encoding: gzip\r\n", compressed("<"+plain+">")), "<$GESCONFORM_TOKEN>", true},
		"no gzip, though said": {answer("Content-Encoding: gzip\r\n", "<x>"), "<x>", false},
		"cut gzip":             {answer("Content-Encoding: gzip\r\n", compressed("x")[:12]), compressed("x")[:12], false},
		"trailer":              {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Debug\r\n\r\n1\r\nx\r\n0\r\nX-Debug: " + plain + "\r\n\r\n", "x", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			endpoint, got := answering(t, tt.answer)
			client := to(t, endpoint, func(c *config.Config) { c.Token = plain })
			x := client.Send(context.Background(), "c", "a", cases.Template{Method: http.MethodGet, Path: "/v2/p/graphs/g", Headers: []cases.Header{{Name: "X-Auth-Token", Value: plain}}})
			if x.Failure != nil || string(x.Answer.Body) != tt.body || slices.Contains(x.Leaked, "GESCONFORM_TOKEN") != tt.leaked {
				t.Errorf("expected %q, leaked %t, got %q, leaked %q, %+v", tt.body, tt.leaked, x.Answer.Body, x.Leaked, x.Failure)
			}
			if request := <-got; !strings.Contains(request, "Accept-Encoding: identity\r\n") {
				t.Errorf("the request asks for codings: %q", request)
			}
		})
	}
}
