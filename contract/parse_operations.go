package contract

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/docfile"
)

// methods are those that a path item may have, by their keys.
var methods = map[string]string{
	"get": "GET", "put": "PUT", "post": "POST", "delete": "DELETE", "options": "OPTIONS", "head": "HEAD", "patch": "PATCH", "trace": "TRACE",
}

// parseOperations compiles the operations of the document, and the schemas with them.
func (c *Contract) parseOperations() error {
	k := newCompiler(c)
	k.second = &secondReader{set: c.set, is31: c.dialect == openAPI31}
	paths := k.followed(c.set.Top().At("paths"))
	k.misplacedRisk("document", c.set.Top(), false)
	for _, path := range namesOfMembers(paths.Node) {
		if strings.HasPrefix(path, "x-") {
			continue
		}
		k.pathItem(path, paths.At(path))
	}
	k.fill()
	k.connect()
	k.followLinks()
	for _, op := range c.operations {
		k.checkDerivable(op)
	}
	slices.SortFunc(c.operations, func(a, b *Operation) int { return cmp.Compare(a.ID, b.ID) })
	c.routes = newRouteTable(c.operations)
	k.noteSameRoutes()
	k.checkEchoes()
	k.checkExtended()
	return k.fault
}

// pathItem compiles the operations of a path.
func (k *compiler) pathItem(path string, own docfile.Place) {
	item, err := k.set.Follow(own)
	if err == nil && !item.Node.Is(docfile.Mapping) {
		err = expected("a mapping", item)
	}
	if err != nil {
		k.note(own, "path %s: %s", path, err)
		return
	}
	k.misplacedRisk("path "+path, item, false)
	for _, key := range namesOfMembers(own.Node) {
		if own.Node != item.Node && methods[key] != "" {
			k.note(own.At(key), "path %s: %s stands beside a $ref; left out, since OpenAPI does not say what it means", path, key)
		}
	}
	for _, key := range namesOfMembers(item.Node) {
		switch method := methods[key]; {
		case method != "":
			k.operations = append(k.operations, k.operation(path, method, item, item.At(key)))
		case methods[strings.ToLower(key)] != "":
			k.note(item.At(key), "path %s: expected methods in small letters, got %.20q; left out", path, key)
		}
	}
}

// followed returns the place that a $ref leads to; the place itself if there is none.
func (k *compiler) followed(at docfile.Place) docfile.Place {
	to, err := k.set.Follow(at)
	if err != nil {
		k.note(at, "$ref: %s; left out", err)
		return at
	}
	return to
}

// noteSameRoutes notes operations that a request cannot tell apart, since their paths differ in the names of parameters
// only: the first one is found.
func (k *compiler) noteSameRoutes() {
	known := map[string]*Operation{}
	for _, op := range k.operations {
		route := op.Method + " " + parameterName.ReplaceAllString(op.Path, "{}")
		if other := known[route]; other != nil {
			k.note(op.place, "operation %s: has the same path as %s but for the names of parameters, so that requests are taken for the latter's", op.ID, other.ID)
			continue
		}
		known[route] = op
	}
}

var parameterName = regexp.MustCompile(`\{[^}]*\}`)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// namesOfMembers returns the names of a mapping's members, sorted.
func namesOfMembers(n *docfile.Node) []string {
	if !n.Is(docfile.Mapping) {
		return nil
	}
	names := make([]string, len(n.Members()))
	for i, m := range n.Members() {
		names[i] = m.Name
	}
	slices.Sort(names)
	return names
}

func (k *compiler) operation(path, method string, item, own docfile.Place) *Operation {
	at, err := k.set.Follow(own)
	op := &Operation{Method: method, Path: path, Clause: at.Clause(), Line: at.Line, place: at}
	k.name(op)
	k.byClause[op.Clause] = op
	switch {
	case err != nil:
		op.lacks(own, "$ref: %s", err)
		return op
	case !at.Node.Is(docfile.Mapping):
		op.lacks(at, "%s", expected("a mapping", at))
		return op
	}
	k.template(op)
	k.parameters(op, item, at)
	k.body(op, at.At("requestBody"))
	k.responses(op, at.At("responses"))
	k.security(op)
	k.checkServers(op, item, at)
	k.risk(op)
	k.operationRefusals(op)
	return op
}

// lacks notes that an operation has something that is not supported.
func (op *Operation) lacks(at docfile.Place, format string, args ...any) {
	op.Unsupported = append(op.Unsupported, unsupportedAt(at, format, args...))
}

// name gives an operation a unique id.
func (k *compiler) name(op *Operation) {
	id := op.place.Node.TextOf("operationId")
	op.ID = id
	if other := k.byID[id]; id == "" || other != nil {
		plain := op.Method + " " + op.Path
		op.ID = plain
		for i := 2; k.byID[op.ID] != nil; i++ {
			op.ID = fmt.Sprintf("%s (%d)", plain, i)
		}
		if other != nil {
			k.note(op.place, "operationId %s: is that of %s %s, too; called %s here", id, other.Method, other.Path, op.ID)
		}
	}
	k.byID[op.ID] = op
	if id == "" && k.extended(op) {
		k.fail(op.Clause, "operation %s: has no operationId", op.ID)
	}
}

