package resources

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// A walk looks for ids in a body.
type walk struct {
	store   *Store
	request *contract.Request
	status  int    // of the answer
	noun    string // what the things in the body are called
	left    int    // how many values may still be looked at
}

// wrappers are names of members that hold the things of a list, or the one that was asked for,
// whatever they are.
var wrappers = []string{"items", "data", "results", "result", "value", "values", "content", "entries", "records", "list", "rows", "embedded", "objects", "nodes"}

// generic are names of members that name the thing that they are in.
var generic = []string{"id", "uuid", "guid", "uid", "key", "slug", "code", "name"}

// addresses are names of members that have the address of a thing.
var addresses = []string{"href", "self", "url", "uri", "location", "selflink"}

// isAddress reports whether a member with a name has an address, such as issues_url.
func isAddress(name string) bool {
	return slices.ContainsFunc(addresses, func(ending string) bool { return strings.HasSuffix(name, ending) })
}

// body looks for ids in the whole body of an answer to op. here is what its path names.
func (w *walk) body(op *contract.Operation, here found, v *contract.Value) {
	c := w.store.listed(op)
	if c == nil || len(here.ids) < c.width {
		w.root(here, v)
		return
	}
	parent := found{c.above, here.ids[:c.width]}
	if list := listIn(c, v, 0); list != nil && (v.Kind == contract.KindArray || w.request.Method != http.MethodPost) {
		w.list(c, parent, list, 0)
		return
	}
	if w.request.Method != http.MethodGet || keyOf(op.Path) != c.collection {
		w.item(c, parent, unwrapped(c, v), FromMember, 0)
		return
	}
	if ids := w.mapped(op, c, v); len(ids) > 0 {
		for i, text := range ids {
			w.keepMapped(found{c.key, append(slices.Clip(parent.ids), text)}, v.Members[i].Value, i)
		}
		return
	}
	w.root(here, v)
}

// keepMapped keeps a thing of a map, or sees it if it is not one of the first.
func (w *walk) keepMapped(here found, v *contract.Value, i int) {
	if i >= mostItems {
		w.store.see(here)
		return
	}
	w.store.keep(here, FromItem)
	w.value("", here, v, 1)
}

// root looks for ids in a body of which it is not known what it lists.
func (w *walk) root(here found, v *contract.Value) {
	things := []*contract.Value{v}
	if list := listIn(&child{noun: w.noun}, v, 0); list != nil {
		things = list.Items[:min(len(list.Items), mostItems)]
	}
	for _, thing := range things {
		w.compound(w.noun, here, thing)
	}
	w.value("", here, v, 0)
}

// listed returns what an operation on a path lists or creates: /pets, or below it /pets/search.
func (s *Store) listed(op *contract.Operation) *child {
	path := keyOf(op.Path)
	var best *child
	for _, c := range s.children {
		rest, below := strings.CutPrefix(path, c.collection)
		below = below && (rest == "" || c.collection != "" && rest[0] == '/' && !strings.Contains(rest, "{}"))
		if below && (best == nil || len(c.collection) > len(best.collection)) {
			best = c
		}
	}
	return best
}

// listIn returns the list of things in the body of an answer: the body, or the member that is
// called as they are, or as lists are; otherwise nil.
func listIn(c *child, v *contract.Value, depth int) *contract.Value {
	if v.Kind == contract.KindArray {
		return v
	}
	if v.Kind != contract.KindObject || depth > 2 {
		return nil
	}
	for _, is := range []func(name string) bool{
		func(name string) bool { return singular(name) == c.noun },
		func(name string) bool { return slices.Contains(wrappers, name) },
	} {
		for _, m := range v.Members {
			if !is(folded(m.Name)) {
				continue
			}
			if list := listIn(c, m.Value, depth+1); list != nil {
				return list
			}
		}
	}
	return nil
}

// unwrapped returns the thing in the body of an answer: the body, or the one member that is called
// as it is, or as wrappers are.
func unwrapped(c *child, v *contract.Value) *contract.Value {
	for _, m := range v.Members {
		name := folded(m.Name)
		if m.Value.Kind == contract.KindObject && (name == c.noun || slices.Contains(wrappers, name)) {
			return m.Value
		}
	}
	return v
}

// list keeps the first things of a list, and sees the others.
func (w *walk) list(c *child, parent found, list *contract.Value, depth int) {
	for i, item := range list.Items[:min(len(list.Items), mostCounted)] {
		if i < mostItems {
			w.item(c, parent, item, FromItem, depth+1)
			continue
		}
		if text, ok := c.id(w.store, item); ok {
			w.store.see(found{c.key, append(slices.Clip(parent.ids), text)})
		}
	}
}

