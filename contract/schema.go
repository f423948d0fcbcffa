package contract

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// keywords are what a problem may name: JSON Schema's own words and those for
// what no schema sees.
var keywords = []string{
	"type", "nullable", "enum", "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum",
	"exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "required", "minProperties",
	"maxProperties", "additionalProperties", "allOf", "anyOf", "oneOf", "not",
	"unknown", "letter-case", "syntax", "utf8", "duplicate", "depth", "byte-order-mark",
	"content", "method", "repeated", "slash",
}

// A Schema is one of the document's, compiled from kin-openapi's. It knows all
// validation keywords of OpenAPI 3.0 but format and discriminator, which
// validate nothing here.
type Schema struct {
	Clause     string // JSON pointer into the document
	Type       Kind   // "" takes any
	Integer    bool   // type: integer
	Nullable   bool
	Enum       []any
	MinLength  int
	MaxLength  int // -1 is no limit
	Pattern    *regexp.Regexp
	Minimum    *float64
	Maximum    *float64
	Properties []Property // sorted by name
	Required   []string
	Items      *Schema
	Example    any

	exclusiveMin, exclusiveMax   bool
	multipleOf                   *float64
	minItems, minProperties      int
	maxItems, maxProperties      int // -1 is no limit
	uniqueItems                  bool
	closed                       bool    // additionalProperties: false
	additional                   *Schema // additionalProperties: {…}
	allOf, anyOf, oneOf, negated []*Schema
}

// A Property is a member that a schema names.
type Property struct {
	Name   string
	Schema *Schema
}

// Property returns the schema of a member, or nil.
func (s *Schema) Property(name string) *Schema {
	for _, p := range s.Properties {
		if p.Name == name {
			return p.Schema
		}
	}
	return nil
}

// schemaCompiler compiles each schema once, so that one may contain itself.
type schemaCompiler struct {
	done map[*openapi3.Schema]*Schema
}

func newSchemaCompiler() *schemaCompiler {
	return &schemaCompiler{done: map[*openapi3.Schema]*Schema{}}
}

func (k *schemaCompiler) compile(ref *openapi3.SchemaRef, clause string) *Schema {
	if ref == nil || ref.Value == nil {
		return nil
	}
	in := ref.Value
	if s := k.done[in]; s != nil {
		return s
	}
	s := &Schema{
		Clause: clauseOf(ref.Ref, clause), Nullable: in.Nullable, Enum: in.Enum, Example: in.Example,
		MinLength: int(in.MinLength), MaxLength: limit(in.MaxLength),
		Minimum: in.Min, Maximum: in.Max, exclusiveMin: in.ExclusiveMin.IsTrue(), exclusiveMax: in.ExclusiveMax.IsTrue(),
		multipleOf: in.MultipleOf, minItems: int(in.MinItems), maxItems: limit(in.MaxItems), uniqueItems: in.UniqueItems,
		minProperties: int(in.MinProps), maxProperties: limit(in.MaxProps), Required: in.Required,
	}
	k.done[in] = s
	if in.Type != nil && len(*in.Type) > 0 {
		s.Type = Kind((*in.Type)[0])
		if s.Type == "integer" {
			s.Type, s.Integer = KindNumber, true
		}
	}
	if in.Pattern != "" {
		s.Pattern = regexp.MustCompile(in.Pattern) // kin has validated it
	}
	for name, property := range in.Properties {
		s.Properties = append(s.Properties, Property{name, k.compile(property, s.Clause+"/properties/"+escapePointer(name))})
	}
	sort.Slice(s.Properties, func(i, j int) bool { return s.Properties[i].Name < s.Properties[j].Name })
	s.Items = k.compile(in.Items, s.Clause+"/items")
	s.additional = k.compile(in.AdditionalProperties.Schema, s.Clause+"/additionalProperties")
	s.closed = in.AdditionalProperties.Has != nil && !*in.AdditionalProperties.Has
	s.allOf, s.anyOf, s.oneOf = k.list(in.AllOf, s.Clause+"/allOf"), k.list(in.AnyOf, s.Clause+"/anyOf"), k.list(in.OneOf, s.Clause+"/oneOf")
	if in.Not != nil {
		s.negated = []*Schema{k.compile(in.Not, s.Clause+"/not")}
	}
	return s
}

func (k *schemaCompiler) list(refs openapi3.SchemaRefs, clause string) []*Schema {
	var all []*Schema
	for i, ref := range refs {
		all = append(all, k.compile(ref, fmt.Sprintf("%s/%d", clause, i)))
	}
	return all
}

