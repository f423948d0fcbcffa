package serving

import (
	"io"
	"net"
	"regexp"
	"sync"
)

// WithRefused has refused called with the beginning of what the server refuses by itself, because it is
// no HTTP: no handler ever gets it. It is called by several goroutines.
func WithRefused(refused func(request []byte)) Option {
	return func(s *Server) { s.refused = refused }
}

// A plainListener closes connections on which a client begins a TLS handshake, so that
// the client learns of its mistake at once. net/http would wait for the end of a line,
// which a handshake need not have, until its timeout.
type plainListener struct {
	net.Listener
	refused func(request []byte) // nil if nobody wants to know
}

// Accept waits for the next connection.
func (l plainListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &plainConn{TCPConn: tcp, refused: l.refused}, err
	}
	return conn, err
}

// A plainConn is a TCP connection whose Read returns io.EOF if the first byte is that of a
// TLS handshake. It embeds *net.TCPConn for CloseWrite, which net/http calls after it has
// answered without having read the whole body.
type plainConn struct {
	*net.TCPConn
	begun   bool // only used by the goroutine that reads
	refused func(request []byte)

	mu   sync.Mutex
	came []byte // the beginning of what has come since something was last answered, if somebody wants to know
}

const (
	// handshake is the type of the first TLS record that a client sends (RFC 8446, section
	// 5.1). No HTTP request begins with this byte.
	handshake = 0x16
	// keptRequest is how much of what is refused is kept.
	keptRequest = 4 << 10
)

// refusal is how net/http answers what is no HTTP, and nothing else: it has no date.
var refusal = regexp.MustCompile(`^HTTP/1\.1 [45]\d\d [^\r]*\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n`)

// Read reads from the connection.
func (c *plainConn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if c.refused != nil {
		c.mu.Lock()
		c.came = append(c.came, b[:min(n, max(0, keptRequest-len(c.came)))]...)
		c.mu.Unlock()
	}
	if !c.begun && n > 0 {
		c.begun = true
		if b[0] == handshake {
			c.refuse()
			return 0, io.EOF
		}
	}
	return n, err
}

// Write writes to the connection.
func (c *plainConn) Write(b []byte) (int, error) {
	if c.refused != nil {
		if refusal.Match(b) {
			c.refuse()
		}
		c.mu.Lock()
		c.came = nil
		c.mu.Unlock()
	}
	return c.TCPConn.Write(b)
}

func (c *plainConn) refuse() {
	c.mu.Lock()
	came := c.came
	c.came = nil
	c.mu.Unlock()
	if c.refused != nil && len(came) > 0 {
		c.refused(came)
	}
}
