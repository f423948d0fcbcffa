package resources

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// A thing is something that the document has ids of, with all ids of its path.
type thing struct {
	ids    []string
	source Source
}

// An id is a value for a parameter that is not yet named.
type id struct {
	text   string
	source Source
	free   bool
}

// Choices returns what is known to use for an operation, the preferred first: values for all
// parameters of the path, and for others where one is given or linked. It is empty if values are
// missing; then Needs says what to give. What a read has shown to be absent is not among them,
// unless it was given.
func (s *Store) Choices(op *contract.Operation) []Choice {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.routes[op]
	var all []Choice
	for _, ids := range s.chains(r, len(r)) {
		all = append(all, s.complete(op, s.choice(r, ids)))
	}
	for _, linked := range s.linked[op] {
		all = append(all, s.withLink(op, linked, all)...)
	}
	slices.SortStableFunc(all, func(a, b Choice) int { return cmp.Compare(a.source(), b.source()) })
	all = unique(all)
	return all[:min(len(all), mostThings)]
}

// source is that of the last value in the path, without one the best of others.
func (c Choice) source() Source {
	source := MadeUp
	for _, v := range c {
		if v.Parameter.In == contract.InPath {
			source = v.Source
		}
	}
	for _, v := range c {
		if c[0].Parameter.In != contract.InPath {
			source = min(source, v.Source)
		}
	}
	return source
}

// withLink returns the choices for what a link gives. What it does not give is taken from
// another choice.
func (s *Store) withLink(op *contract.Operation, linked Choice, others []Choice) []Choice {
	c := slices.Clone(linked)
	var rest Choice
	if len(others) > 0 {
		rest = others[0]
	}
	for _, p := range op.ParametersIn(contract.InPath) {
		if _, known := c.Of(p); known {
			continue
		}
		v, known := rest.Of(p)
		if !known {
			return nil
		}
		c = append(c, v)
	}
	for _, p := range op.Parameters {
		if f, given := s.fixtureOf(op, p); given {
			c = slices.DeleteFunc(c, func(v Value) bool { return v.Parameter == p })
			c = append(c, Value{Parameter: p, Text: f.Value, Source: FromFixture, Free: f.Free})
		}
	}
	return []Choice{s.complete(op, c)}
}

func (s *Store) fixtureOf(op *contract.Operation, p *contract.Parameter) (Fixture, bool) {
	for _, st := range s.routes[op] {
		if i := slices.Index(st.parameters, p); i >= 0 {
			f, ok := s.fixtures[fixtureKey(st.key, i)]
			return f, ok
		}
	}
	f, ok := s.given[p]
	return f, ok
}

// unique removes the choices that have the values of an earlier one.
func unique(all []Choice) []Choice {
	known := map[string]bool{}
	return slices.DeleteFunc(all, func(c Choice) bool {
		var key strings.Builder
		for _, p := range slices.SortedFunc(slices.Values(c), func(a, b Value) int { return strings.Compare(a.Parameter.Clause, b.Parameter.Clause) }) {
			fmt.Fprintf(&key, "%s=%q&", p.Parameter.Clause, p.Text)
		}
		found := known[key.String()]
		known[key.String()] = true
		return found
	})
}

// choice names the values for a path.
func (s *Store) choice(r route, ids []id) Choice {
	c := make(Choice, 0, len(ids))
	for _, st := range r {
		for _, p := range st.parameters {
			v := ids[len(c)]
			c = append(c, Value{Parameter: p, Text: v.text, Source: v.source, Free: v.free})
		}
	}
	return c
}

// complete adds the values of other parameters that are given, or that members of answers with
// their names have shown.
func (s *Store) complete(op *contract.Operation, c Choice) Choice {
	for _, p := range op.Parameters {
		if _, known := c.Of(p); known || p.In == contract.InPath {
			continue
		}
		name := folded(p.Name)
		f, given := s.given[p]
		switch shown := s.named[name]; {
		case given:
			c = append(c, Value{Parameter: p, Text: f.Value, Source: FromFixture, Free: f.Free})
		case p.Required || strings.HasSuffix(name, "id"):
			if i := slices.IndexFunc(shown, func(text string) bool { return fault(p, text) == "" }); i >= 0 {
				c = append(c, Value{Parameter: p, Text: shown[i], Source: FromMember})
			}
		}
	}
	return c
}

