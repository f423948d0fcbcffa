package contract

import (
	"cmp"
	"maps"
	"slices"
)

// What is only known when all schemas are compiled.

// eachPart calls f for each schema that s contains or combines.
func (s *Schema) eachPart(f func(*Schema)) {
	for _, p := range slices.Concat(s.Properties, s.DependentSchemas) {
		f(p.Schema)
	}
	for _, p := range s.PatternProperties {
		f(p.Schema)
	}
	for _, part := range []*Schema{s.Items, s.AdditionalProperties, s.Not, s.Contains, s.PropertyNames, s.If, s.Then, s.Else, s.UnevaluatedProperties} {
		if part != nil {
			f(part)
		}
	}
	for _, parts := range [][]*Schema{s.AllOf, s.AnyOf, s.OneOf, s.PrefixItems} {
		for _, part := range parts {
			f(part)
		}
	}
	if s.Discriminator != nil {
		for _, value := range sortedKeys(s.Discriminator.Mapping) {
			f(s.Discriminator.Mapping[value])
		}
	}
}

// connect adjusts the schemas to each other.
func (k *compiler) connect() {
	c := cutter{compiler: k, heights: map[*Schema]int{}}
	for _, s := range k.compiled {
		c.cut(s, 0)
	}
	k.loosen()
	for _, s := range k.compiled {
		s.gatherMembers()
	}
}

// A cutter takes what combines a schema from itself out of the schemas, since no value could be
// checked by them without end.
type cutter struct {
	*compiler
	heights map[*Schema]int // of those that are done, how deep they combine others; underWay of those above
}

const underWay = -1

// cut cuts a schema that is combined in depth others, and returns whether another may combine it.
func (c *cutter) cut(s *Schema, depth int) bool {
	if height, known := c.heights[s]; known {
		return height != underWay && height < maxDepth
	}
	if depth > maxDepth {
		return false
	}
	c.heights[s] = underWay
	height := 0
	goesOn := func(keyword string, part *Schema) bool {
		switch {
		case part == nil:
		case !c.cut(part, depth+1):
			c.combinedFromItself(s, keyword)
			return false
		default:
			height = max(height, c.heights[part]+1)
		}
		return true
	}
	for _, combined := range []struct {
		keyword string
		parts   *[]*Schema
	}{{"allOf", &s.AllOf}, {"anyOf", &s.AnyOf}, {"oneOf", &s.OneOf}} {
		if slices.ContainsFunc(*combined.parts, func(part *Schema) bool { return !goesOn(combined.keyword, part) }) {
			*combined.parts = nil
		}
	}
	for _, part := range []struct {
		keyword string
		schema  **Schema
	}{{"not", &s.Not}, {"if", &s.If}, {"then", &s.Then}, {"else", &s.Else}} {
		if !goesOn(part.keyword, *part.schema) {
			*part.schema = nil
		}
	}
	s.DependentSchemas = slices.DeleteFunc(s.DependentSchemas, func(p Property) bool { return !goesOn("dependentSchemas", p.Schema) })
	c.heights[s] = height
	return height < maxDepth
}

func (c *cutter) combinedFromItself(s *Schema, keyword string) {
	if _, known := c.broken[s]; known {
		return
	}
	why := Unsupported{Reason: "schema " + s.Clause + ": is combined from itself by " + keyword + ", or too deeply", Clause: s.Clause, Line: s.place.Line}
	s.Unsupported = append(s.Unsupported, why)
	c.broken[s] = why
}

// loosen makes sure that what is not supported makes no value invalid: under not, and under oneOf, of
// which only one may match, what is checked less would refuse more.
func (k *compiler) loosen() {
	origins := map[*Schema]Unsupported{}
	for _, s := range k.compiled {
		if len(s.Unsupported) > 0 {
			origins[s] = s.Unsupported[0]
		}
	}
	k.broken = k.spread(k.broken)
	uncertain := k.spread(origins)
	for _, s := range k.compiled {
		if s.Not != nil && hasKey(uncertain, s.Not) {
			s.Not = nil
			s.Unsupported = append(s.Unsupported, unsupportedAt(s.place.At("not"), "not: is not checked, since its schema has something that is not"))
		}
		if len(s.AnyOf) == 0 && slices.ContainsFunc(s.OneOf, func(part *Schema) bool { return hasKey(uncertain, part) }) {
			s.AnyOf, s.OneOf = s.OneOf, nil
			s.Unsupported = append(s.Unsupported, unsupportedAt(s.place.At("oneOf"), "oneOf: is checked as anyOf, since one of its schemas has something that is not checked"))
		}
	}
}

func hasKey[K comparable, V any](m map[K]V, key K) bool {
	_, found := m[key]
	return found
}

// spread returns the schemas that have one of those given anywhere below them, with its reason.
func (k *compiler) spread(from map[*Schema]Unsupported) map[*Schema]Unsupported {
	if len(from) == 0 {
		return from
	}
	parents := map[*Schema][]*Schema{}
	for _, s := range k.compiled {
		s.eachPart(func(part *Schema) { parents[part] = append(parents[part], s) })
	}
	reached := maps.Clone(from)
	queue := slices.SortedFunc(maps.Keys(from), func(a, b *Schema) int { return cmp.Compare(a.Clause, b.Clause) })
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for _, parent := range parents[s] {
			if !hasKey(reached, parent) {
				reached[parent] = reached[s]
				queue = append(queue, parent)
			}
		}
	}
	return reached
}

// gatherMembers fills in the names of members of the schema and of those that it combines. None
// combines itself any longer.
func (s *Schema) gatherMembers() {
	if len(s.applied()) == 0 {
		s.memberNames, s.hasAdditional = namesOfProperties(s), s.namesMore()
		return
	}
	seen := map[*Schema]bool{}
	var gather func(part *Schema)
	gather = func(part *Schema) {
		if seen[part] {
			return
		}
		seen[part] = true
		s.memberNames = append(s.memberNames, namesOfProperties(part)...)
		s.hasAdditional = s.hasAdditional || part.namesMore()
		for _, sub := range part.applied() {
			gather(sub)
		}
	}
	gather(s)
	slices.Sort(s.memberNames)
	s.memberNames = slices.Clip(slices.Compact(s.memberNames))
}

// namesMore reports whether the schema says of members that are not under properties what they are.
func (s *Schema) namesMore() bool {
	return s.Closed || s.AdditionalProperties != nil || len(s.PatternProperties) > 0 || s.UnevaluatedProperties != nil
}

func namesOfProperties(s *Schema) []string {
	if len(s.Properties) == 0 {
		return nil
	}
	names := make([]string, len(s.Properties))
	for i, p := range s.Properties {
		names[i] = p.Name
	}
	return names
}
