package contract

import (
	"maps"
	"slices"
	"strings"
)

// hasSeveral reports whether a value may be checked by several schemas, because of s.
func (s *Schema) hasSeveral() bool {
	return len(s.AllOf)+len(s.AnyOf)+len(s.OneOf)+len(s.DependentSchemas)+len(s.PatternProperties) > 0 || s.Not != nil || s.If != nil ||
		s.Contains != nil || s.UnevaluatedProperties != nil
}

// applied lists the schemas that apply to the same value as s and may name its members.
func (s *Schema) applied() []*Schema {
	all := slices.Concat(s.AllOf, s.AnyOf, s.OneOf)
	for _, sub := range []*Schema{s.If, s.Then, s.Else} {
		if sub != nil {
			all = append(all, sub)
		}
	}
	for _, p := range s.DependentSchemas {
		all = append(all, p.Schema)
	}
	return all
}

// matches reports whether v keeps s, which top combines.
func (c *checker) matches(s *Schema, v *Value, top *Schema) bool {
	quick, failed := c.quick, c.failed
	c.quick, c.failed = true, false
	c.check(s, v, top)
	kept := !c.failed
	c.quick, c.failed = quick, failed
	return kept
}

// matching returns the indices of the schemas that v keeps.
func (c *checker) matching(schemas []*Schema, v *Value, top *Schema) []int {
	var all []int
	for i, s := range schemas {
		if c.matches(s, v, top) {
			all = append(all, i)
		}
	}
	return all
}

func (c *checker) checkCombined(s *Schema, v *Value, top *Schema) {
	for _, sub := range s.AllOf {
		c.check(sub, v, top)
	}
	if !c.checkDiscriminated(s, v, top) {
		c.checkAlternatives(s, v, top)
	}
	if s.Not != nil && c.matches(s.Not, v, top) {
		c.fail(s, "not", "expected no match with the schema")
	}
	if s.If != nil {
		then := s.Else
		if c.matches(s.If, v, top) {
			then = s.Then
		}
		if then != nil {
			c.check(then, v, top)
		}
	}
	if v.Kind != KindObject {
		return
	}
	for _, p := range s.DependentSchemas {
		if hasMember(v.Members, p.Name) {
			c.check(p.Schema, v, top)
		}
	}
	if s.UnevaluatedProperties != nil {
		c.checkUnevaluated(s, v, top)
	}
}

func (c *checker) checkAlternatives(s *Schema, v *Value, top *Schema) {
	if len(s.AnyOf) > 0 {
		matching := c.matching(s.AnyOf, v, top)
		if len(matching) == 0 {
			c.failNone(s, "anyOf", s.AnyOf, v, top)
		}
		c.checkSides(s.AnyOf, matching, v, top)
	}
	if len(s.OneOf) > 0 {
		switch matching := c.matching(s.OneOf, v, top); len(matching) {
		case 0:
			c.failNone(s, "oneOf", s.OneOf, v, top)
		case 1:
			c.checkSides(s.OneOf, matching, v, top)
		default:
			c.fail(s, "oneOf", "expected a match with exactly one of %d schemas, got %d: %s and %s",
				len(s.OneOf), len(matching), s.OneOf[matching[0]].name(), s.OneOf[matching[1]].name())
		}
	}
}

// checkSides reports the members that this side may not send of the schemas that v matches. Which
// those are does not depend on such members.
func (c *checker) checkSides(schemas []*Schema, matching []int, v *Value, top *Schema) {
	if c.quick || c.from == "" || v.Kind != KindObject {
		return
	}
	for _, i := range matching {
		for _, p := range c.problemsBy(schemas[i], v, top) {
			if (p.Keyword == KeywordReadOnly || p.Keyword == KeywordWriteOnly) && !slices.Contains(c.problems, p) {
				c.problems = append(c.problems, p)
			}
		}
	}
}

