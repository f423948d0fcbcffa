package fakeserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// An outgoing is an answer that is about to be delivered.
type outgoing struct {
	call     *call
	request  *http.Request // as the client sent it
	status   int
	header   http.Header
	body     []byte
	delivery delivery
	missing  int // by how many bytes Content-Length exceeds the body
	chunk    int // size of the pieces in which the body is sent; 0 for all at once

	compressed, tagged bool        // whether the body is sent in gzip; whether it has an ETag
	hinted             bool        // whether 103 (Early Hints) comes before it
	trailer            http.Header // what follows the body
}

// An edit changes an answer before it is delivered.
type edit func(*outgoing)

// A delivery says how much of an answer is sent, and what happens to the connection.
type delivery int

const (
	inFull       delivery = iota
	hang                  // nothing is sent, and the connection stays open
	stall                 // half of the body is sent, and the connection stays open
	truncate              // half of the body is sent, and the connection is closed
	drop                  // nothing is sent, and the connection is closed
	reset                 // nothing is sent, and the connection is reset
	withHeadBody          // the body is sent even in answer to HEAD, and the connection is closed
	drip                  // the body is sent byte by byte
	endless               // the body does not end before the client leaves
	halfHead              // the connection is closed in the middle of the headers
	twoLengths            // there are two Content-Lengths, the second one greater
	notHTTP               // what is sent is not HTTP
)

// A bufferedWriter keeps the service's answer so that it can be edited.
type bufferedWriter struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (r *bufferedWriter) Header() http.Header         { return r.header }
func (r *bufferedWriter) WriteHeader(status int)      { r.status = status }
func (r *bufferedWriter) Write(b []byte) (int, error) { return r.body.Write(b) }

// layers are what happens between the service and the wire: changes to requests and
// answers by defects, faults, and variations.
type layers struct {
	requests []func(*http.Request)
	edits    []edit
	faults   []*fault
	vary     *variationSource // nil if nothing varies
	prefer   bool             // whether a request may ask for an error status with Prefer
}

func (l *layers) empty() bool {
	return len(l.requests)+len(l.edits)+len(l.faults) == 0 && l.vary == nil && !l.prefer
}

// serveThroughLayers lets the layers change a call's request, has the service serve it
// unless a fault prevents that, and lets the layers change the answer.
func (s *service) serveThroughLayers(c *call) {
	w, r := c.w, c.request
	c.request = r.Clone(r.Context())
	for _, change := range s.layers.requests {
		change(c.request)
		s.locate(c)
	}
	answer := &bufferedWriter{status: http.StatusOK, header: http.Header{}}
	c.w = answer
	c.variant = s.layers.vary.next()
	struck := s.faultsOn(c)
	if struck.fault != nil && struck.fault.Break == scenario.ResetEarly {
		c.condition = "fault"
		closeConnection(w, true)
		return
	}
	// net/http only notices that a client is gone when the body has been read. Also, the
	// journal keeps the body even if the service never sees it.
	c.readBody()
	stays := sleep(r.Context(), struck.delay+c.variant.delay())
	if struck.reachesService() { // even if the client is gone
		s.serve(c)
	}
	if !stays {
		return
	}
	e := &outgoing{call: c, request: r, status: answer.status, header: answer.header, body: answer.body.Bytes()}
	for _, edit := range s.layers.edits {
		edit(e)
	}
	s.applyFaults(struck, e)
	c.variant.edit(e)
	e.deliver(w)
}

