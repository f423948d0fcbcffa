package wire

import (
	"crypto/tls"
	"net/http"
)

// A Connection is how the endpoint was reached.
type Connection struct {
	Protocol string               // such as HTTP/2.0
	TLS      *tls.ConnectionState // nil without TLS
}

// Connection returns the connection of the last answer; the zero value if there was none.
func (t *Client) Connection() Connection {
	if last := t.connection.Load(); last != nil {
		return *last
	}
	return Connection{}
}

func (t *Client) noteConnection(r *http.Response) {
	t.connection.Store(&Connection{r.Proto, r.TLS})
}
