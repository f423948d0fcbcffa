// Package serving runs an HTTP server with any handler, like the gateway of a cloud: with
// limits on the size of requests and on slow clients, with TLS and HTTP/2 if it has a
// certificate, and with a bounded shutdown.
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
	// headerTimeout is how long the TLS handshake may take, and then the request line
	// and headers. They fit into a few packets, so a client that needs longer keeps the
	// connection busy on purpose.
	headerTimeout = 10 * time.Second
	// requestTimeout is how long a whole request may take to arrive. It is enough for
	// the largest body that a gateway accepts, 12 MiB, at 4 Mbit/s.
	requestTimeout = 30 * time.Second
	// idleTimeout is how long a connection may wait for its next request. It is longer
	// than the 90 s of http.DefaultTransport, so that it is the client who closes the
	// connection: the server might close it just when the client sends a request.
	idleTimeout = 2 * time.Minute
	// shutdownGrace is how long a shutdown waits for requests that are under way. One
	// that takes longer most likely hangs on purpose.
	shutdownGrace = time.Second
)

// An Option configures a Server.
type Option func(*Server)

// WithCertificate serves TLS, with HTTP/2 for clients that support it.
func WithCertificate(certificate tls.Certificate) Option {
	return func(s *Server) {
		s.secure = true
		s.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}}
	}
}

// WithGrace sets how long a shutdown waits for requests that are under way; 0 cuts them
// off at once. The default is one second.
func WithGrace(d time.Duration) Option { return func(s *Server) { s.grace = d } }

// WithAround wraps the handler with its limits, so that what is beyond them is seen, too.
func WithAround(around func(http.Handler) http.Handler) Option {
	return func(s *Server) { s.http.Handler = around(s.http.Handler) }
}

// A Server serves a handler on one listener.
type Server struct {
	listener net.Listener
	http     http.Server
	secure   bool // whether to serve TLS; http.TLSConfig does not tell, since net/http sets it
	grace    time.Duration
	refused  func(request []byte)
}

// New returns a server for a handler on a listener, which the server will close. It serves
// once Serve is called.
func New(listener net.Listener, handler http.Handler, options ...Option) *Server {
	s := &Server{listener: listener, grace: shutdownGrace}
	s.http = http.Server{
		Handler:           limit(handler),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		IdleTimeout:       idleTimeout,
		// There is no WriteTimeout, because it would cut off event streams and answers
		// that a handler delays on purpose. A request that hangs costs one goroutine,
		// until the client goes or the server ends.
		MaxHeaderBytes: hardHeaderLimit,
		// net/http logs what clients do wrong (failed handshakes, malformed lines) and
		// quotes them. Nothing that a client sends may reach the log or the terminal.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	for _, option := range options {
		option(s)
	}
	return s
}

// Start serves a handler on a free port of the loopback interface until stop is called,
// which cuts off requests that are under way.
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
		_ = server.Serve(ctx) // only fails if the listener does, which the clients notice
	}()
	return server.URL(), func() {
		cancel()
		<-ended
	}, nil
}

// URL returns the server's URL for clients on this machine. For a server that listens on
// all interfaces, it has the loopback address.
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

// Serve serves until ctx ends, and then returns nil. It waits for requests that are under
// way as WithGrace says, and then cuts them off. The port is free when Serve returns. Serve
// must only be called once.
func (s *Server) Serve(ctx context.Context) error {
	served := make(chan error, 1)
	go func() {
		if s.secure {
			served <- s.http.ServeTLS(s.listener, "", "") // adds h2 to the protocols
			return
		}
		served <- s.http.Serve(plainListener{s.listener, s.refused})
	}()
	select {
	case err := <-served:
		_ = s.http.Close()
		return fmt.Errorf("serve on %s: %w", s.listener.Addr(), err)
	case <-ctx.Done():
	}
	// Requests may go on although ctx has ended.
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.grace)
	defer cancel()
	if s.http.Shutdown(grace) != nil {
		_ = s.http.Close() // an error does not matter: the connections end anyway
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", s.listener.Addr(), err)
	}
	return nil
}
