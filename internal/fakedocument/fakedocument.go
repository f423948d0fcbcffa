// Package fakedocument serves what an OpenAPI document describes: its answers are valid by the document, it refuses what
// the document does not allow, and it keeps what it is given. It knows nothing of what judges servers.
package fakedocument

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/pathtemplate"
	"github.com/gesconform/gesconform/internal/values"
)

// What a server keeps at most.
const (
	mostThings  = 10_000
	mostKept    = 64 << 20 // bytes of requests, in all
	longestBody = 1 << 20  // bytes of one request
)

// Options configure a server.
type Options struct {
	Contract *contract.Contract
	Seed     int64 // of ids and credentials: the same seed gives the same ones
}

// An Unserved is an operation that is answered with 501, or a part of one that is left out, and why.
type Unserved struct {
	Operation string // id
	Reason    string
}

// A Server is an http.Handler that serves a document.
type Server struct {
	contract    *contract.Contract
	credentials map[string]string // by the ids of security schemes
	acts        map[*contract.Operation]*act
	unserved    []Unserved
	seed        int64

	mu     sync.Mutex
	source *values.Source
	store  store
}

// New returns a server that begins with a few things of each kind that the document has. An error says that no
// operation can be served.
func New(o Options) (*Server, error) {
	s := &Server{
		contract: o.Contract, seed: o.Seed, credentials: credentialsOf(o.Contract, o.Seed), acts: map[*contract.Operation]*act{},
		source: values.New(contract.Server), store: store{things: map[string]*thing{}},
	}
	s.survey()
	if len(s.acts) == 0 {
		reason := "it describes none"
		if len(s.unserved) > 0 {
			reason = s.unserved[0].Operation + ": " + s.unserved[0].Reason
		}
		return nil, fmt.Errorf("serve %s: expected operations that can be served, got none: %s", o.Contract.Name(), reason)
	}
	s.begin()
	return s, nil
}

// Served returns how many operations are served.
func (s *Server) Served() int { return len(s.acts) }

// Unserved returns what is not served, by operation.
func (s *Server) Unserved() []Unserved { return slices.Clone(s.unserved) }

// Credentials returns what the server takes, by the ids of security schemes; for http basic it is user:password.
func (s *Server) Credentials() map[string]string { return s.credentials }

// A Fixture is the id of something that there is from the start.
type Fixture struct {
	Name  string // of a parameter of a path, or OPERATION.parameter if several kinds have ids of that name
	Value string
}

