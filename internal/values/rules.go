package values

import (
	"github.com/gesconform/gesconform/contract"
)

// A spot is a schema among those of a place, with what is known of the place.
type spot struct {
	src   *Source
	part  part
	all   schemas // those of the place
	order order   // that plain was made by
	shape *shape
	plain any
}

// A candidate is a value that may do. Of those with the same name the first that does is taken.
type candidate struct {
	name   string
	value  any
	scalar bool
	at     string // pointer from the place to the special part
	clause string // after the schema's; "" for the rule's keyword
}

// A rule says for a keyword in which schemas it stands, and which values may keep it at its edges,
// or break it.
type rule struct {
	keyword     string
	stands      func(*contract.Schema) bool
	keep, crack func(*spot) []candidate
	// clause is the keyword that stands in the document, if it is not this one.
	clause string
	// quiet is whether it is no gap if nothing breaks the keyword.
	quiet bool
}

var rules = []rule{
	{keyword: "type", stands: hasType, keep: keepKinds, crack: breakType},
	{keyword: "nullable", stands: func(s *contract.Schema) bool { return s.Nullable }, keep: keepNull},
	{keyword: "enum", stands: func(s *contract.Schema) bool { return len(s.Enum) > 0 }, keep: keepEnum, crack: breakEnum},
	{keyword: "const", stands: func(s *contract.Schema) bool { return len(s.Const) > 0 }, crack: breakEnum},
	{keyword: "format", stands: func(s *contract.Schema) bool { return s.Format != "" }, keep: keepFormat, crack: breakFormat},
	{keyword: "minimum", stands: func(s *contract.Schema) bool { return s.Minimum != nil && !s.ExclusiveMinimum }, keep: keepMinimum, crack: breakMinimum},
	{keyword: "maximum", stands: func(s *contract.Schema) bool { return s.Maximum != nil && !s.ExclusiveMaximum }, keep: keepMaximum, crack: breakMaximum},
	{keyword: "exclusiveMinimum", stands: func(s *contract.Schema) bool { return s.Minimum != nil && s.ExclusiveMinimum }, keep: keepMinimum, crack: breakExclusiveMinimum},
	{keyword: "exclusiveMaximum", stands: func(s *contract.Schema) bool { return s.Maximum != nil && s.ExclusiveMaximum }, keep: keepMaximum, crack: breakExclusiveMaximum},
	{keyword: "multipleOf", stands: func(s *contract.Schema) bool { return s.MultipleOf != nil && *s.MultipleOf > 0 }, keep: keepMultipleOf, crack: breakMultipleOf},
	{keyword: "minLength", stands: func(s *contract.Schema) bool { return s.MinLength > 0 }, keep: keepMinLength, crack: breakMinLength},
	{keyword: "maxLength", stands: func(s *contract.Schema) bool { return s.MaxLength >= 0 }, keep: keepMaxLength, crack: breakMaxLength},
	{keyword: "pattern", stands: func(s *contract.Schema) bool { return s.Pattern != nil }, keep: keepPattern, crack: breakPattern},
	{keyword: "minItems", stands: func(s *contract.Schema) bool { return s.MinItems > 0 }, keep: keepMinItems, crack: breakMinItems},
	{keyword: "maxItems", stands: func(s *contract.Schema) bool { return s.MaxItems >= 0 }, keep: keepMaxItems, crack: breakMaxItems},
	{keyword: "uniqueItems", stands: func(s *contract.Schema) bool { return s.UniqueItems }, keep: keepUniqueItems, crack: breakUniqueItems},
	{keyword: "properties", stands: func(s *contract.Schema) bool { return len(s.Properties) > 0 }, keep: keepProperties},
	{keyword: "required", stands: func(s *contract.Schema) bool { return len(s.Required) > 0 }, crack: breakRequired},
	{keyword: "additionalProperties", stands: func(s *contract.Schema) bool { return s.Closed }, crack: breakAdditionalProperties},
	{keyword: "minProperties", stands: func(s *contract.Schema) bool { return s.MinProperties > 0 }, keep: keepMinProperties, crack: breakMinProperties},
	{keyword: "maxProperties", stands: func(s *contract.Schema) bool { return s.MaxProperties >= 0 }, keep: keepMaxProperties, crack: breakMaxProperties},
	{keyword: "readOnly", stands: hasReadOnly, crack: breakReadOnly, quiet: true},
	{keyword: "writeOnly", stands: hasWriteOnly, crack: breakWriteOnly, quiet: true},
	{keyword: "anyOf", stands: func(s *contract.Schema) bool { return len(s.AnyOf) > 0 }, keep: keepAnyOf, crack: breakFork},
	{keyword: "oneOf", stands: func(s *contract.Schema) bool { return len(s.OneOf) > 0 }, keep: keepOneOf, crack: breakOneOf},
	{keyword: "not", stands: func(s *contract.Schema) bool { return s.Not != nil }, crack: breakNot},
	{keyword: "discriminator", stands: hasDiscriminator, crack: breakDiscriminator},
	{keyword: "contains", stands: func(s *contract.Schema) bool { return s.Contains != nil }, crack: none},
	{keyword: "propertyNames", stands: func(s *contract.Schema) bool { return s.PropertyNames != nil }, crack: none},
	{keyword: "dependentRequired", stands: func(s *contract.Schema) bool { return len(s.DependentRequired) > 0 }, crack: none},
	{keyword: "dependentSchemas", stands: func(s *contract.Schema) bool { return len(s.DependentSchemas) > 0 }, crack: none},
	{keyword: "if", stands: func(s *contract.Schema) bool { return s.If != nil }, crack: none},
	{keyword: "unevaluatedProperties", stands: func(s *contract.Schema) bool { return s.UnevaluatedProperties != nil }, crack: none},
	{keyword: "default", stands: func(s *contract.Schema) bool { return s.Default != nil }, keep: keepDefault},
}