func limit(n *uint64) int {
	if n == nil || *n > math.MaxInt32 {
		return -1
	}
	return int(*n)
}

// check appends what is wrong with v, which stands at pointer, to problems.
func (s *Schema) check(v *Value, pointer string, problems []Problem) []Problem {
	fail := func(keyword, format string, args ...any) {
		problems = append(problems, Problem{
			In: InBody, Pointer: pointer, Keyword: keyword, Message: fmt.Sprintf(format, args...), Clause: s.clause(keyword),
		})
	}
	if v.Kind == KindNull {
		if s.Nullable || s.Type == "" && !s.combined() {
			return problems
		}
		if s.Type != "" {
			fail("nullable", "expected %s, got null", article(s.typeName()))
			return problems
		}
	}
	if s.Type != "" && v.Kind != s.Type {
		fail("type", "expected %s, got %s", article(s.typeName()), article(string(v.Kind)))
		return problems
	}
	if len(s.Enum) > 0 && !slices.ContainsFunc(s.Enum, func(e any) bool { return equalsLiteral(v, e) }) {
		fail("enum", "expected one of %v", s.Enum)
	}
	switch v.Kind {
	case KindString:
		s.checkString(v.Text, fail)
	case KindNumber:
		s.checkNumber(v.number(), fail)
	case KindArray:
		problems = s.checkArray(v, pointer, problems)
	case KindObject:
		problems = s.checkObject(v, pointer, problems)
	case KindNull, KindBoolean:
	}
	return s.checkCombined(v, pointer, problems)
}

type failFunc func(keyword, format string, args ...any)

func (s *Schema) checkString(text string, fail failFunc) {
	length := utf8.RuneCountInString(text)
	if length < s.MinLength {
		fail("minLength", "expected at least %d characters, got %d", s.MinLength, length)
		if length == 0 {
			return // of an empty string nothing more is worth saying
		}
	}
	if s.MaxLength >= 0 && length > s.MaxLength {
		fail("maxLength", "expected at most %d characters, got %d", s.MaxLength, length)
	}
	if s.Pattern != nil && !s.Pattern.MatchString(text) {
		fail("pattern", "expected the form %s", s.Pattern)
	}
}

func (s *Schema) checkNumber(n float64, fail failFunc) {
	if s.Integer && n != math.Trunc(n) {
		fail("type", "expected an integer, got a number with a fraction")
	}
	if s.Minimum != nil && (n < *s.Minimum || s.exclusiveMin && n == *s.Minimum) {
		fail("minimum", "expected at least %v", *s.Minimum)
	}
	if s.Maximum != nil && (n > *s.Maximum || s.exclusiveMax && n == *s.Maximum) {
		fail("maximum", "expected at most %v", *s.Maximum)
	}
	if s.multipleOf != nil {
		if q := n / *s.multipleOf; math.Abs(q-math.Round(q)) > 1e-9 {
			fail("multipleOf", "expected a multiple of %v", *s.multipleOf)
		}
	}
}

func (s *Schema) checkArray(v *Value, pointer string, problems []Problem) []Problem {
	fail := func(keyword, format string, args ...any) {
		problems = append(problems, Problem{In: InBody, Pointer: pointer, Keyword: keyword, Message: fmt.Sprintf(format, args...), Clause: s.clause(keyword)})
	}
	if n := len(v.Items); n < s.minItems {
		fail("minItems", "expected at least %d items, got %d", s.minItems, n)
	} else if s.maxItems >= 0 && n > s.maxItems {
		fail("maxItems", "expected at most %d items, got %d", s.maxItems, n)
	}
	if s.uniqueItems {
		for i, item := range v.Items {
			if slices.ContainsFunc(v.Items[:i], func(w *Value) bool { return equalValues(item, w) }) {
				fail("uniqueItems", "expected no item twice")
				break
			}
		}
	}
	if s.Items != nil {
		for i, item := range v.Items {
			problems = s.Items.check(item, fmt.Sprintf("%s/%d", pointer, i), problems)
		}
	}
	return problems
}

