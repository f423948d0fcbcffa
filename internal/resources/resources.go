// Package resources keeps the ids that a run can use: those that it was given, those that
// answers have shown, and those of what it has made itself. Which operations an id serves follows
// from the paths of the document: GET /pets lists what {petId} in /pets/{petId} names.
package resources

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/suggest"
)

// A Fixture is a value of a parameter that the user gives.
type Fixture struct {
	Name  string // of the parameter, or OPERATION.parameter
	Value string
	Free  bool // whether what it names may be changed
	// Placed says that it is for parameters alone, since it may be a credential.
	Placed bool
}

// A Source says where a value comes from.
type Source int

// The sources, the preferred one first.
const (
	FromFixture  Source = iota // the user
	FromLink                   // a link of the document
	FromLocation               // an address in an answer
	FromMember                 // a member of an answer, or an address that was found
	FromItem                   // an item of a list
	FromDocument               // an example, a default or an enum
	MadeUp                     // nobody
)

// A Value is a value for a parameter.
type Value struct {
	Parameter *contract.Parameter
	Text      string // not escaped
	Source    Source
	Free      bool // whether the user lets what it names be changed
}

// JSON returns the value as encoding/json decodes one that the parameter's schema allows.
func (v Value) JSON() any { return AsJSON(v.Parameter.Schema, v.Text) }

// AsJSON reads the text of a value as a schema wants it. What is none of its type stays a text, or a list of one.
func AsJSON(s *contract.Schema, text string) any {
	if s == nil || s.Type == contract.KindString || s.Type == "" && len(s.Types) == 0 {
		return text
	}
	var value any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil || d.More() {
		value = text
	}
	if _, isList := value.([]any); !isList && s.Type == contract.KindArray {
		return []any{value}
	}
	return value
}

// A Choice are values that belong together, for parameters of one operation: those in its path,
// and others of which there is something to know.
type Choice []Value

// Of returns the value for a parameter.
func (c Choice) Of(p *contract.Parameter) (Value, bool) {
	i := slices.IndexFunc(c, func(v Value) bool { return v.Parameter == p })
	if i < 0 {
		return Value{}, false
	}
	return c[i], true
}

// A Store keeps ids. It may be used by several goroutines.
type Store struct {
	contract *contract.Contract
	address  address
	seed     int64
	children []*child                         // what the document has ids of
	byNoun   map[string][]*child              // by what they are called
	byName   map[string][]*child              // by what members with their ids are called
	below    map[string][]*child              // what belongs to something, by what it is called
	byKey    map[string]route                 // a path up to what a child's key names
	routes   map[*contract.Operation]route    // the paths of its operations
	users    map[string][]*contract.Parameter // the parameters of the path for a place, by its key
	fixtures map[string]Fixture               // for a place of a path, by its key
	values   map[string][]string              // all that the user gives for it, whatever the operation
	given    map[*contract.Parameter]Fixture  // for other parameters
	asked    map[string]bool                  // the names of other parameters, without case

	mu       sync.Mutex
	things   map[string][]thing // by key
	seen     map[string]bool    // each thing that an answer has shown
	absent   map[string]bool    // each thing that a read has shown to be absent
	makings  map[string]*making // each thing that a creation of the run was answered with
	makers   map[string]bool    // the operations that are known to make things, by their ids
	linked   map[*contract.Operation][]Choice
	invented map[string]string   // ids that were made up
	named    map[string][]string // values of members, by the parameters that have their names
}

// New returns a store for the service that c describes. endpoint is its address. What it makes
// up is the same for the same seed. It returns an error, with a line for each, for fixtures that
// name no parameter, or whose values none takes.
func New(c *contract.Contract, endpoint string, fixtures []Fixture, seed int64) (*Store, error) {
	s := &Store{
		contract: c, address: addressOf(endpoint), seed: seed,
		byNoun: map[string][]*child{}, byName: map[string][]*child{}, below: map[string][]*child{}, byKey: map[string]route{}, routes: map[*contract.Operation]route{}, users: map[string][]*contract.Parameter{},
		fixtures: map[string]Fixture{}, values: map[string][]string{}, makings: map[string]*making{}, makers: map[string]bool{}, given: map[*contract.Parameter]Fixture{}, asked: map[string]bool{},
		things: map[string][]thing{}, seen: map[string]bool{}, absent: map[string]bool{},
		linked: map[*contract.Operation][]Choice{}, named: map[string][]string{}, invented: map[string]string{},
	}
	s.survey()
	var faults []error
	for _, f := range fixtures {
		faults = append(faults, s.give(f))
	}
	return s, errors.Join(faults...)
}

// give adds a fixture. The first for a parameter counts.
func (s *Store) give(f Fixture) error {
	var names []string
	var refused error
	known, taken := false, false
	for _, op := range s.contract.Operations() {
		for _, p := range op.Parameters {
			own := op.ID + "." + p.Name
			names = append(names, p.Name, own)
			if f.Name != p.Name && f.Name != own {
				continue
			}
			known = true
			if problem := fault(p, f.Value); problem != "" {
				refused = fmt.Errorf("fixture %s: value %q: %s (line %d)", f.Name, f.Value, problem, s.contract.Line(p.Clause))
				continue
			}
			taken = true
			s.assign(op, p, f)
		}
	}
	switch {
	case !known && s.isMember(f.Name):
		return nil // for bodies
	case !known:
		return fmt.Errorf("fixture %s: no operation has a parameter of this name%s", f.Name, suggest.DidYouMean(f.Name, names, ""))
	case !taken:
		return refused
	}
	return nil
}

// isMember reports whether a fixture is for members of bodies.
func (s *Store) isMember(name string) bool {
	return slices.ContainsFunc(s.contract.Operations(), func(op *contract.Operation) bool {
		own := strings.TrimPrefix(name, op.ID+".")
		return slices.ContainsFunc(op.BodyMembers(), func(member string) bool { return member == name || member == own })
	})
}

func (s *Store) assign(op *contract.Operation, p *contract.Parameter, f Fixture) {
	if p.In != contract.InPath {
		if _, known := s.given[p]; !known {
			s.given[p] = f
		}
		return
	}
	for _, step := range s.routes[op] {
		for i, own := range step.parameters {
			if own != p {
				continue
			}
			at := fixtureKey(step.key, i)
			s.values[at] = append(s.values[at], f.Value)
			if _, known := s.fixtures[at]; !known {
				s.fixtures[at] = f
			}
		}
	}
}

func fixtureKey(key string, i int) string { return fmt.Sprintf("%s#%d", key, i) }
