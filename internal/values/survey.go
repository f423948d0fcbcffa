package values

import "github.com/gesconform/gesconform/contract"

// A Place is one of a Survey.
type Place struct {
	Schema *contract.Schema
	Above  int // the index of the place that it stands in; -1 for the whole
	Depth  int // how many levels below the whole it is
}

// Survey lists the places of the values of a schema at which Derive looks, each schema once, by depth. It makes no
// values, so that it takes little time, but counts what turns out to have none, too.
func Survey(schema *contract.Schema) []Place {
	if schema == nil {
		return nil
	}
	seen := map[*contract.Schema]bool{schema: true}
	all := []Place{{schema, -1, 0}}
	for i := 0; i < len(all) && len(all) < mostPlaces; i++ {
		if all[i].Depth >= defaultDepth {
			break
		}
		for _, part := range combined(all[i].Schema) {
			for _, below := range directlyBelow(part) {
				if below != nil && !seen[below] {
					seen[below] = true
					all = append(all, Place{below, i, all[i].Depth + 1})
				}
			}
		}
	}
	return all
}

// combined returns a schema and those that say something of the same value, by allOf, anyOf and oneOf.
func combined(schema *contract.Schema) []*contract.Schema {
	all := []*contract.Schema{schema}
	seen := map[*contract.Schema]bool{schema: true}
	for i := 0; i < len(all); i++ {
		for _, list := range [][]*contract.Schema{all[i].AllOf, all[i].AnyOf, all[i].OneOf} {
			for _, s := range list {
				if s != nil && !seen[s] {
					seen[s] = true
					all = append(all, s)
				}
			}
		}
	}
	return all
}

// directlyBelow lists the schemas of the members and items that a schema tells of.
func directlyBelow(s *contract.Schema) []*contract.Schema {
	var all []*contract.Schema
	for _, p := range s.Properties {
		all = append(all, p.Schema)
	}
	for _, p := range s.PatternProperties {
		all = append(all, p.Schema)
	}
	all = append(all, s.AdditionalProperties)
	all = append(all, s.PrefixItems...)
	return append(all, s.Items)
}
