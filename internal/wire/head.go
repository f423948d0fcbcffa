package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"
)

// An answer to HEAD has no body, and net/http hides one that is sent nevertheless. So that it
// is seen, HEAD goes in HTTP/1.1 on a connection of its own that keeps what is read from it, and that is
// read up to its end, which the request has asked for with Connection: close.

const (
	keptAfterHead = 4 << 10
	// headPatience is how long a server may take to close a connection that it was asked to
	// close. What it sends after that is not seen.
	headPatience = time.Second
)

// headTransport returns a transport whose connections are [headConn]s, except where it does the
// TLS handshake itself, in HTTP/2 and through a proxy.
func headTransport(of *http.Transport) *http.Transport {
	t := of.Clone()
	t.DisableKeepAlives = true
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := of.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &headConn{Conn: c}, nil
	}
	t.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dialTLS(ctx, of, network, address, "http/1.1")
		if err == nil {
			state := c.ConnectionState()
			return &headConn{Conn: c, state: &state}, nil
		}
		return dialTLS(ctx, of, network, address, "h2", "http/1.1") // net/http needs to see a connection in HTTP/2 as it is
	}
	return t
}

// dialTLS connects as a transport would, and offers some protocols.
func dialTLS(ctx context.Context, of *http.Transport, network, address string, protocols ...string) (*tls.Conn, error) {
	c, err := of.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	security := &tls.Config{MinVersion: tls.VersionTLS12}
	if of.TLSClientConfig != nil {
		security = of.TLSClientConfig.Clone()
	}
	if security.ServerName == "" {
		security.ServerName, _, _ = net.SplitHostPort(address)
	}
	security.NextProtos = protocols
	secure := tls.Client(c, security)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = c.Close()
		return nil, err
	}
	return secure, nil
}

// A headConn keeps what is read from a connection. While it is held, it stays open, so that
// what follows the answer's head can be read.
type headConn struct {
	net.Conn

	state *tls.ConnectionState // nil without TLS

	mu           sync.Mutex
	read         []byte
	held, closed bool
}

func (c *headConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = append(c.read, b[:n]...)
	return n, err
}

func (c *headConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.held {
		return nil
	}
	return c.Conn.Close()
}

// hold keeps the connection open until it is released.
func (c *headConn) hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = true
}

// release closes the connection.
func (c *headConn) release() {
	c.mu.Lock()
	c.held = false
	c.mu.Unlock()
	_ = c.Conn.Close()
}

// afterHead reads the connection up to its end, and returns what the server has sent after the
// head of its answer. net/http must be done with the connection.
func (c *headConn) afterHead() string {
	_ = c.SetReadDeadline(time.Now().Add(headPatience))
	rest, _ := io.ReadAll(io.LimitReader(c.Conn, keptAfterHead)) // up to the end of the connection or of our patience
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(bodyOf(append(slices.Clone(c.read), rest...)))
}

var endOfHead = regexp.MustCompile(`\r?\n\r?\n`)

// bodyOf returns what follows the heads of interim answers (1xx) and of the final one.
func bodyOf(answer []byte) []byte {
	for {
		end := endOfHead.FindIndex(answer)
		if end == nil {
			return nil
		}
		_, status, _ := bytes.Cut(answer[:end[0]], []byte(" "))
		if answer = answer[end[1]:]; !bytes.HasPrefix(status, []byte("1")) {
			return answer[:min(len(answer), keptAfterHead)]
		}
	}
}
