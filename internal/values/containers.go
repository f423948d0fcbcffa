package values

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/gesconform/gesconform/contract"
)

// mostItems is how many items an array or members an object is given to reach a bound.
const mostItems = 500

func with(object map[string]any, name string, v any) map[string]any {
	out := make(map[string]any, len(object)+1)
	maps.Copy(out, object)
	out[name] = v
	return out
}

func without(object map[string]any, name string) map[string]any {
	out := maps.Clone(object)
	delete(out, name)
	return out
}

// candidates for the keywords of arrays

func (at *spot) items(name string, n int) []candidate {
	if n < 0 || n > mostItems {
		return nil
	}
	v, err := at.src.items(at.shape, n, order{})
	if err != nil {
		return nil
	}
	return []candidate{{name: name, value: v}}
}

func keepMinItems(at *spot) []candidate { return at.items("minItems", at.part.schema.MinItems) }
func keepMaxItems(at *spot) []candidate { return at.items("maxItems", at.part.schema.MaxItems) }

func breakMinItems(at *spot) []candidate {
	all := at.items("minItems-1", at.part.schema.MinItems-1)
	if at.part.schema.MinItems > 1 {
		all = append(all, candidate{name: "no-items", value: []any{}})
	}
	return all
}

func breakMaxItems(at *spot) []candidate { return at.items("maxItems+1", at.part.schema.MaxItems+1) }

func keepUniqueItems(at *spot) []candidate {
	return at.items("uniqueItems", max(2, at.shape.minItems))
}

// breakUniqueItems doubles an item, once at the beginning and once with others in between.
func breakUniqueItems(at *spot) []candidate {
	var all []candidate
	for _, n := range []int{max(at.shape.minItems-1, 1), 3, 2, 1} {
		v, err := at.src.items(at.shape, n, order{})
		if err != nil {
			continue
		}
		name := "uniqueItems-twice"
		if n > 1 {
			name = "uniqueItems-twice-apart"
		}
		all = append(all, candidate{name: name, value: append(slices.Clone(v), v[0])})
	}
	return all
}

// different looks for n valid values that differ from each other.
func (s *Source) different(of schemas, first any, n int) []any {
	found := []any{first}
	add := func(v any) bool {
		same := slices.ContainsFunc(found, func(other any) bool { return equal(other, v) })
		if !same && s.valid(of, v) == nil {
			found = append(found, v)
		}
		return len(found) >= n
	}
	sh := shapeOf(of, nil)
	if slices.ContainsFunc(sh.options, add) {
		return found
	}
	for i := 1; len(found) < n && i <= 2*n+20; i++ {
		for _, v := range s.variations(sh, first, i) {
			if add(v) {
				break
			}
		}
	}
	return found
}

// variations returns values that differ from v, and for each i from each other.
func (s *Source) variations(sh *shape, v any, i int) []any {
	switch v := v.(type) {
	case bool:
		return []any{!v}
	case json.Number:
		step := sh.grid()
		if step == nil {
			step = one
		}
		far := new(big.Rat).Mul(step, big.NewRat(int64(i), 1))
		if r := number(v); r != nil {
			return []any{written(plus(r, far)), written(minus(r, far))}
		}
	case string:
		return s.otherTexts(sh, v, i)
	case []any:
		if sh.maxItems < 0 || len(v)+i <= sh.maxItems {
			if longer, err := s.items(sh, len(v)+i, order{}); err == nil {
				return []any{longer}
			}
		}
	case map[string]any:
		return s.otherObjects(sh, v, i)
	}
	return nil
}

func (s *Source) otherTexts(sh *shape, text string, i int) []any {
	var all []any
	for _, format := range sh.formats {
		if valid := formats[format].valid; i < len(valid) {
			all = append(all, valid[i].text)
		}
	}
	numbered := fmt.Sprint(i)
	if runes := []rune(text); len(runes) >= len(numbered) {
		all = append(all, string(runes[:len(runes)-len(numbered)])+numbered, numbered+string(runes[len(numbered):]))
		if c := i - 1; c < len(alphabet) {
			all = append(all, string(runes[:len(runes)-1])+alphabet[c:c+1], alphabet[c:c+1]+string(runes[1:]))
		}
	}
	if other, ok := s.text(sh, len([]rune(text))+i); ok {
		all = append(all, other)
	}
	return append(all, text+numbered)
}

func (s *Source) otherObjects(sh *shape, object map[string]any, i int) []any {
	var all []any
	for _, name := range sortedKeys(object) {
		of, allowed := sh.member(name)
		if !allowed {
			continue
		}
		for _, v := range s.variations(shapeOf(of, nil), object[name], i) {
			if s.valid(of, v) == nil {
				all = append(all, with(object, name, v))
			}
		}
	}
	return all
}

// candidates for the keywords of objects

