package contract

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// An Operation is a method on a path.
type Operation struct {
	ID         string
	Method     string
	Path       string // the template, /v2/{project_id}/graphs/{graph_id}
	Parameters []*Parameter
	Security   []*SecurityScheme // alternatives, the preferred one first
	Body       *Body             // nil if it takes none
	Responses  []*Response       // sorted by status, `default` last
	Links      []Link
	Clause     string // JSON pointer into the document
	Line       int

	segments []string
	refusals []*Refusal
}

// A Parameter is one of the path's or a header.
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
	Examples   []any // in the order of their names
	Clause     string
}

// A Response is what an operation answers with a status.
type Response struct {
	Status     string // "200", or "default"
	MediaTypes []string
	Schema     *Schema // nil if the answer has no body
	Clause     string
}

// A Link says which operation an answer leads to, and where its parameters come
// from (runtime expressions of OpenAPI).
type Link struct {
	Name       string
	Operation  string
	Parameters map[string]string
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
	for _, r := range op.Responses {
		if r.Status < "4" {
			return r
		}
	}
	return nil
}

// Response returns what is documented for a status: its own entry, or
// `default`, or nil.
func (op *Operation) Response(status int) *Response {
	var fallback *Response
	for _, r := range op.Responses {
		switch r.Status {
		case strconv.Itoa(status):
			return r
		case "default":
			fallback = r
		}
	}
	return fallback
}