// sleep waits for d, and reports whether the client is still there.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// deliver sends the answer, or as much of it as its delivery says.
func (e *outgoing) deliver(w http.ResponseWriter) {
	switch e.delivery {
	case hang:
		<-e.request.Context().Done()
		closeConnection(w, false)
		return
	case drop, reset:
		closeConnection(w, e.delivery == reset)
		return
	case withHeadBody, halfHead, twoLengths, notHTTP:
		e.writeRaw(w)
		return
	case inFull, stall, truncate, drip, endless:
	}
	if e.hinted {
		w.WriteHeader(http.StatusEarlyHints)
	}
	for name, values := range e.header {
		w.Header()[name] = slices.Clone(values) // nil values keep net/http from adding the header
	}
	if e.delivery == truncate || e.delivery == stall || e.missing > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(e.body)+e.missing))
	}
	for name := range e.trailer {
		w.Header().Add("Trailer", name)
	}
	w.WriteHeader(e.status)
	switch e.delivery {
	case inFull:
		e.write(w)
		maps.Copy(w.Header(), e.trailer)
	case drip:
		e.writeSlowly(w, 1, e.body)
	case endless:
		for e.writeSlowly(w, endlessPiece, bytes.Repeat([]byte(" "), endlessPiece)) {
		}
	default:
		_, _ = w.Write(e.body[:len(e.body)/2])
		_ = http.NewResponseController(w).Flush()
		if e.delivery == stall {
			<-e.request.Context().Done()
		}
	}
}

const (
	dripPause    = 5 * time.Millisecond // between pieces; a usual answer takes less than a second
	endlessPiece = 16 << 10
)

// writeSlowly sends bytes in pieces, with a pause after each; on a busy machine pauses that were too
// long are made up for, so that the whole takes no longer. It reports whether the client is still
// there.
func (e *outgoing) writeSlowly(w http.ResponseWriter, piece int, body []byte) bool {
	next := time.Now()
	for part := range slices.Chunk(body, piece) {
		if _, err := w.Write(part); err != nil {
			return false
		}
		_ = http.NewResponseController(w).Flush()
		next = next.Add(dripPause)
		if !sleep(e.request.Context(), time.Until(next)) {
			return false
		}
	}
	return true
}

// writeRaw writes the answer to the connection itself, past net/http, which would leave out the
// body of an answer to HEAD and would not break the headers.
func (e *outgoing) writeRaw(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // as in HTTP/2, where the body cannot be sent
	}
	e.header["Server"] = w.Header()["Server"]
	answer := http.Response{
		StatusCode: e.status, ProtoMajor: 1, ProtoMinor: 1, Header: e.header.Clone(), Close: true,
		Body: io.NopCloser(bytes.NewReader(e.body)), ContentLength: int64(len(e.body)),
	}
	var b bytes.Buffer
	_ = answer.Write(&b) // cannot fail
	raw := b.Bytes()
	switch e.delivery {
	case halfHead:
		raw = raw[:bytes.Index(raw, []byte("\r\n"))+20]
	case twoLengths:
		raw = bytes.Replace(raw, []byte("\r\n"), fmt.Appendf(nil, "\r\nContent-Length: %d\r\n", len(e.body)+7), 1)
	case notHTTP:
		raw = []byte("SSH-2.0-OpenSSH_9.6\r\n")
	default:
	}
	_, _ = connection.Write(raw) // fails if the client is gone
	_ = connection.Close()
}

// write sends the body, in chunks if a variation asks for that. It only fails if the
// client is gone, which does not matter.
func (e *outgoing) write(w http.ResponseWriter) {
	if e.chunk == 0 {
		_, _ = w.Write(e.body)
		return
	}
	for chunk := range slices.Chunk(e.body, e.chunk) {
		_, _ = w.Write(chunk)
		_ = http.NewResponseController(w).Flush()
	}
}

// closeConnection closes the connection of an answer, with a reset (TCP RST) if reset is
// true. If the connection cannot be hijacked, as in HTTP/2, it panics with
// http.ErrAbortHandler, on which net/http aborts the stream.
func closeConnection(w http.ResponseWriter, reset bool) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if secured, ok := connection.(*tls.Conn); ok && reset {
		connection = secured.NetConn()
	}
	if tcp, ok := connection.(interface{ SetLinger(sec int) error }); ok && reset {
		_ = tcp.SetLinger(0) // if it fails, the connection is closed without a reset
	}
	_ = connection.Close()
}