// chains returns the ids for the first n steps of a path, the preferred first: those that were
// seen together before others.
func (s *Store) chains(r route, n int) [][]id {
	if n == 0 {
		return [][]id{nil}
	}
	st := r[n-1]
	var all [][]id
	for _, t := range s.things[st.key] {
		if ids, ok := s.agreed(r[:n], t); ok {
			all = append(all, ids)
		}
	}
	if own := s.own(st); len(own) > 0 {
		for _, base := range s.chains(r, n-1) {
			for _, last := range own {
				all = append(all, append(slices.Clip(base), last...))
			}
		}
	}
	all = slices.DeleteFunc(all, func(ids []id) bool {
		return ids[len(ids)-1].source != FromFixture && s.absent[found{st.key, textsOf(ids)}.text()]
	})
	slices.SortStableFunc(all, func(a, b []id) int { return cmp.Compare(a[len(a)-1].source, b[len(b)-1].source) })
	return all[:min(len(all), mostThings)]
}

func textsOf(ids []id) []string {
	texts := make([]string, len(ids))
	for i, v := range ids {
		texts[i] = v.text
	}
	return texts
}

// agreed returns a thing's ids if each is what was given for its parameter, or nothing was, and
// the parameters of this path take them.
func (s *Store) agreed(r route, t thing) ([]id, bool) {
	var ids []id
	for _, st := range r {
		for i, p := range st.parameters {
			v := id{text: t.ids[len(ids)], source: t.source}
			if f, given := s.fixtures[fixtureKey(st.key, i)]; given {
				if f.Value != v.text {
					return nil, false
				}
				v.source, v.free = FromFixture, f.Free
			}
			if fault(p, v.text) != "" {
				return nil, false
			}
			ids = append(ids, v)
		}
	}
	return ids, true
}

// own returns what is known for the parameters of a step by itself: what was given, otherwise
// what the document has.
func (s *Store) own(st step) [][]id {
	all := [][]id{nil}
	for i, p := range st.parameters {
		var options []id
		if f, given := s.fixtures[fixtureKey(st.key, i)]; given {
			options = []id{{text: f.Value, source: FromFixture, free: f.Free}}
		} else {
			for _, text := range documented(p) {
				options = append(options, id{text: text, source: FromDocument})
			}
		}
		var next [][]id
		for _, before := range all {
			for _, o := range options {
				next = append(next, append(slices.Clip(before), o))
			}
		}
		all = next
	}
	return all
}

// documented returns the values that the document shows for a parameter.
func documented(p *contract.Parameter) []string {
	shown := []any{p.Example}
	if s := p.Schema; s != nil {
		shown = slices.Concat(shown, []any{s.Example, s.Default}, s.Const, s.Enum)
	}
	var all []string
	for _, v := range shown {
		text, ok := scalar(contract.ValueOf(v))
		if b, isBool := v.(bool); isBool {
			text, ok = fmt.Sprint(b), true
		}
		if ok && v != nil && fault(p, text) == "" && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

// Needs says what to give for an operation whose path has a parameter without a value, such as
// "--fixture petId=…"; "" if there is one for each.
func (s *Store) Needs(op *contract.Operation) string {
	if len(s.Choices(op)) > 0 {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var needs []string
	r := s.routes[op]
	for i, st := range r {
		onlyBefore := len(s.chains(r, i)) == 0 && (len(s.own(st)) > 0 || s.anyAgreed(r[:i+1]))
		if onlyBefore || len(s.chains(r, i+1)) > 0 {
			continue
		}
		lacking := s.lacking(st, func(p *contract.Parameter) bool { return len(documented(p)) == 0 })
		if len(lacking) == 0 { // what the document shows is absent
			lacking = s.lacking(st, func(*contract.Parameter) bool { return true })
		}
		for _, p := range lacking {
			needs = append(needs, "--fixture "+s.nameOf(op, p)+"=…")
		}
	}
	return strings.Join(needs, " ")
}

// lacking returns the parameters of a step that were not given, and of which something holds.
func (s *Store) lacking(st step, holds func(*contract.Parameter) bool) (all []*contract.Parameter) {
	for i, p := range st.parameters {
		if _, given := s.fixtures[fixtureKey(st.key, i)]; !given && holds(p) {
			all = append(all, p)
		}
	}
	return all
}

func (s *Store) anyAgreed(r route) bool {
	return slices.ContainsFunc(s.things[r.last()], func(t thing) bool {
		_, ok := s.agreed(r, t)
		return ok
	})
}

// nameOf returns the name by which a fixture for a parameter of a path is given: with its operation
// where the same name has several meanings.
func (s *Store) nameOf(op *contract.Operation, p *contract.Parameter) string {
	keys := map[string]bool{}
	for key, users := range maps.All(s.users) {
		if slices.ContainsFunc(users, func(u *contract.Parameter) bool { return u.Name == p.Name }) {
			keys[key] = true
		}
	}
	if len(keys) > 1 {
		return op.ID + "." + p.Name
	}
	return p.Name
}
