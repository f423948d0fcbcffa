package contract

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/docfile"
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
	hasEcho         bool // whether there is x-echoes

	place docfile.Place // where the keywords stand

	second     *secondReader // for a second opinion; nil if the schema is in no document
	run        *charRun      // what Pattern matches, if it has that form
	enumerated []string      // Enum, in canonical form
	constant   string        // Const, in canonical form

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