// Parameter returns the parameter with a name, or nil.
func (op *Operation) Parameter(name string) *Parameter {
	for _, p := range op.Parameters {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Match compares an escaped path with the operation's template and returns the
// values of the path parameters, unescaped.
func (op *Operation) Match(escapedPath string) (values map[string]string, ok bool) {
	rest := strings.TrimPrefix(escapedPath, "/")
	values = make(map[string]string, 3)
	for i, segment := range op.segments {
		part, after, more := strings.Cut(rest, "/")
		if more != (i < len(op.segments)-1) {
			return nil, false
		}
		rest = after
		if name, isParameter := strings.CutPrefix(segment, "{"); isParameter {
			value, err := url.PathUnescape(part)
			if err != nil {
				return nil, false
			}
			values[strings.TrimSuffix(name, "}")] = value
		} else if part != segment {
			return nil, false
		}
	}
	return values, true
}

// Find returns the operation that a method and an escaped path lead to. Where
// the path is known and the method is not, op is nil and pathKnown is true.
func (c *Contract) Find(method, escapedPath string) (op *Operation, values map[string]string, pathKnown bool) {
	for _, candidate := range c.operations {
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

func (c *Contract) parseOperations(kin *openapi3.T) error {
	schemas := newSchemaCompiler()
	for path, item := range kin.Paths.Map() {
		for method, o := range item.Operations() {
			op := &Operation{
				ID: o.OperationID, Method: method, Path: path,
				Clause:   "/paths/" + escapePointer(path) + "/" + strings.ToLower(method),
				segments: strings.Split(strings.TrimPrefix(path, "/"), "/"),
			}
			op.Line = c.Line(op.Clause)
			if op.ID == "" {
				return &lineError{op.Line, "operation " + method + " " + path + ": has no operationId"}
			}
			if err := c.fillOperation(op, kin, item, o, schemas); err != nil {
				return err
			}
			c.operations = append(c.operations, op)
		}
	}
	sort.Slice(c.operations, func(i, j int) bool { return c.operations[i].ID < c.operations[j].ID })
	return nil
}

func (c *Contract) fillOperation(op *Operation, kin *openapi3.T, item *openapi3.PathItem, o *openapi3.Operation, schemas *schemaCompiler) error {
	itemClause := op.Clause[:strings.LastIndex(op.Clause, "/")]
	op.Parameters = append(parameters(item.Parameters, itemClause, schemas), parameters(o.Parameters, op.Clause, schemas)...)
	if o.RequestBody != nil {
		op.Body = body(o.RequestBody, op.Clause+"/requestBody", schemas)
	}
	for status, r := range o.Responses.Map() {
		op.Responses = append(op.Responses, response(status, r, op.Clause+"/responses/"+status, schemas))
		op.Links = append(op.Links, links(r)...)
	}
	sort.Slice(op.Responses, func(i, j int) bool { return op.Responses[i].Status < op.Responses[j].Status })
	sort.Slice(op.Links, func(i, j int) bool { return op.Links[i].Name < op.Links[j].Name })
	security := kin.Security
	if o.Security != nil {
		security = *o.Security
	}
	for _, alternative := range security {
		for id := range alternative {
			scheme, err := c.securityScheme(id, kin.Components.SecuritySchemes[id].Value)
			if err != nil {
				return err
			}
			op.Security = append(op.Security, scheme)
		}
	}
	return c.nameRefusals(op)
}

func (c *Contract) nameRefusals(op *Operation) error {
	node := c.lines.at(op.Clause + "/x-refusals")
	if node == nil {
		return nil
	}
	for _, item := range node.Content {
		r := c.byCondition[item.Value]
		if item.Kind != yaml.ScalarNode || r == nil {
			return atLine(item, "operation %s: unknown refusal %q, expected one of x-refusals", op.ID, item.Value)
		}
		op.refusals = append(op.refusals, r)
	}
	return nil
}

func (c *Contract) securityScheme(id string, s *openapi3.SecurityScheme) (*SecurityScheme, error) {
	scheme := &SecurityScheme{ID: id, Header: http.CanonicalHeaderKey(s.Name), Clause: "/components/securitySchemes/" + id}
	at := c.lines.at(scheme.Clause)
	if s.Type != "apiKey" || s.In != "header" {
		return nil, atLine(at, "security scheme %s: expected an apiKey in a header, got %s in %q", id, s.Type, s.In)
	}
	if pattern, ok := s.Extensions["x-pattern"].(string); ok {
		re, err := regexp.Compile(pattern)
		if err != nil {
			return nil, atLine(at, "security scheme %s: x-pattern: %s", id, err)
		}
		scheme.Pattern = re
	}
	return scheme, nil
}

// clauseOf is where a thing stands that may have been referred to.
func clauseOf(ref, here string) string {
	if ref != "" {
		return strings.TrimPrefix(ref, "#")
	}
	return here
}

func parameters(refs openapi3.Parameters, clause string, schemas *schemaCompiler) []*Parameter {
	var all []*Parameter
	for i, ref := range refs {
		at := clauseOf(ref.Ref, clause+"/parameters/"+strconv.Itoa(i))
		p := &Parameter{Name: ref.Value.Name, In: In(ref.Value.In), Required: ref.Value.Required, Example: ref.Value.Example, Clause: at}
		p.Schema = schemas.compile(ref.Value.Schema, at+"/schema")
		all = append(all, p)
	}
	return all
}

func content(c openapi3.Content, clause string, schemas *schemaCompiler) (types []string, schema *Schema) {
	for name := range c {
		types = append(types, name)
	}
	sort.Strings(types)
	if len(types) > 0 {
		schema = schemas.compile(c[types[0]].Schema, clause+"/content/"+escapePointer(types[0])+"/schema")
	}
	return types, schema
}

func body(ref *openapi3.RequestBodyRef, clause string, schemas *schemaCompiler) *Body {
	b := &Body{Required: ref.Value.Required, Clause: clauseOf(ref.Ref, clause)}
	b.MediaTypes, b.Schema = content(ref.Value.Content, b.Clause, schemas)
	for _, mediaType := range b.MediaTypes {
		examples := ref.Value.Content[mediaType].Examples
		names := make([]string, 0, len(examples))
		for name := range examples {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			b.Examples = append(b.Examples, examples[name].Value.Value)
		}
	}
	return b
}

func response(status string, ref *openapi3.ResponseRef, clause string, schemas *schemaCompiler) *Response {
	r := &Response{Status: status, Clause: clauseOf(ref.Ref, clause)}
	r.MediaTypes, r.Schema = content(ref.Value.Content, r.Clause, schemas)
	return r
}

func links(ref *openapi3.ResponseRef) []Link {
	var all []Link
	for name, l := range ref.Value.Links {
		link := Link{Name: name, Operation: l.Value.OperationID, Parameters: map[string]string{}}
		for parameter, expression := range l.Value.Parameters {
			if s, ok := expression.(string); ok {
				link.Parameters[parameter] = s
			}
		}
		all = append(all, link)
	}
	return all
}
