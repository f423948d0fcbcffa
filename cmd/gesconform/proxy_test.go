package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/result"
)

// What a proxy says itself is said as the proxy's, and the advice names its variable. The endpoints
// are names that nobody resolves: each request goes to the proxy.
func TestProxiesThatAnswerThemselves(t *testing.T) {
	t.Parallel()
	const secure, plain = "https://ges.example.invalid", "http://ges.example.invalid"
	for _, tt := range []struct {
		name, endpoint string
		serve          http.HandlerFunc // nil for a proxy that is not there
		want           string           // with {proxy} for the proxy's address
	}{
		{"407 for CONNECT", secure, always(407, "text/html", "<html>"), "no connection: the proxy {proxy} answered CONNECT with 407 Proxy Authentication Required; put the user and the password for the proxy into HTTPS_PROXY, http://USER:PASSWORD@HOST:PORT"},
		{"403 for CONNECT", secure, always(403, "text/html", "<html>"), "no connection: the proxy {proxy} answered CONNECT with 403 Forbidden; have the proxy allow ges.example.invalid, or set NO_PROXY=ges.example.invalid if it can be reached without"},
		{"502 for CONNECT", secure, always(502, "text/html", "<html>"), "no connection: the proxy {proxy} answered CONNECT with 502 Bad Gateway; check the host in --endpoint and whether the proxy can reach it, or set NO_PROXY=ges.example.invalid if it can be reached without"},
		{"no proxy", secure, nil, "no connection: the proxy cannot be used: {proxy} refuses connections; check the variable HTTPS_PROXY, or set NO_PROXY"},
		{"407", plain, always(407, "text/html", "<html>"), "the proxy {proxy} asks for credentials (407); put its user and password into HTTP_PROXY, http://USER:PASSWORD@HOST:PORT"},
		{"502", plain, always(502, "text/html", "<html>bad"), "the answer (502) seems to be that of the proxy {proxy}; check --endpoint, or set NO_PROXY if it can be reached without"},
		{"403", plain, always(403, "text/html", "<html>blocked"), "the answer (403) seems to be that of the proxy {proxy}; check --endpoint, or set NO_PROXY if it can be reached without"},
		{"a portal", plain, always(200, "text/html", "<!DOCTYPE html><title>Log in"), "the answer (200) is not from the Graph Engine Service, it is a web page, perhaps the login of a network or a proxy; check --endpoint and the proxy {proxy}, or if the deployment lacks the reads"},
		{"a portal that redirects", plain, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://portal.example.invalid/login?from=here")
			w.WriteHeader(http.StatusFound)
		}, "the answer is a redirect (302), which is not followed; it leads to http://portal.example.invalid/login, perhaps the login of a network or a proxy: check --endpoint and the network"},
		{"no proxy, plain", plain, nil, "no connection: the proxy cannot be used: {proxy} refuses connections; check the variable HTTP_PROXY, or set NO_PROXY"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			proxy := closedPort(t)
			if tt.serve != nil {
				s := httptest.NewServer(tt.serve)
				t.Cleanup(s.Close)
				proxy = s.Listener.Addr().String()
			}
			dir := filepath.Join(t.TempDir(), "report")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			const password = "proxy-pass-0001"
			address := "http://me:" + password + "@" + proxy
			command := process(ctx, t, []string{"HTTP_PROXY=" + address, "HTTPS_PROXY=" + address}, runArgs(tt.endpoint, "--allow-http", "--output", dir)...)
			var stderr bytes.Buffer
			command.Stderr = &stderr
			_ = command.Run()
			c := outcome{status: command.ProcessState.ExitCode(), stderr: stderr.String()}
			oneSentence(t, c, strings.ReplaceAll(tt.want, "{proxy}", proxy))
			if fault := faultOf(strings.TrimPrefix(c.stderr, "gesconform: ")); c.status != exitNotJudged || fault != "" {
				t.Errorf("expected status 2 and a sentence, got %d: %s %s", c.status, c.stderr, fault)
			}
			record := read(t, filepath.Join(dir, result.ExchangesFile))
			if !strings.Contains(record, `"proxy":"`+proxy+`"`) || strings.Contains(record+c.stderr, password) {
				t.Errorf("expected the proxy, and not its password, in the record: %.600s", record)
			}
			again := call(t, nil, "judge", dir) // from the record alone
			if again.stderr != c.stderr {
				t.Errorf("judged again:\n got %s\nwant %s", again.stderr, c.stderr)
			}
		})
	}
}

