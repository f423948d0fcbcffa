package contract

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// parseOperations compiles the operations of the document, and the schemas with them.
func (c *Contract) parseOperations(kin *openapi3.T) error {
	k := &compiler{Contract: c, kin: kin, schemas: map[*openapi3.Schema]*Schema{}, schemes: map[string]*SecurityScheme{}}
	paths := kin.Paths.Map()
	for _, path := range sortedKeys(paths) {
		for _, method := range sortedKeys(paths[path].Operations()) {
			c.operations = append(c.operations, k.operation(path, method))
		}
	}
	slices.SortFunc(c.operations, func(a, b *Operation) int { return cmp.Compare(a.ID, b.ID) })
	c.routes = slices.Clone(c.operations)
	parameters := func(op *Operation) int { return strings.Count(op.Path, "{") }
	slices.SortStableFunc(c.routes, func(a, b *Operation) int { return cmp.Compare(parameters(a), parameters(b)) })
	k.gatherMembers()
	k.checkEchoes()
	k.checkLinks()
	return k.fault
}

// parameterPlaces are the parts of a request that parameters stand in, in the order in which they are
// listed.
var parameterPlaces = []In{InPath, InQuery, InHeader, InCookie}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (k *compiler) operation(path, method string) *Operation {
	item, pathClause := k.kin.Paths.Value(path), "/paths/"+escapePointer(path)
	o := item.GetOperation(method)
	op := &Operation{
		ID: o.OperationID, Method: method, Path: path,
		Clause:   pathClause + "/" + strings.ToLower(method),
		segments: strings.Split(strings.TrimPrefix(path, "/"), "/"),
	}
	op.Line = k.Line(op.Clause)
	if op.ID == "" {
		k.fail(op.Clause, "operation %s %s: has no operationId", method, path)
	}
	for _, s := range op.segments {
		if strings.ContainsAny(s, "{}") && (s[0] != '{' || strings.Count(s, "{") > 1 || strings.Index(s, "}") != len(s)-1) {
			k.fail(op.Clause, "operation %s: a parameter must be a whole segment of the path, got %q", op.ID, s)
		}
	}
	op.Parameters = k.parameters(o.Parameters, op.Clause)
	for _, p := range k.parameters(item.Parameters, pathClause) {
		overridden := slices.ContainsFunc(op.Parameters, func(own *Parameter) bool { return own.Name == p.Name && own.In == p.In })
		if !overridden {
			op.Parameters = append(op.Parameters, p)
		}
	}
	slices.SortStableFunc(op.Parameters, func(a, b *Parameter) int {
		return cmp.Compare(slices.Index(parameterPlaces, a.In), slices.Index(parameterPlaces, b.In))
	})
	if o.RequestBody != nil {
		op.Body = &Body{Required: o.RequestBody.Value.Required, Clause: clauseOf(o.RequestBody.Ref, op.Clause+"/requestBody")}
		op.Body.Content = k.content(o.RequestBody.Value.Content, op.Body.Clause)
	}
	answers := o.Responses.Map()
	for _, status := range sortedKeys(answers) {
		answer := answers[status]
		r := &Response{Status: status, Clause: clauseOf(answer.Ref, op.Clause+"/responses/"+status)}
		r.Content = k.content(answer.Value.Content, r.Clause)
		op.Responses = append(op.Responses, r)
	}
	k.security(op, o)
	k.risk(op, o)
	k.operationRefusals(op)
	return op
}

// security fills in the security schemes of an operation.
func (k *compiler) security(op *Operation, o *openapi3.Operation) {
	security := k.kin.Security
	if o.Security != nil {
		security = *o.Security
	}
	for _, alternative := range security {
		if len(alternative) > 1 {
			k.fail(op.Clause, "operation %s: security: expected one scheme in each alternative, got %d", op.ID, len(alternative))
		}
		var all Alternative
		for _, id := range sortedKeys(alternative) {
			all = append(all, k.securityScheme(id))
		}
		op.Security = append(op.Security, all)
	}
}

// risks are what x-risk may say.
var risks = []string{"inert", "guarded", "destructive"}

// risk fills in x-risk of an operation.
func (k *compiler) risk(op *Operation, o *openapi3.Operation) {
	said, given := o.Extensions["x-risk"]
	if !given {
		return
	}
	if op.Risk, _ = said.(string); !slices.Contains(risks, op.Risk) {
		k.fail(op.Clause+"/x-risk", "operation %s: x-risk: expected inert, guarded or destructive, got %v", op.ID, said)
	}
}

