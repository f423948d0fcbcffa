// Package serving runs an HTTP server as a cloud's gateway would: with limits on
// the size of requests and on how slowly they may come, with TLS and HTTP/2 if it
// has a certificate, and with a bounded shutdown. It serves any handler.
package serving

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

const (
	// headerTimeout is how long the TLS handshake may take, and then the head of
	// a request. The head fits into a few packets, so a peer that needs longer
	// does so on purpose, to keep the connection busy.
	headerTimeout = 10 * time.Second
	// requestTimeout is how long a request may take to come, its body included.
	// The largest body that a gateway takes, 12 MiB, comes in time over a line of
	// 4 Mbit/s.
	requestTimeout = 30 * time.Second
	// idleTimeout is how long a connection may wait for its next request. It is
	// longer than the 90 s that Go's own client waits, so that the client, which
	// knows whether it is about to send, is the one to close.
	idleTimeout = 2 * time.Minute
	// shutdownGrace is how long the requests that are under way at the end have to be
	// answered. What then still hangs was most likely meant to.
	shutdownGrace = time.Second
)

// An Option configures a server.
type Option func(*Server)

// WithCertificate serves TLS, and HTTP/2 to those who ask for it.
func WithCertificate(certificate tls.Certificate) Option {
	return func(s *Server) {
		s.secure = true
		s.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}}
	}
}

// WithGrace replaces the second that requests have to be answered at the end. With 0 all is cut off at once.
func WithGrace(d time.Duration) Option { return func(s *Server) { s.grace = d } }

// A Server serves a handler on one listener.
type Server struct {
	listener net.Listener
	http     http.Server
	secure   bool // TLSConfig says nothing: net/http sets one if there is none
	grace    time.Duration
}

// New returns a server of a handler on a listener, which it owns from now on.
// It serves once Serve is called.
func New(listener net.Listener, handler http.Handler, options ...Option) *Server {
	s := &Server{listener: listener, grace: shutdownGrace}
	s.http = http.Server{
		Handler:           limit(handler),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		IdleTimeout:       idleTimeout,
		// There is no WriteTimeout: it would cut off streams of events, and the
		// answers that a handler holds back on purpose. Whoever hangs on costs one
		// goroutine, until its peer goes or the server ends.
		MaxHeaderBytes: hardHeaderLimit,
		// net/http logs what peers do wrong, in their own words: failed handshakes,
		// bad lines. Nothing that a peer sends may reach the log or the terminal.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	for _, option := range options {
		option(s)
	}
	return s
}

// Start serves a handler on a free port of the loopback interface until stop is
// called, which cuts off what is under way.
func Start(handler http.Handler, options ...Option) (url string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := New(listener, handler, append(options, WithGrace(0))...)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(ctx) // fails only if the listener does, which its clients notice
	}()
	return server.URL(), func() {
		cancel()
		<-ended
	}, nil
}

// URL is where this machine finds the server: a server that listens everywhere
// is found on the loopback interface.
func (s *Server) URL() string {
	scheme := "http://"
	if s.secure {
		scheme = "https://"
	}
	address := s.listener.Addr()
	if tcp, ok := address.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("%s127.0.0.1:%d", scheme, tcp.Port)
	}
	return scheme + address.String()
}

// Serve serves until the context ends. Requests that are under way then have
// the grace to be answered; what hangs on is cut off. The port is free when
// Serve returns. It returns nil where the context has ended, and is called once.
func (s *Server) Serve(ctx context.Context) error {
	served := make(chan error, 1)
	go func() {
		if s.secure {
			served <- s.http.ServeTLS(s.listener, "", "") // adds h2 to the protocols
			return
		}
		served <- s.http.Serve(plainListener{s.listener})
	}()
	select {
	case err := <-served:
		_ = s.http.Close()
		return fmt.Errorf("serve on %s: %w", s.listener.Addr(), err)
	case <-ctx.Done():
	}
	// The requests do not inherit ctx: they are not over when it is.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.grace)
	defer cancel()
	if s.http.Shutdown(grace) != nil {
		_ = s.http.Close() // what fails is the end of connections that end anyway
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", s.listener.Addr(), err)
	}
	return nil
}
