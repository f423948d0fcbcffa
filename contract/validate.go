package contract

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A checker checks a value by a schema.
type checker struct {
	problemList
}

// check returns the problems of v.
func (s *Schema) check(v *Value) []Problem {
	c := checker{}
	c.check(s, v, true)
	return c.problems
}

func (c *checker) fail(s *Schema, keyword, format string, args ...any) {
	c.append(keyword, s.Clause+"/"+keyword, false, format, args...)
}

// failAt reports a problem of the member with the given name.
func (c *checker) failAt(name string, s *Schema, keyword, under, format string, args ...any) {
	c.path.push(name, -1)
	c.append(keyword, s.Clause+"/"+under, false, format, args...)
	c.path.pop()
}

// advise reports what the schema allows but a strict server may not.
func (c *checker) advise(name string, s *Schema, keyword, format string, args ...any) {
	c.path.push(name, -1)
	c.append(keyword, s.Clause+"/properties", true, format, args...)
	c.path.pop()
}

// check adds the problems of v. whole is false for a schema under allOf, anyOf, oneOf or
// not of another: members that it does not name may be named by the other.
func (c *checker) check(s *Schema, v *Value, whole bool) {
	switch {
	case v.Kind == KindNull && s.Nullable:
		return
	case v.Kind == KindNull && s.Type != "":
		c.append("nullable", s.Clause+"/type", false, "expected %s, got null", article(s.typeName()))
		return
	case s.Type == KindBoolean && v.isBooleanText():
		c.append("boolean-text", s.Clause+"/type", false, "expected a boolean, got a string with a boolean in it")
		return
	case s.Type != "" && v.Kind != s.Type && isScalar(v.Kind) && isScalar(s.Type):
		c.append("scalar", s.Clause+"/type", false, "expected %s, got %s", article(s.typeName()), article(string(v.Kind)))
		return
	case s.Type != "" && v.Kind != s.Type:
		c.fail(s, "type", "expected %s, got %s", article(s.typeName()), article(string(v.Kind)))
		return
	}
	if len(s.enumerated) > 0 && !slices.Contains(s.enumerated, v.canonical()) {
		c.fail(s, "enum", "expected one of %v", s.Enum)
	}
	switch v.Kind {
	case KindString:
		c.checkString(s, v.Text)
	case KindNumber:
		c.checkNumber(s, v)
	case KindArray:
		c.checkArray(s, v)
	case KindObject:
		c.checkObject(s, v)
	case KindNull, KindBoolean:
	}
	if len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0 || s.Not != nil {
		c.checkCombined(s, v)
	}
	if v.Kind == KindObject && whole && !s.hasAdditional && len(s.memberNames) > 0 {
		c.checkNames(s, v.distinct())
	}
}

// isScalar reports whether a kind is one that lenient readers turn into another.
func isScalar(k Kind) bool { return k == KindString || k == KindNumber || k == KindBoolean }

func (c *checker) checkString(s *Schema, text string) {
	length := utf8.RuneCountInString(text)
	c.checkSize(s, "Length", "characters", length, s.MinLength, s.MaxLength)
	if length == 0 && s.MinLength > 0 {
		return // more about an empty string would be noise
	}
	if s.matches(text) {
		return
	}
	if trimmed := strings.TrimSpace(text); trimmed != text && s.matches(trimmed) {
		c.append("surrounding-space", s.Clause+"/pattern", false, "expected the form %s, got white space around it", s.Pattern)
		return
	}
	c.fail(s, "pattern", "expected the form %s", s.Pattern)
}

// checkSize checks a size by the keywords minX and maxX, where X is size; most is -1 for
// no limit.
func (c *checker) checkSize(s *Schema, size, unit string, n, least, most int) {
	if n < least {
		c.fail(s, "min"+size, "expected at least %d %s, got %d", least, unit, n)
	}
	if most >= 0 && n > most {
		c.fail(s, "max"+size, "expected at most %d %s, got %d", most, unit, n)
	}
}

func (c *checker) checkNumber(s *Schema, v *Value) {
	if s.Integer && !v.isInteger() {
		c.append("scalar", s.Clause+"/type", false, "expected an integer, got a number with a fraction")
	}
	n := v.number()
	switch {
	case s.Minimum == nil:
	case n < *s.Minimum:
		c.fail(s, "minimum", "expected at least %v", *s.Minimum)
	case s.ExclusiveMinimum && n == *s.Minimum:
		c.fail(s, "exclusiveMinimum", "expected more than %v", *s.Minimum)
	}
	switch {
	case s.Maximum == nil:
	case n > *s.Maximum:
		c.fail(s, "maximum", "expected at most %v", *s.Maximum)
	case s.ExclusiveMaximum && n == *s.Maximum:
		c.fail(s, "exclusiveMaximum", "expected less than %v", *s.Maximum)
	}
	if s.MultipleOf != nil && !v.isMultipleOf(*s.MultipleOf) {
		c.fail(s, "multipleOf", "expected a multiple of %v", *s.MultipleOf)
	}
}

func (c *checker) checkArray(s *Schema, v *Value) {
	c.checkSize(s, "Items", "items", len(v.Items), s.MinItems, s.MaxItems)
	if s.UniqueItems {
		seen := make(map[string]bool, len(v.Items))
		for _, item := range v.Items {
			key := item.canonical()
			if seen[key] {
				c.fail(s, "uniqueItems", "expected unique items")
				break
			}
			seen[key] = true
		}
	}
	if s.Items == nil {
		return
	}
	for i, item := range v.Items {
		c.path.push("", i)
		c.check(s.Items, item, true)
		c.path.pop()
	}
}

