// Package values derives from a schema values that it allows, at its bounds too, and values
// that break one of its keywords and no other; and writes values as the text of a parameter or as
// a body.
//
// A value is only derived if two agree on it, our own check and kin-openapi: that it is valid, or
// that it is not. What could not be derived is listed, with the reason.
package values

import (
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// A Value is a value for a schema.
type Value struct {
	JSON any // as encoding/json decodes into any, with json.Number for numbers; not to be changed
	// Name says in a few words what is special about it, such as minLength-1 or null; unique
	// among those with the same Pointer.
	Name string
	// Keyword is what it breaks; "" if it is valid.
	Keyword string
	// Pointer is the place in the value that is special (RFC 6901); "" for the whole. It is that
	// of the member that is missing, or too many, if Keyword is about such a member.
	Pointer string
	// Clause is a JSON pointer into the document, to the keyword that it is about.
	Clause string
	// Through is the clause of the anyOf, oneOf or discriminator that refuses the value because one of its schemas,
	// for which the value was made, has Clause; "" if Clause refuses it by itself.
	Through string
	// Scalar is whether common readers take what is broken for valid: a scalar of another kind, a
	// text by its length in UTF-16, white space around, or null for a member that may be missing.
	Scalar bool
	// Again is whether Clause stands at a place further up, or earlier, in the value, and was
	// broken or kept there, too.
	Again bool

	inner any           // what stands at the place for which it was made
	whole func(any) any // puts it there; nil if JSON is all
}

// Later returns a function that makes JSON. It takes less memory than JSON, of which deep schemas give many.
func (v *Value) Later() func() any {
	inner, whole := v.inner, v.whole
	if whole == nil {
		inner, whole = v.JSON, func(all any) any { return all }
	}
	return func() any { return whole(inner) }
}

// A Reason says why no value could be derived for a keyword.
type Reason struct {
	Clause  string // JSON pointer into the document, to the keyword
	Pointer string // the place in the value
	Name    string // of the value that was not derived; "" if all of the keyword were not
	Text    string // the same for all that have it
	Detail  string // what is so of this one alone; "" for nothing
}

// Derived is what was derived from a schema, what is plain first, then by depth.
type Derived struct {
	Valid, Breaking []Value
	Gaps            []Reason
}

// Options say how much is derived.
type Options struct {
	// Places is at how many further places in a value each clause is kept and broken; 0 for only
	// the shallowest.
	Places int
	// Values is how many values at most keep a clause at a place, and how many break it; 0 for all. With a
	// limit, places of the same make get different ones, so that together they have all.
	Values int
	// Depth is how many levels below the whole a place may be; 0 for 10.
	Depth int
	// Skip tells which clauses to leave out, because they were kept and broken elsewhere. nil
	// for none.
	Skip func(clause string) bool
	// Only tells at which schemas below the whole values are derived; what stands below another is left out. nil
	// for all.
	Only func(*contract.Schema) bool
}

const (
	defaultDepth = 10
	// mostPlaces bounds the places of one value that are looked at.
	mostPlaces = 2000
	// mostWork bounds how many values are made to find one that is valid.
	mostWork = 5000
)

// A Source makes values for the schemas of a document, and remembers what it made for each. It
// is not safe for concurrent use.
type Source struct {
	from    contract.Side
	ids     map[*contract.Schema]int
	plain   map[string]any    // by the schemas of a place
	local   map[string]*local // likewise
	passing []string          // the keys in plain and local that are of no use later
	texts   map[string]*texts // by pattern
	busy    map[string]bool   // the places that are being made
	work    int               // of the value that is being made
	// checked counts what was checked, in bytes of JSON nearly: tests bound it.
	checked int
}

// New returns a Source of values that a side sends: a contract.Client those of requests, a
// contract.Server those of answers.
func New(from contract.Side) *Source {
	return &Source{
		from: from, ids: map[*contract.Schema]int{}, plain: map[string]any{}, local: map[string]*local{},
		texts: map[string]*texts{}, busy: map[string]bool{},
	}
}

// Plain returns a valid value with as few members as required. Of several it prefers, in this order, what
// hints say, such as the example of a parameter, and the examples, defaults and enums of the document. The
// error says why there is none, and names the clause.
func (s *Source) Plain(schema *contract.Schema, hints ...any) (any, error) {
	s.work = 0
	return s.make(schemas{schema}.known(), order{hints: normalised(hints)})
}

// Full returns a valid value with all optional members that it can have, three levels deep.
func (s *Source) Full(schema *contract.Schema, hints ...any) (any, error) {
	s.work = 0
	return s.make(schemas{schema}.known(), order{hints: normalised(hints), full: fullDepth})
}

// remember tells what is to be forgotten when the schema that is at work is done: what stands in an
// operation, where nothing else refers to it.
func (s *Source) remember(all schemas, key string) {
	for _, schema := range all {
		if strings.HasPrefix(schema.Clause, "/paths/") {
			s.passing = append(s.passing, key)
			return
		}
	}
}

func (s *Source) forget() {
	for _, key := range s.passing {
		delete(s.plain, key)
		delete(s.local, key)
	}
	s.passing = s.passing[:0]
}

func normalised(hints []any) []any {
	var all []any
	for _, hint := range hints {
		if hint != nil {
			all = append(all, normal(hint))
		}
	}
	return all
}
