package contract

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/internal/docfile"
	"github.com/gesconform/gesconform/internal/jsonpointer"
)

// A keywordReader reads a keyword, which stands at a place, into a schema. What it cannot read is not
// supported.
type keywordReader func(k *compiler, s *Schema, at docfile.Place) error

// schemaKeywords read the keywords that say something about values. Others are annotations, or
// unknown, and change nothing.
var schemaKeywords = map[string]keywordReader{
	"$ref":                 readRefBeside,
	"type":                 readType,
	"nullable":             boolean(func(s *Schema) *bool { return &s.Nullable }),
	"readOnly":             boolean(func(s *Schema) *bool { return &s.ReadOnly }),
	"writeOnly":            boolean(func(s *Schema) *bool { return &s.WriteOnly }),
	"uniqueItems":          boolean(func(s *Schema) *bool { return &s.UniqueItems }),
	"enum":                 readEnum,
	"const":                readConst,
	"default":              func(k *compiler, s *Schema, at docfile.Place) error { s.Default = k.value(at.Node); return nil },
	"example":              func(k *compiler, s *Schema, at docfile.Place) error { s.Example = k.value(at.Node); return nil },
	"examples":             readExamples,
	"format":               readFormat,
	"pattern":              readPattern,
	"minLength":            size(func(s *Schema) *int { return &s.MinLength }),
	"maxLength":            size(func(s *Schema) *int { return &s.MaxLength }),
	"minItems":             size(func(s *Schema) *int { return &s.MinItems }),
	"maxItems":             size(func(s *Schema) *int { return &s.MaxItems }),
	"minProperties":        size(func(s *Schema) *int { return &s.MinProperties }),
	"maxProperties":        size(func(s *Schema) *int { return &s.MaxProperties }),
	"minimum":              readMinimum,
	"exclusiveMinimum":     readMinimum,
	"maximum":              readMaximum,
	"exclusiveMaximum":     readMaximum,
	"multipleOf":           readMultipleOf,
	"items":                part(func(s *Schema) **Schema { return &s.Items }),
	"properties":           properties(func(s *Schema) *[]Property { return &s.Properties }),
	"required":             readRequired,
	"additionalProperties": readAdditional,
	"allOf":                schemas(func(s *Schema) *[]*Schema { return &s.AllOf }),
	"anyOf":                schemas(func(s *Schema) *[]*Schema { return &s.AnyOf }),
	"oneOf":                schemas(func(s *Schema) *[]*Schema { return &s.OneOf }),
	"not":                  part(func(s *Schema) **Schema { return &s.Not }),
	"discriminator":        readDiscriminator,
	"x-echoes":             func(_ *compiler, s *Schema, at docfile.Place) error { s.echoes(at.Node); return nil },

	"prefixItems":           schemas(func(s *Schema) *[]*Schema { return &s.PrefixItems }),
	"contains":              part(func(s *Schema) **Schema { return &s.Contains }),
	"minContains":           size(func(s *Schema) *int { return &s.MinContains }),
	"maxContains":           size(func(s *Schema) *int { return &s.MaxContains }),
	"patternProperties":     readPatternProperties,
	"propertyNames":         part(func(s *Schema) **Schema { return &s.PropertyNames }),
	"dependentRequired":     readDependentRequired,
	"dependentSchemas":      properties(func(s *Schema) *[]Property { return &s.DependentSchemas }),
	"if":                    part(func(s *Schema) **Schema { return &s.If }),
	"then":                  part(func(s *Schema) **Schema { return &s.Then }),
	"else":                  part(func(s *Schema) **Schema { return &s.Else }),
	"unevaluatedProperties": part(func(s *Schema) **Schema { return &s.UnevaluatedProperties }),
	"unevaluatedItems":      unchecked,
	"dependencies":          unchecked,
	"contentEncoding":       unchecked, // many readers decode it, and refuse what is not written so
	"contentMediaType":      readContentMediaType,
	"$dynamicRef":           unchecked,
	"$recursiveRef":         unchecked,
}

var errUnchecked = errors.New("is not checked")

// unchecked is for keywords that are not checked, unless they are true and say nothing.
func unchecked(_ *compiler, _ *Schema, at docfile.Place) error {
	if isTrue(at.Node) {
		return nil
	}
	return errUnchecked
}

// readContentMediaType reads what a text is; any text is text/plain, and any bytes are application/octet-stream.
func readContentMediaType(_ *compiler, _ *Schema, at docfile.Place) error {
	if name := mediaTypeOf(at.Node.Text); name == "text/plain" || name == "application/octet-stream" {
		return nil
	}
	return errUnchecked
}