// none is for keywords from which nothing is derived: they are gaps.
func none(*spot) []candidate { return nil }

func hasType(s *contract.Schema) bool { return s.Type != "" || len(s.Types) > 0 }

// otherKinds has a value of each kind, with its name. The text is one that no lenient reader takes for a
// number or a boolean.
var otherKinds = []candidate{
	{name: "type-object", value: map[string]any{}},
	{name: "type-array", value: []any{}},
	{name: "type-string", value: "text"},
	{name: "type-number", value: written(one)},
	{name: "type-boolean", value: true},
	{name: "type-null", value: nil},
}

func breakType(at *spot) []candidate {
	wanted := kindTold(at.part.schema)
	alone, isItem := itemAlone(at.plain)
	var all []candidate
	for _, c := range otherKinds {
		kind := kindOf(c.value)
		if allows(at.part.schema, kind) {
			continue
		}
		c.scalar = isScalar(kind) && isScalar(wanted) && c.name != "type-string" || isItem && kind == kindOf(alone)
		all = append(all, c)
	}
	if isItem {
		all = append(all, candidate{name: "type-item-alone", value: alone, scalar: true})
	}
	if at.part.schema.Integer {
		for _, r := range at.shape.numbers() {
			all = append(all, candidate{name: "type-fraction", value: written(plus(r, half)), scalar: true})
		}
	}
	if wanted == contract.KindNumber || wanted == contract.KindBoolean {
		all = append(all, candidate{name: "type-text-of-it", value: shown(at.plain), scalar: true})
	}
	return all
}

// itemAlone returns the first item of an array, which some readers take for an array of it.
func itemAlone(v any) (item any, ok bool) {
	items, isArray := v.([]any)
	if !isArray || len(items) == 0 || kindOf(items[0]) == contract.KindArray {
		return nil, false
	}
	return items[0], true
}

func isScalar(k contract.Kind) bool {
	return k == contract.KindString || k == contract.KindNumber || k == contract.KindBoolean
}

// keepKinds gives a value of each kind that the type allows, and where no bound says more, of those
// that are worth a try.
func keepKinds(at *spot) []candidate {
	all := append(keepNumber(at), keepString(at)...)
	switch at.plain.(type) {
	case bool:
		all = append(all, candidate{name: "true", value: true}, candidate{name: "false", value: false})
	case []any:
		if at.shape.minItems == 0 {
			all = append(all, candidate{name: "no-items", value: []any{}})
		}
	}
	if len(at.part.schema.Types) > 1 {
		for _, c := range otherKinds {
			all = append(all, candidate{name: string(kindOf(c.value)), value: c.value})
		}
	}
	return all
}

func keepNull(*spot) []candidate { return []candidate{{name: "null", value: nil}} }

// mostOptions is how many of the values of an enum are tried: as many from its beginning as from its end.
const mostOptions = 12

func keepEnum(at *spot) []candidate {
	var all []candidate
	options := at.part.schema.Enum
	for i, o := range options {
		if i >= mostOptions/2 && i < len(options)-mostOptions/2 {
			continue
		}
		all = append(all, candidate{name: "enum-" + nameOf(o), value: normal(o)})
	}
	return all
}

func nameOf(v any) string {
	if text, ok := v.(string); ok && text != "" {
		return text
	}
	return shown(v)
}

func keepDefault(at *spot) []candidate {
	return []candidate{{name: "default", value: normal(at.part.schema.Default)}}
}