// item keeps a thing, and looks for others in it, which may belong to it.
func (w *walk) item(c *child, parent found, v *contract.Value, source Source, depth int) {
	w.compound(called(c.collection), parent, v)
	text, ok := c.id(w.store, v)
	if !ok {
		w.value("", parent, v, depth)
		return
	}
	here := found{c.key, append(slices.Clip(parent.ids), text)}
	w.store.keep(here, source)
	w.value("", here, v, depth)
}

// id returns the id that a thing shows of itself.
func (c *child) id(s *Store, v *contract.Value) (text string, ok bool) {
	if v.Kind != contract.KindObject {
		text, ok = scalar(v)
		return text, ok && s.fits(c.key, text)
	}
	names := slices.Concat(c.names, []string{c.noun + "id", "id", c.noun + "uuid", c.noun + "name"}, generic)
	if text, ok = c.idIn(s, v, names); ok {
		return text, true
	}
	if slices.ContainsFunc(c.names, func(name string) bool { return strings.HasSuffix(name, "name") }) {
		names = slices.Concat(c.names, []string{"name"}, generic)
	}
	for _, m := range v.Members {
		if name := folded(m.Name); name != "metadata" && name != "meta" {
			continue
		}
		if text, ok = c.idIn(s, m.Value, names); ok { // as Kubernetes has it
			return text, true
		}
	}
	return "", false
}

// idIn returns the first of an object's members with some names that an operation takes for an id.
func (c *child) idIn(s *Store, v *contract.Value, names []string) (text string, ok bool) {
	for _, name := range names {
		for _, m := range v.Members {
			if folded(m.Name) != name {
				continue
			}
			if text, ok = scalar(m.Value); ok && s.fits(c.key, text) {
				return text, true
			}
		}
	}
	return "", false
}

// fits reports whether some operation takes an id for the last parameter of a key.
func (s *Store) fits(key, text string) bool {
	return slices.ContainsFunc(s.users[key], func(p *contract.Parameter) bool { return fault(p, text) == "" })
}

// value looks for ids in a value that is called name. here is the thing that it belongs to.
func (w *walk) value(name string, here found, v *contract.Value, depth int) {
	if w.left--; w.left < 0 || depth > deepest {
		return
	}
	switch v.Kind {
	case contract.KindArray:
		if c := w.store.childNamed(name, here); c != nil {
			w.list(c, found{c.above, here.ids[:c.width]}, v, depth)
			return
		}
		for _, item := range v.Items[:min(len(v.Items), mostItems)] {
			w.value(singular(name), here, item, depth+1)
		}
	case contract.KindObject:
		for _, m := range v.Members {
			w.member(folded(m.Name), here, m.Value, depth)
		}
	default:
		w.scalar(name, here, v)
	}
}

// member looks for ids in a member of an object.
func (w *walk) member(name string, here found, v *contract.Value, depth int) {
	if v.Kind == contract.KindObject {
		if c := w.store.childNamed(name, here); c != nil {
			w.item(c, found{c.above, here.ids[:c.width]}, v, FromMember, depth+1)
			return
		}
	}
	w.value(name, here, v, depth+1)
}

// scalar keeps the value of a member whose name is that of a parameter.
func (w *walk) scalar(name string, here found, v *contract.Value) {
	if isAddress(name) && v.Kind == contract.KindString {
		text := v.Text
		if before, _, cut := strings.Cut(text, "{"); cut && strings.HasSuffix(text, "}") {
			text = before // of a template (RFC 6570), what is the same in all
		}
		if _, at, ok := w.store.located(w.request, text); ok {
			w.store.keep(at, FromLocation)
		}
		return
	}
	text, ok := scalar(v)
	if !ok || slices.Contains(generic, name) {
		return
	}
	if known := w.store.named[name]; len(known) < mostThings && w.store.asked[name] && !slices.Contains(known, text) {
		w.store.named[name] = append(known, text)
	}
	for _, c := range w.store.byName[name] {
		if c.within(here) && w.store.fits(c.key, text) {
			w.store.keep(found{c.key, append(slices.Clip(here.ids[:c.width]), text)}, FromMember)
		}
	}
}

// childNamed returns what a member with this name holds, in the singular or plural, if the ids of what
// it belongs to are known.
func (s *Store) childNamed(name string, here found) *child {
	var best *child
	for _, c := range s.byNoun[singular(name)] {
		if c.within(here) && (best == nil || c.width > best.width) {
			best = c
		}
	}
	return best
}

// within reports whether the ids of what c belongs to are known in a thing: it has none, or they are
// among its own.
func (c *child) within(here found) bool {
	return c.width <= len(here.ids) && (c.above == "" || here.key == c.above || strings.HasPrefix(here.key, c.above+"/"))
}
