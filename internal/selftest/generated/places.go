package generated

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// schemasOf calls a function for a schema and all schemas in it, each once, but for those of members that a side does
// not send. chosen is whether a schema is one of several under anyOf or oneOf.
func schemasOf(s *contract.Schema, from contract.Side, do func(s *contract.Schema, chosen bool)) {
	seen := map[*contract.Schema]bool{}
	var visit func(s *contract.Schema, chosen bool)
	visit = func(s *contract.Schema, chosen bool) {
		if s == nil || seen[s] || s.ReadOnly && from == contract.Client || s.WriteOnly && from == contract.Server {
			return
		}
		seen[s] = true
		do(s, chosen)
		for _, p := range s.Properties {
			visit(p.Schema, false)
		}
		visit(s.Items, false)
		visit(s.AdditionalProperties, false)
		for _, part := range s.AllOf {
			visit(part, chosen)
		}
		for _, part := range slices.Concat(s.AnyOf, s.OneOf) {
			visit(part, true)
		}
	}
	visit(s, false)
}

// changedAt returns a value in which the first part that a schema is about is changed; ok is whether there is such a
// part, and change has changed it. change must not change what it is given.
func changedAt(s *contract.Schema, v any, wanted *contract.Schema, change func(v any) (any, bool)) (changed any, ok bool) {
	return changedIn(s, v, wanted, change, 0)
}

func changedIn(s *contract.Schema, v any, wanted *contract.Schema, change func(v any) (any, bool), depth int) (any, bool) {
	if s == nil || depth > 12 {
		return nil, false
	}
	if s == wanted {
		if other, ok := change(v); ok {
			return other, true
		}
	}
	for _, part := range s.AllOf {
		if other, ok := changedIn(part, v, wanted, change, depth+1); ok {
			return other, true
		}
	}
	for _, part := range slices.Concat(s.AnyOf, s.OneOf) {
		if len(part.Check(contract.ValueOf(v), contract.Server)) > 0 && len(part.Check(contract.ValueOf(v), contract.Client)) > 0 {
			continue // it is about another of them
		}
		if other, ok := changedIn(part, v, wanted, change, depth+1); ok {
			return other, true
		}
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			of := s.Property(name)
			if of == nil {
				of = s.AdditionalProperties
			}
			if other, ok := changedIn(of, v[name], wanted, change, depth+1); ok {
				out := maps.Clone(v)
				out[name] = other
				return out, true
			}
		}
	case []any:
		for i := range v {
			if other, ok := changedIn(s.Items, v[i], wanted, change, depth+1); ok {
				out := slices.Clone(v)
				out[i] = other
				return out, true
			}
		}
	}
	return nil, false
}

// has reports whether a part of a value that a schema is about has a property.
func has(s *contract.Schema, v any, wanted *contract.Schema, property func(v any) bool) bool {
	_, ok := changedAt(s, v, wanted, func(v any) (any, bool) { return v, property(v) })
	return ok
}

// read reads JSON as encoding/json does, with json.Number for numbers.
func read(body []byte) (v any, ok bool) {
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	return v, d.Decode(&v) == nil
}

func write(v any) []byte {
	body, _ := json.Marshal(v) // it was read before
	return body
}