// template reads the path template.
func (k *compiler) template(op *Operation) {
	var ok bool
	op.segments, ok = segmentsOf(op.Path)
	switch {
	case !strings.HasPrefix(op.Path, "/"):
		op.lacks(op.place, "path: expected one that begins with /, got %.200q", op.Path)
	case !ok:
		op.lacks(op.place, "path: expected names in pairs of braces, got %.200q", op.Path)
	case strings.ContainsAny(op.Path, "?#"):
		op.lacks(op.place, "path: expected one without ? and #, got %.200q", op.Path)
	case slices.ContainsFunc(strings.Split(op.Path, "/"), func(s string) bool { return s == "." || s == ".." }):
		op.lacks(op.place, "path: expected one without the segments . and .., which lead elsewhere (RFC 3986, section 5.2.4), got %.200q", op.Path)
	}
}

// names returns the names of the parameters in the path template.
func (op *Operation) templateNames() []string {
	var names []string
	for i := range op.segments {
		names = append(names, op.segments[i].names...)
	}
	return names
}

// checkServers notes that an operation is served elsewhere than the others: a run has one endpoint.
func (k *compiler) checkServers(op *Operation, item, at docfile.Place) {
	own := at.At("servers")
	if own.Node == nil {
		own = item.At("servers")
	}
	if !own.Node.Is(docfile.List) || len(own.Node.Members()) == 0 {
		return
	}
	general := map[string]bool{}
	for _, m := range k.set.Top().At("servers").Node.Members() {
		general[strings.TrimSuffix(m.Value.TextOf("url"), "/")] = true
	}
	if len(general) == 0 {
		general[""] = true
	}
	for _, m := range own.Node.Members() {
		if general[strings.TrimSuffix(m.Value.TextOf("url"), "/")] {
			return
		}
	}
	op.lacks(own, "servers: has one of its own, %.200q, and a run has one endpoint", own.Node.Members()[0].Value.TextOf("url"))
}

// risks are what x-risk may say.
var risks = []string{"inert", "guarded", "destructive"}

// misplacedRisk makes sure that x-risk stands where it is read: one that is passed over would let a run do more than its
// writer wants.
func (k *compiler) misplacedRisk(what string, at docfile.Place, isOperation bool) {
	for _, m := range at.Node.Members() {
		if strings.EqualFold(m.Name, "x-risk") && (!isOperation || m.Name != "x-risk") {
			k.fail(at.At(m.Name).Clause(), "%s: expected x-risk, in small letters, beside get, post or another method's operation, got %s", what, m.Name)
		}
	}
}

// risk reads x-risk of an operation.
func (k *compiler) risk(op *Operation) {
	k.misplacedRisk("operation "+op.ID, op.place, true)
	said := op.place.At("x-risk")
	if said.Node == nil {
		return
	}
	if op.Risk = op.place.Node.TextOf("x-risk"); !slices.Contains(risks, op.Risk) {
		k.fail(said.Clause(), "operation %s: x-risk: expected inert, guarded or destructive, got %v", op.ID, k.value(said.Node))
	}
}

func (k *compiler) operationRefusals(op *Operation) {
	pointer := op.Clause + "/x-refusals"
	if op.place.File.Name != "" {
		for _, name := range []string{"x-refusals", "x-requirements"} {
			if own := op.place.At(name); own.Node != nil {
				k.fail(own.Clause(), "operation %s: expected %s in the document itself, got it in another file", op.ID, name)
			}
		}
		return
	}
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

// checkDerivable notes what no request can be derived from. A parameter that may be left out is
// left out.
func (k *compiler) checkDerivable(op *Operation) {
	op.Parameters = slices.DeleteFunc(op.Parameters, func(p *Parameter) bool {
		why, isBroken := k.broken[p.Schema]
		switch {
		case !isBroken:
			return false
		case p.Required:
			op.Unsupported = append(op.Unsupported, why)
			return false
		}
		return true
	})
	if op.Body == nil {
		return
	}
	for _, m := range op.Body.Content {
		if why, isBroken := k.broken[m.Schema]; isBroken {
			op.Unsupported = append(op.Unsupported, why)
		}
	}
}

// An openLink is a link whose operation is not known yet.
type openLink struct {
	response *Response
	link     *Link
	at       docfile.Place
}

// followLinks finds the operations that links lead to. A link to nothing is left out.
func (k *compiler) followLinks() {
	for _, l := range k.links {
		id, ref := l.at.Node.TextOf("operationId"), l.at.Node.TextOf("operationRef")
		to := k.byID[id]
		if id == "" && ref != "" {
			if place, err := k.set.Resolve(l.at, ref); err == nil {
				to = k.byClause[place.Clause()]
			}
		}
		if to == nil {
			why := fmt.Sprintf("there is no operation %.200q", cmp.Or(id, ref))
			if id+ref == "" {
				why = "expected operationId or operationRef, got neither"
			}
			k.note(l.at, "link %s: %s", l.link.Name, why)
			if k.root != nil {
				k.fail(l.link.Clause, "link %s: unknown operation %.200q", l.link.Name, cmp.Or(id, ref))
			}
			continue
		}
		l.link.Operation = to.ID
		l.response.Links = append(l.response.Links, l.link)
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
	for _, s := range k.compiled {
		if s.hasEcho && !known[s.echoedParameter] {
			k.fail(s.Clause+"/x-echoes", "x-echoes: expected the name of a path parameter, got %q", s.echoedParameter)
		}
	}
}
