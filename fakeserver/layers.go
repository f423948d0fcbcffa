package fakeserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
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
	// net/http only notices that a client is gone when the body has been read. Also, the
	// journal keeps the body even if the service never sees it.
	c.readBody()
	struck := s.faultsOn(c)
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
	case withHeadBody:
		e.writeRaw(w)
		return
	case inFull, stall, truncate:
	}
	if e.hinted {
		w.WriteHeader(http.StatusEarlyHints)
	}
	for name, values := range e.header {
		w.Header()[name] = slices.Clone(values) // nil values keep net/http from adding the header
	}
	if e.delivery != inFull || e.missing > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(e.body)+e.missing))
	}
	for name := range e.trailer {
		w.Header().Add("Trailer", name)
	}
	w.WriteHeader(e.status)
	if e.delivery == inFull {
		e.write(w)
		maps.Copy(w.Header(), e.trailer)
		return
	}
	_, _ = w.Write(e.body[:len(e.body)/2])
	_ = http.NewResponseController(w).Flush()
	if e.delivery == stall {
		<-e.request.Context().Done()
	}
}

// writeRaw writes the answer with its body to the connection itself, past net/http, which
// would leave out the body of an answer to HEAD.
func (e *outgoing) writeRaw(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // as in HTTP/2, where the body cannot be sent
	}
	answer := http.Response{
		StatusCode: e.status, ProtoMajor: 1, ProtoMinor: 1, Header: e.header.Clone(), Close: true,
		Body: io.NopCloser(bytes.NewReader(e.body)), ContentLength: int64(len(e.body)),
	}
	var b bytes.Buffer
	_ = answer.Write(&b)               // cannot fail
	_, _ = connection.Write(b.Bytes()) // fails if the client is gone
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