// Fixtures returns an id of each kind of things, by name. Those of things that belong to others belong to the ones that
// are here.
func (s *Server) Fixtures() []Fixture {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Fixture
	named := map[string]int{}
	shown := map[*kind]string{} // the operation that shows one
	for op, a := range s.acts {
		if k := a.kind; k != nil && k.parameter != nil && keyOf(op.Path) == keyOf(k.template) && (shown[k] == "" || op.Method == http.MethodGet) {
			if shown[k] == "" {
				named[k.parameter.Name]++
			}
			shown[k] = op.ID
		}
	}
	for k, operation := range shown {
		first := s.store.first(k)
		if first == nil {
			continue
		}
		name := k.parameter.Name
		if named[name] > 1 {
			name = operation + "." + name
		}
		all = append(all, Fixture{name, first.id})
	}
	slices.SortFunc(all, func(a, b Fixture) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", "gesconform-fake")
	path := r.URL.EscapedPath()
	method := r.Method
	op, found, known := s.contract.Find(method, path)
	if op == nil && method == http.MethodHead {
		op, found, _ = s.contract.Find(http.MethodGet, path)
	}
	switch a := s.acts[op]; {
	case op == nil && known && method == http.MethodOptions:
		w.Header().Set("Allow", s.allowed(path))
		w.WriteHeader(http.StatusNoContent)
	case op == nil && known:
		w.Header().Set("Allow", s.allowed(path))
		refuse(w, nil, s, http.StatusMethodNotAllowed, "expected "+s.allowed(path)+", got "+method)
	case op == nil:
		refuse(w, nil, s, http.StatusNotFound, "the document has no such path")
	case a == nil:
		refuse(w, nil, s, http.StatusNotImplemented, "the operation is not served; the fake says why when it starts")
	default:
		found = plainTexts(op, found)
		s.serve(w, r, &call{act: a, op: op, found: found, path: pathOf(op.Path, found)})
	}
}

// plainTexts returns the values of a path without what the styles of their parameters add.
func plainTexts(op *contract.Operation, found map[string]string) map[string]string {
	for name, text := range found {
		p := op.Parameter(name)
		if p == nil || p.Style != contract.StyleLabel && p.Style != contract.StyleMatrix {
			continue
		}
		if v, problems := p.Decode(strings.ReplaceAll(text, "%", "%25")); v != nil && len(problems) == 0 && len(v.Items)+len(v.Members) == 0 {
			found[name] = v.Text
		}
	}
	return found
}

// A call is a request to an operation.
type call struct {
	*act
	op    *contract.Operation
	found map[string]string // the values of its path
	path  string            // the escaped path, in one spelling
	query string
	host  string
	given any // the body, as encoding/json decodes it; nil for none
	size  int // of the body, in bytes
}

// serve answers a request. It is written when the next one may begin: a client may be slow to read it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, c *call) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestBody))
	tooLong := (*http.MaxBytesError)(nil)
	if err != nil && !errors.As(err, &tooLong) {
		return // the client has gone
	}
	answer := &held{header: w.Header()}
	s.decide(answer, r, c, body, tooLong != nil)
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body) // the client may have gone
}

// A held is an answer that is to be written.
type held struct {
	header http.Header
	status int
	body   []byte
}

func (h *held) Header() http.Header    { return h.header }
func (h *held) WriteHeader(status int) { h.status = status }

func (h *held) Write(b []byte) (int, error) {
	h.body = append(h.body, b...)
	return len(b), nil
}

// decide answers a request, one at a time.
func (s *Server) decide(w http.ResponseWriter, r *http.Request, c *call, body []byte, tooLong bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if tooLong {
		refuse(w, c.op, s, http.StatusRequestEntityTooLarge, fmt.Sprintf("expected a body of at most %d bytes, got more", longestBody))
		return
	}
	c.query, c.host, c.size = r.URL.RawQuery, r.Host, len(body)
	request := &contract.Request{Method: c.op.Method, Path: r.URL.RequestURI(), Header: r.Header, Body: body}
	if status, why := s.fault(c, request); status != 0 {
		refuse(w, c.op, s, status, why)
		return
	}
	media, ok := negotiated(c.media, strings.Join(r.Header.Values("Accept"), ","))
	if !ok && covers(c.op, http.StatusNotAcceptable) {
		refuse(w, c.op, s, http.StatusNotAcceptable, "expected an Accept that allows "+strings.Join(c.success.MediaTypes(), " or "))
		return
	}
	c.given = s.bodyOf(c.op, request)
	c.perform(s, c, &reply{w: w, r: r, media: media})
}

// allowed returns the methods of a path.
func (s *Server) allowed(path string) string {
	var methods []string
	for _, op := range s.contract.Operations() {
		if _, ok := op.Match(path); ok {
			methods = append(methods, op.Method)
			if op.Method == http.MethodGet {
				methods = append(methods, http.MethodHead)
			}
		}
	}
	slices.Sort(methods)
	return strings.Join(slices.Compact(methods), ", ")
}

// pathOf returns the escaped path of a template for values of its parameters.
func pathOf(template string, found map[string]string) string {
	path := pathtemplate.Fill(template, func(name string) string { return url.PathEscape(found[name]) })
	return strings.TrimSuffix(path, "/")
}
