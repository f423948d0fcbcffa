package contract

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// KeywordUnknown is the keyword of a problem with a member that a schema does not name, and allows.
const KeywordUnknown = "unknown"

// The keywords of members that only one side may send: in a request, a problem with a member
// that is read-only; in an answer, with one that is write-only (OpenAPI 3.0.4, section 4.8.24.2).
const (
	KeywordReadOnly  = "readOnly"
	KeywordWriteOnly = "writeOnly"
)

// keywords are those that `when` may name: JSON Schema's, and ours for what no schema
// can say.
var keywords = []string{
	"type", "nullable", "enum", "minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum",
	"exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems", "required", "minProperties",
	"maxProperties", "additionalProperties", "allOf", "anyOf", "oneOf", "not",
	"const", "format", "discriminator", KeywordReadOnly, KeywordWriteOnly, "contains", "minContains", "maxContains", "propertyNames",
	"dependentRequired", "unevaluatedProperties",
	KeywordUnknown, "letter-case", "syntax", "utf8", "duplicate", "depth", "byte-order-mark",
	"content", "method", "repeated", "slash", "boolean-text", "scalar", "surrounding-space", "trailing", "utf16", "extension",
}

// widerKeywords maps a keyword for what common readers of JSON pass over by default to the one
// that it is part of, which is used if no `when` names the narrower.
var widerKeywords = map[string]string{
	"scalar":            "type",    // a scalar of another kind
	"surrounding-space": "pattern", // white space before or after a text that has the pattern
	"trailing":          "syntax",  // something after the value
	"utf16":             "syntax",  // UTF-16 or UTF-32
	"extension":         "syntax",  // JSON5
}

// IsKeyword reports whether what a problem breaks is a keyword, or a part of it.
func (p Problem) IsKeyword(keyword string) bool {
	return p.Keyword == keyword || widerKeywords[p.Keyword] == keyword
}

// A Schema is a schema of the document, compiled for repeated checks. A schema may contain
// itself.
type Schema struct {
	Clause   string // JSON pointer into the document
	Type     Kind   // "" for any, or for one of Types
	Types    []Kind // if the document lists several, but null
	Integer  bool   // type: integer
	Nullable bool   // null is valid, too
	Enum     []any
	Const    []any  // the one value of const; empty if there is none
	Format   string // "" for none
	Default  any    // nil for none
	Example  any    // nil for none

	MinLength int // in characters, as are those below in items and members
	MaxLength int // -1 is no limit
	Pattern   *regexp.Regexp

	Minimum, Maximum                   *float64
	ExclusiveMinimum, ExclusiveMaximum bool // whether Minimum and Maximum themselves are not valid
	MultipleOf                         *float64

	Items       *Schema // nil for any
	MinItems    int
	MaxItems    int // -1 is no limit
	UniqueItems bool

	Properties           []Property // sorted by name
	Required             []string
	MinProperties        int
	MaxProperties        int     // -1 is no limit
	Closed               bool    // additionalProperties: false
	AdditionalProperties *Schema // nil for any, unless Closed

	AllOf, AnyOf, OneOf []*Schema
	Not                 *Schema
	Discriminator       *Discriminator

	// Of JSON Schema 2020-12, which OpenAPI 3.1 has.
	Never                    bool // the schema false, which no value keeps
	PrefixItems              []*Schema
	Contains                 *Schema // nil for none
	MinContains, MaxContains int     // of Contains; -1 is no limit
	PatternProperties        []PatternProperty
	PropertyNames            *Schema // nil for any
	DependentRequired        map[string][]string
	DependentSchemas         []Property // sorted by name
	If, Then, Else           *Schema
	UnevaluatedProperties    *Schema // nil for any

	ReadOnly, WriteOnly bool

	// Unsupported are the keywords of the schema that are not checked, such as a pattern that
	// Go cannot read, with the reason. What a value breaks or keeps is then not certain.
	Unsupported []Unsupported

	// echoedParameter, from x-echoes, is the path parameter whose value an answer
	// repeats here.
	echoedParameter string

	kin        *openapi3.Schema // for a second opinion
	run        *charRun         // what Pattern matches, if it has that form
	enumerated []string         // Enum, in canonical form
	constant   string           // Const, in canonical form

	// Of the schema and of those that it combines by allOf, anyOf and oneOf:
	memberNames   []string // the names under properties, sorted
	hasAdditional bool     // whether there is additionalProperties: false or {…}
}

// A Discriminator says by which member the schemas under oneOf or anyOf are told apart.
type Discriminator struct {
	Property string
	Mapping  map[string]*Schema // by the value of the member
}

// Unsupported is something in the document that no request is derived from, and nothing
// judged by.
type Unsupported struct {
	Reason string // such as: pattern: invalid escape sequence
	Clause string // JSON pointer into the document
	Line   int
}

// String returns the reason with the line.
func (u Unsupported) String() string { return fmt.Sprintf("%s (line %d)", u.Reason, u.Line) }

// A Property is an entry of a schema's properties.
type Property struct {
	Name   string
	Schema *Schema
}

// A PatternProperty is an entry of a schema's patternProperties.
type PatternProperty struct {
	Pattern *regexp.Regexp
	Schema  *Schema
}

