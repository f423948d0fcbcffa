package contract

import (
	"maps"
	"slices"
)

// mostMembers is how many schemas of a body are looked at for the names of its members.
const mostMembers = 20_000

// BodyMembers returns the names that members of an operation's body may have, at whatever depth, sorted.
func (op *Operation) BodyMembers() []string {
	if op.Body == nil {
		return nil
	}
	names, seen := map[string]bool{}, map[*Schema]bool{}
	var waiting []*Schema
	for _, m := range op.Body.Content {
		waiting = append(waiting, m.Schema)
	}
	for len(waiting) > 0 && len(seen) < mostMembers {
		s := waiting[0]
		waiting = waiting[1:]
		if s == nil || seen[s] {
			continue
		}
		seen[s] = true
		for _, p := range s.Properties {
			names[p.Name] = true
			waiting = append(waiting, p.Schema)
		}
		waiting = append(waiting, s.Items, s.AdditionalProperties)
		waiting = slices.Concat(waiting, s.PrefixItems, s.AllOf, s.AnyOf, s.OneOf)
	}
	return slices.Sorted(maps.Keys(names))
}
