package implied

import (
	"net/http"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
)

// An index finds operations by how their paths relate.
type index struct {
	routes map[string]*contract.Operation // by method and path
	items  map[string]*contract.Operation // by method and the path of the collection that they are one of
	listed map[string]bool                // the collections of which some operation has one
}

func indexOf(c *contract.Contract) *index {
	x := &index{routes: map[string]*contract.Operation{}, items: map[string]*contract.Operation{}, listed: map[string]bool{}}
	for _, op := range c.Operations() {
		collection := collectionOf(op.Path)
		x.listed[collection] = x.listed[collection] || collection != ""
		if len(op.Unsupported) > 0 {
			continue
		}
		x.routes[op.Method+" "+op.Path] = op
		if key := op.Method + " " + collection; collection != "" && x.items[key] == nil {
			x.items[key] = op
		}
	}
	return x
}

// collectionOf returns the path of which a path is one item: without the parameter at its end; "" if there is none.
func collectionOf(path string) string {
	at := strings.LastIndex(path, "/{")
	if at <= 0 || strings.Index(path[at:], "}") != len(path)-at-1 {
		return ""
	}
	return path[:at]
}

// item returns the operation with a method on the path of one thing in a collection, or nil.
func (x *index) item(collection *contract.Operation, method string) *contract.Operation {
	return x.items[method+" "+strings.TrimSuffix(collection.Path, "/")]
}

// reader returns the operation that reads what an operation's path names: GET of the longest part of the path
// that ends in its last parameter, or nil.
func (x *index) reader(op *contract.Operation) *contract.Operation {
	return x.routes[http.MethodGet+" "+op.Path[:strings.LastIndex(op.Path, "}")+1]]
}

// creates reports whether an operation makes something in a collection: it may answer 201, or one of many
// has the path below.
func (x *index) creates(op *contract.Operation) bool {
	return listsCreated(op) || x.listed[strings.TrimSuffix(op.Path, "/")]
}

func listsCreated(op *contract.Operation) bool { return lists(op, "201", "2XX") || op.Success() == nil }

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
