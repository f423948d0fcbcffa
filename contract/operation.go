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

// An Operation is a method on a path of the document.
type Operation struct {
	ID         string
	Method     string
	Path       string // the template, /v1/{project_id}/servers/{server_id}
	Parameters []*Parameter
	Query      []*Parameter      // all optional; what a query says is not judged
	Security   []*SecurityScheme // alternatives, the preferred one first
	Body       *Body             // nil if it takes none
	Responses  []*Response       // sorted by status, `default` last
	Clause     string            // JSON pointer into the document
	Line       int               // in the document

	segments  []string
	refusals  []*Refusal
	anonymous bool // credentials may be left out
}

// A Parameter is a path, header or query parameter of an operation.
type Parameter struct {
	Name     string
	In       In
	Required bool
	Schema   *Schema
	Example  any
	Clause   string
}

// A SecurityScheme is a header that carries credentials (type apiKey in OpenAPI).
type SecurityScheme struct {
	ID     string
	Header string
	// Pattern, from x-pattern, matches the well-formed values; nil matches any.
	Pattern *regexp.Regexp
	Clause  string
}

// A Body describes the body of a request.
type Body struct {
	Required   bool
	MediaTypes []string // sorted
	Schema     *Schema
	Clause     string
}

// A Response describes an operation's answers with a status.
type Response struct {
	Status     string // "200", "4XX" or "default"
	MediaTypes []string
	Schema     *Schema // nil if any body will do, or there is none
	Clause     string
}

// Refusals returns the refusals listed in the operation's x-refusals, in that order.
func (op *Operation) Refusals() []*Refusal { return slices.Clone(op.refusals) }

// Safe reports whether the method is safe, that is, essentially read-only (RFC 9110,
// section 9.2.1).
func (op *Operation) Safe() bool {
	return slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace}, op.Method)
}

// Success returns the first documented response below 400, or nil.
func (op *Operation) Success() *Response {
	return first(op.Responses, func(r *Response) bool { return r.Status < "4" })
}

// Response returns the response documented for a status: its own, else that of its
// class (4XX), else `default`, else nil.
func (op *Operation) Response(status int) *Response {
	of := func(entry string) *Response {
		return first(op.Responses, func(r *Response) bool { return r.Status == entry })
	}
	s := strconv.Itoa(status)
	return cmp.Or(of(s), of(s[:1]+"XX"), of("default"))
}

// Parameter returns the parameter with the given name, or nil.
func (op *Operation) Parameter(name string) *Parameter {
	return first(op.Parameters, func(p *Parameter) bool { return p.Name == name })
}

// Match matches an escaped path with the operation's template, and returns the
// unescaped values of the path parameters. A query after the path is ignored. An escaped letter is equal to the letter, so
// %75pgrade matches upgrade (RFC 3986, section 6.2.2.2).
func (op *Operation) Match(escapedPath string) (values map[string]string, ok bool) {
	rest, _, _ := strings.Cut(strings.TrimPrefix(escapedPath, "/"), "?")
	if strings.Count(rest, "/") != len(op.segments)-1 {
		return nil, false
	}
	values = make(map[string]string, len(op.Parameters))
	for _, segment := range op.segments {
		var part string
		part, rest, _ = strings.Cut(rest, "/")
		text, err := url.PathUnescape(part)
		name, isParameter := strings.CutPrefix(segment, "{")
		switch {
		case err != nil, !isParameter && text != segment && part != segment:
			return nil, false
		case isParameter:
			values[strings.TrimSuffix(name, "}")] = text
		}
	}
	return values, true
}

// Find returns the operation with the given method whose path template matches an
// escaped path, and the unescaped values of the path parameters. If only the method is
// wrong, op is nil and pathKnown is true. If several templates match, the one with the
// fewest parameters wins.
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
