package wire_test

import (
	"bufio"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/wire"
)

const token = "MIIE-token/with+signs=and a \"quote\""

// to returns the configuration of a destructive run against an endpoint.
func to(t *testing.T, endpoint string, changes ...func(*config.Config)) *wire.Client {
	t.Helper()
	c := config.Default()
	c.Endpoint, c.ProjectID, c.GraphID, c.Token, c.Risk = endpoint, "p", "g", token, cases.Destructive
	c.RequestTimeout, c.RunID = 20*time.Second, "r-1"
	for _, change := range changes {
		change(&c)
	}
	tt := wire.New(&c)
	t.Cleanup(tt.Close)
	return tt
}

// wire listens for one request, records its bytes and answers with a text.
func answering(t *testing.T, answer string) (endpoint string, got <-chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	requests := make(chan string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		var raw strings.Builder
		r := bufio.NewReader(io.TeeReader(conn, &raw))
		if request, err := http.ReadRequest(r); err == nil {
			_, _ = io.Copy(io.Discard, request.Body)
		}
		requests <- raw.String()
		_, _ = io.WriteString(conn, answer)
	}()
	return "http://" + listener.Addr().String(), requests
}

const empty200 = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

func TestWhatLeavesIsWhatTheCaseSays(t *testing.T) {
	header := func(pairs ...string) (all []cases.Header) {
		for i := 0; i < len(pairs); i += 2 {
			all = append(all, cases.Header{Name: pairs[i], Value: pairs[i+1]})
		}
		return all
	}
	for _, tt := range []struct {
		name     string
		endpoint string // appended to the address
		request  cases.Template
		want     []string // header lines, or the end of the body
		not      []string
	}{
		{name: "empty header", request: cases.Template{Method: "POST", Path: "/v2/p/graphs/g/upgrade", Headers: header("X-Auth-Token", "")}, want: []string{"\r\nX-Auth-Token: \r\n"}},
		{name: "doubled header", request: cases.Template{Method: "POST", Path: "/v2/p/graphs/g/upgrade", Headers: header("X-Auth-Token", "one", "x-auth-token", "two")},
			want: []string{"\r\nX-Auth-Token: one\r\n", "\r\nX-Auth-Token: two\r\n"}},
		{name: "no header", request: cases.Template{Method: "POST", Path: "/v2/p/graphs/g/upgrade", Body: "{}"}, not: []string{"X-Auth-Token", "Content-Type", "Authorization"}},
		{name: "NUL", request: cases.Template{Method: "POST", Path: "/v2/p/graphs/a%00/upgrade"}, want: []string{"POST /v2/p/graphs/a%00/upgrade HTTP/1.1\r\n"}},
		{name: "slash, upper case", request: cases.Template{Method: "POST", Path: "/v2/p/graphs/a%2Fb/upgrade"}, want: []string{"POST /v2/p/graphs/a%2Fb/upgrade HTTP/1.1\r\n"}},
		{name: "slash, lower case", request: cases.Template{Method: "POST", Path: "/v2/p/graphs/a%2fb/upgrade"}, want: []string{"POST /v2/p/graphs/a%2fb/upgrade HTTP/1.1\r\n"}},
		{name: "needless escape", request: cases.Template{Method: "GET", Path: "/v2/p/graphs/%61"}, want: []string{"GET /v2/p/graphs/%61 HTTP/1.1\r\n"}},
		{name: "double slash", request: cases.Template{Method: "POST", Path: "/v2/p/graphs//upgrade"}, want: []string{"POST /v2/p/graphs//upgrade HTTP/1.1\r\n"}},
		{name: "dots", request: cases.Template{Method: "POST", Path: "/v2/p/graphs/../upgrade"}, want: []string{"POST /v2/p/graphs/../upgrade HTTP/1.1\r\n"}},
		{name: "UTF-8", request: cases.Template{Method: "GET", Path: "/v2/p/graphs/%C3%A4%EF%BC%91"}, want: []string{"GET /v2/p/graphs/%C3%A4%EF%BC%91 HTTP/1.1\r\n"}},
		{name: "percent", request: cases.Template{Method: "GET", Path: "/v2/p/graphs/%25s%25n"}, want: []string{"GET /v2/p/graphs/%25s%25n HTTP/1.1\r\n"}},
		{name: "quotes and brackets", request: cases.Template{Method: "GET", Path: "/v2/p/graphs/%3Cb%3E%27%22%7B"}, want: []string{"GET /v2/p/graphs/%3Cb%3E%27%22%7B HTTP/1.1\r\n"}},
		{name: "not escaped", request: cases.Template{Method: "GET", Path: `/v2/p/graphs/a"b|c^d`}, want: []string{`GET /v2/p/graphs/a"b|c^d HTTP/1.1`}},
		{name: "query", request: cases.Template{Method: "GET", Path: "/v2/p/graphs/jobs?graph_name=a%2Fb&limit=100"}, want: []string{"GET /v2/p/graphs/jobs?graph_name=a%2Fb&limit=100 HTTP/1.1\r\n"}},
		{name: "base path", endpoint: "/ges/", request: cases.Template{Method: "GET", Path: "/v2/p/graphs/a%2Fb"}, want: []string{"GET /ges/v2/p/graphs/a%2Fb HTTP/1.1\r\n"}},
		{name: "empty POST", request: cases.Template{Method: "POST", Path: "/v2/p/graphs/g/upgrade"}, want: []string{"\r\nContent-Length: 0\r\n"}, not: []string{"chunked"}},
		{name: "empty PUT", request: cases.Template{Method: "PUT", Path: "/v2/p/graphs/g/upgrade"}, want: []string{"\r\nContent-Length: 0\r\n"}},
		{name: "bytes", request: cases.Template{Method: "POST", Path: "/v2/p/graphs/g/upgrade", Body: "\xff\xfe\x00{\x00"}, want: []string{"\r\nContent-Length: 5\r\n", "\r\n\r\n\xff\xfe\x00{\x00"}, not: []string{"chunked"}},
		{name: "body of GET", request: cases.Template{Method: "GET", Path: "/v2/p/graphs/g/upgrade", Body: "{}"}, want: []string{"\r\nContent-Length: 2\r\n", "\r\n\r\n{}"}},
		{name: "who asks", request: cases.Template{Method: "GET", Path: "/v2/p/graphs/g"}, want: []string{"\r\nUser-Agent: gesconform/" + config.ToolVersion + " (run r-1)\r\n", "\r\nAccept: application/json\r\n"}, not: []string{"gzip"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			endpoint, got := answering(t, empty200)
			x := to(t, endpoint+tt.endpoint).Send(t.Context(), "case", "aim", tt.request)
			if x.Failure != nil || x.Status() != http.StatusOK {
				t.Fatalf("not sent: %+v", x.Failure)
			}
			raw := <-got
			for _, want := range tt.want {
				if !strings.Contains(raw, want) {
					t.Errorf("expected %q in %q", want, raw)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(raw, not) {
					t.Errorf("expected no %q in %q", not, raw)
				}
			}
		})
	}
}

// failing is an endpoint at which exchanges fail, and how.
type failing struct {
	name, endpoint string
	want           exchange.FailureKind
}

func failings(t *testing.T) []failing {
	t.Helper()
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(hang.Close)
	half := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_, _ = io.WriteString(w, "{")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	t.Cleanup(half.Close)
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	answering := func(text string) string {
		endpoint, _ := answering(t, text)
		return endpoint
	}
	return []failing{
		{"refused", "http://127.0.0.1:1", exchange.Unreachable},
		{"no such host", "http://name.invalid", exchange.Unreachable},
		{"no answer", answering(""), exchange.Dropped},
		{"hangs", hang.URL, exchange.TimedOut},
		{"hangs in the body", half.URL, exchange.TimedOut},
		{"too short", answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"), exchange.Cut},
		{"chunk cut", answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}"), exchange.Cut},
		{"noise without an end", answering(strings.Repeat("\x15noise", 20000)), exchange.Garbled},
		{"endless body", answering("HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("x", 1<<20+1)), exchange.TooLong},
		{"endless headers", answering("HTTP/1.1 200 OK\r\n" + strings.Repeat("X-More: more\r\n", 20000)), exchange.Garbled},
		{"noise", answering("\x15\x03\x01\x00\x02\x02\n\n"), exchange.Garbled},
		{"bad status", answering("HTTP/1.1 abc OK\r\n\r\n"), exchange.Garbled},
		{"bad header", answering("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), exchange.Garbled},
		{"bad length", answering("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"), exchange.Garbled},
		{"not trusted", secure.URL, exchange.Unreachable},
		{"plain, asked for TLS", strings.Replace(plain.URL, "http:", "https:", 1), exchange.Unreachable},
	}
}

func TestFailureKinds(t *testing.T) {
	for _, tt := range failings(t) {
		t.Run(tt.name, func(t *testing.T) {
			changes := func(c *config.Config) {
				if tt.want == exchange.TimedOut {
					c.RequestTimeout = 50 * time.Millisecond
				}
			}
			x := to(t, tt.endpoint, changes).Send(t.Context(), "case", "aim", cases.Template{Method: "GET", Path: "/v2/p/graphs/g"})
			if x.Failure == nil || x.Failure.Kind != tt.want {
				t.Fatalf("expected %s, got %+v", tt.want, x.Failure)
			}
			if len(x.Failure.Message) > 500 || strings.ContainsAny(x.Failure.Message, "\n\x15") {
				t.Errorf("expected a message of one short line, got %q", x.Failure.Message)
			}
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() }))
		defer s.Close()
		x := to(t, s.URL).Send(ctx, "case", "aim", cases.Template{Method: "GET", Path: "/v2/p/graphs/g"})
		if x.Failure == nil || x.Failure.Kind != exchange.Interrupted {
			t.Errorf("expected interrupted, got %+v", x.Failure)
		}
	})
	t.Run("kept back", func(t *testing.T) {
		x := to(t, "http://127.0.0.1:1").Send(t.Context(), "case", "aim", cases.Template{Method: "DELETE", Path: "/v2/p/graphs/g"})
		if x.Failure == nil || x.Failure.Kind != exchange.NotSent {
			t.Errorf("expected not-sent, got %+v", x.Failure)
		}
	})
}

// An answer that is compressed without being asked for is kept as received.
func TestBodiesAreKeptAsTheyCame(t *testing.T) {
	endpoint, _ := answering(t, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00")
	x := to(t, endpoint).Send(t.Context(), "case", "aim", cases.Template{Method: "GET", Path: "/v2/p/graphs/g"})
	if x.Failure != nil || string(x.Answer.Body) != "\x1f\x8b\x08\x00" || x.Answer.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("got %+v, %+v", x.Answer, x.Failure)
	}
}
