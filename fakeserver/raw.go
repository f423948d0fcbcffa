package fakeserver

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strconv"
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

// serveByRules serves a request by the service and lets the rules change it and
// its answer.
func (s *Server) serveByRules(w http.ResponseWriter, r *http.Request) {
	inner := r.Clone(r.Context())
	for _, rule := range s.rules {
		if rule.rewrite != nil {
			rule.rewrite(inner)
		}
	}
	answer := &recorder{status: http.StatusOK, header: http.Header{}}
	c := s.serve(answer, inner)
	e := &exchange{call: c, request: r, status: answer.status, header: answer.header, body: answer.body.Bytes()}
	for _, rule := range s.rules {
		if rule.when == nil || !rule.when(e) {
			continue
		}
		for _, edit := range rule.edits {
			edit(e)
		}
	}
	// Only when all of the request has been read does the server notice that
	// the client has gone away.
	_, _ = io.CopyN(io.Discard, r.Body, maxBody)
	e.leave(w)
}

// leave sends the answer.
func (e *exchange) leave(w http.ResponseWriter) {
	switch e.manner {
	case never:
		<-e.request.Context().Done()
		hangUp(w)
		return
	case dropped:
		hangUp(w)
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
		_, _ = w.Write(e.body) // fails if the client is gone
		return
	}
	_, _ = w.Write(e.body[:len(e.body)/2])
	_ = http.NewResponseController(w).Flush()
	if e.manner == stalling {
		<-e.request.Context().Done()
	}
}

// hangUp closes the connection, as net/http does itself after this panic.
func hangUp(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = connection.Close()
}
