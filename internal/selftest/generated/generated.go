// Package generated makes defects of a server out of the document that it serves: for each clause that an answer may
// break one answer that does, for each that a request must keep a server that overlooks it, and for each edge of what a
// request may have a server that is too strict there. A new clause brings its own defects.
//
// A defect sits in front of a correct server, and shows itself only where what then goes over the wire is unlawful.
package generated

import (
	"bytes"
	"embed"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/contract"
)

// Documents has documents of several makes: of an API with keys, of a framework that writes 3.1, and of forms.
//
//go:embed documents/*.yaml
var Documents embed.FS

// A Defect is one lapse.
type Defect struct {
	Name   string // the clause and what is wrong about it
	Clause string // JSON pointer into the document

	// apply answers a call if it shows itself there, and returns the ids of the requirements that are broken then, any
	// of which may be the one that turns red.
	apply func(c *call) []string
}

// A call is a request with what the defect makes of it.
type call struct {
	s       *Server
	op      *contract.Operation
	request contract.Request
	answer  *contract.Answer // nil until something answers
}

// forward has the correct server answer, if nothing has answered yet.
func (c *call) forward() *contract.Answer {
	if c.answer == nil {
		c.answer = c.s.ask(c.request)
	}
	return c.answer
}

// A Server is a correct server with a defect. It answers one request at a time.
type Server struct {
	Contract    *contract.Contract
	Correct     http.Handler
	Credentials map[string]string // that the correct server takes, by the ids of security schemes
	Defect      Defect

	mu     sync.Mutex
	broken []string
}

// Broken returns the ids of the requirements that the server has broken so far, each once; none if the defect has not
// shown itself.
func (s *Server) Broken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.broken)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the client has gone
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	header := r.Header.Clone()
	c := &call{s: s, request: contract.Request{Method: r.Method, Path: r.URL.RequestURI(), Header: header, Body: body}}
	path := r.URL.EscapedPath()
	if c.op, _, _ = s.Contract.Find(r.Method, path); c.op != nil {
		for _, id := range s.Defect.apply(c) {
			if !slices.Contains(s.broken, id) {
				s.broken = append(s.broken, id)
			}
		}
	}
	a := c.forward()
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // the client may have gone
}

// ask sends a request to the correct server.
func (s *Server) ask(r contract.Request) *contract.Answer {
	asked := httptest.NewRequest(r.Method, r.Path, bytes.NewReader(r.Body))
	asked.Header = r.Header.Clone()
	asked.RequestURI = r.Path
	w := httptest.NewRecorder()
	s.Correct.ServeHTTP(w, asked)
	return &contract.Answer{Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}
}

// Defects returns the defects of a document, those of a clause once however often it is referred to.
func Defects(c *contract.Contract) []Defect {
	g := &generator{contract: c, seen: map[string]bool{}}
	for _, op := range c.Operations() {
		g.requests(op)
		g.answers(op)
	}
	return g.all
}

// RequestClauses returns the clauses that requests must keep: those that a server may overlook.
func RequestClauses(c *contract.Contract) (all []string) {
	for _, d := range Defects(c) {
		if strings.HasSuffix(d.Name, overlooked) {
			all = append(all, d.Clause)
		}
	}
	return all
}

type generator struct {
	contract *contract.Contract
	seen     map[string]bool // names
	all      []Defect
}

func (g *generator) add(d Defect) {
	if !g.seen[d.Name] {
		g.seen[d.Name] = true
		g.all = append(g.all, d)
	}
}
