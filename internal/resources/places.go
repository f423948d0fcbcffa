package resources

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/pathtemplate"
)

// A step is a segment of a path template that has parameters.
type step struct {
	key        string // the template up to it, with {} for each parameter: /stores/{}/pets/{}
	parameters []*contract.Parameter
}

// A route are the steps of a path template.
type route []step

// last returns the key of the last step; "" if there is none.
func (r route) last() string {
	if len(r) == 0 {
		return ""
	}
	return r[len(r)-1].key
}

// width returns how many parameters the first n steps have.
func (r route) width(n int) int {
	w := 0
	for _, s := range r[:n] {
		w += len(s.parameters)
	}
	return w
}

// A child is what the last segment of a key names: the pets of a store.
type child struct {
	key        string
	collection string   // the key without its last segment
	noun       string   // what the collection is called, in the singular, without case; "" for no word
	names      []string // of its parameter, each in its spellings without case
	above      string   // the key of what it belongs to; "" for none
	width      int      // how many parameters above has
}

// survey reads the structure of all paths.
func (s *Store) survey() {
	operations := s.contract.Operations()
	slices.SortStableFunc(operations, func(a, b *contract.Operation) int { return cmp.Compare(a.Path, b.Path) })
	known := map[string]*child{}
	for _, op := range operations {
		r := routeOf(op)
		s.routes[op] = r
		for _, p := range op.Parameters {
			if p.In != contract.InPath {
				s.asked[folded(p.Name)] = true
			}
		}
		for i, step := range r {
			for _, p := range step.parameters {
				if !slices.Contains(s.users[step.key], p) {
					s.users[step.key] = append(s.users[step.key], p)
				}
			}
			if len(step.parameters) != 1 || !strings.HasSuffix(step.key, "/{}") {
				continue
			}
			c := known[step.key]
			if c == nil {
				c = &child{key: step.key, collection: strings.TrimSuffix(step.key, "/{}"), above: r[:i].last(), width: r.width(i)}
				c.noun = singular(folded(c.collection[strings.LastIndex(c.collection, "/")+1:]))
				known[step.key] = c
				s.children = append(s.children, c)
				if s.byKey[step.key] = r[:i+1]; c.width > 0 {
					noun := called(c.collection)
					s.below[noun] = append(s.below[noun], c)
				}
				if c.noun != "" {
					s.byNoun[c.noun] = append(s.byNoun[c.noun], c)
					s.byName[c.noun+"id"] = append(s.byName[c.noun+"id"], c)
				}
			}
			if name := folded(step.parameters[0].Name); !slices.Contains(c.names, name) {
				c.names = append(c.names, name)
				if c.noun == "" || name != c.noun+"id" {
					s.byName[name] = append(s.byName[name], c)
				}
			}
		}
	}
}

// routeOf returns the steps of an operation's path.
func routeOf(op *contract.Operation) route {
	var r route
	key := ""
	for segment := range strings.SplitSeq(strings.TrimPrefix(op.Path, "/"), "/") {
		plain, names := pathtemplate.Unnamed(segment)
		key += "/" + plain
		if len(names) == 0 {
			continue
		}
		st := step{key: key}
		for _, name := range names {
			i := slices.IndexFunc(op.Parameters, func(p *contract.Parameter) bool { return p.In == contract.InPath && p.Name == name })
			if i < 0 {
				return r // the operation cannot be sent
			}
			st.parameters = append(st.parameters, op.Parameters[i])
		}
		r = append(r, st)
	}
	return r
}

// keyOf returns a whole path template with {} for each parameter.
func keyOf(template string) string {
	form, _ := pathtemplate.Unnamed(template)
	return strings.TrimSuffix(form, "/")
}

// folded returns a name without its case convention: petId, pet_id and Pet-ID are petid.
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// endings are those of English plurals, with what they become in the singular.
var endings = []struct{ plural, singular string }{
	{"ies", "y"}, {"sses", "ss"}, {"shes", "sh"}, {"ches", "ch"}, {"xes", "x"}, {"ss", "ss"}, {"us", "us"}, {"s", ""},
}

// singular returns the singular of a noun, as far as its ending tells it.
func singular(noun string) string {
	for _, e := range endings {
		if stem, found := strings.CutSuffix(noun, e.plural); found && len(stem) > 1 {
			return stem + e.singular
		}
	}
	return noun
}
