package fakeserver

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"

	"github.com/gesconform/gesconform/internal/serving"
)

// TB is what Start needs of a *testing.T or *testing.B.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Running is a server that listens on the loopback interface.
type Running struct {
	*Server
	URL string // http://127.0.0.1:PORT, of StartTLS https://127.0.0.1:PORT

	client *http.Client
}

// Client returns a client for the server, which trusts its certificate if it has
// one. Its connections are closed when the test ends.
func (r *Running) Client() *http.Client { return r.client }

// Start makes a server that listens on a free port of the loopback interface
// until the test has ended.
func Start(tb TB, options ...Option) *Running {
	tb.Helper()
	return start(tb, options, &http.Transport{})
}

// StartTLS is Start with TLS: HTTP/2 for those who ask for it, and a certificate
// that only the running server's client trusts.
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

// start serves until the test ends. Requests that are then under way are cut off:
// the test is not interested in them any more.
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
