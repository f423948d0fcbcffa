package values

import (
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// A family is a schema with a discriminator and without branches, from which others are made by allOf: Pet, of which Cat
// and Dog are members. A value of it is one of a member, and names it; readers know no other name.

func headsFamily(s *contract.Schema) bool {
	return s.Discriminator != nil && s.Discriminator.Property != "" && len(s.OneOf)+len(s.AnyOf) == 0
}

// memberOf returns the member of a family that a value is made for, and its name: the one that the value must match
// anyhow, or else the head itself, if it has a name, or else the first. The name is "" if the document does not tell any.
func memberOf(head *contract.Schema, parts []part) (name string, member *contract.Schema) {
	d := head.Discriminator
	for _, p := range parts {
		if p.schema == head {
			continue
		}
		if name := nameFor(d, p.schema); name != "" {
			return name, nil
		}
		if own := componentName(p.schema); own != "" && contains(p.schema.AllOf, head) {
			return own, nil
		}
	}
	if name := nameFor(d, head); name != "" {
		return name, nil
	}
	for _, name := range sortedKeys(d.Mapping) {
		return name, d.Mapping[name]
	}
	return "", nil
}

// isOfMember reports whether only the member of a family says something of a name, so that a reader of the head alone
// takes any value there.
func (sh *shape) isOfMember(name string) bool {
	return slices.ContainsFunc(sh.parts, func(p part) bool { return p.member && p.schema.Property(name) != nil })
}

func contains(all []*contract.Schema, wanted *contract.Schema) bool {
	for _, s := range all {
		if s == wanted || contains(s.AllOf, wanted) {
			return true
		}
	}
	return false
}

// componentName returns the name of a schema among the components, by which a discriminator tells it without a mapping.
func componentName(s *contract.Schema) string {
	_, name, found := strings.Cut(s.Clause, "/components/schemas/")
	if !found || strings.Contains(name, "/") {
		return ""
	}
	return name
}

// tagOf returns a schema that wants a name in the member that a discriminator looks at; without a name, one that wants
// what an example gives.
func tagOf(d *contract.Discriminator, name string) *contract.Schema {
	of := &contract.Schema{Clause: madeClause, Type: contract.KindString, MaxLength: -1, MaxItems: -1, MaxProperties: -1}
	if name != "" {
		of.Enum = []any{name}
	} else {
		of.Unsupported = []contract.Unsupported{{Reason: "discriminator: the document names no schema that it tells", Clause: madeClause + "/pattern"}}
	}
	return &contract.Schema{
		Clause: madeClause, Type: contract.KindObject, Required: []string{d.Property}, MaxLength: -1, MaxItems: -1, MaxProperties: -1,
		Properties: []contract.Property{{Name: d.Property, Schema: of}},
	}
}