// problemsBy returns the problems that v has by s.
func (c *checker) problemsBy(s *Schema, v *Value, top *Schema) []Problem {
	sub := checker{from: c.from, cut: c.cut, inside: c.inside, memo: c.memo}
	sub.path = slices.Clone(c.path)
	sub.check(s, v, top)
	return sub.problems
}

// failNone reports that v matches none of the schemas under a keyword, with the closest of them and
// why it does not match that.
func (c *checker) failNone(s *Schema, keyword string, schemas []*Schema, v *Value, top *Schema) {
	if c.quick {
		c.failed = true
		return
	}
	at := c.path.pointer()
	var closest *Schema
	var why Problem
	least := 0
	for _, sub := range schemas {
		problems := slices.DeleteFunc(c.problemsBy(sub, v, top), Problem.OnlyAdvice)
		if d := distance(problems, at) - tags(sub, v); len(problems) > 0 && (closest == nil || d < least) {
			closest, why, least = sub, problems[0], d
		}
	}
	if closest == nil {
		c.fail(s, keyword, "expected a match with one of %d schemas, got none", len(schemas))
		return
	}
	place := ""
	if why.Pointer != at {
		place = " at " + why.Pointer
	}
	c.fail(s, keyword, "expected a match with one of %d schemas, got none; the closest is %s, but%s: %s", len(schemas), closest.name(), place, why.Message)
}

// distance says how far the value at a place is from a schema by which it has problems: one of another
// type is far, and so is one whose member with an enum says that it is something else.
func distance(problems []Problem, at string) int {
	n := 0
	for _, p := range problems {
		switch {
		case p.Pointer == at && (p.IsKeyword("type") || p.Keyword == "nullable" || p.Keyword == "boolean-text"):
			n += 10_000
		case p.Keyword == "const" || p.Keyword == "enum" || p.Keyword == "discriminator":
			n += 100
		default:
			n++
		}
	}
	return n
}

// tags counts the members of a value for which a schema lists the values, and that have one of them: such a member
// often says which schema is meant.
func tags(s *Schema, v *Value) int {
	n := 0
	for _, p := range s.Properties {
		listed := len(p.Schema.Enum) > 0 || len(p.Schema.Const) > 0
		if member := v.Member(p.Name); listed && member != nil && len(p.Schema.check(member)) == 0 {
			n += 50
		}
	}
	return n
}

// name returns the name of a schema among the components, or else where it stands.
func (s *Schema) name() string {
	if name, found := strings.CutPrefix(s.Clause, "/components/schemas/"); found && !strings.Contains(name, "/") {
		return name
	}
	return s.Clause
}

// checkDiscriminated checks v by the schema that its discriminator names, instead of by all
// under oneOf or anyOf. It reports false if v is to be checked by all of them.
func (c *checker) checkDiscriminated(s *Schema, v *Value, top *Schema) bool {
	d := s.Discriminator
	branches := slices.Concat(s.OneOf, s.AnyOf)
	if d == nil || v.Kind != KindObject || len(branches) == 0 {
		return false
	}
	member := v.Member(d.Property)
	if member == nil || member.Kind != KindString {
		if len(c.matching(branches, v, top)) > 0 {
			return false
		}
		c.failAt(d.Property, s, "discriminator", "discriminator", "expected a string that says which schema is meant, one of %s", listedNames(d))
		return true
	}
	named := d.Mapping[member.Text]
	if named != nil {
		c.check(named, v, top)
		return true
	}
	for _, branch := range branches {
		if !slices.Contains(slices.Collect(maps.Values(d.Mapping)), branch) {
			return false // it has no name, so that another name may be its
		}
	}
	c.failAt(d.Property, s, "discriminator", "discriminator", "expected one of %s", listedNames(d))
	return true
}

func listedNames(d *Discriminator) string {
	names := sortedKeys(d.Mapping)
	return strings.Join(names[:min(len(names), mostListed)], ", ")
}

