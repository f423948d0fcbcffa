package contract

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// keywords compiles what a schema says beyond the keywords of its kind: types, annotations, the
// discriminator, and what only JSON Schema 2020-12 has (OpenAPI 3.1).
func (k *compiler) keywords(s *Schema, in *openapi3.Schema) {
	s.Format, s.ReadOnly, s.WriteOnly, s.Default = in.Format, in.ReadOnly, in.WriteOnly, in.Default
	if in.Const != nil {
		s.Const, s.constant = []any{in.Const}, canonicalLiteral(in.Const)
	}
	s.types(in.Type)
	s.bounds(in)
	s.Never = in.Always != nil && !*in.Always
	s.PrefixItems = k.list(in.PrefixItems, s.Clause+"/prefixItems")
	s.Contains, s.MinContains, s.MaxContains = k.compile(in.Contains, s.Clause+"/contains"), 1, limit(in.MaxContains)
	if in.MinContains != nil {
		s.MinContains = least(*in.MinContains)
	}
	for _, pattern := range sortedKeys(in.PatternProperties) {
		clause := s.Clause + "/patternProperties/" + escapePointer(pattern)
		re, err := compilePattern(pattern)
		if err != nil {
			s.Unsupported = append(s.Unsupported, Unsupported{Reason: "patternProperties: " + err.Error(), Clause: clause, Line: k.Line(clause)})
			continue
		}
		s.PatternProperties = append(s.PatternProperties, PatternProperty{re, k.compile(in.PatternProperties[pattern], clause)})
	}
	s.PropertyNames = k.compile(in.PropertyNames, s.Clause+"/propertyNames")
	s.DependentRequired = in.DependentRequired
	for _, name := range sortedKeys(in.DependentSchemas) {
		s.DependentSchemas = append(s.DependentSchemas, Property{name, k.compile(in.DependentSchemas[name], s.Clause+"/dependentSchemas/"+escapePointer(name))})
	}
	s.If, s.Then, s.Else = k.compile(in.If, s.Clause+"/if"), k.compile(in.Then, s.Clause+"/then"), k.compile(in.Else, s.Clause+"/else")
	if u := in.UnevaluatedProperties; u.Has != nil && !*u.Has {
		s.UnevaluatedProperties = &Schema{Clause: s.Clause + "/unevaluatedProperties", Never: true}
	} else {
		s.UnevaluatedProperties = k.compile(u.Schema, s.Clause+"/unevaluatedProperties")
	}
}

// types fills in the kinds of value that a schema lists. Null is no kind of its own beside others:
// the schema is nullable then.
func (s *Schema) types(in *openapi3.Types) {
	if in == nil {
		return
	}
	s.Type, s.Integer = "", slices.Contains(*in, "integer") && !slices.Contains(*in, "number")
	var kinds []Kind
	for _, name := range *in {
		kind := Kind(name)
		if name == "integer" {
			kind = KindNumber
		}
		switch {
		case kind == KindNull && len(*in) > 1:
			s.Nullable = true
		case !slices.Contains(kinds, kind):
			kinds = append(kinds, kind)
		}
	}
	switch len(kinds) {
	case 0:
	case 1:
		s.Type = kinds[0]
	default:
		s.Types = kinds
	}
}

// bounds fills in exclusive bounds that are numbers, as in OpenAPI 3.1. Beside another bound, the
// stricter counts.
func (s *Schema) bounds(in *openapi3.Schema) {
	if v := in.ExclusiveMin.Value; v != nil && (s.Minimum == nil || *v >= *s.Minimum) {
		s.Minimum, s.ExclusiveMinimum = v, true
	}
	if v := in.ExclusiveMax.Value; v != nil && (s.Maximum == nil || *v <= *s.Maximum) {
		s.Maximum, s.ExclusiveMaximum = v, true
	}
}

// discriminator compiles the discriminator of a schema. Beside the values that the document maps,
// the name of each schema under oneOf and anyOf stands for that schema (OpenAPI 3.0.4, section 4.8.25).
func (k *compiler) discriminator(s *Schema, in *openapi3.Schema) {
	if in.Discriminator == nil {
		return
	}
	d := &Discriminator{Property: in.Discriminator.PropertyName, Mapping: map[string]*Schema{}}
	byRef := map[string]*Schema{}
	for _, ref := range slices.Concat(in.OneOf, in.AnyOf) {
		if ref.Ref == "" || ref.Value == nil {
			continue
		}
		branch := k.schemas[ref.Value]
		byRef[ref.Ref] = branch
		d.Mapping[ref.Ref[strings.LastIndex(ref.Ref, "/")+1:]] = branch
	}
	for _, value := range sortedKeys(in.Discriminator.Mapping) {
		ref := in.Discriminator.Mapping[value].Ref
		branch := k.mapped(ref, byRef)
		if branch == nil {
			clause := s.Clause + "/discriminator/mapping/" + escapePointer(value)
			s.Unsupported = append(s.Unsupported, Unsupported{Reason: "discriminator: there is no schema " + ref, Clause: clause, Line: k.Line(clause)})
			return
		}
		d.Mapping[value] = branch
	}
	s.Discriminator = d
}

// mapped returns the schema that an entry of a discriminator's mapping names, by $ref or by name.
func (k *compiler) mapped(ref string, byRef map[string]*Schema) *Schema {
	const schemas = "#/components/schemas/"
	if s := byRef[ref]; s != nil {
		return s
	}
	if !strings.ContainsAny(ref, "#/") {
		ref = schemas + ref
	}
	if s := byRef[ref]; s != nil {
		return s
	}
	name, found := strings.CutPrefix(ref, schemas)
	if !found || k.kin == nil || k.kin.Components == nil || k.kin.Components.Schemas[name] == nil {
		return nil
	}
	return k.compile(&openapi3.SchemaRef{Ref: ref, Value: k.kin.Components.Schemas[name].Value}, "")
}
