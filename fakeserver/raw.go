package fakeserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// A rule rewrites requests before the service sees them, or answers after it
// has written them. It knows no contract.
type rule struct {
	rewrite func(*http.Request)
	when    func(*exchange) bool // nil if the rule leaves answers alone
	edits   []edit
}

// An exchange is a request with the answer that is about to leave.
type exchange struct {
	call    *call
	request *http.Request
	status  int
	header  http.Header
	body    []byte
	manner  manner
	more    int // how much longer than the body the answer says that it is
	piece   int // bytes that the body is sent by; 0 for all at once
}

// An edit changes an answer.
type edit func(*exchange)

// A manner is a way in which an answer leaves.
type manner int

const (
	orderly  manner = iota
	never           // nothing leaves, and the connection stays
	stalling        // half of the body leaves, and the connection stays
	broken          // half of the body leaves, and the connection is closed
	dropped         // nothing leaves, and the connection is closed
	reset           // likewise, with a reset
)

// A recorder takes the service's answer.
type recorder struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

// layers are what stands between the service and the wire. Of the contract they
// know what faults and variations answer lawfully.
type layers struct {
	rules  []rule
	faults []*fault
	vary   *variety // nil if nothing varies
	prefer bool
}

func (l *layers) empty() bool {
	return len(l.rules) == 0 && len(l.faults) == 0 && l.vary == nil && !l.prefer
}

// serveByLayers serves a call by the service, unless a fault strikes before,
// and lets the layers change the request and its answer.
func (s *service) serveByLayers(c *call) {
	w, r := c.w, c.request
	c.request = r.Clone(r.Context())
	for _, rule := range s.layers.rules {
		if rule.rewrite != nil {
			rule.rewrite(c.request)
			s.locate(c)
		}
	}
	answer := &recorder{status: http.StatusOK, header: http.Header{}}
	c.w = answer
	c.variant = s.layers.vary.next()
	// Only when all of the request has been read does the server notice that
	// the client has gone away. And the journal wants it, whoever answers.
	c.readBody()
	blow := s.strike(c)
	stays := sleep(r.Context(), blow.delay+c.variant.delay())
	if blow.acts() { // even for a client that has given up waiting
		s.serve(c)
	}
	if !stays {
		return
	}
	e := &exchange{call: c, request: r, status: answer.status, header: answer.header, body: answer.body.Bytes()}
	for _, rule := range s.layers.rules {
		if rule.when == nil || !rule.when(e) {
			continue
		}
		for _, edit := range rule.edits {
			edit(e)
		}
	}
	s.land(blow, e)
	c.variant.edit(e)
	e.leave(w)
}

// sleep waits, and reports whether the client is still there.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// leave sends the answer.
func (e *exchange) leave(w http.ResponseWriter) {
	switch e.manner {
	case never:
		<-e.request.Context().Done()
		hangUp(w, false)
		return
	case dropped, reset:
		hangUp(w, e.manner == reset)
		return
	case orderly, stalling, broken:
	}
	for name, values := range e.header {
		w.Header()[name] = slices.Clone(values) // a nil one keeps net/http from adding its own
	}
	if e.manner != orderly || e.more > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(e.body)+e.more))
	}
	w.WriteHeader(e.status)
	if e.manner == orderly {
		e.write(w)
		return
	}
	_, _ = w.Write(e.body[:len(e.body)/2])
	_ = http.NewResponseController(w).Flush()
	if e.manner == stalling {
		<-e.request.Context().Done()
	}
}

// write sends the body, in pieces if the answer varies so. It fails if the
// client is gone, which is no error of the server's.
func (e *exchange) write(w http.ResponseWriter) {
	if e.piece == 0 {
		_, _ = w.Write(e.body)
		return
	}
	for piece := range slices.Chunk(e.body, e.piece) {
		_, _ = w.Write(piece)
		_ = http.NewResponseController(w).Flush()
	}
}

// hangUp closes the connection, as net/http does itself after this panic. With
// a reset what the client has sent counts as not received.
func hangUp(w http.ResponseWriter, reset bool) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if secured, ok := connection.(*tls.Conn); ok && reset {
		connection = secured.NetConn()
	}
	if tcp, ok := connection.(interface{ SetLinger(sec int) error }); ok && reset {
		_ = tcp.SetLinger(0) // if it fails, the end is an orderly one, which is nearly as bad
	}
	_ = connection.Close()
}
