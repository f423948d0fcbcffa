package wire

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/pathtemplate"
)

func isRead(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// readOf returns the operation that a read is for: HEAD is that of GET.
func (g *DocumentGate) readOf(method, path string) *contract.Operation {
	op, _, _ := g.contract.Find(method, path)
	if op == nil && method == http.MethodHead {
		op, _, _ = g.contract.Find(http.MethodGet, path)
	}
	return op
}

// classify returns the risk of a request. astray says why it must not be sent whatever the risk: it
// could change what is not the run's own; "" if it may.
func (g *DocumentGate) classify(r *cases.Template) (risk cases.Risk, astray string) {
	path, _, _ := strings.Cut(r.Path, "?")
	op, values, known := g.contract.Find(r.Method, path)
	if op == nil {
		op = g.readOf(r.Method, path)
	}
	turned := turns(op, values, path)
	other := overridesOf(r, op)
	asks := isRead(r.Method) || r.Method == http.MethodOptions && known
	if asks && len(other) == 0 {
		switch {
		case turned || op == nil && r.Method != http.MethodOptions:
			return cases.Destructive, ""
		case op == nil || op.Risk == "" || op.Risk == cases.Inert.String():
			return cases.Inert, ""
		case op.Risk == cases.Guarded.String():
			return cases.Guarded, ""
		}
	}
	t := g.thingOf(path)
	switch {
	case turned || !t.known:
		return cases.Destructive, "its path could be read as another, so that it is not known what it would change"
	case len(other) > 0:
		return cases.Destructive, g.astray(t, r, "it could be read as "+strings.Join(other, " or "))
	case op != nil && op.Risk == cases.Inert.String():
		return cases.Inert, ""
	case op != nil && op.Risk == cases.Guarded.String(), r.Method == http.MethodPut && g.asRead(r):
		return cases.Guarded, ""
	}
	return g.change(r, op, t)
}

// change returns the risk of a request that is there to change something.
func (g *DocumentGate) change(r *cases.Template, op *contract.Operation, t thing) (risk cases.Risk, astray string) {
	if t.path == "" {
		if op == nil || r.Method != http.MethodPost || !g.creates(op) {
			return cases.Destructive, "it names nothing that this run has made; x-risk beside the operation says if it is harmless"
		}
		return cases.Destructive, g.strayNames(r, g.below(op, t))
	}
	astray = g.astray(t, r, "")
	if op != nil && astray == "" && r.Method == http.MethodPost && g.creates(op) {
		if astray = g.closed(t); astray == "" {
			astray = g.strayNames(r, g.below(op, t))
		}
	}
	if !g.isAbsent(t) || astray != "" || op != nil && op.Risk == cases.Destructive.String() {
		return cases.Destructive, astray
	}
	switch g.chanceToCreate(op, r) {
	case never:
		return cases.Inert, ""
	case unlisted:
		return cases.Guarded, ""
	case listed:
		if breaks, bare := g.faults(op, r); breaks || bare {
			return cases.Guarded, ""
		}
	}
	return cases.Destructive, ""
}

// The risk of a request to what is absent, implied derives once more, to say it before anything is sent. That is on
// purpose: this gate trusts no case, and sees only bytes. implied.TestGateAgrees holds the two together.

// A chance says whether a request to what is absent could make it, or something below it.
type chance int

const (
	never    chance = iota // only if a server mistook the method
	unlisted               // its method allows it, and its document does not say so
	listed
)

// chanceToCreate returns the chance that a request creates something.
func (g *DocumentGate) chanceToCreate(op *contract.Operation, r *cases.Template) chance {
	switch {
	case r.Method == http.MethodDelete:
		return never
	case op == nil:
		return unlisted
	case r.Method == http.MethodPost && g.creates(op), listsCreated(op):
		return listed
	case r.Method == http.MethodPut:
		return unlisted // RFC 9110, section 9.3.4
	default:
		return never
	}
}

// listsCreated reports whether an operation's document says that it may answer 201.
func listsCreated(op *contract.Operation) bool {
	response := op.Response(http.StatusCreated)
	return response != nil && response.Status != "default" || op.Success() == nil
}

// creates reports whether an operation makes something in a collection: it may answer 201, or
// there is a path below it for one of many.
func (g *DocumentGate) creates(op *contract.Operation) bool {
	return listsCreated(op) || g.childForm(op) != nil
}

// childForm returns an operation whose path is that of op with one parameter more, or nil.
func (g *DocumentGate) childForm(op *contract.Operation) *contract.Operation {
	return g.children[formUpTo(op, "")]
}

// below returns what a creation would make, without an id: a thing with the form of the collection's.
// Its path is "" if there is none in the document.
func (g *DocumentGate) below(op *contract.Operation, parent thing) thing {
	child := g.childForm(op)
	if child == nil {
		return thing{}
	}
	names := segmentsOf(strings.TrimSuffix(child.Path, "/"))
	_, last := pathtemplate.Unnamed(names[len(names)-1])
	t := thing{form: formUpTo(child, last[0]), last: pathParameter(child, last[0]), known: true, whole: true}
	t.path = strings.TrimSuffix(op.Path, "/") + "/"
	if parent.path != "" {
		rest := segmentsOf(strings.TrimSuffix(op.Path, "/"))[len(segmentsOf(parent.path)):]
		t.path = parent.path + "/" + strings.Join(append(rest, ""), "/")
	}
	return t
}

// astray says why a request must not go to a thing: it is neither the run's own nor absent, or
// what else the request names is not. why comes first.
func (g *DocumentGate) astray(t thing, r *cases.Template, why string) string {
	if t.path == "" {
		return why + ", and it names nothing that this run has made"
	}
	if !g.open(t) {
		return strings.TrimPrefix(why+"; "+t.path+" may exist, and this run has not made it; "+t.hint(), "; ")
	}
	for _, id := range t.readings() {
		if other := t.sibling(id); !g.open(other) {
			return "it could be read as one to " + other.path + ", which no read has shown to be absent"
		}
	}
	return g.strayNames(r, t)
}

// hint says what allows changes of a thing.
func (t thing) hint() string {
	return "set --fixture '" + t.last.Name + "=" + t.id + "!' to let it be changed"
}

// open reports whether a thing may be changed: it is absent, or the run's own, or the user lets it be
// changed.
func (g *DocumentGate) open(t thing) bool {
	return g.isAbsent(t) || g.made[t.path] || slices.Contains(g.free[t.form], t.id)
}

// closed says why nothing may be created below a thing, though it may be changed: it belongs to something that the user
// does not let the run change. What this run has made is as open as what it was made in.
func (g *DocumentGate) closed(t thing) string {
	if g.isAbsent(t) || g.made[t.path] {
		return ""
	}
	for above := t.above; above != nil && !g.made[above.path]; above = above.above {
		if !slices.Contains(g.free[above.form], above.id) {
			return "it would create something below " + above.path + ", which may exist, and this run has not made it; " + above.hint()
		}
	}
	return ""
}

// strayNames says which other thing of the kind of t a request names in its query or body, if it is
// not open. Servers may take the id from there.
func (g *DocumentGate) strayNames(r *cases.Template, t thing) string {
	if t.path == "" {
		return ""
	}
	names := namesOf(t)
	for _, given := range given(r) {
		if !slices.Contains(names, lettersAndDigits(given.name)) || given.value == t.id {
			continue
		}
		other := t.sibling(given.value)
		if t.id == "" {
			other = t
			other.path, other.id = t.path+url.PathEscape(given.value), given.value
		}
		if !g.open(other) {
			return "it names " + other.path + " by its " + given.name + ", which no read has shown to be absent"
		}
	}
	return ""
}

// ownNames are names that a member with a thing's id has in the thing itself.
var ownNames = []string{"id", "uuid"}

// namesOf returns the names that members with the id of a thing have. If the request goes to
// something below it, members that are called like any id are of that.
func namesOf(t thing) []string {
	segments := strings.Split(t.form, "/")
	noun := ""
	for _, s := range segments {
		if s != "" && !strings.Contains(s, "{}") {
			noun = lettersAndDigits(s)
		}
	}
	names := []string{noun + "id", strings.TrimSuffix(noun, "s") + "id"}
	if own := lettersAndDigits(t.last.Name); t.whole || !slices.Contains(ownNames, own) {
		names = append(names, own)
	}
	if t.whole {
		names = append(names, ownNames...)
	}
	return names
}

// turns reports whether a router may read an escaped path as another one than op's.
func turns(op *contract.Operation, values map[string]string, path string) bool {
	if strings.ContainsAny(path, "\\#") {
		return true
	}
	if op != nil && values != nil {
		for _, value := range values {
			if misleads(value) {
				return true
			}
		}
		return false
	}
	path = strings.TrimSuffix(path, "/") // where no path of the document ends so, there is no operation
	return slices.ContainsFunc(segmentsOf(path), func(segment string) bool { return misleads(unescaped(segment)) })
}

// faults reports whether a request breaks a rule of the document, and whether it is bare of credentials
// that op needs.
func (g *DocumentGate) faults(op *contract.Operation, r *cases.Template) (breaks, bare bool) {
	request := contract.Request{Method: r.Method, Path: r.Path, Header: http.Header{}, Body: []byte(r.Body)}
	for _, h := range r.Headers {
		request.Header.Add(h.Name, h.Value)
	}
	for _, p := range g.contract.JudgeRequest(op, &request) {
		switch {
		case p.OnlyAdvice():
		case p.In == contract.InSecurity:
			bare = true
		default:
			breaks = true
		}
	}
	return breaks, bare || !op.Anonymous() && !g.authentic(r)
}

// authentic reports whether a request has credentials of the run, or there are none.
func (g *DocumentGate) authentic(r *cases.Template) bool {
	if len(g.own) == 0 {
		return true
	}
	placed := placedCredentials(g.own)
	if placed.path(r.Path) != r.Path {
		return true
	}
	for _, h := range r.Headers {
		if placed.of(contract.InHeader, h.Name, h.Value) != nil {
			return true
		}
		header := http.Header{"Cookie": {h.Value}}
		if strings.EqualFold(h.Name, "Cookie") && placed.header(header).Get("Cookie") != h.Value {
			return true
		}
	}
	return false
}

// asRead reports whether a request puts what the last read of its path has shown.
func (g *DocumentGate) asRead(r *cases.Template) bool {
	shown := g.read[r.Path]
	v, problems := contract.ReadJSON([]byte(r.Body))
	return shown != nil && v != nil && len(problems) == 0 && v.Equal(shown)
}
