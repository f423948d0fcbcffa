package values_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// drawn draws a schema with most keywords.
func drawn(t *rapid.T, depth int) map[string]any {
	s := map[string]any{}
	some := func(name string, n int) bool { return rapid.IntRange(0, n).Draw(t, name) == 0 }
	if depth > 0 && some("reference", 8) {
		return map[string]any{"$ref": "#/components/schemas/" + rapid.SampledFrom([]string{"Tree", "Pet"}).Draw(t, "to")}
	}
	kind := rapid.SampledFrom([]string{"object", "object", "array", "string", "string", "number", "integer", "boolean"}).Draw(t, "type")
	s["type"] = kind
	if some("nullable", 5) {
		s["nullable"] = true
	}
	drawKeywords(t, s, kind, depth)
	if depth > 0 {
		for _, name := range []string{"allOf", "anyOf", "oneOf"} {
			if some(name, 7) {
				s[name] = []any{drawn(t, depth-1), drawn(t, depth-1)}
				if rapid.Bool().Draw(t, "free") {
					delete(s, "type")
				}
			}
		}
		if some("not", 9) {
			s["not"] = drawn(t, depth-1)
		}
	}
	return s
}

func drawKeywords(t *rapid.T, s map[string]any, kind string, depth int) {
	put := func(name string, all ...any) {
		if rapid.IntRange(0, 3).Draw(t, name) == 0 {
			s[name] = rapid.SampledFrom(all).Draw(t, name)
		}
	}
	switch kind {
	case "object":
		put("required", []string{"a"}, []string{"a", "b"}, []string{"b", "x"})
		put("minProperties", 1, 2)
		put("maxProperties", 1, 2, 3)
		if depth > 0 {
			s["properties"] = map[string]any{"a": drawn(t, depth-1), "b": drawn(t, depth-1), "c/~": drawn(t, 0)}
			put("additionalProperties", false, drawn(t, depth-1))
		}
	case "array":
		s["items"] = map[string]any{"type": "string"}
		if depth > 0 {
			s["items"] = drawn(t, depth-1)
		}
		put("minItems", 1, 2)
		put("maxItems", 1, 3)
		put("uniqueItems", true)
	case "string":
		put("minLength", 1, 2, 5)
		put("maxLength", 2, 5, 9)
		put("pattern", "^[a-z]*$", "a", "^(ab|cde)+$", `^\d{2,4}-\d+$`)
		put("enum", []any{"a", ""}, []any{"ab", "cd"})
	case "number", "integer":
		put("minimum", 0, 1, -5)
		put("maximum", 1, 2.5, 100)
		put("exclusiveMinimum", true)
		put("exclusiveMaximum", true)
		put("multipleOf", 1, 0.1, 2, 0.5)
		put("enum", []any{1, 2}, []any{0})
	}
}

const components = `{
	"Tree":{"type":"object","required":["value"],"properties":{"value":{"type":"integer","minimum":1},"kids":{"type":"array","items":{"$ref":"#/components/schemas/Tree"}}}},
	"Pet":{"oneOf":[{"$ref":"#/components/schemas/Cat"},{"$ref":"#/components/schemas/Dog"}],"discriminator":{"propertyName":"kind","mapping":{"Cat":"#/components/schemas/Cat","dog":"#/components/schemas/Dog"}}},
	"Cat":{"type":"object","required":["kind","lives"],"properties":{"kind":{"type":"string"},"lives":{"type":"integer","maximum":9}}},
	"Dog":{"type":"object","required":["kind","bark"],"properties":{"kind":{"type":"string"},"bark":{"type":"boolean"},"secret":{"type":"string","readOnly":true}}}}`

// Every value that is derived from any schema is what it says.
func TestDrawnSchemas(t *testing.T) {
	total, none := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		b, err := json.Marshal(drawn(t, 3))
		if err != nil {
			t.Fatal(err)
		}
		s := schemaOf(t, string(b), components)
		src := values.New(contract.Client)
		d := src.Derive(s, values.Options{Places: rapid.IntRange(0, 2).Draw(t, "places")})
		verify(t, s, d, contract.Client, string(b))
		if total++; len(d.Valid) == 0 {
			none++
		}
	})
	if none*3 > total {
		t.Errorf("of %d schemas, %d have no valid value", total, none)
	}
	t.Logf("of %d schemas, %d have no valid value", total, none)
}
