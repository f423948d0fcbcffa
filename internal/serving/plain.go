package serving

import (
	"io"
	"net"
)

// A plainListener closes connections on which a client begins a TLS handshake, so that
// the client learns of its mistake at once. net/http would wait for the end of a line,
// which a handshake need not have, until its timeout.
type plainListener struct{ net.Listener }

// Accept waits for the next connection.
func (l plainListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &plainConn{TCPConn: tcp}, err
	}
	return conn, err
}

// A plainConn is a TCP connection whose Read returns io.EOF if the first byte is that of a
// TLS handshake. It embeds *net.TCPConn for CloseWrite, which net/http calls after it has
// answered without having read the whole body.
type plainConn struct {
	*net.TCPConn
	begun bool // only used by the goroutine that reads
}

// handshake is the type of the first TLS record that a client sends (RFC 8446, section
// 5.1). No HTTP request begins with this byte.
const handshake = 0x16

// Read reads from the connection.
func (c *plainConn) Read(b []byte) (int, error) {
	n, err := c.TCPConn.Read(b)
	if !c.begun && n > 0 {
		c.begun = true
		if b[0] == handshake {
			return 0, io.EOF
		}
	}
	return n, err
}
