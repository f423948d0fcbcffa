package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// always returns a handler that gives every request the same answer.
func always(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// raw starts a server that calls serve for each connection, once the first bytes of a
// request have arrived, and returns its URL.
func raw(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return rawOn(t, listener, serve)
}

func rawOn(t *testing.T, listener net.Listener, serve func(net.Conn)) string {
	t.Helper()
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = conn.Read(make([]byte, 4096))
				serve(conn)
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// endless writes start, and then more until the connection fails.
func endless(start, more string) func(net.Conn) {
	return func(conn net.Conn) {
		_, err := io.WriteString(conn, start)
		for err == nil {
			_, err = io.WriteString(conn, more)
		}
	}
}

// drip writes a text byte by byte, so slowly that a timeout ends the connection before it
// is done.
func drip(text string) func(net.Conn) {
	return func(conn net.Conn) {
		for i := range len(text) {
			if _, err := io.WriteString(conn, text[i:i+1]); err != nil {
				return
			}
			_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			if _, err := conn.Read(make([]byte, 1)); err != nil && !os.IsTimeout(err) {
				return
			}
		}
	}
}

// untilClosed waits until the other side closes the connection.
func untilClosed(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

const unauthorized = `{"error_code":"APIGW.0301","error_msg":"Incorrect IAM authentication information"}`

// An unjudgeable is an endpoint that cannot be judged, with parts of the error.
type unjudgeable struct {
	name, endpoint string
	want           []string
}

// silent returns endpoints that do not give a readable answer.
func silent(t *testing.T) []unjudgeable {
	t.Helper()
	long, nobody := strings.Repeat("x", 5000), closedPort(t)
	return []unjudgeable{
		{"refused port", "http://" + nobody, []string{"no connection: " + nobody + " refuses connections; check the host and the port in --endpoint, and whether the service is up\n"}},
		{"no such host", "https://name.invalid", []string{"no connection", "name.invalid", "; check "}},
		{"drops", raw(t, func(net.Conn) {}), []string{"ended without an answer"}},
		{"noise", raw(t, func(c net.Conn) { _, _ = io.WriteString(c, "\x00\x01\x02\x1b[31mnoise\n\n") }), []string{"not HTTP"}},
		{"a long line of noise", raw(t, func(c net.Conn) { _, _ = io.WriteString(c, strings.Repeat("\x1b", 50_000)+"\n\n") }), []string{"not HTTP"}},
		{"noise without an end", raw(t, endless("", strings.Repeat("\x1b[31mnoise", 5000))), []string{"--endpoint"}},
		{"SSH", raw(t, func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.6\r\n") }), []string{"not HTTP", "; the port speaks SSH: check the port in --endpoint\n"}},
		{"a TLS alert", raw(t, func(c net.Conn) { _, _ = io.WriteString(c, "\x15\x03\x01\x00\x02\x02\x0a\n") }), []string{"not HTTP", "; the port speaks TLS: set --endpoint https://127.0.0.1:"}},
		{"HTTP/2 alone", raw(t, func(c net.Conn) { _, _ = io.WriteString(c, "\x00\x00\x12\x04\x00\x00\x00\x00\x00\n") }), []string{"not HTTP", "HTTP/2 only", "set --endpoint https://127.0.0.1:"}},
		{"ends the TLS handshake", strings.Replace(raw(t, func(net.Conn) {}), "http:", "https:", 1), []string{"the server ended the connection during the TLS handshake", "if it speaks HTTP without TLS, set --endpoint http://127.0.0.1:"}},
		{"noise instead of TLS", strings.Replace(raw(t, func(c net.Conn) { _, _ = io.WriteString(c, "220 mail.example.com ESMTP\r\n") }), "http:", "https:", 1), []string{"no connection: the port does not speak TLS; check the port in --endpoint\n"}},
		{"endless headers", raw(t, endless("HTTP/1.1 200 OK\r\n", "X-More: "+long+"\r\n")), []string{"--endpoint"}},
		{"endless body", raw(t, endless("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", long)), []string{"went over 1048576 bytes"}},
		{"length too long", raw(t, func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n{}") }), []string{"ended too early"}},
		{"two lengths", raw(t, func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}")
		}), []string{"--endpoint"}},
	}
}

// late are endpoints that are waited for until a time limit, which costs no time in memory.
var late = []struct {
	name  string
	serve func(net.Conn)
	want  []string
}{
	{"hangs before the headers", untilClosed, []string{"no answer within 1s; check --endpoint and the network, or allow more time with --request-timeout\n"}},
	{"hangs in the headers", func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nX-"); untilClosed(c) }, []string{"no answer within 1s"}},
	{"hangs in the body", func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n{")
		untilClosed(c)
	}, []string{"did not end within 1s"}},
	{"drips", drip("HTTP/1.1 404 Not Found\r\nContent-Length: 9000\r\n\r\n" + strings.Repeat(" ", 9000)), []string{"within 1s"}},
	{"503 of the gateway", answer("503 Service Unavailable", "", throttled503), []string{"503 APIGW.0613", "later"}},
	{"429", answer("429 Too Many Requests", "Retry-After: 86400\r\n", throttled429), []string{"429 APIGW.0308", "later"}},
}

// answer writes an answer and ends the connection.
func answer(status, header, body string) func(net.Conn) {
	return func(c net.Conn) {
		fmt.Fprintf(c, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n%s", status, header, len(body), body)
	}
}

// answering returns endpoints whose answers do not show the graph.
func answering(t *testing.T) []unjudgeable {
	t.Helper()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plainURL := serverOf(t, http.NotFound)
	long := strings.Repeat("x", 5000)
	return []unjudgeable{
		{"TLS, asked for plainly", strings.Replace(secure.URL, "https:", "http:", 1), []string{"the port speaks TLS (400); set --endpoint " + secure.URL + "\n"}},
		{"TLS, not trusted", secure.URL, []string{"no connection: certificate", "; set --ca-file to a PEM file"}},
		{"plain, asked for TLS", strings.Replace(plainURL, "http:", "https:", 1), []string{"no connection: the port speaks HTTP without TLS; give the port that speaks TLS, or set --endpoint " + plainURL + "\n"}},
		{"HTML", serverOf(t, always(200, "text/html", "<html><body>"+long+"</body></html>")), []string{"not from the Graph Engine Service, it is a web page, perhaps the login of a network or a proxy; check --endpoint, or if"}},
		{"empty 200", serverOf(t, always(200, "", "")), []string{"not from the Graph Engine Service, it is empty; check"}},
		{"redirect", serverOf(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example.com/", http.StatusFound)
		}), []string{"redirect (302)", "not followed; it leads to https://elsewhere.example.com/, perhaps the login of a network or a proxy: check --endpoint and the network\n"}},
		{"redirect to the same path", serverOf(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example.com/ges"+r.URL.Path, http.StatusMovedPermanently)
		}), []string{"redirect (301), which is not followed; set --endpoint https://elsewhere.example.com/ges\n"}},
		{"redirect to nowhere", serverOf(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) }), []string{"not followed; check --endpoint\n"}},
		{"a proxy that asks for a password", serverOf(t, always(407, "text/html", "")), []string{"the proxy in between asks for credentials (407)", "HTTP_PROXY"}},
		{"TLS of nginx, asked for plainly", serverOf(t, always(400, "text/html", "<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>")), []string{"the port speaks TLS (400); set --endpoint https://"}},
		{"401", serverOf(t, always(401, "application/json", unauthorized)), []string{"credentials were refused (401 APIGW.0301)", "--token"}},
		{"401, by another clock", serverOf(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", time.Now().Add(-20*time.Minute).UTC().Format(http.TimeFormat))
			always(401, "application/json", unauthorized)(w, r)
		}), []string{"credentials were refused (401 APIGW.0301), and the endpoint's clock is ", " behind this machine's"}},
		{"403", serverOf(t, always(403, "application/json", `{"error_code":"GES.7041","error_msg":"no"}`)), []string{"credentials were refused (403 GES.7041)", "--project-id"}},
		{"404 of the graph", serverOf(t, always(404, "application/json", `{"error_code":"GES.0047","error_msg":"no"}`)), []string{"there is no graph", "--graph-id"}},
		{"400 of another project", serverOf(t, always(400, "application/json", `{"error_code":"GES.0016","error_msg":"no"}`)), []string{"is not that of the credentials", "(400 GES.0016)", "--project-id"}},
		{"400 of the service", serverOf(t, always(400, "application/json", `{"error_code":"GES.7003","error_msg":"no"}`)), []string{"refused (400 GES.7003, ", "--graph-id"}},
		{"404 of a gateway", serverOf(t, always(404, "application/json", `{"error_code":"APIGW.0101","error_msg":"no"}`)), []string{"404 APIGW.0101", "--endpoint"}},
		{"404 of a web server", serverOf(t, http.NotFound), []string{"404", "--endpoint"}},
		{"500", serverOf(t, always(500, "application/json", `{"error_code":"GES.0009","error_msg":"no"}`)), []string{"server error (500 GES.0009)", "later"}},
		{"503", serverOf(t, always(503, "text/html", "")), []string{"server error (503)", "later"}},
		{"a code with an escape", serverOf(t, always(400, "application/json", `{"error_code":"GES\u001b[31m\n\nboo","error_msg":"no"}`)), []string{"400", "--endpoint"}},
		{"a code without an end", serverOf(t, always(400, "application/json", `{"error_code":"`+long+`"}`)), []string{"400", "--endpoint"}},
		{"echoes", serverOf(t, func(w http.ResponseWriter, r *http.Request) {
			always(418, "application/json", `{"error_code":"`+r.Header.Get("X-Auth-Token")+`"}`)(w, r)
		}), []string{"418"}},
	}
}

// For endpoints that cannot be judged, the status is 2, and one sentence says what to do.
func TestEndpointsThatCannotBeJudged(t *testing.T) {
	t.Parallel()
	for i, tt := range append(silent(t), answering(t)...) {
		if testing.Short() && i%3 != 0 {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cannotBeJudged(t, tt.endpoint, tt.want, "--output", t.TempDir())
		})
	}
	for _, tt := range late {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				cannotBeJudged(t, rawOn(t, listenInMemory(t), tt.serve), tt.want, "--output", t.TempDir(), "--request-timeout", "1s")
			})
		})
	}
}

