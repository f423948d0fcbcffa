package values

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/gesconform/gesconform/contract"
)

// local is what was derived for a place by itself, whatever it stands in.
type local struct {
	plain           any
	err             error // why there is no plain value
	valid, breaking []Value
	gaps            []Reason
	below           []below
	// guards is whether what is changed below can break a keyword of the place, so that the
	// place is checked again.
	guards bool
}

// below is a place right under another.
type below struct {
	token string // of the pointer
	all   schemas
	// holder is a valid value of the place above that has something there.
	holder any
	// mayLack says whether the place above may be without it, as an object may be without a member that is not required.
	mayLack bool
}

// put returns the holder with another value in the place.
func (b below) put(v any) any {
	switch holder := b.holder.(type) {
	case map[string]any:
		return with(holder, b.token, v)
	case []any:
		items := slices.Clone(holder)
		if i, err := strconv.Atoi(b.token); err == nil && i < len(items) {
			items[i] = v
		}
		return items
	}
	return v
}

// localOf derives the values of a place, once for the same schemas.
func (s *Source) localOf(all schemas) *local {
	key := s.key(all)
	if l := s.local[key]; l != nil {
		return l
	}
	l := &local{}
	s.local[key] = l
	s.remember(all, key)
	s.work = 0
	if l.plain, l.err = s.make(all, order{}); l.err != nil {
		return l
	}
	done := map[*contract.Schema]bool{}
	tried := 0
	for chosen := range variants(all, nil) {
		if tried++; tried > mostVariants {
			break
		}
		s.work = 0
		s.deriveVariant(l, all, chosen, done)
	}
	return l
}

// deriveVariant adds what comes with a choice of branches.
func (s *Source) deriveVariant(l *local, all schemas, chosen choices, done map[*contract.Schema]bool) {
	sh := shapeOf(all, chosen)
	l.guards = l.guards || len(sh.forks) > 0 || sh.literal || sh.tied
	fresh := slices.DeleteFunc(slices.Clone(sh.parts), func(p part) bool { return p.made() || p.member || done[p.schema] })
	if len(fresh) == 0 && len(all) > 0 {
		return
	}
	o := order{chosen: chosen}
	v, err := s.searchVariant(sh, order{chosen: chosen, against: all})
	if err != nil {
		v, err = s.searchVariant(sh, order{chosen: chosen, against: all, full: 1})
	}
	if err != nil {
		for _, p := range fresh {
			done[p.schema] = true
			l.gaps = append(l.gaps, Reason{Clause: p.schema.Clause}.because("no valid value has this branch", err.Error()))
		}
		return
	}
	for _, p := range fresh {
		done[p.schema] = true
		at := &spot{src: s, part: p, all: all, order: o, shape: sh, plain: v}
		for i := range rules {
			at.apply(l, &rules[i])
		}
		for _, u := range p.schema.Unsupported {
			l.gaps = append(l.gaps, Reason{Clause: u.Clause, Text: "it is not checked", Detail: u.Reason})
		}
	}
	s.addBelow(l, sh, v)
}

// apply adds what a rule gives.
func (at *spot) apply(l *local, r *rule) {
	if !r.stands(at.part.schema) {
		return
	}
	clause := at.part.schema.Clause + "/" + cmp.Or(r.clause, r.keyword)
	if r.keep != nil {
		at.keep(l, r, clause)
	}
	if r.crack != nil {
		at.crack(l, r, clause)
	}
}

func (at *spot) keep(l *local, r *rule, clause string) {
	var why error
	kept, disputed := false, disputes{}
	for _, c := range r.keep(at) {
		if l.has(l.valid, c.name, c.at) {
			continue
		}
		if at.shape.unreliable {
			why = errors.New("one of its keywords is not checked, so a value may be invalid")
			continue
		}
		if err := at.src.valid(at.all, c.value); err != nil {
			why = cmp.Or(why, err)
			disputed.add(c.name, err)
			continue
		}
		kept = true
		delete(disputed, c.name)
		v := Value{JSON: c.value, Name: c.name, Pointer: c.at, Clause: clause, Scalar: false}
		if c.clause != "" {
			v.Clause = at.part.schema.Clause + c.clause
		}
		l.valid = append(l.valid, v)
	}
	l.gaps = append(l.gaps, disputed.gaps(clause)...)
	if !kept && why != nil && r.crack == nil && len(disputed) == 0 {
		l.gaps = append(l.gaps, Reason{Clause: clause}.because("no value at its edge is valid", why.Error()))
	}
}

