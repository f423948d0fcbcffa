package fakedocument

import (
	"encoding/json"
	"slices"

	"github.com/gesconform/gesconform/contract"
)

// deepest is how many schemas that are combined into one are looked through.
const deepest = 6

// branches returns the schemas that s is combined from.
func branches(s *contract.Schema) []*contract.Schema {
	return slices.Concat(s.AllOf, s.AnyOf, s.OneOf)
}

// memberOf returns the schema of a member, from what s is combined of, too; nil if there is none.
func memberOf(s *contract.Schema, name string) *contract.Schema { return memberAt(s, name, 0) }

func memberAt(s *contract.Schema, name string, depth int) *contract.Schema {
	if s == nil || depth > deepest {
		return nil
	}
	if p := s.Property(name); p != nil {
		return p
	}
	for _, b := range branches(s) {
		if p := memberAt(b, name, depth+1); p != nil {
			return p
		}
	}
	return nil
}

// memberNames returns the names of all members that s, or what it is combined of, has.
func memberNames(s *contract.Schema) []string {
	var names []string
	gather(s, 0, func(p contract.Property) { names = append(names, p.Name) })
	slices.Sort(names)
	return slices.Compact(names)
}

func gather(s *contract.Schema, depth int, take func(contract.Property)) {
	if s == nil || depth > deepest {
		return
	}
	for _, p := range s.Properties {
		take(p)
	}
	for _, b := range branches(s) {
		gather(b, depth+1, take)
	}
}

func isObject(s *contract.Schema) bool {
	return s != nil && (s.Type == contract.KindObject || s.Type == "" && len(memberNames(s)) > 0)
}

func isScalar(s *contract.Schema) bool {
	if s == nil {
		return true
	}
	switch s.Type {
	case contract.KindString, contract.KindNumber, contract.KindBoolean:
		return true
	case "":
		return len(branches(s)) == 0 && len(s.Properties) == 0 && s.Items == nil && !slices.Contains(s.Types, contract.KindArray) && !slices.Contains(s.Types, contract.KindObject)
	default:
		return false
	}
}

// valid reports whether a value is one by a schema, in an answer. Two agree on that: our own check and kin-openapi.
func valid(s *contract.Schema, v any) bool {
	if s == nil {
		return true
	}
	problems := s.Check(contract.ValueOf(v), contract.Server)
	return !slices.ContainsFunc(problems, func(p contract.Problem) bool { return !p.OnlyAdvice() }) && s.SecondOpinion(v, contract.Server) == nil
}

// plainOf returns a value that was read as encoding/json decodes it.
func plainOf(v *contract.Value) any {
	switch v.Kind {
	case contract.KindObject:
		object := map[string]any{}
		for _, m := range v.Members {
			object[m.Name] = plainOf(m.Value)
		}
		return object
	case contract.KindArray:
		list := []any{}
		for _, item := range v.Items {
			list = append(list, plainOf(item))
		}
		return list
	case contract.KindNumber:
		return json.Number(v.Text)
	case contract.KindBoolean:
		return v.Bool
	case contract.KindNull:
		return nil
	default:
		return v.Text
	}
}

// without returns a copy of a value without the members that leave says to leave out, at any depth.
func without(v any, s *contract.Schema, leave func(*contract.Schema) bool, depth int) any {
	switch v := v.(type) {
	case map[string]any:
		object := map[string]any{}
		for name, value := range v {
			m := memberOf(s, name)
			if m != nil && leave(m) {
				continue
			}
			object[name] = without(value, m, leave, depth+1)
		}
		return object
	case []any:
		var items *contract.Schema
		if s != nil {
			items = s.Items
		}
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = without(item, items, leave, depth+1)
		}
		return list
	default:
		return v
	}
}

func isReadOnly(s *contract.Schema) bool  { return s.ReadOnly }
func isWriteOnly(s *contract.Schema) bool { return s.WriteOnly }

// withDefaults adds the defaults of members that an object does not have.
func withDefaults(v any, s *contract.Schema) {
	object, ok := v.(map[string]any)
	if !ok {
		return
	}
	all := slices.Concat([]*contract.Schema{s}, s.AllOf)
	for _, part := range all {
		gather(&contract.Schema{Properties: part.Properties}, 0, func(p contract.Property) {
			if _, there := object[p.Name]; !there && p.Schema.Default != nil && !p.Schema.ReadOnly {
				object[p.Name] = p.Schema.Default
			}
			withDefaults(object[p.Name], p.Schema)
		})
	}
}