// IAM's faults are IAM's: none ends with a word about --endpoint.
func TestLoginFaultsAreSaidInSentences(t *testing.T) {
	t.Parallel()
	const user = "OS_USERNAME, OS_PASSWORD and OS_USER_DOMAIN_NAME"
	hangUp := raw(t, func(net.Conn) {})
	for _, tt := range []struct{ name, auth, want string }{
		{"401", serverOf(t, always(401, "application/json", `{"error":{"code":401,"message":"planted"}}`)), "expected 201, got 401; check " + user + ": the account may be locked after some wrong passwords"},
		{"400", serverOf(t, always(400, "application/json", `{}`)), "expected 201, got 400; check " + user + ", and --project-id"},
		{"403", serverOf(t, always(403, "application/json", `{}`)), "expected 201, got 403; check --project-id, and whether the user may log in for it"},
		{"404", serverOf(t, http.NotFound), "expected 201, got 404; check OS_AUTH_URL, which is like https://iam.cn-north-4.myhuaweicloud.com/v3"},
		{"500", serverOf(t, always(500, "text/html", "<html>planted")), "expected 201, got 500; try again later"},
		{"not JSON", serverOf(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Subject-Token", "t")
			always(201, "text/html", "<html>planted")(w, r)
		}), "expected the answer of IAM, got something else; check OS_AUTH_URL"},
		{"no token", serverOf(t, always(201, "application/json", `{"token":{"expires_at":"2999-01-01T00:00:00.000000Z"}}`)), "expected a token in X-Subject-Token, got none; check OS_AUTH_URL"},
		{"drops", hangUp, "no connection: the endpoint ended the connection at once; check the port in OS_AUTH_URL, and what is in front of the service"},
		{"plain instead of TLS", strings.Replace(serverOf(t, http.NotFound), "http:", "https:", 1), "no connection: the port speaks HTTP without TLS; give the port that speaks TLS, or set OS_AUTH_URL http://"},
		{"unknown authority", untrusted(t), "no connection: certificate signed by unknown authority; set --ca-file to a PEM file with the certificate of the authority that signed it, if you trust it"},
		{"no such host", "https://iam.invalid", "; check "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			environ := []string{"OS_AUTH_URL=" + tt.auth + "/v3", "OS_USERNAME=me", "OS_PASSWORD=planted-password", "OS_USER_DOMAIN_NAME=acme"}
			c := call(t, environ, "run", "--endpoint", "http://127.0.0.1:1", "--project-id", "p", "--graph-id", "g", "--request-timeout", "20s")
			oneSentence(t, c, "gesconform: log in at "+tt.auth+`/v3 as "me", project p: `, tt.want)
			if fault := faultOf(c.stderr); c.status != exitNotJudged || fault != "" || strings.Contains(c.stderr, "--endpoint") || strings.Contains(c.stderr, "planted") {
				t.Errorf("expected status 2 and a sentence on IAM alone, got %d: %s %s", c.status, c.stderr, fault)
			}
		})
	}
}

// untrusted starts a server whose certificate nobody knows.
func untrusted(t *testing.T) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

// Faults of a token's source are said without a word about the endpoint.
func TestTokenSourceFaultsAreNotTheEndpoints(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	write(t, empty, "\n")
	for flag, want := range map[string]string{
		"--token-file=" + filepath.Join(dir, "none"):     "token-file: expected a file with a token, got: " + filepath.Join(dir, "none") + ": no such file or directory",
		"--token-file=" + empty:                          "token-file: expected a token, got nothing",
		"--token-file=" + dir:                            "token-file: expected a file with a token, got: " + dir + ": is a directory",
		"--token-command=echo not logged in >&2; exit 3": "token-command: expected a token on its standard output, got: exit status 3; it wrote: not logged in",
		"--token-command=true":                           "token-command: expected a token, got nothing",
		"--token-command=/no/such/program 2>/dev/null":   "token-command: expected a token on its standard output, got: exit status 127, as for a command that is not there",
		"--token-command=echo two words":                 "token-command: expected a token and nothing else, got several words",
	} {
		c := call(t, nil, "run", "--endpoint", "http://127.0.0.1:1", "--project-id", "p", "--graph-id", "g", flag)
		if c.status != exitNotJudged || c.stderr != "gesconform: "+want+"\n" {
			t.Errorf("%s: status %d\n got %swant gesconform: %s", flag, c.status, c.stderr, want)
		}
	}
}

// A server that asks for a client certificate is said to, whichever TLS it speaks.
func TestMissingClientCertificates(t *testing.T) {
	t.Parallel()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		s := httptest.NewUnstartedServer(http.NotFoundHandler())
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12, MaxVersion: version}
		s.StartTLS()
		t.Cleanup(s.Close)
		c := call(t, nil, runArgs(s.URL, "--insecure")...)
		oneSentence(t, c, "client certificate")
		if !strings.Contains(c.stderr, "--client-cert") || faultOf(c.stderr) != "" {
			t.Errorf("TLS %x: got %s %s", version, c.stderr, faultOf(c.stderr))
		}
	}
}