func (c *checker) checkObject(s *Schema, v *Value) {
	members := v.distinct()
	c.checkRequired(s, members)
	c.checkSize(s, "Properties", "members", len(members), s.MinProperties, s.MaxProperties)
	for _, m := range members {
		property := s.Property(m.Name)
		switch {
		case property != nil:
		case s.Closed:
			c.failAt(m.Name, s, "additionalProperties", "additionalProperties", "expected no member %q", cut(m.Name))
			continue
		case s.AdditionalProperties != nil:
			property = s.AdditionalProperties
		default:
			continue
		}
		c.path.push(m.Name, -1)
		c.check(property, m.Value, true)
		c.path.pop()
	}
}

// checkRequired reports the required members that are missing. One in other letter case
// has a keyword of its own, because lenient servers accept it.
func (c *checker) checkRequired(s *Schema, members []Member) {
	for _, name := range s.Required {
		if slices.ContainsFunc(members, func(m Member) bool { return m.Name == name }) {
			continue
		}
		other := slices.IndexFunc(members, func(m Member) bool { return strings.EqualFold(m.Name, name) })
		if other >= 0 && !s.hasAdditional && s.Property(members[other].Name) == nil {
			given := members[other].Name
			c.failAt(given, s, "letter-case", "required", "expected the member %q, got %q", name, given)
		} else {
			c.failAt(name, s, "required", "required", "expected the member %q", name)
		}
	}
}

// checkNames reports the members that neither s nor the schemas that it combines name.
func (c *checker) checkNames(s *Schema, members []Member) {
	for _, m := range members {
		if _, found := slices.BinarySearch(s.memberNames, m.Name); found {
			continue
		}
		i := slices.IndexFunc(s.memberNames, func(name string) bool { return strings.EqualFold(name, m.Name) })
		switch {
		case i < 0:
			c.advise(m.Name, s, KeywordUnknown, "unknown member %q", cut(m.Name))
		case !c.reported(m.Name):
			c.advise(m.Name, s, "letter-case", "expected the member %q, got %q", s.memberNames[i], m.Name)
		}
	}
}

// reported tells whether checkRequired has reported the member's letter case.
func (c *checker) reported(name string) bool {
	c.path.push(name, -1)
	defer c.path.pop()
	at := c.path.pointer()
	return slices.ContainsFunc(c.problems, func(p Problem) bool { return p.Keyword == "letter-case" && p.Pointer == at && !p.onlyAdvice })
}

// countMatching counts the schemas that v matches.
func countMatching(schemas []*Schema, v *Value) int {
	n := 0
	for _, s := range schemas {
		c := checker{}
		c.check(s, v, false)
		if !slices.ContainsFunc(c.problems, Problem.binding) {
			n++
		}
	}
	return n
}

func (c *checker) checkCombined(s *Schema, v *Value) {
	for _, sub := range s.AllOf {
		c.check(sub, v, false)
	}
	if len(s.AnyOf) > 0 && countMatching(s.AnyOf, v) == 0 {
		c.fail(s, "anyOf", "expected a match with one of %d schemas, got none", len(s.AnyOf))
	}
	if len(s.OneOf) > 0 {
		if n := countMatching(s.OneOf, v); n != 1 {
			c.fail(s, "oneOf", "expected a match with exactly one of %d schemas, got %d", len(s.OneOf), n)
		}
	}
	if s.Not != nil && countMatching([]*Schema{s.Not}, v) > 0 {
		c.fail(s, "not", "expected no match with the schema")
	}
}

func (s *Schema) typeName() string {
	if s.Integer {
		return "integer"
	}
	return string(s.Type)
}

func article(noun string) string {
	if noun == string(KindNull) {
		return noun
	}
	if strings.ContainsRune("aeio", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// canonical returns a text that is the same for equal values: members are sorted, of
// duplicates only the last counts, and numbers are written by value.
func (v *Value) canonical() string { return string(v.appendCanonical(nil)) }

func (v *Value) appendCanonical(b []byte) []byte {
	switch v.Kind {
	case KindNull:
		return append(b, 'n')
	case KindBoolean:
		return strconv.AppendBool(b, v.Bool)
	case KindNumber:
		if r, ok := exact(v.Text); ok {
			return append(b, r.RatString()...)
		}
		return append(b, v.Text...)
	case KindString:
		return strconv.AppendQuote(b, v.Text)
	case KindArray:
		b = append(b, '[')
		for _, item := range v.Items {
			b = append(item.appendCanonical(b), ',')
		}
		return append(b, ']')
	case KindObject:
	}
	members := slices.SortedFunc(slices.Values(v.distinct()), func(a, b Member) int { return cmp.Compare(a.Name, b.Name) })
	b = append(b, '{')
	for _, m := range members {
		b = append(strconv.AppendQuote(b, m.Name), ':')
		b = append(m.Value.appendCanonical(b), ',')
	}
	return append(b, '}')
}

// canonicalLiteral is the canonical form of a literal of the document.
func canonicalLiteral(literal any) string {
	text, err := json.Marshal(literal)
	if err != nil {
		return "" // no value has it
	}
	v, _ := ReadJSON(text)
	if v == nil {
		return ""
	}
	return v.canonical()
}
