package implied

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/jsonpointer"
	"github.com/gesconform/gesconform/internal/pathtemplate"
	"github.com/gesconform/gesconform/internal/resources"
)

// A member of a body may have to be the id of something that there is. The user gives such a value by the name of the
// member; otherwise the run knows the ids in the path of the request, and those of what it has made. What answers have
// shown is not for bodies: an order for somebody's customer would concern that customer.

// known returns what is known for the members of a body that have a name.
type known func(name string) (text string, ok bool)

// knownMembers returns what is known of the members of an operation's bodies. made has the ids of what the run has made, by
// the names of members without case; nil for none.
func (o *Options) knownMembers(x *index, op *contract.Operation, made func(name string) (string, bool)) known {
	var own []string // by which it names what it makes, or itself
	if op.Method == http.MethodPost {
		own = resources.OwnNames(op.Path)
		for _, method := range []string{http.MethodGet, http.MethodDelete} {
			if item := x.item(op, method); item != nil {
				own = append(own, resources.Folded(ownNames(item)[0]))
			}
		}
	}
	return func(name string) (string, bool) {
		plain := resources.Folded(name)
		if slices.Contains(own, plain) {
			return "", false
		}
		if text, ok := o.givenMember(op, name); ok || made == nil {
			return text, ok
		}
		return made(plain)
	}
}

// givenMember returns the value that the user gives for the members of an operation's bodies with a name. What is meant for
// a parameter, the name of what a list is filtered by, say, is not meant for members, unless it is an id.
func (o *Options) givenMember(op *contract.Operation, name string) (string, bool) {
	for _, wanted := range []string{op.ID + "." + name, name} {
		for _, f := range o.Fixtures {
			if f.Name == wanted && !f.Placed && (references.MatchString(name) || !o.isFilter(name)) {
				return f.Value, true
			}
		}
	}
	return "", false
}

// isFilter reports whether a name is that of a parameter outside of the paths.
func (o *Options) isFilter(name string) bool {
	return slices.ContainsFunc(o.Contract.Operations(), func(op *contract.Operation) bool {
		return slices.ContainsFunc(op.Parameters, func(p *contract.Parameter) bool { return p.Name == name && p.In != contract.InPath })
	})
}

// madeMember returns the id of the first thing that the run has made and whose id members with a name hold.
func (r *run) madeMember(name string) (string, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.named[name] {
		if !m.Deleted {
			return m.IDs[len(m.IDs)-1], true
		}
	}
	return "", false
}

// name notes a thing that the run has made under the names of members that hold its id.
func (r *run) name(m *thing) {
	item := r.index.item(m.by, http.MethodGet)
	if item == nil {
		return
	}
	if _, ok := item.Match(m.Path); !ok {
		return
	}
	for _, name := range resources.IDNames(item)[lastInPath(item)] {
		r.named[name] = append(r.named[name], m)
	}
}

// knownMembers returns what the run knows of the members of an operation's bodies.
func (r *run) knownMembers(op *contract.Operation) known {
	if op.Body == nil {
		return nil
	}
	return r.o.knownMembers(r.index, op, r.madeMember)
}

// lastInPath returns the last parameter of an operation's path.
func lastInPath(op *contract.Operation) *contract.Parameter {
	_, names := pathtemplate.Unnamed(op.Path)
	return pathParameter(op, names[len(names)-1])
}

// neededMembers says what to give for the members of a plain body that may have to be ids of what there is; "" if there is
// none that is not known.
func (g *ground) neededMembers() string {
	if g.body == nil || g.ofMembers == nil {
		return ""
	}
	f := filler{base: g.base, path: resources.IDNames(g.op)}
	names := namesIn(contract.ValueOf(g.body.value))
	slices.Sort(names)
	var flags []string
	for _, name := range slices.Compact(names) {
		if _, known := f.textOf(name); !known && references.MatchString(name) && !slices.Contains(resources.OwnNames(g.op.Path), resources.Folded(name)) {
			flags = append(flags, "--fixture "+name+"=…")
		}
	}
	return strings.Join(flags, " ")
}

// withKnown returns a body with the values that are known for its members, but for what is special in it. It stays as it
// is if that would break or mend anything.
func (g base) withKnown(m *contract.MediaType, value any, special string) any {
	f := filler{base: g, path: resources.IDNames(g.op), special: special}
	filled, changed := f.fill(value, "")
	if !changed || m.Schema == nil {
		return filled
	}
	before := m.Schema.Check(contract.ValueOf(value), contract.Client)
	if after := m.Schema.Check(contract.ValueOf(filled), contract.Client); len(after) != len(before) {
		return value
	}
	return filled
}

// A filler fills in the members of one body.
type filler struct {
	base
	path    map[*contract.Parameter][]string // the names of members with the ids of the request's own path
	special string                           // a JSON pointer to what stays as it is
}

// fill fills in the members of a value at a place. It copies what it changes.
func (f filler) fill(value any, at string) (filled any, changed bool) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			next, differs := f.member(name, member, at+"/"+jsonpointer.Escape(name))
			if differs && !changed {
				v, changed = maps.Clone(v), true
			}
			if differs {
				v[name] = next
			}
		}
		return v, changed
	case []any:
		for i, item := range v {
			next, differs := f.fill(item, at+"/"+strconv.Itoa(i))
			if differs && !changed {
				v, changed = slices.Clone(v), true
			}
			if differs {
				v[i] = next
			}
		}
		return v, changed
	}
	return value, false
}

// member fills in a member of an object.
func (f filler) member(name string, value any, at string) (filled any, changed bool) {
	if at == f.special {
		return value, false
	}
	if text, ok := f.textOf(name); ok {
		if like, fits := likeValue(value, text); fits {
			return like, true
		}
	}
	return f.fill(value, at)
}

// textOf returns what is known for the members with a name: the request's own path comes first.
func (f filler) textOf(name string) (string, bool) {
	plain := resources.Folded(name)
	for p, names := range f.path {
		if value, sent := f.values[p]; sent && slices.Contains(names, plain) {
			return fmt.Sprint(value), true
		}
	}
	if f.ofMembers == nil {
		return "", false
	}
	return f.ofMembers(name)
}

// likeValue returns a text as a value of the same kind as another one.
func likeValue(of any, text string) (value any, fits bool) {
	switch of.(type) {
	case string:
		return text, true
	case json.Number, float64, int, int64:
		number := json.Number(text)
		_, err := number.Float64()
		return number, err == nil && json.Valid([]byte(text))
	}
	return nil, false
}