// Property returns the schema of the member with the given name, or nil.
func (s *Schema) Property(name string) *Schema {
	i, found := slices.BinarySearchFunc(s.Properties, name, func(p Property, name string) int { return strings.Compare(p.Name, name) })
	if !found {
		return nil
	}
	return s.Properties[i].Schema
}

// matches reports whether a text has the form that the pattern says, if there is one.
func (s *Schema) matches(text string) bool {
	switch {
	case s.run != nil:
		return s.run.matches(text)
	default:
		return s.Pattern == nil || s.Pattern.MatchString(text)
	}
}

// A compiler compiles the operations and schemas of kin-openapi into ours. It compiles
// each schema once, so that a schema may contain itself, and each security scheme once.
type compiler struct {
	*Contract
	kin     *openapi3.T
	schemas map[*openapi3.Schema]*Schema
	schemes map[string]*SecurityScheme // by id
	fault   error                      // the first one
}

func (k *compiler) fail(clause, format string, args ...any) {
	if k.fault == nil {
		k.fault = k.Contract.fault(clause, format, args...)
	}
}

func (k *compiler) compile(ref *openapi3.SchemaRef, clause string) *Schema {
	if ref == nil || ref.Value == nil {
		return nil
	}
	in := ref.Value
	if s := k.schemas[in]; s != nil {
		return s
	}
	s := &Schema{
		Clause: clauseOf(ref.Ref, clause), Nullable: in.Nullable, Enum: in.Enum, Example: in.Example,
		MinLength: least(in.MinLength), MaxLength: limit(in.MaxLength),
		Minimum: in.Min, Maximum: in.Max, ExclusiveMinimum: in.ExclusiveMin.IsTrue(), ExclusiveMaximum: in.ExclusiveMax.IsTrue(),
		MultipleOf: in.MultipleOf, MinItems: least(in.MinItems), MaxItems: limit(in.MaxItems), UniqueItems: in.UniqueItems,
		MinProperties: least(in.MinProps), MaxProperties: limit(in.MaxProps), Required: in.Required,
		kin: in,
	}
	k.schemas[in] = s
	s.echoedParameter, _ = in.Extensions["x-echoes"].(string)
	k.keywords(s, in)
	for _, e := range in.Enum {
		s.enumerated = append(s.enumerated, canonicalLiteral(e))
	}
	if in.Pattern != "" {
		re, err := compilePattern(in.Pattern)
		if err != nil {
			k.fail(s.Clause+"/pattern", "pattern: %s", err)
		}
		s.Pattern, s.run = re, charRunOf(in.Pattern)
	}
	for _, name := range sortedKeys(in.Properties) {
		s.Properties = append(s.Properties, Property{name, k.compile(in.Properties[name], s.Clause+"/properties/"+escapePointer(name))})
	}
	s.Items = k.compile(in.Items, s.Clause+"/items")
	s.AdditionalProperties = k.compile(in.AdditionalProperties.Schema, s.Clause+"/additionalProperties")
	s.Closed = in.AdditionalProperties.Has != nil && !*in.AdditionalProperties.Has
	s.AllOf, s.AnyOf, s.OneOf = k.list(in.AllOf, s.Clause+"/allOf"), k.list(in.AnyOf, s.Clause+"/anyOf"), k.list(in.OneOf, s.Clause+"/oneOf")
	s.Not = k.compile(in.Not, s.Clause+"/not")
	k.discriminator(s, in)
	return s
}

func (k *compiler) list(refs openapi3.SchemaRefs, clause string) []*Schema {
	var all []*Schema
	for i, ref := range refs {
		if s := k.compile(ref, nth(clause, i)); s != nil {
			all = append(all, s)
		}
	}
	return all
}

// gatherMembers fills in what is only known when all schemas are compiled.
func (k *compiler) gatherMembers() {
	for _, s := range slices.SortedFunc(maps.Values(k.schemas), func(a, b *Schema) int { return cmp.Compare(a.Clause, b.Clause) }) {
		if !s.gather(s, nil) {
			k.fail(s.Clause, "schema %s: is combined from itself", s.Clause)
			return
		}
		slices.Sort(s.memberNames)
		s.memberNames = slices.Compact(s.memberNames)
	}
}

// gather adds the member names of part, which is s or a schema that s combines; above
// are the schemas that combine part. It returns false if part combines itself.
func (s *Schema) gather(part *Schema, above []*Schema) bool {
	if slices.Contains(above, part) {
		return false
	}
	above = append(above, part)
	for _, p := range part.Properties {
		s.memberNames = append(s.memberNames, p.Name)
	}
	s.hasAdditional = s.hasAdditional || part.Closed || part.AdditionalProperties != nil || len(part.PatternProperties) > 0 || part.UnevaluatedProperties != nil
	for _, sub := range part.applied() {
		if !s.gather(sub, above) {
			return false
		}
	}
	if part.Not != nil {
		if aside := (&Schema{}); !aside.gather(part.Not, above) {
			return false
		}
	}
	return true
}

// compilePattern compiles a pattern of the document. OpenAPI patterns are ECMAScript,
// whose \u00e9 is \x{00e9} in Go.
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
