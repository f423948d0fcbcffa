package implied

import (
	"net/http"
	"slices"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/resources"
)

// A creation whose body names something else, as an order does a customer, comes after the creation of that.

// makingOrder returns when the plain creations of some cases are sent: those of a smaller number first.
func (d *deriver) makingOrder(all []*Case) map[*Case]int {
	var creations []*Case
	makers := map[string][]*Case{} // by the names of members with the ids of what they make
	for _, k := range all {
		if k.kind != plainKind || k.target != whatIsMade && k.target != whatHasAParent {
			continue
		}
		creations = append(creations, k)
		if item := d.index.item(k.Operation, http.MethodGet); item != nil {
			for _, name := range resources.IDNames(item)[lastInPath(item)] {
				makers[name] = append(makers[name], k)
			}
		}
	}
	turns, names := map[*Case]int{}, map[*Case][]string{}
	for _, k := range creations {
		names[k] = d.bodyNames(k)
		if k.target == whatHasAParent { // what belongs to something is made after that
			turns[k] = len(k.Operation.ParametersIn(contract.InPath))
		}
	}
	for range creations { // a chain is no longer, and what names each other has no order
		if !later(creations, makers, names, turns) {
			break
		}
	}
	return turns
}

// later moves each creation behind what its body names, and reports whether any was moved.
func later(creations []*Case, makers map[string][]*Case, names map[*Case][]string, turns map[*Case]int) (moved bool) {
	for _, k := range creations {
		for _, name := range names[k] {
			for _, maker := range makers[name] {
				if maker != k && turns[maker] >= turns[k] && turns[k] < len(creations) {
					turns[k], moved = turns[maker]+1, true
				}
			}
		}
	}
	return moved
}

// bodyNames returns the names, without case, of the members of a plain body that may name something else.
func (d *deriver) bodyNames(k *Case) []string {
	if k.media == nil || k.media.Schema == nil {
		return nil
	}
	plain, err := d.source.Plain(k.media.Schema, hintsOf(k.media)...)
	if err != nil {
		return nil
	}
	var all []string
	own := resources.OwnNames(k.Operation.Path)
	for _, name := range namesIn(contract.ValueOf(plain)) {
		if name = resources.Folded(name); !slices.Contains(own, name) && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}
