package fakeserver

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"

	"github.com/gesconform/gesconform/internal/serving"
)

// TB is the part of testing.TB that Start needs.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Running is a server that listens on the loopback interface.
type Running struct {
	*Server
	URL string // http://127.0.0.1:PORT, or https://… for StartTLS

	client *http.Client
}

// Client returns a client for the server, which trusts the server's certificate. Its idle
// connections are closed when the test ends.
func (r *Running) Client() *http.Client { return r.client }

// Start starts a server that listens on a free port of the loopback interface until the
// test ends. If it cannot, the test fails at once.
func Start(tb TB, options ...Option) *Running {
	tb.Helper()
	return start(tb, options, &http.Transport{})
}

// StartTLS is like Start but with TLS, HTTP/2 for clients that support it, and a
// certificate that only [Running.Client] trusts.
func StartTLS(tb TB, options ...Option) *Running {
	tb.Helper()
	certificate, authority, err := serving.SelfSigned()
	if err != nil {
		tb.Fatalf("start the fake server: %v", err)
		return nil
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(authority)
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: trusted}, ForceAttemptHTTP2: true}
	return start(tb, options, transport, serving.WithCertificate(certificate))
}

// start serves until the test ends. Requests that are under way by then are cut off.
func start(tb TB, options []Option, transport *http.Transport, serve ...serving.Option) *Running {
	tb.Helper()
	fake, err := Build(options...)
	if err != nil {
		tb.Fatalf("start the fake server: %v", err)
		return nil
	}
	url, stop, err := serving.Start(fake, serve...)
	if err != nil {
		tb.Fatalf("start the fake server: %v", err)
		return nil
	}
	tb.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
	})
	return &Running{Server: fake, URL: url, client: &http.Client{Transport: transport}}
}