// readRefBeside reads a $ref that has keywords beside it, which hold, too.
func readRefBeside(k *compiler, s *Schema, at docfile.Place) error {
	err := expected("text", at)
	to := s.place
	if at.Node.Is(docfile.Text) {
		to, err = k.set.Resolve(s.place, at.Node.Text)
	}
	if err != nil {
		k.broken[s] = unsupportedAt(at, "$ref: %s", err)
		k.note(at, "$ref: %s", err)
		return err
	}
	if sub := k.schema(to); sub != nil {
		s.AllOf = append(s.AllOf, sub)
	}
	return nil
}

var kindsOfTypes = map[string]Kind{
	"string": KindString, "number": KindNumber, "integer": KindNumber, "boolean": KindBoolean, "array": KindArray, "object": KindObject,
}

func readType(_ *compiler, s *Schema, at docfile.Place) error {
	var names []string
	switch {
	case at.Node.Is(docfile.Text):
		names = []string{at.Node.Text}
	case at.Node.Is(docfile.List) && len(at.Node.Members()) > 0:
		for _, m := range at.Node.Members() {
			name := m.Value.Text
			if m.Value.Kind == docfile.Null { // of YAML, where null needs quotes to be text
				name = "null"
			}
			names = append(names, name)
		}
	default:
		return expected("the name of a type, or several", at)
	}
	var kinds []Kind
	for _, name := range names {
		kind, known := kindsOfTypes[name]
		switch {
		case name == "null":
			s.Nullable = true
		case !known:
			return fmt.Errorf("expected string, number, integer, boolean, array, object or null, got %.60q", name)
		case !slices.Contains(kinds, kind):
			kinds = append(kinds, kind)
		}
	}
	s.Integer = slices.Contains(names, "integer") && !slices.Contains(names, "number")
	switch len(kinds) {
	case 0:
		s.Type = KindNull
	case 1:
		s.Type = kinds[0]
	default:
		s.Types = kinds
	}
	return nil
}

func boolean(field func(*Schema) *bool) keywordReader {
	return func(_ *compiler, s *Schema, at docfile.Place) error {
		if !at.Node.Is(docfile.Bool) {
			return expected("true or false", at)
		}
		*field(s) = *field(s) || at.Node.Text == "true" // type and enum may have made it nullable
		return nil
	}
}

func size(field func(*Schema) *int) keywordReader {
	return func(_ *compiler, s *Schema, at docfile.Place) error {
		n, err := number(at)
		switch {
		case err != nil:
			return err
		case n < 0 || n != math.Trunc(n):
			return fmt.Errorf("expected a whole number of at least 0, got %s", at.Node.Text)
		case n <= math.MaxInt32:
			*field(s) = int(n)
		case *field(s) >= 0: // a minimum; as a maximum it is no limit
			*field(s) = math.MaxInt32
		}
		return nil
	}
}

func readConst(k *compiler, s *Schema, at docfile.Place) error {
	s.Const, s.constant = []any{k.value(at.Node)}, canonicalNode(at.Node)
	return nil
}

func readEnum(k *compiler, s *Schema, at docfile.Place) error {
	members := at.Node.Members()
	if !at.Node.Is(docfile.List) || len(members) == 0 {
		return expected("a list of values", at)
	}
	s.Enum, s.enumerated = make([]any, len(members)), make([]string, len(members))
	for i := range members {
		n := &members[i].Value
		s.Enum[i] = k.value(n)
		s.enumerated[i] = canonicalNode(n)
	}
	return nil
}

// canonicalNode is the canonical form of a value of the document.
func canonicalNode(n *docfile.Node) string {
	if n.Kind == docfile.Text {
		return strconv.Quote(n.Text)
	}
	v, _ := ReadJSON(n.AppendJSON(nil))
	if v == nil {
		return "" // no value has it
	}
	return v.canonical()
}

func readExamples(k *compiler, s *Schema, at docfile.Place) error {
	if all := at.Node.Members(); at.Node.Is(docfile.List) && len(all) > 0 && s.place.Node.Get("example") == nil {
		s.Example = k.value(&all[0].Value)
	}
	return nil
}

func readFormat(_ *compiler, s *Schema, at docfile.Place) error {
	if !at.Node.Is(docfile.Text) {
		return expected("the name of a format", at)
	}
	s.Format = at.Node.Text
	return nil
}

func readPattern(k *compiler, s *Schema, at docfile.Place) error {
	if !at.Node.Is(docfile.Text) {
		return expected("a pattern", at)
	}
	p := k.pattern(at.Node.Text)
	s.Pattern, s.run = p.re, p.run
	return p.err
}

func readMultipleOf(_ *compiler, s *Schema, at docfile.Place) error {
	n, err := number(at)
	switch {
	case err != nil:
		return err
	case n <= 0:
		return fmt.Errorf("expected a number above 0, got %s", at.Node.Text)
	}
	s.MultipleOf = &n
	return nil
}

