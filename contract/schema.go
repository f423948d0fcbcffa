package contract

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// keywords are what a problem may name: JSON Schema's own words and those for
// what no schema sees.
var keywords = []string{
	"type", "nullable", "enum", "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum",
	"exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "required", "minProperties",
	"maxProperties", "additionalProperties", "allOf", "anyOf", "oneOf", "not",
	"unknown", "letter-case", "syntax", "utf8", "duplicate", "depth", "byte-order-mark",
	"content", "method", "repeated", "slash", "boolean-text",
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

	// echoedParameter is x-echoes: the path parameter whose value an answer repeats
	// here.
	echoedParameter string

	enumerated                   []string // Enum, in canonical form
	exclusiveMin, exclusiveMax   bool
	multipleOf                   *float64
	minItems, minProperties      int
	maxItems, maxProperties      int // -1 is no limit
	uniqueItems                  bool
	closed                       bool    // additionalProperties: false
	additional                   *Schema // additionalProperties: {…}
	allOf, anyOf, oneOf, negated []*Schema

	// Of the schema and of all that it is combined from:
	memberNames   []string // the members that it names, sorted
	hasAdditional bool     // whether additionalProperties says what becomes of all others
}

// A Property is a member that a schema names.
type Property struct {
	Name   string
	Schema *Schema
}

// Property returns the schema of a member, or nil.
func (s *Schema) Property(name string) *Schema {
	i, found := slices.BinarySearchFunc(s.Properties, name, func(p Property, name string) int { return strings.Compare(p.Name, name) })
	if !found {
		return nil
	}
	return s.Properties[i].Schema
}

// schemaCompiler compiles each schema once, so that one may contain itself.
type schemaCompiler struct {
	at    func(clause, format string, args ...any) error // a fault at a JSON pointer
	done  map[*openapi3.Schema]*Schema
	fault error // the first
}

func (c *Contract) newSchemaCompiler() *schemaCompiler {
	return &schemaCompiler{at: c.fault, done: map[*openapi3.Schema]*Schema{}}
}

func (k *schemaCompiler) fail(clause, format string, args ...any) {
	if k.fault == nil {
		k.fault = k.at(clause, format, args...)
	}
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
		Clause: clauseOf(ref.Ref, clause), Nullable: in.Nullable, Enum: in.Enum, Example: in.Example, echoedParameter: echoes(in),
		MinLength: least(in.MinLength), MaxLength: limit(in.MaxLength),
		Minimum: in.Min, Maximum: in.Max, exclusiveMin: in.ExclusiveMin.IsTrue(), exclusiveMax: in.ExclusiveMax.IsTrue(),
		multipleOf: in.MultipleOf, minItems: least(in.MinItems), maxItems: limit(in.MaxItems), uniqueItems: in.UniqueItems,
		minProperties: least(in.MinProps), maxProperties: limit(in.MaxProps), Required: in.Required,
	}
	k.done[in] = s
	if in.Type != nil && len(*in.Type) > 0 {
		s.Type = Kind((*in.Type)[0])
		if s.Type == "integer" {
			s.Type, s.Integer = KindNumber, true
		}
	}
	for _, e := range in.Enum {
		s.enumerated = append(s.enumerated, canonicalLiteral(e))
	}
	if in.Pattern != "" {
		re, err := compilePattern(in.Pattern)
		if err != nil {
			k.fail(s.Clause+"/pattern", "pattern: %s", err)
		}
		s.Pattern = re
	}
	for name, property := range in.Properties {
		s.Properties = append(s.Properties, Property{name, k.compile(property, s.Clause+"/properties/"+escapePointer(name))})
	}
	sort.Slice(s.Properties, func(i, j int) bool { return s.Properties[i].Name < s.Properties[j].Name })
	s.Items = k.compile(in.Items, s.Clause+"/items")
	s.additional = k.compile(in.AdditionalProperties.Schema, s.Clause+"/additionalProperties")
	s.closed = in.AdditionalProperties.Has != nil && !*in.AdditionalProperties.Has
	s.allOf, s.anyOf, s.oneOf = k.list(in.AllOf, s.Clause+"/allOf"), k.list(in.AnyOf, s.Clause+"/anyOf"), k.list(in.OneOf, s.Clause+"/oneOf")
	if not := k.compile(in.Not, s.Clause+"/not"); not != nil {
		s.negated = []*Schema{not}
	}
	return s
}

func (k *schemaCompiler) list(refs openapi3.SchemaRefs, clause string) []*Schema {
	var all []*Schema
	for i, ref := range refs {
		if s := k.compile(ref, nth(clause, i)); s != nil {
			all = append(all, s)
		}
	}
	return all
}

// finish fills in what is known only when all schemas are there, and returns
// the first fault.
func (k *schemaCompiler) finish() error {
	all := make([]*Schema, 0, len(k.done))
	for _, s := range k.done {
		all = append(all, s)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Clause < all[j].Clause })
	for _, s := range all {
		if !s.gather(s, nil) {
			k.fail(s.Clause, "schema %s: is combined from itself, without end", s.Clause)
			break
		}
		slices.Sort(s.memberNames)
		s.memberNames = slices.Compact(s.memberNames)
	}
	return k.fault
}

// gather collects the members that a part of s names; above are the schemas that the
// part stands in. It is false where the part stands in itself.
func (s *Schema) gather(part *Schema, above []*Schema) bool {
	if slices.Contains(above, part) {
		return false
	}
	above = append(above, part)
	for _, p := range part.Properties {
		s.memberNames = append(s.memberNames, p.Name)
	}
	s.hasAdditional = s.hasAdditional || part.closed || part.additional != nil
	for _, sub := range slices.Concat(part.allOf, part.anyOf, part.oneOf) {
		if !s.gather(sub, above) {
			return false
		}
	}
	for _, sub := range part.negated {
		if aside := (&Schema{}); !aside.gather(sub, above) {
			return false
		}
	}
	return true
}

// compilePattern reads a pattern of the document; \u00e9 is how the document's
// language, ECMAScript, writes what RE2 writes \x{00e9}.
func compilePattern(pattern string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(unicodeEscape.ReplaceAllString(pattern, `\x{$1}`))
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}

var unicodeEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

func limit(n *uint64) int {
	if n == nil || *n > math.MaxInt32 {
		return -1
	}
	return int(*n)
}

func least(n uint64) int { return int(min(n, math.MaxInt32)) }
