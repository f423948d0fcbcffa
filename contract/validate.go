package contract

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A checker checks a value by a schema.
type checker struct {
	problemList
	from   Side // who sends the value; "" for anybody
	cut    bool // whether texts may be cut, so that they say nothing about formats
	inside int  // how many schemas are being checked that have several parts for one value
	memo   *memo
	quick  bool // only whether the value keeps the schema is of interest,
	failed bool // and it does not
}

// check returns the problems of v.
func (s *Schema) check(v *Value) []Problem { return s.checkFrom(v, "") }

// checkFrom returns the problems of v if a side has sent it: a client sends no read-only
// members, and a server no write-only ones.
func (s *Schema) checkFrom(v *Value, from Side) []Problem {
	c := checker{from: from}
	c.check(s, v, nil)
	return c.problems
}

func (c *checker) append(keyword, clause string, advice bool, format string, args ...any) {
	switch {
	case !c.quick:
		c.problemList.append(keyword, clause, advice, format, args...)
	case !advice && keyword != KeywordReadOnly && keyword != KeywordWriteOnly: // which tell no schemas apart
		c.failed = true
	}
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

// check adds the problems of v. top is the schema that combines s with others, by allOf for one; nil if
// none does. Members that s does not name may be named by the others.
func (c *checker) check(s *Schema, v *Value, top *Schema) {
	if c.quick && c.failed {
		return
	}
	several := s.hasSeveral()
	if !several && (c.inside == 0 || v.Kind != KindObject && v.Kind != KindArray) {
		c.checkParts(s, v, top)
		return
	}
	if several {
		c.inside++
	}
	c.checkOnce(s, v, top)
	if several {
		c.inside--
	}
}

// checkParts checks v by each keyword.
func (c *checker) checkParts(s *Schema, v *Value, top *Schema) {
	if !c.checkKind(s, v) {
		return
	}
	if len(s.Enum) > 0 && !slices.Contains(s.enumeration(), v.canonical()) {
		c.fail(s, "enum", "expected one of %s", listed(s.Enum))
	}
	if len(s.Const) > 0 && s.constantText() != v.canonical() {
		c.fail(s, "const", "expected %s", listed(s.Const))
	}
	switch v.Kind {
	case KindString:
		c.checkString(s, v)
	case KindNumber:
		c.checkNumber(s, v)
	case KindArray:
		c.checkArray(s, v)
	case KindObject:
		c.checkObject(s, v, top)
	case KindNull, KindBoolean:
	}
	if s.hasSeveral() {
		c.checkCombined(s, v, cmp.Or(top, s))
	}
	if v.Kind == KindObject && top == nil && !s.hasAdditional && len(s.memberNames) > 0 {
		c.checkNames(s, v.distinct())
	}
}

// checkKind reports whether v is of a kind that s takes. The rest of s says nothing about one of
// another kind, nor about a null that s allows.
func (c *checker) checkKind(s *Schema, v *Value) bool {
	if s.Never {
		c.append("not", s.Clause, false, "expected no value")
		return false
	}
	if v.Kind == s.Type || s.Type == "" && (len(s.Types) == 0 && v.Kind != KindNull || slices.Contains(s.Types, v.Kind)) {
		return true // the usual case
	}
	switch {
	case v.Kind == KindNull && s.Nullable:
		return false
	case v.Kind == KindNull && s.Type == "" && len(s.Types) == 0:
		return true
	case v.Kind == KindNull:
		c.append("nullable", s.Clause+"/type", false, "expected %s, got null", s.typeName())
	case s.Type == KindBoolean && v.isBooleanText():
		c.append("boolean-text", s.Clause+"/type", false, "expected a boolean, got a string with a boolean in it")
	case isScalar(v.Kind) && (isScalar(s.Type) || slices.ContainsFunc(s.Types, isScalar)):
		c.append("scalar", s.Clause+"/type", false, "expected %s, got %s", s.typeName(), article(string(v.Kind)))
	default:
		c.fail(s, "type", "expected %s, got %s", s.typeName(), article(string(v.Kind)))
	}
	return false
}

// isScalar reports whether a kind is one that lenient readers turn into another.
func isScalar(k Kind) bool { return k == KindString || k == KindNumber || k == KindBoolean }

func (c *checker) checkString(s *Schema, v *Value) {
	length := utf8.RuneCountInString(v.Text)
	c.checkSize(s, "Length", "characters", length, s.MinLength, s.MaxLength)
	if length == 0 && s.MinLength > 0 {
		return // more about an empty string would be noise
	}
	c.checkPattern(s, v.Text)
	c.checkFormat(s, v)
}

func (c *checker) checkPattern(s *Schema, text string) {
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
	if s.Minimum != nil {
		switch order := v.compare(*s.Minimum); {
		case order < 0:
			c.fail(s, "minimum", "expected at least %v", *s.Minimum)
		case s.ExclusiveMinimum && order == 0:
			c.fail(s, "exclusiveMinimum", "expected more than %v", *s.Minimum)
		}
	}
	if s.Maximum != nil {
		switch order := v.compare(*s.Maximum); {
		case order > 0:
			c.fail(s, "maximum", "expected at most %v", *s.Maximum)
		case s.ExclusiveMaximum && order == 0:
			c.fail(s, "exclusiveMaximum", "expected less than %v", *s.Maximum)
		}
	}
	if s.MultipleOf != nil && !v.isMultipleOf(*s.MultipleOf) {
		c.fail(s, "multipleOf", "expected a multiple of %v", *s.MultipleOf)
	}
	c.checkFormat(s, v)
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
	for i, item := range v.Items {
		schema := s.Items
		if i < len(s.PrefixItems) {
			schema = s.PrefixItems[i]
		}
		if schema == nil {
			break
		}
		c.path.push("", i)
		c.check(schema, item, nil)
		c.path.pop()
	}
	if s.Contains != nil {
		c.checkContains(s, v)
	}
}

func (c *checker) checkObject(s *Schema, v *Value, top *Schema) {
	members := v.distinct()
	c.checkRequired(s, members, cmp.Or(top, s))
	c.checkSize(s, "Properties", "members", len(members), s.MinProperties, s.MaxProperties)
	for _, m := range members {
		c.checkMember(s, m)
	}
	if s.PropertyNames != nil {
		c.checkPropertyNames(s, members)
	}
	if len(s.DependentRequired) > 0 {
		for _, name := range sortedKeys(s.DependentRequired) {
			c.checkDependent(s, name, members)
		}
	}
}

// checkMember checks a member by its property, by the patterns that its name has, or else by
// additionalProperties.
func (c *checker) checkMember(s *Schema, m Member) {
	property := s.Property(m.Name)
	known := property != nil
	for _, p := range s.PatternProperties {
		if p.Pattern.MatchString(m.Name) {
			c.checkUnder(m, p.Schema)
			known = true
		}
	}
	switch {
	case known:
	case s.Closed:
		c.failAt(m.Name, s, "additionalProperties", "additionalProperties", "expected no member %q", cut(m.Name))
		return
	default:
		property = s.AdditionalProperties
	}
	if property != nil {
		c.checkUnder(m, property)
	}
}

// checkUnder checks the value of a member.
func (c *checker) checkUnder(m Member, s *Schema) {
	c.path.push(m.Name, -1)
	switch {
	case c.from == Client && s.isReadOnly():
		c.fail(s, KeywordReadOnly, "expected no read-only member in a request")
	case c.from == Server && s.isWriteOnly():
		c.fail(s, KeywordWriteOnly, "expected no write-only member in an answer")
	default:
		c.check(s, m.Value, nil)
	}
	c.path.pop()
}

// checkRequired reports the required members that are missing. One in other letter case
// has a keyword of its own, because lenient servers accept it.
func (c *checker) checkRequired(s *Schema, members []Member, top *Schema) {
	for _, name := range s.Required {
		if hasMember(members, name) || c.from != "" && top.leavesOut(name, c.from, 0) {
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

// typeName names the kinds that s takes: "a string or an integer".
func (s *Schema) typeName() string {
	kinds := s.Types
	if len(kinds) == 0 {
		kinds = []Kind{s.Type}
	}
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		if kind == KindNumber && s.Integer {
			kind = "integer"
		}
		names[i] = article(string(kind))
	}
	return strings.Join(names, " or ")
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

// mostListed is how many values of an enum a message has.
const mostListed = 20

// listed writes the values of an enum, or the first of many.
func listed(values []any) string {
	if len(values) <= mostListed {
		return fmt.Sprint(values)
	}
	return fmt.Sprintf("%v and %d others", values[:mostListed], len(values)-mostListed)
}

func hasMember(members []Member, name string) bool {
	return slices.ContainsFunc(members, func(m Member) bool { return m.Name == name })
}
