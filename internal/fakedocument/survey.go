package fakedocument

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/pathtemplate"
)

// A kind is what a segment of a path names, as {petId} in /pets/{petId}, or what a collection has whose things have
// no path of their own.
type kind struct {
	template   string              // of one of them; "" if they have no path
	collection string              // the template of them all
	parameter  *contract.Parameter // that names one; nil if they have no path
	schema     *contract.Schema    // of one of them, as it is shown; nil if it is not
	example    any
	member     string // of the schema, with the id; "" if it shows none
}

// An act is how an operation is served.
type act struct {
	kind    *kind   // that it is about; nil for none
	above   []*kind // those of which its path names one
	success *contract.Response
	status  int
	media   []*contract.MediaType // that can be written
	place   []string              // the members, from the outermost, that what is shown is in
	perform func(*Server, *call, *reply)
}

// survey finds out what the operations are about, and which cannot be served.
func (s *Server) survey() {
	operations := s.contract.Operations()
	slices.SortStableFunc(operations, func(a, b *contract.Operation) int { return cmp.Compare(a.Path, b.Path) })
	for _, op := range operations {
		a, err := s.prepared(op)
		if err != nil {
			s.unserved = append(s.unserved, Unserved{op.ID, err.Error()})
			continue
		}
		s.acts[op] = a
	}
	kinds := s.kinds(operations)
	for _, op := range operations {
		if a := s.acts[op]; a != nil {
			s.assign(op, a, kinds)
		}
	}
}

// prepared finds out what the success of an operation looks like.
func (s *Server) prepared(op *contract.Operation) (*act, error) {
	if len(op.Unsupported) > 0 {
		return nil, fmt.Errorf("%s", op.Unsupported[0].String())
	}
	a := &act{}
	if a.success, a.status = successOf(op); a.success == nil {
		return nil, fmt.Errorf("the document has no success for it")
	}
	var refused error
	for _, m := range a.success.Content {
		if _, err := s.example(m); err != nil {
			refused = err
			continue
		}
		a.media = append(a.media, m)
	}
	if len(a.media) == 0 && len(a.success.Content) > 0 {
		return nil, refused
	}
	for _, h := range a.success.Headers {
		if _, err := s.header(h, nil); err != nil && h.Required {
			return nil, fmt.Errorf("header %s: %w", h.Name, err)
		}
	}
	return a, nil
}

// successOf returns the response that an operation is answered with, and its status: that of a creation, if it has
// one, or the first. A change for which the document has none, as many deletions, is answered with 204.
func successOf(op *contract.Operation) (*contract.Response, int) {
	var best *contract.Response
	for _, r := range op.Responses {
		switch {
		case r.Status == "201" && op.Method == http.MethodPost, r.Status == "204" && op.Method == http.MethodDelete:
			return r, number(r.Status)
		case best == nil && (r.Status < "4" && r.Status != "101" && r.Status != "1XX" || r.Status == "default"):
			best = r
		case r.Status == "200":
			best = r
		}
	}
	switch {
	case best == nil && (op.Method == http.MethodGet || op.Method == http.MethodHead):
		return nil, 0
	case best == nil:
		best = &contract.Response{Status: "204"}
	}
	return best, number(best.Status)
}

// number returns the status that stands for one of a response.
func number(status string) int {
	if n, err := strconv.Atoi(status); err == nil {
		return n
	}
	if strings.HasPrefix(status, "3") {
		return http.StatusFound
	}
	return http.StatusOK
}

// kinds returns the kinds of things, by the templates of one of them and of them all, without the names of parameters.
func (s *Server) kinds(operations []*contract.Operation) map[string]*kind {
	all := map[string]*kind{}
	for _, op := range operations {
		at := strings.LastIndexByte(op.Path, '/')
		name, isParameter := strings.CutPrefix(op.Path[at+1:], "{")
		name, whole := strings.CutSuffix(name, "}")
		if !isParameter || !whole || strings.ContainsAny(name, "{}") || s.acts[op] == nil {
			continue
		}
		p := op.Parameter(name)
		if p == nil || p.In != contract.InPath || p.MediaType != "" || !isScalar(p.Schema) || p.Style != contract.StyleSimple && p.Style != "" && p.Style != contract.StyleLabel && p.Style != contract.StyleMatrix {
			continue
		}
		k := all[keyOf(op.Path)]
		if k == nil {
			k = &kind{template: op.Path, collection: op.Path[:at], parameter: p}
			all[keyOf(op.Path)], all[keyOf(k.collection)] = k, k
		}
		if op.Method == http.MethodGet {
			k.parameter = p
			s.describe(k, s.acts[op])
		}
	}
	for _, op := range operations {
		a := s.acts[op]
		if a == nil || op.Method != http.MethodGet {
			continue
		}
		k := all[keyOf(op.Path)]
		if k != nil && k.template != "" && keyOf(k.template) == keyOf(op.Path) {
			continue
		}
		if items, example, place := listIn(a, nounOf(op.Path)); items != nil {
			if k == nil {
				k = &kind{collection: op.Path}
				all[keyOf(op.Path)] = k
			}
			if k.schema == nil {
				k.schema, k.example = items, example
				k.member = idMember(k)
			}
			a.place = place
		}
	}
	return all
}