// part reads a schema. One that allows anything is none, except where that makes a difference.
func part(field func(*Schema) **Schema) keywordReader {
	return func(k *compiler, s *Schema, at docfile.Place) error {
		if at.Node.Is(docfile.List) { // items, before OpenAPI 3.1
			return expected("a schema", at)
		}
		sub := k.schema(at)
		if sub == nil && field(s) != &s.Items && field(s) != &s.PropertyNames && field(s) != &s.UnevaluatedProperties {
			sub = k.add(at.Node, newSchema(at))
		}
		*field(s) = sub
		return nil
	}
}

// properties reads a mapping of names to schemas.
func properties(field func(*Schema) *[]Property) keywordReader {
	return func(k *compiler, s *Schema, at docfile.Place) error {
		if at = k.followed(at); !at.Node.Is(docfile.Mapping) {
			return expected("a mapping", at)
		}
		all := make([]Property, 0, len(at.Node.Members()))
		for _, m := range at.Node.Members() {
			all = append(all, Property{m.Name, k.anySchema(at.At(m.Name))})
		}
		slices.SortFunc(all, func(a, b Property) int { return strings.Compare(a.Name, b.Name) })
		*field(s) = all
		return nil
	}
}

func readPatternProperties(k *compiler, s *Schema, at docfile.Place) error {
	for _, text := range namesOfMembers(at.Node) {
		p := k.pattern(text)
		if p.err != nil { // a member that matches it would be taken for one that no pattern matches
			s.Unsupported = append(s.Unsupported, unsupportedAt(at.At(text), "patternProperties: %s", p.err))
			continue
		}
		s.PatternProperties = append(s.PatternProperties, PatternProperty{p.re, k.anySchema(at.At(text))})
	}
	return nil
}

func readDependentRequired(_ *compiler, s *Schema, at docfile.Place) error {
	s.DependentRequired = map[string][]string{}
	for _, name := range namesOfMembers(at.Node) {
		names, err := textsOf(at.At(name))
		if err != nil {
			return err
		}
		s.DependentRequired[name] = names
	}
	return nil
}

func readRequired(_ *compiler, s *Schema, at docfile.Place) (err error) {
	s.Required, err = textsOf(at)
	return err
}

// textsOf reads a list of names.
func textsOf(at docfile.Place) ([]string, error) {
	if !at.Node.Is(docfile.List) {
		return nil, expected("a list of names", at)
	}
	var names []string
	for _, m := range at.Node.Members() {
		if m.Value.Kind != docfile.Text {
			return nil, fmt.Errorf("expected names, got %s", m.Value.Kind)
		}
		if !slices.Contains(names, m.Value.Text) {
			names = append(names, m.Value.Text)
		}
	}
	return names, nil
}

func readAdditional(k *compiler, s *Schema, at docfile.Place) error {
	switch {
	case at.Node.Is(docfile.Bool):
		s.Closed = at.Node.Text == "false"
	case at.Node.Is(docfile.Mapping):
		s.AdditionalProperties = k.schema(at)
	default:
		return expected("a schema, true or false", at)
	}
	return nil
}

func schemas(field func(*Schema) *[]*Schema) keywordReader {
	return func(k *compiler, s *Schema, at docfile.Place) error {
		if !at.Node.Is(docfile.List) || len(at.Node.Members()) == 0 {
			return expected("a list of schemas", at)
		}
		for i := range at.Node.Members() {
			*field(s) = append(*field(s), k.anySchema(at.Item(i)))
		}
		return nil
	}
}

func readDiscriminator(k *compiler, s *Schema, at docfile.Place) error {
	name := at.Node.TextOf("propertyName")
	if name == "" {
		return errors.New("expected a mapping with propertyName")
	}
	s.Discriminator = &Discriminator{Property: name, Mapping: map[string]*Schema{}}
	mapping := at.At("mapping")
	for _, m := range mapping.Node.Members() {
		to, err := k.set.Resolve(at, "#/components/schemas/"+jsonpointer.Escape(m.Value.Text))
		if err != nil { // no name, or a name that looks like a reference
			to, err = k.set.Resolve(at, m.Value.Text)
		}
		if err != nil {
			return fmt.Errorf("mapping: %s: %w", m.Name, err)
		}
		if sub := k.schema(to); sub != nil {
			s.Discriminator.Mapping[m.Name] = sub
		}
	}
	return nil
}

func (s *Schema) echoes(n *docfile.Node) {
	s.hasEcho = true
	if n.Is(docfile.Text) {
		s.echoedParameter = n.Text
	}
}