func (k *compiler) operationRefusals(op *Operation) {
	pointer := op.Clause + "/x-refusals"
	var conditions []string
	if err := k.decode(pointer, &conditions); err != nil && k.fault == nil {
		k.fault = err
	}
	for i, condition := range conditions {
		r := k.Refusal(condition)
		switch {
		case r == nil:
			k.fail(nth(pointer, i), "operation %s: unknown refusal %q, expected one of x-refusals", op.ID, condition)
		case slices.Contains(op.refusals, r):
			k.fail(nth(pointer, i), "operation %s: refusal %q: appears twice", op.ID, condition)
		}
		op.refusals = append(op.refusals, r)
	}
}

func (k *compiler) securityScheme(id string) *SecurityScheme {
	if scheme := k.schemes[id]; scheme != nil {
		return scheme
	}
	clause := "/components/securitySchemes/" + escapePointer(id)
	s := k.kin.Components.SecuritySchemes[id].Value // kin-openapi has checked that it exists
	if s.Type != "apiKey" || s.In != "header" {
		k.fail(clause+"/type", "security scheme %s: expected an apiKey in a header, got %s in %q", id, s.Type, s.In)
	}
	scheme := &SecurityScheme{ID: id, Type: s.Type, In: InHeader, Name: http.CanonicalHeaderKey(s.Name), Clause: clause}
	k.schemes[id] = scheme
	if pattern, ok := s.Extensions["x-pattern"].(string); ok {
		var err error
		if scheme.Pattern, err = compilePattern(pattern); err != nil {
			k.fail(clause+"/x-pattern", "security scheme %s: x-pattern: %s", id, err)
		}
	}
	return scheme
}

// clauseOf returns the JSON pointer to what $ref refers to, or here if there is no $ref.
func clauseOf(ref, here string) string {
	if ref != "" {
		return strings.TrimPrefix(ref, "#")
	}
	return here
}

func (k *compiler) parameters(refs openapi3.Parameters, clause string) []*Parameter {
	var all []*Parameter
	for i, ref := range refs {
		at := clauseOf(ref.Ref, nth(clause+"/parameters", i))
		p := &Parameter{Name: ref.Value.Name, In: In(ref.Value.In), Required: ref.Value.Required, Example: ref.Value.Example, Clause: at}
		p.Schema = k.compile(ref.Value.Schema, at+"/schema")
		switch {
		case p.In == InQuery && p.Required:
			k.fail(at, "parameter %s: expected one that may be left out, since it is in the query", p.Name)
		case p.In != InPath && p.In != InHeader && p.In != InQuery:
			k.fail(at, "parameter %s: expected one in path, header or query, got %s", p.Name, p.In)
		case p.Schema == nil:
			k.fail(at, "parameter %s: expected a schema", p.Name)
		case p.Schema.Type == KindArray || p.Schema.Type == KindObject:
			k.fail(at, "parameter %s: expected a plain value, got %s", p.Name, article(string(p.Schema.Type)))
		}
		all = append(all, p)
	}
	return all
}

// content reads the media types of a body. All must be JSON.
func (k *compiler) content(c openapi3.Content, clause string) []*MediaType {
	var all []*MediaType
	for _, name := range sortedKeys(c) {
		m := &MediaType{Name: name, Clause: clause + "/content/" + escapePointer(name)}
		if !m.IsJSON() {
			k.fail(m.Clause, "media type %s: expected application/json or one that ends in +json", name)
		}
		if c[name] == nil {
			k.fail(m.Clause, "media type %s: expected a mapping", name)
			continue
		}
		m.Schema, m.Example = k.compile(c[name].Schema, m.Clause+"/schema"), c[name].Example
		all = append(all, m)
	}
	return all
}

// checkLinks makes sure that links name operations of the document.
func (k *compiler) checkLinks() {
	for _, op := range k.operations {
		for _, answer := range k.kin.Paths.Value(op.Path).GetOperation(op.Method).Responses.Map() {
			for name, link := range answer.Value.Links {
				if id := link.Value.OperationID; k.Operation(id) == nil {
					k.fail(op.Clause, "operation %s: link %s: unknown operation %q", op.ID, name, id)
				}
			}
		}
	}
}

// checkEchoes makes sure that x-echoes names path parameters: a misspelt one would
// never be checked.
func (k *compiler) checkEchoes() {
	known := map[string]bool{}
	for _, op := range k.operations {
		for _, p := range op.Parameters {
			known[p.Name] = known[p.Name] || p.In == InPath
		}
	}
	for kin, s := range k.schemas {
		if _, echoes := kin.Extensions["x-echoes"]; echoes && !known[s.echoedParameter] {
			k.fail(s.Clause+"/x-echoes", "x-echoes: expected the name of a path parameter, got %q", s.echoedParameter)
		}
	}
}
