package contract

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An Operation is a method on a path.
type Operation struct {
	ID         string
	Method     string
	Path       string // the template, /v1/{project_id}/servers/{server_id}
	Parameters []*Parameter
	Security   []*SecurityScheme // alternatives, the preferred one first
	Body       *Body             // nil if it takes none
	Responses  []*Response       // sorted by status, `default` last
	Clause     string            // JSON pointer into the document
	Line       int

	segments  []string
	refusals  []*Refusal
	anonymous bool // credentials may be left out
}

// A Parameter is a part of the path or a header.
type Parameter struct {
	Name     string
	In       In
	Required bool
	Schema   *Schema
	Example  any
	Clause   string
}

// A SecurityScheme is a header that carries credentials.
type SecurityScheme struct {
	ID     string
	Header string
	// Pattern is what a well-formed value looks like; nil takes any.
	Pattern *regexp.Regexp
	Clause  string
}

// A Body is what a request carries.
type Body struct {
	Required   bool
	MediaTypes []string // sorted
	Schema     *Schema
	Clause     string
}

// A Response is what an operation answers with a status.
type Response struct {
	Status     string // "200", or "default"
	MediaTypes []string
	Schema     *Schema // nil if the answer has no body
	Clause     string
}

// Refusals lists what the operation refuses, in the order in which it names
// them.
func (op *Operation) Refusals() []*Refusal { return slices.Clone(op.refusals) }

// Safe reports whether the method is a safe one (RFC 9110, section 9.2.1), that
// is, whether a request cannot change anything.
func (op *Operation) Safe() bool {
	return slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace}, op.Method)
}

// Success returns the documented answer below 400.
func (op *Operation) Success() *Response {
	return first(op.Responses, func(r *Response) bool { return r.Status < "4" })
}

// Response returns what is documented for a status: its own entry, or that of
// its class (4XX), or `default`, or nil.
func (op *Operation) Response(status int) *Response {
	of := func(entry string) *Response {
		return first(op.Responses, func(r *Response) bool { return r.Status == entry })
	}
	s := strconv.Itoa(status)
	return cmp.Or(of(s), of(s[:1]+"XX"), of("default"))
}

// Parameter returns the parameter with a name, or nil.
func (op *Operation) Parameter(name string) *Parameter {
	return first(op.Parameters, func(p *Parameter) bool { return p.Name == name })
}

// Match compares an escaped path with the operation's template and returns the
// values of the path parameters, unescaped. Servers take %75pgrade for upgrade, too
// (RFC 3986, section 6.2.2.2).
func (op *Operation) Match(escapedPath string) (values map[string]string, ok bool) {
	parts := strings.SplitN(strings.TrimPrefix(escapedPath, "/"), "/", len(op.segments)+1)
	if len(parts) != len(op.segments) {
		return nil, false
	}
	values = map[string]string{}
	for i, segment := range op.segments {
		text, err := url.PathUnescape(parts[i])
		name, isParameter := strings.CutPrefix(segment, "{")
		switch {
		case err != nil, !isParameter && text != segment && parts[i] != segment:
			return nil, false
		case isParameter:
			values[strings.TrimSuffix(name, "}")] = text
		}
	}
	return values, true
}

// Find returns the operation that a method and an escaped path lead to, with the
// values of the path parameters, unescaped. Where only the path is known, op is nil
// and pathKnown is true. A path with fewer parameters is preferred.
func (c *Contract) Find(method, escapedPath string) (op *Operation, values map[string]string, pathKnown bool) {
	for _, candidate := range c.routes {
		values, ok := candidate.Match(escapedPath)
		if !ok {
			continue
		}
		pathKnown = true
		if candidate.Method == method {
			return candidate, values, true
		}
	}
	return nil, nil, pathKnown
}