func cannotBeJudged(t *testing.T, endpoint string, want []string, args ...string) {
	t.Helper()
	c := call(t, nil, runArgs(endpoint, args...)...)
	if c.status != exitNotJudged {
		t.Errorf("expected status 2, got %d: %s %s", c.status, c.stdout, c.stderr)
	}
	oneSentence(t, c, want...)
	noneShown(t, leftBy(t, c, args[1]), marked...)
}

// Endpoints whose answers are useless, but can be judged, deviate.
func TestEndpointsThatDeviate(t *testing.T) {
	shown := `{"graph":{"id":"g","name":"n","status":"200","data_store_version":"2.2.8"}}`
	for name, endpoint := range map[string]string{
		"the same JSON always":   serverOf(t, always(200, "application/json", shown)),
		"an empty object always": serverOf(t, always(200, "application/json", `{}`)),
		"JSON that is cut": raw(t, func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999\r\nConnection: close\r\n\r\n"+shown)
		}),
	} {
		t.Run(name, func(t *testing.T) {
			c := call(t, nil, runArgs(endpoint, "--label-filter", "showGraph")...)
			if c.status != exitDeviates {
				t.Errorf("expected status 1, got %d: %s", c.status, c.stderr)
			}
			if c.stderr != "" || !strings.Contains(c.stdout, "\ndeviates: ") {
				t.Errorf("got %q, %.300q", c.stderr, c.stdout)
			}
			plain(t, c)
		})
	}
}
