package values

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// A place is where values of some schemas stand in the value of the whole.
type place struct {
	all     schemas
	pointer string
	depth   int
	// whole returns the whole with another value in the place.
	whole func(any) any
	guard *guard // nil if nothing above can be broken by what is changed here
	// mayLack says whether it is a member that may be missing.
	mayLack bool
}

// A guard is the highest place above another that is checked again when something changes there.
type guard struct {
	all   schemas
	value func(any) any // the guard's value with another value in the place
	above *place
}

// Derive returns values for a schema, what is plain first: at each place in the value, valid ones
// at the edges of its keywords, and values that break just one of them.
func (s *Source) Derive(schema *contract.Schema, o Options) Derived {
	var d derivation
	d.Source, d.Options, d.visits, d.clauses, d.names = s, o, map[string]int{}, map[string]int{}, map[string]bool{}
	d.Depth = cmp.Or(o.Depth, defaultDepth)
	d.queue = []place{{all: schemas{schema}.known(), whole: func(v any) any { return v }}}
	for n := 0; len(d.queue) > 0; n++ {
		p := d.queue[0]
		d.queue = d.queue[1:]
		if n >= mostPlaces {
			d.gap(Reason{Clause: p.all.clause(), Pointer: p.pointer, Text: "the value has more than " + strconv.Itoa(mostPlaces) + " places"})
			break
		}
		d.at(&p)
	}
	s.forget()
	return d.Derived
}

// A derivation is the state of Derive.
type derivation struct {
	*Source
	Options
	Derived
	queue   []place
	visits  map[string]int  // of places, by their schemas
	names   map[string]bool // those taken
	turn    int             // counts places
	clauses map[string]int  // at how many places one was kept or broken
}

func (d *derivation) gap(r Reason) { d.Gaps = append(d.Gaps, r) }

// at adds the values of a place, and the places below it to the queue.
func (d *derivation) at(p *place) {
	key := d.key(p.all)
	if d.visits[key] > d.Places {
		return
	}
	again := d.visits[key] > 0
	d.visits[key]++
	l := d.localOf(p.all)
	if l.err != nil {
		d.gap(Reason{Clause: p.all.clause(), Pointer: p.pointer}.because("no valid value was found", l.err.Error()))
		return
	}
	if p.depth == 0 {
		d.Valid = append(d.Valid, Value{JSON: l.plain, Name: "plain", Clause: p.all.clause()})
		if v, err := d.make(p.all, order{full: fullDepth}); err == nil && !equal(v, l.plain) {
			d.Valid = append(d.Valid, Value{JSON: v, Name: "full", Clause: p.all.clause()})
		}
	}
	if !again {
		for _, r := range l.gaps {
			if !d.skips(r.Clause) {
				r.Pointer = p.pointer + r.Pointer
				d.gap(r)
			}
		}
	}
	seen := map[string]bool{} // the clauses met at this place
	d.Valid = append(d.Valid, d.lifted(p, l.valid, seen)...)
	d.Breaking = append(d.Breaking, d.lifted(p, l.breaking, seen)...)
	for clause := range seen {
		d.clauses[clause]++
	}
	if len(l.below) > 0 && p.depth >= d.Depth {
		d.gap(Reason{Clause: p.all.clause(), Pointer: p.pointer, Text: "places more than " + strconv.Itoa(d.Depth) + " levels deep are left out"})
		return
	}
	for _, b := range l.below {
		if d.Only == nil || slices.ContainsFunc(b.all, d.Only) {
			d.queue = append(d.queue, d.below(p, l, b))
		}
	}
}

func (d *derivation) skips(clause string) bool { return d.Skip != nil && d.Skip(clause) }

// lifted returns values of a place as values of the whole, without those of clauses that have had
// their places.
func (d *derivation) lifted(p *place, all []Value, seen map[string]bool) []Value {
	var out []Value
	count := map[string]int{}
	for _, v := range d.rotated(all) {
		if d.Values > 0 && count[v.Clause] >= d.Values {
			continue
		}
		times := d.clauses[v.Clause]
		if times > d.Places || d.skips(v.Clause) {
			continue
		}
		seen[v.Clause] = true
		v.Again = times > 0
		if p.guard != nil {
			through, err := d.passes(p, v)
			if err != "" {
				d.gap(Reason{Clause: v.Clause, Pointer: p.pointer + v.Pointer, Name: v.Name}.because("an anyOf, oneOf or not around it leaves no room for it", err))
				continue
			}
			v.Through = through
		}
		v.Scalar = v.Scalar || p.mayLack && v.JSON == nil // null is how many write a member that is not set
		v.inner, v.whole = v.JSON, p.whole
		v.JSON, v.Pointer = p.whole(v.JSON), p.pointer+v.Pointer
		v.Name = d.unique(v)
		count[v.Clause]++
		out = append(out, v)
	}
	return out
}

// rotated returns values in another order for each place, if only some of them are wanted.
func (d *derivation) rotated(all []Value) []Value {
	if d.Values == 0 || len(all) == 0 {
		return all
	}
	d.turn++
	i := d.turn % len(all)
	return slices.Concat(all[i:], all[:i])
}

// unique returns the name of a value, with a number if another at the same place has it.
func (d *derivation) unique(v Value) string {
	list := "valid "
	if v.Keyword != "" {
		list = "breaking "
	}
	name := v.Name
	for i := 2; d.names[list+v.Pointer+" "+name]; i++ {
		name = fmt.Sprintf("%s-%d", v.Name, i)
	}
	d.names[list+v.Pointer+" "+name] = true
	return name
}

// passes checks a value where the guard stands: a valid one must be valid there, one that breaks
// a keyword must break there only that, or the forks that lead to it.
func (d *derivation) passes(p *place, v Value) (through, why string) {
	value := p.guard.value(v.JSON)
	if v.Keyword == "" {
		if err := d.valid(p.guard.all, value); err != nil {
			return "", err.Error()
		}
		return "", ""
	}
	problems := d.problems(p.guard.all, value)
	if len(problems) == 0 {
		return "", "it is valid by another schema of the same anyOf, oneOf or not"
	}
	inGuard := strings.TrimPrefix(p.pointer, p.guard.above.pointer)
	direct := false
	for _, q := range problems {
		switch {
		case isKeyword(q, v.Keyword) && (q.Pointer == inGuard+v.Pointer || v.Keyword == "discriminator"):
			direct = true
		case isFork(q, inGuard):
			through = q.Clause
		default:
			return "", shown(value) + " breaks " + q.Clause + ", too"
		}
	}
	if d.hasSecondOpinion(p.guard.all) && d.secondOpinion(p.guard.all, value) == nil {
		return "", differ("kin-openapi finds %s valid, we do not: %s", shown(value), problems[0].Message).Error()
	}
	if direct {
		through = ""
	}
	return through, ""
}

// below returns a place under another.
func (d *derivation) below(p *place, l *local, b below) place {
	next := place{
		all: b.all, pointer: pointer(p.pointer, b.token), depth: p.depth + 1, mayLack: b.mayLack,
		whole: func(v any) any { return p.whole(b.put(v)) },
	}
	switch {
	case p.guard != nil:
		next.guard = &guard{all: p.guard.all, above: p.guard.above, value: func(v any) any { return p.guard.value(b.put(v)) }}
	case l.guards:
		next.guard = &guard{all: p.all, above: p, value: b.put}
	}
	next.all = slices.Clip(next.all)
	return next
}
