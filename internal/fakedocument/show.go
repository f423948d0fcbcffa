package fakedocument

import (
	"maps"
	"slices"

	"github.com/gesconform/gesconform/contract"
)

// example returns a value for a body, as the document's examples have it, or else made up.
func (s *Server) example(m *contract.MediaType) (any, error) {
	if m.Schema == nil {
		return m.Example, nil
	}
	if m.Example != nil && valid(m.Schema, m.Example) {
		return m.Example, nil
	}
	v, err := s.full(m.Schema)
	if err != nil {
		return nil, err
	}
	return v, writable(m, v)
}

// full returns a value with all that it can have.
func (s *Server) full(schema *contract.Schema) (any, error) {
	if v, err := s.source.Full(schema); err == nil && valid(schema, v) {
		return v, nil
	}
	return s.source.Plain(schema)
}

// shaped returns what is kept of a thing as a schema wants it: without what is only written, and with what is
// required. Of what is kept, a member that cannot be shown is left out. ok is false if there is no valid value.
func (s *Server) shaped(schema *contract.Schema, kept map[string]any) (v any, ok bool) {
	own, _ := without(kept, schema, isWriteOnly, 0).(map[string]any)
	if schema == nil {
		return own, true
	}
	if valid(schema, own) {
		return own, true
	}
	tried := []*contract.Schema{schema}
	tried = append(tried, schema.OneOf...)
	tried = append(tried, schema.AnyOf...)
	for _, of := range tried {
		base, err := s.source.Plain(of)
		filled, isObject := base.(map[string]any)
		if err != nil || !isObject {
			continue
		}
		whole := maps.Clone(filled)
		maps.Copy(whole, own)
		if valid(schema, whole) {
			return whole, true
		}
	}
	base, err := s.source.Plain(schema)
	filled, isObject := base.(map[string]any)
	if err != nil || !isObject {
		return base, err == nil
	}
	return overlaid(schema, filled, own), true
}

// overlaid returns a valid object with those members of another that leave it valid.
func overlaid(schema *contract.Schema, base, own map[string]any) map[string]any {
	base = maps.Clone(base)
	for _, name := range slices.Sorted(maps.Keys(own)) {
		before, was := base[name]
		base[name] = own[name]
		if valid(schema, base) {
			continue
		}
		delete(base, name)
		if was && !valid(schema, base) {
			base[name] = before
		}
	}
	return base
}

// placed returns a value in the members that it has to be in, which are filled in around it.
func (s *Server) placed(schema *contract.Schema, place []string, v any, beside map[string]any) any {
	if len(place) == 0 || schema == nil {
		return v
	}
	base, err := s.source.Plain(schema)
	object, ok := base.(map[string]any)
	if err != nil || !ok {
		object = map[string]any{}
	}
	object = maps.Clone(object)
	object[place[0]] = v
	return overlaid(schema, object, beside)
}