func (at *spot) crack(l *local, r *rule, clause string) {
	var why error
	var names []string
	disputed := disputes{}
	for _, c := range r.crack(at) {
		name := c.at + " " + c.name
		if slices.Contains(names, name) {
			continue
		}
		problem, through, err := at.src.breaks(at.all, c.value, at.part, r.keyword)
		if err != nil {
			why = cmp.Or(why, err)
			disputed.add(c.name, err)
			continue
		}
		delete(disputed, c.name)
		names = append(names, name)
		if slices.ContainsFunc(l.breaking, func(v Value) bool {
			return (v.Clause == problem.Clause || v.Through != "" && through != "") && v.Pointer == c.at && equal(v.JSON, c.value)
		}) {
			continue // it is there by another name, or breaks another branch, too
		}
		v := Value{
			JSON: c.value, Name: c.name, Keyword: r.keyword, Pointer: c.at, Clause: cmp.Or(problem.Clause, clause), Through: through,
			Scalar: c.scalar || problem.Keyword == "scalar" || problem.Keyword == "boolean-text" || problem.Keyword == "surrounding-space",
		}
		for i := 2; l.has(l.breaking, v.Name, v.Pointer); i++ {
			v.Name = fmt.Sprintf("%s-%d", c.name, i)
		}
		l.breaking = append(l.breaking, v)
	}
	l.gaps = append(l.gaps, disputed.gaps(clause)...)
	if len(names) == 0 && !r.quiet && len(disputed) == 0 {
		l.gaps = append(l.gaps, unbroken(clause, why))
	}
}

// disputes are the values, by name, on which the opinions differ.
type disputes map[string]error

func (d disputes) add(name string, err error) {
	if errors.Is(err, errDiffer) && d[name] == nil {
		d[name] = err
	}
}

func (d disputes) gaps(clause string) []Reason {
	var all []Reason
	for _, name := range sortedKeys(d) {
		all = append(all, Reason{Clause: clause, Name: name}.because("", d[name].Error()))
	}
	return all
}

// unbroken says that nothing breaks a keyword, and why what would have is another matter.
func unbroken(clause string, why error) Reason {
	if why == nil {
		return Reason{Clause: clause, Text: "no value was found that breaks it"}
	}
	return Reason{Clause: clause}.because("no value breaks it alone", why.Error())
}

// has reports whether a list has a value with a name and place.
func (l *local) has(all []Value, name, pointer string) bool {
	return slices.ContainsFunc(all, func(v Value) bool { return v.Name == name && v.Pointer == pointer })
}

// possibleNames lists the members that the shape names, and one for each schema of members that it does not name.
func (s *Source) possibleNames(sh *shape) []string {
	all := append(sh.names(), surplus)
	for _, p := range sh.parts {
		for _, pattern := range p.schema.PatternProperties {
			t := s.textsOf(pattern.Pattern, mostPatternLength)
			if n := t.shortest(0); n >= 0 && !slices.Contains(all, t.text(n)) {
				all = append(all, t.text(n))
			}
		}
	}
	return all
}

// addBelow adds the places under a value: its members, those that it may have, and its items.
func (s *Source) addBelow(l *local, sh *shape, v any) {
	known := func(token string, of schemas) bool {
		key := s.key(of)
		return slices.ContainsFunc(l.below, func(b below) bool { return b.token == token && s.key(b.all) == key })
	}
	switch v := v.(type) {
	case []any:
		for i := range min(len(v), sh.tuple()+1) {
			if of := sh.item(i); len(of) > 0 && !known(strconv.Itoa(i), of) {
				l.below = append(l.below, below{token: strconv.Itoa(i), all: of, holder: v})
			}
		}
	case map[string]any:
		for _, name := range s.possibleNames(sh) {
			of, allowed := sh.member(name)
			if !allowed || len(of) == 0 || s.misplaced(of) || known(name, of) || sh.isOfMember(name) {
				continue
			}
			holder := v
			if _, has := v[name]; !has {
				member, err := s.make(of, order{})
				if err != nil {
					l.gaps = append(l.gaps, Reason{Clause: of[0].Clause, Pointer: pointer("", name)}.because("no valid value was found", err.Error()))
					continue
				}
				if holder = with(v, name, member); s.valid(nil, holder) != nil || sh.maxMembers >= 0 && len(holder) > sh.maxMembers {
					l.gaps = append(l.gaps, Reason{Clause: of[0].Clause, Pointer: pointer("", name), Text: "maxProperties leaves no room for the member"})
					continue
				}
			}
			l.below = append(l.below, below{token: name, all: of, holder: holder, mayLack: !slices.Contains(sh.required, name)})
		}
	}
}
