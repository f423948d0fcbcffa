package contract

import (
	"maps"
	"mime"
	"net/http"
	"slices"
	"sort"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

func (c *Contract) parseOperations(kin *openapi3.T) error {
	schemas := c.newSchemaCompiler()
	paths := kin.Paths.Map()
	for _, path := range sortedKeys(paths) {
		methods := paths[path].Operations()
		for _, method := range sortedKeys(methods) {
			op, err := c.newOperation(path, method, methods[method])
			if err != nil {
				return err
			}
			if err := c.fillOperation(op, kin, paths[path], methods[method], schemas); err != nil {
				return err
			}
			c.operations = append(c.operations, op)
		}
	}
	sort.SliceStable(c.operations, func(i, j int) bool { return c.operations[i].ID < c.operations[j].ID })
	c.routes = slices.Clone(c.operations)
	parameters := func(op *Operation) int { return strings.Count(op.Path, "{") }
	sort.SliceStable(c.routes, func(i, j int) bool { return parameters(c.routes[i]) < parameters(c.routes[j]) })
	if err := schemas.finish(); err != nil {
		return err
	}
	if err := c.checkEchoes(schemas); err != nil {
		return err
	}
	return c.checkLinks()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (c *Contract) newOperation(path, method string, o *openapi3.Operation) (*Operation, error) {
	op := &Operation{
		ID: o.OperationID, Method: method, Path: path,
		Clause:   "/paths/" + escapePointer(path) + "/" + strings.ToLower(method),
		segments: strings.Split(strings.TrimPrefix(path, "/"), "/"),
	}
	op.Line = c.Line(op.Clause)
	if op.ID == "" {
		return nil, yamlfile.At(op.Line, "operation %s %s: has no operationId", method, path)
	}
	for _, s := range op.segments {
		if strings.ContainsAny(s, "{}") && (s[0] != '{' || strings.Count(s, "{") > 1 || strings.Index(s, "}") != len(s)-1) {
			return nil, yamlfile.At(op.Line, "operation %s: a parameter must be a whole segment of the path, got %q", op.ID, s)
		}
	}
	return op, nil
}

func (c *Contract) fillOperation(op *Operation, kin *openapi3.T, item *openapi3.PathItem, o *openapi3.Operation, schemas *schemaCompiler) error {
	itemClause := op.Clause[:strings.LastIndex(op.Clause, "/")]
	op.Parameters = parameters(o.Parameters, op.Clause, schemas)
	for _, p := range parameters(item.Parameters, itemClause, schemas) {
		overridden := slices.ContainsFunc(op.Parameters, func(own *Parameter) bool { return own.Name == p.Name && own.In == p.In })
		if !overridden {
			op.Parameters = append(op.Parameters, p)
		}
	}
	sort.SliceStable(op.Parameters, func(i, j int) bool { return op.Parameters[i].In == InPath && op.Parameters[j].In != InPath })
	if o.RequestBody != nil {
		op.Body = body(o.RequestBody, op.Clause+"/requestBody", schemas)
	}
	answers := o.Responses.Map()
	for _, status := range sortedKeys(answers) {
		op.Responses = append(op.Responses, response(status, answers[status], op.Clause+"/responses/"+status, schemas))
		op.Links = append(op.Links, links(answers[status])...)
	}
	sort.SliceStable(op.Links, func(i, j int) bool { return op.Links[i].Name < op.Links[j].Name })
	if err := c.parseSecurity(op, kin, o); err != nil {
		return err
	}
	return c.parseOperationRefusals(op)
}

// parseSecurity fills in which credentials an operation takes.
func (c *Contract) parseSecurity(op *Operation, kin *openapi3.T, o *openapi3.Operation) error {
	security := kin.Security
	if o.Security != nil {
		security = *o.Security
	}
	for _, alternative := range security {
		if len(alternative) > 1 {
			return yamlfile.At(op.Line, "operation %s: security: expected one scheme in each alternative, got %d", op.ID, len(alternative))
		}
		op.anonymous = op.anonymous || len(alternative) == 0
		for id := range alternative {
			scheme, err := c.securityScheme(id, kin)
			if err != nil {
				return err
			}
			op.Security = append(op.Security, scheme)
		}
	}
	return nil
}

func (c *Contract) parseOperationRefusals(op *Operation) error {
	pointer := op.Clause + "/x-refusals"
	var conditions []string
	if err := c.decode(pointer, &conditions); err != nil {
		return err
	}
	for i, condition := range conditions {
		r := c.Refusal(condition)
		switch {
		case r == nil:
			return c.fault(nth(pointer, i), "operation %s: unknown refusal %q, expected one of x-refusals", op.ID, condition)
		case slices.Contains(op.refusals, r):
			return c.fault(nth(pointer, i), "operation %s: refusal %q: stands there twice", op.ID, condition)
		}
		op.refusals = append(op.refusals, r)
	}
	return nil
}

func (c *Contract) securityScheme(id string, kin *openapi3.T) (*SecurityScheme, error) {
	clause := "/components/securitySchemes/" + escapePointer(id)
	s := kin.Components.SecuritySchemes[id].Value // kin has seen that it is there
	scheme := &SecurityScheme{ID: id, Header: http.CanonicalHeaderKey(s.Name), Clause: clause}
	if s.Type != "apiKey" || s.In != "header" {
		return nil, c.fault(clause+"/type", "security scheme %s: expected an apiKey in a header, got %s in %q", id, s.Type, s.In)
	}
	if pattern, ok := s.Extensions["x-pattern"].(string); ok {
		re, err := compilePattern(pattern)
		if err != nil {
			return nil, c.fault(clause+"/x-pattern", "security scheme %s: x-pattern: %s", id, err)
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
		at := clauseOf(ref.Ref, nth(clause+"/parameters", i))
		p := &Parameter{Name: ref.Value.Name, In: In(ref.Value.In), Required: ref.Value.Required, Example: ref.Value.Example, Clause: at}
		p.Schema = schemas.compile(ref.Value.Schema, at+"/schema")
		switch {
		case p.In != InPath && p.In != InHeader:
			schemas.fail(at, "parameter %s: expected one in path or header, got %s", p.Name, p.In)
		case p.Schema == nil:
			schemas.fail(at, "parameter %s: expected a schema", p.Name)
		case p.Schema.Type == KindArray || p.Schema.Type == KindObject:
			schemas.fail(at, "parameter %s: expected a plain value, got %s", p.Name, article(string(p.Schema.Type)))
		}
		all = append(all, p)
	}
	return all
}

// content reads the media types of a body. All bodies are judged as JSON, and
// by one schema.
func content(c openapi3.Content, clause string, schemas *schemaCompiler) (types []string, schema *Schema) {
	types = sortedKeys(c)
	for i, name := range types {
		at := clause + "/content/" + escapePointer(name)
		if base, _, err := mime.ParseMediaType(name); err != nil || base != "application/json" && !strings.HasSuffix(base, "+json") {
			schemas.fail(at, "media type %s: expected application/json or one that ends in +json", name)
		}
		if c[name] == nil {
			schemas.fail(at, "media type %s: expected a mapping", name)
			continue
		}
		one := schemas.compile(c[name].Schema, at+"/schema")
		if i > 0 && one != schema {
			schemas.fail(at, "media type %s: expected the schema of %s", name, types[0])
		}
		schema = one
	}
	return types, schema
}

func body(ref *openapi3.RequestBodyRef, clause string, schemas *schemaCompiler) *Body {
	b := &Body{Required: ref.Value.Required, Clause: clauseOf(ref.Ref, clause)}
	b.MediaTypes, b.Schema = content(ref.Value.Content, b.Clause, schemas)
	return b
}

func response(status string, ref *openapi3.ResponseRef, clause string, schemas *schemaCompiler) *Response {
	r := &Response{Status: status, Clause: clauseOf(ref.Ref, clause)}
	r.MediaTypes, r.Schema = content(ref.Value.Content, r.Clause, schemas)
	return r
}

func links(ref *openapi3.ResponseRef) []Link {
	var all []Link
	for _, name := range sortedKeys(ref.Value.Links) {
		l := ref.Value.Links[name]
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

// checkLinks makes sure that links lead to operations of the document.
func (c *Contract) checkLinks() error {
	for _, op := range c.operations {
		for _, l := range op.Links {
			if c.Operation(l.Operation) == nil {
				return yamlfile.At(op.Line, "operation %s: link %s: unknown operation %q", op.ID, l.Name, l.Operation)
			}
		}
	}
	return nil
}

// checkEchoes makes sure that x-echoes names path parameters: a misspelt one
// would never be looked at.
func (c *Contract) checkEchoes(schemas *schemaCompiler) error {
	known := map[string]bool{}
	for _, op := range c.operations {
		for _, p := range op.Parameters {
			known[p.Name] = known[p.Name] || p.In == InPath
		}
	}
	for _, s := range schemas.done {
		clause := s.Clause + "/x-echoes"
		if c.node(clause) != nil && !known[s.echoedParameter] {
			schemas.fail(clause, "x-echoes: expected the name of a path parameter, got %q", s.echoedParameter)
		}
	}
	return schemas.fault
}