// keepProperties gives for each optional member an object that has it, and one that has all.
func keepProperties(at *spot) []candidate {
	object, ok := at.plain.(map[string]any)
	if !ok {
		return nil
	}
	var all []candidate
	for _, p := range at.part.schema.Properties {
		if _, has := object[p.Name]; has {
			continue
		}
		if v, err := at.src.member(at.shape, p.Name); err == nil {
			all = append(all, candidate{name: "with-" + p.Name, value: with(object, p.Name, v), clause: pointer("/properties", p.Name)})
		}
	}
	return all
}

// member makes a member of an object.
func (s *Source) member(sh *shape, name string) (any, error) {
	of, allowed := sh.member(name)
	if s.misplaced(of) {
		return nil, fmt.Errorf("member %q has no place in what the %s sends", name, s.from)
	}
	return s.memberValue(of, allowed, order{})
}

func breakRequired(at *spot) []candidate {
	object, ok := at.plain.(map[string]any)
	if !ok {
		return nil
	}
	var all []candidate
	for _, name := range at.part.schema.Required {
		if _, has := object[name]; !has {
			continue
		}
		less := without(object, name)
		all = append(all, candidate{name: "missing", value: less, at: pointer("", name)})
		if len(less) > 0 && len(less) >= at.shape.minMembers {
			continue
		}
		for _, more := range at.grown(less, max(at.shape.minMembers, 1)) { // nothing at all is no form and no query
			all = append(all, candidate{name: "missing-beside-others", value: more, at: pointer("", name)})
		}
	}
	return all
}

// grown adds members to an object until it has n.
func (at *spot) grown(object map[string]any, n int) []map[string]any {
	if n > mostItems {
		return nil
	}
	object = maps.Clone(object)
	names := at.shape.names()
	for i := 1; i <= n; i++ {
		names = append(names, fmt.Sprintf("%s%d", surplus, i))
	}
	for _, name := range names {
		if len(object) >= n {
			return []map[string]any{object}
		}
		if _, has := object[name]; has || slices.Contains(at.shape.required, name) {
			continue
		}
		if v, err := at.src.member(at.shape, name); err == nil {
			object[name] = v
		}
	}
	if len(object) < n {
		return nil
	}
	return []map[string]any{object}
}

// shrunk leaves out optional members until n are left.
func (at *spot) shrunk(object map[string]any, n int) map[string]any {
	object = maps.Clone(object)
	for _, name := range sortedKeys(object) {
		if len(object) > n && !slices.Contains(at.shape.required, name) {
			delete(object, name)
		}
	}
	return object
}

func breakAdditionalProperties(at *spot) []candidate {
	object, ok := at.plain.(map[string]any)
	if !ok {
		return nil
	}
	if at.shape.maxMembers >= 0 && len(object) >= at.shape.maxMembers {
		object = at.shrunk(object, at.shape.maxMembers-1)
	}
	return []candidate{{name: "additional", value: with(object, surplus, "text"), at: "/" + surplus}}
}

func keepMinProperties(at *spot) []candidate {
	return at.sized("minProperties", at.part.schema.MinProperties)
}

func keepMaxProperties(at *spot) []candidate {
	return at.sized("maxProperties", at.part.schema.MaxProperties)
}

func breakMinProperties(at *spot) []candidate {
	return at.sized("minProperties-1", at.part.schema.MinProperties-1)
}

func breakMaxProperties(at *spot) []candidate {
	return at.sized("maxProperties+1", at.part.schema.MaxProperties+1)
}

// sized makes an object with n members.
func (at *spot) sized(name string, n int) []candidate {
	object, ok := at.plain.(map[string]any)
	if !ok || n < 0 {
		return nil
	}
	if len(object) >= n {
		return []candidate{{name: name, value: at.shrunk(object, n)}}
	}
	var all []candidate
	for _, more := range at.grown(object, n) {
		all = append(all, candidate{name: name, value: more})
	}
	return all
}

func hasReadOnly(s *contract.Schema) bool {
	return slices.ContainsFunc(s.Properties, func(p contract.Property) bool { return p.Schema.ReadOnly })
}

func hasWriteOnly(s *contract.Schema) bool {
	return slices.ContainsFunc(s.Properties, func(p contract.Property) bool { return p.Schema.WriteOnly })
}

func breakReadOnly(at *spot) []candidate {
	return at.misplaced(contract.Client, "readOnly", func(s *contract.Schema) bool { return s.ReadOnly })
}

func breakWriteOnly(at *spot) []candidate {
	return at.misplaced(contract.Server, "writeOnly", func(s *contract.Schema) bool { return s.WriteOnly })
}

// misplaced adds members that have no place in what a side sends.
func (at *spot) misplaced(from contract.Side, name string, is func(*contract.Schema) bool) []candidate {
	object, ok := at.plain.(map[string]any)
	if !ok || at.src.from != from {
		return nil
	}
	var all []candidate
	for _, p := range at.part.schema.Properties {
		if !is(p.Schema) {
			continue
		}
		if of, allowed := at.shape.member(p.Name); allowed {
			if v, err := at.src.make(of, order{}); err == nil {
				all = append(all, candidate{name: name, value: with(object, p.Name, v), at: pointer("", p.Name)})
			}
		}
	}
	return all
}