// describe takes from the operation that shows one of a kind what it looks like.
func (s *Server) describe(k *kind, a *act) {
	m := jsonOf(a.media)
	if m == nil || m.Schema == nil {
		return
	}
	k.schema, k.example = m.Schema, m.Example
	if k.member = idMember(k); k.member != "" {
		return
	}
	noun := singular(nounOf(k.collection))
	for _, name := range memberNames(m.Schema) {
		inner := memberOf(m.Schema, name)
		if folded := fold(name); isObject(inner) && (folded == noun || slices.Contains(wrappers, folded)) {
			a.place = []string{name}
			k.schema, k.example = inner, nil
			k.member = idMember(k)
			return
		}
	}
}

// assign finds out what an operation does to the things of its kind.
func (s *Server) assign(op *contract.Operation, a *act, kinds map[string]*kind) {
	segments := strings.Split(op.Path, "/")
	for i := 2; i < len(segments); i++ {
		template := strings.Join(segments[:i], "/")
		if k := kinds[keyOf(template)]; k != nil && k.template != "" && keyOf(k.template) == keyOf(template) {
			a.above = append(a.above, k)
		}
	}
	k := kinds[keyOf(op.Path)]
	one := k != nil && k.template != "" && keyOf(k.template) == keyOf(op.Path)
	a.kind = k
	switch {
	case one:
		a.perform = map[string]func(*Server, *call, *reply){http.MethodGet: show, http.MethodHead: show, http.MethodPut: replace, http.MethodPatch: change, http.MethodDelete: remove}[op.Method]
	case k != nil && op.Method == http.MethodPost:
		a.perform = create
	case k != nil && (op.Method == http.MethodGet || op.Method == http.MethodHead):
		a.perform = list
	}
	if a.perform == nil {
		a.kind, a.perform = nil, single
	}
	if op.Method == http.MethodPost && a.kind != nil && len(a.place) == 0 {
		a.place = placeOf(a, k)
	}
}

// placeOf returns where in the answer to a creation the thing is.
func placeOf(a *act, k *kind) []string {
	m := jsonOf(a.media)
	if m == nil || m.Schema == nil || k.member == "" || memberOf(m.Schema, k.member) != nil {
		return nil
	}
	for _, name := range memberNames(m.Schema) {
		if inner := memberOf(m.Schema, name); isObject(inner) && memberOf(inner, k.member) != nil {
			return []string{name}
		}
	}
	return nil
}

// listIn returns the schema of the things that an operation lists, and where the list is; nil if it lists none.
func listIn(a *act, noun string) (items *contract.Schema, example any, place []string) {
	m := jsonOf(a.media)
	if m == nil || m.Schema == nil {
		return nil, nil, nil
	}
	if m.Schema.Type == contract.KindArray {
		return objectsOf(m.Schema), firstOf(m.Example), nil
	}
	var names []string
	for _, name := range memberNames(m.Schema) {
		if inner := memberOf(m.Schema, name); inner.Type == contract.KindArray && objectsOf(inner) != nil {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if folded := fold(name); len(names) == 1 || folded == noun || singular(folded) == singular(noun) || slices.Contains(wrappers, folded) {
			return objectsOf(memberOf(m.Schema, name)), nil, []string{name}
		}
	}
	return nil, nil, nil
}

func objectsOf(list *contract.Schema) *contract.Schema {
	if list.Items == nil || !isObject(list.Items) {
		return nil
	}
	return list.Items
}

func firstOf(example any) any {
	if all, ok := example.([]any); ok && len(all) > 0 {
		return all[0]
	}
	return nil
}

// wrappers are names of members that hold what was asked for, whatever it is.
var wrappers = []string{"items", "data", "results", "result", "value", "values", "content", "entries", "records", "list", "rows"}

// idMember returns the member with the id that the path of one of a kind has; "" if there is none.
func idMember(k *kind) string {
	noun := singular(nounOf(k.collection))
	names := []string{noun + "id", "id", noun + "uuid", noun + "name", "uuid", "guid", "uid", "key", "slug", "code", "name"}
	if k.parameter != nil {
		names = append([]string{fold(k.parameter.Name)}, names...)
	}
	known := memberNames(k.schema)
	for _, wanted := range names {
		for _, name := range known {
			if fold(name) == wanted && isScalar(memberOf(k.schema, name)) {
				return name
			}
		}
	}
	return ""
}

func nounOf(template string) string { return fold(template[strings.LastIndexByte(template, '/')+1:]) }

// singular returns an English noun without the ending of its plural.
func singular(noun string) string {
	for _, e := range [][2]string{{"ies", "y"}, {"sses", "ss"}, {"xes", "x"}, {"ches", "ch"}, {"ss", "ss"}, {"s", ""}} {
		if stem, found := strings.CutSuffix(noun, e[0]); found && len(stem) > 1 {
			return stem + e[1]
		}
	}
	return noun
}

// fold returns a name without its case convention: petId and pet_id are petid.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// keyOf returns a template without the names of its parameters.
func keyOf(template string) string {
	form, _ := pathtemplate.Unnamed(template)
	return strings.TrimSuffix(form, "/")
}