// isReadOnly reports whether only a server sends the values.
func (s *Schema) isReadOnly() bool {
	return s.ReadOnly || slices.ContainsFunc(s.AllOf, func(sub *Schema) bool { return sub.ReadOnly })
}

// isWriteOnly reports whether only a client sends the values.
func (s *Schema) isWriteOnly() bool {
	return s.WriteOnly || slices.ContainsFunc(s.AllOf, func(sub *Schema) bool { return sub.WriteOnly })
}

// mostCombined is how many schemas may be combined within each other for leavesOut to look into.
const mostCombined = 16

// leavesOut reports whether a side does not send a member, though it is required.
func (s *Schema) leavesOut(name string, from Side, depth int) bool {
	if p := s.Property(name); p != nil && (from == Client && p.isReadOnly() || from == Server && p.isWriteOnly()) {
		return true
	}
	return depth < mostCombined && slices.ContainsFunc(s.applied(), func(sub *Schema) bool { return sub.leavesOut(name, from, depth+1) })
}

func (c *checker) checkContains(s *Schema, v *Value) {
	n := 0
	for _, item := range v.Items {
		if c.matches(s.Contains, item, nil) {
			n++
		}
	}
	switch {
	case n < s.MinContains && s.MinContains == 1:
		c.fail(s, "contains", "expected an item that matches the schema, got none")
	case n < s.MinContains:
		c.fail(s, "minContains", "expected at least %d items that match the schema, got %d", s.MinContains, n)
	case s.MaxContains >= 0 && n > s.MaxContains:
		c.fail(s, "maxContains", "expected at most %d items that match the schema, got %d", s.MaxContains, n)
	}
}

func (c *checker) checkPropertyNames(s *Schema, members []Member) {
	for _, m := range members {
		if name := (&Value{Kind: KindString, Text: m.Name}); !c.matches(s.PropertyNames, name, nil) {
			why := "another name"
			if problems := c.problemsBy(s.PropertyNames, name, nil); len(problems) > 0 {
				why = problems[0].Message
			}
			c.failAt(m.Name, s, "propertyNames", "propertyNames", "the name of the member: %s", why)
		}
	}
}

func (c *checker) checkDependent(s *Schema, name string, members []Member) {
	if !hasMember(members, name) {
		return
	}
	for _, other := range s.DependentRequired[name] {
		if !hasMember(members, other) {
			c.failAt(other, s, "dependentRequired", "dependentRequired", "expected the member %q beside %q", other, name)
		}
	}
}

// checkUnevaluated checks the members that no schema which applies to v has looked at.
func (c *checker) checkUnevaluated(s *Schema, v *Value, top *Schema) {
	seen := map[string]bool{}
	c.evaluated(s, v, top, seen, 0)
	for _, m := range v.distinct() {
		switch {
		case seen[m.Name]:
		case s.UnevaluatedProperties.Never:
			c.failAt(m.Name, s, "unevaluatedProperties", "unevaluatedProperties", "expected no member %q", cut(m.Name))
		default:
			c.checkUnder(m, s.UnevaluatedProperties)
		}
	}
}

// evaluated adds the names of the members that s, and what it combines and v matches, looks at.
func (c *checker) evaluated(s *Schema, v *Value, top *Schema, seen map[string]bool, depth int) {
	if depth > mostCombined {
		return
	}
	for _, m := range v.Members {
		if s.Closed || s.AdditionalProperties != nil || s.Property(m.Name) != nil ||
			slices.ContainsFunc(s.PatternProperties, func(p PatternProperty) bool { return p.Pattern.MatchString(m.Name) }) ||
			depth > 0 && s.UnevaluatedProperties != nil {
			seen[m.Name] = true
		}
	}
	for _, sub := range s.applied() {
		if (sub != s.Then || s.If != nil && c.matches(s.If, v, top)) && (sub != s.Else || s.If != nil && !c.matches(s.If, v, top)) && c.matches(sub, v, top) {
			c.evaluated(sub, v, top, seen, depth+1)
		}
	}
}
