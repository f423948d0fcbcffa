package fakeserver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"

	"github.com/gesconform/gesconform/internal/serving"
)

// TB is what Start needs of a *testing.T or *testing.B.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Running is a server that listens.
type Running struct {
	*Server
	URL string // http://127.0.0.1:PORT, of StartTLS https://127.0.0.1:PORT

	client *http.Client
}

// Client returns a client for the server, whose certificate it trusts if the
// server has one. Its connections end with the test.
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

// start serves until the test has ended. What then hangs is cut off at once: the
// test has seen all of it that it wanted to see.
func start(tb TB, options []Option, transport *http.Transport, serve ...serving.Option) *Running {
	tb.Helper()
	fake, err := Build(options...)
	if err != nil {
		tb.Fatalf("start the fake server: %v", err)
		return nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatalf("start the fake server: %v", err)
		return nil
	}
	server := serving.New(listener, fake, append(serve, serving.WithGrace(0))...)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(ctx) // fails only if the listener does, which its clients notice
	}()
	tb.Cleanup(func() {
		transport.CloseIdleConnections()
		cancel()
		<-ended
	})
	return &Running{Server: fake, URL: server.URL(), client: &http.Client{Transport: transport}}
}