func (s *Schema) checkObject(v *Value, pointer string, problems []Problem) []Problem {
	fail := func(at, keyword, format string, args ...any) {
		problems = append(problems, Problem{In: InBody, Pointer: at, Keyword: keyword, Message: fmt.Sprintf(format, args...), Clause: s.clause(keyword)})
	}
	for _, name := range s.Required {
		if v.Member(name) != nil {
			continue
		}
		if other := otherCase(v, name); other != "" {
			fail(pointer+"/"+escapePointer(other), "letter-case", "expected the member %q, got %q", name, other)
		} else {
			fail(pointer+"/"+escapePointer(name), "required", "expected the member %q", name)
		}
	}
	if n := len(v.Members); n < s.minProperties {
		fail(pointer, "minProperties", "expected at least %d members, got %d", s.minProperties, n)
	} else if s.maxProperties >= 0 && n > s.maxProperties {
		fail(pointer, "maxProperties", "expected at most %d members, got %d", s.maxProperties, n)
	}
	for _, m := range v.Members {
		if v.Member(m.Name) != m.Value {
			continue // the last of doubled members counts
		}
		at := pointer + "/" + escapePointer(m.Name)
		switch property := s.Property(m.Name); {
		case property != nil:
			problems = property.check(m.Value, at, problems)
		case s.closed:
			fail(at, "additionalProperties", "expected no member %q", m.Name)
		case s.additional != nil:
			problems = s.additional.check(m.Value, at, problems)
		case len(s.Properties) > 0 && s.propertyIgnoringCase(m.Name) == "":
			fail(at, "unknown", "no page names the member %q", m.Name)
		case len(s.Properties) > 0 && !slices.Contains(s.Required, s.propertyIgnoringCase(m.Name)):
			fail(at, "letter-case", "expected the member %q, got %q", s.propertyIgnoringCase(m.Name), m.Name)
		}
	}
	return problems
}

// otherCase returns the member of v that is called name but for letter case.
func otherCase(v *Value, name string) string {
	for _, m := range v.Members {
		if m.Name != name && strings.EqualFold(m.Name, name) {
			return m.Name
		}
	}
	return ""
}

func (s *Schema) propertyIgnoringCase(name string) string {
	for _, p := range s.Properties {
		if strings.EqualFold(p.Name, name) {
			return p.Name
		}
	}
	return ""
}

func (s *Schema) combined() bool { return len(s.allOf)+len(s.anyOf)+len(s.oneOf)+len(s.negated) > 0 }

func (s *Schema) checkCombined(v *Value, pointer string, problems []Problem) []Problem {
	if !s.combined() {
		return problems
	}
	fits := func(all []*Schema) int {
		n := 0
		for _, sub := range all {
			if !slices.ContainsFunc(sub.check(v, pointer, nil), Problem.binding) {
				n++
			}
		}
		return n
	}
	fail := func(keyword, format string, args ...any) {
		problems = append(problems, Problem{In: InBody, Pointer: pointer, Keyword: keyword, Message: fmt.Sprintf(format, args...), Clause: s.clause(keyword)})
	}
	for _, sub := range s.allOf {
		problems = sub.check(v, pointer, problems)
	}
	if len(s.anyOf) > 0 && fits(s.anyOf) == 0 {
		fail("anyOf", "expected one of %d forms, got none of them", len(s.anyOf))
	}
	if n := fits(s.oneOf); len(s.oneOf) > 0 && n != 1 {
		fail("oneOf", "expected just one of %d forms, got %d of them", len(s.oneOf), n)
	}
	if len(s.negated) > 0 && fits(s.negated) > 0 {
		fail("not", "expected anything but the form given")
	}
	return problems
}

// clause is where a keyword of the schema stands; what has no keyword of its
// own there is the schema's affair as a whole.
func (s *Schema) clause(keyword string) string {
	switch keyword {
	case "nullable":
		return s.Clause + "/type"
	case "unknown", "letter-case":
		return s.Clause + "/properties"
	default:
		return s.Clause + "/" + keyword
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

// equalsLiteral compares a value with a literal of the document.
func equalsLiteral(v *Value, literal any) bool {
	switch l := literal.(type) {
	case nil:
		return v.Kind == KindNull
	case bool:
		return v.Kind == KindBoolean && v.Bool == l
	case string:
		return v.Kind == KindString && v.Text == l
	case float64:
		return v.Kind == KindNumber && v.number() == l
	default:
		return false
	}
}

func equalValues(a, b *Value) bool {
	if a.Kind != b.Kind || a.Bool != b.Bool || len(a.Items) != len(b.Items) || len(a.Members) != len(b.Members) {
		return false
	}
	if a.Kind == KindNumber {
		return a.number() == b.number()
	}
	for i := range a.Items {
		if !equalValues(a.Items[i], b.Items[i]) {
			return false
		}
	}
	for _, m := range a.Members {
		if w := b.Member(m.Name); w == nil || !equalValues(m.Value, w) {
			return false
		}
	}
	return a.Text == b.Text
}
