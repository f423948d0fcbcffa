package contract

import (
	"cmp"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/internal/docfile"
)

// An Operation is a method on a path of the document.
type Operation struct {
	ID         string // operationId, or method and path, such as "GET /pets", if the document gives none
	Method     string
	Path       string // the template, /v1/{project_id}/servers/{server_id}
	Parameters []*Parameter
	Security   []Alternative // any of which is enough, the preferred one first; none if it needs no credentials
	Body       *Body         // nil if it takes none
	Responses  []*Response   // sorted by status, `default` last
	Clause     string        // JSON pointer into the document
	Line       int           // in the document
	// Risk, from x-risk, is what a request may do to what exists, if the method does not tell: inert,
	// guarded or destructive; "" for what follows from the method.
	Risk string
	// Unsupported says why no request can be derived for the operation; empty if some can.
	Unsupported []Unsupported

	place    docfile.Place
	segments []segment
	refusals []*Refusal

	securityClause string
}

// SecurityClause returns the clause that says which credentials the operation needs: its own, or else the document's.
func (op *Operation) SecurityClause() string { return op.securityClause }

// A Parameter is a path, query, header or cookie parameter of an operation, or a header of an
// answer.
type Parameter struct {
	Name     string
	In       In
	Required bool
	Schema   *Schema // nil for any text
	Example  any
	Clause   string

	Style   Style
	Explode bool // whether each item or member is written apart
	// MediaType is that of the text, if the value is written as a body is; then Style says
	// nothing.
	MediaType       string
	AllowReserved   bool // whether reserved characters of a query may stand as they are
	AllowEmptyValue bool // whether a query may have the name alone
}

// A Style is how a parameter's array or object is written (OpenAPI 3.0.4, section 4.8.12.3).
type Style string

// The styles.
const (
	StyleSimple         Style = "simple"
	StyleLabel          Style = "label"
	StyleMatrix         Style = "matrix"
	StyleForm           Style = "form"
	StyleSpaceDelimited Style = "spaceDelimited"
	StylePipeDelimited  Style = "pipeDelimited"
	StyleDeepObject     Style = "deepObject"
)

// An Alternative are security schemes that are needed together. An empty one says that none
// is needed.
type Alternative []*SecurityScheme

// A SecurityScheme says where a request carries credentials.
type SecurityScheme struct {
	ID     string
	Type   string // apiKey, http, oauth2, openIdConnect or mutualTLS
	Scheme string // of type http, in lower case: basic, bearer or another
	In     In     // "" for mutualTLS
	Name   string // of the header (canonical), query parameter or cookie
	// Pattern, from x-pattern, matches the well-formed values; nil matches any.
	Pattern *regexp.Regexp
	Clause  string
}

// A Body describes the body of a request.
type Body struct {
	Required bool
	Content  []*MediaType // sorted by name
	Clause   string
}

// A MediaType is one of the forms that a body may have.
type MediaType struct {
	Name    string  // such as application/json; text/* and */* stand for several
	Schema  *Schema // nil for any
	Example any
	// Parts say how the members of a form, or the parts of a multipart body, are written, by name.
	Parts  map[string]*Part
	Clause string
}

// A Part says how a member of a form, or a part of a multipart body, is written.
type Part struct {
	ContentType string // "" for the one that follows from the schema
	Style       Style  // of a form
	Explode     bool
	Headers     []*Parameter
}

// A Response describes an operation's answers with a status.
type Response struct {
	Status  string       // "200", "4XX" or "default"
	Content []*MediaType // sorted by name; none if any body will do, or there is none
	Headers []*Parameter
	Links   []*Link
	Clause  string
}

// A Link says which operation an answer leads to.
type Link struct {
	Name       string
	Operation  string         // id
	Parameters map[string]any // by name; a text that begins with $ is a runtime expression
	Clause     string
}

// Schema returns the schema of the first body that is JSON, or nil.
func (b *Body) Schema() *Schema { return schemaOfJSON(b.Content) }

// MediaTypes returns the names of the media types.
func (b *Body) MediaTypes() []string { return namesOf(b.Content) }

// Schema returns the schema of the first body that is JSON, or nil.
func (r *Response) Schema() *Schema { return schemaOfJSON(r.Content) }

// MediaTypes returns the names of the media types.
func (r *Response) MediaTypes() []string { return namesOf(r.Content) }

// IsJSON reports whether a body of the media type is JSON: application/json, or one that ends
// in +json (RFC 6839, section 3.1).
func (m *MediaType) IsJSON() bool {
	base, _, err := mime.ParseMediaType(m.Name)
	return err == nil && (base == "application/json" || strings.HasSuffix(base, "+json"))
}

func schemaOfJSON(content []*MediaType) *Schema {
	if m := first(content, (*MediaType).IsJSON); m != nil {
		return m.Schema
	}
	return nil
}

func namesOf(content []*MediaType) []string {
	names := make([]string, len(content))
	for i, m := range content {
		names[i] = m.Name
	}
	return names
}

// Schemes returns the security schemes of all alternatives, each once.
func (op *Operation) Schemes() []*SecurityScheme {
	var all []*SecurityScheme
	for _, a := range op.Security {
		for _, s := range a {
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// Anonymous reports whether a request may have no credentials.
func (op *Operation) Anonymous() bool {
	return len(op.Security) == 0 || slices.ContainsFunc(op.Security, func(a Alternative) bool { return len(a) == 0 })
}

// ParametersIn returns the parameters in a part of the request.
func (op *Operation) ParametersIn(in In) []*Parameter {
	var all []*Parameter
	for _, p := range op.Parameters {
		if p.In == in {
			all = append(all, p)
		}
	}
	return all
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
