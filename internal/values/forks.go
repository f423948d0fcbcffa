package values

import (
	"fmt"
	"slices"

	"github.com/gesconform/gesconform/contract"
)

func keepAnyOf(at *spot) []candidate { return at.branches(fork{at.part.schema, false}) }
func keepOneOf(at *spot) []candidate { return at.branches(fork{at.part.schema, true}) }

// branches gives a value for each branch of a fork.
func (at *spot) branches(f fork) []candidate {
	var all []candidate
	for i := range f.branches() {
		chosen := choices{f: i}
		for g, j := range at.order.chosen {
			if g != f {
				chosen[g] = j
			}
		}
		name := fmt.Sprintf("%s-%d", f.keyword(), i)
		for _, full := range []int{0, 1} {
			v, err := at.src.search(at.all, order{chosen: chosen, full: full})
			if err == nil {
				all = append(all, candidate{name: name, value: v, clause: fmt.Sprintf("/%s/%d", f.keyword(), i)})
				break
			}
		}
	}
	return all
}

// breakFork looks for a value that matches no branch.
func breakFork(at *spot) []candidate {
	var all []candidate
	for _, c := range append([]candidate{{value: written(half)}, {value: ""}, {value: []any{"text"}}, {value: map[string]any{surplus: "text"}}}, otherKinds...) {
		all = append(all, candidate{name: "none", value: c.value})
	}
	return all
}

// breakOneOf looks for a value that matches no branch, and for one that matches two.
func breakOneOf(at *spot) []candidate {
	all := breakFork(at)
	branches := at.part.schema.OneOf
	const mostPairs = 6
	for i := range branches {
		for j := i + 1; j < len(branches) && j <= i+mostPairs; j++ {
			pair := schemas{branches[i], branches[j]}
			for _, full := range []int{0, 1} {
				if v, err := at.src.search(pair, order{full: full}); err == nil {
					if object, ok := v.(map[string]any); ok {
						v = at.joined(object)
					}
					all = append(all, candidate{name: "two", value: v})
				}
			}
		}
	}
	return all
}

// joined adds to an object the members that the place requires.
func (at *spot) joined(object map[string]any) map[string]any {
	plain, _ := at.plain.(map[string]any)
	for _, name := range at.shape.required {
		if v, has := plain[name]; has {
			if _, has := object[name]; !has {
				object = with(object, name, v)
			}
		}
	}
	return object
}

// breakNot looks for a value that matches what must not be matched.
func breakNot(at *spot) []candidate {
	not := at.part.schema.Not
	var all []candidate
	for _, of := range []schemas{append(at.all[:len(at.all):len(at.all)], not), {not}} {
		for _, full := range []int{0, 1} {
			if v, err := at.src.search(of, order{against: schemas{not}, full: full}); err == nil {
				all = append(all, candidate{name: "not", value: v})
				if object, ok := v.(map[string]any); ok {
					all = append(all, candidate{name: "not", value: at.joined(object)})
				}
			}
		}
	}
	return all
}

func hasDiscriminator(s *contract.Schema) bool {
	return s.Discriminator != nil && s.Discriminator.Property != "" && len(s.OneOf)+len(s.AnyOf) > 0
}

// breakDiscriminator gives an object no name that is known, none at all, or that of another branch.
func breakDiscriminator(at *spot) []candidate {
	object, ok := at.plain.(map[string]any)
	d := at.part.schema.Discriminator
	own, isText := object[d.Property].(string)
	if !ok || !isText {
		return nil
	}
	at1 := pointer("", d.Property)
	all := []candidate{
		{name: "discriminator-unknown", value: with(object, d.Property, own+"x"), at: at1},
		{name: "discriminator-unknown", value: with(object, d.Property, surplus), at: at1},
		{name: "discriminator-missing", value: without(object, d.Property), at: at1},
	}
	for _, branch := range slices.Concat(at.part.schema.OneOf, at.part.schema.AnyOf) {
		if other := nameFor(d, branch); other != "" && branch != d.Mapping[own] {
			all = append(all, candidate{name: "discriminator-of-another", value: with(object, d.Property, other), at: at1})
		}
	}
	return all
}
