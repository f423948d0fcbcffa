package wire

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
)

// SendTogether sends a request twice at the same moment, in the order of their numbers: each goes
// on a connection of its own, and all but its last byte is written before that of either is.
func (t *Client) SendTogether(ctx context.Context, caseID, aim string, r cases.Template) [2]exchange.Exchange {
	var both [2]exchange.Exchange
	m := &meeting{missing: len(both), complete: make(chan struct{})}
	var sending sync.WaitGroup
	for i := range both {
		sending.Go(func() {
			defer m.end() // if this one did not come that far, the other need not wait
			transport := t.meetingTransport(m)
			defer transport.base.CloseIdleConnections()
			both[i] = t.send(ctx, &http.Client{Transport: transport, CheckRedirect: t.fresh.CheckRedirect}, caseID, aim, r)
		})
	}
	sending.Wait()
	slices.SortFunc(both[:], func(a, b exchange.Exchange) int { return a.Sequence - b.Sequence })
	return both
}

// A meeting is where requests wait for each other.
type meeting struct {
	mu       sync.Mutex
	missing  int
	ended    bool
	complete chan struct{}
}

// arrive waits until all have arrived, or the meeting has ended.
func (m *meeting) arrive() {
	m.mu.Lock()
	m.missing--
	if m.missing == 0 {
		m.endLocked()
	}
	m.mu.Unlock()
	<-m.complete
}

func (m *meeting) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.endLocked()
}

func (m *meeting) endLocked() {
	if !m.ended {
		m.ended = true
		close(m.complete)
	}
}

// A meetingTransport sends a request whose last byte waits at a meeting.
type meetingTransport struct {
	base *http.Transport
	last *atomic.Bool // the next write has the end of the request
}

// meetingTransport returns a transport of HTTP/1.1, where the end of a request is its last byte.
func (t *Client) meetingTransport(m *meeting) *meetingTransport {
	h := &meetingTransport{base: t.held.Clone(), last: &atomic.Bool{}}
	h.base.ForceAttemptHTTP2, h.base.MaxIdleConnsPerHost = false, -1
	h.base.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	if h.base.TLSClientConfig == nil {
		h.base.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	h.base.TLSClientConfig.NextProtos = []string{"http/1.1"} // else a server may choose HTTP/2
	dial := h.base.DialContext
	h.base.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &meetingConn{Conn: c, last: h.last, meeting: m}, nil
	}
	return h
}

// RoundTrip implements http.RoundTripper.
func (h *meetingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Body = &watchedBody{ReadCloser: r.Body, left: r.ContentLength, last: h.last}
	return h.base.RoundTrip(r)
}

// A watchedBody notes when it has been read to its end, after which it is written.
type watchedBody struct {
	io.ReadCloser
	left int64
	last *atomic.Bool
}

// Read implements io.Reader.
func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left == 0 && n > 0 {
		b.last.Store(true)
	}
	return n, err
}

// A meetingConn holds the last byte of a request until the others are there.
type meetingConn struct {
	net.Conn
	last    *atomic.Bool
	meeting *meeting
}

// Write implements io.Writer.
func (c *meetingConn) Write(p []byte) (int, error) {
	if len(p) == 0 || !c.last.CompareAndSwap(true, false) {
		return c.Conn.Write(p)
	}
	most, err := c.Conn.Write(p[:len(p)-1])
	c.meeting.arrive()
	if err != nil {
		return most, err
	}
	end, err := c.Conn.Write(p[len(p)-1:])
	return most + end, err
}
