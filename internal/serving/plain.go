package serving

import (
	"io"
	"net"
)

// A plainListener closes connections on which a peer begins a TLS handshake. net/http
// would wait until its timeout for the end of a line, which a handshake need not
// have; so the peer learns at once that it is wrong.
type plainListener struct{ net.Listener }

// Accept waits for the next connection.
func (l plainListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		return &plainConn{TCPConn: tcp}, err
	}
	return conn, err
}

// A plainConn is a TCP connection that ends if its first byte is that of a TLS
// handshake. It embeds the *net.TCPConn for CloseWrite, which net/http calls after
// an answer to a body that it did not read to its end.
type plainConn struct {
	*net.TCPConn
	begun bool // used by the one goroutine that reads
}

// handshake is the type of the TLS record with which a client begins. No
// request begins with it.
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
