package implied

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/pathtemplate"
)

// An index finds operations by how their paths relate.
type index struct {
	routes map[string]*contract.Operation // by method and path, without the names of parameters
	items  map[string]*contract.Operation // by method and the path of the collection that they are one of
	listed map[string]bool                // the collections of which some operation has one
}

func indexOf(c *contract.Contract) *index {
	x := &index{routes: map[string]*contract.Operation{}, items: map[string]*contract.Operation{}, listed: map[string]bool{}}
	for _, op := range c.Operations() {
		collection := formOf(collectionOf(op.Path))
		x.listed[collection] = x.listed[collection] || collection != ""
		if len(op.Unsupported) > 0 {
			continue
		}
		if key := op.Method + " " + formOf(op.Path); x.routes[key] == nil {
			x.routes[key] = op
		}
		if key := op.Method + " " + collection; collection != "" && x.items[key] == nil {
			x.items[key] = op
		}
	}
	return x
}

// collectionOf returns the path of which a path is one item: without the parameter at its end; "" if there is none.
func collectionOf(path string) string {
	path = strings.TrimSuffix(path, "/") // as the paths of some frameworks end
	at := strings.LastIndex(path, "/{")
	if at <= 0 || strings.Index(path[at:], "}") != len(path)-at-1 {
		return ""
	}
	return path[:at]
}

// item returns the operation with a method on the path of one thing in a collection, or nil.
func (x *index) item(collection *contract.Operation, method string) *contract.Operation {
	return x.items[method+" "+formOf(collection.Path)]
}

// formOf returns a path without the names of its parameters, which may differ from path to path.
func formOf(path string) string {
	form, _ := pathtemplate.Unnamed(strings.TrimSuffix(path, "/"))
	return form
}

// reader returns the operation that reads what an operation's path names: GET of the longest part of the path
// that ends in its last parameter, with a slash behind it or without, or nil.
func (x *index) reader(op *contract.Operation) *contract.Operation {
	return x.routes[http.MethodGet+" "+formOf(op.Path[:strings.LastIndex(op.Path, "}")+1])]
}

// inPathOf returns which parameter of an operation's path stands where each of another path does that begins alike,
// whatever their names are.
func inPathOf(op, other *contract.Operation) map[*contract.Parameter]*contract.Parameter {
	_, own := pathtemplate.Unnamed(op.Path)
	_, names := pathtemplate.Unnamed(other.Path)
	of := map[*contract.Parameter]*contract.Parameter{}
	for _, p := range other.ParametersIn(contract.InPath) {
		if i := slices.Index(names, p.Name); i >= 0 && i < len(own) {
			of[p] = pathParameter(op, own[i])
		}
	}
	return of
}

// pathParameter returns the parameter of an operation's path with a name, or nil.
func pathParameter(op *contract.Operation, name string) *contract.Parameter {
	for _, p := range op.ParametersIn(contract.InPath) {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// idsIn returns the values of an operation's path if it names a thing, or something below it.
func idsIn(op *contract.Operation, thing string) (map[string]string, bool) {
	return op.Match(strings.TrimSuffix(thing, "/") + op.Path[strings.LastIndex(op.Path, "}")+1:])
}

// creates reports whether an operation makes something in a collection: it may answer 201, or one of many
// has the path below.
func (x *index) creates(op *contract.Operation) bool {
	return listsCreated(op) || x.listed[formOf(op.Path)]
}

func listsCreated(op *contract.Operation) bool { return lists(op, "201", "2XX") || op.Success() == nil }

// What follows, wire.DocumentGate says once more, on purpose: the gate decides on its own, from the bytes that are about
// to leave, so that a mistake here lets nothing pass. TestGateAgrees holds the two together.

// riskToAbsent returns the risk of a request of an operation to what is absent; breaks is whether it breaks a
// rule or lacks credentials.
func (x *index) riskToAbsent(op *contract.Operation, breaks bool) cases.Risk {
	if stated, ok := cases.ParseRisk(op.Risk); ok {
		return stated
	}
	switch {
	case op.Method == http.MethodDelete:
		return cases.Inert
	case listsCreated(op) || op.Method == http.MethodPost && x.creates(op):
		if breaks {
			return cases.Guarded
		}
		return cases.Destructive
	case op.Method == http.MethodPut:
		return cases.Guarded // RFC 9110, section 9.3.4: it may create what was absent
	default:
		return cases.Inert
	}
}
